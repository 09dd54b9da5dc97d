"""How land is cut: a grid whose lines follow the land, its cells along a curve, partitions of neighbouring cells.

Everything follows from the boxes of the parcels alone, so it is the same on any number of workers. Grid lines are
quantiles of a sample: a stray parcel at (0, 0), or a dense town in an empty county, does not spoil the cells. The way
from a coordinate to its column is monotone, so two boxes that meet always have a cell in common.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

PARCELS_OF_A_CELL = 64
MOST_BITS = 10  # 1024 × 1024 cells
SAMPLE = 200_000


@dataclass(frozen=True)
class Grid:
    """Inner lines of a grid of 2^bits × 2^bits cells, in the units of the coordinates."""

    x: np.ndarray
    y: np.ndarray
    bits: int

    @property
    def cells(self) -> int:
        """How many cells there are; they are numbered along the curve."""
        return int(4**self.bits)

    def columns(self, x: np.ndarray) -> np.ndarray:
        """Column of each x."""
        return np.asarray(np.searchsorted(self.x, x, side="right"))

    def rows(self, y: np.ndarray) -> np.ndarray:
        """Row of each y."""
        return np.searchsorted(self.y, y, side="right")

    def cell(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Number of the cell of each point along the curve."""
        return self.number(self.columns(x), self.rows(y))

    def number(self, column: np.ndarray, row: np.ndarray) -> np.ndarray:
        """Number of each cell along the curve."""
        return np.asarray(self._numbers[(row << self.bits) | column])

    @cached_property
    def _numbers(self) -> np.ndarray:
        row, column = (side.ravel() for side in np.mgrid[: 2**self.bits, : 2**self.bits])
        return hilbert(column, row, self.bits)


def grid_of(centre: np.ndarray, parcels: int) -> Grid:
    """The grid for so many parcels, from a sample of their centres, float64[n, 2]."""
    bits = int(np.clip(np.ceil(np.log2(max(parcels, 1) / PARCELS_OF_A_CELL) / 2), 0, MOST_BITS))
    inner = np.arange(1, 2**bits) / 2**bits
    if not len(centre) or not bits:
        return Grid(np.empty(0), np.empty(0), 0)
    x, y = (np.quantile(centre[:, side], inner) for side in (0, 1))
    return Grid(x, y, bits)


def centres(boxes: np.ndarray) -> np.ndarray:
    """float64[n, 2]: the middle of each box (west, south, east, north); NaN where there is none."""
    return (boxes[:, :2] + boxes[:, 2:]) / 2


def hilbert(column: np.ndarray, row: np.ndarray, bits: int) -> np.ndarray:
    """Place of each cell on the Hilbert curve (Skilling 2004, the case of two dimensions).

    >>> hilbert(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 0]), 1).tolist()
    [0, 1, 2, 3]
    """
    x, y = np.asarray(column, np.int64).copy(), np.asarray(row, np.int64).copy()
    place = np.zeros(x.shape, np.int64)
    side = 1 << bits >> 1
    while side:
        right, up = (x & side) > 0, (y & side) > 0
        place += side * side * ((3 * right) ^ up)
        turn = ~up
        flip = turn & right
        x[flip], y[flip] = side - 1 - (x[flip] & (side - 1)), side - 1 - (y[flip] & (side - 1))
        x[turn], y[turn] = y[turn], x[turn]
        side >>= 1
    return place


def cut(count: np.ndarray, parcels: int) -> np.ndarray:
    """First cell of each partition, from the parcels in each cell along the curve; partitions of nearly one size.

    A cell is never cut, so a partition has at most half a cell more than its share.

    >>> cut(np.array([3, 1, 1, 3, 2, 2]), 4).tolist()
    [0, 2, 4]
    """
    total = int(count.sum())
    partitions = max(1, -(-total // parcels))
    behind = np.cumsum(count)
    wanted = np.arange(1, partitions) * (total / partitions)
    at = np.searchsorted(behind, wanted, side="left")
    before = np.where(at > 0, behind[at - 1], 0)
    nearer = at + (behind[at] - wanted <= wanted - before)
    return np.unique(np.r_[0, nearer])


def distinct(values: np.ndarray) -> np.ndarray:
    """The different whole numbers, rising; numpy 2.4 goes through a hash table, which takes ten times as long."""
    ordered = np.sort(values)
    new = np.ones(len(ordered), dtype=bool)
    new[1:] = ordered[1:] != ordered[:-1]
    return ordered[new]


def partition_of(cell: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Partition of each cell."""
    return np.searchsorted(first, cell, side="right") - 1
