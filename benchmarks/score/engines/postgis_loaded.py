"""PostGIS on tables that were loaded, mended, indexed and analysed before the clock ran."""

from __future__ import annotations

from pathlib import Path

from benchmarks.score.child import Clock, main
from benchmarks.score.engines.postgis import answer
from benchmarks.score.files import Files


def run(files: Files, out: Path, clock: Clock) -> None:
    from benchmarks.score.engines.postgis_load import connected

    with connected(f"loaded_{files.rows}") as connection:
        answer(connection, out, clock)


def prepare(files: Files) -> None:
    from benchmarks.score.engines.postgis_load import connected, load

    with connected(f"loaded_{files.rows}") as connection:
        load(files, connection, f"loaded_{files.rows}", Clock())


if __name__ == "__main__":
    main(run, prepare)
