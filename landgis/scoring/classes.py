"""Score → class (A, B, C, D) and rank, within a population."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np

from landgis.metrics.sorting import begins, order_of
from landgis.rules.model import Classes

NOT_RATED = "T"
STEPS_PER_POINT = 1e9


def classify(score: np.ndarray, classes: Classes, population: np.ndarray) -> np.ndarray:
    """Letter of each score among those of its population; "T" where the score is unknown.

    Quantile: with n known scores in the population and r = 1 + how many are strictly better, the class is the first
    with (r − 1) / n < its cumulated share, so ties share the better class. Cut score: the first with score ≥ bound.

    >>> rule = Classes("quantile", ("A", "B", "C", "D"), (0.2, 0.6, 0.95))
    >>> "".join(classify(np.array([9.0, 8, 8, 7, 1, np.nan]), rule, np.zeros(6)))
    'ABBCCT'
    """
    letters = np.array((*classes.letters, NOT_RATED), dtype=object)
    return np.asarray(letters[class_codes(score, classes, population)])


@dataclass(frozen=True)
class Ascending:
    """The rows whose score is known, from the lowest up, and their scores."""

    rows: np.ndarray
    score: np.ndarray

    @classmethod
    def of(cls, score: np.ndarray) -> Ascending:
        """Order some scores."""
        known = np.flatnonzero(~np.isnan(score))
        rows = known[_order(score[known])]
        return cls(rows, score[rows])


def class_codes(
    score: np.ndarray, classes: Classes, population: np.ndarray, ascending: Ascending | None = None
) -> np.ndarray:
    """The place of each score's class among the letters, counted from 0; the number of letters where not rated."""
    score, population = np.asarray(score, dtype=float), np.asarray(population)
    ascending = Ascending.of(score) if ascending is None else ascending
    place = np.zeros(len(score), dtype=np.int8)
    if classes.method != "quantile":
        for bound in classes.bounds:
            place += score < bound
    elif (population[1:] == population[:-1]).all():
        for bound in classes.bounds:
            place += score <= _highest_below(ascending.score, bound)
    else:
        share = _better_share(score, population, ascending)
        for bound in classes.bounds:
            place += share >= bound
    place[np.isnan(score)] = len(classes.letters)
    return place


def _highest_below(score: np.ndarray, bound: float) -> float:
    """The highest of rising scores than which at least that share of them is better; -inf where none is."""

    def share(row: int) -> float:
        return float((len(score) - np.searchsorted(score, score[row], "right")) / len(score))

    rows = bisect_left(range(len(score)), True, key=lambda row: share(row) < bound)
    return float(score[rows - 1]) if rows else -np.inf


def _better_share(score: np.ndarray, population: np.ndarray, ascending: Ascending) -> np.ndarray:
    """(r − 1) / n: the share of the known scores of the same population that are strictly better."""
    share = np.full(len(score), np.nan)
    rows = ascending.rows[::-1]
    if not len(rows):
        return share
    group = np.unique(population, return_inverse=True)[1][rows]
    order = np.argsort(group, kind="stable")
    rows, group, steps = rows[order], group[order], np.arange(len(rows))
    value = score[rows]
    new_group = np.r_[True, group[1:] != group[:-1]]
    new_value = new_group | np.r_[True, value[1:] != value[:-1]]
    start, first = (np.maximum.accumulate(np.where(new, steps, 0)) for new in (new_group, new_value))
    size = np.diff(np.r_[np.flatnonzero(new_group), len(rows)])
    share[rows] = (first - start) / np.repeat(size, size)
    return share


def ranks(score: np.ndarray, ascending: Ascending | None = None) -> np.ndarray:
    """1 + how many known scores are strictly lower; NaN where unknown.

    >>> ranks(np.array([5.0, 2.0, 5.0, np.nan, 7.0])).tolist()
    [2.0, 1.0, 2.0, nan, 4.0]
    """
    ascending = Ascending.of(score) if ascending is None else ascending
    rank = np.full(len(score), np.nan)
    start = np.flatnonzero(begins(ascending.score))
    rank[ascending.rows] = np.repeat(1.0 + start, np.diff(start, append=len(ascending.rows)))
    return rank


def _order(score: np.ndarray) -> np.ndarray:
    """Positions from the lowest score to the highest; scores with few decimals are sorted as integers."""
    steps = np.rint(score * STEPS_PER_POINT)
    if len(score) < 1 << 24 and (np.abs(steps) < 1 << 37).all() and (steps / STEPS_PER_POINT == score).all():
        least = steps.min(initial=0)
        return order_of((steps - least).astype(np.int64), np.zeros(1, dtype=np.int64))[0]
    return np.argsort(score)
