"""Score → class (A, B, C, D) and rank, within a population."""

from __future__ import annotations

import numpy as np

from landgis.metrics.sorting import order_of
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


def class_codes(score: np.ndarray, classes: Classes, population: np.ndarray) -> np.ndarray:
    """The place of each score's class among the letters, counted from 0; the number of letters where not rated."""
    score = np.asarray(score, dtype=float)
    bounds = np.array(classes.bounds, dtype=float)
    place = np.zeros(len(score), dtype=np.int8)
    if classes.method == "quantile":
        share = _better_share(score, np.asarray(population))
        for bound in bounds:
            place += share >= bound
    else:
        for bound in bounds:
            place += score < bound
    place[np.isnan(score)] = len(classes.letters)
    return place


def _better_share(score: np.ndarray, population: np.ndarray) -> np.ndarray:
    """(r − 1) / n: the share of the known scores of the same population that are strictly better."""
    share = np.full(len(score), np.nan)
    known = np.flatnonzero(~np.isnan(score))
    if not len(known):
        return share
    group = population[known]
    order = _order(score[known])[::-1]
    if (group != group[0]).any():
        group = np.unique(group, return_inverse=True)[1]
        order = order[np.argsort(group[order], kind="stable")]
    group, value, steps = group[order], score[known][order], np.arange(len(known))
    new_group = np.r_[True, group[1:] != group[:-1]]
    new_value = new_group | np.r_[True, value[1:] != value[:-1]]
    start, first = (np.maximum.accumulate(np.where(new, steps, 0)) for new in (new_group, new_value))
    size = np.diff(np.r_[np.flatnonzero(new_group), len(known)])
    share[known[order]] = (first - start) / np.repeat(size, size)
    return share


def ranks(score: np.ndarray) -> np.ndarray:
    """1 + how many known scores are strictly lower; NaN where unknown.

    >>> ranks(np.array([5.0, 2.0, 5.0, np.nan, 7.0])).tolist()
    [2.0, 1.0, 2.0, nan, 4.0]
    """
    rank = np.full(len(score), np.nan)
    known = np.flatnonzero(~np.isnan(score))
    order = _order(score[known])
    value = score[known][order]
    new = np.ones(len(value), dtype=bool)
    new[1:] = value[1:] != value[:-1]
    rank[known[order]] = 1.0 + np.maximum.accumulate(np.where(new, np.arange(len(value)), 0))
    return rank


def _order(score: np.ndarray) -> np.ndarray:
    """Positions from the lowest score to the highest; scores with few decimals are sorted as integers."""
    steps = np.rint(score * STEPS_PER_POINT)
    if len(score) < 1 << 24 and (np.abs(steps) < 1 << 37).all() and (steps / STEPS_PER_POINT == score).all():
        least = steps.min(initial=0)
        return order_of((steps - least).astype(np.int64), np.zeros(1, dtype=np.int64))[0]
    return np.argsort(score)
