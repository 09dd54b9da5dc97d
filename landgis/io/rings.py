"""Polygons as flat arrays: what is done to every point or ring is done to all of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from pyproj import CRS, Transformer

POLYGONAL = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


@dataclass(frozen=True)
class Rings:
    """Closed rings in the order of their polygons, the outer one of each part first.

    `points` float64[points, 2]; the others are int64 with one more than there are: the first point of each ring, the
    first ring of each part, the first part of each polygon. `several` bool[polygons]: which ones are of parts.
    """

    points: np.ndarray
    starts: np.ndarray
    part_rings: np.ndarray
    polygon_parts: np.ndarray
    several: np.ndarray

    @property
    def polygon_rings(self) -> np.ndarray:
        """The first ring of each polygon, and one past the last."""
        return self.part_rings[self.polygon_parts]

    @property
    def outer(self) -> np.ndarray:
        """bool[rings]: the first ring of each part."""
        outer = np.zeros(len(self.starts) - 1, bool)
        outer[self.part_rings[:-1][np.diff(self.part_rings) > 0]] = True
        return outer

    def areas(self) -> np.ndarray:
        """float64[rings]: areas in the square of the unit of the points, positive where a ring runs counter-clockwise.

        >>> rings_of(np.array([shapely.box(0, 0, 3, 2), shapely.box(0, 0, 1, 1, ccw=False)])).areas().tolist()
        [6.0, -1.0]
        """
        if len(self.starts) < 2:
            return np.empty(0)
        x, y = (self.points - np.repeat(self.points[self.starts[:-1]], np.diff(self.starts), axis=0)).T
        cross = np.zeros(len(x))
        cross[:-1] = x[:-1] * y[1:] - x[1:] * y[:-1]
        cross[self.starts[1:] - 1] = 0.0  # from the end of a ring to the next one is no side
        return 0.5 * np.add.reduceat(cross, self.starts[:-1])

    def turned(self, wrong: np.ndarray) -> Rings:
        """The same with some rings the other way round; `wrong` bool[rings]."""
        if not wrong.any():
            return self
        counts = np.diff(self.starts)
        at = np.arange(len(self.points))
        back = np.repeat(self.starts[:-1] + self.starts[1:] - 1, counts) - at
        return replace(self, points=self.points[np.where(np.repeat(wrong, counts), back, at)])

    def counter_clockwise(self) -> Rings:
        """Outer rings counter-clockwise, holes the other way, as RFC 7946 has them."""
        areas = self.areas()
        return self.turned(np.where(self.outer, areas < 0, areas > 0))

    def taken(self, polygons: np.ndarray) -> Rings:
        """Only some polygons, in the order asked for; `polygons` int[…] positions."""
        parts, part_firsts = _runs(self.polygon_parts, polygons)
        rings, ring_firsts = _runs(self.part_rings, parts)
        points, point_firsts = _runs(self.starts, rings)
        return Rings(self.points[points], point_firsts, ring_firsts, part_firsts, self.several[polygons])

    def bounds(self) -> np.ndarray:
        """float64[polygons, 4]: the least x and y and the greatest; every polygon has a point."""
        first = self.starts[self.polygon_rings[:-1]]
        if not len(first):
            return np.empty((0, 4))
        return np.column_stack([np.minimum.reduceat(self.points, first), np.maximum.reduceat(self.points, first)])


def _runs(firsts: np.ndarray, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The positions that belong to the chosen ones, one after the other, and where those of each begin now."""
    counts = firsts[chosen + 1] - firsts[chosen]
    begins = np.concatenate([[0], counts.cumsum()])
    return np.repeat(firsts[chosen] - begins[:-1], counts) + np.arange(begins[-1]), begins


def concatenated(batches: Sequence[Rings]) -> Rings:
    """The polygons of all batches, in their order; at least one batch."""
    first, *_ = batches
    names = ("starts", "part_rings", "polygon_parts")
    counts = {name: [np.diff(getattr(one, name)) for one in batches] for name in names}
    firsts = [np.concatenate([[0], np.concatenate(counts[name]).cumsum()]) for name in names]
    points = first.points if len(batches) == 1 else np.concatenate([one.points for one in batches])
    return Rings(points, firsts[0], firsts[1], firsts[2], np.concatenate([one.several for one in batches]))


def moved(rings: Rings, source: CRS, target: CRS) -> Rings:
    """The rings in another CRS, x being longitude or east in both."""
    if source == target or not len(rings.points):
        return rings
    change = Transformer.from_crs(source, target, always_xy=True)
    return replace(rings, points=np.column_stack(change.transform(*rings.points.T)))


def are_polygons(geometry: np.ndarray) -> np.ndarray:
    """bool a geometry: whether it has an area to speak of; False where there is none."""
    return np.isin(shapely.get_type_id(geometry), POLYGONAL) & ~shapely.is_empty(geometry)


def rings_of(geometry: np.ndarray) -> Rings:
    """The rings of shapely polygons and multipolygons in the plane; none of them is missing or empty."""
    if not len(geometry):
        nothing = np.zeros(1, np.int64)
        return Rings(np.empty((0, 2)), nothing, nothing, nothing, np.empty(0, bool))
    several = shapely.get_type_id(geometry) == shapely.GeometryType.MULTIPOLYGON
    _, points, (starts, part_rings, *parts) = shapely.to_ragged_array(geometry, include_z=False)
    polygon_parts = parts[0] if parts else np.arange(len(geometry) + 1)
    firsts = [one.astype(np.int64) for one in (starts, part_rings, polygon_parts)]
    return Rings(points, firsts[0], firsts[1], firsts[2], several)
