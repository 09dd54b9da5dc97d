"""Sentences: by hand, for each kind of rule."""

import numpy as np
import pandas as pd
import pytest

from landgis.frames import columns_of
from landgis.rules import load_rules
from landgis.scoring.flags import join_flags
from landgis.scoring.score import score
from tests.scoring.test_change import zone_of_two


def test_flags_are_joined_in_their_order():
    flags = {
        "a": np.array([True, False, True]),
        "b": np.array([True, False, False]),
        "c": np.array([False, False, True]),
    }
    assert join_flags(flags, 3).tolist() == ["a;b", "", "a;c"]
    assert join_flags({}, 2).tolist() == ["", ""]


@pytest.mark.parametrize(
    ("column", "cells", "zh", "en"),
    [
        ("idle_months", [0, 14], "闲置 14 个月（标准 12 个月）", "idle for 14 months (limit 12)"),
        ("industry_banned", ["", "淘汰类"], "属于淘汰类产业", "industry is listed as 淘汰类"),
        (
            "major_hazard_open",
            ["否", "是"],
            "重大安全隐患或环保问题尚未整改",
            "a major safety hazard or environmental fault is still open",
        ),
    ],
)
def test_a_rule_on_a_column_of_the_office(column, cells, zh, en):
    zone = zone_of_two()
    zone.parcels[column] = pd.Series(cells)
    measures = zone.measure()
    columns = score(measures, columns_of(zone.parcels), load_rules("yongkang-draft")).columns
    assert zh in columns["reasons_zh"][1].as_py().split("；")
    assert en in columns["reasons_en"][1].as_py().split("; ")
    assert columns["reasons_zh"][0].as_py() == ""
    assert columns["low_efficiency"].tolist() == ["no", "yes"]


def test_the_limit_is_that_of_the_parcels_own_population():
    """P1 has three firms below scale: 3 of 2 万元/亩 is enough; its effective occupants are 2, its FAR 0.5."""
    zone = zone_of_two()
    zone.enterprises["tax_wan"] = [18.0, 3, 3, 3]  # 2 and 1 万元/亩 on 9 mu each
    _measures, scores = zone.score()
    assert scores.columns["reasons_zh"].tolist() == [
        "亩均税收 2.00 万元/亩，低于标准 5.00",
        "容积率 0.50 低于标准 1.00；亩均税收 1.00 万元/亩，低于标准 2.00",
    ]


def test_an_exempt_parcel_is_not_low_and_not_rated():
    zone = zone_of_two()
    zone.parcels["exempt_reason"] = pd.Series(["", "utilities"])
    zone.enterprises["tax_wan"] = [18.0, 3, 3, 3]
    _measures, scores = zone.score()
    assert scores.columns["low_efficiency"].tolist() == ["no", "no"]
    assert scores.columns["grade"].tolist() == ["A", "T"]
    assert scores.rated.tolist() == [True, False]


def test_a_value_just_below_its_limit_does_not_read_like_it():
    zone = zone_of_two()
    zone.buildings.loc[1, "footprint_m2"] = 5982.6  # FAR 0.9971
    assert "容积率 0.9971 低于标准 1.00" in zone.score()[1].columns["reasons_zh"][1].as_py()
