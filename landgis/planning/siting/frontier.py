"""Benefit against cost: the front of sites of which none is both cheaper and better, and what stands against any site.

ε-constraint: for budgets between the cheapest site that keeps the wish and the best one, the best site within each.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from landgis.planning.siting.assembly import Found, Search, best_site
from landgis.planning.siting.candidates import Land, Limits, Site, Wish, limits

_OPEN = {"least_mu": 0.0, "most_mu": math.inf, "budget_wan": math.inf, "consent_share": 0.0, "compactness": 0.0}


@dataclass(frozen=True)
class Point:
    """The best site met within a budget; none within it has more benefit than `bound`."""

    budget_wan: float
    site: Site
    bound: float


@dataclass(frozen=True)
class Clash:
    """A limit without which there would be a site, and by how much it is overstepped at least (None: not measured)."""

    limit: str
    short: float | None


def pareto(land: Land, wish: Wish, points: int, search: Callable[[], Search]) -> list[Point]:
    """Up to `points` sites, the cheapest first; `search` is asked once before each solve (points + 1 of them)."""
    best = best_site(land, wish, search())
    cheap = cheapest(land, wish, search())
    if best.site is None or cheap.site is None:
        return []
    budgets = np.linspace(cheap.site.cost_wan, best.site.cost_wan, max(points, 2))
    met, first = [], land.mask(cheap.site.parcels)
    for budget in budgets[: points - 1].tolist():
        found = best_site(land, replace(wish, budget_wan=budget), search(), first=first)
        if found.site is not None:
            met.append(Point(budget, found.site, found.bound))
            first = land.mask(found.site.parcels)
    return undominated([*met, Point(float(budgets[-1]), best.site, best.bound)])


def undominated(points: list[Point]) -> list[Point]:
    """The points than which no other has at least the benefit at no more cost, each site once, the cheapest first."""
    front: list[Point] = []
    for point in sorted(points, key=lambda one: (one.site.cost_wan, -one.site.benefit)):
        if not front or point.site.benefit > front[-1].site.benefit:
            front.append(point)
    return front


def cheapest(land: Land, wish: Wish, search: Search) -> Found:
    """The site that keeps the wish and costs least; benefit and bound of the answer are those of the cost, negative."""
    return best_site(replace(land, benefit=-land.cost_wan), wish, search)


def clashes(land: Land, wish: Wish, search: Callable[[], Search]) -> list[Clash]:
    """Why no site keeps a wish: each limit without which there would be one, and the least by which it falls short.

    Land in mu, budget in 万元; of the consent share the mu of land whose holders would still have to agree. [] where
    no limit alone is to blame.
    """
    found = []
    for name, open_value in _OPEN.items():
        if getattr(wish, name) == open_value:
            continue
        changed: dict[str, Any] = {name: open_value}
        more = replace(wish, **changed)
        excess = _excess(limits(land, wish), name)
        answer = best_site(land if excess is None else replace(land, benefit=-excess[0]), more, search())
        if answer.site is not None:
            members = land.mask(answer.site.parcels)
            found.append(Clash(name, None if excess is None else float(excess[0] @ members - excess[1])))
    return found


def _excess(of: Limits, name: str) -> tuple[np.ndarray, float] | None:
    """What each unit adds to a limit, and where it stands; None where it is none of the linear ones."""
    if name not in of.names:
        return None
    at = of.names.index(name)
    return of.per_unit[at], float(of.most[at])
