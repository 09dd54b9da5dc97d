"""Engines in turn: a warm-up each, whose answers are compared, then rounds in which every engine runs once."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.score.agree import agreement
from benchmarks.score.field import Engine
from benchmarks.score.files import Files
from benchmarks.score.meter import Failed, Run, metered
from benchmarks.score.record import Measured, Record
from benchmarks.score.server import Served
from benchmarks.score.tables import make, shares

START_ROWS, START_RUNS = 100, 3  # a job so small that only starting and importing is left
Tell = Callable[[str], None]


def measure(
    record: Record, engines: Sequence[Engine], folder: Path, rows: int, *, server: Served | None, tell: Tell
) -> None:
    """All engines at one size, into the record."""
    tell(f"{rows} parcels: data")
    files = make(folder, rows)
    found = {engine.name: Measured() for engine in engines}
    record.data[rows], record.sizes[rows] = shares(files), found
    outs = {engine.name: folder / f"out-{engine.name}.parquet" for engine in engines}
    for engine in engines:
        tell(f"{rows} parcels: {engine.name}, warm-up")
        _warm(engine, files, outs[engine.name], server, found[engine.name])
    _compare(record, rows, outs)
    fit = [engine for engine in engines if found[engine.name].failed is None]
    for turn in range(record.rounds):
        for engine in (*fit[turn % len(fit) :], *fit[: turn % len(fit)]):  # nobody is always first
            measured = found[engine.name]
            if measured.failed is None:
                _count(engine, files, outs[engine.name], server, measured)
                tell(f"{rows} parcels: {engine.name}, {turn + 1} of {record.rounds}: {measured.said}")


def measure_start(
    record: Record, engines: Sequence[Engine], folder: Path, *, server: Served | None, tell: Tell
) -> None:
    """What each engine takes for next to no rows, into the record."""
    files = make(folder, START_ROWS)
    for engine in engines:
        tell(f"start-up: {engine.name}")
        out, measured = folder / "out-start.parquet", Measured()
        _warm(engine, files, out, server, measured)
        if measured.failed is None:
            record.start[engine.name] = [one_run(engine, files, out, server) for _ in range(START_RUNS)]


def one_run(engine: Engine, files: Files, out: Path, server: Served | None) -> Run:
    """One whole process on the meter."""
    out.unlink(missing_ok=True)
    if engine.served:
        assert server is not None
        return metered(engine.command(files, out), server.environ, server.pid)
    return metered(engine.command(files, out))


def _count(engine: Engine, files: Files, out: Path, server: Served | None, measured: Measured) -> None:
    """A run that counts."""
    try:
        measured.runs.append(one_run(engine, files, out, server))
    except Failed as error:
        measured.failed = str(error)


def _warm(engine: Engine, files: Files, out: Path, server: Served | None, measured: Measured) -> None:
    """Prepare what is given, and run once, so that files and programs are in memory."""
    try:
        if engine.prepared:
            environ = server.environ if engine.served and server is not None else None
            subprocess.run(engine.preparation(files), check=True, env=environ, capture_output=True, text=True)
        one_run(engine, files, out, server)
    except subprocess.CalledProcessError as error:
        measured.failed = error.stderr.strip().splitlines()[-1]
    except Failed as error:
        measured.failed = str(error)


def _compare(record: Record, rows: int, outs: dict[str, Path]) -> None:
    """Every answer with that of the reference; its own file is kept, as the rounds write the others anew."""
    kept = outs[record.reference].with_name("reference.parquet")
    if record.sizes[rows][record.reference].failed is not None:
        return
    shutil.copy(outs[record.reference], kept)
    for name, measured in record.sizes[rows].items():
        if measured.failed is None:
            found = agreement(outs[name], kept)
            measured.relative, measured.column, measured.grades = found.relative, found.column, found.grades
