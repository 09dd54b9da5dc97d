"""The limits of a schedule beside money and floor: budget by quarter, crews, industrial land, ties between sites."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from landgis.errors import Place, Problem, UsageError
from landgis.planning.scheduling.problem import Crews, Group, Industry, Lane, Precedence
from landgis.rules.scheduling import PHASES, ScheduleTerms
from landgis.text import N_, Message
from landgis.workflow.scheduling.groups import not_known
from landgis.workflow.scheduling.money import Course
from landgis.workflow.scheduling.parcels import PlanLand
from landgis.workflow.scheduling.scenario import Scenario


@dataclass(frozen=True)
class Ties:
    """What a scenario says about single sites, as positions."""

    required: np.ndarray  # bool[s]
    excluded: np.ndarray  # bool[s]
    precedence: tuple[Precedence, ...]
    lanes: tuple[Lane, ...]
    groups: tuple[Group, ...]


def budget_of(scenario: Scenario, terms: ScheduleTerms, periods: int) -> np.ndarray:
    """New money of each quarter, float64[periods], 万元; UsageError where the list has another length."""
    said = scenario.budget_wan or (terms.budget_wan,)
    if len(said) not in (1, periods):
        words = N_("{count} figures for {periods} quarters; give one for all of them, or one for each")
        message = Message(words, {"count": len(said), "periods": periods})
        raise UsageError([Problem("E-PLAN-BUDGET", message, Place(field="budget_wan"))])
    return np.broadcast_to(np.array(said, dtype=float), (periods,)).copy()


def ties_of(scenario: Scenario, site_ids: tuple[str, ...], begun: np.ndarray) -> Ties:
    """The ties as positions; UsageError naming each site that is not there, and each begun one that is excluded."""
    wanted = {
        "required": list(scenario.required), "excluded": list(scenario.excluded),
        "before": [site for edge in scenario.before for site in (edge.before, edge.after)],
        "lanes": [site for lane in scenario.lanes for site in lane.sites],
        "groups": [site for group in scenario.groups for site in group.sites],
    }  # fmt: skip
    problems = not_known(wanted, list(site_ids))
    at = {name: place for place, name in enumerate(site_ids)}
    for site in scenario.excluded:
        if site in at and begun[at[site]]:
            words = N_("{site} has begun and cannot be excluded")
            problems.append(Problem("E-PLAN-SITE", Message(words, {"site": site}), Place(field="excluded"), site))
    if problems:
        raise UsageError(problems)

    def places(sites: tuple[str, ...]) -> tuple[int, ...]:
        return tuple(at[site] for site in dict.fromkeys(sites))

    def mask(sites: tuple[str, ...]) -> np.ndarray:
        found = np.zeros(len(site_ids), bool)
        found[list(places(sites))] = True
        return found

    return Ties(
        required=mask(scenario.required) & ~begun,
        excluded=mask(scenario.excluded),
        precedence=tuple(Precedence(at[edge.before], at[edge.after], edge.lag_quarters) for edge in scenario.before),
        lanes=tuple(Lane(one.name, places(one.sites), int(one.closed_at_most or 0)) for one in scenario.lanes),
        groups=tuple(Group(one.name, places(one.sites)) for one in scenario.groups),
    )


def crews_of(scenario: Scenario, terms: ScheduleTerms, course: Course, mode: np.ndarray, periods: int) -> Crews | None:
    """The crews; there are at least as many as what has begun takes. `mode` is that of begun sites, int[s], or −1."""
    problems = []
    for name in scenario.crews:
        if name not in terms.crews:
            words = N_("there are no crews {name}; there are: {known}")
            message = Message(words, {"name": name, "known": ", ".join(terms.crews) or "-"})
            problems.append(Problem("E-PLAN-CREW", message, Place(field="crews"), name))
    if problems:
        raise UsageError(problems)
    if not terms.crews:
        return None
    names = tuple(terms.crews)
    use = np.array([terms.crews[name].use for name in names]).T  # [PHASES, crews]
    limit = np.array([[scenario.crews.get(name, terms.crews[name].limit)] * periods for name in names], dtype=float)
    sites, modes = course.phase_quarters.shape[:2]
    every = np.broadcast_to(use, (sites, modes, *use.shape)).copy()
    return Crews(names, every, np.maximum(limit, busy(course, mode, use, periods)))


def busy(course: Course, mode: np.ndarray, use: np.ndarray, periods: int) -> np.ndarray:
    """Crews on begun sites in each quarter, float64[crews, periods]; `use` is [PHASES, crews]."""
    total = np.zeros((use.shape[1], periods))
    when = np.arange(periods)
    for site in np.flatnonzero(mode >= 0).tolist():
        ends = course.ends[site, mode[site]] + course.begun.start[site]
        begins = ends - course.phase_quarters[site, mode[site]]
        for phase in range(len(PHASES)):
            total += use[phase][:, None] * ((when >= begins[phase]) & (when < ends[phase]))
    return total


def industrial_m2(land: PlanLand) -> np.ndarray:
    """Industrial land of each parcel, float64[n]; where the use is not known it counts as industrial."""
    area: np.ndarray = np.nan_to_num(land.land.area_m2) * np.nan_to_num(land.industrial, nan=1.0)
    return area


def industry_of(
    scenario: Scenario, terms: ScheduleTerms, land: PlanLand, *,
    site_m2: np.ndarray, begun: np.ndarray, modes: tuple[str, ...], periods: int,
) -> Industry:  # fmt: skip
    """Industrial land: `site_m2` is that of each site now, float64[s]; that of begun ones has left already."""
    total = float(industrial_m2(land).sum())
    floor = terms.industry_share * total if scenario.industry_floor_m2 is None else scenario.industry_floor_m2
    after = np.array([terms.modes[mode].industrial_share for mode in modes])
    leaves = np.repeat(site_m2[:, None], len(modes), axis=1)
    return Industry(leaves, leaves * after, total - float(site_m2[begun].sum()), np.full(periods, floor))
