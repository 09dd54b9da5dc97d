"""What a file really is: by its content, whatever its suffix says. No library sees a file before it passed here."""

from __future__ import annotations

import re
import stat
from enum import StrEnum
from pathlib import Path

from landgis.errors import InputRefused, Place
from landgis.io.encodings import UTF_16_MARKS
from landgis.io.found import refused
from landgis.io.geoparquet import has_geometry
from landgis.io.json_head import check_json_head
from landgis.text import N_, Message

HEAD = 65_536


class Format(StrEnum):
    """What a file or folder is."""

    GEOJSON = "geojson"
    GPKG = "gpkg"
    SHAPEFILE = "shapefile"  # or a folder of shapefiles
    FILEGDB = "filegdb"
    FLATGEOBUF = "flatgeobuf"
    GEOPARQUET = "geoparquet"
    PARQUET = "parquet"  # without outlines
    ZIP = "zip"  # an archive, or a workbook, which is one
    BOUNDARY_POINTS = "boundary_points"
    TEXT = "text"


DRIVERS = {  # the only GDAL drivers that may open a user's file
    Format.GPKG: "GPKG",
    Format.SHAPEFILE: "ESRI Shapefile",
    Format.FILEGDB: "OpenFileGDB",
    Format.FLATGEOBUF: "FlatGeobuf",
}

