"""One kind of floor: Johnson's rule against every order there is."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landgis.planning.sequence import johnson_order, least_swing_space, still_to_find, swing_space

ISSUE = ([38, 36, 50, 4, 58, 10], [6, 66, 20, 28, 62, 28])
BRIEF = ([40, 60, 30, 20], [130, 90, 20, 60])  # A, B, C, D in thousand m²; domain §8.3
PERMUTATIONS = {n: list(itertools.permutations(range(n))) for n in range(8)}
areas = st.lists(st.tuples(st.integers(0, 90), st.integers(0, 90)), max_size=7)


def walked(needs, returns, order):
    """The swing space of an order, site by site, in plain words."""
    stock, least = 0, 0
    for site in order:
        least = max(least, needs[site] - stock)
        stock += returns[site] - needs[site]
    return least


def least_of_all(needs, returns):
    orders = np.array(PERMUTATIONS[len(needs)])
    stock, least = np.zeros(len(orders)), np.zeros(len(orders))
    for place in range(len(needs)):
        site = orders[:, place]
        least = np.maximum(least, needs[site] - stock)
        stock += returns[site] - needs[site]
    return least.min()


def test_the_issues_example():
    order = johnson_order(*ISSUE)
    assert order.tolist() == [3, 5, 1, 4, 2, 0]
    assert swing_space(*ISSUE, order) == 4
    assert swing_space(*ISSUE) == 68


def test_the_briefs_example():
    needs, returns = BRIEF
    assert ["ABCD"[site] for site in johnson_order(needs, returns)] == ["D", "A", "B", "C"]
    swings = [walked(needs, returns, order) for order in PERMUTATIONS[4]]
    assert (least_swing_space(needs, returns), max(swings)) == (20, 70)
    assert swing_space(needs, returns, PERMUTATIONS[4]).tolist() == swings


@pytest.mark.parametrize("values", [60, 4], ids=["apart", "with ties"])
def test_johnson_is_brute_force(values):
    """3 000 random lists of at most seven sites, and as many in which most figures are equal."""
    rng = np.random.default_rng(20_26)
    for _ in range(3000):
        size = int(rng.integers(0, 8))
        needs, returns = rng.integers(0, values, (2, size))
        order = johnson_order(needs, returns)
        assert sorted(order) == list(range(size))
        assert walked(needs, returns, order) == least_swing_space(needs, returns) == least_of_all(needs, returns)


@settings(deadline=None)
@given(areas, st.randoms(use_true_random=False))
def test_no_order_is_better(sites, random):
    needs, returns = ([site[at] for site in sites] for at in (0, 1))
    order = list(range(len(sites)))
    random.shuffle(order)
    assert swing_space(needs, returns, order) == walked(needs, returns, order)
    assert least_swing_space(needs, returns) <= walked(needs, returns, order)


@settings(deadline=None)
@given(areas)
def test_equal_sites_stay_in_the_order_of_the_file(sites):
    needs, returns = ([site[at] for site in sites] for at in (0, 1))
    place = {site: at for at, site in enumerate(johnson_order(needs, returns).tolist())}
    for one, other in itertools.combinations(range(len(sites)), 2):
        if sites[one] == sites[other]:
            assert place[one] < place[other]


@settings(deadline=None)
@given(areas, st.floats(0, 500), st.floats(0, 500))
def test_more_vacant_floor_never_means_more_to_find(sites, vacant, more):
    least = least_swing_space([site[0] for site in sites], [site[1] for site in sites])
    assert still_to_find(least, vacant + more) <= still_to_find(least, vacant) <= least
    assert still_to_find(least, least) == 0


def test_with_the_vacant_floor_the_order_can_be_walked():
    """V m² at the start are enough exactly if V is at least the swing space."""
    needs, returns = ISSUE
    for vacant, enough in ((4, True), (3, False)):
        stock = vacant
        short = False
        for site in johnson_order(needs, returns):
            short |= needs[site] > stock
            stock += returns[site] - needs[site]
        assert short is not enough


def test_what_is_unknown_or_negative_is_refused():
    for needs in ([np.nan], [-1.0], [np.inf], [1.0, 2.0]):
        with pytest.raises(ValueError, match="needs and returns|known and at least 0"):
            johnson_order(needs, [1.0])


def test_a_part_of_the_sites_and_none():
    assert swing_space(*ISSUE, [3, 5]) == 4
    assert swing_space([], []) == 0 and johnson_order([], []).tolist() == []
