"""Blocks, streets and lots of the invented zone: all outlines are made up, only some areas are published."""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, cos, degrees, hypot, radians, sin

import numpy as np
from shapely import LineString, Polygon, affinity, line_interpolate_point, prepare, segmentize, transform, union_all
from shapely.ops import split

CENTRE = (503_000.0, 3_198_000.0)
TILT_DEG = -13.0
STREET_WIDTHS_M = (12.0, 14.0, 16.0, 18.0, 24.0)
SMALLEST_LOT_M2 = 1_500.0


@dataclass(frozen=True)
class Block:
    """One block; `at` is its centre and `wide_m` its width in the upright frame of the zone, before bending."""

    block_id: str
    name: str
    name_en: str
    hectares: float
    at: tuple[float, float]
    wide_m: float
    spacing_m: tuple[float, float] = (215.0, 165.0)  # between streets, along and across; 0 = no streets
    lot_m2: float = 6_400.0


BLOCKS = (
    Block("LCC", "老长城", "Old Changcheng", 119.0, (-915, 0), 1_322, lot_m2=6_900),
    Block("XYSB", "西园山背", "Xiyuan Shanbei", 84.9, (-1_083, 985), 894, lot_m2=6_000),
    Block("LT", "炉头（华夏路）", "Lutou (Huaxia Road)", 100.6, (-46, 985), 1_059),
    Block("YT", "堰头小微企业园", "Yantou", 31.78, (1_239, -794), 560, (180, 150), 6_200),
    Block("XZ", "西朱", "Xizhu", 4.68, (1_130, -1_236), 270, (0, 0)),
    Block("TCC", "陶瓷厂", "Ceramics Factory", 46.1, (1_321, 0), 511, (240, 180), 9_000),
    Block("ZYFY", "中月–飞鹰", "Zhongyue–Feiying", 108.2, (406, 0), 1_200, (240, 185), 8_400),
    Block("CT", "澄塘", "Chengtang", 117.0, (283, -985), 1_231),
    Block("BQ", "柏桥", "Boqiao", 107.2, (-956, -985), 1_128, lot_m2=5_400),
    Block("XD", "溪砚", "Xiyan", 93.9, (1_037, 985), 988, lot_m2=7_000),
)
ARTERIES = (
    ("长城路", "Changcheng Road", 40, ((-1_750, 480), (1_750, 480))),
    ("堰头路", "Yantou Road", 36, ((-1_750, -480), (1_750, -480))),
    ("华夏路", "Huaxia Road", 36, ((-606, 480), (-606, 1_520))),
    ("溪砚路", "Xiyan Road", 30, ((513, 480), (513, 1_520))),
    ("飞鹰路", "Feiying Road", 32, ((-224, 480), (-224, -480))),
    ("陶瓷路", "Taoci Road", 30, ((1_036, 480), (1_036, -480))),
    ("柏桥路", "Boqiao Road", 32, ((-362, -480), (-362, -1_520))),
    ("澄塘路", "Chengtang Road", 30, ((929, -480), (929, -1_520))),
)
FIRST_WORDS = ("金Jin", "铜Tong", "锡Xi", "银Yin", "钢Gang", "锻Duan", "铸Zhu", "锐Rui", "锋Feng", "砺Li")
SECOND_WORDS = ("源yuan", "达da", "川chuan", "盛sheng", "泰tai", "和he", "安an", "曜yao", "岭ling", "湾wan", "屏ping")


def bend(points: np.ndarray) -> np.ndarray:
    """From the upright frame of the zone to EPSG:4549: gently bent, tilted and moved."""
    u, v = points[:, 0], points[:, 1]
    u, v = u + 70 * np.sin(v / 650 + 0.4), v + 90 * np.sin(u / 1_000)
    c, s = cos(radians(TILT_DEG)), sin(radians(TILT_DEG))
    return np.column_stack([CENTRE[0] + c * u - s * v, CENTRE[1] + s * u + c * v])


