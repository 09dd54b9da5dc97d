"""Keys to positions on many machines: 64-bit hashes of the keys, sorted, with where each stands in its file.

20 bytes a parcel with its partition, mapped from disk where there is one. Two parcels with one hash are found when the
table is made. A key that is in no parcel may hit one by chance: once in 10^11 keys where there are 100 million parcels.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

_MIX = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
NOWHERE = -1


def hashes(keys: pa.Array, seed: int = 0) -> np.ndarray:
    """uint64[n]: a number for each text, the same on every machine; anything where a text is null."""
    keys = keys.cast(pa.large_string())
    offsets = np.frombuffer(keys.buffers()[1], np.int64, len(keys) + 1, keys.offset * 8)
    data = keys.buffers()[2]
    size = 0 if data is None else data.size
    padded = np.zeros(size + 8, np.uint8)
    if data is not None:
        padded[:size] = np.frombuffer(data, np.uint8)
    words = np.ndarray((size + 1,), np.dtype("<u8"), padded, strides=(1,))  # eight bytes from every byte on
    start, length = offsets[:-1], np.diff(offsets)
    found = _mixed(length.astype(np.uint64) + np.uint64(seed))
    for at in range(0, int(length.max(initial=0)), 8):
        left = length - at
        has = left > 0
        word = words[start[has] + at] & _low_bytes(np.minimum(left[has], 8))
        found[has] = _mixed(found[has] ^ word)
    return found


def _low_bytes(count: np.ndarray) -> np.ndarray:
    return np.uint64(0xFFFFFFFFFFFFFFFF) >> ((8 - count.astype(np.uint64)) * np.uint64(8))


def _mixed(value: np.ndarray) -> np.ndarray:
    """The finaliser of splitmix64."""
    value = value + np.uint64(_MIX[0])
    value = (value ^ (value >> np.uint64(30))) * np.uint64(_MIX[1])
    value = (value ^ (value >> np.uint64(27))) * np.uint64(_MIX[2])
    return np.asarray(value ^ (value >> np.uint64(31)))


def look_up(table: np.ndarray, position: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Position of each wanted hash in a sorted table of hashes; NOWHERE where it is not in it."""
    if not len(table):
        return np.full(len(wanted), NOWHERE)
    order = np.argsort(wanted)  # neighbours in the table are then asked for one after the other
    at = np.minimum(np.searchsorted(table, wanted[order]), len(table) - 1)
    found = np.full(len(wanted), NOWHERE)
    found[order] = np.where(table[at] == wanted[order], position[at], NOWHERE)
    return found
