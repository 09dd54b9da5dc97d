"""How the steps of a plan's sites ran against their planned days."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from pandas import Index

from landgis.phases.curve import NEVER
from landgis.phases.history import day_text
from landgis.phases.lifecycle import CODES, Lifecycle
from landgis.phases.reached import Land, Reached
from landgis.tables import MILESTONE_TITLES
from landgis.text import Message
from landgis.workflow.adopting.reasons import Reason, reason
from landgis.workflow.scheduling.document import PlanDocument, Site
from landgis.workflow.scheduling.quarters import between

HALF = 0.5
FIRST_OF_WORK = CODES["SIGNED"]  # what comes before is paper


@dataclass(frozen=True)
class _Step:
    """A step of a site: the planned day, and the day on which each parcel that needs it had it (NEVER: not yet)."""

    milestone: str
    planned: int
    days: np.ndarray
    area_m2: np.ndarray

    def slip(self, day: int) -> int:
        """By how many quarters a day lies behind the planned one."""
        planned, real = (datetime.date.fromordinal(one) for one in (self.planned, day))
        return between(planned, real)

    def said(self, code: str, day: int) -> Reason:
        """In words."""
        return self.reason(code, day=day_text(day))

    def reason(self, code: str, **values: Any) -> Reason:
        """A reason about this step."""
        title = Message(MILESTONE_TITLES[self.milestone])
        return reason(code, step=self.milestone, milestone=title, planned=day_text(self.planned), **values)


def slips_of(
    document: PlanDocument, state: Reached, land: Land, life: Lifecycle, *, today: int
) -> dict[str, tuple[Reason, ...]]:
    """Site → what ran otherwise than planned, by whole quarters, since the plan was made.

    That is its beginning, its last step that is done everywhere, and the first one that is due and is not. `state`:
    what was reached by today.
    """
    made_on = datetime.date.fromisoformat(document.made_at[:10]).toordinal()
    found = {site.site_id: _Steps(site, state, land, life) for site in document.sites if site.mode is not None}
    return {key: tuple(steps.slips(made_on, today)) for key, steps in found.items()}


class _Steps:
    """The steps of one site, in their order."""

    def __init__(self, site: Site, state: Reached, land: Land, life: Lifecycle) -> None:
        rows = land.parcel_ids.get_indexer(Index(site.parcel_ids, dtype=object))
        rows = rows[rows >= 0]
        rows = rows[state.exists[rows]]
        self.begun = site.begun
        self.steps = []
        for milestone, day in site.milestones.items():
            mine = np.array([row for row in rows if milestone in life.path(land.mode[row]).needs], dtype=np.int64)
            if len(mine):
                planned = datetime.date.fromisoformat(day).toordinal()
                days = state.day[mine, CODES[milestone]]
                self.steps.append(_Step(milestone, planned, days, np.nan_to_num(land.area_m2[mine])))

    def slips(self, made_on: int, today: int) -> Iterator[Reason]:
        """What ran otherwise."""
        work = [step for step in self.steps if CODES[step.milestone] >= FIRST_OF_WORK]
        first = next((step for step in work if (step.days < NEVER).any()), None)
        if first is None:
            return  # not begun
        if not self.begun:
            day = _median_day(first)
            if by := first.slip(day):
                yield first.said("begun_late" if by > 0 else "begun_early", day)
        done = [step for step in work if step is not first and (step.days < NEVER).all()]
        day = int(done[-1].days.max()) if done else 0
        if day >= made_on and (by := done[-1].slip(day)):
            yield done[-1].said("late" if by > 0 else "early", day)
        due = next((step for step in work if step.planned < today and (step.days == NEVER).any()), None)
        if due is not None:
            yield due.reason("open", open=int((due.days == NEVER).sum()), parcels=len(due.days))


def _median_day(step: _Step) -> int:
    """The day by which half of the land that has a step had it."""
    done = np.flatnonzero(step.days < NEVER)
    order = done[np.argsort(step.days[done], kind="stable")]
    area = np.cumsum(step.area_m2[order] if step.area_m2[order].any() else np.ones(len(order)))
    return int(step.days[order[np.searchsorted(area, HALF * area[-1])]])
