"""The S-curve: worked by hand, and against sums in plain Python."""

from datetime import date, timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from landgis.phases.curve import NEVER, cumulative, month_ends, month_starts, s_curve, unknown_count

KEPT = settings(deadline=None)
DAY = st.integers(738_000, 738_400)
DATED = st.one_of(DAY, st.just(NEVER))
WEIGHT = st.one_of(st.integers(0, 1000).map(float), st.just(np.nan))
ROWS = st.lists(st.tuples(DATED, DATED, WEIGHT), max_size=30)


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def columns(rows):
    planned, actual, weights = zip(*rows, strict=True) if rows else ((), (), ())
    return np.array(planned, np.int32), np.array(actual, np.int32), np.array(weights, float)


def test_month_ends():
    ends = month_ends(day("2023-11-30"), day("2024-03-01"))
    assert ends.dtype == np.int32
    assert [str(date.fromordinal(end)) for end in ends] == [
        "2023-11-30", "2023-12-31", "2024-01-31", "2024-02-29", "2024-03-31"]  # fmt: skip
    assert len(month_ends(day("2024-03-01"), day("2024-02-28"))) == 0


@KEPT
@given(st.dates(max_value=date(9999, 11, 30)))
def test_month_ends_by_the_calendar(today):
    end = date.fromordinal(int(month_ends(today.toordinal(), today.toordinal())[0]))
    assert (end.year, end.month) == (today.year, today.month)
    assert (end + timedelta(days=1)).day == 1
    months = (today.year - 1970) * 12 + today.month - 1
    assert int(month_starts(np.array(months))) == today.replace(day=1).toordinal()


@KEPT
@given(ROWS, st.lists(DATED, max_size=8))
def test_cumulative_is_the_sum_of_what_was_reached(rows, at):
    days, _, weights = columns(rows)
    reached = [[weight for when, _, weight in rows if when <= stop and when != NEVER] for stop in at]
    stops = np.array(at, np.int32)
    assert cumulative(days, weights, stops).tolist() == [sum(w for w in some if w == w) for some in reached]
    assert unknown_count(days, weights, stops).tolist() == [sum(w != w for w in some) for some in reached]


def test_s_curve_of_three_parcels():
    planned = np.array([day("2024-01-10"), day("2024-02-20"), day("2024-03-31")], np.int32)
    actual = np.array([day("2024-01-31"), NEVER, day("2024-02-15")], np.int32)  # the last is not known yet
    curve = s_curve(planned, actual, np.array([100.0, 200.0, 400.0]), as_of=day("2024-02-10"))
    assert [str(date.fromordinal(at)) for at in curve.at] == ["2024-01-31", "2024-02-10", "2024-02-29", "2024-03-31"]
    assert curve.planned.tolist() == [100, 100, 300, 700]
    assert curve.actual[:2].tolist() == [100, 100] and np.isnan(curve.actual[2:]).all()


@KEPT
@given(ROWS, DAY)
def test_s_curve_covers_plan_and_fact(rows, as_of):
    planned, actual, weights = columns(rows)
    curve = s_curve(planned, actual, weights, as_of=as_of)
    assert (np.diff(curve.at) > 0).all() and (np.diff(curve.planned) >= 0).all() and as_of in curve.at
    assert curve.planned[-1] == sum(weight for when, _, weight in rows if when != NEVER and weight == weight)
    known = curve.at <= as_of
    assert np.isnan(curve.actual[~known]).all()
    assert curve.actual[known][-1] == sum(weight for _, when, weight in rows if when <= as_of and weight == weight)
