"""The register at size: a million events on 100 000 parcels, and what the disk itself can do beside it."""

from __future__ import annotations

import datetime
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.zone import make
from landgis.phases.lifecycle import NAMES
from landgis.store.sqlite import driver
from landgis.workflow.asking import parcel_lines
from landgis.workflow.importing import Layers, create_project
from landgis.workflow.project import Project, open_project
from landgis.workflow.recording import Entered, record
from landgis.workflow.register import Register

STEPS = NAMES[:5]  # identified … vacated: actual days of the past, and as many planned ones
EPOCH = np.datetime64("2016-01-01")
APPENDS = 3000


def make_events(folder: Path, parcels: pd.Series) -> Path:
    """A ledger as CSV: ten events a parcel, in random order of the parcels."""
    random = np.random.default_rng(7)
    keys = random.permutation(parcels.to_numpy(object))
    start = random.integers(0, 2500, len(keys))[:, None]
    gaps = np.cumsum(random.integers(5, 120, (len(keys), len(STEPS))), axis=1)
    actual = EPOCH + (start + gaps).astype("timedelta64[D]")
    planned = actual - random.integers(-30, 30, (len(keys), 1)).astype("timedelta64[D]")
    frame = pd.DataFrame({
        "parcel_id": np.repeat(keys, 2 * len(STEPS)),
        "milestone": np.tile(np.repeat(STEPS, 2), len(keys)),
        "occurred_on": np.stack([actual, planned], axis=2).reshape(-1).astype(str),
        "kind": np.tile(["actual", "planned"], len(keys) * len(STEPS)),
    })  # fmt: skip
    path = folder / f"events-{len(keys)}.csv"
    frame.to_csv(path, index=False)
    return path


def timed(action: Callable[[], object]) -> float:
    """Seconds on the clock."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def middle_ms(action: Callable[[int], object], runs: int) -> float:
    """The median of some runs, in ms; the first one warms up."""
    action(0)
    return round(1000 * statistics.median(timed(lambda run=run: action(run)) for run in range(1, runs + 1)), 2)


def bare_appends(folder: Path, count: int) -> float:
    """Durable one-line transactions a second that SQLite does here, with nothing but an INSERT in each."""
    sqlite = driver()
    connection = sqlite.connect(folder / "bare.sqlite", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE line (seq INTEGER PRIMARY KEY, text TEXT)")

    def append_all() -> None:
        for number in range(count):
            connection.execute("INSERT INTO line VALUES (?, ?)", (number, "x" * 300))

    rate = count / timed(append_all)
    connection.close()
    return rate


def syncs(folder: Path, count: int) -> float:
    """Calls of fsync a second on a file that grows by 4 KiB each time."""
    with (folder / "synced").open("wb") as file:

        def sync_all() -> None:
            for _ in range(count):
                file.write(b"x" * 4096)
                file.flush()
                os.fsync(file.fileno())

        return count / timed(sync_all)


def appends(project: Project, parcels: list[str]) -> float:
    """Single events a second through `record`: read the history, judge, append, sync."""

    def record_all() -> None:
        for parcel in parcels:
            record(project, Entered(parcel, "DEMOLISHED", "2026-01-01"))

    return len(parcels) / timed(record_all)


def register_once(folder: Path, rows: int) -> dict[str, float]:
    """All figures of one size."""
    paths = make(folder, rows)
    parcels = pd.read_parquet(paths["parcels"], columns=["parcel_id"])["parcel_id"]
    events = make_events(folder, parcels)
    place = folder / "register"
    shutil.rmtree(place, ignore_errors=True)
    project, _ = create_project(str(place), Layers(**{name: str(path) for name, path in paths.items()}), by="bench")
    project.store.close()
    command = [sys.executable, "-m", "landgis"]
    figures: dict[str, float] = {"parcels": rows, "events": rows * 2 * len(STEPS)}
    for name, arguments in (
        ("import_s", ["events", place, "--import", events]),
        ("verify_s", ["verify", place]),
        ("status_cold_s", ["status", place, "--as-of", "2020-06-30", "--json"]),
    ):
        run = [*command, *map(str, arguments)]
        figures[name] = round(timed(lambda run=run: subprocess.run(run, check=True, stdout=subprocess.DEVNULL)), 2)
    project = open_project(str(place), by="bench")
    register = Register(project)
    day = datetime.date(2017, 1, 31)
    figures["status_warm_ms"] = middle_ms(
        lambda run: register.status(as_of=day + datetime.timedelta(days=97 * run)), runs=20
    )
    figures["status_json_ms"] = middle_ms(
        lambda run: register.status(as_of=day + datetime.timedelta(days=97 * run)).as_json(), runs=20
    )
    keys = parcels.sample(1000, random_state=1).tolist()
    figures["history_ms"] = middle_ms(lambda run: parcel_lines(project, keys[run]), runs=200)
    figures["appends_per_s"] = round(appends(project, parcels.sample(min(APPENDS, rows), random_state=2).tolist()))
    project.store.close()
    figures["bare_sqlite_appends_per_s"] = round(bare_appends(place, APPENDS))
    figures["fsyncs_per_s"] = round(syncs(place, APPENDS))
    figures["appends_ratio"] = round(figures["appends_per_s"] / figures["bare_sqlite_appends_per_s"], 2)
    return figures
