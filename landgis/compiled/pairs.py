"""Which rings meet, and in how much: a packed tree of boxes, then the common area in closed form."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from landgis.compiled.library import kernels
from landgis.compiled.rings import CHUNK, THREADS, Rings

Result = TypeVar("Result")

SLACK = 1e-10  # of the smaller ring's area: how far a pair that touches may be off; others are off by rounding alone
LEAST = 1e-9  # of the ring's own area: with less in common it is not there
ROOM = 1 << 16


@dataclass(frozen=True)
class Tree:
    """Boxes of rings and above them those of the nodes, sixteen to a node; made for rings in spatial order."""

    box: np.ndarray
    rows: int


def tree_over(rings: Rings) -> Tree:
    """A packed tree; a ring whose box is not known is never found."""
    library, rows = kernels(), len(rings)
    assert library is not None
    box = np.full((rows + rows // 8 + 32, 4), np.nan)
    box[:rows] = rings.box
    used = library.tree_build(box.ctypes.data, rows)
    return Tree(box[:used], rows)


@dataclass(frozen=True)
class Pairs:
    """Positions on the land and of what lies on it, and the common area in m²; NaN: shapely must say."""

    land: np.ndarray
    on: np.ndarray
    area_m2: np.ndarray


def overlay(land: Rings, tree: Tree, on: Rings, first: int = 0, last: int | None = None) -> Pairs:
    """Each pair of a ring of `land` and one `on` it that have more than LEAST of the latter in common."""
    library = kernels()
    assert library is not None
    lands, ons = land.pointers, on.pointers

    def step(row: int, end: int, room: tuple[np.ndarray, ...], pairs: ctypes.c_int64) -> int:
        at, over, area = (column.ctypes.data for column in room)
        land_side = (ctypes.byref(lands), tree.box.ctypes.data, tree.rows)
        out = (len(room[0]), at, over, area, ctypes.byref(pairs))
        return int(library.overlay(*land_side, ctypes.byref(ons), row, end, SLACK, LEAST, *out))

    columns = _collected(step, first, len(on) if last is None else last, lambda row: _crowd(tree, on, row))
    return Pairs(*columns)


def overlaps(land: Rings, tree: Tree, least_m2: float, first: int = 0, last: int | None = None) -> np.ndarray:
    """Pairs (rows of two positions) not shown to overlap by less than `least_m2`; shapely says by how much."""
    library = kernels()
    assert library is not None
    lands = land.pointers

    def step(row: int, end: int, room: tuple[np.ndarray, ...], pairs: ctypes.c_int64) -> int:
        left, right = (column.ctypes.data for column in room[:2])
        out = (len(room[0]), left, right, ctypes.byref(pairs))
        return int(library.overlaps(ctypes.byref(lands), tree.box.ctypes.data, tree.rows, row, end, least_m2, *out))

    left, right, _ = _collected(step, first, len(land) if last is None else last, lambda row: _crowd(tree, land, row))
    behind = right > left
    return np.column_stack([left[behind], right[behind]])


def in_threads(function: Callable[[int, int], Result], rows: int) -> list[Result]:
    """The function over stretches of rows, in threads: the kernels let go of Python's lock."""
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(lambda first: function(first, min(first + CHUNK, rows)), range(0, rows, CHUNK)))


def _collected(
    step: Callable[[int, int, tuple[np.ndarray, ...], ctypes.c_int64], int],
    first: int,
    last: int,
    crowd: Callable[[int], np.ndarray],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Call the kernel until all rows are done; a row that touches thousands of boxes comes from `crowd`, unmeasured."""
    room = np.empty(ROOM, np.int64), np.empty(ROOM, np.int64), np.empty(ROOM)
    parts: list[tuple[np.ndarray, ...]] = [tuple(column[:0].copy() for column in room)]
    row, count = first, ctypes.c_int64(0)
    while row < last:
        row = step(row, last, room, count)
        parts.append(tuple(column[: count.value].copy() for column in room))
        if row < 0:
            row = -1 - row
            found = crowd(row)
            parts.append((found, np.full(len(found), row), np.full(len(found), np.nan)))
            row += 1
    left, right, area = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return left, right, area


def _crowd(tree: Tree, on: Rings, row: int) -> np.ndarray:
    boxes, box = tree.box[: tree.rows], on.box[row]
    with np.errstate(invalid="ignore"):
        meets = (boxes[:, :2] <= box[2:]).all(axis=1) & (boxes[:, 2:] >= box[:2]).all(axis=1)
    return np.flatnonzero(meets)


__all__ = ["LEAST", "Pairs", "Tree", "in_threads", "overlaps", "overlay", "tree_over"]
