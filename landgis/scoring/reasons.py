"""Why: rule ids that fired, data gaps, and sentences with the numbers in them."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas import DataFrame, Series

from landgis.metrics.measure import Measures
from landgis.rules.model import Condition, RuleSet, Words
from landgis.scoring.low_efficiency import Fired
from landgis.scoring.parts import level

DECIMALS, CLOSE_DECIMALS = 2, 4  # a value that would read like its limit is written out further
TEXT = pa.large_string()
STOPS = {"zh": "；", "en": "; "}


def sentences(fired: Sequence[Fired], measures: Measures, parcels: DataFrame, rules: RuleSet) -> dict[str, Series]:
    """Per language one text per parcel: the sentence of each rule that fired, with its numbers; "" where none did.

    Put together as Arrow arrays: a county has millions of these.
    """
    nothing = pa.repeat(pa.scalar("", TEXT), len(parcels))
    said: dict[str, list[pa.Array]] = {language: [nothing, nothing] for language in STOPS}
    for one in fired:
        where = np.flatnonzero(one.sure)
        if len(where):
            value, limit = _shown_numbers(one, where, measures, parcels, rules)
            row = np.zeros(len(parcels), dtype=np.int64)
            row[where] = np.arange(len(where))
            at = pa.array(row, mask=~one.sure)  # null where the rule did not fire
            for language, texts in said.items():
                sentence = STOPS[language] + _words(one.rule.sentence, language)
                texts.append(_fill(sentence, value, limit).take(at).fill_null(""))
    return {
        language: _series(pc.utf8_slice_codeunits(_glue(texts), start=len(STOPS[language])))
        for language, texts in said.items()
    }


def _glue(texts: Sequence[pa.Array | pa.Scalar]) -> pa.Array:
    return pc.binary_join_element_wise(*texts, pa.scalar("", TEXT))


def _fill(template: str, value: pa.Array, limit: pa.Array) -> pa.Array:
    """The template with each row's value and limit in it."""
    numbers = {"{value}": value, "{limit}": limit}
    if not any(name in template for name in numbers):
        return pa.repeat(pa.scalar(template, TEXT), len(value))
    pieces = [numbers.get(piece, pa.scalar(piece, TEXT)) for piece in re.split(r"(\{value\}|\{limit\})", template)]
    return _glue(pieces)


def _strings(words: Sequence[str | None]) -> pa.Array:
    return pa.array(words, TEXT)


def _series(texts: pa.Array) -> Series:
    return Series(pd.array(texts, dtype="str"))


def _shown_numbers(
    fired: Fired, where: np.ndarray, measures: Measures, parcels: DataFrame, rules: RuleSet
) -> tuple[pa.Array, pa.Array]:
    """Value and limit as text for each row: those of the first condition of the rule that holds there."""
    value = limit = _strings([""]).take(pa.array(np.zeros(len(where), dtype=np.int64)))
    for condition in reversed(fired.rule.conditions):
        here_value, here_limit, holds = _numbers(condition, where, measures, parcels, rules)
        mask = pa.array(holds)
        value, limit = pc.if_else(mask, here_value, value), pc.if_else(mask, here_limit, limit)
    return value, limit


def _numbers(
    condition: Condition, where: np.ndarray, measures: Measures, parcels: DataFrame, rules: RuleSet
) -> tuple[pa.Array, pa.Array, np.ndarray]:
    if condition.is_column:
        return _cells(condition, where, parcels)
    assert condition.limit is not None
    low, high = (side[where] for side in level(condition.limit, measures, rules))
    number = measures.bounded[condition.subject]
    shown = np.where(np.isnan(number.value[where]), number.low[where], number.value[where])
    beyond = shown < high if condition.test.startswith("<") else shown >= low
    value, limit = _texts(shown), _texts(np.where(low == high, low, high))
    value = pc.if_else(pc.equal(value, limit), _texts(shown, CLOSE_DECIMALS), value)
    return value, limit, beyond | np.isnan(shown)


def _cells(condition: Condition, where: np.ndarray, parcels: DataFrame) -> tuple[pa.Array, pa.Array, np.ndarray]:
    """What stands in the office's own column, and what the rule looks for."""
    kept = condition.subject in parcels
    cells = parcels[condition.subject].iloc[where] if kept else Series([""] * len(where))
    plain = [f"{cell:g}" if isinstance(cell, float) else str(cell) for cell in cells.fillna("")]
    limit = condition.limit.value if condition.limit is not None else None
    wanted = f"{limit:g}" if limit is not None else ", ".join(condition.words)
    return _strings(plain), _strings([wanted] * len(where)), np.full(len(where), kept)


def _texts(numbers: np.ndarray, decimals: int = DECIMALS) -> pa.Array:
    """Numbers as text; each different number is written once."""
    different, which = np.unique(np.round(numbers, decimals), return_inverse=True)
    return _strings([f"{number:.{decimals}f}" for number in different]).take(pa.array(which))


def _words(words: Words, language: str) -> str:
    return words.zh if language == "zh" else words.en
