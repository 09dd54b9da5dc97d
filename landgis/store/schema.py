"""The tables of a register in SQL, as `migrations` makes them, and the step from one version to the next."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from landgis.errors import InputRefused, Place, Problem
from landgis.phases.ledger import Entry
from landgis.store.base import LAND
from landgis.text import N_, Message

MIGRATIONS = Path(__file__).with_name("migrations")
NEWEST = "r0001"  # the version that this landgis reads and writes


def _table(name: str, *columns: str) -> sa.TableClause:
    return sa.table(name, *(sa.column(column) for column in columns))


ENTRIES = _table("entries", *Entry._fields)
HEAD = _table("ledger_head", "seq", "hash")
EVIDENCE = _table("evidence", "sha256", "name", "content")
USERS = _table("users", "name", "role", "password_hash")
SETTINGS = _table("settings", "name", "value")
LAND_TABLES = {name: _table(name, *columns, "since", "until", "row") for name, columns in LAND.items()}


def upgrade(connection: sa.Connection) -> None:
    """Bring a database to the newest version, in the transaction of `connection`."""
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    command.upgrade(config, "head")


def version(connection: sa.Connection) -> str | None:
    """The version of a database; None where there is no register in it."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.scalar(sa.text("SELECT version_num FROM alembic_version"))


def require_known(found: str | None, where: str) -> None:
    """Raise InputRefused where the database holds no register, or one of another version."""
    if found is None:
        words = N_("there is no project here; make one with landgis new")
        raise InputRefused([Problem("E-PROJECT", Message(words), Place(where))])
    if found != NEWEST:
        words = N_(
            "this project is of another version of landgis ({found}, here {newest}); use that one, nothing was changed"
        )
        raise InputRefused(
            [Problem("E-PROJECT-VERSION", Message(words, {"found": found, "newest": NEWEST}), Place(where))]
        )
