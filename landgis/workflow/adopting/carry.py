"""What goes over from a plan to the one that takes its place: its scenario from today on, money and floor left over."""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from landgis.planning.scheduling.problem import UNSTARTED, Money, Plan
from landgis.workflow.scheduling.basis import Basis
from landgis.workflow.scheduling.document import EXACT, PlanDocument, Site
from landgis.workflow.scheduling.quarters import between, later, quarter_of
from landgis.workflow.scheduling.scenario import Scenario

LEAST_QUARTERS = 4
FINISHED = "renovated"  # why a parcel of a finished site is in none any more
_NUMBERED = re.compile(r"(.*)-([0-9]+)")


@dataclass(frozen=True)
class Carried:
    """What the passed quarters of the old plan leave at the start of the new one, by the register and the old plan."""

    quarters: int  # that passed
    budget_wan: float | None  # left of their budget and income; None where money does not bind, or was given anew
    vacant_m2: Mapping[str, float]  # kind of floor → what stands vacant; {} where that was given anew


def next_name(name: str, taken: Collection[str] = ()) -> str:
    """A name that is not taken for the plan that takes the place of another one.

    >>> next_name("rolling"), next_name("rolling-2"), next_name("rolling", {"rolling-2"})
    ('rolling-2', 'rolling-3', 'rolling-3')
    """
    numbered = _NUMBERED.fullmatch(name)
    stem, number = (numbered[1], int(numbered[2])) if numbered else (name, 1)
    while (found := f"{stem}-{number + 1}") in {name, *taken}:
        number += 1
    return found


def scenario_from(document: PlanDocument, today: datetime.date, changes: Mapping[str, Any]) -> Scenario:
    """What was asked for, from the quarter after today on, up to the same last quarter; `changes` go before it.

    A plan that has not begun yet keeps its first quarter. A budget by quarters loses those that passed.
    """
    asked = Scenario.from_json(dict(document.scenario))
    planned, last = quarter_of(document.quarters[0]), quarter_of(document.quarters[-1])
    first = changes.get("first") or max(planned, later(today, 1))
    quarters = changes.get("quarters") or max(LEAST_QUARTERS, between(first, last) + 1)
    budget = asked.budget_wan
    if budget is not None and len(budget) > 1:
        left = budget[max(0, between(planned, first)) :] or budget[-1:]
        budget = (*left, *([left[-1]] * quarters))[:quarters]
    known = {one.name for one in fields(Scenario)}
    assert set(changes) <= known, set(changes) - known
    more = {"name": next_name(asked.name), "first": first, "quarters": quarters, "budget_wan": budget}
    return replace(asked, **{**more, **changes})


def without(scenario: Scenario, gone: Mapping[str, Collection[str]]) -> Scenario:
    """The scenario without sites that are named in it and are not there any more; `gone`: field → sites.

    >>> from landgis.workflow.scheduling.scenario import Before, Together
    >>> asked = Scenario("x", required=("a", "b"), before=(Before("a", "b"),), groups=(Together("g", ("a", "b", "c")),))
    >>> found = without(asked, {"required": ["a"], "before": ["a"], "groups": ["a"]})
    >>> found.required, found.before, found.groups[0].sites
    (('b',), (), ('b', 'c'))
    """
    names = {field: set(sites) for field, sites in gone.items()}
    kept: dict[str, Any] = {
        field: tuple(one for one in getattr(scenario, field) if one not in names.get(field, ()))
        for field in ("required", "excluded")
    }
    kept["before"] = tuple(one for one in scenario.before if not {one.before, one.after} & names.get("before", set()))
    for field, least in (("lanes", 1), ("groups", 2)):
        left = [
            replace(one, sites=tuple(site for site in one.sites if site not in names.get(field, ())))
            for one in getattr(scenario, field)
        ]
        kept[field] = tuple(one for one in left if len(one.sites) >= least)
    return replace(scenario, **kept)


def carried(document: PlanDocument, basis: Basis, given: Collection[str]) -> Carried:
    """What is left over; `given` are fields of the scenario that the user named, and that count as they are."""
    passed = max(0, between(quarter_of(document.quarters[0]), basis.first))
    budget = None if "budget_wan" in given else _money_left(document, basis, passed)
    vacant = {} if "vacant_m2" in given else _floor_left(document, basis)
    return Carried(passed, budget, vacant)


def with_carried(scenario: Scenario, basis: Basis, left: Carried) -> Scenario:
    """The scenario with the money and floor that are left over; less than nothing counts as nothing."""
    if left.budget_wan is not None and basis.problem.money is not None:
        budget = basis.problem.money.budget_wan.tolist()
        scenario = replace(scenario, budget_wan=(budget[0] + max(0.0, left.budget_wan), *budget[1:]))
    if left.vacant_m2:
        scenario = replace(scenario, vacant_m2={kind: max(0.0, floor) for kind, floor in left.vacant_m2.items()})
    return scenario


