"""The features of a GeoJSON: coordinates gathered into arrays, geometries made from them all at once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import shapely

from landgis.errors import InputRefused, Place, Problem
from landgis.io.found import MOST_FIELDS, MOST_NAMED, refused
from landgis.io.json_head import GEOMETRY_TYPES
from landgis.text import N_, Message

MOST_VERTICES = 1_000_000  # of one feature
DEPTH = 64
_FLUSH = 200_000  # positions that wait as Python lists
_NONE, _POLYGON, _MULTI, _OTHER = range(4)


@dataclass
class Features:
    """Everything that was read of the features so far, in their order."""

    columns: dict[str, list[Any]] = field(default_factory=dict)
    ids: list[Any] = field(default_factory=list)
    kinds: list[int] = field(default_factory=list)
    part_counts: list[int] = field(default_factory=list)  # of each feature: polygons
    ring_counts: list[int] = field(default_factory=list)  # of each polygon: rings
    ring_sizes: list[int] = field(default_factory=list)  # of each ring: positions
    others: list[Any] = field(default_factory=list)  # geometries that are no polygons
    closed: list[int] = field(default_factory=list)  # features whose rings had to be closed
    collapsed: list[int] = field(default_factory=list)  # features with a ring of fewer than four positions
    with_z: int = 0
    _waiting: list[Any] = field(default_factory=list)
    _waiting_from: list[tuple[int, int]] = field(default_factory=list)  # feature number, start in _waiting
    _done: list[np.ndarray] = field(default_factory=list)
    _keys: tuple[str, ...] = ()

    def numbers(self) -> np.ndarray:
        """The features' numbers from 1."""
        return np.arange(1, len(self.kinds) + 1)

    def add(self, feature: Any, place: Place) -> None:
        """Take one feature; raises InputRefused where it is none or its geometry makes no sense."""
        if not isinstance(feature, dict) or feature.get("type") != "Feature":
            raise refused("E-JSON-TYPE", Message(N_("this is no GeoJSON Feature; export it again")), place)
        own = feature.get("properties")
        if not isinstance(own, dict | None):
            raise refused("E-JSON-TYPE", Message(N_("the properties are no object; export it again")), place)
        self._add_properties(own or {}, place)
        self.ids.append(feature.get("id"))
        try:
            self._add_geometry(feature.get("geometry"), place)
        except (TypeError, KeyError, IndexError, AttributeError, shapely.errors.ShapelyError) as error:
            raise _bad_coordinates(place) from error
        if len(self._waiting) > _FLUSH:
            self._flush(place)

    def geometry(self, place: Place) -> tuple[np.ndarray, list[Problem]]:
        """All geometries, None where there is none; and remarks on what was mended."""
        self._flush(place)
        made = np.full(len(self.kinds), None, dtype=object)
        kinds = np.array(self.kinds, dtype=int)
        if polygonal := np.flatnonzero((kinds == _POLYGON) | (kinds == _MULTI)).tolist():
            whole = _multipolygons(np.concatenate(self._done), self.ring_sizes, self.ring_counts, self.part_counts)
            single = kinds[polygonal] == _POLYGON
            whole[single] = shapely.get_geometry(whole[single], 0)
            made[polygonal] = whole
        made[kinds == _OTHER] = self.others
        return made, self._remarks(place)

    def _add_properties(self, own: dict[str, Any], place: Place) -> None:
        count = len(self.kinds)
        keys = tuple(own)
        if keys == self._keys and len(keys) == len(self.columns):
            for column, value in zip(self.columns.values(), own.values(), strict=True):
                column.append(value)
            return
        for name in keys:
            if name not in self.columns:
                self.columns[name] = [None] * count
        if len(self.columns) > MOST_FIELDS:
            values = {"count": max(len(keys), len(self.columns)), "limit": MOST_FIELDS}
            message = Message(
                N_("{count} properties are more than the {limit} that are read; leave out what is not needed"), values
            )
            raise refused("E-FIELD-COUNT", message, place)
        for name, column in self.columns.items():
            column.append(own.get(name))
        if tuple(self.columns) == keys:
            self._keys = keys

    def _add_geometry(self, geometry: Any, place: Place) -> None:
        if geometry is None:
            self.kinds.append(_NONE)
            return
        kind = geometry["type"]
        if kind in ("Polygon", "MultiPolygon"):
            parts = geometry["coordinates"]
            self._add_parts([parts] if kind == "Polygon" else parts, kind == "Polygon", place)
        elif isinstance(kind, str) and kind in GEOMETRY_TYPES:
            flat, had_z = _flat(geometry, place)
            self.with_z += had_z
            self.others.append(shapely.from_geojson(json.dumps(flat)))
            self.kinds.append(_OTHER)
        else:
            message = Message(
                N_("{type} is no geometry of GeoJSON; convert it to Polygon or MultiPolygon"), {"type": str(kind)[:60]}
            )
            raise refused("E-GEOM-TYPE", message, place)

    def _add_parts(self, parts: list[Any], single: bool, place: Place) -> None:
        """Rings of one feature, closed where they are not; a ring of fewer than four positions makes it None."""
        number = len(self.kinds) + 1
        _check_nesting(parts)
        parts = [[ring for ring in part if ring] for part in parts if part and part[0]]
        if not parts:  # shapely's ragged arrays crash on polygons without a ring
            self.others.append(shapely.Polygon() if single else shapely.MultiPolygon())
            self.kinds.append(_OTHER)
            return
        rings = [ring for part in parts for ring in part]
        for ring in rings:
            if ring[0][:2] != ring[-1][:2]:
                ring.append(ring[0])
                if number not in self.closed[-1:]:
                    self.closed.append(number)
        if any(len(ring) < 4 for ring in rings):
            self.collapsed.append(number)
            self.kinds.append(_NONE)
            return
        if (vertices := sum(map(len, rings))) > MOST_VERTICES:
            values = {"count": vertices, "limit": MOST_VERTICES}
            message = Message(
                N_("this outline has {count} points, more than the {limit} that any boundary needs; simplify it"),
                values,
            )
            raise refused("E-GEOM-VERTICES", message, place)
        self._waiting_from.append((number, len(self._waiting)))
        for ring in rings:
            self._waiting.extend(ring)
        self.with_z += len(rings[0][0]) > 2
        self.ring_sizes += map(len, rings)
        self.ring_counts += map(len, parts)
        self.part_counts.append(len(parts))
        self.kinds.append(_POLYGON if single else _MULTI)

    def _flush(self, place: Place) -> None:
        """Waiting positions → an array of x and y; raises InputRefused naming the first feature with a bad one."""
        waiting, starts = self._waiting, self._waiting_from
        self._waiting, self._waiting_from = [], []
        positions = _positions(waiting)
        if positions is None:
            ends = [start for _, start in starts[1:]] + [len(waiting)]
            for (number, start), end in zip(starts, ends, strict=True):
                if _positions(waiting[start:end]) is None:
                    raise _bad_coordinates(Place(place.file, place.layer, number))
            raise _bad_coordinates(Place(place.file, place.layer))
        self._done.append(positions)

    def _remarks(self, place: Place) -> list[Problem]:
        whole = Place(place.file, place.layer)
        words = N_("the ring was not closed; its first point was repeated at the end")
        remarks = _by_row("W-GEOM-CLOSED", words, self.closed, whole)
        words = N_("a ring of this outline has fewer than three corners; the row is kept without an outline")
        remarks += _by_row("W-GEOM-RING", words, self.collapsed, whole)
        if self.with_z:
            message = Message(
                N_("heights or measures were dropped from {count} geometries; areas need x and y only"),
                {"count": self.with_z},
            )
            remarks.append(Problem("W-GEOM-Z", message, whole))
        return remarks


