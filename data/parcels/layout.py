"""Blocks, streets, street blocks and lots of the sample zone: where everything lies.

Drawn in a plan frame (u to the east along the grid, v to the north, metres), then turned and moved into EPSG:4549. Names of
blocks are those of the newspapers; every line is invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from shapely import LineString, Point, Polygon, affinity, box
from shapely.ops import polygonize, split

CRS = "EPSG:4549"
ORIGIN_M = (501_600.0, 3_196_900.0)  # easting, northing of the plan's (0, 0)
ZONE_ANGLE = 9.0  # degrees, counter-clockwise: the whole grid is turned a little
GRID_M = 1e-4  # coordinates are whole tenths of a millimetre


@dataclass(frozen=True)
class BlockPlan:
    """One block: what it is called and how its streets and lots are spaced (metres)."""

    block_id: str
    name: str
    name_en: str
    subarea: str  # 地籍子区, characters 10 to 12 of a parcel number
    angle: float  # of its streets, against the grid
    main_m: float  # between the main streets
    cross_m: float  # between the cross streets
    lot_m: float  # usual width of a lot
    spread: float  # of the widths: 0 all equal
    old: float  # share of old, crowded lots
    valid_from: str
    area_m2: float | None = None  # published, and met exactly
    away: tuple[float, float] = (0, 1)  # the side that is cut back to meet it


@dataclass(frozen=True)
class Lot:
    """One lot: its outline in EPSG:4549, the direction of its grid, and the side its street is on (1 up, -1 down)."""

    block_id: str
    street_block: int
    outline: Polygon
    angle: float
    front: int


BLOCKS = (
    BlockPlan("LCC", "老长城", "Old Changcheng", "001", -2, 172, 255, 58, 0.50, 0.80, "2022-09-06", 1_190_000),
    BlockPlan("XYSB", "西园山背", "Xiyuan Shanbei", "002", 5, 190, 300, 66, 0.50, 0.65, "2022-09-06"),
    BlockPlan("LT", "炉头（华夏路）", "Lutou (Huaxia Road)", "003", 1, 186, 265, 62, 0.50, 0.70, "2022-09-06"),
    BlockPlan("YT", "堰头小微企业园", "Yantou", "004", -3, 158, 200, 52, 0.45, 0.95, "2018-01-15", 317_800, (1, 0)),
    BlockPlan("XZ", "西朱", "Xizhu", "005", 2, 999, 999, 999, 0, 0, "2018-02-09", 46_800, (0, 1)),
    BlockPlan("TCC", "陶瓷厂", "Ceramics Factory", "006", 0, 220, 300, 95, 0.45, 0.75, "2021-03-01"),
    BlockPlan("ZYFY", "中月–飞鹰", "Zhongyue–Feiying", "007", -4, 250, 400, 112, 0.45, 0.35, "2020-05-20"),
    BlockPlan("XZL", "象珠路", "Xiangzhu Road", "008", 3, 215, 330, 84, 0.50, 0.55, "2021-03-01"),
    BlockPlan("JSDL", "金山东路", "Jinshan East Road", "009", -6, 235, 360, 100, 0.45, 0.30, "2021-03-01"),
    BlockPlan("KYL", "科源路", "Keyuan Road", "010", 2, 205, 310, 78, 0.50, 0.50, "2021-03-01"),
)

# name, English name, width in metres, centre line in the plan
ARTERIALS = (
    ("科源路", "Keyuan Road", 32, ((-120, -30), (1200, 40), (2300, 10), (3500, -70), (4250, -170))),
    ("金山东路", "Jinshan East Road", 42, ((-260, 880), (1130, 950), (2410, 925), (3520, 1010), (4640, 985))),
    ("华夏路", "Huaxia Road", 36, ((-130, 1990), (1250, 2000), (2430, 2070), (3440, 2010), (4500, 2110))),
    ("象珠路", "Xiangzhu Road", 28, ((980, 2870), (2450, 2960), (2900, 2945))),
    ("西环路", "West Ring Road", 26, ((50, -140), (15, 900), (90, 2160))),
    ("长城路", "Changcheng Road", 36, ((1175, -130), (1145, 950), (1240, 2000), (1205, 3040))),
    ("锡山路", "Xishan Road", 40, ((2370, -130), (2420, 925), (2405, 2070), (2455, 3080))),
    ("东环路", "East Ring Road", 30, ((3460, -170), (3520, 1010), (3440, 2010), (3455, 2280))),
)

HILL = ((-300, 860), (60, 940), (190, 1080), (245, 1240), (220, 1420), (300, 1580), (270, 1760), (130, 1900), (-300, 2050))
RIVER = (
    (2700, -300), (2840, 60), (3060, 170), (3260, 230), (3420, 420), (3480, 640), (3700, 800), (3960, 1010),
    (4130, 1240), (4190, 1480), (4130, 1700), (4200, 1900), (4330, 2150), (5200, 2200), (5200, -300),
)  # fmt: skip
VILLAGES = (
    ((1150, 2600), (1430, 2620), (1520, 2730), (1490, 3000), (1150, 3000)),
    ((0, -60), (300, -60), (330, 120), (240, 200), (0, 215)),
    ((2930, 1870), (3180, 1850), (3220, 2100), (2920, 2100)),
    ((640, 1850), (700, 1740), (860, 1730), (905, 1850), (880, 2010), (640, 2010)),
)
CREEK = ((1100, 1985), (1500, 1960), (1900, 1990), (2500, 2000), (2500, 2300), (1100, 2300))

# a point in the cell of each block, and for those that share a cell the window they take of it
CELLS = {
    "LCC": ((1700, 1500), None),
    "XYSB": ((700, 1500), None),
    "LT": ((2900, 1500), None),
    "YT": ((1700, 500), ((1100, -100), (2000, -100), (1960, 1000), (1100, 1000))),
    "XZ": ((1700, 500), ((1700, 60), (1961, 68), (1954, 400), (1693, 400))),
    "TCC": ((1700, 500), ((1980, 300), (2210, 330), (2230, 120), (2450, 110), (2450, 960), (1950, 960))),
    "ZYFY": ((2600, 500), None),
    "XZL": ((1800, 2500), None),
    "JSDL": ((3700, 1500), None),
    "KYL": ((600, 500), None),
}


def to_ground(geometry: shapely.Geometry) -> shapely.Geometry:
    """The plan's geometry in EPSG:4549, on the coordinate grid."""
    turned = affinity.rotate(geometry, ZONE_ANGLE, origin=(0, 0))
    moved = affinity.translate(turned, *ORIGIN_M)
    return shapely.transform(moved, lambda xy: np.round(xy, 4))


