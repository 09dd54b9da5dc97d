"""Score → class (A, B, C, D), within a population."""

from __future__ import annotations

import numpy as np

from landgis.rules.model import Classes

NOT_RATED = "T"


def classify(score: np.ndarray, classes: Classes, population: np.ndarray) -> np.ndarray:
    """Letter of each score among those of its population; "T" where the score is unknown.

    Quantile: with n known scores in the population and r = 1 + how many are strictly better, the class is the first
    with (r − 1) / n < its cumulated share, so ties share the better class. Cut score: the first with score ≥ bound.

    >>> rule = Classes("quantile", ("A", "B", "C", "D"), (0.2, 0.6, 0.95))
    >>> "".join(classify(np.array([9.0, 8, 8, 7, 1, np.nan]), rule, np.zeros(6)))
    'ABBCCT'
    """
    score = np.asarray(score, dtype=float)
    bounds = np.array(classes.bounds, dtype=float)
    if classes.method == "quantile":
        place = np.searchsorted(bounds, _better_share(score, population), side="right")
    else:
        place = (score[:, None] < bounds).sum(axis=1)
    letters = np.array(classes.letters, dtype=object)[np.minimum(place, len(bounds))]
    letters[np.isnan(score)] = NOT_RATED
    return np.asarray(letters)


def _better_share(score: np.ndarray, population: np.ndarray) -> np.ndarray:
    """(r − 1) / n: the share of the known scores of the same population that are strictly better."""
    share = np.full(len(score), np.nan)
    known = np.flatnonzero(~np.isnan(score))
    if not len(known):
        return share
    group = np.unique(np.asarray(population)[known], return_inverse=True)[1]
    order = np.lexsort((-score[known], group))
    group, value, steps = group[order], score[known][order], np.arange(len(known))
    new_group = np.r_[True, group[1:] != group[:-1]]
    new_value = new_group | np.r_[True, value[1:] != value[:-1]]
    start, first = (np.maximum.accumulate(np.where(new, steps, 0)) for new in (new_group, new_value))
    share[known[order]] = (first - start) / np.bincount(group)[group]
    return share