def outline(block: Block, rng: np.random.Generator) -> tuple[Polygon, Polygon]:
    """The block upright, and as it lies on the ground with exactly its area."""
    half_u = block.wide_m / 2
    half_v = block.hectares * 10_000 / block.wide_m / 2
    jitter = min(9.0, 0.03 * half_v)
    corners = [(-half_u, -half_v), (half_u, -half_v), (half_u, half_v), (-half_u, half_v)]
    upright = Polygon(np.array(corners) + block.at + rng.uniform(-jitter, jitter, (4, 2)))
    bent = transform(segmentize(upright, 70), bend)
    ratio = (block.hectares * 10_000 / bent.area) ** 0.5
    return upright, affinity.scale(bent, ratio, ratio, origin=bent.centroid)


def cuts(low: float, high: float, spacing: float, rng: np.random.Generator) -> list[float]:
    """Where streets cut the span, so that about `spacing` lies between them."""
    count = round((high - low) / spacing) - 1 if spacing else 0
    step = (high - low) / (count + 1)
    return [low + (i + 1) * step + rng.uniform(-0.13, 0.13) * step for i in range(count)]


def street_lines(block: Block, upright: Polygon, rng: np.random.Generator) -> list[tuple[str, LineString]]:
    """The streets of a block in the upright frame: long ones right through, cross streets row by row, some left out."""
    left, low, right, high = upright.bounds
    rows = cuts(low, high, block.spacing_m[1], rng)
    slant = [(y, y + rng.uniform(-10, 10)) for y in rows]
    lines = [("long", LineString([(left - 40, a), (right + 40, b)])) for a, b in slant]
    for number, x in enumerate(cuts(left, right, block.spacing_m[0], rng)):
        for below, above in zip([low - 40, *rows], [*rows, high + 40], strict=True):
            if rng.random() < 0.84:
                ends = [(x + rng.uniform(-14, 14), below), (x + rng.uniform(-14, 14), above)]
                lines.append((f"cross{number}", LineString(ends)))
    return lines


class StreetNames:
    """Invented names, each given once."""

    def __init__(self) -> None:
        self.free = [(a[0] + b[0], a[1:] + b[1:]) for b in SECOND_WORDS for a in FIRST_WORDS]

    def take(self, *, long: bool) -> tuple[str, str]:
        """The next name in Chinese and English."""
        zh, en = self.free.pop(0)
        return (zh + "街", en + " Street") if long else (zh + "路", en + " Road")


def cut_block(block: Block, names: StreetNames, rng: np.random.Generator) -> tuple[Polygon, list[dict], list[Polygon]]:
    """Outline, streets and street blocks of one block."""
    upright, ground = outline(block, rng)
    named: dict[str, tuple] = {}
    streets = []
    for number, (kind, line) in enumerate(street_lines(block, upright, rng)):
        key = f"{kind}{number}" if kind == "long" else kind
        if key not in named:
            named[key] = (*names.take(long=kind == "long"), float(rng.choice(STREET_WIDTHS_M)))
        zh, en, width = named[key]
        drawn = transform(segmentize(line, 70), bend)
        streets.append({"name": zh, "name_en": en, "width_m": width, "geometry": drawn})
    room = ground.difference(union_all([s["geometry"].buffer(s["width_m"] / 2, quad_segs=2) for s in streets]))
    for street in streets:
        street["geometry"] = street["geometry"].intersection(ground)
    parts = [part for part in getattr(room, "geoms", [room]) if part.area > SMALLEST_LOT_M2]
    return ground, streets, sorted(parts, key=lambda p: (round(p.centroid.y, 3), round(p.centroid.x, 3)))


def frame(shape: Polygon) -> tuple[float, float, float]:
    """Angle of the long side in degrees, long side and short side of the smallest rectangle around a shape, m."""
    corners = np.array(shape.minimum_rotated_rectangle.exterior.coords)
    a, b = corners[1] - corners[0], corners[2] - corners[1]
    if hypot(*a) < hypot(*b):
        a, b = b, a
    return degrees(atan2(a[1], a[0])), hypot(*a), hypot(*b)


