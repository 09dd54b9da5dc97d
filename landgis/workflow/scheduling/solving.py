"""From a problem to its best plan so far: relaxation, first plan, exact search; what came out, and how good it is."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from landgis.errors import InputRefused
from landgis.errors import Problem as Fault
from landgis.planning.scheduling.board import Board
from landgis.planning.scheduling.check import violations
from landgis.planning.scheduling.clash import PlanInfeasible, clash
from landgis.planning.scheduling.heuristic import LOOKS, heuristic, put
from landgis.planning.scheduling.model import Model, build
from landgis.planning.scheduling.problem import UNSTARTED, Plan, Problem, worth
from landgis.planning.scheduling.solve import Progress, Search, Solution, Stop, gap_between, relax, solve
from landgis.planning.scheduling.windows import WindowFailed, solve_by_windows, windows
from landgis.text import N_, Message
from landgis.workflow.scheduling.document import WHY_NOT

LAND, RELAXING, FIRST, SEARCHING, OTHERS, CLASHING = (
    N_("reading the land"), N_("bounding what a plan can be worth"), N_("first plan"), N_("searching"),
    N_("other ways and uncertain durations"), N_("looking for the limits that clash"),
)  # fmt: skip
RELAXING_SHARE = 0.5  # of the time: at most so much for the relaxation
CLASH_SHARE, CLASH_SECONDS = 0.1, (1.0, 10.0)  # for each of about ten small models
REQUIRED = N_("required sites")


@dataclass(frozen=True)
class PlanProgress:
    """How far the making of a plan is."""

    step: str  # a text for the catalogues
    objective: float | None = None  # of the best plan so far; None before there is one
    bound: float | None = None  # no plan can be worth more
    gap: float | None = None
    seconds: float = 0.0  # of the search, so far
    seconds_asked: float = 0.0


TellPlan = Callable[[PlanProgress], None]


@dataclass(frozen=True)
class Effort:
    """How long and how closely to search. `horizon` and `step`: by windows of so many quarters."""

    seconds: float
    gap: float
    seed: int = 0
    looks: int = LOOKS
    horizon: int | None = None
    step: int | None = None  # half of `horizon` where nothing is said


@dataclass(frozen=True)
class Solved:
    """A plan that keeps every limit."""

    plan: Plan
    objective: float
    bound: float | None  # None where nobody knows, as by windows
    status: str  # optimal = within the gap asked for; time; stopped
    seconds: float

    @property
    def gap(self) -> float | None:
        """How much more another plan could be worth at most, as a share of the bound."""
        return share_below(self.objective, self.bound)


def share_below(objective: float, bound: float | None) -> float | None:
    """The share of the bound that is missing; None where there is none, or a bound of 0.

    >>> share_below(98.0, 100.0), share_below(98.0, None)
    (0.02, None)
    """
    gap = math.nan if bound is None else gap_between(objective, bound)
    return gap if math.isfinite(gap) else None


def solve_problem(problem: Problem, effort: Effort, *, tell: TellPlan, stop: Stop) -> Solved:
    """The best plan within the gap or the time; a stop gives the best one so far.

    Raises `PlanInfeasible` with what clashes where no plan keeps all limits, InputRefused where none was met in time.
    """
    run = _Run(problem, effort, tell, stop)
    run.say(RELAXING)
    model = build(problem)
    relaxed = relax(model, seconds=effort.seconds * RELAXING_SHARE, seed=effort.seed)
    run.bound = math.inf if relaxed is None else relaxed.bound
    run.say(FIRST)
    run.take(heuristic(problem, model=model, relaxed=relaxed, seed=effort.seed, looks=effort.looks).plan)
    status = run.status()
    if status is None:
        run.say(SEARCHING)
        status = run.by_windows() if effort.horizon is not None else run.exact(model)
    if run.best is None:
        raise run.refusal(status)
    run.take(filled(problem, run.best))
    bound = None if math.isinf(run.bound) else max(run.bound, run.objective)
    return Solved(run.best, run.objective, bound, status, run.seconds)


class _Run:
    """One search: the best plan and the bound so far."""

    def __init__(self, problem: Problem, effort: Effort, tell: TellPlan, stop: Stop) -> None:
        self.problem, self.effort, self.tell, self.stop = problem, effort, tell, stop
        self.began = time.monotonic()
        self.best: Plan | None = None
        self.objective, self.bound = -math.inf, math.inf

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    @property
    def left(self) -> float:
        return self.effort.seconds - self.seconds

    def say(self, step: str, objective: float = -math.inf, bound: float = math.inf) -> None:
        objective, bound = max(objective, self.objective), min(bound, self.bound)
        met, bounded = (value if math.isfinite(value) else None for value in (objective, bound))
        gap = None if met is None else share_below(met, bounded)
        self.tell(PlanProgress(step, met, bounded, gap, self.seconds, self.effort.seconds))

    def take(self, plan: Plan | None) -> None:
        """A plan that was met; it is kept where it is better."""
        if plan is not None and (found := worth(self.problem, plan)) > self.objective:
            self.best, self.objective = plan, found

    def status(self) -> str | None:
        """Why there is nothing to search for; None where there is."""
        if self.stop():
            return "stopped"
        gap = None if self.best is None or math.isinf(self.bound) else gap_between(self.objective, self.bound)
        if gap is not None and gap <= self.effort.gap and self.effort.horizon is None:
            return "optimal"
        return "time" if self.left <= 0 else None

    def exact(self, model: Model) -> str:
        """Search all quarters at once."""
        search = Search(self.left, self.effort.gap, self.effort.seed)
        found = solve(self.problem, model, search, first=self.best, tell=self.hear, stop=self.stop)
        self.take(found.plan)
        if found.status == "infeasible":
            return "infeasible" if self.best is None else "time"  # the solver's rounding: there is a plan
        self.bound = min(self.bound, found.bound)
        return found.status

    def by_windows(self) -> str:
        """Search window by window; the relaxation of all quarters is the bound."""
        horizon = self.effort.horizon or self.problem.shape[2]
        step = self.effort.step or max(1, horizon // 2)
        turns = len(windows(self.problem.shape[2], horizon=horizon, step=step))
        search = Search(self.left / turns, self.effort.gap, self.effort.seed)
        more = {"horizon": horizon, "step": step, "looks": max(1, self.effort.looks // turns)}
        found = self._windowed(search, more)
        if found.plan is not None and not violations(self.problem, found.plan):
            self.take(found.plan)  # stopped between two windows it may lack what is required
        return found.status

    def _windowed(self, search: Search, more: dict[str, int]) -> Solution:
        try:
            return solve_by_windows(self.problem, search, **more, tell=lambda _: self.say(SEARCHING), stop=self.stop)
        except WindowFailed:
            if self.best is None and (why := _why(self.problem, self.effort)):
                raise why from None
            raise

    def hear(self, progress: Progress) -> None:
        self.say(SEARCHING, progress.objective, progress.bound)

    def refusal(self, status: str) -> InputRefused:
        """Why there is no plan."""
        if status != "stopped":
            self.say(CLASHING)
            if why := _why(self.problem, self.effort):
                return why
        words = N_("no plan was met in {seconds:.0f} s; give more time (--seconds), or ask for less")
        if status == "stopped":
            words = N_("stopped after {seconds:.0f} s, before there was a plan")
        return InputRefused([Fault("E-PLAN-TIME", Message(words, {"seconds": self.seconds}))])


def _why(problem: Problem, effort: Effort) -> PlanInfeasible | None:
    """What clashes, in words; None where the search for it finds no clash."""
    least, most = CLASH_SECONDS
    seconds = min(most, max(least, effort.seconds * CLASH_SHARE))
    found = clash(problem, search=Search(seconds, 1e-4, effort.seed))
    if found is None:
        return None
    problems = []
    if found.families:
        names = [Message(REQUIRED if family == "required" else WHY_NOT[family]) for family in found.families]
        words = N_("no plan keeps every limit; what clashes: {limits}")
        problems.append(Fault("E-PLAN-CLASH", Message(words, {"limits": listed(names)})))
    problems += found.refusal().problems
    for shorts in found.alone.values():
        words = N_("mending this alone would do: {what}")
        problems.append(Fault("E-PLAN-ALONE", Message(words, {"what": listed([one.message for one in shorts])})))
    return PlanInfeasible(problems)


def listed(messages: list[Message]) -> Message:
    """Several messages as one, in their order."""
    whole = messages[-1]
    for message in reversed(messages[:-1]):
        whole = Message(N_("{first}, {rest}"), {"first": message, "rest": whole})
    return whole


def board_of(problem: Problem, plan: Plan) -> Board:
    """A board on which a plan stands."""
    board = Board(problem)
    for site in np.flatnonzero(plan.started & ~problem.frozen.started):
        board.put(int(site), int(plan.mode[site]), int(plan.start[site]))
    return board


def filled(problem: Problem, plan: Plan) -> Plan:
    """The plan, and what is worth it and fits beside it: a search that ends within its gap may leave such sites."""
    board = board_of(problem, plan)
    best = np.where(problem.open_starts, problem.value, -np.inf).max(axis=(1, 2), initial=-np.inf)
    score = np.where(problem.value > 0, problem.value, -np.inf)
    for site in np.argsort(-best, kind="stable").tolist():
        if best[site] > 0 and board.mode[site] == UNSTARTED:
            put(board, site, score)
    return board.plan
