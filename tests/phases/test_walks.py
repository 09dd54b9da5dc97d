"""Random walks through a register: whatever is tried, in whatever order, what holds of every register goes on to hold.

The ordinary run takes some hundred walks; the drill of 10 000 has a command of its own (pytest -m slow).
"""

from __future__ import annotations

import datetime
from collections import Counter
from typing import ClassVar

import numpy as np
import orjson
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from landgis.errors import InputRefused, RegisterRefused, StaleParcel
from landgis.io.raw import Source
from landgis.phases.history import Event, span_of
from landgis.phases.ledger import GENESIS, Entry, verify
from landgis.roles import Actor
from landgis.store.memory import MemoryStore
from landgis.workflow.events import Receipt, Row, _stage
from landgis.workflow.project import Project
from landgis.workflow.recording import Change, cancel, correct, record
from landgis.workflow.register import Register
from tests.phases.made import (
    FALLS,
    LIFE,
    RISES,
    SIDES,
    STEPS,
    Clock,
    Zone,
    counting,
    days_of,
    entered,
    opened,
    plain_figures,
    plain_reached,
)
from tests.phases.test_lifecycle import NEEDS, comes_before, needs

ZONE = Zone(
    parcels=[("P1", "K1", "GOV_ACQ", None, 2000.0), ("P2", "K1", "SELF", None, 4000.0), ("P3", None, "RELET", None, 600.0),
             ("P4", "K2", None, None, 800.0), ("P5", "K2", "VILLAGE", "查封", 1200.0)],
    buildings=[("B1", "P1", 100.0, 0, 1), ("B2", "P1", 300.0, 0, 1), ("B3", "P2", None, 0, 1), ("B4", "P2", 80.0, 0, 1),
               ("B5", "P3", 50.0, 0, 1)],
    occupants=[("P1", "E1"), ("P2", "E1"), ("P2", "E2"), ("P4", "E3")],
)  # fmt: skip
MODE = {row[0]: row[2] for row in ZONE.parcels}
PARCELS, BUILT = tuple(MODE), {"P1": ("B1", "B2"), "P2": ("B3", "B4"), "P3": ("B5",), "P4": ("1#",), "P5": ("1#",)}
OF_BUILDINGS = {"VACATED", "DEMOLISHED", "STARTED", "TOPPED_OUT", "COMPLETED"}
START = datetime.date(2025, 1, 1)
PHASES = [Phase.generate]
MORNING = datetime.datetime(2026, 1, 5, 3, tzinfo=datetime.UTC)


class QuickStore(MemoryStore):
    """A store in memory that is filled and asked about its parcels once for all walks: the zone does not change here."""

    kept: ClassVar[dict] = {}

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        if not self.kept:
            first = opened(ZONE, MemoryStore(Clock(MORNING))).store
            self.kept |= {parcel: first.facts(parcel) for parcel in (*PARCELS, "K1", "K2")}
            self.kept["lines"], self.kept["land"] = first._lines, first._land
            self.kept["K1 of"], self.kept["K2 of"] = first.block_parcels("K1"), first.block_parcels("K2")
        self._lines, self._land = list(self.kept["lines"]), self.kept["land"]

    def facts(self, parcel_id):
        return self.kept[parcel_id]

    def block_parcels(self, block_id):
        return self.kept[f"{block_id} of"]


class Read:
    """As much of a file as staging asks for."""

    source = Source("made.csv", None, rows=0)


parcels = st.sampled_from(PARCELS)
kinds = st.sampled_from(["actual", "actual", "actual", "planned", "forecast"])
offsets = st.integers(-120, 500)


