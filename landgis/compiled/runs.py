"""Outlines that come batch by batch, put into one spatial order; their points stay where they were read."""

from __future__ import annotations

import mmap
from typing import Any

import numpy as np

from landgis.compiled.outlines import ABSENT, Outlines
from landgis.compiled.pairs import Tree, leaves, tree_of

SMALL = 1 << 17  # bytes; less is not worth memory of its own, of which the system allows so many thousand pieces


class Runs:
    """Batches of outlines, each in the order of its spatial keys, until they are merged.

    Columns lie in memory of their own, so that the system has it back as soon as it was used.
    """

    def __init__(self, origin: tuple[float, float]) -> None:
        """Boxes are held about `origin`, in floats."""
        self.origin = origin
        self._columns: dict[str, list[np.ndarray]] = {name: [] for name in KINDS}
        self._xy: list[np.ndarray] = []

    def add(self, outlines: Outlines, key: np.ndarray, row: np.ndarray) -> None:
        """Add what is not absent of a batch: `key` of each outline on the curve, and its `row` in the file."""
        pick = np.flatnonzero(outlines.state != ABSENT)
        pick = pick[np.argsort(key[pick], kind="stable")]
        found = {
            "key": key[pick], "row": row[pick], "run": outlines.run[pick] + len(self._xy),
            "begin": outlines.begin[pick], "points": outlines.points[pick], "state": outlines.state[pick],
            "leaf": leaves(outlines.box[pick], self.origin), "area_m2": outlines.area_m2[pick],
            "perimeter_m": outlines.perimeter_m[pick],
        }  # fmt: skip
        for name, column in found.items():
            own = _own(column.shape, KINDS[name])
            own[:] = column
            self._columns[name].append(own)
        self._xy += outlines.xy

    def merged(self) -> tuple[Outlines, Tree, np.ndarray]:
        """All in one order, the tree over them, and the position in the file of each row; nothing is left here."""
        order = np.argsort(self._taken("key"), kind="stable")
        tree = tree_of(self._taken("leaf").reshape(-1, 4), self.origin, order)
        run, begin, points, state, area, length, row = (
            self._taken(name)[order] for name in ("run", "begin", "points", "state", "area_m2", "perimeter_m", "row")
        )
        xy = tuple(self._xy)
        return Outlines(xy, run, begin, points, state, np.empty((0, 4)), area, length), tree, row

    def _taken(self, name: str) -> np.ndarray:
        parts = self._columns[name]
        whole = np.concatenate([np.empty(0, KINDS[name]), *(part.ravel() for part in parts)])
        parts.clear()
        return whole


KINDS: dict[str, Any] = {
    "key": np.uint64, "row": np.int32, "run": np.uint16, "begin": np.uint32, "points": np.uint16, "state": np.uint8,
    "leaf": np.float32, "area_m2": np.float64, "perimeter_m": np.float32,
}  # fmt: skip


def pages(count: int) -> np.ndarray:
    """Room for so many points in memory of its own."""
    return _own((count, 2), np.float64)


def _own(shape: tuple[int, ...], kind: Any) -> np.ndarray:
    """An array in memory of its own, where the system knows such and it is large; else as any other."""
    size = int(np.prod(shape)) * np.dtype(kind).itemsize
    if size < SMALL or not hasattr(mmap, "MAP_ANONYMOUS"):
        return np.empty(shape, kind)
    room = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    return np.ndarray(shape, kind, room)
