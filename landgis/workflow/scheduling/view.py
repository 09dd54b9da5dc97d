"""A plan as pages show it: the stage of each parcel in each quarter, bars of the time line, headline, what is done."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from pandas import Index

from landgis.phases.course import Course
from landgis.phases.curve import NEVER
from landgis.phases.lifecycle import CODES
from landgis.text import N_, Message
from landgis.units import m2_to_mu
from landgis.workflow.filtering import Filter, in_block
from landgis.workflow.scheduling.document import EXACT, PlanDocument, Site
from landgis.workflow.scheduling.quarters import between, last_day, later, names_from, quarter_of
from landgis.workflow.themes import Class, Theme
from landgis.workflow.zone import Zone

STAGES = Theme("plan", N_("stage in the plan"), "", (
    Class("out", Message(N_("in no site"))), Class("before", Message(N_("renovated before"))),
    Class("left", Message(N_("left as it is"))),
    Class("waiting", Message(N_("not yet"))), Class("vacating", Message(N_("vacating"))),
    Class("demolishing", Message(N_("demolishing"))), Class("rebuilding", Message(N_("rebuilding"))),
    Class("completed", Message(N_("completed"))),
))  # fmt: skip
RENOVATED = "renovated"  # why a parcel is left out: it is done
WORKS = ("vacating", "demolishing", "rebuilding")  # what takes time
CHANGES = len(STAGES.keys) - STAGES.keys.index("vacating")  # that a started site goes through


def turns(site: Site) -> tuple[datetime.date, ...] | None:
    """The first days of vacating, demolishing, rebuilding, and of being completed; None for a site that is left.

    A phase that the mode does not have begins and ends at once.
    """
    if site.start_quarter is None:
        return None
    found = [quarter_of(site.start_quarter)]
    for end in (site.vacated_quarter, site.demolished_quarter, site.completed_quarter):
        found.append(found[-1] if end is None else max(behind(end), found[-1]))
    return tuple(found)


def behind(quarter: str) -> datetime.date:
    """The first day behind a quarter."""
    return later(quarter_of(quarter), 1)


def stages(document: PlanDocument, parcel_ids: Index) -> Course:
    """The stage (codes of STAGES) of each parcel as a step function of days.

    The last day of a quarter stands for it: what is vacated at the end of it is vacating in it.
    """
    day = np.full((len(document.sites) + 2, CHANGES), NEVER, dtype=np.int32)
    code = np.zeros((len(document.sites) + 2, CHANGES + 1), dtype=np.int8)
    code[1] = STAGES.keys.index("before")
    row_of = {one.parcel_id: 1 for one in document.left_out if one.reason == RENOVATED}
    for at, site in enumerate(document.sites, 2):
        row_of |= dict.fromkeys(site.parcel_ids, at)
        begins = turns(site)
        code[at] = STAGES.keys.index("left")
        if begins is not None:
            day[at] = [first.toordinal() for first in begins]
            code[at] = range(STAGES.keys.index("waiting"), len(STAGES.keys))
    rows = [row_of.get(key, 0) for key in parcel_ids.astype(str)]
    return Course(day[rows], code[rows])


@dataclass(frozen=True)
class Amount:
    """How much is in a stage; mu of parcels whose area is known."""

    parcels: int
    mu: float


def stage_amounts(zone: Zone, course: Course, day: datetime.date, *, block: str | None = None) -> dict[str, Amount]:
    """What is in each stage on a day, of the parcels that are there, in the zone or in a block of today."""
    there = np.flatnonzero(zone.exists(day) & in_block(zone, Filter(zone.today, block)))
    codes = course.on(day.toordinal())[there]
    mu = m2_to_mu(np.nan_to_num(zone.register.land_known()[0].area_m2[there]))
    size = len(STAGES.keys)
    parcels, land = np.bincount(codes, minlength=size), np.bincount(codes, mu, minlength=size)
    return {key: Amount(int(count), float(area)) for key, count, area in zip(STAGES.keys, parcels, land, strict=True)}


@dataclass(frozen=True)
class Bar:
    """The work on a site, in quarters from the first of its time line; ends are the quarters behind."""

    site: Site
    start: int
    vacated: int
    demolished: int
    completed: int
    finish_p80: int | None


@dataclass(frozen=True)
class TimeLine:
    """All sites with work, the first to start on top. `quarters` reach from the first start to the last end."""

    quarters: tuple[str, ...]
    bars: tuple[Bar, ...]

    def place(self, day: datetime.date) -> float:
        """Where a day lies: quarters from the left end; may be outside."""
        first = later(day, 0)
        share = (day - first).days / (later(day, 1) - first).days
        return between(quarter_of(self.quarters[0]), day) + share


def time_line(document: PlanDocument, *, block: str | None = None) -> TimeLine:
    """The bars of a plan, or of its sites in one block; its quarters are those of the whole plan."""
    work = {site.site_id: found for site in document.sites if (found := turns(site)) is not None}
    late = {site.site_id: behind(site.finish_p80) for site in document.sites if site.finish_p80}
    first = min([quarter_of(document.quarters[0]), *(days[0] for days in work.values())])
    end = max([behind(document.quarters[-1]), *(days[-1] for days in work.values()), *late.values()])
    bars = []
    for site in document.sites:
        if site.site_id in work and block in (None, site.block_id):
            start, vacated, demolished, completed = (between(first, day) for day in work[site.site_id])
            p80 = between(first, late[site.site_id]) if site.site_id in late else None
            bars.append(Bar(site, start, vacated, demolished, completed, p80))
    bars.sort(key=lambda bar: (bar.start, bar.completed, bar.site.site_id))
    return TimeLine(names_from(first, between(first, end)), tuple(bars))


def shown_quarters(document: PlanDocument) -> tuple[str, ...]:
    """The quarters of a plan, and those behind it in which its works are finished."""
    whole = time_line(document).quarters
    return whole[whole.index(document.quarters[0]) :]


@dataclass(frozen=True)
class Headline:
    """A plan in a few figures: land in mu, money in 万元 within its quarters."""

    sites: int  # that had not begun
    started: int  # of them
    begun: int  # before the plan
    started_mu: float  # of both
    renovated_mu: float  # completed by the end of the last quarter
    spent_wan: float
    income_wan: float
    lowest_cash_wan: float | None  # where money binds
    lowest_vacant_m2: Mapping[str, float]  # kind of floor → what stands vacant at the tightest


def headline(document: PlanDocument) -> Headline:
    """The figures of the best plan."""
    best = document.ways[EXACT]
    assert best is not None  # a document without one is refused where it is read
    started = [site for site in document.sites if site.start_quarter is not None]
    begun = sum(site.begun for site in document.sites)
    return Headline(
        len(document.sites) - begun, len(started) - begun, begun, sum(site.area_mu for site in started),
        best.renovated_mu[-1], sum(best.spent_wan), sum(best.income_wan), min(best.cash_wan, default=None),
        {kind: min(amount) for kind, amount in best.vacant_m2.items()},
    )  # fmt: skip


def renovated_so_far(document: PlanDocument, zone: Zone) -> tuple[float, ...]:
    """mu of the plan's land that is completed, at the end of each of its quarters that has begun, today at the latest.

    Land whose area is not known adds nothing.
    """
    land = zone.register.land_known()[0]
    day, mu = zone.reached[0].day[:, CODES["COMPLETED"]], m2_to_mu(np.nan_to_num(land.area_m2))
    mine = np.isin(land.parcel_ids.astype(str), list(document.site_of()))
    today = zone.today
    begun = [quarter for quarter in document.quarters if quarter_of(quarter) <= today]
    ends = [min(last_day(quarter), today).toordinal() for quarter in begun]
    return tuple(float(mu[mine & (day <= end)].sum()) for end in ends)
