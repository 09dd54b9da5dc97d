"""How much had reached a milestone by which day: the S-curve of plan and fact.

Days are int32 proleptic ordinals (`datetime.date.toordinal`); NEVER stands for "no such day". Weights are floats ≥ 0 of
one unit, say m² or 1 per parcel; a weight that is not a finite number is unknown: it adds 0 and is counted apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

NEVER = np.iinfo(np.int32).max
EPOCH = 719_163  # the ordinal of 1970-01-01, day 0 of numpy's calendar


@dataclass(frozen=True)
class SCurve:
    """Weight that plan and fact have brought to a milestone by the end of each day of `at`; arrays of one length."""

    at: np.ndarray  # int32 ordinals, rising: the month ends, and as_of
    planned: np.ndarray
    actual: np.ndarray  # NaN after as_of


def month_index(day: int) -> int:
    """Months from January 1970 to the month of a day.

    >>> month_index(719_163), month_index(719_162)
    (0, -1)
    """
    return int(np.datetime64(int(day) - EPOCH, "D").astype("datetime64[M]").astype(int))


def month_starts(index: np.ndarray) -> np.ndarray:
    """First day of each month, int64 ordinals; `index` counts months from January 1970."""
    days: np.ndarray = np.asarray(index).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return days + EPOCH


def month_ends(first_day: int, last_day: int) -> np.ndarray:
    """Last day of each calendar month from that of `first_day` to that of `last_day`, int32; empty if that is none.

    >>> from datetime import date
    >>> [str(date.fromordinal(day)) for day in month_ends(date(2024, 1, 31).toordinal(), date(2024, 2, 1).toordinal())]
    ['2024-01-31', '2024-02-29']
    """
    return (month_starts(np.arange(month_index(first_day), month_index(last_day) + 1) + 1) - 1).astype(np.int32)


def cumulative(days: np.ndarray, weights: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Weight that had reached the milestone by the end of each day of `at`, in the unit of the weights, float64[k].

    `days` int32[n], `weights` float64[n], `at` int32[k] in any order. NEVER never counts. O((n + k) log k).

    >>> cumulative(np.array([5, 3, NEVER, 9]), np.array([1.0, 2.0, 4.0, np.nan]), np.array([9, 4, 2])).tolist()
    [3.0, 2.0, 0.0]
    """
    return _running_sum(days, np.where(np.isfinite(weights), weights, 0.0), at)


def unknown_count(days: np.ndarray, weights: np.ndarray, at: np.ndarray) -> np.ndarray:
    """How many things of unknown weight had reached the milestone by each day of `at`, int64[k].

    >>> unknown_count(np.array([5, 3, NEVER, 9]), np.array([1.0, 2.0, 4.0, np.nan]), np.array([9, 4])).tolist()
    [1, 0]
    """
    return _running_sum(days, ~np.isfinite(weights), at).astype(np.int64)


def _running_sum(days: np.ndarray, weights: np.ndarray, at: np.ndarray) -> np.ndarray:
    order = np.argsort(at, kind="stable")
    first = np.searchsorted(np.asarray(at)[order], days)  # the first day asked for on which it counts
    gained = np.bincount(first, np.where(np.asarray(days) < NEVER, weights, 0), minlength=len(order) + 1)
    total = np.empty(len(order))
    total[order] = np.cumsum(gained[:-1])
    return total


def s_curve(planned: np.ndarray, actual: np.ndarray, weights: np.ndarray, *, as_of: int) -> SCurve:
    """S-curve by month of planned and actual days, int32[n] each, with weights float64[n].

    The months run from the first to the last of: planned days, actual days up to as_of, as_of itself. Where as_of is
    no month end it is a point of its own, so that the line of facts ends on the day of the facts. An actual day after
    as_of is not known yet and adds nothing.
    """
    known = np.concatenate([planned[planned < NEVER], actual[actual <= as_of], [as_of]])
    at = np.union1d(month_ends(int(known.min()), int(known.max())), np.array([as_of], np.int32))
    fact = np.where(at <= as_of, cumulative(actual, weights, at), np.nan)
    return SCurve(at=at, planned=cumulative(planned, weights, at), actual=fact)
