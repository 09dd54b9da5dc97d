"""Yes and no: an office's own columns read as numbers, and the names of what is set put into one text."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from pandas import Series

YES_NO = {"true": 1.0, "false": 0.0, "yes": 1.0, "no": 0.0, "是": 1.0, "否": 0.0}
SEPARATOR = ";"


def as_numbers(column: Series) -> np.ndarray:
    """A column as numbers: yes and no become 1 and 0, what is no number is unknown.

    >>> as_numbers(Series(["是", "no", "14", "?", None])).tolist()
    [1.0, 0.0, 14.0, nan, nan]
    """
    if column.dtype.kind in "bif" and not column.hasnans:
        return column.to_numpy(float)
    known = column.astype("str").str.strip().str.lower().map(YES_NO).to_numpy(float)
    number = pd.to_numeric(column, errors="coerce").astype("Float64").to_numpy(float, na_value=np.nan)
    return np.where(np.isnan(known), number, known)


def join_flags(flags: Mapping[str, np.ndarray], size: int) -> Series:
    """The names of the flags that are set for each row, joined by ';' in the order given; "" where none is.

    >>> join_flags({"a": np.array([True, False]), "b": np.array([True, False])}, 2).tolist()
    ['a;b', '']
    """
    code = np.zeros(size, dtype=np.int64)
    for bit, flag in enumerate(flags.values()):
        code |= flag.astype(np.int64) << bit
    seen, place = np.unique(code, return_inverse=True)
    words = [SEPARATOR.join(name for bit, name in enumerate(flags) if value >> bit & 1) for value in seen.tolist()]
    return Series(np.array(words, dtype=object)[place] if size else [], dtype="str")
