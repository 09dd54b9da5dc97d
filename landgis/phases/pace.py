"""How long steps take, and how much passes per week. Days and NEVER are those of `curve`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from landgis.phases.curve import NEVER

WEEK_DAYS = 7


@dataclass(frozen=True)
class Dwell:
    """Days between each two neighbouring steps of a path; arrays of steps − 1, entry k from step k to step k + 1."""

    parcels: np.ndarray  # int64: both steps recorded, the later one not before the earlier
    median_days: np.ndarray  # float64, NaN where no parcel has both
    p90_days: np.ndarray
    max_days: np.ndarray
    without_start: np.ndarray  # int64: the later step is recorded, the earlier one is not
    backwards: np.ndarray  # int64: the later step is recorded on a day before the earlier one; not in the figures


@dataclass(frozen=True)
class Throughput:
    """Weight that reached a milestone in each ISO week, oldest first; arrays of one length."""

    week_start: np.ndarray  # int32: its Monday
    weight: np.ndarray  # float64
    unknown: np.ndarray  # int64: things of unknown weight, which add 0
    last_week_days: int  # 1…7 days of the last week have passed by the end of as_of; below 7 it is not comparable yet

    @property
    def partial(self) -> bool:
        """Whether the last week is still running."""
        return self.last_week_days < WEEK_DAYS


def dwell_days(days: np.ndarray) -> Dwell:
    """Days from each step to the next, over parcels; `days` int32[n, steps] in the order of the path.

    A parcel counts for a pair when both days are recorded. A skipped step is not bridged: the step after it has no
    start. Quantiles interpolate linearly between the two nearest values (type 7 of Hyndman and Fan, 1996).

    >>> dwell = dwell_days(np.array([[10, 14, NEVER], [10, 20, 21], [NEVER, 30, 31]]))
    >>> dwell.parcels.tolist(), dwell.median_days.tolist(), dwell.without_start.tolist()
    ([2, 2], [7.0, 1.0], [1, 0])
    """
    pairs = [_pair(days[:, step], days[:, step + 1]) for step in range(days.shape[1] - 1)]
    figures = np.array(pairs, dtype=float).reshape(len(pairs), 6).T
    parcels, median, p90, most, without, backwards = figures
    counts = (column.astype(np.int64) for column in (parcels, without, backwards))
    return Dwell(*(next(counts), median, p90, most), *counts)


def _pair(start: np.ndarray, end: np.ndarray) -> tuple[float, ...]:
    started, ended = start < NEVER, end < NEVER
    both = started & ended
    gap = end[both] - start[both]
    forward = gap[gap >= 0]
    figures = np.quantile(forward, [0.5, 0.9, 1.0]) if len(forward) else np.full(3, np.nan)
    return (len(forward), *figures, np.count_nonzero(ended & ~started), len(gap) - len(forward))


def throughput(days: np.ndarray, weights: np.ndarray, *, as_of: int, weeks: int = 12) -> Throughput:
    """Weight per ISO week (Monday to Sunday) for the last `weeks` weeks, the last being that of as_of.

    `days` int32[n], `weights` float64[n] ≥ 0. A day after as_of is not known yet and adds nothing.

    >>> throughput(np.array([1, 7, 8, 9]), np.ones(4), as_of=8, weeks=2).weight.tolist()  # day 1 was a Monday
    [2.0, 1.0]
    """
    monday = as_of - (as_of - 1) % WEEK_DAYS
    first = monday - WEEK_DAYS * (weeks - 1)
    seen = (days >= first) & (days <= as_of)
    week, weight = (days[seen] - first) // WEEK_DAYS, weights[seen]
    known = np.isfinite(weight)
    return Throughput(
        week_start=np.arange(first, monday + 1, WEEK_DAYS, dtype=np.int32),
        weight=np.bincount(week[known], weight[known], minlength=weeks),
        unknown=np.bincount(week[~known], minlength=weeks),
        last_week_days=as_of - monday + 1,
    )
