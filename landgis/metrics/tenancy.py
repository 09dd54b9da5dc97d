"""Who occupies how much of a parcel: one plant, many tenants (一厂多租).

The effective number of occupants is 1 / Σ share², the inverse Herfindahl index, which is the effective number of
Laakso and Taagepera (1979) and the Hill number of order 2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from landgis.columns import encode
from landgis.compiled.held import Held, held_rows
from landgis.compiled.library import kernels
from landgis.metrics.bounds import Bounded, positive
from landgis.metrics.chunks import chunks, kept
from landgis.metrics.sorting import begins, order_of

OWNER, TENANTS = "owner", ("tenant", "subtenant")


def effective_occupants(floor_area_m2: np.ndarray) -> float:
    """Effective number of occupants of one parcel from the floor area of each, 1 / Σ share²; no unit.

    Rows of one firm must be one number (see `tenancy`). NaN where no floor area is known.

    >>> round(effective_occupants(np.array([9_000, 1_000, 1_000, 1_000])), 4)
    1.7143
    >>> round(effective_occupants(np.array([5, 3, 2])), 3), effective_occupants(np.array([7.0] * 10))
    (2.632, 10.0)
    """
    total, squares = float(np.sum(floor_area_m2)), float(np.sum(np.square(floor_area_m2)))
    return total**2 / squares if squares > 0 else float("nan")


def tenancy_fragmentation(effective: np.ndarray) -> np.ndarray:
    """Tenancy fragmentation, 1 − Σ share² = 1 − 1 / effective occupants; 0 = one occupant, near 1 = very many.

    >>> tenancy_fragmentation(np.array([1.0, 10.0])).tolist()
    [0.0, 0.9]
    """
    return np.asarray(1 - 1 / effective)


@dataclass(frozen=True)
class Holdings:
    """One row per parcel and firm, in this order: positions of both, known floor area in m², is some unknown."""

    parcel: np.ndarray
    firm: np.ndarray
    area_m2: np.ndarray
    area_unknown: np.ndarray

    def rows(self, first: int, last: int) -> slice:
        """The rows of parcels `first` up to `last`."""
        ends = np.array([first, last], self.parcel.dtype)  # of another type, the whole column would be cast
        return slice(*np.searchsorted(self.parcel, ends).tolist())

    def stretch(self, first: int, last: int) -> Holdings:
        """The holdings of a stretch of parcels, which is counted from 0."""
        rows = self.rows(first, last)
        parcel = self.parcel[rows].astype(np.intp) - first
        return Holdings(parcel, self.firm[rows], self.area_m2[rows], self.area_unknown[rows])


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
    held = held_rows if kernels() else _held_rows
    parcel, firm, area, unknown = held(parcel, firm, area_m2)
    new = begins(parcel, firm)
    if new.all():
        return Holdings(parcel, firm, area, unknown)
    several = ~new
    several[:-1] |= several[1:]  # rows of pairs with more than one
    rows = np.flatnonzero(several)
    first = np.flatnonzero(new[rows])
    total, some = np.add.reduceat(area[rows], first), np.logical_or.reduceat(unknown[rows], first)
    area[rows[first]], unknown[rows[first]] = total, some
    return Holdings(*(kept(column, new) for column in (parcel, firm, area, unknown)))


def _held_rows(parcel: np.ndarray, firm: np.ndarray, area_m2: np.ndarray) -> Held:
    order, parcel, firm = order_of(parcel, firm)
    area = area_m2[order]
    unknown = np.isnan(area)
    area[unknown] = 0.0
    return parcel, firm, area, unknown


def leased_floor(
    parcel: np.ndarray, area_m2: np.ndarray, relation: pa.Array, parcels: int
) -> tuple[np.ndarray, np.ndarray]:
    """Floor area of each parcel that is let or sublet, and that of which nobody says; m² that are known."""
    encoded = encode(relation)
    words = [*encoded.dictionary.to_pylist(), None]
    code = encoded.indices.fill_null(len(words) - 1).to_numpy()
    is_leased = np.array([word in TENANTS for word in words])
    is_silent = np.array([word not in (OWNER, *TENANTS) for word in words])
    leased, silent = np.zeros(parcels), np.zeros(parcels)
    for at in chunks(len(code)):
        known = np.where(np.isnan(area_m2[at]), 0.0, area_m2[at])
        for sums, counts in ((leased, is_leased), (silent, is_silent)):
            rows = np.flatnonzero(counts[code[at]])
            np.add.at(sums, parcel[at][rows], known[rows])
    return leased, silent


def tenancy(holdings: Holdings, leased_m2: np.ndarray, silent_m2: np.ndarray) -> Tenancy:
    """Occupants and shares of each parcel, from the holdings and the `leased_floor` of the rows behind them."""
    size = len(leased_m2)
    count = np.bincount(holdings.parcel, minlength=size)
    occupied = np.bincount(holdings.parcel, holdings.area_m2, minlength=size)
    squares = np.bincount(holdings.parcel, np.square(holdings.area_m2), minlength=size)
    unknown = np.zeros(size, dtype=bool)
    unknown[holdings.parcel[holdings.area_unknown]] = True
    with np.errstate(invalid="ignore", divide="ignore"):
        effective = np.where(squares > 0, np.square(occupied) / squares, np.nan)
    return Tenancy(
        occupant_count=count,
        occupied_m2=occupied,
        area_unknown=unknown,
        relation_unknown=silent_m2 > 0,
        effective=_effective_bounds(effective, count, unknown),
        leased_share=_leased_bounds(leased_m2, silent_m2, occupied, unknown),
    )


def _effective_bounds(effective: np.ndarray, count: np.ndarray, unknown: np.ndarray) -> Bounded:
    """An occupant of unknown size can be anything from nothing to nearly all: between 1 and the number of occupants."""
    unsure = unknown | np.isnan(effective)
    if not unsure.any():
        return Bounded(effective, effective, effective)
    most = np.where(count > 0, count, np.inf)  # no record is not "no tenant"
    alone = unsure & (most == 1)  # whatever its size, it is all
    value = np.where(alone, 1.0, effective)
    return Bounded(value, np.where(unsure, 1.0, value), np.where(unsure, most, value))


def _leased_bounds(leased: np.ndarray, silent: np.ndarray, occupied: np.ndarray, unknown: np.ndarray) -> Bounded:
    value = leased_share(leased, occupied - silent)
    low, high = (leased_share(part, occupied) for part in (leased, leased + silent))
    unsure = unknown | ~(occupied > 0)
    return Bounded(value, np.where(unsure, 0.0, low), np.where(unsure, 1.0, high))


def leased_share(leased_m2: np.ndarray, occupied_m2: np.ndarray) -> np.ndarray:
    """Share of the occupied floor area that is let or sublet, 0…1; NaN where none is occupied.

    >>> leased_share(np.array([400.0]), np.array([1000.0])).tolist()
    [0.4]
    """
    return np.asarray(leased_m2 / positive(occupied_m2))


def unknown_floor_share(occupied_m2: np.ndarray, floor_area_m2: np.ndarray) -> np.ndarray:
    """Share of the floor area that no occupancy explains, 0…1; NaN where there is no floor.

    >>> unknown_floor_share(np.array([600.0, 1200.0]), np.array([1000.0, 1000.0])).tolist()
    [0.4, 0.0]
    """
    return np.asarray(np.maximum(1 - occupied_m2 / positive(floor_area_m2), 0))
