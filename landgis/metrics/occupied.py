"""Who is on a parcel and what they yield there, with bounds, for a stretch of parcels at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from landgis.metrics.bounds import Bounded
from landgis.metrics.family import Family
from landgis.metrics.output import Placed, output_per_mu
from landgis.metrics.tenancy import Holdings, Tenancy, tenancy, tenancy_fragmentation, unknown_floor_share
from landgis.metrics.tenants import FIGURES, PER_MU, UNSAID, Tenants
from landgis.metrics.yields import Yields
from landgis.units import m2_to_mu

CAN_BE_NEGATIVE = ("value_added_wan",)
AS_NUMBER = np.array([0.0, 1.0, np.nan])  # of BELOW, ABOVE and UNSAID
TENANCY = ("occupant_count", "effective_occupants", "tenancy_fragmentation", "leased_share", "unknown_floor_share")


@dataclass(frozen=True)
class FirmSums:
    """The firms' figures summed by parcel, for rule sets that evaluate all firms of a parcel as one."""

    totals: Mapping[str, np.ndarray] | None  # None: nothing is known of any, or the rule set does not ask
    above_scale: np.ndarray  # 1, 0, or NaN where a firm's scale is not known
    exact: np.ndarray  # no figure, scale or split behind the sums is open


def measure_tenancy(
    tenants: Tenants | None, holdings: Holdings | None, floor_area_m2: np.ndarray, first: int
) -> Family:
    """Occupants and their shares; `holdings` are those of the stretch that begins at parcel `first`."""
    size = len(floor_area_m2)
    if tenants is None or holdings is None:
        unknown, everywhere = np.full(size, np.nan), np.full(size, True)
        bounded = {name: Bounded.exact(unknown) for name in TENANCY}
        return Family(dict.fromkeys(TENANCY, unknown), bounded, {"occupancies": everywhere})
    found = tenancy(holdings, tenants.leased_m2[first : first + size], tenants.silent_m2[first : first + size])
    none = found.occupant_count == 0
    bounded = _tenancy_bounds(found, unknown_floor_share(found.occupied_m2, floor_area_m2), none)
    columns = {name: bounded[name].value for name in TENANCY}
    gaps = {"no_occupancy": none, "occupied_floor_area": found.area_unknown, "relation": found.relation_unknown}
    return Family(columns, bounded, gaps)


def _tenancy_bounds(found: Tenancy, explained: np.ndarray, none: np.ndarray) -> dict[str, Bounded]:
    effective, unsure = found.effective, found.area_unknown | np.isnan(explained)
    value = tenancy_fragmentation(effective.value)
    low, high = (
        value if side is effective.value else tenancy_fragmentation(side) for side in (effective.low, effective.high)
    )
    return {
        "occupant_count": Bounded.exact(found.occupant_count.astype(float)).open_where(none),
        "effective_occupants": effective,
        "tenancy_fragmentation": Bounded(value, low, high),
        "leased_share": found.leased_share,
        "unknown_floor_share": Bounded(*(explained,) * 3).open_where(unsure, low=0, high=1),
    }


def measure_output(yields: Yields | None, area_m2: np.ndarray) -> tuple[Family, FirmSums]:
    """What the firms of a stretch yield per mu, and their sums; unknown without an enterprises table."""
    size = len(area_m2)
    if yields is None:
        return _no_output(size)
    placed, firmless, unsure = yields.placed, yields.count == 0, np.zeros(size, dtype=bool)
    unsure[yields.unsure] = True
    sums = {name: _sums(placed[column], firmless, column) for name, column in PER_MU.items()}
    columns = {name: output_per_mu(one.value, area_m2) for name, one in sums.items()}
    land_mu = m2_to_mu(area_m2)
    above = AS_NUMBER[yields.scale]
    gaps = {column: placed[column].more for column in PER_MU.values()}
    gaps |= {"allocation": unsure, "above_scale": yields.scale == UNSAID}
    family = Family(columns, {name: one.over(land_mu) for name, one in sums.items()}, gaps)
    if len(placed) < len(FIGURES):
        return family, FirmSums(None, above, np.zeros(size, dtype=bool))
    open_sums = np.logical_or.reduce([unsure, firmless, gaps["above_scale"], *(one.more for one in placed.values())])
    totals = {name: np.where(one.any_known | firmless, one.known, np.nan) for name, one in placed.items()}
    return family, FirmSums(totals, above, ~open_sums)


def _no_output(size: int) -> tuple[Family, FirmSums]:
    unknown, everywhere = np.full(size, np.nan), np.full(size, True)
    lowest = {name: -np.inf if column in CAN_BE_NEGATIVE else 0.0 for name, column in PER_MU.items()}
    bounded = {name: Bounded.exact(unknown, lowest=low) for name, low in lowest.items()}
    family = Family(dict.fromkeys(PER_MU, unknown), bounded, {"enterprises": everywhere})
    return family, FirmSums(None, unknown, ~everywhere)


def _sums(placed: Placed, firmless: np.ndarray, column: str) -> Bounded:
    """A parcel without a firm yields 0, and may yield more: no record is not "no firm"."""
    known = placed.any_known | firmless
    value = placed.known if known.all() else np.where(known, placed.known, np.nan)
    low = -np.inf if column in CAN_BE_NEGATIVE else None
    return Bounded(value, placed.unsure_low, placed.unsure_high).open_where(placed.more | firmless, low=low)
