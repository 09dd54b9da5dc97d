"""SQLite as the local store uses it: which engine, which journal, and how a writer gets its turn.

SQLite 3.7.0–3.51.2 can lose committed transactions in WAL mode when two connections write and checkpoint at once; fixed
in 3.51.3 and, as backports, in 3.50.7 and 3.44.6 (https://sqlite.org/wal.html). So the wheel `pysqlite3`, which brings
an engine of its own, is used where it is installed; on an engine with the fault the journal is PERSIST, which is safe.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import sqlalchemy as sa

from landgis.errors import InputRefused, Place, Problem, RegisterRefused
from landgis.text import N_, Message

FIXED = (3, 51, 3)
BACKPORTS = ((3, 50, 7), (3, 44, 6))
WAIT_SECONDS = 60  # for another writer
CACHE_KIB = (
    256 * 1024
)  # at most; the indexes of a million lines fit, so that an import does not write them over and over
NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p", "afs", "ceph"})


def driver() -> ModuleType:
    """The module that speaks to SQLite: pysqlite3, or the one that comes with Python."""
    try:
        import pysqlite3
    except ImportError:
        return sqlite3
    return pysqlite3


def is_fixed(engine_version: tuple[int, ...]) -> bool:
    """Whether an engine is free of the WAL-reset fault.

    >>> [is_fixed(v) for v in [(3, 40, 1), (3, 51, 2), (3, 51, 3), (3, 50, 6), (3, 50, 7), (3, 44, 6), (3, 53, 4)]]
    [False, False, True, False, True, True, True]
    """
    return engine_version >= FIXED or any(b <= engine_version < (b[0], b[1] + 1) for b in BACKPORTS)


def journal_mode(path: Path, engine_version: tuple[int, ...]) -> str:
    """WAL where the engine and the file system are fit for it, else PERSIST."""
    return "WAL" if is_fixed(engine_version) and _file_system(path) not in NETWORK else "PERSIST"


def _file_system(path: Path) -> str:
    """The kind of file system that holds `path`; "" where the machine does not tell."""
    try:
        mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text("utf-8").splitlines()]
    except OSError:
        return ""
    where = str(path.resolve())
    holding = [(len(at), kind) for at, kind in mounts if where == at or where.startswith(at.rstrip("/") + "/")]
    return max(holding, default=(0, ""))[1]


def open_engine(path: Path) -> sa.Engine:
    """An engine on one database file, every transaction of which is on disk when it ends."""
    module = driver()
    mode = journal_mode(path, module.sqlite_version_info)

    def connect() -> sqlite3.Connection:
        frozen = _is_frozen(path)
        name = f"{path.resolve().as_uri()}?immutable=1" if frozen else path
        connection: sqlite3.Connection = module.connect(
            name, timeout=WAIT_SECONDS, isolation_level=None, check_same_thread=False, uri=frozen
        )
        if frozen:
            return connection
        for setting in (
            "synchronous = FULL",
            "foreign_keys = ON",
            "trusted_schema = OFF",
            f"cache_size = -{CACHE_KIB}",
        ):
            connection.execute(f"PRAGMA {setting}")
        if connection.execute("PRAGMA journal_mode").fetchone()[0].upper() != mode:
            connection.execute(f"PRAGMA journal_mode = {mode}")
        return connection

    engine = sa.create_engine("sqlite+pysqlite://", creator=connect, module=module, poolclass=sa.QueuePool)
    # the driver begins nothing by itself, so that a writer can ask for its turn at once
    sa.event.listen(engine, "begin", _begin)
    return engine


def _is_frozen(path: Path) -> bool:
    """Whether the file system may only be read, and the database has nothing left beside it that belongs in it."""
    log = path.with_name(path.name + "-wal")
    try:
        read_only = bool(os.statvfs(path.parent).f_flag & os.ST_RDONLY)
    except (AttributeError, OSError):  # not every system has it
        return False
    return read_only and not (log.exists() and log.stat().st_size)


def _begin(connection: sa.Connection) -> None:
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


@contextmanager
def told_faults(where: str) -> Iterator[None]:
    """Turn what SQLite says when it cannot write into what the user can do."""
    try:
        yield
    except (sa.exc.DatabaseError, driver().DatabaseError) as fault:  # rows are put in past SQLAlchemy
        said = str(getattr(fault, "orig", fault))
        words = next((text for sign, text in FAULTS.items() if sign in said), None)
        if words is None:
            raise
        error = RegisterRefused if words is BUSY else InputRefused
        raise error([Problem("E-STORE", Message(words, {"said": said}), Place(where))]) from fault


BUSY = N_("another program is writing to the project for too long ({said}); try again when it is done")
FAULTS = {
    "disk is full": N_("the disk is full, so nothing was recorded ({said}); make room and record it again"),
    "disk I/O error": N_("the disk cannot be written, so nothing was recorded ({said}); check it and record again"),
    "readonly": N_("the project may only be read, so nothing was recorded ({said}); ask for the right to write to it"),
    "unable to open": N_("the project's database cannot be opened ({said}); check the path and your rights to it"),
    "locked": BUSY,
    "malformed": N_("the project's database is damaged ({said}); restore a backup"),
    "not a database": N_("this is no database of landgis ({said}); restore a backup"),
    "the ledger only grows": N_("the ledger only grows ({said}); record a correction instead"),
}