def plan_in(document: PlanDocument, basis: Basis) -> Plan:
    """A document's plan on a basis; a site that has begun there is as it is there, one that it lacks is left.

    A start that lies before the first quarter stays below 0.
    """
    plan = Plan.nothing(len(basis.sites))
    there = _by_id(document)
    for at, facts in enumerate(basis.sites):
        site = there.get(facts.site_id)
        if basis.problem.frozen.started[at]:
            plan.mode[at], plan.start[at] = basis.problem.frozen.mode[at], basis.problem.frozen.start[at]
        elif site and site.mode in basis.problem.modes and site.start_quarter:
            plan.mode[at] = basis.problem.modes.index(site.mode)
            plan.start[at] = between(basis.first, quarter_of(site.start_quarter))
    return plan


def _money_left(document: PlanDocument, basis: Basis, passed: int) -> float | None:
    """What the old plan has left by then, put right by what began otherwise than planned.

    Spending follows the usual course of the work from its real start; what was paid the register does not say.
    """
    way, money = document.ways[EXACT], basis.problem.money
    if document.budget_wan is None or way is None or money is None or not np.isfinite(money.budget_wan).all():
        return None
    if not passed:
        return 0.0
    left = way.cash_wan[min(passed, len(way.cash_wan)) - 1]
    real, planned, there = basis.problem.frozen, plan_in(document, basis), _by_id(document)
    for at, facts in enumerate(basis.sites):
        site = there.get(facts.site_id)
        if site is None or site.begun:
            continue
        if site.start_quarter is not None and planned.mode[at] != UNSTARTED:
            begin = between(basis.first, quarter_of(site.start_quarter))
            left -= _net_wan(money, at, int(planned.mode[at]), begin, passed)
        if real.started[at]:
            left += _net_wan(money, at, int(real.mode[at]), int(real.start[at]), passed)
    return left


def _net_wan(money: Money, at: int, mode: int, start: int, passed: int) -> float:
    """Income less spending of a site in the quarters that passed, 万元; `start` counts from the new first quarter."""
    first, end = max(0, -passed - start), max(0, -start)
    return float(money.income_wan[at, mode, first:end].sum() - money.cost_wan[at, mode, first:end].sum())


def _floor_left(document: PlanDocument, basis: Basis) -> dict[str, float]:
    """What stood vacant when the old plan began, less what was taken since, and what came back."""
    way, space = document.ways[EXACT], basis.problem.space
    if way is None or space is None:
        return {}
    old_first = quarter_of(document.quarters[0])
    at_of = {facts.site_id: at for at, facts in enumerate(basis.sites)}
    finished = {one.parcel_id for one in basis.left_out if one.reason == FINISHED}
    given = document.scenario.get("vacant_m2") or {}
    left = {kind: float(given.get(kind, way.vacant_m2[kind][0])) for kind in space.kinds if kind in way.vacant_m2}
    for site in document.sites:
        if site.mode is None or site.mode not in basis.problem.modes or site.completed_quarter is None:
            continue
        at, mode = at_of.get(site.site_id), basis.problem.modes.index(site.mode)
        letting = int(space.returns_after_quarters[at or 0, mode] - basis.problem.quarters[at or 0, mode])
        back = between(old_first, quarter_of(site.completed_quarter)) + 1 + letting  # by the old plan
        begins = between(old_first, quarter_of(site.start_quarter or ""))
        done = at is None and any(parcel in finished for parcel in site.parcel_ids)
        begun = done or (at is not None and bool(basis.problem.frozen.started[at]))
        returned = done or (at is not None and _is_back(basis, at))
        for kind in left:
            needs, returns = site.needs_m2.get(kind, 0.0), site.returns_m2.get(kind, 0.0)
            if kind not in given:  # the curve has what is taken and given back in its first quarter
                left[kind] += needs * (begins == 0) - returns * (back == 0)
            left[kind] -= needs * (begun and not site.begun)
            left[kind] += returns * (begun and returned and back >= 0)
    return left


def _is_back(basis: Basis, at: int) -> bool:
    """Whether the floor of a site that has begun came back before the first quarter."""
    space, frozen = basis.problem.space, basis.problem.frozen
    if space is None or not frozen.started[at]:
        return False
    return bool(frozen.start[at] + space.returns_after_quarters[at, frozen.mode[at]] < 0)


def _by_id(document: PlanDocument) -> dict[str, Site]:
    return {site.site_id: site for site in document.sites}
