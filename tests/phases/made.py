"""Small registers for tests: a zone without outlines, a clock that is set by hand, events written on one line."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pandas import DataFrame

from landgis.phases.history import Event, Facts, History, span_of
from landgis.phases.ledger import Draft, Entry
from landgis.phases.lifecycle import Lifecycle, lifecycle
from landgis.phases.transition import Verdict, judge
from landgis.roles import Actor
from landgis.rules import load_rules
from landgis.store.base import LAND, Store
from landgis.store.memory import MemoryStore
from landgis.workflow.project import Project
from landgis.workflow.recording import Entered

LIFE: Lifecycle = lifecycle(load_rules("yongkang-draft"))
TODAY = datetime.date(2026, 6, 30)
STEPS = ("IDENTIFIED", "PLANNED", "NEGOTIATED", "SIGNED", "VACATED", "DEMOLISHED", "CLEARED", "GRANTED", "HANDED_OVER",
         "STARTED", "TOPPED_OUT", "COMPLETED", "OPERATING", "REACHED")  # fmt: skip
SIDES = ("PAUSED", "RESUMED", "WITHDRAWN")


@dataclass
class Clock:
    """A clock that stands still until it is moved on."""

    now: datetime.datetime = datetime.datetime(2026, 6, 30, 8, tzinfo=datetime.UTC)

    def __call__(self) -> datetime.datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += datetime.timedelta(**time)


@dataclass
class Zone:
    """Rows of the tables that a register counts with; columns as in `store.base.LAND`."""

    parcels: list[tuple] = field(default_factory=list)  # id, block, mode, sign blockers, m²
    buildings: list[tuple] = field(default_factory=list)  # id, parcel, floor m², fallen, main
    occupants: list[tuple] = field(default_factory=list)  # parcel, firm
    blocks: list[tuple] = field(default_factory=list)
    coverage: list[tuple] = field(default_factory=list)

    def tables(self) -> dict[str, DataFrame]:
        rows = (self.parcels, self.buildings, self.occupants, self.blocks, self.coverage)
        return {
            name: DataFrame(there, columns=list(columns), dtype=None if there else object)
            for (name, columns), there in zip(LAND.items(), rows, strict=True)
        }


def opened(zone: Zone, store: Store | None = None, *, clock: Clock | None = None, today=TODAY) -> Project:
    """A project of a zone, with no layers, for an administrator; its first line is the import."""
    store = store or MemoryStore(clock or Clock())
    store.save_layers({}, zone.tables(), [Draft("import")], by="x")
    return Project(store, Actor("x", "administrator"), today=(today if callable(today) else lambda: today))


def entered(parcel: str, milestone: str, on: str, **more: str | None) -> Entered:
    """What an officer types; a reason is given, as the side steps ask for one."""
    return Entered(parcel, milestone, on, **({"note": "reason"} | more))  # type: ignore[arg-type]


def day(text: str) -> int:
    return datetime.date.fromisoformat(text).toordinal()


def event(
    milestone: str, on: str, building: str | None = None, kind: str = "actual", note: str | None = "reason"
) -> Event:
    """An event on a day (2026-01-31), in a month (2026-01) or in a year (2026)."""
    precision, first = {10: ("day", on), 7: ("month", f"{on}-01"), 4: ("year", f"{on}-01-01")}[len(on)]
    return Event(building, milestone, kind, *span_of(first, precision), note)


def past(mode: str | None, *events: Event, blockers: str | None = None, buildings: Iterable[str] = ()) -> History:
    """The history that some events make, in the order in which they were recorded; the first is line 1."""
    made = History(Facts("P1", "K1", mode, blockers, frozenset(buildings)))
    for seq, one in enumerate(events, 1):
        made.add(one, seq)
    return made


def said(one: Event, history: History, *, strict: bool = True, today: datetime.date = TODAY) -> Verdict:
    return judge(one, history, LIFE, today=today.toordinal(), strict=strict)


def codes(verdict: Verdict) -> list[str]:
    return sorted({problem.code for problem in verdict.problems})


# The register read in plain Python, one parcel and one day after the other: what the arrays are compared with.
FALLS, RISES = ("VACATED", "DEMOLISHED"), ("STARTED", "TOPPED_OUT", "COMPLETED")
OF_THE_NEW = ("STARTED", "TOPPED_OUT", "COMPLETED", "OPERATING", "REACHED")
RENOVATED_BY = {"ADD_STOREYS": "COMPLETED", "REMEDIATE": "COMPLETED", "RELET": "OPERATING"}  # else DEMOLISHED


def counting(entries: Iterable[Entry]) -> list[Entry]:
    """The events that count, in the order in which they were first recorded."""
    live: dict[int, Entry] = {}
    for entry in entries:
        if entry.action == "record":
            live[entry.seq] = entry
        elif entry.action == "correct":
            assert entry.corrects in live
            live[entry.corrects] = entry
        elif entry.action == "cancel":
            del live[entry.corrects]
    return [live[root] for root in sorted(live)]


def days_of(entry: Entry) -> tuple[datetime.date, datetime.date]:
    """First and last day on which it may have happened."""
    first = datetime.date.fromisoformat(entry.occurred_on)
    if entry.precision == "year":
        return first, datetime.date(first.year, 12, 31)
    if entry.precision == "month":
        following = datetime.date(first.year + first.month // 12, first.month % 12 + 1, 1)
        return first, following - datetime.timedelta(1)
    return first, first


def sure_day(entry: Entry) -> datetime.date:
    """The day by which it had surely happened: a fact not later than it was written down, a plan at its end."""
    first, last = days_of(entry)
    written = datetime.date.fromisoformat(entry.recorded_at[:10])
    return max(first, min(last, written)) if entry.kind == "actual" else last


@dataclass
class Plain:
    """What had been reached: days by parcel and milestone, and what stands still."""

    day: dict[str, dict[str, datetime.date]]
    of_building: dict[str, dict[str, datetime.date]]  # by building
    side: dict[str, str]
    there: set[str]


def plain_reached(
    entries: Sequence[Entry], zone: Zone, *, as_of: datetime.date, kind: str = "actual", known: int | None = None
) -> Plain:
    """What the first `known` lines say; a parcel that only a later line makes is not there yet."""
    lines = list(entries[:known])
    live = counting(lines)
    replaced = {line.parcel_id for line in lines if line.action == "replace"}
    parcels = [row[0] for row in zone.parcels]
    day: dict = {parcel: {} for parcel in parcels}
    single: dict = {}  # parcel and building
    of_building: dict = {row[0]: {} for row in zone.buildings}
    stands = {building: {row[1] for row in zone.buildings if row[0] == building} for building in of_building}
    for line in live:
        if line.kind != kind or line.milestone in SIDES:
            continue
        if line.building_id is None:
            day.setdefault(line.parcel_id, {})[line.milestone] = sure_day(line)
            continue
        single.setdefault((line.parcel_id, line.building_id), {})[line.milestone] = sure_day(line)
        elsewhere = line.parcel_id in day and line.parcel_id not in replaced
        if line.building_id in of_building and not (elsewhere and line.parcel_id not in stands[line.building_id]):
            of_building[line.building_id][line.milestone] = sure_day(line)
    for parcel in parcels:
        falling = [of_building[building] for building in have_to_fall(zone, parcel)]
        rising = [track for (where, _), track in single.items() if where == parcel and any(s in track for s in RISES)]
        for steps, tracks in ((FALLS, falling), (RISES, rising)):
            for step in steps:
                if step not in day[parcel] and tracks and all(step in track for track in tracks):
                    day[parcel][step] = max(track[step] for track in tracks)
    there = set(parcels) - {line.parcel_id for line in entries[len(lines) :] if line.action == "create"}
    for line in lines:
        if line.action == "replace" and line.occurred_on <= as_of.isoformat():
            there.discard(line.parcel_id)
        if line.action == "create" and line.parcel_id in day:
            if line.occurred_on > as_of.isoformat():
                there.discard(line.parcel_id)
            parents = [day.get(parent, {}) for parent in line.more["old"]]
            for step in STEPS:
                if step not in day[line.parcel_id] and all(step in parent for parent in parents):
                    day[line.parcel_id][step] = max(parent[step] for parent in parents)
    side: dict[str, str] = {}
    sides = [line for line in live if line.milestone in SIDES and line.kind == "actual" and sure_day(line) <= as_of]
    for line in sorted(sides, key=lambda line: (days_of(line), line.root)):
        side[line.parcel_id] = line.milestone
    return Plain({parcel: day[parcel] for parcel in parcels}, of_building, side, there)


def have_to_fall(zone: Zone, parcel: str) -> list[str]:
    """The buildings on a parcel that have to fall: those that fell, where such are known, else all."""
    mine = [row for row in zone.buildings if row[1] == parcel and row[4]]
    fallen = [row[0] for row in mine if row[3]]
    return fallen or [row[0] for row in mine]


def plain_figures(plain: Plain, zone: Zone, group: Iterable[str], *, as_of: datetime.date) -> dict[str, dict]:
    """The four measures of a group of parcels, by milestone, as `landgis status` has them."""
    return {step: _measures(step, plain, zone, set(group), as_of) for step in (*STEPS, *SIDES, "renovated")}


def _measures(step: str, plain: Plain, zone: Zone, group: set[str], as_of: datetime.date) -> dict:
    def has(parcel: str, what: str) -> bool:
        if what in SIDES:
            return plain.side.get(parcel) == what
        if what == "renovated":
            what = RENOVATED_BY.get(next(row[2] for row in zone.parcels if row[0] == parcel), "DEMOLISHED")
        return plain.day[parcel].get(what, datetime.date.max) <= as_of

    living = group & plain.there
    reached = {parcel for parcel in living if has(parcel, step)}
    floor, unknown = 0.0, set()
    for parcel in living:
        mine = [row for row in zone.buildings if row[1] == parcel]
        some_fell = any(row[3] and row[4] for row in mine)
        old = [row for row in mine if row[3] or not some_fell]
        counted = old
        if step in OF_THE_NEW:
            counted = [row for row in mine if row not in old] if has(parcel, "DEMOLISHED") else mine
        for building, _, area, _, _ in counted:
            if area is None:
                unknown |= {parcel} & reached
            elif parcel in reached or plain.of_building[building].get(step, datetime.date.max) <= as_of:
                floor += area
        if step in OF_THE_NEW and not counted:
            unknown |= {parcel} & reached
    firms = {firm for parcel, firm in zone.occupants if parcel in reached}
    nothing = not zone.buildings or (reached and unknown == reached and floor == 0)
    return {
        "parcels": len(reached),
        "mu": round(sum(row[4] for row in zone.parcels if row[0] in reached) * 3 / 2000, 4),
        "floor_area_m2": None if nothing else round(floor, 2),
        "occupants": len(firms) if zone.occupants else None,
        "unknown": len(unknown) if zone.buildings else 0,
    }
