"""A private PostgreSQL with PostGIS: one per test process, begun when first asked for, gone when the process is."""

from __future__ import annotations

import ctypes
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.debian import _install

PROGRAMS = Path("/usr/lib/postgresql")
EXTENSIONS = Path("/usr/share/postgresql")
ROOT, SUPERUSER = 0, "postgres"  # PostgreSQL refuses to run as root
SETTINGS = {
    "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "on", "shared_buffers": "16MB",
    "max_connections": "40", "autovacuum": "off", "log_min_messages": "fatal", "lc_messages": "C",
}  # fmt: skip
START_SECONDS, STALE_SECONDS = 60, 3600
MEMORY_BYTES = 4 * 2**30
PR_SET_PDEATHSIG = 1
TEMPLATE = "landgis_template"  # has PostGIS, which takes a second to install


class Server:
    """A running server in a folder of its own; it stops at once when the process that began it ends."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._process: subprocess.Popen[bytes] | None = None
        self._folder = Path(tempfile.mkdtemp(prefix="landgis-pg-", dir=_roomy_memory()))
        _sweep(self._folder.parent)
        self._made = 0
        self._as = {"user": SUPERUSER, "group": SUPERUSER, "extra_groups": []} if os.getuid() == ROOT else {}
        if self._as:
            shutil.chown(self._folder, SUPERUSER, SUPERUSER)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    def begin(self) -> None:
        """Make the cluster and start it."""
        options = ("--data-checksums", "--auth=trust", f"--username={SUPERUSER}", "--encoding=UTF8", "--no-sync",
                   "--locale=C.UTF-8", f"--pgdata={self._folder / 'data'}")  # fmt: skip
        subprocess.run([self._programs / "initdb", *options], check=True, capture_output=True, cwd="/", **self._as)
        self._start()
        self.sql("postgres", f"CREATE DATABASE {TEMPLATE}")
        self.sql(TEMPLATE, "CREATE EXTENSION postgis")

    def _start(self) -> None:
        asked = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._folder / "data", "-p", str(self.port), *asked],
                stdout=log, stderr=log, cwd="/", preexec_fn=_end_with_parent, **self._as,
            )  # fmt: skip
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self._process.poll() is None:
            try:
                self.sql("postgres", "SELECT 1")
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise RuntimeError((self._folder / "log").read_text("utf-8"))

    def url(self, database: str, user: str = SUPERUSER) -> str:
        """The address of a database, as a user."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def database(self, owner: str = SUPERUSER, like: str = TEMPLATE) -> str:
        """The address of a new database with PostGIS, or of a copy of one that nobody uses now (`like`: its name)."""
        self._made += 1
        name = f"landgis_{self._made}"
        self.sql("postgres", f"CREATE DATABASE {name} TEMPLATE {like} OWNER {owner}")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Take a database away, whoever uses it."""
        self.sql("postgres", f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    def sql(self, database: str, text: str) -> list[tuple]:
        """Run statements as superuser, each for itself; the rows of the last one."""
        import psycopg

        try:
            connection = psycopg.connect(self.url(database), autocommit=True, connect_timeout=3)
        except psycopg.OperationalError as error:
            raise ConnectionError(str(error)) from error
        with connection:
            cursor = connection.execute(text)
            return cursor.fetchall() if cursor.description else []

    def role(self, name: str, member_of: str | None = None, options: str = "") -> str:
        """A user of the cluster, made new; its name."""
        self.sql("postgres", f"CREATE ROLE {name} LOGIN {options}" + (f" IN ROLE {member_of}" if member_of else ""))
        return name

    def down(self) -> None:
        """Stop as if the power had failed."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(START_SECONDS)

    def restart(self) -> None:
        """The same, and start again."""
        self.down()
        self._start()

    def remove(self) -> None:
        """Stop and take the folder away."""
        if self._process is not None and self._process.poll() is None:
            self.down()
        shutil.rmtree(self._folder, ignore_errors=True)


def _roomy_memory() -> str | None:
    """A folder in memory, where every fsync of a new database costs nothing; None where there is too little of it."""
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() and shutil.disk_usage(memory).free > MEMORY_BYTES else None


def _sweep(folder: Path) -> None:
    """Take away what test runs that were killed have left."""
    for left in folder.glob("landgis-pg-*"):
        pid = left / "data" / "postmaster.pid"
        runs = pid.exists() and Path("/proc", pid.read_text("utf-8").split()[0]).exists()
        if not runs and time.time() - left.stat().st_mtime > STALE_SECONDS:
            shutil.rmtree(left, ignore_errors=True)


def _end_with_parent() -> None:
    """PostgreSQL's SIGQUIT is `pg_ctl stop -m immediate`."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


def programs() -> Path:
    """Where PostgreSQL's programs are; skips, and says why, where they can be neither found nor installed."""
    with (Path(tempfile.gettempdir()) / f"landgis-apt-{os.getuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two test workers, one apt
        if not _versions():
            _install("pg_ctlcluster", "postgresql")
        if not any(_has_postgis(version) for version in _versions()):
            for version in _versions()[-1:]:
                _install("shp2pgsql", f"postgresql-{version}-postgis-3")
    fit = [version for version in _versions() if _has_postgis(version)]
    if not fit:
        pytest.skip("PostgreSQL with PostGIS is missing; install Debian's postgresql and postgresql-15-postgis-3")
    return PROGRAMS / str(fit[-1]) / "bin"


def _versions() -> list[int]:
    return sorted(int(path.parts[-3]) for path in PROGRAMS.glob("*/bin/initdb") if path.parts[-3].isdigit())


def _has_postgis(version: int) -> bool:
    return (EXTENSIONS / str(version) / "extension" / "postgis.control").exists()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    pytest.importorskip("psycopg", reason="psycopg is missing; install landgis[postgis]")
    server = Server(programs())
    try:
        server.begin()
        yield server
    finally:
        server.remove()


@pytest.fixture
def database(postgres: Server) -> Iterator[str]:
    """The address of a new database with PostGIS, gone after the test."""
    url = postgres.database()
    yield url
    postgres.drop(url)
