"""Buildings of the sample zone: halls, bars, L and U plants, offices, and sheds along the lot lines without a permit.

A lot is turned so that its street runs along x and its front is up; rectangles are fitted into what the setback leaves of
it and turned back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely
from layout import Lot
from shapely import LineString, Polygon, affinity, box

SHAPES = ("hall", "bars_along", "bars_across", "ell", "you", "comb")
ROOF_STRUCTURES = ("钢棚", "简易", "砖木")


@dataclass(frozen=True)
class Plant:
    """One building: outline in EPSG:4549, the lot it belongs to, and what it is."""

    outline: Polygon
    lot: int
    use: str
    storeys: int
    heights_m: tuple[float, ...]
    legality: str
    structure: str
    built_year: int
    straddles: bool = False


def chord(inside: Polygon, y: float, left: float, right: float) -> tuple[float, float] | None:
    """From where to where a line at height y runs inside the polygon; the part that shares most with left to right."""
    low, _, high, _ = inside.bounds
    parts = shapely.get_parts(inside & LineString([(low - 1, y), (high + 1, y)]))
    spans = [(part.bounds[0], part.bounds[2]) for part in parts if part.length > 1]
    shared = [min(right, b) - max(left, a) for a, b in spans]
    return spans[int(np.argmax(shared))] if spans and max(shared) > 0 else None


def fitted(inside: Polygon, left: float, low: float, right: float, high: float) -> Polygon | None:
    """The widest rectangle of that height which lies inside; None if it would be too small to build."""
    if high - low < 7.5:
        return None
    for y in np.linspace(low + 0.01, high - 0.01, 5):
        span = chord(inside, y, left, right)
        if span is None:
            return None
        left, right = max(left, span[0]), min(right, span[1])
    rectangle = box(left, low, right, high)
    return rectangle if right - left > 9 and inside.buffer(0.05).contains(rectangle) else None


def width_at(inside: Polygon, y: float) -> float:
    """How wide the polygon is at height y."""
    low, _, high, _ = inside.bounds
    return max((part.length for part in shapely.get_parts(inside & LineString([(low, y), (high, y)]))), default=0.0)


def usable(inside: Polygon) -> tuple[float, float, float, float]:
    """Bounds of the polygon without the slanting tips at its bottom and top."""
    left, low, right, high = inside.bounds
    while low < high - 12 and width_at(inside, low + 0.02) < 0.93 * width_at(inside, low + 4):
        low += 0.5
    while high > low + 12 and width_at(inside, high - 0.02) < 0.93 * width_at(inside, high - 4):
        high -= 0.5
    return left, low + 0.01, right, high - 0.01


def joined(parts: list[Polygon | None]) -> list[Polygon]:
    """The rectangles as buildings; those that touch become one."""
    whole = shapely.union_all([part for part in parts if part is not None], grid_size=0.01)
    return [part for part in shapely.get_parts(whole) if part.area > 90]


def hall(room: Polygon, rng: np.random.Generator) -> list[Polygon]:
    """One big hall, or two side by side where it would get too wide."""
    left, low, right, high = usable(room)
    if right - left < 130:
        return joined([fitted(room, left, low, right, high - rng.uniform(0, 0.12) * (high - low))])
    middle = left + (right - left) * rng.uniform(0.4, 0.6)
    return joined([fitted(room, left, low, middle - 5, high), fitted(room, middle + 5, low, right, high)])


def bars_along(room: Polygon, rng: np.random.Generator) -> list[Polygon]:
    """Long bars parallel to the street with yards between them; a very long one is broken by a lane."""
    left, low, right, high = usable(room)
    gap, depth = rng.uniform(7, 12), rng.uniform(17, 27)
    count = max(1, int((high - low + gap) // (depth + gap)))
    depth = min((high - low - gap * (count - 1)) / count, 34)
    bars = []
    for number in range(count):
        bottom = low + number * (depth + gap)
        cuts = [left, right] if right - left < 120 else [left, left + (right - left) * rng.uniform(0.35, 0.65), right]
        short = rng.uniform(0, 0.25) * (right - left) if rng.random() < 0.3 else 0.0
        for a, b in zip(cuts[:-1], cuts[1:], strict=True):
            bars.append(fitted(room, a + 4 * (a != left), bottom, b - 4 * (b != right) - short * (b == right), bottom + depth))
    return joined(bars)


def bars_across(room: Polygon, rng: np.random.Generator) -> list[Polygon]:
    """Bars that stand at right angles to the street."""
    left, low, right, high = usable(room)
    gap, depth = rng.uniform(7, 12), rng.uniform(17, 26)
    count = max(1, int((right - left + gap) // (depth + gap)))
    depth = min((right - left - gap * (count - 1)) / count, 36)
    starts = left + np.arange(count) * (depth + gap)
    cuts = rng.uniform(0, 0.22, count) * (rng.random(count) < 0.4) * (high - low)
    return joined([fitted(room, x, low + c, x + depth, high) for x, c in zip(starts, cuts, strict=True)])


def ell(room: Polygon, rng: np.random.Generator) -> list[Polygon]:
    """An L: a wing at the back and one at a side; a small hall in the yard where there is room."""
    left, low, right, high = usable(room)
    wing = min(rng.uniform(15, 24), 0.4 * (high - low), 0.45 * (right - left))
    side = (left, low, left + wing, high) if rng.random() < 0.5 else (right - wing, low, right, high)
    parts = joined([fitted(room, left, low, right, low + wing), fitted(room, *side)])
    yard = room - shapely.union_all(parts).buffer(9, join_style="mitre")
    for free in sorted(shapely.get_parts(yard), key=lambda part: -part.area)[:1]:
        if free.area > 500:
            parts += joined([fitted(free, *usable(free))])
    return parts


def you(room: Polygon, rng: np.random.Generator) -> list[Polygon]:
    """A U round a yard that is open to the street, with a bar in the yard where it is wide."""
    left, low, right, high = usable(room)
    wing = min(rng.uniform(14, 20), 0.3 * (right - left), 0.4 * (high - low))
    sides = [fitted(room, left, low, left + wing, high), fitted(room, right - wing, low, right, high)]
    parts = joined([fitted(room, left, low, right, low + wing), *sides])
    inner = (left + wing + 9, low + wing + 9, right - wing - 9, high)
    if inner[2] - inner[0] > 16:
        parts += joined([fitted(room, *inner)])
    return parts


def comb(room: Polygon, rng: np.random.Generator) -> list[Polygon]:
    """Three or more wings on one spine at the back."""
    left, low, right, high = usable(room)
    spine = min(14.0, 0.3 * (high - low))
    count = max(2, int((right - left) // 38))
    step = (right - left) / count
    width = step * rng.uniform(0.52, 0.66)
    wings = [fitted(room, left + i * step, low, left + i * step + width, high) for i in range(count)]
    return joined([fitted(room, left, low, right - step + width, low + spine), *wings])


BUILDERS = {"hall": hall, "bars_along": bars_along, "bars_across": bars_across, "ell": ell, "you": you, "comb": comb}


def shape_of(width: float, depth: float, old: bool, rng: np.random.Generator) -> str:
    """Which plan suits a lot of that size."""
    if min(width, depth) < 34:
        return "hall" if width < 1.6 * depth else "bars_along"
    weights = np.array([0.22, 0.24, 0.18, 0.16, 0.12, 0.08] if old else [0.34, 0.28, 0.14, 0.10, 0.06, 0.08])
    if width < 48:
        weights[[4, 5]] = 0
    return str(rng.choice(SHAPES, p=weights / weights.sum()))


def massing(outline: Polygon, old: bool, rng: np.random.Generator) -> list[tuple[Polygon, str]]:
    """Buildings of one lot in its own frame, with their use."""
    setback = rng.uniform(3.6, 5.5) if old else rng.uniform(6, 8.5)
    rooms = shapely.get_parts(outline.buffer(-setback, join_style="mitre"))
    if not len(rooms):
        return []
    room = max(rooms, key=lambda part: part.area)
    left, low, right, high = usable(room)
    built: list[tuple[Polygon, str]] = []
    if high - low > 48 and right - left > 34 and rng.random() < 0.62:
        width, depth = min(rng.uniform(22, 44), 0.7 * (right - left)), rng.uniform(11, 15)
        start = left if rng.random() < 0.5 else right - width
        office = fitted(room, start, high - depth, start + width, high)
        if office is not None and office.area > 150:
            built.append((office, "office_living"))
            room = room & box(left - 1, low - 1, right + 1, high - depth - rng.uniform(8, 14))
    for part in [part for part in shapely.get_parts(room) if part.area > 260]:
        shape = shape_of(part.bounds[2] - part.bounds[0], part.bounds[3] - part.bounds[1], old, rng)
        plants = BUILDERS[shape](part, rng) or bars_along(part, rng)
        uses = rng.choice(["production", "warehouse", "other"], len(plants), p=[0.86, 0.11, 0.03])
        built += list(zip(plants, uses.tolist(), strict=True))
    return built


def storeys_of(use: str, old: bool, rebuilt: bool, rng: np.random.Generator) -> int:
    """Storeys above ground."""
    if use == "office_living":
        return int(rng.choice([3, 4, 5, 6], p=[0.4, 0.3, 0.2, 0.1])) if old else int(rng.choice([4, 5, 6], p=[0.4, 0.4, 0.2]))
    if rebuilt:
        return int(rng.choice([4, 5, 6], p=[0.4, 0.4, 0.2]))
    if old:
        return int(rng.choice([1, 2, 3, 4], p=[0.46, 0.27, 0.22, 0.05]))
    return int(rng.choice([1, 2, 3, 4, 5], p=[0.30, 0.14, 0.28, 0.20, 0.08]))


def heights_of(use: str, storeys: int, rng: np.random.Generator) -> tuple[float, ...]:
    """Storey heights from the ground up, in metres; a lone storey is a hall and often above 8 m."""
    if use == "office_living":
        return (4.2, *[3.6] * (storeys - 1))
    if storeys == 1:
        return (float(rng.choice([5.4, 6.0, 7.2, 8.0, 8.1, 9.0, 10.5, 12.0], p=[0.2, 0.2, 0.16, 0.1, 0.1, 0.12, 0.08, 0.04])),)
    ground = float(rng.choice([4.5, 5.1, 6.0, 7.2, 7.9, 8.1, 9.0], p=[0.28, 0.2, 0.18, 0.12, 0.1, 0.08, 0.04]))
    return (ground, *[float(rng.choice([3.9, 4.0, 4.2, 4.5]))] * (storeys - 1))


def describe(outline: Polygon, lot: int, use: str, kind: str, rng: np.random.Generator) -> Plant:
    """A plant with storeys, heights, structure and year; `kind` is old, new or rebuilt."""
    storeys = storeys_of(use, kind == "old", kind == "rebuilt", rng)
    year = int(rng.integers(1988, 2006) if kind == "old" else rng.integers(2006, 2018))
    year = int(rng.integers(2021, 2024)) if kind == "rebuilt" else year
    structure = "钢混" if storeys > 2 else str(rng.choice(["砖混", "钢混", "钢结构"], p=[0.45, 0.2, 0.35]))
    if kind == "old" and storeys == 1 and rng.random() < 0.25:
        structure = "砖木"
    chances = [0.90, 0.05, 0.05] if kind == "old" else [0.96, 0.01, 0.03]
    legality = str(rng.choice(["legal", "unlicensed", "unknown"], p=chances))
    return Plant(outline, lot, use, storeys, heights_of(use, storeys, rng), legality, structure, year)


def plants_of(lot: Lot, number: int, kind: str, rng: np.random.Generator) -> list[Plant]:
    """The buildings of one lot."""
    centre = lot.outline.centroid
    turn = lot.angle + (180 if lot.front < 0 else 0)
    own = affinity.rotate(lot.outline, -turn, origin=centre)
    plants = []
    for outline, use in massing(own, kind == "old", rng):
        ground = affinity.rotate(outline, turn, origin=centre)
        ground = shapely.transform(ground, lambda xy: np.round(xy, 3))
        plants.append(describe(ground, number, use, kind, rng))
    return plants


def strip(start: np.ndarray, along: np.ndarray, inwards: np.ndarray, size: tuple[float, float, float]) -> Polygon:
    """A rectangle on a lot's edge: its length, and from where to where it reaches across the line (metres)."""
    length, outer, inner = size
    first, last = start + along * length, start
    corners = [last + inwards * outer, first + inwards * outer, first + inwards * inner, last + inwards * inner]
    return Polygon(np.round(corners, 3))