def cut_to_area(outline: Polygon, area_m2: float, away: tuple[float, float]) -> Polygon:
    """The outline cut back from the side `away` to that area, by bisection on where the straight cut lies."""
    direction = np.array(away, dtype=float)
    across = np.array([-direction[1], direction[0]]) * 9000
    reach = shapely.get_coordinates(outline) @ direction
    low, high = reach.min(), reach.max()
    for _ in range(80):
        middle = (low + high) / 2
        foot = direction * middle
        corners = [foot + across, foot - across, foot - across - direction * 9000, foot + across - direction * 9000]
        kept = outline & Polygon(corners)
        low, high = (middle, high) if kept.area < area_m2 else (low, middle)
    return kept


def arterial_surface() -> shapely.Geometry:
    """The ground under the arterial streets."""
    return shapely.union_all([LineString(line).buffer(width / 2, cap_style="flat", join_style="mitre")
                              for _, _, width, line in ARTERIALS])  # fmt: skip


def block_outlines() -> dict[str, Polygon]:
    """Outline of each block in the plan: the cell between the arterials less hill, river, villages and creek."""
    others = [Polygon(ring) for ring in (HILL, RIVER, *VILLAGES, CREEK)]
    ground = shapely.difference(box(20, -30, 4330, 2960), shapely.union_all([arterial_surface(), *others]))
    cells = shapely.get_parts(ground)
    outlines = {}
    for plan in BLOCKS:
        point, window = CELLS[plan.block_id]
        cell = next(cell for cell in cells if cell.contains(Point(point)))
        outline = cell & Polygon(window) if window else cell
        if plan.area_m2:
            outline = cut_to_area(outline, plan.area_m2, plan.away)
        outlines[plan.block_id] = shapely.remove_repeated_points(outline)
    return outlines


def positions(low: float, high: float, step: float, rng: np.random.Generator) -> np.ndarray:
    """Where cuts lie between two ends, about `step` apart."""
    count = max(1, round((high - low) / step))
    even = low + (high - low) * np.arange(1, count) / count
    return even + rng.uniform(-0.09, 0.09, count - 1) * step


