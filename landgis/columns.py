"""A table as arrays: numbers as float64, texts and everything else as Arrow arrays, all of one length.

What the core computes with. pandas is left to the edges: its import alone takes longer than scoring a small county.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
        return np.asarray(self._columns[name], dtype=float) if name in self else np.full(self.size, np.nan)

    def text(self, name: str) -> pa.Array:
        """A column of texts; unknown everywhere where the table has none."""
        return self._columns[name] if name in self else pa.nulls(self.size, TEXT)

    def stretch(self, first: int, last: int) -> Columns:
        """Rows `first` up to `last`, without a copy."""
        return Columns(
            {name: column[first:last] for name, column in self._columns.items()}, max(0, min(last, self.size) - first)
        )
