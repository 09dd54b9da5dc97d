"""The two doors to GDAL, for files that passed their gate: fiona looks in, pyogrio reads in bulk."""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import fiona
import fiona.errors
import numpy as np
import pyarrow as pa
import pyogrio
import pyogrio.raw
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError

from landgis.errors import Place
from landgis.io.found import LayerLook, refused
from landgis.text import N_, Message

SETTINGS = {  # belts; the gate and the absence of drivers that fetch are what holds
    "GDAL_PAM_ENABLED": "NO",  # no .aux.xml beside a file is read or written
    "GDAL_HTTP_PROXY": "127.0.0.1:1",
    "GDAL_HTTP_TIMEOUT": "1",
    "GDAL_HTTP_MAX_RETRY": "0",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "{noext}.none",
    "OGR_STROKE_CURVE": "TRUE",  # arcs come as lines, as areas are measured on polygons
}
_ERRORS = (
    DataLayerError,
    DataSourceError,
    FeatureError,
    FieldError,
    pa.ArrowException,
    UnicodeError,
    ValueError,
    RuntimeError,
)

# fiona says many things with the errors of Python itself, as "Null layer" with ValueError
_FIONA_ERRORS = (fiona.errors.FionaError, ValueError, RuntimeError, AttributeError, TypeError, KeyError)


@dataclass(frozen=True)
class Bulk:
    """A layer as GDAL reads it: attributes, WKB (None where there is none), feature numbers, and the CRS as WKT."""

    table: pa.Table
    wkb: np.ndarray
    fids: np.ndarray
    crs_wkt: str | None


@cache
def guard() -> None:
    """Set the belts for this process, once; fiona's log stays off the screen."""
    logging.getLogger("fiona").addHandler(logging.NullHandler())
    pyogrio.set_gdal_config_options(dict(SETTINGS))


@contextmanager
def _quietly() -> Iterator[None]:
    """Keep what GDAL mutters about a file off the screen: the gates and counts check it, and errors still come.

    Its text may hold bytes of a damaged file, over which fiona's and pyogrio's handlers stumble with a traceback.
    """
    hooks = sys.unraisablehook, sys.excepthook  # Cython prints through both
    sys.unraisablehook, sys.excepthook = lambda _: None, lambda *_: None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        sys.unraisablehook, sys.excepthook = hooks


def read_bulk(path: Path, driver: str, layer: str | None, place: Place, *, encoding: str | None = None) -> Bulk:
    """All rows of a layer; raises InputRefused with GDAL's words, and the row where fiona stumbles too."""
    guard()
    options: dict[str, Any] = {"IMMUTABLE": "YES"} if driver == "GPKG" else {}
    try:
        with _quietly():
            meta, table = pyogrio.raw.read_arrow(path, layer=layer, encoding=encoding, return_fids=True, **options)
        at = _geometry_column(table.schema)
        wkb = None if at is None else table.column(at).to_numpy(zero_copy_only=False)
    except _ERRORS as error:
        row = first_bad_row(path, driver, layer)
        message = Message(N_("the layer cannot be read: {reason}; export it again"), {"reason": _words(error)})
        raise refused("E-GDAL", message, Place(place.file, place.layer, row)) from error
    if at is None or wkb is None:
        words = N_("this layer has no outlines, only attributes; name another layer")
        raise refused("E-GEOM-MISSING", Message(words), place)
    fids = table.column(0).to_numpy()  # by position: an attribute may be called OGC_FID or wkb_geometry too
    return Bulk(table.remove_column(at).remove_column(0), wkb, fids, meta["crs"])


def _geometry_column(schema: pa.Schema) -> int | None:
    """Which column has the outlines, as GDAL marks it."""
    marks = [(field.metadata or {}).get(b"ARROW:extension:name", b"") for field in schema]
    return next((at for at in reversed(range(len(marks))) if marks[at].endswith(b"wkb")), None)


def read_straight(path: Path, layer: str | None, place: Place) -> np.ndarray:
    """The WKB of all rows with arcs as short straight lines; slower, as only GDAL's row by row path has them so."""
    guard()
    try:
        with _quietly():
            return pyogrio.raw.read(path, layer=layer, columns=[])[2]
    except _ERRORS as error:
        message = Message(N_("the layer cannot be read: {reason}; export it again"), {"reason": _words(error)})
        raise refused("E-GDAL", message, place) from error


def first_bad_row(path: Path, driver: str, layer: str | None) -> int | None:
    """The number from 1 of the first row that cannot be read; None where all can, or none."""
    guard()
    number = 0
    try:
        with _quietly(), fiona.Env(**SETTINGS), fiona.open(path, layer=layer, enabled_drivers=[driver]) as rows:
            for _ in rows:
                number += 1
    except _FIONA_ERRORS:
        return number + 1 if number else None
    return None


def list_layers(path: Path, driver: str, place: Place) -> list[str]:
    """The layers of a file, in its order; raises InputRefused where the one driver that may open it cannot."""
    guard()
    try:
        with _quietly(), fiona.Env(**SETTINGS):
            first = _first_layer(path, driver)
            names = [str(name) for name in fiona.listlayers(path)]
    except _FIONA_ERRORS as error:
        message = Message(
            N_("{driver} cannot be read: {reason}; copy or export it again"),
            {"driver": driver, "reason": _words(error)},
        )
        raise refused("E-GDAL", message, place) from error
    return names or first


def look(path: Path, driver: str, layer: str | None, place: Place, encoding: str | None = None) -> LayerLook:
    """One layer without its rows; raises InputRefused as `list_layers` does."""
    guard()
    try:
        with (
            _quietly(),
            fiona.Env(**SETTINGS),
            fiona.open(path, layer=layer, enabled_drivers=[driver], encoding=encoding) as opened,
        ):
            schema, wkt, count = opened.schema, opened.crs_wkt, len(opened)
            used = getattr(opened, "encoding", None)
            name = opened.name
    except _FIONA_ERRORS as error:
        message = Message(
            N_("{driver} cannot be read: {reason}; copy or export it again"),
            {"driver": driver, "reason": _words(error)},
        )
        raise refused("E-GDAL", message, place) from error
    return LayerLook(name, schema.get("geometry"), count, wkt or None, used, dict(schema["properties"]))


def _first_layer(path: Path, driver: str) -> list[str]:
    """The first layer, opened with this driver alone: the proof that it is this driver's file."""
    with fiona.open(path, enabled_drivers=[driver]) as opened:
        return [opened.name]


def _words(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]


__all__ = ["Bulk", "first_bad_row", "guard", "list_layers", "look", "read_bulk", "read_straight"]
