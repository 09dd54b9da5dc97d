"""Made outlines: parcels that share their bent edges, and the buildings on them; arrays, the same for the same seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

ORIGIN_M = (480_000.0, 3_150_000.0)  # inside EPSG:4549
LEAST_CELL_M, MORE_CELL_M = 45.0, 18.0  # widths are 45 m and a gamma of mean 36 m on top
CORNER, BEND = 0.06, 0.02  # how far a corner and a bend stray, in parts of the narrowest cell
BENDS, BEND_SHARES = (0, 1, 2, 3), (0.20, 0.59, 0.16, 0.05)  # of an edge: 1.06 on average
INVALID, MULTIPART = 0.015, 0.01
STRADDLING = 0.068  # the paths through parcels cut some more buildings, 7.6 % in all
BUILDINGS, L_SHAPED = 1.5, 0.2  # a parcel; of the buildings
HALF = (0.08, 0.27)  # half of a side, in parts of the cell
STRIP_M = 2.0  # the path between two parts of a parcel
EDGE = 0.10  # no boundary of a parcel comes nearer to the middle of its cell than 0.5 − EDGE, in parts of the cell


@dataclass(frozen=True)
class Cells:
    """The grid behind the parcels: its lines in m, and column and row of each parcel."""

    x: np.ndarray
    y: np.ndarray
    column: np.ndarray
    row: np.ndarray

    def at(self, parcel: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
        """Points in m from parts of a parcel's cell, 0…1 inside of it."""
        column, row = self.column[parcel], self.row[parcel]
        return np.column_stack([
            self.x[column] + u * (self.x[column + 1] - self.x[column]),
            self.y[row] + v * (self.y[row + 1] - self.y[row]),
        ])  # fmt: skip

    def size(self, parcel: np.ndarray) -> np.ndarray:
        """Width and height of the cells, in m."""
        column, row = self.column[parcel], self.row[parcel]
        return np.column_stack([self.x[column + 1] - self.x[column], self.y[row + 1] - self.y[row]])


