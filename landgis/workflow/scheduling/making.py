"""The document of a plan: each site's figures, each way's curves, and what uncertain durations do to it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson

from landgis.phases.lifecycle import Lifecycle
from landgis.planning.scheduling.heuristic import by_quarter
from landgis.planning.scheduling.montecarlo import Outlook as Drawn
from landgis.planning.scheduling.montecarlo import outlook
from landgis.planning.scheduling.problem import DEMOLISH, REBUILD, UNSTARTED, VACATE, Plan, worth
from landgis.planning.scheduling.value import tally
from landgis.units import MU_DECIMALS
from landgis.workflow.scheduling.basis import Basis, SiteFacts
from landgis.workflow.scheduling.curves import curves
from landgis.workflow.scheduling.document import EXACT, WAYS, Outlook, Site, Way
from landgis.workflow.scheduling.milestones import milestone_days
from landgis.workflow.scheduling.quarters import later, quarter_name
from landgis.workflow.scheduling.solving import Solved, share_below
from landgis.workflow.scheduling.why import why_not

WAN_DECIMALS, M2_DECIMALS, POINT_DECIMALS, SHARE_DECIMALS = 4, 2, 6, 6
RULE_OF = {"greedy": "gain", "johnson": "johnson", "file": "file"}  # what an office does without a plan
ROUNDING = 1e-9  # quarters


def sites_of(basis: Basis, plan: Plan, drawn: Drawn | None, life: Lifecycle) -> tuple[Site, ...]:
    """Every site with what the plan has for it."""
    reasons = why_not(basis.whole, plan)
    return tuple(
        _left(facts, reasons[at]) if plan.mode[at] == UNSTARTED else _started(basis, plan, drawn, life, at)
        for at, facts in enumerate(basis.sites)
    )


def ways_of(basis: Basis, solved: Solved) -> dict[str, Way | None]:
    """The plan beside what an office would do without one; None where that way finds no plan."""
    found: dict[str, Plan | None] = {name: by_quarter(basis.whole, rule) for name, rule in RULE_OF.items()}
    found[EXACT] = solved.plan
    plans = {name: found[name] for name in WAYS}
    return {name: None if plan is None else way_of(basis, plan, solved.bound) for name, plan in plans.items()}


def way_of(basis: Basis, plan: Plan, bound: float | None) -> Way:
    """A plan's starts and its curves."""
    problem, effects = basis.problem, basis.effects
    area = np.array([facts.area_mu for facts in basis.sites], dtype=float)
    shown = curves(problem, plan, weigh=area, displaced_firms=effects.displaced_firms)
    parts = tally(
        effects, plan, phase_quarters=problem.phase_quarters, periods=problem.shape[2],
        discount_a_year=basis.weights.discount_a_year,
    )  # fmt: skip
    new = np.flatnonzero(plan.started & ~problem.frozen.started)
    objective = worth(problem, plan)
    below = share_below(objective, bound)
    return Way(
        objective=round(objective, POINT_DECIMALS), below_bound=None if below is None else round(below, SHARE_DECIMALS),
        starts={
            basis.sites[at].site_id: (problem.modes[plan.mode[at]], quarter_at(basis, plan.start[at])) for at in new
        },
        spent_wan=_figures(shown.spent_wan, WAN_DECIMALS), income_wan=_figures(shown.income_wan, WAN_DECIMALS),
        cash_wan=_figures(shown.cash_wan, WAN_DECIMALS),
        vacant_m2={kind: _figures(floor, M2_DECIMALS) for kind, floor in shown.vacant_m2.items()},
        renovated_mu=_figures(shown.renovated, MU_DECIMALS),
        displaced_firms=tuple(round(firms) for firms in shown.displaced_firms.tolist()),
        area_gain_m2=round(parts.area_gain_m2, M2_DECIMALS), tax_gain_wan=round(parts.tax_gain_wan, WAN_DECIMALS),
        value_added_gain_wan=round(parts.value_added_gain_wan, WAN_DECIMALS),
        firm_months=round(parts.firm_months, SHARE_DECIMALS),
        hazard_quarters=round(parts.hazard_quarters, SHARE_DECIMALS),
        new_floor_m2=_known(float(basis.new_floor_m2[new, plan.mode[new]].sum()), M2_DECIMALS),
    )  # fmt: skip


def drawn_of(basis: Basis, plan: Plan, draws: int) -> Drawn | None:
    """So many futures of the plan; None where none is asked for."""
    return outlook(basis.due, plan, basis.spread, draws=draws, seed=basis.scenario.seed) if draws else None


