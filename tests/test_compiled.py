"""The kernels against GEOS: each result within 1e-9 of it, or handed on."""

import math

import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from landgis.compiled.library import kernels
from landgis.compiled.outlines import ABSENT, FAST, HANDED, outlines_of_shapes, outlines_of_wkb, spatial_keys
from landgis.compiled.pairs import LEAST, overlaps, overlay, tree_over

pytestmark = pytest.mark.skipif(kernels() is None, reason="the kernels are not compiled here")

ORIGINS = ((0.0, 0.0), (480_000.0, 3_150_000.0), (40_480_000.0, 3_150_000.0))
MANY = settings(max_examples=300, deadline=None)


def outlines_of(polygons, **more):
    return outlines_of_wkb(pa.array(shapely.to_wkb(np.array(polygons, dtype=object)), pa.binary()), **more)


@st.composite
def stars(draw, most=14):
    """A polygon around a point: any angles, any radii, either way round; now and then not simple."""
    n = draw(st.integers(3, most))
    turn = np.sort(np.array(draw(st.lists(st.integers(0, 719), min_size=n, max_size=n, unique=True))) * math.pi / 360)
    radius = np.array(draw(st.lists(st.integers(1, 40), min_size=n, max_size=n)), float)
    x, y = draw(st.integers(-20, 20)), draw(st.integers(-20, 20))
    ring = np.column_stack([x + radius * np.cos(turn), y + radius * np.sin(turn)])
    return ring if draw(st.booleans()) else ring[::-1]


@st.composite
def lattice(draw, most=8):
    """Corners on a small lattice: shared vertices, shared edges, collinear runs, crossings and repeats abound."""
    return np.array(
        draw(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=3, max_size=most)), dtype=float
    )


rings = st.one_of(stars(), lattice())
origins = st.sampled_from(ORIGINS)
sizes = st.sampled_from([1e-3, 1.0, 37.5, 1e4])


def polygon(ring, origin=(0.0, 0.0), size=1.0):
    return shapely.Polygon(np.asarray(ring) * size + origin)


@MANY
@given(rings, origins, sizes)
def test_what_is_fast_is_valid_and_measured_as_geos_does(ring, origin, size):
    shape = polygon(ring, origin, size)
    found = outlines_of([shape], min_width_m=0.0)
    if found.state[0] == HANDED:
        assert np.isnan(found.area_m2[0]) and np.isnan(found.box[0]).all()
        return
    assert shapely.is_valid(shape)
    assert abs(found.area_m2[0]) == pytest.approx(exact_area(ring, origin, size), rel=1e-9)
    assert (found.area_m2[0] > 0) == shape.exterior.is_ccw
    assert found.perimeter_m[0] == pytest.approx(shape.length, rel=1e-7)
    assert found.box[0].tolist() == list(shape.bounds)
    assert (found.xy[0] == shapely.get_coordinates(shape)[:-1]).all()


def exact_area(ring, origin, size):
    """In exact fractions: at large coordinates and small sizes GEOS itself is off by more than 1e-9."""
    from fractions import Fraction

    points = [(Fraction(float(x)), Fraction(float(y))) for x, y in np.asarray(ring) * size + origin]
    turned = zip(points, points[1:] + points[:1], strict=True)
    return abs(float(sum(ax * by - ay * bx for (ax, ay), (bx, by) in turned) / 2))


@pytest.mark.parametrize("seed", range(4))
def test_a_touch_that_rounding_bends_into_a_near_miss_is_not_called_valid(seed):
    """Signs must be certain, not likely: without the bound of `side` some of these are wrongly FAST."""
    random = np.random.default_rng(seed)
    slanted = random.integers(0, 6, (20_000, 6, 2)) @ np.array([[0.1, 0.3], [-0.7, 0.9]])
    shapes = shapely.polygons(slanted + random.choice([0.0, 0.1, 480_000.3], (len(slanted), 1, 1)))
    fast = outlines_of(shapes, min_width_m=0.0).state == FAST
    assert fast.sum() > 1_000 and shapely.is_valid(shapes[fast]).all()


