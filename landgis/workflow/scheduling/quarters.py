"""Quarters of the calendar as texts, 2027-Q1, and their days."""

from __future__ import annotations

import datetime
import re

from landgis.errors import Place, Problem, UsageError
from landgis.text import N_, Message

QUARTERS_A_YEAR, MONTHS_A_QUARTER = 4, 3
_NAME = re.compile(r"([0-9]{4})-?Q([1-4])")


def quarter_name(day: datetime.date) -> str:
    """The quarter that a day lies in.

    >>> quarter_name(datetime.date(2027, 3, 31)), quarter_name(datetime.date(2027, 4, 1))
    ('2027-Q1', '2027-Q2')
    """
    return f"{day.year:04d}-Q{(day.month - 1) // MONTHS_A_QUARTER + 1}"


def quarter_of(name: str, *, field: str = "first") -> datetime.date:
    """The first day of a quarter; UsageError where the text names none.

    >>> quarter_of("2027-Q4")
    datetime.date(2027, 10, 1)
    """
    said = _NAME.fullmatch(name.strip().upper())
    if not said or int(said[1]) < datetime.MINYEAR:
        words = N_("{value} is no quarter; write it as 2027-Q1")
        raise UsageError([Problem("E-QUARTER", Message(words, {"value": name}), Place(field=field))])
    return datetime.date(int(said[1]), (int(said[2]) - 1) * MONTHS_A_QUARTER + 1, 1)


def last_day(name: str) -> datetime.date:
    """The last day of a quarter.

    >>> last_day("2027-Q4"), last_day("2028-Q1")
    (datetime.date(2027, 12, 31), datetime.date(2028, 3, 31))
    """
    return later(quarter_of(name), 1) - datetime.timedelta(days=1)


def later(first: datetime.date, quarters: int) -> datetime.date:
    """The first day of the quarter so many quarters after that of a day; before it where the number is below 0.

    >>> later(datetime.date(2027, 2, 9), 4), later(datetime.date(2027, 2, 9), -1)
    (datetime.date(2028, 1, 1), datetime.date(2026, 10, 1))
    """
    return _first_day(_number(first) + quarters)


def between(first: datetime.date, day: datetime.date) -> int:
    """How many quarters after that of `first` the quarter of a day comes.

    >>> between(datetime.date(2027, 1, 1), datetime.date(2026, 12, 31))
    -1
    """
    return _number(day) - _number(first)


def names_from(first: datetime.date, quarters: int) -> tuple[str, ...]:
    """So many quarters in a row.

    >>> names_from(datetime.date(2027, 11, 3), 2)
    ('2027-Q4', '2028-Q1')
    """
    return tuple(quarter_name(later(first, number)) for number in range(quarters))


def _number(day: datetime.date) -> int:
    return day.year * QUARTERS_A_YEAR + (day.month - 1) // MONTHS_A_QUARTER


def _first_day(number: int) -> datetime.date:
    return datetime.date(number // QUARTERS_A_YEAR, number % QUARTERS_A_YEAR * MONTHS_A_QUARTER + 1, 1)
