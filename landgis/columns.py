"""A table as arrays: numbers as float64, texts and everything else as Arrow arrays, all of one length.

What the core computes with. pandas is left to the edges: its import alone takes longer than scoring a small county.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

import numpy as np
import pyarrow as pa

Column: TypeAlias = np.ndarray | pa.Array
TEXT = pa.large_string()


class Columns(Mapping[str, Column]):
    """Named columns of `size` rows; unknown is NaN among numbers and null among texts."""

    def __init__(self, columns: Mapping[str, Column], size: int | None = None) -> None:
        self._columns = dict(columns)
        lengths = {len(column) for column in self._columns.values()} | ({size} if size is not None else set())
        if len(lengths) != 1:
            raise ValueError(f"columns of {sorted(lengths)} rows")
        (self.size,) = lengths

    def __getitem__(self, name: str) -> Column:
        return self._columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        """Number of columns; the rows are `size`."""
        return len(self._columns)

    def number(self, name: str) -> np.ndarray:
        """A column of numbers; unknown everywhere where the table has none."""
        return numbers(self._columns[name]) if name in self else np.full(self.size, np.nan)

    def text(self, name: str) -> pa.Array:
        """A column of texts; unknown everywhere where the table has none."""
        return texts(self._columns[name]) if name in self else pa.nulls(self.size, TEXT)

    def cells(self, name: str) -> pa.Array:
        """A column that is kept by Arrow, as it is."""
        found = self._columns[name]
        assert not isinstance(found, np.ndarray), name
        return found

    def take(self, rows: np.ndarray) -> Columns:
        """The rows at some positions, in that order."""
        return Columns({name: self.take_column(name, rows) for name in self}, len(rows))

    def take_column(self, name: str, rows: np.ndarray) -> Column:
        """One column at some positions."""
        column = self._columns[name]
        return column[rows] if isinstance(column, np.ndarray) else column.take(pa.array(rows))

    def stretch(self, first: int, last: int) -> Columns:
        """Rows `first` up to `last`, without a copy."""
        return Columns(
            {name: column[first:last] for name, column in self._columns.items()}, max(0, min(last, self.size) - first)
        )


def numbers(column: Column) -> np.ndarray:
    """A column of numbers (or of yes and no) as float64; unknown is NaN.

    >>> numbers(pa.array([True, None])).tolist(), numbers(pa.array([3, None])).tolist()
    ([1.0, nan], [3.0, nan])
    """
    if isinstance(column, np.ndarray):
        return np.asarray(column, dtype=float)
    whole = column.cast(pa.int8()) if pa.types.is_boolean(column.type) else column
    return np.asarray(whole.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False))


def texts(column: Column) -> pa.Array:
    """A column as texts, each value as Python writes it; unknown is null.

    >>> texts(np.array([14.0, np.nan])).to_pylist(), texts(pa.array([14, None])).to_pylist()
    (['14.0', None], ['14', None])
    """
    array = pa.array(column, from_pandas=True) if isinstance(column, np.ndarray) else column
    if pa.types.is_large_string(array.type) or pa.types.is_string(array.type):
        return array.cast(TEXT)
    encoded = encode(array)
    words = encoded.dictionary
    if not pa.types.is_large_string(words.type):
        words = pa.array([None if word is None else str(word) for word in words.to_pylist()], TEXT)
    return words.take(encoded.indices)


def encode(column: pa.Array) -> pa.DictionaryArray:
    """The column as a dictionary of its different values; as it is where it is one. Null is not in the dictionary."""
    return column if pa.types.is_dictionary(column.type) else column.dictionary_encode()


def coded(codes: np.ndarray, words: Sequence[str]) -> pa.DictionaryArray:
    """Texts from small numbers: each is the word at that place; unknown where it is below 0.

    >>> coded(np.array([1, -1, 0]), ("a", "b")).to_pylist()
    ['b', None, 'a']
    """
    small = codes.astype(np.int8 if len(words) < 128 else np.int32, copy=False)
    unknown = np.less(small, 0)
    places = pa.array(small, mask=unknown if unknown.any() else None)
    return pa.DictionaryArray.from_arrays(places, pa.array(words, TEXT))


def joined(parts: Iterable[Columns], size: int) -> Columns:
    """Tables of the same columns, one behind the other; `size` rows in all. Each may be made when it is asked for."""
    numbers, pieces, end = dict[str, np.ndarray](), dict[str, list[pa.Array]](), 0
    for part in parts:
        start, end = end, end + part.size
        for name, column in part.items():
            if not isinstance(column, np.ndarray):
                pieces.setdefault(name, []).append(column)
                continue
            if name not in numbers:
                numbers[name] = np.empty(size, column.dtype)
            numbers[name][start:end] = column
    return Columns(numbers | {name: _joined(found) for name, found in pieces.items()}, size)


def _joined(pieces: Sequence[pa.Array]) -> pa.Array:
    chunked = pa.chunked_array(pieces)
    return (chunked.unify_dictionaries() if pa.types.is_dictionary(chunked.type) else chunked).combine_chunks()
