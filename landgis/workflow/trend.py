"""How a zone gets on, as a board shows it: phases by month, what is late, the pace, blocks beside one another, news."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np
from pandas import DataFrame

from landgis.errors import InputRefused, Place, Problem
from landgis.phases.course import Course, phase_course
from landgis.phases.curve import NEVER, cumulative, month_ends, month_index, month_starts, unknown_count
from landgis.phases.earned import dated_schedule
from landgis.phases.history import day_text
from landgis.phases.lifecycle import CODES, NAMES
from landgis.phases.lines import NOBODY, known_lines
from landgis.phases.pace import throughput
from landgis.phases.reached import Land, Reached, only
from landgis.phases.status import RENOVATED, tally
from landgis.phases.stays import existence, stacked, stacked_firms, stays, unknown_in
from landgis.text import N_, Message
from landgis.workflow.progress import STEPS, weights_of
from landgis.workflow.register import Register, Status
from landgis.workflow.themes import PHASES as CLASSES
from landgis.workflow.themes import step_classes

COLUMNS = np.array([CODES[step] for step in STEPS])
FOLDS: Mapping[str, tuple[tuple[str, ...], np.ndarray]] = MappingProxyType({  # the phases, and which one each code is
    "step": (("", *STEPS), np.arange(len(STEPS) + 1, dtype=np.int8)),  # the step reached last; "": none yet
    "class": (tuple(CLASSES), step_classes(STEPS)),  # the classes of the map
})  # fmt: skip
Fold = Literal["step", "class"]
Period = Literal["week", "month"]


@dataclass(frozen=True)
class Picture:
    """What is known of all parcels as of a day: read once, shown in many ways."""

    status: Status
    plan: Reached  # what is measured by: the frozen plan, if there is one
    coming: Reached  # the plan as it is now: what the days to come are expected to bring
    since: np.ndarray  # int32[parcels]: when each parcel came to be, and when others took its place
    until: np.ndarray

    @property
    def day(self) -> int:
        """The day that it is about, as an ordinal."""
        return self.status.as_of.toordinal()

    def chosen(self, block: str | None) -> np.ndarray:
        """bool[parcels]: those of a block, all for None; InputRefused where there is no such block."""
        blocks = self.status.blocks
        if block is None:
            return np.ones(len(blocks.of_parcel), dtype=bool)
        found = np.flatnonzero(blocks.table["block_id"] == block)
        if not len(found):
            known = ", ".join(blocks.table["block_id"]) or "-"
            message = Message(N_("there is no block {block}; there are: {known}"), {"block": block, "known": known})
            raise InputRefused([Problem("E-BLOCK", message, Place(field="block"))])
        return blocks.of_parcel == found[0]

    def block_ids(self) -> np.ndarray:
        """object[parcels]: the block of each parcel, None for none."""
        return np.array([*self.status.blocks.table["block_id"], None], dtype=object)[self.status.blocks.of_parcel]


def picture(
    register: Register,
    *,
    as_of: datetime.date,
    known_on: np.datetime64 | None = None,
    baseline: str | None = None,
) -> Picture:
    """What the register knew at a moment (None: now) of what had been reached by a day."""
    day, lines = as_of.toordinal(), register.lines
    status = register.status(as_of=as_of, known_on=known_on, baseline=baseline)
    plan, _ = register.planned(as_of=day, known_on=known_on, baseline=baseline)
    size = known_lines(lines, known_on)
    coming, _ = register.reached(as_of=day, known_on=known_on, kind="planned")
    return Picture(status, plan, coming, *existence(lines, status.land, int(lines.seq[size - 1]) if size else 0))


def reached_figures(found: Picture, *, block: str | None = None) -> dict[str, dict[str, float | int | None]]:
    """How much of the zone, or of a block, has reached each milestone: milestone or renovated → the four measures."""
    if block is None:
        return found.status.zone.figures(0)
    found.chosen(block)
    return found.status.by_block.figures(found.status.blocks.table["block_id"].tolist().index(block))


@dataclass(frozen=True)
class Stack:
    """How much stands in each phase by the end of each day of `at`."""

    phases: tuple[str, ...]
    at: np.ndarray  # int32[k] ordinals, rising: month ends, and as_of
    amount: np.ndarray  # float64[k, phases]; NaN where the project has nothing that this is counted from
    unknown: np.ndarray  # int64[k]: parcels that are there, and of which the amount is not known
    as_of: int  # what comes behind is planned


def phases_by_month(found: Picture, *, measure: str, block: str | None = None, by: Fold = "class") -> Stack:
    """The phases from the first fact to the last planned step, month by month; in one of progress.MEASURES.

    Up to as_of it is what `export.phases_table` counts on each of these days; behind it the plan goes on from there, as
    `course.phase_course` says. Occupants are different firms: one on parcels of two phases counts in both.
    """
    chosen = np.flatnonzero(found.chosen(block))
    mine = _course(found, chosen, by)
    known = np.append(mine.day[mine.day < NEVER], found.day)
    at = np.union1d(month_ends(int(known.min()), int(known.max())), np.array([found.day], np.int32))
    return _stack(found, chosen, mine, measure=measure, at=at, phases=FOLDS[by][0])


def _course(found: Picture, chosen: np.ndarray, by: Fold) -> Course:
    state, day = found.status.state, found.day
    planned = np.where((state.side == CODES["WITHDRAWN"])[:, None], NEVER, found.coming.day)
    mine = phase_course(_known(state.day, day)[chosen][:, COLUMNS], planned[chosen][:, COLUMNS], today=day)
    return Course(mine.day, FOLDS[by][1][mine.code])


def _stack(
    found: Picture, chosen: np.ndarray, course: Course, *, measure: str, at: np.ndarray, phases: tuple[str, ...]
) -> Stack:
    land, shape = found.status.land, {"days": len(at), "phases": len(phases)}
    mine = stays(course, at, since=found.since[chosen], until=found.until[chosen])
    weights = amounts_of(land, measure)[chosen]
    if not _counted(land, measure):
        amount = np.full((len(at), len(phases)), np.nan)
    elif measure == "occupants":
        amount = stacked_firms(mine, only(land, chosen), **shape).astype(float)
    else:
        amount = stacked(mine, weights, **shape)
    return Stack(phases, at, amount, unknown_in(mine, weights, days=len(at)), found.day)


def _counted(land: Land, measure: str) -> bool:
    """Whether a project has the table that a measure is counted from."""
    return {"floor_area_m2": land.has_buildings, "occupants": land.has_occupants}.get(measure, True)


def amounts_of(land: Land, measure: str) -> np.ndarray:
    """float64[parcels]: what each parcel counts for in a measure; NaN where it is not known."""
    return weights_of(land, measure) if _counted(land, measure) else np.full(len(land.parcel_ids), np.nan)


@dataclass(frozen=True)
class BlockFigures:
    """How one block stands on a day; `block_id` None for the parcels that lie in none."""

    block_id: str | None
    name: str | None
    name_en: str | None
    parcels: int  # that are there on the day
    reached: dict[str, dict[str, float | int | None]]  # milestone or renovated → four measures
    phases: np.ndarray  # float64[classes of the map] in the measure asked for
    renovated_share: float  # of that measure, 0…1; NaN where nothing of it is known
    overdue_steps: int
    overdue_parcels: int
    spi_t: float  # of the milestone asked for; NaN where nothing is planned


def blocks_beside(found: Picture, *, measure: str, milestone: str = RENOVATED) -> list[BlockFigures]:
    """Every block on the day, and what lies in no block; together they are the zone."""
    status = found.status
    table = status.blocks.table
    group = np.where(status.blocks.of_parcel == NOBODY, len(table), status.blocks.of_parcel)
    counted = tally(status.state, status.land, as_of=found.day, group=group, groups=len(table) + 1)
    names: list[tuple[str | None, ...]] = [
        (_text(row.block_id), _text(row.name), _text(row.name_en)) for row in table.itertuples(index=False)
    ]
    figures = []
    for at, (block, name, name_en) in enumerate([*names, (None, None, None)]):
        chosen = np.flatnonzero((group == at) & status.state.exists)
        if block is None and not len(chosen):
            continue
        late = status.overdue.parcel[np.isin(status.overdue.parcel, chosen)]
        weights = amounts_of(status.land, measure)[chosen]
        today = np.array([found.day], np.int32)
        stack = _stack(
            found, chosen, _course(found, chosen, "class"), measure=measure, at=today, phases=FOLDS["class"][0]
        )
        figures.append(BlockFigures(
            block, name, name_en, len(chosen), counted.figures(at), stack.amount[0],
            _share(status.state.renovated[chosen] <= found.day, weights), len(late), len(np.unique(late)),
            _spi_t(found, chosen, weights, milestone),
        ))  # fmt: skip
    return figures


def _share(done: np.ndarray, weights: np.ndarray) -> float:
    total = np.nansum(weights)
    return float(np.nansum(weights[done]) / total) if total > 0 else float("nan")


def _spi_t(found: Picture, chosen: np.ndarray, weights: np.ndarray, milestone: str) -> float:
    planned, actual = (_days(one, milestone)[chosen] for one in (found.plan, found.status.state))
    return dated_schedule(planned, _known(actual, found.day), weights, as_of=found.day).schedule.spi_t


def _days(reached: Reached, milestone: str) -> np.ndarray:
    return reached.renovated if milestone == RENOVATED else reached.day[:, CODES[milestone]]


def _known(days: np.ndarray, as_of: int) -> np.ndarray:
    known: np.ndarray = np.where(days <= as_of, days, NEVER).astype(np.int32)
    return known


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def overdue_steps(found: Picture, *, block: str | None = None) -> DataFrame:
    """What is late, the latest first: parcel_id, block_id, milestone, planned_on (ISO), overdue_days."""
    late = found.status.overdue
    rows = np.flatnonzero(found.chosen(block)[late.parcel])
    return DataFrame({
        "parcel_id": found.status.land.parcel_ids.to_numpy()[late.parcel[rows]],
        "block_id": found.block_ids()[late.parcel[rows]],
        "milestone": np.array(NAMES, dtype=object)[late.milestone[rows]],
        "planned_on": np.array([day_text(day) for day in late.planned[rows]], dtype=object),
        "overdue_days": late.days[rows].astype(int),
    })  # fmt: skip


@dataclass(frozen=True)
class Pace:
    """What reached a milestone in each of the last weeks or months, oldest first; arrays of one length."""

    start: np.ndarray  # int32: the first day of each
    amount: np.ndarray  # float64
    unknown: np.ndarray  # int64: parcels whose amount is not known, which add 0
    running: bool  # the last one is not over by the end of as_of


def pace(
    found: Picture, *, measure: str, milestone: str = RENOVATED, block: str | None = None,
    period: Period = "month", count: int = 12,
) -> Pace:  # fmt: skip
    """What reached a milestone in the last `count` weeks (Monday to Sunday) or months, that of as_of included."""
    chosen = np.flatnonzero(found.chosen(block) & found.status.state.exists)
    days = _known(_days(found.status.state, milestone)[chosen], found.day)
    weights = amounts_of(found.status.land, measure)[chosen]
    if period == "week":
        weekly = throughput(days, weights, as_of=found.day, weeks=count)
        return Pace(weekly.week_start, weekly.weight, weekly.unknown, weekly.partial)
    starts = month_starts(month_index(found.day) + np.arange(1 - count, 2))
    ends = starts - 1
    amount, unknown = (np.diff(counted(days, weights, ends)) for counted in (cumulative, unknown_count))
    return Pace(starts[:-1].astype(np.int32), amount, unknown, int(ends[-1]) > found.day)


def changes(before: Picture, now: Picture, *, block: str | None = None) -> DataFrame:
    """What two pictures differ in, newest day first: parcel_id, block_id, milestone, change, was and day (ISO or None).

    `change`: reached; taken_back, where it counts no more; moved, where it counts from another day; created and
    replaced, of parcels that became others (no milestone). A pause or a withdrawal is reached when it begins and taken
    back when it ends. The picture before may be of an earlier day, or be what was known at an earlier moment, or both:
    then an event that was recorded late is there, too.
    """
    place = before.status.land.parcel_ids.get_indexer(now.status.land.parcel_ids)
    old, new = _shown(before)[place], _shown(now)[:-1]
    was_there, there = np.append(before.status.state.exists, False)[place], now.status.state.exists
    born, gone = there & ~was_there & (now.since > 0), was_there & ~there
    new[born | gone] = old[born | gone]  # what becomes of its steps says the parcel that came before or after it
    new[born, BORN] = now.since[born]
    new[gone, GONE] = now.until[gone]
    parcel, column = np.nonzero((old != new) & now.chosen(block)[:, None])
    was, day = old[parcel, column], new[parcel, column]
    change = np.where(was == NEVER, "reached", np.where(day == NEVER, "taken_back", "moved"))
    change = np.select([column == BORN, column == GONE], ["created", "replaced"], change)
    order = np.lexsort((column, parcel, -np.where(day == NEVER, was, day).astype(np.int64)))
    return DataFrame({
        "parcel_id": now.status.land.parcel_ids.to_numpy()[parcel],
        "block_id": now.block_ids()[parcel],
        "milestone": np.array([*NAMES, None, None], dtype=object)[column],
        "change": change.astype(object),
        "was": np.array([None if one == NEVER else day_text(one) for one in was], dtype=object),
        "day": np.array([None if one == NEVER else day_text(one) for one in day], dtype=object),
    }).iloc[order].reset_index(drop=True)  # fmt: skip


BORN, GONE = len(NAMES), len(NAMES) + 1  # columns behind those of the milestones


def _shown(found: Picture) -> np.ndarray:
    """int32[parcels + 1, NAMES + 2]: the day of all that counts on the day; NEVER for the rest, and in the last row.

    The last row stands for a parcel that is not known, whose position is -1.
    """
    state = found.status.state
    days = np.full((len(state.day) + 1, len(NAMES) + 2), NEVER, dtype=np.int32)
    days[:-1, : len(NAMES)] = _known(state.day, found.day)
    still = np.flatnonzero(state.side != NOBODY)
    days[still, state.side[still]] = state.side_day[still]
    days[:-1][~state.exists] = NEVER
    return days
