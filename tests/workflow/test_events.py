"""Events from files: each row taken, already there, or refused with the rule that it breaks; nothing half taken."""

import json

import openpyxl
import pandas as pd
import pytest

from landgis.errors import InputRefused, LandgisError, RegisterRefused
from landgis.phases.ledger import verify
from landgis.workflow.asking import parcel_lines
from landgis.workflow.events import import_events
from landgis.workflow.recording import Change, Entered, correct, record
from tests.made_project import make_project, walk


@pytest.fixture
def project(tmp_path):
    return make_project(tmp_path)


def table(folder, rows, columns=("parcel_id", "milestone", "occurred_on"), name="events.csv"):
    path = folder / name
    pd.DataFrame(rows, columns=list(columns)).to_csv(path, index=False)
    return str(path)


def codes(error):
    return [problem.code for problem in error.value.problems]


def steps(project, parcel):
    return [(line.milestone, line.occurred_on) for line in parcel_lines(project, parcel)]


# the corpus, as its manifest says
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("x02_dates.xlsx", ["E-DATE row 2", "E-DATE row 5", "W-DATE-SERIAL", "W-DATE-FUTURE", "E-DATE-FUTURE row 6"]),
        ("x04_phase.xlsx", ["E-PHASE-ORDER row 2", "E-PHASE-UNKNOWN row 4", "E-PARCEL-UNKNOWN row 5"]),
        ("e03_overlap_intervals.csv", ["E-TIME-OVERLAP row 3"]),
        ("e04_inverted_interval.csv", ["E-TIME-INVERTED row 2"]),
        ("e05_tampered_ledger.jsonl", ["E-LEDGER-CHAIN row 2"]),
    ],
)
def test_a_corpus_file_that_is_refused_changes_nothing(project, hostile, name, words):
    before = project.store.head()
    with pytest.raises(InputRefused) as refused:
        import_events(project, str(hostile.path(name)))
    said = [f"{p.code} row {p.place.row}" if p.place.row else p.code for p in refused.value.problems]
    for word in words:
        assert word in said
    assert project.store.head() == before


def test_the_overlap_names_the_other_row(project, hostile):
    with pytest.raises(InputRefused, match="row 2 lasts from 2026-01-01 to 2026-03-01"):
        import_events(project, str(hostile.path("e03_overlap_intervals.csv")))


def test_the_row_that_is_right_is_the_only_one_not_refused(project, hostile):
    with pytest.raises(InputRefused) as refused:
        import_events(project, str(hostile.path("x04_phase.xlsx")))
    receipt = refused.value.receipt
    assert (receipt.read, receipt.rows_refused, receipt.taken, receipt.written) == (4, {2, 4, 5}, 0, False)
    receipt = import_events(project, str(hostile.path("x04_phase.xlsx")), set_aside=True)
    assert (receipt.read, receipt.taken, len(receipt.rows_refused)) == (4, 1, 3)
    assert steps(project, "P1") == [("SIGNED", "2026-03-02")]


def test_a_clock_that_goes_back_is_named_and_the_order_kept(project, hostile):
    receipt = import_events(project, str(hostile.path("e01_clock_back.csv")))
    assert [(p.code, p.message.values) for p in receipt.remarks if p.code == "W-CLOCK"] == [
        ("W-CLOCK", {"seconds": 60})
    ]
    assert steps(project, "P1") == [("SIGNED", "2026-01-02"), ("VACATED", "2026-02-02")]


def test_an_event_sent_twice_is_stored_once(project, hostile):
    receipt = import_events(project, str(hostile.path("e02_dup_event.csv")))
    assert (receipt.read, receipt.taken, receipt.already) == (2, 1, [(3, -2)])
    assert project.store.head().seq == 2
    again = import_events(project, str(hostile.path("e02_dup_event.csv")))
    assert (again.taken, again.already) == (0, [(2, 2), (3, 2)])


# what else offices send
def test_the_balance_and_the_gaps(project, tmp_path):
    rows = [("P1", "DEMOLISHED", "2024-05-01"), ("P2", "IDENTIFIED", "2024-01-01"), ("P2", "SIGNED", "2024-02-01")]
    receipt = import_events(project, table(tmp_path, rows))
    assert (receipt.read, receipt.taken, receipt.with_gaps, dict(receipt.gaps)) == (3, 3, 1, {"VACATED": 1})
    assert parcel_lines(project, "P1")[0].more["gaps"] == ["VACATED"]
    again = import_events(project, table(tmp_path, rows))
    assert (again.read, again.taken, len(again.already)) == (3, 0, 3)
    assert list(verify(project.store.entries())) == []


