"""Points of an indicator, and the total of several: the core that the scores of parcels and of firms share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from landgis.rules.model import Indicator, Missing


def indicator_points(values: np.ndarray, benchmark: np.ndarray, indicator: Indicator) -> np.ndarray:
    """Points of each value: weight · clip((x · scale − zero) / (benchmark − zero), lowest, cap).

    NaN where the value or its benchmark is unknown. A benchmark below the zero point means that less is better.
    Source: value ÷ benchmark × weight, 黄岩区亩均效益评价 2021 and 2022; the cap, 开政发〔2014〕89号.

    >>> from landgis.rules.model import Level
    >>> tax = Indicator("tax_per_mu", weight=30, benchmark=Level(24.097), cap=None)
    >>> indicator_points(np.array([12.0, -1.0, np.nan]), np.array(24.097), tax).round(4).tolist()
    [14.9396, 0.0, nan]
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.asarray(values, dtype=float) * indicator.scale
        share -= indicator.zero
        share /= benchmark - indicator.zero
    np.maximum(share, indicator.lowest, out=share)
    if indicator.cap is not None:
        np.minimum(share, indicator.cap, out=share)
    share *= indicator.weight
    return share


Points = Sequence[np.ndarray] | np.ndarray  # a column of points for each indicator


def contributions(
    points: Points, weights: Sequence[float], missing: Sequence[Missing], means: Sequence[float] | None = None
) -> list[np.ndarray]:
    """What each indicator adds to the total, once unknown points are settled by the policy of their indicator.

    A column each, in and out; the rows are of one population. `zero`: an unknown one counts 0. `mean_score`: it counts
    the mean of the known points of that indicator (`means` where the rows are only some of the population); where no
    row has any, as the next. `exclude_and_reweight`: it is left out (NaN) and the row's other points grow by
    Σ weights ÷ Σ weights that remain. Without a known point all are NaN.
    """
    unknown = [np.isnan(column) for column in points]
    if not any(one.any() for one in unknown):
        return list(points)
    means = known_means(points, missing) if means is None else means
    stands_for: dict[Missing, Sequence[float]] = {
        "zero": [0.0] * len(points), "mean_score": means, "exclude_and_reweight": [np.nan] * len(points),
    }  # fmt: skip
    instead = [stands_for[policy][place] for place, policy in enumerate(missing)]
    left = np.zeros(len(points[0]))
    for gone, value, weight in zip(unknown, instead, weights, strict=True):
        left += np.where(gone, 0.0, weight) if np.isnan(value) else weight
    whole = float(sum(float(weight) for weight in weights))
    with np.errstate(invalid="ignore", divide="ignore"):
        growth = np.where(np.logical_and.reduce(unknown), np.nan, whole / left)
    return [
        np.where(gone, value, column) * growth for column, gone, value in zip(points, unknown, instead, strict=True)
    ]


def total(
    points: Points, weights: Sequence[float], missing: Sequence[Missing], means: Sequence[float] | None = None
) -> np.ndarray:
    """Sum of the contributions of each row; NaN where no point of the row is known.

    >>> points = np.array([[14.0, 6.0], [np.nan, 40.0]])
    >>> total(points, (50, 50), ("zero", "exclude_and_reweight")).tolist()
    [28.0, 46.0]
    """
    return add(contributions(points, weights, missing, means))


def add(contributed: Sequence[np.ndarray]) -> np.ndarray:
    """Sum of the contributions of each row, in the order of the indicators; NaN where all are."""
    unknown = [np.isnan(column) for column in contributed]
    found = np.zeros(len(contributed[0]))
    for column, gone in zip(contributed, unknown, strict=True):
        found = found + (np.where(gone, 0.0, column) if gone.any() else column)
    return np.where(np.logical_and.reduce(unknown), np.nan, found)


def known_means(points: Points, missing: Sequence[Missing]) -> list[float]:
    """Mean of the known points of each indicator that asks for it; NaN where none is known.

    Added in the order of their size, so that it is the same bits in whatever order the rows come.
    """
    means = []
    for column, policy in zip(points, missing, strict=True):
        known = np.sort(column[~np.isnan(column)]) if policy == "mean_score" else np.empty(0)
        means.append(float(known.sum() / len(known)) if len(known) else float("nan"))
    return means
