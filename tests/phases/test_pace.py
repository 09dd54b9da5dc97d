"""Days between steps, weight per week, what is late: by hand and against plain Python."""

import statistics
from datetime import date

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from landgis.phases.curve import NEVER
from landgis.phases.pace import dwell_days, throughput

KEPT = settings(deadline=None)
DAYS = st.one_of(st.integers(738_000, 738_060), st.just(NEVER))


def test_dwell_of_three_steps():
    days = np.array(
        [[10, 20, 50], [10, 30, NEVER], [10, 40, 45], [NEVER, 40, 47], [10, NEVER, 60], [NEVER] * 3, [30, 20, NEVER]],
        np.int32,
    )
    dwell = dwell_days(days)
    assert dwell.parcels.tolist() == [3, 3]  # 10, 20, 30 and 30, 5, 7
    assert dwell.median_days.tolist() == [20, 7]
    assert np.allclose(dwell.p90_days, [28, 7 + 0.8 * 23])  # rank 0.9 · (3 − 1) = 1.8
    assert dwell.max_days.tolist() == [30, 30]
    assert dwell.without_start.tolist() == [1, 1]
    assert dwell.backwards.tolist() == [1, 0]


def test_dwell_of_nothing():
    empty = dwell_days(np.empty((0, 3), np.int32))
    assert empty.parcels.tolist() == [0, 0] and np.isnan(empty.median_days).all()
    assert len(dwell_days(np.array([[5]], np.int32)).parcels) == 0


@KEPT
@given(st.lists(st.tuples(DAYS, DAYS, DAYS), min_size=1, max_size=25))
def test_dwell_in_plain_python(rows):
    dwell = dwell_days(np.array(rows, np.int32))
    for step in range(2):
        gaps = [row[step + 1] - row[step] for row in rows if NEVER not in row[step : step + 2]]
        forward = [gap for gap in gaps if gap >= 0]
        assert dwell.parcels[step] == len(forward) and dwell.backwards[step] == len(gaps) - len(forward)
        assert dwell.without_start[step] == sum(row[step] == NEVER != row[step + 1] for row in rows)
        if forward:
            assert dwell.median_days[step] == statistics.median(forward) and dwell.max_days[step] == max(forward)
            assert dwell.median_days[step] <= dwell.p90_days[step] <= dwell.max_days[step]


def test_throughput_of_two_weeks():
    monday = date(2024, 5, 13).toordinal()
    days = np.array([monday - 8, monday - 7, monday - 1, monday, monday + 2, monday + 3, monday, NEVER], np.int32)
    weights = np.array([1, 2, 4, 8, 16, 32, np.nan, 64])
    flow = throughput(days, weights, as_of=monday + 2, weeks=2)  # a Wednesday
    assert flow.week_start.tolist() == [monday - 7, monday]
    assert flow.weight.tolist() == [6, 24] and flow.unknown.tolist() == [0, 1]
    assert flow.last_week_days == 3 and flow.partial
    assert not throughput(days, weights, as_of=monday + 6).partial


@KEPT
@given(st.lists(st.tuples(DAYS, st.integers(0, 9)), max_size=25), st.integers(738_000, 738_060))
def test_throughput_by_iso_week(rows, as_of):
    flow = throughput(np.array([r[0] for r in rows], np.int32), np.array([r[1] for r in rows], float), as_of=as_of)
    week = {date.fromordinal(start).isocalendar()[:2]: 0 for start in flow.week_start}
    for when, weight in rows:
        if when <= as_of and (key := date.fromordinal(when).isocalendar()[:2]) in week:
            week[key] += weight
    assert flow.weight.tolist() == list(week.values())
    assert len(week) == 12 and flow.last_week_days == date.fromordinal(as_of).isoweekday()
