"""What is written and read: the results of `landgis score` on made parcels, all columns; in degrees too."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.score.tables import make

DEGREES = 4490  # of the made parcels' own datum


def results(folder: Path, rows: int) -> Path:
    """The results as GeoParquet, made unless they are there; their CRS is that of the parcels, in metres."""
    path = folder / f"results-{rows}.parquet"
    if not path.exists():
        tables = [part for name, file in make(folder, rows).all().items() for part in (f"--{name}", str(file))]
        making = folder / f"making-results-{rows}.parquet"
        command = [sys.executable, "-m", "landgis", "score", *tables, "--out", str(making), "--overwrite"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        making.rename(path)
    return path


def in_degrees(path: Path) -> Path:
    """The same in longitude and latitude, so that nobody has to bring it there."""
    import geopandas as gpd

    beside = path.with_name(f"{path.stem}-degrees.parquet")
    if not beside.exists():
        gpd.read_parquet(path).to_crs(DEGREES).to_parquet(beside, index=False)
    return beside
