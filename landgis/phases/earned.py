"""Earned schedule: how far along its own plan a job is, in periods of time, and when it will end at this pace.

Lipke (2003), "Schedule is different", The Measurable News. ES = C + I: C is the number of whole periods whose
cumulative planned value PV_C ≤ EV, and I = (EV − PV_C) / (PV_{C+1} − PV_C). SPI(t) = ES / AT, and the finish is PD /
SPI(t). Unlike SPI = EV / PV, SPI(t) does not creep back to 1 at the end of a late job. Unknown is NaN, never infinite.

Three edges are ours. EV on a plateau of the plan is at its end, as the formula says: the plan too would have stood
still until then; but all is earned when PV first reaches its total, and nothing earned is ES 0. Sums in another order
differ in their last digits, so a difference below TOLERANCE of the total is none: without it, EV would fall off a
plateau by chance.

Periods of a real job are calendar months (or ISO weeks) from the one of its first planned day. A day stands at its
end: the last day of the first month is at 1.0, the 15th of the second, with 30 days, at 1.5. The last period of the
plan ends on the last planned day, not with its month; otherwise a job that ends ten days late in that month would
count as early.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, exp, isfinite, log, nan, sqrt
from typing import Literal

import numpy as np

from landgis.phases.curve import NEVER, cumulative, month_index, month_starts

TOLERANCE = 1e-9
Z_80 = 1.2815515655446004  # normal quantile of 0.9: between the two limits lie 80 %
LEAST_MOVED = 3
WEEK_DAYS = 7
LAST_DAY = 3_652_059  # 9999-12-31; a forecast beyond the calendar is unknown

Period = Literal["month", "week"]


@dataclass(frozen=True)
class Forecast:
    """When the job ends, in periods from its start, with the limits of an 80 % band; NaN = unknown."""

    finish: float
    low: float
    high: float


@dataclass(frozen=True)
class EarnedSchedule:
    """Where a job stands on its own plan; times in periods from its start, NaN = unknown."""

    actual_time: float  # of the finish, once all is earned
    earned_schedule: float
    spi_t: float  # earned_schedule / actual_time; below 1 = late
    spi: float  # EV / PV, for comparison
    planned_duration: float
    forecast_finish: float
    low: float
    high: float


@dataclass(frozen=True)
class DatedSchedule:
    """Where a job stands by the calendar; days are ordinals, None = unknown."""

    schedule: EarnedSchedule
    start_day: int | None  # first day of the first period, where its times count from
    finish_day: int | None  # of the fact, once all is earned
    low_day: int | None
    high_day: int | None
    unplanned_weight: float  # reached by as_of without a planned day; in no figure above
    unknown_weights: int  # things with a planned day whose weight is unknown; in no figure above


UNKNOWN = Forecast(nan, nan, nan)


def earned_schedule(planned_value: np.ndarray, earned: float, *, ends: np.ndarray | None = None) -> float:
    """Earned schedule ES of one earned value, in periods; NaN where the plan has no total or EV is unknown.

    `planned_value` float64[N], cumulative at the end of period 1…N, never falling (PV_0 = 0). `ends` float64[N],
    rising: when those periods end, if not at 1, 2, … N; a plan may end inside its last period. EV above the total is
    the total.

    >>> earned_schedule(np.arange(1, 11) * 10_000.0, 30_000)
    3.0
    >>> plateau = np.array([10.0, 10, 10, 20, 20])
    >>> [earned_schedule(plateau, earned) for earned in (0, 5, 10, 15, 20)]
    [0.0, 0.5, 3.0, 3.5, 4.0]
    """
    return float(earned_schedules(planned_value, np.array([earned], float), ends=ends)[0])


def earned_schedules(planned_value: np.ndarray, earned: np.ndarray, *, ends: np.ndarray | None = None) -> np.ndarray:
    """`earned_schedule` of many earned values against one plan, float64[k]."""
    value, time = _knots(planned_value, ends)
    total = value[-1]
    if not (total > 0 and isfinite(total)):
        return np.full(len(earned), nan)
    whole = np.searchsorted(value, earned + TOLERANCE * total, side="right") - 1  # the C of the formula
    whole = np.clip(whole, 0, len(value) - 2)
    part = np.clip((earned - value[whole]) / np.maximum(np.diff(value)[whole], TOLERANCE * total), 0, 1)
    schedule = time[whole] + part * np.diff(time)[whole]
    schedule = np.where(earned >= total * (1 - TOLERANCE), planned_duration(planned_value, ends=ends), schedule)
    return np.where(np.isnan(earned), nan, np.where(earned > 0, schedule, 0.0))


def planned_duration(planned_value: np.ndarray, *, ends: np.ndarray | None = None) -> float:
    """Planned duration PD: when the planned value first reaches its total, in periods; NaN without a total.

    >>> planned_duration(np.array([10.0, 20, 20]))
    2.0
    """
    value, time = _knots(planned_value, ends)
    reached = value >= value[-1] * (1 - TOLERANCE)
    return float(time[np.argmax(reached)]) if value[-1] > 0 and isfinite(value[-1]) else nan


def _knots(planned_value: np.ndarray, ends: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Planned value and time with the start, value 0 at time 0, before them."""
    value = np.concatenate([[0.0], planned_value])
    return value, np.arange(len(value), dtype=float) if ends is None else np.concatenate([[0.0], ends])


