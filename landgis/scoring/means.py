"""Mean points over all parcels, for rule sets in which they stand for what is unknown: what a stretch cannot know."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np

from landgis.metrics.measure import Measures
from landgis.rules.model import Missing, RuleSet
from landgis.scoring.indicators import known_means
from landgis.scoring.parts import PARTS, SCORE, Means, part, points_of, policies
from landgis.scoring.populations import firms_rule, missing_of, parcel_points, rule_of

MEAN: Missing = "mean_score"
Points = Mapping[str, list[np.ndarray]]


def settle_means(measured: Callable[[], Iterable[Measures]], rules: RuleSet) -> Means | None:
    """The means that `score_stretch` wants; None where the rule set never asks for any.

    `measured` gives the measures of all stretches, and is called again where the parts have a mean of their own.
    """

    def points(means: Means | None) -> list[Points]:
        return [points_to_mean(one, rules) if means is None else part_points(one, rules, means) for one in measured()]

    return means_from(points, rules)


def means_from(points: Callable[[Means | None], list[Points]], rules: RuleSet) -> Means | None:
    """The same from points of all stretches: without means of `points_to_mean`, with them of `part_points`."""
    asked = _policies(rules)
    if not any(MEAN in wanted for wanted in asked.values()):
        return None
    means = _means(points(None), asked)
    unknown = [float("nan")] * len(asked[SCORE])
    if MEAN not in asked[SCORE]:
        return means | {SCORE: unknown}
    return means | _means(points(means), {SCORE: asked[SCORE]})


def points_to_mean(measures: Measures, rules: RuleSet) -> Points:
    """Points of a stretch in every indicator, by part, and by population of firms."""
    points = {
        name: [points_of(measures, rules, indicator).value for indicator in rules.score.parts.get(name, ())]
        for name in PARTS
        if not (name == "output" and rules.score.output_from_firms)
    }
    sums = measures.firm_sums
    if not rules.score.output_from_firms or sums.totals is None:
        return points
    found = parcel_points(sums.totals, measures.columns.number("area_mu"), sums.above_scale, rules)
    return points | {name: columns for name, (_here, columns) in found.items()}


def part_points(measures: Measures, rules: RuleSet, means: Means) -> Points:
    """Points of a stretch in every part that counts."""
    weights = rules.score.weights
    return {SCORE: [part(measures, rules, name, means).value * weights[name] for name in _used(rules)]}


def _means(stretches: list[Points], asked: Mapping[str, list[Missing]]) -> dict[str, list[float]]:
    return {
        group: known_means([np.concatenate(column) for column in zip(*(one[group] for one in stretches), strict=True)],
                           missing)
        for group, missing in asked.items()
        if all(group in one for one in stretches)
    }  # fmt: skip


def _policies(rules: RuleSet) -> dict[str, list[Missing]]:
    rule = rules.score
    asked = {name: policies(rule.parts.get(name, ()), rule.missing) for name in PARTS}
    if rule.output_from_firms:
        how = firms_rule(rules)
        asked |= {name: missing_of(rule_of(how, name), how) for name in ("above_scale", "below_scale")}
        del asked["output"]
    return asked | {SCORE: [rule.missing] * len(_used(rules))}


def _used(rules: RuleSet) -> list[str]:
    return [name for name in PARTS if rules.score.weights.get(name, 0) > 0]
