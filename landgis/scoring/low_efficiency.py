"""Is a parcel's use low (低效)? Three answers: yes, no, and unknown where a missing value could turn it."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landgis.columns import TEXT, Columns, coded
from landgis.metrics.measure import Measures
from landgis.rules.model import Condition, LowEfficiency, Rule, RuleSet
from landgis.scoring.flags import as_numbers
from landgis.scoring.parts import level

YES, NO, UNKNOWN = "yes", "no", "unknown"
ANSWERS = (NO, UNKNOWN, YES)


@dataclass(frozen=True)
class Fired:
    """What one rule says of each parcel: it fires for certain, or it may."""

    rule: Rule
    sure: np.ndarray
    maybe: np.ndarray  # includes `sure`


@dataclass(frozen=True)
class Verdict:
    """Low efficiency of each parcel, the rules that fired, who is exempt, and the rules that nothing was kept for."""

    low_efficiency: pa.DictionaryArray
    fired: tuple[Fired, ...]
    exempt: np.ndarray
    not_applied: tuple[Rule, ...]  # rules on a column that the parcels table does not have


def judge(measures: Measures, parcels: Columns, rules: RuleSet) -> Verdict:
    """Apply the hard, soft and exempting rules; a rule on a column that the office does not keep is not applied."""
    low = rules.low_efficiency
    kept = {rule.id for rule in (*low.hard, *low.soft, *low.exempt) if not _lacks_column(rule, parcels)}
    hard, soft, exempting = (
        [_apply(rule, measures, parcels, rules) for rule in group if rule.id in kept]
        for group in (low.hard, low.soft, low.exempt)
    )
    size = parcels.size
    exempt = _any(exempting, size, "sure")
    answer = _combine(hard, soft, exempt, _any(exempting, size, "maybe"), low)
    return Verdict(answer, (*hard, *soft, *exempting), exempt, not_applied(parcels, rules))


def not_applied(names: Container[str], rules: RuleSet) -> tuple[Rule, ...]:
    """The rules on columns that are not among those of the parcels table."""
    low = rules.low_efficiency
    return tuple(rule for rule in (*low.hard, *low.soft, *low.exempt) if _lacks_column(rule, names))


def _combine(
    hard: Sequence[Fired],
    soft: Sequence[Fired],
    exempt: np.ndarray,
    maybe_exempt: np.ndarray,
    low: LowEfficiency,
) -> pa.DictionaryArray:
    size = len(exempt)
    sure = _any(hard, size, "sure") | (_count(soft, size, "sure") >= low.soft_needed)
    maybe = _any(hard, size, "maybe") | (_count(soft, size, "maybe") >= low.soft_needed)
    answer = maybe.astype(np.int8) + sure  # as in ANSWERS: `sure` is among `maybe`
    answer[maybe_exempt] = np.minimum(answer[maybe_exempt], 1)
    answer[exempt] = 0
    return coded(answer, ANSWERS)


def _any(group: Sequence[Fired], size: int, side: str) -> np.ndarray:
    return _count(group, size, side) > 0


def _count(group: Sequence[Fired], size: int, side: str) -> np.ndarray:
    count = np.zeros(size, dtype=np.int16)
    for fired in group:
        count += getattr(fired, side)
    return count


def _lacks_column(rule: Rule, parcels: Container[str]) -> bool:
    return all(condition.is_column and condition.subject not in parcels for condition in rule.conditions)


def _apply(rule: Rule, measures: Measures, parcels: Columns, rules: RuleSet) -> Fired:
    answers = [
        _compare_column(condition, parcels) if condition.is_column else _compare_metric(condition, measures, rules)
        for condition in rule.conditions
        if not (condition.is_column and condition.subject not in parcels)
    ]
    join = np.logical_or if rule.combine == "any" else np.logical_and
    sure, maybe = (join.reduce([answer[side] for answer in answers]) for side in (0, 1))
    return Fired(rule, sure, maybe)


def _compare_metric(condition: Condition, measures: Measures, rules: RuleSet) -> tuple[np.ndarray, np.ndarray]:
    """Certain and possible: the comparison with every value that metric and limit can have."""
    assert condition.limit is not None
    metric, (low, high) = measures.bounded[condition.subject], level(condition.limit, measures, rules)
    low, high = np.where(np.isnan(low), -np.inf, low), np.where(np.isnan(high), np.inf, high)
    match condition.test:
        case "<":
            return metric.high < low, metric.low < high
        case "<=":
            return metric.high <= low, metric.low <= high
        case ">":
            return metric.low > high, metric.high > low
        case ">=":
            return metric.low >= high, metric.high >= low
    raise AssertionError(condition.test)


def _compare_column(condition: Condition, parcels: Columns) -> tuple[np.ndarray, np.ndarray]:
    """A blank cell may be anything, except where the rule looks for words: an empty remark says nothing of the kind."""
    if condition.words:
        cells = parcels.text(condition.subject)
        found = pc.is_in(cells, value_set=pa.array(condition.words, TEXT)).to_numpy(zero_copy_only=False)
        return found, found
    assert condition.limit is not None and condition.limit.value is not None
    value, limit = as_numbers(parcels[condition.subject]), condition.limit.value
    compare = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal, "==": np.equal}
    sure = compare[condition.test](value, limit)
    return sure, sure | np.isnan(value)
