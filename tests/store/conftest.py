"""What the tests of the stores ask for."""

from tests.postgres import postgres

__all__ = ["postgres"]
