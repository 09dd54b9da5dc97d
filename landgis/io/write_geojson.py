"""GeoJSON in two profiles, outer rings counter-clockwise in both.

`web` is RFC 7946: WGS 84 longitude and latitude, no `crs`. `municipal` is what a bureau's GIS asks for: CGCS 2000, in
degrees or projected, said in an explicit `crs` member; x is longitude or east, whatever the axis order of the CRS.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import shapely
from pyproj import CRS

from landgis.errors import Place, Problem
from landgis.io.json_text import Piece, content, joined, objects, other_outlines, polygon_outlines
from landgis.io.rings import are_polygons, moved, rings_of
from landgis.io.write_columns import kind_of, plain_columns, time_text
from landgis.results import ResultColumn
from landgis.text import N_, Message

DECIMALS = 9  # of a degree, 0.1 mm: the area of a parcel stays what it is
METRE_DECIMALS = 6
CHUNK_ROWS = 8192
CGCS2000 = 4490


def write_geojson(
    frame: gpd.GeoDataFrame,
    path: Path,
    columns: Sequence[ResultColumn],
    *,
    file: str,
    layer_name: str,
    title: str = "",
    crs: CRS | None = None,
) -> list[Problem]:
    """Write a layer; a foreign member `landgis` says the rule set, the units and the CRS that it came in.

    `crs`, one of CGCS 2000 with an EPSG code, makes it the municipal profile; without it, it is the web profile.
    """
    plain, remarks = plain_columns(frame, columns, file=file)
    head: dict[str, Any] = {"type": "FeatureCollection", "name": layer_name}
    if crs is not None:
        head["crs"] = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{crs.to_epsg()}"}}
    head["landgis"] = _about(frame, columns, title, crs)
    unplaced, ready = 0, timed(plain)
    target = degrees_of(frame.crs) if crs is None else crs
    with path.open("wb") as stream:
        stream.write(orjson.dumps(head)[:-1] + b',"features":[')
        for start in range(0, len(plain), CHUNK_ROWS):
            rows = slice(start, start + CHUNK_ROWS)
            shapes, more = _shapes(frame.geometry.iloc[rows], target)
            unplaced += more
            features = _features(ready.iloc[rows], shapes)
            stream.write(features[0 if start else 1 :])  # each begins with the comma behind the one before
        stream.write(b"\n]}\n")
    if unplaced:
        message = N_("{count} geometries have no place in longitude and latitude and are left out")
        if crs is not None and crs.is_projected:
            message = N_("{count} geometries have no place in the CRS of the output and are left out")
        remarks.append(Problem("W-OUT-GEOMETRY", Message(message, {"count": unplaced}), Place(file=file)))
    return remarks


def lon_lat(outlines: gpd.GeoSeries) -> tuple[np.ndarray, int]:
    """Geometries in longitude and latitude, and how many have no place there; CGCS 2000 counts as WGS 84."""
    return _as_they_lie(outlines.to_crs(degrees_of(outlines.crs)))


def degrees_of(crs: CRS) -> CRS:
    """The longitude and latitude that a CRS is brought to for the web."""
    return CRS.from_epsg(CGCS2000 if is_cgcs2000(crs) else 4326)


def is_cgcs2000(crs: CRS) -> bool:
    """Whether a CRS, in degrees or projected, stands on China Geodetic Coordinate System 2000."""
    geodetic = crs.geodetic_crs
    return geodetic is not None and geodetic.to_epsg() == CGCS2000


def _as_they_lie(outlines: gpd.GeoSeries) -> tuple[np.ndarray, int]:
    """Geometries in the CRS that they are in, rounded, and how many have no place in it."""
    limit, decimals = _reach(outlines.crs)
    flat = shapely.force_2d(outlines.to_numpy())
    known = ~(shapely.is_missing(flat) | shapely.is_empty(flat))
    placed = known & (np.abs(shapely.bounds(flat)) <= np.tile(limit, 2)).all(axis=1)
    geometry = np.full(len(flat), None, dtype=object)
    geometry[placed] = shapely.orient_polygons(_rounded(flat[placed], decimals), exterior_cw=False)
    return geometry, int((known & ~placed).sum())


def _reach(crs: CRS) -> tuple[np.ndarray, int]:
    """How far x and y may be from 0, and how many decimals they have."""
    return (np.array([180.0, 90.0]), DECIMALS) if crs.is_geographic else (np.full(2, 1e9), METRE_DECIMALS)


def _shapes(outlines: gpd.GeoSeries, target: CRS) -> tuple[list[Piece], int]:
    """The text of each outline in another CRS, and how many have no place in it: as `_as_they_lie`, in flat arrays."""
    geometry = outlines.to_numpy()
    known = are_polygons(geometry)
    if not (known | shapely.is_missing(geometry) | shapely.is_empty(geometry)).all():
        drawn, unplaced = _as_they_lie(outlines.to_crs(target))
        return other_outlines(drawn), unplaced
    rings = moved(rings_of(geometry[known]), outlines.crs, target)
    limit, decimals = _reach(target)
    placed = (np.abs(rings.bounds()) <= np.tile(limit, 2)).all(axis=1)
    if not placed.all():
        rings = rings.taken(np.flatnonzero(placed))
    known[known] = placed
    points = np.round(rings.points, decimals)
    return polygon_outlines(replace(rings, points=points).counter_clockwise(), known), int((~placed).sum())


def _rounded(geometry: np.ndarray, decimals: int) -> np.ndarray:
    return shapely.transform(geometry, lambda points: np.round(points, decimals))


def timed(plain: pd.DataFrame) -> pd.DataFrame:
    """Times as text; a column of them has one form in all chunks."""
    return plain.assign(**{name: time_text(plain[name]) for name in map(str, plain) if kind_of(plain[name]) == "time"})


def _features(plain: pd.DataFrame, shapes: list[Piece]) -> memoryview:
    """One feature a row, a comma and a new line before each."""
    pieces = [',\n{"type":"Feature","properties":', *objects(plain), ',"geometry":', *shapes, "}"]
    return content(joined(pieces, len(plain)))


def json_cells(column: pd.Series) -> list[Any]:
    """The cells of a plain column as JSON knows them: a time is ISO 8601 text; orjson makes NaN null."""
    kind = kind_of(column)
    if kind == "time":
        column = time_text(column)
    if kind in ("integer", "flag"):
        column = column.astype(object).where(column.notna(), None)
    cells: list[Any] = column.tolist()
    return cells


def _about(frame: gpd.GeoDataFrame, columns: Sequence[ResultColumn], title: str, crs: CRS | None) -> dict[str, Any]:
    """Short: which profile, which rules, which units, and which CRS the parcels came in."""
    about: dict[str, Any] = {"title": title} if title else {}
    about["profile"] = "web" if crs is None else "municipal"
    if crs is not None:
        about["axes"] = "x = longitude, y = latitude" if crs.is_geographic else "x = easting, y = northing"
    elif is_cgcs2000(frame.crs):
        about["datum"] = "CGCS 2000 was taken as WGS 84, from which it differs by less than a metre"
    about["rules_id"] = rules_id(frame)
    about["source_crs"] = frame.crs.to_string()
    about["units"] = {column.name: column.unit for column in columns if column.unit and column.name in frame}
    return about


def rules_id(frame: pd.DataFrame) -> str | None:
    """The rule set of the frame; several are joined by a semicolon."""
    if "rules_id" not in frame:
        return None
    return ";".join(sorted({str(name) for name in frame["rules_id"].dropna().unique()})) or None
