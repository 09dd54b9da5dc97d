"""What may be recorded next, for one parcel and for several; conflicts, undoing, many parcels at once."""

import copy
import datetime
import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from landgis.errors import InputRefused, RegisterRefused, StaleParcel
from landgis.phases.ledger import verify
from landgis.roles import Actor
from landgis.store.memory import MemoryStore
from landgis.tables import KINDS_OF_DATE, MILESTONES
from landgis.workflow.project import Project
from landgis.workflow.recording import (
    EVIDENCE_LIMIT,
    Change,
    Entered,
    correct,
    evidence_file,
    may_undo,
    record,
    undo,
)
from landgis.workflow.steps import compare_entry, day_shown, next_steps
from tests.made_project import TODAY, Clock, as_user, make_project, walk
from tests.phases.made import Zone, opened

TO_SIGNED = ("IDENTIFIED", "PLANNED", "NEGOTIATED", "SIGNED")


@pytest.fixture
def project(tmp_path):
    return make_project(
        tmp_path, clock=Clock(), renovation_mode=["GOV_ACQ", "SELF", "REMEDIATE", None, None, "VILLAGE"]
    )


def names(steps):
    return [step.milestone for step in steps]


# what may be recorded
def test_a_new_parcel_may_be_identified_or_leave(project):
    offer = next_steps(project, "P1")
    # PLANNED, NEGOTIATED … need IDENTIFIED; a pause or a withdrawal may come at any time, with a reason
    assert names(offer.allowed()) == ["IDENTIFIED", "PAUSED", "WITHDRAWN"]
    assert offer.versions == {"P1": 0}
    needs = {step.milestone: (step.needs_evidence, step.needs_note) for step in offer.allowed()}
    assert needs == {"IDENTIFIED": (False, False), "PAUSED": (False, True), "WITHDRAWN": (False, True)}


def test_after_signing_it_may_be_vacated_and_why_not_demolished(project):
    walk(project, "P1", *TO_SIGNED)
    offer = next_steps(project, "P1")
    assert names(offer.allowed())[0] == "VACATED"
    assert offer.versions == {"P1": 4}
    (problem,) = offer.step("DEMOLISHED", "actual").against["P1"]
    assert problem.code == "E-PHASE-ORDER" and "demolished needs vacated first" in str(problem.message)
    (twice,) = offer.step("SIGNED", "actual").against["P1"]
    assert twice.code == "E-EVENT-TWICE"
    assert "VACATED" in names(offer.allowed("planned")) and "DEMOLISHED" in names(offer.allowed("forecast"))


def test_the_day_decides(project):
    walk(project, "P1", *TO_SIGNED)  # signed on 2024-03-31
    early = next_steps(project, "P1", on=datetime.date(2024, 3, 30))
    assert "VACATED" not in names(early.allowed())
    assert [problem.code for problem in early.step("VACATED", "actual").against["P1"]] == ["E-PHASE-ORDER"]
    later = next_steps(project, "P1", on=TODAY + datetime.timedelta(days=1))
    assert later.allowed() == [] and "VACATED" in names(later.allowed("planned"))


def test_one_building(project):
    walk(project, "P1", *TO_SIGNED)
    assert "VACATED" in names(next_steps(project, "P1", building="F1").allowed())
    assert "VACATED" not in names(next_steps(project, "P1", building="F3").allowed())  # it stands on P2
    record(project, Entered("P1", "VACATED", "2024-05-01", building="F1"))
    assert "DEMOLISHED" in names(next_steps(project, "P1", building="F1").allowed())
    assert "DEMOLISHED" not in names(next_steps(project, "P1").allowed())


def test_a_viewer_is_offered_nothing_and_told_why(project):
    offer = next_steps(as_user(project, "x", "viewer"), "P1")
    assert all(offer.allowed(kind) == [] for kind in KINDS_OF_DATE)
    assert offer.step("IDENTIFIED", "actual").against["P1"][0].code == "E-ROLE"


def test_several_parcels_share_the_steps_that_all_may_have(project):
    walk(project, "P1", *TO_SIGNED)
    walk(project, "P2", "IDENTIFIED", "PLANNED")
    offer = next_steps(project, ("P1", "P2"))
    assert names(offer.allowed()) == ["PAUSED", "WITHDRAWN"]
    assert set(offer.step("VACATED", "actual").against) == {"P2"}  # which parcel stands against it
    assert set(offer.step("SIGNED", "actual").against) == {"P1", "P2"}
    assert offer.versions == {"P1": 4, "P2": 2}