def shed_on_edge(lot: Lot, edge: int, straddle: bool, rng: np.random.Generator) -> Polygon | None:
    """A shed along one edge of a lot, inside it or across the line; None on an edge too short for it."""
    ring = shapely.get_coordinates(shapely.orient_polygons(lot.outline).exterior)
    start, end = ring[edge % (len(ring) - 1)], ring[edge % (len(ring) - 1) + 1]
    length = float(np.hypot(*(end - start)))
    if length < 24:
        return None
    along = (end - start) / length
    inwards = np.array([-along[1], along[0]])
    run = min(rng.uniform(10, 58), length - 8)
    offset = rng.uniform(3, length - run - 3)
    reach = (-rng.uniform(1.8, 3.0), rng.uniform(2.0, 3.2)) if straddle else (0.25, rng.uniform(3.0, 6.5))
    return strip(start + along * offset, along, inwards, (run, *reach))


class Sheds:
    """Sheds put along lot lines, each where nothing else stands."""

    def __init__(self, lots: list[Lot], plants: list[Plant], rng: np.random.Generator) -> None:
        self.lots, self.rng = lots, rng
        self.placed: list[Plant] = []
        self.tree = shapely.STRtree([plant.outline for plant in plants])
        self.lot_tree = shapely.STRtree([lot.outline for lot in lots])
        self.plants = plants

    def free(self, shed: Polygon, straddle: bool) -> bool:
        """Whether the shed stands on lots only, and on no other building."""
        if len(self.tree.query(shed, predicate="intersects")) or any(shed.intersects(p.outline) for p in self.placed[-60:]):
            return False
        under = self.lot_tree.query(shed, predicate="intersects")
        shares = np.array([shed.intersection(self.lots[i].outline).area for i in under])
        whole = shares.sum() > 0.999 * shed.area
        return bool(whole and (shares > 0.25 * shed.area).sum() == (2 if straddle else 1))

    def add(self, number: int, straddle: bool) -> bool:
        """Try to put one shed on a lot."""
        shed = shed_on_edge(self.lots[number], int(self.rng.integers(0, 40)), straddle, self.rng)
        if shed is None or not self.free(shed, straddle):
            return False
        height = float(self.rng.choice([2.8, 3.2, 3.6, 4.2]))
        use = str(self.rng.choice(["warehouse", "production", "other"], p=[0.5, 0.3, 0.2]))
        year = int(self.rng.integers(2000, 2018))
        structure = str(self.rng.choice(ROOF_STRUCTURES, p=[0.7, 0.2, 0.1]))
        self.placed.append(Plant(shed, number, use, 1, (height,), "unlicensed", structure, year, straddle))
        return True


