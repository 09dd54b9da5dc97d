"""Neighbours that share their boundary: who overlaps whom is what GEOS says, and those that only touch are not named."""

from itertools import combinations

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from landgis.compiled.library import kernels
from landgis.compiled.outlines import FAST
from landgis.compiled.pairs import overlaps, overlay, tree_over
from tests.test_compiled import MANY, brought_back, origins, outlines_of

pytestmark = pytest.mark.skipif(kernels() is None, reason="the kernels are not compiled here")
SOME = settings(MANY, max_examples=100)
SIDE = 3  # cells each way
STEP = np.array([1.3, 1.7])


@st.composite
def tilings(draw):
    """Cells of a bent grid, with bends between the corners, some of them joined: parts, holes, corners in common."""
    steps = st.integers(-2, 2)
    bends = draw(st.integers(1, 3))
    size = SIDE * bends + 1
    x, y = np.meshgrid(np.arange(size) * 8.0, np.arange(size) * 8.0)
    x = x + np.reshape(draw(st.lists(steps, min_size=size**2, max_size=size**2)), (size, size)) * 1.3
    y = y + np.reshape(draw(st.lists(steps, min_size=size**2, max_size=size**2)), (size, size)) * 1.7
    cells = [bent(x, y, row * bends, column * bends, bends) for row in range(SIDE) for column in range(SIDE)]
    groups = draw(st.lists(st.integers(0, 5), min_size=len(cells), max_size=len(cells)))
    joined = [shapely.union_all([cell for cell, mine in zip(cells, groups, strict=True) if mine == group])
              for group in set(groups) if group]  # fmt: skip
    return [*joined, *(cell for cell, group in zip(cells, groups, strict=True) if not group)]


def bent(x, y, row, column, bends):
    at = [(row, column + step) for step in range(bends)] + [(row + step, column + bends) for step in range(bends)]
    at += [(row + bends, column + bends - step) for step in range(bends)]
    at += [(row + bends - step, column) for step in range(bends)]
    return shapely.Polygon([(x[one], y[one]) for one in at])


def either_way(shape, draw):
    return shapely.reverse(shape) if draw(st.booleans()) else shape


def moved(shape, origin):
    return shapely.transform(shape, lambda points: points + origin)


@SOME
@given(tilings(), origins, st.data())
def test_cells_that_share_their_boundary_do_not_overlap(cells, origin, data):
    shapes = [either_way(moved(cell, origin), data.draw) for cell in cells]
    land = outlines_of(shapes, min_width_m=0.0)
    fast = land.state == FAST
    assert all(not fast[pair].all() for pair in overlaps(land, tree_over(land), 1e-3))


@SOME
@given(tilings(), origins, st.sampled_from([1e-3, 0.5, 20.0]), st.data())
def test_cells_laid_over_cells_are_named_as_geos_says(cells, origin, least, data):
    """The same cells once more, some of them joined, moved by a bend, or cut to a part that shares a boundary."""
    over = []
    for cell in cells:
        how = data.draw(st.sampled_from(["same", "moved", "half", "none", "shrunk"]))
        low_x, low_y, high_x, high_y = cell.bounds
        half = shapely.box(low_x, low_y, (low_x + high_x) / 2, high_y)
        over += {"same": [cell], "moved": [shapely.transform(cell, lambda points: points + STEP)], "none": [],
                 "half": list(shapely.get_parts(shapely.intersection(cell, half))),
                 "shrunk": list(shapely.get_parts(cell.buffer(-1.0, join_style="mitre")))}[how]  # fmt: skip
    shapes = [either_way(moved(one, origin), data.draw) for one in [*cells, *over] if one.geom_type.endswith("Polygon")]
    land = outlines_of(shapes, min_width_m=0.0)
    named = {tuple(pair) for pair in overlaps(land, tree_over(land), least).tolist()}
    near = [brought_back(shape, origin) for shape in shapes]
    for i, j in combinations(np.flatnonzero(land.state == FAST).tolist(), 2):
        area = shapely.intersection(near[i], near[j]).area
        assert (i, j) in named or area <= least * 1.001
        assert (i, j) not in named or area > 0.98 * least


