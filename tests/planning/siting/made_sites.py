"""Land for tests, and every connected set of it."""

from __future__ import annotations

import numpy as np
import shapely

from landgis.planning.siting.adjacency import neighbours
from landgis.planning.siting.candidates import Land, Wish
from landgis.planning.siting.connected import Graph

MU_M2 = 2000 / 3


def land_of(geometry: np.ndarray, seed: int, *, road_m: float = 0.0) -> Land:
    """Land with these outlines; scores, prices and consents drawn."""
    draw = np.random.default_rng(seed)
    beside = neighbours(geometry, road_m=road_m)
    area = shapely.area(geometry) / MU_M2
    agrees, asked = draw.random(len(area)) < 0.6, draw.random(len(area)) < 0.8
    return Land(
        area_mu=area,
        benefit=(100 - np.clip(draw.normal(55, 18, len(area)), 2, 98)) * area,
        cost_wan=area * (20 + 70 * draw.random(len(area))),
        consented_mu=np.where(agrees & asked, area, 0),
        unasked_mu=np.where(asked, 0, area),
        perimeter_m=beside.perimeter_m,
        graph=Graph(len(area), beside.pair),
        shared_m=beside.shared_m + beside.facing_m,
    )


def cells(count: int, seed: int) -> np.ndarray:
    """Cells around drawn points (Voronoi): a planar map of `count` parcels of some 9 mu each."""
    draw = np.random.default_rng(seed)
    frame = shapely.box(0, 0, *[78 * np.sqrt(count)] * 2)
    points = shapely.multipoints(draw.random((count, 2)) * 78 * np.sqrt(count))
    cell = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=frame))
    return shapely.intersection(cell, frame)


def squares(rows: int, columns: int, side_m: float = 50.0) -> np.ndarray:
    """A grid of equal squares, row by row."""
    y, x = np.mgrid[0:rows, 0:columns] * side_m
    return shapely.box(x.ravel(), y.ravel(), x.ravel() + side_m, y.ravel() + side_m)


def holds(land: Land, members: set[int]) -> bool:
    """Whether a set is connected, by a search of its own."""
    if not members:
        return False
    seen, walk = set(), [min(members)]
    while walk:
        unit = walk.pop()
        seen.add(unit)
        for one, other in land.graph.pair.tolist():
            for here, there in ((one, other), (other, one)):
                if here == unit and there in members and there not in seen:
                    walk.append(there)
    return seen == members


class Everything:
    """All connected sets of a small land, each a number whose bits are its members, with what they sum up to."""

    def __init__(self, land: Land) -> None:
        self.land, units = land, land.units
        assert units <= 18
        every = np.arange(1, 1 << units)
        beside = np.zeros(units, dtype=every.dtype)
        for one, other in land.graph.pair.tolist():
            beside[one] |= 1 << other
            beside[other] |= 1 << one
        reach = every & -every
        while True:
            more = reach.copy()
            for unit in range(units):
                more |= np.where(more >> unit & 1, beside[unit], 0) & every
            if (more == reach).all():
                break
            reach = more
        sets = every[reach == every]
        self.member = (sets[:, None] >> np.arange(units) & 1).astype(float)
        self.area = self.member @ land.area_mu
        self.benefit = self.member @ land.benefit
        self.cost = self.member @ land.cost_wan
        self.agreed = self.member @ land.consented_mu
        inner = self.member[:, land.graph.pair[:, 0]] * self.member[:, land.graph.pair[:, 1]]
        self.perimeter = self.member @ land.perimeter_m - 2 * inner @ land.shared_m

    def keeping(self, wish: Wish) -> np.ndarray:
        """A mask of those that keep a wish."""
        near = 1e-9
        keep = (self.area >= wish.least_mu * (1 - near)) & (self.area <= wish.most_mu * (1 + near))
        keep &= self.cost <= wish.budget_wan * (1 + near)
        keep &= self.agreed >= wish.consent_share * self.area * (1 - near)
        keep &= 4 * np.pi * self.area * MU_M2 >= wish.compactness * self.perimeter**2 * (1 - near)
        keep &= (self.member[:, list(wish.inside)] == 1).all(axis=1)
        return keep & (self.member[:, list(wish.outside)] == 0).all(axis=1)

    def best(self, wish: Wish) -> float | None:
        """The greatest benefit of any."""
        keep = self.keeping(wish)
        return float(self.benefit[keep].max()) if keep.any() else None
