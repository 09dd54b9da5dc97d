"""Which day a plan wants for each open step of its parcels: on the path of each parcel, and behind what it reached."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import numpy as np
from pandas import Index

from landgis.errors import RegisterRefused
from landgis.phases.curve import NEVER
from landgis.phases.history import day_text
from landgis.phases.lifecycle import CODES, NAMES, Lifecycle
from landgis.phases.reached import Land, Reached
from landgis.workflow.recording import unknown_parcel
from landgis.workflow.scheduling.document import PlanDocument, Site
from landgis.workflow.scheduling.quarters import last_day, quarter_name

PAST, BEHIND = "past", "behind"


@dataclass(frozen=True)
class Moved:
    """A planned day that could not stay: it was past when the plan was made, or a step before it was reached later."""

    parcel_id: str
    milestone: str
    planned: str  # ISO, as the plan has it
    day: str  # ISO, as it is adopted
    why: str  # past, behind


@dataclass(frozen=True)
class OtherMode:
    """A parcel whose mode in the register is not that of the plan; what is planned are steps of its own path."""

    parcel_id: str
    mode: str | None  # of the register; None where it has none
    planned_mode: str


@dataclass(frozen=True)
class Wanted:
    """The days that a plan has for open steps, as arrays in the order of the register's land."""

    day: np.ndarray  # int32[parcels, milestones]; NEVER where the plan has none
    in_site: np.ndarray  # bool[parcels]: of a site of the plan, be it started or left, and still there to be planned
    moved: tuple[Moved, ...]
    other_modes: tuple[OtherMode, ...]


def wanted_days(document: PlanDocument, state: Reached, land: Land, life: Lifecycle) -> Wanted:
    """The planned day of each step that is on a parcel's path and open; `state` is what was reached by today.

    A step behind which another one is reached counts as passed: nobody plans it any more. A day that was past when the
    plan was made becomes the last one of that quarter, and no day lies before that of a step ahead of it which was
    reached. Raises RegisterRefused where a parcel is not in the project.
    """
    rows = _rows(document, land)
    owing = state.exists & (state.side != CODES["WITHDRAWN"])
    day = np.full(state.day.shape, NEVER, dtype=np.int32)
    in_site = np.zeros(len(day), dtype=bool)
    other: list[OtherMode] = []
    for site in document.sites:
        at = rows[site.site_id]
        in_site[at] = owing[at]
        if site.mode is None:
            continue
        other += [
            OtherMode(str(land.parcel_ids[row]), land.mode[row], site.mode) for row in at if land.mode[row] != site.mode
        ]
        for milestone, text in site.milestones.items():
            day[at, CODES[milestone]] = datetime.date.fromisoformat(text).toordinal()
    open_step, earliest = _open_steps(state, land, life)
    day[~open_step | ~owing[:, None]] = NEVER
    moved = _move(day, earliest, land, made_on=_made_on(document))
    return Wanted(day, in_site, moved, tuple(other))


def _rows(document: PlanDocument, land: Land) -> dict[str, np.ndarray]:
    """Where the parcels of each site stand in the land."""
    rows = {site.site_id: land.parcel_ids.get_indexer(Index(site.parcel_ids, dtype=object)) for site in document.sites}
    unknown = [parcel for site in document.sites for parcel in _missing(site, rows[site.site_id])]
    if unknown:
        raise RegisterRefused([unknown_parcel(parcel) for parcel in unknown])
    return rows


def _missing(site: Site, rows: np.ndarray) -> list[str]:
    return [parcel for parcel, row in zip(site.parcel_ids, rows, strict=True) if row < 0]


def _made_on(document: PlanDocument) -> int:
    return datetime.date.fromisoformat(document.made_at[:10]).toordinal()


def _open_steps(state: Reached, land: Land, life: Lifecycle) -> tuple[np.ndarray, np.ndarray]:
    """Which steps are ahead of each parcel, bool[parcels, milestones], and the day from which each can be, int32."""
    done = state.day < NEVER
    open_step = np.zeros(done.shape, dtype=bool)
    earliest = np.zeros(done.shape, dtype=np.int32)
    reached = np.where(done, state.day, 0)
    modes = np.array([mode or "" for mode in land.mode], dtype=object)
    for mode in set(modes.tolist()):
        here, path = np.flatnonzero(modes == mode), life.path(mode or None)
        for step in path.steps:
            ahead = [CODES[name] for name in path.before[step]]
            behind = [CODES[name] for name in path.after[step]]
            passed = done[here][:, [CODES[step], *behind]].any(axis=1)
            open_step[here, CODES[step]] = ~passed
            earliest[here, CODES[step]] = reached[here][:, ahead].max(axis=1, initial=0)
    return open_step, earliest


def _move(day: np.ndarray, earliest: np.ndarray, land: Land, *, made_on: int) -> tuple[Moved, ...]:
    """Put days that cannot stay where they can; in place. What was moved."""
    before = day.copy()
    close = last_day(quarter_name(datetime.date.fromordinal(made_on))).toordinal()
    past = day < made_on  # NEVER is not
    day[past] = close
    behind = day < earliest
    day[behind] = earliest[behind]
    return tuple(
        Moved(str(land.parcel_ids[row]), NAMES[code], day_text(before[row, code]), day_text(day[row, code]),
              BEHIND if behind[row, code] else PAST)
        for row, code in np.argwhere(past | behind)
    )  # fmt: skip
