"""geopandas with two spatial joins: buildings within a parcel count whole, only the rest is intersected."""

from __future__ import annotations

from pathlib import Path

from benchmarks.score.child import Clock, main
from benchmarks.score.files import Files


def run(files: Files, out: Path, clock: Clock) -> None:
    with clock.phase("import"):
        import geopandas as gpd
        import numpy as np
        import shapely

        from benchmarks.score.engines import group
        from benchmarks.score.engines.geopandas_overlay import mended
    with clock.phase("read, validity"):
        parcels = gpd.read_parquet(files.parcels, columns=["parcel_id", "geometry"])
        buildings = gpd.read_parquet(files.buildings, columns=["storeys", "height_m", "geometry"])
        buildings["counted"] = group.counted(buildings)
        parcels = mended(parcels)
    with clock.phase("join"):
        within = gpd.sjoin(buildings, parcels, predicate="within")
        rest = buildings[~buildings.index.isin(within.index)]
        crossing = gpd.sjoin(rest, parcels, predicate="intersects")
    with clock.phase("intersection"):
        within["overlap_m2"] = within.area
        held = parcels.geometry.to_numpy()[crossing["index_right"]]
        crossing["overlap_m2"] = shapely.area(shapely.intersection(crossing.geometry.to_numpy(), held))
    with clock.phase("group"):
        names = ["parcel_id", "overlap_m2", "storeys", "counted"]
        both = {name: np.concatenate([within[name], crossing[name]]) for name in names}
        stands, firms = group.built(gpd.pd.DataFrame(both)), group.used(files)
    with clock.phase("grade"):
        found = group.graded(parcels.set_index("parcel_id").area, stands, firms)
    with clock.phase("write"):
        group.write(found, out)


if __name__ == "__main__":
    main(run)
