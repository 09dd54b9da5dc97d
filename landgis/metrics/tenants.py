"""Occupancies and enterprises settled over the whole table, once: who holds what, and which part of a firm lies where.

How a firm is split over its parcels depends on all of them; what follows from it is worked out parcel by parcel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from landgis.columns import Columns
from landgis.metrics.chunks import stands, sum_by
from landgis.metrics.output import Allocation, allocate
from landgis.metrics.sorting import begins
from landgis.metrics.tenancy import Holdings, hold, leased_floor

PER_MU = {
    "output_per_mu": "output_wan",
    "revenue_per_mu": "revenue_wan",
    "value_added_per_mu": "value_added_wan",
    "tax_per_mu": "tax_wan",
}
YIELDS = tuple(PER_MU.values())
FIGURES = (*YIELDS, "energy_tce", "emissions_t", "employees", "rnd_wan", "electricity_kwh")
BELOW, ABOVE, UNSAID = np.uint8(0), np.uint8(1), np.uint8(2)
NOBODY = -1


@dataclass(frozen=True)
class Firms:
    """Occupancies (rows with a known parcel, position `parcel`) and, where there is one, the enterprises table.

    `firm` is a position in `ids`: the enterprises' rows first, then those that only the occupancies name.
    """

    parcel: np.ndarray
    firm: np.ndarray
    floor_area_m2: np.ndarray
    relation: pa.Array
    ids: pa.Array
    enterprises: Columns | None

    def figure(self, column: str) -> np.ndarray:
        """The enterprises' figure in the order of `ids`; NaN for those that only the occupancies name."""
        if self.enterprises is None or column not in self.enterprises:
            return np.broadcast_to(np.nan, len(self.ids))  # one number, however many firms
        listed = self.enterprises.number(column)
        if len(listed) == len(self.ids):
            return listed
        return np.concatenate([listed, np.full(len(self.ids) - len(listed), np.nan)])


@dataclass(frozen=True)
class Tenants:
    """What is known of the occupants of all parcels; `allocation` has a row for each of the holdings."""

    holdings: Holdings
    leased_m2: np.ndarray  # per parcel
    silent_m2: np.ndarray  # per parcel: floor area of which nobody says whether it is let
    allocation: Allocation | None  # None without an enterprises table; so are the next
    figures: Mapping[str, np.ndarray]  # per firm
    scale: np.ndarray  # per firm: BELOW, ABOVE or UNSAID
    industry: pa.Array | None  # codes of the enterprises
    largest: np.ndarray  # per parcel: the row of its largest occupant in the enterprises, or NOBODY
    conservation: Mapping[str, dict[str, float]]

    def without_figures(self) -> Tenants:
        """The same, when the figures of the firms have been summed."""
        return replace(self, allocation=None, figures={}, scale=np.empty(0))


def settle_tenants(firms: Firms, size: int) -> Tenants:
    """Settle the occupancies of `size` parcels."""
    holdings = hold(firms.parcel, firms.firm, firms.floor_area_m2)
    leased, silent = leased_floor(firms.parcel, firms.floor_area_m2, firms.relation, size)
    if firms.enterprises is None:
        nothing = np.empty(0)
        return Tenants(holdings, leased, silent, None, {}, nothing, None, nothing, {})
    allocation = allocate(holdings, len(firms.ids))
    figures = {name: firms.figure(name) for name in FIGURES}
    above = firms.figure("above_scale")
    with_codes = "industry_code" in firms.enterprises
    return Tenants(
        holdings,
        leased,
        silent,
        allocation,
        figures,
        np.where(np.isnan(above), UNSAID, np.where(above == 1, ABOVE, BELOW)),
        firms.enterprises.text("industry_code") if with_codes else None,
        largest_occupants(holdings, firms, size) if with_codes else np.empty(0),
        conserved({name: figures[name] for name in FIGURES if name in firms.enterprises}, allocation),
    )


def conserved(figures: Mapping[str, np.ndarray], allocation: Allocation) -> dict[str, dict[str, float]]:
    """Of each figure what came in, what the shares of the firms put on parcels, and what is of firms on none."""
    if not figures:
        return {}
    firms = len(next(iter(figures.values())))
    share = sum_by(allocation.firm, allocation.share, firms)
    nowhere = ~stands(allocation.firm, firms)
    known = ((name, np.where(np.isnan(values), 0.0, values)) for name, values in figures.items())
    return {
        name: {
            "in": float(values.sum()),
            "placed": float((values * share).sum()),
            "set_aside": float(values[nowhere].sum()),
        }
        for name, values in known
    }


def largest_occupants(holdings: Holdings, firms: Firms, size: int) -> np.ndarray:
    """The firm with most floor area on each parcel, then with the lower firm number, as a row of the enterprises.

    NOBODY where there is none, or where that firm is not among the enterprises.
    """
    largest = np.full(size, NOBODY)
    if not len(holdings.parcel) or firms.enterprises is None:
        return largest
    start = np.flatnonzero(begins(holdings.parcel))
    most = np.repeat(np.maximum.reduceat(holdings.area_m2, start), np.diff(np.r_[start, len(holdings.parcel)]))
    rows = np.flatnonzero(holdings.area_m2 == most)
    parcel, firm = holdings.parcel[rows], holdings.firm[rows]
    tied = np.flatnonzero(np.bincount(parcel, minlength=size)[parcel] > 1)
    largest[parcel] = firm
    if len(tied):
        names = np.array(firms.ids.take(firm[tied]).to_pylist(), dtype=object).astype(str)
        tied = tied[np.lexsort((names, parcel[tied]))]
        largest[parcel[tied][::-1]] = firm[tied][::-1]  # the first of each parcel is written last
    return np.where(largest < firms.enterprises.size, largest, NOBODY)