def test_one_bad_row_and_nothing_is_taken(project, tmp_path):
    before = project.store.head()
    rows = [("P1", "IDENTIFIED", "2024-01-01"), ("P1", "SIGNED", "2023-01-01")]
    with pytest.raises(RegisterRefused) as refused:
        import_events(project, table(tmp_path, rows))
    assert codes(refused) == ["E-PHASE-ORDER", "E-EVENTS"]
    assert project.store.head() == before


def test_a_row_against_the_register(project, tmp_path):
    walk(project, "P1", "IDENTIFIED", "PLANNED", "NEGOTIATED", "SIGNED")  # signed 2024-03-31
    with pytest.raises(RegisterRefused) as refused:
        import_events(project, table(tmp_path, [("P1", "VACATED", "2024-03-01"), ("P1", "SIGNED", "2024-04-01")]))
    assert codes(refused) == ["E-PHASE-ORDER", "E-EVENT-TWICE", "E-EVENTS"]
    assert "2024-03-31 (line 5)" in str(refused.value)


def test_repeated_parcels_and_typos_are_named(project, tmp_path):
    rows = [
        ("P1", "SIGNED", "2024-01-01"),
        ("P1", "SIGNED", "2024-01-05"),
        ("P1 ", "签约", "2024-01-01"),
        ("P11", "SIGNED", "2024-01-01"),
    ]
    with pytest.raises(RegisterRefused) as refused:
        import_events(project, table(tmp_path, rows))
    assert {(p.code, p.place.row) for p in refused.value.problems} == {
        ("E-EVENT-TWICE", 3), ("E-PARCEL-UNKNOWN", 5), ("E-EVENTS", None),
    }  # fmt: skip
    assert refused.value.receipt.already == [(4, -2)]


@pytest.mark.parametrize(
    ("written", "day", "precision"),
    [("2026年3月1日", "2026-03-01", "day"), ("2026/3/1", "2026-03-01", "day"), ("2026.3", "2026-03-01", "month"),
     ("2025", "2025-01-01", "year"), ("2026-03-01", "2026-03-01", "day"), (46000, "2025-12-09", "day")],
)  # fmt: skip
def test_dates_as_officers_write_them(project, tmp_path, written, day, precision):
    book = openpyxl.Workbook()
    for row in [["地块编号", "节点", "日期"], ["P1", "签约", written]]:
        book.active.append(row)
    book.save(tmp_path / "台账.xlsx")
    import_events(project, str(tmp_path / "台账.xlsx"))
    line = parcel_lines(project, "P1")[0]
    assert (line.occurred_on, line.precision) == (day, precision)


def test_a_wide_ledger_with_its_mapping(project, tmp_path):
    path = table(
        tmp_path,
        [("P1", "2024年1月5日", "2024.2", "2024/12/31"), ("P2", "2024-01-09", "", "")],
        ("地块编号", "签约日期", "腾空日期", "计划拆除"),
    )
    mapping = tmp_path / "m.toml"
    mapping.write_text(
        '[events]\nparcel_id = "地块编号"\nSIGNED = "签约日期"\nVACATED = "腾空日期"\n'
        'DEMOLISHED = { column = "计划拆除", kind = "planned" }\n',
        "utf-8",
    )
    receipt = import_events(project, path, mapping=str(mapping))
    assert (receipt.read, receipt.taken) == (4, 4)
    lines = parcel_lines(project, "P1")
    assert [(line.milestone, line.occurred_on, line.precision, line.kind) for line in lines] == [
        ("SIGNED", "2024-01-05", "day", "actual"), ("VACATED", "2024-02-01", "month", "actual"),
        ("DEMOLISHED", "2024-12-31", "day", "planned"),
    ]  # fmt: skip


def test_status_words_of_the_office(project, tmp_path):
    mapping = tmp_path / "m.toml"
    mapping.write_text(
        '[events]\nmilestone = { column = "状态", values = { "搬走了" = "VACATED", "已签" = "签约" } }\n', "utf-8"
    )
    path = table(tmp_path, [("P1", "已签", "2024-01-01"), ("P1", "搬走了", "2024-02-01")], ("地块编号", "状态", "日期"))
    assert import_events(project, path, mapping=str(mapping)).taken == 2
    assert steps(project, "P1") == [("SIGNED", "2024-01-01"), ("VACATED", "2024-02-01")]


