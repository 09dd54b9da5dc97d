"""What stands in a report: sections of facts, tables, pictures and paragraphs; every text is in its language already.

Who writes a file of it needs to know nothing of parcels: `pdf` and `docx` walk over the same records.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

from shapely.geometry.base import BaseGeometry as Geometry

Record = TypeVar("Record")


@dataclass(frozen=True)
class Fact:
    """A key figure: what it is, its value, and a second line that may be empty."""

    title: str
    value: str
    more: str = ""


@dataclass(frozen=True)
class Facts:
    """Key figures side by side."""

    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class Column:
    """A column of a table; `share` is its part of the width, numbers stand to the right."""

    title: str
    share: float
    number: bool = False


@dataclass(frozen=True)
class Table:
    """Rows of cells, one a column; `last_bold` where the last row is a sum."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    last_bold: bool = False


@dataclass(frozen=True)
class Paragraph:
    """A paragraph: a plain one, a note, a warning, or a caption that stays with what follows it."""

    text: str
    style: Literal["plain", "note", "warning", "caption"] = "plain"


@dataclass(frozen=True)
class Kind:
    """A class of what is drawn: its words, colour (#rrggbb), hatch (a key of svg.HATCHES, or none) and count."""

    title: str
    color: str
    hatch: str
    count: str = ""


@dataclass(frozen=True)
class Shape:
    """A polygon in metres, east and north; `kind` is the position of its class; `label` may be empty."""

    outline: Geometry
    kind: int
    label: str = ""


@dataclass(frozen=True)
class Map:
    """A map: shapes by class, boundaries with labels over them, streets under them."""

    alt: str
    shapes: tuple[Shape, ...]
    kinds: tuple[Kind, ...]
    boundaries: tuple[tuple[Geometry, str], ...] = ()
    streets: tuple[Geometry, ...] = ()
    north: str = "N"
    left_out: str = ""  # what to say of labels that found no room; {count} in it


@dataclass(frozen=True)
class Tick:
    """A mark on the axis of days (ordinals)."""

    day: int
    label: str


@dataclass(frozen=True)
class Curve:
    """Plan and fact over days, and between which days the whole is forecast to be done (None unknown)."""

    alt: str
    at: tuple[int, ...]
    planned: tuple[float, ...]
    actual: tuple[float | None, ...]
    as_of: int
    total: float
    finish: tuple[int | None, int | None, int | None]  # day, earliest, latest
    words: tuple[str, str, str, str]  # planned, actual, forecast, the day that facts end on
    unit: str
    ticks: tuple[Tick, ...]


@dataclass(frozen=True)
class Stack:
    """How much stands in each class on each day; what comes after `as_of` is planned."""

    alt: str
    at: tuple[int, ...]
    amounts: tuple[tuple[float, ...], ...]  # a row a day, a column a class
    kinds: tuple[Kind, ...]
    as_of: int
    as_of_words: str
    unit: str
    ticks: tuple[Tick, ...]


Part = Facts | Table | Paragraph | Map | Curve | Stack


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it."""

    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Report:
    """A whole report; `moment`, when it was known, stands for the clock, so that equal reports are equal files."""

    language: str  # zh_CN or en
    title: str
    subtitle: str
    head: tuple[Paragraph, ...]
    sections: tuple[Section, ...]
    foot: tuple[str, ...]  # lines at the foot of each page
    page: str  # "page {page} of {pages}" in its language
    moment: datetime.datetime


def with_texts(record: Record, change: Callable[[str], str]) -> Record:
    """The same record, each of its texts changed, those of all records in it too."""
    if isinstance(record, str):
        return change(record)  # type: ignore[return-value]
    if isinstance(record, tuple):
        return tuple(with_texts(one, change) for one in record)  # type: ignore[return-value]
    if not dataclasses.is_dataclass(record) or isinstance(record, type):
        return record
    fields = {one.name: getattr(record, one.name) for one in dataclasses.fields(record)}
    return dataclasses.replace(record, **{name: with_texts(value, change) for name, value in fields.items()})
