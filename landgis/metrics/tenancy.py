"""Who occupies how much of a parcel: one plant, many tenants (一厂多租).

The effective number of occupants is 1 / Σ share², the inverse Herfindahl index, which is the effective number of
Laakso and Taagepera (1979) and the Hill number of order 2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pandas import Series

from landgis.metrics.bounds import Bounded

OWNER, TENANTS = "owner", ("tenant", "subtenant")


def effective_occupants(floor_area_m2: Series) -> float:
    """Effective number of occupants of one parcel from the floor area of each, 1 / Σ share²; no unit.

    Rows of one firm must be one number (see `tenancy`). NaN where no floor area is known.

    >>> round(effective_occupants(Series([9_000, 1_000, 1_000, 1_000])), 4)
    1.7143
    >>> round(effective_occupants(Series([5, 3, 2])), 3), effective_occupants(Series([7.0] * 10))
    (2.632, 10.0)
    """
    total, squares = float(floor_area_m2.sum()), float((floor_area_m2**2).sum())
    return total**2 / squares if squares > 0 else float("nan")


def tenancy_fragmentation(effective: Series) -> Series:
    """Tenancy fragmentation, 1 − Σ share² = 1 − 1 / effective occupants; 0 = one occupant, near 1 = very many.

    >>> tenancy_fragmentation(Series([1.0, 10.0])).tolist()
    [0.0, 0.9]
    """
    return (1 - 1 / effective).rename("tenancy_fragmentation")


@dataclass(frozen=True)
class Holdings:
    """One row per parcel and firm: positions of both, known floor area in m², whether part of it is unknown."""

    parcel: np.ndarray
    firm: np.ndarray
    area_m2: np.ndarray
    area_unknown: np.ndarray


@dataclass(frozen=True)
class Tenancy:
    """Per parcel, arrays of one length; unknown is NaN."""

    occupant_count: np.ndarray
    occupied_m2: np.ndarray
    area_unknown: np.ndarray  # some occupant's floor area is not known
    relation_unknown: np.ndarray
    effective: Bounded
    leased_share: Bounded


def hold(parcel: np.ndarray, firm: np.ndarray, area_m2: np.ndarray) -> Holdings:
    """Rows of one firm on one parcel are one occupant: their floor areas are added (NaN = unknown)."""
    key = parcel.astype(np.int64) * (int(firm.max(initial=0)) + 1) + firm
    order = np.argsort(key, kind="stable")
    key = key[order]
    first = np.flatnonzero(np.r_[True, key[1:] != key[:-1]]) if len(key) else np.empty(0, int)
    area, unknown = np.nan_to_num(area_m2[order]), np.isnan(area_m2[order])
    return Holdings(
        parcel=parcel[order][first],
        firm=firm[order][first],
        area_m2=np.add.reduceat(area, first) if len(first) else area,
        area_unknown=np.logical_or.reduceat(unknown, first) if len(first) else unknown,
    )


def tenancy(holdings: Holdings, parcel: np.ndarray, area_m2: np.ndarray, relation: np.ndarray, parcels: int) -> Tenancy:
    """Occupants and shares of each parcel; `parcel`, `area_m2`, `relation` are the rows behind the holdings."""
    count = np.bincount(holdings.parcel, minlength=parcels)
    occupied = np.bincount(holdings.parcel, holdings.area_m2, minlength=parcels)
    squares = np.bincount(holdings.parcel, holdings.area_m2**2, minlength=parcels)
    unknown = np.bincount(holdings.parcel, holdings.area_unknown, minlength=parcels) > 0
    with np.errstate(invalid="ignore", divide="ignore"):
        effective = np.where(squares > 0, occupied**2 / squares, np.nan)
    leased, silent = (
        np.bincount(parcel, np.nan_to_num(area_m2) * chosen, minlength=parcels)
        for chosen in (np.isin(relation, TENANTS), ~np.isin(relation, (OWNER, *TENANTS)))
    )
    return Tenancy(
        occupant_count=count,
        occupied_m2=occupied,
        area_unknown=unknown,
        relation_unknown=silent > 0,
        effective=_effective_bounds(effective, count, unknown),
        leased_share=_leased_bounds(leased, silent, occupied, unknown),
    )


def _effective_bounds(effective: np.ndarray, count: np.ndarray, unknown: np.ndarray) -> Bounded:
    """An occupant of unknown size can be anything from nothing to nearly all: between 1 and the number of occupants."""
    unsure = unknown | np.isnan(effective)
    most = np.where(count > 0, count, np.inf)  # no record is not "no tenant"
    alone = unsure & (most == 1)  # whatever its size, it is all
    value = np.where(alone, 1.0, effective)
    return Bounded(value, np.where(unsure, 1.0, value), np.where(unsure, most, value))


def _leased_bounds(leased: np.ndarray, silent: np.ndarray, occupied: np.ndarray, unknown: np.ndarray) -> Bounded:
    said, whole = Series(occupied - silent), Series(occupied)
    value = leased_share(Series(leased), said).to_numpy()
    low, high = (leased_share(Series(part), whole).to_numpy() for part in (leased, leased + silent))
    unsure = unknown | ~(occupied > 0)
    return Bounded(value, np.where(unsure, 0.0, low), np.where(unsure, 1.0, high))


def leased_share(leased_m2: Series, occupied_m2: Series) -> Series:
    """Share of the occupied floor area that is let or sublet, 0…1; NaN where none is occupied.

    >>> leased_share(Series([400.0]), Series([1000.0])).tolist()
    [0.4]
    """
    return (leased_m2 / occupied_m2.where(occupied_m2 > 0)).rename("leased_share")


def unknown_floor_share(occupied_m2: Series, floor_area_m2: Series) -> Series:
    """Share of the floor area that no occupancy explains, 0…1; NaN where there is no floor.

    >>> unknown_floor_share(Series([600.0, 1200.0]), Series([1000.0, 1000.0])).tolist()
    [0.4, 0.0]
    """
    share = 1 - occupied_m2 / floor_area_m2.where(floor_area_m2 > 0)
    return share.clip(lower=0).rename("unknown_floor_share")
