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
STOPS = {"zh": "；", "en": "; "}


def join_flags(flags: Mapping[str, np.ndarray], size: int) -> Series:
    """The names of the flags that are set for each row, joined by ';' in the order given; "" where none is."""
    code = np.zeros(size, dtype=np.int64)
    for bit, flag in enumerate(flags.values()):
        code |= flag.astype(np.int64) << bit
    names, seen = list(flags), np.unique(code)
    words = [SEPARATOR.join(name for bit, name in enumerate(names) if value >> bit & 1) for value in seen.tolist()]
    return Series(np.array(words, dtype=object)[np.searchsorted(seen, code)], dtype="str")


def sentences(fired: Sequence[Fired], measures: Measures, parcels: DataFrame, rules: RuleSet) -> dict[str, Series]:
    """Per language one text per parcel: the sentence of each rule that fired, with its numbers; "" where none did."""
    texts = {language: np.full(len(parcels), "", dtype=object) for language in STOPS}
    for one in fired:
        where = np.flatnonzero(one.sure)
        if len(where):
            numbers = _shown_numbers(one, where, measures, parcels, rules)
            for language, text in texts.items():
                said = _fill(_words(one.rule.sentence, language), *numbers)
                before = text[where]
                text[where] = np.where(before == "", said, before + STOPS[language] + said)
    return {language: Series(text, dtype="str") for language, text in texts.items()}


def _fill(template: str, values: np.ndarray, limits: np.ndarray) -> np.ndarray:
    """The template with each row's value and limit in it."""
    quick = template.replace("%", "%%").format(value="%(value)s", limit="%(limit)s")  # four times as fast as format
    rows = zip(values, limits, strict=True)
    return np.array([quick % {"value": value, "limit": limit} for value, limit in rows], dtype=object)


def _shown_numbers(
    fired: Fired, where: np.ndarray, measures: Measures, parcels: DataFrame, rules: RuleSet
) -> tuple[np.ndarray, np.ndarray]:
    """Value and limit as text for each row: those of the first condition of the rule that holds there."""
    values, limits = np.full(len(where), "", dtype=object), np.full(len(where), "", dtype=object)
    for condition in reversed(fired.rule.conditions):
        value, limit, holds = _numbers(condition, where, measures, parcels, rules)
        values[holds], limits[holds] = value[holds], limit[holds]
    return values, limits


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
    """Numbers as text; each different number is written once."""
    different, which = np.unique(np.round(numbers, DECIMALS), return_inverse=True)
    return np.array([_short(number) for number in different], dtype=object)[which]


def _short(number: float) -> str:
    return f"{number:.{DECIMALS}f}"


def _words(words: Words, language: str) -> str:
    return words.zh if language == "zh" else words.en
