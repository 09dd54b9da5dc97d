"""A plan in the register: its days and no others, frozen, taken back by the next plan, refused once the land moved on."""

import copy
import dataclasses
import datetime
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landgis.errors import RegisterRefused, StaleParcel
from landgis.phases.history import Event
from landgis.phases.ledger import Draft, packed, verify
from landgis.phases.lifecycle import CODES
from landgis.phases.transition import judge
from landgis.store.local import LocalStore
from landgis.store.memory import MemoryStore
from landgis.store.opening import open_store
from landgis.store.postgis import PostgisStore
from landgis.workflow.adopting.adopt import adopt
from landgis.workflow.ahead import planned_steps
from landgis.workflow.asking import freeze_baseline
from landgis.workflow.past import read_history
from landgis.workflow.recording import Change, Entered, cancel, correct, record
from landgis.workflow.register import Register
from landgis.workflow.trend import picture
from tests.made_plan import LOT_MU, Work, last_day, lots_plan, plan_of
from tests.made_project import as_user, make_project, walk
from tests.phases.made import Clock, Zone, day, opened
from tests.postgres import database, postgres  # noqa: F401  (fixtures)

TODAY = datetime.date(2026, 11, 21)
MODES = ("GOV_ACQ", "SELF", "REMEDIATE", None, None, "VILLAGE")
ZONE = Zone(
    parcels=[(f"P{n + 1}", "B1" if n < 3 else "B2", mode, None, 6000.0) for n, mode in enumerate(MODES)],
    buildings=[("F1", "P1", 400.0, 0, 1), ("F2", "P1", 600.0, 0, 1), ("F3", "P4", 500.0, 0, 1)],
    occupants=[("P1", "E1"), ("P4", "E2")],
    blocks=[("B1", "甲", "A", None, None, 1.0, None), ("B2", "乙", "B", None, None, 1.0, None)],
)  # fmt: skip
LOTS = {  # the days of `lots_plan` on the path of each parcel, counted on paper; P1 is signed
    ("P1", "VACATED", "2027-03-31"), ("P1", "DEMOLISHED", "2027-06-30"), ("P1", "STARTED", "2027-09-30"),
    ("P1", "COMPLETED", "2028-03-31"),
    ("P2", "SIGNED", "2027-06-30"), ("P2", "VACATED", "2027-09-30"), ("P2", "DEMOLISHED", "2027-12-31"),
    ("P2", "STARTED", "2028-03-31"), ("P2", "COMPLETED", "2028-12-31"),
    ("P3", "STARTED", "2028-03-31"), ("P3", "COMPLETED", "2028-12-31"),  # nothing else is done where nothing falls
}  # fmt: skip


SIGNED, VACATED = CODES["SIGNED"], CODES["VACATED"]


def zone_project(store=None):
    """P1 has signed."""
    project = opened(ZONE, store, clock=Clock(datetime.datetime(2026, 11, 21, 8, tzinfo=datetime.UTC)), today=TODAY)
    walk(project, "P1", "IDENTIFIED", "PLANNED", "NEGOTIATED", "SIGNED", start="2026-01-10")
    return project


@pytest.fixture
def project():
    return zone_project()


def lots(project, name="rolling", **changes):
    return lots_plan(name, ledger_line=project.store.head().seq, **changes)


def other(project, *works, name="second"):
    return plan_of(works, name=name, ledger_line=project.store.head().seq)


def open_steps(project, as_of=TODAY):
    steps = planned_steps(Register(project), picture(Register(project), as_of=as_of))
    return set(steps[["parcel_id", "milestone", "planned_on"]].itertuples(index=False, name=None))


def by_hand(project, parcel, milestone, on, **more):
    return record(project, Entered(parcel, milestone, on, kind="planned", **more))[0]


def codes(refused):
    return [problem.code for problem in refused.value.problems]


