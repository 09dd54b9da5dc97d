"""What the routes of the map answer: a zone's shapes as GeoJSON, with the properties that colours are made from."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import orjson
import shapely
from pandas import DataFrame, Series

from landgis.io.write_geojson import lon_lat
from landgis.phases.course import Course
from landgis.phases.curve import NEVER
from landgis.phases.lifecycle import CODES
from landgis.rules.model import Mode
from landgis.workflow.scheduling.document import PlanDocument, Site
from landgis.workflow.scheduling.view import stages
from landgis.workflow.zone import Zone

DEGREE_DECIMALS = 6  # 0.1 m: finer than a pixel
STOREY_M = 4.0  # height of a storey whose height nobody wrote down; drawn, not counted
PLANNED_COVERAGE = 0.5  # of the lot, for the planned massing: a picture, not a design
MASSING_FIELDS = ("height", "from", "until", "plan")


def parcels(zone: Zone, day: datetime.date) -> bytes:
    """All parcels: id, block, class in each theme; where days matter the days of change (_d) and the classes (_c)."""
    places = zone.blocks(day).of_parcel
    born, gone = zone.lives
    rows: list[dict[str, Any]] = [
        {"id": str(key), "block": int(block)} for key, block in zip(zone.parcel_ids, places, strict=True)
    ]
    for at in np.flatnonzero((born > 0) | (gone < NEVER)):
        rows[at] |= {"born": int(born[at]), "gone": int(gone[at])}
    for theme, codes in zone.static.items():
        for row, number in zip(rows, codes.tolist(), strict=True):
            row[theme] = number
    for theme, course in zone.courses.items():
        for row, (days, numbers) in zip(rows, _changes(course), strict=True):
            row[f"{theme}_d"], row[f"{theme}_c"] = days, numbers
    _describe(rows, zone)
    return features(zone.outlines, rows)


def plan_parcels(zone: Zone, day: datetime.date, document: PlanDocument) -> bytes:
    """All parcels with their stage in a plan: days of change (plan_d), stages (plan_c), and what the tooltip says."""
    places, sites = zone.blocks(day).of_parcel, document.site_of()
    modes = zone.register.project.life.modes
    rows = [
        {"id": str(key), "block": int(block), "plan_d": days, "plan_c": codes, **_site(sites.get(str(key)), modes)}
        for key, block, (days, codes) in zip(
            zone.parcel_ids, places, _changes(stages(document, zone.parcel_ids)), strict=True
        )
    ]
    born, gone = zone.lives
    for at in np.flatnonzero((born > 0) | (gone < NEVER)):
        rows[at] |= {"born": int(born[at]), "gone": int(gone[at])}
    return features(zone.outlines, rows)


def _site(site: Site | None, modes: Mapping[str, Mode]) -> dict[str, str]:
    """A site as the tooltip says it; "—" where there is nothing to say."""
    mode = modes.get(site.mode) if site and site.mode else None
    said = (site.name, site.site_id, site.start_quarter, site.completed_quarter) if site else (None,) * 4
    named = {f"t_{name}": text or "—" for name, text in zip(("name", "site", "start", "end"), said, strict=True)}
    known = (mode.title.zh, mode.title.en) if mode else ((site and site.mode) or "—",) * 2
    return named | {"t_mode_zh": known[0], "t_mode_en": known[1]}


def _changes(course: Course) -> Iterator[tuple[list[int], list[int]]]:
    """Of each parcel the days of change, and one class more than days."""
    count = (course.day < NEVER).sum(axis=1).tolist()
    for many, days, numbers in zip(count, course.day.tolist(), course.code.tolist(), strict=True):
        yield days[:many], numbers[: many + 1]


def _describe(rows: list[dict[str, Any]], zone: Zone) -> None:
    """What the tooltip says; "—" where it is not known."""
    scores = DataFrame(index=zone.parcel_ids) if zone.scores is None else zone.scores.reindex(zone.parcel_ids)
    for name, decimals in (("area_mu", 1), ("score", 1), ("floor_area_ratio", 2), ("output_per_mu", 0)):
        numbers = scores[name] if name in scores else Series(np.nan, index=zone.parcel_ids)
        for row, number in zip(rows, numbers.to_numpy(float, na_value=np.nan).tolist(), strict=True):
            row[f"t_{name}"] = "—" if number != number else f"{number:.{decimals}f}"
    holders = zone.parcels["right_holder"] if "right_holder" in zone.parcels else Series(None, index=zone.parcel_ids)
    for row, holder in zip(rows, holders, strict=True):
        row["t_holder"] = holder if isinstance(holder, str) else "—"


def features(shapes: np.ndarray, properties: Sequence[Mapping[str, Any]]) -> bytes:
    """A feature collection; what has no shape is left out, as a map cannot show it."""
    known = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    flat = shapely.transform(shapes[known], lambda points: np.round(points, DEGREE_DECIMALS))
    texts = shapely.to_geojson(flat)
    chosen = [row for row, there in zip(properties, known.tolist(), strict=True) if there]
    lines = [
        b'{"type":"Feature","properties":' + orjson.dumps(row) + b',"geometry":' + text.encode() + b"}"
        for row, text in zip(chosen, texts, strict=True)
    ]
    return b'{"type":"FeatureCollection","features":[' + b",".join(lines) + b"]}"


def lots(zone: Zone, day: datetime.date, block: int) -> bytes:
    """The outlines of the parcels of one block."""
    mine = zone.blocks(day).of_parcel == block
    return features(zone.outlines[mine], [{}] * int(mine.sum()))


def blocks(zone: Zone, day: datetime.date) -> bytes:
    """The block outlines that hold on the day."""
    drawn = drawn_blocks(zone, day)
    return features(drawn.geometry.to_numpy(), [{}] * len(drawn))


def drawn_blocks(zone: Zone, day: datetime.date) -> gpd.GeoDataFrame:
    """The outlines of `zone.blocks(day)`, as drawn."""
    outlines, valid = zone.block_outlines, zone.blocks(day).table
    keys = set(zip(valid["block_id"], valid["valid_from"].fillna(""), strict=True))
    pairs = zip(outlines["block_id"], outlines["valid_from"].fillna(""), strict=True)
    return outlines[[pair in keys for pair in pairs]]


def streets(zone: Zone) -> bytes:
    """Centre lines of streets, where the project has any."""
    drawn = zone.layers.get("streets")
    return features(lon_lat(drawn.geometry)[0], [{}] * len(drawn)) if drawn is not None else features(np.array([]), [])


def block_labels(zone: Zone, day: datetime.date) -> bytes:
    """Names of the blocks, at the pole of each outline."""
    drawn = drawn_blocks(zone, day)
    found = []
    for row in drawn.itertuples(index=False):
        if row.geometry is not None and not row.geometry.is_empty:
            found.append(_label(row.name, row.name_en, row.block_id, _pole(row.geometry)) | {"angle": 0})
    return orjson.dumps(found)


def street_labels(zone: Zone) -> bytes:
    """Names of the streets, once for each name, along the longest of its lines."""
    drawn = zone.layers.get("streets")
    if drawn is None or "name" not in drawn:
        return b"[]"
    lines, _ = lon_lat(drawn.geometry)
    names = drawn["name_en"] if "name_en" in drawn else drawn["name"]
    longest: dict[str, tuple[float, Any, Any]] = {}
    for name, english, line in zip(drawn["name"], names, lines, strict=True):
        if isinstance(name, str) and line is not None and line.length > longest.get(name, (0.0, None, None))[0]:
            longest[name] = (line.length, line, english)
    found = []
    for name, (_, line, english) in longest.items():
        middle = line.interpolate(0.5, normalized=True)
        found.append(_label(name, english, name, middle) | {"angle": _angle(line)})
    return orjson.dumps(found)


def _label(name: object, english: object, key: str, point: shapely.Point) -> dict[str, Any]:
    local = name if isinstance(name, str) else key
    return {"zh": local, "en": english if isinstance(english, str) else local, "lon": point.x, "lat": point.y}


def _pole(shape: shapely.Geometry) -> shapely.Point:
    """The point farthest from the edge: there a label has most room."""
    largest = max(shapely.get_parts(shape), key=lambda part: part.area)
    return shapely.get_point(shapely.maximum_inscribed_circle(largest), 0)


def _angle(line: shapely.Geometry) -> float:
    """Degrees by which text along a line is turned, never upside down."""
    ends = shapely.get_coordinates(line)[[0, -1]]
    east, north = (ends[1] - ends[0]) * [np.cos(np.radians(ends[0, 1])), 1]
    angle = float(np.degrees(np.arctan2(north, east)))
    return round((angle + 90) % 180 - 90, 1)


def massing(zone: Zone) -> bytes:
    """Buildings with height (m) and the days from and until which they stand; and what may be built on cleared land.

    A height that nobody wrote down is storeys × STOREY_M. The planned massing fills PLANNED_COVERAGE of a lot up to the
    floor area ratio that its plan allows, from the day on which its completion is planned, or cleared land is.
    """
    shapes: list[Any] = []
    rows: list[dict[str, Any]] = []
    state, plan = zone.reached[0], zone.coming
    index = {str(key): at for at, key in enumerate(zone.parcel_ids)}
    fallen, begun = state.day[:, CODES["DEMOLISHED"]], state.day[:, CODES["STARTED"]]
    to_fall = np.minimum(fallen, plan.day[:, CODES["DEMOLISHED"]])
    for name in ("buildings", "demolished"):
        layer = zone.layers.get(name)
        if layer is None:
            continue
        flat, _ = lon_lat(layer.geometry)
        owner = [index.get(str(key)) for key in (layer["parcel_id"] if "parcel_id" in layer else [None] * len(layer))]
        for at, (shape, height) in enumerate(zip(flat, _heights(layer), strict=True)):
            place = owner[at]
            new = name == "buildings" and place is not None and fallen[place] < NEVER
            since = int(begun[place]) if new and place is not None and begun[place] < NEVER else 0
            until = NEVER if new or place is None else int(to_fall[place])
            shapes.append(shape)
            rows.append({"height": height, "from": since, "until": until, "plan": 0})
    _add_planned(shapes, rows, zone, to_fall, np.minimum(state.day, plan.day)[:, CODES["COMPLETED"]], fallen)
    return features(np.array(shapes, dtype=object), rows)


def _heights(layer: DataFrame) -> list[float]:
    height = layer["height_m"] if "height_m" in layer else Series(np.nan, index=layer.index)
    storeys = layer["storeys"] if "storeys" in layer else Series(np.nan, index=layer.index)
    return [float(value) for value in height.fillna(storeys * STOREY_M).fillna(STOREY_M)]


def _add_planned(
    shapes: list[Any],
    rows: list[dict[str, Any]],
    zone: Zone,
    to_fall: np.ndarray,
    completed: np.ndarray,
    fallen: np.ndarray,
) -> None:
    """The planned massing of the lots that are to be cleared and have no new building yet."""
    if "max_floor_area_ratio" not in zone.parcels:
        return
    ratio = zone.parcels["max_floor_area_ratio"].to_numpy(float, na_value=np.nan)
    for at in np.flatnonzero((to_fall < NEVER) & (fallen == NEVER) & ~np.isnan(ratio)):
        shape = zone.outlines[at]
        if shape is None:
            continue
        since = int(completed[at]) if completed[at] < NEVER else int(to_fall[at])
        lot = shapely.transform(shape, _shrunk(shape, PLANNED_COVERAGE**0.5))
        shapes.append(lot)
        rows.append(
            {"height": float(ratio[at] / PLANNED_COVERAGE * STOREY_M), "from": since, "until": NEVER, "plan": 1}
        )


def _shrunk(shape: shapely.Geometry, share: float) -> Any:
    """A transformation towards the middle of a shape."""
    middle = shapely.get_coordinates(shapely.centroid(shape))[0]
    return lambda points: middle + (points - middle) * share
