"""Points and totals, worked by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landgis.rules.model import Indicator, Level
from landgis.scoring.indicators import contributions, indicator_points, total

NAN = float("nan")


def points(x, benchmark, **more):
    rule = Indicator("tax_per_mu", **({"weight": 20.0, "benchmark": Level(benchmark)} | more))
    return indicator_points(np.array(x, dtype=float), np.full(len(x), benchmark), rule).tolist()


def test_value_over_benchmark_times_weight():
    assert points([5, 10, 12], 10, cap=None) == [10, 20, 24]


def test_cap_and_lowest():
    assert points([-5, 14, 16, np.inf], 10, cap=1.5) == [0, 28, 30, 30]
    assert points([-5], 10, lowest=-0.25) == [-5]


def test_less_is_better_where_the_benchmark_is_below_zero_point():
    assert points([1, 5.5, 10, 12, 0.5], 1, zero=10) == [20, 10, 0, 0, 20]


def test_scale_comes_first():
    assert points([0.00001], 0.2, scale=10_000) == pytest.approx([10])


def test_unknown_stays_unknown():
    assert np.isnan(points([NAN], 10)).all() and np.isnan(points([5], NAN)).all()


def test_policies_for_what_is_missing():
    known = np.array([[10.0, 30.0, 8.0], [NAN, 20.0, 4.0], [20.0, NAN, NAN]])
    weights = (20, 50, 30)
    assert total(known.T, weights, ["zero"] * 3).tolist() == [48, 24, 20]
    assert total(known.T, weights, ["mean_score"] * 3).tolist() == [48, 15 + 20 + 4, 20 + 25 + 6]
    assert total(known.T, weights, ["exclude_and_reweight"] * 3).tolist() == [48, pytest.approx(24 * 100 / 80), 100]
    mixed = ["mean_score", "exclude_and_reweight", "exclude_and_reweight"]
    assert total(known.T, weights, mixed).tolist() == [48, 39, 100]


def test_a_row_without_any_point_has_no_total():
    for policy in ("zero", "mean_score", "exclude_and_reweight"):
        assert np.isnan(total(np.array([[NAN, 1.0], [NAN, 2.0]]), (50, 50), [policy] * 2)[0])


def test_mean_of_nothing_is_left_out():
    assert total(np.array([[10.0], [NAN]]), (20, 80), ["zero", "mean_score"]).tolist() == [50]


cells = st.one_of(st.just(NAN), st.floats(0, 100))


@given(
    st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=8),
    st.sampled_from(["zero", "mean_score", "exclude_and_reweight"]),
)
def test_contributions_add_up_and_stay_within_their_range(rows, policy):
    weights = np.array([20.0, 50.0, 30.0])
    matrix = np.array(rows) / 100 * weights
    added, score = (way(matrix.T, weights, [policy] * 3) for way in (contributions, total))
    added = np.stack(added, axis=1)
    known = ~np.isnan(score)
    assert (known == ~np.isnan(matrix).all(axis=1)).all()
    assert np.nansum(added[known], axis=1) == pytest.approx(score[known])
    assert ((score[known] >= 0) & (score[known] <= 100 + 1e-9)).all()
