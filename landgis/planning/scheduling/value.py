"""What a start is worth: gains discounted to the quarter in which the work is finished, less displacement and hazards.

The weights are data of the rule file; this module only multiplies.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from landgis.planning.scheduling.problem import DEMOLISH, Plan

QUARTERS_PER_YEAR = 4
MONTHS_PER_QUARTER = 3


@dataclass(frozen=True)
class Effects:
    """What the work on each site brings and what it costs others; NaN = not known, which a schedule refuses."""

    area_gain_m2: np.ndarray  # float64[n, modes]: new floor area less the old one
    tax_gain_wan: np.ndarray  # float64[n, modes], a year, after less before
    value_added_gain_wan: np.ndarray  # float64[n, modes], a year
    displaced_firms: np.ndarray  # float64[n, modes]: out of their rooms from the start until the work is finished
    red_hazards: np.ndarray  # float64[n]: open until the site is vacated


@dataclass(frozen=True)
class Weights:
    """Points for one unit of each; the last three of an office's choosing like the first ones (assumptions)."""

    per_area_m2: float
    per_tax_wan: float  # 万元 a year
    per_value_added_wan: float  # 万元 a year
    per_firm_month: float  # taken off
    per_hazard_quarter: float  # taken off
    discount_a_year: float  # 0.05 = a gain a year later counts 1 / 1.05


@dataclass(frozen=True)
class Tally:
    """A plan's objective taken apart; gains discounted, all weighted with nothing yet."""

    area_gain_m2: float
    tax_gain_wan: float
    value_added_gain_wan: float
    firm_months: float
    hazard_quarters: float  # within the periods, of all sites, started or not


def discount(quarters: np.ndarray, a_year: float) -> np.ndarray:
    """(1 + a_year)^(−quarters / 4).

    >>> discount(np.array([0, 4]), 0.25).tolist()
    [1.0, 0.8]
    """
    factor: np.ndarray = (1 + a_year) ** (-quarters / QUARTERS_PER_YEAR)
    return factor


def start_values(effects: Effects, weights: Weights, *, phase_quarters: np.ndarray, periods: int) -> np.ndarray:
    """Points for starting each site in each mode and period against never starting it, float64[n, modes, periods].

    δ(f)·(w_A·ΔA + w_T·ΔT + w_V·ΔV) − w_F·3·firms·D + w_H·hazards·(T − min(T, s + v)), with f = s + D the quarter in
    which the work is finished, D its length, v that of vacating, and δ(f) = (1 + r)^(−f/4). A gain after the last
    period counts as well, discounted: otherwise nothing would be started near the end.
    """
    when = np.arange(periods)
    length = phase_quarters.sum(axis=2)
    gain = (
        weights.per_area_m2 * effects.area_gain_m2
        + weights.per_tax_wan * effects.tax_gain_wan
        + weights.per_value_added_wan * effects.value_added_gain_wan
    )
    firms = weights.per_firm_month * MONTHS_PER_QUARTER * effects.displaced_firms * length
    vacated = when + phase_quarters[:, :, :DEMOLISH].sum(axis=2)[:, :, None]
    spared = weights.per_hazard_quarter * effects.red_hazards[:, None, None] * (periods - np.minimum(periods, vacated))
    value: np.ndarray = (
        gain[:, :, None] * discount(when + length[:, :, None], weights.discount_a_year) - firms[:, :, None] + spared
    )
    return value


def tally(effects: Effects, plan: Plan, *, phase_quarters: np.ndarray, periods: int, discount_a_year: float) -> Tally:
    """The parts of what a plan brings, sites already begun among them."""
    on = np.flatnonzero(plan.started)
    mode = plan.mode[on]
    length = phase_quarters[on, mode].sum(axis=1)
    factor = discount(plan.start[on] + length, discount_a_year)
    open_until = np.full(len(plan.mode), periods)
    vacated = plan.start[on] + phase_quarters[on, mode, :DEMOLISH].sum(axis=1)
    open_until[on] = np.clip(vacated, 0, periods)
    return Tally(
        area_gain_m2=float(factor @ effects.area_gain_m2[on, mode]),
        tax_gain_wan=float(factor @ effects.tax_gain_wan[on, mode]),
        value_added_gain_wan=float(factor @ effects.value_added_gain_wan[on, mode]),
        firm_months=float(MONTHS_PER_QUARTER * effects.displaced_firms[on, mode] @ length),
        hazard_quarters=float(effects.red_hazards @ open_until),
    )
