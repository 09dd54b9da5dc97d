"""The ranked list, its reasons, its drafts, and the panel beside the map; run without a browser."""

import datetime

import geopandas as gpd
import pytest
from streamlit.testing.v1 import AppTest

from landgis.text import LANGUAGES
from landgis.ui.server import Server, serve_from
from landgis.workflow.importing import Layers, create_project
from landgis.workflow.project import open_project
from landgis.workflow.rescore import score_project
from tests.made_project import lot, make_project, walk
from tests.ui.conftest import run_page

IDLE = "330784001001GB00119"  # nobody is recorded on it, and it is the first of the block
CHECKED = ["score", "score_low", "score_high", "grade", "renovation_rank"]
AS_SOMEBODY = """
import streamlit as st
from landgis.roles import Actor
from landgis.ui.{module} import {function}
from landgis.ui.here import Here, asked_now
from landgis.ui.server import current
from landgis.ui.words import Words
from landgis.workflow.project import Project

known = current().who({{}})
project = Project(known.store, Actor("zhao", {role!r}))
st.session_state["here"] = at = Here(project, current().zone(project), asked_now(project.today()), Words("en"))
{function}({argument})
"""


def texts(test):
    return [one.value for one in test.text]


def labels(test):
    return [one.label for one in test.button]


def table(test):
    return test.dataframe[0].value


def ranked(test):
    """The rows that are to come; behind them stand those that are not, and why."""
    shown = table(test)
    return shown[shown["place"].notna()]


def table_key(test):
    return "ranking_table_" + test.dataframe[0].proto.id.rpartition("ranking_table_")[2]


def run_as(where, role, module="ranking_page", function="show", argument="") -> AppTest:
    serve_from(Server(str(where), nobody="zhao"))
    script = AS_SOMEBODY.format(role=role, module=module, function=function, argument=argument)
    test = AppTest.from_string(script, default_timeout=60).run()
    assert not test.exception, [one.value for one in test.exception]
    return test


@pytest.fixture(scope="module")
def block(sample_copy):
    """The parcels of 老长城 that are rated and not renovated, by the saved scores, worst first."""
    project = open_project(str(sample_copy), nobody="li")
    scores = project.store.scores()
    mine = scores[(scores["block_id"] == "LCC") & scores["renovation_rank"].notna()]
    done = {
        row[0]
        for row in project.store.columns(["parcel_id", "milestone", "kind"])
        if row[1:] == ("DEMOLISHED", "actual")
    }
    return mine[~mine["parcel_id"].isin(done)].sort_values(["renovation_rank", "parcel_id"]).set_index("parcel_id")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_block_in_its_order(page, block, language):
    test = page("ranking", block="LCC", lang=language)
    shown = ranked(test)
    first = block.index[:40].tolist()
    assert shown["parcel_id"].tolist()[:40] == first
    assert shown["score"].tolist()[:40] == block.loc[first, "score"].tolist()
    reasons = block.loc[first, "reasons_zh" if language == "zh_CN" else "reasons_en"]
    assert shown["reasons"].tolist()[:40] == reasons.tolist()
    assert any(str(len(shown)) in text for text in texts(test))
    assert not test.error and not test.warning


@pytest.mark.parametrize("link", [{}, {"block": "LCC"}, {"theme": "grade", "only_grade": "C,D"}, {"day": "2024-06-30"}])
def test_rows_are_as_many_as_the_legend_counts(page, link):
    test = page("ranking", lang="en", **link)
    pills = next(one for one in test.button_group if one.key == "ranking_legend")
    counted = {label: int(label.rsplit("**", 2)[1].replace(",", "")) for label in pills.options}
    chosen = pills.formatted_values or counted
    assert len(table(test)) == sum(counted[label] for label in chosen)


def test_only_what_the_legend_leaves(page):
    test = page("ranking", block="LCC", theme="grade", only_grade="D", lang="en")
    assert set(table(test)["grade"]) == {"D"}
    assert len(table(test)) < len(table(page("ranking", block="LCC", lang="en")))


def test_why(page):
    """Tenancy is not known, so intensity and output count a half each: 34.8 ÷ 2 points, and 0."""
    said = "\n".join(texts(page("ranking", block="LCC", parcel=IDLE, lang="en")))
    for sentence in (
        "17.4 points, between 13.9 and 73.9 whatever is missing",
        "intensity: 34.8 of 100 at a weight of 50% give 17.4 points and lose 32.6",
        "tenancy: not known, so its weight goes to the others",
        "output: 0.0 of 100 at a weight of 50% give 0.0 points and lose 50.0",
        "idle for 18 months (limit 12)",
        "floor area ratio 0.43 is below the standard 1.00",
        "no occupancy recorded: the score could move by up to 60.0 points",
        "of 2,000 random weightings near the official one",
    ):
        assert sentence in said
    assert "more floor area would lift it to grade C" in said
    assert "occupants fewer" not in said  # there is nobody who could leave


