"""Buildings of the invented zone: plants, offices and sheds inside the lots."""

from __future__ import annotations

import numpy as np
from layout import along_edge, frame, largest_upright_box
from shapely import Polygon, STRtree, affinity, box, union_all

Bounds = tuple[float, float, float, float]


def stripes(room: Bounds, rng: np.random.Generator) -> list[Polygon]:
    """Parallel long plants."""
    left, low, right, high = room
    width = rng.uniform(18, 28)
    count = max(1, round((high - low + 8) / (width + 8)))
    width = (high - low - 8 * (count - 1)) / count
    return [
        box(left, y, right - rng.uniform(0, 0.12) * (right - left), y + width)
        for y in (low + i * (width + 8) for i in range(count))
    ]


def hall(room: Bounds, rng: np.random.Generator) -> list[Polygon]:
    """One broad plant."""
    left, low, right, high = room
    wide, deep = rng.uniform(0.82, 1) * (right - left), rng.uniform(0.75, 1) * (high - low)
    return [box(left, low, left + wide, low + deep)]


def ell(room: Bounds, rng: np.random.Generator) -> list[Polygon]:
    """A plant in the shape of an L."""
    left, low, right, high = room
    depth = min(rng.uniform(18, 28), (high - low) * 0.6, (right - left) * 0.5)
    corner = [(left, low), (right, low), (right, low + depth), (left + depth, low + depth), (left + depth, high)]
    return [Polygon([*corner, (left, high)])]


def horseshoe(room: Bounds, rng: np.random.Generator) -> list[Polygon]:
    """A plant in the shape of a U."""
    left, low, right, high = room
    depth = min(rng.uniform(15, 24), (high - low) * 0.5, (right - left) * 0.36)
    court = box(left + depth, low + depth, right - depth, high + 1)
    return [box(*room).difference(court)]


def plants(room: Bounds, rng: np.random.Generator) -> list[Polygon]:
    """Plants that fill a rectangle in one of four ways."""
    long, deep = room[2] - room[0], room[3] - room[1]
    if min(long, deep) < 24:
        return hall(room, rng)
    if long > 120:
        middle = room[0] + long * rng.uniform(0.4, 0.6)
        first, second = (room[0], room[1], middle - 5, room[3]), (middle + 5, room[1], room[2], room[3])
        return plants(first, rng) + plants(second, rng)
    shapes = (stripes, hall, ell, horseshoe) if deep > 44 else (stripes, hall, ell)
    weights = {4: (0.45, 0.2, 0.2, 0.15), 3: (0.5, 0.25, 0.25)}[len(shapes)]
    return shapes[rng.choice(len(shapes), p=weights)](room, rng)


def room_of(lot: Polygon, rng: np.random.Generator) -> tuple[float, Bounds] | None:
    """Angle of a lot, and a rectangle inside it once the lot is turned upright about its centroid."""
    angle, _, _ = frame(lot)
    inner = affinity.rotate(lot, -angle, origin=lot.centroid).buffer(-rng.uniform(6, 7.5), join_style="mitre")
    if inner.is_empty or inner.geom_type != "Polygon":
        return None
    room = largest_upright_box(inner)
    return None if room is None or min(room[2] - room[0], room[3] - room[1]) < 9 else (angle, room)


def on_lot(lot: Polygon, rng: np.random.Generator) -> list[tuple[str, Polygon]]:
    """The licensed buildings of a lot: use and footprint."""
    found = room_of(lot, rng)
    if found is None:  # too crooked for a rectangle
        inner = lot.buffer(-6, join_style="mitre").buffer(-3).buffer(3, join_style="mitre")
        return [("production", inner)] if inner.geom_type == "Polygon" and inner.area > 150 else []
    angle, room = found
    drawn: list[tuple[str, Polygon]] = []
    if room[2] - room[0] > 52 and rng.random() < 0.6:
        depth, end = rng.uniform(11, 15), room[1] + min(room[3] - room[1], rng.uniform(22, 44))
        drawn.append(("office_living", box(room[0], room[1], room[0] + depth, end)))
        room = (room[0] + depth + 9, room[1], room[2], room[3])
    for plant in plants(room, rng):
        drawn.append(("warehouse" if rng.random() < 0.12 else "production", plant))
    if rng.random() < 0.5:
        drawn = [(use, affinity.rotate(shape, 180, origin=lot.centroid)) for use, shape in drawn]
        if not all(affinity.rotate(lot, -angle, origin=lot.centroid).contains(shape) for _, shape in drawn):
            drawn = [(use, affinity.rotate(shape, 180, origin=lot.centroid)) for use, shape in drawn]
    return [(use, affinity.rotate(shape, angle, origin=lot.centroid)) for use, shape in drawn]


def xizhu(lot: Polygon) -> list[tuple[str, Polygon, int]]:
    """Nine plants and an office building on the one parcel of Xizhu, about 110 000 m²: use, footprint, storeys."""
    angle, room = room_of(lot, np.random.default_rng(0)) or (0.0, lot.bounds)
    left, low, right, high = room
    long = (right - left - 15 - 3 * 12) / 3
    deep = (110_000 - 15 * 66 * 8) / 5 / 9 / long
    gap = (high - low - 3 * deep) / 2
    drawn = [("office_living", box(left, low, left + 15, low + 66), 8)]
    for row in range(3):
        for column in range(3):
            x, y = left + 27 + column * (long + 12), low + row * (deep + gap)
            drawn.append(("production", box(x, y, x + long, y + deep), 5))
    return [(use, affinity.rotate(shape, angle, origin=lot.centroid), storeys) for use, shape, storeys in drawn]


