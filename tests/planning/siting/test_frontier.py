"""The Pareto front and the refusals against all connected sets of small lands."""

import itertools

import pytest

from landgis.planning.siting.assembly import Search, best_site
from landgis.planning.siting.candidates import Wish
from landgis.planning.siting.frontier import clashes, pareto
from landgis.planning.siting.growing import Effort
from landgis.planning.siting.refusing import best_without, refusals
from tests.planning.siting.made_sites import Everything, cells, holds, land_of, squares

EXACT = Search(gap=0.0, effort=Effort(starts=2, steps=1_000))


@pytest.mark.parametrize("seed", range(8))
def test_front(seed):
    land = land_of(cells(11, seed), seed)
    everything = Everything(land)
    wish = Wish(least_mu=0.3 * land.area_mu.sum(), most_mu=0.6 * land.area_mu.sum())
    front = pareto(land, wish, 6, lambda: EXACT)
    keep = everything.keeping(wish)
    cost, benefit = everything.cost[keep], everything.benefit[keep]
    assert front[0].site.cost_wan == pytest.approx(cost.min())
    assert front[-1].site.benefit == pytest.approx(benefit.max())
    for point in front:
        assert holds(land, set(point.site.parcels))
        better = (benefit > point.site.benefit * (1 + 1e-6)) & (cost <= point.budget_wan * (1 + 1e-9))
        assert not better.any() and point.bound == pytest.approx(point.site.benefit)
    for less, more in itertools.pairwise(front):
        assert less.site.cost_wan < more.site.cost_wan and less.site.benefit < more.site.benefit


def test_refusals_by_hand():
    """A row of four lots: the end ones may refuse, those in the middle split it."""
    land = land_of(squares(1, 4), 3)
    land.benefit[:] = [10, 20, 30, 45]
    site = best_site(land, Wish(least_mu=float(land.area_mu.sum())), EXACT).site
    found = refusals(land, site)
    assert [one.splits for one in found] == [False, True, True, False]
    assert [one.rest.parcels for one in found] == [(1, 2, 3), (2, 3), (3,), (0, 1, 2)]
    assert [one.lost_benefit for one in found] == [10, 30, 60, 45]
    assert [round(one.lost_mu / land.area_mu[0]) for one in found] == [1, 2, 3, 1]


@pytest.mark.parametrize("seed", range(8))
def test_best_without(seed):
    land = land_of(cells(12, 50 + seed), seed)
    everything = Everything(land)
    wish = Wish(least_mu=0.4 * land.area_mu.sum(), most_mu=0.6 * land.area_mu.sum(), inside=(seed % 12,))
    site = best_site(land, wish, EXACT).site
    for one in refusals(land, site)[:3]:
        unit, again = one.unit, best_without(land, wish, one, EXACT)
        best = everything.best(Wish(wish.least_mu, wish.most_mu, inside=() if unit == seed % 12 else wish.inside,
                                    outside=(unit,)))  # fmt: skip
        assert again.site is None if best is None else again.site.benefit == pytest.approx(best)
    for one in refusals(land, site):
        rest = set(site.parcels) - {one.unit}
        assert one.splits != holds(land, rest) or not rest
        assert one.rest is None or (holds(land, set(one.rest.parcels)) and set(one.rest.parcels) <= rest)


def test_what_clashes():
    land = land_of(squares(2, 3), 1)  # six lots of 3.75 mu
    land.cost_wan[:] = [1, 2, 3, 4, 5, 6]
    found = clashes(land, Wish(least_mu=3 * 3.75, budget_wan=5.5), lambda: EXACT)  # the cheapest three: 0, 1, 2 for 6
    assert {one.limit: pytest.approx(one.short) for one in found} == {"budget_wan": 0.5, "least_mu": 3.75}
    land.consented_mu[:] = [3.75, 0, 0, 0, 0, 0]
    found = clashes(land, Wish(least_mu=2 * 3.75, consent_share=0.75), lambda: EXACT)
    assert {one.limit: pytest.approx(one.short) for one in found} == {"least_mu": 3.75, "consent_share": 0.5 * 3.75}


def test_nothing_alone_is_to_blame():
    apart = land_of(squares(1, 5)[[0, 1, 3, 4]], 1)
    assert best_site(apart, Wish(inside=(0, 3)), EXACT).status == "infeasible"
    assert clashes(apart, Wish(inside=(0, 3)), lambda: EXACT) == []
