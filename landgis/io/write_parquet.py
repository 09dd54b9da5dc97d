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
from landgis.io.write_columns import arrow_cells, plain_columns
from landgis.io.write_geojson import rules_id
from landgis.io.write_stream import STRETCH_ROWS, Layer, LayerWriter
from landgis.results import ResultColumn


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
    wkb = pa.array(shapely.to_wkb(shapes), pa.large_binary())
    return _write(frame, path, columns, file, Layer(frame.crs, layer_name, title), wkb)


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
    whole = Columns({str(name): arrow_cells(plain.iloc[:, i]) for i, name in enumerate(plain.columns)}, len(plain))
    with LayerWriter(path, columns, layer, rules_id(frame), file) as writer:
        for first in range(0, max(len(plain), 1), STRETCH_ROWS):
            last = first + STRETCH_ROWS
            writer.write(whole.stretch(first, last), None if wkb is None else wkb[first:last])
    return remarks