class TestWhatIsWritten:
    def test_the_days_of_the_plan_and_no_others(self, project):
        before = project.store.head().seq
        found = adopt(project, lots(project))
        assert open_steps(project) == LOTS
        assert found.written == Counter(milestone for _, milestone, _ in LOTS)
        assert list(found.written) == ["SIGNED", "VACATED", "DEMOLISHED", "STARTED", "COMPLETED"]
        assert (found.cancelled, found.unchanged, found.moved, found.left_by_hand) == ({}, {}, (), 0)
        assert (found.plan, found.baseline, found.parcels, found.already) == ("rolling", "rolling", 3, False)
        assert found.line == project.store.head().seq == before + len(LOTS) + 1
        assert list(verify(project.store.entries())) == []

    def test_overdue_and_the_curve_run_against_it(self, project):
        adopt(project, lots(project))
        status = Register(project).status(as_of=datetime.date(2027, 7, 10))
        assert status.baseline == "rolling"
        late = [(one["parcel_id"], one["milestone"], one["days"]) for one in status.as_json()["zone"]["overdue"]]
        assert late == [("P1", "VACATED", 101), ("P1", "DEMOLISHED", 10), ("P2", "SIGNED", 10)]

    def test_what_is_planned_by_hand_later_does_not_move_the_frozen_plan(self, project):
        adopt(project, lots(project))
        by_hand(project, "P1", "VACATED", "2027-06-30")
        plan, name = Register(project).planned(as_of=TODAY.toordinal())
        assert (name, plan.day[0, VACATED]) == ("rolling", day("2027-03-31"))
        assert ("P1", "VACATED", "2027-06-30") in open_steps(project)

    def test_a_dry_run_writes_nothing_and_says_the_same(self, project):
        before = project.store.head()
        trial = adopt(project, lots(project), dry_run=True)
        assert project.store.head() == before and trial.line is None and trial.dry_run
        done = adopt(project, lots(project))
        assert dataclasses.replace(trial, line=done.line, dry_run=False) == done
        assert trial.as_json()["written"] == {"SIGNED": 1, "VACATED": 2, "DEMOLISHED": 2, "STARTED": 3, "COMPLETED": 3}

    def test_modes_that_differ_are_named_and_not_changed(self, project):
        found = adopt(project, lots(project))
        assert [(one.parcel_id, one.mode, one.planned_mode) for one in found.other_modes] == [
            ("P2", "SELF", "GOV_ACQ"), ("P3", "REMEDIATE", "GOV_ACQ"),
        ]  # fmt: skip
        assert [project.store.facts(parcel).mode for parcel in ("P1", "P2", "P3")] == list(MODES[:3])

    def test_the_lines_name_the_plan_and_the_reason_in_the_language_asked_for(self, project):
        adopt(project, lots(project))
        assert {line.more["plan"] for line in project.store.entries() if line.kind == "planned"} == {"rolling"}
        adopt(project, other(project, Work("B1", "甲", "B1", ["P2"])), translate=lambda text: f"<{text}>")
        gone = [line for line in project.store.entries() if line.action == "cancel"]
        assert {line.more["why"] for line in gone} == {"<plan second adopted>"} and len(gone) == len(LOTS)

    def test_what_was_past_when_the_plan_was_made_moves_to_the_end_of_that_quarter(self):
        project = opened(ZONE, clock=Clock(), today=TODAY)
        found = adopt(project, lots(project))  # nobody signed, and P1 began by the plan in 2026-Q3
        moved = [(one.parcel_id, one.milestone, one.planned, one.day, one.why) for one in found.moved]
        assert moved == [("P1", "SIGNED", "2026-09-30", "2026-12-31", "past")]
        assert open_steps(project) == LOTS | {("P1", "SIGNED", "2026-12-31")}

    def test_no_step_is_planned_before_the_one_that_it_waits_for_was_reached(self, project):
        late = Zone(ZONE.parcels[:1])
        project = opened(late, clock=Clock(), today=datetime.date(2027, 5, 5))
        walk(project, "P1", "IDENTIFIED", "PLANNED", "NEGOTIATED", "SIGNED", start="2027-01-20", gap_days=35)
        found = adopt(project, other(project, Work("B1", "甲", "B1", ["P1"], start=0, phases=(1, 1, 1))))
        assert [(one.milestone, one.planned, one.day, one.why) for one in found.moved] == [
            ("VACATED", "2027-03-31", "2027-05-05", "behind")
        ]

    def test_steps_that_lie_behind_a_reached_one_are_not_planned(self):
        project = opened(ZONE, clock=Clock(), today=TODAY)
        fallen = Draft(
            "record", "P2", None, "DEMOLISHED", "2026-05-01", "day", "actual", details=packed({"gaps": ["SIGNED"]})
        )
        project.store.append([fallen], by="x")
        adopt(project, lots(project))
        assert {step for parcel, step, _ in open_steps(project) if parcel == "P2"} == {"STARTED", "COMPLETED"}

    def test_a_parcel_that_withdrew_owes_nothing(self, project):
        record(project, Entered("P2", "WITHDRAWN", "2026-11-01", note="the owner sells"))
        adopt(project, lots(project))
        assert {parcel for parcel, _, _ in open_steps(project)} == {"P1", "P3"}
        assert "P2" not in {line.parcel_id for line in project.store.entries() if line.kind == "planned"}


