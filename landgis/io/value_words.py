"""Texts, keys, choices, flags and storey heights."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landgis.io.cells import (
    EXACT_DIGITS,
    NOWHERE,
    UNKNOWN_WORDS,
    Finding,
    Parsed,
    arrow_text,
    cell_text,
    clean,
    folded,
    is_missing,
    is_number,
    is_plain_ascii,
    text_bytes,
    text_of,
    text_series,
)
from landgis.io.found import MOST_CHARACTERS
from landgis.tables import Column
from landgis.text import N_

if TYPE_CHECKING:
    import pandas as pd

YES = frozenset({"是", "规上", "1", "1.0", "true", "t", "yes", "y", "有", "√", "✓"})
NO = frozenset({"否", "规下", "0", "0.0", "false", "f", "no", "n", "×", "非规上"})
FLAG_WORDS = MappingProxyType(dict.fromkeys(YES, "1") | dict.fromkeys(NO, "0"))
# A column that asks a question is answered by yes and no, which mean this.
ANSWERS = MappingProxyType({"是否违建": {"是": "unlicensed", "否": "legal"}})
STRIPPED = N_("control or invisible characters were taken out of {count} values (rows {rows})")
NUMERIC_CODE = N_("{value} is stored as a number, so digits are lost; format the column as text in Excel, paste again")
EXPONENT_CODE = N_("{value} is a code turned into a number; format the column as text in Excel and paste again")
DATE_CODE = N_("{value} is a date where a code belongs; format the column as text in Excel and type it again")
DECIMAL_CODE = N_("{value} is a number with decimals where a code belongs; format the column as text and type it again")
_EXPONENT = r"^\d(\.\d+)?[eE]\+\d{2,3}$"
_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_NO_USCC = 1 << 20  # more than any sum; 18 of it are no overflow
_LONGEST_UNKNOWN = max(len(word.encode()) for word in UNKNOWN_WORDS)  # bytes
_HEIGHT = re.compile(r"(\d+\.?\d*|\.\d+)(?:m|米)?")


def parse_texts(series: pd.Series) -> Parsed:
    """A text column as `str`; NaN where nothing is known."""
    values, stripped = clean(text_of(series))
    return Parsed(_known(values), _stripped(stripped))


def _known(values: pd.Series) -> pd.Series:
    """The texts with `—`, `无`, `N/A` and their like as NaN."""
    array = arrow_text(values)
    known = known_texts(array)
    return values if known is array else text_series(known, values.index)


def known_texts(array: pa.Array) -> pa.Array:
    """The same of an Arrow array of large_string, which comes back as it is where nothing is to be done."""
    lengths = pc.binary_length(array)
    if (pc.min(lengths).as_py() or 0) > _LONGEST_UNKNOWN:
        return array
    if is_plain_ascii(text_bytes(array)):
        unknown = pc.is_in(pc.ascii_lower(array), _unknown_words())
        return pc.if_else(unknown, None, array) if pc.any(unknown).as_py() else array
    short = pc.fill_null(pc.less_equal(lengths, _LONGEST_UNKNOWN), False)
    at = np.flatnonzero(short.to_numpy(zero_copy_only=False))
    distinct = pc.dictionary_encode(pc.take(array, pa.array(at, pa.int64())))
    means_nothing = np.array([folded(word) in UNKNOWN_WORDS for word in distinct.dictionary.to_pylist()], dtype=bool)
    nothing = at[means_nothing[distinct.indices.to_numpy(zero_copy_only=False)]]
    if not len(nothing):
        return array
    cleared = np.zeros(len(array), dtype=bool)
    cleared[nothing] = True
    return pc.if_else(pa.array(cleared), None, array)


@cache
def _unknown_words() -> pa.Array:
    return pa.array(sorted(UNKNOWN_WORDS), pa.large_string())


def _stripped(positions: np.ndarray) -> list[Finding]:
    return [Finding("W-TEXT-CTRL", STRIPPED, positions)] if len(positions) else []


def parse_keys(series: pd.Series, *, sheet: bool) -> Parsed:
    """A key column as `str`, never by way of a float; `sheet` says that a number has 15 digits only."""
    findings = _numeric_keys(series, sheet=sheet)
    values, stripped = clean(text_of(series), trim="all")
    at = exponents(arrow_text(values))
    if len(at):
        findings.append(Finding("E-CODE-NUMERIC", EXPONENT_CODE, at, values.iloc[at].tolist()))
    return Parsed(_known(values), findings + _stripped(stripped))


def are_plain_keys(keys: pa.Array) -> bool:
    """Whether nothing can be the matter with any of these keys (large_string), as with most: seen in one pass.

    Visible ASCII behind `+`, so nothing to strip and no code that became a number; all longer than a word for nothing.
    """
    letters = text_bytes(keys)
    if not len(letters) or letters.min() <= ord("+") or letters.max() >= 0x7F:
        return False
    lengths = pc.min_max(pc.binary_length(keys)).as_py()
    return lengths["min"] > _LONGEST_UNKNOWN and lengths["max"] <= MOST_CHARACTERS


def exponents(keys: pa.Array) -> np.ndarray:
    """Where a key, as large_string, looks like a code that became a number, as 3.30784E+18."""
    if not (text_bytes(keys) == ord("+")).any():
        return NOWHERE
    found = pc.fill_null(pc.match_substring_regex(keys, _EXPONENT), False)
    return np.flatnonzero(found.to_numpy(zero_copy_only=False))


def _numeric_keys(series: pd.Series, *, sheet: bool) -> list[Finding]:
    """Keys that are numbers in the file and cannot be trusted any more."""
    import pandas as pd

    dtype = series.dtype
    if isinstance(dtype, pd.StringDtype):
        return []
    if pd.api.types.is_integer_dtype(dtype) and not sheet:
        return []  # a database column of 64-bit integers is exact
    positions: dict[str, list[int]] = {NUMERIC_CODE: [], DATE_CODE: [], DECIMAL_CODE: []}
    cells = series.to_numpy(object)
    for i, cell in enumerate(cells):
        if isinstance(cell, str) or is_missing(cell):
            continue
        if not is_number(cell):
            positions[DATE_CODE].append(i)
        elif abs(cell) >= 10.0 ** (EXACT_DIGITS - 1):
            positions[NUMERIC_CODE].append(i)
        elif cell != int(cell):
            positions[DECIMAL_CODE].append(i)
    found = {template: np.array(at) for template, at in positions.items() if at}
    return [Finding("E-CODE-NUMERIC", template, at, cells[at].tolist()) for template, at in found.items()]


def check_digits(keys: pa.Array) -> list[Finding]:
    """A remark where 18-character enterprise numbers, as large_string, have a wrong check character."""
    eighteen = pc.fill_null(pc.equal(pc.binary_length(keys), 18), False)
    at = np.flatnonzero(eighteen.to_numpy(zero_copy_only=False))
    if not len(at):
        return []
    codes = keys if len(at) == len(keys) else pc.take(keys, pa.array(at, pa.int64()))
    pairs = text_bytes(codes).view("<u2").reshape(-1, 9)  # every text has 18 bytes, so the texts lie side by side
    total = sum(sums[pairs[:, i]] for i, sums in enumerate(_uscc_sums()))
    wrong = at[(total < _NO_USCC) & (total % 31 != 0)]
    template = N_("{count} credit codes have a wrong check character, as {value}; compare them (rows {rows})")
    if not len(wrong):
        return []
    return [Finding("W-USCC-CHECK", template, wrong, extra={"value": keys[int(wrong[0])].as_py()})]


@cache
def _uscc_sums() -> list[np.ndarray]:
    """What each pair of letters adds to the sum of a credit code, by its place; all of a right one are 0 mod 31."""
    values = np.full(256, _NO_USCC, dtype=np.int32)
    values[[ord(character) for character in _USCC]] = np.arange(31)
    weights = [*_USCC_WEIGHTS, 1]
    known = np.where(values < _NO_USCC, values, 0)
    strange = np.where(values < _NO_USCC, 0, _NO_USCC).astype(np.int32)
    both = strange[:, None] + strange[None, :]  # second letter, first letter: as a little-endian pair is read
    return [
        (known[:, None] * weights[i + 1] + known[None, :] * weights[i] + both).reshape(-1).astype(np.int32)
        for i in range(0, 18, 2)
    ]


def parse_choices(series: pd.Series, column: Column, *, field: str = "") -> Parsed:
    """A choice column as its codes; NaN where nothing is known. `field` is what the file calls the column."""
    known = choice_words(column, field)
    parsed, wrong, said = _look_up(series, known)
    findings = []
    for word in dict.fromkeys(said):
        at = wrong[[other == word for other in said]]
        near = difflib.get_close_matches(folded(word), list(known), n=1, cutoff=0.4)
        listed = ", ".join("/".join([code, *words[:1]]) for code, words in column.choices.items())
        extra = {"known": listed, "near": near[0] if near else ""}
        template = N_("{value} is not known; use one of: {known}; or map it (--mapping)")
        if near:
            template = N_("{value} is not known; is {near} meant? Use one of: {known}; or map it (--mapping)")
        code = "E-PHASE-UNKNOWN" if column.name == "milestone" else "E-CHOICE"
        findings.append(Finding(code, template, at, [word] * len(at), extra))
    return Parsed(text_series(pa.array(parsed, pa.large_string(), from_pandas=True), series.index), findings)


def choice_words(column: Column, field: str) -> dict[str, str]:
    """Every folded word that a choice column understands, with the code that it means."""
    known = {folded(code): code for code in column.choices}
    for code, words in column.choices.items():
        known |= {folded(word): code for word in words if folded(word) not in known}
    return known | ANSWERS.get(field, {})


def parse_flags(series: pd.Series) -> Parsed:
    """A yes/no column as float64: 1, 0, NaN where it is not known."""
    import pandas as pd

    if series.dtype == bool:
        return Parsed(series.astype(np.float64), [])
    parsed, wrong, said = _look_up(series, FLAG_WORDS)
    template = N_("{value} is neither yes nor no; use 是 or 否, 1 or 0")
    findings = [Finding("E-CHOICE", template, wrong, said)] if len(wrong) else []
    return Parsed(pd.to_numeric(pd.Series(parsed, index=series.index, dtype=object)).astype(np.float64), findings)


def _look_up(series: pd.Series, known: Mapping[str, str]) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """What each cell means, where a word is not known, and those words."""
    import pandas as pd

    texts, _ = clean(text_of(series))
    codes, words = pd.factorize(texts)
    plain = [folded(word) for word in words]
    meanings = np.array([known.get(word) for word in plain] + [None], dtype=object)  # code -1, missing: the last one
    strange = np.array([word not in known and word not in UNKNOWN_WORDS for word in plain] + [False])
    wrong = np.flatnonzero(strange[codes])
    return meanings[codes], wrong, [str(words[code]) for code in codes[wrong]]


def parse_heights(series: pd.Series) -> Parsed:
    """Storey heights from the ground up as `8.1;4;4`."""
    import pandas as pd

    texts, stripped = clean(text_of(series))
    texts = _known(texts)
    codes, words = pd.factorize(texts)
    read = [read_heights(word) for word in words]
    values = np.array([*read, None], dtype=object)[codes]
    strange = np.array([heights is None for heights in read] + [False])
    wrong = np.flatnonzero(strange[codes])
    template = N_("{value} is no list of storey heights; write them in metres from the ground up, as 8.1;4;4")
    findings = [Finding("E-FIELD-TYPE", template, wrong, [words[code] for code in codes[wrong]])] if len(wrong) else []
    array = pa.array(values, pa.large_string(), from_pandas=True)
    return Parsed(text_series(array, series.index), findings + _stripped(stripped))


def read_heights(text: str) -> str | None:
    """The heights separated by semicolons, None where a part is no positive number.

    >>> read_heights("8.1；4、4米"), read_heights("4"), read_heights("8.1;x")
    ('8.1;4;4', '4', None)
    """
    parts = [part for part in re.split(r"[;,、/|\s]+", unicodedata.normalize("NFKC", text)) if part]
    found = [_HEIGHT.fullmatch(part.lower()) for part in parts]
    if not parts or any(match is None or float(match[1]) <= 0 for match in found):
        return None
    return ";".join(match[1] for match in found if match)


def replace_words(series: pd.Series, values: Mapping[str, str]) -> pd.Series:
    """The cells that a mapping file translates, translated; the rest as they are."""
    import pandas as pd

    folds = {folded(word): meant for word, meant in values.items()}
    texts = text_of(series).to_numpy(object)
    codes, words = pd.factorize(texts)
    meant = np.array([values.get(word, folds.get(folded(word))) for word in words] + [None], dtype=object)[codes]
    known = ~pd.isna(meant)
    if not known.any():
        return series
    cells = series.to_numpy(object).copy()
    cells[known] = meant[known]
    if all(isinstance(cell, str) or is_missing(cell) for cell in cells):
        return text_series(pa.array([cell_text(cell) for cell in cells], pa.large_string()), series.index)
    return pd.Series(cells, index=series.index, dtype=object)