def test_a_link_to_a_parcel_of_no_score_says_so(page):
    test = page("ranking", parcel="nobody", lang="en")
    assert [one.value for one in test.info] == ["this parcel was not scored"]


def test_other_weights_are_a_draft(page, sample_copy):
    project = open_project(str(sample_copy), nobody="li")
    before = project.store.scores()
    test = page("ranking", block="LCC", lang="en")
    official = table(test)["score"].tolist()
    test.session_state["ranking_weights"] = True
    test.run()
    assert "these are the official weights; move a slider to see what would change" in [
        one.value for one in test.caption
    ]
    for part, weight in (("intensity", 80), ("tenancy", 10), ("output", 10)):
        test.slider(key=f"ranking_weight_{part}").set_value(weight)
    test.run()
    assert not test.exception
    draft = next(one.value for one in test.dataframe if "official_score" in one.value)
    assert draft["place"].tolist() == sorted(draft["place"])
    assert draft["score"].tolist() != draft["official_score"].tolist()
    assert any("another rank" in text for text in texts(test))
    shown = next(one.value for one in test.dataframe if "reasons" in one.value)
    assert shown["score"].tolist() == official
    after = project.store.scores()
    assert after[CHECKED].equals(before[CHECKED])
    test.button(key="ranking_weights_reset").click().run()
    assert [test.slider(key=f"ranking_weight_{part}").value for part in ("intensity", "tenancy", "output")] == [
        40,
        20,
        40,
    ]
    assert not any("official_score" in one.value for one in test.dataframe)


def test_weights_that_are_all_nought_are_refused_in_words(page):
    test = page("ranking", block="LCC", lang="en")
    test.session_state["ranking_weights"] = True
    test.run()
    for part in ("intensity", "tenancy", "output"):
        test.slider(key=f"ranking_weight_{part}").set_value(0)
    test.run()
    assert not test.exception
    assert any("weights are numbers from 0 up" in one.value.replace("\\", "") for one in test.error)


def test_ticked_parcels_are_recorded_for_together(page):
    test = page("ranking", block="LCC", lang="en")
    assert not any(label.startswith("record for") for label in labels(test))
    rows = {"selection": {"rows": [0, 2, 3, 5, 8], "columns": [], "cells": []}}
    test.session_state[table_key(test)] = rows
    test.run()
    assert "record for 5 parcels" in labels(test)
    parcels = table(test)["parcel_id"].iloc[[0, 2, 3, 5, 8]].tolist()
    test.button(key="ranking_record").click().run()
    assert not test.exception
    assert test.session_state["record_form"].parcels == tuple(parcels)


def test_another_list_has_nothing_ticked(page, sample_copy):
    assert table_key(page("ranking", block="LCC")) != table_key(page("ranking", block="CT"))


@pytest.fixture
def project(tmp_path):
    made = make_project(tmp_path, today=datetime.date.today(), exempt_reason=[None] * 5 + ["公用设施"])
    walk(made, "P1", "IDENTIFIED", "PLANNED", "NEGOTIATED", "SIGNED", "VACATED", "DEMOLISHED")
    return made


def test_before_scoring_an_approver_is_offered_to_do_it(project, tmp_path):
    test = run_as(tmp_path / "project", "approver")
    assert [one.value for one in test.warning] == ["no scores are saved yet"]
    test.button(key="ranking_score").click().run()
    assert not test.exception
    assert set(project.store.scores()["parcel_id"]) == {"P1", "P2", "P3", "P4", "P5", "P6"}


def test_an_officer_is_not(project, tmp_path):
    test = run_as(tmp_path / "project", "officer")
    assert "score now" not in labels(test)
    assert "an approver can score the parcels" in [one.value for one in test.caption]


def test_a_viewer_looks_and_records_nothing(project, tmp_path):
    score_project(project)
    test = run_as(tmp_path / "project", "viewer")
    assert ranked(test)["parcel_id"].tolist()[-1] in ("P2", "P3", "P4", "P5")
    test.session_state[table_key(test)] = {"selection": {"rows": [0, 1], "columns": [], "cells": []}}
    test.run()
    assert not any("record" in label for label in labels(test))


