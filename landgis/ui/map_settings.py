"""What lies below the parcels, from the options of the command: all of it is served by this machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from landgis.errors import Place, Problem, UsageError
from landgis.text import N_, Message
from landgis.ui.server import MapSettings

PICTURES = (".png", ".jpg", ".jpeg", ".webp")
TILE_PIXELS = 256


def map_settings(style: Path | None, picture: Path | None, bounds: str | None, tiles: str | None) -> MapSettings:
    """The settings; UsageError where a file cannot be shown or a picture not be placed."""
    if style is not None:
        _require(style.is_file(), "E-STYLE", N_("there is no such file; name a Mapbox style"), style)
    where = None
    if picture is not None:
        shown = picture.is_file() and picture.suffix.lower() in PICTURES
        _require(shown, "E-PICTURE", N_("this is no picture that a browser shows; give a PNG, JPEG or WebP"), picture)
        where = _bounds(bounds)
    if tiles is not None:
        whole = tiles.startswith(("http://", "https://")) and all(part in tiles for part in ("{z}", "{x}", "{y}"))
        _require(whole, "E-TILES", N_("give the tiles as http://HOST/… with z, x and y in braces"), "--tiles")
    return MapSettings(style, picture, where, tiles)


def _require(good: bool, code: str, words: str, where: object) -> None:
    if not good:
        raise UsageError([Problem(code, Message(words), Place(str(where)))])


def _bounds(text: str | None) -> tuple[float, float, float, float]:
    words = N_("say where the picture lies with --bounds west,south,east,north in degrees")
    try:
        west, south, east, north = (float(part) for part in (text or "").split(","))
    except ValueError as error:
        raise UsageError([Problem("E-PICTURE", Message(words), Place(field="--bounds"))]) from error
    inside = -180 <= west < east <= 180 and -90 <= south < north <= 90
    _require(inside, "E-PICTURE", words, "--bounds")
    return west, south, east, north


def has_style(ground: MapSettings) -> bool:
    """Whether the map has a style of its own below."""
    return ground.style is not None or ground.tiles is not None


def style_document(ground: MapSettings) -> dict[str, Any]:
    """The Mapbox style: the file, or one that shows the tiles behind our own route."""
    if ground.style is not None:
        found: dict[str, Any] = json.loads(ground.style.read_text("utf-8"))
        return found
    source = {"type": "raster", "tiles": ["/tiles/{z}/{x}/{y}"], "tileSize": TILE_PIXELS}
    return {
        "version": 8,
        "sources": {"tiles": source},
        "layers": [{"id": "tiles", "type": "raster", "source": "tiles"}],
    }
