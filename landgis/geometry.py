"""Polygons made measurable: invalid ones mended, those that cannot be measured named, overlaps found.

Arrays of shapely geometries in a projected CRS in metres; nothing here knows files or columns.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import shapely

MIN_WIDTH_M = 0.01  # 2·area/perimeter below this is a sliver: thinner than any boundary is surveyed
OVERLAP_M2 = 1.0  # parcels that overlap by more are reported
CHUNK = 20_000

OK, MENDED, MISSING, EMPTY, NOT_POLYGON, SLIVER = "ok", "mended", "missing", "empty", "not_polygon", "sliver"
MEASURABLE = (OK, MENDED)


@dataclass(frozen=True)
class Mended:
    """Geometries of the same length; `state` says what was found, areas are in m² (NaN where unmeasurable)."""

    geometry: np.ndarray
    state: np.ndarray
    area_m2: np.ndarray
    area_before_m2: np.ndarray

    @property
    def measurable(self) -> np.ndarray:
        """True where the geometry is a polygon with an area."""
        return np.isin(self.state, MEASURABLE)


def mend(geometry: np.ndarray) -> Mended:
    """Make each polygon valid (GEOS make_valid, structure method, polygons kept).

    Geometries that are missing, empty, no polygon, or thinner than a centimetre come back as None with their state.
    """
    geometry = shapely.force_2d(np.asarray(geometry, dtype=object))
    before = shapely.area(geometry)
    state = np.full(len(geometry), OK, dtype=object)
    missing, kind = shapely.is_missing(geometry), shapely.get_type_id(geometry)
    polygonal = np.isin(kind, (3, 6))
    invalid = polygonal & ~_in_threads(shapely.is_valid, geometry)
    if invalid.any():
        geometry = geometry.copy()
        geometry[invalid] = shapely.make_valid(geometry[invalid], method="structure", keep_collapsed=False)
        state[invalid] = MENDED
    area = shapely.area(geometry)
    thin = polygonal & (2 * area < MIN_WIDTH_M * shapely.length(geometry))
    state[thin | (polygonal & ~(area > 0))] = SLIVER
    state[shapely.is_empty(geometry) & ~invalid] = EMPTY
    state[~polygonal & ~missing] = NOT_POLYGON
    state[missing] = MISSING
    measurable = np.isin(state, MEASURABLE)
    kept = np.where(measurable, geometry, None)
    return Mended(kept, state, np.where(measurable, area, np.nan), before)


def spatial_order(geometry: np.ndarray) -> np.ndarray:
    """Positions that visit the geometries along a Z-order curve: neighbours in space become neighbours in memory."""
    bounds = shapely.bounds(geometry)
    centre = np.column_stack([bounds[:, 0] + bounds[:, 2], bounds[:, 1] + bounds[:, 3]]) / 2
    low, high = np.nanmin(centre, axis=0), np.nanmax(centre, axis=0)
    cell = np.nan_to_num((centre - low) / np.maximum(high - low, 1e-9) * 65_535).astype(np.uint64)
    return np.argsort(_spread_bits(cell[:, 0]) | (_spread_bits(cell[:, 1]) << np.uint64(1)), kind="stable")


def _spread_bits(value: np.ndarray) -> np.ndarray:
    for shift, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
        value = (value | (value << np.uint64(shift))) & np.uint64(mask)
    return value


def overlapping_pairs(geometry: np.ndarray, least_m2: float = OVERLAP_M2) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of positions whose polygons overlap by more than `least_m2`, and by how many m²."""
    order = spatial_order(geometry)
    ordered = geometry[order]
    left, right = shapely.STRtree(ordered).query(ordered)
    first = left < right
    left, right = left[first], right[first]
    bounds = shapely.bounds(ordered)
    width = np.minimum(bounds[left, 2], bounds[right, 2]) - np.maximum(bounds[left, 0], bounds[right, 0])
    height = np.minimum(bounds[left, 3], bounds[right, 3]) - np.maximum(bounds[left, 1], bounds[right, 1])
    near = width * height > least_m2
    left, right = left[near], right[near]
    shapely.prepare(ordered)
    share = ~_in_threads(shapely.touches, ordered[left], ordered[right])
    shapely.destroy_prepared(ordered)
    left, right = left[share], right[share]
    area = intersection_area_m2(ordered[left], ordered[right])
    found = area > least_m2
    pairs = np.sort(np.column_stack([order[left[found]], order[right[found]]]), axis=1)
    rank = np.lexsort((pairs[:, 1], pairs[:, 0]))
    return pairs[rank], area[found][rank]


def intersection_area_m2(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Area of each pair's intersection, in m²."""
    return _in_threads(lambda a, b: shapely.area(shapely.intersection(a, b)), left, right)


def contains_properly(outer: np.ndarray, inner: np.ndarray) -> np.ndarray:
    """Whether each outer polygon holds its inner one without touching it; quick where outers are prepared."""
    return _in_threads(shapely.contains_properly, outer, inner)


def _in_threads(function, *arrays: np.ndarray) -> np.ndarray:
    """The function over chunks of the arrays in threads; GEOS lets go of Python's lock."""
    size = len(arrays[0])
    if size <= CHUNK:
        return function(*arrays)
    starts = range(0, size, CHUNK)
    with ThreadPoolExecutor() as pool:
        parts = pool.map(lambda start: function(*(array[start : start + CHUNK] for array in arrays)), starts)
        return np.concatenate(list(parts))