def _check_nesting(parts: Any) -> None:
    """Raise TypeError unless these are lists of lists of lists of lists, as far as their first members tell."""
    lists = type(parts) is list and all(type(part) is list for part in parts)
    rings = [ring for part in parts for ring in part] if lists else []
    if not lists or not all(type(ring) is list and (not ring or type(ring[0]) is list) for ring in rings):
        raise TypeError("polygons are lists of rings, rings are lists of positions")


def _by_row(code: str, words: str, numbers: Sequence[int], place: Place) -> list[Problem]:
    """A remark a row for the first, the rest counted."""
    found = [Problem(code, Message(words), replace(place, row=number)) for number in numbers[:MOST_NAMED]]
    if (more := len(numbers) - MOST_NAMED) > 0:
        found.append(Problem(code, Message(N_("the same in {count} more rows"), {"count": more}), place))
    return found


def _bad_coordinates(place: Place) -> InputRefused:
    return refused(
        "E-GEOM-COORDS",
        Message(N_("the coordinates of this geometry are no lists of numbers; draw or export it again")),
        place,
    )


def _positions(positions: list[Any]) -> np.ndarray | None:
    """x and y of each position; None where one is not two or more numbers."""
    if not positions:
        return np.empty((0, 2))
    try:
        array = np.array(positions)
    except ValueError:  # some have heights, some not
        try:
            array = np.array([position[:2] for position in positions])
        except (ValueError, TypeError):
            return None
    if array.ndim != 2 or array.shape[1] < 2 or array.dtype.kind not in "fi":
        return None
    return array[:, :2].astype(float)


def _multipolygons(xy: np.ndarray, ring_sizes: list[int], ring_counts: list[int], part_counts: list[int]) -> np.ndarray:
    offsets = tuple(
        np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)]) for sizes in (ring_sizes, ring_counts, part_counts)
    )
    return shapely.from_ragged_array(shapely.GeometryType.MULTIPOLYGON, xy, offsets)


def _flat(geometry: dict[str, Any], place: Place, depth: int = 0) -> tuple[dict[str, Any], bool]:
    """A geometry that is no polygon, in x and y alone, and whether it had more."""
    if depth > 8:
        raise refused(
            "E-JSON-DEPTH", Message(N_("geometry collections are nested too deep; export plain polygons")), place
        )
    if geometry["type"] == "GeometryCollection":
        parts = [_flat(part, place, depth + 1) for part in geometry["geometries"]]
        return {"type": "GeometryCollection", "geometries": [part for part, _ in parts]}, any(z for _, z in parts)
    seen: list[int] = []
    return {"type": geometry["type"], "coordinates": _flat_positions(geometry["coordinates"], seen)}, any(
        n > 2 for n in seen
    )


def _flat_positions(coordinates: Any, seen: list[int]) -> Any:
    if coordinates and not isinstance(coordinates[0], list):
        if len(coordinates) < 2 or not all(type(number) in (int, float) for number in coordinates):
            raise TypeError("a position is two numbers")
        seen.append(len(coordinates))
        return coordinates[:2]
    return [_flat_positions(inner, seen) for inner in coordinates]
