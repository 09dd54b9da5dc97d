"""Outlines as bytes: whether the plain reader takes each without a fault, by its bytes where that is simple.

A polygon of one ring, little-endian, x and y alone, is looked at here; everything else is shown to GEOS.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landgis.io.found import MOST_NAMED
from landgis.io.stream_remarks import RowTally, Unusual

_HEAD_TYPE = np.dtype([("start", "<u8"), ("zero", "u1"), ("points", "<u4")])  # unaligned
_START = int.from_bytes(b"\x01\x03\0\0\0\x01\0\0", "little")  # little-endian, polygon, one ring; a byte more is 0
_HEAD = _HEAD_TYPE.itemsize
_LONGEST = 2**31 - 1  # without an end binary_slice of pyarrow 26.0 fails
_SMALLEST = _HEAD + 4 * 16  # a ring of four points


@dataclass
class OutlineTally:
    """What was seen of the outlines of a layer so far: rows without one, and how many had heights or measures."""

    missing: RowTally = field(default_factory=lambda: RowTally(MOST_NAMED))
    with_heights: int = 0

    def add(self, wkb: pa.Array, first: int) -> None:
        """Look at a batch (binary or large_binary) that begins at position `first`; raises Unusual."""
        if wkb.null_count:
            self.missing.add(np.flatnonzero(wkb.is_null().to_numpy(zero_copy_only=False)), first)
        rest = np.flatnonzero(~are_single_rings(wkb))
        if len(rest):
            self.with_heights += _looked_at(wkb.take(pa.array(rest)))


def are_single_rings(wkb: pa.Array) -> np.ndarray:
    """bool a row: whether it is a polygon of one closed ring of finite points, with no other byte."""
    content, starts = bytes_and_starts(wkb)
    lengths = np.diff(starts)
    found = (lengths >= _SMALLEST) & ((lengths - _HEAD) % 16 == 0)
    at, counts = starts[:-1][found], (lengths[found] - _HEAD) // 8
    head = np.ndarray(max(len(content) - _SMALLEST + 1, 0), _HEAD_TYPE, content, strides=(1,))[at]
    found[found] = (head["start"] == _START) & (head["zero"] == 0) & (head["points"] == counts // 2)
    found[found] = _are_good_rings(wkb if found.all() else wkb.filter(pa.array(found)))
    return found


def _are_good_rings(rings: pa.Array) -> np.ndarray:
    """bool a ring: whether its last point is the first again, to the bit, and every coordinate is finite."""
    content, starts = bytes_and_starts(
        pc.binary_slice(rings, _HEAD, _LONGEST)
    )  # side by side, so that they are aligned
    numbers, at = content[starts[0] : starts[-1]].view("<f8"), (starts - starts[0]) // 8
    bits, first, last = numbers.view("<u8"), at[:-1], at[1:] - 2
    good = (bits[first] == bits[last]) & (bits[first + 1] == bits[last + 1])
    finite = np.isfinite(numbers)
    if not finite.all():
        good[np.searchsorted(at, np.flatnonzero(~finite), side="right") - 1] = False
    return good


def bytes_and_starts(wkb: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """The bytes of an Arrow array of binary, and where each value begins and the last one ends."""
    wide = pa.types.is_large_binary(wkb.type)
    _, offsets, content = wkb.buffers()
    starts = np.frombuffer(offsets, np.int64 if wide else np.int32)[wkb.offset : wkb.offset + len(wkb) + 1]
    return np.frombuffer(content or b"", np.uint8), starts.astype(np.int64)


def _looked_at(wkb: pa.Array) -> int:
    """How many of these have heights or measures, as GEOS reads them; raises Unusual where it is not pleased."""
    import shapely

    try:
        with np.errstate(invalid="ignore"):
            shapes = shapely.from_wkb(wkb.to_numpy(zero_copy_only=False))
    except (shapely.errors.ShapelyError, NotImplementedError) as error:
        raise Unusual("an outline that GEOS cannot read") from error
    if not np.isfinite(shapely.get_coordinates(shapes)).all():
        raise Unusual("a coordinate that is not finite")
    return int((shapely.has_z(shapes) | shapely.has_m(shapes)).sum())
