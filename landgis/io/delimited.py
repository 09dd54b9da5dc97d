"""CSV and TSV → Raw, every column as text; Arrow reads the bulk, Python's csv names the faults."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from landgis.errors import InputRefused, Place, Problem
from landgis.io.cells import text_series
from landgis.io.decode import decode, read_bytes, refuse_nul, refused
from landgis.io.headers import HEADER_ROWS, find_header, header_names, is_known
from landgis.io.raw import Raw, Source
from landgis.text import N_, Message

FIELD_LENGTH = 65_535
LISTED = 20
DELIMITERS = (",", ";", "\t")
_HEAD = 1 << 18  # bytes that delimiter and header are looked for in
_BLOCK = 1 << 24  # bytes of a block of Arrow; no row is longer
_QUOTE = N_("a quotation mark opens here and never closes, or stands inside a value; close or double it")


def read_delimited(path: Path, *, encoding: str | None = None) -> Raw:
    """The table in the file; raises InputRefused with the line of each fault."""
    file = str(path)
    data, used, problems = decode(read_bytes(path), encoding, file)
    refuse_nul(data, file)
    delimiter = find_delimiter(data[:_HEAD].decode("utf-8", "ignore"))
    header, line, title_rows = _header(data, delimiter, file)
    names = header_names(header, Place(file, row=line))
    offset = _after_line(data, line)
    columns = _read_bulk(data, offset, line, delimiter, names, file)
    count = len(columns[0])
    rows = _line_numbers(data, offset, line, delimiter, count)
    _refuse_long(columns, rows, names, file)
    if title_rows:
        problems.append(header_remark(line, Place(file, row=line)))
    frame, rows = _without_blanks(columns, names, rows)
    driver = "TSV" if delimiter == "\t" else "CSV"
    return Raw(frame, rows, Source(file, None, driver, used, rows=len(rows)), problems)


def header_remark(row: int, place: Place) -> Problem:
    """The remark that the header is not the first row."""
    return Problem(
        "W-HEADER",
        Message(N_("row {row} was taken as the header; the rows above it were skipped"), {"row": row}),
        place,
    )


def find_delimiter(head: str) -> str:
    """Comma, semicolon or tab: the one that the first lines have most of, and all of them.

    >>> find_delimiter("a;b,c;d\\n1;2;3\\n"), find_delimiter("a")
    (';', ',')
    """
    lines = [line for line in head.splitlines()[:HEADER_ROWS] if line.strip()][:5]
    counts = {mark: [_outside_quotes(line).count(mark) for line in lines] for mark in DELIMITERS}
    return max(DELIMITERS, key=lambda mark: (min(counts[mark], default=0), sum(counts[mark])))


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])


def _records(data: bytes, delimiter: str, *, strict: bool = False) -> Iterator[tuple[int, list[str]]]:
    """The records that are not blank, each with the line it starts in; raises csv.Error."""
    lines = io.TextIOWrapper(io.BytesIO(data), "utf-8", errors="replace", newline="")
    reader = csv.reader(lines, delimiter=delimiter, strict=strict)
    start = 1
    for record in reader:
        if record:
            yield start, record
        start = reader.line_num + 1


def _header(data: bytes, delimiter: str, file: str) -> tuple[list[str], int, bool]:
    """The header, the line that it ends in, and whether rows stand above it."""
    first: list[tuple[int, list[str]]] = []
    try:
        for start, record in _records(data[:_HEAD], delimiter):
            first.append((start, record))
            if len(first) > HEADER_ROWS:
                break
    except csv.Error as error:
        raise refused("E-FIELD-LEN", _too_long(), file, first[-1][0] + 1 if first else 1) from error
    number = find_header([record for _, record in first])
    if sum(is_known(cell) for cell in first[number][1]) < 2:
        number = 0
    start, header = first[number]
    return header, start + sum(cell.count("\n") for cell in header), number > 0


def _after_line(data: bytes, line: int) -> int:
    """Where the line after this one begins."""
    at = 0
    for _ in range(line):
        at = data.find(b"\n", at) + 1
        if at == 0:
            return len(data)
    return at


def _read_bulk(
    data: bytes, offset: int, line: int, delimiter: str, names: list[str], file: str
) -> list[pa.ChunkedArray]:
    if not re.compile(rb"[^\r\n]").search(data, offset):
        return [pa.chunked_array([], pa.string()) for _ in names]
    generic = [str(number) for number in range(len(names))]
    try:
        table = pa_csv.read_csv(
            pa.BufferReader(pa.py_buffer(data).slice(offset)),
            pa_csv.ReadOptions(column_names=generic, block_size=_BLOCK),
            pa_csv.ParseOptions(delimiter=delimiter, newlines_in_values=b'"' in data),
            pa_csv.ConvertOptions(
                column_types=dict.fromkeys(generic, pa.large_string()),
                null_values=[""],
                strings_can_be_null=True,
                check_utf8=False,
            ),
        )
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise _name_faults(data, line, delimiter, len(names), file, str(error)) from error
    if _may_be_unclosed(data, table):
        _require_closed(data, line, delimiter, file)
    return table.columns


def _may_be_unclosed(data: bytes, table: pa.Table) -> bool:
    """Whether a quotation mark may have swallowed the rest of the file; sure only where this is False."""
    if b'"' not in data:
        return False
    last = table.column(table.num_columns - 1)
    ending = last[len(last) - 1].as_py() if len(last) else None
    return data.count(b'"') % 2 == 1 or (ending is not None and ending.endswith("\n"))


def _require_closed(data: bytes, line: int, delimiter: str, file: str) -> None:
    start = 1
    try:
        for start, record in _records(data, delimiter, strict=True):
            start += 1 + sum(cell.count("\n") for cell in record)
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise refused("E-CSV-QUOTE", Message(_QUOTE), file, max(start, line + 1)) from error


def _name_faults(data: bytes, line: int, delimiter: str, width: int, file: str, said: str) -> InputRefused:
    """Every line whose cells do not fit the header, or the one with the quotation mark that never closes."""
    wrong: list[tuple[int, int]] = []
    following = line + 1
    try:
        for start, record in _records(data, delimiter, strict=True):
            following = start + 1 + sum(cell.count("\n") for cell in record)
            if start > line and len(record) != width:
                wrong.append((start, len(record)))
    except csv.Error as error:
        if "field larger" in str(error):
            return refused("E-FIELD-LEN", _too_long(), file, following)
        return refused("E-CSV-QUOTE", Message(_QUOTE), file, following)
    template = N_("the row has {found} cells where the header has {width}; check commas and quotation marks")
    problems = [
        Problem("E-CSV-COLS", Message(template, {"found": found, "width": width}), Place(file, row=start))
        for start, found in wrong[:LISTED]
    ]
    if len(wrong) > LISTED:
        message = Message(N_("{count} more rows have the same fault"), {"count": len(wrong) - LISTED})
        problems.append(Problem("E-CSV-COLS", message, Place(file)))
    unread = Message(N_("the file cannot be read as CSV ({error})"), {"error": said.splitlines()[0][:200]})
    return InputRefused(problems or [Problem("E-CSV", unread, Place(file))])


def _too_long() -> Message:
    template = N_("a value has more than {limit} characters; shorten it, or close the quotation mark before it")
    return Message(template, {"limit": FIELD_LENGTH})


def _line_numbers(data: bytes, offset: int, line: int, delimiter: str, count: int) -> np.ndarray:
    """The line that each row starts in; counted one by one only where lines and rows differ in number."""
    lines = data.count(b"\n", offset) + (not data.endswith(b"\n"))
    if lines == count:
        return np.arange(line + 1, line + 1 + count)
    starts = [start for start, _ in _records(data, delimiter) if start > line]
    return np.array(starts[:count] if len(starts) >= count else range(line + 1, line + 1 + count))


def _refuse_long(columns: list[pa.ChunkedArray], rows: np.ndarray, names: list[str], file: str) -> None:
    problems = []
    for column, name in zip(columns, names, strict=True):
        longest = pc.max(pc.binary_length(column)).as_py()
        if longest is None or longest <= FIELD_LENGTH:
            continue
        long = pc.fill_null(pc.greater(pc.utf8_length(column), FIELD_LENGTH), False)
        at = np.flatnonzero(long.to_numpy())
        problems += [
            Problem("E-FIELD-LEN", _too_long(), Place(file, row=int(rows[i]), field=name)) for i in at[:LISTED]
        ]
    if problems:
        raise InputRefused(problems)


def _without_blanks(
    columns: list[pa.ChunkedArray], names: list[str], rows: np.ndarray
) -> tuple[pd.DataFrame, np.ndarray]:
    """The table without rows that hold nothing, and without columns that have neither name nor value."""
    kept = [i for i, name in enumerate(names) if name or columns[i].null_count < len(rows)]
    frame = pd.DataFrame({names[i] or f"column_{i + 1}": text_series(columns[i]) for i in kept})
    if all(columns[i].null_count for i in kept) and len(frame):
        blank = frame.isna().all(axis=1).to_numpy()
        if blank.any():
            return frame[~blank].reset_index(drop=True), rows[~blank]
    return frame, rows
