"""What one refusal does to a site: where it falls apart, what is left, and the best site without the one who refuses.

A unit of a site *splits* it where it is an articulation node of the site's own graph: without it the rest is no site.
What is left is then the connected part with the greatest benefit; what a better choice would still reach is found by
solving again with the unit out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from landgis.planning.siting.assembly import Found, Search, best_site
from landgis.planning.siting.candidates import Land, Site, Wish, measured
from landgis.planning.siting.connected import components, cut_nodes


@dataclass(frozen=True)
class Refusal:
    """One unit of a site refuses: how many parts are left of it, and the best of them; None where nothing is left."""

    unit: int
    parts: int
    rest: Site | None
    lost_mu: float
    lost_benefit: float

    @property
    def splits(self) -> bool:
        """Whether the site falls apart."""
        return self.parts > 1


def refusals(land: Land, site: Site) -> list[Refusal]:
    """What the refusal of each unit of a site leaves of it, in the order of the units."""
    members = land.mask(site.parcels)
    cuts = cut_nodes(land.graph, members)
    return [_refusal(land, site, members, unit, splits=bool(cuts[unit])) for unit in site.parcels]


def _refusal(land: Land, site: Site, members: np.ndarray, unit: int, *, splits: bool) -> Refusal:
    left = members.copy()
    left[unit] = False
    parts = 1 if left.any() else 0
    if splits:
        part = components(land.graph, left)
        parts = int(part.max()) + 1
        left = part == np.bincount(part[left], land.benefit[left]).argmax()
    rest = measured(land, left) if parts else None
    lost_mu, lost_benefit = (
        (site.area_mu - rest.area_mu, site.benefit - rest.benefit) if rest else (site.area_mu, site.benefit)
    )
    return Refusal(unit, parts, rest, lost_mu, lost_benefit)


def best_without(land: Land, wish: Wish, refusal: Refusal, search: Search) -> Found:
    """The best site that keeps the wish without a unit; what is forced in stays so, but for the unit itself."""
    rest = None if refusal.rest is None else land.mask(refusal.rest.parcels)
    return best_site(land, wish.without(refusal.unit), search, first=rest)
