"""Numbers as people write them: thousands commas, full-width digits, a unit behind; and their limits."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landgis.io.cells import EXACT_DIGITS, UNKNOWN_WORDS, Cells, Finding, Parsed, arrow_text, is_unknown, take_apart
from landgis.tables import Column
from landgis.text import N_
from landgis.units import M2_PER_HECTARE, M2_PER_MU

if TYPE_CHECKING:
    import pandas as pd

ABSURD_M2 = 1e12  # a million km²: no parcel, no building
_MU = float(M2_PER_MU)
_HECTARE = float(M2_PER_HECTARE)
_FOOT_M2 = 0.3048**2

# Words for a unit → how many of the column's own unit it is; the column's unit is the last word of its name.
_AREA_M2 = {
    "m2": 1.0, "m^2": 1.0, "平方米": 1.0, "平米": 1.0, "平方": 1.0, "sqm": 1.0,
    "亩": _MU, "mu": _MU, "公顷": _HECTARE, "ha": _HECTARE, "hm2": _HECTARE,
    "万m2": 1e4, "万平方米": 1e4, "万平米": 1e4, "万亩": 1e4 * _MU,
    "km2": 1e6, "平方公里": 1e6, "平方千米": 1e6,
    "ft2": _FOOT_M2, "sqft": _FOOT_M2, "平方英尺": _FOOT_M2,
}  # fmt: skip
UNITS: Mapping[str, Mapping[str, float]] = MappingProxyType({
    "m2": _AREA_M2,
    "ha": {word: factor / M2_PER_HECTARE for word, factor in _AREA_M2.items()},
    "wan": {"元": 1e-4, "千元": 0.1, "万元": 1.0, "万": 1.0, "百万元": 100.0, "千万元": 1000.0,
            "人民币元": 1e-4, "人民币万元": 1.0, "亿元": 1e4, "亿": 1e4},
    "tce": {"tce": 1.0, "吨": 1.0, "t": 1.0, "吨标准煤": 1.0, "吨标煤": 1.0, "万吨标准煤": 1e4, "万吨": 1e4},
    "t": {"t": 1.0, "吨": 1.0, "kg": 1e-3, "千克": 1e-3, "公斤": 1e-3, "万吨": 1e4},
    "kwh": {"kwh": 1.0, "千瓦时": 1.0, "度": 1.0, "万kwh": 1e4, "万千瓦时": 1e4, "万度": 1e4, "mwh": 1e3},
    "m": {"m": 1.0, "米": 1.0, "cm": 0.01, "厘米": 0.01, "mm": 0.001, "毫米": 0.001},
    "year": {"年": 1.0, "年度": 1.0},
    "storeys": {"层": 1.0},
    "employees": {"人": 1.0, "万人": 1e4},
})  # fmt: skip

_PLAIN = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_NUMBER = r"[+-]?(?:\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?"
_WITH_UNIT = re.compile(rf"({_NUMBER})\s*([^\d\s].*)?")
_MINUS = str.maketrans({"−": "-", "–": "-"})
NOT_A_NUMBER = N_("{value} is no number; write a plain number, or leave the cell empty if it is not known")


def units_of(column: str) -> Mapping[str, float]:
    """The words for units that a canonical column understands, with their factors.

    >>> units_of("output_wan")["亿元"], units_of("storey_heights_m")["cm"], dict(units_of("name"))
    (10000.0, 0.01, {})
    """
    return UNITS.get(column.rsplit("_", 1)[-1], MappingProxyType({}))


def unit_word(text: str) -> str:
    """A unit as it is looked up.

    >>> unit_word(" ㎡ "), unit_word("KWh")
    ('m2', 'kwh')
    """
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).casefold()


def read_number(text: str, units: Mapping[str, float]) -> tuple[float, str | None] | None:
    """The number and the unit behind it, or None where the text is something else.

    >>> read_number("1，234.5", {}), read_number("1.5亩", UNITS["m2"]), read_number("1,5", {})
    ((1234.5, None), (1.5, '亩'), None)
    """
    found = _WITH_UNIT.fullmatch(unicodedata.normalize("NFKC", text).translate(_MINUS).strip().lower())
    if not found:
        return None
    unit = unit_word(found[2]) if found[2] else None
    if unit is not None and unit not in units:
        return None
    return float(found[1].replace(",", "")), unit


def parse_numbers(series: pd.Series, column: Column, *, factor: float = 1.0) -> Parsed:
    """A number or integer column as float64; `factor` turns the file's unit into the column's."""
    import pandas as pd

    cells = take_apart(series)
    values = np.full(cells.length, np.nan) if cells.numbers is None else cells.numbers * factor
    findings: list[Finding] = []
    if cells.texts is not None:
        values = _fill_texts(values, cells.texts, units_of(column.name), factor, findings)
    findings += _wrong_kinds(cells, values)
    kept, more = within_limits(column, values)
    return Parsed(pd.Series(kept, index=series.index), findings + more)


def _fill_texts(
    values: np.ndarray, texts: pa.Array, units: Mapping[str, float], factor: float, findings: list[Finding]
) -> np.ndarray:
    """Numbers from texts: plain ones all at once, the odd ones each distinct text once."""
    trimmed = pc.utf8_trim_whitespace(texts)
    plain = pc.match_substring_regex(trimmed, _PLAIN)
    numbers = pc.cast(pc.if_else(plain, trimmed, None), pa.float64()).to_numpy(zero_copy_only=False)
    values = np.where(np.isnan(numbers), values, numbers * factor)
    odd = np.flatnonzero(pc.fill_null(pc.invert(plain), False).to_numpy(zero_copy_only=False))
    if not len(odd):
        return values
    distinct = pc.dictionary_encode(pc.take(texts, pa.array(odd)))
    words = distinct.dictionary.to_pylist()
    read = [None if is_unknown(word) else read_number(word, units) for word in words]
    scaled = np.array([np.nan if r is None else r[0] * (factor if r[1] is None else units[r[1]]) for r in read])
    codes = distinct.indices.to_numpy(zero_copy_only=False)
    values[odd] = scaled[codes]
    wrong = np.array([r is None and not is_unknown(word) for r, word in zip(read, words, strict=True)])[codes]
    if wrong.any():
        said = [words[code] for code in codes[wrong]]
        findings.append(Finding("E-FIELD-TYPE", NOT_A_NUMBER, odd[wrong], said))
    carries = np.array([r is not None and r[1] is not None for r in read])[codes]
    if carries.any():
        template = N_("{count} values carry a unit and were converted, as {value} to {result} (rows {rows})")
        first = np.flatnonzero(carries)[0]
        extra = {"value": words[codes[first]], "result": f"{scaled[codes[first]]:.12g}"}
        findings.append(Finding("W-UNIT", template, odd[carries], extra=extra))
    return values


def _wrong_kinds(cells: Cells, values: np.ndarray) -> list[Finding]:
    """Dates and infinite numbers in a number column."""
    findings = []
    if cells.times is not None:
        at = np.flatnonzero(~np.isnat(cells.times))
        template = N_("{value} is a date where a number belongs; format the cell as a number and type it again")
        findings.append(Finding("E-FIELD-TYPE", template, at, [str(day)[:10] for day in cells.times[at]]))
    infinite = np.flatnonzero(np.isinf(values))
    if len(infinite):
        findings.append(Finding("E-FIELD-TYPE", NOT_A_NUMBER, infinite, values[infinite].tolist()))
    return findings


def within_limits(column: Column, values: np.ndarray) -> tuple[np.ndarray, list[Finding]]:
    """The values with those that mean "not known" as NaN; what is not whole or out of the column's range."""
    findings = _not_whole(column, values)
    kept, more = _in_range(column, values)
    return kept, findings + more


