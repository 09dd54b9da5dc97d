"""Rows of occupancies in the order of parcel and firm, by the kernels."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from landgis.compiled.library import address, library

Held: TypeAlias = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""Parcel and firm (positions, int32), floor area in m², and whether that is not known; it is 0 then."""


def held_rows(parcel: np.ndarray, firm: np.ndarray, area_m2: np.ndarray) -> Held:
    """The rows by parcel, then firm, then as they came; fewer than 2³¹. The kernels must be there."""
    kinds = (np.int32, np.int32, np.float64)
    given = [np.ascontiguousarray(one, kind) for one, kind in zip((parcel, firm, area_m2), kinds, strict=True)]
    rows, parcels = len(parcel), int(parcel.max(initial=-1)) + 1
    held: Held = np.empty(rows, np.int32), np.empty(rows, np.int32), np.empty(rows), np.empty(rows, bool)
    start = np.zeros(parcels + 1, np.int32)
    library().held_rows(*map(address, given), rows, parcels, address(start), *map(address, held))
    return held
