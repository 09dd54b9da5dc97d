"""DuckDB with its spatial extension: a join on ST_Intersects kept as a table, then the area by CASE ST_Covers."""

from __future__ import annotations

from pathlib import Path

from benchmarks.score.child import Clock, main
from benchmarks.score.engines import sql
from benchmarks.score.files import Files

LAND = """
    CREATE TABLE parcels AS
    SELECT parcel_id, CASE WHEN ST_IsValid(geometry) THEN geometry ELSE ST_MakeValid(geometry) END AS geometry
    FROM read_parquet('{parcels}');
    CREATE VIEW land AS SELECT parcel_id, ST_Area(geometry) AS area_m2 FROM parcels;
    CREATE TABLE buildings AS
    SELECT geometry, storeys, {counted} AS counted FROM read_parquet('{buildings}');
"""
JOIN = """
    CREATE TABLE pairs AS
    SELECT parcel_id, parcels.geometry AS parcel, buildings.geometry AS building, storeys, counted
    FROM buildings JOIN parcels ON ST_Intersects(parcels.geometry, buildings.geometry);
"""
AREA = """
    CREATE TABLE stands AS
    SELECT parcel_id, storeys, counted,
           CASE WHEN ST_Covers(parcel, building) THEN ST_Area(building)
                ELSE ST_Area(ST_Intersection(parcel, building)) END AS overlap_m2
    FROM pairs;
"""


def run(files: Files, out: Path, clock: Clock) -> None:
    with clock.phase("import"):
        import duckdb

        database = duckdb.connect(config={"allow_unsigned_extensions": "true"})
        database.execute(f"LOAD '{extension()}'")
        database.execute("SET geometry_always_xy = true; SET preserve_insertion_order = false")
    with clock.phase("read, validity"):
        database.execute(LAND.format(parcels=files.parcels, buildings=files.buildings, counted=sql.COUNTED))
    with clock.phase("join"):
        database.execute(JOIN)
    with clock.phase("intersection"):
        database.execute(AREA)
    with clock.phase("group, grade, write"):
        for name in ("occupancies", "enterprises"):
            database.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{files.all()[name]}')")
        database.execute(f"COPY ({sql.result()}) TO '{out}' (FORMAT parquet)")


def extension() -> Path:
    """The extension as the package index has it: nothing is fetched from DuckDB's own server."""
    import importlib.util

    found = importlib.util.find_spec("duckdb_extension_spatial")
    assert found is not None and found.submodule_search_locations is not None
    (path,) = Path(found.submodule_search_locations[0]).glob("extensions/*/spatial.duckdb_extension")
    return path


if __name__ == "__main__":
    main(run)