class Walk(RuleBasedStateMachine):
    """One register, everything that can be done to it, and beside it what it should hold."""

    tried: ClassVar[Counter] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock(MORNING)
        self.store = QuickStore(self.clock)
        self.project = Project(self.store, Actor("x", "administrator"), today=lambda: self.clock.now.date())
        self.project.__dict__["life"] = LIFE  # read once
        self.model: dict[int, tuple] = {}  # line → what it says of which event
        self.kept: list[tuple] = []

    # what is done
    def attempt(self, name: str, do) -> list[Entry]:
        """Do it; a refusal changes nothing and says why."""
        head = self.store.head()
        try:
            made = do()
        except (RegisterRefused, InputRefused) as refused:
            assert self.store.head() == head
            assert refused.problems and all(problem.render() for problem in refused.problems)
            self.tried[name, type(refused).__name__] += 1
            return []
        new = [entry for entry in made if entry.seq > head.seq]
        assert self.store.head().seq == head.seq + len(new)
        self.tried[name, "taken" if new else "already"] += 1
        for entry in new:
            if entry.action == "cancel":
                del self.model[entry.corrects]
            else:
                self.model[entry.corrects or entry.seq] = told(entry)
        self.check(new)
        return new

    @rule(parcel=parcels, lates=st.lists(st.integers(0, 40), min_size=1, max_size=8), building=st.integers(0, 9))
    def go_far(self, parcel, lates, building):
        """One step of the path after the other."""
        for late in lates:
            self.go_on_by(parcel, late, 0, building)

    @rule(parcel=parcels, late=st.integers(0, 40), skip=st.integers(0, 2), building=st.integers(0, 3))
    def go_on(self, parcel, late, skip, building):
        """The next step of the path, or one too many ahead, or one building of it."""
        self.go_on_by(parcel, late, skip, building)

    def go_on_by(self, parcel, late, skip, building):
        mine = [event for event in self.of(parcel) if event[3] == "actual" and event[1] not in SIDES]
        path = sorted(NEEDS.get(MODE[parcel], STEPS), key=STEPS.index)
        done = {event[1] for event in mine if event[0] is None}
        ahead = [step for step in path if step not in done]
        step = ahead[min(skip, len(ahead) - 1)] if ahead else path[-1]
        last = max((datetime.date.fromisoformat(event[2]) for event in mine), default=START)
        where = BUILT[parcel][building % len(BUILT[parcel])] if step in OF_BUILDINGS and building < 2 else None
        on = (last + datetime.timedelta(late)).isoformat()
        self.attempt("record", lambda: record(self.project, entered(parcel, step, on, building=where)))

    @rule(parcel=parcels, step=st.sampled_from(STEPS + SIDES), offset=offsets, cut=st.sampled_from([10, 10, 7, 4]),
          kind=kinds, building=st.sampled_from([None, None, "B1", "B3", "1#"]), old=st.sampled_from([None, None, 0, 1]))  # fmt: skip
    def record_anything(self, parcel, step, offset, cut, kind, building, old):
        on = (START + datetime.timedelta(offset)).isoformat()[:cut]
        version = None if old is None else max(self.version(parcel) - old, 0)
        new = self.attempt(
            "any",
            lambda: record(self.project, entered(parcel, step, on, kind=kind, building=building), version=version),
        )
        assert not (new and old and self.version(parcel) > 1), "a stale version was taken"

    @rule(block=st.sampled_from(["K1", "K2"]), offset=offsets)
    def approve_the_plan_of_a_block(self, block, offset):
        on = (START + datetime.timedelta(offset)).isoformat()
        self.attempt("block", lambda: record(self.project, entered(block, "PLANNED", on)))

    @rule(parcel=parcels, side=st.sampled_from([None, None, *SIDES]), late=st.integers(0, 40))
    def stand_still_or_resume(self, parcel, side, late):
        sides = sorted(
            (event[2], root) for root, event in self.model.items() if event[6] == parcel and event[1] in SIDES
        )
        still = bool(sides) and self.model[sides[-1][1]][1] != "RESUMED"
        side = side or ("RESUMED" if still else "PAUSED")
        last = max((datetime.date.fromisoformat(event[2]) for event in self.of(parcel)), default=START)
        on = (last + datetime.timedelta(late)).isoformat()
        self.attempt("side", lambda: record(self.project, entered(parcel, side, on)))

    @precondition(lambda self: self.model)
    @rule(pick=st.integers(0, 99), field=st.sampled_from(["occurred_on", "occurred_on", "milestone", "kind", "building_id", "note"]),
          shift=st.integers(-60, 60), other=st.sampled_from(STEPS), kind=kinds)  # fmt: skip
    def correct_something(self, pick, field, shift, other, kind):
        root = sorted(self.model)[pick % len(self.model)]
        building, milestone, on, now, note, _, _ = self.model[root]
        moved = (datetime.date.fromisoformat(on) + datetime.timedelta(shift)).isoformat()
        old, new = {"occurred_on": (self.day_text(root), moved), "milestone": (milestone, other), "kind": (now, kind),
                    "building_id": (building or "", "B2"), "note": (note or "", "又一个")}[field]  # fmt: skip
        self.attempt("correct", lambda: [correct(self.project, Change(root, field, old, new, "typo"))])

    @precondition(lambda self: self.model)
    @rule(pick=st.integers(0, 99))
    def cancel_something(self, pick):
        root = sorted(self.model)[pick % len(self.model)]
        self.attempt("cancel", lambda: [cancel(self.project, root, old=self.day_text(root), why="no such thing")])

    @precondition(lambda self: self.model)
    @rule(pick=st.integers(0, 99))
    def correct_from_what_is_no_longer_there(self, pick):
        root = sorted(self.model)[pick % len(self.model)]
        head = self.store.head()
        with pytest.raises(StaleParcel):
            cancel(self.project, root, old="1999-01-01", why="seen long ago")
        assert self.store.head() == head

    @rule(rows=st.lists(st.tuples(parcels, st.sampled_from(STEPS + SIDES), offsets, st.sampled_from([10, 7, 4]), kinds,
                                  st.booleans()), min_size=1, max_size=5))  # fmt: skip
    def import_rows(self, rows):
        """A file of past years: what may not be is set aside, and gaps are taken."""
        made = []
        for number, (parcel, step, offset, cut, kind, one) in enumerate(rows, 1):
            on = START + datetime.timedelta(offset)
            on = on.replace(day=1 if cut < 10 else on.day, month=1 if cut < 7 else on.month)
            precision = {10: "day", 7: "month", 4: "year"}[cut]
            where = BUILT[parcel][0] if one and step in OF_BUILDINGS else None
            happened = Event(where, step, kind, *span_of(on.isoformat(), precision))
            made.append(Row(number, parcel, happened, on.isoformat(), precision, None, "", None, None))
        receipt = Receipt("made.csv", read=len(made))
        drafts, versions = _stage(self.project, Read, made, receipt, self.project.today())
        assert len(drafts) + len(receipt.already) + len(receipt.rows_refused) == len(made)
        if drafts:
            self.attempt("import", lambda: self.store.append(drafts, by="x", versions=versions))

    @rule(hours=st.integers(1, 24 * 60))
    def time_passes(self, hours):
        self.clock.pass_by(hours=hours)

    @rule(offset=offsets)
    def keep_a_status(self, offset):
        """What is told today of a day is told in the same bytes ever after."""
        if not self.kept:
            as_of, known = START + datetime.timedelta(offset), np.datetime64(self.clock.now.replace(tzinfo=None), "us")
            self.kept.append((as_of, known, self.status(as_of, known)))
            self.clock.pass_by(seconds=1)

    # what has to hold
    def of(self, parcel: str) -> list[tuple]:
        return [event[:5] for event in self.model.values() if event[6] == parcel]

    def day_text(self, root: int) -> str:
        return self.model[root][2][: {"day": 10, "month": 7, "year": 4}[self.model[root][5]]]

    def version(self, parcel: str) -> int:
        return sum(1 for _ in self.store.entries(parcel_id=parcel))

    def status(self, as_of, known, register=None) -> bytes:
        status = (register or Register(self.project)).status(as_of=as_of, known_on=known, known_text="k")
        return orjson.dumps(status.as_json())

    def check(self, new: list[Entry]) -> None:
        for parcel in {entry.parcel_id for entry in new}:
            lines = list(self.store.entries(parcel_id=parcel))
            assert [line.version for line in lines] == list(range(1, len(lines) + 1))
            live = counting(lines)
            assert {line.root: told(line) for line in live} == {
                root: event for root, event in self.model.items() if event[6] == parcel
            }
            require_order(parcel, [line for line in live if line.kind == "actual"], self.project.today())

    def teardown(self) -> None:
        lines = list(self.store.entries())
        assert not list(verify(lines)) and lines[0].prev == GENESIS and self.store.head().seq == len(lines)
        register = Register(self.project)
        for as_of, known, document in self.kept:
            assert self.status(as_of, known, register) == document
        moments = sorted({line.recorded_at for line in lines})
        moment = moments[len(lines) * 7 % len(moments)]
        as_of = START + datetime.timedelta(len(lines) * 97 % 500)
        state = plain_reached([line for line in lines if line.recorded_at <= moment], ZONE, as_of=as_of)
        wanted = plain_figures(state, ZONE, PARCELS, as_of=as_of)
        unknown = {step: count for step, figures in wanted.items() if (count := figures.pop("unknown"))}
        found = register.status(as_of=as_of, known_on=np.datetime64(moment[:-1], "us")).as_json()["zone"]
        assert {step: found[step] for step in wanted} == wanted
        assert found["floor_area_unknown_parcels"] == unknown


