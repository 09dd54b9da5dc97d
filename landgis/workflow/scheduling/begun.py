"""Land on which work has begun: since when, how far it is, and what of it lies ahead.

How far a parcel is: the phase and the share of it that the schedule rules give the last milestone it has reached. A
phase of a site ends

    where all its land is through with it:  in the quarter in which the last parcel was;
    where it is on time:                    as planned, counted from the end of the phase before;
    where it should be over and is not:     what is left of it, by share of land, starts in the next quarter.

Money for what is done is spent; of the rest, what an even pace would have spent by quarter 0 is spent too.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from landgis.phases.curve import NEVER
from landgis.phases.lifecycle import CODES
from landgis.rules.scheduling import PHASES, ScheduleTerms
from landgis.tables import MILESTONES
from landgis.workflow.scheduling.parcels import BEGUN, COMPLETE, PlanLand
from landgis.workflow.scheduling.quarters import MONTHS_A_QUARTER, QUARTERS_A_YEAR, between
from landgis.workflow.scheduling.sites import Allotment

WORK = (*BEGUN, *COMPLETE)
EPOCH = datetime.date(1970, 1, 1)
ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Begun:
    """How the begun ones among s sites stand; 0 for open ones."""

    start: np.ndarray  # int64[s], below 0, in quarters from quarter 0
    phase_quarters: np.ndarray  # int64[s, PHASES], as it has come and will come
    ahead: np.ndarray  # float64[s, PHASES]: of what is not done, the share that is still to be paid
    late: np.ndarray  # bool[s, PHASES]: should be over and is not
    steps: Mapping[str, Mapping[str, str]]  # site → milestone that all its land has reached → ISO day


def stand(
    land: PlanLand, allotment: Allotment, terms: ScheduleTerms, *,
    mode: Sequence[str | None], first: datetime.date, today: datetime.date, kept: Mapping[int, int],
) -> Begun:  # fmt: skip
    """How far each begun site is today. `mode` is that of each, `kept` the starts that are known already, by site."""
    size = len(allotment.site_ids)
    start, phases = np.zeros(size, np.int64), np.zeros((size, len(PHASES)), np.int64)
    ahead, late, steps = np.ones((size, len(PHASES))), np.zeros((size, len(PHASES)), bool), {}
    done, over, day = progress(land, terms), _over(land, terms, first), _began(land)
    began = quarters_since(first, day)
    for site in np.flatnonzero(allotment.begun).tolist():
        rows = np.flatnonzero(allotment.of_parcel == site)
        working = rows[day[rows] < NEVER]
        own = terms.modes[str(mode[site])]
        since = kept[site] if site in kept else _median(began[working], land.area_mu[working])
        start[site] = min(-1, since)
        ends, ahead[site], late[site] = _ends(
            int(start[site]), own.phase_quarters, done=done[rows], over=over[rows], area=land.area_mu[rows],
            now=between(first, today),
        )  # fmt: skip
        phases[site] = np.diff([start[site], *ends])
        steps[allotment.site_ids[site]] = _steps(land, rows)
    return Begun(start, phases, ahead, late, steps)


def progress(land: PlanLand, terms: ScheduleTerms) -> np.ndarray:
    """float64[n, PHASES]: the share of each phase that each parcel has behind it."""
    at = np.array([_place(terms, step) for step in WORK])
    reached = land.day[:, [CODES[step] for step in WORK]] < NEVER
    far = np.where(reached, at, 0.0).max(axis=1)
    share: np.ndarray = np.clip(far[:, None] - np.arange(len(PHASES)), 0.0, 1.0)
    return share


def most_common_mode(land: PlanLand, rows: np.ndarray, usable: Sequence[str]) -> str | None:
    """The mode that was declared for most of some land, among usable ones; None where none was."""
    area = {mode: float(land.area_mu[rows][land.mode[rows] == mode].sum()) for mode in usable}
    found = {mode: mu for mode, mu in area.items() if (land.mode[rows] == mode).any()}
    return max(found, key=lambda mode: found[mode]) if found else None


def quarters_since(first: datetime.date, day: np.ndarray) -> np.ndarray:
    """The quarters of days (ordinals), counted from that of a day; without meaning for NEVER.

    >>> day = np.array([datetime.date(2026, 12, 31).toordinal(), datetime.date(2027, 4, 1).toordinal()])
    >>> quarters_since(datetime.date(2027, 2, 1), day).tolist()
    [-1, 1]
    """
    months = (day.astype(np.int64) - EPOCH.toordinal()).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    zero = (first.year - EPOCH.year) * QUARTERS_A_YEAR + (first.month - 1) // MONTHS_A_QUARTER
    quarter: np.ndarray = months // MONTHS_A_QUARTER - zero
    return quarter


def _place(terms: ScheduleTerms, step: str) -> float:
    phase, share = terms.milestones[step]
    return PHASES.index(phase) + share


def _began(land: PlanLand) -> np.ndarray:
    """int32[n]: when each parcel was signed, else its first step of work; NEVER."""
    signed: np.ndarray = land.day[:, CODES["SIGNED"]]
    return np.where(signed < NEVER, signed, land.day[:, [CODES[step] for step in BEGUN]].min(axis=1))


def _over(land: PlanLand, terms: ScheduleTerms, first: datetime.date) -> np.ndarray:
    """int64[n, PHASES]: the quarter in which each parcel was through with each phase; without meaning where it is not.

    A step without a date of its own is over with the first one behind it.
    """
    day = np.full((len(land.ids), len(PHASES)), NEVER, dtype=np.int64)
    for phase in range(len(PHASES)):
        behind = [CODES[step] for step in WORK if _place(terms, step) >= phase + 1]
        day[:, phase] = land.day[:, behind].min(axis=1) if behind else NEVER
    return quarters_since(first, day)


def _ends(
    start: int, planned: tuple[int, int, int], *, done: np.ndarray, over: np.ndarray, area: np.ndarray, now: int
) -> tuple[list[int], list[float], list[bool]]:
    """The quarters in front of which the phases of one site end; the share still to be paid; what is late.

    `now` is the quarter of today: what is due at the end of it is not late yet.
    """
    weights = area if area.sum() > 0 else np.ones(len(area))
    ends: list[int] = []
    ahead: list[float] = []
    late: list[bool] = []
    before = start
    for phase, length in enumerate(planned):
        behind = float(weights @ done[:, phase] / weights.sum())
        end, share = before + length, 1.0
        through = bool((done[:, phase] >= 1).all())
        late.append(bool(length) and not through and end <= now)
        if through:
            end, share = max(before, min(int(over[:, phase].max()), now) + 1), 0.0
        elif late[-1]:
            end = now + 1 + max(1, math.ceil((1 - behind) * length - ROUNDING))
        elif length:
            share = min(1.0, max(0, end - max(before, 0)) / length / max(1 - behind, ROUNDING))
        ends.append(end)
        ahead.append(share)
        before = end
    return ends, ahead, late


def _median(values: np.ndarray, weights: np.ndarray) -> int:
    """The least value with half of the weight at or below it.

    >>> _median(np.array([-2, -9, -4]), np.array([1.0, 1.0, 3.0]))
    -4
    """
    order = np.argsort(values, kind="stable")
    total = np.cumsum(weights[order] if weights.sum() > 0 else np.ones(len(values)))
    return int(values[order][np.searchsorted(total, total[-1] / 2)])


def _steps(land: PlanLand, rows: np.ndarray) -> dict[str, str]:
    """The milestones that all of some land has reached, and when the last of it had."""
    last = land.day[rows].max(axis=0)
    reached = {step: int(last[CODES[step]]) for step in MILESTONES if last[CODES[step]] < NEVER}
    return {step: datetime.date.fromordinal(day).isoformat() for step, day in reached.items()}
