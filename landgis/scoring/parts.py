"""Metrics → three part scores and the score, each with the lowest and highest it can be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from landgis.metrics.bounds import Bounded
from landgis.metrics.measure import Measures
from landgis.rules.industry import look_up
from landgis.rules.model import Indicator, Level, Missing, RuleSet
from landgis.scoring.firms import ABOVE, BELOW, parcel_total
from landgis.scoring.indicators import add, contributions, indicator_points, total

PARTS = ("intensity", "tenancy", "output")
FULL = 100.0


@dataclass(frozen=True)
class PartScores:
    """Part scores 0–100 by name, the score they add up to, and what each part contributes to it."""

    parts: Mapping[str, Bounded]
    contributions: Mapping[str, np.ndarray]  # sum to `score.value`; NaN where the part is unknown and left out
    score: Bounded


def score_parts(measures: Measures, rules: RuleSet) -> PartScores:
    """All parts of all parcels, and their weighted sum."""
    parts = {name: _part(measures, rules, name) for name in PARTS}
    return add_up(parts, rules.score.weights, rules.score.missing)


def add_up(parts: Mapping[str, Bounded], weights: Mapping[str, float], missing: Missing) -> PartScores:
    """Weighted sum of the parts; a part that is unknown is handled as the policy `missing` says.

    The bounds let an unknown part be anything from 0 to 100, whatever the policy makes of the score itself.
    """
    used = [name for name in PARTS if weights.get(name, 0) > 0]
    weight = np.array([weights[name] for name in used])
    points = np.stack([parts[name].value for name in used], axis=1) * weight
    added = contributions(points, weight.tolist(), [missing] * len(used)) / weight.sum()
    low, high = (
        np.stack([getattr(parts[name], side) for name in used], axis=1) @ weight / weight.sum()
        for side in ("low", "high")
    )
    score = np.clip(add(added), low, high)  # rounding may not carry a score out of its own bounds
    return PartScores(parts, dict(zip(used, added.T, strict=True)), Bounded(score, low, high))


def _part(measures: Measures, rules: RuleSet, name: str) -> Bounded:
    if name == "output" and rules.score.output_from_firms:
        return _firms_part(measures, rules)
    indicators = rules.score.parts.get(name, ())
    size = len(measures.columns)
    if not indicators:
        return Bounded(np.full(size, np.nan), np.zeros(size), np.full(size, FULL))
    points = [_points(measures, rules, indicator) for indicator in indicators]
    return weigh(points, indicators, rules.score.missing)


def weigh(points: Sequence[Bounded], indicators: Sequence[Indicator], missing: Missing) -> Bounded:
    """Points of several indicators (each 0…weight) as one part, 0–100."""
    weights = [indicator.weight for indicator in indicators]
    policies = [indicator.missing or missing for indicator in indicators]
    value = total(np.stack([point.value for point in points], axis=1), weights, policies)
    low, high = (np.sum([getattr(point, side) for point in points], axis=0) for side in ("low", "high"))
    return Bounded(*(np.clip(side / sum(weights) * FULL, 0, FULL) for side in (value, low, high)))


def _points(measures: Measures, rules: RuleSet, indicator: Indicator) -> Bounded:
    metric = measures.bounded[indicator.metric]
    low_mark, high_mark = level(indicator.benchmark, measures, rules)
    mark = np.where(low_mark == high_mark, low_mark, np.nan)
    ends = [
        indicator_points(side, end, indicator) for side in (metric.low, metric.high) for end in (low_mark, high_mark)
    ]
    most = np.inf if indicator.cap is None else indicator.cap * indicator.weight
    ends = [np.nan_to_num(end, nan=most, posinf=most, neginf=indicator.lowest * indicator.weight) for end in ends]
    unsure = np.isnan(low_mark)
    low = np.where(unsure, indicator.lowest * indicator.weight, np.min(ends, axis=0))
    return Bounded(indicator_points(metric.value, mark, indicator), low, np.where(unsure, most, np.max(ends, axis=0)))


def level(wanted: Level, measures: Measures, rules: RuleSet) -> tuple[np.ndarray, np.ndarray]:
    """The lowest and the highest that a benchmark or limit can be for each parcel; NaN where nothing says."""
    size = len(measures.columns)
    if wanted.table is not None:
        found = look_up(rules.tables[wanted.table], measures.industry_code)
        return found["low"].to_numpy(float), found["high"].to_numpy(float)
    if wanted.by_population:
        above, below = (wanted.by_population.get(name, np.nan) for name in (ABOVE, BELOW))
        both = (
            np.where(measures.firm_sums.above_scale == 1, above, below),
            np.where(measures.firm_sums.above_scale == 0, below, above),
        )
        return np.fmin(*both), np.fmax(*both)
    value = np.nan if wanted.value is None else wanted.value
    return np.full(size, value), np.full(size, value)


def _firms_part(measures: Measures, rules: RuleSet) -> Bounded:
    """The firms' evaluation total of all firms on the parcel together; open bounds where any of its figures is."""
    size = len(measures.columns)
    open_bounds = np.zeros(size), np.full(size, FULL)
    if measures.firm_sums.totals is None:
        return Bounded(np.full(size, np.nan), *open_bounds)
    area_mu = measures.columns["area_mu"].to_numpy()
    total = parcel_total(measures.firm_sums.totals, area_mu, measures.firm_sums.above_scale, rules)
    unsure = np.isnan(total) | ~measures.firm_sums.exact
    return Bounded(total, np.where(unsure, 0.0, total), np.where(unsure, FULL, total))
