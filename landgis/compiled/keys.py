"""Where the keys of one table stand in another."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landgis.compiled.library import address, cell_bytes, in_threads, kernels, library

NOWHERE = -1
Keys: TypeAlias = pa.Array | pa.ChunkedArray


class KeyIndex:
    """Positions of keys in a table, made once and asked batch by batch; of keys that repeat the first counts."""

    def __init__(self, keys: Keys) -> None:
        """Index texts (string, large_string or a dictionary of them); nulls are in no place."""
        self._keys = _plain(keys)
        self._slots = np.empty(0, np.uint64)
        self.repeated = self._fill() if kernels() else _repeated(self._keys)

    def __len__(self) -> int:
        return len(self._keys)

    def positions(self, wanted: Keys) -> np.ndarray:
        """Position of each wanted key, int64; NOWHERE where the table does not have it, or nothing is wanted."""
        if pa.types.is_dictionary(wanted.type):
            return self._by_dictionary(wanted)
        return self._find(_plain(wanted)) if kernels() else _looked_up(self._keys, wanted)

    def _by_dictionary(self, wanted: Keys) -> np.ndarray:
        """Only the distinct keys are looked up."""
        one = wanted.unify_dictionaries().combine_chunks() if isinstance(wanted, pa.ChunkedArray) else wanted
        one = one.chunk(0) if isinstance(one, pa.ChunkedArray) else one
        found = np.append(self.positions(one.dictionary), NOWHERE)
        rows: np.ndarray = one.indices.cast(pa.int64()).fill_null(len(one.dictionary)).to_numpy(zero_copy_only=False)
        return np.asarray(found[rows])

    def _fill(self) -> np.ndarray:
        rows = len(self._keys)
        data, offset, known = cell_bytes(self._keys)
        self._offset = offset
        self._slots = np.zeros(1 << max(4, (2 * rows - 1).bit_length()), np.uint64)
        repeats = np.empty(rows, bool)
        where = (address(self._slots), len(self._slots) - 1, data, address(offset), address(known))
        library().keys_fill(*where, rows, address(repeats))
        return np.flatnonzero(repeats)

    def _find(self, wanted: pa.Array) -> np.ndarray:
        keys = cell_bytes(self._keys)[0]
        data, offset, known = cell_bytes(wanted)
        row = np.empty(len(wanted), np.int64)
        table = (address(self._slots), len(self._slots) - 1, keys, address(self._offset))

        def find(first: int, last: int) -> None:
            of = (data, address(offset[first:]), None if known is None else address(known[first:]))
            library().keys_find(*table, *of, last - first, address(row[first:]))

        in_threads(find, len(wanted))
        return row


def _plain(keys: Keys) -> pa.Array:
    """One array of texts in one piece, whatever pieces it came in."""
    if pa.types.is_dictionary(keys.type):
        keys = keys.cast(keys.type.value_type)
    if not isinstance(keys, pa.ChunkedArray):
        return keys
    keys = keys.cast(pa.large_string())
    return keys.chunk(0) if keys.num_chunks == 1 else pa.concat_arrays([pa.array([], keys.type), *keys.chunks])


def _looked_up(keys: pa.Array, wanted: Keys) -> np.ndarray:
    """The same by Arrow, which makes its index anew at each call."""
    found = pc.index_in(_plain(wanted).cast(keys.type), value_set=keys, skip_nulls=True)
    return np.asarray(found.cast(pa.int64()).fill_null(NOWHERE).to_numpy(zero_copy_only=False))


def _repeated(keys: pa.Array) -> np.ndarray:
    rows = np.arange(len(keys))
    known: np.ndarray = keys.is_valid().to_numpy(zero_copy_only=False)
    return np.asarray(rows[(_looked_up(keys, keys) != rows) & known])
