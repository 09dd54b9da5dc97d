"""The dictionary names every column once, in both languages."""

import pytest

from landgis.dictionary import DictionaryRow, dictionary_markdown, dictionary_rows
from landgis.results import FIRM_NAMES, RESULT_NAMES
from landgis.tables import TABLES


def test_rows_are_all_columns_in_order():
    rows = [(row.table, row.name) for row in dictionary_rows(str)]
    wanted = [("results", name) for name in RESULT_NAMES] + [("firms", name) for name in FIRM_NAMES]
    assert rows == wanted + [(table.name, column.name) for table in TABLES.values() for column in table.columns]


def test_a_result_column_says_unit_and_formula():
    row = next(row for row in dictionary_rows(str) if row.name == "area_mu")
    assert row == DictionaryRow("results", "area_mu", "number", "亩 (mu)", "land area, mu",
                                "Land area in mu = area_m2 × 3 ÷ 2000.", shapefile="area_mu")  # fmt: skip


def test_an_input_column_says_its_other_names_and_limits():
    rows = {(row.table, row.name): row for row in dictionary_rows(str)}
    area = rows["parcels", "registered_area_m2"]
    assert (area.unit, area.meaning) == ("m²", "> 0")
    assert "ZDMJ" in area.aliases and "宗地面积" in area.aliases
    assert rows["parcels", "parcel_id"].meaning == "needed; no value twice"
    assert rows["buildings", "storeys"].meaning == "≥ 0; ≤ 200"
    assert "unlicensed (违建" in rows["buildings", "legality"].values


@pytest.mark.parametrize(("language", "words"), [
    ("zh_CN", ["# 数据字典", "| `floor_area_ratio` | 容积率 | 数值 |", "## 宗地 (parcels)"]),
    ("en", ["# Data dictionary", "| `floor_area_ratio` | floor area ratio | number |", "## parcels (parcels)"]),
])  # fmt: skip
def test_page_in_each_language(language, words):
    page = dictionary_markdown(language)
    assert all(word in page for word in words)
    assert page.count("\n| `") == len(dictionary_rows(str))
    assert len({line.count("|") for line in page.splitlines() if line.startswith("| `far") or "`far`" in line}) == 1
