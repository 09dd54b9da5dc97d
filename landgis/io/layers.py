"""Layers: any format of outlines → a GeoDataFrame as it stands in its file, through the gate of its format."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath

import numpy as np
import shapely

from landgis.errors import InputRefused, Place, Problem
from landgis.io import archives
from landgis.io.boundary_points import read_boundary_points
from landgis.io.crs import crs_of_wkt, shown
from landgis.io.formats import DRIVERS, Format, identify, shapefiles_in, split_layer
from landgis.io.found import Found, LayerLook, refused
from landgis.io.geojson import read_geojson
from landgis.io.geometries import from_wkb
from landgis.io.geopackage import (
    Package,
    PackageLayer,
    check_layer,
    check_package,
    pick_layer,
    rows_with_shape,
    sidecars,
)
from landgis.io.geoparquet import read_geoparquet
from landgis.io.layer_frame import to_raw
from landgis.io.raw import Raw
from landgis.io.shapefile import check_shapefile, staged
from landgis.text import N_, Message

__all__ = ["LayerLook", "look_into", "read_layer", "split_layer"]


def read_layer(path: Path, layer: str | None, *, crs: str | None = None, encoding: str | None = None) -> Raw:
    """One layer as it stands in its file; raises InputRefused with what is wrong and UsageError for a wrong --crs.

    `layer` picks one of several, also in a zip file or a folder of shapefiles. `crs` is used only where the file says
    none, `encoding` where it says none or a wrong one.
    """
    place = Place(str(path))
    try:
        with _opened(path, layer, place) as (kind, inner, name, here):
            return to_raw(_read(kind, inner, name, here, encoding, crs_given=crs is not None), here, crs)
    except OSError as error:
        message = Message(N_("the file cannot be read: {reason}"), {"reason": error.strerror or str(error)})
        raise refused("E-FILE", message, place) from error


def look_into(path: Path, encoding: str | None = None) -> list[LayerLook]:
    """Every layer of a file, without its rows where the format allows; raises InputRefused as `read_layer` does."""
    place = Place(str(path))
    kind = identify(path)
    if kind == Format.ZIP:
        contents = archives.check_archive(path, place)
        found = []
        for name in contents.layers:
            with archives.unpacked(path, contents, name, place) as inner:
                looks = _look(identify(inner, str(path)), inner, place, encoding)
                found += [replace(one, name=_stem(name)) if len(looks) == 1 else one for one in looks]
        return found
    if kind == Format.SHAPEFILE and path.is_dir():
        return [look for name in shapefiles_in(path) for look in _look(Format.SHAPEFILE, path / name, place, encoding)]
    return _look(kind, path, place, encoding)


@contextmanager
def _opened(path: Path, layer: str | None, place: Place) -> Iterator[tuple[Format, Path, str | None, Place]]:
    """The file that holds the layer: the path itself, one in a zip file (unpacked), or a shapefile in a folder."""
    kind = identify(path)
    if kind == Format.ZIP:
        contents = archives.check_archive(path, place)
        name, layer = archives.pick_layer_file(contents, layer, place)
        with archives.unpacked(path, contents, name, place) as inner:
            yield identify(inner, place.file), inner, layer, replace(place, layer=_stem(name))
    elif kind == Format.SHAPEFILE and path.is_dir():
        name = _pick_shapefile(shapefiles_in(path), layer, place)
        yield identify(path / name, place.file), path / name, None, replace(place, layer=_stem(name))
    else:
        yield kind, path, layer, place


def _stem(name: str) -> str:
    return PurePosixPath(name).stem


def _pick_shapefile(names: list[str], layer: str | None, place: Place) -> str:
    listed = ", ".join(_stem(name) for name in names[:20])
    wanted = [name for name in names if layer is None or layer.casefold() in (name.casefold(), _stem(name).casefold())]
    if len(wanted) == 1:
        return wanted[0]
    if not wanted:
        words = N_("there is no layer {layer} in it; there are: {layers}")
        raise refused("E-LAYER-MISSING", Message(words, {"layer": layer, "layers": listed}), place)
    words = N_("there are {count} layers: {layers}; say which one with FILE:LAYER")
    raise refused("E-LAYER-AMBIGUOUS", Message(words, {"count": len(wanted), "layers": listed}), place)


def _read(kind: Format, path: Path, layer: str | None, place: Place, encoding: str | None, *, crs_given: bool) -> Found:
    if kind == Format.GEOJSON:
        with _without_collection():
            return read_geojson(path, layer, place, encoding)
    if kind == Format.GPKG:
        return _read_package(path, layer, place)
    if kind == Format.SHAPEFILE:
        _check_only_layer(path, layer, place)
        return _read_shapefile(path, place, encoding, crs_given=crs_given)
    if kind in (Format.FILEGDB, Format.FLATGEOBUF):
        return _read_gdal(kind, path, layer, place)
    if kind == Format.GEOPARQUET:
        return read_geoparquet(path, layer, place)
    if kind == Format.BOUNDARY_POINTS:
        _check_only_layer(path, layer, place)
        return read_boundary_points(path, place, encoding)
    words = N_(
        "this is a table without outlines ({kind}), where a layer is needed; give GeoPackage, GeoJSON or a shapefile"
    )
    raise refused("E-FMT-UNSUPPORTED", Message(words, {"kind": kind}), place)


def _check_only_layer(path: Path, layer: str | None, place: Place) -> None:
    if layer is not None and layer != path.stem:
        words = N_("there is no layer {layer} in it; there are: {layers}")
        raise refused("E-LAYER-MISSING", Message(words, {"layer": layer, "layers": path.stem}), place)


def _read_shapefile(path: Path, place: Place, encoding: str | None, *, crs_given: bool) -> Found:
    from landgis.io import gdal  # here and below: whoever reads Parquet or GeoJSON need not wait for GDAL

    checked = check_shapefile(path, place, encoding, crs_given=crs_given)
    with staged(checked) as private:
        bulk = gdal.read_bulk(private, "ESRI Shapefile", None, place, encoding=checked.language.encoding)
    _check_count(len(bulk.fids), checked.rows, place)
    rows = bulk.fids + 1
    geometry, problems = from_wkb(bulk.wkb, rows, place)  # a shapefile has no arcs
    problems = checked.problems + problems
    return Found(bulk.table, geometry, rows, checked.crs, "ESRI Shapefile", None, checked.language.encoding, problems)


def _read_package(path: Path, layer: str | None, place: Place) -> Found:
    from landgis.io import gdal

    package = check_package(path, place)
    name = pick_layer(package, layer, place)
    here = replace(place, layer=name)
    checked = check_layer(package, name, here)
    with _apart(path) as private:
        bulk = gdal.read_bulk(private, "GPKG", name, here)
        _check_count(len(bulk.fids), checked.rows, here)
        geometry, problems = _geometry(private, name, bulk.wkb, bulk.fids, here)
    _check_shapes(package, checked, geometry, bulk.fids, here)
    problems = package.problems + checked.problems + problems
    return Found(bulk.table, geometry, bulk.fids, checked.crs, "GPKG", name, "UTF-8", problems)


def _check_shapes(package: Package, layer: PackageLayer, geometry: np.ndarray, fids: np.ndarray, place: Place) -> None:
    """GDAL makes a damaged outline None without a word; SQL says that there was one."""
    absent = shapely.is_missing(geometry)
    if len(geometry) - int(absent.sum()) >= layer.shapes:
        return
    lost = rows_with_shape(package, layer, fids[absent], place)
    words = N_(
        "the bytes of this outline are no geometry (feature {fid}); draw it again, or export the layer from a good copy"
    )
    raise InputRefused(
        [Problem("E-GEOM-BLOB", Message(words, {"fid": int(fid)}), replace(place, row=int(fid))) for fid in lost]
    )


def _read_gdal(kind: Format, path: Path, layer: str | None, place: Place) -> Found:
    """FileGDB and FlatGeobuf, whose inside only GDAL knows; their counts are compared with what arrives."""
    from landgis.io import gdal

    with _suffixed(path, ".gdb" if kind == Format.FILEGDB else ".fgb") as private:
        name = _pick_gdal_layer(private, path, kind, layer, place)
        look = gdal.look(private, DRIVERS[kind], name, place)
        bulk = gdal.read_bulk(private, DRIVERS[kind], name, place)
        here = replace(place, layer=name if kind == Format.FILEGDB else place.layer)
        _check_count(len(bulk.fids), look.features, here)
        rows = bulk.fids if kind == Format.FILEGDB else bulk.fids + 1
        geometry, problems = _geometry(private, name, bulk.wkb, rows, here)
    crs = crs_of_wkt(look.crs or "", here)
    return Found(bulk.table, geometry, rows, crs, DRIVERS[kind], here.layer, "UTF-8", problems)


def _geometry(
    path: Path, layer: str, wkb: np.ndarray, rows: np.ndarray, place: Place
) -> tuple[np.ndarray, list[Problem]]:
    """The geometries; arcs become short straight lines, with a remark."""
    from landgis.io import gdal

    try:
        return from_wkb(wkb, rows, place)
    except NotImplementedError:
        straight = gdal.read_straight(path, layer, place)
        _check_count(len(straight), len(rows), place)
        geometry, problems = from_wkb(straight, rows, place)
        words = N_("some outlines have arcs; they were read as short straight lines, so areas differ by a little")
        return geometry, [*problems, Problem("W-GEOM-CURVE", Message(words), place)]


def _pick_gdal_layer(private: Path, path: Path, kind: Format, layer: str | None, place: Place) -> str:
    from landgis.io import gdal

    names = gdal.list_layers(private, DRIVERS[kind], place)
    if kind == Format.FLATGEOBUF:
        _check_only_layer(path, None if layer in names else layer, place)
        return names[0]
    spatial = [
        name for name in names if gdal.look(private, DRIVERS[kind], name, place).geometry_type not in (None, "None")
    ]
    wanted = [name for name in spatial if layer is None or name == layer]
    listed = ", ".join(spatial[:20])
    if len(wanted) == 1:
        return wanted[0]
    if not wanted:
        words = N_("there is no layer {layer} in it; there are: {layers}")
        raise refused("E-LAYER-MISSING", Message(words, {"layer": layer or "", "layers": listed}), place)
    words = N_("there are {count} layers: {layers}; say which one with FILE:LAYER")
    raise refused("E-LAYER-AMBIGUOUS", Message(words, {"count": len(wanted), "layers": listed}), place)


def _check_count(read: int, said: int | None, place: Place) -> None:
    if said is not None and said > 0 and read < said:
        words = N_("only {read} of {said} rows could be read; the file is damaged or cut off: copy or export it again")
        raise refused("E-ROWS-LOST", Message(words, {"read": read, "said": said}), place)


@contextmanager
def _without_collection() -> Iterator[None]:
    """While it lasts Python looks for no cycles: among millions of small lists that takes a quarter of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextmanager
