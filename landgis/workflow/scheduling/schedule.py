"""A schedule of a project: from what an officer asks for to the plan's document."""

from __future__ import annotations

import datetime
from dataclasses import replace

import numpy as np

from landgis.planning.scheduling.solve import Stop
from landgis.roles import require
from landgis.workflow.project import Project
from landgis.workflow.scheduling.basis import Basis
from landgis.workflow.scheduling.document import VERSION, PlanDocument
from landgis.workflow.scheduling.land import basis_of
from landgis.workflow.scheduling.making import (
    POINT_DECIMALS,
    SHARE_DECIMALS,
    WAN_DECIMALS,
    drawn_of,
    outlook_of,
    plain,
    sites_of,
    ways_of,
)
from landgis.workflow.scheduling.scenario import Scenario
from landgis.workflow.scheduling.solving import LAND, OTHERS, Effort, PlanProgress, TellPlan, solve_problem

SECONDS_DECIMALS = 2


def schedule_project(
    project: Project,
    scenario: Scenario,
    *,
    tell: TellPlan = lambda _: None,
    stop: Stop = lambda: False,
    before: PlanDocument | None = None,
) -> PlanDocument:
    """The best plan for a scenario, beside what an office would do without one; nothing is kept yet.

    `tell` hears how far it is; what it raises ends the work. `stop` ends the search with the best plan so far.
    `before` is the plan that this one replaces: its sites are planned again, those begun as they are.

    Raises UsageError and InputRefused for what cannot be asked, `PlanInfeasible` with the limits that clash and by
    how much, InputRefused where no plan was met in the time given.
    """
    require(project.actor, "read")
    tell(PlanProgress(LAND))
    basis = basis_of(project, scenario, before=before, tell=lambda _: tell(PlanProgress(LAND)))
    return document_of(project, basis, tell=tell, stop=stop)


def document_of(
    project: Project, basis: Basis, *, tell: TellPlan = lambda _: None, stop: Stop = lambda: False
) -> PlanDocument:
    """The best plan on a basis."""
    asked, effort = basis.scenario, effort_of(basis)
    draws = int(basis.terms.draws if asked.draws is None else asked.draws)
    solved = solve_problem(basis.whole, effort, tell=tell, stop=stop)
    tell(PlanProgress(OTHERS, solved.objective, solved.bound, solved.gap, solved.seconds, effort.seconds))
    drawn = drawn_of(basis, solved.plan, draws)
    return PlanDocument(
        version=VERSION, name=asked.name, made_at=_now(), made_by=project.actor.name,
        ledger_line=basis.ledger_line, rules_id=basis.terms.id, prices_id=basis.prices.id,
        status="unverified" if basis.assumptions else "verified", scenario=asked.as_json(),
        quarters=basis.quarters, solver_status=solved.status, objective=round(solved.objective, POINT_DECIMALS),
        bound=_rounded(solved.bound, POINT_DECIMALS), gap=_rounded(solved.gap, SHARE_DECIMALS),
        seconds=round(solved.seconds, SECONDS_DECIMALS), budget_wan=_budget(basis),
        sites=sites_of(basis, solved.plan, drawn, project.life), ways=ways_of(basis, solved),
        outlook=outlook_of(basis, drawn, draws), left_out=basis.left_out,
        assumptions=tuple(plain(dict(one)) for one in basis.assumptions),
    )  # fmt: skip


def effort_of(basis: Basis) -> Effort:
    """How long and how closely to search: as asked, else as the rules say."""
    asked, terms = basis.scenario, basis.terms
    return Effort(
        seconds=terms.seconds if asked.seconds is None else asked.seconds,
        gap=terms.gap if asked.gap is None else asked.gap,
        seed=asked.seed, looks=int(terms.looks), horizon=asked.horizon, step=asked.step,
    )  # fmt: skip


def named(document: PlanDocument, name: str) -> PlanDocument:
    """The document under another name."""
    return replace(document, name=name, scenario={**document.scenario, "name": name})


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _budget(basis: Basis) -> tuple[float, ...] | None:
    """New money in each quarter; None where money does not bind."""
    money = basis.problem.money
    if money is None or not np.isfinite(money.budget_wan).all():
        return None
    return tuple(np.round(money.budget_wan, WAN_DECIMALS).tolist())


def _rounded(value: float | None, decimals: int) -> float | None:
    return None if value is None else round(value, decimals)
