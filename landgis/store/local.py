"""A project in a folder: `parcels.gpkg` for the layers, written whole; `project.sqlite` for all that changes.

Only GDAL opens the one and only SQLite's own driver the other: two SQLite libraries in one process do not see each
other's locks.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa

from landgis.errors import InputRefused, Place, Problem
from landgis.phases.ledger import instant
from landgis.roles import Actor
from landgis.store import schema
from landgis.store.base import Clock, User, user_draft
from landgis.store.passwords import signed_in
from landgis.store.sql import SqlStore
from landgis.store.sqlite import driver, journal_mode, open_engine, told_faults
from landgis.text import N_, Message

if TYPE_CHECKING:
    from pandas import DataFrame

LAYERS, DATABASE = "parcels.gpkg", "project.sqlite"
NEXT_LAYERS = "parcels.next.gpkg"  # written before the transaction that it belongs to, named LAYERS after it
LAYERS_HASH = "_layers_sha256"  # the setting, of the store's own, that says which file the database goes with


class LocalStore(SqlStore):
    """A project in a folder."""

    def __init__(self, folder: Path, clock: Clock = lambda: datetime.datetime.now(datetime.UTC)) -> None:
        self.folder = folder
        self._clock = clock
        if not (folder / DATABASE).is_file():
            schema.require_known(None, str(folder))
        super().__init__(open_engine(folder / DATABASE), str(folder))
        with self._reading() as connection:
            schema.require_known(schema.version(connection), str(folder))

    @classmethod
    def create(cls, folder: Path, clock: Clock | None = None) -> LocalStore:
        """A new project; InputRefused where the folder holds anything already."""
        from landgis.io.atomic import make_folder

        require_free(folder)
        make_folder(folder)
        engine = open_engine(folder / DATABASE)
        with _transaction(engine, str(folder), writing=True) as connection:
            schema.upgrade(connection)
        engine.dispose()
        return cls(folder, clock) if clock else cls(folder)

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        with _transaction(self.engine, self.where, writing=True) as connection:
            self._name_layers(connection)
            yield connection
        if (self.folder / NEXT_LAYERS).exists():
            self._settle()

    def _settle(self) -> None:
        with _transaction(self.engine, self.where, writing=True) as connection:
            self._name_layers(connection)

    def _name_layers(self, connection: sa.Connection) -> None:
        """Give new layers their name once the database has committed what it knows of them; in a writer's turn."""
        if self._next_is_due(connection):
            from landgis.io.atomic import rename

            rename(self.folder / NEXT_LAYERS, self.folder / LAYERS)

    def _next_is_due(self, connection: sa.Connection) -> bool:
        """Whether there are new layers that the database knows; else their transaction has not ended, or never did."""
        if not (self.folder / NEXT_LAYERS).exists():
            return False
        wanted = connection.scalar(sa.select(schema.SETTINGS.c.value).where(schema.SETTINGS.c.name == LAYERS_HASH))
        return bool(wanted == _digest(self.folder / NEXT_LAYERS))

    def _reading(self) -> AbstractContextManager[sa.Connection]:
        return _transaction(self.engine, self.where, writing=False)

    def _now(self, connection: sa.Connection) -> str:  # noqa: ARG002  (PostgreSQL asks its own clock)
        return instant(self._clock())

    def _insert(self, connection: sa.Connection, table: sa.TableClause, rows: Iterable[Sequence[Any]]) -> None:
        names = [column.name for column in table.columns]
        text = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
        connection.connection.cursor().executemany(text, cast(Any, rows))  # any iterable will do

    def layers(self) -> dict[str, DataFrame]:
        """See Store."""
        from landgis.io.project_layers import read_layers

        try:
            with self._reading() as connection:
                due = self._next_is_due(connection)
            return read_layers(self.folder / (NEXT_LAYERS if due else LAYERS))
        except (OSError, RuntimeError):  # a writer gave them their name in between
            return read_layers(self.folder / LAYERS)

    def _put_layers(self, connection: sa.Connection, layers: Mapping[str, DataFrame]) -> None:
        from landgis.io.project_layers import write_layers

        if layers:
            write_layers(layers, self.folder / NEXT_LAYERS)
            connection.execute(sa.delete(schema.SETTINGS).where(schema.SETTINGS.c.name == LAYERS_HASH))
            self._insert(connection, schema.SETTINGS, [(LAYERS_HASH, _digest(self.folder / NEXT_LAYERS))])

    def users(self) -> list[User]:
        """See Store."""
        with self._reading() as connection:
            return [User(*row) for row in connection.execute(sa.select(*schema.USERS.c).order_by(schema.USERS.c.name))]

    def save_user(self, user: User, *, by: str) -> None:
        """See Store."""
        with self._writing() as connection:
            self._put_user(connection, user)
            self._append(connection, [user_draft(user)], by=by)

    def keep_user(self, user: User) -> None:
        """See Store."""
        with self._writing() as connection:
            self._put_user(connection, user)

    def _put_user(self, connection: sa.Connection, user: User) -> None:
        connection.execute(sa.delete(schema.USERS).where(schema.USERS.c.name == user.name))
        self._insert(connection, schema.USERS, [user])

    def sign_in(self, name: str | None, password: str | None) -> Actor:
        """See Store."""
        return signed_in({user.name: user for user in self.users()}, name, password)

    def engine_note(self) -> str:
        """See Store."""
        module = driver()
        mode = journal_mode(self.folder, module.sqlite_version_info)
        return f"SQLite {module.sqlite_version} ({module.__name__}), journal {mode}, synchronous FULL"

    @contextmanager
    def _exact(self, connection: sa.Connection) -> Iterator[None]:
        driver_connection = cast(Any, connection.connection.driver_connection)
        usual = driver_connection.text_factory
        driver_connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
        try:
            yield
        finally:
            driver_connection.text_factory = usual


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def require_free(folder: Path) -> None:
    """Raise InputRefused where something is in a folder already."""
    if folder.is_symlink() or (folder.exists() and (not folder.is_dir() or any(folder.iterdir()))):
        words = N_("this is there already and not an empty folder; name a new one")
        raise InputRefused([Problem("E-PROJECT-EXISTS", Message(words), Place(str(folder)))])


@contextmanager
def _transaction(engine: sa.Engine, where: str, *, writing: bool) -> Iterator[sa.Connection]:
    with (
        told_faults(where),
        engine.connect().execution_options(writing=writing) as connection,
        connection.begin(),
    ):
        yield connection
