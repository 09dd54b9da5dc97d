"""The result columns are those of the contract, in its order, with names that a shapefile can hold."""

import re

import pytest

from landgis.results import (
    FIRM_COLUMNS,
    FIRM_NAMES,
    RESULT_COLUMNS,
    RESULT_NAMES,
    SHAPEFILE_NAME_LENGTH,
)
from tests.conftest import shared

BOTH = pytest.mark.parametrize("columns", [RESULT_COLUMNS, FIRM_COLUMNS], ids=["results", "firms"])
MORE_THAN_THE_CONTRACT = {"floor_area_source", "reasons_zh", "reasons_en"}


def contract_sections() -> tuple[str, str]:
    text = shared("contract.md").read_text("utf-8").partition("## 2.")[2].partition("## 3.")[0]
    results, _, rest = text.partition("**Firms**")
    return results, rest.partition("**Status**")[0]


def test_results_are_those_of_the_contract_in_its_order():
    rows = re.findall(r"^\| ([a-z][^|]+) \|", contract_sections()[0], re.M)
    names = [name.strip() for row in rows if row != "column" for name in row.split(",")]
    assert [name for name in RESULT_NAMES if name not in MORE_THAN_THE_CONTRACT] == names


def test_firms_are_those_of_the_contract_in_its_order():
    listed = contract_sections()[1].partition("in the order of the input:")[2]
    names = re.findall(r"`([a-z_]+)`", re.sub(r"\([^)]*\)", "", listed))
    assert list(FIRM_NAMES) == names


@BOTH
def test_names_differ_and_fit_a_shapefile(columns):
    assert len({column.name for column in columns}) == len(columns)
    short = [column.shapefile for column in columns]
    assert len({name.casefold() for name in short}) == len(columns)
    assert all(name.isascii() and 0 < len(name) <= SHAPEFILE_NAME_LENGTH for name in short)


@BOTH
def test_every_column_says_what_it_is(columns):
    for column in columns:
        assert column.title and column.meaning.endswith(".") and column.kind in ("key", "text", "number", "integer")


def test_units_follow_the_names():
    units = {column.name: column.unit for column in RESULT_COLUMNS}
    assert all(units[name] == "m²" for name in RESULT_NAMES if name.endswith("_m2"))
    assert all(units[name] == "万元/亩" for name in RESULT_NAMES if name.endswith("_per_mu"))
    assert all(not units[name] for name in RESULT_NAMES if "ratio" in name or "share" in name)


def test_sentences_stand_behind_the_reasons():
    at = RESULT_NAMES.index("reasons")
    assert RESULT_NAMES[at : at + 3] == ("reasons", "reasons_zh", "reasons_en")
