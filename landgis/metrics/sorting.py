"""Rows in the order of two keys, fast: keys and row number packed into one whole number, which sorts in one sweep."""

from __future__ import annotations

import numpy as np

BITS = 63
CHUNK = 1 << 18


def order_of(major: np.ndarray, minor: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The rows by `major`, then `minor`, then as they came: their positions, and the keys in that order, all int32.

    Both keys count from 0. Where they do not fit into one number they are sorted one after the other.

    >>> [column.tolist() for column in order_of(np.array([1, 0, 1, 0]), np.array([0, 5, 0, 2]))]
    [[3, 1, 0, 2], [0, 0, 1, 1], [2, 5, 0, 0]]
    """
    wide, size = int(minor.max(initial=0)).bit_length(), len(major)
    if int(major.max(initial=0)).bit_length() + wide + size.bit_length() <= BITS:
        key = major.astype(np.int64)
        key <<= wide
        key |= minor
        order, key = _sorted(key)
        inner = (key & ((1 << wide) - 1)).astype(np.int32)
        key >>= wide
        return order, key.astype(np.int32), inner
    first, inner = _sorted(minor.astype(np.int64))
    then, outer = _sorted(major[first].astype(np.int64))
    return first[then], outer.astype(np.int32), inner[then].astype(np.int32)


def _sorted(key: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A stable order and the sorted keys, in the place of `key`: the row number in the last bits breaks the ties."""
    bits = len(key).bit_length()
    key <<= bits
    for start in range(0, len(key), CHUNK):
        key[start : start + CHUNK] |= np.arange(start, min(start + CHUNK, len(key)))
    key.sort()
    order = (key & ((1 << bits) - 1)).astype(np.int32)
    key >>= bits
    return order, key


def begins(*keys: np.ndarray) -> np.ndarray:
    """Whether a row is the first of its group of equal rows, in rows that are in order."""
    new = np.ones(len(keys[0]), dtype=bool)
    if len(new):
        np.not_equal(keys[0][1:], keys[0][:-1], out=new[1:])
        for key in keys[1:]:
            new[1:] |= key[1:] != key[:-1]
    return new
