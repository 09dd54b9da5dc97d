"""Which parcels are neighbours: a common edge after snapping, or facing each other across a narrow road.

Rook adjacency (a common corner is none). Each outline is taken edge by edge, the land on its left. Two edges face each
other where they run against each other (within 30°) and each lies outside the other's parcel: in the frame of an edge
of length L, s runs along it and d away from the parcel, and an edge of the other parcel is a straight line d(s). Then

    shared edge of a pair = Σ length of { s ∈ [0, L] : |d(s)| ≤ snap }            (gap or overlap up to `snap_m`)
    facing edge of a pair = Σ length of { s ∈ [0, L] : snap < d(s) ≤ road, seen }  (a road up to `road_m` between them)

each measured on both outlines and averaged. *Seen*: no parcel stands on the line of sight; it is drawn at three places
of each facing stretch, a third of its length each.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

SNAP_M = 0.2  # boundaries of neighbours were surveyed apart: closer than this they are one (issue 5)
LEAST_EDGE_M = 1.0  # a shorter common edge is a corner, not a side
AGAINST = np.cos(np.deg2rad(30.0))  # edges that face each other run against each other within 30°
SIGHTS = np.array([1, 3, 5]) / 6  # where on a facing stretch the line of sight is drawn
ROUNDING_M = 1e-6


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Pairs (i < j, in order) of `parcels` positions; lengths in metres, one a pair; `perimeter_m` one a parcel.

    `shared_m` is the common edge; `facing_m` that across a road, 0 where none; `gap_m` the least distance of the pair.
    """

    parcels: int
    pair: np.ndarray
    shared_m: np.ndarray
    facing_m: np.ndarray
    gap_m: np.ndarray
    perimeter_m: np.ndarray

    @property
    def touching(self) -> np.ndarray:
        """True for the pairs that need no road to be bridged."""
        return np.asarray(self.shared_m > 0)

    def touching_only(self) -> Neighbours:
        """The pairs with a common edge."""
        keep = self.touching
        return Neighbours(
            self.parcels, self.pair[keep], self.shared_m[keep], np.zeros(keep.sum()), self.gap_m[keep], self.perimeter_m
        )


@dataclass(frozen=True, eq=False)
class _Edges:
    """Edges of outlines with the land on their left: the parcel each belongs to, where it starts, its direction."""

    parcel: np.ndarray
    start: np.ndarray
    along: np.ndarray  # unit vectors
    length_m: np.ndarray

    @property
    def end(self) -> np.ndarray:
        return np.asarray(self.start + self.along * self.length_m[:, None])

    @property
    def outward(self) -> np.ndarray:
        return np.column_stack([self.along[:, 1], -self.along[:, 0]])


def neighbours(
    geometry: np.ndarray, *, snap_m: float = SNAP_M, least_m: float = LEAST_EDGE_M, road_m: float = 0.0
) -> Neighbours:
    """Neighbours among valid polygons in metres (None: unmeasurable, without neighbours).

    A pair counts with a common edge of at least `least_m`, or across a road with facing edges of at least that.

    >>> row = shapely.box([0, 10.1, 26], 0, [10, 20, 36], 10)  # a gap of 0.1 m, then a road of 6 m
    >>> neighbours(row, road_m=5).pair.tolist(), neighbours(row, road_m=8).pair.tolist()
    ([[0, 1]], [[0, 1], [1, 2]])
    >>> neighbours(row).shared_m.tolist()
    [10.0]
    """
    edges = _edges(geometry)
    own, other = _near(edges, max(snap_m, road_m))
    touch = _stretches(edges, own, other, (-snap_m, snap_m))
    face = _stretches(edges, own, other, (snap_m, road_m))
    seen = _seen_share(edges, face, own, other, geometry, snap_m) if road_m > snap_m else np.zeros(len(own))
    pair, where = _pairs(edges.parcel[own], edges.parcel[other])
    shared = np.bincount(where, touch[1] - touch[0], minlength=len(pair)) / 2
    facing = np.bincount(where, (face[1] - face[0]) * seen, minlength=len(pair)) / 2
    shared[shared < least_m - ROUNDING_M] = 0.0
    facing[facing < least_m - ROUNDING_M] = 0.0
    keep = (shared > 0) | (facing > 0)
    pair = pair[keep]
    gap = shapely.distance(geometry[pair[:, 0]], geometry[pair[:, 1]])
    return Neighbours(len(geometry), pair, shared[keep], facing[keep], gap, shapely.length(geometry))


