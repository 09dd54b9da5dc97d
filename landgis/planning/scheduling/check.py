"""Whether a plan keeps every limit, counted quarter by quarter by plain loops.

It reads the problem and the plan and shares no code with the model or the heuristic, so that a fault in either shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from landgis.planning.scheduling.problem import DEMOLISH, PHASES, UNSTARTED, Plan, Problem

TOLERANCE = 1e-6  # of all that is booked on a limit: what the solver leaves by rounding


@dataclass(frozen=True)
class Violation:
    """One limit that a plan breaks: the family, which of them, when (None = at no one time) and by how much."""

    family: str  # begun, start, required, cash, space, crew, industry, lane, precedence, group
    name: str
    period: int | None
    by: float  # 万元, m², crews, sites or quarters


def violations(problem: Problem, plan: Plan) -> list[Violation]:
    """Everything that is wrong with a plan; an empty list says that it can be carried out."""
    wrong = [*_starts(problem, plan)]
    if wrong:
        return wrong  # what is not a start cannot be booked
    for check in (_cash, _space, _industry, _crews, _lanes, _precedence, _required, _groups):
        wrong.extend(check(problem, plan))
    return wrong


def _starts(problem: Problem, plan: Plan) -> Iterator[Violation]:
    _, modes, periods = problem.shape
    for site, name in enumerate(problem.sites):
        mode, start = int(plan.mode[site]), int(plan.start[site])
        if problem.frozen.mode[site] != UNSTARTED:
            if mode != problem.frozen.mode[site] or start != problem.frozen.start[site]:
                yield Violation("begun", name, None, 1.0)
        elif mode != UNSTARTED:
            known = 0 <= mode < modes and 0 <= start < periods
            if not known or not problem.allowed[site, mode, start]:
                yield Violation("start", name, start, 1.0)


def _jobs(problem: Problem, plan: Plan) -> Iterator[tuple[int, int, int, list[int]]]:
    """Site, mode, start and the first quarters of its phases, and of what comes after them."""
    for site in range(len(problem.sites)):
        mode = int(plan.mode[site])
        if mode == UNSTARTED:
            continue
        firsts = [int(plan.start[site])]
        for phase in range(PHASES):
            firsts.append(firsts[-1] + int(problem.phase_quarters[site, mode, phase]))
        yield site, mode, firsts[0], firsts


class _Book:
    """What is booked on one limit in each period; what fell before period 0 is in the figures at the start."""

    def __init__(self, periods: int) -> None:
        self.changes = [0.0] * periods
        self.moved = 0.0

    def book(self, period: int, amount: float) -> None:
        if 0 <= period < len(self.changes):
            self.changes[period] += amount
            self.moved += abs(amount)

    def short(self, family: str, name: str, have: list[float], *, adds_up: bool) -> Iterator[Violation]:
        """Where `have` and the changes (added up from period 0, or each for itself) come to less than nothing."""
        total = 0.0
        for period, (amount, change) in enumerate(zip(have, self.changes, strict=True)):
            total = total + change if adds_up else change
            if amount + total < -TOLERANCE * (1 + self.moved):
                yield Violation(family, name, period, -(amount + total))


def _cash(problem: Problem, plan: Plan) -> Iterator[Violation]:
    money, periods = problem.money, problem.shape[2]
    if money is None:
        return
    book = _Book(periods)
    for site, mode, start, _ in _jobs(problem, plan):
        for offset, cost in enumerate(money.cost_wan[site, mode]):
            book.book(start + offset, -float(cost))
        for offset, income in enumerate(money.income_wan[site, mode]):
            book.book(start + offset, float(income))
    have, total = [], 0.0
    for period in range(periods):
        total += float(money.budget_wan[period])
        have.append(total)
    yield from book.short("cash", "cash", have, adds_up=True)


def _space(problem: Problem, plan: Plan) -> Iterator[Violation]:
    space = problem.space
    if space is None:
        return
    for k, kind in enumerate(space.kinds):
        book = _Book(problem.shape[2])
        for site, mode, start, _ in _jobs(problem, plan):
            book.book(start, -float(space.needs_m2[site, mode, k]))
            back = start + int(space.returns_after_quarters[site, mode])
            book.book(back, float(space.returns_m2[site, mode, k]))
        yield from book.short("space", kind, [float(m2) for m2 in space.vacant_m2[k]], adds_up=True)


def _industry(problem: Problem, plan: Plan) -> Iterator[Violation]:
    industry = problem.industry
    if industry is None:
        return
    book = _Book(problem.shape[2])
    for site, mode, start, firsts in _jobs(problem, plan):
        book.book(start, -float(industry.leaves_m2[site, mode]))
        book.book(firsts[-1], float(industry.enters_m2[site, mode]))
    have = [float(industry.now_m2) - float(floor) for floor in industry.floor_m2]
    yield from book.short("industry", "industry", have, adds_up=True)


def _crews(problem: Problem, plan: Plan) -> Iterator[Violation]:
    crews = problem.crews
    if crews is None:
        return
    for r, name in enumerate(crews.names):
        book = _Book(problem.shape[2])
        for site, mode, _, firsts in _jobs(problem, plan):
            for phase in range(PHASES):
                for period in range(firsts[phase], firsts[phase + 1]):
                    book.book(period, -float(crews.use[site, mode, phase, r]))
        yield from book.short("crew", name, [float(limit) for limit in crews.limit[r]], adds_up=False)


def _lanes(problem: Problem, plan: Plan) -> Iterator[Violation]:
    for lane in problem.lanes:
        book = _Book(problem.shape[2])
        for site, _, _, firsts in _jobs(problem, plan):
            if site in lane.sites:
                for period in range(firsts[DEMOLISH], firsts[PHASES]):
                    book.book(period, -1.0)
        have = [float(lane.closed_at_most)] * problem.shape[2]
        yield from book.short("lane", lane.name, have, adds_up=False)


def _precedence(problem: Problem, plan: Plan) -> Iterator[Violation]:
    ends = {site: firsts[-1] for site, _, _, firsts in _jobs(problem, plan)}
    for edge in problem.precedence:
        if plan.mode[edge.after] == UNSTARTED or problem.frozen.mode[edge.after] != UNSTARTED:
            continue
        name = f"{problem.sites[edge.before]}>{problem.sites[edge.after]}"
        start = int(plan.start[edge.after])
        if edge.before not in ends:
            yield Violation("precedence", name, start, float("inf"))
        elif start < ends[edge.before] + edge.lag_quarters:
            yield Violation("precedence", name, start, float(ends[edge.before] + edge.lag_quarters - start))


def _required(problem: Problem, plan: Plan) -> Iterator[Violation]:
    for site, name in enumerate(problem.sites):
        if problem.required[site] and plan.mode[site] == UNSTARTED:
            yield Violation("required", name, None, 1.0)


def _groups(problem: Problem, plan: Plan) -> Iterator[Violation]:
    for group in problem.groups:
        left = sum(1 for site in group.sites if plan.mode[site] == UNSTARTED)
        if 0 < left < len(group.sites):
            yield Violation("group", group.name, None, float(left))
