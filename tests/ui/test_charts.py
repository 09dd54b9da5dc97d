"""Chart options: what is drawn is what was given, nothing says it by colour alone, and nothing comes from elsewhere."""

import datetime
import json
import re

import numpy as np
import pytest

from landgis.ui.charts import (
    DECALS,
    INKS,
    Ahead,
    Kind,
    Mark,
    Point,
    bars,
    bars_beside,
    planned_points,
    s_curve,
    stacked_area,
)
from landgis.ui.palette import HATCHES

NAN = float("nan")
KINDS = (Kind("none yet", "#c9ccd1"), Kind("signed", "#e69f00", "rising"), Kind("fallen", "#8c2d5a", "crossed"))
MARK = Mark("2024-05-10", "as of 10 May", "planned")
DAYS = ["2024-04-30", "2024-05-10", "2024-05-31"]
CURVE = {"planned": Kind("plan", "#0072b2"), "actual": Kind("fact", "#d55e00"), "forecast": Kind("forecast", "#d55e00"),
         "band": Kind("80 %", "#d55e00", "rising")}  # fmt: skip


def area():
    amount = np.array([[9.0, 1, 0], [7, 3, 0], [7, NAN, 0]])
    return stacked_area(DAYS, amount, kinds=KINDS, axis="mu", mark=MARK)


def curve(**more):
    ahead = {
        "day": "2024-05-10",
        "done": 4.0,
        "whole": 10.0,
        "finish": "2024-05-20",
        "low": "2024-05-15",
        "high": "2024-05-30",
    }
    planned, actual = np.array([3.0, 5, 10]), np.array([2.0, 4, NAN])
    return s_curve(DAYS, planned, actual, kinds=CURVE, ahead=Ahead(**{**ahead, **more}), axis="mu", mark=MARK)


def points():
    kinds = {"S": KINDS[1], "D": KINDS[2]}
    drawn = [Point("P2", "2024-06-01", "S", False), Point("P1", "2024-05-01", "D", True)]
    return planned_points(drawn, kinds=kinds, mark=MARK)


def beside():
    return bars_beside(["<b>甲</b>", "乙"], np.array([[1.0, 0, 5.5], [NAN, 0, 2]]), kinds=KINDS, axis="mu")


def every_chart():
    pace = bars(["a", "b"], [1.0, NAN], kind=KINDS[2], axis="mu", running="so far")
    return [area(), curve(), points(), beside(), pace]


def named(chart):
    return {one["name"]: one for one in chart["series"]}


def test_areas_are_stacked_the_last_kind_at_the_bottom_and_what_is_not_there_left_out():
    chart = area()
    assert [one["name"] for one in chart["series"]] == ["signed", "none yet"] == chart["legend"]["data"]
    assert named(chart)["signed"]["data"] == [["2024-04-30", 1.0], ["2024-05-10", 3.0], ["2024-05-31", None]]
    assert {one["stack"] for one in chart["series"]} == {"all"}
    assert {one["name"]: one["color"] for one in chart["series"]} == {"signed": "#e69f00", "none yet": "#c9ccd1"}
    assert chart["series"][0]["markLine"]["data"] == [{"xAxis": "2024-05-10"}]
    assert chart["series"][0]["markArea"]["data"] == [
        [{"name": "planned", "xAxis": "2024-05-10"}, {"xAxis": "2024-05-31"}]
    ]


def test_nothing_is_shaded_where_nothing_is_to_come():
    chart = stacked_area(DAYS[:2], np.ones((2, 3)), kinds=KINDS, axis="mu", mark=MARK)
    assert chart["series"][0]["markArea"]["data"] == []
    assert stacked_area(DAYS, np.zeros((3, 3)), kinds=KINDS, axis="mu", mark=MARK)["series"] == []


def limits_by_hand(day: str, done=4.0, whole=10.0, start="2024-05-10", low="2024-05-15", high="2024-05-30"):
    """The two straight lines from what is done to the whole, read off at a day."""
    days = [datetime.date.fromisoformat(one).toordinal() for one in (start, low, high, day)]
    late, early = (done + (whole - done) * min(1, (days[3] - days[0]) / (end - days[0])) for end in (days[2], days[1]))
    return late, early