def _edges(geometry: np.ndarray) -> _Edges:
    there = np.flatnonzero(~shapely.is_missing(geometry) & ~shapely.is_empty(geometry))
    parts, of_parcel = shapely.get_parts(shapely.orient_polygons(geometry[there]), return_index=True)
    rings, of_part = shapely.get_rings(parts, return_index=True)
    point, of_ring = shapely.get_coordinates(rings, return_index=True)
    step = np.diff(point, axis=0)
    length = np.hypot(step[:, 0], step[:, 1])
    real = (of_ring[1:] == of_ring[:-1]) & (length > 0)
    along = step[real] / length[real, None]
    return _Edges(there[of_parcel[of_part[of_ring[:-1][real]]]], point[:-1][real], along, length[real])


def _near(edges: _Edges, reach_m: float) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of edges of two parcels within reach and running against each other, each both ways."""
    line = np.asarray(shapely.linestrings(np.stack([edges.start, edges.end], axis=1)))
    own, other = shapely.STRtree(line).query(line, predicate="dwithin", distance=reach_m + ROUNDING_M)
    apart = edges.parcel[own] != edges.parcel[other]
    own, other = own[apart], other[apart]
    against = np.einsum("ij,ij->i", edges.along[own], edges.along[other]) <= -AGAINST
    own, other = own[against], other[against]
    rank = np.lexsort((other, own))
    return own[rank], other[rank]


def _stretches(
    edges: _Edges, own: np.ndarray, other: np.ndarray, between_m: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray]:
    """From where to where on edge `own`, in metres from its start, edge `other` lies so far outside."""
    low, high = between_m[0] - ROUNDING_M, between_m[1] + ROUNDING_M
    (s0, d0), (s1, d1) = (_seen_from(edges, own, point[other]) for point in (edges.end, edges.start))
    begin, end = np.maximum(s0, 0.0), np.minimum(s1, edges.length_m[own])
    slope = (d1 - d0) / np.maximum(s1 - s0, ROUNDING_M)
    flat = np.abs(slope) < 1e-12
    slanted = np.where(flat, 1.0, slope)
    into, out_of = s0 + (low - d0) / slanted, s0 + (high - d0) / slanted
    inside = (d0 >= low) & (d0 <= high)
    first = np.where(flat, np.where(inside, begin, end), np.minimum(into, out_of))
    last = np.where(flat, end, np.maximum(into, out_of))
    begin = np.maximum(begin, first)
    return begin, np.maximum(begin, np.minimum(end, last))


def _seen_from(edges: _Edges, own: np.ndarray, point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where points lie in the frame of edges: along, and away from the parcel, in metres."""
    step = point - edges.start[own]
    return np.einsum("ij,ij->i", step, edges.along[own]), np.einsum("ij,ij->i", step, edges.outward[own])


def _seen_share(
    edges: _Edges, face: tuple[np.ndarray, np.ndarray], own: np.ndarray, other: np.ndarray,
    geometry: np.ndarray, snap_m: float,
) -> np.ndarray:  # fmt: skip
    """The share of each facing stretch from which the other edge is seen: no parcel stands between."""
    stretch = np.flatnonzero(face[1] - face[0] > ROUNDING_M)
    share = np.zeros(len(own))
    for part in SIGHTS:
        e, f = own[stretch], other[stretch]
        s = face[0][stretch] * (1 - part) + face[1][stretch] * part
        near = edges.start[e] + edges.along[e] * s[:, None]
        depth = _depth(edges, e, f, s)
        sight = np.asarray(shapely.linestrings(np.stack([near, near + edges.outward[e] * depth[:, None]], axis=1)))
        line, parcel = shapely.STRtree(geometry).query(sight, predicate="intersects")
        hidden = shapely.length(shapely.intersection(sight[line], geometry[parcel])) > snap_m
        blocked = np.bincount(line[hidden], minlength=len(stretch)) > 0
        share[stretch[~blocked]] += 1 / len(SIGHTS)
    return share


def _depth(edges: _Edges, own: np.ndarray, other: np.ndarray, s: np.ndarray) -> np.ndarray:
    """How far outside edge `own`, at s metres from its start, edge `other` lies."""
    (s0, d0), (s1, d1) = (_seen_from(edges, own, point[other]) for point in (edges.end, edges.start))
    return np.asarray(d0 + (d1 - d0) * (s - s0) / np.maximum(s1 - s0, ROUNDING_M))


def _pairs(one: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distinct pairs (i < j, in order), and which of them each row is."""
    both = np.sort(np.column_stack([one, other]), axis=1)
    pair, where = np.unique(both, axis=0, return_inverse=True)
    return pair.reshape(-1, 2), where.ravel()
