"""Rolling windows for long plans: some quarters are seen at a time, fewer of them are kept, and the next one follows.

Every window knows the limits of all periods, only the starts are chosen among those it sees: what was kept can always
be carried on. What no window sees yet is not planned for, so a plan by windows has no bound of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from landgis.errors import InputRefused
from landgis.errors import Problem as Fault
from landgis.planning.scheduling.heuristic import LOOKS, heuristic
from landgis.planning.scheduling.model import build
from landgis.planning.scheduling.problem import UNSTARTED, Plan, Problem, worth
from landgis.planning.scheduling.solve import Search, Solution, Stop, Tell, relax, solve
from landgis.text import N_, Message


class WindowFailed(InputRefused):
    """A window found no plan; the windows before it are not a plan either."""


@dataclass(frozen=True)
class Window:
    """Periods first … end − 1 are seen, those before `kept` are kept."""

    first: int
    end: int
    kept: int


def windows(periods: int, *, horizon: int, step: int) -> list[Window]:
    """The windows over so many periods; `horizon` is seen at a time, `step` of it is kept.

    >>> [list(range(window.first, window.end)) for window in windows(5, horizon=3, step=2)]
    [[0, 1, 2], [2, 3, 4], [4]]
    """
    if not 0 < step <= horizon:
        values = {"horizon": horizon, "step": step}
        said = N_(
            "a window sees {horizon} quarters and keeps {step} of them: keep at least 1, and no more than it sees"
        )
        raise InputRefused([Fault("E-PLAN-WINDOW", Message(said, values))])
    return [
        Window(first, min(first + horizon, periods), min(first + step, periods)) for first in range(0, periods, step)
    ]


def solve_by_windows(
    problem: Problem,
    search: Search,
    *,
    horizon: int,
    step: int,
    looks: int = LOOKS,
    tell: Tell = lambda _: None,
    stop: Stop = lambda: False,
) -> Solution:
    """The problem window by window; `search` and `looks` of the fast plan before it hold for each window.

    Its seconds too: for the relaxation, and for what is searched from there.

    `bound` is NaN: a window does not know what the next one could have done with what it left. A stop returns what
    was planned until then, with the sites that are required only later still missing.

    Raises `WindowFailed` as soon as one window finds no plan.
    """
    kept, seconds, status = problem.frozen, 0.0, "optimal"
    for window in windows(problem.shape[2], horizon=horizon, step=step):
        part = in_window(problem, kept, window)
        model = build(part)
        relaxed = relax(model, seconds=search.seconds, seed=search.seed)
        first = heuristic(part, model=model, relaxed=relaxed, seed=search.seed, looks=looks).plan
        found = solve(part, model, search, first=first, relaxed=relaxed, tell=tell, stop=stop)
        seconds += found.seconds
        if found.plan is None and found.status != "stopped":
            raise WindowFailed([_failed(window, found.status)])
        status = found.status if status == "optimal" else status
        if found.status == "stopped":
            plan = found.plan or kept
            return Solution(plan, worth(problem, plan), float("nan"), "stopped", seconds)
        assert found.plan is not None
        kept = _kept(found.plan, window)
    return Solution(kept, worth(problem, kept), float("nan"), status, seconds)


def in_window(problem: Problem, kept: Plan, window: Window) -> Problem:
    """The problem as a window sees it: `kept` has begun, other starts lie in the window.

    A site that is required must be started once the window sees its last possible start.
    """
    when = np.arange(problem.shape[2])
    seen = (when >= window.first) & (when < window.end)
    last = np.where(problem.allowed, when, -1).max(axis=(1, 2))
    due = problem.required & ((last < window.end) | kept.started)
    return replace(problem, allowed=problem.allowed & seen, begun=kept, required=due)


def _kept(plan: Plan, window: Window) -> Plan:
    keep = plan.started & (plan.start < window.kept)
    return Plan(np.where(keep, plan.mode, UNSTARTED), np.where(keep, plan.start, 0))


def _failed(window: Window, status: str) -> Fault:
    why = N_("the limits cannot all be kept") if status == "infeasible" else N_("no plan was found in the time given")
    values = {"first": window.first + 1, "last": window.end, "why": Message(why)}
    return Fault("E-PLAN-WINDOW-FAILED", Message(N_("quarters {first} to {last}: {why}; no plan was made"), values))
