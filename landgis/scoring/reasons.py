"""Why: rule ids that fired, data gaps, and sentences with the numbers in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from pandas import DataFrame, Series

from landgis.metrics.measure import Measures
from landgis.rules.model import Condition, RuleSet, Words
from landgis.scoring.low_efficiency import Fired
from landgis.scoring.parts import level

SEPARATOR = ";"
DECIMALS = 2


def join_flags(flags: Mapping[str, np.ndarray], size: int) -> Series:
    """The names of the flags that are set for each row, joined by ';' in the order given; "" where none is."""
    code = np.zeros(size, dtype=np.int64)
    for bit, flag in enumerate(flags.values()):
        code |= flag.astype(np.int64) << bit
    names, seen = list(flags), np.unique(code)
    words = [
        SEPARATOR.join(name for bit, name in enumerate(names) if value >> bit & 1) for value in seen.tolist()
    ]
    return Series(np.array(words, dtype=object)[np.searchsorted(seen, code)], dtype="str")


def sentences(
    fired: Sequence[Fired], measures: Measures, parcels: DataFrame, rules: RuleSet, language: str
) -> Series:
    """One text per parcel: the sentence of each rule that fired, with value and limit; "" where none did."""
    text = np.full(len(parcels), "", dtype=object)
    stop = "；" if language == "zh" else "; "
    for one in fired:
        where = np.flatnonzero(one.sure)
        if len(where):
            said = np.array(_fill(one, where, measures, parcels, rules, language), dtype=object)
            text[where] = np.where(text[where] == "", said, text[where] + stop + said)
    return Series(text, dtype="str")


def _fill(
    fired: Fired, where: np.ndarray, measures: Measures, parcels: DataFrame, rules: RuleSet, language: str
) -> list[str]:
    """The rule's sentence for each row; numbers are those of the first condition that holds there."""
    template = _words(fired.rule.sentence, language)
    values, limits = np.full(len(where), "", dtype=object), np.full(len(where), "", dtype=object)
    for condition in reversed(fired.rule.conditions):
        value, limit, holds = _numbers(condition, where, measures, parcels, rules)
        values[holds], limits[holds] = value[holds], limit[holds]
    return [template.format(value=value, limit=limit) for value, limit in zip(values, limits, strict=True)]


def _numbers(
    condition: Condition, where: np.ndarray, measures: Measures, parcels: DataFrame, rules: RuleSet
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    if condition.is_column:
        if condition.subject not in parcels:
            blank = np.full(len(where), "", dtype=object)
            return blank, blank, np.zeros(len(where), dtype=bool)
        value = parcels[condition.subject].iloc[where].astype("str").to_numpy(object)
        limit = ", ".join(condition.words) if condition.words else _short(condition.limit.value or 0)  # type: ignore[union-attr]
        return value, np.full(len(where), limit, dtype=object), np.ones(len(where), dtype=bool)
    assert condition.limit is not None
    low, high = (side[where] for side in level(condition.limit, measures, rules))
    number = measures.bounded[condition.subject]
    shown = np.where(np.isnan(number.value[where]), number.low[where], number.value[where])
    beyond = shown < high if condition.test.startswith("<") else shown >= low
    return _texts(shown), _texts(np.where(low == high, low, high)), beyond | np.isnan(shown)


def _texts(numbers: np.ndarray) -> np.ndarray:
    return np.array([_short(number) for number in numbers], dtype=object)


def _short(number: float) -> str:
    return f"{number:.{DECIMALS}f}"


def _words(words: Words, language: str) -> str:
    return words.zh if language == "zh" else words.en
