"""Numbers, areas and days in both languages, worked out by hand; and texts from files that stay what they are."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landgis.ui.words import Words, safe

ZH, EN = Words("zh_CN"), Words("en")


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (1234567.891, 1, "1,234,567.9"),
        (0, 0, "0"),
        (-0.04, 1, "0.0"),
        (None, 2, "—"),
        (float("nan"), 0, "—"),
        (2.5, 0, "2"),
    ],
)
def test_numbers(value, decimals, text):
    assert ZH.number(value, decimals) == EN.number(value, decimals) == text


def test_mu_first_hectares_second():
    assert ZH.area(1_190_000) == "1,785.0 亩（119.00 公顷）"  # Old Changcheng: 119 ha × 15
    assert EN.area(1_190_000) == "1,785.0 mu (119.00 ha)"


def test_days_months_and_shares():
    day = datetime.date(2026, 11, 21)
    assert ZH.day(day) == ZH.day("2026-11-21") == ZH.day(day.toordinal()) == "2026年11月21日"
    assert (EN.day(day), ZH.month(day), EN.month(day)) == ("Nov 21, 2026", "2026年11月", "Nov 2026")
    assert (ZH.percent(0.1234, 1), EN.percent(None)) == ("12.3%", "—")
    assert (ZH.milestone("VACATED"), EN.milestone("VACATED"), ZH.milestone(None)) == ("腾空", "vacated", "—")
    assert ZH.name("老长城", "Old Changcheng") == "老长城" and EN.name("老长城", "Old Changcheng") == "Old Changcheng"
    assert EN.name("老长城", None) == "老长城" and EN.name(None, float("nan"), "LCC") == "LCC"


@given(st.text(max_size=60))
def test_nothing_in_a_name_is_markdown(name):
    """Every character that Streamlit's Markdown gives a meaning has a backslash before it."""
    text = safe(name)
    for mark in r"*_`[]<>#|~$:!(){}&":
        assert text.count(mark) == text.count("\\" + mark)
    assert "\n" not in text
