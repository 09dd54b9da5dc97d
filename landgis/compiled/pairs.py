"""Which outlines meet, and in how much: a packed tree of boxes, then the common area in closed form."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from landgis.compiled.library import address, in_threads, library
from landgis.compiled.outlines import Outlines

SLACK = 1e-10  # of the smaller outline's area: how far a pair that touches may be off; others are off by rounding alone
LEAST = 1e-9  # of the outline's own area: with no more in common it is not there
ROOM = 1 << 16


class _Tree(ctypes.Structure):
    _fields_ = [("box", ctypes.c_void_p), ("rows", ctypes.c_int64), ("x", ctypes.c_double), ("y", ctypes.c_double)]


@dataclass(frozen=True)
class Tree:
    """Boxes of `rows` outlines in spatial order and above them those of the nodes, sixteen to a node; float32[…, 4].

    Each is min x, min y, -max x, -max y about `origin`, rounded outwards.
    """

    box: np.ndarray
    rows: int
    origin: tuple[float, float]

    @property
    def pointer(self) -> _Tree:
        """For the kernels; valid as long as this object."""
        return _Tree(self.box.ctypes.data, self.rows, *self.origin)


def leaves(box: np.ndarray, origin: tuple[float, float]) -> np.ndarray:
    """Boxes as a tree about that origin has them."""
    leaf = np.empty((len(box), 4), np.float32)
    box = np.ascontiguousarray(box)
    library().tree_leaves(address(box), len(box), *origin, address(leaf))
    return leaf


def tree_of(leaf: np.ndarray, origin: tuple[float, float], order: np.ndarray) -> Tree:
    """A packed tree over leaves, in that order."""
    rows = len(leaf)
    box = np.empty((rows + rows // 8 + 32, 4), np.float32)
    np.take(leaf, order, axis=0, out=box[:rows], mode="clip")  # any other mode buffers it all
    return Tree(box[: library().tree_build(address(box), rows)], rows, origin)


def tree_over(outlines: Outlines) -> Tree:
    """A packed tree; an outline whose box is not known is never found."""
    origin = origin_of(outlines.box) or (0.0, 0.0)
    return tree_of(leaves(outlines.box, origin), origin, np.arange(len(outlines)))


def origin_of(box: np.ndarray) -> tuple[float, float] | None:
    """The south-western corner of the boxes that are known; None where none is."""
    known = box[np.isfinite(box).all(axis=1)]
    return (float(known[:, 0].min()), float(known[:, 1].min())) if len(known) else None


@dataclass(frozen=True)
class Pairs:
    """Positions on the land and of what lies on it, and the common area in m²; NaN: shapely must say."""

    land: np.ndarray
    on: np.ndarray
    area_m2: np.ndarray


def overlay(land: Outlines, tree: Tree, on: Outlines) -> Pairs:
    """Each pair of an outline of `land` and one `on` it that have more than LEAST of the latter in common."""
    lands, boxes, ons = land.pointers, tree.pointer, on.pointers

    def step(row: int, end: int, room: tuple[np.ndarray, ...], pairs: ctypes.c_int64) -> int:
        sides = (ctypes.byref(lands), ctypes.byref(boxes), ctypes.byref(ons), row, end)
        return int(library().overlay(*sides, SLACK, LEAST, len(room[0]), *map(address, room), ctypes.byref(pairs)))

    def crowd(row: int) -> np.ndarray:
        return _met(tree, leaves(on.box[row : row + 1], tree.origin)[0])

    return Pairs(*_joined(in_threads(lambda first, last: _collected(step, first, last, crowd), len(on))))


def overlaps(land: Outlines, tree: Tree, least_m2: float) -> np.ndarray:
    """Pairs (rows of two positions) not shown to overlap by less than `least_m2`; shapely says by how much."""
    lands, boxes = land.pointers, tree.pointer

    def step(row: int, end: int, room: tuple[np.ndarray, ...], pairs: ctypes.c_int64) -> int:
        out = (len(room[0]), *map(address, room[:2]), ctypes.byref(pairs))
        return int(library().overlaps(ctypes.byref(lands), ctypes.byref(boxes), row, end, least_m2, *out))

    def crowd(row: int) -> np.ndarray:
        met = _met(tree, tree.box[row])
        return met[met > row]

    parts = in_threads(lambda first, last: _collected(step, first, last, crowd), len(land))
    return np.sort(np.column_stack(_joined(parts)[:2]), axis=1)


def _collected(
    step: Callable[[int, int, tuple[np.ndarray, ...], ctypes.c_int64], int],
    first: int,
    last: int,
    crowd: Callable[[int], np.ndarray],
) -> tuple[np.ndarray, ...]:
    """Call the kernel until all rows are done; a row that touches thousands of boxes comes from `crowd`, unmeasured."""
    room = np.empty(ROOM, np.int64), np.empty(ROOM, np.int64), np.empty(ROOM)
    parts: list[tuple[np.ndarray, ...]] = []
    row, count = first, ctypes.c_int64(0)
    while row < last:
        row = step(row, last, room, count)
        parts.append(tuple(column[: count.value].copy() for column in room))
        if row < 0:
            row = -1 - row
            found = crowd(row)
            parts.append((found, np.full(len(found), row), np.full(len(found), np.nan)))
            row += 1
    return _joined(parts)


def _joined(parts: list[tuple[np.ndarray, ...]]) -> tuple[np.ndarray, ...]:
    nothing = (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    return tuple(np.concatenate(columns) for columns in zip(nothing, *parts, strict=True))


def _met(tree: Tree, box: np.ndarray) -> np.ndarray:
    """Leaves that touch a box, itself as a leaf."""
    return np.flatnonzero((tree.box[: tree.rows] <= -np.roll(box, 2)).all(axis=1))
