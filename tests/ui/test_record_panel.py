"""The recording form: what it offers, what a press of a button does, conflicts and undoing; run without a browser."""

import datetime

import pytest
from streamlit.testing.v1 import AppTest

from landgis.roles import Actor
from landgis.store.base import User
from landgis.store.passwords import hashed
from landgis.ui.server import SESSION_COOKIE, Server, serve_from
from landgis.workflow.project import Project
from landgis.workflow.recording import Entered, evidence_file, record
from tests.made_project import Clock, as_user, make_project, walk

TO_SIGNED = ("IDENTIFIED", "PLANNED", "NEGOTIATED", "SIGNED")
SCRIPT = """
import streamlit as st
from landgis.roles import Actor
from landgis.ui.here import Here, asked_now
from landgis.ui.record_panel import show_record
from landgis.ui.server import current
from landgis.ui.words import Words
from landgis.workflow.project import Project

project = Project(current().store, Actor({name!r}, {role!r}))
st.session_state["here"] = at = Here(project, current().zone(project), asked_now(project.today()), Words({lang!r}))
show_record(at, {parcels!r})
"""


@pytest.fixture
def project(tmp_path):
    made = make_project(
        tmp_path, clock=Clock(), today=datetime.date.today(), renovation_mode=["GOV_ACQ"] * 5 + ["VILLAGE"]
    )
    serve_from(Server(str(tmp_path / "project"), nobody="li"))
    return made


def panel(*parcels, name="li", role="officer", lang="zh_CN") -> AppTest:
    test = AppTest.from_string(
        SCRIPT.format(name=name, role=role, lang=lang, parcels=parcels), default_timeout=60
    ).run()
    assert not test.exception, [one.value for one in test.exception]
    return test


def key(test, name):
    """The widget whose key begins so; the keys of a form end in its turn."""
    for kind in (test.button, test.selectbox, test.date_input, test.text_area, test.button_group, test.file_uploader):
        for one in kind:
            if one.key and one.key.startswith(name):
                return one
    return None


def press(test, name):
    key(test, name).click().run()
    assert not test.exception, [one.value for one in test.exception]


def said(test):
    return [one.value for kind in (test.success, test.info, test.warning, test.error) for one in kind]


def lines_of(project, parcel):
    return list(project.store.entries(parcel_id=parcel))


def test_only_allowed_steps_are_offered_and_the_next_is_chosen(project):
    walk(project, "P1", *TO_SIGNED)
    test = panel("P1")
    step = key(test, "record_step")
    assert step.value == "VACATED" and step.options == ["腾空", "暂停", "退出"]
    (why,) = test.dataframe
    refused = why.value
    assert "拆除" in list(refused.iloc[:, 0]) and "腾空" not in list(refused.iloc[:, 0])


def test_one_press_records_five_parcels_today(project):
    five = ("P1", "P2", "P3", "P4", "P5")
    for parcel in five:
        walk(project, parcel, *TO_SIGNED)
    test = panel(*five)
    assert key(test, "record_step").value == "VACATED"
    press(test, "record_confirm")
    made = [lines_of(project, parcel)[-1] for parcel in five]
    assert {(line.milestone, line.kind, line.occurred_on, line.recorded_by) for line in made} == {
        ("VACATED", "actual", datetime.date.today().isoformat(), "li")
    }
    assert len({line.recorded_at for line in made}) == 1
    assert len(test.success) == 1 and "5" in test.success[0].value
    assert key(test, "record_confirm") is None  # a second click finds nothing to press
    press(test, "record_undo")
    assert [lines_of(project, parcel)[-1].action for parcel in five] == ["cancel"] * 5
    assert lines_of(project, "P1")[-1].more["why"]
    assert key(test, "record_step").value == "VACATED"


def test_day_note_and_evidence(project):
    test = panel("P1", lang="en")
    key(test, "record_day").set_value(datetime.date(2024, 3, 1)).run()
    key(test, "record_note").set_value("  public notice ").run()
    press(test, "record_confirm")
    (line,) = lines_of(project, "P1")
    assert (line.milestone, line.occurred_on, line.note) == ("IDENTIFIED", "2024-03-01", "public notice")
    assert "identified" in test.success[0].value
    press(test, "record_more")
    assert not test.success and not key(test, "record_note").value and key(test, "record_step").value == "PLANNED"


def test_a_plan(project):
    test = panel("P1")
    key(test, "record_kind").set_value("planned").run()
    key(test, "record_day_planned").set_value(datetime.date(2030, 1, 31)).run()
    key(test, "record_step").set_value("SIGNED").run()
    press(test, "record_confirm")
    (line,) = lines_of(project, "P1")
    assert (line.milestone, line.kind, line.occurred_on) == ("SIGNED", "planned", "2030-01-31")


def test_a_pause_without_a_reason_is_refused_and_nothing_typed_is_lost(project):
    test = panel("P1")
    key(test, "record_day").set_value(datetime.date(2024, 3, 1)).run()
    key(test, "record_step").set_value("PAUSED").run()
    press(test, "record_confirm")
    assert lines_of(project, "P1") == [] and len(test.error) == 1 and "REASON" in test.error[0].value
    assert key(test, "record_day").value == datetime.date(2024, 3, 1) and key(test, "record_step").value == "PAUSED"
    key(test, "record_note").set_value("资金未到位").run()
    press(test, "record_confirm")
    assert lines_of(project, "P1")[0].note == "资金未到位"


