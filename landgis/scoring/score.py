"""The score table: parts, score with bounds, grade, rank, verdict and reasons of every parcel.

Three steps, so that a job may be cut into stretches of parcels: each stretch is scored, grades and ranks are settled
over the whole column, then each stretch has its result columns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landgis.columns import TEXT, Columns, coded, encode
from landgis.metrics.measure import Measures
from landgis.results import RESULT_COLUMNS, RESULT_NAMES
from landgis.rules.model import RuleSet
from landgis.scoring.classes import NOT_RATED, Ascending, class_codes, ranks
from landgis.scoring.flags import join_flags
from landgis.scoring.low_efficiency import Verdict, judge
from landgis.scoring.parts import PARTS, Means, PartScores, score_parts
from landgis.scoring.reasons import sentences
from landgis.units import MU_DECIMALS

COMPARED_DECIMALS = 9  # scores that agree so far are the same score: the order of a sum must not break a tie
WHOLE = tuple(column.name for column in RESULT_COLUMNS if column.kind == "integer")


@dataclass(frozen=True)
class Scored:
    """A stretch of parcels scored, but neither graded nor ranked."""

    parts: PartScores
    verdict: Verdict
    rated: np.ndarray  # the score as it is compared with others; NaN where it is unknown or the parcel is exempt


@dataclass(frozen=True)
class Settled:
    """Grade and rank of every parcel."""

    grade: pa.DictionaryArray
    rank: np.ndarray  # 1: lowest score; NaN where it is not rated


@dataclass(frozen=True)
class Scores:
    """Result columns of the scoring, and what they were made from."""

    columns: Columns
    parts: PartScores
    verdict: Verdict

    @property
    def grades(self) -> np.ndarray:
        """The letter of each parcel."""
        return np.array(self.columns.text("grade").to_pylist(), dtype=object)

    @property
    def rated(self) -> np.ndarray:
        """bool: the parcels that have a grade and a rank."""
        return np.asarray(~np.isnan(self.columns.number("renovation_rank")))


def score_stretch(measures: Measures, parcels: Columns, rules: RuleSet, means: Means | None = None) -> Scored:
    """Score some parcels; `means` are those of the whole table (see `scoring.means`), None where these are all."""
    with np.errstate(all="ignore"):
        parts = score_parts(measures, rules, means)
        verdict = judge(measures, parcels, rules)
        compared = np.round(parts.score.value, COMPARED_DECIMALS)
        return Scored(parts, verdict, np.where(verdict.exempt, np.nan, compared))


def settle(rated: np.ndarray, population: np.ndarray, rules: RuleSet) -> Settled:
    """Grades within the populations and ranks among all, from the whole column."""
    classes = rules.score.classes
    ascending = Ascending.of(rated)
    codes = class_codes(rated, classes, population, ascending)
    return Settled(coded(codes, (*classes.letters, NOT_RATED)), ranks(rated, ascending))


def score_columns(measures: Measures, scored: Scored, settled: Settled, parcels: Columns, rules: RuleSet) -> Columns:
    """Result columns of the scoring; measures, scores, grades and parcels are those of one stretch."""
    parts, verdict = scored.parts, scored.verdict
    with np.errstate(all="ignore"):
        said = sentences(verdict.fired, measures, parcels, rules)
    return Columns(
        {f"{name}_score": parts.parts[name].value for name in PARTS}
        | {
            "score": parts.score.value,
            "score_low": parts.score.low,
            "score_high": parts.score.high,
            "grade": settled.grade,
            "renovation_rank": settled.rank,
            "low_efficiency": verdict.low_efficiency,
            "reasons": join_flags({fired.rule.id: fired.sure for fired in verdict.fired}, parcels.size),
            "reasons_zh": said["zh"],
            "reasons_en": said["en"],
            "data_gaps": join_flags(measures.gaps, parcels.size),
        }
    )


def result_columns(
    measures: Measures,
    scored: Scored,
    settled: Settled,
    stretch: tuple[int, int],
    parcels: Columns,
    rules: RuleSet,
) -> Columns:
    """All columns of the contract of parcels `first` up to `last`, in their order.

    `settled` is of the whole column, everything else of the stretch; `block_id` is that of `parcels`.
    """
    first, last = stretch
    here = Settled(settled.grade[first:last], settled.rank[first:last])
    return contract_columns(measures.columns, score_columns(measures, scored, here, parcels, rules), parcels, rules)


def contract_columns(measured: Columns, scored: Columns, parcels: Columns, rules: RuleSet) -> Columns:
    """The columns of the contract from those of the measures and of the scores."""
    ours = {**measured, **scored, "area_mu": np.round(measured.number("area_mu"), MU_DECIMALS)}
    ours |= {name: parcels.text(name) for name in ("parcel_id", "block_id")}
    ours["rules_id"] = pa.DictionaryArray.from_arrays(np.zeros(parcels.size, dtype=np.int8), pa.array([rules.id], TEXT))
    ours |= {name: _whole(ours[name]) for name in WHOLE}
    return Columns({name: ours[name] for name in RESULT_NAMES}, parcels.size)


def _whole(numbers: np.ndarray) -> pa.Array:
    return pa.array(numbers, from_pandas=True).cast(pa.int64())


def score(measures: Measures, parcels: Columns, rules: RuleSet, block: pa.Array | None = None) -> Scores:
    """Score every parcel; `block` is the population of each where the rule set grades within blocks."""
    scored = score_stretch(measures, parcels, rules)
    settled = settle(scored.rated, populations(rules, block, parcels.size), rules)
    return Scores(score_columns(measures, scored, settled, parcels, rules), scored.parts, scored.verdict)


def populations(rules: RuleSet, block: pa.Array | None, size: int) -> np.ndarray:
    """Which parcels are graded against one another: a number per parcel. `block` is the whole column."""
    if rules.score.classes.within == "block" and block is not None:
        return np.asarray(encode(pc.fill_null(block, "")).indices.to_numpy())
    return np.zeros(size, dtype=np.int32)
