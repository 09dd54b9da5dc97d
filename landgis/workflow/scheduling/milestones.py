"""The planned day of each milestone of a site, from the quarters of its work."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping, Sequence

from landgis.phases.lifecycle import Lifecycle
from landgis.rules.scheduling import PHASES, ScheduleTerms
from landgis.workflow.scheduling.quarters import between, last_day, later, quarter_name

ROUNDING = 1e-9


def milestone_days(
    terms: ScheduleTerms,
    life: Lifecycle,
    mode: str,
    phase_quarters: Sequence[int],
    start_quarter: int,
    *,
    first: datetime.date,
    reached: Mapping[str, str] | None = None,
    today: datetime.date | None = None,
) -> dict[str, str]:
    """Milestone → planned day (ISO), for the milestones on the path of a mode, in its order; days never fall.

    A milestone lies on the last day of the quarter in which the share of its phase that the terms say is over.
    `start_quarter` is counted from that of `first`, below 0 where the work has begun. `reached` is what the land of a
    begun site has reached already (`Basis.begun_steps`): that keeps its day, what lies ahead of it on the path without
    a day of its own is left out, and nothing else is planned for a quarter before today's (without `today`: for one
    before `first`).
    """
    path = life.path(mode).steps
    quarter = {step: _quarter(terms, step, phase_quarters, start_quarter) for step in path}
    if reached is None:
        return _days({step: quarter[step] for step in path}, first)
    done = [step for step in path if step in reached]
    behind = path[path.index(done[-1]) + 1 :] if done else path
    now = 0 if today is None else between(first, today)
    days = _days({step: max(quarter[step], now) for step in behind}, first)
    return {step: reached[step] for step in done} | days


def _quarter(terms: ScheduleTerms, step: str, phase_quarters: Sequence[int], start: int) -> int:
    """The quarter in which a milestone is reached; a phase that takes no time is over when the one ahead of it is."""
    phase, share = terms.milestones[step]
    at = PHASES.index(phase)
    begin, length = start + sum(phase_quarters[:at]), phase_quarters[at]
    if length and not share:
        return begin
    return max(start, math.ceil(begin + share * length - ROUNDING) - 1)


def _days(quarter: Mapping[str, int], first: datetime.date) -> dict[str, str]:
    days, latest = {}, -math.inf
    for step, number in quarter.items():
        latest = max(latest, number)
        days[step] = last_day(quarter_name(later(first, int(latest)))).isoformat()
    return days
