"""WKB → flat arrays of rings: outline, box, area and perimeter of what is plainly a simple polygon of one ring.

Everything else is HANDED on to shapely: several parts, holes, Z, other byte orders, rings that cross or touch themselves,
slivers, more than 512 points, coordinates out of range. What is FAST is valid by construction.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from landgis.compiled.library import kernels

FAST, HANDED, ABSENT = 0, 1, 2


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


def rings_of_wkb(wkb: pa.Array, *, min_width_m: float = 0.01) -> Rings:
    """The rings of an Arrow binary array; 2 · area ÷ perimeter below `min_width_m` is a sliver and handed on."""
    library, rows = kernels(), len(wkb)
    assert library is not None
    data, offset = _bytes_of(wkb)
    valid = None if not wkb.null_count else np.ascontiguousarray(wkb.is_valid().to_numpy(zero_copy_only=False), np.uint8)
    state, points = np.empty(rows, np.uint8), np.empty(rows, np.int64)
    total = library.wkb_sizes(
        data, offset.ctypes.data, None if valid is None else valid.ctypes.data, rows, state.ctypes.data, points.ctypes.data
    )
    start = np.zeros(rows + 1, np.int64)
    np.cumsum(points, out=start[1:])
    xy, box = np.empty((total, 2)), np.empty((rows, 4))
    area, perimeter = np.empty(rows), np.empty(rows)
    library.wkb_rings(
        data, offset.ctypes.data, rows, start.ctypes.data, min_width_m, state.ctypes.data, xy.ctypes.data,
        box.ctypes.data, area.ctypes.data, perimeter.ctypes.data,
    )  # fmt: skip
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
