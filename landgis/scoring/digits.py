"""Numbers as text with a fixed number of decimals, as Python writes them, each different number once."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from landgis.columns import TEXT

WIDE = 1 << 20  # different numbers that a table is kept for
MOST = 2.0**52


def written(numbers: np.ndarray, decimals: int) -> pa.DictionaryArray:
    """`f"{x:.2f}"` of `np.round(x, 2)` for each number (with 2 decimals).

    >>> written(np.array([1.005, -0.001, 12.3, np.nan]), 2).to_pylist()
    ['1.00', '-0.00', '12.30', 'nan']
    """
    with np.errstate(all="ignore"):
        rounded = np.round(numbers, decimals)
        steps = np.rint(rounded * 10.0**decimals)
        least, most = (steps.min(), steps.max()) if len(steps) else (0.0, 0.0)
        few = most - least < WIDE and max(-least, most) < MOST  # not so where one of them is no number at all
    if not few:
        return _by_bits(rounded, decimals)
    low = int(least) - 1  # -0.00 is not 0.00: what is negative stands one place below
    place = steps.astype(np.int64)
    place -= low
    place -= np.signbit(rounded)
    there = np.zeros(int(most) - low + 1, dtype=bool)
    there[place] = True
    known = np.flatnonzero(there) + low
    which = (np.cumsum(there, dtype=np.int32) - np.int32(1))[place]
    values = np.where(known < 0, -(-known - 1.0), known) / 10.0**decimals
    return _dictionary(which, values, decimals)


def _by_bits(rounded: np.ndarray, decimals: int) -> pa.DictionaryArray:
    bits, which = np.unique(rounded.view(np.int64), return_inverse=True)
    return _dictionary(which, bits.view(float), decimals)


def _dictionary(which: np.ndarray, values: np.ndarray, decimals: int) -> pa.DictionaryArray:
    words = [f"{value:.{decimals}f}" for value in values.tolist()]
    return pa.DictionaryArray.from_arrays(pa.array(which.astype(np.int32, copy=False)), pa.array(words, TEXT))