def _apart(path: Path) -> Iterator[Path]:
    """A GeoPackage without the files that a program left beside it, which SQLite would play back or delete."""
    if path.suffix.lower() == ".gpkg" and not sidecars(path):
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="landgis-", ignore_cleanup_errors=True) as folder:
        private = Path(folder) / "layer.gpkg"
        try:
            os.link(path.resolve(), private)  # a symbolic link would lead SQLite back to the user's folder
        except OSError:
            shutil.copyfile(path, private)
        yield private


@contextmanager
def _suffixed(path: Path, suffix: str) -> Iterator[Path]:
    """The path under a name with the suffix that GDAL wants to see: itself, or a link in a private folder."""
    if path.suffix.lower() == suffix:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="landgis-", ignore_cleanup_errors=True) as folder:
        private = Path(folder) / f"layer{suffix}"
        private.symlink_to(path.resolve(), target_is_directory=path.is_dir())
        yield private


def _look(kind: Format, path: Path, place: Place, encoding: str | None) -> list[LayerLook]:
    """The layers of one file; GeoJSON, boundary points and Parquet have no head that tells, so they are read."""
    from landgis.io import gdal

    if kind == Format.GPKG:
        package = check_package(path, place)
        looks = []
        with _apart(path) as private:
            for name in package.layers:
                checked = check_layer(package, name, replace(place, layer=name))
                looks.append(
                    replace(gdal.look(private, "GPKG", name, place), features=checked.rows, crs=shown(checked.crs))
                )
        return looks
    if kind == Format.SHAPEFILE:
        checked_shape = check_shapefile(path, place, encoding, crs_given=True)
        with staged(checked_shape) as private:
            language = checked_shape.language.encoding
            look = gdal.look(private, "ESRI Shapefile", None, place, language)
        return [
            replace(look, name=path.stem, features=checked_shape.rows, crs=shown(checked_shape.crs), encoding=language)
        ]
    if kind in (Format.FILEGDB, Format.FLATGEOBUF):
        with _suffixed(path, ".gdb" if kind == Format.FILEGDB else ".fgb") as private:
            names = gdal.list_layers(private, DRIVERS[kind], place)
            looks = [gdal.look(private, DRIVERS[kind], name, place) for name in names]
        return [replace(one, crs=shown(crs_of_wkt(one.crs or "", place))) for one in looks]
    found = _read(kind, path, None, place, encoding, crs_given=True)
    return [_look_of(found, path)]


def _look_of(found: Found, path: Path) -> LayerLook:
    kinds = sorted({one.geom_type for one in found.geometry[:10_000] if one is not None})
    fields = {field.name: str(field.type) for field in found.table.schema}
    return LayerLook(
        found.layer or path.stem, "/".join(kinds) or None, len(found.geometry), shown(found.crs), found.encoding, fields
    )
