"""Columns and outlines as JSON text: what Python's own json and shapely read of it is what was put in."""

import json
import math

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as some

from landgis.io.json_text import content, joined, objects, other_outlines, polygon_outlines
from landgis.io.rings import are_polygons, rings_of

TEXT = some.text(some.characters(exclude_categories=["Cs"]), max_size=8) | some.sampled_from(['"', "\\", "\n\t", "\0"])
NUMBER = some.floats(width=64) | some.sampled_from([0.0, -0.0, 1e22, 5e-324, 119.970219551])


def lines(plain):
    return joined(objects(plain), len(plain)).to_pylist()


@settings(max_examples=60, deadline=None)
@given(
    rows=some.lists(
        some.tuples(
            some.none() | TEXT,
            NUMBER,
            some.none() | some.integers(-(2**63), 2**63 - 1),
            some.none() | some.booleans(),
            TEXT,
        ),
        max_size=6,
    ),
    order=some.permutations(range(5)),
)
def test_what_json_reads_is_what_was_put_in(rows, order):
    """Whatever kind of column comes last, its cells end the object."""
    text, number, whole, flag, known = list(zip(*rows, strict=True)) or [()] * 5
    columns = [
        ('名"称', pd.Series(list(text), dtype=object)), ("比例", pd.Series(list(number), dtype=float)),
        ("序号", pd.array(list(whole), dtype="Int64")), ("停用", pd.array(list(flag), dtype="boolean")),
        ("编号", pd.Series(list(known), dtype=object)),
    ]  # fmt: skip
    plain = pd.DataFrame(dict(columns[at] for at in order))
    found = [json.loads(line) for line in lines(plain)]
    assert len(found) == len(rows)
    for one, row in zip(found, rows, strict=True):
        assert list(one) == list(plain.columns)
        assert (one['名"称'], one["序号"], one["停用"], one["编号"]) == (row[0], row[2], row[3], row[4])
        assert one["比例"] == row[1] if math.isfinite(row[1]) else one["比例"] is None


def test_rows_without_columns_are_empty_objects():
    assert lines(pd.DataFrame(index=range(2))) == ["{}", "{}"]


def test_content_is_all_texts_of_a_slice():
    texts = pa.array(["甲", "bc", "", "d"], pa.large_string())
    assert bytes(content(texts.slice(1, 3))) == b"bcd" and bytes(content(texts.slice(4))) == b""


def square(x, y, size, *, ccw):
    return shapely.get_coordinates(shapely.box(x, y, x + size, y + size, ccw=ccw))


@some.composite
def polygons(draw):
    """A row without an outline, a polygon, or several parts; holes or none; every ring either way round."""
    parts = [
        shapely.Polygon(
            square(10 * at, draw(some.integers(-3, 3)) / 7, 6, ccw=draw(some.booleans())),
            [square(10 * at + 1 + 2 * k, 3, 0.7, ccw=draw(some.booleans())) for k in range(draw(some.integers(0, 2)))],
        )
        for at in range(draw(some.integers(0, 3)))
    ]
    if not parts:
        return None
    return parts[0] if len(parts) == 1 and draw(some.booleans()) else shapely.MultiPolygon(parts)


@settings(max_examples=60, deadline=None)
@given(some.lists(polygons(), min_size=1, max_size=5))
def test_outlines_as_shapely_orients_and_writes_them(shapes):
    geometry = np.array(shapes, dtype=object)
    known = are_polygons(geometry)
    rings = rings_of(geometry[known]).counter_clockwise()
    found = joined(polygon_outlines(rings, known), len(geometry)).to_pylist()
    expected = shapely.to_geojson(shapely.orient_polygons(geometry, exterior_cw=False))
    assert [json.loads(text) for text in found] == [json.loads(text or "null") for text in expected]


@settings(max_examples=40, deadline=None)
@given(some.lists(some.tuples(polygons().filter(bool), some.booleans()), min_size=1, max_size=6))
def test_areas_bounds_and_choice_agree_with_geos(drawn):
    geometry = np.array([shape for shape, _ in drawn], dtype=object)
    wanted = np.array([flag for _, flag in drawn])
    rings = rings_of(geometry).counter_clockwise()
    first = rings.polygon_rings[:-1]
    assert np.add.reduceat(rings.areas(), first) == pytest.approx(shapely.area(geometry))
    assert np.array_equal(rings.bounds(), shapely.bounds(geometry))
    chosen, alone = rings.taken(np.flatnonzero(wanted)), rings_of(geometry[wanted]).counter_clockwise()
    for name in ("points", "starts", "part_rings", "polygon_parts", "several"):
        assert np.array_equal(getattr(chosen, name), getattr(alone, name)), name


def test_geometries_of_other_kinds():
    geometry = np.array([shapely.Point(1, 2), None], dtype=object)
    found = joined(other_outlines(geometry), 2).to_pylist()
    assert [json.loads(text) for text in found] == [{"type": "Point", "coordinates": [1.0, 2.0]}, None]
