"""A date as people write it, and how precise it is; of the standard library only, as every recording needs it."""

from __future__ import annotations

import datetime
import re
import unicodedata
from typing import Literal

Precision = Literal["day", "month", "year"]
Day = tuple[datetime.date, Precision, bool]  # the day, how precise, whether it was a serial number

YEARS = range(1900, 2200)
EXCEL_EPOCH = datetime.date(1899, 12, 30)
SERIALS = range(10_000, 100_000)  # 1927 … 2173 as Excel counts days
_TIME = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_PARTS = re.compile(r"(\d{4})([-/.年])(\d{1,2})(?:(?:\2|月)(\d{1,2})日?|月)?" + _TIME)
_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})?")
_YEAR = re.compile(r"(\d{4})年?")
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")


def read_day(text: str) -> Day | None:
    """The day that a text names, the first one where it names a month or a year; None where it names none.

    >>> read_day("2026年3月1日"), read_day("2026-03"), read_day("2026-13-45")
    ((datetime.date(2026, 3, 1), 'day', False), (datetime.date(2026, 3, 1), 'month', False), None)
    """
    text = re.sub(r"\s+(?=[年月日])|(?<=[年月])\s+", "", unicodedata.normalize("NFKC", text)).strip()
    if found := _SERIAL.fullmatch(text):
        return _serial(int(found[1]))
    if found := _YEAR.fullmatch(text):
        return _day(found[1], "1", "1", "year")
    if found := _DIGITS.fullmatch(text):
        return _day(found[1], found[2], found[3] or "1", "day" if found[3] else "month")
    if found := _PARTS.fullmatch(text):
        return _day(found[1], found[3], found[4] or "1", "day" if found[4] else "month")
    return None


def _day(year: str, month: str, day: str, precision: Precision) -> Day | None:
    if int(year) not in YEARS:
        return None
    try:
        return datetime.date(int(year), int(month), int(day)), precision, False
    except ValueError:
        return None


def _serial(days: int) -> Day | None:
    return (EXCEL_EPOCH + datetime.timedelta(days), "day", True) if days in SERIALS else None


def read_day_as(text: str, form: str) -> Day | None:
    """The day that a text names in the form that the user's mapping gives."""
    try:
        day = datetime.datetime.strptime(text.strip(), form).date()
    except ValueError:
        return None
    precision: Precision = "day"
    if not re.search(r"%[-#]?[djxcD]", form):
        precision = "month" if re.search(r"%[-#]?[mbB]", form) else "year"
    return day, precision, False
