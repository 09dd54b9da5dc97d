"""Recording, correcting, cancelling, approving: what the register takes, and how it says no."""

import hashlib

import pytest

from landgis.errors import InputRefused, RegisterRefused, StaleParcel
from landgis.phases.ledger import verify
from landgis.workflow.asking import parcel_lines, write_evidence
from landgis.workflow.recording import Change, Entered, approve, cancel, correct, record
from tests.made_project import Clock, as_user, make_project, walk

TO_SIGNED = ("IDENTIFIED", "PLANNED", "NEGOTIATED", "SIGNED")


@pytest.fixture
def project(tmp_path):
    return make_project(
        tmp_path, clock=Clock(), renovation_mode=["GOV_ACQ", "SELF", "REMEDIATE", None, None, "VILLAGE"]
    )


def codes(refused):
    return [problem.code for problem in refused.value.problems]


def test_a_step_and_its_version(project):
    line = record(project, Entered("P1", "低效认定", "2026年3月1日", note="公示"))[0]
    assert (line.milestone, line.occurred_on, line.precision, line.kind, line.version) == (
        "IDENTIFIED", "2026-03-01", "day", "actual", 1,
    )  # fmt: skip
    assert (line.recorded_by, line.note, line.recorded_at) == ("li", "公示", "2026-01-01T00:00:01.000000Z")


def test_a_missing_step_is_refused_when_typed_in(project):
    walk(project, "P1", "IDENTIFIED", "NEGOTIATED")
    before = project.store.head()
    with pytest.raises(RegisterRefused, match="demolished needs vacated first") as refused:
        record(project, Entered("P1", "DEMOLISHED", "2024-09-01"))
    assert codes(refused) == ["E-PHASE-ORDER"]
    assert project.store.head() == before


def test_the_same_again_is_the_same_line(project):
    first = record(project, Entered("P1", "IDENTIFIED", "2024-01-01"))
    assert record(project, Entered("P1", "IDENTIFIED", "2024-01-01")) == first
    assert project.store.head().seq == first[0].seq


def test_only_a_month_is_known(project):
    line = record(project, Entered("P1", "IDENTIFIED", "2024.6"))[0]
    assert (line.occurred_on, line.precision) == ("2024-06-01", "month")


@pytest.mark.parametrize(
    ("entered", "code"),
    [
        (Entered("P9", "SIGNED", "2024-01-01"), "E-PARCEL-UNKNOWN"),
        (Entered("P1", "搬走了", "2024-01-01"), "E-PHASE-UNKNOWN"),
        (Entered("P1", "IDENTIFIED", "2024-13-01"), "E-DATE"),
        (Entered("P1", "IDENTIFIED", "2026-11-22"), "E-DATE-FUTURE"),
        (Entered("P1", "IDENTIFIED", "2024-01-01", kind="perhaps"), "E-CHOICE"),
        (Entered("P3", "GRANTED", "2024-01-01"), "E-PHASE-PATH"),
        (Entered("P1", "PAUSED", "2024-01-01"), "E-REASON"),
        (Entered("P1", "IDENTIFIED", "2024-01-01", building="F1"), "E-LEVEL"),
    ],
)
def test_refusals(project, entered, code):
    with pytest.raises(RegisterRefused) as refused:
        record(project, entered)
    assert code in codes(refused)


def test_a_block_step_reaches_every_parcel_whose_mode_has_it(project):
    for parcel in ("P1", "P2", "P3"):
        record(project, Entered(parcel, "IDENTIFIED", "2024-01-01"))
    lines = record(project, Entered("B1", "方案批复", "2024-02-01"))
    assert [line.parcel_id for line in lines] == ["P1", "P2", "P3"]
    assert {line.occurred_on for line in lines} == {"2024-02-01"}


def test_a_block_step_leaves_out_who_has_it_or_has_left(project):
    for parcel in ("P1", "P2", "P3"):
        record(project, Entered(parcel, "IDENTIFIED", "2024-01-01"))
    record(project, Entered("P1", "PLANNED", "2024-01-15"))
    record(project, Entered("P2", "WITHDRAWN", "2024-01-20", note="权属有争议"))
    assert [line.parcel_id for line in record(project, Entered("B1", "PLANNED", "2024-02-01"))] == ["P3"]


def test_evidence_is_kept_once_and_comes_back(project, tmp_path):
    paper = tmp_path / "协议.pdf"
    paper.write_bytes(b"signed" * 1000)
    walk(project, "P1", "IDENTIFIED", "NEGOTIATED")
    line = record(project, Entered("P1", "SIGNED", "2024-05-01", evidence=str(paper)))[0]
    assert line.evidence == "协议.pdf"
    assert line.more["sha256"] == hashlib.sha256(b"signed" * 1000).hexdigest()
    assert write_evidence(project, line.seq, tmp_path / "out.pdf") == "协议.pdf"
    assert (tmp_path / "out.pdf").read_bytes() == b"signed" * 1000
    with pytest.raises(InputRefused, match="cannot be read"):
        record(project, Entered("P1", "VACATED", "2024-06-01", evidence=str(tmp_path / "absent.pdf")))


