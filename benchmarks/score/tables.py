"""The made tables of one size as Parquet, written once: parcels, buildings, enterprises, occupancies."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.score import land
from benchmarks.score.files import Files
from benchmarks.score.shares import shares_of

CRS = "EPSG:4549"
SEED = 6
BLOCK_CELLS = 14  # a block has 196 parcels
ENTERPRISES, OCCUPANCIES = 1.2, 3.2  # a parcel
ROW_GROUP = 65_536
YEAR = 2024
NO_TAX, NO_HEIGHT = 0.01, 0.2  # shares of what nobody knows


def make(folder: Path, rows: int) -> Files:
    """The files of one size, made unless they are there; a run that was broken off leaves nothing behind."""
    files = Files(folder, rows)
    if not files.place.exists():
        making = Files(folder / f"making-{rows}", rows)
        shutil.rmtree(making.folder, ignore_errors=True)
        making.place.mkdir(parents=True)
        _write_all(making)
        (making.place / "shares.json").write_text(json.dumps(shares_of(making)))
        making.place.rename(files.place)
        making.folder.rmdir()
    return files


def shares(files: Files) -> dict[str, float]:
    """What the data are like, as counted when they were made."""
    return dict(json.loads((files.place / "shares.json").read_text()))


def _write_all(files: Files) -> None:
    random = np.random.default_rng([SEED, files.rows])
    grid = land.cells(files.rows, random)
    ids = np.char.add("330784001001GB", np.char.zfill(np.arange(files.rows).astype(str), 8))
    blocks = grid.column // BLOCK_CELLS * 10_000 + grid.row // BLOCK_CELLS
    parcels = pd.DataFrame({"parcel_id": ids, "block_id": np.char.add("B", blocks.astype(str))})
    shapes = land.spoil(land.parcels(grid, random), random)
    _write_layer(parcels, shapes, files.parcels, random)
    outlines = land.buildings(grid, random)
    _write_layer(_building_columns(len(outlines), random), outlines, files.buildings, random)
    enterprises = _enterprises(int(ENTERPRISES * files.rows), random)
    _write(pa.Table.from_pandas(enterprises, preserve_index=False), files.enterprises)
    occupancies = _occupancies(ids, enterprises["enterprise_id"].to_numpy(str), random)
    _write(pa.Table.from_pandas(occupancies, preserve_index=False), files.occupancies)


def _building_columns(count: int, random: np.random.Generator) -> pd.DataFrame:
    storeys = random.integers(1, 7, count)
    storey_m = random.choice([3.3, 3.9, 4.2, 6.0, 8.4, 9.0], count)
    height = pd.Series((storeys * storey_m).round(1)).mask(random.random(count) < NO_HEIGHT)
    legality = random.choice(["legal", "unlicensed", "unknown"], count, p=[0.9, 0.06, 0.04])
    ids = np.char.add("B", np.char.zfill(np.arange(count).astype(str), 8))
    return pd.DataFrame({"building_id": ids, "storeys": storeys, "height_m": height, "legality": legality})


def _enterprises(count: int, random: np.random.Generator) -> pd.DataFrame:
    output = random.lognormal(5.5, 1.5, count).round(2)
    tax = pd.Series((output * random.uniform(0.01, 0.08, count)).round(2)).mask(random.random(count) < NO_TAX)
    return pd.DataFrame({
        "enterprise_id": np.char.add("91330784", np.char.zfill(np.arange(count).astype(str), 10)), "year": YEAR,
        "above_scale": output > 2000, "output_wan": output, "revenue_wan": (output * 0.97).round(2),
        "value_added_wan": (output * 0.22).round(2), "tax_wan": tax,
    })  # fmt: skip


def _occupancies(parcels: np.ndarray, firms: np.ndarray, random: np.random.Generator) -> pd.DataFrame:
    """Every firm once, on any parcel; the other rows crowd on some firms and some parcels."""
    count = int(OCCUPANCIES * len(parcels))
    more = count - len(firms)
    crowded, chained = random.permutation(len(parcels)), random.permutation(len(firms))
    parcel = np.r_[random.integers(0, len(parcels), len(firms)), crowded[_skewed(more, len(parcels), random)]]
    firm = np.r_[np.arange(len(firms)), chained[_skewed(more, len(firms), random)]]
    order = random.permutation(count)
    return pd.DataFrame({
        "enterprise_id": firms[firm], "parcel_id": parcels[parcel],
        "floor_area_m2": random.lognormal(5.5, 1, count).round(1),
        "relation": random.choice(["owner", "tenant", "subtenant"], count, p=[0.35, 0.55, 0.1]),
    }).iloc[order].reset_index(drop=True)  # fmt: skip


def _skewed(count: int, size: int, random: np.random.Generator) -> np.ndarray:
    """Numbers below `size`, the low ones more often: a tenth of them has about two thirds of the draws."""
    return (random.pareto(1.0, count) * size / 20).astype(int) % size


def _write_layer(frame: pd.DataFrame, shapes: np.ndarray, path: Path, random: np.random.Generator) -> None:
    """GeoParquet as geopandas writes it, its rows in no order."""
    order = random.permutation(len(frame))
    layer = gpd.GeoDataFrame(frame.iloc[order].reset_index(drop=True), geometry=shapes[order], crs=CRS)
    layer.to_parquet(path, index=False, compression="snappy", row_group_size=ROW_GROUP)


def _write(table: pa.Table, path: Path) -> None:
    pq.write_table(table, path, compression="snappy", row_group_size=ROW_GROUP)
