"""How sure a rank is: what random weights near the rule set's own would make of it."""

from __future__ import annotations

import numpy as np
from pandas import DataFrame

from landgis.rules.model import RuleSet
from landgis.scoring.classes import classify
from landgis.scoring.parts import PartScores
from landgis.scoring.score import COMPARED_DECIMALS

DRAWS = 10_000
CHUNK = 200


def rank_robustness(
    parts: PartScores,
    grade: np.ndarray,
    rules: RuleSet,
    *,
    population: np.ndarray,
    worst: int,
    seed: int,
    draws: int = DRAWS,
) -> DataFrame:
    """Share of weight draws in which each parcel keeps its grade, and in which it is among the `worst` lowest scores.

    Weights are drawn from a Dirichlet distribution around the rule set's (its `concentration`); an unknown part is
    left out and the others weigh more, as in the score. Parcels without a grade (T) come back as NaN. Ties share the
    better place of the worst (method min). Takes parcels × draws steps: meant for a zone, not for a province.
    """
    used = [name for name, weight in rules.score.weights.items() if weight > 0]
    value = np.stack([parts.parts[name].value for name in used])
    known = ~np.isnan(value)
    rated = (grade != "T") & known.any(axis=0)
    random = np.random.default_rng(seed)
    alpha = np.array([rules.score.weights[name] for name in used]) * rules.score.concentration
    stays, among = np.zeros(len(grade)), np.zeros(len(grade))
    for start in range(0, draws, CHUNK):
        for weight in random.dirichlet(alpha, size=min(CHUNK, draws - start)):
            share = weight @ known
            with np.errstate(invalid="ignore", divide="ignore"):
                drawn = np.where(rated, weight @ np.nan_to_num(value) / share, np.nan)
            drawn = np.round(drawn, COMPARED_DECIMALS)
            stays += classify(drawn, rules.score.classes, population) == grade
            among += _among_worst(drawn, worst)
    blank = np.where(rated, 1.0, np.nan)
    return DataFrame({"grade_stability": stays / draws * blank, "worst_stability": among / draws * blank})


def _among_worst(score: np.ndarray, worst: int) -> np.ndarray:
    known = score[~np.isnan(score)]
    if not len(known) or worst < 1:
        return np.zeros(len(score), dtype=bool)
    limit = np.partition(known, min(worst, len(known)) - 1)[min(worst, len(known)) - 1]
    return np.asarray(score <= limit)
