"""Present value, rate of return and payback against sums by hand, polynomial roots and a plain walk over the years."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landgis.planning.cash import (
    HIGHEST_RATE,
    LOWEST_RATE,
    internal_rate_of_return,
    net_present_value,
    payback_years,
    static_payback_years,
)

money = st.integers(-1000, 1000)
flows = st.lists(money, min_size=2, max_size=12)


def one(function, row, *more):
    return float(function(np.array([row], dtype=float), *more)[0])


def walked(row, rate):
    """Years until the balance is covered for good, year by year."""
    balance, found = 0.0, 0.0
    none = -1e-12 * sum(abs(flow) / (1 + rate) ** year for year, flow in enumerate(row))
    for year, flow in enumerate(row):
        present = flow / (1 + rate) ** year
        if balance < none <= balance + present:
            found = year - 1 - balance / present
        balance += present
        if balance < none:
            found = math.nan
    return found


def test_by_hand():
    """−100 now, 60 after a year, 60 after two, at 10 %: −100 + 54.5455 + 49.5868 = 4.1322."""
    assert one(net_present_value, [-100, 60, 60], 0.1) == pytest.approx(60 / 1.1 + 60 / 1.21 - 100)
    assert one(internal_rate_of_return, [-100, 110]) == pytest.approx(0.10)
    assert one(internal_rate_of_return, [-100, 0, 121]) == pytest.approx(0.10)
    assert one(internal_rate_of_return, [-100, 50]) == pytest.approx(-0.5)
    assert one(payback_years, [-100, 40, 40, 40]) == 2.5
    assert one(payback_years, [-100, 110, 0], 0.1) == pytest.approx(1.0)


@pytest.mark.parametrize(
    "row",
    [[0, 0, 0], [5, 5], [-5, -5], [-100, 230, -132], [np.nan, 1, 2], [-1, np.nan], [-1, 1000], [-1e6, 1]],
    ids=["nothing", "only in", "only out", "10 % and 20 %", "unknown", "unknown later", "above 1 000 %", "below −95 %"],
)
def test_no_rate_of_return(row):
    assert math.isnan(one(internal_rate_of_return, row))


def test_rows_do_not_touch_each_other():
    rows = np.array([[-100.0, 110.0], [np.nan, 1.0], [1.0, 1.0], [-100.0, 120.0]])
    assert internal_rate_of_return(rows).tolist() == pytest.approx([0.1, np.nan, np.nan, 0.2], nan_ok=True)
    assert len(internal_rate_of_return(np.empty((0, 4)))) == 0
    many = np.tile(rows, (5000, 1))  # over the edge of a chunk
    assert np.array_equal(internal_rate_of_return(many), np.tile(internal_rate_of_return(rows), 5000), equal_nan=True)


@settings(max_examples=300, deadline=None)
@given(flows)
def test_the_rate_is_the_only_root(row):
    """Σ f_t v^t as a polynomial: its real roots v between the limits are all rates there are."""
    roots = np.roots(row[::-1])
    real = roots[np.abs(roots.imag) < 1e-9].real
    rates = [1 / v - 1 for v in real if v > 0 and LOWEST_RATE < 1 / v - 1 < HIGHEST_RATE]
    found = one(internal_rate_of_return, row)
    if not math.isnan(found):
        size = sum(abs(flow) / (1 + found) ** year for year, flow in enumerate(row))
        assert abs(one(net_present_value, row, found)) <= 1e-8 * size
        assert min(abs(rate - found) for rate in rates) < 1e-3 * (1 + abs(found))
    steady = row[0] < 0 and all(flow >= 0 for flow in row[1:])
    if steady and len(rates) == 1:
        assert not math.isnan(found)


@settings(max_examples=300, deadline=None)
@given(flows, st.sampled_from([0.0, 0.06, 0.25]))
def test_payback_is_a_walk_over_the_years(row, rate):
    assert one(payback_years, row, rate) == pytest.approx(walked(row, rate), nan_ok=True, abs=1e-9)


@settings(deadline=None)
@given(st.lists(money, min_size=1, max_size=10), st.floats(0, 1), st.floats(0, 1))
def test_discounting_never_pays_back_sooner(later, low, high):
    row = [-1000, *(abs(flow) for flow in later)]
    less, more = sorted((low, high))
    soon, late = (one(payback_years, row, rate) for rate in (less, more))
    assert math.isnan(late) or soon <= late + 1e-9


def test_static_payback():
    gap, gain = np.array([12_000.0, 100.0, -5.0, np.nan, 5.0]), np.array([2_000.0, -1.0, -1.0, 1.0, np.nan])
    assert static_payback_years(gap, gain).tolist() == pytest.approx([6.0, np.nan, 0.0, np.nan, np.nan], nan_ok=True)