def test_scores_of_other_rules_are_said_to_be_that(project, tmp_path):
    score_project(project)
    project.store.save_settings({"rules": "cn-2008"})
    test = run_as(tmp_path / "project", "officer")
    (warning,) = [one.value for one in test.warning]
    assert "other rules or figures" in warning


def test_who_is_not_in_the_list_is_named(project, tmp_path):
    score_project(project)
    test = run_as(tmp_path / "project", "officer")
    assert sorted(ranked(test)["parcel_id"]) == ["P2", "P3", "P4", "P5"]
    others = table(test).iloc[4:]
    assert others[["parcel_id", "left_out"]].to_numpy().tolist() == [
        ["P1", "renovated already"], ["P6", "not rated: exempt, or nothing is known"],
    ]  # fmt: skip
    test.session_state["left_out"] = True
    test.run()
    named = next(one.value for one in test.dataframe if "why not" in one.value)
    assert named.to_numpy().tolist() == [["P1", "renovated already"], ["P6", "not rated: exempt, or nothing is known"]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_eight_beside_the_map(page, block, language):
    test = page("map", block="LCC", lang=language)
    buttons = [one for one in test.button if str(one.key).startswith("next_") and one.key != "next_list"]
    assert len(buttons) == 8
    for place, (button, (parcel, row)) in enumerate(zip(buttons, block.head(8).iterrows(), strict=True), start=1):
        assert button.label.startswith(f"{place}. {parcel}")
        assert f"{row['area_mu']:.1f}" in button.label and f"{row['score']:.1f}" in button.label
    reasons = block["reasons_zh" if language == "zh_CN" else "reasons_en"].iloc[0]
    first = reasons.split("；" if language == "zh_CN" else "; ")[0]
    assert first in [one.value.replace("\\", "") for one in test.caption]
    buttons[2].click().run()
    assert not test.exception
    assert test.query_params["parcel"] in (block.index[2], [block.index[2]])


def test_beside_the_map_of_a_project_without_scores(project, tmp_path):
    test = run_as(tmp_path / "project", "officer", "next_panel", "show_next", "at")
    assert [one.value for one in test.info] == ["no scores are saved yet"]


def test_where_nobody_is_left(project, tmp_path):
    score_project(project)
    for parcel in ("P2", "P3", "P4", "P5"):
        walk(project, parcel, "IDENTIFIED", "PLANNED", "NEGOTIATED", "SIGNED", "VACATED", "DEMOLISHED")
    test = run_as(tmp_path / "project", "officer", "next_panel", "show_next", "at")
    assert [one.value for one in test.info] == ["no parcel of this choice is left to renovate"]
    left = table(run_as(tmp_path / "project", "officer"))
    assert len(left) == 6 and left["place"].isna().all()


def test_a_part_is_named_where_no_rule_fired(page):
    """With the best parcels only: grade A, none of which any rule finds fault with."""
    test = page("map", block="LCC", theme="grade", only_grade="A", lang="en")
    captions = [one.value.replace("\\", "") for one in test.caption]
    assert any("costs it most: " in text and text.endswith("of 100") for text in captions)


def test_names_from_files_stay_what_they_are(tmp_path):
    """Numbers of parcels that are Markdown, or HTML, stand as they are and load nothing."""
    names = [":red[x]", "![p](http://evil/x.png)", "<b>z</b>"]
    layer = gpd.GeoDataFrame(
        {"parcel_id": names, "registered_area_m2": [6000.0] * 3}, geometry=[lot(n) for n in range(3)], crs=4549
    )
    layer.to_file(tmp_path / "parcels.gpkg")
    houses = gpd.GeoDataFrame(
        {"building_id": list("abc"), "storeys": [1, 2, 3]}, geometry=[lot(n, wide=20 + n) for n in range(3)], crs=4549
    )
    houses.to_file(tmp_path / "buildings.gpkg")
    made, _ = create_project(
        str(tmp_path / "zone"), Layers(str(tmp_path / "parcels.gpkg"), str(tmp_path / "buildings.gpkg")), by="li"
    )
    score_project(made)
    made.store.close()
    shown = labels(run_page(tmp_path / "zone", "map", lang="en"))
    for name in names:
        (label,) = [label for label in shown if name in label.replace("\\", "").replace("\u2060", "")]
        assert name not in label
    test = run_page(tmp_path / "zone", "ranking", lang="en", parcel=names[1])
    assert sorted(table(test)["parcel_id"]) == sorted(names)
    assert not any("![" in one.value for one in test.markdown)
