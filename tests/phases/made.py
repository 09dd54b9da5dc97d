"""Small registers for tests: a zone without outlines, a clock that is set by hand, events written on one line."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field

from pandas import DataFrame

from landgis.phases.history import Event, Facts, History, span_of
from landgis.phases.ledger import Draft
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

