"""The dossier page, its short form and its print, run without a browser on the sample zone and on a small project."""

import datetime
import html
import re
import shutil

import pytest
from streamlit.testing.v1 import AppTest

from landgis.errors import RegisterRefused
from landgis.ui.dossier_charts import course_chart, score_chart
from landgis.ui.print_page import print_html, printed
from landgis.ui.server import Server, serve_from
from landgis.ui.words import Words
from landgis.workflow.dossier import dossier
from landgis.workflow.project import open_project
from landgis.workflow.recording import Change, Entered, correct, evidence_file, record
from landgis.workflow.zone import read_zone
from tests.made_project import PARCELS, TODAY, Clock, as_user, make_project, sample_template, walk

KEY = "330784001001GB00025"
TO_SIGNED = ("IDENTIFIED", "PLANNED", "NEGOTIATED", "SIGNED")
HOSTILE = '<script>alert("x")</script> ![](http://a/b.png) :red[y] $z$'
SCRIPT = """
import streamlit as st
from landgis.ui.here import Here, asked_now
from landgis.ui.server import current
from landgis.ui.words import Words

project = current().who({{}})
asked = asked_now(project.today())
st.session_state["here"] = at = Here(project, current().zone(project), asked, Words(asked.language))
{body}
"""
PAGE = "from landgis.ui.dossier_page import show\nshow()"
PANEL = "from landgis.ui.dossier_panel import show_dossier_panel\nshow_dossier_panel(at, at.asked.parcel)"


@pytest.fixture
def project(tmp_path):
    """Six parcels, one of them with hostile names."""
    made = make_project(
        tmp_path, clock=Clock(), today=datetime.date.today(), renovation_mode=["GOV_ACQ"] * 6,
        right_holder=[HOSTILE, *[None] * 5], address=["<b>路</b> 1 号", *[None] * 5],
    )  # fmt: skip
    serve_from(Server(str(tmp_path / "project"), nobody="li"))
    return made


def run(body, **link) -> AppTest:
    test = AppTest.from_string(SCRIPT.format(body=body), default_timeout=60)
    for name, value in link.items():
        test.query_params[name] = value
    test.run()
    assert not test.exception, [one.value for one in test.exception]
    return test


def texts(test):
    return [one.value for kind in (test.text, test.caption, test.subheader, test.markdown) for one in kind]


def widget(test, name):
    for kind in (test.button, test.selectbox, test.text_input):
        for one in kind:
            if one.key and one.key.startswith(name):
                return one
    return None


def press(test, name):
    widget(test, name).click().run()
    assert not test.exception, [one.value for one in test.exception]


# the page
def test_a_parcel_of_the_sample_zone(page):
    at = page("dossier", parcel=KEY, lang="en")
    assert not at.error and at.subheader[0].value == KEY
    assert "Old Changcheng" in texts(at) and "· floor area ratio 0.91 is below the standard 1.00" in texts(at)
    steps = next(one.value for one in at.dataframe if "demolished" in one.value.to_numpy())
    demolished = steps[steps.iloc[:, 0] == "demolished"].iloc[0].tolist()
    # planned for 2024-01-23, done on 2024-02-09 (events.csv)
    assert demolished[1:5] == ["Jan 23, 2024", "—", "Feb 9, 2024", "17 days late"]
    assert "拆除验收单 LCC-00025-2402" in demolished


def test_in_chinese(page):
    at = page("dossier", parcel=KEY)
    assert "老长城" in texts(at)
    assert any("腾空" in one.value.to_string() for one in at.dataframe)


def test_without_a_parcel(page):
    at = page("dossier")
    assert len(at.info) == 1 and not at.dataframe


def test_a_parcel_that_is_not_there(page):
    at = page("dossier", parcel="P9", lang="en")
    assert len(at.error) == 1 and "P9" in at.error[0].value