@MANY
@given(stars(), origins)
def test_simple_rings_are_fast(ring, origin):
    """The other way round: what GEOS calls valid, and is no near miss, is not handed on."""
    shape = polygon(ring, origin)
    bones = shapely.get_coordinates(shape)[:-1]
    steps = np.linalg.norm(bones - np.roll(bones, 1, axis=0), axis=1)
    clear = shapely.is_valid(shape) and steps.min() > 1e-3 and shapely.minimum_clearance(shape) > 1e-3
    if clear:
        assert outlines_of([shape], min_width_m=0.0).state[0] == FAST


def brought_back(shape, origin):
    """Moved to where GEOS rounds little: far out its corners of a common part are off by half a nanometre. Exact."""
    return shapely.transform(shape, lambda points: points - origin)


def require_common_area(one, two, origin):
    """The common area of two polygons is that of GEOS, or handed on to it."""
    land, on = outlines_of([one], min_width_m=0.0), outlines_of([two], min_width_m=0.0)
    if land.state[0] != FAST or on.state[0] != FAST:
        return
    wanted, own = shapely.intersection(brought_back(one, origin), brought_back(two, origin)).area, two.area
    found = overlay(land, tree_over(land), on)
    if not len(found.area_m2):
        assert wanted <= 1.2 * LEAST * own
    elif not np.isnan(found.area_m2[0]):
        assert found.area_m2[0] == pytest.approx(wanted, abs=1e-9 * own)
        assert found.area_m2[0] > 0


@MANY
@given(rings, rings, origins)
def test_common_area_is_that_of_geos_or_handed_on(first, second, origin):
    require_common_area(polygon(first, origin), polygon(second, origin), origin)


@MANY
@given(lattice(), lattice(), st.sampled_from([1e-25, 1e-6, 1e6, 1e25]))
def test_huge_and_tiny_coordinates(first, second, size):
    one, two = polygon(first, size=size), polygon(second, size=size)
    land, on = outlines_of([one], min_width_m=0.0), outlines_of([two], min_width_m=0.0)
    if land.state[0] == FAST and on.state[0] == FAST:
        wanted = shapely.intersection(polygon(first), polygon(second)).area * size * size
        found = overlay(land, tree_over(land), on).area_m2
        known = found[~np.isnan(found)]
        assert known.tolist() == pytest.approx([wanted] * len(known), abs=1e-9 * abs(on.area_m2[0]))
        assert len(found) or wanted <= LEAST * abs(on.area_m2[0])


@MANY
@given(st.lists(rings, min_size=1, max_size=12), st.lists(rings, min_size=1, max_size=12))
def test_no_pair_is_lost_and_none_is_made_up(lands, ons):
    outer, inner = [polygon(ring) for ring in lands], [polygon(ring) for ring in ons]
    land, on = outlines_of(outer), outlines_of(inner)
    found = overlay(land, tree_over(land), on)
    pairs = {(i, j): area for i, j, area in zip(found.land, found.on, found.area_m2, strict=True)}
    assert len(pairs) == len(found.land)
    for i, j in np.ndindex(len(outer), len(inner)):
        if land.state[i] == FAST and on.state[j] == FAST:
            wanted = shapely.intersection(outer[i], inner[j]).area
            share = wanted / inner[j].area
            if share > LEAST * 1.2 or (i, j) in pairs:
                got = pairs[(i, j)]
                assert np.isnan(got) or abs(got - wanted) <= 1e-9 * inner[j].area
            if share > 1e-6:
                assert (i, j) in pairs


@MANY
@given(st.lists(rings, min_size=2, max_size=10), st.sampled_from([0.01, 1.0, 50.0]))
def test_overlaps_above_the_limit_are_all_named(ring_list, least):
    shapes = [polygon(ring, ORIGINS[1]) for ring in ring_list]
    land = outlines_of(shapes)
    named = {tuple(pair) for pair in overlaps(land, tree_over(land), least)}
    for i in range(len(shapes)):
        for j in range(i + 1, len(shapes)):
            if land.state[i] == FAST and land.state[j] == FAST:
                area = shapely.intersection(shapes[i], shapes[j]).area
                assert (i, j) in named or area <= least
                assert (i, j) not in named or area > 0.98 * least


def test_neighbours_that_share_edges_are_not_named():
    grid = [shapely.box(x, y, x + 10, y + 10) for x in range(0, 100, 10) for y in range(0, 100, 10)]
    land = outlines_of(grid)
    assert not len(overlaps(land, tree_over(land), 1.0))
    on = overlay(land, tree_over(land), land)
    assert (on.land == on.on).all() and on.area_m2.tolist() == [100.0] * 100