class TestWhatWasPlannedBefore:
    def test_adopting_twice_changes_nothing(self, project):
        document = lots(project)
        first = adopt(project, document)
        head = project.store.head()
        again = adopt(project, document)
        assert project.store.head() == head
        assert (again.already, again.line, again.baseline) == (True, None, first.baseline)
        assert (again.written, again.cancelled, again.unchanged) == ({}, {}, first.written)

    def test_it_says_so_even_after_some_of_it_came_true(self, project):
        document = lots(project)
        adopt(project, document)
        record(project, Entered("P1", "VACATED", "2026-11-20"))
        head = project.store.head()
        assert adopt(project, document).already and project.store.head() == head

    def test_the_next_plan_takes_back_what_it_does_not_have(self, project):
        adopt(project, lots(project))
        new = other(
            project, Work("B1", "甲", "B1", ["P2", "P3"], start=3), Work("B2", "乙", "B2", ["P4"], why_not="cash")
        )
        found = adopt(project, new)  # P1 is in no site of it
        assert open_steps(project) == {
            ("P2", "SIGNED", last_day(3)), ("P2", "VACATED", last_day(4)), ("P2", "DEMOLISHED", last_day(5)),
            ("P2", "STARTED", last_day(6)), ("P2", "COMPLETED", last_day(9)),
            ("P3", "STARTED", last_day(6)), ("P3", "COMPLETED", last_day(9)),
        }  # fmt: skip
        assert found.cancelled == {"VACATED": 1, "DEMOLISHED": 1, "STARTED": 1, "COMPLETED": 1}
        assert found.cancelled_by_hand == 0
        assert list(verify(project.store.entries())) == []
        first, _ = Register(project).planned(as_of=TODAY.toordinal(), baseline="rolling")
        assert (first.day[1, VACATED], first.day[0, VACATED]) == (day("2027-09-30"), day("2027-03-31"))  # still frozen

    def test_a_third_plan_brings_no_older_day_back(self, project):
        adopt(project, lots(project))
        adopt(project, other(project, Work("B1", "甲", "B1", ["P2"], start=3)))
        adopt(project, other(project, Work("B1", "甲", "B1", ["P1", "P2", "P3"], why_not="worth"), name="third"))
        assert open_steps(project) == set()

    def test_what_was_planned_by_hand(self, project):
        by_hand(project, "P6", "SIGNED", "2027-05-01")  # in no site
        by_hand(project, "P4", "SIGNED", "2027-05-01")  # in a site that the plan leaves
        by_hand(project, "P2", "OPERATING", "2030-01-01")  # a milestone that the plan does not have
        by_hand(project, "P2", "VACATED", "2027-09")  # the very month
        found = adopt(project, lots(project))
        assert (found.left_by_hand, found.cancelled, found.cancelled_by_hand) == (1, {"SIGNED": 1, "OPERATING": 1}, 2)
        assert found.unchanged == {"VACATED": 1} and found.written["VACATED"] == 1
        assert open_steps(project) == LOTS | {("P6", "SIGNED", "2027-05-01")}

    def test_what_was_planned_for_a_reached_step_stays_to_be_measured_by(self, project):
        project = opened(ZONE, clock=Clock(), today=TODAY)
        by_hand(project, "P1", "SIGNED", "2026-02-01")
        walk(project, "P1", "IDENTIFIED", "PLANNED", "NEGOTIATED", "SIGNED", start="2026-01-10")
        adopt(project, lots(project))
        plan, _ = Register(project).planned(as_of=TODAY.toordinal())
        assert plan.day[0, SIGNED] == day("2026-02-01")

    def test_buildings_stay_where_there_is_room_for_them(self, project):
        by_hand(project, "P1", "VACATED", "2027-01-31", building="F1")
        by_hand(project, "P1", "DEMOLISHED", "2027-09-30", building="F2")  # after all of it is to be down
        by_hand(project, "P4", "VACATED", "2027-09-30", building="F3")  # left as it is
        found = adopt(project, lots(project))
        assert (found.cancelled, found.cancelled_by_hand) == ({"VACATED": 1, "DEMOLISHED": 1}, 2)
        singles = [track for track in read_history(project, "P1").tracks["planned"].items() if track[0]]
        assert [(building, list(steps)) for building, steps in singles if steps] == [("F1", ["VACATED"])]

    def test_another_plan_of_the_same_name_and_the_first_one_again(self, project):
        first = lots(project)
        assert adopt(project, first).baseline == "rolling"
        assert adopt(project, other(project, Work("B1", "甲", "B1", ["P2"]), name="rolling")).baseline == "rolling (2)"
        again = adopt(project, first)
        assert (again.baseline, again.already) == ("rolling (3)", False) and open_steps(project) == LOTS

    def test_a_plan_frozen_by_hand_since_is_followed_by_this_one_again(self, project):
        document = lots(project)
        adopt(project, document)
        freeze_baseline(project, "spring")
        again = adopt(project, document)
        assert (again.written, again.cancelled, again.baseline) == ({}, {}, "rolling (2)")
        assert Register(project).planned(as_of=TODAY.toordinal())[1] == "rolling (2)"


