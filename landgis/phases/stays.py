"""How much stands in which phase on each of some days: parcels, land, floor area or firms.

Days are int32 ordinals and NEVER, as in `curve`. A phase is the code of a `course.Course`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from pandas import Index

from landgis.phases.course import Course
from landgis.phases.curve import NEVER
from landgis.phases.lines import Lines
from landgis.phases.reached import Land


@dataclass(frozen=True)
class Stays:
    """From which to which of some days a parcel stands in a phase; one row a stay, arrays of one length."""

    parcel: np.ndarray  # int64 positions
    phase: np.ndarray  # int64
    first: np.ndarray  # int64, the position of the first day on which it counts
    stop: np.ndarray  # int64, that of the first one on which it does so no more; always > first


def existence(lines: Lines, land: Land, last: int) -> tuple[np.ndarray, np.ndarray]:
    """First day of each parcel, and the day from which it is no more, int32[parcels], by the lines up to line `last`.

    A parcel is there since ever and for ever, unless it was split, merged or renumbered.
    """
    since = np.zeros(len(land.parcel_ids), dtype=np.int32)
    until = np.full(len(since), NEVER, dtype=np.int32)
    for seq, action, parcel, day, _ in lines.lineage:
        here = land.parcel_ids.get_indexer(Index([parcel], dtype=object))[0]
        if here >= 0 and action == "create":
            since[here] = day if seq <= last else NEVER
        elif here >= 0 and seq <= last:
            until[here] = day
    return since, until


def stays(course: Course, at: np.ndarray, *, since: np.ndarray, until: np.ndarray) -> Stays:
    """The stays of n parcels on the days `at`, rising int32[k]; each is there from `since` until `until`, int32[n]."""
    nought = np.zeros((len(course.day), 1), np.int32)
    began, ended = np.hstack([nought, course.day]), np.hstack([course.day, nought + NEVER])
    first = np.searchsorted(at, np.maximum(began, since[:, None]))
    stop = np.searchsorted(at, np.minimum(ended, until[:, None]))
    parcel, which = np.nonzero(first < stop)
    return Stays(parcel, course.code[parcel, which].astype(np.int64), first[parcel, which], stop[parcel, which])


def stacked(found: Stays, weights: np.ndarray, *, days: int, phases: int) -> np.ndarray:
    """Weight in each phase on each day, float64[days, phases], from the weight of each parcel, float64[n].

    A weight that is not known adds 0.

    >>> from landgis.phases.course import course
    >>> mine = course(np.array([[2, NEVER], [1, 3]]), np.array([1, 2]))
    >>> found = stays(mine, np.array([1, 2, 3]), since=np.zeros(2), until=np.full(2, NEVER))
    >>> stacked(found, np.array([10.0, 0.5]), days=3, phases=3).tolist()
    [[10.0, 0.5, 0.0], [0.0, 10.5, 0.0], [0.0, 10.0, 0.5]]
    """
    weight = np.where(np.isfinite(weights), weights, 0.0)[found.parcel]
    there = (
        _running(found, (weight > 0).astype(float), days, phases) > 0.5
    )  # a sum of what has left may miss 0 by a digit
    return np.where(there, _running(found, weight, days, phases), 0.0)


def stacked_firms(found: Stays, land: Land, *, days: int, phases: int) -> np.ndarray:
    """Different firms on the land in each phase on each day, int64[days, phases].

    A firm on parcels of two phases counts in both.
    """
    order = np.argsort(land.occupied, kind="stable")
    parcel, firm = land.occupied[order], land.firm[order]
    low, high = (np.searchsorted(parcel, found.parcel, side) for side in ("left", "right"))
    stay = np.repeat(np.arange(len(low)), high - low)
    firms = firm[np.arange(len(stay)) - np.repeat(np.cumsum(high - low) - (high - low), high - low) + low[stay]]
    first, stop, phase = found.first[stay], found.stop[stay], found.phase[stay]
    key = (firms * phases + phase) * (days + 1)
    order = np.argsort(key + first, kind="stable")
    begin, end = (key + first)[order], (key + stop)[order]
    reach = np.maximum.accumulate(end)  # how far the stays of one firm in one phase go on without a break
    opens = np.flatnonzero(np.r_[True, begin[1:] > reach[:-1]]) if len(begin) else np.empty(0, np.int64)
    closes = np.r_[opens[1:] - 1, len(begin) - 1][: len(opens)]
    united = Stays(firms[order][opens], phase[order][opens], begin[opens] % (days + 1), reach[closes] % (days + 1))
    counts: np.ndarray = np.rint(_running(united, np.ones(len(opens)), days, phases)).astype(np.int64)
    return counts


def unknown_in(found: Stays, weights: np.ndarray, *, days: int) -> np.ndarray:
    """How many parcels whose weight is not known are there on each day, int64[days]."""
    lacking = (~np.isfinite(weights)[found.parcel]).astype(float)
    together = replace(found, phase=np.zeros_like(found.phase))
    counts: np.ndarray = np.rint(_running(together, lacking, days, 1)[:, 0]).astype(np.int64)
    return counts


def _running(found: Stays, weight: np.ndarray, days: int, phases: int) -> np.ndarray:
    size = (days + 1) * phases
    came = np.bincount(found.first * phases + found.phase, weight, minlength=size)
    left = np.bincount(found.stop * phases + found.phase, weight, minlength=size)
    total: np.ndarray = np.cumsum((came - left).reshape(days + 1, phases), axis=0)[:-1]
    return total
