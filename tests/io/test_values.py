"""Numbers, dates, choices, flags, heights and keys, worked out by hand."""

import datetime
import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landgis.io.cells import cleaned, is_unknown
from landgis.io.found import MOST_CHARACTERS
from landgis.io.value_numbers import UNITS, parse_numbers, plain_numbers, read_number
from landgis.io.value_words import are_plain_keys, check_digits, exponents, known_texts
from landgis.io.values import parse_column
from landgis.tables import BUILDINGS, ENTERPRISES, EVENTS, OCCUPANCIES, PARCELS, Column

AREA = PARCELS.column("registered_area_m2")
OUTPUT = ENTERPRISES.column("output_wan")
DAY = EVENTS.column("occurred_on")
PLAIN = Column("employees_share", "number", "")


def parsed(cells, column, **more):
    return parse_column(pd.Series(cells, dtype=object), column, **more)


def value(cell, column, **more):
    return parsed([cell], column, **more).values.iloc[0]


def found(cells, column, **more):
    return [(finding.code, finding.positions.tolist()) for finding in parsed(cells, column, **more).findings]


@pytest.mark.parametrize(
    ("text", "number"),
    [("1,234.5", 1234.5), ("1，234.5", 1234.5), ("１２３．５", 123.5), (" 7 ", 7), ("－3", -3), ("−3", -3), ("+3", 3),
     ("1e3", 1000), (".5", 0.5), ("12,345,678", 12_345_678), (7, 7), (7.25, 7.25)],
)  # fmt: skip
def test_numbers_as_people_write_them(text, number):
    assert value(text, PLAIN) == number


@pytest.mark.parametrize("text", ["", " ", "—", "-", "--", "——", "无", "N/A", "n/a", "null", "NULL", "/", None, np.nan])
def test_not_known_is_nan_without_a_fault(text):
    result = parsed([text], PLAIN)
    assert np.isnan(result.values.iloc[0])
    assert result.findings == []


@pytest.mark.parametrize(
    "text",
    ["12%", "约2000㎡", "1,5", "1,23,456", "nan", "inf", np.inf, "1 2", "0x10", "五", "=1+1", "1.2.3", "1_000", "#N/A"],
)
def test_what_is_no_number_is_a_fault(text):
    assert found([1, text], PLAIN) == [("E-FIELD-TYPE", [1])]


@pytest.mark.parametrize(
    ("text", "column", "number"),
    [("1.5亩", AREA, 1000), ("3公顷", AREA, 30_000), ("120㎡", AREA, 120), ("120 平方米", AREA, 120),
     ("0.5ha", AREA, 5000),
     ("1.2万㎡", AREA, 12_000), ("3亿元", OUTPUT, 30_000), ("5,000元", OUTPUT, 0.5), ("5万元", OUTPUT, 5),
     ("2023年", ENTERPRISES.column("year"), 2023)],
)  # fmt: skip
def test_a_unit_behind_the_number_is_converted_and_said(text, column, number):
    result = parsed([text], column)
    assert result.values.iloc[0] == pytest.approx(number, rel=1e-15)
    assert [finding.code for finding in result.findings] == ["W-UNIT"]


def test_a_unit_of_something_else_is_a_fault():
    assert found(["5元", "3吨"], AREA) == [("E-FIELD-TYPE", [0, 1])]


def test_its_own_unit_wins_over_the_factor_of_the_header():
    assert parse_numbers(pd.Series(["3", "3公顷"]), AREA, factor=2000 / 3).values.tolist() == [2000, 30_000]


def test_zero_registered_area_is_not_known_and_counted():
    result = parsed([0, 5.0, -5.0, 1e12], AREA)
    assert np.isnan(result.values[0])
    assert [(f.code, f.positions.tolist()) for f in result.findings] == [
        ("E-AREA", [2]),
        ("E-AREA", [3]),
        ("W-NOT-KNOWN", [0]),
    ]


