"""The history of one parcel: what is recorded of it, read with every correction taken in."""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from landgis.phases.ledger import EVENTS, Draft, Entry
from landgis.tables import MILESTONES, SIDE_MILESTONES

DEMOLITION_STEPS = frozenset({"VACATED", "DEMOLISHED"})  # of the buildings that stand; later steps are of new ones
CONSTRUCTION_STEPS = ("STARTED", "TOPPED_OUT", "COMPLETED")
BUILDING_STEPS = DEMOLITION_STEPS.union(CONSTRUCTION_STEPS)


class Span(NamedTuple):
    """The days on which something may have happened (one, where the day is known), and the line that says so."""

    first: int  # ordinal of the day, as `datetime.date.toordinal` counts
    last: int
    seq: int


class Event(NamedTuple):
    """Something that happened, or is planned, on a parcel or one of its buildings."""

    building_id: str | None
    milestone: str
    kind: str
    first: int
    last: int
    note: str | None = None
    evidence: str | None = None


@dataclass(frozen=True)
class Facts:
    """What the register knows of a parcel beside its events."""

    parcel_id: str
    block_id: str | None = None
    mode: str | None = None
    blockers: str | None = None  # what stands against signing
    buildings: frozenset[str] = frozenset()


@dataclass
class History:
    """The events of a parcel that count, by kind, building (None: the whole parcel) and milestone."""

    facts: Facts
    version: int = 0
    tracks: dict[str, dict[str | None, dict[str, Span]]] = field(default_factory=dict)
    sides: list[tuple[Span, str]] = field(default_factory=list)  # PAUSED, RESUMED, WITHDRAWN, in order of their days
    replaced: Entry | None = None  # the line by which other parcels took the place of this one

    def add(self, event: Event, seq: int) -> None:
        """Take in an event; a newer plan or forecast takes the place of the older one."""
        span = Span(event.first, event.last, seq)
        if event.milestone in SIDE_MILESTONES:
            if event.kind == "actual":
                self.sides.append((span, event.milestone))
                self.sides.sort()
            return
        self.tracks.setdefault(event.kind, {}).setdefault(event.building_id, {})[event.milestone] = span

    def remove(self, event: Event, seq: int) -> None:
        """Take an event out again."""
        span = Span(event.first, event.last, seq)
        if event.milestone in SIDE_MILESTONES:
            self.sides = [side for side in self.sides if side != (span, event.milestone)]
        elif (track := self.tracks.get(event.kind, {}).get(event.building_id, {})).get(event.milestone) == span:
            del track[event.milestone]

    def own(self, kind: str, milestone: str, building_id: str | None = None) -> Span | None:
        """When the parcel itself, or one building, is recorded to have reached a milestone."""
        return self.tracks.get(kind, {}).get(building_id, {}).get(milestone)

    def of_buildings(self, kind: str, milestone: str) -> Iterator[tuple[str, Span]]:
        """The buildings that are recorded to have reached a milestone one by one."""
        for building, track in self.tracks.get(kind, {}).items():
            if building is not None and milestone in track:
                yield building, track[milestone]

    def all_buildings(self, milestone: str) -> frozenset[str]:
        """The buildings that have to reach a milestone before the parcel has: standing ones, or those being built."""
        if milestone in DEMOLITION_STEPS:
            return self.facts.buildings
        actual = self.tracks.get("actual", {})
        return frozenset(b for b, track in actual.items() if b and any(s in track for s in CONSTRUCTION_STEPS))

    def reached(self, kind: str, milestone: str) -> Span | None:
        """When the parcel reached a milestone: as recorded for it, or when the last of its buildings had."""
        own = self.own(kind, milestone)
        if (
            own is not None
            or milestone not in BUILDING_STEPS
            or len(self.tracks.get(kind, {})) <= (None in self.tracks.get(kind, {}))
        ):
            return own
        spans = dict(self.of_buildings(kind, milestone))
        wanted = self.all_buildings(milestone)
        if not spans or not wanted or not wanted <= set(spans):
            return None
        return Span(max(s.first for s in spans.values()), max(s.last for s in spans.values()), 0)


def day_text(day: int) -> str:
    """An ordinal as ISO text."""
    return datetime.date.fromordinal(int(day)).isoformat()


def span_of(occurred_on: str, precision: str | None) -> tuple[int, int]:
    """First and last day, as ordinals, of a day, month or year.

    >>> [datetime.date.fromordinal(day).isoformat() for day in span_of("2024-02-01", "month")]
    ['2024-02-01', '2024-02-29']
    """
    day = datetime.date.fromisoformat(occurred_on)
    first = day.toordinal()
    if precision == "month":
        return first, first + calendar.monthrange(day.year, day.month)[1] - 1
    if precision == "year":
        return first, datetime.date(day.year, 12, 31).toordinal()
    return first, first


def event_of(line: Draft | Entry) -> Event:
    """The event that a line of the ledger speaks of."""
    assert line.milestone is not None and line.occurred_on is not None and line.kind is not None
    first, last = span_of(line.occurred_on, line.precision)
    return Event(line.building_id, line.milestone, line.kind, first, last, line.note, line.evidence)


def in_effect(entries: Iterable[Entry]) -> list[Entry]:
    """The events that count, each as its last correction has it, in the order in which they were first recorded."""
    latest: dict[int, Entry] = {}
    for entry in entries:
        if entry.action in EVENTS:
            latest[entry.root] = entry
    return [entry for entry in latest.values() if entry.action != "cancel"]


def history(facts: Facts, entries: Iterable[Entry]) -> History:
    """The history that the lines of one parcel make; they come in the order of the ledger."""
    lines = list(entries)
    made = History(facts, version=max((line.version or 0 for line in lines), default=0))
    for line in in_effect(lines):
        made.add(event_of(line), line.root)
    made.replaced = next((line for line in lines if line.action == "replace"), None)
    return made


def inherit(child: History, parents: Sequence[History]) -> None:
    """Let a parcel take over the steps that all the parcels before it had reached, where it has none of its own."""
    for step in MILESTONES:
        spans = [parent.reached("actual", step) for parent in parents]
        known = [span for span in spans if span is not None]
        if parents and len(known) == len(parents) and child.own("actual", step) is None:
            last = Span(*(max(span[place] for span in known) for place in range(3)))
            child.tracks.setdefault("actual", {}).setdefault(None, {})[step] = last


def parents_of(lines: Iterable[Entry]) -> list[str]:
    """The parcels that a parcel came from, as its lines say."""
    return [str(parcel) for line in lines if line.action == "create" for parcel in line.more["old"]]
