"""Earned schedule: the published figures, the formula in plain Python, and what must hold of any job."""

from datetime import date
from math import exp, isnan, log, nan, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landgis.phases.curve import NEVER
from landgis.phases.earned import (
    dated_schedule,
    earned_schedule,
    earned_schedules,
    forecast,
    planned_duration,
    standing,
)

KEPT = settings(deadline=None)
LINEAR = np.arange(1, 11) * 10_000.0
MONTH_ENDS = [date(2024 + k // 12, k % 12 + 1, 1).toordinal() - 1 for k in range(1, 25)]
STEPS = st.lists(st.integers(0, 5), min_size=1, max_size=12).filter(any)


def slow_schedule(planned_value, earned):
    """C + I as printed; the edges of the head of the module first."""
    total = planned_value[-1]
    if earned <= 0:
        return 0.0
    if earned >= total:
        return float(next(period for period, value in enumerate(planned_value, 1) if value == total))
    value = [0, *planned_value]
    whole = max(period for period in range(len(value)) if value[period] <= earned)
    return whole + (earned - value[whole]) / (value[whole + 1] - value[whole])


def test_linear_plan_a_quarter_late():
    at_4 = standing(LINEAR, 30_000, actual_time=4)
    assert (at_4.earned_schedule, at_4.spi_t, at_4.spi, at_4.planned_duration) == (3.0, 0.75, 0.75, 10.0)
    assert at_4.forecast_finish == pytest.approx(40 / 3)
    assert isnan(at_4.low) and isnan(at_4.high)


def test_late_job_stays_late_when_done():
    done = standing(LINEAR, 100_000, actual_time=14.0)
    assert done.spi == 1.0 and done.spi_t == pytest.approx(10 / 14)
    assert done.forecast_finish == done.low == done.high == 14.0


@pytest.mark.parametrize(
    ("planned_value", "earned", "schedule"),
    [
        ([10, 10, 10, 20], 9, 0.9),
        ([10, 10, 10, 20], 10, 3.0),  # on the plateau: at its end
        ([10, 10, 10, 20], 10 - 1e-12, 3.0),  # short by rounding only
        ([10, 10, 10, 20], 15, 3.5),
        ([0, 0, 10], 0, 0.0),  # nothing earned, though the plan begins flat
        ([0, 0, 10], 5, 2.5),
        ([10, 20, 20, 20], 20, 2.0),  # all earned: the period in which the plan first has all
        ([10, 20, 20, 20], 99, 2.0),
        ([10, 20], -1, 0.0),
        ([10, 20], nan, nan),
        ([0, 0], 5, nan),
        ([nan, nan], 5, nan),
        ([], 5, nan),
    ],
)
def test_edges(planned_value, earned, schedule):
    assert earned_schedule(np.array(planned_value, float), earned) == pytest.approx(schedule, nan_ok=True)


def test_a_plan_may_end_inside_its_last_period():
    ends = np.array([1.0, 1.5])
    assert planned_duration(np.array([10.0, 20.0]), ends=ends) == 1.5
    assert earned_schedule(np.array([10.0, 20.0]), 15.0, ends=ends) == 1.25


@pytest.mark.parametrize("actual_time", [0, -2, nan])
def test_before_the_start_all_is_unknown(actual_time):
    early = standing(LINEAR, 30_000, actual_time=actual_time)
    assert early.earned_schedule == 3.0
    assert all(map(isnan, (early.spi_t, early.spi, early.forecast_finish, early.low, early.high)))


def test_nothing_earned_has_no_forecast():
    nothing = standing(LINEAR, 0, actual_time=2, increments=[0, 0])
    assert (nothing.earned_schedule, nothing.spi_t, nothing.spi) == (0, 0, 0)
    assert isnan(nothing.forecast_finish) and isnan(nothing.low)


@KEPT
@given(STEPS, st.integers(-1, 70))
def test_formula_in_plain_python(steps, earned):
    planned_value = np.cumsum(steps)
    assert earned_schedule(planned_value, earned) == pytest.approx(slow_schedule(planned_value.tolist(), earned))


@KEPT
@given(STEPS, st.lists(st.floats(0, 80), min_size=1))
def test_schedule_rises_with_what_is_earned_up_to_the_planned_duration(steps, earned):
    planned_value = np.cumsum(steps).astype(float)
    schedule = earned_schedules(planned_value, np.sort(earned))
    assert (np.diff(schedule) >= -1e-6).all() and schedule[0] >= 0
    assert schedule[-1] <= planned_duration(planned_value) <= len(steps)


@KEPT
@given(st.lists(st.integers(1, 99), min_size=2, max_size=12), st.randoms())
def test_order_of_summing_does_not_matter(tenths, random):
    weights = np.array(tenths) / 10
    shuffled = random.sample(list(weights), len(weights))
    planned_value = np.repeat(np.cumsum(weights), 3)  # each value stands for three periods
    for count in range(1, len(weights)):
        assert earned_schedule(planned_value, sum(sorted(weights[:count]))) == pytest.approx(3 * count + 0, abs=1e-6)
    assert earned_schedule(planned_value, sum(shuffled)) == 3 * len(weights) - 2


def test_band_by_hand():
    """ΔES 0.5, 1, 1.5, 1: mean 1, variance 1/6; s² = ln(1 + 1/24); a² = (10 − 4) / (10 − 1)."""
    ahead = forecast(4.0, actual_time=4.0, duration=10.0, increments=[0.5, 1, 1.5, 1])
    half = 1.2815515655 * sqrt(log(1 + 1 / 24)) * sqrt(6 / 9)
    assert (ahead.finish, ahead.low, ahead.high) == pytest.approx((10, 10 * exp(-half), 10 * exp(half)))
    steady = forecast(4.0, actual_time=4.0, duration=10.0, increments=[1, 1, 1, 1])
    assert steady.low == steady.finish == steady.high == 10
    assert isnan(forecast(4.0, actual_time=4.0, duration=10.0, increments=[2, 0, 0, 2]).low)


@KEPT
@given(st.lists(st.floats(0, 3), min_size=1, max_size=30), st.floats(0, 0.99), st.floats(0.1, 60))
def test_band_holds_the_finish_and_neither_lies_in_the_past(increments, rest, duration):
    schedule, time = sum(increments), len(increments) + rest
    ahead = forecast(min(schedule, duration), actual_time=time, duration=duration, increments=increments)
    if sum(gain > 0 for gain in increments) >= 3 or (schedule >= duration and not isnan(ahead.finish)):
        assert time <= ahead.low <= ahead.finish <= ahead.high < np.inf
    else:
        assert isnan(ahead.low) and isnan(ahead.high)
        assert isnan(ahead.finish) or time <= ahead.finish < np.inf


def test_no_limit_lies_in_the_past():
    ahead = forecast(9.0, actual_time=9.5, duration=10.0, increments=[8, 0, 0, 0, 0, 0, 0, 0.5, 0.5])
    assert ahead.low == 9.5 < ahead.finish == pytest.approx(95 / 9)


def test_ten_months_by_the_calendar():
    planned = np.array([*MONTH_ENDS[:10], NEVER, MONTH_ENDS[20]], np.int32)
    actual = np.array([*MONTH_ENDS[1:4], *[NEVER] * 7, MONTH_ENDS[0], MONTH_ENDS[0]], np.int32)
    weights = np.array([10_000.0] * 10 + [77, nan])
    now = dated_schedule(planned, actual, weights, as_of=MONTH_ENDS[3])
    assert (now.schedule.actual_time, now.schedule.earned_schedule, now.schedule.spi_t) == (4, 3, 0.75)
    assert now.schedule.forecast_finish == pytest.approx(40 / 3)
    assert now.start_day == date(2024, 1, 1).toordinal()
    assert now.finish_day == date(2025, 2, 10).toordinal()  # a third of 28 days is 9.33: during the 10th
    assert now.low_day <= now.finish_day <= now.high_day  # 0, 1, 1, 1
    assert (now.unplanned_weight, now.unknown_weights) == (77, 1)


def test_done_is_measured_at_its_finish():
    planned, actual = np.array(MONTH_ENDS[:10], np.int32), np.array(MONTH_ENDS[4:14], np.int32)
    done = dated_schedule(planned, actual, np.ones(10), as_of=MONTH_ENDS[22])
    assert (done.schedule.spi, done.schedule.actual_time) == (1, 14)
    assert done.schedule.spi_t == pytest.approx(10 / 14)
    assert done.finish_day == done.low_day == done.high_day == MONTH_ENDS[13]


@pytest.mark.parametrize(("late_days", "sign"), [(-5, 1), (0, 0), (5, -1)])
@pytest.mark.parametrize("period", ["month", "week"])
def test_days_late_inside_the_last_month_count(late_days, sign, period):
    planned = np.array([date(2024, 1, 5).toordinal(), date(2024, 3, 12).toordinal()], np.int32)
    done = dated_schedule(planned, planned + late_days, np.ones(2), as_of=date(2024, 6, 1).toordinal(), period=period)
    assert np.sign(done.schedule.spi_t - 1) == sign


def test_nothing_planned_or_nothing_begun():
    days, weights = np.full(3, NEVER, np.int32), np.array([1.0, 2.0, nan])
    none = dated_schedule(days, np.array([5, 6, 5], np.int32), weights, as_of=5)
    assert isnan(none.schedule.spi_t) and none.finish_day is None and none.start_day is None
    assert none.unplanned_weight == 1.0
    planned = np.array(MONTH_ENDS[:3], np.int32)
    before = dated_schedule(planned, days, weights, as_of=MONTH_ENDS[0] - 60)
    assert isnan(before.schedule.spi_t) and before.finish_day is None
    begun = dated_schedule(planned, days, weights, as_of=MONTH_ENDS[0])
    assert begun.schedule.spi_t == 0 and begun.finish_day is None


DATED = st.one_of(st.integers(MONTH_ENDS[0], MONTH_ENDS[12]), st.just(NEVER))


@KEPT
@given(st.lists(st.tuples(DATED, DATED, st.integers(0, 9)), min_size=1), st.integers(MONTH_ENDS[0], MONTH_ENDS[-1]),
       st.sampled_from(["month", "week"]))  # fmt: skip
def test_any_job_by_the_calendar(rows, as_of, period):
    planned, actual, weights = (np.array(column) for column in zip(*rows, strict=True))
    now = dated_schedule(planned, actual, weights.astype(float), as_of=as_of, period=period)
    left = [fact > as_of for plan, fact, weight in rows if plan != NEVER and weight]
    if left and not any(left):
        last = max(fact for plan, fact, weight in rows if plan != NEVER and weight)
        assert (now.low_day, now.finish_day, now.high_day) == (last, last, last)
    if now.low_day is not None:
        assert now.low_day <= now.finish_day <= now.high_day
    if now.finish_day is not None and any(left):
        assert now.finish_day >= as_of