class TestRefusals:
    def test_a_plan_that_the_register_has_overtaken(self, project):
        document = lots(project)
        record(project, Entered("P1", "VACATED", "2026-11-20"))
        head = project.store.head()
        with pytest.raises(RegisterRefused, match="(?s)recorded this on P1.*vacated.*plan again") as refused:
            adopt(project, document)
        assert codes(refused) == ["E-PLAN-STALE"] * 2 and refused.value.problems[0].id == "P1"
        assert project.store.head() == head

    @pytest.mark.parametrize("matter", ["planned", "forecast", "note", "elsewhere", "approve"])
    def test_what_is_no_matter(self, project, matter):
        document = lots(project)
        line = next(line for line in project.store.entries() if line.milestone == "SIGNED")
        if matter in ("planned", "forecast"):
            record(project, Entered("P2", "SIGNED", "2027-02-01", kind=matter))
        elif matter == "note":
            correct(project, Change(line.seq, "note", "", "both copies are here", "forgotten"))
        elif matter == "elsewhere":
            record(project, Entered("P6", "IDENTIFIED", "2026-11-20"))
        else:
            project.store.append([Draft("approve", "P1", corrects=line.seq)], by="wang")
        adopt(project, document)
        assert open_steps(project) == LOTS

    @pytest.mark.parametrize("matter", ["cancel", "day", "kind"])
    def test_a_correction_of_a_fact_matters(self, project, matter):
        document = lots(project)
        line = next(line for line in project.store.entries() if line.milestone == "SIGNED")
        if matter == "cancel":
            cancel(project, line.seq, old=line.occurred_on, why="not yet")
        elif matter == "day":
            correct(project, Change(line.seq, "occurred_on", line.occurred_on, "2026-05-05", "typing error"))
        else:
            correct(project, Change(line.seq, "kind", "actual", "planned", "not yet"))
        with pytest.raises(RegisterRefused, match="plan again"):
            adopt(project, document)

    def test_ten_are_named_and_the_others_counted(self):
        zone = Zone([(f"P{n}", "B1", "GOV_ACQ", None, 100.0) for n in range(30)])
        project = opened(zone, clock=Clock(), today=TODAY)
        document = other(project, Work("B1", "甲", "B1", [f"P{n}" for n in range(30)], start=0))
        project.store.append(
            [Draft("record", f"P{n}", None, "IDENTIFIED", "2026-01-01", "day", "actual") for n in range(25)], by="x"
        )
        with pytest.raises(RegisterRefused) as refused:
            adopt(project, document)
        assert len(refused.value.problems) == 12 and "15 more" in str(refused.value)

    def test_an_import_that_changed_the_land(self, project):
        document = lots(project)
        same = copy.deepcopy(ZONE)
        project.store.save_layers({}, same.tables(), [Draft("import")], by="x")
        assert adopt(project, document, dry_run=True).written
        same.parcels[1] = ("P2", "B1", "SELF", "no heir was found", 6000.0)  # what stands against signing is no matter
        same.parcels[5] = ("P6", "B2", "VILLAGE", None, 5000.0)  # of no site
        project.store.save_layers({}, same.tables(), [Draft("import")], by="x")
        assert adopt(project, document, dry_run=True).written
        same.occupants[0] = ("P2", "E1")
        same.parcels[2] = ("P3", "B1", "REMEDIATE", None, 5000.0)
        project.store.save_layers({}, same.tables(), [Draft("import")], by="x")
        with pytest.raises(RegisterRefused, match="an import changed") as refused:
            adopt(project, document)
        assert [problem.id for problem in refused.value.problems] == ["P1", "P2", "P3", None]

    def test_a_plan_of_another_register(self, project):
        document = lots(project)
        with pytest.raises(RegisterRefused, match="there is no parcel Q1"):
            adopt(project, other(project, Work("B1", "甲", "B1", ["P1", "Q1"], start=0)))
        with pytest.raises(RegisterRefused, match="made at line 500 .* this one has 5"):
            adopt(project, dataclasses.replace(document, ledger_line=500))

    def test_who_may(self, project):
        document = lots(project)
        for role in ("viewer", "officer"):
            with pytest.raises(RegisterRefused, match="may not do this"):
                adopt(as_user(project, "zhao", role), document)
        adopt(as_user(project, "wang", "approver"), document)
        assert {line.recorded_by for line in project.store.entries() if line.kind == "planned"} == {"wang"}

    def test_somebody_records_meanwhile(self, project):
        document = lots(project)

        def tell(step):
            if step == "write":
                record(project, Entered("P1", "VACATED", "2026-11-20"))

        with pytest.raises(StaleParcel, match="x recorded this on P1"):
            adopt(project, document, tell=tell)
        assert not [line for line in project.store.entries() if line.kind == "planned"]


