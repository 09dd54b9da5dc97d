"""What comes of a plan quarter by quarter: money, swing space, land renovated, firms out of their rooms.

Counted from the problem and the plan alone, site by site; the model and the heuristic have books of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from landgis.planning.scheduling.problem import Plan, Problem


@dataclass(frozen=True)
class Curves:
    """One figure for each quarter, float64[periods]; empty where the problem has no money."""

    spent_wan: np.ndarray  # in the quarter
    income_wan: np.ndarray
    cash_wan: np.ndarray  # at the end of it: what is left of all budget and income so far
    vacant_m2: Mapping[str, np.ndarray]  # kind of floor → what stands vacant
    renovated: np.ndarray  # of what `weigh` says of the sites: those completed by the end of the quarter
    displaced_firms: np.ndarray


def curves(problem: Problem, plan: Plan, *, weigh: np.ndarray, displaced_firms: np.ndarray) -> Curves:
    """The curves of a plan, sites already begun among them; quarters before the first are past, and in no figure.

    `weigh`: float64[n], as the land of each site in mu; `displaced_firms`: float64[n, modes].
    """
    periods = problem.shape[2]
    renovated, displaced = np.zeros(periods), np.zeros(periods)
    for site, mode, start in _started(plan):
        end = start + int(problem.phase_quarters[site, mode].sum())
        renovated[max(0, end - 1) :] += weigh[site]
        displaced[max(0, start) : max(0, end)] += displaced_firms[site, mode]
    spent, income, cash = _money(problem, plan)
    return Curves(spent, income, cash, _vacant(problem, plan), renovated, displaced)


def _money(problem: Problem, plan: Plan) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Spent and earned in each quarter, and what is left at its end; without a budget that binds, of income alone."""
    money, periods = problem.money, problem.shape[2]
    if money is None:
        return np.empty(0), np.empty(0), np.empty(0)
    spent, income = np.zeros(periods), np.zeros(periods)
    for site, mode, start in _started(plan):
        spent += _in_time(money.cost_wan[site, mode], start, periods)
        income += _in_time(money.income_wan[site, mode], start, periods)
    budget = np.where(np.isfinite(money.budget_wan), money.budget_wan, 0.0)
    return spent, income, np.cumsum(budget - spent + income)


def _vacant(problem: Problem, plan: Plan) -> dict[str, np.ndarray]:
    space, periods = problem.space, problem.shape[2]
    if space is None:
        return {}
    vacant = {kind: space.vacant_m2[k].astype(float) for k, kind in enumerate(space.kinds)}
    for site, mode, start in _started(plan):
        back = start + int(space.returns_after_quarters[site, mode])
        for k, kind in enumerate(space.kinds):
            if start >= 0:
                vacant[kind][start:] -= space.needs_m2[site, mode, k]
            if 0 <= back < periods:
                vacant[kind][back:] += space.returns_m2[site, mode, k]
    return vacant


def _started(plan: Plan) -> Iterator[tuple[int, int, int]]:
    """Site, mode and first quarter of what the plan touches."""
    for site in np.flatnonzero(plan.started).tolist():
        yield site, int(plan.mode[site]), int(plan.start[site])


def _in_time(amounts: np.ndarray, start: int, periods: int) -> np.ndarray:
    """Amounts by quarters after a start as amounts by quarters of the plan."""
    found = np.zeros(periods)
    first = max(0, start)
    part = amounts[first - start : periods - start]
    found[first : first + len(part)] = part
    return found
