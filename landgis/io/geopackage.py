"""The structure of a GeoPackage, checked with Python's own SQLite, read-only and immutable, before GDAL opens it.

Nothing stored in the file runs: no trigger (nothing is written), no view, no virtual table but the R-tree.
"""

from __future__ import annotations

import itertools
import re
import sqlite3
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from pyproj import CRS
from pyproj.exceptions import CRSError

from landgis.errors import InputRefused, Place, Problem
from landgis.io.crs import crs_of_wkt
from landgis.io.found import MOST_FIELDS, MOST_NAMED, refused
from landgis.text import N_, Message

CHECK_SECONDS = 5.0
_BAD_NAME = re.compile(r"['\"`;\\\x00-\x1f\x7f]|--|/\*")
_DANGEROUS = re.compile(r"\b(recursive|load_extension|readfile|writefile|attach|edit)\b", re.IGNORECASE)
_VIRTUAL = re.compile(r"create\s+virtual\s+table\b.*?\busing\s+\W?(\w+)", re.IGNORECASE | re.DOTALL)
_RTREE = frozenset({"rtree", "rtree_i32"})
_OWN_TRIGGERS = re.compile(r"(rtree_|gpkg_|dtm_|trigger_(insert|delete)_feature_count_|fgti_)", re.IGNORECASE)
_NUMERIC = re.compile(r"(TINY|SMALL|MEDIUM|BIG)?INT(EGER)?|FLOAT|DOUBLE|REAL|BOOLEAN", re.IGNORECASE)


@dataclass(frozen=True)
class Package:
    """A GeoPackage that passed: its feature layers and remarks on the file."""

    path: Path
    layers: tuple[str, ...]
    views: tuple[str, ...]
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class PackageLayer:
    """One layer: its columns (name → declared type), true number of rows, and CRS."""

    name: str
    geometry_column: str
    key: str
    columns: dict[str, str]
    rows: int
    shapes: int  # rows with a geometry
    crs: CRS | None
    problems: list[Problem] = field(default_factory=list)


def check_package(path: Path, place: Place) -> Package:
    """Look at the file and its schema; raises InputRefused where it is damaged or holds what could run."""
    _check_size(path, place)
    with _connected(path, place) as connection:
        _check_integrity(connection, place)
        schema = _rows(connection, "SELECT type, name, sql FROM sqlite_master")
        _check_schema(schema, place)
        names = {name for kind, name, _ in schema if kind in ("table", "view")}
        if not {"gpkg_contents", "gpkg_geometry_columns"} <= names:
            words = N_(
                "this SQLite file is no GeoPackage with layers (gpkg_contents is missing); export it as GeoPackage"
            )
            raise refused("E-FMT-UNSUPPORTED", Message(words), place)
        listed = _rows(
            connection, "SELECT c.table_name FROM gpkg_contents c JOIN gpkg_geometry_columns g USING (table_name)"
        )
    kinds = {name: kind for kind, name, _ in schema}
    layers = [str(name) for (name,) in listed]
    _check_names(layers, place)
    problems = _trigger_remarks(schema, place) + _sidecar_remarks(path, place)
    tables = tuple(name for name in layers if kinds.get(name) == "table")
    return Package(path, tables, tuple(name for name in layers if kinds.get(name) == "view"), problems)


def pick_layer(package: Package, layer: str | None, place: Place) -> str:
    """The layer that is meant; raises InputRefused where that is not clear, or is a view."""
    listed = ", ".join(package.layers[:20])
    if layer in package.views or (layer is None and package.views):
        view = layer or package.views[0]
        words = N_(
            "this layer is a view, which runs whatever the file says; save it as a table, or name "
            "another layer with FILE:LAYER ({layers})"
        )
        raise refused("E-GPKG-VIEW", Message(words, {"layers": listed}), Place(place.file, view))
    if layer is None and len(package.layers) == 1:
        return package.layers[0]
    if layer in package.layers:
        return str(layer)
    if not package.layers:
        raise refused("E-LAYER-MISSING", Message(N_("there is no layer with outlines in this GeoPackage")), place)
    if layer is None:
        words = N_("there are {count} layers: {layers}; say which one with FILE:LAYER")
        raise refused("E-LAYER-AMBIGUOUS", Message(words, {"count": len(package.layers), "layers": listed}), place)
    words = N_("there is no layer {layer} in it; there are: {layers}")
    raise refused("E-LAYER-MISSING", Message(words, {"layer": layer, "layers": listed}), place)