# many at once
def test_many_parcels_in_one_transaction(project):
    for parcel in ("P1", "P4", "P5"):
        walk(project, parcel, *TO_SIGNED)
    before = project.store.head().seq
    photo = evidence_file(r"C:\Users\li\照片.jpg", b"\xff\xd8\xff jpeg")
    entered = Entered(("P1", "P4", "P5"), "腾空", "2024-05-01", evidence=photo, note="五月", uuid="u1")
    lines = record(project, entered, version={"P1": 4, "P4": 4, "P5": 4})
    assert [(line.seq, line.parcel_id, line.version) for line in lines] == [
        (before + 1, "P1", 5), (before + 2, "P4", 5), (before + 3, "P5", 5),
    ]  # fmt: skip
    assert len({line.recorded_at for line in lines}) == 1
    assert {(line.evidence, line.more["sha256"], line.note) for line in lines} == {("照片.jpg", photo.sha256, "五月")}
    assert project.store.evidence(photo.sha256).content == b"\xff\xd8\xff jpeg"
    assert record(project, entered, version={"P1": 4, "P4": 4, "P5": 4}) == lines  # a double click
    assert record(project, entered) == lines  # a form that is sent again after signing in again
    assert project.store.head().seq == before + 3


def test_one_parcel_that_may_not_stops_all(project):
    walk(project, "P1", *TO_SIGNED)
    walk(project, "P2", "IDENTIFIED")
    before = project.store.head()
    with pytest.raises(RegisterRefused) as refused:
        record(project, Entered(("P1", "P2", "P9"), "VACATED", "2024-09-01"))
    assert [(p.code, p.id) for p in refused.value.problems] == [("E-PARCEL-UNKNOWN", "P9")]
    with pytest.raises(RegisterRefused) as refused:
        record(project, Entered(("P1", "P2"), "VACATED", "2024-09-01"))
    assert {problem.id for problem in refused.value.problems} == {"P2"}
    assert project.store.head() == before


def test_one_stale_parcel_stops_all_and_names_who(project):
    for parcel in ("P1", "P4"):
        walk(project, parcel, *TO_SIGNED)
    record(as_user(project, "zhang", "officer"), Entered("P4", "VACATED", "2024-05-02"))
    before = project.store.head()
    with pytest.raises(StaleParcel, match="zhang recorded this on P4") as stale:
        record(project, Entered(("P1", "P4"), "VACATED", "2024-05-01"), version={"P1": 4, "P4": 4})
    assert [problem.id for problem in stale.value.problems] == ["P4"]
    assert project.store.head() == before


def test_uploaded_evidence_has_the_same_limit(tmp_path):
    with pytest.raises(InputRefused, match="more than 100000000"):
        evidence_file("a.zip", bytes(EVIDENCE_LIMIT + 1))
    assert evidence_file("../../etc/pass\nwd", b"x").name == "passwd"
    assert evidence_file("", b"x").name == "evidence"


# conflicts
def test_a_conflict_field_by_field(project):
    walk(project, "P1", *TO_SIGNED)
    zhang = as_user(project, "zhang", "officer")
    theirs = record(zhang, Entered("P1", "VACATED", "2024-05-02", note="已断水电"))[0]
    mine = Entered("P1", "VACATED", "2024-05-01", evidence=evidence_file("验收单.pdf", b"%PDF"))
    conflict = compare_entry(project, mine, 4)
    assert [(d.field, d.seen, d.now, d.entered, d.by, d.line) for d in conflict.differences] == [
        ("occurred_on", None, "2024-05-02", "2024-05-01", "zhang", theirs.seq),
        ("evidence", None, None, "验收单.pdf", "zhang", theirs.seq),
        ("note", None, "已断水电", None, "zhang", theirs.seq),
    ]
    assert {d.at for d in conflict.differences} == {theirs.recorded_at}
    assert conflict.versions == {"P1": 5}
    assert [problem.code for problem in conflict.problems] == ["E-EVENT-TWICE"]  # correct theirs, if it is wrong
    same = compare_entry(project, Entered("P1", "VACATED", "2024-05-02"), 4)
    assert not conflict.allowed and not same.allowed and same.problems == ()  # it is there, with another note


