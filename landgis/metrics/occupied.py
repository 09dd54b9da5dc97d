"""Who is on a parcel and what they yield there, with bounds, for all parcels at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pandas import DataFrame, Series

from landgis.metrics.bounds import Bounded
from landgis.metrics.family import Family
from landgis.metrics.output import Allocation, Placed, allocate, output_per_mu, place
from landgis.metrics.tenancy import Holdings, Tenancy, tenancy, tenancy_fragmentation, unknown_floor_share
from landgis.units import m2_to_mu

PER_MU = {
    "output_per_mu": "output_wan",
    "revenue_per_mu": "revenue_wan",
    "value_added_per_mu": "value_added_wan",
    "tax_per_mu": "tax_wan",
}
CAN_BE_NEGATIVE = ("value_added_wan",)
FIGURES = (*PER_MU.values(), "energy_tce", "emissions_t", "employees", "rnd_wan", "electricity_kwh")
TENANCY = ("occupant_count", "effective_occupants", "tenancy_fragmentation", "leased_share", "unknown_floor_share")


@dataclass(frozen=True)
class Firms:
    """Occupancies (rows with a known parcel, position `parcel`) and, where there is one, the enterprises table.

    `firm` is a position in `ids`: the enterprises' rows first, then those that only the occupancies name.
    """

    parcel: np.ndarray
    firm: np.ndarray
    floor_area_m2: np.ndarray
    relation: np.ndarray
    ids: np.ndarray
    enterprises: DataFrame | None

    def figure(self, column: str) -> np.ndarray:
        """The enterprises' figure in the order of `ids`; NaN for those that only the occupancies name."""
        values = np.full(len(self.ids), np.nan)
        if self.enterprises is not None and column in self.enterprises:
            values[: len(self.enterprises)] = self.enterprises[column].to_numpy(float)
        return values


@dataclass(frozen=True)
class FirmSums:
    """The firms' figures summed by parcel, for rule sets that evaluate all firms of a parcel as one."""

    totals: DataFrame | None
    above_scale: np.ndarray  # 1, 0, or NaN where a firm's scale is not known
    exact: np.ndarray  # no figure, scale or split behind the sums is open


def measure_tenancy(firms: Firms | None, holdings: Holdings | None, floor_area_m2: Series) -> Family:
    """Occupants and their shares."""
    size = len(floor_area_m2)
    if firms is None or holdings is None:
        unknown, everywhere = np.full(size, np.nan), np.full(size, True)
        bounded = {name: Bounded.exact(unknown) for name in TENANCY}
        return Family(DataFrame(dict.fromkeys(TENANCY, unknown)), bounded, {"occupancies": everywhere})
    found = tenancy(holdings, firms.parcel, firms.floor_area_m2, firms.relation, size)
    fragmentation = tenancy_fragmentation(Series(found.effective.value))
    explained = unknown_floor_share(Series(found.occupied_m2), floor_area_m2)
    none = found.occupant_count == 0
    columns = DataFrame({
        "occupant_count": found.occupant_count.astype(float),
        "effective_occupants": found.effective.value,
        "tenancy_fragmentation": fragmentation,
        "leased_share": found.leased_share.value,
        "unknown_floor_share": explained,
    })  # fmt: skip
    gaps = {"no_occupancy": none, "occupied_floor_area": found.area_unknown, "relation": found.relation_unknown}
    return Family(columns, _tenancy_bounds(found, fragmentation, explained, none), gaps)


def _tenancy_bounds(found: Tenancy, fragmentation: Series, explained: Series, none: np.ndarray) -> dict[str, Bounded]:
    unsure = found.area_unknown | explained.isna().to_numpy()
    effective = found.effective
    return {
        "occupant_count": Bounded.exact(found.occupant_count.astype(float)).open_where(none),
        "effective_occupants": effective,
        "tenancy_fragmentation": Bounded(fragmentation.to_numpy(), 1 - 1 / effective.low, 1 - 1 / effective.high),
        "leased_share": found.leased_share,
        "unknown_floor_share": Bounded(*(explained.to_numpy(),) * 3).open_where(unsure, low=0, high=1),
    }


def measure_output(firms: Firms | None, holdings: Holdings | None, area_m2: np.ndarray) -> tuple[Family, FirmSums]:
    """What the firms yield per mu, and their sums."""
    size = len(area_m2)
    if firms is None or holdings is None or firms.enterprises is None:
        return _no_output(size)
    allocation = allocate(holdings, len(firms.ids))
    figures = {name: firms.figure(name) for name in FIGURES}
    placed = {name: place(values, allocation, size) for name, values in figures.items()}
    firmless = np.bincount(holdings.parcel, minlength=size) == 0
    sums = {name: _sums(placed[column], firmless, column) for name, column in PER_MU.items()}
    columns = DataFrame({name: output_per_mu(Series(one.value), Series(area_m2)) for name, one in sums.items()})
    bounded = {name: one.over(m2_to_mu(area_m2)) for name, one in sums.items()}
    above = _any_above(firms.figure("above_scale"), allocation, size)
    gaps = {column: placed[column].more for column in PER_MU.values()}
    gaps |= {"allocation": placed["output_wan"].unsure, "above_scale": np.isnan(above)}
    open_sums = np.any([one.more | one.unsure for one in placed.values()], axis=0)
    totals = DataFrame({n: np.where(p.any_known | firmless, p.known, np.nan) for n, p in placed.items()})
    conservation = {
        name: {
            "in": float(np.nansum(values)),
            "placed": float(placed[name].known.sum()),
            "set_aside": placed[name].set_aside,
        }
        for name, values in figures.items()
        if name in firms.enterprises
    }
    exact = ~(firmless | open_sums | np.isnan(above))
    return Family(columns, bounded, gaps, conservation), FirmSums(totals, above, exact)


def _no_output(size: int) -> tuple[Family, FirmSums]:
    unknown, everywhere = np.full(size, np.nan), np.full(size, True)
    lowest = {name: -np.inf if column in CAN_BE_NEGATIVE else 0.0 for name, column in PER_MU.items()}
    bounded = {name: Bounded.exact(unknown, lowest=low) for name, low in lowest.items()}
    family = Family(DataFrame(dict.fromkeys(PER_MU, unknown)), bounded, {"enterprises": everywhere})
    return family, FirmSums(None, unknown, ~everywhere)


def _sums(placed: Placed, firmless: np.ndarray, column: str) -> Bounded:
    """A parcel without a firm yields 0, and may yield more: no record is not "no firm"."""
    value = np.where(placed.any_known | firmless, placed.known, np.nan)
    low = -np.inf if column in CAN_BE_NEGATIVE else None
    return Bounded(value, placed.unsure_low, placed.unsure_high).open_where(placed.more | firmless, low=low)


def _any_above(above_scale: np.ndarray, allocation: Allocation, size: int) -> np.ndarray:
    flag = above_scale[allocation.firm]
    above = np.bincount(allocation.parcel, flag == 1, minlength=size) > 0
    unsure = np.bincount(allocation.parcel, np.isnan(flag), minlength=size) > 0
    return np.where(above, 1.0, np.where(unsure, np.nan, 0.0))
