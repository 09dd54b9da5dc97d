"""A made county of any size, the same for the same size: parcels that share their edges, buildings, firms, occupancies.

About 8.3 vertices a parcel, 1.5 % invalid, 1 % multipart, rows shuffled; 1.5 buildings each of which 7.6 % straddle a
boundary; 3 occupancies and 1.2 enterprises a parcel, both skewed.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

CELL_M = 80.0
ORIGIN_M = (480_000.0, 3_150_000.0)  # inside EPSG:4549
CRS = "EPSG:4549"
TABLES = ("parcels", "buildings", "enterprises", "occupancies")


def make(folder: Path, rows: int) -> dict[str, Path]:
    """Write the four tables as Parquet, unless they are there; returns their paths."""
    paths = {name: folder / f"{name}_{rows}.parquet" for name in TABLES}
    if not all(path.exists() for path in paths.values()):
        folder.mkdir(parents=True, exist_ok=True)
        random = np.random.default_rng(rows)
        shapes = _parcels(rows, random)
        ids = np.array([f"330784001001GB{n:05d}" if rows < 100_000 else f"P{n:08d}" for n in range(rows)])
        area = shapely.area(shapes) * random.uniform(0.995, 1.005, rows)
        shuffle = random.permutation(rows)
        parcels = pd.DataFrame({"parcel_id": ids, "registered_area_m2": area.round(2)})
        _write(parcels, _spoil(shapes, random), paths["parcels"], shuffle)
        _buildings(shapes, paths["buildings"], random)
        _firms(ids, paths, random)
    return paths


def _parcels(rows: int, random: np.random.Generator) -> np.ndarray:
    """Cells of a grid with moved corners and bent edges; neighbours share every vertex."""
    wide = int(np.ceil(np.sqrt(rows)))
    tall = int(np.ceil(rows / wide))
    grid = np.stack(np.meshgrid(np.arange(wide + 1), np.arange(tall + 1), indexing="ij"), axis=-1) * CELL_M
    corner = grid + random.uniform(-12, 12, grid.shape) + ORIGIN_M
    south = (corner[:-1] + corner[1:]) / 2 + random.uniform(-4, 4, corner[:-1].shape)
    west = (corner[:, :-1] + corner[:, 1:]) / 2 + random.uniform(-4, 4, corner[:, :-1].shape)
    ring = np.stack([corner[:-1, :-1], south[:, :-1], corner[1:, :-1], west[1:], corner[1:, 1:], south[:, 1:],
                     corner[:-1, 1:], west[:-1], corner[:-1, :-1]], axis=2)  # fmt: skip
    return shapely.polygons(ring.reshape(-1, 9, 2)[:rows])


def _spoil(shapes: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """1.5 % get a spike that crosses itself, 1 % a second part."""
    shapes, count = shapes.copy(), len(shapes)
    bad = random.choice(count, int(0.015 * count), replace=False)
    coordinates = shapely.get_coordinates(shapes[bad]).reshape(-1, 9, 2)
    spike = coordinates[:, [2]] + np.array([[3.0, 1.0]])
    shapes[bad] = shapely.polygons(np.concatenate([coordinates[:, :3], spike, coordinates[:, 2:]], axis=1))
    many = random.choice(count, int(0.01 * count), replace=False)
    extra = shapely.box(*(shapely.bounds(shapes[many])[:, [0, 1, 0, 1]] + np.array([40, 40, 42, 42])).T)
    hole = shapely.difference(shapes[many], shapely.buffer(extra, 1))
    shapes[many] = shapely.union(hole, extra)
    return shapes


def _buildings(shapes: np.ndarray, path: Path, random: np.random.Generator) -> None:
    count = int(1.5 * len(shapes))
    host = random.integers(0, len(shapes), count)
    centre = shapely.get_coordinates(shapely.centroid(shapes))[host] + random.uniform(-14, 14, (count, 2))
    away = random.random(count) < 0.076
    centre[away] += np.where(random.random((away.sum(), 1)) < 0.5, 40.0, -40.0) * np.array([1.0, 0.0])
    half = random.uniform(2.5, 9, (count, 2))
    boxes = shapely.box(*(centre - half).T, *(centre + half).T)
    storeys = random.integers(1, 7, count)
    first = random.choice(["4.2", "6.0", "8.0", "8.1", "9.0"], count)
    heights = pd.Series(first) + pd.Series(storeys - 1).map({n: ";3.9" * n for n in range(7)})
    heights[random.random(count) < 0.2] = None
    legality = random.choice(["legal", "unlicensed", "unknown"], count, p=[0.9, 0.06, 0.04])
    ids = np.char.add("B", np.arange(count).astype(str))
    frame = pd.DataFrame({"building_id": ids, "storeys": storeys, "storey_heights_m": heights, "legality": legality})
    _write(frame, boxes, path, random.permutation(count))


def _firms(ids: np.ndarray, paths: dict[str, Path], random: np.random.Generator) -> None:
    firms, rows = int(1.2 * len(ids)), 3 * len(ids)
    keys = np.char.add("E", np.char.zfill(np.arange(firms).astype(str), 8))
    output = random.lognormal(6, 1.5, firms).round(2)
    tax = (output * random.uniform(0.01, 0.08, firms)).round(2)
    tax[random.random(firms) < 0.01] = np.nan
    pd.DataFrame({"enterprise_id": keys, "year": 2023, "above_scale": output > 2000, "output_wan": output,
                  "revenue_wan": (output * 0.97).round(2), "value_added_wan": (output * 0.22).round(2),
                  "tax_wan": tax}).to_parquet(paths["enterprises"], index=False)  # fmt: skip
    firm = np.concatenate([np.arange(firms), (random.pareto(1.2, rows - firms) * firms / 50).astype(int) % firms])
    parcel = np.concatenate([random.integers(0, len(ids), firms), (random.pareto(1.0, rows - firms) * len(ids) / 20)
                             .astype(int) % len(ids)])  # fmt: skip
    pd.DataFrame({"enterprise_id": keys[firm], "parcel_id": ids[parcel],
                  "floor_area_m2": random.lognormal(5.5, 1, rows).round(1),
                  "relation": random.choice(["owner", "tenant", "subtenant"], rows, p=[0.35, 0.55, 0.1])},
                 ).to_parquet(paths["occupancies"], index=False)  # fmt: skip


def _write(frame: pd.DataFrame, shapes: np.ndarray, path: Path, order: np.ndarray) -> None:
    layer = gpd.GeoDataFrame(frame.iloc[order].reset_index(drop=True), geometry=shapes[order], crs=CRS)
    layer.to_parquet(path, index=False)
