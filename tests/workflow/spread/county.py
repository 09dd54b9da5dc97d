"""A small county with everything that may go wrong at the border of a partition, as Parquet files of small row groups."""

from __future__ import annotations

import datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from landgis import rules
from landgis.workflow.inputs import Inputs

WIDE, TALL, SIDE = 24, 20, 50.0
ORIGIN = (480_000.0, 3_150_000.0)
GROUP = 64


def means_within_blocks() -> str:
    """A rule file whose unknown parts count as the mean of all parcels, and which grades within blocks."""
    text = Path(rules.__file__).with_name("yongkang-draft.toml").read_text("utf-8")
    return text.replace('missing = "exclude_and_reweight"', 'missing = "mean_score"').replace(
        'within = "zone"', 'within = "block"'
    )


def county(folder: Path, seed: int = 3, group: int = GROUP) -> Inputs:
    """The four files; the same for the same seed. `group` is the number of rows of a row group."""
    random = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    parcels = _parcels(random)
    _layer(parcels, folder / "parcels.parquet", group)
    _layer(_buildings(parcels, random), folder / "buildings.parquet", group)
    firms = _firms(random)
    _table(firms, folder / "enterprises.parquet", group)
    _table(_occupancies(parcels, firms, random), folder / "occupancies.parquet", group)
    return Inputs(
        **{name: str(folder / f"{name}.parquet") for name in ("parcels", "buildings", "enterprises", "occupancies")}
    )


def _boxes(column: np.ndarray, row: np.ndarray) -> np.ndarray:
    x, y = ORIGIN[0] + SIDE * column, ORIGIN[1] + SIDE * row
    return np.asarray(shapely.box(x, y, x + SIDE, y + SIDE))


def _parcels(random: np.random.Generator) -> gpd.GeoDataFrame:
    """A grid with holes; some overlap, one spans many, one is far away, some are invalid, in parts or missing."""
    row, column = (side.ravel() for side in np.mgrid[:TALL, :WIDE])
    there = random.random(len(row)) > 0.1
    row, column = row[there], column[there]
    shapes = _boxes(column, row)
    moved = random.random(len(shapes)) < 0.08
    shapes[moved] = shapely.transform(shapes[moved], lambda points: np.add(points, (7.0, 4.0)))
    shapes[3] = shapely.Polygon([*_boxes(column, row)[3].exterior.coords[:3], (ORIGIN[0] + 3, ORIGIN[1] - 9)])
    shapes[5] = shapely.box(ORIGIN[0] + 210, ORIGIN[1] + 160, ORIGIN[0] + 730, ORIGIN[1] + 480)
    shapes[8] = shapely.box(ORIGIN[0] + 40_000, ORIGIN[1] + 30_000, ORIGIN[0] + 40_100, ORIGIN[1] + 30_050)
    x, y = ORIGIN[0] + SIDE * column[11], ORIGIN[1] + SIDE * row[11]
    shapes[11] = shapely.Polygon([(x, y), (x + 40, y + 40), (x + 40, y), (x, y + 40)])  # a bow tie
    shapes[13] = shapely.MultiPolygon(
        [shapely.box(x, y + 100, x + 20, y + 120), shapely.box(x + 25, y + 100, x + 45, y + 120)]
    )
    shapes[[17, 18]] = None
    size = len(shapes)
    frame = gpd.GeoDataFrame(
        {
            "parcel_id": [f"宗地{number:04d}" for number in range(size)],
            "block_id": pd.Series([f"B{c // 6}-{r // 7}" for c, r in zip(column, row, strict=True)], dtype="str").mask(
                random.random(size) < 0.05
            ),
            "registered_area_m2": pd.Series(random.uniform(1500, 3500, size)).mask(random.random(size) < 0.3),
            "industry_code": pd.Series(random.choice(["C33", "C34", "C38"], size), dtype="str").mask(random.random(size) < 0.6),
            "memo": pd.Series(random.choice(["甲", "乙", "-"], size), dtype="str").mask(random.random(size) < 0.4),
            "plots": random.integers(0, 5, size),
        },
        geometry=shapes, crs="EPSG:4549",
    )  # fmt: skip
    return frame.iloc[random.permutation(size)].reset_index(drop=True)


