"""The map page without a browser: what it asks the browser to draw, what its widgets ask for, what it counts."""

import datetime
import json

import pytest

from landgis.workflow.filtering import Filter, legend
from landgis.workflow.project import open_project
from landgis.workflow.themes import THEMES
from landgis.workflow.zone import read_zone


@pytest.fixture(scope="module")
def zone(sample_copy):
    project = open_project(str(sample_copy), nobody="t")
    yield read_zone(project)
    project.store.close()


def spec(test):
    return json.loads(test.get("deck_gl_json_chart")[0].proto.json)


def pills(test, key):
    return next(one for one in test.button_group if one.key == key)


def link(test):
    return {name: values[0] if isinstance(values, list) else values for name, values in test.query_params.items()}


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_the_page_in_both_languages(page, language):
    test = page("map", lang=language)
    assert test.selectbox[0].label == ("区块" if language == "zh_CN" else "block")
    assert spec(test)["layers"][1]["id"] == "parcels"
    assert link(test)["lang"] == language


def test_cards_are_the_sums_of_what_the_filter_leaves(page, zone):
    test = page("map", block="LCC", lang="en", day="2024-06-30")
    cards = {one.label: one.value for one in test.metric}
    rows = zone.on(Filter(zone.today).day.replace(2024, 6, 30)).query("block_id == 'LCC'")
    assert cards["parcels"] == f"{len(rows):,}"
    mu = rows["area_mu"].sum()
    assert cards["land"] == f"{mu:,.1f} mu ({mu / 15:,.2f} ha)"
    done = rows.loc[rows["renovated"] == "yes", "area_mu"].sum() / mu
    assert cards["renovated, of the land"] == f"{done:.1%}"


def test_a_block_is_flown_to_and_its_lots_outlined(page):
    before, after = spec(page("map")), spec(page("map", block="LCC"))
    assert after["initialViewState"]["zoom"] > before["initialViewState"]["zoom"] + 0.5
    assert [layer["id"] for layer in after["layers"] if layer["id"] == "lots"] == ["lots"]
    assert "lots" not in [layer["id"] for layer in before["layers"]]


def test_the_view_stays_when_the_page_runs_again(page):
    test = page("map", block="LCC")
    view = spec(test)["initialViewState"]
    for theme in ("grade", "overdue"):
        pills(test, "map_theme").set_value(theme).run()
        assert spec(test)["initialViewState"] == view
    assert link(test)["theme"] == "overdue"


def test_a_legend_counts_and_filters(page, zone):
    test = page("map", theme="grade", lang="en")
    counts = legend(zone, Filter(zone.today), "grade")
    shown = [int(label.rsplit("**", 2)[1].replace(",", "")) for label in pills(test, "map_legend").options]
    assert shown == [counts[key] for key in THEMES["grade"].keys if counts[key]]
    pills(test, "map_legend").set_value(["C", "D"]).run()
    assert link(test)["only_grade"] == "C,D"
    assert {one.label: one.value for one in test.metric}["parcels"] == str(counts["C"] + counts["D"])
    pills(test, "map_theme").set_value("phase").run()
    assert any("C, D" in one.value for one in test.caption)  # still filtered, and said
    next(one for one in test.button if one.key == "map_unfilter").click().run()
    assert "only_grade" not in link(test)


def test_a_step_in_time_changes_a_number_and_little_else(page):
    test = page("map", block="LCC", day="2024-06-30")
    before = test.get("deck_gl_json_chart")[0].proto.json
    next(one for one in test.select_slider if one.key == "map_month").set_value(datetime.date(2024, 5, 31)).run()
    after = test.get("deck_gl_json_chart")[0].proto.json
    assert link(test)["day"] == "2024-05-31"
    assert len(after) < 30_000
    days = [str(datetime.date(2024, *day).toordinal()) for day in ((6, 30), (5, 31))]
    assert before.replace(days[0], days[1]) == after


def test_search_finds_a_firm_and_opens_its_dossier(page):
    test = page("map", lang="en")
    next(one for one in test.text_input if one.key == "bar_search").set_value("91330784MAYDTFGA3G").run()
    assert (
        link(test)["parcel"] == "330784001001GB00002"
    )  # the first row of occupancies.csv; one place, so it is shown at once
    assert [layer["id"] for layer in spec(test)["layers"]].count("focus") == 1


def test_search_shows_all_places_and_says_when_there_is_none(page):
    test = page("map", lang="en", q="锘铖")
    hits = [one for one in test.button if one.key.startswith("hit_")]
    assert len(hits) > 3
    hits[0].click().run()
    assert "parcel" in link(test)
    assert any("nothing is called that" in one.value for one in page("map", lang="en", q="no such thing").caption)


def test_a_link_restores_everything(page):
    asked = {"block": "LCC", "day": "2024-03-31", "theme": "grade", "only_grade": "C,D", "parcel": "330784001001GB00002",
             "massing": "planned", "lang": "en"}  # fmt: skip
    test = page("map", **asked)
    assert link(test) == asked
    assert [layer["id"] for layer in spec(test)["layers"] if layer["id"] in ("focus", "massing")] == [
        "focus",
        "massing",
    ]
    assert spec(test)["initialViewState"]["pitch"] == 50


def test_a_link_to_nothing_shows_what_there_is(page):
    test = page("map", block="nowhere", parcel="nobody", day="tomorrow", lang="en")
    assert not test.exception
    assert spec(test)["layers"]
