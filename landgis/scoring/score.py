"""The score table: parts, score with bounds, grade, rank, verdict and reasons of every parcel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pandas import DataFrame, Series

from landgis.metrics.measure import Measures
from landgis.rules.model import RuleSet
from landgis.scoring.classes import classify
from landgis.scoring.flags import join_flags
from landgis.scoring.low_efficiency import Verdict, judge
from landgis.scoring.parts import PARTS, PartScores, score_parts
from landgis.scoring.reasons import sentences

NOT_RATED = "T"
COMPARED_DECIMALS = 9  # scores that agree so far are the same score: the order of a sum must not break a tie


@dataclass(frozen=True)
class Scores:
    """Result columns of the scoring, and what they were made from."""

    columns: DataFrame
    parts: PartScores
    verdict: Verdict


def score(measures: Measures, parcels: DataFrame, rules: RuleSet, block: Series | None = None) -> Scores:
    """Score every parcel; `block` is the population of each where the rule set grades within blocks."""
    parts = score_parts(measures, rules)
    verdict = judge(measures, parcels, rules)
    compared = np.round(parts.score.value, COMPARED_DECIMALS)
    rated = np.where(verdict.exempt, np.nan, compared)
    population = populations(rules, block, len(parcels))
    said = sentences(verdict.fired, measures, parcels, rules)
    gaps = {name: flag for name, flag in measures.gaps.items() if flag.any()}
    columns = DataFrame(
        {f"{name}_score": parts.parts[name].value for name in PARTS}
        | {
            "score": parts.score.value,
            "score_low": parts.score.low,
            "score_high": parts.score.high,
            "grade": Series(classify(rated, rules.score.classes, population), dtype="str"),
            "renovation_rank": Series(rated).rank(method="min"),
            "low_efficiency": Series(verdict.low_efficiency, dtype="str"),
            "reasons": join_flags({fired.rule.id: fired.sure for fired in verdict.fired}, len(parcels)),
            "reasons_zh": said["zh"],
            "reasons_en": said["en"],
            "data_gaps": join_flags(gaps, len(parcels)),
        }
    )
    return Scores(columns, parts, verdict)


def populations(rules: RuleSet, block: Series | None, size: int) -> np.ndarray:
    """Which parcels are graded against one another: a number per parcel."""
    if rules.score.classes.within == "block" and block is not None:
        return block.astype("str").fillna("").factorize()[0]
    return np.zeros(size, dtype=int)
