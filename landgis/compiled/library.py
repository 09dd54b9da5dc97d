"""The compiled kernels, where they are there and fit."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from ctypes import POINTER, c_double, c_int64, c_uint64, c_void_p
from functools import cache
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa

from landgis.compiled.build import NAME, mark

Result = TypeVar("Result")

STRETCH = 16_384  # rows a thread does at a time

_P, _I, _U, _D = c_void_p, c_int64, c_uint64, c_double
_SIGNATURES = {
    "wkb_sizes": (None, _P, _P, _P, _I, _P, _P, _P, _P),
    "single_rings": (None, _P, _P, _I, _P),
    "outlines": (None, _P, _P, _P, _I, _I, _P, _D, _P, _P, _P, _P, _P),
    "hilbert_keys": (None, _P, _I, _P),
    "tree_leaves": (None, _P, _I, _D, _D, _P),
    "tree_build": (_I, _P, _I),
    "overlay": (_I, _P, _P, _P, _I, _I, _D, _D, _I, _P, _P, _P, POINTER(_I)),
    "overlaps": (_I, _P, _P, _I, _I, _D, _I, _P, _P, POINTER(_I)),
    "keys_fill": (None, _P, _U, _U, _P, _P, _I, _P, _I, _P),
    "held_rows": (None, _P, _P, _P, _I, _I, _P, _P, _P, _P, _P),
    "keys_hash": (None, _U, _P, _P, _I, _P),
    "keys_find": (None, _P, _U, _U, _P, _P, _I, _P, _P, _P, _I, _P),
    "sum_floors": (None, _P, _P, _P, _P, _P, _P, _I, _P),
    "sum_figure": (None, _P, _P, _P, _P, _I, _P, _P),
}


@cache
def kernels() -> ctypes.CDLL | None:
    """The library, its functions typed; None where it is missing, for another machine or made of other sources.

    Calls let go of Python's lock.
    """
    try:
        library = ctypes.CDLL(str(Path(__file__).with_name(NAME)))
        library.mark.restype = ctypes.c_char_p
        if library.mark() != mark().encode():
            return None
        for name, (result, *arguments) in _SIGNATURES.items():
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments
    except (OSError, AttributeError):
        return None
    return library


def library() -> ctypes.CDLL:
    """The kernels, for those who were told that they are there."""
    found = kernels()
    assert found is not None
    return found


def threads() -> int:
    """How many threads to work in: as many as Arrow, which goes by OMP_NUM_THREADS, else by the processors."""
    return int(pa.cpu_count())


def in_threads(function: Callable[[int, int], Result], rows: int) -> list[Result]:
    """The function over stretches of rows, in threads: the kernels let go of Python's lock."""
    stretches = [(first, min(first + STRETCH, rows)) for first in range(0, rows, STRETCH)]
    if len(stretches) < 2:
        return [function(*stretch) for stretch in stretches]
    with ThreadPoolExecutor(threads()) as pool:
        return list(pool.map(lambda stretch: function(*stretch), stretches))


def address(column: np.ndarray | None) -> int | None:
    """Where an array lies in memory; it must go on living, and lie in one piece."""
    return None if column is None else column.ctypes.data