def forecast(
    schedule: float, *, actual_time: float, duration: float, increments: Sequence[float] | np.ndarray = ()
) -> Forecast:
    """Finish PD / SPI(t) and the limits PD / (SPI(t) · e^±h) of an 80 % band, all in periods.

    `schedule` ES and `actual_time` AT in periods; `increments` is the ES gained in each whole period so far, the zeros
    too. h = z · s · a is the log-normal confidence limit on the cumulative SPI(t) of Lipke, Zwikael, Henderson and
    Anbari (2009), "Prediction of project outcome", Int. J. Project Management 27, 400–407:

    - s, the standard error of ln SPI(t). They take it from the logarithms of the increments, which a period without
      progress does not have, so here the log-normal has the mean and variance of the increments' mean
      (Fenton 1960): s = √ln(1 + v² / n), v = standard deviation / mean of the n increments;
    - a = √((PD − ES) / (PD − ES / n)), the correction for a job that has an end: the more is done, the less is open.

    A job that is not done ends after AT, so no limit lies before it. The limits are unknown while fewer than 3 periods
    have moved, and equal the finish once the job is done.

    >>> round(forecast(3.0, actual_time=4.0, duration=10.0).finish, 2)
    13.33
    >>> forecast(10.0, actual_time=14.0, duration=10.0)
    Forecast(finish=14.0, low=14.0, high=14.0)
    """
    pace = spi_t(schedule, actual_time)
    finish = duration / pace if pace > 0 else nan
    if not isfinite(finish):
        return UNKNOWN
    if schedule >= duration:
        return Forecast(actual_time, actual_time, actual_time)
    gained = np.asarray(increments, float)
    if np.count_nonzero(gained > 0) < LEAST_MOVED:
        return Forecast(finish, nan, nan)
    count = len(gained)
    error = sqrt(log(1 + float(gained.std(ddof=1) / gained.mean()) ** 2 / count))
    half = Z_80 * error * sqrt((duration - schedule) / (duration - schedule / count))
    low, high = max(actual_time, finish * exp(-half)), finish * exp(half)
    return Forecast(finish, low, high) if isfinite(high) else Forecast(finish, nan, nan)


def spi_t(schedule: float, actual_time: float) -> float:
    """Schedule performance index by time, SPI(t) = ES / AT; no unit; NaN before the start.

    >>> spi_t(3.0, 4.0), spi_t(0.0, 0.0)
    (0.75, nan)
    """
    return schedule / actual_time if actual_time > 0 else nan


def standing(
    planned_value: np.ndarray,
    earned: float,
    *,
    actual_time: float,
    increments: Sequence[float] | np.ndarray = (),
    ends: np.ndarray | None = None,
) -> EarnedSchedule:
    """Where a job stands at `actual_time` periods after its start; arguments as in `earned_schedule` and `forecast`.

    Once all is earned, `actual_time` must be that of the finish: a job that ended at 14 instead of 10 has SPI(t) 0.714,
    whenever one asks. Planned value between two period ends is interpolated for SPI.

    >>> done = standing(np.arange(1, 11) * 10_000.0, 100_000, actual_time=14.0)
    >>> done.spi, round(done.spi_t, 3), done.forecast_finish
    (1.0, 0.714, 14.0)
    """
    schedule, duration = earned_schedule(planned_value, earned, ends=ends), planned_duration(planned_value, ends=ends)
    value, time = _knots(planned_value, ends)
    due = float(np.interp(actual_time, time, value))
    ahead = forecast(schedule, actual_time=actual_time, duration=duration, increments=increments)
    return EarnedSchedule(
        actual_time=actual_time,
        earned_schedule=schedule,
        spi_t=spi_t(schedule, actual_time),
        spi=min(earned, float(value[-1])) / due if due > 0 else nan,
        planned_duration=duration,
        forecast_finish=ahead.finish,
        low=ahead.low,
        high=ahead.high,
    )


