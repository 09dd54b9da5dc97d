"""Which CRS a layer is in, and in which one its areas are measured.

Coordinates in files are always x = east, y = north, whatever axis order the CRS itself declares.
"""

from __future__ import annotations

import math

import numpy as np
from pyproj import CRS
from pyproj.exceptions import CRSError

from landgis.errors import Place, Problem, UsageError
from landgis.io.found import refused
from landgis.io.zones import Zone, is_in_china
from landgis.text import N_, Message

WEB_MERCATOR = frozenset({3857, 3785, 900913, 102100, 102113})
SURE, LIKELY = 70, 20  # PROJ's confidence that a WKT is an EPSG code


def asked_crs(text: str, option: str = "--crs") -> CRS:
    """The CRS that a user names, as `EPSG:4549`; raises UsageError where PROJ does not know it."""
    plain = text.strip()
    try:
        return CRS.from_user_input(int(plain) if plain.isdigit() else plain)
    except (CRSError, ValueError, OverflowError) as error:
        message = Message(
            N_("{option} {text} is no CRS that PROJ knows; name one as EPSG:4549"),
            {"option": option, "text": plain[:80]},
        )
        raise UsageError([Problem("E-CRS-UNPARSABLE", message)]) from error


def crs_of_wkt(wkt: str, place: Place) -> CRS | None:
    """The CRS of a WKT, as its EPSG code where it is one; None where it is empty, undefined or only local."""
    plain = wkt.strip().strip("\0\ufeff")
    if not plain or plain.casefold() in ("undefined", "unknown", "unspecified"):
        return None
    try:
        crs = CRS.from_wkt(plain)
    except CRSError as error:
        values = {"wkt": " ".join(plain.split())[:60]}
        message = Message(
            N_("PROJ cannot read what the file says its CRS is ({wkt}); correct it, or say it with --crs EPSG:N"),
            values,
        )
        raise refused("E-CRS-UNPARSABLE", message, place) from error
    return settled(crs)


def settled(crs: CRS) -> CRS | None:
    """The CRS by its EPSG code, so that Esri's and GDAL's spellings are one; None for a merely local one."""
    if crs.is_engineering:
        return None
    code = crs.to_epsg(min_confidence=SURE)
    if code is None and (likely := crs.to_epsg(min_confidence=LIKELY)) is not None:
        code = likely if _same_maths(crs, CRS.from_epsg(likely)) else None
    return crs if code is None else CRS.from_epsg(code)


def _same_maths(left: CRS, right: CRS) -> bool:
    """Whether two CRSs have the same figure of the Earth and the same projection; names may differ."""
    if left.ellipsoid is None or right.ellipsoid is None or left.is_geographic != right.is_geographic:
        return False
    one, two = ([e.semi_major_metre, e.inverse_flattening] for e in (left.ellipsoid, right.ellipsoid))
    return bool(np.allclose(one, two, rtol=1e-9)) and parameters(left) == parameters(right)


def parameters(crs: CRS) -> list[tuple[str, float]]:
    """The numbers of a projection, in metres and radians."""
    operation = crs.coordinate_operation
    return (
        sorted((p.name, round(p.value * (p.unit_conversion_factor or 1), 9)) for p in operation.params)
        if operation
        else []
    )


def shown(crs: CRS | None) -> str | None:
    """The CRS as people name it: `EPSG:4549`, else its name."""
    if crs is None:
        return None
    code = crs.to_epsg(min_confidence=SURE)
    return f"EPSG:{code}" if code else crs.name


def measure_crs(frame_crs: CRS, lon: float, lat: float, asked: str | None = None) -> CRS:
    """The CRS that areas are measured in (contract §3); `lon` and `lat` are the middle of the parcels, in degrees.

    `asked` (--measure-crs) wins, and has to be projected in metres, else UsageError. Then the layer's own if that is
    projected, in metres and not Web Mercator; else the CGCS2000 3-degree zone in China; else the UTM zone.
    """
    if asked is not None:
        crs = asked_crs(asked, "--measure-crs")
        if not measures_in_metres(crs):
            words = N_(
                "--measure-crs {text} is not projected in metres, or is Web Mercator; name a "
                "projected one, as EPSG:4549"
            )
            raise UsageError([Problem("E-CRS-MEASURE", Message(words, {"text": asked}))])
        return crs
    if measures_in_metres(frame_crs):
        return frame_crs
    if not (math.isfinite(lon) and math.isfinite(lat)):
        lon, lat = 120.0, 30.0  # nothing to measure
    if is_in_china(lon, lat):
        return CRS.from_epsg(Zone("CGCS2000", 3, min(max(round(lon / 3), 25), 45), numbered=False).code)
    zone = min(max(math.floor((lon + 180) / 6) + 1, 1), 60)
    return CRS.from_epsg((32600 if lat >= 0 else 32700) + zone)


def measures_in_metres(crs: CRS) -> bool:
    """Whether plane areas in this CRS are m² of land: projected, in metres, and not Web Mercator."""
    if not crs.is_projected or crs.to_epsg(min_confidence=LIKELY) in WEB_MERCATOR or "Pseudo-Mercator" in crs.name:
        return False
    operation = crs.coordinate_operation
    if operation is not None and (
        "Pseudo Mercator" in operation.method_name or "Popular Visualisation" in operation.method_name
    ):
        return False
    return all(math.isclose(axis.unit_conversion_factor, 1.0) for axis in crs.axis_info[:2])