def cut_across(shape: Polygon, fraction: float, turn_deg: float) -> list[Polygon]:
    """The shape cut across its long side."""
    angle, long, short = frame(shape)
    middle = shape.minimum_rotated_rectangle.centroid
    along, across = radians(angle), radians(angle + 90 + turn_deg)
    x = middle.x + (fraction - 0.5) * long * cos(along)
    y = middle.y + (fraction - 0.5) * long * sin(along)
    reach = 2 * (long + short)
    dx, dy = reach * cos(across), reach * sin(across)
    return list(split(shape, LineString([(x - dx, y - dy), (x + dx, y + dy)])).geoms)


def lots(shape: Polygon, typical_m2: float, rng: np.random.Generator) -> list[Polygon]:
    """A street block cut into irregular lots; neighbours share their boundary."""
    _, long, short = frame(shape)
    wanted = float(np.clip(typical_m2 * rng.lognormal(0.1, 0.62), 2_900, 18_500))
    if shape.area < 3_000 or (shape.area < 1.3 * wanted and long < 2.6 * short):
        return [shape]
    for _ in range(6):
        pieces = cut_across(shape, rng.uniform(0.36, 0.64), rng.normal(0, 2.5))
        if len(pieces) == 2 and min(piece.area for piece in pieces) > SMALLEST_LOT_M2:
            return [lot for piece in pieces for lot in lots(piece, typical_m2, rng)]
    return [shape]


def arteries() -> list[dict]:
    """The main roads between the blocks."""
    return [
        {
            "name": zh,
            "name_en": en,
            "width_m": float(width),
            "geometry": transform(segmentize(LineString(ends), 70), bend),
        }
        for zh, en, width, ends in ARTERIES
    ]


@dataclass
class Zone:
    """What the drawing gives: rows for the layers."""

    blocks: list[dict]
    street_blocks: list[dict]
    streets: list[dict]
    lots: list[dict]


def draw(rng: np.random.Generator) -> Zone:
    """All blocks with their streets and lots."""
    zone, names = Zone([], [], arteries(), []), StreetNames()
    for block in BLOCKS:
        ground, streets, parts = cut_block(block, names, rng)
        zone.blocks.append({
            "block_id": block.block_id, "name": block.name, "name_en": block.name_en,
            "planned_area_ha": block.hectares, "valid_from": "2018-01-01", "valid_to": None, "geometry": ground,
        })  # fmt: skip
        zone.streets += [s for s in streets if not s["geometry"].is_empty]
        for number, part in enumerate(parts, 1):
            key = f"{block.block_id}-{number:02}"
            row = {"street_block_id": key, "block_id": block.block_id, "area_m2": round(part.area, 2), "geometry": part}
            zone.street_blocks.append(row)
            pieces = lots(part, block.lot_m2, rng) if block.spacing_m[0] else [part]
            # some are left out: green, ponds, substations
            keep = [p for p in pieces if len(pieces) < 3 or rng.random() > 0.025]
            zone.lots += [{"block_id": block.block_id, "street_block_id": key, "geometry": p} for p in keep]
    return zone


def largest_upright_box(shape: Polygon) -> tuple[float, float, float, float] | None:
    """A large upright rectangle about the middle of a shape: left, low, right, high; None where there is none."""
    prepare(shape)
    left, low, right, high = shape.bounds
    cx, cy = shape.centroid.x, shape.centroid.y
    best, found = 0.0, None
    for sx in np.linspace(0.4, 1, 25):
        for sy in np.linspace(0.4, 1, 25):
            if sx * sy <= best:
                continue
            half_x, half_y = sx * (right - left) / 2, sy * (high - low) / 2
            box = (cx - half_x, cy - half_y, cx + half_x, cy + half_y)
            if shape.contains(Polygon.from_bounds(*box)):
                best, found = sx * sy, box
    return found


def along_edge(shape: Polygon, share: float) -> tuple[float, float, float]:
    """A point on the boundary and the direction of the boundary there, degrees."""
    ring = shape.exterior
    here = line_interpolate_point(ring, share, normalized=True)
    ahead = line_interpolate_point(ring, (share + 1e-4) % 1, normalized=True)
    return here.x, here.y, degrees(atan2(ahead.y - here.y, ahead.x - here.x))
