"""Outlines as WKB in Arrow arrays: what their bytes tell without making geometries of them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landgis.compiled.cells import cell_bytes
from landgis.compiled.library import address, kernels, library

TYPES = ("", "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection")
_HEAD_TYPE = np.dtype([("start", "<u8"), ("zero", "u1"), ("points", "<u4")])  # unaligned
_START = int.from_bytes(b"\x01\x03\0\0\0\x01\0\0", "little")  # little-endian, polygon, one ring; a byte more is 0
_HEAD = _HEAD_TYPE.itemsize
_LONGEST = 2**31 - 1  # without an end binary_slice of pyarrow 26.0 fails
_SMALLEST = _HEAD + 4 * 16  # a ring of four points


def are_single_rings(wkb: pa.Array) -> np.ndarray:
    """bool a row: whether it is a polygon of one closed ring of finite points, with no other byte."""
    if not kernels():
        return _are_single_rings(wkb)
    data, start, _ = cell_bytes(wkb)
    found = np.empty(len(wkb), bool)
    library().single_rings(data, address(start), len(wkb), address(found))
    return found


def _are_single_rings(wkb: pa.Array) -> np.ndarray:
    content, starts = bytes_and_starts(wkb)
    lengths = np.diff(starts)
    found = (lengths >= _SMALLEST) & ((lengths - _HEAD) % 16 == 0)
    at, counts = starts[:-1][found], (lengths[found] - _HEAD) // 8
    head = np.ndarray(max(len(content) - _SMALLEST + 1, 0), _HEAD_TYPE, content, strides=(1,))[at]
    found[found] = (head["start"] == _START) & (head["zero"] == 0) & (head["points"] == counts // 2)
    found[found] = _are_good_rings(_only(wkb, found))
    return found


def bytes_and_starts(wkb: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """The bytes of an Arrow array of binary, and where each value begins and the last one ends."""
    wide = pa.types.is_large_binary(wkb.type)
    _, offsets, content = wkb.buffers()
    starts = np.frombuffer(offsets, np.int64 if wide else np.int32)[wkb.offset : wkb.offset + len(wkb) + 1]
    return np.frombuffer(content or b"", np.uint8), starts.astype(np.int64)


def plain_wkb(wkb: pa.Array) -> pa.Array:
    """The same outlines as binary of ISO WKB, little-endian, x and y alone: what is so already stays to the byte."""
    wkb = wkb.cast(pa.binary())
    types = _types(wkb)
    other = np.flatnonzero((types < 1) | (types >= len(TYPES)))
    other = other[~wkb.is_null().to_numpy(zero_copy_only=False)[other]]
    if not len(other):
        return wkb
    import shapely

    cells = wkb.to_numpy(zero_copy_only=False).copy()
    cells[other] = shapely.to_wkb(shapely.force_2d(shapely.from_wkb(cells[other])))
    return pa.array(cells, pa.binary())


@dataclass
class Drawn:
    """Which types of geometry there are, and the box around all of them."""

    codes: set[int] = field(default_factory=set)
    boxes: list[np.ndarray] = field(default_factory=list)

    def add(self, wkb: pa.Array, *, boxes: bool) -> None:
        """Take a batch of plain WKB in; its box too where `boxes`."""
        self.codes |= set(np.unique(_types(wkb)).tolist()) - {0}
        if boxes:
            self.boxes.append(_total(wkb))

    @property
    def types(self) -> list[str]:
        """The names of the types, sorted."""
        return sorted(TYPES[code] for code in self.codes)

    @property
    def bounds(self) -> list[float] | None:
        """West, south, east, north; None where nothing is drawn."""
        drawn = [box for box in self.boxes if np.isfinite(box).all()]
        if not drawn:
            return None
        low, high = np.min([box[:2] for box in drawn], axis=0), np.max([box[2:] for box in drawn], axis=0)
        return [*low.tolist(), *high.tolist()]


def _types(wkb: pa.Array) -> np.ndarray:
    """The type of each outline as its head says; 0 for none, for big-endian bytes and for less than a head."""
    content, starts = bytes_and_starts(wkb)
    at = starts[:-1]
    known = np.diff(starts) >= 5
    head = np.ndarray(max(len(content) - 4, 0), np.dtype([("order", "u1"), ("type", "<u4")]), content, strides=(1,))
    found = np.zeros(len(at), dtype=np.uint32)
    heads = head[at[known]]
    found[known] = np.where(heads["order"] == 1, heads["type"], 0)
    return found


def _total(wkb: pa.Array) -> np.ndarray:
    simple = are_single_rings(wkb)
    boxes = []
    if simple.any():
        numbers, _ = _numbers(_only(wkb, simple))
        x, y = numbers[::2], numbers[1::2]
        boxes.append(np.array([x.min(), y.min(), x.max(), y.max()]))
    if not simple.all():
        import shapely

        boxes.append(shapely.total_bounds(shapely.from_wkb(_only(wkb, ~simple).to_numpy(zero_copy_only=False))))
    known = [box for box in boxes if np.isfinite(box).all()]
    if not known:
        return np.full(4, np.nan)
    return np.concatenate([np.min([b[:2] for b in known], axis=0), np.max([b[2:] for b in known], axis=0)])


def _only(wkb: pa.Array, which: np.ndarray) -> pa.Array:
    return wkb if which.all() else wkb.filter(pa.array(which))


def _numbers(rings: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """The coordinates of single rings one after the other, and where each ring begins and the last one ends."""
    side_by_side = pc.binary_slice(rings, _HEAD, _LONGEST)  # so that the numbers are aligned
    content, starts = bytes_and_starts(side_by_side)
    return content[starts[0] : starts[-1]].view("<f8"), (starts - starts[0]) // 8


def _are_good_rings(rings: pa.Array) -> np.ndarray:
    """bool a ring: whether its last point is the first again, to the bit, and every coordinate is finite."""
    numbers, at = _numbers(rings)
    bits, first, last = numbers.view("<u8"), at[:-1], at[1:] - 2
    good = (bits[first] == bits[last]) & (bits[first + 1] == bits[last + 1])
    finite = np.isfinite(numbers)
    if not finite.all():
        good[np.searchsorted(at, np.flatnonzero(~finite), side="right") - 1] = False
    return good
