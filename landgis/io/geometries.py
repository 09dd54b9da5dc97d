"""Geometries as a file's bytes have them → shapely, with every row that needed help named."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from landgis.errors import InputRefused, Place, Problem
from landgis.io.found import MOST_NAMED
from landgis.text import N_, Message

if TYPE_CHECKING:
    import shapely

LINES = (1, 5)  # shapely.GeometryType.LINESTRING, MULTILINESTRING


def from_wkb(wkb: np.ndarray, rows: np.ndarray, place: Place) -> tuple[np.ndarray, list[Problem]]:
    """Geometries of WKB, rings closed where they are not.

    Raises InputRefused where bytes are no geometry at all, and NotImplementedError where one has arcs.
    """
    import shapely

    try:
        return shapely.from_wkb(wkb), []
    except shapely.errors.ShapelyError:
        pass
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        geometry = shapely.from_wkb(wkb, on_invalid="ignore")
        broken = np.flatnonzero(shapely.is_missing(geometry) & np.array([cell is not None for cell in wkb], dtype=bool))
        geometry[broken] = [_mended(wkb[at]) for at in broken]
    lost = broken[shapely.is_missing(geometry[broken])]
    if len(lost):
        words = N_("the bytes of this outline are no geometry; draw it again, or export the layer from a good copy")
        raise InputRefused([Problem("E-GEOM-BLOB", Message(words), _row(place, rows[at])) for at in lost[:MOST_NAMED]])
    words = N_("the ring was not closed; its first point was repeated at the end")
    return geometry, by_row("W-GEOM-CLOSED", words, rows[broken], place)


def _mended(wkb: bytes) -> shapely.Geometry | None:
    import shapely

    try:
        return shapely.from_wkb(wkb, on_invalid="fix")
    except shapely.errors.ShapelyError:
        return None


def flattened(geometry: np.ndarray, place: Place) -> tuple[np.ndarray, list[Problem]]:
    """x and y alone, with a remark on how many had more."""
    import shapely

    more = shapely.has_z(geometry) | shapely.has_m(geometry)
    if not more.any():
        return geometry, []
    return shapely.force_2d(geometry), [heights_dropped(int(more.sum()), place)]


def heights_dropped(count: int, place: Place) -> Problem:
    """The remark that `count` geometries had more than x and y."""
    words = N_("heights or measures were dropped from {count} geometries; areas need x and y only")
    return Problem("W-GEOM-Z", Message(words, {"count": count}), place)


def missing(geometry: np.ndarray, rows: np.ndarray, place: Place) -> list[Problem]:
    """Remarks on the rows without a geometry."""
    import shapely

    absent = rows[shapely.is_missing(geometry)]
    return missing_rows(absent, len(absent), place)


def missing_rows(first: Sequence[int] | np.ndarray, count: int, place: Place) -> list[Problem]:
    """Remarks on `count` rows without a geometry, the first of which are given."""
    words = N_("the row has no outline; it is kept, but cannot be measured")
    return _by_row("W-GEOM-NULL", words, first, count, place)


def are_lines(geometry: np.ndarray) -> np.ndarray:
    """bool a geometry: whether it is a line, of one part or several; False where there is none."""
    import shapely

    return np.isin(shapely.get_type_id(geometry), LINES)


def by_row(code: str, words: str, rows: np.ndarray, place: Place) -> list[Problem]:
    """A remark a row for the first ones, the rest counted."""
    return _by_row(code, words, rows, len(rows), place)


def _by_row(code: str, words: str, first: Sequence[int] | np.ndarray, count: int, place: Place) -> list[Problem]:
    found = [Problem(code, Message(words), _row(place, row)) for row in first[:MOST_NAMED]]
    if (more := count - MOST_NAMED) > 0:
        found.append(Problem(code, Message(N_("the same in {count} more rows"), {"count": more}), place))
    return found


def _row(place: Place, row: int) -> Place:
    return Place(place.file, place.layer, int(row))
