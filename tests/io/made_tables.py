"""Small tables for the tests of reading."""

import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd

from landgis.errors import InputRefused
from landgis.io.columns import to_read
from landgis.io.raw import Raw, Source


def raw(columns, driver="", start=2):
    """A table as a reader hands it over; a list with mixed cells stays one of objects."""
    frame = pd.DataFrame({name: series(cells) for name, cells in columns.items()})
    return Raw(frame, np.arange(start, start + len(frame)), Source("made.csv", driver=driver))


def series(cells):
    kinds = {type(cell) for cell in cells} - {type(None)}
    return pd.Series(
        cells, dtype="str" if kinds <= {str} else (None if len(kinds) == 1 and None not in cells else object)
    )


def read(columns, table, **more):
    return to_read(raw(columns, driver=more.pop("driver", "")), table, **more)


def problems(call, *arguments, **more):
    """The faults that a call raises, as (code, row, field)."""
    try:
        call(*arguments, **more)
    except InputRefused as refusal:
        return [(p.code, p.place.row, p.place.field) for p in refusal.problems]
    raise AssertionError("nothing was refused")


def words(call, *arguments, **more):
    """All that a refusal says."""
    try:
        call(*arguments, **more)
    except InputRefused as refusal:
        return "\n".join(p.render() for p in refusal.problems)
    raise AssertionError("nothing was refused")


def codes(result):
    return [problem.code for problem in result.problems]


def workbook(path: Path, rows, *, sheet="企业", merge=(), more=()):
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    for cells in merge:
        book.active.merge_cells(cells)
    for name, lines in more:
        other = book.create_sheet(name)
        for line in lines:
            other.append(line)
    book.save(path)
    return path


def rewrite(path: Path, part: str, change):
    """Change the bytes of one part of a workbook."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = change(parts[part])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path