def test_a_building_drawn_along_the_boundary_lies_within_and_not_beside():
    land = outlines_of([shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)])
    on = outlines_of([shapely.box(6, 2, 10, 8), shapely.box(9, 0, 11, 10), shapely.box(10, 0, 12, 10),
                   shapely.box(6, 0, 10.000001, 10)])  # fmt: skip
    found = overlay(land, tree_over(land), on)
    assert found.on.tolist() == [0, 1, 1, 2, 3, 3] and found.land.tolist() == [0, 0, 1, 1, 0, 1]
    assert found.area_m2.tolist() == pytest.approx([24, 10, 10, 20, 40, 1e-5], abs=5e-9)


HANDED_ON = {
    "hole outside": "POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (12 2, 13 2, 13 3, 12 2))",
    "hole that touches": "POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (0 2, 3 2, 3 3, 0 2))",
    "hole that crosses": "POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (-1 2, 3 2, 3 3, -1 2))",
    "hole in a hole": "POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (1 1, 8 1, 8 8, 1 8, 1 1), (2 2, 3 2, 3 3, 2 2))",
    "hole twice": "POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (2 2, 3 2, 3 3, 2 2), (2 2, 3 2, 3 3, 2 2))",
    "bow tie as a hole": "POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (2 2, 5 5, 5 2, 2 5, 2 2))",
    "part in a part": "MULTIPOLYGON (((0 0, 9 0, 9 9, 0 9, 0 0)), ((2 2, 3 2, 3 3, 2 2)))",
    "part around a part": "MULTIPOLYGON (((2 2, 3 2, 3 3, 2 2)), ((0 0, 9 0, 9 9, 0 9, 0 0)))",
    "parts that cross": "MULTIPOLYGON (((0 0, 9 0, 9 9, 0 0)), ((5 -1, 6 -1, 6 9, 5 -1)))",
    "measures": "POLYGON M ((0 0 1, 9 0 1, 9 9 1, 0 0 1))",
    "no part": "MULTIPOLYGON EMPTY",
    "empty": "POLYGON EMPTY",
    "point": "POINT (1 1)",
    "line": "LINESTRING (0 0, 1 1)",
    "bow tie": "POLYGON ((0 0, 9 9, 9 0, 0 9, 0 0))",
    "spike": "POLYGON ((0 0, 9 0, 9 9, 9 12, 9 9, 0 9, 0 0))",
    "touches itself": "POLYGON ((0 0, 5 0, 5 5, 9 9, 0 9, 5 5, 0 0))",
    "one point but twice": "POLYGON ((0 0, 9 0, 9 0, 0 0, 0 0))",
    "flat": "POLYGON ((0 0, 9 0, 4 0, 0 0))",
    "sliver": "POLYGON ((0 0, 9 0, 9 0.001, 0 0.001, 0 0))",
}


@pytest.mark.parametrize("wkt", HANDED_ON.values(), ids=HANDED_ON)
def test_handed_on(wkt):
    assert outlines_of([shapely.from_wkt(wkt)]).state.tolist() == [HANDED]


def test_other_bytes_are_handed_on_and_nothing_is_absent():
    square = shapely.box(0, 0, 1, 1)
    good = shapely.to_wkb(square)
    nan = shapely.to_wkb(shapely.Polygon([(0, 0), (1, 0), (1, math.nan), (0, 0)]))
    cells = [good, None, shapely.to_wkb(square, byte_order=0), good[:-1], good + b"x", b"", good[:13], nan,
             good[:-16] + np.array([0.5, 0.5]).tobytes(),  # not closed
             shapely.to_wkb(shapely.set_srid(square, 4549), include_srid=True),
             good[:9] + b"\xff\xff\xff\xff" + good[13:]]  # fmt: skip
    for kind in (pa.binary(), pa.large_binary()):
        found = outlines_of_wkb(pa.array([good, *cells], kind)[1:])  # an array that starts within its buffer
        assert found.state.tolist() == [FAST, ABSENT] + [HANDED] * 9
    assert len(outlines_of_wkb(pa.array([], pa.binary()))) == 0


