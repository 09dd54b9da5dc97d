"""Who meets whom across the borders of partitions, by the cells that their boxes lie in.

A partition touches every cell that the box of one of its parcels lies in. A row whose box lies in such a cell is sent
to the partition: that is every row that meets the partition's land, and some that do not, which does no harm.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from landgis.scale.curve import Grid, centres, distinct, partition_of

WIDE = 4096  # a box over more cells is compared with whole partitions instead


@dataclass(frozen=True)
class Touched:
    """Which partitions touch each cell, and how the cells make partitions.

    `partition[start[cell]:start[cell + 1]]` touch a cell; `wide` boxes (west, south, east, north) belong to `wide_of`.
    """

    grid: Grid
    first: np.ndarray
    start: np.ndarray
    partition: np.ndarray
    wide: np.ndarray
    wide_of: np.ndarray

    @property
    def partitions(self) -> int:
        """How many partitions there are."""
        return len(self.first)

    def home(self, boxes: np.ndarray) -> np.ndarray:
        """The partition of each parcel, by the middle of its box; −1 where it has no box."""
        found = np.full(len(boxes), -1)
        there = has_box(boxes)
        middle = centres(boxes[there])
        found[there] = partition_of(self.grid.cell(middle[:, 0], middle[:, 1]), self.first)
        return found

    def met(self, boxes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Rows and the partitions that each may meet, every pair once, by row and then by partition."""
        row, cell, wide = covered(self.grid, boxes)
        count = self.start[cell + 1] - self.start[cell]
        pair_row = np.repeat(row, count)
        pair_partition = self.partition[_ranges(self.start[cell], count)]
        meets_row, which = _meeting(boxes, self.wide)
        everywhere = np.repeat(wide, self.partitions), np.tile(np.arange(self.partitions), len(wide))
        rows = np.concatenate([pair_row, meets_row, everywhere[0]])
        partitions = np.concatenate([pair_partition, self.wide_of[which], everywhere[1]])
        pair = distinct(rows * self.partitions + partitions)
        return pair // self.partitions, pair % self.partitions


def has_box(boxes: np.ndarray) -> np.ndarray:
    """Whether each row has a box at all."""
    return np.asarray(np.isfinite(boxes).all(axis=1))


def covered(grid: Grid, boxes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows and the cells that their boxes lie in; and the rows that lie in too many cells to be listed."""
    there = np.flatnonzero(has_box(boxes))
    west, south, east, north = boxes[there].T
    left, right = grid.columns(west), grid.columns(east)
    low, high = grid.rows(south), grid.rows(north)
    wide, tall = right - left + 1, high - low + 1
    few = wide * tall <= WIDE
    at, left, low, wide, tall = there[few], left[few], low[few], wide[few], tall[few]
    step = _ranges(np.zeros(len(at), np.int64), wide * tall)
    of = np.repeat(np.arange(len(at)), wide * tall)
    cell = grid.number(left[of] + step % wide[of], low[of] + step // wide[of])
    return at[of], cell, there[~few]


def cell_pairs(grid: Grid, boxes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What is known of some parcels before the land is cut: (cell touched, home cell) pairs once each, int64[k, 2],
    and how many parcels have each home cell, int64[k, 2] (cell, count)."""
    middle = centres(boxes)
    home = np.full(len(boxes), -1)
    there = has_box(boxes)
    home[there] = grid.cell(middle[there, 0], middle[there, 1])
    row, cell, _ = covered(grid, boxes)
    pair = distinct(cell * grid.cells + home[row])
    count = np.bincount(home[there], minlength=grid.cells)
    cells = np.flatnonzero(count)
    return np.column_stack([pair // grid.cells, pair % grid.cells]), np.column_stack([cells, count[cells]])


def touched(grid: Grid, first: np.ndarray, pairs: np.ndarray, wide: np.ndarray) -> Touched:
    """The table of cells from all the pairs (cell touched, home cell) and the boxes that are too wide for it."""
    key = distinct(pairs[:, 0] * len(first) + partition_of(pairs[:, 1], first))
    cell, partition = key // len(first), key % len(first)
    start = np.searchsorted(cell, np.arange(grid.cells + 1))
    middle = centres(wide)
    wide_of = partition_of(grid.cell(middle[:, 0], middle[:, 1]), first)
    return Touched(grid, first, start, partition, wide, wide_of)


def _meeting(boxes: np.ndarray, wide: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of a box and a wide box that meet."""
    rows, which = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for number, (west, south, east, north) in enumerate(wide):
        meets = (boxes[:, 0] <= east) & (boxes[:, 2] >= west) & (boxes[:, 1] <= north) & (boxes[:, 3] >= south)
        found = np.flatnonzero(meets)
        rows.append(found)
        which.append(np.full(len(found), number))
    return np.concatenate(rows), np.concatenate(which)


def _ranges(start: np.ndarray, count: np.ndarray) -> np.ndarray:
    """start[0], start[0] + 1 …, `count[0]` of them, then those of the next."""
    behind = np.cumsum(count)
    total = int(behind[-1]) if len(behind) else 0
    return np.asarray(np.arange(total) + np.repeat(start - (behind - count), count))
