"""The front door: a file named on the command line → a table in canonical columns and units."""

from __future__ import annotations

import dataclasses
import datetime
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from landgis.errors import InputRefused, Place, Problem
from landgis.io import layers
from landgis.io.columns import to_read
from landgis.io.delimited import read_delimited
from landgis.io.formats import identify, split_layer
from landgis.io.geometries import are_lines
from landgis.io.headers import guess_table, match_columns
from landgis.io.mapping import ColumnMapping, TableMapping, read_mapping
from landgis.io.raw import Raw, Read, Source
from landgis.io.xlsx_guard import UNZIP_FAULTS
from landgis.tables import TABLES, Column, Shape, Table
from landgis.text import N_, Message

_SHEETS = frozenset({".xlsx", ".xlsm", ".xls", ".xltx"})
_DELIMITED = frozenset({".csv", ".tsv", ".tab"})


def read_table(
    text: str,
    table: Table,
    *,
    mapping: TableMapping | None = None,
    crs: str | None = None,
    encoding: str | None = None,
    today: datetime.date | None = None,
    staged: bool = False,
) -> Read:
    """One table from FILE or FILE:LAYER (FILE.xlsx:SHEET); raises InputRefused with every fault of the file.

    `crs` is that of a layer which does not say; `encoding` that of texts which do not. Dates more than a year
    after `today` are remarked on. `staged` sets rows with faults aside instead of refusing the file.
    """
    return to_read(read_raw(text, crs=crs, encoding=encoding), table, mapping=mapping, today=today, staged=staged)


def read_any(
    text: str,
    *,
    mapping: dict[str, TableMapping] | None = None,
    crs: str | None = None,
    encoding: str | None = None,
    today: datetime.date | None = None,
) -> tuple[Table | None, Read | Raw]:
    """What landgis would make of a file: the table that it most likely is, and the rows read as that.

    Every column that any table knows by name is checked. A missing needed column is a remark, as the table
    was guessed; where no column is known, None and the file as it stands come back. Faults are raised as
    InputRefused, with the remarks behind them.
    """
    raw = read_raw(text, crs=crs, encoding=encoding)
    names = [str(name) for name in raw.frame.columns]
    table = guess_table(names, shape=_shape_of(raw), mapping=mapping)
    if table is None:
        return None, raw
    wider = _with_other_columns(table, names)
    return table, to_read(raw, wider, mapping=(mapping or {}).get(table.name), today=today, lenient=True)


def _shape_of(raw: Raw) -> Shape | None:
    if not isinstance(raw.frame, gpd.GeoDataFrame):
        return None
    return "line" if are_lines(raw.frame.geometry.to_numpy()).any() else "polygon"


def _with_other_columns(table: Table, names: list[str]) -> Table:
    """The table and, behind its own, the columns of other tables that the file has."""
    own = {column.name for column in table.columns}
    left = [name for name in names if name not in match_columns(names, table).sources]
    more: list[Column] = []
    for other in TABLES.values():
        for match in match_columns(left, other).found:
            if match.column.name not in own and match.source in left:
                own.add(match.column.name)
                left.remove(match.source)
                more.append(dataclasses.replace(match.column, needed=False, unique=False))
    return dataclasses.replace(table, columns=(*table.columns, *more))


def read_raw(text: str, *, crs: str | None = None, encoding: str | None = None) -> Raw:
    """The file as it stands; its content decides how it is read."""
    path, layer = split_layer(text)
    if not path.exists():
        raise InputRefused([Problem("E-FILE", Message(N_("there is no such file; check the path")), Place(str(path)))])
    suffix = path.suffix.lower()
    if encoding is not None and suffix in _DELIMITED:  # the user knows better than any guess
        return read_delimited(path, encoding=encoding)
    kind = identify(path)
    if kind == "zip" and (suffix in _SHEETS or _is_workbook(path)):
        from landgis.io.sheets import read_sheet  # openpyxl takes as long to import as a small file to read

        return read_sheet(path, layer)
    if kind == "parquet":
        return read_parquet(path)
    if kind == "text":
        return read_delimited(path, encoding=encoding)
    return layers.read_layer(path, layer, crs=crs, encoding=encoding)


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except UNZIP_FAULTS:
        return False


def read_parquet(path: Path) -> Raw:
    """A Parquet table without outlines; 64-bit integers with gaps stay exact."""
    file = str(path)
    try:
        table = pq.read_table(path)
        gaps = any(pa.types.is_integer(column.type) and column.null_count for column in table.columns)
        frame = table.to_pandas(
            types_mapper={pa.int64(): pd.Int64Dtype(), pa.uint64(): pd.UInt64Dtype()}.get if gaps else None,
            date_as_object=False,
            ignore_metadata=True,
        )
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        template = N_("the Parquet file cannot be read ({error}); write it again")
        message = Message(template, {"error": str(error).splitlines()[0][:200] if str(error) else ""})
        raise InputRefused([Problem("E-PARQUET", message, Place(file))]) from error
    twice = sorted({name for name in table.column_names if table.column_names.count(name) > 1})
    if twice:
        message = Message(N_("column {name} stands twice; rename one"), {"name": twice[0]})
        raise InputRefused([Problem("E-FIELD-DUP", message, Place(file, field=twice[0]))])
    rows = np.arange(1, len(frame) + 1)
    return Raw(frame, rows, Source(file, None, "Parquet", rows=len(frame)))


__all__ = [
    "ColumnMapping",
    "TableMapping",
    "read_any",
    "read_mapping",
    "read_parquet",
    "read_raw",
    "read_table",
]
