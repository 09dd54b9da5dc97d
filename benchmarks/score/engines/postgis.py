"""PostGIS with the files loaded first, which counts; the same in tables that are loaded is `postgis_loaded`."""

from __future__ import annotations

from pathlib import Path

from benchmarks.score.child import Clock, main
from benchmarks.score.engines import sql
from benchmarks.score.files import Files

SCHEMA = "run"


def run(files: Files, out: Path, clock: Clock) -> None:
    from benchmarks.score.engines.postgis_load import connected, load

    with connected(SCHEMA) as connection:
        load(files, connection, SCHEMA, clock)
        answer(connection, out, clock)


def answer(connection, out: Path, clock: Clock) -> None:
    """The job on loaded tables, and its answer in a file."""
    import pyarrow as pa
    import pyarrow.csv as csv
    import pyarrow.parquet as pq

    from benchmarks.score.engines.postgis_load import LAND, STANDS

    with clock.phase("join, intersection"):
        connection.execute("DROP VIEW IF EXISTS land; DROP TABLE IF EXISTS stands")
        connection.execute(LAND)
        connection.execute(STANDS)
        connection.execute("ANALYZE stands")
    query = f"COPY ({sql.result()}) TO STDOUT (FORMAT csv, HEADER)"
    text = pa.BufferOutputStream()  # Arrow's own memory: its readers must not need Python's lock while the process ends
    with clock.phase("group, grade"), connection.cursor() as cursor, cursor.copy(query) as copy:
        for part in copy:
            text.write(part)
    with clock.phase("write"):
        pq.write_table(csv.read_csv(pa.BufferReader(text.getvalue())), out)


if __name__ == "__main__":
    main(run)
