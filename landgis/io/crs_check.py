"""Whether the coordinates of a layer can be in the CRS that it claims; if not, why, and which it could be."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from pyproj import CRS, Transformer
from pyproj.aoi import AreaOfUse
from pyproj.exceptions import ProjError

from landgis.errors import InputRefused, Place, Problem
from landgis.io.crs import LIKELY, measures_in_metres, parameters, shown
from landgis.io.found import MOST_NAMED, refused
from landgis.io.zones import Zone, candidates, could_be_swapped, zone_of_code, zone_of_number, zone_prefix
from landgis.text import N_, Message

MARGIN_DEGREES = 3.0
_DATUMS_DEGREES = 1.5  # more than any two datums differ in up to _FAR_NORTH: hundreds of metres, seldom a kilometre
_FAR_NORTH = 80.0
_TOLERANCE_DEGREES = 1e-6
_ICE = 84.0  # no parcel lies further north

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Extents:
    """Where each geometry lies (NaN where there is none) and what its row is called."""

    boxes: np.ndarray
    rows: np.ndarray

    @property
    def total(self) -> Box:
        """The box around everything."""
        low, high = np.nanmin(self.boxes[:, :2], axis=0), np.nanmax(self.boxes[:, 2:], axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])

    @property
    def centres(self) -> np.ndarray:
        """The middle of each box."""
        return (self.boxes[:, :2] + self.boxes[:, 2:]) / 2


def lies_well(total: Box, crs: CRS, place: Place) -> bool:
    """Whether a layer with this box around everything (NaN where it is empty) can be in `crs`, without any remark."""
    if _lies_far_inside(total, crs):
        return True
    try:
        to_degrees = _transformer(crs, place)
        if np.isnan(total).all():
            return True
        extents = Extents(np.array([total], dtype=float), np.array([0]))
        return bool(np.isfinite(total).all()) and not _check(extents, crs, to_degrees, place)
    except InputRefused:
        return False


def _lies_far_inside(total: Box, crs: CRS) -> bool:
    """Whether a layer is so far inside of where an EPSG code is used that no change of datum could bring it out.

    It is seen in degrees of its own datum, as PROJ takes 45 ms to find the way to those of WGS 84. False is no answer.
    """
    area, meridian, degrees = crs.area_of_use, crs.prime_meridian, crs.geodetic_crs
    if not (crs.is_projected and (crs.to_authority() or " ")[0] == "EPSG" and area and degrees):
        return False
    if meridian is None or meridian.longitude != 0 or not (np.isfinite(total).all() and np.abs(total).max() > 180):
        return False
    if max(abs(area.south), abs(area.north)) > _FAR_NORTH:
        return False
    try:
        to_degrees = Transformer.from_crs(crs, degrees, always_xy=True)
    except ProjError:  # a method that PROJ does not have
        return False
    return bool(_inside(_corners(total), to_degrees, area, MARGIN_DEGREES - _DATUMS_DEGREES).all())


def check_coordinates(geometry: np.ndarray, rows: np.ndarray, crs: CRS, place: Place) -> list[Problem]:
    """Remarks on where a layer lies; raises InputRefused where its coordinates cannot be in `crs`."""
    to_degrees = _transformer(crs, place)
    extents = _extents(geometry, rows, place)
    if extents is None:
        return []
    return _check(extents, crs, to_degrees, place)


def _check(extents: Extents, crs: CRS, to_degrees: Transformer, place: Place) -> list[Problem]:
    return (
        _check_degrees(extents, crs, place) if crs.is_geographic else _check_projected(extents, crs, to_degrees, place)
    )


def _transformer(crs: CRS, place: Place) -> Transformer:
    """From the CRS to degrees; raises InputRefused where there is no way, as from a height or another planet."""
    reason = crs.type_name
    if crs.is_geographic or crs.is_projected:
        try:
            return Transformer.from_crs(crs, 4326, always_xy=True)
        except ProjError as error:
            reason = " ".join(str(error).split())[:120]
    words = N_("nothing can be measured in {crs} ({reason}); correct the CRS in the file")
    raise refused("E-CRS-UNPARSABLE", Message(words, {"crs": shown(crs), "reason": reason}), place)


def missing_crs(geometry: np.ndarray, rows: np.ndarray, place: Place) -> InputRefused:
    """The refusal of a layer that says no CRS, with its extent and what would fit."""
    extents = _extents(geometry, rows, place)
    if extents is None:
        return refused("E-CRS-MISSING", Message(N_("the layer says no CRS; say which it is with --crs EPSG:N")), place)
    west, south, east, north = extents.total
    values = {"extent": box_text(extents.total), "fits": _fits_text((west + east) / 2, (south + north) / 2)}
    message = Message(
        N_("the layer says no CRS; its coordinates are {extent}: {fits}; say which it is with --crs EPSG:N"), values
    )
    return refused("E-CRS-MISSING", message, place)


def is_in_degrees(geometry: np.ndarray) -> bool:
    """Whether all coordinates can be longitudes and latitudes."""
    import shapely

    boxes = shapely.bounds(geometry)
    return not len(boxes) or bool(np.nanmax(np.abs(boxes), initial=0) <= 180)


def box_text(box: Box) -> str:
    """A box as text: x from … to …, y from … to …, in as many digits as tell anything."""
    digits = 4 if max(map(abs, box)) <= 1000 else 1
    west, south, east, north = (f"{value:.{digits}f}" for value in box)
    return f"x {west} … {east}, y {south} … {north}"


def _fits_text(x: float, y: float) -> Message:
    if found := candidates(x, y):
        return Message(N_("{codes} would fit"), {"codes": ", ".join(found)})
    if could_be_swapped(x, y):
        values = {"codes": ", ".join(candidates(y, x))}
        return Message(N_("{codes} would fit if x and y were exchanged, so exchange them first"), values)
    return Message(N_("no CRS in use in China fits them"))


def _extents(geometry: np.ndarray, rows: np.ndarray, place: Place) -> Extents | None:
    """The boxes; None where there is nothing; raises InputRefused for NaN and infinite coordinates."""
    import shapely

    if not len(geometry):
        return None
    coordinates, owner = shapely.get_coordinates(geometry, return_index=True)
    if not len(coordinates):
        return None
    if not np.isfinite(coordinates).all():
        bad = np.unique(owner[~np.isfinite(coordinates).all(axis=1)])[:MOST_NAMED]
        words = N_("a coordinate of this outline is not a number or infinite; draw or export it again")
        raise InputRefused([Problem("E-GEOM-NAN", Message(words), _row(place, rows[at])) for at in bad])
    return Extents(shapely.bounds(geometry), rows)


def _row(place: Place, row: int) -> Place:
    return Place(place.file, place.layer, int(row))


def _check_degrees(extents: Extents, crs: CRS, place: Place) -> list[Problem]:
    boxes = extents.boxes
    reach = np.abs(boxes) > np.array([180, 90, 180, 90]) + _TOLERANCE_DEGREES
    bad = np.flatnonzero(reach.any(axis=1))
    if len(bad):
        raise InputRefused([_degrees_problem(extents, at, crs, place) for at in bad[:MOST_NAMED]])
    wide = np.flatnonzero(boxes[:, 2] - boxes[:, 0] > 180)
    if len(wide):
        words = N_(
            "the outline is {width:.0f}° wide, so it crosses the 180° meridian the wrong way round; split it there"
        )
        found = [(at, boxes[at, 2] - boxes[at, 0]) for at in wide[:MOST_NAMED]]
        raise InputRefused(
            [Problem("E-GEOM-EXTENT", Message(words, {"width": w}), _row(place, extents.rows[at])) for at, w in found]
        )
    west, south, east, north = total = extents.total
    if east - west > 180:
        words = N_("the layer is {width:.0f}° wide ({extent}); no single CRS measures that, so take it apart")
        raise refused("E-GEOM-EXTENT", Message(words, {"width": east - west, "extent": box_text(total)}), place)
    area = crs.area_of_use
    is_world = area is None or area.east - area.west > 300
    if is_world and south > _ICE and max(abs(west), abs(east)) <= 90:
        raise _swapped(extents, place)
    if is_world or _contains(area, total):
        return []
    if _contains(area, (south, west, north, east)):
        raise _swapped(extents, place)
    values = {"extent": box_text(total), "crs": shown(crs), "area": _area_text(area)}
    words = N_("the layer lies outside of where {crs} is used ({area}): {extent}; check the CRS")
    return [Problem("W-CRS-AREA", Message(words, values), place)]


def _degrees_problem(extents: Extents, at: int, crs: CRS, place: Place) -> Problem:
    x, y = map(float, extents.centres[at])
    box = np.abs(extents.boxes[at])
    here = _row(place, extents.rows[at])
    if max(box[0], box[2]) <= 90 and max(box[1], box[3]) <= 180:
        return _swapped_problem(x, y, here)
    values = {"x": _number(x), "y": _number(y), "crs": shown(crs), "fits": _fits_text(x, y)}
    words = N_(
        "({x}, {y}) is no longitude and latitude, as {crs} needs: {fits}; write the CRS into the file or convert it"
    )
    return Problem("E-CRS-RANGE", Message(words, values), here)


def _number(value: float) -> str:
    return f"{value:.10g}"


def _swapped_problem(x: float, y: float, place: Place) -> Problem:
    words = N_("({x}, {y}) looks like latitude, longitude or northing, easting; exchange x and y, east comes first")
    return Problem("E-CRS-SWAPPED", Message(words, {"x": _number(x), "y": _number(y)}), place)


def _swapped(extents: Extents, place: Place) -> InputRefused:
    at = int(np.flatnonzero(~np.isnan(extents.boxes[:, 0]))[0])
    x, y = map(float, extents.centres[at])
    return InputRefused([_swapped_problem(x, y, _row(place, extents.rows[at]))])


def _contains(area: AreaOfUse, box: Box) -> bool:
    west, south, east, north = box
    across = area.west > area.east  # an area over the 180° meridian, as New Zealand's
    longitudes = across or (west >= area.west - MARGIN_DEGREES and east <= area.east + MARGIN_DEGREES)
    return bool(longitudes and south >= area.south - MARGIN_DEGREES and north <= area.north + MARGIN_DEGREES)


def _area_text(area: AreaOfUse) -> str:
    return box_text((area.west, area.south, area.east, area.north))


def _check_projected(extents: Extents, crs: CRS, to_degrees: Transformer, place: Place) -> list[Problem]:
    area = _area(crs)
    west, south, east, north = extents.total
    degrees = max(abs(west), abs(east)) <= 180 and max(abs(south), abs(north)) <= 180
    fits = area is None or bool(_inside(_corners(extents.total), to_degrees, area).all())
    if fits and not (degrees and (area is None or not measures_in_metres(crs))):
        return []
    centres = extents.centres
    known = np.flatnonzero(~np.isnan(centres[:, 0]))
    bad = known if fits or area is None else known[~_inside(centres[known], to_degrees, area)]
    problems = [_projected_problem(extents, at, crs, to_degrees, place) for at in bad[:MOST_NAMED]]
    if problems:
        raise InputRefused(problems)
    return []


def _area(crs: CRS) -> AreaOfUse | None:
    """Where a CRS is used; six degrees either side of the central meridian where only that is known."""
    if crs.area_of_use is not None:
        return crs.area_of_use
    found = dict(parameters(crs))
    meridian = found.get("Longitude of natural origin")
    if (
        meridian is None
        or crs.coordinate_operation is None
        or "Transverse Mercator" not in crs.coordinate_operation.method_name
    ):
        return None
    degrees = math.degrees(meridian)
    return AreaOfUse(degrees - 3, -80.0, degrees + 3, 84.0, "")


def _corners(box: Box) -> np.ndarray:
    """The corners of a box and its middle."""
    west, south, east, north = box
    return np.array(
        [(west, south), (east, south), (east, north), (west, north), ((west + east) / 2, (south + north) / 2)]
    )


def _inside(points: np.ndarray, to_degrees: Transformer, area: AreaOfUse, margin: float = MARGIN_DEGREES) -> np.ndarray:
    """Which points of the plane lie where the CRS is used, with a margin in degrees."""
    try:
        lon, lat = to_degrees.transform(points[:, 0], points[:, 1])
    except ProjError:
        return np.zeros(len(points), dtype=bool)
    across = area.west > area.east
    longitudes = across | ((lon >= area.west - margin) & (lon <= area.east + margin))
    latitudes = (lat >= area.south - margin) & (lat <= area.north + margin)
    return np.asarray(np.isfinite(lon) & np.isfinite(lat) & longitudes & latitudes)


def _projected_problem(extents: Extents, at: int, crs: CRS, to_degrees: Transformer, place: Place) -> Problem:
    """Why a geometry cannot be in its projected CRS: degrees, exchanged axes, another zone, or elsewhere."""
    x, y = map(float, extents.centres[at])
    here = _row(place, extents.rows[at])
    area = _area(crs)
    values = {
        "x": _number(x),
        "y": _number(y),
        "crs": shown(crs),
        "area": _area_text(area) if area else "",
        "fits": _fits_text(x, y),
    }
    if max(abs(x), abs(y)) <= 180:
        words = N_("({x}, {y}) are degrees, but {crs} is in metres: {fits}; correct the CRS in the file (.prj)")
        return Problem("E-CRS-EXTENT", Message(words, values), here)
    if area is not None and _inside(np.array([(y, x)]), to_degrees, area).all():
        return _swapped_problem(x, y, here)
    zone = zone_of_code(crs.to_epsg(min_confidence=LIKELY))
    if zone is not None and (problem := _zone_problem(x, y, zone, values, here)):
        return problem
    words = N_(
        "({x}, {y}) is outside of where {crs} is used ({area}): {fits}; correct the CRS in the file or the coordinates"
    )
    return Problem("E-CRS-EXTENT", Message(words, values), here)


def _zone_problem(x: float, y: float, zone: Zone, values: Mapping[str, object], place: Place) -> Problem | None:
    """An easting with the number of another zone, with one that the CRS does not have, or without the one it has."""
    if zone_prefix(x) is None and (zone_prefix(y) is not None or could_be_swapped(x, y)):
        return _swapped_problem(x, y, place)
    prefix = zone_prefix(x)
    if prefix is None and zone.numbered and 0 < x < 1_000_000:
        better = Zone(zone.datum, zone.width, zone.number, numbered=False)
        words = N_(
            "the easting {x} has no zone number, but {crs} has {zone} before its eastings; "
            "EPSG:{code} has none: correct the CRS"
        )
        return Problem("E-CRS-ZONE", Message(words, {**values, "zone": zone.number, "code": better.code}), place)
    better_zone = None if prefix is None else zone_of_number(prefix, zone.datum, numbered=True)
    if better_zone is None:
        return None
    words = N_(
        "the easting {x} begins with zone {prefix}, which {crs} has not; EPSG:{code} has: correct "
        "the CRS or the coordinates"
    )
    return Problem("E-CRS-ZONE", Message(words, {**values, "prefix": prefix, "code": better_zone.code}), place)
