"""XLSX → Raw: the header found, merged cells filled down, formulas by their last result, dates as dates."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import ExpatError

import numpy as np
import openpyxl
import pandas as pd
from defusedxml.common import DefusedXmlException
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook import Workbook

from landgis.errors import InputRefused, Place, Problem
from landgis.io.delimited import header_remark
from landgis.io.findings import SheetRaw
from landgis.io.headers import HEADER_ROWS, find_header, header_names, is_known
from landgis.io.raw import Source
from landgis.io.sheet_parser import SheetCells, SheetFault, SheetParser, Styles, column_letter
from landgis.io.xlsx_guard import UNZIP_FAULTS, check_xlsx, refused
from landgis.text import N_, Message

LISTED = 50
_BROKEN = (
    InvalidFileException, *UNZIP_FAULTS, ParseError, ExpatError, DefusedXmlException,
    KeyError, TypeError, AttributeError, IndexError,
)  # fmt: skip


@dataclass(frozen=True)
class _Sheet:
    """One worksheet read, before its columns have types."""

    place: Place
    header: list[str]
    header_row: int
    numbers: list[int]
    rows: list[list[Any]]


def read_sheet(path: Path, sheet: str | None = None) -> SheetRaw:
    """The table in one worksheet; raises InputRefused with the cell of each fault."""
    check_xlsx(path)
    with path.open("rb") as stream, closing(_open(stream, str(path))) as book:
        name = sheet if sheet is not None else _pick(book, str(path))
        if name not in sheet_names(book):
            values = {"name": name, "names": ", ".join(sheet_names(book))}
            raise refused("E-LAYER", Message(N_("there is no sheet {name}; there are: {names}"), values), str(path))
        cells = _cells(book, name, str(path))
    return _raw(cells, str(path), name)


def sheet_names(book: Workbook) -> list[str]:
    """The worksheets of a workbook; charts are none."""
    return [sheet.title for sheet in book.worksheets]


def _open(stream: BinaryIO, file: str) -> Workbook:
    try:
        with warnings.catch_warnings(action="ignore"):  # about styles and extensions, which nobody here reads
            return openpyxl.load_workbook(stream, read_only=True, data_only=True, keep_links=False)
    except _BROKEN as error:
        message = Message(N_("the workbook is damaged; open it in Excel and save it again"))
        raise refused("E-XLSX-DAMAGED", message, file) from error


def _cells(book: Workbook, name: str, file: str, most: int | None = None) -> SheetCells:
    sheet = book[name]
    styles = Styles(
        sheet._shared_strings, frozenset(book._date_formats), frozenset(book._timedelta_formats), book.epoch
    )
    try:
        with sheet._get_source() as stream:
            return SheetParser(styles, most).read(stream)
    except SheetFault as fault:
        raise InputRefused([Problem(fault.code, fault.message, Place(file, name))]) from fault
    except _BROKEN as error:
        message = Message(
            N_("the sheet is damaged ({error}); open it in Excel and save it again"),
            {"error": str(error)[:80]},
        )
        raise InputRefused([Problem("E-XLSX-DAMAGED", message, Place(file, name))]) from error


def _pick(book: Workbook, file: str) -> str:
    """The one sheet that holds a table; asks where several do."""
    names = sheet_names(book)
    if len(names) == 1:
        return names[0]
    peeks = {name: _cells(book, name, file, HEADER_ROWS).rows for name in names if book[name].sheet_state == "visible"}
    filled = [name for name, rows in peeks.items() if rows]
    known = [name for name in filled if any(sum(map(_is_known_cell, row)) >= 2 for row in peeks[name][:HEADER_ROWS])]
    candidates = known or filled
    if len(candidates) == 1:
        return candidates[0]
    values = {"file": file, "names": ", ".join(candidates or names)}
    raise refused("E-LAYER-AMBIGUOUS", Message(N_("which sheet? Say {file}:NAME; there are: {names}"), values), file)


def _is_known_cell(cell: Any) -> bool:
    return isinstance(cell, str) and is_known(cell)


def _raw(cells: SheetCells, file: str, name: str) -> SheetRaw:
    if not cells.rows:
        raise InputRefused([Problem("E-EMPTY", Message(N_("the sheet is empty")), Place(file, name))])
    at = find_header(cells.rows)
    place = Place(file, name)
    header_row = cells.numbers[at]
    sheet = _Sheet(place, header_names(cells.rows[at], Place(file, name, header_row)), header_row,
                   cells.numbers[at + 1 :], cells.rows[at + 1 :])  # fmt: skip
    problems = [header_remark(header_row, Place(file, name, header_row))] if at else []
    _refuse_unsolved(cells, sheet)
    problems += _fill_merged(cells, sheet) + _formula_remarks(cells, sheet)
    frame, letters, rows = _frame(sheet)
    return SheetRaw(frame, rows, Source(file, name, "XLSX", rows=len(rows)), problems, letters)


def _field(sheet: _Sheet, column: int) -> str:
    header = sheet.header[column - 1] if column <= len(sheet.header) else ""
    return header or f"column_{column_letter(column)}"


def _refuse_unsolved(cells: SheetCells, sheet: _Sheet) -> None:
    """A formula whose result Excel never stored cannot be read; nothing here computes formulas."""
    template = N_("cell {cell} is a formula without a stored result; paste it as a value, or save the file in Excel")
    problems = [
        Problem("E-XLSX-FORMULA", Message(template, {"cell": f"{column_letter(column)}{row}"}),
                Place(sheet.place.file, sheet.place.layer, row, _field(sheet, column)))
        for row, column in cells.unsolved if row >= sheet.header_row
    ]  # fmt: skip
    if len(problems) > LISTED:
        message = Message(N_("{count} more cells have the same fault"), {"count": len(problems) - LISTED})
        problems[LISTED:] = [Problem("E-XLSX-FORMULA", message, sheet.place)]
    if problems:
        raise InputRefused(problems)


def _formula_remarks(cells: SheetCells, sheet: _Sheet) -> list[Problem]:
    """One remark a column whose values are results of formulas."""
    columns: dict[int, list[int]] = {}
    for row, column in cells.formulas:
        if row > sheet.header_row:
            columns.setdefault(column, []).append(row)
    template = N_("{count} cells are formulas, the first in {cell}; their stored results were read")
    remarks = []
    for column, rows in sorted(columns.items()):
        values = {"count": len(rows), "cell": f"{column_letter(column)}{rows[0]}"}
        place = Place(sheet.place.file, sheet.place.layer, None, _field(sheet, column))
        remarks.append(Problem("W-XLSX-FORMULA", Message(template, values), place))
    return remarks


def _fill_merged(cells: SheetCells, sheet: _Sheet) -> list[Problem]:
    """Give every row of a merged range the value that stands in its first cell."""
    at = {number: i for i, number in enumerate(sheet.numbers)}
    remarks = []
    template = N_("cells {range} are merged; each of the rows got their value: check amounts meant for all together")
    for top, left, bottom, right in cells.merged:
        if top not in at or bottom == top or left > len(sheet.rows[at[top]]):
            continue
        value = sheet.rows[at[top]][left - 1]
        below = (
            [i for i in range(at[top] + 1, len(sheet.numbers)) if sheet.numbers[i] <= bottom]
            if value is not None
            else []
        )
        for i in below:
            row = sheet.rows[i]
            row.extend([None] * (left - len(row)))
            row[left - 1] = value
        if below:
            values = {"range": f"{column_letter(left)}{top}:{column_letter(right)}{bottom}"}
            place = Place(sheet.place.file, sheet.place.layer, top, _field(sheet, left))
            remarks.append(Problem("W-XLSX-MERGED", Message(template, values), place))
    return remarks


def _frame(sheet: _Sheet) -> tuple[pd.DataFrame, dict[str, str], np.ndarray]:
    """The columns that have a name or a value, their letters, and the row numbers."""
    filled = [i for i, row in enumerate(sheet.rows) if any(not _is_blank(cell) for cell in row)]
    rows = [sheet.rows[i] for i in filled]
    width = max([len(sheet.header), *map(len, rows)])
    for row in rows:
        row.extend([None] * (width - len(row)))
    columns = list(zip(*rows, strict=True)) if rows else [()] * width
    series, letters = {}, {}
    for number, cells in enumerate(columns, start=1):
        name = _field(sheet, number)
        if (number <= len(sheet.header) and sheet.header[number - 1]) or any(not _is_blank(c) for c in cells):
            series[name], letters[name] = _column(cells), column_letter(number)
    numbers = np.array([sheet.numbers[i] for i in filled], dtype=int)
    return pd.DataFrame(series, index=pd.RangeIndex(len(rows))), letters, numbers


def _is_blank(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _column(cells: Sequence[Any]) -> pd.Series:
    """A column of one type where all its cells are of one; else of objects, as they are."""
    kinds = {type(cell) for cell in cells} - {type(None)}
    if kinds <= {str}:
        return pd.Series(pd.array(cells, dtype="str"))
    if kinds <= {int, float} and all(cell is None or abs(cell) < 1e15 for cell in cells):
        return pd.Series(cells, dtype=np.float64)
    return pd.Series(cells, dtype=object)
