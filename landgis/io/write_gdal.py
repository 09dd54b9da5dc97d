"""The formats that GDAL writes: GeoPackage, FlatGeobuf and Shapefile."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError

from landgis.errors import Problem
from landgis.io.write_columns import arrow_cells, kind_of, plain_columns, renamed, unique_names
from landgis.io.write_geojson import rules_id
from landgis.results import ResultColumn
from landgis.text import translator

# Bytes must not depend on the day; a date that nobody takes for the day of the export.
CONSTANT_DATE = "2000-01-01T00:00:00.000Z"
POLYGONAL = (3, 6)  # shapely's type numbers of Polygon and MultiPolygon
ROW_NUMBER = "ogc_fid"  # a column of that name GDAL takes for the numbers of the rows, where the format names none
GEOPACKAGE_VERSION = "1.2"  # what the QGIS and ArcGIS of 2018 and later read without a warning

_SCHEMA_EXTENSION = """
CREATE TABLE gpkg_data_columns (
    table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT, mime_type TEXT,
    constraint_name TEXT,
    CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name), CONSTRAINT gdc_tn UNIQUE (table_name, name));
CREATE TABLE gpkg_data_column_constraints (
    constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT, min NUMERIC, min_is_inclusive BOOLEAN,
    max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
    CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
CREATE TABLE IF NOT EXISTS gpkg_extensions (
    table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL, scope TEXT NOT NULL,
    CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
INSERT INTO gpkg_extensions VALUES
    ('gpkg_data_columns', NULL, 'gpkg_schema', 'http://www.geopackage.org/spec121/#extension_schema', 'read-write'),
    ('gpkg_data_column_constraints', NULL, 'gpkg_schema', 'http://www.geopackage.org/spec121/#extension_schema',
     'read-write');
"""


def write_geopackage(
    frame: gpd.GeoDataFrame,
    path: Path,
    columns: Sequence[ResultColumn],
    *,
    file: str,
    layer_name: str,
    title: str = "",
) -> list[Problem]:
    """Write one layer with a spatial index; its columns are described inside (title in Chinese, text in English)."""
    plain, remarks = plain_columns(frame, columns, file=file)
    fid, geometry_name = unique_names(["fid", "geom"], taken=plain.columns)
    options = {
        "FID": fid,
        "GEOMETRY_NAME": geometry_name,
        "IDENTIFIER": title or layer_name,
        "DESCRIPTION": f"landgis {rules_id(frame) or ''}".strip(),
        "SPATIAL_INDEX": "YES",
    }
    write_ogr(frame, plain, path, driver="GPKG", layer=layer_name, layer_options=options,
              dataset_options={"VERSION": GEOPACKAGE_VERSION})  # fmt: skip
    _describe_columns(path, layer_name, [column for column in columns if column.name in plain])
    return remarks


def write_flatgeobuf(
    frame: gpd.GeoDataFrame,
    path: Path,
    columns: Sequence[ResultColumn],
    *,
    file: str,
    layer_name: str,
    title: str = "",
) -> list[Problem]:
    """Write a layer without the spatial index, which would change the order of the rows and lose empty parcels."""
    plain, remarks = plain_columns(frame, columns, file=file)
    names = unique_names(plain.columns, taken=[ROW_NUMBER])
    remarks += [renamed(file, old, new) for old, new in zip(plain.columns, names, strict=True) if old != new]
    plain = plain.set_axis(names, axis=1)
    options = {"SPATIAL_INDEX": "NO", "TITLE": title or layer_name, "DESCRIPTION": rules_id(frame) or ""}
    write_ogr(frame, plain, path, driver="FlatGeobuf", layer=layer_name, layer_options=options)
    return remarks


def write_ogr(
    frame: gpd.GeoDataFrame,
    plain: pd.DataFrame,
    path: Path,
    *,
    driver: str,
    layer: str,
    layer_options: Mapping[str, str],
    dataset_options: Mapping[str, str] | None = None,
    encoding: str | None = None,
    polygons_only: bool = False,
) -> int:
    """Write plain columns and the geometry of `frame`; returns how many geometries are left out as not polygons."""
    geometry, left_out = _shapes(frame, polygons_only=polygons_only)
    table, shapes, kind = _arrow_table(plain, geometry)
    try:
        with constant_date():
            pyogrio.raw.write_arrow(
                table,
                path,
                driver=driver,
                layer=layer,
                crs=_crs_text(frame.crs),
                geometry_name=shapes,
                geometry_type=kind,
                encoding=encoding,
                layer_options=dict(layer_options),
                dataset_options=dict(dataset_options or {}),
            )
    except (DataSourceError, DataLayerError, FeatureError, FieldError) as error:
        raise OSError(str(error)) from error
    _check_whole(path, len(plain))
    return left_out


def _check_whole(path: Path, rows: int) -> None:
    """Read the rows again: on a full disk GDAL's FlatGeobuf ends without an error and without the rest."""
    try:
        features = pyogrio.raw.read(path, columns=[], read_geometry=False, return_fids=True)[1]
    except (DataSourceError, DataLayerError, FeatureError) as error:
        raise OSError(str(error)) from error
    if len(features) != rows:
        raise OSError(f"{len(features)} of {rows} rows reached the disk")


@contextmanager
def constant_date() -> Iterator[None]:
    """While it lasts GDAL writes a constant date into its files, so that equal input makes equal bytes."""
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": CONSTANT_DATE})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _shapes(frame: gpd.GeoDataFrame, *, polygons_only: bool) -> tuple[np.ndarray, int]:
    """Geometries in the plane, None where they are empty or, if asked for, no polygons; how many are no polygons."""
    geometry = frame.geometry.to_numpy().copy()
    if shapely.has_z(geometry).any() or shapely.has_m(geometry).any():
        geometry = shapely.force_2d(geometry)
    known = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    kept = known & np.isin(shapely.get_type_id(geometry), POLYGONAL) if polygons_only else known
    geometry[~kept] = None
    return geometry, int((known & ~kept).sum())


def _arrow_table(plain: pd.DataFrame, geometry: np.ndarray) -> tuple[pa.Table, str, str]:
    """Columns and outlines as Arrow, the outlines' name, and their type; polygons become multipolygons."""
    kinds = shapely.get_type_id(geometry)
    polygonal = bool(np.isin(kinds[kinds >= 0], POLYGONAL).all())
    if polygonal:
        single = kinds == shapely.GeometryType.POLYGON
        geometry[single] = shapely.multipolygons(geometry[single, np.newaxis])
    (name,) = unique_names(["geometry"], taken=plain.columns)
    columns = {str(one): _cells(plain.iloc[:, at]) for at, one in enumerate(plain.columns)}
    outlines = pa.array(shapely.to_wkb(geometry), pa.binary())
    field = pa.field(name, outlines.type, metadata={"ARROW:extension:name": "geoarrow.wkb"})
    return pa.table(columns).append_column(field, outlines), name, "MultiPolygon" if polygonal else "Unknown"


def _cells(column: pd.Series) -> pa.Array:
    """The cells as GDAL takes them; a NUL ends a text in GDAL, so it is left out."""
    cells = arrow_cells(column)
    return pc.replace_substring(cells, "\0", "") if kind_of(column) == "text" else cells


def _crs_text(crs: Any) -> str | None:
    if crs is None:
        return None
    epsg = crs.to_epsg()
    return f"EPSG:{epsg}" if epsg else str(crs.to_wkt())


def _describe_columns(path: Path, layer: str, columns: Sequence[ResultColumn]) -> None:
    """The schema extension of GeoPackage: QGIS shows the title as the alias of a field."""
    chinese = translator("zh_CN")
    rows = [(layer, column.name, column.name, title_with_unit(column, chinese(column.title)), _english(column))
            for column in columns]  # fmt: skip
    insert = "INSERT INTO gpkg_data_columns (table_name, column_name, name, title, description) VALUES (?,?,?,?,?)"
    try:
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.executescript(_SCHEMA_EXTENSION)
            connection.executemany(insert, rows)
    except sqlite3.Error as error:
        raise OSError(str(error)) from error


def title_with_unit(column: ResultColumn, title: str) -> str:
    """A title that says the unit once."""
    return title if not column.unit or column.unit.split()[0] in title else f"{title} ({column.unit})"


def _english(column: ResultColumn) -> str:
    return f"{column.title}. {column.meaning}" + (f" [{column.unit}]" if column.unit else "")