def test_the_band_lies_between_the_early_and_the_late_finish():
    chart = curve()
    below, band = (one["data"] for one in chart["series"] if one.get("stack") == "band")
    assert [day for day, _ in below] == [day for day, _ in band] == ["2024-05-10", "2024-05-15", "2024-05-30"]
    for (day, low), (_, more) in zip(below, band, strict=True):
        assert (low, low + more) == pytest.approx(limits_by_hand(day))
    assert named(chart)["forecast"]["data"] == [["2024-05-10", 4.0], ["2024-05-20", 10.0]]
    assert named(chart)["fact"]["data"] == [["2024-04-30", 2.0], ["2024-05-10", 4.0]]
    assert chart["legend"]["data"] == ["plan", "fact", "forecast", "80 %"]


@pytest.mark.parametrize("ahead, drawn", [
    ({"finish": None}, ["plan", "fact"]),
    ({"finish": "2024-05-09"}, ["plan", "fact"]),  # done already
    ({"low": None, "high": None}, ["plan", "fact", "forecast"]),
    ({"low": "2024-05-10", "high": "2024-05-10"}, ["plan", "fact", "forecast", "80 %"]),
])  # fmt: skip
def test_no_more_of_a_forecast_than_is_known(ahead, drawn):
    assert curve(**ahead)["legend"]["data"] == drawn


def test_lines_differ_in_their_dash():
    dashes = [one["lineStyle"]["type"] for one in curve()["series"][:3]]
    assert len(set(dashes)) == 3


def test_a_period_that_is_not_over_says_so():
    chart = bars(["April", "May"], [3.0, 1.5], kind=KINDS[2], axis="mu", running="so far")
    assert chart["xAxis"]["data"] == ["April", "May\nso far"]
    assert chart["series"][0]["data"][0] == 3.0 and chart["series"][0]["data"][1]["value"] == 1.5
    assert bars(["April"], [NAN], kind=KINDS[2], axis="mu")["series"][0]["data"] == [None]


def test_blocks_lie_beside_one_another_from_the_top():
    chart = beside()
    assert chart["yAxis"]["data"] == ["<b>甲</b>", "乙"] and chart["yAxis"]["inverse"] is True
    assert {one["name"]: one["data"] for one in chart["series"]} == {"fallen": [5.5, 2.0], "none yet": [1.0, None]}


def test_a_late_step_is_hollow_and_every_kind_has_a_shape():
    chart = points()
    assert chart["yAxis"]["data"] == ["P2", "P1"]
    late = named(chart)["fallen"]["data"][0]
    assert late["value"] == ["2024-05-01", "P1"] and late["itemStyle"]["borderColor"] == "#8c2d5a"
    assert named(chart)["signed"]["data"] == [{"value": ["2024-06-01", "P2"]}]
    assert len({one["symbol"] for one in chart["series"]}) == 2
    assert all(one["label"]["show"] for one in chart["series"])


@pytest.mark.parametrize("chart", every_chart())
def test_every_chart_is_plain_json_with_units_patterns_and_nothing_from_elsewhere(chart):
    text = json.dumps(chart, allow_nan=False)
    assert not re.search(r"https?:|image://|url\(", text)
    assert "Noto Sans CJK SC" in chart["textStyle"]["fontFamily"]
    assert chart["aria"]["enabled"] and not chart["aria"]["label"]["enabled"]  # ECharts would say it in English
    value_axes = [axis for axis in (chart["xAxis"], chart["yAxis"]) if axis["type"] == "value"]
    assert all(axis["name"] == "mu" for axis in value_axes)
    assert "backgroundColor" not in chart and "color" not in chart["textStyle"]  # as the theme has it


def test_patterns_stand_in_the_order_of_the_series():
    chart = area()
    assert chart["aria"]["decal"] == {"show": True, "decals": [dict(DECALS["rising"]), dict(DECALS["none"])]}
    band = curve()
    at = [one["name"] for one in band["series"]].index("80 %")
    assert band["aria"]["decal"]["decals"][at] == dict(DECALS["rising"])
    assert len(band["aria"]["decal"]["decals"]) == len(band["series"])


def test_every_hatch_of_the_map_has_its_pattern():
    assert set(DECALS) == {"none", *HATCHES}
    assert len({json.dumps(dict(one), sort_keys=True) for one in DECALS.values()}) == len(DECALS)


def luminance(color: str) -> float:
    """Relative luminance of WCAG 2."""
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    "theme, ground", [("light", "#ffffff"), ("light", "#f0f2f6"), ("dark", "#0e1117"), ("dark", "#262730")]
)
def test_words_inside_a_chart_can_be_read(theme, ground):
    bright, dark = sorted((luminance(INKS[theme]), luminance(ground)), reverse=True)
    assert (bright + 0.05) / (dark + 0.05) >= 4.5
