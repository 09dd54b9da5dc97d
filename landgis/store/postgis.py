"""A project in a PostGIS database: many users, whom the database itself knows and keeps apart.

One advisory lock gives writers their turn, as the lines of the ledger make one chain. Layers and scores are replaced by
dropping their tables, which a reader's snapshot does not cover; so whoever reads them takes a second lock, shared.
"""

from __future__ import annotations

import importlib
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from landgis.errors import InputRefused, Place, Problem, RegisterRefused, UsageError
from landgis.phases.ledger import instant
from landgis.roles import ROLES, Actor
from landgis.store import schema
from landgis.store.base import Clock, User
from landgis.store.sql import SqlStore
from landgis.text import N_, Message

if TYPE_CHECKING:
    from pandas import DataFrame, Series

FEW = 50  # rows that go in one by one; more are copied
LEDGER_LOCK, TABLES_LOCK = 0x6C616E64, 0x67697300
CONNECT = {  # so that a server that is gone is noticed: in 3 s before a connection, in 30 s within one
    "connect_timeout": "3", "tcp_user_timeout": "30000", "keepalives_idle": "10", "keepalives_interval": "5",
    "keepalives_count": "4", "application_name": "landgis",
}  # fmt: skip
SECRETS = frozenset({"password", "sslpassword"})  # what libpq also takes from the query of a URL
OWNER = "landgis_approver"  # of the tables that are replaced as a whole: whoever may replace them is a member
LAYER, ROW = "layer_{}", "fid"  # as GDAL calls the key of a GeoPackage

_TURN = sa.text(
    "SELECT set_config('synchronous_commit', 'on', true), set_config('lock_timeout', '60s', true),"
    " set_config('idle_in_transaction_session_timeout', '120s', true), pg_advisory_xact_lock(:lock)"
).bindparams(lock=LEDGER_LOCK)
_ROLES = sa.text(
    "SELECT rolname FROM pg_roles WHERE rolname LIKE 'landgis\\_%' AND pg_has_role(session_user, oid, 'member')"
)
_NOTE = sa.text(
    "SELECT split_part(current_setting('server_version'), ' ', 1),"
    " (SELECT extversion FROM pg_extension WHERE extname = 'postgis'), current_setting('fsync')"
)
_CRS = sa.text(
    "SELECT col_description(attrelid, attnum) FROM pg_attribute"
    " WHERE attrelid = to_regclass(:name) AND attname = 'geometry' AND NOT attisdropped"
)


