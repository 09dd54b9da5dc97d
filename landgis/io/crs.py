"""Which CRS a layer is in, whether its coordinates can be, and which one areas are measured in."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from landgis.errors import InputRefused, Place, Problem
from landgis.text import N_, Message

GEODETIC, CHINA_BOX = 4490, (73.0, 3.0, 136.0, 54.0)
ZONES_3_DEGREE = range(25, 46)  # EPSG:4513 = zone 25 with its prefix, EPSG:4534 = the same meridian without
WITH_PREFIX, WITHOUT_PREFIX = 4513 - 25, 4534 - 25
MARGIN_DEGREES = 3.0
MILLION = 1e6


def parse_crs(text: str, place: Place) -> CRS:
    """A CRS from what a user or a file says (EPSG:N, WKT); raises InputRefused where it means nothing."""
    try:
        return canonical(CRS.from_user_input(text))
    except CRSError as error:
        message = Message(N_("“{text}” is no CRS that is known; give it as EPSG:N, e.g. --crs EPSG:4549"), {"text": text[:60]})
        raise InputRefused([Problem("E-CRS-UNPARSABLE", message, place)]) from error


def canonical(crs: CRS) -> CRS:
    """The EPSG form of a CRS that ESRI or GDAL wrote in its own words, where there is one."""
    if crs.to_authority(min_confidence=100):
        return crs
    authority = crs.to_authority(min_confidence=25)
    if authority and authority[0] == "EPSG":
        found = CRS.from_authority(*authority)
        if _same_grid(crs, found):
            return found
    return crs


def _same_grid(left: CRS, right: CRS) -> bool:
    """Whether two CRSs have the same projection numbers and ellipsoid; names are not compared."""
    one, two = left.to_dict() if left else {}, right.to_dict() if right else {}
    keys = ("proj", "lon_0", "lat_0", "k", "x_0", "y_0", "zone")
    same_ellipsoid = left.ellipsoid is not None and right.ellipsoid is not None and np.isclose(
        left.ellipsoid.semi_major_metre, right.ellipsoid.semi_major_metre
    )
    return bool(same_ellipsoid) and all(one.get(key) == two.get(key) for key in keys)


def settle_crs(frame: gpd.GeoDataFrame, asked: str | None, place: Place) -> gpd.GeoDataFrame:
    """The layer with a CRS that its coordinates can be in: the file's own, else the one asked for.

    Raises InputRefused: no CRS at all (with the extent and candidates), metres as degrees or degrees as metres, swapped
    axes, a zone prefix that is missing or of another zone, a place far outside the CRS's area of use.
    """
    if frame.crs is None:
        if asked is None:
            raise InputRefused([_missing(frame, place)])
        frame = frame.set_crs(parse_crs(asked, place))
    elif (own := canonical(CRS(frame.crs))) != frame.crs:
        frame = frame.set_crs(own, allow_override=True)
    problem = _misplaced(frame, CRS(frame.crs), place)
    if problem:
        raise InputRefused([problem])
    return frame


def _missing(frame: gpd.GeoDataFrame, place: Place) -> Problem:
    values = {"extent": _extent(frame), "candidates": ", ".join(_candidates(frame)) or "EPSG:N"}
    message = Message(N_("the layer does not say its CRS; its extent is {extent}; say which with --crs, e.g. {candidates}"), values)
    return Problem("E-CRS-MISSING", message, place)


def _extent(frame: gpd.GeoDataFrame) -> str:
    return "(" + ", ".join(f"{value:.6g}" if abs(value) < 1000 else f"{value:.0f}" for value in frame.total_bounds) + ")"


def _candidates(frame: gpd.GeoDataFrame) -> list[str]:
    """CRSs that the extent could be in."""
    left, bottom, right, top = frame.total_bounds
    if abs(left) <= 180 and abs(right) <= 180 and abs(top) <= 90 and abs(bottom) <= 90:
        return ["EPSG:4490", "EPSG:4326"]
    zone = int(left // MILLION)
    if zone in ZONES_3_DEGREE:
        return [f"EPSG:{WITH_PREFIX + zone}"]
    return ["EPSG:4549", "EPSG:4548", "EPSG:4550"] if 0 < left < MILLION else []


def _misplaced(frame: gpd.GeoDataFrame, crs: CRS, place: Place) -> Problem | None:
    bounds = shapely.bounds(frame.geometry.to_numpy())
    known = ~np.isnan(bounds).all(axis=1)
    if not known.any():
        return None
    if crs.is_geographic:
        return _misplaced_degrees(bounds, known, crs, place)
    return _misplaced_metres(bounds[known], crs, place)


def _misplaced_degrees(bounds: np.ndarray, known: np.ndarray, crs: CRS, place: Place) -> Problem | None:
    low, high = np.array([-180, -90, -180, -90]) - 1e-6, np.array([180, 90, 180, 90]) + 1e-6
    outside = known & ~((bounds >= low) & (bounds <= high)).all(axis=1)
    middle = np.nanmedian(bounds[known], axis=0)
    at = Place(place.file, place.layer, int(np.argmax(outside)) + 1 if outside.any() else None)
    x, y = float(middle[[0, 2]].mean()), float(middle[[1, 3]].mean())
    swapped = N_("the coordinates look like (latitude, longitude); swap the axes and export again, longitude first")
    chinese = crs.ellipsoid is not None and "2000" in crs.name
    if (abs(x) <= 90 < abs(y) <= 180) or (chinese and _in_china(y, x) and not _in_china(x, y)):
        return Problem("E-CRS-SWAPPED", Message(swapped), at)
    if outside.any():
        first = bounds[np.argmax(outside)]
        values = {"x": f"{first[0]:.6g}", "y": f"{first[1]:.6g}"}
        words = N_("({x}, {y}) lies outside ±180/±90, so these are no degrees; the file has to say the CRS it is in")
        return Problem("E-CRS-RANGE", Message(words, values), at)
    wide = known & (bounds[:, 2] - bounds[:, 0] > 180)
    if wide.any():
        words = N_("this outline is {width}° wide: it crosses the date line or is broken; draw it again")
        row = int(np.argmax(wide))
        message = Message(words, {"width": f"{bounds[row, 2] - bounds[row, 0]:.0f}"})
        return Problem("E-GEOM-EXTENT", message, Place(place.file, place.layer, row + 1))
    return None


def _misplaced_metres(bounds: np.ndarray, crs: CRS, place: Place) -> Problem | None:
    if (np.abs(bounds[:, ::2]) <= 180).all() and (np.abs(bounds[:, 1::2]) <= 90).all() and not _near_origin(crs):
        values = {"crs": crs.name, "x": f"{bounds[0, 0]:.6g}", "y": f"{bounds[0, 1]:.6g}"}
        words = N_("({x}, {y}) are degrees, but the layer says {crs}, which is in metres; it is probably EPSG:4490 or EPSG:4326")
        return Problem("E-CRS-EXTENT", Message(words, values), place)
    x, y = (float(np.median(bounds[:, side])) for side in (0, 1))
    return _wrong_zone(x, y, crs, place) or _outside_area_of_use(x, y, crs, place)


def _near_origin(crs: CRS) -> bool:
    """Whether the CRS is local, so that small coordinates may be metres."""
    return crs.area_of_use is None


def _wrong_zone(x: float, y: float, crs: CRS, place: Place) -> Problem | None:
    """Gauss-Krüger eastings: swapped with northings, or with a zone prefix that does not belong."""
    projection = crs.to_dict() if crs.to_epsg() in range(4491, 4555) else {}
    if projection.get("proj") != "tmerc":
        return None
    false_easting, meridian = float(projection.get("x_0", 0)), float(projection.get("lon_0", 0))
    zone_of_crs, zone = int(false_easting // MILLION), int(x // MILLION)
    values: dict[str, object] = {"x": f"{x:.0f}", "y": f"{y:.0f}", "crs": f"EPSG:{crs.to_epsg()}", "zone": zone}
    if 1.5 * MILLION < x < 7 * MILLION and (abs(y) < MILLION or y > 13 * MILLION):
        words = N_("({x}, {y}) look like (northing, easting); swap the axes and export again, easting first")
        return Problem("E-CRS-SWAPPED", Message(words, values), place)
    if zone == zone_of_crs:
        return None
    number = round(meridian / 3)
    if zone_of_crs == 0:
        values["other"] = f"EPSG:{WITH_PREFIX + zone}" if zone in ZONES_3_DEGREE else "—"
        words = N_("the easting {x} has the zone prefix {zone}, but {crs} has none; it is probably in {other}")
    elif zone == 0:
        values["other"] = f"EPSG:{WITHOUT_PREFIX + number}"
        words = N_("the easting {x} lacks the zone prefix of {crs}; it is probably in {other}")
    else:
        values["own"] = zone_of_crs
        words = N_("the easting {x} has the prefix of zone {zone}, but {crs} is zone {own}; say the right CRS")
    return Problem("E-CRS-ZONE", Message(words, values), place)


def _outside_area_of_use(x: float, y: float, crs: CRS, place: Place) -> Problem | None:
    area = crs.area_of_use
    if area is None:
        return None
    try:
        lon, lat = Transformer.from_crs(crs, 4326, always_xy=True).transform(x, y, errcheck=True)
    except ProjError:
        lon, lat = np.inf, np.inf
    west, east = area.west - MARGIN_DEGREES, area.east + MARGIN_DEGREES
    across = area.west > area.east  # the area crosses the date line
    inside = area.south - MARGIN_DEGREES <= lat <= area.north + MARGIN_DEGREES and (across or west <= lon <= east)
    if inside:
        return None
    values = {"x": f"{x:.6g}", "y": f"{y:.6g}", "crs": crs.name}
    words = N_("({x}, {y}) lies far outside the area where {crs} is used; the file has to say the CRS it is in")
    return Problem("E-CRS-EXTENT", Message(words, values), place)


def _in_china(lon: float, lat: float) -> bool:
    west, south, east, north = CHINA_BOX
    return west <= lon <= east and south <= lat <= north


def measure_crs(own: CRS, lon: float, lat: float, asked: str | None) -> CRS:
    """The CRS that areas are measured in: the one asked for; else the layer's own if it is projected, in metres and not
    Web Mercator; else the CGCS2000 3-degree zone of that longitude in China; else the UTM zone (contract §3)."""
    if asked is not None:
        wanted = parse_crs(asked, Place("--measure-crs"))
        if not wanted.is_projected:
            message = Message(N_("areas are measured in a projected CRS in metres, e.g. EPSG:4549"))
            raise InputRefused([Problem("E-CRS-MEASURE", message, Place("--measure-crs"))])
        return wanted
    if own.is_projected and not is_web_mercator(own) and all(axis.unit_name in ("metre", "meter") for axis in own.axis_info):
        return own
    if _in_china(lon, lat):
        return CRS.from_epsg(WITHOUT_PREFIX + int(np.clip(round(lon / 3), ZONES_3_DEGREE[0], ZONES_3_DEGREE[-1])))
    zone = min(int((lon + 180) // 6) + 1, 60)
    return CRS.from_epsg((32600 if lat >= 0 else 32700) + zone)


def is_web_mercator(crs: CRS) -> bool:
    """Whether areas in this CRS are stretched by its latitude (EPSG:3857 and its kin)."""
    return crs.to_dict().get("proj") in ("merc", "webmerc") or crs.to_epsg() in (3857, 3785, 900913)
