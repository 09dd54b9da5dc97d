"""What renovating a parcel costs and brings in a mode of renovation (测算): compensation, works, income, gap, return.

Money in 万元 (10 000 CNY), prices in CNY a m² or 万元 a mu as their names say; formulas in docs/plan.md and the domain
brief §3.3, §8.1:

    acquisition = land · k_tenure · k_term + floor · (building price · condition + fittings + moving + transition)
                  + stoppage + signing reward + grant for unlicensed floor        (legal floor only)
    cost        = acquisition + demolition + site works + construction + management + finance
    gap         = cost − (land sold + floor sold + subsidy)
    gain a year = rent of new floor − rent of old floor foregone + local share of the gain in tax

The parts (`AMOUNTS`) can be summed over the parcels of a site; ratios, payback and returns are then those of the sums.
What must be known is refused where it is not, with the reason; what a price file may assume is named as a gap.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from landgis.planning.cash import internal_rate_of_return, net_present_value, payback_years, static_payback_years
from landgis.planning.sequence import FloatArray, IntArray
from landgis.rules.prices import USES, ModeTerms, Prices
from landgis.units import m2_to_mu

CNY_PER_WAN = 10_000
LEAST_FLOOR_M2 = 0.01  # with less new floor nothing is said per m² of it
BoolArray = NDArray[np.bool_]
Amounts = Mapping[str, FloatArray]  # name → [n]

COMPENSATION = (
    "land_compensation_wan", "building_compensation_wan", "fittings_wan", "moving_wan", "transition_wan",
    "stoppage_wan", "signing_reward_wan", "unlicensed_grant_wan",
)  # fmt: skip
WORKS = ("demolition_wan", "site_works_wan", "construction_wan", "management_wan", "finance_wan")
INCOME = ("land_income_wan", "floor_income_wan", "subsidy_wan")
YEARLY = ("rent_wan_year", "tax_gain_wan_year", "gain_wan_year")
SIZES = (
    "area_m2", "legal_floor_m2", "unlicensed_floor_m2", "new_floor_m2", "taxed_mu", "tax_after_wan_year",
)  # fmt: skip
AMOUNTS = (*SIZES, *COMPENSATION, *WORKS, *INCOME, *YEARLY)
REFUSALS = ("mode", "area", "floor_area", "building_use", "tenure")  # why a row has no figures
GAPS = ("remaining_years", "condition", "max_floor_area_ratio", "tax_per_mu")  # what was assumed, or left open


@dataclass(frozen=True, eq=False)
class Land:
    """What is known of n parcels; NaN, and None among texts, is unknown."""

    area_m2: FloatArray
    tenure: NDArray[np.object_]  # codes of TENURES
    remaining_years: FloatArray  # of the grant
    max_floor_area_ratio: FloatArray
    legal_floor_m2: FloatArray  # [n, USES]
    condition: FloatArray  # of the legal floor, 0…1
    unlicensed_floor_m2: FloatArray
    tax_per_mu: FloatArray  # 万元/亩, as it is now

    def at(self, rows: IntArray) -> Land:
        """Some of the parcels, each as often as it is named."""
        return Land(**{name: values[rows] for name, values in self.__dict__.items()})


@dataclass(frozen=True, eq=False)
class Assessment:
    """n rows in = the rows of `amounts` + those of `refused`; all masks are [n]."""

    kept: IntArray  # positions of the rows that have figures, in their order
    amounts: Amounts  # [len(kept)], the names of AMOUNTS
    refused: Mapping[str, BoolArray]  # reason → rows; a row may have several
    gaps: Mapping[str, BoolArray]  # [len(kept)]


def assess(land: Land, modes: NDArray[np.object_], prices: Prices) -> Assessment:
    """The parts of cost and income of each parcel in its mode (a code of `prices.modes`, None where nobody said)."""
    terms = _terms(modes, prices)
    factor = _by_word(land.tenure, prices.tenure_factors)
    price = np.array([prices.building_cny_per_m2.get(use, np.nan) for use in USES])
    floor = land.legal_floor_m2.sum(axis=1)
    unpriced = (land.legal_floor_m2[:, np.isnan(price)] > 0).any(axis=1)
    with np.errstate(invalid="ignore"):
        refused = {
            "mode": terms.code < 0,
            "area": ~(land.area_m2 > 0),
            "floor_area": ~((floor >= 0) & (land.unlicensed_floor_m2 >= 0)),
            "building_use": unpriced & (terms["building_share"] + terms["moving_share"] > 0),
            "tenure": np.isnan(factor) & (terms["land_share"] > 0),
        }
    kept = np.flatnonzero(~np.any(list(refused.values()), axis=0))
    land, terms = land.at(kept), _Terms(terms.code[kept], terms.modes)
    k_tenure = np.nan_to_num(factor[kept])
    worth: FloatArray = land.legal_floor_m2 @ np.nan_to_num(price)
    amounts = _sizes(land, terms, prices)
    amounts |= _compensation(land, terms, prices, amounts=amounts, k_tenure=k_tenure, worth_cny=worth)
    amounts |= _works(terms, prices, amounts)
    amounts |= _income(land, terms, prices, amounts)
    gaps = {
        "remaining_years": np.isnan(land.remaining_years) & (terms["land_share"] > 0),
        "condition": np.isnan(land.condition) & (amounts["legal_floor_m2"] > 0) & (terms["building_share"] > 0),
        "max_floor_area_ratio": np.isnan(land.max_floor_area_ratio),
        "tax_per_mu": np.isnan(land.tax_per_mu),
    }
    return Assessment(kept, {name: amounts[name] for name in AMOUNTS}, refused, gaps)


@dataclass(frozen=True, eq=False)
class _Terms:
    """The terms of each row's mode, by name; 0 where it has none."""

    code: IntArray  # position of the mode, -1 where it has no terms
    modes: tuple[ModeTerms, ...]

    def __getitem__(self, name: str) -> FloatArray:
        return np.array([*(getattr(mode, name) for mode in self.modes), 0.0])[self.code]


