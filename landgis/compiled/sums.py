"""What buildings and firms add to the parcels that they are on, pair after pair."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from landgis.compiled.library import address, kernels, library

SUMS = ("footprint", "plain", "value", "low", "high", "legal", "legal_low", "legal_high", "unlicensed", "unclear")
Pairs: TypeAlias = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""Building and parcel (positions), the share of the building there and its footprint there in m²."""
Held: TypeAlias = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Parcel and firm (positions), and the share of the firm there."""

KINDS: tuple[Any, ...] = (np.int64, np.int64, *(np.float64,) * 6, np.bool_, np.bool_, np.uint8)


@dataclass(frozen=True)
class Floors:
    """Of each building: floor area in m², how often it counts (value and bounds), its permit, its flags as bits."""

    area_m2: np.ndarray
    factor: np.ndarray
    low: np.ndarray
    high: np.ndarray
    legal: np.ndarray
    unlicensed: np.ndarray
    flags: np.ndarray


class _Floors(ctypes.Structure):
    _fields_ = [(name, ctypes.c_void_p) for name in ("area", "factor", "low", "high", "legal", "unlicensed", "flags")]


def add_floors(sums: np.ndarray, flags: np.ndarray, pairs: Pairs, floors: Floors) -> None:
    """Add each pair, in this order, to its parcel's row of `sums` (as in SUMS, m²) and to its `flags`."""
    if not kernels():
        return _add_plainly(sums, flags, pairs, floors)
    given = (*pairs, *vars(floors).values())
    columns = [np.ascontiguousarray(one, kind) for one, kind in zip(given, KINDS, strict=True)]
    of_pairs, of_buildings = [address(one) for one in columns[:4]], [address(one) for one in columns[4:]]
    library().sum_floors(
        address(sums), address(flags), *of_pairs, len(columns[0]), ctypes.byref(_Floors(*of_buildings))
    )
    return None


def _add_plainly(sums: np.ndarray, flags: np.ndarray, pairs: Pairs, floors: Floors) -> None:
    at, parcel, share, footprint = pairs
    plain, value, low, high = (
        share * (floors.area_m2 * factor)[at] for factor in (1.0, floors.factor, floors.low, floors.high)
    )
    legal, unlicensed = floors.legal[at], floors.unlicensed[at]
    added = (
        footprint, plain, value, low, high, np.where(unlicensed, 0.0, value), np.where(legal, low, 0.0),
        np.where(unlicensed, 0.0, high), np.where(unlicensed, plain, 0.0), np.where(legal | unlicensed, 0.0, plain),
    )  # fmt: skip
    for column, values in enumerate(added):
        np.add.at(sums[:, column], parcel, values)  # one after the other, unlike a sum of partial sums
    np.bitwise_or.at(flags, parcel, floors.flags[at])


def sum_figure(figure: np.ndarray, held: Held, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Of each of `size` parcels the sum of what lies there of a figure, and how many firms have none (NaN)."""
    parcel, firm, share = held
    if not kernels() or not figure.flags.c_contiguous:
        here = figure[firm]
        unknown = np.isnan(here)
        part = np.where(unknown, 0.0, here * share)
        return np.bincount(parcel, part, minlength=size), np.bincount(parcel[unknown], minlength=size)
    columns = [np.ascontiguousarray(one, kind) for one, kind in zip(held, (np.int32, np.int32, float), strict=True)]
    known, blank = np.zeros(size), np.zeros(size, np.int32)
    library().sum_figure(address(figure), *map(address, columns), len(parcel), address(known), address(blank))
    return known, blank
