"""Charts on paper: where lines and areas end, checked from the drawing."""

import itertools
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landgis.documents.chart_svg import (
    ACTUAL,
    BAND,
    BOTTOM_MM,
    HEIGHT_MM,
    LABEL_MM,
    LEFT_MM,
    PLANNED,
    RIGHT_MM,
    TOP_MM,
    WIDTH_MM,
    draw_curve,
    draw_stack,
    steps_to,
)
from landgis.documents.content import Tick
from landgis.documents.svg import text_width
from tests.documents.made import KINDS, made_curve, made_stack

NS = "{http://www.w3.org/2000/svg}"
GROUND, ROOM = HEIGHT_MM - BOTTOM_MM, HEIGHT_MM - TOP_MM - BOTTOM_MM


def corners(svg, color, attribute="stroke"):
    """The points of the first path of a colour; those of the legend stand above the chart."""
    for path in ET.fromstring(svg).iter(f"{NS}path"):
        if path.get(attribute) == color:
            pairs = re.findall(r"(-?[\d.]+) (-?[\d.]+)", path.get("d"))
            return [(float(x), float(y)) for x, y in pairs]
    return []


@given(st.floats(1e-3, 1e8))
def test_steps_are_even_few_and_reach_the_highest(highest):
    steps = steps_to(highest)
    assert steps[0] == 0 and steps[-1] >= highest * (1 - 1e-9) and steps[-2] < highest
    assert 3 <= len(steps) <= 9
    assert [b - a for a, b in itertools.pairwise(steps)] == pytest.approx([steps[1]] * (len(steps) - 1))


def test_the_curve_ends_where_the_facts_end_and_the_band_at_its_days():
    curve = made_curve()
    svg = draw_curve(curve, "Any").svg
    last = curve.finish[2]
    span = WIDTH_MM - LEFT_MM - RIGHT_MM

    def x(day):
        return LEFT_MM + (day - curve.at[0]) / (last - curve.at[0]) * span

    assert max(y for _, y in corners(svg, PLANNED)) == GROUND and min(y for _, y in corners(svg, PLANNED)) == TOP_MM
    fact = corners(svg, ACTUAL)
    assert len(fact) == 4  # what is not known yet is not drawn
    assert fact[-1] == pytest.approx((x(curve.as_of), GROUND - 0.3 * ROOM), abs=0.01)
    start, low, high = corners(svg, BAND, "fill")
    assert start == fact[-1]
    assert low == pytest.approx((x(curve.finish[1]), TOP_MM), abs=0.01)
    assert high == pytest.approx((x(last), TOP_MM), abs=0.01)


def test_a_forecast_far_away_does_not_squeeze_the_facts():
    far = replace(made_curve(), finish=(made_curve().at[-1] + 40_000,) * 3)
    fact = corners(draw_curve(far, "Any").svg, ACTUAL)
    assert fact[-1][0] - LEFT_MM > 0.25 * (WIDTH_MM - LEFT_MM - RIGHT_MM)


def test_without_a_forecast_there_is_no_band_and_no_word_of_it():
    none = replace(made_curve(), finish=(None, None, None))
    svg = draw_curve(none, "Any").svg
    assert corners(svg, BAND, "fill") == [] and "预测" not in svg


def test_areas_lie_on_one_another_and_fill_the_whole():
    stack = made_stack()
    svg = draw_stack(stack, "Any").svg
    first, second = (corners(svg, kind.color, "fill") for kind in KINDS)
    size = len(stack.at)
    assert [y for _, y in first[:size]] == pytest.approx(
        [GROUND - (1 - 0.1 * at) * ROOM for at in range(size)], abs=0.01
    )
    assert second[size:] == first[:size][::-1]  # the one begins where the other ends
    assert [y for _, y in second[:size]] == [TOP_MM] * size  # 100 mu all the time


@given(st.lists(st.integers(0, 150), min_size=1, max_size=40, unique=True), st.integers(1, 12))
def test_labels_of_the_days_do_not_touch(days, length):
    curve = made_curve()
    ticks = tuple(Tick(curve.at[0] + day, "年" * length) for day in sorted(days))
    svg = draw_curve(replace(curve, ticks=ticks), "Any").svg
    middles = [float(one.get("x")) for one in ET.fromstring(svg).iter(f"{NS}text") if one.text == "年" * length]
    wide = text_width("年" * length, LABEL_MM)
    assert all(b - a >= wide - 0.02 for a, b in itertools.pairwise(middles))
