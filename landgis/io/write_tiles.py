"""Parcels → a PMTiles archive: the tiles of every zoom, each within a limit of bytes; what is left out is counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from landgis.errors import Place
from landgis.io.found import refused
from landgis.io.mvt import layer_tile
from landgis.io.pmtiles import Archive, Scope, new_archive, pack, tile_numbers
from landgis.io.tile_ground import Ground
from landgis.io.tile_shapes import BUFFER, EXTENT, tile_shapes
from landgis.text import N_, Message

MOST_BYTES = 500_000  # of a tile as it is sent, packed
MOST_IN_A_TILE, MOST_IN_FULL = 40_000, 20_000  # parcels; more never fit into MOST_BYTES, more with all properties
MOST_TILES_A_PARCEL = 4096
ROOM = 0.9  # what is aimed at, in parts of MOST_BYTES, when parcels have to be left out

Tell = Callable[[int, int, int], None]  # zoom, tiles done, tiles of that zoom


@dataclass(frozen=True)
class Plan:
    """What is to be made: zooms from … to, the layer's name, and what is said of the archive."""

    least_zoom: int
    most_zoom: int
    layer: str
    about: dict[str, Any]


@dataclass
class Zoomed:
    """What became of the parcels at one zoom: `parcels` are drawn, `too_small` vanish, `no_room` were left out of full
    tiles; `no_room_somewhere` are drawn, but not in every tile that they reach. `lean_tiles` have the lean properties.
    """

    zoom: int
    tiles: int = 0
    bytes: int = 0
    largest_tile_bytes: int = 0
    lean_tiles: int = 0
    parcels: int = 0
    too_small: int = 0
    no_room: int = 0
    no_room_somewhere: int = 0

    def as_json(self) -> dict[str, int]:
        """As the report has it."""
        return asdict(self)


@dataclass(frozen=True)
class _Tile:
    packed: bytes
    drawn: np.ndarray
    left_out: np.ndarray
    is_lean: bool


def write_tiles(ground: Ground, path: Path, plan: Plan, tell: Tell = lambda *_: None) -> list[Zoomed]:
    """Write the archive; tiles stand in the order of their numbers, so equal parcels make equal bytes."""
    scope = Scope(plan.least_zoom, plan.most_zoom, ground.bounds)
    with new_archive(path, scope, {**plan.about, "vector_layers": [_described(ground, plan)]}) as archive:
        return [_write_zoom(ground, zoom, plan.layer, archive, tell) for zoom in _zooms(plan)]


def _zooms(plan: Plan) -> range:
    return range(plan.least_zoom, plan.most_zoom + 1)


def _described(ground: Ground, plan: Plan) -> dict[str, Any]:
    fields = {one.name: "String" if one.is_text else "Number" for one in ground.properties}
    return {"id": plan.layer, "fields": fields, "minzoom": plan.least_zoom, "maxzoom": plan.most_zoom}


def _write_zoom(ground: Ground, zoom: int, layer: str, archive: Archive, tell: Tell) -> Zoomed:
    found = Zoomed(zoom)
    shown, crowded = np.zeros(ground.parcels, bool), np.zeros(ground.parcels, bool)
    numbers, firsts, corners, parcels = _tiles(ground, zoom)
    for at, number in enumerate(numbers.tolist()):
        tile = _fitted(ground, parcels[firsts[at] : firsts[at + 1]], zoom, corners[at], layer)
        shown[tile.drawn], crowded[tile.left_out] = True, True
        if tile.packed:
            archive.add(number, tile.packed)
            found.tiles += 1
            found.bytes += len(tile.packed)
            found.largest_tile_bytes = max(found.largest_tile_bytes, len(tile.packed))
            found.lean_tiles += tile.is_lean
        tell(zoom, at + 1, len(numbers))
    found.parcels, found.no_room = int(shown.sum()), int((crowded & ~shown).sum())
    found.too_small = int((~crowded & ~shown).sum())
    found.no_room_somewhere = int((crowded & shown).sum())
    return found


def _tiles(ground: Ground, zoom: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The tiles of a zoom that parcels reach: numbers, first of each in the list of parcels, corners, and that list."""
    shift = ground.grid_zoom - zoom
    half = (1 << shift) >> 1
    box = (ground.box.astype(np.int64) + half) >> shift
    last = (1 << zoom) - 1
    low = np.clip((box[:, :2] - BUFFER) // EXTENT, 0, last)
    high = np.clip((box[:, 2:] + BUFFER) // EXTENT, 0, last)
    wide, tall = (high - low + 1).T
    counts = wide * tall
    _check_extent(counts, zoom)
    parcel = np.repeat(np.arange(ground.parcels, dtype=np.int32), counts)
    within = np.arange(len(parcel)) - np.repeat(counts.cumsum() - counts, counts)
    x, y = low[parcel, 0] + within % wide[parcel], low[parcel, 1] + within // wide[parcel]
    number = tile_numbers(zoom, x, y)
    order = np.argsort(number, kind="stable")
    numbers, firsts = np.unique(number[order], return_index=True)
    corners = np.column_stack([x, y])[order[firsts]] * EXTENT
    return numbers, np.append(firsts, len(order)), corners, parcel[order]


def _check_extent(counts: np.ndarray, zoom: int) -> None:
    if counts.max(initial=0) > MOST_TILES_A_PARCEL:
        words = N_("one outline reaches over {count} tiles of zoom {zoom}; correct it, or make --max-zoom lower")
        raise refused("E-TILES-EXTENT", Message(words, {"count": int(counts.max()), "zoom": zoom}), Place())


def _fitted(ground: Ground, parcels: np.ndarray, zoom: int, corner: np.ndarray, layer: str) -> _Tile:
    """A tile within the limit: first with fewer properties, then without the smallest parcels; b"" if it is empty."""
    kept, lean = _largest(ground, parcels, MOST_IN_A_TILE), len(parcels) > MOST_IN_FULL
    while True:
        rings = ground.rings.taken(kept)
        shapes, left = tile_shapes(rings, shift=ground.grid_zoom - zoom, origin=corner)
        properties = [one for one in ground.properties if one.lean or not lean]
        packed = pack(layer_tile(layer, shapes, kept[left], properties)) if shapes.parcels else b""
        if len(packed) <= MOST_BYTES:
            return _Tile(packed, kept[left], np.setdiff1d(parcels, kept, assume_unique=True), lean)
        if lean:
            kept = _largest(ground, kept, int(len(kept) * ROOM * MOST_BYTES / len(packed)))
        lean = True


def _largest(ground: Ground, parcels: np.ndarray, count: int) -> np.ndarray:
    """The largest ones in their order; of equal ones those that come first."""
    if len(parcels) <= count:
        return parcels
    order = np.argsort(-ground.area[parcels], kind="stable")
    return parcels[np.sort(order[:count])]