def test_the_second_officer_is_told_what_the_first_wrote(project):
    seen = record(project, Entered("P1", "IDENTIFIED", "2024-01-01"))[0].version
    record(as_user(project, "zhang", "officer"), Entered("P1", "NEGOTIATED", "2024-02-01"), version=seen)
    before = project.store.head()
    with pytest.raises(StaleParcel, match=r"zhang recorded this on P1 at 2026.*negotiated.*2024-02-01"):
        record(as_user(project, "wang", "officer"), Entered("P1", "NEGOTIATED", "2024-02-15"), version=seen)
    assert project.store.head() == before


def test_a_correction_names_the_old_value_and_keeps_it(project):
    lines = walk(project, "P1", *TO_SIGNED)
    corrected = correct(project, Change(lines[3].seq, "occurred_on", "2024-03-31", "2024-03-28", "typing error"))
    assert (corrected.action, corrected.corrects, corrected.occurred_on) == ("correct", lines[3].seq, "2024-03-28")
    assert corrected.more == {"field": "occurred_on", "old": "2024-03-31", "new": "2024-03-28", "why": "typing error"}
    assert [line.occurred_on for line in parcel_lines(project, "P1")][3] == "2024-03-31"  # the old line is as it was
    with pytest.raises(StaleParcel, match="says 2024-03-28 and not 2024-03-31; li wrote that"):
        correct(project, Change(lines[3].seq, "occurred_on", "2024-03-31", "2024-04-01", "me too"))
    again = correct(project, Change(lines[3].seq, "occurred_on", "2024-03-28", "2024-03-29", "once more"))
    assert again.corrects == lines[3].seq


def test_a_correction_is_judged_like_an_event(project):
    lines = walk(project, "P1", *TO_SIGNED)
    with pytest.raises(RegisterRefused, match="is before negotiated"):
        correct(project, Change(lines[3].seq, "occurred_on", "2024-03-31", "2024-02-28", "wrong"))
    with pytest.raises(RegisterRefused, match="a correction needs a reason"):
        correct(project, Change(lines[3].seq, "occurred_on", "2024-03-31", "2024-04-01", " "))
    with pytest.raises(RegisterRefused, match="no event that counts"):
        correct(project, Change(1, "occurred_on", "2024-03-31", "2024-04-01", "the import's line"))


def test_other_fields_can_be_corrected(project):
    line = record(project, Entered("P1", "IDENTIFIED", "2024-01-01", note="a"))[0]
    assert correct(project, Change(line.seq, "note", "a", "b", "name")).note == "b"
    assert correct(project, Change(line.seq, "kind", "actual", "计划", "was a plan")).kind == "planned"


def test_a_cancelled_event_never_happened_and_what_needs_it_is_named(project):
    lines = walk(project, "P1", *TO_SIGNED, "VACATED")
    with pytest.raises(RegisterRefused, match="vacated needs signed first"):
        cancel(project, lines[3].seq, old="2024-03-31", why="not signed")
    cancel(project, lines[4].seq, old="2024-04-30", why="not vacated")
    cancel(project, lines[3].seq, old="2024-03-31", why="not signed")
    with pytest.raises(RegisterRefused, match="vacated needs signed first"):
        record(project, Entered("P1", "VACATED", "2024-05-01"))
    assert list(verify(project.store.entries())) == []


def test_a_demolition_is_cancelled_by_an_approver_only(project):
    line = walk(project, "P1", *TO_SIGNED, "VACATED", "DEMOLISHED")[-1]
    with pytest.raises(RegisterRefused, match="takes the role approver"):
        cancel(as_user(project, "wang", "officer"), line.seq, old=line.occurred_on, why="wrong parcel")
    assert (
        cancel(as_user(project, "chen", "approver"), line.seq, old=line.occurred_on, why="wrong parcel").action
        == "cancel"
    )


def test_four_eyes(project):
    line = record(project, Entered("P1", "IDENTIFIED", "2024-01-01"))[0]
    with pytest.raises(RegisterRefused, match="cannot approve it too"):
        approve(project, line.seq)
    assert approve(as_user(project, "chen", "approver"), line.seq).corrects == line.seq


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("viewer", set()),
        ("officer", {"record"}),
        ("approver", {"record", "approve"}),
        ("administrator", {"record", "approve"}),
    ],
)
def test_roles(project, role, allowed):
    line = record(project, Entered("P4", "IDENTIFIED", "2024-01-01"))[0]
    somebody = as_user(project, "x", role)
    tasks = {
        "record": lambda: record(somebody, Entered("P5", "IDENTIFIED", "2024-01-01")),
        "approve": lambda: approve(somebody, line.seq),
    }
    for name, task in tasks.items():
        if name in allowed:
            assert task()
        else:
            with pytest.raises(RegisterRefused, match=f"x is {role} and may not"):
                task()


def test_buildings_one_by_one(project):
    walk(project, "P1", *TO_SIGNED)
    record(project, Entered("P1", "VACATED", "2024-05-01", building="F1"))
    record(project, Entered("P1", "DEMOLISHED", "2024-05-10", building="F1"))
    with pytest.raises(RegisterRefused, match="only 1 of 2 buildings"):
        record(project, Entered("P1", "DEMOLISHED", "2024-06-01"))
    record(project, Entered("P1", "VACATED", "2024-05-20", building="F2"))
    record(project, Entered("P1", "DEMOLISHED", "2024-06-01", building="F2"))
    record(project, Entered("P1", "CLEARED", "2024-07-01"))  # as all buildings fell, the parcel did
    with pytest.raises(RegisterRefused, match="building F3 is not on this parcel"):
        record(project, Entered("P1", "DEMOLISHED", "2024-06-01", building="F3"))
