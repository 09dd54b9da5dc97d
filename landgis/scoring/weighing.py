"""The same part scores under other weights: what a what-if shows, in milliseconds, and never keeps."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np
from pandas import DataFrame, Series

from landgis.errors import InputRefused, Problem
from landgis.rules.model import RuleSet
from landgis.scoring.classes import classify
from landgis.scoring.parts import PARTS, add_up
from landgis.scoring.score import COMPARED_DECIMALS, Scores
from landgis.text import N_, Message


def with_weights(rules: RuleSet, weights: Mapping[str, float]) -> RuleSet:
    """The rule set with other weights of the parts, made to sum to 1; InputRefused where they are no weights."""
    given = {name: float(weights.get(name, 0.0)) for name in PARTS}
    total = sum(given.values())
    if not (math.isfinite(total) and total > 0 and min(given.values()) >= 0):
        words = N_("weights are numbers from 0 up, at least one of them above 0")
        raise InputRefused([Problem("E-WEIGHTS", Message(words))])
    if not math.isclose(total, 1):
        given = {name: weight / total for name, weight in given.items()}
    return replace(rules, score=replace(rules.score, weights=MappingProxyType(given)))


def reweighed(scores: Scores, rules: RuleSet, *, population: np.ndarray) -> DataFrame:
    """Score, its bounds, grade and rank of every parcel, as scoring anew under `rules` would give them.

    `rules` may differ from those of `scores` in the weights of the parts only: part scores and exemptions are kept.
    `population` says which parcels are graded against one another.
    """
    score = add_up(scores.parts.parts, rules.score.weights, rules.score.missing).score
    rated = np.where(scores.verdict.exempt, np.nan, np.round(score.value, COMPARED_DECIMALS))
    return DataFrame({
        "score": score.value,
        "score_low": score.low,
        "score_high": score.high,
        "grade": Series(classify(rated, rules.score.classes, population), dtype="str"),
        "renovation_rank": Series(rated).rank(method="min"),
    })  # fmt: skip
