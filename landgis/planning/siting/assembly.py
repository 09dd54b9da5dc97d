"""The best connected set of parcels for a wish, with a bound that proves how good it is.

    gap = (bound − benefit) ÷ |benefit|,   bound: no connected set that keeps the wish has more benefit

A quick search (`growing`) finds a good site, branch and cut (`branching`) finds better ones and proves the bound.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from landgis.planning.siting.branching import GAP, Search, Tree
from landgis.planning.siting.candidates import Land, Site, Wish, keeps, measured
from landgis.planning.siting.connected import components, is_connected
from landgis.planning.siting.growing import good_site
from landgis.planning.siting.separators import EPSILON

__all__ = ["GAP", "Found", "Search", "best_site", "narrowed", "quick_site"]

Status = Literal["optimal", "within_gap", "stopped", "infeasible", "unknown"]


@dataclass(frozen=True)
class Found:
    """The best site met, None where none was; no site has more benefit than `bound`.

    `optimal`: proven; `within_gap`: proven up to `gap`; `stopped`: time was up; `infeasible`: proven that no connected
    set keeps the wish; `unknown`: time was up before any was met.
    """

    site: Site | None
    bound: float
    status: Status
    nodes: int = 0
    cuts: int = 0

    @property
    def gap(self) -> float:
        """How much better a site could still be, as a share of the benefit; inf where nothing is known.

        >>> Found(Site((0,), 1.0, 200.0, 0.0, 0.0, 0.0, 0.0, 0.0), 201.0, "within_gap").gap
        0.005
        """
        if self.site is None:
            return math.inf
        over = max(self.bound - self.site.benefit, 0.0)
        return over / abs(self.site.benefit) if self.site.benefit else (math.inf if over else 0.0)


def best_site(
    land: Land,
    wish: Wish,
    search: Search = Search(),  # noqa: B008  (frozen)
    *,
    first: np.ndarray | None = None,
) -> Found:
    """The connected set of units with the greatest benefit that keeps the wish; `first` is one to start from."""
    narrow = narrowed(land, wish)
    if narrow is None:
        return Found(None, -math.inf, "infeasible")
    tree = Tree(land, narrow, search)
    if first is not None and keeps(land, narrow, first) and is_connected(land.graph, first):
        tree.offer(first)
    tree.offer(good_site(land, narrow, seed=search.seed, effort=search.effort, go_on=search.go_on))
    tree.go_through()
    return _found(tree)


def _found(tree: Tree) -> Found:
    """What a search has come to."""
    if tree.best is None:
        return Found(None, tree.bound, "unknown" if tree.open else "infeasible", tree.nodes, tree.cuts)
    proven = tree.bound <= tree.benefit + 1e-6 * max(1.0, abs(tree.benefit))
    status: Status = "optimal" if proven else "within_gap" if tree.good_enough(tree.bound) else "stopped"
    return Found(measured(tree.land, tree.best), tree.bound, status, tree.nodes, tree.cuts)


def quick_site(land: Land, wish: Wish, search: Search = Search()) -> Found:  # noqa: B008  (frozen)
    """The best site that growing and annealing meet, without a bound."""
    narrow = narrowed(land, wish)
    if narrow is None:
        return Found(None, -math.inf, "infeasible")
    members = good_site(land, narrow, seed=search.seed, effort=search.effort, go_on=search.go_on)
    return Found(measured(land, members) if members is not None else None, math.inf, "unknown")


def narrowed(land: Land, wish: Wish) -> Wish | None:
    """The same wish with all units barred that no site can hold; None where no site can be at all."""
    open_ = ~land.mask(wish.outside)
    open_ &= (land.area_mu <= wish.most_mu * (1 + EPSILON)) & (land.cost_wan <= wish.budget_wan + EPSILON)
    part = components(land.graph, open_)
    size = np.bincount(part[open_], land.area_mu[open_], minlength=1)
    open_ &= (size >= wish.least_mu * (1 - EPSILON))[part]
    forced = list(wish.inside)
    if forced:
        open_ &= part == part[forced[0]]
    if not open_.any() or not open_[forced].all():
        return None
    return replace(wish, outside=tuple(np.flatnonzero(~open_).tolist()))
