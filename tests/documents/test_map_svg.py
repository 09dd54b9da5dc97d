"""The map on paper: to scale, labels where they fit and nowhere else, texts as they are."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from landgis.documents.content import Map, Shape
from landgis.documents.legible import legible
from landgis.documents.map_svg import MARGIN_MM, MOST_MM, WIDTH_MM, _labels, draw_map, frame_of, label_inside
from landgis.documents.svg import text_width
from tests.documents.made import HOSTILE, KINDS, made_map

NS = "{http://www.w3.org/2000/svg}"


def tree(svg):
    return ET.fromstring(svg)


def texts(svg):
    return ["".join(one.itertext()) for one in tree(svg).iter(f"{NS}text")]


@pytest.mark.parametrize(("across", "up", "m_per_mm"), [
    (1640.0, 100.0, 10.0),  # 170 mm less two margins of 3 mm
    (100.0, 1100.0, 10.0),  # 116 mm less two margins
])  # fmt: skip
def test_the_frame_shows_all_at_one_scale_in_the_middle(across, up, m_per_mm):
    frame = frame_of(np.array([shapely.box(5000, 700, 5000 + across, 700 + up)]))
    assert frame.m_per_mm == pytest.approx(m_per_mm)
    (placed,) = frame.on_paper(np.array([shapely.box(5000, 700, 5000 + across, 700 + up)]))
    west, top, east, bottom = placed.bounds
    assert (east - west, bottom - top) == pytest.approx((across / m_per_mm, up / m_per_mm))
    assert west == pytest.approx(WIDTH_MM - east) and top == pytest.approx(MARGIN_MM)
    assert frame.height_mm <= MOST_MM + 1e-9


def test_north_is_up():
    frame = frame_of(np.array([shapely.box(0, 0, 100, 100)]))
    south, north = frame.on_paper(np.array([shapely.Point(50, 10), shapely.Point(50, 90)]))
    assert north.y < south.y


def test_the_scale_bar_is_as_long_as_it_says():
    """Three lots, 300 m across 164 mm: 42 mm are 76.8 m, so the bar shows 50 m in 27.33 mm."""
    svg = draw_map(made_map("1", "2", "3"), "Any").svg
    assert "50 m" in texts(svg)
    bars = [float(one.get("width")) for one in tree(svg).iter(f"{NS}rect") if one.get("height") == "1.2"]
    assert sum(bars) == pytest.approx(50 / (300 / 164), abs=0.02)


def test_the_legend_has_every_class_with_its_count():
    found = texts(draw_map(made_map("1"), "Any").svg)
    assert [text for text in found if text in ("未启动  2", "拆除  1")] == ["未启动  2", "拆除  1"]


@given(st.lists(st.text(max_size=12).map(legible), min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_any_label_is_text_and_nothing_else(labels):
    svg = draw_map(made_map(*labels, *HOSTILE[:3]), "Any").svg
    said = {"".join(one.itertext()) for one in tree(svg).iter(f"{NS}text")}
    shown = {label for label in labels if label and text_width(label, 1.7) < 20}
    assert shown <= said
    assert {one.tag.removeprefix(NS) for one in tree(svg).iter()} <= {
        "svg", "defs", "pattern", "path", "clipPath", "rect", "g", "text"
    }  # fmt: skip


sizes = st.floats(5, 120)


@given(st.lists(st.tuples(sizes, sizes, st.text("0123456789永", min_size=1, max_size=9)), min_size=1, max_size=25))
@settings(max_examples=60, deadline=None)
def test_labels_lie_inside_their_lots_so_none_covers_another_and_the_others_are_counted(lots):
    west, shapes = 0.0, []
    for wide, tall, words in lots:
        shapes.append(Shape(shapely.box(west, 0, west + wide, tall), 0, words))
        west += wide
    content = Map("", tuple(shapes), KINDS)
    frame = frame_of(np.array([one.outline for one in shapes]))
    outlines = frame.on_paper(np.array([one.outline for one in shapes]))
    placed, lost = _labels(content, outlines, np.empty(0, object))
    assert len(placed) + lost == len(lots)
    boxes = [label.box for label in placed]
    inside = [any(outline.contains(box) for outline in outlines) for box in boxes]
    assert all(inside)
    boxes = np.array(boxes, dtype=object)
    left, right = shapely.STRtree(boxes).query(boxes)
    assert all(
        shapely.area(shapely.intersection(boxes[a], boxes[b])) < 1e-9
        for a, b in zip(left, right, strict=True)
        if a != b
    )


def test_a_narrow_lot_is_read_from_below_and_a_tiny_one_has_no_label():
    wide, tall, tiny = (shapely.box(0, 0, *size) for size in ((30, 3), (3, 30), (1, 1)))
    assert label_inside("0012", wide).turned is False
    assert label_inside("0012", tall).turned is True
    assert label_inside("0012", tiny) is None


def test_labels_without_room_are_counted_on_the_map():
    many = Map("", tuple(Shape(shapely.box(at, 0, at + 1, 60), 0, "330784001001") for at in range(7)), KINDS,
               left_out="{count} 个标注放不下")  # fmt: skip
    assert "7 个标注放不下" in texts(draw_map(many, "Any").svg)


def test_a_hole_stays_a_hole_and_parts_belong_together():
    ring = shapely.box(0, 0, 100, 100).difference(shapely.box(40, 40, 60, 60)).union(shapely.box(150, 0, 200, 50))
    svg = draw_map(Map("", (Shape(ring, 1),), KINDS), "Any").svg
    path = next(one.get("d") for one in tree(svg).iter(f"{NS}path") if one.get("fill") == KINDS[1].color)
    areas = []
    for part in re.findall(r"M([^Z]+)Z", path):
        areas.append(shapely.Polygon([tuple(map(float, pair.split())) for pair in part.split("L")]).area)
        ccw = shapely.LinearRing([tuple(map(float, pair.split())) for pair in part.split("L")]).is_ccw
        areas[-1] *= 1 if ccw else -1
    mm2 = (200 / 164) ** 2  # 200 m across 164 mm
    total = abs(sum(areas)) * mm2
    assert len(areas) == 3 and total == pytest.approx(100 * 100 - 20 * 20 + 50 * 50, rel=0.01)


def test_a_place_without_land_is_still_a_map():
    assert "北" in texts(draw_map(Map("", (), KINDS, north="北"), "Any").svg)
