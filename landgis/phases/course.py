"""How much stands in which phase, month by month: the past as it was, and behind it the course that the plan takes.

A phase is the step that a parcel reached last: by its day, and of those of one day the one farthest along. Days are
int32 ordinals and NEVER, as in `curve`; steps are columns in the order of a path. Column 0 of every result is the land
that has reached no step yet, column k + 1 is step k.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from landgis.phases.curve import NEVER
from landgis.phases.reached import Land, Lines


@dataclass(frozen=True)
class Stays:
    """From which to which of some days a parcel stands in a phase; one row a stay, arrays of one length."""

    parcel: np.ndarray  # int64 positions
    phase: np.ndarray  # int64: 0 none, k + 1 step k
    first: np.ndarray  # int64, the position of the first day on which it counts
    stop: np.ndarray  # int64, that of the first one on which it does so no more; always > first


def existence(lines: Lines, land: Land, last: int) -> tuple[np.ndarray, np.ndarray]:
    """First day of each parcel, and the day from which it is no more, int32[parcels], by the lines up to line `last`.

    A parcel is there since ever and for ever, unless it was split, merged or renumbered.
    """
    since = np.zeros(len(land.parcel_ids), dtype=np.int32)
    until = np.full(len(since), NEVER, dtype=np.int32)
    for seq, action, parcel, day, _ in lines.lineage:
        here = land.parcel_ids.get_indexer([parcel])[0]
        if here >= 0 and action == "create":
            since[here] = day if seq <= last else NEVER
        elif here >= 0 and seq <= last:
            until[here] = day
    return since, until


def course(actual: np.ndarray, planned: np.ndarray, *, as_of: int, withdrawn: np.ndarray) -> np.ndarray:
    """The facts up to a day and the plan behind it, int32[n, steps], from two such arrays and bool[n].

    What was planned for as_of or before and has not been reached is late, and nobody knows when it comes: NEVER. A
    parcel that was withdrawn has no plan any more.

    >>> course(np.array([[3, NEVER, NEVER]]), np.array([[9, 4, 8]]), as_of=5, withdrawn=np.array([False])).tolist()
    [[3, 2147483647, 8]]
    """
    ahead = np.where((planned > as_of) & ~withdrawn[:, None], planned, NEVER)
    found: np.ndarray = np.where(actual <= as_of, actual, ahead)
    return found.astype(np.int32)


def stays(days: np.ndarray, at: np.ndarray, *, since: np.ndarray, until: np.ndarray) -> Stays:
    """The stays of all parcels on the days `at`, rising int32[k]; `days` int32[n, steps], `since`, `until` int32[n]."""
    size, steps = days.shape
    order = np.sort(days.astype(np.int64) * steps + np.arange(steps), axis=1)
    began = np.column_stack([np.zeros(size, np.int64), order // steps])
    ended = np.column_stack([order // steps, np.full(size, NEVER, np.int64)])
    phase = np.column_stack([np.zeros(size, np.int64), order % steps + 1])
    first = np.searchsorted(at, np.maximum(began, since[:, None]))
    stop = np.searchsorted(at, np.minimum(ended, until[:, None]))
    parcel, which = np.nonzero(first < stop)
    return Stays(parcel, phase[parcel, which], first[parcel, which], stop[parcel, which])


def stacked(found: Stays, weights: np.ndarray, *, days: int, steps: int) -> np.ndarray:
    """Weight in each phase on each day, float64[days, steps + 1], from the weight of each parcel, float64[n].

    A weight that is not known adds 0.

    >>> never = np.int32(NEVER)
    >>> mine = stays(np.array([[2, never], [1, 3]]), np.array([1, 2, 3]), since=np.zeros(2), until=np.full(2, never))
    >>> stacked(mine, np.array([10.0, 0.5]), days=3, steps=2).tolist()
    [[10.0, 0.5, 0.0], [0.0, 10.5, 0.0], [0.0, 10.0, 0.5]]
    """
    weight = np.where(np.isfinite(weights), weights, 0.0)[found.parcel]
    there = _running(found, np.ones(len(weight)), days, steps) > 0  # a sum of what has left may miss 0 by a digit
    return np.where(there, _running(found, weight, days, steps), 0.0)


def stacked_firms(found: Stays, land: Land, *, days: int, steps: int) -> np.ndarray:
    """Different firms on the land in each phase on each day, int64[days, steps + 1].

    A firm on parcels of two phases counts in both.
    """
    order = np.argsort(land.occupied, kind="stable")
    parcel, firm = land.occupied[order], land.firm[order]
    low, high = (np.searchsorted(parcel, found.parcel, side) for side in ("left", "right"))
    stay = np.repeat(np.arange(len(low)), high - low)
    firms = firm[np.arange(len(stay)) - np.repeat(np.cumsum(high - low) - (high - low), high - low) + low[stay]]
    first, stop, phase = found.first[stay], found.stop[stay], found.phase[stay]
    key = (firms * (steps + 1) + phase) * (days + 1)
    order = np.argsort(key + first, kind="stable")
    begin, end = (key + first)[order], (key + stop)[order]
    reach = np.maximum.accumulate(end)  # how far the stays of one firm in one phase go on without a break
    opens = np.flatnonzero(np.r_[True, begin[1:] > reach[:-1]]) if len(begin) else np.empty(0, np.int64)
    closes = np.r_[opens[1:] - 1, len(begin) - 1][: len(opens)]
    united = Stays(firms[order][opens], phase[order][opens], begin[opens] % (days + 1), reach[closes] % (days + 1))
    return _running(united, np.ones(len(opens)), days, steps).round().astype(np.int64)


def _running(found: Stays, weight: np.ndarray, days: int, steps: int) -> np.ndarray:
    shape = (days + 1, steps + 1)
    size = shape[0] * shape[1]
    came = np.bincount(found.first * shape[1] + found.phase, weight, minlength=size)
    left = np.bincount(found.stop * shape[1] + found.phase, weight, minlength=size)
    total: np.ndarray = np.cumsum((came - left).reshape(shape), axis=0)[:-1]
    return total


def unknown_in(found: Stays, weights: np.ndarray, *, days: int) -> np.ndarray:
    """How many parcels whose weight is not known are there on each day, int64[days]."""
    lacking = (~np.isfinite(weights)[found.parcel]).astype(float)
    return _running(found, lacking, days, int(found.phase.max(initial=0))).sum(axis=1).round().astype(np.int64)


def column_names(steps: Sequence[str]) -> tuple[str, ...]:
    """What the columns of a stack are called: "" for no step yet, then the steps."""
    return ("", *steps)
