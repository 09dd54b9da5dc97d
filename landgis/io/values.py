"""One column of a file → the values of one canonical column, with everything that is wrong with them."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

import pandas as pd

from landgis.io.cells import Finding, Parsed, arrow_text
from landgis.io.value_dates import parse_dates
from landgis.io.value_numbers import parse_numbers
from landgis.io.value_words import (
    check_digits,
    parse_choices,
    parse_flags,
    parse_heights,
    parse_keys,
    parse_texts,
    replace_words,
)
from landgis.tables import Column


def parse_column(
    series: pd.Series,
    column: Column,
    *,
    field: str = "",
    sheet: bool = False,
    factor: float = 1.0,
    values: Mapping[str, str] | None = None,
    form: str | None = None,
    today: datetime.date | None = None,
) -> Parsed:
    """Keys, texts and choices as `str`, numbers, integers and flags (1, 0) as float64, dates as datetime64.

    `field` is what the file calls the column; `sheet` says that it is a spreadsheet, whose numbers keep 15
    digits; `factor`, `values` and `form` are what the header or the mapping file says about unit, words and
    dates. A value that is wrong comes back with an E- finding.
    """
    if values:
        series = replace_words(series, values)
    if column.kind == "key":
        parsed = parse_keys(series, sheet=sheet)
        if column.name == "enterprise_id":
            parsed.findings += check_digits(arrow_text(parsed.values))
        return parsed
    if column.kind in ("number", "integer"):
        return parse_numbers(series, column, factor=factor)
    if column.kind == "date":
        return parse_dates(series, column.name, form=form, today=today)
    if column.kind == "choice":
        return parse_choices(series, column, field=field)
    if column.kind == "flag":
        return parse_flags(series)
    return parse_heights(series) if column.kind == "heights" else parse_texts(series)


__all__ = ["Finding", "Parsed", "parse_column"]
