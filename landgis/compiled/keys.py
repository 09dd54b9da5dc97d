"""Where the keys of one table stand in another."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import pyarrow as pa

from landgis.compiled.cells import cell_bytes, known, numbers_of
from landgis.compiled.library import address, kernels, library

NOWHERE = -1
MOST_BYTES = 1 << 30  # with more, positions of 32 bits may not do
Keys: TypeAlias = pa.Array | pa.ChunkedArray


class KeyIndex:
    """Positions of keys in a table, made once and asked batch by batch; of keys that repeat the first counts."""

    def __init__(self, keys: Keys) -> None:
        """Index texts (string, large_string or a dictionary of them); nulls are in no place."""
        self._keys = _plain(keys)
        self._slots = np.empty(0, np.uint32)
        self.repeated = self._fill() if kernels() else _repeated(self._keys)

    def __len__(self) -> int:
        return len(self._keys)

    def positions(self, wanted: Keys) -> np.ndarray:
        """Position of each wanted key, int32; NOWHERE where the table does not have it, or nothing is wanted."""
        if pa.types.is_dictionary(wanted.type):
            return self._by_dictionary(wanted)
        return self._find(_plain(wanted)) if kernels() else _looked_up(self._keys, wanted)

    def _by_dictionary(self, wanted: Keys) -> np.ndarray:
        """Only the distinct keys are looked up."""
        pieces = wanted.chunks if isinstance(wanted, pa.ChunkedArray) else [wanted]
        parts = [np.empty(0, np.int32)]
        for piece in pieces:
            found = np.append(self.positions(piece.dictionary), np.int32(NOWHERE))
            parts.append(found[numbers_of(piece.indices, len(piece.dictionary))])
        return np.concatenate(parts)

    def _fill(self) -> np.ndarray:
        rows = len(self._keys)
        self._data, self._offset, there = cell_bytes(self._keys)
        self._size = _one_size(self._offset)
        self._slots = np.zeros(1 << max(4, (rows + rows // 3).bit_length()), np.uint32)
        repeats = np.empty(rows, bool)
        library().keys_fill(*self._table(), address(there), rows, address(repeats))
        return np.flatnonzero(repeats)

    def _table(self) -> tuple[int | None, ...]:
        """The slots, the mask of their numbers, as a seed where they happen to lie; and the keys behind them."""
        slots = address(self._slots)
        return slots, len(self._slots) - 1, slots, self._data, address(self._offset), self._size

    def _find(self, wanted: pa.Array) -> np.ndarray:
        data, offset, there = cell_bytes(wanted)
        row = np.empty(len(wanted), np.int32)
        library().keys_find(*self._table(), data, address(offset), address(there), len(wanted), address(row))
        return row


class Repeats:
    """Whether keys stand twice, by their hashes alone: of ten million keys one in 300 000 times without need.

    That is for those who then look again. Takes 8 bytes a key, and none is kept.
    """

    def __init__(self, rows: int) -> None:
        """Room for so many keys."""
        self._hash, self._size = np.empty(rows, np.uint64), 0
        self._keys: list[pa.Array] = []  # without kernels

    def add(self, keys: Keys) -> None:
        """Take in some more keys, texts without nulls."""
        plain = _plain(keys)
        if not kernels():
            self._keys.append(plain)
            return
        data, offset, _ = cell_bytes(plain)
        here = self._hash[self._size : self._size + len(plain)]
        library().keys_hash(address(self._hash), data, address(offset), len(plain), address(here))
        self._size += len(plain)

    def found(self) -> bool:
        """Whether two of the keys so far may be the same."""
        if self._keys:
            return len(_repeated(_plain(pa.chunked_array(self._keys)))) > 0
        seen = self._hash[: self._size]
        seen.sort()
        return bool((seen[1:] == seen[:-1]).any())


def _one_size(offset: np.ndarray) -> int:
    """How many bytes every key has; 0 where they differ."""
    size = np.diff(offset[:2]).sum()
    return int(size) if (np.diff(offset) == size).all() else 0


def _plain(keys: Keys) -> pa.Array:
    """One array of texts in one piece, whatever pieces it came in."""
    if pa.types.is_dictionary(keys.type):
        keys = keys.cast(keys.type.value_type)
    if not isinstance(keys, pa.ChunkedArray):
        return keys
    if keys.nbytes > MOST_BYTES:
        keys = keys.cast(pa.large_string())
    return keys.chunk(0) if keys.num_chunks == 1 else pa.concat_arrays([pa.nulls(0, keys.type), *keys.chunks])


def _looked_up(keys: pa.Array, wanted: Keys) -> np.ndarray:
    """The same by Arrow, which makes its index anew at each call."""
    import pyarrow.compute as pc

    found = pc.index_in(_plain(wanted).cast(keys.type), value_set=keys, skip_nulls=True)
    return np.asarray(found.cast(pa.int32()).fill_null(NOWHERE).to_numpy(zero_copy_only=False))


def _repeated(keys: pa.Array) -> np.ndarray:
    rows = np.arange(len(keys))
    there = known(keys)
    return np.flatnonzero((_looked_up(keys, keys) != rows) & (True if there is None else there))