def test_an_earlier_moment_is_chosen_in_the_history(project):
    lines = walk(project, "P1", *TO_SIGNED)
    correct(project, Change(lines[3].seq, "occurred_on", "2024-03-31", "2024-04-02", "查错了"))
    at = run(PAGE, parcel="P1", lang="en")
    assert any("Apr 2, 2024" in one.value.to_string() for one in at.dataframe) and not at.warning
    chosen = widget(at, "dossier_known_P1")
    chosen.set_value(lines[3].recorded_at).run()
    assert not at.exception and len(at.warning) == 1
    tables = " ".join(one.value.to_string() for one in at.dataframe)
    assert "Mar 31, 2024" in tables and "Apr 2, 2024" not in tables


def test_hostile_names_are_text_only(project):
    record(project, Entered("P1", "PAUSED", "2024-03-01", note=HOSTILE, evidence=evidence_file(HOSTILE + ".jpg", b"x")))
    for body in (PAGE, PANEL):
        at = run(body, parcel="P1")
        marked = [one.value for kind in (at.markdown, at.caption, at.subheader, at.error, at.info) for one in kind]
        assert not any("script" in one or "![](" in one for one in marked)
        labels = [one.label for kind in (at.button, at.selectbox) for one in kind]
        assert not any("script" in one or "![](" in one for one in labels)
    assert any(HOSTILE in one for one in texts(at))


def test_a_correction_and_its_undoing(project):
    line = record(project, Entered("P1", "IDENTIFIED", "2024-01-01"))[0]
    at = run(PAGE, parcel="P1")
    press(at, "correct_confirm")
    assert len(at.error) == 1  # it lacks the day and the reason
    at.text_input[0].set_value("2024-01-03").run()
    widget(at, "correct_why").set_value("公示为准").run()
    press(at, "correct_confirm")
    last = list(project.store.entries(parcel_id="P1"))[-1]
    assert (last.action, last.corrects, last.occurred_on, last.more["why"]) == (
        "correct", line.seq, "2024-01-03", "公示为准",
    )  # fmt: skip
    assert len(at.success) == 1
    press(at, "dossier_undo")
    last = list(project.store.entries(parcel_id="P1"))[-1]
    assert (last.action, last.occurred_on) == ("correct", "2024-01-01")


def test_it_did_not_happen(project):
    record(project, Entered("P1", "IDENTIFIED", "2024-01"))
    at = run(PAGE, parcel="P1")
    widget(at, "correct_field").set_value("cancel").run()
    widget(at, "correct_why").set_value("登错了").run()
    press(at, "correct_confirm")
    last = list(project.store.entries(parcel_id="P1"))[-1]
    assert (last.action, last.more["why"]) == ("cancel", "登错了") and widget(at, "dossier_undo") is None


def test_a_line_that_somebody_changed_meanwhile_is_not_overwritten(project):
    line = record(project, Entered("P1", "IDENTIFIED", "2024-01-01"))[0]
    at = run(PAGE, parcel="P1")
    at.text_input[0].set_value("2024-01-03").run()
    widget(at, "correct_why").set_value("公示为准").run()
    zhang = as_user(project, "zhang", "officer")
    correct(zhang, Change(line.seq, "occurred_on", "2024-01-01", "2024-01-05", "原件"))
    before = project.store.head()
    press(at, "correct_confirm")
    assert project.store.head() == before and "zhang" in at.error[0].value
    press(at, "correct_confirm")  # now that it has been shown, one click does it
    assert list(project.store.entries(parcel_id="P1"))[-1].occurred_on == "2024-01-03"


def test_the_button_opens_the_form(project):
    at = run(PAGE, parcel="P1")
    press(at, "dossier_record")
    assert widget(at, "record_confirm") is not None and widget(at, "record_step").value == "IDENTIFIED"