@pytest.mark.parametrize("kind", ["local", "postgis"])
def test_on_a_store_on_disk(kind, tmp_path, request):
    if kind == "local":
        project, where = zone_project(LocalStore.create(tmp_path / "p")), str(tmp_path / "p")
    else:
        where = request.getfixturevalue("database")
        project = zone_project(PostgisStore.create(where))
    adopt(project, lots(project))
    adopt(project, other(project, Work("B1", "甲", "B1", ["P2"], start=3)))
    project.store.close()
    project.store = open_store(where)
    try:
        assert open_steps(project) == {
            ("P2", "SIGNED", last_day(3)), ("P2", "VACATED", last_day(4)), ("P2", "DEMOLISHED", last_day(5)),
            ("P2", "STARTED", last_day(6)), ("P2", "COMPLETED", last_day(9)),
        }  # fmt: skip
        assert list(verify(project.store.entries())) == []
    finally:
        project.store.close()


def test_a_project_with_layers(tmp_path):
    project = make_project(tmp_path, renovation_mode=["GOV_ACQ"] * 6)
    found = adopt(project, lots(project))
    assert found.written["COMPLETED"] == 3 and found.other_modes == ()
    assert sum(row["parcels"] for row in [Register(project).status(as_of=TODAY).as_json()["zone"]["SIGNED"]]) == 0
    project.store.close()