SQUARE = [(0, 0), (10, 0), (10, 10), (0, 10)]
TWOS = {  # of SQUARE and another: the common area by hand
    "the same": (SQUARE, 100),
    "the same, from another corner": (SQUARE[2:] + SQUARE[:2], 100),
    "a corner in common": ([(10, 10), (20, 10), (20, 20), (10, 20)], 0),
    "a corner in common, one inside": ([(10, 10), (2, 8), (8, 2)], 30),
    "an edge in common, inside": ([(0, 0), (10, 0), (5, 5)], 25),
    "an edge in common, outside": ([(0, 0), (5, -5), (10, 0)], 0),
    "an edge in common, then across": ([(10, 0), (20, 0), (20, 20), (2, 20), (2, 8), (10, 10)], 8),
    "two edges in common, inside": ([(0, 0), (10, 0), (10, 10)], 50),
    "two edges in common, outside": ([(0, 10), (10, 10), (10, 0), (20, 0), (20, 20), (0, 20)], 0),
    "all edges but one in common": ([(0, 0), (10, 0), (10, 10), (0, 10), (5, 5)], 75),
    "a diagonal in common corners": ([(0, 0), (10, 10), (20, 0), (10, -10)], 50),
    "around it, with a corner in common": ([(0, 0), (11, -1), (11, 11), (-1, 11)], 100),
    "an edge along half an edge": ([(10, 2), (10, 8), (15, 5)], 0),
    "an edge along half an edge, inside": ([(10, 2), (10, 8), (5, 5)], 15),
    "a point on the edge in common, inside": ([(0, 0), (5, 0), (10, 0), (5, 5)], 25),
    "a point on the edge in common, outside": ([(0, 0), (5, -5), (10, 0), (5, 0)], 0),
    "half an edge from a corner in common, inside": ([(0, 0), (5, 0), (10, 10), (12, 20), (5, 5)], 95 / 3),
    "within": ([(4, 4), (6, 4), (6, 6), (4, 6)], 4),
    "around": ([(-1, -1), (11, -1), (11, 11), (-1, 11)], 100),
    "a corner said twice": ([(10, 10), (10, 10), (20, 10), (20, 20), (10, 20)], 0),
    "a sliver along an edge": ([(0, 0), (10, 0), (10, 0.2), (0, 0.2)], 2),
    "a sliver beside an edge": ([(0, 0), (0, -0.2), (10, -0.2), (10, 0)], 0),
}  # fmt: skip


@pytest.mark.parametrize("size", [1e-25, 1.0, 1e25])
@pytest.mark.parametrize(("other", "wanted"), TWOS.values(), ids=TWOS)
def test_by_hand(other, wanted, size):
    for one in (SQUARE, SQUARE[::-1]):
        for two in (other, other[::-1]):
            land = outlines_of([shapely.Polygon(np.array(ring) * size) for ring in (one, two)], min_width_m=0.0)
            assert (land.state == FAST).all()
            for least in (0.5, 14.0, 40.0, 80.0):
                assert len(overlaps(land, tree_over(land), least * size**2)) == (wanted > least)


@SOME
@given(st.lists(st.integers(2, 60), min_size=3, max_size=12), origins, st.integers(0, 9999))
@example([8] * 4, (0.0, 0.0), 0)
def test_a_building_is_within_or_beyond_as_geos_says(ring, origin, seed):
    """Small boxes all over a star and its surroundings, and into its corners: whole, not at all, or by GEOS's area."""
    turns = np.arange(len(ring)) * 2 * np.pi / len(ring)
    star = np.column_stack([np.cos(turns), np.sin(turns)]) * np.reshape(ring, (-1, 1))
    random = np.random.default_rng(seed)
    middle = np.concatenate([random.uniform(-60, 60, (60, 2)), star])
    half = random.uniform(0.05, 4.0, (len(middle), 2))
    small = [moved(shapely.box(*low, *high), origin) for low, high in zip(middle - half, middle + half, strict=True)]
    parcel = moved(shapely.Polygon(star), origin)
    land, on = outlines_of([parcel], min_width_m=0.0), outlines_of(small)
    if land.state[0] != FAST:
        return
    found = overlay(land, tree_over(land), on)
    got = dict(zip(found.on.tolist(), found.area_m2.tolist(), strict=True))
    for at, shape in enumerate(small):
        wanted = shapely.intersection(brought_back(parcel, origin), brought_back(shape, origin)).area
        assert np.isnan(got.get(at, 0.0)) or got.get(at, 0.0) == pytest.approx(wanted, abs=2e-9 * shape.area)
        assert wanted or at not in got
