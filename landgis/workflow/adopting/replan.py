"""Plan again when dates have slipped: what has begun stays, the rest moves where it must, and one is told why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from landgis.errors import UsageError
from landgis.planning.scheduling.problem import Plan, worth
from landgis.planning.scheduling.solve import Stop
from landgis.text import Translate
from landgis.workflow.adopting.carry import Carried, carried, plan_in, scenario_from, with_carried, without
from landgis.workflow.adopting.slips import slips_of
from landgis.workflow.adopting.steady import steadied
from landgis.workflow.adopting.why import STAYS, Change, changes_of
from landgis.workflow.project import Project
from landgis.workflow.register import Register
from landgis.workflow.scheduling.basis import Basis
from landgis.workflow.scheduling.document import EXACT, PlanDocument
from landgis.workflow.scheduling.land import basis_of
from landgis.workflow.scheduling.making import POINT_DECIMALS, SHARE_DECIMALS, drawn_of, outlook_of, sites_of, way_of
from landgis.workflow.scheduling.scenario import Scenario
from landgis.workflow.scheduling.schedule import document_of, effort_of
from landgis.workflow.scheduling.shelf import load_plan
from landgis.workflow.scheduling.solving import LAND, PlanProgress, TellPlan, share_below

NOTHING: Mapping[str, Any] = {}
SITE_GONE = "E-PLAN-SITE"  # what `basis_of` says of a site that is named and is not there, or can be named no more


@dataclass(frozen=True)
class Replanned:
    """A plan that takes the place of another one, and what became of each site."""

    plan: str  # the name of the old one
    document: PlanDocument
    carried: Carried
    changes: tuple[Change, ...]

    @property
    def moved(self) -> bool:
        """Whether any site that has not begun is planned otherwise than before."""
        return any(change.what not in ("kept", STAYS, "gone") for change in self.changes)

    def as_json(self, translate: Translate = str) -> dict[str, Any]:
        """As `--json` prints it: what changed, and the new plan's document."""
        return {
            "plan": self.plan, "name": self.document.name, "first": self.document.quarters[0],
            "last": self.document.quarters[-1], "carried": asdict(self.carried),
            "changes": [change.as_json(translate) for change in self.changes], "document": self.document.as_json(),
        }  # fmt: skip


def replan(
    project: Project,
    plan: str | PlanDocument,
    *,
    changes: Mapping[str, Any] = NOTHING,
    tell: TellPlan = lambda _: None,
    stop: Stop = lambda: False,
) -> Replanned:
    """The best plan from the quarter after today on that keeps what has begun; nothing is kept or adopted yet.

    `plan` is a plan or the name of one that is kept; `changes` are fields of its scenario that are asked otherwise.
    Money and floor that the passed quarters leave go over, unless they are asked otherwise. Of plans within the gap
    that is asked for, one that moves little is taken.

    Raises what `schedule_project` raises.
    """
    document = load_plan(project, plan) if isinstance(plan, str) else plan
    tell(PlanProgress(LAND))
    scenario = scenario_from(document, project.today(), changes)
    basis = _basis(project, scenario, document)
    left = carried(document, basis, set(changes))
    again = with_carried(basis.scenario, basis, left)
    if again != basis.scenario:
        basis = basis_of(project, again, before=document)
    found = document_of(project, basis, tell=tell, stop=stop)
    found = _steady(project, basis, found, document)
    state, land = Register(project).reached(as_of=project.today().toordinal())
    slips = slips_of(document, state, land, project.life, today=project.today().toordinal())
    return Replanned(document.name, found, left, changes_of(document, found, basis, slips))


def _basis(project: Project, scenario: Scenario, document: PlanDocument) -> Basis:
    """The sites of the old plan as they are; what the scenario says of those that are finished or gone is left out."""
    try:
        return basis_of(project, scenario, before=document)
    except UsageError as refused:
        known = {site.site_id for site in document.sites}
        gone: dict[str, list[str]] = {}
        for problem in refused.problems:
            if problem.code != SITE_GONE or problem.id not in known or problem.place.field is None:
                raise
            gone.setdefault(problem.place.field, []).append(problem.id)
    return basis_of(project, without(scenario, gone), before=document)


def _steady(project: Project, basis: Basis, found: PlanDocument, document: PlanDocument) -> PlanDocument:
    """The plan that was found, or one nearer to the old one: within the gap where that was proven, else by it less."""
    gap, plan = effort_of(basis).gap, plan_in(found, basis)
    least = found.objective - gap * abs(found.objective)
    if found.bound is not None and found.gap is not None and found.gap <= gap:
        least = min(found.objective, found.bound - gap * abs(found.bound))
    steady = steadied(basis.whole, plan, plan_in(document, basis), least=least)
    return found if steady is plan else _planned(project, basis, found, steady)


def _planned(project: Project, basis: Basis, found: PlanDocument, plan: Plan) -> PlanDocument:
    """The document with another plan in it."""
    draws = found.outlook.draws if found.outlook else 0
    drawn, objective = drawn_of(basis, plan, draws), worth(basis.problem, plan)
    bound = None if found.bound is None else max(found.bound, objective)
    gap = share_below(objective, bound)
    return replace(
        found, objective=round(objective, POINT_DECIMALS), bound=bound,
        gap=None if gap is None else round(gap, SHARE_DECIMALS), sites=sites_of(basis, plan, drawn, project.life),
        ways={**found.ways, EXACT: way_of(basis, plan, bound)}, outlook=outlook_of(basis, drawn, draws),
    )  # fmt: skip