def cells(rows: int, random: np.random.Generator) -> Cells:
    """A grid that is nearly square, its lines at uneven distances; the last row may be cut short."""
    wide = int(np.ceil(np.sqrt(rows)))
    tall = int(np.ceil(rows / wide))
    x, y = (
        start + np.r_[0.0, np.cumsum(LEAST_CELL_M + random.gamma(2.0, MORE_CELL_M, count))]
        for start, count in zip(ORIGIN_M, (wide, tall), strict=True)
    )
    number = np.arange(rows)
    return Cells(x, y, number % wide, number // wide)


def parcels(grid: Cells, random: np.random.Generator) -> np.ndarray:
    """Valid polygons of one part; neighbours share every vertex, so nothing overlaps and nothing is between them."""
    x, y = np.meshgrid(grid.x, grid.y, indexing="ij")
    corner = np.stack([x, y], axis=-1)
    reach = np.array([np.diff(grid.x).min(), np.diff(grid.y).min()])
    corner += random.uniform(-CORNER, CORNER, corner.shape) * reach
    flat = _edges(corner[:-1], corner[1:], reach, random)  # west to east
    steep = _edges(corner[:, :-1], corner[:, 1:], reach, random)  # south to north
    column, row = grid.column, grid.row
    sides = (
        _side(flat, column, row),
        _side(steep, column + 1, row),
        (corner[column + 1, row + 1][:, None], np.full((len(column), 1), True)),
        _side(flat, column, row + 1, backward=True),
        _side(steep, column, row, backward=True),  # ends where the first side begins: the ring is closed
    )
    points, there = zip(*sides, strict=True)
    ring, keep = np.concatenate(points, axis=1), np.concatenate(there, axis=1)
    owner = np.repeat(np.arange(len(column)), keep.sum(axis=1))
    return np.asarray(shapely.polygons(shapely.linearrings(ring[keep], indices=owner)))


def _edges(
    start: np.ndarray, end: np.ndarray, reach: np.ndarray, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Points of each edge from its start, without its end: float[…, 4, 2], and which of them are there."""
    bends = random.choice(BENDS, start.shape[:-1], p=BEND_SHARES)
    step = np.arange(max(BENDS) + 1)
    along = (step / (bends[..., None] + 1))[..., None]
    points = start[..., None, :] + along * (end - start)[..., None, :]
    astray = random.uniform(-BEND, BEND, points.shape) * reach
    astray[..., 0, :] = 0
    return points + astray, step <= bends[..., None]


def _side(
    edges: tuple[np.ndarray, np.ndarray], column: np.ndarray, row: np.ndarray, *, backward: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """One side of every ring: from the edge's start, without its end; backward without its end, to its start."""
    points, there = edges[0][column, row], edges[1][column, row]
    return (points[:, ::-1], there[:, ::-1]) if backward else (points, there)


def spoil(shapes: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """1.5 % get a spike without width, which makes them invalid, and other 1 % are cut in two by a path."""
    shapes = shapes.copy()
    picked = random.permutation(len(shapes))
    spiked, cut = np.split(picked[: round((INVALID + MULTIPART) * len(shapes))], [round(INVALID * len(shapes))])
    shapes[spiked] = [_spiked(ring) for ring in map(shapely.get_coordinates, shapes[spiked])]
    west, south, east, north = shapely.bounds(shapes[cut]).T
    middle = (south + north) / 2
    shapes[cut] = shapely.difference(
        shapes[cut], shapely.box(west - 1, middle - STRIP_M / 2, east + 1, middle + STRIP_M / 2)
    )
    return shapes


def _spiked(ring: np.ndarray) -> shapely.Polygon:
    """The ring with a way out to a point and back again after its third vertex."""
    return shapely.Polygon(np.concatenate([ring[:3], ring[2:3] + np.array([3.0, 1.0]), ring[2:]]))


def buildings(grid: Cells, random: np.random.Generator) -> np.ndarray:
    """Turned rectangles, some of them L-shaped: within one parcel, but for 7.6 %, which lie across a boundary."""
    parcels = len(grid.column)
    count = int(BUILDINGS * parcels)
    host = random.integers(0, parcels, count)
    across = random.permutation(count)[: round(STRADDLING * count)]
    inner = (grid.column < len(grid.x) - 2) & (grid.row < grid.row[-1] - 1)  # has neighbours in the east and north
    host[across] = random.choice(np.flatnonzero(inner), len(across))
    half = random.uniform(*HALF, (count, 2))
    half[across] = np.maximum(half[across], CORNER + 2 * BEND)  # no boundary strays past it
    radius = np.hypot(*half.T)
    room = 0.5 - EDGE - radius
    place = 0.5 + random.uniform(-1, 1, (count, 2)) * room[:, None]
    eastern = random.random(len(across)) < 0.5
    place[across, np.where(eastern, 0, 1)] = 1.0
    size = grid.size(host).min(axis=1)  # turning may not carry a corner out of its cell
    centre = grid.at(host, *place.T)
    return _outlines(centre, half * size[:, None], random)


def _outlines(centre: np.ndarray, half: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Rectangles of half sizes in m about their centres, turned at random; a fifth has a corner taken out."""
    angle = random.uniform(0, np.pi / 2, len(centre))
    turn = np.stack([np.cos(angle), -np.sin(angle), np.sin(angle), np.cos(angle)], axis=1).reshape(-1, 2, 2)
    shapes = np.empty(len(centre), dtype=object)
    bent = random.random(len(centre)) < L_SHAPED
    for chosen, ring in ((~bent, _RECTANGLE), (bent, _L_SHAPE)):
        local = ring * half[chosen, None, :]
        shapes[chosen] = shapely.polygons(np.einsum("nij,nkj->nki", turn[chosen], local) + centre[chosen, None, :])
    return shapes


_RECTANGLE = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], dtype=float)
_L_SHAPE = np.array([(-1, -1), (1, -1), (1, 0.1), (0.2, 0.1), (0.2, 1), (-1, 1)], dtype=float)
