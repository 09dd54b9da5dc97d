"""Findings by position → problems by file, row, cell and field, as people look them up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from landgis.errors import Place, Problem
from landgis.io.cells import Finding, is_missing, shown
from landgis.io.headers import Matches
from landgis.io.raw import Raw, SetAside, Source
from landgis.tables import Table
from landgis.text import N_, Message

if TYPE_CHECKING:
    import pandas as pd

MOST_LISTED = 50  # faults of one kind in one column; the rest is counted
ROWS_LISTED = 10  # row numbers in a remark


@dataclass
class SheetRaw(Raw):
    """A table of a spreadsheet, whose columns have letters."""

    letters: Mapping[str, str] = field(default_factory=dict)


class Origin(Protocol):
    """What a log has to know of a file: what its rows are called, and its name."""

    @property
    def rows(self) -> np.ndarray:
        """The number of each row."""

    @property
    def source(self) -> Source:
        """Where the table came from."""


@dataclass
class Log:
    """What was found in one file: faults that refuse it, and remarks."""

    raw: Origin
    faults: list[Problem] = field(default_factory=list)
    remarks: list[Problem] = field(default_factory=list)

    def place(self, position: int | None = None, name: str | None = None) -> Place:
        """Where in the file a position stands."""
        row = None if position is None else int(self.raw.rows[position])
        return Place(self.raw.source.file, self.raw.source.layer, row, name)

    def fault(self, code: str, message: Message, name: str | None = None) -> None:
        """Note a fault of the whole file or column."""
        self.faults.append(Problem(code, message, self.place(None, name)))

    def remark(self, code: str, message: Message, name: str | None = None) -> None:
        """Note a remark on the whole file or column."""
        self.remarks.append(Problem(code, message, self.place(None, name)))

    def add(self, finding: Finding, name: str, ids: pd.Series | None = None) -> None:
        """Note a finding of one column: a fault once a row, a remark once in all."""
        if finding.code.startswith("W-"):
            self.remarks.append(self._remark(finding, name))
            return
        for number, position in enumerate(finding.positions[:MOST_LISTED]):
            values = dict(finding.extra) | {"value": shown(finding.shown[number]) if len(finding.shown) else ""}
            self.faults.append(self.problem(finding.code, Message(finding.template, values), position, name, ids))
        if (more := len(finding.positions) - MOST_LISTED) > 0:
            message = Message(N_("{count} more rows have the same fault"), {"count": more})
            self.fault(finding.code, message, name)

    def problem(self, code: str, message: Message, position: int, name: str, ids: pd.Series | None = None) -> Problem:
        """One problem of one row, with its cell where the file is a spreadsheet."""
        letter = getattr(self.raw, "letters", {}).get(name)
        if letter:
            cell = f"{letter}{self.raw.rows[position]}"
            message = Message(N_("cell {cell}: {what}"), {"cell": cell, "what": message})
        key = None if ids is None or is_missing(ids.iloc[position]) else str(ids.iloc[position])
        return Problem(code, message, self.place(int(position), name), key)

    def _remark(self, finding: Finding, name: str) -> Problem:
        values: dict[str, Any] = {"count": len(finding.positions), "rows": self.listed(finding.positions)}
        return Problem(finding.code, Message(finding.template, values | dict(finding.extra)), self.place(None, name))

    def listed(self, positions: np.ndarray, most: int = ROWS_LISTED) -> str:
        """The row numbers of some positions, the first ten or `most`."""
        return listed(self.raw.rows[positions[:most]], len(positions))


def listed(first: Iterable[int], count: int) -> str:
    """The first row numbers of `count`, and dots where there are more."""
    rows = [str(row) for row in first]
    return ", ".join(rows) + (" …" if count > len(rows) else "")


@dataclass
class Work:
    """One file on its way from Raw to Read."""

    raw: Raw
    table: Table
    matches: Matches
    log: Log
    columns: dict[str, pd.Series] = field(default_factory=dict)  # canonical name → values
    beside: dict[str, pd.Series] = field(default_factory=dict)  # columns made on the way
    aside: dict[int, Problem] = field(default_factory=dict)  # position → why the row is not used
    with_unit: dict[str, np.ndarray] = field(default_factory=dict)  # positions whose value carried its own unit

    @property
    def ids(self) -> pd.Series | None:
        """The first key column, which names the rows in messages."""
        keys = [column.name for column in self.table.columns if column.kind == "key"]
        return next((self.columns[name] for name in keys if name in self.columns), None)

    def called(self, name: str) -> str:
        """What the user calls a canonical column."""
        match = self.matches.get(name)
        return name if match is None else match.field


def geometry_name(raw: Raw) -> str | None:
    """The column with the outlines; None in a table without."""
    import geopandas as gpd

    if not isinstance(raw.frame, gpd.GeoDataFrame):
        return None
    name = raw.frame.active_geometry_name
    return None if name is None else str(name)


def source_of(work: Work, rows: int) -> Source:
    """The source, with what each canonical column is called in it."""
    names = {match.column.name: match.source for match in work.matches.found if match.source is not None}
    return replace(work.raw.source, rows=rows, columns=MappingProxyType(names))


def set_aside_of(work: Work) -> list[SetAside]:
    """The rows that are not used, in the order of the file."""
    return [SetAside(int(work.raw.rows[at]), work.aside[at].id, work.aside[at]) for at in sorted(work.aside)]
