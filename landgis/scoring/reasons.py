"""Why: the rules that fired, as sentences with the numbers in them.

A county has millions of these. Each different sentence is written once, into a dictionary; a parcel's text is some of
its entries one after the other, which Arrow copies.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landgis.columns import TEXT, Columns, encode
from landgis.metrics.measure import Measures
from landgis.rules.model import Condition, RuleSet, Words
from landgis.scoring.digits import written
from landgis.scoring.low_efficiency import Fired
from landgis.scoring.parts import level

DECIMALS, CLOSE_DECIMALS = 2, 4  # a value that would read like its limit is written out further
STOPS = {"zh": "；", "en": "; "}


@dataclass(frozen=True)
class _Coded:
    """Texts of some rows, as places in a dictionary."""

    place: np.ndarray
    words: pa.Array

    @classmethod
    def of(cls, texts: pa.DictionaryArray) -> _Coded:
        return cls(texts.indices.to_numpy(), texts.dictionary)

    @classmethod
    def same(cls, text: str, rows: int) -> _Coded:
        return cls(np.zeros(rows, dtype=np.int32), pa.array([text], TEXT))

    def where(self, chosen: np.ndarray, other: _Coded) -> _Coded:
        """These texts where chosen, the other ones elsewhere."""
        if chosen.all():
            return self
        place = np.where(chosen, self.place, other.place + len(self.words))
        return _Coded(place, pa.concat_arrays([self.words, other.words]))


@dataclass(frozen=True)
class _Said:
    """What one rule says: in which rows, and which of its different pairs of value and limit in each."""

    sentence: Words
    sure: np.ndarray  # for every row
    where: np.ndarray
    pair: np.ndarray
    value: pa.Array
    limit: pa.Array


def sentences(fired: Sequence[Fired], measures: Measures, parcels: Columns, rules: RuleSet) -> dict[str, pa.Array]:
    """Per language one text per parcel: the sentence of each rule that fired, with its numbers; "" where none did."""
    said = []
    for one in fired:
        where = np.flatnonzero(one.sure)
        if len(where):
            value, limit = _shown(one, where, measures, parcels, rules)
            said.append(_Said(one.rule.sentence, one.sure, where, *_pairs(value, limit)))
    piece, start = _pieces(said, parcels.size)
    return {language: _rows(_dictionary(said, language).take(piece), start) for language in STOPS}


def _pairs(value: _Coded, limit: _Coded) -> tuple[np.ndarray, pa.Array, pa.Array]:
    """Which pair of texts each row has, and the two texts of each pair."""
    if len(limit.words) == 1:
        return value.place, value.words, limit.words.take(pa.array(np.zeros(len(value.words), dtype=np.int32)))
    both = pa.array(value.place * np.int64(len(limit.words)) + limit.place).dictionary_encode()
    first, second = np.divmod(both.dictionary.to_numpy(), len(limit.words))
    return both.indices.to_numpy(), value.words.take(pa.array(first)), limit.words.take(pa.array(second))


def _pieces(said: Sequence[_Said], size: int) -> tuple[pa.Array, np.ndarray]:
    """The entries of `_dictionary` that make up the texts, row after row, and where those of each row begin."""
    count = np.zeros(size, dtype=np.int64)
    for one in said:
        count += one.sure
    start = np.zeros(size + 1, dtype=np.int64)
    np.cumsum(count, out=start[1:])
    piece, known = np.empty(start[-1], dtype=np.int32), 0
    following = start[:-1].copy()
    for one in said:
        at, entries = following[one.where], len(one.value)
        after_another = at > start[one.where]
        piece[at] = one.pair + after_another * np.int32(entries) + np.int32(known)
        following += one.sure
        known += 2 * entries
    return pa.array(piece), start


def _dictionary(said: Sequence[_Said], language: str) -> pa.Array:
    """Of each rule its different sentences, and the same again with a stop before them."""
    words = []
    for one in said:
        template = one.sentence.zh if language == "zh" else one.sentence.en
        words += [_fill(before + template, one.value, one.limit) for before in ("", STOPS[language])]
    return pa.concat_arrays(words) if words else pa.array([], TEXT)


def _fill(template: str, value: pa.Array, limit: pa.Array) -> pa.Array:
    """The template with each value and limit in it."""
    numbers = {"{value}": value, "{limit}": limit}
    if not any(name in template for name in numbers):
        return pa.repeat(pa.scalar(template, TEXT), len(value))
    pieces = [numbers.get(piece, pa.scalar(piece, TEXT)) for piece in re.split(r"(\{value\}|\{limit\})", template)]
    return pc.binary_join_element_wise(*pieces, pa.scalar("", TEXT))


def _rows(pieces: pa.Array, start: np.ndarray) -> pa.Array:
    """Texts that are pieces one after the other, from the piece at which each begins: the same bytes, other offsets."""
    if not len(pieces):
        return pa.repeat(pa.scalar("", TEXT), len(start) - 1)
    _valid, offsets, letters = pieces.buffers()
    ends = np.frombuffer(offsets, dtype=np.int64)[start]
    return pa.Array.from_buffers(TEXT, len(start) - 1, [None, pa.py_buffer(ends), letters])


def _shown(
    fired: Fired, where: np.ndarray, measures: Measures, parcels: Columns, rules: RuleSet
) -> tuple[_Coded, _Coded]:
    """Value and limit as text for each row: those of the first condition of the rule that holds there."""
    value = limit = _Coded.same("", len(where))
    for condition in reversed(fired.rule.conditions):
        here_value, here_limit, holds = _numbers(condition, where, measures, parcels, rules)
        value, limit = here_value.where(holds, value), here_limit.where(holds, limit)
    return value, limit


def _numbers(
    condition: Condition, where: np.ndarray, measures: Measures, parcels: Columns, rules: RuleSet
) -> tuple[_Coded, _Coded, np.ndarray]:
    if condition.is_column:
        return _cells(condition, where, parcels)
    assert condition.limit is not None
    low, high = (side[where] if side.ndim else side for side in level(condition.limit, measures, rules))
    number = measures.bounded[condition.subject]
    best = number.value[where]
    unknown = np.isnan(best)
    shown = np.where(unknown, number.low[where], best) if unknown.any() else best
    beyond = shown < high if condition.test.startswith("<") else shown >= low
    marks = np.atleast_1d(np.where(low == high, low, high))
    limit = (
        _Coded.of(written(marks, DECIMALS))
        if marks.shape == shown.shape
        else _Coded.same(written(marks, DECIMALS)[0].as_py(), len(where))
    )
    return _apart(_Coded.of(written(shown, DECIMALS)), limit, shown), limit, beyond | np.isnan(shown)


def _apart(value: _Coded, limit: _Coded, shown: np.ndarray) -> _Coded:
    """The values, written out further where they read like their limit."""
    same = pc.index_in(limit.words, value_set=value.words).fill_null(-1).to_numpy()
    rows = np.flatnonzero(value.place == (same if len(same) == 1 else same[limit.place]))
    if not len(rows):
        return value
    further = _Coded.of(written(shown[rows], CLOSE_DECIMALS))
    places = value.place.copy()
    places[rows] = further.place + len(value.words)
    return _Coded(places, pa.concat_arrays([value.words, further.words]))


def _cells(condition: Condition, where: np.ndarray, parcels: Columns) -> tuple[_Coded, _Coded, np.ndarray]:
    """What stands in the office's own column, and what the rule looks for."""
    kept = condition.subject in parcels
    limit = condition.limit.value if condition.limit is not None else None
    wanted = _Coded.same(f"{limit:g}" if limit is not None else ", ".join(condition.words), len(where))
    if not kept:
        return _Coded.same("", len(where)), wanted, np.zeros(len(where), dtype=bool)
    encoded = encode(pa.array(parcels.take_column(condition.subject, where), from_pandas=True))
    words = [*(f"{cell:g}" if isinstance(cell, float) else str(cell) for cell in encoded.dictionary.to_pylist()), ""]
    place = encoded.indices.fill_null(len(words) - 1).to_numpy()
    return _Coded(place, pa.array(words, TEXT)), wanted, np.ones(len(where), dtype=bool)
