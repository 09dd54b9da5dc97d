"""SedonaDB: the same two steps as DuckDB's, with what its 0.5.0 cannot do written around.

CASE over outlines turns them into plain bytes, so valid and mended ones are united instead; what ST_MakeValid makes
of a spike is a collection, at which ST_Covers fails, so ST_Buffer(…, 0) mends (right for spikes, wrong for bow ties).
Keys are plain texts: views of them drag the buffers of all batches through the joins, which took 14 s at a million.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.score.child import Clock, main
from benchmarks.score.engines import sql
from benchmarks.score.files import Files

PARCELS = """
    SELECT arrow_cast(parcel_id, 'Utf8') AS parcel_id, geometry, ST_Area(geometry) AS area_m2
    FROM read_parcels WHERE ST_IsValid(geometry)
    UNION ALL
    SELECT arrow_cast(parcel_id, 'Utf8') AS parcel_id, mended AS geometry, ST_Area(mended) AS area_m2
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
FIRM = """
    SELECT enterprises.enterprise_id, above_scale, output_wan / total_m2 AS output_wan, tax_wan / total_m2 AS tax_wan
    FROM enterprises JOIN (SELECT enterprise_id, SUM(held_m2) AS total_m2 FROM holds GROUP BY enterprise_id) AS held
         ON enterprises.enterprise_id = held.enterprise_id
"""
USED = """
    SELECT holds.parcel_id, COUNT(*) AS occupants, SUM(held_m2) AS occupied_m2, SUM(held_m2 * held_m2) AS squares,
           SUM(output_wan * held_m2) AS output_wan, SUM(tax_wan * held_m2) AS tax_wan,
           MAX(CASE WHEN above_scale THEN 1 ELSE 0 END) AS above
    FROM holds JOIN firm ON holds.enterprise_id = firm.enterprise_id GROUP BY holds.parcel_id
"""
KEPT = {"built": sql.BUILT, "holds": sql.HOLDS, "firm": FIRM, "used": USED}


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
        for (
            name,
            text,
        ) in KEPT.items():  # what is used twice is worked out twice otherwise, and joined the wrong way round
            database.sql(text).to_memtable().to_view(name)
        import pyarrow.parquet

        pyarrow.parquet.write_table(database.sql(sql.result(kept=tuple(KEPT))).to_arrow_table(), out)


if __name__ == "__main__":
    main(run)
