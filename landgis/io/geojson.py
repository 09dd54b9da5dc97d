"""GeoJSON, read feature by feature by Python's own parser.

GDAL never sees it: it would fetch a `crs` link, take the last of two equal keys, turn 2⁷⁰ into a float, number double
ids anew and turn a column of numbers into text for one wrong word, in silence. Here each fault names its feature.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NoReturn

from pyproj import CRS
from pyproj.exceptions import CRSError

from landgis.errors import InputRefused, Place, Problem
from landgis.io.encodings import CHINESE, UTF_16_MARKS, decodes, guess_encoding, known_encoding
from landgis.io.found import Found, refused
from landgis.io.geojson_columns import to_table
from landgis.io.geojson_features import Features
from landgis.io.json_head import GEOMETRY_TYPES, check_type
from landgis.text import N_, Message

SIZE_LIMIT = 1_000_000_000
_BLANK = re.compile(r"[ \t\r\n]*")
_EPSG = re.compile(r"(?:urn:(?:ogc|x-ogc):def:crs:)?EPSG:(?:[\d.]*:)?(\d{4,6})", re.IGNORECASE)
_CRS84 = re.compile(r"(?:urn:(?:ogc|x-ogc):def:crs:)?OGC:(?:[\d.]*:)?CRS84", re.IGNORECASE)


class _JsonFault(Exception):
    """What a hook of the parser found; where, only its caller knows."""

    def __init__(self, code: str, message: Message, field_name: str | None = None) -> None:
        super().__init__(code)
        self.code, self.message, self.field_name = code, message, field_name


@dataclass
class _Document:
    """The top level: its members without the features, and these."""

    members: dict[str, Any] = field(default_factory=dict)
    features: Features = field(default_factory=Features)


def read_geojson(path: Path, layer: str | None, place: Place, encoding: str | None = None) -> Found:
    """The layer of a GeoJSON file, also a bare Feature or geometry; raises InputRefused with what is wrong."""
    text, used, problems = _decoded(path, encoding, place)
    document = _parse(text, used, place)
    name = document.members.get("name")
    own_name = name if isinstance(name, str) else None
    if layer is not None and layer not in (own_name, path.stem):
        message = Message(
            N_("there is no layer {layer} in it; there are: {layers}"),
            {"layer": layer, "layers": own_name or path.stem},
        )
        raise refused("E-LAYER-MISSING", message, place)
    crs, is_default = _crs_member(document.members, place)
    geometry, remarks = document.features.geometry(place)
    table, more = to_table(document.features, place)
    problems += remarks + more
    if _is_partial(document.members):
        words = N_(
            "the server that made this file says that it sent only a part (exceededTransferLimit); rows may be missing"
        )
        problems.append(Problem("W-JSON-PARTIAL", Message(words), place))
    rows = document.features.numbers()
    return Found(table, geometry, rows, crs, "GeoJSON", own_name, used, problems, crs_is_default=is_default)


def _decoded(path: Path, asked: str | None, place: Place) -> tuple[str, str, list[Problem]]:
    """The text, its encoding, and a remark where that had to be guessed."""
    if (size := path.stat().st_size) > SIZE_LIMIT:
        message = Message(
            N_("a GeoJSON of {size} bytes is too big to read at once; convert it to GeoPackage or GeoParquet"),
            {"size": size},
        )
        raise refused("E-SIZE", message, place)
    content = path.read_bytes()
    if content.startswith(UTF_16_MARKS):
        raise refused("E-ENC", Message(N_("the text is in UTF-16; save it as UTF-8")), place)
    if decodes(content, "utf-8") or _ends_within_a_character(content):
        return content.decode("utf-8-sig", "ignore"), "UTF-8", []
    if asked is not None:
        named = known_encoding(asked)
        if named is None or not decodes(content, named):
            message = Message(
                N_("the text is not {encoding}; give the right --encoding, as GB18030"), {"encoding": asked}
            )
            raise refused("E-ENC-MISMATCH", message, place)
        return content.decode(named), named, []
    if guess_encoding(content) == CHINESE:
        words = N_("the text is not UTF-8 and was read as GB18030; check the Chinese, or give --encoding")
        return content.decode(CHINESE), CHINESE, [Problem("W-ENC-GUESS", Message(words), place)]
    raise refused("E-ENC", Message(N_("the text is neither UTF-8 nor GB18030; say what it is with --encoding")), place)


def _ends_within_a_character(content: bytes) -> bool:
    """Whether it is UTF-8 but for a last character that was cut off, with the rest of the file."""
    return any(decodes(content[:-cut], "utf-8") for cut in (1, 2, 3)) and content[-3:].strip()[-1:] > b"\x7f"


def _parse(text: str, encoding: str, place: Place) -> _Document:
    document = _Document()
    here = [place]  # the feature being read, for whatever goes wrong in it
    try:
        _read_document(text, document, here)
    except _JsonFault as fault:
        raise refused(fault.code, fault.message, replace(here[0], field=fault.field_name)) from fault
    except json.JSONDecodeError as error:
        raise _syntax_refused(text, error, encoding, here[0]) from error
    except RecursionError as error:
        raise refused(
            "E-JSON-DEPTH", Message(N_("the JSON is nested deeper than any geodata; export it again")), here[0]
        ) from error
    except ValueError as error:  # an integer of thousands of digits
        raise refused(
            "E-FIELD-RANGE", Message(N_("a number in it is too long: {reason}"), {"reason": error}), here[0]
        ) from error
    return document


def _read_document(text: str, document: _Document, here: list[Place]) -> None:
    decode = json.JSONDecoder(object_pairs_hook=_without_doubles, parse_constant=_no_constant, strict=False).raw_decode
    at = _skip(text, _expect(text, _skip(text, 0), "{"))
    features_seen = False
    while text[at : at + 1] != "}" or document.members or features_seen:
        key, at = decode(text, at)
        if not isinstance(key, str):
            raise json.JSONDecodeError("a name was expected", text, at)
        at = _skip(text, _expect(text, _skip(text, at), ":"))
        if key in document.members or (features_seen and key == "features"):
            raise _double(key)
        if key == "features" and text[at : at + 1] == "[":
            features_seen = True
            at = _read_features(text, at + 1, decode, document.features, here)
        else:
            document.members[key], at = decode(text, at)
        at = _skip(text, at)
        if text[at : at + 1] != ",":
            break
        at = _skip(text, at + 1)
    if _skip(text, _expect(text, at, "}")) != len(text):
        raise _JsonFault(
            "E-JSON-TYPE", Message(N_("more text follows the GeoJSON object; save it as one FeatureCollection"))
        )
    _check_top(document, features_seen, here)


def _read_features(
    text: str, at: int, decode: Callable[[str, int], tuple[Any, int]], features: Features, here: list[Place]
) -> int:
    """All features behind the opening bracket; returns where the text goes on."""
    whole = here[0]
    at = _skip(text, at)
    if text[at : at + 1] == "]":
        return at + 1
    number = 0
    while True:
        number += 1
        here[0] = Place(whole.file, whole.layer, number)
        feature, at = decode(text, at)
        features.add(feature, here[0])
        if text[at : at + 1] != ",":
            at = _skip(text, at)
        if text[at : at + 1] != ",":
            here[0] = whole
            return _expect(text, at, "]")
        at += 1
        if text[at : at + 1] != "{":
            at = _skip(text, at)


def _check_top(document: _Document, features_seen: bool, here: list[Place]) -> None:
    """A FeatureCollection with features, or one Feature or geometry that becomes the only one."""
    kind = document.members.get("type")
    check_type(kind, here[0])
    whole = here[0]
    if kind == "FeatureCollection":
        if not features_seen:
            raise _JsonFault(
                "E-JSON-TYPE", Message(N_("the FeatureCollection has no list of features; export it again"))
            )
        return
    feature: Any = document.members
    if kind in GEOMETRY_TYPES:
        feature = {"type": "Feature", "properties": {}, "geometry": document.members}
    here[0] = Place(whole.file, whole.layer, 1)
    document.features.add(feature, here[0])
    here[0] = whole


def _skip(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _expect(text: str, at: int, letter: str) -> int:
    if text[at : at + 1] != letter:
        raise json.JSONDecodeError(f"{letter} was expected", text, at)
    return at + 1


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        raise _double(next(name for name in names if names.count(name) > 1))
    return members


def _double(key: str) -> _JsonFault:
    return _JsonFault(
        "E-JSON-DUPKEY",
        Message(N_("this name stands twice; which value is right cannot be told: remove one")),
        key[:60],
    )


def _no_constant(name: str) -> NoReturn:
    raise _JsonFault(
        "E-JSON-NAN",
        Message(N_("{value} is no number that JSON knows; write null where it is not known"), {"value": name}),
    )


def _syntax_refused(text: str, error: json.JSONDecodeError, encoding: str, place: Place) -> InputRefused:
    """Cut off where the text ends too early, else a mistake at a line and column."""
    end = len(text.rstrip(" \t\r\n\0"))
    offset = len(text[: error.pos].encode(encoding, "replace"))
    values: dict[str, object] = {}
    if error.pos >= end or not text[:end].endswith("}") or error.msg.startswith("Unterminated"):
        values["offset"] = len(text[:end].encode(encoding, "replace"))
        message = Message(N_("the file is cut off at byte {offset}; copy or upload it again"), values)
        return refused("E-UPLOAD-TRUNCATED", message, place)
    values |= {"reason": error.msg, "line": error.lineno, "column": error.colno, "offset": offset}
    message = Message(
        N_("this is no JSON: {reason} at line {line}, column {column} (byte {offset}); export it again"), values
    )
    return refused("E-JSON-SYNTAX", message, place)


def _is_partial(members: dict[str, Any]) -> bool:
    own = members.get("properties")
    return members.get("exceededTransferLimit") is True or (
        isinstance(own, dict) and own.get("exceededTransferLimit") is True
    )


def _crs_member(members: dict[str, Any], place: Place) -> tuple[CRS | None, bool]:
    """The CRS, and whether it is only the format's default (WGS 84); a `null` member says that there is none."""
    if "crs" not in members:
        return CRS.from_epsg(4326), True
    member = members["crs"]
    if member is None:
        return None, False
    own = member.get("properties") if isinstance(member, dict) else None
    if not isinstance(own, dict) or member.get("type") not in ("name", "EPSG"):
        words = N_(
            "the crs member is a link or of an unknown kind; landgis opens no links: name an EPSG "
            "code, or remove it and give --crs"
        )
        raise refused("E-JSON-CRS", Message(words), place)
    name = f"EPSG:{own.get('code')}" if member["type"] == "EPSG" else str(own.get("name"))
    if _CRS84.fullmatch(name):
        return CRS.from_epsg(4326), False
    found = _EPSG.fullmatch(name)
    try:
        if found:
            return CRS.from_epsg(int(found[1])), False
    except CRSError:
        found = None
    words = N_("the crs member names {name}, which is no EPSG code known here; name one, or remove it and give --crs")
    raise refused("E-JSON-CRS", Message(words, {"name": name[:80]}), place)
