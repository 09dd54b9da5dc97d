"""What a site is chosen from, what is wished of it, and what a chosen one measures.

Positions of parcels are those of the arrays. A site S is a connected set of parcels; its figures are sums over S, and

    perimeter(S)   = Σ perimeter − 2 · Σ shared edges inside S          (m; an edge facing across a bridged road counts)
    compactness(S) = 4π · area ÷ perimeter²                              (1 = circle; Polsby and Popper 1991)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf, pi

import numpy as np

from landgis.planning.siting.connected import Graph
from landgis.units import mu_to_m2

TOLERANCE = 1e-9  # of a limit, relative to its size: sums in another order end within it


@dataclass(frozen=True, eq=False)
class Land:
    """Units that a site is put together from, parcels or whole street blocks; arrays of one length, no gaps in them.

    `consented_mu` is the land whose holders agree, `unasked_mu` that of which nobody knows; `shared_m` goes with the
    pairs of `graph`.
    """

    area_mu: np.ndarray
    benefit: np.ndarray
    cost_wan: np.ndarray
    consented_mu: np.ndarray
    unasked_mu: np.ndarray
    perimeter_m: np.ndarray
    graph: Graph
    shared_m: np.ndarray

    @property
    def units(self) -> int:
        """How many there are."""
        return len(self.area_mu)

    def mask(self, positions: Sequence[int] | np.ndarray) -> np.ndarray:
        """These positions as a mask."""
        mask = np.zeros(self.units, bool)
        mask[list(positions)] = True
        return mask


@dataclass(frozen=True)
class Wish:
    """What a site must keep: land between two sizes, a budget, a share of consenting land, a least compactness.

    Land whose holders nobody has asked does not count as consenting. `inside` and `outside` are positions.
    """

    least_mu: float = 0.0
    most_mu: float = inf
    budget_wan: float = inf
    consent_share: float = 0.0
    compactness: float = 0.0
    inside: tuple[int, ...] = ()
    outside: tuple[int, ...] = ()

    def without(self, unit: int) -> Wish:
        """The same, one more unit being out."""
        return replace(self, outside=(*self.outside, unit), inside=tuple(one for one in self.inside if one != unit))


@dataclass(frozen=True, eq=False)
class Limits:
    """The linear limits of a wish: Σ per_unit[k] over the site ≤ most[k]; `scale[k]` is a size to measure excess by."""

    names: tuple[str, ...]
    per_unit: np.ndarray
    most: np.ndarray
    scale: np.ndarray

    def kept(self, members: np.ndarray) -> bool:
        """Whether the masked units keep them all."""
        return bool(np.all(self.per_unit @ members <= self.most + TOLERANCE * self.scale))


@dataclass(frozen=True)
class Site:
    """A site and what it measures; `parcels` are positions, ascending."""

    parcels: tuple[int, ...]
    area_mu: float
    benefit: float
    cost_wan: float
    consent_low: float  # share of the land whose holders agree
    consent_high: float  # the same, if all who were not asked agreed
    perimeter_m: float
    compactness: float


def limits(land: Land, wish: Wish) -> Limits:
    """The limits that a wish sets; those that it leaves open are not there."""
    rows = [
        ("least_mu", -land.area_mu, -wish.least_mu, wish.least_mu, wish.least_mu > 0),
        ("most_mu", land.area_mu, wish.most_mu, wish.most_mu, wish.most_mu < inf),
        ("budget_wan", land.cost_wan, wish.budget_wan, abs(wish.budget_wan), wish.budget_wan < inf),
        ("consent_share", wish.consent_share * land.area_mu - land.consented_mu, 0.0,
         max(wish.least_mu, float(land.area_mu.mean()) if land.units else 1.0), wish.consent_share > 0),
    ]  # fmt: skip
    rows = [row for row in rows if row[4]]
    return Limits(
        names=tuple(row[0] for row in rows),
        per_unit=np.array([row[1] for row in rows]).reshape(len(rows), land.units),
        most=np.array([row[2] for row in rows], float),
        scale=np.array([max(row[3], TOLERANCE) for row in rows], float),
    )


def perimeter_m(land: Land, members: np.ndarray) -> float:
    """Outline of the masked units, edges between them left out."""
    inner = members[land.graph.pair].all(axis=1)
    return float(land.perimeter_m[members].sum() - 2 * land.shared_m[inner].sum())


def longest_perimeter_m(area_mu: float, compactness: float) -> float:
    """The perimeter at which land of that size is just so compact.

    >>> round(longest_perimeter_m(15, 1.0) ** 2 / 10_000 / 4 / pi, 9)  # a circle of one hectare
    1.0
    """
    return float(np.sqrt(4 * pi * mu_to_m2(area_mu) / compactness)) if compactness else inf


def measured(land: Land, members: np.ndarray) -> Site:
    """What the masked units are as a site."""
    area, around = float(land.area_mu[members].sum()), perimeter_m(land, members)
    agreed, unasked = float(land.consented_mu[members].sum()), float(land.unasked_mu[members].sum())
    return Site(
        parcels=tuple(np.flatnonzero(members).tolist()),
        area_mu=area,
        benefit=float(land.benefit[members].sum()),
        cost_wan=float(land.cost_wan[members].sum()),
        consent_low=agreed / area if area else 0.0,
        consent_high=(agreed + unasked) / area if area else 0.0,
        perimeter_m=around,
        compactness=4 * pi * mu_to_m2(area) / around**2 if around else 0.0,
    )


def keeps(land: Land, wish: Wish, members: np.ndarray) -> bool:
    """Whether the masked units keep a wish, connection aside."""
    named = members[list(wish.inside)].all() and not members[list(wish.outside)].any()
    if not named or not limits(land, wish).kept(members):
        return False
    most = longest_perimeter_m(float(land.area_mu[members].sum()), wish.compactness)
    return perimeter_m(land, members) <= most * (1 + TOLERANCE) if most < inf else True


def merged(land: Land, group: np.ndarray) -> Land:
    """Groups of units as units of their own, as whole street blocks; `group[i]` ∈ 0 … is that of unit i."""
    groups = int(group.max()) + 1 if len(group) else 0

    def summed(values: np.ndarray) -> np.ndarray:
        return np.bincount(group, values, minlength=groups)

    ends = np.sort(group[land.graph.pair], axis=1)
    inner = ends[:, 0] == ends[:, 1]
    hidden = np.bincount(ends[inner, 0], land.shared_m[inner], minlength=groups)
    pair, where = np.unique(ends[~inner], axis=0, return_inverse=True)
    return Land(
        area_mu=summed(land.area_mu),
        benefit=summed(land.benefit),
        cost_wan=summed(land.cost_wan),
        consented_mu=summed(land.consented_mu),
        unasked_mu=summed(land.unasked_mu),
        perimeter_m=summed(land.perimeter_m) - 2 * hidden,
        graph=Graph(groups, pair.reshape(-1, 2)),
        shared_m=np.bincount(where.ravel(), land.shared_m[~inner], minlength=len(pair)),
    )


def merged_wish(wish: Wish, group: np.ndarray) -> Wish:
    """A wish about units as one about their groups: a group is in, or out, with any unit of it."""
    inside = sorted({int(group[unit]) for unit in wish.inside})
    outside = sorted({int(group[unit]) for unit in wish.outside})
    return replace(wish, inside=tuple(inside), outside=tuple(outside))
