"""What the tests of the stores ask for."""

from tests.postgres import database, postgres

__all__ = ["database", "postgres"]
