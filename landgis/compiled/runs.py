"""Outlines that come batch by batch, put into one spatial order without being there twice."""

from __future__ import annotations

import mmap
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from landgis.compiled.library import THREADS, address, library
from landgis.compiled.outlines import ABSENT, Outlines, starts
from landgis.compiled.pairs import Tree, leaves, tree_of

PIECES = 16  # what is copied goes back to the system in so many


@dataclass(frozen=True)
class Run:
    """Outlines of one batch in the order of their spatial keys; `row` is their position in the file.

    Absent rows are left out; `leaf` are the boxes of the others about the origin of the whole.
    """

    xy: np.ndarray
    start: np.ndarray
    pick: np.ndarray
    key: np.ndarray
    row: np.ndarray
    state: np.ndarray
    leaf: np.ndarray
    area_m2: np.ndarray
    perimeter_m: np.ndarray


def run_of(outlines: Outlines, key: np.ndarray, row: np.ndarray, origin: tuple[float, float]) -> Run:
    """What is not absent of a batch; `key` and `row` are those of its outlines."""
    pick = np.flatnonzero(outlines.state != ABSENT)
    pick = pick[np.argsort(key[pick], kind="stable")]
    columns = (outlines.state[pick], leaves(outlines.box[pick], origin), outlines.area_m2[pick])
    where = (key[pick], row[pick].astype(np.int32))
    return Run(outlines.xy, outlines.start, pick, *where, *columns, outlines.perimeter_m[pick])


def merged(runs: Sequence[Run], origin: tuple[float, float]) -> tuple[Outlines, Tree, np.ndarray]:
    """All runs in one order, the tree over them, and the position in the file of each row; the runs are used up."""
    order = np.argsort(_column(runs, "key", np.uint64), kind="stable")
    points = np.concatenate([np.empty(0, np.int64), *(np.diff(run.start)[run.pick] for run in runs)])
    start = starts(points[order])
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    leaf = np.concatenate([np.empty((0, 4), np.float32), *(run.leaf for run in runs)])
    tree = tree_of(leaf[order], origin)
    kinds = {"row": np.int32, "state": np.uint8, "area_m2": np.float64, "perimeter_m": np.float32}
    row, state, area, perimeter = (_column(runs, name, kind)[order] for name, kind in kinds.items())
    del order, points, leaf
    xy = np.empty((int(start[-1]), 2))
    _copy(runs, place, xy, start)
    return Outlines(xy, start, state, np.empty((0, 4)), area, perimeter), tree, row


def _column(runs: Sequence[Run], name: str, kind: type) -> np.ndarray:
    return np.concatenate([np.empty(0, kind), *(getattr(run, name) for run in runs)])


def _copy(runs: Sequence[Run], place: np.ndarray, xy: np.ndarray, start: np.ndarray) -> None:
    """Copy the points of all runs to their places, front to back, and give back what is copied."""
    places = np.split(place, np.cumsum([len(run.pick) for run in runs])[:-1]) if runs else []
    edges = np.linspace(0, len(place), PIECES + 1).astype(int)
    cuts = [np.searchsorted(to, edges) for to in places]  # a run's places rise, as its keys do

    def copy(at: int, piece: int) -> None:
        run, (first, last) = runs[at], cuts[at][piece : piece + 2]
        if first < last:
            pick, to = run.pick[first:last], places[at][first:last]
            ways = (address(run.xy), address(run.start), address(pick), len(pick))
            library().copy_outlines(*ways, address(xy), address(start), address(to))
            give_back(run.xy, int(run.start[pick[-1] + 1]))

    with ThreadPoolExecutor(THREADS) as pool:
        for piece in range(PIECES):
            list(pool.map(lambda at: copy(at, piece), range(len(runs))))  # noqa: B023 done within the round


def pages(count: int) -> np.ndarray:
    """Room for so many points in memory of its own, which can be given back from the front, where the system can."""
    if not count or not hasattr(mmap, "MAP_ANONYMOUS"):
        return np.empty((count, 2))
    room = mmap.mmap(-1, count * 16, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    return np.frombuffer(room, float).reshape(-1, 2)


def give_back(xy: np.ndarray, points: int) -> None:
    """Let the system have the memory of the first points, which nobody reads again."""
    room = xy.base if xy.base is None or isinstance(xy.base, mmap.mmap) else xy.base.base
    whole = points * 16 // mmap.PAGESIZE * mmap.PAGESIZE
    if isinstance(room, mmap.mmap) and whole and hasattr(room, "madvise"):
        room.madvise(mmap.MADV_DONTNEED, 0, whole)
