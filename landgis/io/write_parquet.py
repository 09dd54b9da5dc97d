"""Layers and tables of pandas as GeoParquet and Parquet, through the writer of stretches."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import shapely

from landgis.columns import Columns
from landgis.errors import Problem
from landgis.io.write_columns import is_date_only, kind_of, plain_columns
from landgis.io.write_geojson import rules_id
from landgis.io.write_stream import STRETCH_ROWS, Layer, LayerWriter
from landgis.results import ResultColumn

_ARROW_TYPES = {"text": pa.string(), "number": pa.float64(), "integer": pa.int64(), "flag": pa.bool_()}


def write_geoparquet(
    frame: gpd.GeoDataFrame,
    path: Path,
    columns: Sequence[ResultColumn],
    *,
    file: str,
    layer_name: str,
    title: str = "",
) -> list[Problem]:
    """Write a layer in its own CRS; the file's `landgis` entry holds the rule set as JSON."""
    shapes = shapely.force_2d(frame.geometry.to_numpy())
    return _write(frame, path, columns, file, Layer(frame.crs, layer_name, title), pa.array(shapely.to_wkb(shapes)))


def write_parquet(frame: pd.DataFrame, path: Path, columns: Sequence[ResultColumn], *, file: str) -> list[Problem]:
    """Write a table without geometry."""
    return _write(frame, path, columns, file)


def _write(
    frame: pd.DataFrame,
    path: Path,
    columns: Sequence[ResultColumn],
    file: str,
    layer: Layer | None = None,
    wkb: pa.Array | None = None,
) -> list[Problem]:
    plain, remarks = plain_columns(frame, columns, file=file)
    whole = Columns({str(name): _array(plain.iloc[:, i]) for i, name in enumerate(plain.columns)}, len(plain))
    with LayerWriter(path, columns, layer, rules_id(frame), file) as writer:
        for first in range(0, max(len(plain), 1), STRETCH_ROWS):
            last = first + STRETCH_ROWS
            writer.write(whole.stretch(first, last), None if wkb is None else wkb[first:last])
    return remarks


def _array(column: pd.Series) -> pa.Array:
    kind = kind_of(column)
    if kind == "time":
        return pa.array(column, pa.date32() if is_date_only(column) else pa.timestamp("ms"), from_pandas=True)
    return pa.array(column, _ARROW_TYPES[kind], from_pandas=True)