class PostgisStore(SqlStore):
    """A project in a database."""

    def __init__(self, url: str, clock: Clock | None = None) -> None:
        engine, where = _engine(url)
        super().__init__(engine, where)
        self._clock = clock
        try:
            with self._reading() as connection:
                schema.require_known(schema.version(connection), where)
        except BaseException:  # whatever it was, no connection stays behind
            self.close()
            raise

    @classmethod
    def create(cls, url: str, clock: Clock | None = None) -> PostgisStore:
        """A new project in a database that is there; InputRefused where it holds one already."""
        engine, where = _engine(url)
        try:
            with told_faults(where), engine.begin() as connection:
                connection.execute(_TURN)
                if schema.version(connection) is not None:
                    words = N_("this database holds a register already; name another one")
                    raise InputRefused([Problem("E-PROJECT-EXISTS", Message(words), Place(where))])
                connection.execute(sa.text("CREATE EXTENSION IF NOT EXISTS postgis"))
                schema.upgrade(connection)
        finally:
            engine.dispose()
        return cls(url, clock)

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        with told_faults(self.where), self.engine.begin() as connection:
            connection.execute(_TURN)
            yield connection

    def _reading(self) -> AbstractContextManager[sa.Connection]:
        return self._read_only("REPEATABLE READ")

    @contextmanager
    def _read_only(self, isolation: str) -> Iterator[sa.Connection]:
        with told_faults(self.where), self.engine.begin() as connection:
            # said here, as SQLAlchemy's own option would leave the connection at READ WRITE, which a standby refuses
            connection.execute(sa.text(f"SET TRANSACTION ISOLATION LEVEL {isolation} READ ONLY"))
            yield connection

    @contextmanager
    def _reading_tables(self) -> Iterator[sa.Connection]:
        """A transaction during which nobody replaces a table."""
        with self._read_only("READ COMMITTED") as connection:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock_shared(TABLES_LOCK)))
            yield connection

    def _now(self, connection: sa.Connection) -> str:
        return instant(self._clock() if self._clock else connection.execute(sa.func.clock_timestamp()).scalar_one())

    def _insert(self, connection: sa.Connection, table: sa.TableClause, rows: Iterable[Sequence[Any]]) -> None:
        quote = connection.dialect.identifier_preparer.quote
        name, columns = quote(table.name), [quote(column.name) for column in table.columns]
        left = iter(rows)
        few = list(itertools.islice(left, FEW))
        cursor: Any = connection.connection.cursor()
        with cursor:
            if len(few) < FEW:
                places = ", ".join(["%s"] * len(columns))
                cursor.executemany(f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({places})", few)
                return
            with cursor.copy(f"COPY {name} ({', '.join(columns)}) FROM STDIN") as copy:
                for row in itertools.chain(few, left):
                    copy.write_row(row)

    # tables that are replaced as a whole
    def layers(self) -> dict[str, DataFrame]:
        """See Store."""
        from landgis.io.project_layers import TABLES, canonical

        with self._reading_tables() as connection:
            there = set(sa.inspect(connection).get_table_names())
            return {
                name: canonical(_layer(connection, LAYER.format(name)), table)
                for name, table in TABLES.items()
                if LAYER.format(name) in there
            }

    def _put_layers(self, connection: sa.Connection, layers: Mapping[str, DataFrame]) -> None:
        from landgis.io.project_layers import TABLES

        for name in TABLES:
            self._put_table(connection, LAYER.format(name), layers.get(name))

    def scores(self) -> DataFrame | None:
        """See Store."""
        with self._reading_tables() as connection:
            return _frame(connection, "scores") if sa.inspect(connection).has_table("scores") else None

    def save_scores(self, scores: DataFrame) -> None:
        """See Store."""
        with self._writing() as connection:
            self._put_table(connection, "scores", scores)

    def _put_table(self, connection: sa.Connection, name: str, frame: DataFrame | None) -> None:
        """Put a table in place of the old one; its key, which QGIS asks for, keeps the order of the rows."""
        connection.execute(sa.text(f"SET LOCAL ROLE {OWNER}"))
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(TABLES_LOCK)))
        connection.execute(sa.text(f"DROP TABLE IF EXISTS {name}"))
        if frame is not None:
            columns, values = _as_columns(frame)
            key = sa.Column(ROW, sa.Integer, primary_key=True, autoincrement=False)
            table = sa.Table(name, sa.MetaData(), key, *columns)
            table.create(connection)
            self._insert(connection, table, zip(itertools.count(), *values))
            if "geometry" in table.c:
                index = sa.Index(f"{name}_by_geometry", table.c.geometry, postgresql_using="gist")
                index.create(connection)
            connection.execute(sa.text(f"GRANT SELECT ON {name} TO landgis_viewer"))
        connection.execute(sa.text("RESET ROLE"))

    # users: the database has them
    def users(self) -> list[User]:
        """See Store."""
        return []

    def save_user(self, user: User, *, by: str) -> None:  # noqa: ARG002  (only refuses)
        """See Store."""
        words = N_(
            "this project's users are those of the database; its administrator adds one with"
            ' CREATE ROLE "{name}" LOGIN IN ROLE landgis_{role} (roles: {roles})'
        )
        values = {"name": user.name, "role": user.role, "roles": ", ".join(f"landgis_{role}" for role in ROLES)}
        raise RegisterRefused([Problem("E-USER-DATABASE", Message(words, values), Place(self.where))])

    def keep_user(self, user: User) -> None:
        """Nothing to do: who may do what is the database's."""

    def sign_in(self, name: str | None, password: str | None) -> Actor:  # noqa: ARG002  (it is in the URL)
        """See Store."""
        with self._reading() as connection:
            user = str(connection.execute(sa.text("SELECT session_user")).scalar_one())
            held = {role.removeprefix("landgis_") for role in connection.scalars(_ROLES)}
        if name is not None and name != user:
            words = N_("the database knows you as {user}, not as {name}; connect as {name}, or leave out --by")
            raise RegisterRefused([Problem("E-SIGN-IN", Message(words, {"user": user, "name": name}))])
        for role in reversed(ROLES):
            if role in held:
                return Actor(user, role)
        words = N_(
            "{user} has no role in this project; its database administrator gives one: GRANT landgis_officer TO {user}"
        )
        raise RegisterRefused([Problem("E-ROLE", Message(words, {"user": user}), Place(self.where))])

    def engine_note(self) -> str:
        """See Store."""
        with self._reading() as connection:
            server, postgis, fsync = connection.execute(_NOTE).one()
        unsafe = "" if fsync == "on" else f", fsync {fsync}"
        return f"PostgreSQL {server}, PostGIS {postgis}, synchronous_commit on{unsafe}"


