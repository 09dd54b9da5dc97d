"""The kernels on outlines with holes and several parts, against GEOS."""

import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from landgis.compiled.library import kernels
from landgis.compiled.outlines import FAST, HANDED, outlines_of_shapes, outlines_of_wkb, shapes_of
from landgis.compiled.pairs import overlaps, overlay, tree_over
from tests.test_compiled import MANY, brought_back, lattice, origins, outlines_of, polygon, require_common_area, stars

pytestmark = pytest.mark.skipif(kernels() is None, reason="the kernels are not compiled here")


@st.composite
def cut_outs(draw, kinds=None):
    """Some outlines less or with others: holes, parts, islands in holes; about the origin."""
    kinds = st.one_of(stars(8), lattice(6)) if kinds is None else kinds
    shape = shapely.make_valid(polygon(draw(kinds)), method="structure", keep_collapsed=False)
    for _ in range(draw(st.integers(1, 4))):
        other = shapely.make_valid(polygon(draw(kinds), size=draw(st.sampled_from([0.3, 0.7, 1.0]))),
                                   method="structure", keep_collapsed=False)  # fmt: skip
        shape = draw(st.sampled_from([shapely.difference, shapely.symmetric_difference, shapely.union]))(shape, other)
    polygons = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)


def put(shape, origin):
    return shapely.transform(shape, lambda points: points + origin)


def turned(shape, draw):
    """The same ground, each ring either way round."""

    def ring(points):
        points = shapely.get_coordinates(points)
        return points[::-1] if draw(st.booleans()) else points

    parts = [shapely.Polygon(ring(part.exterior), [ring(hole) for hole in part.interiors])
             for part in shapely.get_parts(shape)]  # fmt: skip
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


@MANY
@given(cut_outs(), origins, st.data())
def test_what_is_fast_is_valid_and_measured_as_geos_does(shape, origin, data):
    shape = turned(put(shape, origin), data.draw)
    found = outlines_of([shape], min_width_m=0.0)
    if found.state[0] == FAST:
        assert shapely.is_valid(shape)
        assert abs(found.area_m2[0]) == pytest.approx(brought_back(shape, origin).area, rel=1e-9)
        assert found.perimeter_m[0] == pytest.approx(shape.length, rel=1e-6)
        assert found.box[0].tolist() == list(shape.bounds)
        assert shapely.to_wkb(shapes_of(found, np.array([0]))[0]) == shapely.to_wkb(shape)


@MANY
@given(st.lists(st.tuples(stars(6), st.sampled_from([0.1, 0.4, 1.0])), min_size=2, max_size=5), st.booleans())
def test_rings_that_make_no_polygon_are_handed_on(rings, parts):
    """Rings thrown together: most of them cross, or lie within each other as they must not."""
    made = [shapely.Polygon(ring * size) for ring, size in rings]
    whole = shapely.MultiPolygon(made)
    if not parts:
        whole = shapely.Polygon(made[0].exterior, [hole.exterior for hole in made[1:]])
    if outlines_of([whole], min_width_m=0.0).state[0] == FAST:
        assert shapely.is_valid(whole)


@MANY
@given(cut_outs(stars(8)))
def test_clear_outlines_are_fast(shape):
    clear = not shape.is_empty and shapely.is_valid(shape) and shapely.minimum_clearance(shape) > 1e-3
    parts = shapely.get_parts(shape)
    rings = np.concatenate([[part.exterior, *part.interiors] for part in parts]) if len(parts) else []
    apart = all(one.distance(other) > 1e-3 for at, one in enumerate(rings) for other in rings[:at])
    if clear and apart:
        assert outlines_of([shape], min_width_m=0.0).state[0] == FAST


@MANY
@given(cut_outs(), cut_outs(), origins, st.data())
def test_common_area_is_that_of_geos_or_handed_on(one, two, origin, data):
    require_common_area(turned(put(one, origin), data.draw), turned(put(two, origin), data.draw), origin)


RINGED = shapely.from_wkt("POLYGON ((0 0, 30 0, 30 30, 0 30, 0 0), (10 10, 20 10, 20 20, 10 20, 10 10))")
TWO = shapely.from_wkt("MULTIPOLYGON (((0 0, 10 0, 10 10, 0 10, 0 0)), ((20 0, 30 0, 30 10, 20 10, 20 0)))")
ISLAND = shapely.union(RINGED, shapely.box(13, 13, 17, 17))


@pytest.mark.parametrize(("land", "on", "wanted"), [
    (RINGED, shapely.box(12, 12, 18, 18), 0),  # in the hole
    (RINGED, shapely.box(2, 2, 8, 8), 36),
    (RINGED, shapely.box(5, 5, 25, 25), 400 - 100),  # around the hole
    (RINGED, shapely.box(-5, -5, 35, 35), 800),
    (RINGED, shapely.box(15, 12, 25, 18), 30),  # half in the hole
    (RINGED, RINGED, 800),
    (TWO, shapely.box(5, 2, 25, 8), 60),
    (TWO, shapely.box(11, 2, 19, 8), 0),  # between the parts
    (TWO, RINGED, 200),
    (ISLAND, shapely.box(12, 12, 18, 18), 16),  # all of the island
    (ISLAND, shapely.box(14, 14, 15, 15), 1),
    (ISLAND, shapely.box(11, 11, 12, 12), 0),
    (ISLAND, shapely.box(5, 5, 25, 25), 300 + 16),
], ids=str)  # fmt: skip
def test_areas_by_hand(land, on, wanted):
    for one, other in ((land, on), (on, land)):
        sides = outlines_of([one]), outlines_of([other])
        assert [side.state[0] for side in sides] == [FAST, FAST]
        found = overlay(sides[0], tree_over(sides[0]), sides[1])
        assert found.area_m2.tolist() == pytest.approx([wanted] * bool(wanted), rel=1e-9)