def _terms(modes: NDArray[np.object_], prices: Prices) -> _Terms:
    codes = {name: at for at, name in enumerate(prices.modes)}
    return _Terms(
        np.array([codes.get(mode, -1) for mode in modes.tolist()], dtype=np.intp), tuple(prices.modes.values())
    )


def _by_word(words: NDArray[np.object_], factors: Mapping[str, float]) -> FloatArray:
    return np.array([factors.get(word, np.nan) for word in words.tolist()], dtype=np.float64)


def _sizes(land: Land, terms: _Terms, prices: Prices) -> dict[str, FloatArray]:
    limit = np.where(np.isnan(land.max_floor_area_ratio), prices.floor_area_ratio, land.max_floor_area_ratio)
    taxed = m2_to_mu(land.area_m2) * terms["taxed_share"]
    return {
        "area_m2": land.area_m2,
        "legal_floor_m2": land.legal_floor_m2.sum(axis=1),
        "unlicensed_floor_m2": land.unlicensed_floor_m2,
        "new_floor_m2": land.area_m2 * prices.buildable_share * np.minimum(limit, prices.max_floor_area_ratio),
        "taxed_mu": taxed,
        "tax_after_wan_year": taxed * prices.tax_wan_per_mu_year,
    }


def _compensation(
    land: Land,
    terms: _Terms,
    prices: Prices,
    *,
    amounts: Amounts,
    k_tenure: FloatArray,
    worth_cny: FloatArray,
) -> dict[str, FloatArray]:
    floor = amounts["legal_floor_m2"]
    left = np.clip(land.remaining_years / prices.term_years, 0.0, 1.0)
    k_term = np.where(np.isnan(left), prices.term_share, left)
    condition = np.where(np.isnan(land.condition), prices.condition, land.condition)
    buildings = worth_cny * condition
    moved = terms["moving_share"]
    cny = {
        "land_compensation_wan": land.area_m2 * prices.land_cny_per_m2 * k_tenure * k_term * terms["land_share"],
        "building_compensation_wan": buildings * terms["building_share"],
        "fittings_wan": floor * prices.fittings_cny_per_m2 * terms["building_share"],
        "moving_wan": floor * prices.moving_cny_per_m2 * moved,
        "transition_wan": floor * prices.transition_cny_per_m2 * moved,
        "stoppage_wan": buildings * prices.stoppage_share * moved,
        "unlicensed_grant_wan": land.unlicensed_floor_m2 * prices.unlicensed_cny_per_m2,
    }
    wan = {name: amount / CNY_PER_WAN for name, amount in cny.items()}
    return wan | {"signing_reward_wan": m2_to_mu(land.area_m2) * prices.signing_wan_per_mu * terms["reward_share"]}


def _works(terms: _Terms, prices: Prices, amounts: Amounts) -> dict[str, FloatArray]:
    standing = amounts["legal_floor_m2"] + amounts["unlicensed_floor_m2"]
    demolition = standing * prices.demolition_cny_per_m2 / CNY_PER_WAN
    site = amounts["area_m2"] * prices.site_works_cny_per_m2 / CNY_PER_WAN
    built = amounts["new_floor_m2"] * prices.construction_cny_per_m2 / CNY_PER_WAN * terms["construction_share"]
    first = acquisition(amounts) + demolition + site
    finance = prices.interest_rate * (prices.clear_years * first + prices.build_years / 2 * built)
    return {
        "demolition_wan": demolition,
        "site_works_wan": site,
        "construction_wan": built,
        "management_wan": prices.management_share * (first + built),
        "finance_wan": finance,
    }