def test_pictures(project):
    sent = evidence_file("现场](http://a/b).jpg", b"picture")
    record(project, Entered("P1", "IDENTIFIED", "2024-01-01", evidence=sent))
    at = run(PAGE, parcel="P1")
    (picture,) = [one.value for one in at.markdown if one.value.startswith("![")]
    assert picture.endswith(f"](/file/{sent.sha256})") and "](http" not in picture


# the short form
def test_the_panel_beside_the_map(project):
    walk(project, "P1", *TO_SIGNED)
    record(project, Entered("P1", "VACATED", "2024-05-01", kind="planned"))
    at = run(PANEL, parcel="P1", lang="en")
    late = (datetime.date.today() - datetime.date(2024, 5, 1)).days
    assert f"next planned: vacated, May 1, 2024 · overdue by {late:,} days" in texts(at)
    assert any(one.startswith("may be recorded now: vacated") for one in texts(at))
    assert "2 firms: E2, E1" in texts(at)
    press(at, "panel_record")
    assert widget(at, "record_step").value == "VACATED"


def test_the_panel_of_each_parcel(project):
    for parcel in PARCELS:
        at = run(PANEL, parcel=parcel)
        assert not at.error and any(parcel in one for one in texts(at))
    assert len(run(PANEL, parcel="P9").error) == 1


# charts
@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    shutil.copytree(sample_template(), folder := tmp_path_factory.mktemp("zone") / "p")
    project = open_project(str(folder), nobody="li", today=lambda: TODAY)
    return project, read_zone(project)


def test_charts_draw_what_is_known(sample):
    project, zone = sample
    words = Words("en")
    found = dossier(project, zone, KEY)
    option = course_chart(found.course, words)
    drawn = {one["name"]: {point[1]: point[0] for point in one["data"] if point[0]} for one in option["series"][1:]}
    for row in found.course.rows:
        for kind, points in drawn.items():
            day = getattr(row, kind)
            assert points.get(words.milestone(row.milestone)) == (day and day.isoformat())
    spans = [point for point in option["series"][0]["data"] if point[0]]
    assert ["2023-12-02", "vacated"] in spans and ["2023-12-19", "vacated"] in spans  # 17 days late
    assert [TODAY.isoformat(), "started"] in spans  # overdue until now
    bars = score_chart(found.score, words)
    assert [bar["value"] for bar in bars["series"][0]["data"]] == [
        round(value, 1) for value in (found.score.score, *(part.score for part in found.score.parts))
    ]
    bare = next(parcel for parcel in zone.parcel_ids if not dossier(project, zone, parcel).history)
    assert course_chart(dossier(project, zone, bare).course, words) is None


# print
def test_print_has_every_value_escaped(project):
    record(
        project, Entered("P1", "PAUSED", "2024-03-01", note=HOSTILE, evidence=evidence_file("图.jpg", b"\xff\xd8\xff"))
    )
    page = printed(project, "P1", Words("zh_CN"))
    assert "<script" not in page and html.escape(HOSTILE) in page and html.escape("<b>路</b> 1 号") in page
    assert page.startswith('<!doctype html><html lang="zh-CN">') and "http-equiv" not in page
    assert not re.findall(r"(?:src|href|url)\s*[=(]\s*[\"']?(?:https?:)?//", page.replace(html.escape(HOSTILE), ""))
    digest = evidence_file("图.jpg", b"\xff\xd8\xff").sha256
    assert re.findall(r"<img [^>]*>", page) == [f'<img src="/file/{digest}" alt="图.jpg">']
    with pytest.raises(RegisterRefused):
        printed(project, "P9", Words("en"))


def test_print_has_every_row(sample):
    project, zone = sample
    found = dossier(project, zone, KEY)
    page = print_html(found, Words("en"))
    for fact in found.facts:
        assert html.escape(fact.title) in page
    for one in found.occupants:
        assert page.count(f"<td>{one.enterprise_id}</td>") == len(one.rows)
    for line in found.history:
        assert f"<td>{line.entry.seq}</td>" in page
    assert page.count("<table") == page.count("</table>") == 6  # no notes