def _engine(url: str) -> tuple[sa.Engine, str]:
    """The engine for a URL, and the URL as messages name it."""
    _extra("psycopg"), _extra("geoalchemy2")
    try:
        given = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError) as fault:
        words = N_("this is no address of a database; write postgresql://USER@HOST:PORT/DATABASE")
        raise UsageError([Problem("E-PROJECT-URL", Message(words))]) from fault
    hidden = {name: "***" if name in SECRETS else value for name, value in given.query.items()}
    where = given.set(drivername="postgresql", query=hidden).render_as_string(hide_password=True)
    more = {name: value for name, value in CONNECT.items() if name not in given.query}
    engine = sa.create_engine(
        given.set(drivername="postgresql+psycopg"), connect_args=more, pool_pre_ping=True, hide_parameters=True
    )
    return engine, where


def _extra(name: str) -> Any:
    """An optional package."""
    try:
        return importlib.import_module(name)
    except ImportError as fault:
        words = N_("a project in a database needs the package {name}; run: pip install 'landgis[postgis]'")
        raise InputRefused([Problem("E-EXTRA", Message(words, {"name": name}))]) from fault


# frames and tables
def _as_columns(frame: DataFrame) -> tuple[list[sa.Column[Any]], list[Iterable[Any]]]:
    """The columns of a frame in SQL, and their values; None where nothing is known."""
    columns: list[sa.Column[Any]] = []
    values: list[Iterable[Any]] = []
    for name, column in frame.items():
        if getattr(column.dtype, "name", "") == "geometry":
            made, cells = _as_geometry(column)
        else:
            made = sa.Column(str(name), _sql_type(column))
            cells = column.astype(object).where(column.notna(), None)
        columns.append(made)
        values.append(cells)
    return columns, values


def _sql_type(column: Series) -> type[sa.types.TypeEngine[Any]]:
    from pandas.api.types import infer_dtype

    kinds = {"boolean": sa.Boolean, "integer": sa.BigInteger, "floating": sa.Double, "mixed-integer-float": sa.Double,
             "datetime64": sa.DateTime, "datetime": sa.DateTime, "date": sa.Date}  # fmt: skip
    return kinds.get(infer_dtype(column, skipna=True), sa.Text)


def _as_geometry(column: Any) -> tuple[sa.Column[Any], Iterable[Any]]:
    """Outlines, as multipolygons where all are polygons (so for lines), like the local store.

    The CRS stands in the comment of the column, as not every CRS has a number.
    """
    import numpy as np
    import shapely

    shapes = column.to_numpy().copy()
    names = column.geom_type.to_numpy(object)
    kind = "GEOMETRY"
    for one, multi in (("Polygon", shapely.MultiPolygon), ("LineString", shapely.MultiLineString)):
        if np.isin(names[~shapely.is_missing(shapes)], (one, f"Multi{one}")).all():
            kind, single = f"MULTI{one.upper()}", names == one
            shapes[single] = [multi([part] if not part.is_empty else []) for part in shapes[single]]
            break
    srid = (column.crs.to_epsg() if column.crs else None) or 0
    drawn = _extra("geoalchemy2").Geometry(kind, srid=srid, spatial_index=False)
    comment = None
    if column.crs is not None:
        comment = f"EPSG:{srid}" if srid else column.crs.to_wkt()
    wkb = shapely.to_wkb(shapely.set_srid(shapes, srid), hex=True, include_srid=True)
    return sa.Column("geometry", drawn, comment=comment), wkb


def _frame(connection: sa.Connection, name: str) -> DataFrame:
    import pandas as pd

    return pd.read_sql(sa.text(f"SELECT * FROM {name} ORDER BY {ROW}"), connection).drop(columns=ROW)