def test_too_many_points_in_all_and_none_too_many():
    def comb(points):
        holes = [shapely.box(x, 1, x + 0.5, 2).exterior for x in range(1, 1 + points // 5)]
        return shapely.Polygon(shapely.box(0, 0, 200, 9).exterior, holes)

    assert outlines_of([comb(505), comb(510)]).state.tolist() == [FAST, HANDED]  # 4 + 5 a hole, 512 at most


@pytest.mark.parametrize("flavor", ["extended", "iso"])
def test_heights_are_dropped(flavor):
    shapes = [shapely.force_3d(shape, 7) for shape in (shapely.box(0, 0, 1, 2), RINGED, TWO)]
    found = outlines_of_wkb(pa.array(shapely.to_wkb(shapes, flavor=flavor), pa.binary()))
    assert found.state.tolist() == [FAST] * 3
    assert np.abs(found.area_m2).tolist() == pytest.approx([2, 800, 200])
    assert shapely.to_wkb(shapes_of(found, np.arange(3))).tolist() == shapely.to_wkb(shapely.force_2d(shapes)).tolist()


def test_broken_bytes_of_several_rings_are_never_read_past_their_end():
    cells = [shapely.to_wkb(shape) for shape in (RINGED, TWO, shapely.force_3d(ISLAND, 1))]
    broken = [cell[:end] for cell in cells for end in range(0, len(cell), 3)]
    random = np.random.default_rng(4)
    for cell in cells:
        for at in range(len(cell)):
            changed = bytearray(cell)
            changed[at] = random.integers(0, 256)
            broken.append(bytes(changed))
    found = outlines_of_wkb(pa.array(broken, pa.binary()))
    cut = sum(-(-len(cell) // 3) for cell in cells)
    assert (found.state[:cut] == HANDED).all()
    fast = np.flatnonzero(found.state == FAST)
    assert len(fast) and shapely.is_valid(shapely.from_wkb([broken[at] for at in fast])).all()


@MANY
@given(cut_outs(), cut_outs(), st.integers(0, 9999))
def test_a_point_that_is_said_twice_changes_nothing(one, two, seed):
    """As surveyors' files have them, at the beginning and at the end of a ring too; the bytes stay as they came."""
    random = np.random.default_rng(seed)

    def stuttered(shape):
        def ring(points):
            points = shapely.get_coordinates(points)
            return np.repeat(points, random.integers(1, 4, len(points)), axis=0)

        parts = [shapely.Polygon(ring(part.exterior), [ring(hole) for hole in part.interiors])
                 for part in shapely.get_parts(shape)]  # fmt: skip
        return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)

    plain = outlines_of([one], min_width_m=0.0), outlines_of([two], min_width_m=0.0)
    twice = outlines_of([stuttered(one)], min_width_m=0.0), outlines_of([stuttered(two)], min_width_m=0.0)
    assert [side.state[0] for side in plain] == [side.state[0] for side in twice]
    if plain[0].state[0] == plain[1].state[0] == FAST:
        assert twice[0].area_m2[0] == pytest.approx(plain[0].area_m2[0], rel=1e-12)
        assert shapes_of(twice[0], np.array([0]))[0].equals(one)
        found = [overlay(land, tree_over(land), on).area_m2.tolist() for land, on in (plain, twice)]
        assert found[0] == found[1] or found[0] == pytest.approx(found[1], nan_ok=True, rel=1e-9)


def test_parts_of_different_dimensions_are_handed_on():
    part = shapely.box(0, 0, 9, 9)
    deep = shapely.force_3d(shapely.box(20, 0, 29, 9), 1)
    for parts in ((part, deep), (deep, part)):
        cells = b"".join(shapely.to_wkb(one) for one in parts)
        for kind in (6, 6 | 0x80000000):
            wkb = b"\x01" + np.array([kind, 2], "<u4").tobytes() + cells
            assert outlines_of_wkb(pa.array([wkb], pa.binary())).state.tolist() == [HANDED]


def test_a_parcel_over_thousands_overlaps_them_all():
    field = [shapely.box(x, y, x + 2, y + 2) for x in range(0, 160, 2) for y in range(0, 160, 2)]
    for at in (0, 3_000, len(field)):
        shapes = np.array([*field[:at], shapely.box(0, 0, 160, 160), *field[at:]], dtype=object)
        land = outlines_of_shapes(shapes)
        found = {tuple(pair) for pair in overlaps(land, tree_over(land), 1.0).tolist()}
        assert found == {(min(at, other), max(at, other)) for other in range(len(shapes)) if other != at}
