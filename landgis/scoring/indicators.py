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
        share = (np.asarray(values, dtype=float) * indicator.scale - indicator.zero) / (benchmark - indicator.zero)
    cap = np.inf if indicator.cap is None else indicator.cap
    return np.asarray(indicator.weight * np.clip(share, indicator.lowest, cap))


def contributions(points: np.ndarray, weights: Sequence[float], missing: Sequence[Missing]) -> np.ndarray:
    """What each indicator adds to the total, once unknown points are settled by the policy of their indicator.

    `points` is rows × indicators, of one population. `zero`: an unknown one counts 0. `mean_score`: it counts the mean
    of the known points of that indicator; where no row has any, as the next. `exclude_and_reweight`: it is left out
    (NaN) and the row's other points grow by Σ weights ÷ Σ weights that remain. Without a known point all are NaN.
    """
    points, weight = np.asarray(points, dtype=float), np.asarray(weights, dtype=float)
    unknown = np.isnan(points)
    nothing = unknown.all(axis=1)
    policy = np.array(missing, dtype=object)
    filled = np.where(unknown & (policy == "zero"), 0.0, points)
    filled = np.where(unknown & (policy == "mean_score"), _means(points), filled)
    left = np.where(np.isnan(filled), 0.0, weight).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        settled = filled * (weight.sum() / left)[:, None]
    settled[nothing] = np.nan
    return np.asarray(settled)


def total(points: np.ndarray, weights: Sequence[float], missing: Sequence[Missing]) -> np.ndarray:
    """Sum of the contributions of each row; NaN where no point of the row is known.

    >>> total(np.array([[14.0, np.nan], [6.0, 40.0]]), (50, 50), ("zero", "exclude_and_reweight")).tolist()
    [28.0, 46.0]
    """
    return add(contributions(points, weights, missing))


def add(contributed: np.ndarray) -> np.ndarray:
    """Sum of each row of contributions; NaN where all are."""
    return np.asarray(np.where(np.isnan(contributed).all(axis=1), np.nan, np.nansum(contributed, axis=1)))


def _means(points: np.ndarray) -> np.ndarray:
    """Mean of the known points of each indicator; NaN where none is known."""
    known = (~np.isnan(points)).sum(axis=0)
    return np.where(known > 0, np.nansum(points, axis=0) / np.maximum(known, 1), np.nan)
