"""Long columns a stretch at a time.

numpy makes wide copies of narrow positions, and those of millions of rows would be new memory, which takes the system
longer to give than the processor to fill.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

CHUNK = 1 << 16


def chunks(size: int) -> Iterator[slice]:
    """Stretches of so many rows."""
    return (slice(start, min(start + CHUNK, size)) for start in range(0, size, CHUNK))


def sum_by(position: np.ndarray, values: np.ndarray, size: int) -> np.ndarray:
    """The sums of values by position, below `size`; added row after row, as by bincount.

    >>> sum_by(np.array([1, 0, 1]), np.array([2.0, 3.0, 4.0]), 3).tolist()
    [3.0, 6.0, 0.0]
    """
    sums = np.zeros(size)
    for at in chunks(len(position)):
        np.add.at(sums, position[at], values[at])
    return sums


def stands(position: np.ndarray, size: int) -> np.ndarray:
    """Which of so many positions stand in a column.

    >>> stands(np.array([2, 0, 2]), 4).tolist()
    [True, False, True, False]
    """
    found = np.zeros(size, dtype=bool)
    for at in chunks(len(position)):
        found[position[at]] = True
    return found


def kept(column: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The rows that a mask tells, moved to the front of the column itself.

    >>> kept(np.array([5, 6, 7]), np.array([True, False, True])).tolist()
    [5, 7]
    """
    size = 0
    for at in chunks(len(column)):
        part = column[at][rows[at]]
        column[size : size + len(part)] = part
        size += len(part)
    return column[:size]
