"""landgis's own functions on the bare job: the seam at which its engine is put beside the peers' twelve columns.

Today it strings the pieces of the plain path together, without reasons, bounds, conservation and report. An engine with
an entry point of its own takes the place of `run`.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.score.child import Clock, main
from benchmarks.score.files import Files


def run(files: Files, out: Path, clock: Clock) -> None:
    with clock.phase("import"):
        import pandas as pd
        import pyarrow.parquet as pq
        import shapely

        from benchmarks.score import job
        from benchmarks.score.engines import group
        from landgis.geometry import mend
        from landgis.overlay import NOWHERE, place_buildings
    with clock.phase("read"):
        parcels = pq.ParquetFile(files.parcels).read(["parcel_id", "geometry"])
        buildings = pq.ParquetFile(files.buildings).read(["storeys", "height_m", "geometry"])
        land, outlines = (shapely.from_wkb(table["geometry"].to_numpy()) for table in (parcels, buildings))
        about = buildings.drop_columns("geometry").to_pandas()
    with clock.phase("validity"):
        mended = mend(land)
    with clock.phase("join, intersection"):
        told = pd.Series(NOWHERE, index=range(len(outlines))).to_numpy()
        placed = place_buildings(mended.geometry, outlines, told)
    with clock.phase("group"):
        keys = pd.Index(parcels["parcel_id"].to_pandas())
        there = about.assign(counted=group.counted(about)).iloc[placed.building].reset_index(drop=True)
        stands = group.built(there.assign(overlap_m2=placed.footprint_m2, parcel_id=placed.parcel))
        stands.index = keys[stands.index]
        firms = group.used(files)
    with clock.phase("grade"):
        found = group.graded(pd.Series(mended.area_m2, index=keys), stands, firms)
        assert len(found.columns) == len(job.COLUMNS) - 1
    with clock.phase("write"):
        group.write(found, out)


if __name__ == "__main__":
    main(run)