_XML = re.compile(rb"\s*<[?!A-Za-z]")
_CONNECTION = re.compile(r"/vsi|[A-Za-z][A-Za-z0-9_+.-]+:|[{<]")
_MAGICS = (
    (b"\x7fELF", N_("an ELF program")), (b"MZ", N_("a Windows program")), (b"\x1f\x8b", "gzip"), (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"), (b"7z\xbc\xaf", "7-Zip"), (b"Rar!", "RAR"), (b"%PDF", "PDF"), (b"\x89PNG", N_("an image")),
    (b"\xff\xd8\xff", N_("an image")), (b"GIF8", N_("an image")), (b"II*\0", N_("a TIFF raster")),
    (b"MM\0*", N_("a TIFF raster")), (b"II+\0", N_("a TIFF raster")), (b"\x89HDF", "HDF5"), (b"CDF\x01", "netCDF"),
    (b"{\\rtf", "RTF"), (b"\x93NUMPY", "NumPy"), (b"AC10", N_("an AutoCAD drawing (DWG)")), (b"WMAP", "MapGIS"),
)  # fmt: skip
_PICKLE = re.compile(rb"(?:\xc2)?\x80[\x02-\x05]")
_XML_SUFFIXES = {".gml": "GML", ".kml": "KML", ".xml": "XML", ".gpx": "GPX"}
_SUFFIXES = {  # suffix → what it claims to be
    ".geojson": "GeoJSON", ".json": "GeoJSON", ".gpkg": "GeoPackage", ".shp": "Shapefile", ".fgb": "FlatGeobuf",
    ".parquet": "Parquet", ".geoparquet": "Parquet", ".zip": "ZIP", ".gdb": "FileGDB", ".xlsx": "XLSX",
    ".xlsm": "XLSX", ".tif": "TIFF", ".tiff": "TIFF",
}  # fmt: skip
_TEXT_SUFFIXES = frozenset({".csv", ".tsv", ".tab", ".txt", ""})
_SHAPEFILE_PARTS = dict.fromkeys((".dbf", ".shx", ".prj", ".cpg", ".sbn", ".sbx", ".qix"), "Shapefile")
_WHAT_WE_READ = "GeoPackage, GeoJSON, Shapefile, FileGDB, FlatGeobuf, GeoParquet, CSV, XLSX"


def split_layer(text: str) -> tuple[Path, str | None]:
    """`FILE:LAYER` → path and layer; a Windows drive and an existing file with a colon in its name stay whole.

    Raises InputRefused for what GDAL would take for a URL, a virtual file or a connection string.

    >>> split_layer("no_such_file.gpkg:parcels")[1], split_layer("C:/x.gpkg")[1] is None
    ('parcels', True)
    """
    path = Path(text)
    if _exists(path) and not text.startswith("/vsi"):
        return path, None
    colons = [at for at, letter in enumerate(text) if letter == ":" and not _is_drive(text, at)]
    if not text.startswith("/vsi"):
        for at in reversed(colons):
            if _exists(Path(text[:at])):
                return Path(text[:at]), text[at + 1 :] or None
    if _is_connection(text):
        raise _not_local(text)
    for at in colons:  # nothing there: take it apart all the same, so that the message names the file
        if Path(text[:at]).suffix.lower() in _SUFFIXES:
            return Path(text[:at]), text[at + 1 :] or None
    return path, None


def identify(path: Path, file: str | None = None) -> Format:
    """What the file or folder is; raises InputRefused for everything that landgis does not read.

    `file` is what messages call it, where that is not the path (a file out of an archive).
    """
    place = Place(file or str(path))
    try:
        _check_local(path, place)
        return _identify_folder(path, place) if path.is_dir() else _identify_file(path, place)
    except OSError as error:
        message = Message(N_("the file cannot be read: {reason}"), {"reason": error.strerror or str(error)})
        raise refused("E-FILE", message, place) from error


def shapefiles_in(folder: Path) -> list[str]:
    """The names of the shapefiles that lie in a folder."""
    return sorted(entry.name for entry in folder.iterdir() if entry.suffix.lower() == ".shp")


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # too long, or a NUL in it
        return False


def _is_drive(text: str, at: int) -> bool:
    return at == 1 and text[0].isalpha() and text[2:3] in ("\\", "/")


def _is_connection(text: str) -> bool:
    """Whether it begins as a URL, a virtual file system or a connection string; `x.gpkg:layer` does not."""
    found = _CONNECTION.match(text)
    return bool(found) and Path(found[0][:-1]).suffix.lower() not in _SUFFIXES if found else False


def _not_local(text: str) -> InputRefused:
    words = N_("this is no file on this computer; landgis opens no URL and no database: download it and name the file")
    return refused("E-FILE-LOCAL", Message(words), Place(text[:200]))


def _check_local(path: Path, place: Place) -> None:
    text = str(path)
    if text.startswith("/vsi") or (not _exists(path) and _is_connection(text)):
        raise _not_local(text)
    if not _exists(path):
        raise refused("E-FILE", Message(N_("there is no such file; check the path")), place)
    mode = path.stat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        words = N_("this is a device or a pipe, not a file; save it as a file first")
        raise refused("E-FILE-LOCAL", Message(words), place)


def _identify_folder(path: Path, place: Place) -> Format:
    if any(entry.name.lower().endswith(".gdbtable") for entry in path.iterdir()):
        return Format.FILEGDB
    if shapefiles_in(path):
        return Format.SHAPEFILE
    words = N_("this folder is neither a FileGDB (.gdb) nor does it hold a shapefile; name the file in it")
    raise refused("E-FMT-UNSUPPORTED", Message(words), place)


def _identify_file(path: Path, place: Place) -> Format:
    with path.open("rb") as stream:
        head = stream.read(HEAD)
    if not head.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise refused("E-EMPTY", Message(N_("the file is empty; export it again")), place)
    return _by_magic(path, head, place) or _by_text(head, path.suffix.lower(), place)


def _by_magic(path: Path, head: bytes, place: Place) -> Format | None:
    """The binary formats that are read; None where the head is that of a text."""
    if head.startswith(b"SQLite format 3\0"):
        return Format.GPKG
    if head.startswith(b"\0\0\x27\x0a"):
        return Format.SHAPEFILE
    if head.startswith(b"fgb") and head[4:7] == b"fgb":
        return Format.FLATGEOBUF
    if head.startswith(b"PAR1"):
        return Format.GEOPARQUET if has_geometry(path, place) else Format.PARQUET
    if head.startswith(b"PK"):
        return Format.ZIP
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        words = N_("an old Office file (.xls) or one with a password; save it as .xlsx without a password")
        raise refused("E-XLSX-OLE", Message(words), place)
    for magic, name in _MAGICS:
        if head.startswith(magic):
            raise _not_read(path.suffix.lower(), name, place)
    if _PICKLE.match(head):
        words = N_("a pickle or joblib file is never loaded, as loading runs what is in it; export a table instead")
        raise refused("E-FMT-UNSUPPORTED", Message(words), place)
    return None


def _by_text(head: bytes, suffix: str, place: Place) -> Format:
    """JSON, boundary points, or a delimited text; everything else is refused by what it is."""
    if _XML.match(head.removeprefix(b"\xef\xbb\xbf")):
        raise _xml_refused(head, suffix, place)
    if head.startswith(UTF_16_MARKS):
        if suffix in _TEXT_SUFFIXES:
            return Format.TEXT
        raise refused("E-ENC", Message(N_("the text is in UTF-16; save it as UTF-8")), place)
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if is_boundary_points(text):
        return Format.BOUNDARY_POINTS
    if text[:1] == b"{" or (text[:1] == b"[" and suffix in (".geojson", ".json")):
        check_json_head(text, place)
        return Format.GEOJSON
    if suffix in _TEXT_SUFFIXES or (b"\0" not in head and suffix not in _SUFFIXES | _SHAPEFILE_PARTS):
        return Format.TEXT
    if suffix in _SHAPEFILE_PARTS:
        words = N_("a part of a shapefile; name the .shp and keep the others beside it")
        raise refused("E-FMT-UNSUPPORTED", Message(words), place)
    raise _not_read(suffix, N_("an unknown kind of file") if b"\0" in head else N_("plain text"), place)


def is_boundary_points(head: bytes) -> bool:
    """Whether a text begins as the exchange format of boundary points does, in UTF-8 or GBK."""
    words = ("[属性描述]", "[地块坐标]", "[项目信息]")
    known = (word.encode(code) for word in words for code in ("utf-8", "gbk"))
    return head.startswith((b"[", "［".encode())) and any(word in head for word in known)


def _xml_refused(head: bytes, suffix: str, place: Place) -> InputRefused:
    found = re.search(rb"<([A-Za-z_][\w:.-]*)", head[:4096])
    if suffix in _XML_SUFFIXES:
        values = {"format": _XML_SUFFIXES[suffix], "formats": _WHAT_WE_READ}
        words = N_("{format} is not read; convert it to GeoPackage first, as with QGIS (landgis reads {formats})")
        return refused("E-FMT-UNSUPPORTED", Message(words, values), place)
    root = found[1].decode("ascii", "replace") if found else "XML"
    values = {"root": root, "claimed": _SUFFIXES.get(suffix, suffix or "text")}
    words = N_("the content is XML (<{root}>), not {claimed}; export the data itself again")
    return refused("E-FMT-MAGIC", Message(words, values), place)


def _not_read(suffix: str, what: str, place: Place) -> InputRefused:
    if suffix in _SUFFIXES:
        values = {"what": Message(what), "claimed": _SUFFIXES[suffix]}
        words = N_("the content is {what}, not {claimed}; export it again or correct the suffix")
        return refused("E-FMT-MAGIC", Message(words, values), place)
    values = {"what": Message(what), "formats": _WHAT_WE_READ}
    return refused("E-FMT-UNSUPPORTED", Message(N_("{what} is not read; landgis reads {formats}"), values), place)