def test_a_conflict_that_leaves_the_entry_possible_is_retried_at_once(project):
    walk(project, "P1", *TO_SIGNED)
    record(project, Entered("P1", "VACATED", "2024-06-01", kind="planned"))
    zhang = as_user(project, "zhang", "officer")
    plan = record(zhang, Entered("P1", "VACATED", "2024-07", kind="planned"))[0]
    mine = Entered("P1", "VACATED", "2024-05-01")
    with pytest.raises(StaleParcel):
        record(project, mine, version=5)
    conflict = compare_entry(project, mine, {"P1": 5})
    assert [(d.kind, d.field, d.seen, d.now, d.entered, d.by, d.line) for d in conflict.differences] == [
        ("planned", "occurred_on", "2024-06-01", "2024-07", None, "zhang", plan.seq),
        ("actual", "occurred_on", None, None, "2024-05-01", None, None),
    ]
    assert conflict.problems == () and conflict.allowed
    (line,) = record(project, mine, version=conflict.versions)
    assert (line.occurred_on, line.version) == ("2024-05-01", 7)


def test_a_cancellation_and_an_approval_are_told_too(project):
    lines = walk(project, "P1", *TO_SIGNED)
    chen = as_user(project, "chen", "approver")
    gone = undo(chen, lines[3:], why="签错了")[0]
    from landgis.workflow.recording import approve

    nod = approve(chen, lines[2].seq)
    conflict = compare_entry(project, Entered("P1", "VACATED", "2024-05-01"), 4)
    told = [(d.milestone, d.field, d.seen, d.now, d.by, d.line) for d in conflict.differences]
    assert ("SIGNED", "occurred_on", "2024-03-31", None, "chen", gone.seq) in told
    assert (None, "action", None, "approve", "chen", nod.seq) in told
    assert [problem.code for problem in conflict.problems] == ["E-PHASE-ORDER"]


# undoing
def test_undoing_puts_everything_back_in_one_go(project):
    for parcel in ("P1", "P4"):
        walk(project, parcel, *TO_SIGNED)
    was = {parcel: next_steps(project, parcel).allowed() for parcel in ("P1", "P4")}
    lines = record(project, Entered(("P1", "P4"), "VACATED", "2024-05-01", uuid="u"))
    assert may_undo(project, lines)
    undone = undo(project, lines, why="撤销")
    assert [(line.action, line.corrects, line.more["why"]) for line in undone] == [
        ("cancel", line.seq, "撤销") for line in reversed(lines)
    ]
    assert {parcel: next_steps(project, parcel).allowed() for parcel in ("P1", "P4")} == was
    assert {line.seq for line in undo(project, lines, why="撤销")} == {line.seq for line in undone}  # a double click
    assert project.store.head().seq == undone[-1].seq
    assert list(verify(project.store.entries())) == []


def test_undoing_a_correction_restores_what_the_line_said(project):
    line = record(project, Entered("P1", "IDENTIFIED", "2024-06", evidence=evidence_file("a.pdf", b"a")))[0]
    other = correct(project, Change(line.seq, "evidence", "a.pdf", evidence_file("b.pdf", b"b"), "错了"))
    assert (other.evidence, other.more["sha256"]) == ("b.pdf", evidence_file("b.pdf", b"b").sha256)
    assert project.store.evidence(other.more["sha256"]).content == b"b"
    dated = correct(project, Change(line.seq, "occurred_on", "2024-06", "2024-05-31", "查到了"))
    (back,) = undo(project, [dated], why="撤销")
    assert (back.action, back.occurred_on, back.precision, back.evidence) == ("correct", "2024-06-01", "month", "b.pdf")
    with pytest.raises(StaleParcel, match=f"li changed line {line.seq}"):
        undo(project, [other], why="撤销")  # something else was said of the event since
    bare = correct(project, Change(line.seq, "evidence", "b.pdf", "", "不是这份"))
    assert bare.evidence is None and "sha256" not in bare.more


def test_undoing_is_refused_where_others_built_on_it(project):
    lines = walk(project, "P1", *TO_SIGNED)
    walk(project, "P4", *TO_SIGNED)
    both = record(project, Entered(("P1", "P4"), "VACATED", "2024-05-01"))
    record(as_user(project, "zhang", "officer"), Entered("P1", "DEMOLISHED", "2024-06-01"))
    before = project.store.head()
    with pytest.raises(RegisterRefused, match="demolished needs vacated first"):
        undo(project, both, why="撤销")
    assert project.store.head() == before and len(lines) == 4


def test_a_demolition_is_undone_by_an_approver_only(project):
    lines = walk(project, "P1", *TO_SIGNED, "VACATED", "DEMOLISHED")[-1:]
    wang = as_user(project, "wang", "officer")
    assert not may_undo(wang, lines) and may_undo(as_user(project, "chen", "approver"), lines)
    with pytest.raises(RegisterRefused, match="takes the role approver"):
        undo(wang, lines, why="撤销")
    assert not may_undo(as_user(project, "x", "viewer"), walk(project, "P4", "IDENTIFIED"))


