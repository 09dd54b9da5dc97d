"""Tiles as bytes: what a reader written from the specification, here, makes of them is what was put in."""

import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as some

from landgis.io.mvt import layer_tile, property_of, varint_sizes, varints, zigzag
from landgis.io.rings import Rings, rings_of
from landgis.io.tile_shapes import BUFFER, EXTENT, tile_shapes
from tests.io.tile_reader import layer_of

CORNER = np.zeros(2, np.int64)


def by_hand(number):
    """Base 128, the low digits first; all but the last have the eighth bit."""
    digits = [number & 0x7F]
    while number := number >> 7:
        digits.append(number & 0x7F)
    return [digit | 0x80 for digit in digits[:-1]] + digits[-1:]


@given(some.lists(some.integers(0, 2**62) | some.sampled_from([127, 128, 2**14 - 1, 2**14, 2**35]), max_size=20))
def test_varints(numbers):
    found = np.array(numbers, np.int64)
    assert varints(found).tolist() == [byte for number in numbers for byte in by_hand(number)]
    assert varint_sizes(found).tolist() == [len(by_hand(number)) for number in numbers]


def test_zigzag_by_hand():
    assert zigzag(np.array([0, -1, 1, -2, 2])).tolist() == [0, 1, 2, 3, 4]


def grid(shapes):
    """Polygons whose numbers are steps already, y to the south."""
    return rings_of(np.array(shapes, dtype=object))


def drawn(shapes, *, shift=0, corner=CORNER, properties=()):
    """The features of a tile as the reader sees them, and which polygons are left."""
    found, left = tile_shapes(grid(shapes), shift=shift, origin=corner)
    return layer_of(layer_tile("parcels", found, np.flatnonzero(left), properties)).features, left


def test_a_square_with_a_hole_and_two_parts_by_hand():
    """Steps of the reader: outer rings clockwise on a screen, where y runs down; holes the other way."""
    holed = shapely.Polygon([(0, 0), (10, 0), (10, 10), (0, 10)], [[(2, 2), (4, 2), (4, 4), (2, 4)]])
    parts = shapely.MultiPolygon([shapely.box(20, 20, 22, 22), shapely.box(30, 20, 31, 21)])
    (first, second), left = drawn([holed, parts])
    assert left.all() and (first.number, second.number) == (1, 2)
    assert [area > 0 for area in first.areas] == [True, False] and list(map(abs, first.areas)) == [100, 4]
    assert second.areas == [4, 1]
    assert set(first.rings[1]) == {(2, 2), (4, 2), (4, 4), (2, 4)}


def test_what_has_no_area_on_the_grid_is_gone_with_its_holes():
    tiny = shapely.Polygon([(40, 40), (43, 40), (43, 43), (40, 43)], [[(41, 41), (42, 41), (42, 42), (41, 42)]])
    astray = shapely.Polygon([(40, 40), (41, 40), (41, 41)], [[(80, 80), (200, 80), (200, 200)]])  # not valid
    features, left = drawn([shapely.box(0, 0, 64, 64), tiny, astray], shift=3)
    assert left.tolist() == [True, False, False] and features[0].areas == [64]


@settings(max_examples=150, deadline=None)
@given(
    some.integers(3, 12), some.integers(0, 2**31), some.integers(0, 3),
    some.sampled_from([(0, 0), (EXTENT, 0), (-EXTENT, -EXTENT), (700, EXTENT + 30)]),
)  # fmt: skip
def test_stars_are_cut_at_the_tile_as_geos_cuts_them(count, seed, shift, middle):
    """Areas differ by no more than rounding does: half a step along the outline."""
    chance = np.random.default_rng(seed)
    angle = np.sort(chance.uniform(0, 2 * np.pi, count))
    reach = chance.uniform(10, 6000, count)[:, None]
    points = (np.array(middle) + reach * np.column_stack([np.cos(angle), np.sin(angle)])) * 2**shift
    star = shapely.Polygon(np.rint(points))
    if not star.is_valid:
        return
    features, left = drawn([star], shift=shift)
    scaled = shapely.transform(star, lambda one: one / 2**shift)
    window = shapely.box(-BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)
    expected = scaled.intersection(window)
    slack = 1.5 * (scaled.length + expected.length) + 10
    if not left[0]:
        assert expected.area <= slack
        return
    assert sum(features[0].areas) == pytest.approx(expected.area, abs=slack)
    x, y = np.array(features[0].rings[0]).T
    assert x.min() >= -BUFFER and x.max() <= EXTENT + BUFFER and y.min() >= -BUFFER and y.max() <= EXTENT + BUFFER


TEXTS = some.none() | some.text(max_size=200).filter(lambda text: text.isprintable())
NUMBERS = some.none() | some.floats(-1e9, 1e9) | some.just(float("nan"))


@settings(max_examples=60, deadline=None)
@example([(None, 0.0, True), (None, -0.0, True)])
@given(some.lists(some.tuples(TEXTS, NUMBERS, some.booleans()), min_size=1, max_size=8))
def test_properties_come_back_and_what_is_unknown_is_absent(rows):
    texts, numbers, there = zip(*rows, strict=True)
    properties = [
        property_of("文", pa.array(texts, pa.large_string()), decimals=-1, lean=False),
        property_of("数", pa.array(numbers, pa.float64()), decimals=2, lean=True),
    ]
    squares = [shapely.box(0, 0, 9 if wanted else 0.1, 9) for wanted in there]
    features, left = drawn(squares, properties=properties)
    assert [one.number - 1 for one in features] == np.flatnonzero(there).tolist() == np.flatnonzero(left).tolist()
    for one in features:
        text, number = texts[one.number - 1], numbers[one.number - 1]
        wanted = {} if text is None else {"文": text}
        if number is not None and number == number:
            wanted["数"] = pytest.approx(round(number, 2), abs=0.0101)
        assert one.properties == wanted


def test_no_parcel_makes_an_empty_layer():
    nothing = Rings(np.empty((0, 2), np.int32), *(np.zeros(1, np.int64) for _ in range(3)), np.empty(0, bool))
    found, left = tile_shapes(nothing, shift=2, origin=CORNER)
    assert layer_of(layer_tile("parcels", found, np.flatnonzero(left), [])).features == []