def street_lines(outline: Polygon, plan: BlockPlan, rng: np.random.Generator) -> list[tuple[LineString, float, bool]]:
    """Centre line, width and whether it is a main street, in the block's own frame."""
    left, low, right, high = outline.bounds
    ys = positions(low, high, plan.main_m, rng)
    widths = rng.choice([14, 16, 18], len(ys))
    if len(ys):
        widths[len(ys) // 2] = 24
    tilts = rng.uniform(-5, 5, len(ys))
    streets = [(LineString([(left - 60, y - t), (right + 60, y + t)]), float(w), True)
               for y, w, t in zip(ys, widths, tilts, strict=True)]  # fmt: skip
    xs: np.ndarray = np.array([])
    for bottom, top in pairwise([low - 60, *ys, high + 60]):
        fresh = positions(left, right, plan.cross_m, rng)
        keep = rng.random(len(fresh)) < 0.55
        xs = np.where(keep, xs, fresh) if len(xs) == len(fresh) else fresh
        for x in xs:
            lean = rng.uniform(-3, 3)
            streets.append((LineString([(x - lean, bottom), (x + lean, top)]), float(rng.choice([10, 12, 14])), False))
    return streets


def street_blocks(outline: Polygon, streets: list[tuple[LineString, float, bool]]) -> list[Polygon]:
    """What the streets leave of a block, with cut corners; scraps too small for a lot are left as green."""
    surface = shapely.union_all([line.buffer(width / 2, cap_style="flat") for line, width, _ in streets])
    pieces = shapely.get_parts(shapely.difference(outline, surface))
    kept = []
    for piece in pieces:
        cut = piece.buffer(-5, join_style="mitre").buffer(5, join_style="bevel") & piece
        kept += [part for part in shapely.get_parts(cut) if part.area > 1800]
    return sorted(kept, key=lambda part: (round(part.centroid.y), round(part.centroid.x)))


def cut(polygon: Polygon, start: tuple[float, float], end: tuple[float, float]) -> list[Polygon]:
    """The pieces of a polygon on both sides of a line."""
    return [part for part in shapely.get_parts(split(polygon, LineString([start, end]))) if part.area > 0.01]


def row_lots(row: Polygon, plan: BlockPlan, rng: np.random.Generator) -> list[Polygon]:
    """One row of lots, cut across with uneven widths, from left to right."""
    left, low, right, high = row.bounds
    count = max(1, round((right - left) / plan.lot_m * rng.uniform(0.85, 1.15)))
    shares = np.clip(rng.lognormal(0, plan.spread, count), 0.5, 2.6)
    xs = left + (right - left) * np.cumsum(shares / shares.sum())[:-1]
    lots, rest = [], row
    for x in xs:
        lean = rng.uniform(-1.5, 1.5)
        pieces = cut(rest, (x - lean, low - 9), (x + lean, high + 9))
        if len(pieces) != 2 or min(piece.area for piece in pieces) < 1100:
            continue
        first, rest = sorted(pieces, key=lambda piece: piece.centroid.x)
        lots.append(first)
    return [*lots, rest]


def flag_lot(lot: Polygon, front: int, rng: np.random.Generator) -> list[Polygon]:
    """A lot cut into one at the street and one behind it, which keeps a lane of 7 m to the street."""
    left, low, right, high = lot.bounds
    depth = rng.uniform(0.42, 0.5)
    y = high - depth * (high - low) if front > 0 else low + depth * (high - low)
    x = left + 7.5 if rng.random() < 0.5 else right - 7.5
    halves = cut(lot, (left - 9, y), (right + 9, y))
    if len(halves) != 2 or right - left < 38:
        return [lot]
    back, street = sorted(halves, key=lambda half: half.centroid.y * front)
    parts = sorted(cut(street, (x, low - 9), (x, high + 9)), key=lambda part: part.area)
    if len(parts) != 2:
        return [lot]
    behind = shapely.union(back, parts[0])
    return [behind, parts[1]] if behind.geom_type == "Polygon" else [lot]


def bent_lots(first: Polygon, second: Polygon, front: int, rng: np.random.Generator) -> list[Polygon]:
    """Two neighbours where the first takes the back of the second: an L-shaped lot."""
    left, low, right, high = second.bounds
    y = low + rng.uniform(0.42, 0.58) * (high - low)
    halves = cut(second, (left - 9, y), (right + 9, y))
    if len(halves) != 2:
        return [first, second]
    back, street = sorted(halves, key=lambda half: half.centroid.y * front)
    bent = shapely.union(first, back)
    plain = bent.geom_type == "Polygon" and min(street.area, first.area) > 1500
    return [bent, street] if plain else [first, second]


def vary(row: list[Polygon], front: int, rng: np.random.Generator) -> list[Polygon]:
    """The row with some lots bent round a neighbour and some cut into flag lots."""
    varied: list[Polygon] = []
    index = 0
    while index < len(row):
        chance, lot = rng.random(), row[index]
        if chance < 0.14 and index + 1 < len(row):
            varied += bent_lots(lot, row[index + 1], front, rng)
            index += 2
            continue
        varied += flag_lot(lot, front, rng) if chance > 0.88 and 4200 < lot.area < 14_000 else [lot]
        index += 1
    return varied


def lots_of(ground: Polygon, plan: BlockPlan, rng: np.random.Generator) -> list[tuple[Polygon, int]]:
    """Lots of one street block with the side their street is on: two rows back to back, or one where it is shallow."""
    left, low, right, high = ground.bounds
    if ground.area < 1.2 * plan.lot_m * 60 or rng.random() < 0.03:
        return [(ground, -1)]
    middle = low + (high - low) * rng.uniform(0.45, 0.55)
    lean = rng.uniform(-2, 2)
    rows = cut(ground, (left - 9, middle - lean), (right + 9, middle + lean)) if high - low > 105 else [ground]
    lots = []
    for row in rows:
        front = -1 if row.centroid.y < middle else 1
        lots += [(lot, front) for lot in vary(row_lots(row, plan, rng), front, rng)]
    return lots


def share_edges(polygons: list[Polygon]) -> list[Polygon]:
    """The same polygons with one common set of corners, so that neighbours meet without gap or overlap."""
    lines = shapely.union_all([polygon.boundary for polygon in polygons], grid_size=GRID_M)
    faces = [face for face in polygonize(lines) if face.area > 1]
    shared = []
    for polygon in polygons:
        own = [face for face in faces if polygon.contains(face.representative_point())]
        shared.append(shapely.union_all(own) if len(own) > 1 else own[0])
    return shared


@dataclass(frozen=True)
class Layout:
    """All that is drawn before anything is built."""

    outlines: dict[str, Polygon]
    street_blocks: list[tuple[str, Polygon]]
    streets: list[dict]
    lots: list[Lot]


def block_streets(plan: BlockPlan, outline: Polygon, streets: list[tuple[LineString, float, bool]]) -> list[dict]:
    """Named centre lines of a block's streets on the ground, led out to the arterial they meet."""
    reach = shapely.union(outline, shapely.intersection(outline.buffer(17, join_style="mitre"), arterial_surface()))
    rows, counts = [], {True: 0, False: 0}
    for line, width, main in streets:
        turned = affinity.rotate(line, plan.angle, origin=(0, 0))
        parts = [part for part in shapely.get_parts(turned & reach) if part.length > 60]
        counts[main] += bool(parts)
        number = counts[main]
        name = f"{plan.name}{'' if main else '横'}{number}{'路' if main else '街'}"
        name_en = f"{plan.name_en} {'Road' if main else 'Cross Street'} {number}"
        rows += [{"name": name, "name_en": name_en, "width_m": width, "block_id": plan.block_id,
                  "geometry": to_ground(part)} for part in parts]  # fmt: skip
    return rows


def lay_out(seed: int) -> Layout:
    """The whole zone on the ground."""
    layout = Layout({}, [], [], [])
    for name, name_en, width, line in ARTERIALS:
        layout.streets.append({"name": name, "name_en": name_en, "width_m": float(width), "block_id": None,
                               "geometry": to_ground(LineString(line))})  # fmt: skip
    for number, (plan, outline) in enumerate(zip(BLOCKS, block_outlines().values(), strict=True)):
        layout.outlines[plan.block_id] = to_ground(outline)
        lay_out_block(layout, plan, outline, np.random.default_rng([seed, 1, number]))
    return layout


def lay_out_block(layout: Layout, plan: BlockPlan, outline: Polygon, rng: np.random.Generator) -> None:
    """Add the streets, street blocks and lots of one block to the layout."""
    if plan.block_id == "XZ":  # one parcel, which is the block
        layout.street_blocks.append((plan.block_id, to_ground(outline)))
        layout.lots.append(Lot("XZ", len(layout.street_blocks) - 1, to_ground(outline), ZONE_ANGLE, -1))
        return
    own = affinity.rotate(outline, -plan.angle, origin=(0, 0))
    streets = street_lines(own, plan, rng)
    layout.streets.extend(block_streets(plan, outline, streets))
    for ground in street_blocks(own, streets):
        drawn = lots_of(ground, plan, rng)
        turned = [to_ground(affinity.rotate(lot, plan.angle, origin=(0, 0))) for lot, _ in drawn]
        layout.street_blocks.append((plan.block_id, to_ground(affinity.rotate(ground, plan.angle, origin=(0, 0)))))
        number = len(layout.street_blocks) - 1
        for shape, (_, front) in zip(share_edges(turned), drawn, strict=True):
            if rng.random() > 0.02:  # the others are green, ponds and substations, not in the cadastre
                layout.lots.append(Lot(plan.block_id, number, shape, ZONE_ANGLE + plan.angle, front))