def test_as_much_of_a_day_as_is_known():
    assert [day_shown("2024-02-01", precision) for precision in ("day", "month", "year")] == [
        "2024-02-01", "2024-02", "2024",
    ]  # fmt: skip


# what always holds
ZONE = Zone(
    parcels=[("P1", "K1", "GOV_ACQ", None, 2000.0), ("P2", "K1", "RELET", None, 600.0), ("P3", "K1", None, None, 800.0),
             ("P4", "K1", "VILLAGE", "查封", 1200.0), ("P5", "K1", "SELF", None, 900.0)],
    buildings=[("B1", "P1", 100.0, 0, 1), ("B2", "P1", 300.0, 0, 1), ("B3", "P3", 50.0, 0, 1)],
)  # fmt: skip


class QuickStore(MemoryStore):
    """A store that looks its parcels up once: the land does not change here."""

    def facts(self, parcel_id):
        if parcel_id not in FACTS:
            FACTS[parcel_id] = super().facts(parcel_id)
        return FACTS[parcel_id]


FACTS: dict = {}
FIRST = opened(ZONE, QuickStore(Clock()))
START = datetime.date(2026, 1, 1)


def again(project: Project) -> Project:
    """The same register once more, so that a try leaves the first as it was."""
    store = copy.copy(project.store)
    store._lines, store._files = list(project.store._lines), dict(project.store._files)
    made = Project(store, project.actor, project.today)
    made.__dict__["life"] = project.life  # worked out once
    return made


tries = st.lists(
    st.tuples(
        st.sampled_from(["P1", "P2", "P3", "P4", "P5"]), st.sampled_from([*MILESTONES]), st.integers(0, 175),
        st.sampled_from(["actual", "actual", "actual", "planned", "forecast"]), st.sampled_from([None, None, "B1", "B2"]),
    ),
    max_size=25,
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    tries=tries,
    ahead=st.integers(0, 8),
    parcels=st.sets(st.sampled_from(["P1", "P2", "P3", "P4", "P5"]), min_size=1, max_size=2),
    on=st.integers(150, 182),
    building=st.sampled_from([None, None, None, "B1", "B3"]),
)
def test_what_is_offered_is_taken_and_nothing_else(tries, ahead, parcels, on, building):
    project = again(FIRST)
    for step in list(MILESTONES)[:ahead]:  # a part of the way, so that late steps are reached too
        with_them = Entered("P1", step, (START + datetime.timedelta(days=ahead)).isoformat(), note="reason")
        try_to(project, with_them)
    for parcel, milestone, day, kind, one in tries:
        on_day = (START + datetime.timedelta(days=day)).isoformat()
        try_to(project, Entered(parcel, milestone, on_day, one if parcel == "P1" else None, kind, note="reason"))
    day = START + datetime.timedelta(days=on)
    offer = next_steps(project, sorted(parcels), on=day, building=building)
    assert len(offer.steps) == len(MILESTONES) * len(KINDS_OF_DATE)
    paper = evidence_file("a.pdf", b"%PDF")
    for milestone, kind in itertools.product(MILESTONES, KINDS_OF_DATE):
        step, tried = offer.step(milestone, kind), again(project)
        before = tried.store.head().seq
        entered = Entered(tuple(sorted(parcels)), milestone, day.isoformat(), building, kind, paper, "reason")
        if step.allowed:
            lines = record(tried, entered, version=offer.versions)
            assert tried.store.head().seq == before + len(lines) == before + len(parcels) - len(step.already)
        elif step.against:
            with pytest.raises(RegisterRefused) as refused:
                record(tried, entered, version=offer.versions)
            assert {problem.id for problem in refused.value.problems} == set(step.against)
        else:  # it says the same as is there
            assert [line.seq for line in record(tried, entered)] == list(step.already.values())
        assert tried.store.head().seq == before or step.allowed


def try_to(project: Project, entered: Entered) -> None:
    try:
        record(project, entered)
    except RegisterRefused as refused:
        assert refused.problems


def test_the_offer_of_a_role_is_what_it_may_do():
    for role in ("viewer", "officer", "approver", "administrator"):
        somebody = Project(again(FIRST).store, Actor("x", role), FIRST.today)
        offered = bool(next_steps(somebody, "P1").allowed())
        if offered:
            assert record(somebody, Entered("P1", "IDENTIFIED", "2026-06-01"))
        else:
            with pytest.raises(RegisterRefused):
                record(somebody, Entered("P1", "IDENTIFIED", "2026-06-01"))
    assert next_steps(FIRST, "P1").allowed()
