"""The way out: layers and tables to files, the format by the suffix, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from landgis.errors import InputRefused, Place, Problem, UsageError
from landgis.io.atomic import atomic_file, atomic_set, check_file, check_set
from landgis.results import ResultColumn
from landgis.text import N_, Message

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from pyproj import CRS

Profile = Literal["web", "municipal"]

_GEOJSON = (".geojson", ".json")
_LAYER_WRITERS = {  # suffix → module and function: GDAL and Excel are imported where they are asked for
    ".geojson": ("write_geojson", "write_geojson"),
    ".json": ("write_geojson", "write_geojson"),
    ".gpkg": ("write_gdal", "write_geopackage"),
    ".parquet": ("write_parquet", "write_geoparquet"),
    ".fgb": ("write_gdal", "write_flatgeobuf"),
    ".shp": ("write_shapefile", "write_shapefile"),
}
_ROW_WRITERS = {".csv": ("write_text", "write_csv"), ".xlsx": ("write_text", "write_xlsx")}
_TABLE_WRITERS = {
    **_ROW_WRITERS,
    ".parquet": ("write_parquet", "write_parquet"),
    ".json": ("write_text", "write_json"),
}

LAYER_SUFFIXES = (*_LAYER_WRITERS, *_ROW_WRITERS)
TABLE_SUFFIXES = tuple(_TABLE_WRITERS)


def check_target(path: Path | str, overwrite: bool, *, suffixes: Sequence[str] = LAYER_SUFFIXES) -> None:
    """Raise InputRefused, before the long work, where `path` could not be written in the end."""
    target, suffix = _target(path)
    if suffix not in suffixes:
        raise InputRefused([_unknown_format(target, suffixes)])
    if suffix == ".shp":
        check_set(target, suffixes=_shapefile_suffixes(), overwrite=overwrite)
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
    profile: Profile = "web",
    crs: str | None = None,
) -> list[Problem]:
    """Write a layer in the format of the suffix of `path`, every row in its order; returns remarks (W-…).

    In the `web` profile GeoJSON is in longitude and latitude (RFC 7946) and every other format in the frame's own
    CRS. In the `municipal` profile all are in CGCS 2000: EPSG:4490, or `crs`. CSV and Excel have no geometry.
    """
    check_target(path, overwrite)
    target, suffix = _target(path)
    municipal = output_crs(profile, crs)
    if suffix in _ROW_WRITERS:
        return _write_rows(frame, target, _writer(_ROW_WRITERS, suffix), columns, overwrite=overwrite)
    write = _writer(_LAYER_WRITERS, suffix)
    more: dict[str, Any] = {}
    if municipal is not None and suffix in _GEOJSON:
        more["crs"] = municipal
    elif municipal is not None:
        frame = frame.to_crs(municipal)
    if suffix == ".shp":
        with atomic_set(target, suffixes=_shapefile_suffixes(), overwrite=overwrite) as folder:
            return write(frame, folder / target.name, columns, file=str(target), layer_name=target.stem)
    with atomic_file(target, overwrite=overwrite) as temporary:
        return write(frame, temporary, columns, file=str(target), layer_name=layer_name, title=title, **more)


def output_crs(profile: Profile, crs: str | None) -> CRS | None:
    """The CRS of the municipal profile, None in the web profile; UsageError where it is none of CGCS 2000."""
    if profile == "web":
        if crs is None:
            return None
        words = N_("--to-crs goes with --profile municipal only")
        raise UsageError([Problem("E-CRS-PROFILE", Message(words))])
    from pyproj import CRS

    from landgis.io.crs import asked_crs
    from landgis.io.write_geojson import CGCS2000, is_cgcs2000

    found = CRS.from_epsg(CGCS2000) if crs is None else asked_crs(crs, "--to-crs")
    if found.to_epsg() is None or not is_cgcs2000(found):
        words = N_("{crs} is not of CGCS 2000; name EPSG:4490, or a zone of it as EPSG:4549")
        raise UsageError([Problem("E-CRS-PROFILE", Message(words, {"crs": crs}))])
    return found


def write_table(
    frame: pd.DataFrame, path: Path | str, *, columns: Sequence[ResultColumn], overwrite: bool
) -> list[Problem]:
    """Write a table without geometry: .csv, .xlsx, .parquet or .json (a list of records); returns remarks (W-…)."""
    check_target(path, overwrite, suffixes=TABLE_SUFFIXES)
    target, suffix = _target(path)
    return _write_rows(frame, target, _writer(_TABLE_WRITERS, suffix), columns, overwrite=overwrite)


def _writer(writers: Mapping[str, tuple[str, str]], suffix: str) -> Callable[..., list[Problem]]:
    module, function = writers[suffix]
    write: Callable[..., list[Problem]] = getattr(import_module(f"landgis.io.{module}"), function)
    return write


def _shapefile_suffixes() -> Sequence[str]:
    from landgis.io.write_shapefile import SUFFIXES

    return SUFFIXES


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
