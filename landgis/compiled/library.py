"""The compiled kernels, where they are there and fit."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_double, c_int, c_int64, c_void_p
from functools import cache
from pathlib import Path

from landgis.compiled.build import NAME

_P, _I, _D = c_void_p, c_int64, c_double
_SIGNATURES = {
    "wkb_sizes": (_I, _P, _P, _P, _I, _P, _P, _P),
    "rings": (None, _P, _P, _I, _P, _I, _I, _P, _D, _P, _P, _P, _P, _P),
    "hilbert_keys": (None, _P, _I, _P, _P),
    "order_by_key": (None, _P, _I, _P, _P),
    "tree_build": (_I, _P, _I),
    "common_area": (c_int, _P, c_int, _D, _P, c_int, _D, _D, _D, c_int, _P, _P),
    "overlay": (_I, _P, _P, _I, _P, _I, _I, _D, _D, _I, _P, _P, _P, POINTER(_I)),
    "overlaps": (_I, _P, _P, _I, _I, _I, _D, _I, _P, _P, POINTER(_I)),
}


@cache
def kernels() -> ctypes.CDLL | None:
    """The library, its functions typed; None where it is missing or for another machine. Calls let go of the lock."""
    try:
        library = ctypes.CDLL(str(Path(__file__).with_name(NAME)))
        for name, (result, *arguments) in _SIGNATURES.items():
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments
    except (OSError, AttributeError):
        return None
    return library
