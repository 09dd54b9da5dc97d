"""From sites and what they may do to the arrays of a scheduling problem."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from landgis.errors import Place, Problem, UsageError
from landgis.phases.lines import NOBODY
from landgis.planning.scheduling.montecarlo import Spread
from landgis.planning.scheduling.problem import UNSTARTED, Crews, Money, Plan, Space
from landgis.planning.scheduling.problem import Problem as Schedule
from landgis.planning.scheduling.value import Weights, start_values
from landgis.rules.prices import Prices
from landgis.rules.reading import nearest
from landgis.rules.scheduling import KINDS, WEIGHTS, ScheduleTerms
from landgis.text import N_, Message
from landgis.workflow.scheduling.assumed import assumptions
from landgis.workflow.scheduling.basis import Basis, buffer_of
from landgis.workflow.scheduling.begun import progress, stand
from landgis.workflow.scheduling.document import LeftOut
from landgis.workflow.scheduling.effects import effects_of, facts_of, sums
from landgis.workflow.scheduling.floor import Vacant, needs_of, returns_of, standing_m2, vacant_floor
from landgis.workflow.scheduling.limits import budget_of, crews_of, industrial_m2, industry_of, ties_of
from landgis.workflow.scheduling.modes import Assessed
from landgis.workflow.scheduling.money import Course, Shares, flows, parts_of
from landgis.workflow.scheduling.parcels import PlanLand
from landgis.workflow.scheduling.quarters import names_from
from landgis.workflow.scheduling.scenario import Scenario
from landgis.workflow.scheduling.sites import Allotment


@dataclass(frozen=True, eq=False)
class Chosen:
    """The land of a schedule, its sites, and the modes that each may have."""

    land: PlanLand
    sites: Allotment
    terms: ScheduleTerms
    prices: Prices
    first: datetime.date
    today: datetime.date
    modes: tuple[str, ...]
    assessed: Assessed
    admitted: np.ndarray  # bool[sites, modes]
    begun_mode: tuple[str | None, ...]  # None for an open site
    begun_start: Mapping[int, int]  # starts that are known already: site → quarter, below 0
    left_out: tuple[LeftOut, ...]

    @property
    def mode(self) -> np.ndarray:
        """int64[sites]: the mode of what has begun, UNSTARTED for an open site."""
        return np.array([UNSTARTED if mode is None else self.modes.index(mode) for mode in self.begun_mode], np.int64)

    def admitted_only(self, values: np.ndarray) -> np.ndarray:
        """Figures by site and mode, 0 in a mode that the site cannot have."""
        there: np.ndarray = np.where(self.admitted.reshape(*self.admitted.shape, *[1] * (values.ndim - 2)), values, 0.0)
        return there


def built(scenario: Scenario, chosen: Chosen, *, line: int) -> Basis:
    """The problem of a scenario; UsageError where it names sites, crews, kinds or weights that there are not."""
    terms, sites, land = chosen.terms, chosen.sites, chosen.land
    periods = scenario.quarters or terms.quarters
    done, course = progress(land, terms), _course(chosen)
    weights = _weights(scenario, terms)
    ties = ties_of(scenario, sites.site_ids, sites.begun)
    effects = effects_of(
        land, sites, chosen.assessed, terms, tax_before=chosen.prices.tax_before_wan_per_mu_year, modes=chosen.modes,
        admitted=chosen.admitted,
    )  # fmt: skip
    space, vacant = _space(scenario, chosen, course, done, periods)
    crews = crews_of(scenario, terms, course, chosen.mode, periods)
    allowed = chosen.admitted & ~ties.excluded[:, None] & ~sites.begun[:, None]
    problem = Schedule(
        sites=sites.site_ids, modes=chosen.modes,
        value=start_values(effects, weights, phase_quarters=course.phase_quarters, periods=periods),
        allowed=np.repeat(allowed[:, :, None], periods, axis=2), phase_quarters=course.phase_quarters,
        money=_money(scenario, chosen, course, done, periods), space=space, crews=crews,
        industry=industry_of(
            scenario, terms, land, site_m2=sums(industrial_m2(land), sites), begun=sites.begun, modes=chosen.modes,
            periods=periods,
        ),
        precedence=ties.precedence, lanes=ties.lanes, groups=ties.groups, required=ties.required,
        begun=Plan(chosen.mode, course.begun.start),
    )  # fmt: skip
    new_floor = np.where(chosen.admitted, sums(chosen.assessed.amounts["new_floor_m2"], sites), np.nan)
    gaps = _gaps(scenario, chosen, done, vacant, crews)
    return Basis(
        scenario, terms, chosen.prices, chosen.first, names_from(chosen.first, periods), facts_of(land, sites), problem,
        effects, weights, Spread(terms.spread.kind, terms.spread.low, terms.spread.usual, terms.spread.high), new_floor,
        chosen.left_out, assumptions(scenario, terms, chosen.prices, modes=chosen.modes, gaps=gaps),
        course.begun.steps, line, chosen.today,
    )  # fmt: skip


def _course(chosen: Chosen) -> Course:
    """The usual course of each mode; that of a begun site as it has come and will come."""
    terms, sites = chosen.terms, chosen.sites
    usual = np.array([terms.modes[mode].phase_quarters for mode in chosen.modes], np.int64)
    phases = np.repeat(usual[None], len(sites.site_ids), axis=0)
    begun = stand(
        chosen.land,
        sites,
        terms,
        mode=chosen.begun_mode,
        first=chosen.first,
        today=chosen.today,
        kept=chosen.begun_start,
    )
    on = np.flatnonzero(chosen.mode != UNSTARTED)
    phases[on, chosen.mode[on]] = begun.phase_quarters[on]
    letting = np.array([terms.modes[mode].letting_quarters for mode in chosen.modes], np.int64)
    return Course(phases, letting, begun)


def _weights(scenario: Scenario, terms: ScheduleTerms) -> Weights:
    problems = []
    unlike = N_("there is no weight {name}; there are: {known}")
    like = N_("there is no weight {name}; do you mean {guess}?")
    for name in scenario.weights:
        if name not in WEIGHTS:
            guess = nearest(name, WEIGHTS)
            message = Message(like if guess else unlike, {"name": name, "guess": guess, "known": ", ".join(WEIGHTS)})
            problems.append(Problem("E-PLAN-WEIGHT", message, Place(field="weights"), name))
    if problems:
        raise UsageError(problems)
    return Weights(**{**terms.weights, **scenario.weights})


def _money(scenario: Scenario, chosen: Chosen, course: Course, done: np.ndarray, periods: int) -> Money:
    each = [chosen.terms.modes[mode] for mode in chosen.modes]
    shares = Shares(
        cost=np.array([mode.public_cost_share for mode in each]),
        income=np.array([mode.public_income_share for mode in each]),
        tax=np.array([mode.public_tax_share for mode in each]),
    )
    full, undone = (
        {name: chosen.admitted_only(sums(part, chosen.sites)) for name, part in parts.items()}
        for parts in parts_of(chosen.land, chosen.assessed, chosen.prices, done)
    )
    length = max(periods + int(course.since.max(initial=0)), int(course.usable_after.max(initial=0)) + 1)
    cost, income = flows(full, undone, course, shares, length=length)
    return Money(cost, income, budget_of(scenario, chosen.terms, periods))


def _space(scenario: Scenario, chosen: Chosen, course: Course, done: np.ndarray, periods: int) -> tuple[Space, Vacant]:
    terms, land, sites = chosen.terms, chosen.land, chosen.sites
    share = np.array([terms.modes[mode].needed_share for mode in chosen.modes])
    used = sums(np.nan_to_num(needs_of(land, terms, done)), sites)
    needs = chosen.admitted_only(used[:, None, :] * share[None, :, None])
    returns = sums(returns_of(chosen.assessed, chosen.modes, terms, chosen.prices), sites)
    on = np.flatnonzero(chosen.mode != UNSTARTED)
    reserved = needs[on, chosen.mode[on]].sum(axis=0)
    vacant = vacant_floor(scenario, terms, standing_m2(land, terms), reserved)
    everywhere = np.repeat(vacant.m2[:, None], periods, axis=1)
    after = course.usable_after + buffer_of(scenario, terms)
    return Space(KINDS, needs, chosen.admitted_only(returns), after, everywhere), vacant


def _gaps(
    scenario: Scenario, chosen: Chosen, done: np.ndarray, vacant: Vacant, crews: Crews | None
) -> dict[str, float]:
    """What of the land in sites had to be assumed, by the names of `plan_assumed.GAPS`."""
    land, site = chosen.land, chosen.sites.of_parcel
    inside = site != NOBODY
    no_tax = np.isnan(land.land.tax_per_mu)
    stands_for_tax = "tax_per_mu" if np.isnan(chosen.prices.tax_before_wan_per_mu_year) else "tax_before"
    masks = {
        "storeys": land.storeys_unknown, "occupied_floor": np.isnan(land.occupied_m2) & (done[:, 0] < 1),
        stands_for_tax: no_tax, "value_added_per_mu": np.isnan(land.value_added_per_mu),
        "industrial": np.isnan(land.industrial), "red_hazards": np.isnan(land.red_hazards),
        "fallen": land.parcels.fallen, "paused": land.paused,
        **{name: chosen.assessed.gaps[name] for name in ("remaining_years", "condition", "max_floor_area_ratio")},
    }  # fmt: skip
    gaps: dict[str, float] = {f"gap.{name}": int((mask & inside).sum()) for name, mask in masks.items()}
    mine = np.array([*chosen.begun_mode, None], dtype=object)[site]
    other = inside & land.begun & (land.mode != None) & (land.mode != mine)  # noqa: E711  (elementwise)
    gaps["gap.begun_mode"] = round(float(land.area_mu[other].sum()), 1)
    for at, kind in enumerate(KINDS):
        gaps[f"gap.begun_floor.{kind}"] = round(float(vacant.missing_m2[at]))
        gaps[f"gap.vacant.{kind}"] = round(float(vacant.m2[at])) if vacant.assumed[at] else 0
    for at, name in enumerate(crews.names if crews else ()):
        said = scenario.crews.get(name, chosen.terms.crews[name].limit)
        more = float(crews.limit[at].max() - said) if crews else 0.0
        gaps[f"gap.crews.{name}"] = more
    return gaps
