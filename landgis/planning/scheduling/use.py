"""What a started site takes from each limit, quarter by quarter: one array for money, space, industry, crews and lanes.

The model and the heuristic stand on it; `check` does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from landgis.planning.scheduling.problem import DEMOLISH, REBUILD, VACATE, Plan, Problem


@dataclass(frozen=True)
class Usage:
    """Σ over started sites of `use[i, m, q, t − start]` ≤ `limit[q, t]`, for every limit q and period t."""

    limits: tuple[tuple[str, str], ...]  # family and name of each: ("space", "ground floor")
    use: np.ndarray  # float64[n, modes, limits, periods]; < 0 = gives
    limit: np.ndarray  # float64[limits, periods]: what is left beside the sites already begun


def left_over(problem: Problem, plan: Plan) -> tuple[Usage, np.ndarray]:
    """What a plan leaves of each limit in each period, float64[limits, periods]: the curves of cash and floor."""
    used = usage(problem)
    left, periods = used.limit.copy(), problem.shape[2]
    for site in np.flatnonzero(plan.started & ~problem.frozen.started):
        left[:, plan.start[site] :] -= used.use[site, plan.mode[site], :, : periods - plan.start[site]]
    return used, left


def usage(problem: Problem) -> Usage:
    """The use of every site and mode, and the limits less what the sites already begun take from period 0 on."""
    periods = problem.shape[2]
    frozen = problem.frozen
    begun = np.flatnonzero(frozen.started)
    past = max(0, -int(frozen.start[begun].min(initial=0)))
    names, use, limits = [], [], []
    for family, name, profile, bound, adds_up in _rows(problem, periods + past):
        limit = np.array(bound, dtype=float)
        for site in begun:
            limit -= _from_now(profile[site, frozen.mode[site]], frozen.start[site], periods, adds_up)
        names.append((family, name))
        use.append(profile[:, :, :periods])
        limits.append(limit)
    n, modes, _ = problem.shape
    if not names:
        return Usage((), np.empty((n, modes, 0, periods)), np.empty((0, periods)))
    return Usage(tuple(names), np.stack(use, axis=2), np.stack(limits))


def _from_now(profile: np.ndarray, start: int, periods: int, adds_up: bool) -> np.ndarray:
    """What one begun site takes in periods 0 … periods − 1; what came before is in the figures at the start."""
    taken = np.zeros(periods)
    if start >= 0:
        taken[start:] = profile[: periods - start]
    else:
        taken[:] = profile[-start : periods - start] - (profile[-start - 1] if adds_up else 0)
    return taken


def _rows(problem: Problem, span: int) -> Iterator[tuple[str, str, np.ndarray, np.ndarray, bool]]:
    """Family, name, use float64[n, modes, span] by quarters since the start, limit[periods], whether use adds up."""
    offset = np.arange(span)
    quarters = problem.quarters
    if money := problem.money:
        net = _padded(money.cost_wan, span) - _padded(money.income_wan, span)
        yield "cash", "cash", np.cumsum(net, axis=2), np.cumsum(money.budget_wan), True
    if space := problem.space:
        back = offset >= space.returns_after_quarters[:, :, None]
        for k, kind in enumerate(space.kinds):
            profile = space.needs_m2[:, :, k, None] - space.returns_m2[:, :, k, None] * back
            yield "space", kind, profile, space.vacant_m2[k], True
    if industry := problem.industry:
        done = offset >= quarters[:, :, None]
        profile = industry.leaves_m2[:, :, None] - industry.enters_m2[:, :, None] * done
        yield "industry", "industry", profile, industry.now_m2 - industry.floor_m2, True
    ends = np.cumsum(problem.phase_quarters, axis=2)
    at_work = [_between(ends[:, :, p] - problem.phase_quarters[:, :, p], ends[:, :, p], span) for p in range(3)]
    if crews := problem.crews:
        for r, name in enumerate(crews.names):
            profile = sum(at_work[p] * crews.use[:, :, p, r, None] for p in (VACATE, DEMOLISH, REBUILD))
            yield "crew", name, np.asarray(profile, dtype=float), crews.limit[r], False
    for lane in problem.lanes:
        member = np.zeros(len(problem.sites))
        member[list(lane.sites)] = 1
        profile = (at_work[DEMOLISH] + at_work[REBUILD]) * member[:, None, None]
        yield "lane", lane.name, profile, np.full(problem.shape[2], float(lane.closed_at_most)), False


def _between(begin: np.ndarray, end: np.ndarray, span: int) -> np.ndarray:
    offset = np.arange(span)
    inside: np.ndarray = (offset >= begin[:, :, None]) & (offset < end[:, :, None])
    return inside.astype(float)


def _padded(by_offset: np.ndarray, span: int) -> np.ndarray:
    n, modes, length = by_offset.shape
    out = np.zeros((n, modes, span))
    out[:, :, : min(length, span)] = by_offset[:, :, :span]
    return out
