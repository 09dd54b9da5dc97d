"""Tables for people: CSV, Excel, and JSON records."""

from __future__ import annotations

import csv
import datetime
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException
from xlsxwriter.worksheet import Worksheet

from landgis.errors import InputRefused, Place, Problem
from landgis.io.json_text import content, joined, objects
from landgis.io.write_columns import cut, kind_of, plain_columns
from landgis.io.write_geojson import json_cells, timed
from landgis.results import ResultColumn
from landgis.text import N_, Message, Translate, translator

# A cell that a spreadsheet would run as a formula: its first character that is no blank (full width or not).
FORMULA_START = re.compile(r"(?:[^\S\t\r\n]|[\u200b\ufeff])*[=+\-@＝＋－＠\t\r\n\0]")
_NO_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
EXCEL_TEXT = 32_767
EXCEL_INTEGER = 10**15
EXCEL_ROWS = 1_048_576 - 1  # less the header
_CREATED = datetime.datetime(2000, 1, 1)


def write_csv(frame: pd.DataFrame, path: Path, columns: Sequence[ResultColumn], *, file: str) -> list[Problem]:
    """UTF-8 with a byte order mark, as Excel wants it; a text that would run as a formula gets an apostrophe."""
    plain, remarks = plain_columns(frame, columns, file=file)
    cells = [_csv_cells(plain.iloc[:, i]) for i in range(plain.shape[1])]
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([neutral(str(name)) for name in plain.columns])
        writer.writerows(zip(*cells, strict=True))
    return remarks


def write_json(frame: pd.DataFrame, path: Path, columns: Sequence[ResultColumn], *, file: str) -> list[Problem]:
    """A list of records."""
    plain, remarks = plain_columns(frame, columns, file=file)
    rows = content(joined([",\n", *objects(timed(plain))], len(plain)))
    path.write_bytes(b"[\n" + rows[2:] + b"\n]\n")  # without the comma before the first
    return remarks


def neutral(text: str) -> str:
    """The text as a spreadsheet shows it without running it.

    >>> neutral("=1+1"), neutral(" ＠SUM"), neutral("A-1")
    ("'=1+1", "' ＠SUM", 'A-1')
    """
    return f"'{text}" if FORMULA_START.match(text) else text


def write_xlsx(frame: pd.DataFrame, path: Path, columns: Sequence[ResultColumn], *, file: str) -> list[Problem]:
    """A sheet with the rows and a sheet with what the columns mean, both languages; texts stay texts."""
    plain, remarks = plain_columns(frame, columns, file=file)
    if len(plain) > EXCEL_ROWS:
        message = Message(N_("Excel holds {limit} rows, these are {count}; write .csv or .parquet"),
                          {"limit": EXCEL_ROWS, "count": len(plain)})  # fmt: skip
        raise InputRefused([Problem("E-OUT-ROWS", message, Place(file=file))])
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "in_memory": False}
    try:
        with xlsxwriter.Workbook(str(path), options) as book:
            book.set_properties({"created": _CREATED, "author": "landgis"})
            bold = book.add_format({"bold": True})
            remarks += _rows_sheet(book.add_worksheet("landgis"), plain, bold, file=file)
            _dictionary_sheet(book.add_worksheet("字段说明 fields"), columns, bold)
    except XlsxWriterException as error:
        raise OSError(str(error)) from error
    return remarks


def _csv_cells(column: pd.Series) -> list[Any]:
    if kind_of(column) == "flag":
        return [None if pd.isna(cell) else str(bool(cell)).lower() for cell in column]
    if kind_of(column) == "number":
        return [None if cell != cell else cell for cell in column.tolist()]
    if kind_of(column) == "text":
        return [None if cell is None else neutral(cell.replace("\0", "")) for cell in column]
    return json_cells(column)


def _rows_sheet(sheet: Worksheet, plain: pd.DataFrame, bold: Any, *, file: str) -> list[Problem]:
    sheet.freeze_panes(1, 0)
    for i, name in enumerate(plain.columns):
        sheet.write_string(0, i, _excel_text(str(name)), bold)
    columns = [_excel_column(plain.iloc[:, i]) for i in range(plain.shape[1])]
    cells = [_excel_cells(column) for column in columns]
    writers = [_WRITERS[kind_of(column)] for column in columns]
    for row, values in enumerate(zip(*cells, strict=True), start=1):
        for i, (write, value) in enumerate(zip(writers, values, strict=True)):
            if value is not None:
                write(sheet, row, i, value)
    return _cuts(plain, file=file)


_WRITERS = {
    "text": Worksheet.write_string,
    "time": Worksheet.write_string,
    "number": Worksheet.write_number,
    "integer": Worksheet.write_number,
    "flag": Worksheet.write_boolean,
}


def _excel_column(column: pd.Series) -> pd.Series:
    """A column of integers beyond 15 digits as text: Excel would lose digits."""
    if kind_of(column) == "integer" and bool((column.abs() >= EXCEL_INTEGER).any()):
        return column.astype(str).astype(object).where(column.notna(), None)
    return column


def _excel_cells(column: pd.Series) -> list[Any]:
    """Cells as Excel holds them."""
    kind = kind_of(column)
    if kind == "number":
        return [None if cell != cell else cell for cell in column.tolist()]
    if kind == "text":
        return [None if cell is None else _excel_text(cell) for cell in column]
    return json_cells(column)


def _excel_text(text: str) -> str:
    return _NO_XML.sub("", text)[:EXCEL_TEXT]


def _cuts(plain: pd.DataFrame, *, file: str) -> list[Problem]:
    limit = Message(N_("{count} characters"), {"count": EXCEL_TEXT})
    texts = [name for name in plain.columns if kind_of(plain[name]) == "text"]
    counts = {name: sum(cell is not None and len(cell) > EXCEL_TEXT for cell in plain[name]) for name in texts}
    return [cut(file, name, count, limit) for name, count in counts.items() if count]


def _dictionary_sheet(sheet: Worksheet, columns: Sequence[ResultColumn], bold: Any) -> None:
    sheet.freeze_panes(1, 0)
    for row, values in enumerate(field_rows(columns, translator("zh_CN"))):
        for i, value in enumerate(values):
            sheet.write_string(row, i, value, bold if row == 0 else None)


def field_rows(columns: Sequence[ResultColumn], chinese: Translate) -> list[list[str]]:
    """Header and one row a column: name, title and meaning in both languages, unit."""
    header = ["name", "标题", "title", "单位 unit", "含义", "meaning"]
    return [header] + [
        [column.name, chinese(column.title), column.title, column.unit, chinese(column.meaning), column.meaning]
        for column in columns
    ]