def _income(land: Land, terms: _Terms, prices: Prices, amounts: Amounts) -> dict[str, FloatArray]:
    mu, new = m2_to_mu(land.area_m2), amounts["new_floor_m2"]
    let = new * terms["let_share"] - amounts["legal_floor_m2"] * terms["foregone_share"]
    rent = let * prices.rent_cny_per_m2_year * (1 - prices.vacancy_share) / CNY_PER_WAN
    before = np.where(np.isnan(land.tax_per_mu), prices.tax_before_wan_per_mu_year, land.tax_per_mu)
    tax = (prices.tax_wan_per_mu_year - before) * amounts["taxed_mu"] * prices.local_tax_share
    counts = terms["tax_counts"]
    return {
        "land_income_wan": mu * prices.land_wan_per_mu * terms["resold_share"],
        "floor_income_wan": new * prices.floor_cny_per_m2 / CNY_PER_WAN * terms["sold_share"],
        "subsidy_wan": mu * terms["subsidy_wan_per_mu"],
        "rent_wan_year": rent,
        "tax_gain_wan_year": tax,
        "gain_wan_year": rent + np.where(counts > 0, counts * tax, 0.0),
    }


def acquisition(amounts: Amounts) -> FloatArray:
    """float[n]: all compensation, 万元."""
    total: FloatArray = np.sum([amounts[name] for name in COMPENSATION], axis=0)
    return total


def cash_flows(amounts: Amounts, prices: Prices) -> FloatArray:
    """float[n, years + 1], 万元 at the end of each year: what comes in less what goes out.

    Compensation, demolition and site works in year 0; land income and subsidy when the land is clear; construction in
    equal parts in the years behind that; floor is sold when it is complete, and the yearly gain follows. Management
    goes along with what it is a share of. Interest is not in it: discounting stands for it.
    """
    clear, ready = prices.clear_years, prices.clear_years + prices.build_years
    flows = np.zeros((len(amounts["area_m2"]), ready + prices.income_years + 1))
    managed = 1 + prices.management_share
    flows[:, 0] -= managed * (acquisition(amounts) + amounts["demolition_wan"] + amounts["site_works_wan"])
    flows[:, clear] += amounts["land_income_wan"] + amounts["subsidy_wan"]
    flows[:, clear + 1 : ready + 1] -= (managed * amounts["construction_wan"] / prices.build_years)[:, None]
    flows[:, ready] += amounts["floor_income_wan"]
    flows[:, ready + 1 :] += amounts["gain_wan_year"][:, None]
    return flows


def totals(amounts: Amounts) -> dict[str, FloatArray]:
    """Acquisition, cost, income and gap of each row, 万元."""
    bought = acquisition(amounts)
    cost = bought + np.sum([amounts[name] for name in WORKS], axis=0)
    income = np.sum([amounts[name] for name in INCOME], axis=0)
    return {"acquisition_wan": bought, "cost_wan": cost, "income_wan": income, "gap_wan": cost - income}


def returns(amounts: Amounts, prices: Prices) -> dict[str, FloatArray]:
    """Totals, ratios, payback and returns of each row; NaN where they are not known or do not exist."""
    found, flows = totals(amounts), cash_flows(amounts, prices)
    mu, new = m2_to_mu(amounts["area_m2"]), amounts["new_floor_m2"]
    per_new = np.where(new >= LEAST_FLOOR_M2, CNY_PER_WAN / np.maximum(new, LEAST_FLOOR_M2), np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        tax_after = np.where(amounts["taxed_mu"] > 0, amounts["tax_after_wan_year"] / amounts["taxed_mu"], np.nan)
    return found | {
        "cost_wan_per_mu": found["cost_wan"] / mu,
        "cost_cny_per_new_m2": found["cost_wan"] * per_new,
        "gap_wan_per_mu": found["gap_wan"] / mu,
        "gap_cny_per_new_m2": found["gap_wan"] * per_new,
        "floor_area_ratio_after": new / amounts["area_m2"],
        "floor_gain_m2": new - amounts["legal_floor_m2"],
        "tax_per_mu_after": tax_after,
        "static_payback_years": static_payback_years(found["gap_wan"], amounts["gain_wan_year"]),
        "discounted_payback_years": payback_years(flows, prices.discount_rate),
        "npv_wan": net_present_value(flows, prices.discount_rate),
        "irr": internal_rate_of_return(flows),
    }


def summed(amounts: Amounts, group: IntArray, count: int) -> dict[str, FloatArray]:
    """The amounts of each of `count` groups (sites, blocks); `group` is [n], below 0 for a row that is in none.

    A group with a row whose gain is not known has none that is known.
    """
    inside = group >= 0
    sums = {name: np.bincount(group[inside], part[inside], minlength=count) for name, part in amounts.items()}
    return {name: part.astype(np.float64) for name, part in sums.items()}
