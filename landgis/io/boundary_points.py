"""Boundary-point text files (勘测定界 界址点坐标交换格式): parcels as lists of surveyed points.

In them X is the northing and Y the easting, the opposite of every other format. The area of a record is in hectares in
most files and in m² in some; which one is told by the area that the points enclose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from pyproj import CRS

from landgis.errors import InputRefused, Place, Problem
from landgis.io.encodings import CHINESE, UTF_16_MARKS, decodes, known_encoding
from landgis.io.found import MOST_NAMED, Found, refused
from landgis.io.zones import Zone, zone_of_number, zone_prefix
from landgis.text import N_, Message

SIZE_LIMIT = 200_000_000
HECTARE_M2 = 10_000.0
NAMES = (
    "界址点数",
    "地块面积",
    "地块编号",
    "地块名称",
    "图形属性",
    "图幅号",
    "地块用途",
    "地类编码",
)  # of a record, in order
LEAST_FIELDS = 5
MORE = "描述"  # the ninth field, where there is one
UNIT = "MJDW"  # the cadastral column that says what an area is in: 1 m², 3 hectares
_WIDE = str.maketrans("，．＝＠；：－０１２３４５６７８９［］", ",.=@;:-0123456789[]")
_DATUMS = (("2000", "CGCS2000"), ("80", "Xian 1980"), ("54", "Beijing 1954"))
_KINDS = {"面": "polygon", "线": "line", "点": "point"}


@dataclass
class Record:
    """One parcel: the line it stands in, its fields, and its points as (ring, easting, northing)."""

    line: int
    fields: list[str]
    rings: list[str] = field(default_factory=list)
    points: list[tuple[float, float]] = field(default_factory=list)


def read_boundary_points(path: Path, place: Place, encoding: str | None = None) -> Found:
    """The parcels of a file, a row a record; rows are the lines of the records. Raises InputRefused naming the line."""
    text, used = _decoded(path, encoding, place)
    settings, records = _parse(text, place)
    if not records:
        raise refused("E-EMPTY", Message(N_("there is no parcel in it: no line with @ follows [地块坐标]")), place)
    problems = [problem for record in records for problem in _record_faults(record, place)]
    if problems:
        raise InputRefused(problems[:MOST_NAMED])
    crs = _crs(settings, records, place)
    geometry = np.empty(len(records), dtype=object)
    geometry[:] = [_outline(record) for record in records]
    rows = np.array([record.line for record in records])
    return Found(_table(records, geometry), geometry, rows, crs, "BoundaryPoints", None, used, _remarks(records, place))


def _decoded(path: Path, asked: str | None, place: Place) -> tuple[str, str]:
    """The text: UTF-8 where it decodes, else GBK, the format's own encoding."""
    if path.stat().st_size > SIZE_LIMIT:
        raise refused("E-SIZE", Message(N_("a text file of this size is no list of boundary points")), place)
    content = path.read_bytes()
    if content.startswith(UTF_16_MARKS):
        raise refused("E-ENC", Message(N_("the text is in UTF-16; save it as UTF-8")), place)
    for encoding in ("utf-8-sig", known_encoding(asked) if asked else None, CHINESE):
        if encoding and decodes(content, encoding):
            return content.decode(encoding), "UTF-8" if encoding == "utf-8-sig" else encoding
    raise refused("E-ENC", Message(N_("the text is neither UTF-8 nor GB18030; say what it is with --encoding")), place)


