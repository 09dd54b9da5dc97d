"""What uncertain durations do to a plan: its end at even odds and at four to one, and whether floor runs out.

The plan's starts stay as they are; a site that waits for another starts later only if that one is late. Swing space is
taken at the start and given back when the work is finished, so lateness shows as floor that is missing: the firms of
the next site would have nowhere to go.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from landgis.errors import InputRefused
from landgis.errors import Problem as Fault
from landgis.planning.scheduling.board import ties
from landgis.planning.scheduling.problem import PHASES, Plan, Problem
from landgis.text import N_, Message

P50, P80 = 0.5, 0.8
MOST_NUMBERS = 4_000_000  # drawn at a time
NINE_OF_TEN = 1.6448536269514722  # the 95 % quantile of the normal distribution: 90 % lie within ± so many σ
ROUNDING = 1e-9


@dataclass(frozen=True)
class Spread:
    """How far a phase's duration may lie from the planned one, as factors.

    triangular: between `low` and `high`, most often `usual`. lognormal: median `usual`, and nine of ten draws between
    `low` and `high` (σ from their ratio).
    """

    kind: Literal["triangular", "lognormal"]
    low: float
    usual: float
    high: float

    def __post_init__(self) -> None:
        if not 0 < self.low <= self.usual <= self.high:
            values = {"low": self.low, "usual": self.usual, "high": self.high}
            said = N_("factors of a duration must be above 0 and rise: low {low}, usual {usual}, high {high}")
            raise InputRefused([Fault("E-PLAN-SPREAD", Message(said, values))])


@dataclass(frozen=True)
class Outlook:
    """What many draws of the durations say. Quarters are counted from the start of period 0, in parts of quarters."""

    finish_p50: np.ndarray  # float64[n]: NaN for a site that the plan leaves as it is
    finish_p80: np.ndarray
    plan_p50: float  # when the last site is finished
    plan_p80: float
    runs_out: np.ndarray  # float64[kinds]: share of draws in which floor of the kind is missing at some time
    runs_out_any: float
    runs_out_by_period: np.ndarray  # float64[periods]: share of draws in which floor of any kind is missing then
    missing_p80_m2: np.ndarray  # float64[kinds]: the most that is missing at a time, at four to one


def outlook(problem: Problem, plan: Plan, spread: Spread, *, draws: int, seed: int) -> Outlook:
    """So many futures of a plan. The same seed gives the same draws whatever the plan is.

    A factor for each site and phase, independent of the others. Floor comes back as many quarters after the work is
    finished as the problem says, from the next full quarter on; a start in the middle of a quarter takes its floor at
    the beginning of it.
    """
    random = np.random.default_rng(seed)
    n = len(problem.sites)
    size = max(1, MOST_NUMBERS // max(1, n * PHASES))
    shapes = [(min(size, draws - done), n, PHASES) for done in range(0, draws, size)]
    parts = [_draw(problem, plan, _factors(spread, random, shape)) for shape in shapes]
    finish = np.concatenate([finish for finish, _ in parts])
    short = np.concatenate([short for _, short in parts])  # [draws, kinds, periods], m² missing
    on = plan.started
    p50, p80 = (np.where(on, np.quantile(finish, share, axis=0), np.nan) for share in (P50, P80))
    last = finish[:, on].max(axis=1, initial=0)
    out = short > 0
    return Outlook(
        finish_p50=p50, finish_p80=p80, plan_p50=float(np.quantile(last, P50)), plan_p80=float(np.quantile(last, P80)),
        runs_out=out.any(axis=2).mean(axis=0), runs_out_any=float(out.any(axis=(1, 2)).mean()),
        runs_out_by_period=out.any(axis=1).mean(axis=0),
        missing_p80_m2=np.quantile(short.max(axis=2, initial=0), P80, axis=0),
    )  # fmt: skip


def _factors(spread: Spread, random: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    if spread.low == spread.high:
        return np.full(shape, spread.usual)
    if spread.kind == "triangular":
        return random.triangular(spread.low, spread.usual, spread.high, shape)
    sigma = np.log(spread.high / spread.low) / (2 * NINE_OF_TEN)
    return random.lognormal(np.log(spread.usual), sigma, shape)


def _draw(problem: Problem, plan: Plan, factor: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Finish float64[draws, n] and missing floor float64[draws, kinds, periods]."""
    sites = np.arange(len(problem.sites))
    mode = np.where(plan.started, plan.mode, 0)
    phases = problem.phase_quarters[sites, mode]
    begin = plan.start[:, None] + np.cumsum(phases, axis=1) - phases
    done = np.clip(-begin, 0, phases)  # quarters of each phase before period 0: no longer uncertain
    length = done.sum(axis=1) + ((phases - done) * factor).sum(axis=2)
    start = _starts(problem, plan, length)
    finish = start + length
    return finish, _missing(problem, plan, start, finish)


def _starts(problem: Problem, plan: Plan, length: np.ndarray) -> np.ndarray:
    """Planned starts, put off where a site before is late; what had begun has begun."""
    start = np.repeat(plan.start[None, :].astype(float), len(length), axis=0)
    waiting, rank = plan.started & ~problem.frozen.started, ties(problem).rank
    edges = [edge for edge in problem.precedence if waiting[edge.after] and plan.started[edge.before]]
    for edge in sorted(edges, key=lambda edge: int(rank[edge.after])):
        ready = start[:, edge.before] + length[:, edge.before] + edge.lag_quarters
        start[:, edge.after] = np.maximum(start[:, edge.after], ready)
    return start


def _missing(problem: Problem, plan: Plan, start: np.ndarray, finish: np.ndarray) -> np.ndarray:
    """Floor below nothing, float64[draws, kinds, periods], m²."""
    space, periods = problem.space, problem.shape[2]
    if space is None:
        return np.zeros((len(start), 0, periods))
    on = np.flatnonzero(plan.started)
    mode = plan.mode[on]
    later = space.returns_after_quarters[on, mode] - problem.quarters[on, mode]
    taken = np.floor(start[:, on] + ROUNDING).astype(np.int64)
    back = np.ceil(finish[:, on] + later - ROUNDING).astype(np.int64)
    counted = plan.start[on] + space.returns_after_quarters[on, mode] >= 0  # else in the figures at the start
    left = np.repeat(space.vacant_m2[None], len(start), axis=0)
    for k in range(len(space.kinds)):
        left[:, k] -= np.cumsum(_by_period(taken, space.needs_m2[on, mode, k], periods), axis=1)
        left[:, k] += np.cumsum(_by_period(back, space.returns_m2[on, mode, k] * counted, periods), axis=1)
    floor = np.abs(space.vacant_m2).max(axis=1, initial=1.0)[:, None]
    missing: np.ndarray = np.where(left < -ROUNDING * 1000 * floor, -left, 0)
    return missing


def _by_period(when: np.ndarray, amount: np.ndarray, periods: int) -> np.ndarray:
    """Sums of the amounts by draw and period, float64[draws, periods]; `when` int64[draws, sites]."""
    draws = len(when)
    inside = (when >= 0) & (when < periods)
    place = (np.arange(draws)[:, None] * periods + when)[inside]
    weights = np.broadcast_to(amount, when.shape)[inside]
    return np.bincount(place, weights, minlength=draws * periods).reshape(draws, periods)