def check_layer(package: Package, layer: str, place: Place) -> PackageLayer:
    """One layer as SQL counts and sees it; raises InputRefused where texts stand in number columns."""
    with _connected(package.path, place) as connection:
        geometry, srs = connection.execute(
            "SELECT column_name, srs_id FROM gpkg_geometry_columns WHERE table_name = ?", (layer,)
        ).fetchone()
        info = _rows(connection, f"PRAGMA table_info({quoted(layer)})")
        columns = {str(name): str(kind) for _, name, kind, *_ in info}
        if len(columns) > MOST_FIELDS:
            values = {"count": len(columns), "limit": MOST_FIELDS}
            message = Message(
                N_("{count} columns are more than the {limit} that are read; leave out what is not needed"), values
            )
            raise refused("E-FIELD-COUNT", message, place)
        if geometry not in columns:
            message = Message(
                N_("the layer has no column {name}, where its outlines should be; export it again"), {"name": geometry}
            )
            raise refused("E-GPKG-INTEGRITY", message, place)
        key = next((str(name) for _, name, *_, primary in info if primary), "rowid")
        rows, shapes = _rows(connection, f"SELECT count(*), count({quoted(geometry)}) FROM {quoted(layer)}")[0]
        _check_types(connection, layer, key, columns, place)
        problems = _count_remarks(connection, layer, rows, place)
        crs = _crs(connection, srs, place)
    return PackageLayer(layer, geometry, key, columns, rows, shapes, crs, problems)


def rows_with_shape(package: Package, layer: PackageLayer, keys: np.ndarray, place: Place) -> list[int]:
    """Which of these rows have bytes where their geometry should be, the first ones."""
    geometry, key, table = quoted(layer.geometry_column), quoted(layer.key), quoted(layer.name)
    with _connected(package.path, place) as connection:
        sql = f"SELECT {key} FROM {table} WHERE {key} = ? AND {geometry} IS NOT NULL"
        found = (connection.execute(sql, (int(one),)).fetchone() for one in keys)
        return [int(row[0]) for row in itertools.islice((row for row in found if row), MOST_NAMED)]


def sidecars(path: Path) -> list[Path]:
    """What SQLite keeps beside a file while it is open for writing, or after a crash."""
    beside = (path.with_name(path.name + ending) for ending in ("-wal", "-journal", "-shm"))
    return [entry for entry in beside if entry.is_file()]


def quoted(name: str) -> str:
    """A name as SQL takes it."""
    return '"' + name.replace('"', '""') + '"'


@contextmanager
def _connected(path: Path, place: Place) -> Iterator[sqlite3.Connection]:
    """A read-only connection that leaves no file behind and gives up after some seconds."""
    uri = f"file:{urllib.parse.quote(str(path.resolve()))}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            connection.text_factory = lambda content: content.decode("utf-8", "replace")
            connection.execute("PRAGMA trusted_schema = OFF")
            yield connection
    except (sqlite3.Error, UnicodeError) as error:  # SQLite quotes damaged bytes in its own messages
        message = Message(
            N_("the GeoPackage is damaged or cut off ({reason}); copy it again, or repair it with SQLite's .recover"),
            {"reason": error},
        )
        raise refused("E-GPKG-INTEGRITY", message, place) from error


def _rows(connection: sqlite3.Connection, sql: str) -> list[tuple]:
    return connection.execute(sql).fetchall()


def _check_size(path: Path, place: Place) -> None:
    """A file shorter than the pages that its header counts was cut off."""
    with path.open("rb") as stream:
        head = stream.read(100)
    if len(head) < 100:
        raise refused("E-GPKG-INTEGRITY", Message(N_("the GeoPackage is cut off in its header; copy it again")), place)
    page = int.from_bytes(head[16:18], "big")
    page = 65_536 if page == 1 else page
    pages = int.from_bytes(head[28:32], "big")
    counted = head[24:28] == head[92:96]  # else an old SQLite wrote last, and the number means nothing
    size = path.stat().st_size
    if counted and pages * page > size:
        values = {"size": size, "claimed": pages * page}
        message = Message(N_("the GeoPackage is cut off: {size} of {claimed} bytes are there; copy it again"), values)
        raise refused("E-GPKG-INTEGRITY", message, place)


