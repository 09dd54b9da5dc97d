"""The way out: layers and tables to files, the format by the suffix, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import geopandas as gpd
import pandas as pd

from landgis.errors import InputRefused, Place, Problem
from landgis.io.atomic import atomic_file, atomic_set, check_file, check_set
from landgis.io.write_gdal import write_flatgeobuf, write_geopackage
from landgis.io.write_geojson import write_geojson
from landgis.io.write_parquet import write_geoparquet, write_parquet
from landgis.io.write_shapefile import SUFFIXES as SHAPEFILE_SUFFIXES
from landgis.io.write_shapefile import write_shapefile
from landgis.io.write_text import write_csv, write_json, write_xlsx
from landgis.results import ResultColumn
from landgis.text import N_, Message

_LAYER_WRITERS: dict[str, Callable[..., list[Problem]]] = {
    ".geojson": write_geojson,
    ".json": write_geojson,
    ".gpkg": write_geopackage,
    ".parquet": write_geoparquet,
    ".fgb": write_flatgeobuf,
    ".shp": write_shapefile,
}
_TABLE_WRITERS: dict[str, Callable[..., list[Problem]]] = {".csv": write_csv, ".xlsx": write_xlsx}

LAYER_SUFFIXES = (*_LAYER_WRITERS, *_TABLE_WRITERS)
TABLE_SUFFIXES = (*_TABLE_WRITERS, ".parquet", ".json")


def check_target(path: Path | str, overwrite: bool, *, suffixes: Sequence[str] = LAYER_SUFFIXES) -> None:
    """Raise InputRefused, before the long work, where `path` could not be written in the end."""
    target, suffix = _target(path)
    if suffix not in suffixes:
        raise InputRefused([_unknown_format(target, suffixes)])
    if suffix == ".shp":
        check_set(target, suffixes=SHAPEFILE_SUFFIXES, overwrite=overwrite)
    else:
        check_file(target, overwrite=overwrite)


def write_layer(
    frame: gpd.GeoDataFrame,
    path: Path | str,
    *,
    columns: Sequence[ResultColumn],
    overwrite: bool,
    layer_name: str = "parcels",
    title: str = "",
) -> list[Problem]:
    """Write a layer in the format of the suffix of `path`, every row in its order; returns remarks (W-…).

    The frame is in its own CRS; only GeoJSON is moved to longitude and latitude, and CSV and Excel have no geometry.
    """
    check_target(path, overwrite)
    target, suffix = _target(path)
    if suffix in _TABLE_WRITERS:
        return _write_rows(frame, target, _TABLE_WRITERS[suffix], columns, overwrite=overwrite)
    write = _LAYER_WRITERS[suffix]
    if suffix == ".shp":
        with atomic_set(target, suffixes=SHAPEFILE_SUFFIXES, overwrite=overwrite) as folder:
            return write(frame, folder / target.name, columns, file=str(target), layer_name=target.stem)
    with atomic_file(target, overwrite=overwrite) as temporary:
        return write(frame, temporary, columns, file=str(target), layer_name=layer_name, title=title)


def write_table(
    frame: pd.DataFrame, path: Path | str, *, columns: Sequence[ResultColumn], overwrite: bool
) -> list[Problem]:
    """Write a table without geometry: .csv, .xlsx, .parquet or .json (a list of records); returns remarks (W-…)."""
    check_target(path, overwrite, suffixes=TABLE_SUFFIXES)
    target, suffix = _target(path)
    writers = {**_TABLE_WRITERS, ".parquet": write_parquet, ".json": write_json}
    return _write_rows(frame, target, writers[suffix], columns, overwrite=overwrite)


def _target(path: Path | str) -> tuple[Path, str]:
    """The file and the suffix that picks its format; a shapefile's is in small letters, as GDAL insists."""
    target = Path(path)
    suffix = target.suffix.lower()
    return (target.with_suffix(suffix) if suffix == ".shp" else target), suffix


def _write_rows(
    frame: pd.DataFrame,
    target: Path,
    write: Callable[..., list[Problem]],
    columns: Sequence[ResultColumn],
    *,
    overwrite: bool,
) -> list[Problem]:
    with atomic_file(target, overwrite=overwrite) as temporary:
        return write(frame, temporary, columns, file=str(target))


def _unknown_format(target: Path, suffixes: Sequence[str]) -> Problem:
    message = Message(
        N_("landgis does not write {suffix}; give the output one of these endings: {known}"),
        {"suffix": target.suffix or "—", "known": " ".join(suffixes)},
    )
    return Problem("E-OUT-FORMAT", message, Place(file=str(target)))
