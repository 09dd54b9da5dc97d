"""Arrow's cells as they lie in memory, and back.

Not through `pa.array` and `to_numpy`: the first call of either imports pandas, which takes longer than a small county.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

LARGE = pa.large_binary()


def known(cells: pa.Array) -> np.ndarray | None:
    """Which cells are not null, bool; None where all are known."""
    bits = cells.buffers()[0]
    if not cells.null_count:
        return None
    if bits is None:  # an array of the type null
        return np.zeros(len(cells), bool)
    every = np.unpackbits(np.frombuffer(bits, np.uint8), bitorder="little")
    return every[cells.offset : cells.offset + len(cells)].astype(bool)


def cell_bytes(cells: pa.Array) -> tuple[int, np.ndarray, np.ndarray | None]:
    """Of an Arrow array of bytes or texts: the address of the bytes, where each cell starts, and which are known."""
    data = cells.buffers()[2]
    return (data.address if data is not None else 0), _starts(cells), known(cells)


def _starts(cells: pa.Array) -> np.ndarray:
    wide = np.int64 if pa.types.is_large_binary(cells.type) or pa.types.is_large_string(cells.type) else np.int32
    offsets = cells.buffers()[1]
    if not offsets:
        return np.zeros(len(cells) + 1, np.int64)
    return np.frombuffer(offsets, wide)[cells.offset : cells.offset + len(cells) + 1].astype(np.int64, copy=False)


def some_cells(cells: pa.Array, rows: np.ndarray) -> np.ndarray:
    """Some cells as an array of bytes; None where null."""
    data, start, there = cells.buffers()[2], _starts(cells), known(cells)
    found = np.full(len(rows), None, dtype=object)
    if data is not None:
        whole = memoryview(data)
        for at, row in enumerate(rows.tolist()):
            if there is None or there[row]:
                found[at] = bytes(whole[start[row] : start[row + 1]])
    return found


def binary_of(cells: Sequence[bytes | None] | np.ndarray) -> pa.Array:
    """Bytes as Arrow's large_binary; None is null."""
    start = np.zeros(len(cells) + 1, np.int64)
    np.cumsum([len(cell or b"") for cell in cells], out=start[1:])
    there = np.array([cell is not None for cell in cells], dtype=bool)
    bits = None if there.all() else pa.py_buffer(np.packbits(there, bitorder="little").tobytes())
    data = pa.py_buffer(b"".join(cell or b"" for cell in cells))
    return pa.Array.from_buffers(LARGE, len(cells), [bits, pa.py_buffer(start.tobytes()), data])


def numbers_of(cells: pa.Array, unknown: int) -> np.ndarray:
    """Whole numbers as int64, `unknown` where null."""
    size = cells.type.bit_width // 8
    kind = f"{'u' if pa.types.is_unsigned_integer(cells.type) else 'i'}{size}"
    values = np.frombuffer(cells.buffers()[1] or b"", kind)[cells.offset : cells.offset + len(cells)].astype(np.int64)
    there = known(cells)
    return values if there is None else np.where(there, values, unknown)
