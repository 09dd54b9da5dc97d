"""What a project lives through: killed writers, a database that restarts, a full disk, clocks apart, changed lines.

Everything is done to processes and files, and checked against what the clients were told (`writer`).
"""

import ctypes
import datetime
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from landgis.io.atomic import sweep
from landgis.phases.ledger import Draft, Entry, seal_all, verify
from landgis.phases.reached import known_lines
from landgis.store.local import DATABASE, LAYERS, LocalStore
from landgis.store.sqlite import driver
from landgis.workflow.archive import check_ledger
from landgis.workflow.events import import_events
from landgis.workflow.importing import Layers, create_project, import_layers
from landgis.workflow.project import open_project
from landgis.workflow.register import Register
from tests.store.writer import read_log

OFFICERS, EVENTS, PARCELS, MORE_PARCELS = 8, 500, 40, 400
HOT = [f"P{number}" for number in range(1, PARCELS + 1)]
PATIENCE_SECONDS = 300
LANDGIS = [sys.executable, "-m", "landgis"]


def parcels(path, count):
    keys = [f"P{number}" for number in range(1, count + 1)]
    lots = [shapely.box(502_925 + 100 * at, 3_200_402, 503_025 + 100 * at, 3_200_462) for at in range(count)]
    gpd.GeoDataFrame({"parcel_id": keys}, geometry=lots, crs=4549).to_file(path)
    return path


@pytest.fixture(scope="session")
def few(tmp_path_factory):
    """A layer of the hot parcels."""
    return parcels(tmp_path_factory.mktemp("few") / "parcels.gpkg", PARCELS)


@pytest.fixture(scope="session")
def more(tmp_path_factory):
    """A layer of many more."""
    return parcels(tmp_path_factory.mktemp("more") / "parcels.gpkg", MORE_PARCELS)


@pytest.fixture(scope="session")
def made(few, tmp_path_factory):
    """A project of the hot parcels, to be copied."""
    where = tmp_path_factory.mktemp("made") / "project"
    project, _ = create_project(str(where), Layers(parcels=str(few)), by="li")
    project.store.close()
    return where


@pytest.fixture
def place(made, tmp_path):
    """A project in a folder."""
    return shutil.copytree(made, tmp_path / "project")


@pytest.fixture
def address(few, database):
    """The same in PostGIS."""
    project, _ = create_project(database, Layers(parcels=str(few)))
    project.store.close()
    return database


# killed writers
class Officers:
    """Writers at work, each a process that keeps a log."""

    def __init__(self, where, folder, names, *options):
        self.logs = {name: folder / f"{name}.log" for name in names}
        self._command = [sys.executable, "-m", "tests.store.writer", str(where)]
        self._options = list(map(str, options))
        self._running = {}
        self.kills = 0

    def begin(self, name, *options):
        """Let one begin, or begin again on the log that is there."""
        log = self.logs[name]
        with log.with_suffix(".err").open("ab") as errors:
            command = [*self._command, str(log), "--name", name, *self._options, *map(str, options)]
            self._running[name] = subprocess.Popen(command, stderr=errors, stdout=errors)

    def acked(self, name):
        return self.logs[name].read_bytes().count(b'"acked"') if self.logs[name].exists() else 0

    def kill(self, name):
        self._running[name].kill()
        assert self._running[name].wait() == -signal.SIGKILL, f"{name} was done before it could be killed"
        self.kills += 1

    def work(self, kills=(), *, then=None):
        """Until all are done; `kills`: after how many events of whom; `then` is done once half of the work is."""
        chance, pending, until = random.Random(), list(kills), time.monotonic() + PATIENCE_SECONDS
        half = sum(after for _, after in pending) if then is None else None
        while any(process.poll() is None for process in self._running.values()):
            assert time.monotonic() < until, "the writers do not come to an end"
            for name, after in [kill for kill in pending if self.acked(kill[0]) >= kill[1]]:
                time.sleep(chance.uniform(0, 0.02))
                self.kill(name)
                self.begin(name)
                pending.remove((name, after))
            if then is not None and then(sum(map(self.acked, self.logs))):
                then = None
            time.sleep(0.01)
        del half
        for name, process in self._running.items():
            assert process.returncode == 0, self.logs[name].with_suffix(".err").read_text("utf-8")
        assert not pending and then is None
