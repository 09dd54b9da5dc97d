"""Between pandas and Columns: for readers, pages and stores that have frames, at the edges of the core."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
from pandas import DataFrame, Series

from landgis.columns import TEXT, Column, Columns
from landgis.lean import with_pandas

with_pandas()


def columns_of(frame: DataFrame) -> Columns:
    """A frame as Columns, its geometry aside: fractions as float64, all else as Arrow has it (texts, integers…)."""
    names = [name for name in frame.columns if name != "geometry"]
    return Columns({str(name): column_from(frame[name]) for name in names}, len(frame))


def column_of(frame: DataFrame, name: str, kind: str = "float64") -> Series:
    """The column of a frame counted from 0, or one of unknowns where it has none."""
    if name in frame:
        return frame[name].reset_index(drop=True)
    return Series(np.full(len(frame), np.nan), dtype=kind)


def column_from(series: Series) -> Column:
    """One column; unknown is NaN among fractions and null everywhere else."""
    if series.dtype.kind == "f":
        return series.to_numpy(float, na_value=float("nan"))
    try:
        array = pa.array(series, from_pandas=True)
    except pa.ArrowException:  # an object column of several kinds
        array = pa.array([None if gone else str(cell) for cell, gone in zip(series, series.isna(), strict=True)], TEXT)
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if pa.types.is_null(array.type) or pa.types.is_string(array.type):
        return array.cast(TEXT)
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array


def frame_of(columns: Columns) -> DataFrame:
    """Columns as a frame counted from 0: texts as str, whole numbers with gaps as Int64."""
    return DataFrame({name: series_of(column) for name, column in columns.items()}, index=range(columns.size))


def series_of(column: Column) -> Series:
    """One column as a Series counted from 0."""
    if not isinstance(column, pa.Array):
        return Series(column)
    plain = column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
    if pa.types.is_large_string(plain.type) or pa.types.is_string(plain.type):
        return Series(pd.array(plain, dtype="str"))
    if pa.types.is_integer(plain.type):
        known = plain.cast(pa.int64()).fill_null(0).to_numpy().copy()
        return Series(pd.arrays.IntegerArray(known, plain.is_null().to_numpy(zero_copy_only=False).copy()))
    return Series(plain.to_pandas())
