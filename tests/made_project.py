"""A small project to record in: six lots of 100 m × 60 m, two buildings on the first, firms, two blocks."""

import atexit
import datetime
import functools
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import pandas as pd
from shapely import box

from landgis.roles import Actor
from landgis.workflow.importing import Layers, create_project
from landgis.workflow.project import Project, open_project
from landgis.workflow.recording import Entered, record
from landgis.workflow.rescore import score_project
from landgis.workflow.sample import sample_project

EAST, NORTH = 502_925.0, 3_200_402.0
TODAY = datetime.date(2026, 11, 21)
PARCELS = ("P1", "P2", "P3", "P4", "P5", "P6")
LOT_M2 = 6000.0


def lot(number, *, wide=100, tall=60):
    return box(EAST + 100 * number, NORTH, EAST + 100 * number + wide, NORTH + tall)


def write_layers(folder, **more) -> Layers:
    """The files of the project; `more` are columns of the parcels."""
    parcels = gpd.GeoDataFrame(
        {"parcel_id": PARCELS, "block_id": ["B1"] * 3 + ["B2"] * 3, **more},
        geometry=[lot(n) for n in range(6)],
        crs=4549,
    )
    parcels.to_file(folder / "parcels.gpkg")
    buildings = gpd.GeoDataFrame(
        {"building_id": ["F1", "F2", "F3"], "floor_area_m2": [1000.0, 3000.0, 500.0]},
        geometry=[lot(0, wide=20, tall=20), lot(0, tall=50).difference(lot(0, wide=40)), lot(1, wide=10, tall=10)],
        crs=4549,
    )
    buildings.to_file(folder / "buildings.gpkg")
    blocks = gpd.GeoDataFrame(
        {
            "block_id": ["B1", "B2"],
            "name": ["甲块", "乙块"],
            "name_en": ["A", "B"],
            "valid_from": pd.to_datetime(["2018-01-01"] * 2),
        },
        geometry=[box(EAST, NORTH, EAST + 300, NORTH + 60), box(EAST + 300, NORTH, EAST + 600, NORTH + 60)],
        crs=4549,
    )
    blocks.to_file(folder / "blocks.gpkg")
    pd.DataFrame(
        {
            "enterprise_id": ["E1", "E2", "E2", "E3"],
            "parcel_id": ["P1", "P1", "P2", "P4"],
            "floor_area_m2": [10, 20, 30, 40],
        }
    ).to_csv(folder / "occupancies.csv", index=False)
    names = {name: str(folder / f"{name}.gpkg") for name in ("parcels", "buildings", "blocks")}
    return Layers(**names, occupancies=str(folder / "occupancies.csv"))


@dataclass
class Clock:
    """A clock that the test sets; it moves on by a second a look."""

    now: datetime.datetime = field(default_factory=lambda: datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC))

    def __call__(self):
        self.now += datetime.timedelta(seconds=1)
        return self.now


@functools.cache
def template(more: tuple) -> Path:
    """A project made once for each set of columns, to be copied."""
    folder = Path(tempfile.mkdtemp(prefix="landgis-test-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    columns = {name: list(values) for name, values in more}
    project, _ = create_project(str(folder / "project"), write_layers(folder, **columns), by="li", clock=Clock())
    project.store.close()
    return folder / "project"


@functools.cache
def sample_template() -> Path:
    """The sample zone as a scored project, made once a process, to be copied."""
    folder = Path(tempfile.mkdtemp(prefix="landgis-test-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    project, _ = sample_project(str(folder / "zone"), nobody="li")
    score_project(project)
    project.store.close()
    return folder / "zone"


def make_project(folder, *, clock=None, today=TODAY, by="li", **more) -> Project:
    shutil.copytree(template(tuple((name, tuple(values)) for name, values in more.items())), folder / "project")
    return open_project(str(folder / "project"), nobody=by, clock=clock, today=lambda: today)


def as_user(project, name, role) -> Project:
    return Project(project.store, Actor(name, role), project.today)


def walk(project, parcel, *steps, start="2024-01-01", gap_days=30, **more):
    """Record steps one after the other, `gap_days` apart; returns their lines."""
    day, lines = datetime.date.fromisoformat(start), []
    for step in steps:
        lines += record(project, Entered(parcel, step, day.isoformat(), **more))
        day += datetime.timedelta(days=gap_days)
    return lines
