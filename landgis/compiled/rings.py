"""WKB → flat arrays of rings: outline, box, area and perimeter of what is plainly a simple polygon of one ring.

Everything else is HANDED on to shapely: several parts, holes, Z, other byte orders, rings that cross or touch
themselves, slivers, more than 512 points, coordinates out of range. What is FAST is valid by construction.
"""

from __future__ import annotations

import ctypes
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import shapely

from landgis.compiled.library import kernels

FAST, HANDED, ABSENT = 0, 1, 2
CHUNK = 65_536  # rows a call
THREADS = 2
MOST_POINTS = 513  # with the closing one; as in kernels.c


class _Rings(ctypes.Structure):
    _fields_ = [(name, ctypes.c_void_p) for name in ("xy", "start", "state", "box", "area", "perimeter")]


@dataclass(frozen=True)
class Rings:
    """One row per geometry: `xy[start[i]:start[i + 1]]` is its ring without the closing point.

    `box` is min x, min y, max x, max y; `area_m2` is above 0 where the ring runs anticlockwise; NaN where handed on.
    """

    xy: np.ndarray
    start: np.ndarray
    state: np.ndarray
    box: np.ndarray
    area_m2: np.ndarray
    perimeter_m: np.ndarray

    def __len__(self) -> int:
        return len(self.state)

    @property
    def pointers(self) -> _Rings:
        """For the kernels; valid as long as this object."""
        columns = (self.xy, self.start, self.state, self.box, self.area_m2, self.perimeter_m)
        return _Rings(*(column.ctypes.data for column in columns))


@dataclass(frozen=True)
class Cells:
    """An Arrow binary array as its bytes lie in memory; which cells look like polygons of one ring, by their heads."""

    wkb: pa.Array
    offset: np.ndarray
    state: np.ndarray
    points: np.ndarray
    first: np.ndarray  # x, y of the first point; NaN where handed on


def cells_of(wkb: pa.Array) -> Cells:
    """Look at the heads of all WKB of an Arrow array, without a copy of it."""
    library, rows = kernels(), len(wkb)
    assert library is not None
    data, offset = _bytes_of(wkb)
    valid = wkb.is_valid().to_numpy(zero_copy_only=False).astype(np.uint8) if wkb.null_count else None
    state, points, first = np.empty(rows, np.uint8), np.empty(rows, np.int64), np.empty((rows, 2))
    known = None if valid is None else valid.ctypes.data
    library.wkb_sizes(data, offset.ctypes.data, known, rows, state.ctypes.data, points.ctypes.data, first.ctypes.data)
    return Cells(wkb, offset, state, points, first)


def rings_of_wkb(wkb: pa.Array | Cells, order: np.ndarray | None = None, *, min_width_m: float = 0.01) -> Rings:
    """The rings of an Arrow binary array, in `order` if it is given (positions).

    2 · area ÷ perimeter below `min_width_m` is a sliver and handed on.
    """
    cells = wkb if isinstance(wkb, Cells) else cells_of(wkb)
    data = _bytes_of(cells.wkb)[0]
    return _measured(data, cells.offset, 13, cells.state, cells.points, order, min_width_m)


def rings_of_shapes(shapes: np.ndarray) -> Rings:
    """The rings of shapely geometries; what is handed on has its box all the same, so that it is found."""
    points = shapely.get_num_coordinates(shapes)
    one_ring = (shapely.get_type_id(shapes) == 3) & (shapely.get_num_interior_rings(shapes) == 0)
    fast = one_ring & ~shapely.has_z(shapes) & (points >= 4) & (points <= MOST_POINTS)
    state = np.where(fast, FAST, np.where(points == 0, ABSENT, HANDED)).astype(np.uint8)
    xy = np.ascontiguousarray(shapely.get_coordinates(shapes))
    offset = (np.cumsum(points) - points) * 16
    found = _measured(xy.ctypes.data, offset, 0, state, np.where(fast, points - 1, 0), None, 0.0)
    handed = found.state == HANDED
    found.box[handed] = shapely.bounds(shapes[handed])
    return found


def _measured(
    data: int,
    offset: np.ndarray,
    skip: int,
    state: np.ndarray,
    points: np.ndarray,
    order: np.ndarray | None,
    min_width_m: float,
) -> Rings:
    """The rings whose points stand `skip` bytes behind each offset, in `order`."""
    library = kernels()
    assert library is not None
    state, points = (state.copy(), points) if order is None else (state[order], points[order])
    rows = len(state)
    start = np.zeros(rows + 1, np.int64)
    np.cumsum(points, out=start[1:])
    xy, box, area, perimeter = np.empty((start[-1], 2)), np.empty((rows, 4)), np.empty(rows), np.empty(rows)
    way = None if order is None else order.ctypes.data

    def measure(first: int) -> None:
        library.rings(
            data, offset.ctypes.data, skip, way, first, min(first + CHUNK, rows), start.ctypes.data, min_width_m,
            state.ctypes.data, xy.ctypes.data, box.ctypes.data, area.ctypes.data, perimeter.ctypes.data,
        )  # fmt: skip

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(measure, range(0, rows, CHUNK)))
    return Rings(xy, start, state, box, area, perimeter)


def _bytes_of(wkb: pa.Array) -> tuple[int, np.ndarray]:
    """Address of the bytes and where each cell starts, as 64-bit numbers."""
    wide = np.int64 if pa.types.is_large_binary(wkb.type) else np.int32
    _, offsets, data = wkb.buffers()
    offset = np.frombuffer(offsets, wide)[wkb.offset : wkb.offset + len(wkb) + 1] if offsets else np.zeros(1, wide)
    return (data.address if data is not None else 0), offset.astype(np.int64)


def hilbert_order(box: np.ndarray) -> np.ndarray:
    """Positions along a Hilbert curve through the middles of boxes: neighbours in space become neighbours in memory."""
    library, rows = kernels(), len(box)
    assert library is not None
    box = np.ascontiguousarray(box)
    known = box[np.isfinite(box).all(axis=1)]
    low, high = (known[:, :2].min(axis=0), known[:, 2:].max(axis=0)) if len(known) else (np.zeros(2), np.ones(2))
    whole, key = np.concatenate([low, high]), np.empty(rows, np.uint32)
    order, spare = np.empty(rows, np.int64), np.empty(rows, np.int64)
    library.hilbert_keys(box.ctypes.data, rows, whole.ctypes.data, key.ctypes.data)
    library.order_by_key(key.ctypes.data, rows, order.ctypes.data, spare.ctypes.data)
    return order
