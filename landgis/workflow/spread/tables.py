"""Columns as Arrow tables and back, so that they can be written into pieces and sent from task to task."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pyarrow as pa

from landgis.columns import Columns

POSITION = "#position"  # of a row in its file; no column of ours or of an office is called so
WKB = "#wkb"
NUMBER = {b"kind": b"number"}


def table_of(columns: Columns, **more: pa.Array | np.ndarray) -> pa.Table:
    """A table with all columns, and `more` under their names with a # in front."""
    arrays, fields = [], []
    for name, column in [*columns.items(), *((f"#{name}", column) for name, column in more.items())]:
        number = isinstance(column, np.ndarray)
        array: pa.Array = pa.array(column) if isinstance(column, np.ndarray) else column
        if pa.types.is_dictionary(array.type):
            array = array.dictionary_decode()
        array = array.cast(_LARGE.get(array.type, array.type))
        arrays.append(array)
        fields.append(pa.field(name, array.type, metadata=NUMBER if number else None))
    return pa.table(arrays, schema=pa.schema(fields))


_LARGE = {pa.string(): pa.large_string(), pa.binary(): pa.large_binary()}  # a piece may be more than 2 GB


def columns_of(table: pa.Table, leave: Collection[str] = ()) -> Columns:
    """The columns of a table but those with a # in front."""
    names = [name for name in table.column_names if not name.startswith("#") and name not in leave]
    return Columns({name: column_of(table, name) for name in names}, table.num_rows)


def column_of(table: pa.Table, name: str) -> np.ndarray | pa.Array:
    """One column, in one piece; an array of numbers where it was one."""
    column = whole(table[name])
    number = (table.schema.field(name).metadata or {}).get(b"kind") == b"number"
    return column.to_numpy(zero_copy_only=False) if number else column


def whole(column: pa.ChunkedArray) -> pa.Array:
    """A column in one piece."""
    if column.num_chunks == 1:
        return column.chunk(0)
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
