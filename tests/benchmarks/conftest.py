import pytest

from benchmarks.score.server import served
from benchmarks.score.tables import make


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """The made data of 2 000 parcels."""
    return make(tmp_path_factory.mktemp("benchmark"), 2000)


@pytest.fixture(scope="session")
def server():
    """The PostgreSQL of the benchmark; skips where there is none."""
    try:
        opened = served()
        running = opened.__enter__()
    except RuntimeError as error:
        pytest.skip(str(error))
    yield running
    opened.__exit__(None, None, None)