def heights(use: str, storeys: int, rng: np.random.Generator) -> list[float]:
    """Storey heights from the ground up, m."""
    if use == "shed":
        return [round(rng.uniform(3, 4.5), 1)]
    if use == "office_living":
        return [round(rng.uniform(3.6, 4.5), 1)] + [round(rng.uniform(3.1, 3.6), 1)] * (storeys - 1)
    ground = rng.uniform(6, 8.4) if storeys > 1 else rng.choice([5.5, 6, 7.2, 8.1, 9])
    return [round(float(ground), 1)] + [round(rng.choice([3.9, 4, 4.2, 4.5]), 1)] * (storeys - 1)


def describe(use: str, shape: Polygon, *, storeys: int, year: int, rng: np.random.Generator) -> dict:
    """The row of a building without its number."""
    levels = heights(use, storeys, rng)
    floor = storeys * shape.area
    shed = use == "shed"
    return {
        "parcel_id": None,
        "storeys": storeys,
        "storey_heights_m": ";".join(f"{h:g}" for h in levels) if rng.random() < 0.85 else None,
        "height_m": round(sum(levels) + rng.uniform(0.3, 1.2), 1) if rng.random() < 0.4 else None,
        "floor_area_m2": round(floor * rng.uniform(0.985, 1.015), 2) if rng.random() < 0.8 and not shed else None,
        "legality": "unlicensed" if shed else legality(year, rng),
        "use": str(rng.choice(["warehouse", "other", "production"])) if shed else use,
        "built_year": year,
        "structure": structure(shed=shed, storeys=storeys, year=year, rng=rng),
        "geometry": shape,
    }


def legality(year: int, rng: np.random.Generator) -> str:
    """A few old plants have no permit, or none that anyone can find; what is rebuilt has one."""
    drawn = str(rng.choice(["legal", "unknown", "unlicensed"], p=[0.91, 0.06, 0.03]))
    return drawn if year < 2018 else "legal"


def structure(*, shed: bool, storeys: int, year: int, rng: np.random.Generator) -> str:
    """The kind of structure."""
    if shed:
        return "light_steel"
    if storeys == 1:
        return str(rng.choice(["steel", "brick_concrete", "bent_frame"]))
    return "reinforced_concrete" if year > 2000 or storeys > 3 else "brick_concrete"


def storeys_of(use: str, rng: np.random.Generator, *, new: bool) -> int:
    """Storeys above ground: old plants are low, rebuilt ones have four to six storeys."""
    if use == "office_living":
        return int(rng.integers(4, 7) if new else rng.integers(2, 6))
    if new:
        return int(rng.integers(4, 7))
    return int(rng.choice([1, 2, 3, 4, 5], p=[0.3, 0.16, 0.26, 0.2, 0.08]))


def build(lot: Polygon, rng: np.random.Generator, *, year: int | None = None) -> list[dict]:
    """Buildings of a lot; with a year the lot is rebuilt, higher than before."""
    new = year is not None
    year = year or int(rng.integers(1994, 2016))
    return [
        describe(use, shape, storeys=storeys_of(use, rng, new=new), year=year, rng=rng)
        for use, shape in on_lot(lot, rng)
    ]


def shed_at(lot: Polygon, rng: np.random.Generator, *, inward: bool) -> Polygon:
    """A narrow shed along the boundary of a lot; not `inward`, it lies astride of it."""
    x, y, angle = along_edge(lot, rng.uniform(0, 1))
    deep, long = rng.uniform(3.4, 5.2), rng.uniform(9, 32)
    low = (0.4 if lot.exterior.is_ccw else -0.4 - deep) if inward else -deep / 2
    return affinity.translate(affinity.rotate(box(-long / 2, low, long / 2, low + deep), angle, origin=(0, 0)), x, y)


def sheds(lot_rows: list[dict], standing: list[dict], rng: np.random.Generator) -> list[tuple[int | None, dict]]:
    """Sheds without a permit: (lot it stands on, row); None for those astride of two lots."""
    shapes = [row["geometry"] for row in lot_rows]
    taken = [row["geometry"] for row in standing]
    tree, lot_tree = STRtree(taken), STRtree(shapes)
    made: list[tuple[int | None, dict]] = []
    for number, lot in enumerate(shapes):
        if lot_rows[number]["block_id"] == "XZ":
            continue
        for _ in range(int(rng.choice([0, 1, 2, 3], p=[0.45, 0.3, 0.15, 0.1]))):
            astride = rng.random() < 0.07
            shape = shed_at(lot, rng, inward=not astride)
            near = [taken[i] for i in tree.query(shape.buffer(0.6))] + [
                row["geometry"] for _, row in made if row["geometry"].distance(shape) < 0.6
            ]
            shape = shape.difference(union_all(near).buffer(0.5)) if near else shape
            room = lot if not astride else union_all([shapes[i] for i in lot_tree.query(shape, predicate="intersects")])
            if shape.geom_type != "Polygon" or shape.area < 25 or not room.contains(shape):
                continue
            year = int(rng.integers(2003, 2021))
            made.append((None if astride else number, describe("shed", shape, storeys=1, year=year, rng=rng)))
    return made
