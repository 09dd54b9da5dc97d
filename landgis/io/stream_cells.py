"""A batch of one column → its canonical values, where the plain reader would take every cell without a fault.

The rules are the plain reader's own functions wherever they work on arrays (`cleaned`, `known_texts`, `within_limits`,
`choice_words` …). What would need its eye, as a number written as text, is Unusual.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landgis.columns import TEXT, Column
from landgis.io.cells import UNSEEN, Finding, cleaned, folded, is_plain_ascii, is_unknown, text_bytes
from landgis.io.days import read_day, read_day_as
from landgis.io.found import MOST_CHARACTERS
from landgis.io.headers import Match, plain_name
from landgis.io.stream_remarks import Unusual
from landgis.io.value_dates import out_of_range
from landgis.io.value_numbers import within_limits
from landgis.io.value_words import (
    FLAG_WORDS,
    STRIPPED,
    are_plain_keys,
    check_digits,
    choice_words,
    exponents,
    known_texts,
    read_heights,
)

Cells = tuple[Column, list[Finding]]


def canonical(array: pa.Array, match: Match, *, layer: bool) -> Cells:
    """The values of a canonical column and remarks on them; `layer` says that the file has outlines.

    Numbers and flags come as float64, days as timestamp[us], everything else as large_string. Raises Unusual.
    """
    column = match.column
    if column.kind == "key":
        values, findings = _key(array, layer=layer, credit=column.name == "enterprise_id")
    elif column.kind in ("number", "integer"):
        values, findings = within_limits(column, _numbers(array) * match.factor)
    elif column.kind == "date":
        values, findings = _dates(array, match.how.format if match.how else None, layer=layer), []
    elif column.kind == "choice":
        values, findings = _look_up(array, choice_words(column, plain_name(match.field)), layer=layer), []
    elif column.kind == "flag":
        values, findings = _flags(array, layer=layer), []
    else:
        values, findings = _text(array, layer=layer)
        if column.kind == "heights":
            values = _by_word(values, _heights)
    if (column.needed or column.unique) and _has_gap(values):
        raise Unusual(f"{match.field}: empty cells")
    return values, findings


def _has_gap(values: Column) -> bool:
    return bool(np.isnan(values).any()) if isinstance(values, np.ndarray) else values.null_count > 0


def own(array: pa.Array, *, layer: bool, days: bool = False) -> Cells:
    """A column that nobody knows as it is passed on, texts cleaned; raises Unusual for types that change on the way.

    `days` says of a column of times that all of it are days.
    """
    kind = array.type
    if pa.types.is_dictionary(kind) and layer:
        array = _decoded(array)
        kind = array.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind):
        values, stripped = cleaned(texts(array, layer=layer))
        return values, [Finding("W-TEXT-CTRL", STRIPPED, stripped)] if len(stripped) else []
    if array.null_count and (pa.types.is_boolean(kind) or (not layer and pa.types.is_integer(kind))):
        raise Unusual(f"{kind} with gaps")  # pandas makes them texts, or fractions
    if pa.types.is_float32(kind) or pa.types.is_float64(kind):
        return np.asarray(array.cast(pa.float64())), []
    if pa.types.is_signed_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_date32(kind):
        return array, []
    if is_time(kind):
        try:
            return array.cast(pa.timestamp("ms")).cast(pa.date32() if days else pa.timestamp("ms")), []
        except pa.ArrowInvalid as error:
            raise Unusual("times finer than a millisecond") from error
    raise Unusual(f"a column of {kind}")


def is_time(kind: pa.DataType) -> bool:
    """Whether a type is of times without a zone."""
    return pa.types.is_timestamp(kind) and kind.tz is None


def texts(array: pa.Array, *, layer: bool) -> pa.Array:
    """Texts or whole numbers as large_string, valid and not too long; raises Unusual for every other type."""
    array = _as_text(array)
    letters = text_bytes(array)
    if not is_plain_ascii(letters):
        try:
            array.validate(full=True)
        except pa.ArrowInvalid as error:
            raise Unusual("no UTF-8") from error
        if layer and pc.any(pc.match_substring_regex(array, UNSEEN)).as_py():
            raise Unusual("control characters")
    if layer and len(letters) > MOST_CHARACTERS and (pc.max(pc.binary_length(array)).as_py() or 0) > MOST_CHARACTERS:
        raise Unusual("a very long text")
    return array


def _as_text(array: pa.Array) -> pa.Array:
    array = _decoded(array)
    kind = array.type
    is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind)
    if not is_text and not pa.types.is_integer(kind):
        raise Unusual(f"{kind} where texts belong")
    return array if kind == TEXT else array.cast(TEXT)


def _decoded(array: pa.Array) -> pa.Array:
    if not pa.types.is_dictionary(array.type):
        return array
    if not (pa.types.is_string(array.type.value_type) or pa.types.is_large_string(array.type.value_type)):
        raise Unusual(f"a dictionary of {array.type.value_type}")
    return array.dictionary_decode()


def _text(array: pa.Array, *, layer: bool, trim: str = "blanks") -> Cells:
    values, stripped = cleaned(texts(array, layer=layer), trim=trim)
    return known_texts(values), [Finding("W-TEXT-CTRL", STRIPPED, stripped)] if len(stripped) else []


def _key(array: pa.Array, *, layer: bool, credit: bool) -> Cells:
    values, findings = _as_text(array), list[Finding]()
    if not are_plain_keys(values):
        values, findings = _text(values, layer=layer, trim="all")
        if len(exponents(values)):
            raise Unusual("codes that became numbers")
    return values, findings + (check_digits(values) if credit else [])


def _numbers(array: pa.Array) -> np.ndarray:
    kind = array.type
    if pa.types.is_null(kind):
        return np.full(len(array), np.nan)
    if not (pa.types.is_integer(kind) or pa.types.is_float32(kind) or pa.types.is_float64(kind)):
        raise Unusual(f"{kind} where numbers belong")
    values = np.asarray(array.cast(pa.float64(), safe=False))
    if np.isinf(values).any():
        raise Unusual("infinite numbers")
    return values


def _flags(array: pa.Array, *, layer: bool) -> np.ndarray:
    if not pa.types.is_boolean(array.type):
        array = _look_up(array, FLAG_WORDS, layer=layer)
    return np.asarray(array.cast(pa.float64()))


def _look_up(array: pa.Array, words: Mapping[str, str], *, layer: bool) -> pa.Array:
    """What each word means; raises Unusual where one is not known."""

    def meaning(word: str) -> str | None:
        code = words.get(folded(word))
        if code is None and not is_unknown(word):
            raise Unusual(f"{word[:60]} is not known")
        return code

    return _by_word(array if pa.types.is_dictionary(array.type) else texts(array, layer=layer), meaning, layer=layer)


def _by_word(array: pa.Array, meaning: Callable[[str], str | None], *, layer: bool = False) -> pa.Array:
    """Another text for every text, each distinct one asked for once; cleaned before."""
    encoded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
    words = cleaned(texts(encoded.dictionary, layer=layer))[0].to_pylist()
    found = pa.array([None if word is None else meaning(word) for word in words], TEXT)
    return found.take(encoded.indices)


def _heights(word: str) -> str:
    found = read_heights(word)
    if found is None:
        raise Unusual(f"{word[:60]} is no list of heights")
    return found


def _dates(array: pa.Array, form: str | None, *, layer: bool) -> pa.Array:
    kind = array.type
    if pa.types.is_date(kind) or is_time(kind):
        days = array.to_numpy(zero_copy_only=False).astype("datetime64[D]")
    else:
        encoded = pc.utf8_trim_whitespace(_only_texts(array, layer=layer)).dictionary_encode()
        read = np.array([*(_day(word, form) for word in encoded.dictionary.to_pylist()), None], dtype="datetime64[D]")
        days = read[np.asarray(encoded.indices.fill_null(len(read) - 1))]
    if out_of_range(days):
        raise Unusual("days that nobody can mean")
    return pa.array(days.astype("datetime64[us]"))


def _only_texts(array: pa.Array, *, layer: bool) -> pa.Array:
    if pa.types.is_integer(array.type):
        raise Unusual("whole numbers where dates belong")
    return texts(array, layer=layer)


def _day(word: str, form: str | None) -> np.datetime64 | None:
    if is_unknown(word):
        return None
    found = read_day_as(word, form) if form else read_day(word)
    if found is None or found[1] != "day" or found[2]:
        raise Unusual(f"{word[:60]} where a day belongs")
    return np.datetime64(found[0], "D")