def dated_schedule(
    planned: np.ndarray, actual: np.ndarray, weights: np.ndarray, *, as_of: int, period: Period = "month"
) -> DatedSchedule:
    """Where a job stands on as_of, from planned and actual days, int32[n], and weights, float64[n] ≥ 0.

    Only things with a planned day and a known weight above 0 make up plan, earned value and calendar; an actual day
    after as_of is not known yet. A forecast day is the one by whose end the work is done. See the head of this module.
    """
    known = np.isfinite(weights)
    loose = (planned == NEVER) & (actual <= as_of) & known
    unplanned, unknown = float(weights[loose].sum()), int(np.count_nonzero((planned < NEVER) & ~known))
    counted = (planned < NEVER) & known & (weights > 0)
    if not counted.any():
        none = standing(np.empty(0), 0.0, actual_time=nan)
        return DatedSchedule(none, None, None, None, None, unplanned, unknown)
    plan, fact, weight = planned[counted], actual[counted], weights[counted]
    origin = _period_index(int(plan.min()), period)
    value, ends = _planned_value(plan, weight, origin=origin, period=period)
    past = _closes(origin, as_of, period)
    past = past[past <= as_of]
    earned = cumulative(fact, weight, np.append(past, as_of))
    done = bool(earned[-1] >= value[-1] * (1 - TOLERANCE))
    here = int(fact[fact <= as_of].max()) if done else as_of
    schedule = standing(
        value,
        float(earned[-1]),
        actual_time=_position(here, origin, period),
        increments=np.diff(earned_schedules(value, earned[:-1], ends=ends), prepend=0.0),
        ends=ends,
    )
    ahead = (schedule.forecast_finish, schedule.low, schedule.high)
    finish, low, high = (here if done else _day_at(position, origin, period) for position in ahead)
    return DatedSchedule(schedule, _period_start(origin, period), finish, low, high, unplanned, unknown)


def _planned_value(
    plan: np.ndarray, weight: np.ndarray, *, origin: int, period: Period
) -> tuple[np.ndarray, np.ndarray]:
    """Cumulative planned value at the period ends, and these; the last one is where the plan ends."""
    closes = _closes(origin, int(plan.max()), period)
    ends = np.arange(1.0, len(closes) + 1)
    ends[-1] = _position(int(plan.max()), origin, period)
    return cumulative(plan, weight, closes), ends


def _closes(origin: int, last_day: int, period: Period) -> np.ndarray:
    """Last day of each period from number `origin` to that of `last_day`."""
    index = np.arange(origin + 1, _period_index(last_day, period) + 2)
    return (month_starts(index) if period == "month" else index * WEEK_DAYS + 1) - 1


def _period_index(day: int, period: Period) -> int:
    return month_index(day) if period == "month" else (day - 1) // WEEK_DAYS  # day 1 was a Monday


def _period_start(index: int, period: Period) -> int:
    return int(month_starts(np.array(index))) if period == "month" else index * WEEK_DAYS + 1


def _position(day: int, origin: int, period: Period) -> float:
    """Periods from the start of period number `origin` to the end of a day."""
    index = _period_index(day, period)
    start, stop = _period_start(index, period), _period_start(index + 1, period)
    return index - origin + (day - start + 1) / (stop - start)


def _day_at(position: float, origin: int, period: Period) -> int | None:
    """The day by whose end a position is reached, the inverse of `_position`; None if unknown or past the calendar."""
    if not 0 < position < LAST_DAY / WEEK_DAYS:
        return None
    whole = ceil(position - TOLERANCE) - 1
    start, stop = _period_start(origin + whole, period), _period_start(origin + whole + 1, period)
    day = start + max(ceil((position - whole) * (stop - start) - 1e-6), 1) - 1
    return day if day <= LAST_DAY else None
