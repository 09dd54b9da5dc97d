"""The PostgreSQL that PostGIS runs in: that of the tests, tuned for one big job."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from unittest import mock

import pytest

from benchmarks.score.engines.postgis_load import ADDRESS
from tests import postgres

TUNED = {
    "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "wal_level": "minimal",
    "max_wal_senders": "0", "max_wal_size": "16GB", "work_mem": "256MB",
    "maintenance_work_mem": "512MB", "effective_cache_size": "12GB", "random_page_cost": "1.1",
    "max_parallel_workers_per_gather": "2", "max_parallel_maintenance_workers": "2", "jit": "off",
    "min_parallel_table_scan_size": "1MB", "parallel_setup_cost": "10",
}  # fmt: skip


@dataclass(frozen=True)
class Served:
    """A running server: what its clients need in their environment, its process, its versions."""

    environ: dict[str, str]
    pid: int
    versions: dict[str, str]


class _Server(postgres.Server):
    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid


def _shared_buffers() -> str:
    """4 GB, or a quarter of what memory there is."""
    return f"{min(4096, os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') // 2**22)}MB"


@contextmanager
def served() -> Iterator[Served]:
    """A server of our own with an empty database, gone afterwards; RuntimeError where there is no PostgreSQL."""
    try:
        programs = postgres.programs()
    except pytest.skip.Exception as skipped:  # how the tests' server says that Debian's packages are not to be had
        raise RuntimeError(skipped.msg) from skipped
    with mock.patch.dict(postgres.SETTINGS, TUNED, shared_buffers=_shared_buffers()):
        server = _Server(programs)
        try:
            server.begin()
            url = server.database()
            (row,) = server.sql(
                url.rpartition("/")[2], "SELECT version(), postgis_lib_version(), postgis_geos_version()"
            )
            versions = {"postgresql": row[0].split()[1], "postgis": row[1], "geos (postgis)": row[2].split("-")[0]}
            yield Served({**os.environ, ADDRESS: url}, server.pid, versions)
        finally:
            server.remove()