def told(entry: Entry) -> tuple:
    return (
        entry.building_id,
        entry.milestone,
        entry.occurred_on,
        entry.kind,
        entry.note,
        entry.precision,
        entry.parcel_id,
    )


def require_order(parcel: str, facts: list[Entry], today: datetime.date) -> None:
    """By comparing each event of a parcel with each other one."""
    spans = {line.seq: days_of(line) for line in facts}
    steps = [line for line in facts if line.milestone not in SIDES]
    sides = sorted((line for line in facts if line.milestone in SIDES), key=lambda line: (spans[line.seq], line.root))
    assert all(first <= today for first, _ in spans.values()), "something lies in the future"
    assert len({(line.building_id, line.milestone) for line in steps}) == len(steps), "a step was reached twice"
    for one in steps:
        for other in steps:
            if comes_before(MODE[parcel], one.milestone, other.milestone) and compared(one, other):
                assert spans[one.seq][0] <= spans[other.seq][1], (one, other)
        if one.milestone == "DEMOLISHED":
            gone = [line for line in sides if line.milestone == "WITHDRAWN"]
            assert all(spans[line.seq][1] < spans[one.seq][0] for line in gone), "withdrawn after demolition"
        if "gaps" not in one.more:
            lacking = [needed - had(one, steps, parcel) - set(RISES) for needed in needs(MODE[parcel], one.milestone)]
            assert min(lacking, key=len) == set(), (one, lacking)  # what is built may get another hall later
    names = [line.milestone for line in sides]
    for before, after in zip([None, *names], names, strict=False):
        assert after in {None: SIDES[::2], "PAUSED": SIDES[1:], "RESUMED": SIDES[::2], "WITHDRAWN": SIDES[1:2]}[before]
    still = None
    for side in [*sides, None]:
        if still and (side is None or side.milestone == "RESUMED"):
            end = spans[side.seq][0] if side else datetime.date.max
            inside = [s for s in steps if spans[still.seq][1] < spans[s.seq][0] and spans[s.seq][1] < end]
            assert not inside, (still, inside)
            still = None
        elif side is not None and still is None and side.milestone != "RESUMED":
            still = side