STEPS = ("IDENTIFIED", "PLANNED", "NEGOTIATED", "SIGNED", "VACATED", "DEMOLISHED", "CLEARED")


@settings(max_examples=60, deadline=None)
@given(
    modes=st.lists(st.sampled_from([None, "GOV_ACQ", "SELF", "ADD_STOREYS", "REMEDIATE", "RELET", "VILLAGE"]), min_size=3, max_size=3),
    reached=st.lists(st.integers(0, len(STEPS)), min_size=3, max_size=3),
    hands=st.lists(st.tuples(st.integers(0, 3), st.sampled_from(STEPS), st.integers(0, 2000)), max_size=4),
    starts=st.lists(st.integers(-4, 8), min_size=2, max_size=2),
    days=st.integers(0, 700),
)  # fmt: skip
def test_whatever_was_there_the_plan_follows_the_path(modes, reached, hands, starts, days):
    """Every planned step of a plan's parcels, judged one by one against the parcel as it then is, would be taken."""
    today = TODAY + datetime.timedelta(days=days)
    zone = Zone([(f"P{n}", "B1", mode, None, 100.0) for n, mode in enumerate([*modes, "SELF"])])
    project = opened(zone, MemoryStore(Clock()), today=today)
    for n, (mode, count) in enumerate(zip(modes, reached, strict=True)):
        steps = [step for step in STEPS if step in project.life.path(mode).steps][:count]
        since = today - datetime.timedelta(days=20 * len(steps))
        drafts = [Draft("record", f"P{n}", None, step, (since + datetime.timedelta(days=20 * at)).isoformat(), "day", "actual") for at, step in enumerate(steps)]  # fmt: skip
        if drafts:
            project.store.append(drafts, by="x")
    planned = [Draft("record", f"P{n}", None, step, (TODAY + datetime.timedelta(days=on)).isoformat(), "day", "planned") for n, step, on in hands]  # fmt: skip
    if planned:
        project.store.append(planned, by="x")
    works = (
        Work("A", "甲", "B1", ["P0", "P1"], start=starts[0], area_mu=LOT_MU),
        Work("C", "丙", "B1", ["P2"], start=starts[1]),
    )
    document = other(project, *works)
    found = adopt(project, document)
    assert found.left_by_hand == len({step for n, step, _ in hands if n == 3})
    for n in range(3):
        past = read_history(project, f"P{n}")
        path = project.life.path(modes[n])
        track = past.tracks.get("planned", {}).get(None, {})
        actual = past.tracks.get("actual", {}).get(None, {})
        ahead = {step: span for step, span in track.items() if step not in actual}
        assert set(ahead) <= set(path.steps)
        for step, span in ahead.items():
            rest = copy.deepcopy(past)
            rest.remove(Event(None, step, "planned", span.first, span.last), span.seq)
            for other_step in [name for name in rest.tracks["planned"][None] if name in actual]:
                del rest.tracks["planned"][None][other_step]  # what was planned for reached steps is history
            verdict = judge(
                Event(None, step, "planned", span.first, span.last), rest, project.life, today=today.toordinal()
            )
            assert verdict.problems == ()
            assert all(actual[before].last <= span.first for before in path.before[step] if before in actual)
    assert adopt(project, document).already
