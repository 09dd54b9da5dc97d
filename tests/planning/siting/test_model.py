"""The built problem as stored text, so that a changed constraint shows; and what cuts and tangents must hold."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from landgis.planning.siting.candidates import Wish
from landgis.planning.siting.model import Solver, cut_row, site_model, tangent
from landgis.planning.siting.separators import Cut, Separator
from tests.planning.siting.made_sites import Everything, cells, land_of, squares

STORED = """\
max +10 x0 +20 x1 +30 x2
least_mu: -3.75 x0 -3.75 x1 -3.75 x2 <= -5
most_mu: +3.75 x0 +3.75 x1 +3.75 x2 <= 8
budget_wan: +1 x0 +2 x1 +3 x2 <= 5
consent_share: -1.875 x0 +1.875 x1 +1.875 x2 <= 0
root: 1 <= +1 y0 +1 y1 +1 y2 <= 1
root0: -1 x0 +1 y0 <= 0
cut0: 0 <= -1 x0 +1 x1 +1 y0
root1: -1 x1 +1 y1 <= 0
cut1: 0 <= -1 x1 +1 x0 +1 x2 +1 y1
root2: -1 x2 +1 y2 <= 0
cut2: 0 <= -1 x2 +1 x1 +1 y2
edge0-0: +1 z0 -1 x0 <= 0
edge0-1: +1 z0 -1 x1 <= 0
edge1-1: +1 z1 -1 x1 <= 0
edge1-2: +1 z1 -1 x2 <= 0
"""


def test_the_stored_problem():
    """Three lots of 50 m in a row, the first forced in, the holder of the first alone agreeing."""
    land = land_of(squares(1, 3), 1)
    land.benefit[:], land.cost_wan[:], land.consented_mu[:] = [10, 20, 30], [1, 2, 3], [3.75, 0, 0]
    wish = Wish(least_mu=5, most_mu=8, budget_wan=5, consent_share=0.5, compactness=0.5, inside=(0,), outside=(2,))
    text = site_model(land, wish).text()
    lines = text.splitlines(keepends=True)
    assert "".join(line for line in lines if not line.startswith("compact") and "<= z" not in line).startswith(STORED)
    assert [line.split(":")[0] for line in lines if line.startswith("compact")] == [
        "compact5", "compact5.62341", "compact6.32456", "compact7.11312", "compact8",
    ]  # fmt: skip
    bounds = ["1 <= x0 <= 1", "0 <= x1 <= 1", "0 <= x2 <= 0", "1 <= y0 <= 1", "0 <= y1 <= 1", "0 <= y2 <= 1"]
    assert text.endswith("\n".join([*bounds, "0 <= z0 <= 1", "0 <= z1 <= 1", ""]))


def test_the_tangent_by_hand():
    """At 3.75 mu (2 500 m²) and compactness 0.5 the perimeter may be √(4π·2500 ÷ 0.5) = 250.66 m, and grows with √A."""
    row = tangent(land_of(squares(1, 2), 1), Wish(compactness=0.5), 3.75)
    slope = 250.6628 / 2 / 3.75  # m a mu
    assert row.most == pytest.approx(250.6628 / 2, rel=1e-5)
    assert row.values == pytest.approx((200 - 3.75 * slope, 200 - 3.75 * slope, -2 * 50), rel=1e-5)
    assert row.columns == (0, 1, 4)


@given(count=st.integers(3, 12), seed=st.integers(0, 2_000))
@settings(max_examples=60, deadline=None)
def test_every_connected_set_keeps_every_cut(count, seed):
    """Cuts of drawn fractions, rooted and not, hold for all connected sets with any of their members as root."""
    land = land_of(cells(count, seed), seed)
    draw = np.random.default_rng(seed)
    x = np.round(draw.random(count), 1)
    assume(x.sum() >= 1)
    y = x / x.sum()  # one root, and y ≤ x
    if seed % 2:
        y = np.eye(count)[seed % count]
        x[seed % count] = 1.0
    member = Everything(land).member
    for cut in Separator(land.graph).cuts(x, y, violated=0.01, most=10):
        assert x[cut.unit] > x[list(cut.border)].sum() + y[list(cut.within)].sum() + 0.005
        row = cut_row(cut, count)
        for root in range(count):
            of_root = member[member[:, root] == 1]
            values = np.hstack([of_root, np.tile(np.eye(count)[root], (len(of_root), 1))])
            assert (values[:, list(row.columns)] @ np.array(row.values) >= row.least - 1e-9).all()


def test_both_ways_to_write_a_cut_say_the_same():
    near, far = cut_row(Cut(0, (1,), (0,)), 4), cut_row(Cut(0, (1,), (0, 2, 3)), 4)
    assert near.columns == (0, 1, 4) and near.least == 0
    assert far.columns == (0, 1, 5) and far.least == -1  # y0 + y2 + y3 = 1 − y1


def test_bounds_and_loose_rows():
    """The relaxed problem bounds the best site; dropping loose cuts changes nothing of it."""
    land = land_of(cells(14, 3), 3)
    wish = Wish(least_mu=0.3 * land.area_mu.sum(), most_mu=0.4 * land.area_mu.sum())
    solver, separator = Solver(site_model(land, wish), land.units), Separator(land.graph)
    found = solver.solve()
    while cuts := separator.cuts(found.x, found.y, violated=0.02, most=20):
        solver.add(cut_row(cut, land.units) for cut in cuts)
        found = solver.solve()
    assert found.bound >= Everything(land).best(wish) - 1e-6
    solver.drop_loose()
    assert solver.solve().bound == pytest.approx(found.bound)
    solver.bound_one(0, 1.0, 1.0)
    solver.bound_one(1, 0.0, 0.0)
    assert solver.solve().bound <= found.bound + 1e-6
    for unit in range(land.units):
        solver.bound_one(unit, 0.0, 0.0)
    assert solver.solve() is None