def had(one: Entry, steps: list[Entry], parcel: str) -> set[str]:
    """The steps that the parcel had, or the building that an event is about."""
    there = {(line.milestone, line.building_id) for line in steps}
    built = [row[0] for row in ZONE.buildings if row[1] == parcel]
    whole = {step for step in FALLS if built and all((step, building) in there for building in built)}
    return whole | {step for step, building in there if building in (None, one.building_id)}


def compared(one: Entry, other: Entry) -> bool:
    """Whether two steps, `one` ahead of `other` on the path, speak of the same thing.

    The whole parcel has a step of buildings with the last of them, so a building may be ahead of it with a later step.
    """
    if one.building_id and other.building_id:
        return one.building_id == other.building_id
    ahead = one.building_id is None and other.building_id is not None
    return not (ahead and {one.milestone, other.milestone} <= OF_BUILDINGS)


def walk(walks: int, steps: int) -> None:
    Walk.tried.clear()
    run_state_machine_as_test(Walk, settings=settings(
        max_examples=walks, stateful_step_count=steps, deadline=None, database=None, phases=PHASES,
        suppress_health_check=list(HealthCheck), derandomize=False,
    ))  # fmt: skip


def test_some_hundred_walks_keep_what_holds():
    walk(200, 20)
    for name in ("record", "any", "block", "side", "correct", "cancel", "import"):
        taken, refused = Walk.tried[name, "taken"], Walk.tried[name, "RegisterRefused"]
        assert taken > 10 and (refused > 10 or name == "import"), (name, dict(Walk.tried))


@pytest.mark.slow
def test_ten_thousand_walks_keep_what_holds():
    walk(10_000, 12)
    assert sum(count for (_, outcome), count in Walk.tried.items() if outcome == "taken") > 10_000
