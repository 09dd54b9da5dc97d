"""What a file really is, by its content and whatever its suffix; nothing but this decides which driver may open it."""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import Literal

from landgis.errors import InputRefused, Place, Problem
from landgis.text import N_, Message

Format = Literal["geojson", "gpkg", "shapefile", "filegdb", "flatgeobuf", "parquet", "zip", "boundary_points", "text"]

HEAD_BYTES = 65_536
MAGIC: tuple[tuple[bytes, Format], ...] = (
    (b"SQLite format 3\0", "gpkg"),
    (b"PK\x03\x04", "zip"),
    (b"fgb\x03", "flatgeobuf"),
    (b"PAR1", "parquet"),
    (b"\0\0\x27\x0a", "shapefile"),
)
FOREIGN = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "E-XLSX-OLE", N_("an old .xls file or one with a password; save it as .xlsx")),
    (b"\x1f\x8b", "E-FMT-MAGIC", N_("the content is gzip; unpack it first")),
    (b"PK\x05\x06", "E-EMPTY", N_("the zip holds no file")),
    (b"II*\0", "E-FMT-UNSUPPORTED", N_("a raster (TIFF) is no table; give a vector layer")),
    (b"MM\0*", "E-FMT-UNSUPPORTED", N_("a raster (TIFF) is no table; give a vector layer")),
    (b"\x7fELF", "E-FMT-MAGIC", N_("the content is a program, not data")),
    (b"\x80", "E-FMT-UNSUPPORTED", N_("the content is a Python pickle, which is never opened")),
)
XML_SUFFIXES = {".gml", ".kml", ".xml", ".gpx"}
CONNECTION = re.compile(r"^(/vsi|[A-Za-z][A-Za-z0-9_+.-]+:|[{<])|://")
BOUNDARY_POINTS = "[地块坐标]"


def split_layer(text: str) -> tuple[Path, str | None]:
    """FILE or FILE:LAYER as path and layer; raises InputRefused for what is no path on this machine.

    An existing file whose name has a colon in it stays whole.
    """
    if Path(text).exists() and not text.startswith("/vsi"):
        return Path(text), None
    file, colon, layer = text.rpartition(":")
    if colon and layer and file and not text.startswith("/vsi") and Path(file).exists():
        return Path(file), layer
    if CONNECTION.search(text):
        message = Message(N_("this is no file on this machine; download it first and give its path"))
        raise InputRefused([Problem("E-PATH", message, Place(text[:200]))])
    return Path(text), None


def identify(path: Path) -> Format:
    """What the content of an existing file or folder is; raises InputRefused for what landgis does not read."""
    if path.is_dir():
        if path.suffix.lower() == ".gdb" and any(path.glob("*.gdbtable")):
            return "filegdb"
        raise _refused("E-FMT-UNSUPPORTED", N_("this is a folder; name the file in it"), path)
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    for magic, found in MAGIC:
        if head.startswith(magic):
            return found
    for magic, code, words in FOREIGN:
        if head.startswith(magic):
            raise _refused(code, words, path)
    return _text_format(head, path)


def _text_format(head: bytes, path: Path) -> Format:
    body = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if not body:
        raise _refused("E-EMPTY", N_("the file is empty"), path)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and path.suffix.lower() in (".json", ".geojson"):
        raise _refused("E-ENC", N_("the text is UTF-16; save it as UTF-8"), path)
    if body.startswith(b"<"):
        if path.suffix.lower() in XML_SUFFIXES:
            raise _refused("E-FMT-UNSUPPORTED", N_("GML, KML and other XML are not read; convert to GeoPackage first"), path)
        raise _refused("E-FMT-MAGIC", N_("the content is XML, not what the suffix says; give the layer itself"), path)
    if any(BOUNDARY_POINTS.encode(encoding) in head for encoding in ("utf-8", "gbk")):
        return "boundary_points"
    if body[:1] in b"{[":
        return "geojson"
    if path.suffix.lower() in (".json", ".geojson"):
        raise _refused("E-JSON-TYPE", N_("the content is no JSON; export the layer again"), path)
    if _is_text(head):
        return "text"
    raise _refused("E-FMT-MAGIC", N_("the content is of no format that landgis reads; export the layer again"), path)


def _is_text(head: bytes) -> bool:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return True
    for encoding in ("utf-8", "gb18030"):
        try:
            codecs.getincrementaldecoder(encoding)().decode(head)
        except UnicodeDecodeError:
            continue
        return True
    return False


def _refused(code: str, words: str, path: Path) -> InputRefused:
    return InputRefused([Problem(code, Message(words), Place(path.name))])
