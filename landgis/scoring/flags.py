"""Yes and no: an office's own columns read as numbers, and the names of what is set put into one text."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.types as kinds

from landgis.columns import TEXT, Column, encode, numbers

YES_NO = {"true": 1.0, "false": 0.0, "yes": 1.0, "no": 0.0, "是": 1.0, "否": 0.0}
SEPARATOR = ";"


def as_numbers(column: Column) -> np.ndarray:
    """A column as numbers: yes and no become 1 and 0, what is no number is unknown.

    >>> as_numbers(pa.array(["是", "no", "14", "?", None])).tolist()
    [1.0, 0.0, 14.0, nan, nan]
    """
    if isinstance(column, np.ndarray) or (kinds.is_primitive(column.type) and not kinds.is_temporal(column.type)):
        return numbers(column)
    encoded = encode(column)
    read = np.array([*(_number(str(cell)) for cell in encoded.dictionary.to_pylist()), np.nan])
    return np.asarray(read[encoded.indices.fill_null(len(read) - 1).to_numpy()])


def _number(text: str) -> float:
    plain = text.strip().lower()
    if plain in YES_NO:
        return YES_NO[plain]
    try:
        return float(plain) if plain.isascii() and "_" not in plain else np.nan
    except ValueError:
        return np.nan


def join_flags(flags: Mapping[str, np.ndarray], size: int) -> pa.DictionaryArray:
    """The names of the flags that are set for each row, joined by ';' in the order given; "" where none is.

    >>> join_flags({"a": np.array([True, False]), "b": np.array([True, False])}, 2).to_pylist()
    ['a;b', '']
    """
    set_somewhere = {name: flag for name, flag in flags.items() if flag.any()}
    code = np.zeros(size, dtype=np.int64)
    for bit, flag in enumerate(set_somewhere.values()):
        code += np.multiply(flag, np.int64(1 << bit))
    encoded = pa.array(code).dictionary_encode()
    words = [
        SEPARATOR.join(name for bit, name in enumerate(set_somewhere) if value >> bit & 1)
        for value in encoded.dictionary.to_pylist()
    ]
    return pa.DictionaryArray.from_arrays(encoded.indices, pa.array(words, TEXT))
