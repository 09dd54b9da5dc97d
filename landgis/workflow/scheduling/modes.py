"""In which modes each site may start, and which parcels it does without: those that have no figures there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from landgis.errors import Place, Problem, UsageError
from landgis.phases.lines import NOBODY
from landgis.planning.feasibility import AMOUNTS, assess
from landgis.rules.prices import Prices
from landgis.rules.reading import nearest
from landgis.rules.scheduling import ScheduleTerms
from landgis.text import N_, Message
from landgis.workflow.scheduling.parcels import PlanLand
from landgis.workflow.scheduling.scenario import Scenario
from landgis.workflow.scheduling.sites import Allotment

ORDER = ("area", "floor_area", "building_use", "tenure")  # reasons of an assessment, the gravest first
ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Assessed:
    """n parcels in each mode. `amounts` are NaN where the parcel is refused; `refused` is "" where it is not."""

    amounts: Mapping[str, np.ndarray]  # name of AMOUNTS → float64[n, modes]
    refused: np.ndarray  # object[n, modes]: a reason of ORDER
    gaps: Mapping[str, np.ndarray]  # bool[n]: what was assumed for a parcel in some mode


def usable_modes(terms: ScheduleTerms, prices: Prices) -> tuple[str, ...]:
    """The modes that have terms in the rules and in the prices."""
    return tuple(mode for mode in terms.modes if mode in prices.modes)


def chosen_modes(scenario: Scenario, terms: ScheduleTerms, prices: Prices) -> tuple[str, ...]:
    """The modes among which a schedule chooses; UsageError naming those that have no terms."""
    wanted = tuple(dict.fromkeys(scenario.modes or terms.allowed_modes))
    require_terms(wanted, terms, prices)
    return wanted


def require_terms(wanted: Sequence[str], terms: ScheduleTerms, prices: Prices) -> None:
    """UsageError naming the modes that have no terms."""
    known = usable_modes(terms, prices)
    problems = []
    unlike = N_("{mode} has no terms in the schedule rules {rules} and the prices {prices}; both have: {known}")
    like = N_("{mode} has no terms in the schedule rules {rules} and the prices {prices}; do you mean {guess}?")
    for mode in wanted:
        if mode not in known:
            guess = nearest(mode, known)
            values = {"mode": mode, "rules": terms.id, "prices": prices.id, "known": ", ".join(known), "guess": guess}
            problems.append(Problem("E-MODE", Message(like if guess else unlike, values), Place(field="modes"), mode))
    if problems:
        raise UsageError(problems)


def assess_all(land: PlanLand, modes: Sequence[str], prices: Prices) -> Assessed:
    """Every parcel in every mode."""
    size, count = len(land.ids), len(modes)
    rows = np.repeat(np.arange(size), count)
    found = assess(land.land.at(rows), np.tile(np.array(modes, dtype=object), size), prices)
    amounts = {name: np.full((size, count), np.nan) for name in AMOUNTS}
    for name, part in amounts.items():
        part.ravel()[found.kept] = found.amounts[name]
    refused = np.full((size, count), "", dtype=object)
    for reason in reversed(ORDER):
        refused.ravel()[found.refused[reason]] = reason
    gaps = {name: np.bincount(rows[found.kept][mask], minlength=size) > 0 for name, mask in found.gaps.items()}
    return Assessed(amounts, refused, gaps)


def admit(
    found: Assessed, allotment: Allotment, candidates: np.ndarray, *, area: np.ndarray, dropped_share: float
) -> tuple[np.ndarray, np.ndarray]:
    """Which modes each site may have, bool[sites, modes], and why a parcel is left out of its site, object[n].

    A parcel that is refused in every mode of its site is left out. A mode is open to a site if what is refused in it
    alone is at most `dropped_share` of the rest of its land; that is then left out. Where no mode is, the one that
    loses the least land is.
    """
    site = allotment.of_parcel
    inside = site != NOBODY
    mine = np.zeros_like(found.refused, dtype=bool)
    mine[inside] = candidates[site[inside]]
    without = found.refused != ""
    asked = without & mine
    none = inside & (without | ~mine).all(axis=1)
    there = inside & ~none
    count = len(allotment.site_ids)
    total = np.bincount(site[there], area[there], minlength=count)
    lost = np.stack([
        np.bincount(site[there], (area * without[:, mode])[there], minlength=count) for mode in range(mine.shape[1])
    ], axis=1)  # fmt: skip
    share = np.where(candidates, lost / np.maximum(total, ROUNDING)[:, None], np.inf)
    admitted = candidates & (share <= dropped_share + ROUNDING)
    stuck = ~admitted.any(axis=1) & candidates.any(axis=1)
    admitted[stuck, share[stuck].argmin(axis=1)] = True
    mine[inside] &= admitted[site[inside]]
    dropped = inside & (without & mine).any(axis=1)
    first = np.where(none, asked.argmax(axis=1), (without & mine).argmax(axis=1))
    why = found.refused[np.arange(len(site)), first]
    return admitted, np.where(none | dropped, why, "").astype(object)
