"""geopandas as its manual has it: `overlay(how="intersection")`, then pandas."""

from __future__ import annotations

from pathlib import Path

from benchmarks.score.child import Clock, main
from benchmarks.score.files import Files


def run(files: Files, out: Path, clock: Clock) -> None:
    with clock.phase("import"):
        import geopandas as gpd

        from benchmarks.score.engines import group
    with clock.phase("read, validity"):
        parcels = gpd.read_parquet(files.parcels, columns=["parcel_id", "geometry"])
        buildings = gpd.read_parquet(files.buildings, columns=["storeys", "height_m", "geometry"])
        buildings["counted"] = group.counted(buildings)
        parcels = mended(parcels)
    with clock.phase("join, intersection"):
        pieces = gpd.overlay(buildings, parcels, how="intersection", keep_geom_type=True, make_valid=False)
        pieces["overlap_m2"] = pieces.area
    with clock.phase("group"):
        stands, firms = group.built(pieces), group.used(files)
    with clock.phase("grade"):
        found = group.graded(parcels.set_index("parcel_id").area, stands, firms)
    with clock.phase("write"):
        group.write(found, out)


def mended(parcels):
    """The parcels with those outlines made valid that are not."""
    invalid = ~parcels.geometry.is_valid
    parcels.loc[invalid, "geometry"] = parcels.geometry[invalid].make_valid(method="structure", keep_collapsed=False)
    return parcels


if __name__ == "__main__":
    main(run)
