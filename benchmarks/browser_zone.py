"""A made zone as a project to look at: blocks, streets, a ledger of years, scores."""

from __future__ import annotations

import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from benchmarks.zone import CELL_M, CRS, _parcels, make
from landgis.rules import load_rules
from landgis.workflow.events import import_events
from landgis.workflow.importing import Layers, create_project
from landgis.workflow.project import DEFAULTS
from landgis.workflow.rescore import score_project
from landgis.workflow.sample import sample_project

SAMPLE_ROWS = 1104  # the sample zone itself
BLOCK_CELLS = 20  # 400 parcels a block, 256 ha
TODAY = np.datetime64("2026-11-01")
FIRST_DAY, LAST_START = np.datetime64("2019-03-01"), 365 * 8  # when a parcel's first step is, in days
RENOVATED = 0.6  # the share of parcels on which something was done or is planned


def project_of(folder: Path, rows: int) -> Path:
    """A project of that many parcels, made once; 1104 is the sample zone."""
    place = folder / f"app-{rows}"
    if place.exists():
        return place
    making = folder / f"app-{rows}.making"
    shutil.rmtree(making, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    if rows == SAMPLE_ROWS:
        project, _ = sample_project(str(making), nobody="bench")
    else:
        project, _ = create_project(str(making), _layers(folder, rows), by="bench")
        receipt = import_events(project, str(_events(folder, rows)))
        assert not receipt.rows_refused, receipt.refused[:3]
    score_project(project)
    project.store.close()
    making.rename(place)
    return place


def _layers(folder: Path, rows: int) -> Layers:
    paths = make(folder, rows)
    shapes = _parcels(rows, np.random.default_rng(rows))  # as `make` drew them, before some were spoiled
    block = _block_of(rows)
    names = [f"B{number:03d}" for number in range(block.max() + 1)]
    outlines = [shapely.coverage_union_all(shapes[block == number]) for number in range(len(names))]
    columns = {"block_id": names, "name": [f"第{number + 1}片" for number in range(len(names))],
               "name_en": [f"Block {number + 1}" for number in range(len(names))]}  # fmt: skip
    blocks = gpd.GeoDataFrame(columns, geometry=outlines, crs=CRS)
    blocks.to_parquet(folder / f"blocks_{rows}.parquet", index=False)
    west, south, east, north = shapely.total_bounds(shapes)
    step = BLOCK_CELLS * CELL_M
    lines = [shapely.LineString([(x, south), (x, north)]) for x in np.arange(west, east, step)]
    lines += [shapely.LineString([(west, y), (east, y)]) for y in np.arange(south, north, step)]
    named = [f"第{number + 1}路" for number in range(len(lines))]
    streets = gpd.GeoDataFrame({"name": named, "width_m": 24.0}, geometry=lines, crs=CRS)
    streets.to_parquet(folder / f"streets_{rows}.parquet", index=False)
    more = {name: str(folder / f"{name}_{rows}.parquet") for name in ("blocks", "streets")}
    return Layers(**{name: str(path) for name, path in paths.items()}, **more)


def _block_of(rows: int) -> np.ndarray:
    """The block of each parcel, by its cell of the grid."""
    wide = int(np.ceil(np.sqrt(rows)))
    tall = int(np.ceil(rows / wide))
    across, up = np.divmod(np.arange(rows), tall)
    blocks_up = int(np.ceil(tall / BLOCK_CELLS))
    return np.unique((across // BLOCK_CELLS) * blocks_up + up // BLOCK_CELLS, return_inverse=True)[1]


def _events(folder: Path, rows: int) -> Path:
    """Steps of the ways of renovation that demolish, spread over eight years; what is ahead of today is planned."""
    random = np.random.default_rng(rows)
    steps = load_rules(DEFAULTS["rules"]).modes["GOV_ACQ"].path
    keys = pd.read_parquet(folder / f"parcels_{rows}.parquet", columns=["parcel_id"])["parcel_id"].sort_values()
    chosen = keys.to_numpy(object)[random.random(rows) < RENOVATED]
    gaps = np.cumsum(random.integers(20, 150, (len(chosen), len(steps))), axis=1)
    days = FIRST_DAY + (random.integers(0, LAST_START, len(chosen))[:, None] + gaps).astype("timedelta64[D]")
    late = days + random.integers(-40, 40, (len(chosen), 1)).astype("timedelta64[D]")
    frame = pd.DataFrame({"parcel_id": np.repeat(chosen, len(steps)), "milestone": np.tile(steps, len(chosen))})
    actual = frame.assign(occurred_on=days.reshape(-1).astype(str), kind="actual")
    planned = frame.assign(occurred_on=late.reshape(-1).astype(str), kind="planned")
    path = folder / f"app_events_{rows}.csv"
    pd.concat([planned, actual[days.reshape(-1) <= TODAY]]).to_csv(path, index=False)
    return path
