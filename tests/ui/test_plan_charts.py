"""Charts of a plan: bars lie where the works do, nothing is said by colour alone, and no text of a file is a template."""

import json

import pytest

from landgis.ui.charts import CLEAR, DECALS, Kind
from landgis.ui.plan.charts import Curve, Now, Row, cash, curves, time_line

KINDS = (Kind("vacating", "#d55e00", "falling"), Kind("demolishing", "#8c2d5a", "crossed"),
         Kind("rebuilding", "#0072b2", "upright"))  # fmt: skip
QUARTERS = ("2026-Q4", "2027-Q1", "2027-Q2", "2027-Q3", "2027-Q4")
ROWS = (Row("<b>{a}</b>", 0, (1, 0, 2), 5, True), Row("B", 2, (1, 1, 1), None, False))


def line(rows=ROWS, place=1.5):
    now = Now(place, "today", "#000000")
    return time_line(rows, QUARTERS, kinds=KINDS, late="late", begun="begun", now=now, tip="{b}: {a}, {c}")


def bars(option):
    """Row → kind → from and to, as ECharts stacks them."""
    found = {}
    for row, name in enumerate(option["yAxis"]["data"]):
        at = 0
        for one in option["series"]:
            if one["type"] == "bar":
                length = one["data"][row] or 0
                if length and one["name"]:
                    found.setdefault(name, {})[one["name"]] = (at, at + length)
                at += length
    return found


def test_the_bars_lie_where_the_works_do():
    assert bars(line()) == {
        "<b>{a}</b>": {"vacating": (0, 1), "rebuilding": (1, 3)},
        "B": {"vacating": (2, 3), "demolishing": (3, 4), "rebuilding": (4, 5)},
    }


def test_both_axes_have_the_same_length():
    numbers, names = line()["xAxis"]
    assert (numbers["min"], numbers["max"], names["data"]) == (0, 5, list(QUARTERS))


def test_a_whisker_reaches_from_the_end_to_the_late_end():
    option = line()
    (whisker,) = next(one for one in option["series"] if one["name"] == "rebuilding")["markLine"]["data"]
    assert [end["coord"] for end in whisker] == [[3, "<b>{a}</b>"], [5, "<b>{a}</b>"]]
    marks = {one["name"]: one["data"] for one in option["series"] if one["type"] == "scatter"}
    assert marks == {"late": [[5, "<b>{a}</b>"]], "begun": [[0, "<b>{a}</b>"]]}


@pytest.mark.parametrize(("place", "drawn"), [(-0.1, False), (0.0, True), (5.0, True), (5.1, False)])
def test_today_is_marked_where_it_is_on_the_line(place, drawn):
    assert ("markLine" in line(place=place)["series"][0]) is drawn


def test_works_differ_in_hatch():
    option = line()
    decals = option["aria"]["decal"]["decals"]
    assert decals[0] == dict(DECALS["none"])
    assert len({json.dumps(one) for one in decals[1:4]}) == 3
    assert option["legend"]["data"] == ["vacating", "demolishing", "rebuilding", "late", "begun"]
    assert option["series"][0]["color"] == CLEAR


def test_lines_differ_in_dash_and_symbol():
    drawn = [Curve(str(at), "#000000", [1.0, None], at) for at in range(6)]
    found = curves(["a", "b"], drawn, axis="mu")["series"]
    assert len({json.dumps(one["lineStyle"]["type"]) for one in found}) == len({one["symbol"] for one in found}) == 6
    assert found[0]["data"] == [1.0, None]


def test_what_is_below_0_is_drawn_and_the_line_at_0_is_named():
    option = curves(["a"], [Curve("ground", "#000000", [-5.0])], axis="m²", zero="nothing left")
    mark = option["series"][0]["markLine"]
    assert mark["data"] == [{"yAxis": 0}] and mark["label"]["formatter"] == "nothing left"
    assert "min" not in option["yAxis"]


def test_money_is_a_stack_of_flows_and_a_line():
    flows = {"in": (Kind("in", "#009e73"), [5.0, 0.0]), "out": (Kind("out", "#d55e00", "falling"), [-2.0, -1.0])}
    option = cash(["a", "b"], flows, Curve("left", "#8c2d5a", [3.0, 2.0]), axis="x")
    assert [(one["type"], one["name"], one["data"]) for one in option["series"]] == [
        ("bar", "in", [5.0, 0.0]), ("bar", "out", [-2.0, -1.0]), ("line", "left", [3.0, 2.0]),
    ]  # fmt: skip
    assert len({one.get("stack") for one in option["series"][:2]}) == 1


@pytest.mark.parametrize("option", [line(), curves(["a"], [Curve("x", "#000000", [1.0])], axis="mu")])
def test_an_option_is_plain_json_without_html(option):
    assert json.loads(json.dumps(option, allow_nan=False)) == option
    assert "<" not in str(option.get("tooltip"))