def test_one_building(project):
    walk(project, "P1", *TO_SIGNED)
    test = panel("P1")
    assert key(test, "record_building").options[1:] == ["F1", "F2"]
    key(test, "record_building").set_value("F2").run()
    press(test, "record_confirm")
    assert lines_of(project, "P1")[-1].building_id == "F2"


def test_a_viewer_is_offered_nothing(project):
    test = panel("P1", name="x", role="viewer")
    assert key(test, "record_confirm") is None and len(test.info) == 1 and "x" in test.info[0].value


def test_an_unknown_parcel_is_said(project):
    test = panel("P9")
    assert len(test.error) == 1 and "P9" in test.error[0].value


def test_the_second_officer_sees_field_by_field_what_the_first_wrote(project):
    walk(project, "P1", *TO_SIGNED)
    first, second = panel("P1", name="zhang"), panel("P1", name="wang")
    key(first, "record_note").set_value("已断水电").run()
    press(first, "record_confirm")
    before = project.store.head()
    press(second, "record_confirm")
    assert project.store.head() == before  # nothing was overwritten
    assert len(second.warning) == 1 and key(second, "record_retry") is None  # it is recorded already
    table = second.dataframe[0].value
    assert "zhang" in table.to_string() and "已断水电" in table.to_string()
    today = datetime.date.today().isoformat()
    assert [today in text for text in table.iloc[0].astype(str)].count(True) == 2  # there now, and what is entered
    press(second, "record_leave")
    assert not second.warning and key(second, "record_step").value == "DEMOLISHED"


def test_a_conflict_that_leaves_the_step_possible_is_retried_with_one_click(project):
    for parcel in ("P1", "P2"):
        walk(project, parcel, *TO_SIGNED)
    test = panel("P1", "P2", name="wang")
    record(as_user(project, "zhang", "officer"), Entered("P2", "VACATED", "2030-01-01", kind="planned"))
    press(test, "record_confirm")
    assert [lines_of(project, parcel)[-1].recorded_by for parcel in ("P1", "P2")] == ["li", "zhang"]
    assert "zhang" in test.dataframe[0].value.to_string()
    press(test, "record_retry")
    assert [lines_of(project, parcel)[-1].recorded_by for parcel in ("P1", "P2")] == ["wang", "wang"]
    assert len(test.success) == 1


def test_a_double_click_records_once(project):
    """The second press arrives with the form that the first one was on."""
    from landgis.ui import record_panel
    from landgis.ui.here import Here
    from landgis.ui.words import Words
    from landgis.workflow.zone import read_zone

    walk(project, "P1", *TO_SIGNED)
    state = {}
    zone = read_zone(project)
    at = Here(Project(project.store, Actor("li", "officer")), zone, None, Words("en"))
    form = record_panel.Form(("P1",), "0123", {"P1": 4})
    entered = Entered(("P1",), "VACATED", "2024-05-01", uuid=form.uuid)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(record_panel.st, "session_state", state)
        record_panel._record(at, form, entered)
        record_panel._record(at, form, entered)
    assert len(lines_of(project, "P1")) == 5 and state[record_panel.FORM].said.what == "record"


def test_a_sign_in_that_ends_loses_nothing_and_records_once(project, monkeypatch):
    """The clock of the visits runs on while the form is open; only the way of the cookie is shortened."""
    walk(project, "P1", *TO_SIGNED)
    for name in ("chen", "wang"):
        project.store.save_user(User(name, "administrator" if name == "chen" else "officer", hashed("secret")), by="li")
    clock = [0.0]
    server = serve_from(Server(project.store.where, now=lambda: clock[0]))
    token = server.sign_in("wang", "secret")
    monkeypatch.setattr("landgis.ui.record_panel.visitor", lambda: server.who({SESSION_COOKIE: token}))
    test = panel("P1", name="wang")
    key(test, "record_day").set_value(datetime.date(2024, 5, 1)).run()
    key(test, "record_note").set_value("已断水电").run()
    clock[0] += 40 * 60
    press(test, "record_confirm")
    assert len(lines_of(project, "P1")) == 4 and "SIGN" in test.error[0].value
    token = server.sign_in("wang", "secret")
    again = panel("P1", name="wang")  # a new session of the page
    assert key(again, "record_note").value == "已断水电" and key(again, "record_day").value == datetime.date(2024, 5, 1)
    press(again, "record_confirm")
    press(test, "record_confirm")  # and the old window once more
    assert [(line.occurred_on, line.note) for line in lines_of(project, "P1")[4:]] == [("2024-05-01", "已断水电")]
    assert len(again.success) == 1 and len(test.success) == 1
    assert not key(panel("P1", name="wang"), "record_note").value  # it is kept no longer


def test_hostile_names_stay_text(project):
    from landgis.ui.here import safe

    walk(project, "P1", *TO_SIGNED)
    test = panel("P1", name="wang")
    record(as_user(project, "**z** ![](http://x/y.png)", "officer"), Entered(
        "P1", "PAUSED", "2024-06-01", note="<script>alert(1)</script>", evidence=evidence_file("a.pdf", b"x")))  # fmt: skip
    press(test, "record_confirm")
    for one in test.error:
        assert safe("![](http://x/y.png)") in one.value or "![](" not in one.value
    assert not any("<script>" in one.value for one in test.markdown)
