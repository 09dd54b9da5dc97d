"""What the tests of the stores ask for."""

import pytest

from landgis.store.postgis import PostgisStore
from tests.postgres import database, postgres

__all__ = ["database", "postgres", "register"]


@pytest.fixture(scope="session")
def register(postgres):
    """The name of a database with an empty register, to be copied, which is faster than making one."""
    url = postgres.database()
    PostgisStore.create(url).close()
    return url.rpartition("/")[2]
