"""Parquet files by hand, and what the stream and the plain reader make of them, side by side."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from pyproj import CRS

from landgis.errors import InputRefused
from landgis.io import stream
from landgis.io.read import read_table
from landgis.io.stream import Unusual, open_stream

EAST, NORTH = 480_000.0, 3_210_000.0


def square(number, size=40.0):
    x = EAST + 50 * number
    return shapely.box(x, NORTH, x + size, NORTH + size)


def written(path, columns, outlines=None, crs=4549, **how):
    """A table, or with outlines (WKB or None each) a layer; `how` goes to pyarrow."""
    columns = {name: cells if isinstance(cells, pa.Array) else pa.array(cells) for name, cells in columns.items()}
    metadata = None
    if outlines is not None:
        cells = outlines if isinstance(outlines, pa.Array) else pa.array(outlines, pa.binary())
        columns["geometry"] = cells
        about = {"encoding": "WKB", "geometry_types": []}
        if crs != "unsaid":
            about["crs"] = None if crs is None else CRS.from_user_input(crs).to_json_dict()
        metadata = {
            "geo": json.dumps({"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": about}})
        }
    schema = pa.schema([pa.field(name, cells.type) for name, cells in columns.items()], metadata=metadata)
    pq.write_table(pa.Table.from_arrays(list(columns.values()), schema=schema), path, **how)
    return path


def streamed(path, table, **asked):
    """Everything that a stream gives, its batches put together; raises Unusual."""
    opened = open_stream(str(path), table, **asked)
    batches = list(opened.batches(outlines=opened.outlines is not None))
    again = list(opened.batches(outlines=opened.outlines is not None))
    assert [batch.first for batch in batches] == [batch.first for batch in again]
    columns = {}
    for name in opened.names:
        parts = [batch.columns[name] for batch in batches]
        same = [batch.columns[name] for batch in again]
        if isinstance(parts[0], np.ndarray):
            columns[name] = np.concatenate(parts)
            assert np.array_equal(columns[name], np.concatenate(same), equal_nan=True)
        else:
            columns[name] = pa.concat_arrays(parts)
            assert columns[name].equals(pa.concat_arrays(same))
    wkb = None if opened.outlines is None else pa.concat_arrays([batch.wkb for batch in batches]).to_pylist()
    if wkb is not None:
        total = shapely.total_bounds(shapely.from_wkb(np.array(wkb, dtype=object)))
        if not opened.lies_well(tuple(total)):
            raise Unusual("elsewhere")
    return opened, columns, wkb


def require_same(path, table, **asked):
    """Stream it and read it, and compare everything; raises Unusual where the stream does.

    A file that the plain reader refuses must be unusual, but for keys that stand twice, which others look for.
    """
    opened, columns, wkb = streamed(path, table, **asked)
    try:
        read = read_table(str(path), table, **asked)
    except InputRefused as error:
        assert {problem.code for problem in error.problems} == {"E-ID-DUP"}, error
        return
    assert not read.set_aside
    assert (opened.rows, opened.source) == (len(read.frame), read.source)
    assert [problem.render() for problem in opened.problems] == [problem.render() for problem in read.problems]
    assert opened.problems == read.problems
    frame = read.frame if wkb is None else pd.DataFrame(read.frame.drop(columns="geometry"))
    assert list(columns) == list(frame.columns)
    for name, column in columns.items():
        require_equal(column, frame[name])
    if wkb is not None:
        shapes = shapely.force_2d(shapely.from_wkb(np.array(wkb, dtype=object)))
        assert (shapely.to_wkb(shapes) == shapely.to_wkb(read.frame.geometry.to_numpy())).all()
        assert opened.crs == read.frame.crs


def require_equal(column, series):
    if isinstance(column, np.ndarray):
        assert column.dtype == float
        assert np.array_equal(column, series.to_numpy(float, na_value=np.nan), equal_nan=True)
    elif pa.types.is_large_string(column.type):
        assert column.to_pylist() == [None if pd.isna(cell) else cell for cell in series]
        assert isinstance(series.dtype, pd.StringDtype)
    elif pa.types.is_temporal(column.type):
        there = column.to_numpy(zero_copy_only=False).astype("datetime64[us]")
        assert np.array_equal(there, series.to_numpy("datetime64[us]"), equal_nan=True)
    else:
        assert column.to_pylist() == [None if pd.isna(cell) else cell for cell in series]
        assert pd.api.types.is_bool_dtype(series) == pa.types.is_boolean(column.type)


def is_unusual(path, table, **asked):
    try:
        streamed(path, table, **asked)
    except Unusual:
        return True
    return False


__all__ = ["Unusual", "is_unusual", "require_same", "square", "stream", "streamed", "written"]