def sheds_for(lots: list[Lot], plants: list[Plant], old: list[bool], rng: np.random.Generator) -> list[Plant]:
    """Sheds of the whole zone: many on old lots, few on new ones, some across a lot line."""
    sheds = Sheds(lots, plants, rng)
    for number, is_old in enumerate(old):
        if is_old is None:
            continue
        wanted = rng.poisson(1.5 if is_old else 0.45)
        for _ in range(wanted):
            straddle = rng.random() < 0.16
            any(sheds.add(number, straddle) for _ in range(6))
    return sheds.placed


def xizhu_plants(lot: Lot, number: int) -> list[Plant]:
    """Nine plants of five storeys in three rows and an office: the Xizhu park as built."""
    centre = lot.outline.centroid
    own = affinity.rotate(lot.outline, -lot.angle, origin=centre)
    left, low, right, high = own.buffer(-9, join_style="mitre").bounds
    width, depth, yard = (right - left - 2 * 14) / 3, 31.0, (high - low - 16 - 3 * 31) / 3
    boxes = [box(left + i * (width + 14), high - (j + 1) * depth - j * yard, left + i * (width + 14) + width,
                 high - j * depth - j * yard) for j in range(3) for i in range(3)]  # fmt: skip
    office = box((left + right) / 2 - 21, low + 1, (left + right) / 2 + 21, low + 16)
    plants = [Plant(shape, number, "production", 5, (7.9, 4.5, 4.5, 4.5, 4.5), "legal", "钢混", 2020) for shape in boxes]
    plants.append(Plant(office, number, "office_living", 5, (4.2, 3.6, 3.6, 3.6, 3.6), "legal", "钢混", 2020))
    inner = own.buffer(-6, join_style="mitre")
    turned = [affinity.rotate(plant.outline & inner, lot.angle, origin=centre) for plant in plants]
    rounded = [shapely.transform(shape, lambda xy: np.round(xy, 3)) for shape in turned]
    return [replace(plant, outline=shape) for plant, shape in zip(plants, rounded, strict=True)]
