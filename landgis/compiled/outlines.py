"""WKB → flat arrays: points, box, area and perimeter of polygons that are plainly valid.

Everything else is HANDED on to shapely: rings that cross or touch, slivers, more than 512 points, coordinates out of
range, other byte orders. What is FAST is valid by construction. A third dimension is dropped.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import shapely

from landgis.compiled.cells import binary_of, cell_bytes
from landgis.compiled.library import address, in_threads, library

FAST, HANDED, ABSENT = 0, 1, 2
MOST_POINTS = 512  # kept of one outline; as in plane.h
HOLE = 1  # of what stands between two rings: 1 a hole follows, 2 a shell


class _Outlines(ctypes.Structure):
    _fields_ = [
        ("xy", ctypes.POINTER(ctypes.c_void_p)),
        *((name, ctypes.c_void_p) for name in ("run", "begin", "points", "state", "box", "area", "perimeter")),
    ]


@dataclass(frozen=True)
class Outlines:
    """One row per geometry: `points[i]` points from `xy[run[i]][begin[i]]` on are its rings without the closing points.

    Between two rings stands a point whose x is NaN. `box` is min x, min y, max x, max y (no rows where only a tree has
    them); `area_m2` is above 0 where the first ring runs anticlockwise; NaN where handed on.
    """

    xy: tuple[np.ndarray, ...]
    run: np.ndarray
    begin: np.ndarray
    points: np.ndarray
    state: np.ndarray
    box: np.ndarray
    area_m2: np.ndarray
    perimeter_m: np.ndarray

    def __len__(self) -> int:
        return len(self.state)

    @property
    def pointers(self) -> _Outlines:
        """For the kernels; valid as long as this object."""
        columns = (self.run, self.begin, self.points, self.state, self.box, self.area_m2, self.perimeter_m)
        runs = (ctypes.c_void_p * len(self.xy))(*map(address, self.xy))
        return _Outlines(runs, *map(address, columns))

    def points_of(self, row: int) -> np.ndarray:
        """The points of one outline, float64[k, 2], not copied."""
        begin = int(self.begin[row])
        found: np.ndarray = self.xy[self.run[row]][begin : begin + int(self.points[row])]
        return found


@dataclass(frozen=True)
class Cells:
    """An Arrow binary array as its bytes lie in memory; which cells look like polygons, by their heads."""

    wkb: pa.Array
    offset: np.ndarray
    state: np.ndarray
    deep: np.ndarray  # bool: it has a third dimension
    points: np.ndarray
    first: np.ndarray  # x, y of the first point; NaN where handed on


def cells_of(wkb: pa.Array) -> Cells:
    """Look at the heads of all WKB of an Arrow array, without a copy of it."""
    rows = len(wkb)
    data, offset, known = cell_bytes(wkb)
    state, deep, points, first = (
        np.empty(rows, np.uint8),
        np.empty(rows, bool),
        np.empty(rows, np.uint16),
        np.empty((rows, 2)),
    )
    found = (address(column) for column in (state, deep, points, first))
    library().wkb_sizes(data, address(offset), address(known), rows, *found)
    return Cells(wkb, offset, state, deep, points, first)


def outlines_of_wkb(
    wkb: pa.Array | Cells,
    order: np.ndarray | None = None,
    *,
    min_width_m: float = 0.01,
    room: Callable[[int], np.ndarray] | None = None,
) -> Outlines:
    """The outlines of an Arrow binary array, in `order` if it is given (positions).

    2 · area ÷ perimeter below `min_width_m` is a sliver and handed on. `room` gives an array for so many points.
    """
    cells = wkb if isinstance(wkb, Cells) else cells_of(wkb)
    data = cell_bytes(cells.wkb)[0]
    order = np.arange(len(cells.wkb)) if order is None else order
    rows, state, points = len(order), cells.state[order], cells.points[order]
    begin, count = _begins(points), int(points.sum())
    xy = np.empty((count, 2)) if room is None else room(count)
    box, area, perimeter = np.empty((rows, 4)), np.empty(rows), np.empty(rows, np.float32)
    found = tuple(address(column) for column in (state, xy, box, area, perimeter))

    def measure(first: int, last: int) -> None:
        where = (address(cells.offset), address(order), first, last, address(begin))
        library().outlines(data, *where, min_width_m, *found)

    in_threads(measure, rows)
    return Outlines((xy,), np.zeros(rows, np.uint16), begin, points, state, box, area, perimeter)


def _begins(points: np.ndarray) -> np.ndarray:
    """Where each row begins, if they lie one behind the other; positions of up to 2^32 points."""
    end: np.ndarray = np.cumsum(points, dtype=np.int64)
    if len(end) and end[-1] > np.iinfo(np.uint32).max:
        raise OverflowError(f"{end[-1]} points at a time")
    begin: np.ndarray = (end - points).astype(np.uint32)
    return begin


def outlines_of_shapes(shapes: np.ndarray) -> Outlines:
    """The outlines of shapely geometries; what is handed on has its box all the same, so that it is found."""
    found = outlines_of_wkb(binary_of(shapely.to_wkb(shapes)), min_width_m=0.0)
    handed = found.state == HANDED
    found.box[handed] = shapely.bounds(shapes[handed])
    return found


def shapes_of(outlines: Outlines, rows: np.ndarray) -> np.ndarray:
    """Shapely polygons of some rows; None of those that were handed on or are absent."""
    shapes = np.full(len(rows), None, dtype=object)
    for at in np.flatnonzero(outlines.state[rows] == FAST):
        shapes[at] = _shape(outlines.points_of(rows[at]))
    return shapes


def _shape(points: np.ndarray) -> shapely.Geometry:
    between = np.flatnonzero(np.isnan(points[:, 0]))
    if not len(between):
        return shapely.Polygon(points)
    rings = np.split(points, between)
    parts = [[rings[0]]]
    for ring in rings[1:]:
        if abs(ring[0, 1]) != HOLE:
            parts.append([])
        parts[-1].append(ring[1:])
    polygons = [shapely.Polygon(shell, holes) for shell, *holes in parts]
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)


def spatial_keys(xy: np.ndarray) -> np.ndarray:
    """Where points lie on a Hilbert curve over the whole plane, as uint64; those that are not known come last.

    Neighbours on the curve are neighbours in space; half a metre each way is a cell.
    """
    key = np.empty(len(xy), np.uint64)
    xy = np.ascontiguousarray(xy)
    library().hilbert_keys(address(xy), len(xy), address(key))
    return key
