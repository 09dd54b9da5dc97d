"""The beginning of a JSON text: whether it can be GeoJSON, without reading the rest."""

from __future__ import annotations

import json
import re

from landgis.errors import Place
from landgis.io.found import refused
from landgis.text import N_, Message

GEOMETRY_TYPES = frozenset(
    {"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection"}
)
TYPES = GEOMETRY_TYPES | {"FeatureCollection", "Feature"}
_FIRST_MEMBERS = re.compile(
    rb'\{\s*(?:"[^"\\]*"\s*:\s*(?:"[^"\\]*"|[-+.\w]+)\s*,\s*)*?"type"\s*:\s*("[^"\\]{0,60}"|[^\s",}]+)'
)


def check_json_head(head: bytes, place: Place) -> None:
    """Raise InputRefused where the first members already say that this is no GeoJSON (GDALG, TopoJSON, Esri JSON …)."""
    if head.startswith(b"["):
        raise refused("E-JSON-TYPE", Message(N_("this JSON is a list, not GeoJSON; export a FeatureCollection")), place)
    found = _FIRST_MEMBERS.match(head)
    if found is None:
        return
    try:
        kind = json.loads(found[1])
    except ValueError:  # what is wrong with it is said by the reader, who has the whole text
        return
    check_type(kind, place)


def check_type(kind: object, place: Place) -> None:
    """Raise InputRefused where the top-level `type` is not one of GeoJSON's."""
    if kind == "Topology":
        raise refused("E-JSON-TYPE", Message(N_("TopoJSON is not read; export it as GeoJSON")), place)
    if not isinstance(kind, str) or kind not in TYPES:
        values = {"type": str(kind)[:60]}
        message = Message(
            N_("the content is JSON of type {type}, which is not GeoJSON; export the data itself as GeoJSON"), values
        )
        raise refused("E-FMT-MAGIC", message, place)