def _parse(text: str, place: Place) -> tuple[dict[str, str], list[Record]]:
    """The settings of all blocks, and the records of the coordinate block."""
    settings: dict[str, str] = {}
    records: list[Record] = []
    faults: list[Problem] = []
    block = ""
    for number, line in _lines(text):
        if line.startswith("[") and line.endswith("]"):
            block = line.strip("[] ")
        elif "坐标" not in block:
            name, _, value = line.partition("=")
            settings[name.strip()] = value.strip()
        elif "@" in line:
            plain = line.replace("@", "").strip().removeprefix(",").removesuffix(",")
            records.append(Record(number, [part.strip() for part in plain.split(",")]))
        elif (problem := _take_point(line, records, Place(place.file, place.layer, number))) is not None:
            faults.append(problem)
    if faults:
        raise InputRefused(faults[:MOST_NAMED])
    return settings, records


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Number and content of each line that has any, in half-width punctuation."""
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        plain = line.translate(_WIDE).strip().strip("\ufeff\0\x1a")
        if plain:
            yield number, plain


def _take_point(line: str, records: list[Record], place: Place) -> Problem | None:
    """Add a point to the last record; the problem where the line is none."""
    if not records:
        return Problem(
            "E-BPT-LINE", Message(N_("this point stands before any parcel; the line of a parcel ends with @")), place
        )
    parts = [part.strip() for part in re.split(r"[,\t ]+", line.strip(", \t"))]
    try:
        _, ring, northing, easting = parts if len(parts) == 4 else parts[:4]
        point = (float(easting), float(northing))
    except ValueError:
        words = N_("{line} is no boundary point; write number, ring, X (north), Y (east), apart by commas")
        return Problem("E-BPT-LINE", Message(words, {"line": line[:60]}), place)
    records[-1].rings.append(ring)
    records[-1].points.append(point)
    return None


def _rings(record: Record) -> list[np.ndarray]:
    """The rings of a record, each closed: a new one begins with another ring number, or after one that came back."""
    rings: list[list[tuple[float, float]]] = []
    last, is_closed = None, True
    for ring, point in zip(record.rings, record.points, strict=True):
        if ring != last or is_closed:
            rings.append([])
        rings[-1].append(point)
        last, is_closed = ring, len(rings[-1]) > 3 and point == rings[-1][0]
    return [np.array(ring if ring[0] == ring[-1] and len(ring) > 1 else [*ring, ring[0]]) for ring in rings]


def _record_faults(record: Record, place: Place) -> list[Problem]:
    here = Place(place.file, place.layer, record.line)
    if len(record.fields) < LEAST_FIELDS:
        words = N_(
            "the parcel has {count} fields, but eight are needed (number of points, area, number, "
            "name, kind, sheet, use, code)"
        )
        return [Problem("E-BPT-RECORD", Message(words, {"count": len(record.fields)}), here)]
    claimed = _number(record.fields[0])
    listed = len(record.points)
    distinct = sum(len(ring) - 1 for ring in _rings(record))
    faults = []
    if claimed is not None and not min(listed, distinct) <= claimed <= max(listed, distinct + len(_rings(record))):
        words = N_(
            "the parcel says it has {claimed} boundary points, but {listed} follow; the file is cut "
            "off or edited: copy it again"
        )
        faults.append(
            Problem(
                "E-BPT-COUNT",
                Message(words, {"claimed": int(claimed), "listed": listed}),
                replace(here, field=NAMES[0]),
            )
        )
    if _kind(record) == "polygon" and any(len(ring) < 4 for ring in _rings(record)):
        words = N_("a ring of this parcel has fewer than three boundary points; complete it")
        faults.append(Problem("E-BPT-RING", Message(words), here))
    return faults


def _kind(record: Record) -> str:
    return _KINDS.get(record.fields[4], "polygon")


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _outline(record: Record) -> Any:
    """The geometry of a record: a ring inside another is its hole, one beside it a further part."""
    if not record.points:
        return None
    if _kind(record) == "point":
        return shapely.multipoints(record.points) if len(record.points) > 1 else shapely.Point(record.points[0])
    if _kind(record) == "line":
        return shapely.LineString(record.points) if len(record.points) > 1 else shapely.Point(record.points[0])
    shells: list[tuple[shapely.Polygon, list[np.ndarray]]] = []
    for ring in _rings(record):
        inner = shapely.Polygon(ring)
        around = next((holes for shell, holes in shells if _is_inside(inner, shell)), None)
        if around is None:
            shells.append((inner, []))
        else:
            around.append(ring)
    parts = [shapely.Polygon(shell.exterior, holes) for shell, holes in shells]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _is_inside(inner: shapely.Polygon, shell: shapely.Polygon) -> bool:
    """Whether every corner of a ring is in or on another; rings may touch, and need not be valid."""
    shapely.prepare(shell)
    return bool(shapely.intersects_xy(shell, shapely.get_coordinates(inner)).all()) and inner.area < shell.area


def _table(records: list[Record], geometry: np.ndarray) -> pa.Table:
    """The fields by their names in the standard; the area as a number, with its unit in a column of its own."""
    columns: dict[str, list[Any]] = {
        name: [record.fields[at] if at < len(record.fields) and record.fields[at] else None for record in records]
        for at, name in enumerate(NAMES)
    }
    if any(len(record.fields) > len(NAMES) for record in records):
        columns[MORE] = [",".join(record.fields[len(NAMES) :]) or None for record in records]
    areas = [_number(record.fields[1]) for record in records]
    columns[NAMES[0]] = [len(record.points) for record in records]
    columns[NAMES[1]] = areas
    columns[UNIT] = [_unit(area, outline) for area, outline in zip(areas, geometry, strict=True)]
    texts = {name: pa.large_string() for name in columns if name not in NAMES[:2]}
    kinds = {NAMES[0]: pa.int64(), NAMES[1]: pa.float64(), **texts}
    return pa.table({name: pa.array(values, kinds[name]) for name, values in columns.items()})


def _unit(area: float | None, outline: Any) -> str | None:
    """3 (hectares) or 1 (m²), whichever brings the area closer to what the points enclose."""
    if area is None:
        return None
    enclosed = outline.area if outline is not None else 0.0
    return "1" if abs(area - enclosed) < abs(area * HECTARE_M2 - enclosed) else "3"


def _crs(settings: dict[str, str], records: list[Record], place: Place) -> CRS | None:
    """The CRS by datum, zone and whether eastings carry the zone; None where nothing says the zone."""
    said = settings.get("坐标系", "")
    datum = next((name for word, name in _DATUMS if word in said), "CGCS2000")
    eastings = [easting for record in records for easting, _ in record.points]
    northings = [northing for record in records for _, northing in record.points]
    prefixes = set(map(zone_prefix, eastings))
    if {zone_prefix(northing) for northing in northings} != {None} and prefixes == {None}:
        words = N_(
            "X carries a zone number, so X and Y are exchanged: X is north and Y is east in this format; exchange them"
        )
        raise refused("E-CRS-SWAPPED", Message(words), place)
    if len(prefixes) > 1:
        words = N_("the points are in several zones ({zones}); keep the parcels of each zone in a file of their own")
        listed = ", ".join(sorted(str(prefix or "-") for prefix in prefixes))
        raise refused("E-CRS-ZONE", Message(words, {"zones": listed}), place)
    prefix = next(iter(prefixes), None)
    declared = int(zone) if (zone := re.sub(r"\D", "", settings.get("带号", ""))) else None
    if prefix is not None and declared is not None and prefix != declared:
        words = N_(
            "the points are in zone {prefix}, but the file says zone {declared} (带号); correct the one that is wrong"
        )
        raise refused("E-CRS-ZONE", Message(words, {"prefix": prefix, "declared": declared}), place)
    number = prefix if prefix is not None else declared
    zone_found = None if number is None else zone_of_number(number, datum, numbered=prefix is not None)
    return None if zone_found is None else CRS.from_epsg(_checked(zone_found, settings, place).code)


def _checked(zone: Zone, settings: dict[str, str], place: Place) -> Zone:
    """The zone, unless its width is not the one that the file says."""
    width = re.sub(r"\D", "", settings.get("几度分带", ""))
    if width and int(width) != zone.width:
        words = N_(
            "zone {zone} is one of {width} degrees, but the file says {said} (几度分带); correct the one that is wrong"
        )
        raise refused("E-CRS-ZONE", Message(words, {"zone": zone.number, "width": zone.width, "said": width}), place)
    return zone


def _remarks(records: list[Record], place: Place) -> list[Problem]:
    other = [record for record in records if _kind(record) != "polygon"]
    words = N_("this record is a {kind}, not an area; it is kept, but cannot be measured")
    return [
        Problem("W-GEOM-TYPE", Message(words, {"kind": record.fields[4]}), Place(place.file, place.layer, record.line))
        for record in other[:MOST_NAMED]
    ]
