"""How much has reached which milestone: parcels, mu, floor area and occupants, by any grouping of the parcels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from landgis.phases.curve import NEVER
from landgis.phases.lifecycle import CODES, NAMES
from landgis.phases.lines import NOBODY
from landgis.phases.reached import Land, Reached
from landgis.tables import SIDE_MILESTONES
from landgis.units import MU_DECIMALS, m2_to_mu

RENOVATED = "renovated"
MEASURED = (*NAMES, RENOVATED)  # what is tallied, in this order
FIRST_OF_THE_NEW = CODES["STARTED"]  # from this step on the floor area is that of the new buildings
FLOOR_DECIMALS = 2


@dataclass(frozen=True)
class Tally:
    """One row a group, one column a measured milestone (MEASURED)."""

    parcels: np.ndarray  # int64
    mu: np.ndarray
    floor_area_m2: np.ndarray  # NaN where nothing of it is known
    floor_unknown: np.ndarray  # int64: parcels that count, but whose floor area is not known
    occupants: np.ndarray | None  # int64, different firms; None without an occupancies table

    def figures(self, group: int) -> dict[str, dict[str, float | int | None]]:
        """The figures of one group as `landgis status --json` prints them."""
        return {
            name: {
                "parcels": int(self.parcels[group, at]),
                "mu": round(float(self.mu[group, at]), MU_DECIMALS),
                "floor_area_m2": _known(self.floor_area_m2[group, at]),
                "occupants": None if self.occupants is None else int(self.occupants[group, at]),
            }
            for at, name in enumerate(MEASURED)
        }

    def unknown(self, group: int) -> dict[str, int]:
        """How many parcels of each figure have no known floor area."""
        return {
            name: int(self.floor_unknown[group, at])
            for at, name in enumerate(MEASURED)
            if self.floor_unknown[group, at]
        }


def _known(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), FLOOR_DECIMALS)


def has_reached(state: Reached, as_of: int) -> np.ndarray:
    """bool[parcels, MEASURED]; a pause or withdrawal counts while it lasts, a parcel that is no more does not count."""
    flags = np.zeros((len(state.day), len(MEASURED)), dtype=bool)
    flags[:, : len(NAMES)] = state.day <= as_of
    for name in SIDE_MILESTONES:
        flags[:, CODES[name]] = state.resumed if name == "RESUMED" else state.side == CODES[name]
    flags[:, -1] = state.renovated <= as_of
    flags &= state.exists[:, None]
    return flags


def tally(state: Reached, land: Land, *, as_of: int, group: np.ndarray | None = None, groups: int = 1) -> Tally:
    """Count what had been reached by `as_of`; `group` says of each parcel in which it counts, NOBODY for none.

    The floor area is that of the buildings that have to fall, and from the start of building that of the new ones; a
    building that reached a step before its parcel counts on its own.
    """
    where = np.zeros(len(land.parcel_ids), dtype=np.int64) if group is None else group
    flags = has_reached(state, as_of) & (where != NOBODY)[:, None]
    shape = (groups, len(MEASURED))
    parcels, mu = np.zeros(shape, dtype=np.int64), np.zeros(shape)
    land_mu = m2_to_mu(np.nan_to_num(land.area_m2))
    for at in range(len(MEASURED)):
        chosen = np.flatnonzero(flags[:, at])
        parcels[:, at] = np.bincount(where[chosen], minlength=groups)
        mu[:, at] = np.bincount(where[chosen], land_mu[chosen], minlength=groups)
    floor, unknown = _floor(state, land, flags, where, groups, as_of)
    return Tally(parcels, mu, floor, unknown, _occupants(land, flags, where, groups))


def _floor(
    state: Reached, land: Land, flags: np.ndarray, where: np.ndarray, groups: int, as_of: int
) -> tuple[np.ndarray, np.ndarray]:
    shape = (groups, len(MEASURED))
    if not land.has_buildings:
        return np.full(shape, np.nan), np.zeros(shape, dtype=np.int64)
    floor, unknown = np.zeros(shape), np.zeros(shape, dtype=np.int64)
    known = ~np.isnan(land.building_floor_m2)
    kept = (
        state.day[:, CODES["DEMOLISHED"]] > as_of
    )  # what is refurbished or was built on empty land stands there itself
    new = ~land.building_old | kept[land.building_parcel]
    on_land = (where != NOBODY) & state.exists
    for at in range(len(MEASURED)):
        of_new = FIRST_OF_THE_NEW <= at < len(NAMES) and NAMES[at] not in SIDE_MILESTONES
        counted = new if of_new else land.building_old
        there = flags[land.building_parcel, at]
        if at < len(NAMES):
            there = there | ((state.building_day[:, at] <= as_of) & on_land[land.building_parcel])
        rows = np.flatnonzero(counted & there & known)
        floor[:, at] = np.bincount(where[land.building_parcel[rows]], land.building_floor_m2[rows], minlength=groups)
        lacking = np.zeros(len(where), dtype=bool)
        lacking[land.building_parcel[counted & ~known]] = True
        if of_new:
            having = np.zeros(len(where), dtype=bool)
            having[land.building_parcel[counted]] = True
            lacking |= ~having
        lacking &= flags[:, at]
        unknown[:, at] = np.bincount(where[lacking], minlength=groups)
        reached = np.bincount(where[flags[:, at]], minlength=groups)
        floor[(unknown[:, at] == reached) & (reached > 0) & (floor[:, at] == 0), at] = np.nan
    return floor, unknown


def _occupants(land: Land, flags: np.ndarray, where: np.ndarray, groups: int) -> np.ndarray | None:
    """Different firms in each group on the parcels that reached each milestone."""
    if not land.has_occupants:
        return None
    group = where[land.occupied]
    pairs = np.flatnonzero(group != NOBODY)
    firms = int(land.firm.max(initial=0)) + 1
    key = group[pairs] * firms + land.firm[pairs]
    order = np.argsort(key, kind="stable")
    key, occupied = key[order], land.occupied[pairs[order]]
    counts = np.zeros((groups, len(MEASURED)), dtype=np.int64)
    if not len(key):
        return counts
    starts = np.flatnonzero(np.r_[True, key[1:] != key[:-1]])
    group_of = key[starts] // firms
    for at in range(len(MEASURED)):
        present = np.logical_or.reduceat(flags[occupied, at], starts)
        counts[:, at] = np.bincount(group_of[present], minlength=groups)
    return counts


@dataclass(frozen=True)
class Overdue:
    """Steps that were planned before a day and had not been reached by it, the latest first."""

    parcel: np.ndarray  # positions
    milestone: np.ndarray  # codes
    planned: np.ndarray  # int32 days
    days: np.ndarray  # int32


def overdue(planned: np.ndarray, state: Reached, *, as_of: int) -> Overdue:
    """`planned` int32[parcels, milestones]; withdrawn parcels, and those that are no more, owe nothing."""
    owing = state.exists & (state.side != CODES["WITHDRAWN"])
    late = (planned < as_of) & (planned != NEVER) & (state.day > as_of) & owing[:, None]
    parcel, milestone = np.nonzero(late)
    day = planned[parcel, milestone]
    days = (as_of - day).astype(np.int32)
    order = np.lexsort((milestone, parcel, -days.astype(np.int64)))
    return Overdue(parcel[order], milestone[order], day[order], days[order])


def partial_shares(state: Reached, land: Land, milestone: str, *, as_of: int) -> Sequence[tuple[int, float]]:
    """Parcels of which some buildings, but not all, have reached a step: position and share of the floor area (0…1)."""
    code = CODES[milestone]
    old = np.flatnonzero(land.building_old & land.building_main & ~np.isnan(land.building_floor_m2))
    parcel, floor = land.building_parcel[old], land.building_floor_m2[old]
    size = len(land.parcel_ids)
    total = np.bincount(parcel, floor, minlength=size)
    done = np.bincount(parcel, floor * (state.building_day[old, code] <= as_of), minlength=size)
    some = np.flatnonzero((done > 0) & (state.day[:, code] > as_of) & state.exists)
    return [(int(at), float(done[at] / total[at])) for at in some]
