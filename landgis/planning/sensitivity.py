"""How far the result hangs on each price (tornado): every one alone a share up and down, the rest as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from landgis.planning.cash import net_present_value
from landgis.planning.feasibility import Land, assess, cash_flows, summed, totals
from landgis.rules.prices import Prices
from landgis.text import N_

TITLES: Mapping[str, str] = MappingProxyType({
    "land_cny_per_m2": N_("compensation for land"), "building_cny_per_m2": N_("compensation for buildings"),
    "fittings_cny_per_m2": N_("compensation for fittings"), "moving_cny_per_m2": N_("moving"),
    "transition_cny_per_m2": N_("transition"), "stoppage_share": N_("stoppage"),
    "unlicensed_cny_per_m2": N_("grant for unlicensed floor"), "signing_wan_per_mu": N_("reward for signing"),
    "demolition_cny_per_m2": N_("demolition"), "site_works_cny_per_m2": N_("site works"),
    "construction_cny_per_m2": N_("construction"), "management_share": N_("management"),
    "interest_rate": N_("interest rate"), "discount_rate": N_("discount rate"),
    "land_wan_per_mu": N_("price of land granted anew"), "floor_cny_per_m2": N_("price of new floor"),
    "rent_cny_per_m2_year": N_("rent"), "vacancy_share": N_("vacancy"),
    "tax_wan_per_mu_year": N_("tax per mu after"), "local_tax_share": N_("local share of tax"),
})  # fmt: skip


@dataclass(frozen=True)
class Lever:
    """What one price a share lower and higher adds to the sums of all rows, 万元."""

    name: str  # of the prices, a key of TITLES
    gap_low_wan: float
    gap_high_wan: float
    npv_low_wan: float
    npv_high_wan: float

    @property
    def gap_swing_wan(self) -> float:
        """How far apart the two gaps lie."""
        return abs(self.gap_high_wan - self.gap_low_wan)

    @property
    def npv_swing_wan(self) -> float:
        """How far apart the two net present values lie."""
        return abs(self.npv_high_wan - self.npv_low_wan)


def tornado(land: Land, modes: NDArray[np.object_], prices: Prices, *, share: float = 0.1) -> tuple[Lever, ...]:
    """Every price, the one that the net present value hangs on most first (then the gap, then the name).

    Rows that are refused are in no sum, and rows whose gain is not known are in that of the gap only. Shares and rates
    of the prices stay at most 1.
    """
    base = _sums(land, modes, prices)
    levers = []
    for name in TITLES:
        low, high = (_sums(land, modes, scaled(prices, name, factor)) for factor in (1 - share, 1 + share))
        levers.append(Lever(name, low[0] - base[0], high[0] - base[0], low[1] - base[1], high[1] - base[1]))
    return tuple(sorted(levers, key=lambda one: (-one.npv_swing_wan, -one.gap_swing_wan, one.name)))


def scaled(prices: Prices, name: str, factor: float) -> Prices:
    """The prices with one of them (a table of them as a whole) times a factor."""
    value = getattr(prices, name)
    if isinstance(value, Mapping):
        changed: object = MappingProxyType({word: price * factor for word, price in value.items()})
    else:
        changed = value * factor if "_per_" in name else min(1.0, value * factor)
    return replace(prices, **{name: changed})  # type: ignore[arg-type]  # the name decides the type


def _sums(land: Land, modes: NDArray[np.object_], prices: Prices) -> tuple[float, float]:
    """Gap and net present value of all rows together; both are sums, so the cash flows of the sums are enough."""
    amounts = assess(land, modes, prices).amounts
    known = np.where(np.isnan(amounts["gain_wan_year"]), -1, 0)
    worth = net_present_value(cash_flows(summed(amounts, known, 1), prices), prices.discount_rate)
    return float(totals(amounts)["gap_wan"].sum()), float(worth[0])
