"""SedonaDB: the same two steps as DuckDB's, with what its 0.5.0 cannot do written around.

CASE over outlines turns them into plain bytes, so valid and mended ones are united instead; what ST_MakeValid makes
of a spike is a collection, at which ST_Covers fails, so ST_Buffer(…, 0) mends (right for spikes, wrong for bow ties).
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.score.child import Clock, main
from benchmarks.score.engines import sql
from benchmarks.score.files import Files

PARCELS = """
    SELECT parcel_id, geometry, ST_Area(geometry) AS area_m2 FROM read_parcels WHERE ST_IsValid(geometry)
    UNION ALL
    SELECT parcel_id, mended AS geometry, ST_Area(mended) AS area_m2
    FROM (SELECT parcel_id, ST_Buffer(geometry, 0.0) AS mended FROM read_parcels WHERE NOT ST_IsValid(geometry))
"""
JOIN = f"""
    SELECT parcels.parcel_id, parcels.geometry AS parcel, buildings.geometry AS building, storeys,
           {sql.COUNTED} AS counted
    FROM read_buildings AS buildings JOIN parcels ON ST_Intersects(parcels.geometry, buildings.geometry)
"""
AREA = """
    SELECT parcel_id, storeys, counted,
           CASE WHEN ST_Covers(parcel, building) THEN ST_Area(building)
                ELSE ST_Area(ST_Intersection(parcel, building)) END AS overlap_m2
    FROM pairs
"""


def run(files: Files, out: Path, clock: Clock) -> None:
    with clock.phase("import"):
        import sedonadb

        database = sedonadb.connect()
    with clock.phase("read, validity"):
        database.read_parquet(str(files.parcels)).to_view("read_parcels")
        database.read_parquet(str(files.buildings)).to_view("read_buildings")
        # a table of a UNION cannot be kept in memory ("Mismatch between schema and batches"): it goes through Arrow
        parcels = database.sql(PARCELS).to_arrow_table()
        database.create_data_frame(parcels).to_view("parcels")
        database.sql("SELECT parcel_id, area_m2 FROM parcels").to_view("land")
    with clock.phase("join"):
        database.sql(JOIN).to_memtable().to_view("pairs")
    with clock.phase("intersection"):
        database.sql(AREA).to_memtable().to_view("stands")
    with clock.phase("group, grade, write"):
        for name in ("occupancies", "enterprises"):
            database.read_parquet(str(files.all()[name])).to_view(name)
        database.sql(sql.HOLDS).to_memtable().to_view("holds")  # used twice, and worked out twice otherwise
        import pyarrow.parquet

        pyarrow.parquet.write_table(database.sql(sql.result(kept=("holds",))).to_arrow_table(), out)


if __name__ == "__main__":
    main(run)