def _not_whole(column: Column, values: np.ndarray) -> list[Finding]:
    if column.kind != "integer":
        return []
    with np.errstate(invalid="ignore"):
        at = np.flatnonzero(np.isfinite(values) & (values != np.round(values)))
    template = N_("{value} is no whole number; write a whole number, or leave the cell empty if it is not known")
    return [Finding("E-FIELD-TYPE", template, at, values[at].tolist())] if len(at) else []


def _in_range(column: Column, values: np.ndarray) -> tuple[np.ndarray, list[Finding]]:
    """The values with those that mean "not known" blanked; faults for those that cannot be."""
    area = column.name.endswith(("_m2", "_ha"))
    code, findings = "E-AREA" if area else "E-RANGE", []
    if column.minimum is not None:
        at = np.flatnonzero(values < column.minimum)
        template = N_("{value} is below {limit}, the least that can be; correct it")
        findings += (
            [Finding(code, template, at, values[at].tolist(), {"limit": f"{column.minimum:g}"})] if len(at) else []
        )
    most = ABSURD_M2 if column.maximum is None and column.name.endswith("_m2") else column.maximum
    if most is not None:
        at = np.flatnonzero((values >= most if column.maximum is None else values > most) & ~np.isinf(values))
        template = N_("{value} is more than can be ({limit}); correct it, or check the unit")
        findings += [Finding(code, template, at, values[at].tolist(), {"limit": f"{most:g}"})] if len(at) else []
    if column.above is not None:
        at = np.flatnonzero(
            (values <= column.above) & (values >= (-np.inf if column.minimum is None else column.minimum))
        )
        if len(at):
            template = N_("{count} values of {limit} were read as not known (rows {rows})")
            findings.append(Finding("W-NOT-KNOWN", template, at, extra={"limit": f"{column.above:g}"}))
            values = values.copy()
            values[at] = np.nan
    return values, findings


def plain_numbers(series: pd.Series) -> pd.Series | None:
    """A column as numbers, if every cell of it is one; a code (leading zero, 15 digits) is none."""
    import pandas as pd

    if not isinstance(series.dtype, pd.StringDtype) or not are_plain_numbers(arrow_text(series)):
        return None
    return parse_numbers(series, Column("", "number", "")).values


def are_plain_numbers(texts: pa.Array) -> bool:
    """Whether there is a text and every one is a number that is no code, or says that nothing is known."""
    texts = pc.utf8_trim_whitespace(texts)
    known = pc.drop_null(pc.if_else(pc.is_in(texts, pa.array(sorted(UNKNOWN_WORDS), pa.large_string())), None, texts))
    number = pc.match_substring_regex(known, _PLAIN)
    code = pc.match_substring_regex(known, rf"^[+-]?0\d|\d{{{EXACT_DIGITS}}}")
    return bool(len(known) and pc.all(number).as_py() and not pc.any(code).as_py())
