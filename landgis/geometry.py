"""Polygons made measurable: invalid ones mended, those that cannot be measured named, overlaps found.

Arrays of shapely geometries in a projected CRS in metres; nothing here knows files or columns.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import shapely

from landgis.compiled.ground import Ground
from landgis.compiled.library import kernels
from landgis.compiled.outlines import outlines_of_shapes
from landgis.compiled.pairs import tree_over

Result = TypeVar("Result")

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


def mend(geometry: np.ndarray, flat: np.ndarray | None = None) -> Mended:
    """Make each polygon valid (GEOS make_valid, structure method, polygons kept); `flat` are known to have no area.

    Geometries that are missing, empty, no polygon, or thinner than a centimetre come back as None with their state.
    """
    geometry = np.array(geometry, dtype=object)
    deep = shapely.has_z(geometry)
    geometry[deep] = shapely.force_2d(geometry[deep])
    before = shapely.area(geometry)
    state = np.full(len(geometry), OK, dtype=object)
    missing, kind = shapely.is_missing(geometry), shapely.get_type_id(geometry)
    polygonal = np.isin(kind, (3, 6))
    invalid = polygonal & ~np.concatenate(
        [np.empty(0, bool), *in_chunks(lambda chunk, _start: shapely.is_valid(chunk), geometry)]
    )
    if invalid.any():
        geometry[invalid] = made_valid(geometry[invalid])
        state[invalid] = MENDED
    area = shapely.area(geometry)
    thin = polygonal & (2 * area < MIN_WIDTH_M * shapely.length(geometry))
    state[thin | (polygonal & ~(area > 0))] = SLIVER
    state[shapely.is_empty(geometry) & ~invalid] = EMPTY
    state[~polygonal & ~missing] = NOT_POLYGON
    state[missing] = MISSING
    if flat is not None:
        state[flat] = SLIVER
    measurable = np.isin(state, MEASURABLE)
    geometry[~measurable] = None
    return Mended(geometry, state, np.where(measurable, area, np.nan), before)


def collapsed(geometry: np.ndarray) -> np.ndarray:
    """Polygons without any area in the CRS that they were drawn in: a change of CRS bends their edges apart."""
    geometry = np.asarray(geometry, dtype=object)
    outline = np.isin(shapely.get_type_id(geometry), (3, 6)) & ~shapely.is_empty(geometry)
    flat = np.asarray(outline & (shapely.area(geometry) == 0))
    flat[flat] = shapely.is_empty(made_valid(geometry[flat]))  # a bow tie has none either, until it is mended
    return flat


def made_valid(geometry: np.ndarray) -> np.ndarray:
    """Valid polygons from invalid ones, in any CRS: GEOS make_valid, structure method, lines and points dropped."""
    return np.asarray(shapely.make_valid(geometry, method="structure", keep_collapsed=False))


def spatial_order(geometry: np.ndarray) -> np.ndarray:
    """Positions that visit the geometries along a Z-order curve: neighbours in space become neighbours in memory."""
    if not len(geometry):
        return np.empty(0, dtype=int)
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
    pairs, area = (_by_kernel if kernels() else _by_tree)(geometry[order], least_m2)
    return in_input_order(order[pairs], area)


def in_input_order(pairs: np.ndarray, area: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of positions, the lower one first, sorted; and what belongs to them."""
    pairs = np.sort(pairs, axis=1)
    rank = np.lexsort((pairs[:, 1], pairs[:, 0]))
    return pairs[rank], area[rank]


def ground_of(ordered: np.ndarray) -> Ground:
    """Geometries in spatial order as the compiled kernels have them."""
    outlines = outlines_of_shapes(ordered)
    return Ground(outlines, tree_over(outlines), ordered.__getitem__)


def _by_kernel(ordered: np.ndarray, least_m2: float) -> tuple[np.ndarray, np.ndarray]:
    return ground_of(ordered).overlapping(least_m2)


def _by_tree(ordered: np.ndarray, least_m2: float) -> tuple[np.ndarray, np.ndarray]:
    tree, bounds = shapely.STRtree(ordered), shapely.bounds(ordered)
    parts = in_chunks(lambda chunk, start: _overlaps_of(chunk, start, ordered, bounds, tree, least_m2), ordered)
    pairs = np.concatenate([np.empty((0, 2), int), *(pairs for pairs, _ in parts)])
    return pairs, np.concatenate([np.empty(0), *(area for _, area in parts)])


def _overlaps_of(
    chunk: np.ndarray,
    start: int,
    ordered: np.ndarray,
    bounds: np.ndarray,
    tree: shapely.STRtree,
    least_m2: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Overlaps of one chunk with what stands behind it; neighbours that only touch are passed over quickly."""
    left, right = tree.query(chunk)
    behind = left + start < right
    left, right = left[behind], right[behind]
    low = np.maximum(bounds[left + start, :2], bounds[right, :2])
    high = np.minimum(bounds[left + start, 2:], bounds[right, 2:])
    near = np.prod(high - low, axis=1) > least_m2
    left, right = left[near], right[near]
    shapely.prepare(chunk)
    share = ~shapely.touches(chunk[left], ordered[right])
    shapely.destroy_prepared(chunk)
    left, right = left[share], right[share]
    area = shapely.area(shapely.intersection(chunk[left], ordered[right]))
    found = area > least_m2
    return np.column_stack([left + start, right])[found], area[found]


def in_chunks(function: Callable[[np.ndarray, int], Result], array: np.ndarray) -> list[Result]:
    """The function over chunks of an array (and where each starts), in threads: GEOS lets go of Python's lock."""
    with ThreadPoolExecutor() as pool:
        return list(pool.map(lambda start: function(array[start : start + CHUNK], start), range(0, len(array), CHUNK)))