def outlook_of(basis: Basis, drawn: Drawn | None, draws: int) -> Outlook | None:
    """The futures as the document has them."""
    if drawn is None:
        return None
    kinds = basis.problem.space.kinds if basis.problem.space else ()
    return Outlook(
        draws=draws, finish_p50=finish_quarter(basis, drawn.plan_p50), finish_p80=finish_quarter(basis, drawn.plan_p80),
        runs_out=round(drawn.runs_out_any, SHARE_DECIMALS),
        runs_out_by_kind=dict(zip(kinds, _figures(drawn.runs_out, SHARE_DECIMALS), strict=True)),
        runs_out_by_quarter=_figures(drawn.runs_out_by_period, SHARE_DECIMALS),
        missing_p80_m2=dict(zip(kinds, _figures(drawn.missing_p80_m2, M2_DECIMALS), strict=True)),
    )  # fmt: skip


def plain(value: Any) -> Any:
    """A value as it comes back from JSON, so that what is kept is what was made."""
    return orjson.loads(orjson.dumps(value))


def quarter_at(basis: Basis, number: int) -> str:
    """The name of a quarter counted from the plan's first; it may lie before or behind the plan."""
    return quarter_name(later(basis.first, int(number)))


def finish_quarter(basis: Basis, finish: float) -> str:
    """The quarter at the end of which, or within which, work is finished; `finish` in parts of quarters."""
    return quarter_at(basis, math.ceil(finish - ROUNDING) - 1)


def _plain_facts(facts: SiteFacts) -> dict[str, Any]:
    return {
        "site_id": facts.site_id, "name": facts.name, "block_id": facts.block_id, "parcel_ids": facts.parcel_ids,
        "area_mu": round(facts.area_mu, MU_DECIMALS), "old_floor_m2": round(facts.old_floor_m2, M2_DECIMALS),
        "firms": facts.firms, "red_hazards": facts.red_hazards, "begun": facts.begun,
    }  # fmt: skip


def _left(facts: SiteFacts, reason: str | None) -> Site:
    """A site as it is."""
    return Site(
        **_plain_facts(facts), why_not=reason, mode=None, start_quarter=None, vacated_quarter=None,
        demolished_quarter=None, completed_quarter=None, milestones={}, new_floor_m2=None, cost_wan=None,
        income_wan=None, needs_m2={}, returns_m2={}, finish_p50=None, finish_p80=None,
    )  # fmt: skip


def _started(basis: Basis, plan: Plan, drawn: Drawn | None, life: Lifecycle, at: int) -> Site:
    """A site with its work."""
    problem, mode, start = basis.problem, int(plan.mode[at]), int(plan.start[at])
    phases = problem.phase_quarters[at, mode]
    ends = [quarter_at(basis, end) for end in start + np.cumsum(phases) - 1]
    cost, income = _money(basis, at, mode, start)
    finish = [None if drawn is None else finish_quarter(basis, float(share[at])) for share in _finishes(drawn)]
    return Site(
        **_plain_facts(basis.sites[at]), why_not=None, mode=problem.modes[mode], start_quarter=quarter_at(basis, start),
        vacated_quarter=ends[VACATE], demolished_quarter=ends[DEMOLISH], completed_quarter=ends[REBUILD],
        milestones=milestone_days(
            basis.terms, life, problem.modes[mode], phases.tolist(), start, first=basis.first,
            reached=basis.begun_steps.get(basis.sites[at].site_id), today=basis.today,
        ),
        new_floor_m2=_known(float(basis.new_floor_m2[at, mode]), M2_DECIMALS), cost_wan=cost, income_wan=income,
        needs_m2=_floor(basis, at, mode, "needs_m2"), returns_m2=_floor(basis, at, mode, "returns_m2"),
        finish_p50=finish[0], finish_p80=finish[1],
    )  # fmt: skip


def _finishes(drawn: Drawn | None) -> tuple[np.ndarray, np.ndarray]:
    return (np.empty(0), np.empty(0)) if drawn is None else (drawn.finish_p50, drawn.finish_p80)


def _money(basis: Basis, at: int, mode: int, start: int) -> tuple[float | None, float | None]:
    """All of the cost; the income that comes in within the quarters of the plan."""
    money, periods = basis.problem.money, basis.problem.shape[2]
    if money is None:
        return None, None
    income = money.income_wan[at, mode][max(0, -start) : max(0, periods - start)]
    return _known(float(money.cost_wan[at, mode].sum()), WAN_DECIMALS), _known(float(income.sum()), WAN_DECIMALS)


def _floor(basis: Basis, at: int, mode: int, which: str) -> Mapping[str, float]:
    space = basis.problem.space
    return (
        {}
        if space is None
        else dict(zip(space.kinds, _figures(getattr(space, which)[at, mode], M2_DECIMALS), strict=True))
    )


def _figures(values: np.ndarray, decimals: int) -> tuple[float, ...]:
    """Rounded, without a minus before 0."""
    return tuple((np.round(values, decimals) + 0.0).tolist())


def _known(value: float, decimals: int) -> float | None:
    return None if math.isnan(value) else round(value, decimals)