def test_limits_name_the_value():
    assert found([201, 200, -1, 0], BUILDINGS.column("storeys")) == [("E-RANGE", [2]), ("E-RANGE", [0])]
    assert parsed([201], BUILDINGS.column("storeys")).findings[0].shown == [201]


def test_integers():
    storeys = BUILDINGS.column("storeys")
    assert value("3.0", storeys) == 3
    assert value(3.0, storeys) == 3
    assert found([2.5, "2.5", 2], storeys) == [("E-FIELD-TYPE", [0, 1])]


def test_a_date_in_a_number_column_is_a_fault():
    assert found([datetime.datetime(2026, 3, 1)], AREA) == [("E-FIELD-TYPE", [0])]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_comes_back_from_its_own_text(number):
    assert value(repr(number), PLAIN) == number
    assert value(number, PLAIN) == number


@given(st.integers(-(10**12), 10**12), st.integers(0, 9999))
def test_thousands_commas_change_nothing(whole, decimals):
    text = f"{whole:,}.{decimals:04d}"
    full = text.translate(str.maketrans("0123456789,.-", "０１２３４５６７８９，．－"))
    assert value(text, PLAIN) == value(full, PLAIN) == float(text.replace(",", ""))


@given(st.text(max_size=12))
def test_no_text_breaks_a_parser(text):
    for column in (
        PLAIN,
        AREA,
        DAY,
        EVENTS.column("milestone"),
        BUILDINGS.column("storey_heights_m"),
        ENTERPRISES.column("above_scale"),
        PARCELS.column("parcel_id"),
    ):
        assert len(parsed([text, None, 1], column).values) == 3


@given(st.sampled_from(sorted(UNITS["m2"])), st.integers(1, 10**6))
def test_every_unit_reads_back(unit, number):
    assert read_number(f"{number}{unit}", UNITS["m2"]) == (number, unit)


@pytest.mark.parametrize(
    "text",
    ["2026-03-01", "2026/3/1", "2026.3.1", "2026年3月1日", "2026 年 3 月 1 日", "20260301", 20260301, 46082, "46082",
     "2026-03-01T08:30:00Z",
     "2026-03-01 08:30", datetime.datetime(2026, 3, 1, 8), datetime.date(2026, 3, 1),
     pd.Timestamp("2026-03-01", tz="Asia/Shanghai")],
)  # fmt: skip
def test_dates_as_people_write_them(text):
    assert value(text, DAY) == pd.Timestamp(2026, 3, 1)  # Excel's day 46082


@pytest.mark.parametrize(
    "text",
    ["0000-00-00", "2026/13/45", "2026-02-29", "03/01/2026", "soon", "1850-01-01", 0, 12.5, "2026-3-1-1", np.inf],
)
def test_what_is_no_date_is_a_fault(text):
    assert found(["2026-03-01", text], DAY) == [("E-DATE", [1])]


def test_coarse_dates_keep_how_coarse_they_are():
    result = parsed(["2026-03", "2026年3月", "2026", 2026, "2026-03-09", None], DAY)
    assert result.values.dt.strftime("%Y-%m-%d").tolist()[:5] == [
        "2026-03-01",
        "2026-03-01",
        "2026-01-01",
        "2026-01-01",
        "2026-03-09",
    ]
    assert result.beside["occurred_on_precision"].tolist()[:5] == ["month", "month", "year", "year", "day"]
    assert pd.isna(result.beside["occurred_on_precision"].iloc[5])
    assert parsed(["2026-03-09"], DAY).beside == {}


def test_serial_and_future_dates_are_remarks():
    assert found([46000], DAY) == [("W-DATE-SERIAL", [0])]
    today = datetime.date(2026, 1, 1)
    assert found(["2027-01-02", "2062-01-01"], DAY, today=today) == [("W-DATE-FUTURE", [1])]


def test_the_format_of_a_mapping_wins():
    assert value("03/04/2026", DAY, form="%d/%m/%Y") == pd.Timestamp(2026, 4, 3)
    assert found(["2026-04-03"], DAY, form="%d/%m/%Y") == [("E-DATE", [0])]


