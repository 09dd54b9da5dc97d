"""How far one parcel is: its milestones as planned, forecast and reached, with evidence; and every line about it."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from pandas import Index

from landgis.phases.curve import NEVER
from landgis.phases.history import in_effect
from landgis.phases.ledger import Entry
from landgis.phases.lifecycle import CODES, NAMES
from landgis.phases.lines import known_lines
from landgis.phases.reached import Reached
from landgis.phases.status import overdue
from landgis.tables import MILESTONES, SIDE_MILESTONES
from landgis.workflow.asking import parcel_lines
from landgis.workflow.project import Project
from landgis.workflow.steps import day_shown
from landgis.workflow.zone import Zone

PICTURES = (".jpg", ".jpeg", ".png", ".webp")


@dataclass(frozen=True)
class Evidence:
    """What proves an event: a name, and the hash of the file where one was sent."""

    name: str
    sha256: str | None
    line: int

    @property
    def is_picture(self) -> bool:
        """Whether a file was sent that is a picture by its name."""
        return self.sha256 is not None and self.name.lower().endswith(PICTURES)


@dataclass(frozen=True)
class Recorded:
    """An event that counts, as its last line has it; `on` holds as much of the day as is known."""

    milestone: str
    kind: str
    building_id: str | None
    on: str
    evidence: Evidence | None
    note: str | None
    by: str  # who says so: in a file, whom it names
    at: str  # when it came into the register; UTC, as the ledger writes it
    line: int  # the line that first recorded it
    parcel_id: str
    approved_by: str | None


@dataclass(frozen=True)
class MilestoneRow:
    """A milestone of the parcel: days as the register counts with them, and the lines behind them."""

    milestone: str
    on_path: bool  # False: recorded, though the parcel's mode does not have it
    planned: datetime.date | None
    forecast: datetime.date | None
    actual: datetime.date | None
    gap_days: int | None  # actual − planned; late where positive
    overdue_days: int | None  # since it was planned, where it has not been reached
    records: tuple[Recorded, ...]

    def of(self, kind: str) -> tuple[Recorded, ...]:
        """The lines of one kind."""
        return tuple(one for one in self.records if one.kind == kind)


@dataclass(frozen=True)
class Course:
    """The milestone line of a parcel on a day, as known at a moment."""

    as_of: datetime.date
    known_on: str | None  # None: with all that is known
    mode: str | None
    baseline: str | None  # the frozen plan that it is measured by
    phase: str | None
    phase_on: datetime.date | None
    standstill: str | None
    since: datetime.date | None
    exists: bool
    rows: tuple[MilestoneRow, ...]
    sides: tuple[Recorded, ...]


@dataclass(frozen=True)
class HistoryLine:
    """A line of the ledger about the parcel, or one that it came from."""

    entry: Entry
    known: bool  # the register had it already at `known_on`
    counts: bool  # it is the last word on its event, as known then


def course_of(
    project: Project, zone: Zone, parcel: str, *, as_of: datetime.date, known_on: np.datetime64 | None = None
) -> Course:
    """What had been reached by a day, as the register knew it at a moment."""
    register, day = zone.register, as_of.toordinal()
    state, land = register.reached(as_of=day, known_on=known_on)
    at = int(land.parcel_ids.get_indexer(Index([parcel]))[0])
    plan, baseline = register.planned(as_of=day, known_on=known_on)
    forecast, _ = register.reached(as_of=day, known_on=known_on, kind="forecast")
    records = recorded(_known(project, zone, parcel, known_on))
    mode = land.mode[at] if at >= 0 else None
    path = project.life.path(mode).steps
    steps = [*path, *(step for step in MILESTONES if step not in (*path, *SIDE_MILESTONES))]
    rows = [
        _row(step, [days.day[at, CODES[step]] if at >= 0 else NEVER for days in (plan, forecast, state)], day,
             [one for one in records if one.milestone == step], on_path=step in path)
        for step in steps
    ]  # fmt: skip
    late = _late(plan, state, at, day)
    rows = [_with_late(row, late) for row in rows if row.on_path or row.records or row.actual]
    done = [(row.actual, CODES[row.milestone], row.milestone) for row in rows if row.actual is not None]
    side = NAMES[state.side[at]] if at >= 0 and state.side[at] >= 0 else None
    return Course(
        as_of, None if known_on is None else str(known_on), mode, baseline, max(done)[2] if done else None,
        max(done)[0] if done else None, side, _date(state.side_day[at]) if side else None,
        bool(at >= 0 and state.exists[at]), tuple(rows),
        tuple(one for one in records if one.milestone in SIDE_MILESTONES),
    )  # fmt: skip


def _row(step: str, days: Sequence[int], as_of: int, records: Sequence[Recorded], *, on_path: bool) -> MilestoneRow:
    planned, forecast, reached = (_date(day) for day in days)
    actual = reached if days[2] <= as_of else None
    gap = (actual - planned).days if actual and planned else None
    return MilestoneRow(step, on_path, planned, forecast, actual, gap, None, tuple(records))


def _late(plan: Reached, state: Reached, at: int, day: int) -> dict[str, int]:
    """Days by which each step is overdue, as the register says it of all parcels."""
    found = overdue(plan.day, state, as_of=day)
    mine = np.flatnonzero(found.parcel == at)
    return {NAMES[found.milestone[one]]: int(found.days[one]) for one in mine}


def _with_late(row: MilestoneRow, late: dict[str, int]) -> MilestoneRow:
    return replace(row, overdue_days=late.get(row.milestone))


def _date(day: int | np.integer) -> datetime.date | None:
    return None if day == NEVER else datetime.date.fromordinal(int(day))


def _known(project: Project, zone: Zone, parcel: str, known_on: np.datetime64 | None) -> list[Entry]:
    """The lines that the register had at a moment; those of the parcels that it came from before its own."""
    last = _last(zone, known_on)
    return [line for line in parcel_lines(project, parcel) if line.seq <= last]


def _last(zone: Zone, known_on: np.datetime64 | None) -> int:
    lines = zone.register.lines
    size = known_lines(lines, known_on)
    return int(lines.seq[size - 1]) if size else 0


def recorded(lines: Iterable[Entry]) -> list[Recorded]:
    """The events that count, in the order in which they were first recorded."""
    lines = list(lines)
    nods = {line.root: line.recorded_by for line in lines if line.action == "approve"}
    return [
        Recorded(line.milestone or "", line.kind or "", line.building_id,
                 day_shown(line.occurred_on or "", line.precision), evidence_of(line), line.note, said_by(line),
                 line.recorded_at, line.root, line.parcel_id or "", nods.get(line.root))
        for line in in_effect(lines)
    ]  # fmt: skip


def said_by(line: Entry) -> str:
    """Who says what a line says: whom the file named that it came in with, else who recorded it."""
    return str(line.more.get("by") or line.recorded_by)


def evidence_of(line: Entry) -> Evidence | None:
    """What a line names as evidence."""
    digest = line.more.get("sha256")
    if line.evidence is None and digest is None:
        return None
    return Evidence(line.evidence or str(digest), None if digest is None else str(digest), line.seq)


def history_of(
    project: Project, zone: Zone, parcel: str, *, known_on: np.datetime64 | None = None
) -> tuple[HistoryLine, ...]:
    """All lines about the parcel and those that it came from; which of them were known at a moment, and counted."""
    lines, last = parcel_lines(project, parcel), _last(zone, known_on)
    standing = {line.seq for line in in_effect(line for line in lines if line.seq <= last)}
    return tuple(HistoryLine(line, line.seq <= last, line.seq in standing) for line in lines)
