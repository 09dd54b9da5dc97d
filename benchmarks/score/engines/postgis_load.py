"""Tables of PostGIS from the files: COPY into unlogged tables, mended, indexed, analysed."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

from benchmarks.score.child import Clock
from benchmarks.score.engines import sql
from benchmarks.score.files import Files

if TYPE_CHECKING:
    from psycopg import Connection

ADDRESS = "LANDGIS_BENCHMARK_POSTGRES"  # in the environment: the address of a database with PostGIS
TABLES = {
    "parcels": ("parcel_id text", "geometry geometry"),
    "buildings": ("storeys int", "height_m float8", "geometry geometry"),
    "occupancies": ("enterprise_id text", "parcel_id text", "floor_area_m2 float8"),
    "enterprises": ("enterprise_id text", "above_scale bool", "output_wan float8", "tax_wan float8"),
}
MEND = """
    UPDATE parcels SET geometry = ST_MakeValid(geometry, 'method=structure keepcollapsed=false')
    WHERE NOT ST_IsValid(geometry)
"""


def connected(schema: str) -> Connection:
    """A connection whose tables are those of one schema."""
    import psycopg

    connection = psycopg.connect(os.environ[ADDRESS], autocommit=True)
    connection.execute(f"SET search_path TO {schema}, public")
    return connection


def load(files: Files, connection: Connection, schema: str, clock: Clock) -> None:
    """All four tables, in a schema made anew."""
    with clock.phase("load"):
        connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}")
        for name in TABLES:
            _copy(files, connection, name)
    with clock.phase("validity"):
        connection.execute(MEND)
    with clock.phase("index, analyse"):
        connection.execute("CREATE INDEX ON parcels USING gist (geometry)")
        for name in TABLES:
            connection.execute(f"ANALYZE {name}")


def _copy(files: Files, connection: Connection, name: str) -> None:
    """One table through CSV, outlines as hexadecimal WKB."""
    import pyarrow as pa
    import pyarrow.csv as csv
    import pyarrow.parquet as pq

    columns = [column.split()[0] for column in TABLES[name]]
    connection.execute(f"CREATE UNLOGGED TABLE {name} ({', '.join(TABLES[name])})")
    command = f"COPY {name} ({', '.join(columns)}) FROM STDIN (FORMAT csv)"
    with connection.cursor() as cursor, cursor.copy(command) as copy:
        for batch in pq.ParquetFile(files.all()[name]).iter_batches(columns=columns):
            table = pa.table(batch.select(columns))
            if "geometry" in columns:
                shapes = pa.array([one.hex() for one in table["geometry"].to_pylist()])
                table = table.set_column(columns.index("geometry"), "geometry", shapes)
            text = io.BytesIO()
            csv.write_csv(table, text, csv.WriteOptions(include_header=False))
            copy.write(text.getbuffer())


LAND = "CREATE VIEW land AS SELECT parcel_id, ST_Area(geometry) AS area_m2 FROM parcels"
STANDS = f"""
    CREATE UNLOGGED TABLE stands AS
    SELECT parcel_id, storeys, {sql.COUNTED} AS counted,
           CASE WHEN ST_Covers(parcels.geometry, buildings.geometry) THEN ST_Area(buildings.geometry)
                ELSE ST_Area(ST_Intersection(parcels.geometry, buildings.geometry)) END AS overlap_m2
    FROM buildings JOIN parcels ON ST_Intersects(parcels.geometry, buildings.geometry)
"""
