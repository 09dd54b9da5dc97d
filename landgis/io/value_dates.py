"""Columns of dates as people write them, and how precise they are."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.compute as pc

from landgis.io.cells import Cells, Finding, Parsed, is_unknown, take_apart
from landgis.io.days import YEARS, Day, read_day, read_day_as
from landgis.text import N_

if TYPE_CHECKING:
    import pandas as pd


def parse_dates(series: pd.Series, name: str, *, form: str | None = None, today: datetime.date | None = None) -> Parsed:
    """A date column as datetime64, with `<name>_precision` beside it where a value is coarser than a day."""
    import pandas as pd

    cells = take_apart(series)
    days = np.full(cells.length, np.datetime64("NaT"), dtype="datetime64[D]")
    if cells.times is not None:
        days = cells.times.astype("datetime64[D]")
    precision = np.full(cells.length, None, dtype=object)
    precision[~np.isnat(days)] = "day"
    findings = out_of_range(days)
    texts, positions = _texts(cells)
    codes, words = pd.factorize(texts)
    read = [None if is_unknown(word) else (read_day_as(word, form) if form else read_day(word)) for word in words]
    if len(positions):
        days[positions] = np.array([np.datetime64(r[0] if r else "NaT", "D") for r in read])[codes]
        precision[positions] = np.array([r[1] if r else None for r in read], dtype=object)[codes]
        findings += _faults(read, words, codes, positions, form)
    if today is not None:
        findings += _future(days, today)
    values = pd.Series(days.astype("datetime64[us]"), index=series.index)
    coarse = any(r is not None and r[1] != "day" for r in read)
    beside = {f"{name}_precision": pd.Series(precision, index=series.index, dtype="str")} if coarse else {}
    return Parsed(values, findings, beside)


def _texts(cells: Cells) -> tuple[np.ndarray, np.ndarray]:
    """Everything that is no date yet as texts, and where it stands."""
    import pandas as pd

    texts = np.full(cells.length, None, dtype=object)
    if cells.texts is not None:
        texts = pc.utf8_trim_whitespace(cells.texts).to_numpy(zero_copy_only=False)
    if cells.numbers is not None:
        known = np.isfinite(cells.numbers)
        whole = np.array([f"{number:.15g}" for number in cells.numbers[known]], dtype=object)
        texts = texts.copy()
        texts[known] = whole
        texts[np.isinf(cells.numbers)] = "inf"
    positions = np.flatnonzero(~pd.isna(texts))
    return texts[positions], positions


def _faults(
    read: list[Day | None], words: np.ndarray, codes: np.ndarray, positions: np.ndarray, form: str | None
) -> list[Finding]:
    findings = []
    wrong = np.array([r is None and not is_unknown(word) for r, word in zip(read, words, strict=True)])[codes]
    if wrong.any():
        template = N_("{value} is no date; write it as 2026-03-01, or give its format in a mapping file")
        if form:
            template = N_("{value} is no date of the form {form} that the mapping file gives; correct one of them")
        said = words[codes[wrong]].tolist()
        findings.append(Finding("E-DATE", template, positions[wrong], said, {"form": form}))
    serial = np.array([r is not None and r[2] for r in read])[codes]
    if serial.any():
        template = N_("{count} serial numbers of Excel were read as dates, as {value} to {result} (rows {rows})")
        first = codes[np.flatnonzero(serial)[0]]
        extra = {"value": words[first], "result": str(read[first][0])}
        findings.append(Finding("W-DATE-SERIAL", template, positions[serial], extra=extra))
    return findings


def out_of_range(days: np.ndarray) -> list[Finding]:
    """A fault for each day, as datetime64[D], that nobody can mean."""
    first, last = np.datetime64(f"{YEARS.start}-01-01"), np.datetime64(f"{YEARS.stop}-01-01")
    at = np.flatnonzero((days < first) | (days >= last))
    template = N_("{value} is no date that can be meant; correct it")
    return [Finding("E-DATE", template, at, [str(day) for day in days[at]])] if len(at) else []


def _future(days: np.ndarray, today: datetime.date) -> list[Finding]:
    at = np.flatnonzero(days > np.datetime64(today, "D") + np.timedelta64(366, "D"))
    template = N_("{count} dates are more than a year ahead, as {value}; check them (rows {rows})")
    return [Finding("W-DATE-FUTURE", template, at, extra={"value": str(days[at[0]])})] if len(at) else []
