"""Metrics → three part scores and the score, each with the lowest and highest it can be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from landgis.metrics.bounds import Bounded
from landgis.metrics.measure import Measures
from landgis.rules.industry import look_up
from landgis.rules.model import Indicator, Level, Missing, RuleSet
from landgis.scoring.indicators import add, contributions, indicator_points, total
from landgis.scoring.populations import ABOVE, BELOW, parcel_total

PARTS = ("intensity", "tenancy", "output")
FULL = 100.0
Means = Mapping[
    str, list[float]
]  # mean points over all parcels, by part, by population of firms, and SCORE for the parts
SCORE = "score"


@dataclass(frozen=True)
class PartScores:
    """Part scores 0–100 by name, the score they add up to, and what each part contributes to it."""

    parts: Mapping[str, Bounded]
    contributions: Mapping[str, np.ndarray]  # sum to `score.value`; NaN where the part is unknown and left out
    score: Bounded


def score_parts(measures: Measures, rules: RuleSet, means: Means | None = None) -> PartScores:
    """All parts of all parcels, and their weighted sum; `means` where these are only some of the parcels."""
    parts = {name: part(measures, rules, name, means) for name in PARTS}
    return add_up(parts, rules.score.weights, rules.score.missing, means)


def add_up(
    parts: Mapping[str, Bounded], weights: Mapping[str, float], missing: Missing, means: Means | None = None
) -> PartScores:
    """Weighted sum of the parts; a part that is unknown is handled as the policy `missing` says.

    The bounds let an unknown part be anything from 0 to 100, whatever the policy makes of the score itself.
    """
    used = [name for name in PARTS if weights.get(name, 0) > 0]
    whole = float(sum(weights[name] for name in used))
    points = [parts[name].value * weights[name] for name in used]
    settled = contributions(
        points, [weights[name] for name in used], [missing] * len(used), None if means is None else means[SCORE]
    )
    added = [column / whole for column in settled]
    low, high = (
        _sum([getattr(parts[name], side) * weights[name] for name in used]) / whole for side in ("low", "high")
    )
    score = np.minimum(np.maximum(add(added), low), high)  # rounding may not carry a score out of its own bounds
    return PartScores(parts, dict(zip(used, added, strict=True)), Bounded(score, low, high))


def _sum(columns: Sequence[np.ndarray]) -> np.ndarray:
    """One column after the other: the same bits for a row whatever other rows there are."""
    return reduce(np.add, columns)


def part(measures: Measures, rules: RuleSet, name: str, means: Means | None = None) -> Bounded:
    """One part of all parcels, 0–100."""
    if name == "output" and rules.score.output_from_firms:
        return _firms_part(measures, rules, means)
    indicators = rules.score.parts.get(name, ())
    size = measures.columns.size
    if not indicators:
        return Bounded(np.full(size, np.nan), np.zeros(size), np.full(size, FULL))
    points = [points_of(measures, rules, indicator) for indicator in indicators]
    return weigh(points, indicators, rules.score.missing, None if means is None else means[name])


def weigh(
    points: Sequence[Bounded], indicators: Sequence[Indicator], missing: Missing, means: list[float] | None = None
) -> Bounded:
    """Points of several indicators (each 0…weight) as one part, 0–100."""
    weights = [indicator.weight for indicator in indicators]
    value = total([point.value for point in points], weights, policies(indicators, missing), means)
    if all(point.low is point.value is point.high for point in points):
        low = high = value
    else:
        low, high = (_sum([getattr(point, side) for point in points]) for side in ("low", "high"))
    whole = sum(weights)

    def of_full(side: np.ndarray) -> np.ndarray:
        share = side / whole
        share *= FULL
        return np.minimum(np.maximum(share, 0, out=share), FULL, out=share)

    return _each(Bounded(value, low, high), of_full)


def policies(indicators: Sequence[Indicator], missing: Missing) -> list[Missing]:
    """What each indicator makes of an unknown value."""
    return [indicator.missing or missing for indicator in indicators]


def _each(number: Bounded, change: Callable[[np.ndarray], np.ndarray]) -> Bounded:
    value = change(number.value)
    low = value if number.low is number.value else change(number.low)
    return Bounded(value, low, low if number.high is number.low else change(number.high))


def points_of(measures: Measures, rules: RuleSet, indicator: Indicator) -> Bounded:
    """Points of one indicator, 0…weight, and the least and most that they can be."""
    metric = measures.bounded[indicator.metric]
    low_mark, high_mark = level(indicator.benchmark, measures, rules)
    sides = [metric.low] if metric.high is metric.low else [metric.low, metric.high]
    marks = [low_mark] if high_mark is low_mark else [low_mark, high_mark]
    mark = low_mark if high_mark is low_mark else np.where(low_mark == high_mark, low_mark, np.nan)
    value = indicator_points(metric.value, mark, indicator)
    if metric.low is metric.value is metric.high and high_mark is low_mark and not np.isnan(value).any():
        return Bounded(value, value, value)
    most = np.inf if indicator.cap is None else indicator.cap * indicator.weight
    least = indicator.lowest * indicator.weight
    ends = [
        value.copy() if side is metric.value and end is mark else indicator_points(side, end, indicator)
        for side in sides
        for end in marks
    ]
    for end in ends:
        end[np.isnan(end)] = most
    low, high = reduce(np.minimum, ends), reduce(np.maximum, ends)
    unsure = np.isnan(low_mark)
    if unsure.any():
        low, high = np.where(unsure, least, low), np.where(unsure, most, high)
    return Bounded(value, low, high)


def level(wanted: Level, measures: Measures, rules: RuleSet) -> tuple[np.ndarray, np.ndarray]:
    """The lowest and the highest that a benchmark or limit can be: for each parcel, or one number for all.

    NaN where nothing says; one and the same array where the two never differ.
    """
    if wanted.table is not None:
        return look_up(rules.tables[wanted.table], measures.industry_code)
    if wanted.by_population:
        above, below = (wanted.by_population.get(name, np.nan) for name in (ABOVE, BELOW))
        scale = measures.firm_sums.above_scale
        high = np.where(scale == 1, above, below)
        if not np.isnan(scale).any():
            return high, high
        both = high, np.where(scale == 0, below, above)
        return np.fmin(*both), np.fmax(*both)
    value = np.array(np.nan if wanted.value is None else wanted.value)
    return value, value


def _firms_part(measures: Measures, rules: RuleSet, means: Means | None) -> Bounded:
    """The firms' evaluation total of all firms on the parcel together; open bounds where any of its figures is."""
    size, sums = measures.columns.size, measures.firm_sums
    if sums.totals is None:
        return Bounded(np.full(size, np.nan), np.zeros(size), np.full(size, FULL))
    value = parcel_total(sums.totals, measures.columns.number("area_mu"), sums.above_scale, rules, means)
    unsure = np.isnan(value) | ~sums.exact
    return Bounded(value, np.where(unsure, 0.0, value), np.where(unsure, FULL, value))