def test_a_new_plan_takes_the_place_of_the_old_one(project, tmp_path):
    columns = ("parcel_id", "milestone", "occurred_on", "kind")
    import_events(
        project,
        table(tmp_path, [("P1", "SIGNED", "2027-01-01", "planned"), ("P1", "VACATED", "2027-02-01", "计划")], columns),
    )
    later = [("P1", "SIGNED", "2027-06-01", "planned"), ("P1", "VACATED", "2027-07-01", "planned")]
    assert import_events(project, table(tmp_path, later, columns)).taken == 2


def test_an_event_that_was_corrected_since_is_still_there_already(project, tmp_path):
    columns = ("event_uuid", "parcel_id", "milestone", "occurred_on")
    path = table(tmp_path, [("a", "P1", "SIGNED", "2024-01-01")], columns)
    import_events(project, path)
    correct(project, Change(2, "occurred_on", "2024-01-01", "2024-01-02", "typing error"))
    assert import_events(project, path).already == [(2, 2)]
    with pytest.raises(RegisterRefused, match="says something else"):
        import_events(project, table(tmp_path, [("a", "P2", "SIGNED", "2024-01-01")], columns))


def test_same_event_number_with_another_content_is_refused(project, tmp_path):
    rows = [("a", "P1", "SIGNED", "2024-01-01"), ("a", "P2", "SIGNED", "2024-01-01")]
    with pytest.raises(RegisterRefused) as refused:
        import_events(project, table(tmp_path, rows, ("event_uuid", "parcel_id", "milestone", "occurred_on")))
    assert "E-EVENT-ID" in codes(refused)


def test_a_ledger_exported_here_comes_in_there(project, tmp_path):
    from landgis.io.ledger_file import write_ledger

    walk(project, "P1", "IDENTIFIED", "PLANNED", "NEGOTIATED", "SIGNED")
    write_ledger(project.store.entries(), tmp_path / "l.jsonl", overwrite=False)
    (tmp_path / "other").mkdir()
    other = make_project(tmp_path / "other")
    assert import_events(other, str(tmp_path / "l.jsonl")).taken == 4
    assert steps(other, "P1") == steps(project, "P1")
    lines = (tmp_path / "l.jsonl").read_text("utf-8").splitlines()
    changed = json.loads(lines[2]) | {"occurred_on": "2020-01-01"}
    (tmp_path / "l.jsonl").write_text("\n".join([*lines[:2], json.dumps(changed), *lines[3:]]), "utf-8")
    with pytest.raises(InputRefused, match="line 3 of the ledger was changed"):
        import_events(other, str(tmp_path / "l.jsonl"))


def test_a_pause_in_the_file_stops_the_steps_in_it(project, tmp_path):
    columns = ("parcel_id", "milestone", "occurred_on", "note")
    rows = [("P1", "IDENTIFIED", "2024-01-01", ""), ("P1", "PAUSED", "2024-02-01", "资金"), ("P1", "SIGNED", "2024-03-01", ""),
            ("P1", "RESUMED", "2024-04-01", "到位"), ("P1", "VACATED", "2024-05-01", "")]  # fmt: skip
    with pytest.raises(RegisterRefused) as refused:
        import_events(project, table(tmp_path, rows, columns))
    first = refused.value.problems[0]
    assert (first.code, first.place.row) == ("E-PHASE-STOPPED", 4)


def test_only_approvers_import(project, tmp_path):
    from tests.made_project import as_user

    with pytest.raises(LandgisError, match="takes the role approver"):
        import_events(as_user(project, "wang", "officer"), table(tmp_path, [("P1", "SIGNED", "2024-01-01")]))


def test_what_an_officer_types_after_a_gap(project, tmp_path):
    import_events(project, table(tmp_path, [("P1", "DEMOLISHED", "2024-05-01")]))
    record(project, Entered("P1", "SIGNED", "2024-01-01"))  # the gap may be filled later, in order
    with pytest.raises(RegisterRefused, match="is after demolished"):
        record(project, Entered("P1", "VACATED", "2024-06-01"))
    record(project, Entered("P1", "VACATED", "2024-04-01"))
