"""Which parcel belongs to which site: what is renovated stays out, what has begun is a site of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from landgis.errors import InputRefused, Place, Problem
from landgis.phases.lines import NOBODY
from landgis.rules.scheduling import ScheduleTerms
from landgis.text import N_, Message
from landgis.workflow.scheduling.document import LeftOut, PlanDocument
from landgis.workflow.scheduling.groups import NO_SUCH_PARCEL, group_names
from landgis.workflow.scheduling.parcels import PlanLand
from landgis.workflow.scheduling.scenario import Scenario

MARK = "*"  # behind the name of a site that has begun
LEFT_OUT: Mapping[str, str] = MappingProxyType({
    "renovated": N_("it is renovated already"),
    "withdrawn": N_("it was withdrawn"),
    "no_site": N_("it is in no block, or in no site of the list; give it one"),
    "not_in_plan": N_("it is in no site of the plan that is planned again"),
    "efficient": N_("the scores do not call it low-efficiency, and the rules plan only such parcels"),
    "efficiency_unknown": N_("whether it is low-efficiency is not known, and the rules plan only such parcels"),
    "area": N_("its land area is not known; draw the outline or register an area"),
    "floor_area": N_("the floor area that stands is not known; give floor_area_m2 or storeys of its buildings"),
    "building_use": N_("the use of a building is not known, and the prices have none for it"),
    "tenure": N_("its tenure is not known, or has no factor in the prices; record it"),
    "no_such_parcel": NO_SUCH_PARCEL,
    "gone": N_("the plan has it, and there is no such parcel any more"),
})  # fmt: skip


@dataclass(frozen=True, eq=False)
class Allotment:
    """Sites and the parcels in them. A site without a parcel is in no problem."""

    site_ids: tuple[str, ...]
    begun: np.ndarray  # bool[sites]
    of_parcel: np.ndarray  # int64[n], NOBODY for none
    reason: np.ndarray  # object[n]: a key of LEFT_OUT, "" for a parcel in a site
    strangers: tuple[LeftOut, ...]  # parcels that are named and not there

    def without(self, reasons: np.ndarray) -> Allotment:
        """The same, less the parcels that have a reason (object[n])."""
        out = (reasons != "") & (self.of_parcel != NOBODY)
        return Allotment(
            self.site_ids, self.begun, np.where(out, NOBODY, self.of_parcel), np.where(out, reasons, self.reason),
            self.strangers,
        )  # fmt: skip

    def closed_up(self) -> Allotment:
        """The same without the sites that no parcel is in."""
        there = np.flatnonzero(np.bincount(self.of_parcel[self.of_parcel != NOBODY], minlength=len(self.site_ids)))
        place = np.full(len(self.site_ids) + 1, NOBODY)
        place[there] = np.arange(len(there))
        names = tuple(self.site_ids[at] for at in there)
        return Allotment(names, self.begun[there], place[self.of_parcel], self.reason, self.strangers)


def allot(land: PlanLand, scenario: Scenario, terms: ScheduleTerms) -> Allotment:
    """The sites of a scenario: open land of a group, and beside it what of the group has begun."""
    names, strangers = group_names(land, scenario)
    begun = land.begun
    lacking = np.array([name is None for name in names.tolist()], dtype=bool)
    reason = _reasons(land, {"no_site": lacking} | _efficient(land, terms, begun))
    ids = [None if why else f"{name}{MARK if on else ''}" for name, on, why in zip(names, begun, reason, strict=True)]
    whole = dict.fromkeys(name for name in names.tolist() if name is not None)
    order = [name for group in whole for name in (group, f"{group}{MARK}")]
    _require_distinct(order)
    there = set(ids)
    site_ids = tuple(name for name in order if name in there)
    at = {name: place for place, name in enumerate(site_ids)}
    of_parcel = np.array([NOBODY if name is None else at[name] for name in ids], dtype=np.int64)
    started = np.zeros(len(site_ids), bool)
    started[of_parcel[begun & (of_parcel != NOBODY)]] = True
    return Allotment(site_ids, started, of_parcel, reason, strangers)


def allot_before(land: PlanLand, document: PlanDocument, begun_then: np.ndarray) -> Allotment:
    """The sites of a plan as they are today: begun if they had begun there, or if anything has begun since.

    `begun_then` says which parcels had begun when the plan was made, bool[n].
    """
    named = {key: at for at, site in enumerate(document.sites) for key in site.parcel_ids}
    of_parcel = np.array([named.get(key, NOBODY) for key in land.ids.tolist()], dtype=np.int64)
    reason = _reasons(land, {"not_in_plan": of_parcel == NOBODY})
    of_parcel = np.where(reason == "", of_parcel, NOBODY)
    started = np.array([site.begun for site in document.sites], dtype=bool)
    fresh = land.begun & ~begun_then & (of_parcel != NOBODY)
    started[of_parcel[fresh]] = True
    known = set(land.ids.tolist())
    gone = tuple(LeftOut(key, "gone", LEFT_OUT["gone"]) for key in named if key not in known)
    return Allotment(tuple(site.site_id for site in document.sites), started, of_parcel, reason, gone)


def left_out(land: PlanLand, allotment: Allotment) -> tuple[LeftOut, ...]:
    """Every parcel in no site, in the order of the layer, and why; then those that are not there."""
    rows = zip(land.ids.tolist(), allotment.reason.tolist(), strict=True)
    return tuple(LeftOut(str(key), why, LEFT_OUT[why]) for key, why in rows if why) + allotment.strangers


def _reasons(land: PlanLand, more: Mapping[str, np.ndarray]) -> np.ndarray:
    masks = {"withdrawn": land.withdrawn, "renovated": land.complete, **more}
    reasons = np.select(list(masks.values()), list(masks), "")
    found: np.ndarray = reasons.astype(object)
    return found


def _efficient(land: PlanLand, terms: ScheduleTerms, begun: np.ndarray) -> dict[str, np.ndarray]:
    """Open parcels that the rules do not plan."""
    if terms.which == "all":
        return {}
    return {
        "efficient": (land.low_efficiency == "no") & ~begun,
        "efficiency_unknown": (land.low_efficiency == "unknown") & ~begun,
    }


def _require_distinct(names: list[str]) -> None:
    twice = sorted(name for name, times in Counter(names).items() if times > 1)
    words = N_("{name} would stand for two sites, as {mark} is put behind the name of what has begun; rename one")
    if twice:
        raise InputRefused([
            Problem("E-PLAN-SITE", Message(words, {"name": name, "mark": MARK}), Place(field="group"), name)
            for name in twice
        ])  # fmt: skip
