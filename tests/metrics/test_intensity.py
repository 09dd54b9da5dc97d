"""Worked values of the issue and of the domain brief §1.3."""

import numpy as np
import pyarrow as pa
import pytest

from landgis.metrics.intensity import building_floor_area, count_storeys
from landgis.rules.model import StoreyRule

RULE = StoreyRule(double_above_m=8.0, counts=2.0)
NONE = None


def count(storeys, heights, height_m=None):
    tops = [np.nan] * len(storeys) if height_m is None else height_m
    return count_storeys(
        np.array(storeys, dtype=float), pa.array(heights, pa.large_string()), np.array(tops, dtype=float), RULE
    )


def factors(found):
    return [*found.factor, *found.factor_low, *found.factor_high]


@pytest.mark.parametrize(
    ("storeys", "heights", "factor"),
    [
        (1, "9", 2),  # 3 000 m² hall on 6 000 m²: 0.50 plain, 1.00 counted
        (5, "8.1;4;4;4;4", 1.2),  # 15 000 m² on 6 000 m²: 2.50 and 3.00
        (1, "8.00", 1),  # exactly 8.00 m does not count twice
        (1, "8.01", 2),
        (2, "9;9", 2),
    ],
)
def test_known_heights(storeys, heights, factor):
    assert factors(count([storeys], [heights])) == pytest.approx([factor] * 3)


def test_site_of_the_domain_brief():
    floors = np.array([6000.0, 3000, 3000, 800])
    found = count([1, 1, 1, 1], ["9.0", "4.5", "4.2", "8.0"])
    assert floors.sum() / 15_000 == pytest.approx(0.8533, abs=5e-5)
    assert (floors * found.factor).sum() / 15_000 == pytest.approx(1.2533, abs=5e-5)


def test_unknown_heights_leave_bounds():
    found = count([3, 3], [NONE, "9;4"])
    assert found.factor_low == pytest.approx([1, 4 / 3])
    assert found.factor_high == pytest.approx([2, 5 / 3])
    assert found.heights_known.tolist() == [False, False]


def test_heights_tell_the_storeys_and_missing_storeys_count_as_one():
    found = count([np.nan, np.nan], ["9;4", NONE])
    assert found.storeys.tolist() == [2, 1]
    assert found.storeys_known.tolist() == [True, False]


def test_more_heights_than_storeys_tell_nothing():
    found = count([1], ["9;4"])
    assert found.heights_known.tolist() == [False]
    assert found.factor_high.tolist() == [2]


@pytest.mark.parametrize(
    ("storeys", "height_m", "expected"),
    [
        (1, 8.0, (1, 1, 1)),
        (1, 8.5, (2, 2, 2)),
        (3, 12.0, (1, 1, 4 / 3)),  # one storey of 8.1 m fits under 12 m, two do not
        (3, 24.0, (1, 1, 5 / 3)),  # two of 8.1 m fit under 24 m, three do not
        (2, 17.0, (2, 1.5, 2)),  # the mean is above 8 m, so at least one is
        (np.nan, 7.0, (1, 1, 1)),
    ],
)
def test_height_of_the_building_is_an_estimate_with_bounds(storeys, height_m, expected):
    found = count([storeys], [NONE], [height_m])
    assert factors(found) == pytest.approx(list(expected))
    assert found.estimated.tolist() == [True]


def test_nothing_above_ground_counts_once():
    assert factors(count([0], [NONE])) == [1, 1, 1]


def test_floor_area_is_declared_or_footprint_times_storeys():
    storeys = count([3, 3, np.nan, 0], [NONE] * 4)
    found = building_floor_area(np.array([1000.0, np.nan, np.nan, np.nan]), np.array([500.0, 500, 500, 500]), storeys)
    assert found.floor_area_m2.tolist() == [1000, 1500, 500, 0]
    assert found.declared.tolist() == [True, False, False, False]
    assert found.known.tolist() == [True, True, False, True]
