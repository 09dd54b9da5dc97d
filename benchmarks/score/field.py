"""The field: every engine, what it needs, and what it is given so that it runs at its best."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.score.files import Files

OURS, TWELVE = "landgis", "landgis-twelve"
LOADED, WITH_LOAD, OVERLAY = "postgis-loaded", "postgis", "geopandas-overlay"


@dataclass(frozen=True)
class Engine:
    """One way to do the job; `needs` are modules, `packages` the distributions whose versions are reported."""

    name: str
    module: str | None  # None: the command landgis itself
    needs: tuple[str, ...]
    packages: tuple[str, ...]
    given: str
    prepared: bool = False
    served: bool = False  # speaks to PostgreSQL

    def command(self, files: Files, out: Path) -> list[str]:
        """The whole process that is timed."""
        if self.module is None:
            tables = [part for name, path in files.all().items() for part in (f"--{name}", str(path))]
            report = ["--report", str(out.with_suffix(".json"))]
            return [sys.executable, "-m", "landgis", "score", *tables, "--out", str(out), *report, "--overwrite"]
        return [*self._module(files), str(out)]

    def preparation(self, files: Files) -> list[str]:
        """The process that runs once for each size and is not timed."""
        return [*self._module(files), "--prepare"]

    def _module(self, files: Files) -> list[str]:
        return [sys.executable, "-m", f"benchmarks.score.engines.{self.module}", str(files.folder), str(files.rows)]

    def lacks(self) -> str | None:
        """What is not installed; None where nothing is missing."""
        absent = [name for name in self.needs if not _there(name)]
        if self.served and not absent and not (list(Path("/usr/lib/postgresql").glob("*/bin")) or _may_install()):
            return "PostgreSQL with PostGIS is missing; install Debian's postgresql and postgresql-15-postgis-3"
        return f"{', '.join(absent)} is missing; install landgis[bench]" if absent else None


def _there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # its parent is missing
        return False


def _may_install() -> bool:
    return shutil.which("apt-get") is not None


GEOPANDAS = ("geopandas", "shapely", "pandas", "pyarrow")
POSTGIS = "fsync off, shared buffers up to 4 GB, two parallel workers, no JIT, unlogged tables, its folder in memory"
FIELD = (
    Engine(OURS, None, (), ("landgis", *GEOPANDAS), "the full contract: every column, reasons, conservation, report"),
    Engine(TWELVE, "landgis_twelve", (), ("landgis", *GEOPANDAS), "the peers' twelve columns by landgis's functions"),
    Engine(OVERLAY, "geopandas_overlay", (), GEOPANDAS, "`overlay`, only invalid outlines mended"),
    Engine("geopandas-sjoin", "geopandas_sjoin", (), GEOPANDAS,
           "`sjoin` within, then intersects for the rest; only that is intersected"),
    Engine("duckdb", "duckdb_spatial", ("duckdb", "duckdb_extension_spatial"), ("duckdb", "duckdb-extension-spatial"),
           "ST_Intersects join kept as a table, then CASE ST_Covers; two threads; the extension loaded from its wheel"),
    Engine("sedonadb", "sedonadb_sql", ("sedonadb", "geoarrow.pyarrow"), ("sedonadb", "geoarrow-pyarrow"),
           "the same two steps; two threads; ST_Buffer(…, 0) mends, as its ST_Covers fails on what ST_MakeValid makes"),
    Engine(WITH_LOAD, "postgis", ("psycopg",), ("psycopg",), f"COPY counted; {POSTGIS}", served=True),
    Engine(LOADED, "postgis_loaded", ("psycopg",), ("psycopg",),
           f"tables loaded, mended, indexed and analysed before; {POSTGIS}", prepared=True, served=True),
    Engine("dask-geopandas", "dask_geopandas_join", ("dask_geopandas", "distributed"),
           ("dask-geopandas", "dask", "distributed", *GEOPANDAS),
           "two processes; its input cut into partitions along a Hilbert curve before, with a halo", prepared=True),
)  # fmt: skip
PEERS = tuple(engine.name for engine in FIELD if engine.name not in (OURS, TWELVE))