def test_a_ring_of_too_many_points_is_handed_on():
    circle = shapely.Point(0, 0).buffer(50, quad_segs=150)
    assert outlines_of([circle]).state.tolist() == [HANDED]


@MANY
@given(st.lists(st.tuples(st.integers(-99, 99), st.integers(-99, 99)), min_size=0, max_size=80))
def test_the_tree_finds_what_boxes_touch(corners):
    boxes = [shapely.box(x, y, x + 1 + abs(x) % 7, y + 1 + abs(y) % 5) for x, y in corners]
    land = outlines_of(boxes) if boxes else outlines_of_wkb(pa.array([], pa.binary()))
    order = np.argsort(spatial_keys(land.box[:, :2]))
    assert sorted(order.tolist()) == list(range(len(boxes)))
    land = outlines_of([boxes[at] for at in order]) if boxes else land
    found = overlay(land, tree_over(land), land)
    wanted = {(i, j) for i in range(len(boxes)) for j in range(len(boxes))
              if shapely.intersection(boxes[order[i]], boxes[order[j]]).area > 0}  # fmt: skip
    assert set(zip(found.land.tolist(), found.on.tolist(), strict=True)) == wanted


def test_a_row_that_meets_thousands_comes_back_unmeasured():
    land = outlines_of([shapely.box(x, y, x + 1, y + 1) for x in range(80) for y in range(80)])
    found = overlay(land, tree_over(land), outlines_of([shapely.box(-1, -1, 99, 99), shapely.box(0.2, 0.2, 0.4, 0.4)]))
    assert np.isnan(found.area_m2[found.on == 0]).all() and (found.on == 0).sum() == 6400
    assert found.area_m2[found.on == 1].tolist() == pytest.approx([0.04])


def test_shapes_and_wkb_give_the_same_rings_and_what_is_handed_on_keeps_its_box():
    hole = shapely.from_wkt(HANDED_ON["hole that touches"])
    shapes = np.array([shapely.box(0, 0, 4, 4), hole, None, shapely.Polygon([(0, 0), (3, 0), (0, 3)])], dtype=object)
    one, two = outlines_of(shapes), outlines_of_shapes(shapes)
    assert one.state.tolist() == two.state.tolist() == [FAST, HANDED, ABSENT, FAST]
    assert np.array_equal(one.xy[0], two.xy[0], equal_nan=True)
    for name in ("begin", "points", "area_m2", "perimeter_m"):
        assert np.array_equal(getattr(one, name), getattr(two, name), equal_nan=True)
    assert two.box[1].tolist() == [0, 0, 9, 9] and np.isnan(two.box[2]).all()
    found = overlay(two, tree_over(two), two)
    assert np.isnan(found.area_m2[(found.land == 1) | (found.on == 1)]).all() and (found.land == 1).sum() == 3


def test_nothing_is_lost_far_from_the_origin_of_the_tree():
    """There a float is a step of two metres, and boxes are smaller than that."""
    corners = np.array([[0, 0], [2e7, 0], [2e7 + 0.7, 3.3], [1e7, 2e7], [-3e7, 0.3]])
    boxes = [shapely.box(x, y, x + 0.3, y + 0.3) for x, y in corners]
    land = outlines_of(boxes)
    on = outlines_of([shapely.box(x + 0.2, y + 0.2, x + 0.6, y + 0.6) for x, y in corners])
    found = overlay(land, tree_over(land), on)
    assert found.on.tolist() == found.land.tolist() == [0, 1, 2, 3, 4]
    assert found.area_m2 == pytest.approx([0.01] * 5, rel=1e-6)
    assert len(overlaps(outlines_of([*boxes, *boxes]), tree_over(outlines_of([*boxes, *boxes])), 0.01)) == 5


def test_the_hilbert_order_takes_short_steps():
    x, y = np.meshgrid(np.arange(32.0), np.arange(32.0))
    box = np.column_stack([x.ravel(), y.ravel(), x.ravel(), y.ravel()])
    for scale, origin in ((1.0, 0.0), (0.5, 480_000.0), (64.0, -(2.0**20))):  # half a metre a cell
        corner = box[:, :2] * scale + origin
        step = np.abs(np.diff(corner[np.argsort(spatial_keys(corner))], axis=0)).sum(axis=1)
        assert step.max() == scale
