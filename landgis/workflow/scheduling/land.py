"""From a project and a scenario to a scheduling problem: which land, in which modes, with which figures."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from landgis.errors import InputRefused, Place, Problem, UsageError
from landgis.phases.curve import NEVER
from landgis.phases.lifecycle import CODES
from landgis.phases.lines import NOBODY
from landgis.phases.reached import reached
from landgis.roles import require
from landgis.rules.prices import Prices, load_prices
from landgis.rules.scheduling import ScheduleTerms, load_schedule
from landgis.text import N_, Message, Tell
from landgis.workflow.project import Project
from landgis.workflow.register import Register, first_lines
from landgis.workflow.scheduling.basis import Basis, SiteFacts
from landgis.workflow.scheduling.begun import most_common_mode
from landgis.workflow.scheduling.building import Chosen, built
from landgis.workflow.scheduling.document import PlanDocument
from landgis.workflow.scheduling.milestones import milestone_days
from landgis.workflow.scheduling.modes import admit, assess_all, chosen_modes, require_terms, usable_modes
from landgis.workflow.scheduling.parcels import BEGUN, PlanLand, read_land
from landgis.workflow.scheduling.quarters import between, last_day, quarter_name, quarter_of
from landgis.workflow.scheduling.scenario import Scenario, first_quarter
from landgis.workflow.scheduling.scenario_faults import faults
from landgis.workflow.scheduling.sites import Allotment, allot, allot_before, left_out


def basis_of(
    project: Project, scenario: Scenario, *, before: PlanDocument | None = None, tell: Tell = lambda _step: None
) -> Basis:
    """The scheduling problem of a scenario on the land of a project as it is today.

    With `before` it is about the sites of that plan, to be planned again: what has begun since keeps its mode there.
    Money and floor that the plan has used up by then are the caller's to say, as budget and vacant floor.

    UsageError where the scenario names what is not there; InputRefused where no land can be planned, or a file that it
    names is refused.
    """
    require(project.actor, "read")
    if found := faults(scenario):
        raise UsageError(found)
    terms, prices = load_schedule(scenario.rules), load_prices(scenario.prices)
    modes = chosen_modes(scenario, terms, prices)
    tell("read")
    register = Register(project)
    land = read_land(project, register, terms)
    tell("assess")
    if before is None:
        sites = allot(land, scenario, terms)
    else:
        sites = allot_before(land, before, _begun_then(project, register, land, before))
    today = project.today()
    chosen = _chosen(_Land(land, sites, terms, prices, before, today), modes, first_quarter(scenario, today))
    if not chosen.sites.site_ids:
        raise InputRefused(_nothing(chosen, project.store.where))
    return built(scenario, chosen, line=int(register.lines.seq[-1]) if len(register.lines.seq) else 0)


@dataclass(frozen=True, eq=False)
class _Land:
    land: PlanLand
    sites: Allotment
    terms: ScheduleTerms
    prices: Prices
    before: PlanDocument | None
    today: datetime.date


def _begun_then(project: Project, register: Register, land: PlanLand, document: PlanDocument) -> np.ndarray:
    """Which parcels had begun as the register stood when a plan was made, bool[n]."""
    known, _ = register.land_known()
    lines = first_lines(register.lines, document.ledger_line)
    then = reached(lines, known, project.life, as_of=project.today().toordinal())
    begun = np.asarray((then.day[:, [CODES[step] for step in BEGUN]] < NEVER).any(axis=1))
    at = known.parcel_ids.get_indexer(pd.Index(land.ids, dtype=object))
    there: np.ndarray = np.where(at == NOBODY, False, begun[at])
    return there


def _chosen(given: _Land, modes: tuple[str, ...], first: datetime.date) -> Chosen:
    """The modes that each site may have, and the sites less the parcels that have no figures in them."""
    land, terms, prices = given.land, given.terms, given.prices
    own = [_begun_mode(given, site) for site in range(len(given.sites.site_ids))]
    every = tuple(dict.fromkeys([*modes, *(mode for mode in own if mode)]))
    found = assess_all(land, every, prices)
    candidates = np.array([
        [mode == mine if mine else mode in modes for mode in every] for mine in own
    ], dtype=bool).reshape(len(own), len(every))  # fmt: skip
    admitted, why = admit(found, given.sites, candidates, area=land.area_mu, dropped_share=terms.dropped_share)
    sites = given.sites.without(why).closed_up()
    place = {name: at for at, name in enumerate(given.sites.site_ids)}
    at = [place[name] for name in sites.site_ids]
    starts = _starts(given.before, first)
    return Chosen(
        land, sites, terms, prices, first, given.today, every, found, admitted[at], tuple(own[one] for one in at),
        {one: starts[name] for one, name in enumerate(sites.site_ids) if name in starts},
        left_out(land, sites),
    )  # fmt: skip


def _begun_mode(given: _Land, site: int) -> str | None:
    """The mode that a begun site keeps: that of the plan before, else the one declared for most of its begun land."""
    if not given.sites.begun[site]:
        return None
    usable = usable_modes(given.terms, given.prices)
    planned = given.before.sites[site].mode if given.before else None
    if planned is not None:
        require_terms((planned,), given.terms, given.prices)
        return planned
    rows = np.flatnonzero((given.sites.of_parcel == site) & given.land.begun)
    fallback = given.terms.begun_mode if given.terms.begun_mode in usable else usable[0]
    return most_common_mode(given.land, rows, usable) or fallback


def _starts(before: PlanDocument | None, first: datetime.date) -> Mapping[str, int]:
    """The starts that a plan has for what had begun before it, in quarters from the first one."""
    found = before.sites if before else ()
    return {
        site.site_id: between(first, quarter_of(site.start_quarter))
        for site in found
        if site.begun and site.start_quarter
    }


def _nothing(chosen: Chosen, where: str) -> list[Problem]:
    """No parcel can be planned: how many lack what."""
    words = N_("no land can be planned; {count} parcels: {reason}")
    told = Counter((one.reason, one.problem) for one in chosen.left_out)
    return [
        Problem(
            f"E-PLAN-LAND-{reason.upper().replace('_', '-')}",
            Message(words, {"count": count, "reason": Message(problem)}), Place(where),
        )
        for (reason, problem), count in told.most_common()
    ]  # fmt: skip


__all__ = ["Basis", "SiteFacts", "basis_of", "last_day", "milestone_days", "quarter_name", "quarter_of"]
