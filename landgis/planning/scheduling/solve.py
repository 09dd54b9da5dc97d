"""HiGHS on a model: the best plan found, the bound, and the gap between them. The only module that knows the solver."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from landgis.planning.scheduling.model import Model, columns_of, plan_of
from landgis.planning.scheduling.problem import Plan, Problem, worth

ONE_AT_A_TIME = threading.Lock()  # HiGHS has one pool of threads a process, whose size is set between runs
STATUS = {
    "Optimal": "optimal", "Time limit reached": "time", "Interrupted by user": "stopped", "Infeasible": "infeasible",
}  # fmt: skip
TOLERANCE = 1e-6
BY_ROWS, MAXIMISE, FEASIBLE = 2, -1, 2  # HiGHS's own codes


@dataclass(frozen=True)
class Progress:
    """How far a search is."""

    objective: float  # of the best plan so far; -inf before there is one
    bound: float  # no plan can be worth more
    seconds: float  # of the solver's own clock


@dataclass(frozen=True)
class Search:
    """How long and how closely to search."""

    seconds: float = 90.0
    gap: float = 0.01  # of the best plan's objective
    seed: int = 0
    threads: int = 2


@dataclass(frozen=True)
class Solution:
    """What a search found; `plan` is None where there is none, or none was found in time."""

    plan: Plan | None
    objective: float  # NaN without a plan
    bound: float  # no plan can be worth more; -inf where there is none
    status: str  # optimal = within the gap asked for; time; stopped; infeasible
    seconds: float

    @property
    def gap(self) -> float:
        """How much more another plan could be worth at most, as a share of the bound; NaN without a plan."""
        return gap_between(self.objective, self.bound)


@dataclass(frozen=True)
class Relaxed:
    """The model with parts of sites allowed: an upper bound, and a hint which site belongs where."""

    y: np.ndarray  # float64[columns], 0 … 1
    bound: float


Tell = Callable[[Progress], None]
Stop = Callable[[], bool]


def gap_between(objective: float, bound: float) -> float:
    """(bound − objective) / |bound|; 0 where both are alike.

    >>> gap_between(98.0, 100.0), gap_between(5.0, 5.0)
    (0.02, 0.0)
    """
    if bound - objective <= 1e-9 * max(1.0, abs(bound)):
        return 0.0
    return (bound - objective) / abs(bound) if bound else float("inf")


def solve(
    problem: Problem,
    model: Model,
    search: Search = Search(),
    *,
    first: Plan | None = None,
    relaxed: Relaxed | None = None,
    tell: Tell = lambda _: None,
    stop: Stop = lambda: False,
) -> Solution:
    """The best plan within the gap or the time, no worse than `first` if that keeps every limit; else a hint only.

    `relaxed`, that of the model, bounds from the start: a first plan within the gap of it is the answer.

    `stop` is asked now and then and ends the search with the best plan so far. `tell` hears of every better plan and
    bound; what it raises ends the search and is raised here. The same seed and threads give the same plan as long as
    the gap, and not the time, ends the search. One search at a time in a process; others wait.
    """
    if not len(model.cost):
        return Solution(problem.frozen, 0.0, 0.0, "optimal", 0.0) if keeps(model, np.empty(0)) else _NONE
    with ONE_AT_A_TIME:
        run = _Run(problem, model, search, math.inf if relaxed is None else relaxed.bound)
        run.listen(tell, stop)
        return run.solution(first)


def relax(model: Model, *, seconds: float = 60.0, seed: int = 0) -> Relaxed | None:
    """The linear relaxation; None where even that is infeasible, or the time ran out."""
    if not len(model.cost):
        return Relaxed(np.empty(0), 0.0)
    with ONE_AT_A_TIME:
        highs = load(model, Search(seconds, 0.0, seed, 1), whole=False)
        highs.run()
        if highs.modelStatusToString(highs.getModelStatus()) != "Optimal":
            return None
        return Relaxed(np.array(highs.getSolution().col_value), highs.getInfo().objective_function_value)


@dataclass(frozen=True)
class Optimum:
    """An answer to any model: y is None where there is none or none was found in time."""

    status: str  # as in `Solution`
    y: np.ndarray | None


def optimum(model: Model, search: Search) -> Optimum:
    """The best y of a model that is no plan, say one with slacks."""
    if not len(model.cost):
        return Optimum("optimal", np.empty(0)) if keeps(model, np.empty(0)) else Optimum("infeasible", None)
    with ONE_AT_A_TIME:
        highs = load(model, search, whole=True)
        highs.run()
        y = np.array(highs.getSolution().col_value)
        found = bool(highs.getInfo().primal_solution_status == FEASIBLE)
        return Optimum(_status(highs), y if found else None)


def _status(highs: Any) -> str:
    said = highs.modelStatusToString(highs.getModelStatus())
    if said not in STATUS:
        raise RuntimeError(f"HiGHS: {said}")
    return STATUS[said]


def load(model: Model, search: Search, *, whole: bool) -> Any:
    """HiGHS with the model in it; `ONE_AT_A_TIME` is held by the caller."""
    import highspy

    highspy.Highs.resetGlobalScheduler(True)
    highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]  # it comes without types
    for name, option in {
        "log_to_console": False, "threads": search.threads, "random_seed": search.seed,
        "time_limit": float(search.seconds), "mip_rel_gap": float(search.gap), "mip_abs_gap": 1e-9,
    }.items():  # fmt: skip
        highs.setOptionValue(name, option)
    width, height = len(model.cost), len(model.row_low)
    kinds = (model.whole & whole).astype(np.int32)
    highs.passModel(
        width, height, len(model.figures), BY_ROWS, MAXIMISE, 0.0, model.cost, model.low, model.high,
        model.row_low, model.row_high, model.starts, model.columns, model.figures, kinds,
    )  # fmt: skip
    return highs


_NONE = Solution(None, float("nan"), float("-inf"), "infeasible", 0.0)


class _Run:
    """One search: the solver, the best so far, and what must be raised once the solver has come back."""

    def __init__(self, problem: Problem, model: Model, search: Search, ceiling: float) -> None:
        self.problem, self.model, self.search = problem, model, search
        self.highs = load(model, search, whole=True)
        self.ceiling = min(_ceiling(problem), ceiling)
        self.best: np.ndarray | None = None
        self.objective = float("-inf")
        self.raised: BaseException | None = None

    def listen(self, tell: Tell, stop: Stop) -> None:
        """Have the solver call while it runs; nothing may be raised through its own frames."""
        import highspy

        kinds = highspy.cb.HighsCallbackType
        better, said = int(kinds.kCallbackMipImprovingSolution), int(kinds.kCallbackMipLogging)
        asked = [kinds.kCallbackMipInterrupt, kinds.kCallbackSimplexInterrupt, kinds.kCallbackIpmInterrupt]

        def heard(kind: Any, _text: str, out: Any, into: Any, _more: Any) -> None:
            try:
                if int(kind) == better and out.objective_function_value > self.objective:
                    self.best, self.objective = np.array(out.mip_solution), float(out.objective_function_value)
                if int(kind) in (better, said):
                    tell(Progress(self.objective, min(out.mip_dual_bound, self.ceiling), out.running_time))
                elif self.raised is not None or self.near or stop():
                    into.user_interrupt = True
            except BaseException as error:  # raised again in `solution`
                self.raised = self.raised or error

        self.highs.setCallback(heard, None)
        for kind in (*asked, kinds.kCallbackMipImprovingSolution, kinds.kCallbackMipLogging):
            self.highs.startCallback(kind)

    def solution(self, first: Plan | None) -> Solution:
        """Run to the end, and what came of it."""
        if first is not None:
            y = columns_of(self.model, first)
            if keeps(self.model, y):
                self.best, self.objective = y, float(self.model.cost @ y)
            self.highs.setSolution(len(y), np.arange(len(y), dtype=np.int32), y)
            if self.near:
                return self.answer(self.ceiling, "optimal", 0.0)
        self.highs.run()
        if self.raised is not None:
            raise self.raised
        status = _status(self.highs)
        self.take_last()
        if self.best is None and status == "infeasible":
            return _NONE
        status = "optimal" if self.near else status
        return self.answer(self.highs.getInfo().mip_dual_bound, status, self.highs.getRunTime())

    def take_last(self) -> None:
        """The solver's own last solution: not every better one is told while it runs."""
        info = self.highs.getInfo()
        if info.primal_solution_status == FEASIBLE and info.objective_function_value > self.objective:
            self.best = np.array(self.highs.getSolution().col_value)
            self.objective = float(info.objective_function_value)

    @property
    def near(self) -> bool:
        """Whether the best so far is within the gap of what was known before the search."""
        return self.best is not None and self.ceiling - self.objective <= self.search.gap * abs(self.objective)

    def answer(self, bound: float, status: str, seconds: float) -> Solution:
        """The best so far as a plan."""
        plan = None if self.best is None else plan_of(self.problem, self.model, self.best)
        objective = float("nan") if plan is None else worth(self.problem, plan)
        bound = min(bound, self.ceiling)
        return Solution(plan, objective, max(bound, objective) if plan else bound, status, seconds)


def keeps(model: Model, y: np.ndarray) -> bool:
    """Whether y keeps every row, but for a millionth of what is in it."""
    row = np.repeat(np.arange(len(model.row_low)), np.diff(model.starts))
    terms = model.figures * y[model.columns]
    total = np.bincount(row, terms, minlength=len(model.row_low))
    least = TOLERANCE * (1 + np.bincount(row, np.abs(terms), minlength=len(model.row_low)))
    return bool((total >= model.row_low - least).all() and (total <= model.row_high + least).all())


def _ceiling(problem: Problem) -> float:
    """What the plan would be worth if nothing but `allowed` bound it."""
    best = np.where(problem.open_starts, problem.value, -np.inf).max(axis=(1, 2), initial=-np.inf)
    best = np.where(problem.required & np.isfinite(best), best, np.maximum(best, 0))
    return float(best[~problem.frozen.started].sum())
