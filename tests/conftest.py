"""What several test files ask for."""

import hashlib
import http.server
import json
import os
import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from landgis.compiled import build
from tests.debian import there

SHARED = Path(__file__).parents[2] / "shared"


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str

    def report(self):
        return json.loads(self.out)


def shared(folder: str) -> Path:
    """A folder of files that others made and that do not belong in the repository; skips where it is absent."""
    path = SHARED / folder
    if not path.exists():
        pytest.skip(f"shared/{folder} is not beside this checkout")
    return path


@pytest.fixture
def landgis():
    """Run a command as a user does, in a process of its own; no traceback may ever come out of it."""

    def run(*arguments, language="en", timeout=60, **more) -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "landgis", *map(str, arguments)], capture_output=True, text=True, timeout=timeout,
            env=os.environ | {"LANDGIS_LANG": language}, stdin=subprocess.DEVNULL, **more,
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        return Ran(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture(scope="module")
def sample_copy(tmp_path_factory) -> Path:
    """The sample zone as a scored project in a folder of the test file's own."""
    from tests.made_project import sample_template

    return Path(shutil.copytree(sample_template(), tmp_path_factory.mktemp("sample") / "zone"))


@pytest.fixture(scope="session")
def real() -> Path:
    return shared("real")


@dataclass(frozen=True)
class Corpus:
    """The hostile and broken files, the folder that they must not touch, and the requests that they caused."""

    folder: Path
    canary: Path
    requests: list

    def path(self, name: str) -> Path:
        return self.folder / name

    def canary_state(self) -> dict:
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(self.canary.iterdir())}


@pytest.fixture(scope="session")
def hostile(tmp_path_factory):
    """The corpus of ../shared/corpus with a canary that listens; skips where the folder is absent."""
    script = shared("corpus") / "make_corpus.py"
    base, requests = tmp_path_factory.mktemp("hostile"), []

    class Canary(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            requests.append(self.path)
            self.send_error(404)

        do_HEAD = do_POST = do_GET

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Canary)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    canary = base / "canary"
    canary.mkdir()
    secret = gpd.GeoDataFrame({"secret": ["TOP-SECRET"]}, geometry=[shapely.box(0, 0, 1, 1)], crs=4326)
    secret.to_file(canary / "secret.gpkg", layer="secret")
    arguments = [script, base / "files", canary, str(server.server_port)]
    subprocess.run([sys.executable, *map(str, arguments)], check=True, capture_output=True)
    requests.clear()
    yield Corpus(base / "files", canary, requests)
    server.shutdown()


def pytest_configure(config):
    """Compile the kernels once, before the workers start, where installing could not: a fresh clone must test them."""
    if not hasattr(config, "workerinput") and not fitting() and there("cc", "gcc", "libc6-dev"):
        subprocess.run([sys.executable, build.__file__], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def fitting() -> bool:
    """Whether the library is that of the sources; looked at from outside, as this process must not keep an old one."""
    code = "import sys; from landgis.compiled.library import kernels; sys.exit(kernels() is None)"
    return subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[1]).returncode == 0