def test_choices_by_code_word_and_mapping():
    milestone, tenure = EVENTS.column("milestone"), PARCELS.column("tenure")
    assert parsed(["vacated", "腾空", "ＶＡＣＡＴＥＤ", " 腾空 "], milestone).values.tolist() == ["VACATED"] * 4
    assert parsed([102, "102", "出让"], tenure).values.tolist() == ["state_granted"] * 3
    assert value("Demo Complete", milestone, values={"Demo Complete": "DEMOLISHED"}) == "DEMOLISHED"
    assert parsed(["是", "否"], BUILDINGS.column("legality"), field="是否违建").values.tolist() == [
        "unlicensed",
        "legal",
    ]


def test_an_unknown_choice_names_the_value_and_the_nearest():
    finding = parsed(["腾空", "腾空中", None], EVENTS.column("milestone")).findings[0]
    assert (finding.code, finding.positions.tolist(), finding.shown) == ("E-PHASE-UNKNOWN", [1], ["腾空中"])
    assert finding.extra["near"] == "腾空"
    assert found(["x"], OCCUPANCIES.column("relation")) == [("E-CHOICE", [0])]


def test_flags():
    flags = parsed(
        ["是", "否", "规上", "规下", 1, 0, True, False, "yes", "N", None, ""], ENTERPRISES.column("above_scale")
    )
    assert flags.values.dtype == np.float64
    assert flags.values.tolist()[:10] == [1, 0, 1, 0, 1, 0, 1, 0, 1, 0]
    assert flags.values.isna().tolist() == [False] * 10 + [True] * 2
    assert found(["perhaps"], ENTERPRISES.column("above_scale")) == [("E-CHOICE", [0])]


@pytest.mark.parametrize(
    ("text", "heights"),
    [("8.1;4;4", "8.1;4;4"), ("8.1；4、4", "8.1;4;4"), ("8.1/4 4米", "8.1;4;4"), (8.1, "8.1"), (4, "4")],
)
def test_heights(text, heights):
    assert value(text, BUILDINGS.column("storey_heights_m")) == heights


@pytest.mark.parametrize("text", ["0;4", "-4", "high", ";"])
def test_wrong_heights(text):
    assert found([text], BUILDINGS.column("storey_heights_m")) == [("E-FIELD-TYPE", [0])]


KEY = ENTERPRISES.column("enterprise_id")


def test_keys_are_never_floats():
    keys = parsed([123, 123.0, "00123", " P1\t", "A\u200bB", None, "—"], KEY).values
    assert keys.tolist()[:5] == ["123", "123", "00123", "P1", "AB"]
    assert keys.isna().tolist() == [False] * 5 + [True] * 2
    assert parse_column(pd.Series([1.0, np.nan]), KEY).values.tolist()[0] == "1"
    assert parse_column(pd.Series([330784001002000123]), KEY).values.tolist() == [
        "330784001002000123"
    ]  # int64 is exact


@pytest.mark.parametrize(
    "cell", [91310113123456789, 3.30784e18, "3.30784E+18", 1.5, datetime.datetime(2026, 1, 2), True, 123456789012345]
)
def test_numeric_codes_are_faults(cell):
    assert ("E-CODE-NUMERIC", [1]) in found(["P1", cell], KEY, sheet=True)


def test_an_exact_column_of_integers_is_one_in_a_database_but_not_in_a_sheet():
    column = pd.Series([33078400100200012])
    assert parse_column(column, KEY, sheet=False).findings == []
    assert [finding.code for finding in parse_column(column, KEY, sheet=True).findings] == ["E-CODE-NUMERIC"]


def test_the_check_character_of_credit_codes_is_a_remark():
    good = ["91330784MA2TEA0005", "91330100799655058B", "913307841234567885", "F1"]
    assert found(good, KEY) == []
    assert found([*good, "91330100799655058C", "91310113MA1GK0000X"], KEY) == [("W-USCC-CHECK", [4, 5])]