def _layer(connection: sa.Connection, name: str) -> DataFrame:
    import geopandas as gpd
    import shapely

    frame = _frame(connection, name)
    if "geometry" not in frame:
        return frame
    shapes = frame.pop("geometry").astype(object)
    outlines = shapely.set_srid(shapely.from_wkb(shapes.where(shapes.notna(), None).to_numpy(object)), 0)
    return gpd.GeoDataFrame(frame, geometry=outlines, crs=connection.scalar(_CRS, {"name": name}))


# what the database says when it cannot
LOST = N_("the connection to the database was lost ({said}); do it again: what did arrive is not recorded twice")
UNREACHED = N_("the database cannot be reached ({said}); check that it runs, its address, your name and password")
BUSY = N_("others are writing to the project for too long ({said}); try again when they are done")
RACE = N_("somebody recorded something at the same moment without landgis ({said}); do it again")
GROWS = N_("the ledger only grows ({said}); record a correction instead")
OWN_NAME = N_("you may record under your own name only ({said}); connect as the one who records")
RIGHTS = N_(
    "the database does not let you do this ({said}); ask its administrator for the role that may (GRANT landgis_officer"
    " or landgis_approver TO you) or, to make a project, for the right to create tables, roles and extensions"
)
OCCUPIED = N_("the database holds tables of another program ({said}); name a new database")
DAMAGED = N_("the database is damaged ({said}); restore a backup")
FAULTS = {  # SQLSTATE, or how it begins
    "08": LOST,
    "57P": LOST,
    "25P03": LOST,
    "53100": N_("the database's disk is full, so nothing was recorded ({said}); make room and record it again"),
    "53": N_("the database has no room for this now ({said}); try again later"),
    "25006": N_(
        "the database may only be read, so nothing was recorded ({said}); connect to the one that is written to"
    ),
    "58": N_("the database cannot read or write its files ({said}); tell its administrator"),
    "XX001": DAMAGED,
    "XX002": DAMAGED,
    "42501": RIGHTS,
    "55P03": BUSY,
    "40": BUSY,
    "23505": RACE,
    "42P07": OCCUPIED,
    "0A000": N_("the database lacks something that is needed ({said}); install PostGIS there"),
    "22": N_("the database does not take one of the values ({said}); correct it"),
}
GUARDS = {  # what the register's own guards say
    "the ledger only grows": GROWS,
    "recorded_by is not the user": OWN_NAME,
    "this takes the role": RIGHTS,
    "does not follow": RACE,
}
REGISTER = frozenset({BUSY, RACE, GROWS, OWN_NAME, RIGHTS})  # refused by the register, not by the machine
CODES = {RIGHTS: "E-ROLE", OWN_NAME: "E-ROLE", OCCUPIED: "E-PROJECT-EXISTS"}


@contextmanager
def told_faults(where: str) -> Iterator[None]:
    """Turn what PostgreSQL says when it cannot into what the user can do; what is landgis' own fault stays as it is."""
    try:
        yield
    except (sa.exc.DBAPIError, _extra("psycopg").Error) as fault:  # rows are copied past SQLAlchemy
        wrapped = isinstance(fault, sa.exc.DBAPIError)
        cause: Any = fault.orig if wrapped else fault
        said = (cause.diag.message_primary or str(cause)).partition("\n")[0]
        words = _meaning(cause, said, connected=not wrapped or fault.connection_invalidated)
        if words is None:
            raise
        error = RegisterRefused if words in REGISTER else InputRefused
        raise error([Problem(CODES.get(words, "E-STORE"), Message(words, {"said": said}), Place(where))]) from fault


def _meaning(cause: Any, said: str, *, connected: bool) -> str | None:
    """The words for a fault; None where it is landgis' own."""
    state = cause.sqlstate or ""
    if state == "P0001":
        return next((words for sign, words in GUARDS.items() if sign in said), None)
    if not state and isinstance(cause, _extra("psycopg").OperationalError):
        return LOST if connected else UNREACHED
    if not state and isinstance(cause, _extra("psycopg").DataError):
        state = "22"  # a value that does not even leave for the server, as text with a NUL in it
    return next((FAULTS[sign] for sign in (state, state[:3], state[:2]) if sign in FAULTS), None)
