"""GeoParquet 1.1 for layers and Parquet for tables, with titles and units inside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from landgis.errors import Problem
from landgis.io.write_columns import arrow_cells, plain_columns, unique_names
from landgis.io.write_geojson import rules_id
from landgis.results import ResultColumn
from landgis.text import translator

GEOPARQUET_VERSION = "1.1.0"


def write_geoparquet(
    frame: gpd.GeoDataFrame,
    path: Path,
    columns: Sequence[ResultColumn],
    *,
    file: str,
    layer_name: str,
    title: str = "",
) -> list[Problem]:
    """Write a layer in its own CRS; the schema's `landgis` entry holds the rule set as JSON."""
    plain, remarks = plain_columns(frame, columns, file=file)
    shapes = shapely.force_2d(frame.geometry.to_numpy())
    (name,) = unique_names(["geometry"], taken=plain.columns)
    arrays, fields = _arrow_columns(plain, columns)
    arrays.append(pa.array(shapely.to_wkb(shapes), pa.binary()))
    fields.append(pa.field(name, pa.binary()))
    about = {"layer": layer_name, "title": title, "rules_id": rules_id(frame)}
    metadata = {"geo": _geo(frame, shapes, name), "landgis": about}
    _write(path, arrays, fields, metadata)
    return remarks


def write_parquet(frame: pd.DataFrame, path: Path, columns: Sequence[ResultColumn], *, file: str) -> list[Problem]:
    """Write a table without geometry."""
    plain, remarks = plain_columns(frame, columns, file=file)
    arrays, fields = _arrow_columns(plain, columns)
    _write(path, arrays, fields, {"landgis": {"rules_id": rules_id(frame)}})
    return remarks


def _write(path: Path, arrays: list[pa.Array], fields: list[pa.Field], metadata: Mapping[str, Any]) -> None:
    schema = pa.schema(fields, metadata={key: orjson.dumps(value) for key, value in metadata.items()})
    words = [field.name for field in fields if pa.types.is_string(field.type)]  # numbers and outlines seldom repeat
    pq.write_table(pa.table(arrays, schema=schema), path, compression="zstd", use_dictionary=words)


def _arrow_columns(plain: pd.DataFrame, columns: Sequence[ResultColumn]) -> tuple[list[pa.Array], list[pa.Field]]:
    known = {column.name: column for column in columns}
    chinese = translator("zh_CN")
    arrays, fields = [], []
    for i, name in enumerate(plain.columns):
        array = arrow_cells(plain.iloc[:, i])
        notes = {}
        if column := known.get(name):
            notes = {"title_zh": chinese(column.title), "title_en": column.title, "unit": column.unit}
        arrays.append(array)
        fields.append(pa.field(str(name), array.type, metadata=notes or None))
    return arrays, fields


def _geo(frame: gpd.GeoDataFrame, shapes: np.ndarray, name: str) -> dict[str, Any]:
    """The `geo` entry that makes Parquet GeoParquet; no `crs` would mean lon/lat, so one is always given."""
    crs = frame.crs.to_json_dict() if frame.crs is not None else None
    known = shapes[~shapely.is_missing(shapes)]
    one_of_each = known[np.unique(shapely.get_type_id(known), return_index=True)[1]]
    column: dict[str, Any] = {
        "encoding": "WKB",
        "crs": crs,
        "geometry_types": sorted(shape.geom_type for shape in one_of_each),
    }
    drawn = known[~shapely.is_empty(known)]
    if len(drawn):
        column["bbox"] = shapely.total_bounds(drawn).tolist()
    return {"version": GEOPARQUET_VERSION, "primary_column": name, "columns": {name: column}}