def test_a_column_nobody_knows_becomes_numbers_only_if_it_holds_no_code():
    assert plain_numbers(pd.Series(["1.5", "—", None, "2"], dtype="str")).tolist()[0] == 1.5
    assert plain_numbers(pd.Series(["0123", "2"], dtype="str")) is None
    assert plain_numbers(pd.Series(["1", "x"], dtype="str")) is None
    assert plain_numbers(pd.Series(["330784001002000123"], dtype="str")) is None


LETTERS = st.text(st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXYIOSVZa甲"), min_size=17, max_size=19)


@given(st.lists(st.none() | LETTERS | st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=18, max_size=18), max_size=6))
def test_check_characters_by_the_formula(codes):
    """GB 32100-2015: the weighted sum of the first 17, and the last makes it a multiple of 31."""
    order = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    weights = [3**place % 31 for place in range(17)]
    wrong = [
        at for at, code in enumerate(codes)
        if code is not None and len(code) == 18 and set(code) <= set(order)
        and (31 - sum(order.index(c) * w for c, w in zip(code, weights, strict=False)) % 31) % 31 != order.index(code[17])
    ]  # fmt: skip
    found = check_digits(pa.array(["x", *codes], pa.large_string())[1:])  # a slice, as a batch may be
    assert [finding.positions.tolist() for finding in found] == ([wrong] if wrong else [])
    assert [finding.extra["value"] for finding in found] == [codes[at] for at in wrong[:1]]


KEYS = st.text(st.sampled_from("0139eE+-,./P~ \x7f甲"), min_size=5, max_size=9)


@given(st.lists(st.none() | KEYS | st.sampled_from(["3.3E+18", "P0000001", "330784-1"]), min_size=1, max_size=4))
def test_plain_keys_need_nothing(keys):
    """Of those that are called plain nothing changes, whatever else is asked of them; those of an office are."""
    array = pa.array(["\x02", *keys], pa.large_string())[1:]
    assert not are_plain_keys(array) or (
        cleaned(array, trim="all")[0] is array and known_texts(array) is array and not len(exponents(array))
    )
    usual = [key for key in keys if key is not None and len(key) > 6 and set(key) <= set("0139eE-,./P~")]
    assert not usual or are_plain_keys(pa.array([None, *usual], pa.large_string()))


def test_keys_that_are_not_plain():
    long = "P" * MOST_CHARACTERS
    assert are_plain_keys(pa.array([long], pa.large_string()))
    for key in (long + "P", "(null)", "P 00001", "3.3E+18", "甲000001", "P00000\x7f", ""):
        assert not are_plain_keys(pa.array(["P0000001", key], pa.large_string())), key
    assert not are_plain_keys(pa.array([None], pa.large_string()))


ODD = st.text(st.sampled_from("aB -—–/\\无／Ｎａｎ<>()\u00a0\u3000\u200b\x01\x7f\u00ad\t\n甲é"), max_size=5)


@given(st.lists(st.none() | ODD | st.sampled_from(["NULL", "(null)", "n/A", "none", "--"]), max_size=6), st.booleans())
def test_texts_are_cleaned_one_by_one(texts, plain):
    """What is done to a column at once, with its short cuts, against one text after the other."""
    if plain:
        texts = [None if text is None else "".join(c for c in text if "!" <= c <= "~") for text in texts]
    kept, positions = cleaned(pa.array(["\x02", *texts], pa.large_string())[1:])
    hidden = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b]")
    stripped = [None if text is None else hidden.sub("", text) for text in texts]
    assert positions.tolist() == [at for at, text in enumerate(texts) if text != stripped[at]]
    expected = [text and (text.strip(" \u00a0\u3000") or None) for text in stripped]
    assert kept.to_pylist() == [text or None for text in expected]
    unknown = [text is not None and len(text.encode()) <= 6 and is_unknown(text) for text in expected]
    assert known_texts(kept).to_pylist() == [
        None if gone else (text or None) for text, gone in zip(expected, unknown, strict=True)
    ]
