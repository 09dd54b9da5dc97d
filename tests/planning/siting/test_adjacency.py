"""Neighbours by hand: gaps, corners, roads, what stands between; and against the shared boundary of exact maps."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity, box

from landgis.planning.siting.adjacency import neighbours
from landgis.planning.siting.connected import Graph, components
from landgis.workflow.sample import sample_folder
from tests.planning.siting.made_sites import cells, squares


def found(*geometry, **how):
    return neighbours(np.array(geometry), **how)


def pairs(*geometry, **how):
    return found(*geometry, **how).pair.tolist()


@pytest.mark.parametrize(
    ("gap", "joined"), [(0, True), (0.1, True), (-0.1, True), (0.2, True), (0.21, False), (0.3, False)]
)
def test_a_gap_is_closed_up_to_the_snap(gap, joined):
    one, other = box(0, 0, 10, 10), box(10 + gap, 2, 20, 30)
    assert pairs(one, other) == ([[0, 1]] if joined else [])
    if joined:
        assert found(one, other).shared_m.tolist() == pytest.approx([8])


def test_a_corner_is_no_side():
    one = box(0, 0, 10, 10)
    for gap in (0, 0.1, -0.1):
        assert pairs(one, box(10 + gap, 10 + gap, 20, 20)) == []
    assert pairs(one, box(10, 9.5, 20, 20)) == []  # half a metre is no side either
    assert found(one, box(10, 9.5, 20, 20), least_m=0.4).shared_m.tolist() == pytest.approx([0.5])


def test_a_road_is_bridged_up_to_its_width():
    one, other = box(0, 0, 50, 30), box(10, 36, 70, 60)  # a road of 6 m, 40 m of it facing
    assert pairs(one, other, road_m=5) == []
    across = found(one, other, road_m=8)
    assert across.pair.tolist() == [[0, 1]]
    assert across.facing_m.tolist() == pytest.approx([40]) and across.shared_m.tolist() == [0]
    assert across.gap_m.tolist() == pytest.approx([6]) and across.touching.tolist() == [False]
    assert across.touching_only().pair.tolist() == []


def test_across_a_crossing_is_not_across_a_road():
    four = [box(x, y, x + 40, y + 40) for x in (0, 46) for y in (0, 46)]
    assert pairs(*four, road_m=8) == [[0, 1], [0, 2], [1, 3], [2, 3]]
    assert pairs(*four, road_m=60) == [[0, 1], [0, 2], [1, 3], [2, 3]]


def test_who_stands_between_is_in_the_way():
    one, between, other = box(0, 0, 50, 30), box(0, 32, 50, 34), box(0, 36, 50, 60)
    assert pairs(one, between, other, road_m=8) == [[0, 1], [1, 2]]
    short = box(0, 32, 10, 34)  # hides a fifth of the road only
    assert [0, 2] in pairs(one, short, other, road_m=8)


def test_a_parcel_within_another_and_one_in_two_parts():
    ring = box(0, 0, 30, 30).difference(box(10, 10, 20, 20))
    island = found(ring, box(10.1, 10, 20, 20))
    assert island.pair.tolist() == [[0, 1]] and island.shared_m[0] == pytest.approx(40, abs=0.5)
    parts = shapely.union_all([box(0, 0, 10, 10), box(30, 0, 40, 10)])
    assert pairs(parts, box(20, 0, 30, 10), box(10, 0, 15, 10)) == [[0, 1], [0, 2]]


def test_no_outline_no_neighbour():
    assert pairs(None, box(0, 0, 10, 10), box(10, 0, 20, 10)) == [[1, 2]]
    assert pairs() == [] and pairs(None) == [] and pairs(box(0, 0, 1, 1), road_m=9) == []


def test_edges_that_are_cut_into_pieces():
    one = box(0, 0, 10, 10)
    other = shapely.Polygon([(10.1, 0), (20, 0), (20, 10), (10.1, 10), *((10.1, y) for y in np.linspace(9.7, 0.3, 33))])
    assert found(one, other).shared_m.tolist() == pytest.approx([10])


@given(seed=st.integers(0, 500), count=st.integers(2, 60))
@settings(max_examples=40, deadline=None)
def test_exact_maps(seed, count):
    """Where outlines fit exactly, the shared edge is the length of the boundary they share."""
    geometry = cells(count, seed)
    here = neighbours(geometry, least_m=2.0)
    one, other = shapely.STRtree(geometry).query(geometry, predicate="intersects")
    one, other = one[one < other], other[one < other]
    length = shapely.length(shapely.intersection(geometry[one], geometry[other], grid_size=1e-6))
    clear = {(i, j) for i, j, m in zip(one.tolist(), other.tolist(), length, strict=True) if m > 2.5}
    none = {(i, j) for i, j, m in zip(one.tolist(), other.tolist(), length, strict=True) if m < 0.5}
    met = set(map(tuple, here.pair.tolist()))
    assert clear <= met and not none & met


@given(turn=st.floats(0, 360), seed=st.integers(0, 50))
@settings(max_examples=25, deadline=None)
def test_order_and_direction_do_not_matter(turn, seed):
    geometry = np.concatenate([squares(3, 3), affinity_row()])
    order = np.random.default_rng(seed).permutation(len(geometry))
    turned = np.array([affinity.rotate(one, turn, origin=(500_000, 3_200_000)) for one in geometry[order]])
    turned = np.array([shapely.reverse(one) if k % 2 else one for k, one in enumerate(turned)])
    plain, other = neighbours(geometry, road_m=8), neighbours(turned, road_m=8)
    back = {tuple(sorted(order[list(pair)].tolist())): (shared, facing)
            for pair, shared, facing in zip(other.pair.tolist(), other.shared_m, other.facing_m, strict=True)}  # fmt: skip
    assert sorted(back) == list(map(tuple, plain.pair.tolist()))
    for pair, shared, facing in zip(plain.pair.tolist(), plain.shared_m, plain.facing_m, strict=True):
        assert back[tuple(pair)] == pytest.approx((shared, facing), abs=1e-3)


def affinity_row():
    """Three lots on the other side of a road of 6 m."""
    return np.array([affinity.translate(one, 0, 156) for one in squares(1, 3)])


def test_street_blocks_of_the_sample():
    """Parcels that touch are those of a street block, as the sample draws them; road by road they become one."""
    zone = sample_folder() / "zone.gpkg"
    parcels = gpd.read_file(zone, layer="parcels")
    drawn = gpd.read_file(zone, layer="street_blocks")
    geometry = parcels.geometry.to_numpy()
    part = components(Graph(len(geometry), neighbours(geometry).pair))
    inner, street = shapely.STRtree(drawn.geometry.to_numpy()).query(
        shapely.point_on_surface(geometry), predicate="within"
    )
    assert inner.tolist() == list(range(len(geometry)))
    both = np.unique(np.column_stack([part, street]), axis=0)
    assert len(both) == part.max() + 1  # no part reaches over a street
    torn = drawn["street_block_id"].to_numpy()[np.flatnonzero(np.bincount(both[:, 1]) > 1)]
    assert torn.tolist() == ["ZYFY-20"]  # its four lots lie 94 m apart, the land between is no parcel
    of_block = (parcels["block_id"] == "LCC").to_numpy()
    assert of_block.sum() == 167
    parts = [components(Graph(167, neighbours(geometry[of_block], road_m=road).pair)).max() + 1 for road in (0, 12, 24)]
    assert parts == [29, 15, 1]
