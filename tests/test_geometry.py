"""Values are worked out by hand from drawings on squared paper."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

from landgis import geometry
from tests.ways import WAYS, by


@pytest.fixture(params=WAYS, autouse=True, scope="module")
def way(request):
    with by(request.param):
        yield


def mend(*shapes):
    return geometry.mend(np.array(shapes, dtype=object))


def test_bow_tie_becomes_its_two_triangles():
    found = mend(shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)]))
    assert found.state.tolist() == ["mended"]
    assert found.area_m2.tolist() == [50]  # two triangles of base 10 and height 5
    assert found.geometry[0].is_valid


def test_hole_outside_its_shell_and_spike_keep_the_polygon():
    hole = shapely.Polygon(box(0, 0, 10, 10).exterior, [box(20, 20, 25, 25).exterior])
    spike = shapely.Polygon([(0, 0), (10, 0), (10, 10), (5, 10), (5, 500), (5, 10), (0, 10)])
    found = mend(hole, spike)
    assert found.state.tolist() == ["mended", "mended"]
    assert {shape.geom_type for shape in found.geometry} <= {"Polygon", "MultiPolygon"}
    assert found.area_m2[1] == 100


def test_what_cannot_be_measured_is_named():
    flat = shapely.Polygon([(0, 0), (1, 1), (2, 2)])
    sliver = box(0, 0, 100, 0.004)
    found = mend(None, shapely.Polygon(), shapely.Point(1, 2), flat, sliver, box(0, 0, 1, 1))
    assert found.state.tolist() == ["missing", "empty", "not_polygon", "sliver", "sliver", "ok"]
    assert [shape is None for shape in found.geometry] == [True] * 5 + [False]
    assert np.isnan(found.area_m2[:5]).all()


def test_what_is_flat_where_it_was_drawn_is_flat_everywhere():
    flat, tie = shapely.Polygon([(0, 0), (1, 1), (2, 2)]), shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    assert geometry.collapsed(np.array([flat, tie, box(0, 0, 1, 1), None])).tolist() == [True, False, False, False]
    bent = shapely.Polygon([(0, 0), (100, 101), (200, 200)])
    assert geometry.mend(np.array([bent]), np.array([True])).state.tolist() == ["sliver"]


def test_third_dimension_is_dropped():
    assert not shapely.has_z(mend(shapely.force_3d(box(0, 0, 1, 1), 5)).geometry)[0]


def test_overlaps_of_more_than_a_square_metre_are_pairs_in_input_order():
    shapes = np.array(
        [
            box(100, 0, 110, 10),
            box(0, 0, 10, 10),
            box(9, 0, 20, 10),
            box(10, 20, 20, 30),
            box(9.95, 20, 10, 30),
        ]
    )
    pairs, area = geometry.overlapping_pairs(shapes)
    assert pairs.tolist() == [[1, 2]]  # 1 × 10 m; boxes 3 and 4 only touch
    assert area.tolist() == [10]


def test_a_parcel_inside_another_overlaps_it():
    pairs, area = geometry.overlapping_pairs(np.array([box(0, 0, 10, 10), box(2, 2, 4, 4)]))
    assert pairs.tolist() == [[0, 1]]
    assert area.tolist() == [4]


@given(st.lists(st.tuples(*[st.integers(0, 40)] * 4), min_size=2, max_size=12))
def test_overlaps_equal_brute_force(corners):
    shapes = np.array([box(x, y, x + w + 1, y + h + 1) for x, y, w, h in corners])
    pairs, area = geometry.overlapping_pairs(shapes)
    found = dict(zip(map(tuple, pairs.tolist()), area, strict=True))
    wanted = {
        (i, j): common
        for i in range(len(shapes))
        for j in range(i + 1, len(shapes))
        if (common := shapes[i].intersection(shapes[j]).area) > 1
    }
    assert found == pytest.approx(wanted)


def test_spatial_order_is_a_permutation_that_keeps_neighbours_near():
    grid = np.array([box(x, y, x + 1, y + 1) for x in range(32) for y in range(32)])
    shuffled = np.random.default_rng(1).permutation(len(grid))
    order = geometry.spatial_order(grid[shuffled])
    assert sorted(order) == list(range(len(grid)))
    centre = shapely.get_coordinates(shapely.centroid(grid[shuffled][order]))
    assert np.linalg.norm(np.diff(centre, axis=0), axis=1).mean() < 2  # random order: about 17