def _check_integrity(connection: sqlite3.Connection, place: Place) -> None:
    """SQLite's quick check; one that takes long is given up, as the counts are compared later anyway."""
    until = time.monotonic() + CHECK_SECONDS
    connection.set_progress_handler(lambda: time.monotonic() > until, 100_000)
    try:
        (answer,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError as error:
        if "interrupted" not in str(error):
            raise
        answer = "ok"
    finally:
        connection.set_progress_handler(None, 0)
    if answer != "ok":
        reason = " ".join(str(answer).split())[:120]
        message = Message(
            N_("the GeoPackage is damaged ({reason}); copy it again, or repair it with SQLite's .recover"),
            {"reason": reason},
        )
        raise refused("E-GPKG-INTEGRITY", message, place)


def _check_schema(schema: list[tuple], place: Place) -> None:
    problems = []
    for kind, name, sql in schema:
        here = Place(place.file, str(name)[:80])
        using = _VIRTUAL.match((sql or "").strip())
        if using and using[1].lower() not in _RTREE:
            words = N_(
                "{module} is a virtual table, which can open other files; export the layer into a new GeoPackage"
            )
            problems.append(Problem("E-GPKG-VTABLE", Message(words, {"module": using[1]}), here))
        elif kind == "view" and _DANGEROUS.search(sql or ""):
            words = N_("this view can run for ever or call other programs; export the layers into a new GeoPackage")
            problems.append(Problem("E-GPKG-VIEW", Message(words), here))
    if problems:
        raise InputRefused(problems)


def _check_names(layers: list[str], place: Place) -> None:
    bad = [name for name in layers if _BAD_NAME.search(name) or not name.strip() or len(name) > 200]
    if bad:
        words = N_("a layer's name has quotes, semicolons or control characters; rename the layer")
        raise InputRefused([Problem("E-LAYER-NAME", Message(words), Place(place.file, name[:80])) for name in bad])


def _trigger_remarks(schema: list[tuple], place: Place) -> list[Problem]:
    names = [str(name) for kind, name, _ in schema if kind == "trigger" and not _OWN_TRIGGERS.match(str(name))]
    if not names:
        return []
    words = N_("the file has triggers of its own ({names}), which change rows when they are edited; they did not run")
    return [Problem("W-GPKG-TRIGGER", Message(words, {"names": ", ".join(names[:10])}), place)]


def _sidecar_remarks(path: Path, place: Place) -> list[Problem]:
    """A `-wal` or `-journal` beside the file may hold edits that are not in it yet."""
    found = [entry.name for entry in sidecars(path) if entry.stat().st_size]
    if not found:
        return []
    words = N_(
        "{name} beside the file was not read; if a program has the file open, close it there so that "
        "its edits are saved"
    )
    return [Problem("W-GPKG-WAL", Message(words, {"name": ", ".join(found)}), place)]


def _check_types(connection: sqlite3.Connection, layer: str, key: str, columns: dict[str, str], place: Place) -> None:
    """SQLite keeps text in a number column, and GDAL makes it 0 without a word; here it is a fault."""
    numeric = [name for name, kind in columns.items() if _NUMERIC.fullmatch(kind.split("(")[0].strip())]
    if not numeric:
        return
    wrong = " OR ".join(f"typeof({quoted(name)}) IN ('text', 'blob')" for name in numeric)
    found = _rows(
        connection,
        f"SELECT {', '.join(map(quoted, [key, *numeric]))} FROM {quoted(layer)} WHERE {wrong} LIMIT {MOST_NAMED}",
    )
    words = N_("{value} is no number, but the column is one ({type}); correct it")
    problems = [
        Problem(
            "E-FIELD-TYPE",
            Message(words, {"value": str(value)[:60], "type": columns[name]}),
            Place(place.file, layer, row, name),
        )
        for row, *cells in found
        for name, value in zip(numeric, cells, strict=True)
        if isinstance(value, str | bytes)
    ]
    if problems:
        raise InputRefused(problems)


def _count_remarks(connection: sqlite3.Connection, layer: str, rows: int, place: Place) -> list[Problem]:
    """Where GDAL's cached number of rows is wrong; it returns only that many on most of its paths."""
    if not _rows(connection, "SELECT 1 FROM sqlite_master WHERE name = 'gpkg_ogr_contents'"):
        return []
    cached = connection.execute("SELECT feature_count FROM gpkg_ogr_contents WHERE table_name = ?", (layer,)).fetchone()
    if not cached or cached[0] is None or cached[0] == rows:
        return []
    words = N_(
        "the file says it has {cached} rows, but there are {rows}; all {rows} were read. Some "
        "programs show only {cached}"
    )
    return [Problem("W-GPKG-COUNT", Message(words, {"cached": cached[0], "rows": rows}), Place(place.file, layer))]


def _crs(connection: sqlite3.Connection, srs: int, place: Place) -> CRS | None:
    """The CRS of an srs_id: its EPSG code, else its definition; None for the undefined ones."""
    sql = "SELECT organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys WHERE srs_id = ?"
    row = connection.execute(sql, (srs,)).fetchone()
    if row is None or srs in (0, -1):
        return None
    organization, code, definition = row
    if str(organization).upper() == "EPSG":
        try:
            return CRS.from_epsg(int(code))
        except (CRSError, ValueError, TypeError):
            pass  # an EPSG code that PROJ does not know: its definition says what it is
    return crs_of_wkt(str(definition or ""), place)