def _buildings(parcels: gpd.GeoDataFrame, random: np.random.Generator) -> gpd.GeoDataFrame:
    """Rectangles anywhere: within a parcel, over two or four, in holes, outside; some name a parcel, known or not."""
    size = 700
    x = ORIGIN[0] + random.uniform(-60, WIDE * SIDE + 40, size)
    y = ORIGIN[1] + random.uniform(-60, TALL * SIDE + 40, size)
    shapes = np.asarray(shapely.box(x, y, x + random.uniform(5, 45, size), y + random.uniform(5, 60, size)))
    shapes[4] = shapely.box(ORIGIN[0] - 5, ORIGIN[1] - 5, ORIGIN[0] + 900, ORIGIN[1] + 700)  # over hundreds
    shapes[[6, 7]] = None
    shapes[9] = shapely.Polygon([(x[9], y[9]), (x[9] + 9, y[9] + 9), (x[9] + 9, y[9]), (x[9], y[9] + 9)])
    named = pd.Series([None] * size, dtype="str")
    some = random.permutation(size)[:90]
    named[some] = random.choice(parcels["parcel_id"], 90)
    named[[6, *some[:3]]] = ["宗地0001", "nowhere", "别处", "宗地9999"]
    storeys = random.integers(1, 8, size)
    return gpd.GeoDataFrame(
        {
            "building_id": [f"B{number:05d}" for number in range(size)],
            "parcel_id": named,
            "storeys": pd.Series(storeys, dtype=float).mask(random.random(size) < 0.05),
            "height_m": pd.Series(storeys * random.choice([3.5, 4.5, 9.0], size)).mask(random.random(size) < 0.2),
            "floor_area_m2": pd.Series(random.uniform(100, 5000, size)).mask(random.random(size) < 0.8),
            "legality": pd.Series(random.choice(["legal", "unlicensed", "unknown"], size), dtype="str"),
        },
        geometry=shapes, crs="EPSG:4549",
    )  # fmt: skip


def _firms(random: np.random.Generator) -> pd.DataFrame:
    size = 300
    year = pd.Series(random.choice([2023.0, 2024.0], size, p=[0.2, 0.8])).mask(random.random(size) < 0.02)
    figures = {
        name: pd.Series(random.lognormal(5, 1.5, size).round(2)).mask(random.random(size) < 0.1)
        for name in ("output_wan", "revenue_wan", "value_added_wan", "tax_wan", "employees")
    }
    return pd.DataFrame({
        "enterprise_id": [f"F{number:04d}" for number in range(size)], "year": year,
        "above_scale": random.random(size) < 0.5,
        "industry_code": pd.Series(random.choice(["C33", "C35"], size), dtype="str").mask(random.random(size) < 0.2),
        **figures,
    })  # fmt: skip


def _occupancies(parcels: gpd.GeoDataFrame, firms: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    """Firms on many parcels far apart, the same firm twice on one, firms and parcels that nobody knows, past ones."""
    size = 1500
    firm = random.choice(firms["enterprise_id"].iloc[:250], size).astype(object)
    firm[random.random(size) < 0.05] = "F-unlisted"
    parcel = random.choice(parcels["parcel_id"], size).astype(object)
    parcel[[2, 77]] = "宗地-unknown"
    start = pd.Series([datetime.date(2020, 1, 1)] * size, dtype=object)
    start[random.random(size) < 0.05] = datetime.date(2025, 5, 5)
    return pd.DataFrame({
        "enterprise_id": firm, "parcel_id": parcel, "start_date": start,
        "floor_area_m2": pd.Series(random.uniform(20, 4000, size)).mask(random.random(size) < 0.1),
        "relation": pd.Series(random.choice(["owner", "tenant", "subtenant"], size), dtype="str").mask(random.random(size) < 0.1),
    })  # fmt: skip


def _layer(frame: gpd.GeoDataFrame, path: Path, group: int) -> None:
    frame.to_parquet(path, index=False, row_group_size=group)


def _table(frame: pd.DataFrame, path: Path, group: int) -> None:
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), path, row_group_size=group)
