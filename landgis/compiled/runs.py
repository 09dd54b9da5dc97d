"""Outlines that come batch by batch, put into one spatial order without being there twice."""

from __future__ import annotations

import mmap
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np

from landgis.compiled.library import address, library, threads
from landgis.compiled.outlines import ABSENT, Outlines, starts
from landgis.compiled.pairs import Tree, leaves, tree_of

PIECES = 16  # what is copied goes back to the system in so many
SMALL = 1 << 17  # bytes; less is not worth memory of its own, of which the system allows so many thousand pieces


class Runs:
    """Batches of outlines, each in the order of its spatial keys, until they are merged.

    Everything lies in memory of its own, so that the system has it back as soon as it was used.
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
            "key": key[pick], "row": row[pick], "begin": outlines.start[pick], "points": np.diff(outlines.start)[pick],
            "state": outlines.state[pick], "leaf": leaves(outlines.box[pick], self.origin),
            "area_m2": outlines.area_m2[pick], "perimeter_m": outlines.perimeter_m[pick],
        }  # fmt: skip
        for name, column in found.items():
            own = _own(column.shape, KINDS[name])
            own[:] = column
            self._columns[name].append(own)
        self._xy.append(outlines.xy)

    def merged(self) -> tuple[Outlines, Tree, np.ndarray]:
        """All in one order, the tree over them, and the position in the file of each row; nothing is left here."""
        rows = [len(part) for part in self._columns["row"]]
        order = np.argsort(self._taken("key"), kind="stable")
        begin, points = self._taken("begin"), self._taken("points")
        start = starts(points[order])
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order))
        tree = tree_of(self._taken("leaf").reshape(-1, 4), self.origin, order)
        row, state, area, length = (self._taken(name)[order] for name in ("row", "state", "area_m2", "perimeter_m"))
        del order
        xy = np.empty((int(start[-1]), 2))
        cuts = np.cumsum([0, *rows])
        self._copy([(begin[a:b], points[a:b], place[a:b]) for a, b in pairwise(cuts)], xy, start)
        return Outlines(xy, start, state, np.empty((0, 4)), area, length), tree, row

    def _taken(self, name: str) -> np.ndarray:
        parts = self._columns[name]
        whole = np.concatenate([np.empty(0, KINDS[name]), *(part.ravel() for part in parts)])
        parts.clear()
        return whole

    def _copy(self, runs: list[tuple[np.ndarray, ...]], xy: np.ndarray, start: np.ndarray) -> None:
        """Copy the points of all runs to their places, front to back, and give back what was copied."""
        edges = np.linspace(0, len(start) - 1, PIECES + 1).astype(int)
        cuts = [np.searchsorted(place, edges) for _, _, place in runs]  # a run's places rise, as its keys do

        def copy(at: int, piece: int) -> None:
            first, last = cuts[at][piece : piece + 2]
            begin, points, place = (column[first:last] for column in runs[at])
            sides = (self._xy[at], begin, points), (xy, start, place)
            library().copy_outlines(*map(address, sides[0]), last - first, *map(address, sides[1]))
            if first < last:
                give_back(self._xy[at], int(begin[-1]))

        with ThreadPoolExecutor(threads()) as pool:
            for piece in range(PIECES):
                list(pool.map(copy, range(len(runs)), [piece] * len(runs)))
        self._xy.clear()


KINDS: dict[str, Any] = {
    "key": np.uint64, "row": np.int32, "begin": np.uint32, "points": np.uint16, "state": np.uint8, "leaf": np.float32,
    "area_m2": np.float64, "perimeter_m": np.float32,
}  # fmt: skip


def pages(count: int) -> np.ndarray:
    """Room for so many points in memory of its own, which can be given back from the front."""
    return _own((count, 2), np.float64)


def _own(shape: tuple[int, ...], kind: Any) -> np.ndarray:
    """An array in memory of its own, where the system knows such and it is large; else as any other."""
    size = int(np.prod(shape)) * np.dtype(kind).itemsize
    if size < SMALL or not hasattr(mmap, "MAP_ANONYMOUS"):
        return np.empty(shape, kind)
    room = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    return np.ndarray(shape, kind, room)


def give_back(xy: np.ndarray, points: int) -> None:
    """Let the system have the memory of the first points, which nobody reads again."""
    whole = points * 16 // mmap.PAGESIZE * mmap.PAGESIZE
    if whole and isinstance(xy.base, mmap.mmap) and hasattr(xy.base, "madvise"):
        xy.base.madvise(mmap.MADV_DONTNEED, 0, whole)
