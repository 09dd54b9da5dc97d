"""Polygons on the grid of one tile: cut at its edges, without points that fall together, each ring the right way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from landgis.io.rings import Rings

EXTENT = 4096  # steps that a tile is wide
BUFFER = 64  # steps beyond its edges that a tile still has, so that no edge is drawn


@dataclass(frozen=True)
class TileShapes:
    """Rings of the parcels of a tile, without the last point that repeats the first; x to the east, y to the south.

    `points` int64[points, 2], `starts` int64[rings + 1] their first points, `parcel` int64[rings] whose they are, in
    rising order, from 0 to `parcels` − 1: outer rings clockwise on the screen, holes behind their outer ring.
    """

    points: np.ndarray
    starts: np.ndarray
    parcel: np.ndarray
    parcels: int


def tile_shapes(rings: Rings, *, shift: int, origin: np.ndarray) -> tuple[TileShapes, np.ndarray]:
    """The rings on the grid of a tile, and which polygons (bool) have an area left on it; the others are gone.

    The points of `rings` lie on a grid 2^shift finer, in whole steps; `origin` is the corner of the tile in its own.
    """
    half = (1 << shift) >> 1
    points = ((rings.points.astype(np.int64) + half) >> shift) - origin
    points, starts = _without_repeats(points, rings.starts)
    points, starts = _windowed(points, starts)
    area = _double_areas(points, starts)
    outer = rings.outer
    part = outer.cumsum() - 1
    kept = (area != 0) & (area[outer] != 0)[part]
    starts, points = _only(points, starts, kept)
    wrong = (area > 0) != outer  # y runs to the south: an area above 0 is clockwise on the screen
    points = _turned(points, starts, wrong[kept])
    polygon = np.repeat(np.arange(len(rings.several)), np.diff(rings.polygon_rings))[kept]
    left = np.zeros(len(rings.several), bool)
    left[polygon] = True
    return TileShapes(points, starts, (left.cumsum() - 1)[polygon], int(left.sum())), left


def _next(starts: np.ndarray, count: int) -> np.ndarray:
    """The position of the point behind each point, the first of its ring behind the last."""
    behind = np.arange(1, count + 1)
    filled = np.diff(starts) > 0
    behind[starts[1:][filled] - 1] = starts[:-1][filled]
    return behind


def _kept(points: np.ndarray, starts: np.ndarray, kept: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return points[kept], np.concatenate([[0], kept.cumsum()])[starts]


def _without_repeats(points: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Without points that are equal to the one behind them; so without the last, which closes a ring, too."""
    return _kept(points, starts, (points != points[_next(starts, len(points))]).any(axis=1))


def _windowed(points: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The rings without what lies beyond the tile and its buffer; most of them lie within it and stay as they are."""
    low, high = -BUFFER, EXTENT + BUFFER
    outside = ((points < low) | (points > high)).any(axis=1)
    leaving = np.diff(np.concatenate([[0], outside.cumsum()])[starts]) > 0
    if not leaving.any():
        return points, starts
    cut_starts, cut = _only(points, starts, leaving)
    for axis, limit, sign in ((0, low, -1), (0, high, 1), (1, low, -1), (1, high, 1)):
        cut, cut_starts = _cut(cut, cut_starts, axis, limit, sign)
    cut, cut_starts = _without_repeats(cut, cut_starts)
    counts = np.diff(starts)
    counts[leaving] = np.diff(cut_starts)
    merged, cut_ones = np.empty((counts.sum(), 2), np.int64), np.repeat(leaving, counts)
    merged[cut_ones], merged[~cut_ones] = cut, points[np.repeat(~leaving, np.diff(starts))]
    return merged, np.concatenate([[0], counts.cumsum()])


def _cut(points: np.ndarray, starts: np.ndarray, axis: int, limit: int, sign: int) -> tuple[np.ndarray, np.ndarray]:
    """What lies on one side of a line (Sutherland and Hodgman): of each side its first point and where it crosses."""
    behind = points[_next(starts, len(points))]
    inside, inside_behind = (sign * one[:, axis] <= sign * limit for one in (points, behind))
    crossing = inside != inside_behind
    counts = inside.astype(np.int64) + crossing
    ends = np.concatenate([[0], counts.cumsum()])
    cut = np.empty((ends[-1], 2), np.int64)
    cut[ends[:-1][inside]] = points[inside]
    one, two = points[crossing], behind[crossing]
    part = (limit - one[:, axis]) / (two[:, axis] - one[:, axis])
    there = np.rint(one + part[:, None] * (two - one)).astype(np.int64)
    there[:, axis] = limit
    cut[ends[1:][crossing] - 1] = there
    return cut, ends[starts]


def _double_areas(points: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """int64[rings]: twice the area of each, exactly; above 0 where x turns to y."""
    behind = points[_next(starts, len(points))]
    cross = points[:, 0] * behind[:, 1] - behind[:, 0] * points[:, 1]
    return np.diff(np.concatenate([[0], cross.cumsum()])[starts])


def _only(points: np.ndarray, starts: np.ndarray, rings: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    counts = np.diff(starts)
    return np.concatenate([[0], counts[rings].cumsum()]), points[np.repeat(rings, counts)]


def _turned(points: np.ndarray, starts: np.ndarray, wrong: np.ndarray) -> np.ndarray:
    counts = np.diff(starts)
    at = np.arange(len(points))
    back = np.repeat(starts[:-1] + starts[1:] - 1, counts) - at
    return points[np.where(np.repeat(wrong, counts), back, at)]
