"""A map on paper: shapes by class, boundaries, labels where they fit, legend, scale bar and north arrow."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry as Geometry

from landgis.documents.content import Map
from landgis.documents.svg import GREY, INK, LINE, Picture, filled, legend, number, points, text, text_width, whole

WIDTH_MM, MOST_MM = 170.0, 116.0
MARGIN_MM, STRIP_MM = 3.0, 10.0
SIZES_MM = ((3.2, 2.6, 2.1), (1.7,))  # of the labels of shapes; across is tried before from below, small ones last
BOUNDARY_SIZE_MM = 3.4
LINE_HEIGHT = 1.1
FINEST_MM = 0.05  # what is nearer together is one point on paper
NICE = (1, 2, 5)
HALO = 'paint-order="stroke" stroke="#ffffff" stroke-width="{}" stroke-linejoin="round"'


@dataclass(frozen=True)
class Frame:
    """Where metres come to lie on paper: east from the left, north from the bottom of `height_mm`."""

    west: float
    south: float
    m_per_mm: float
    width_mm: float
    height_mm: float

    def on_paper(self, geometry: np.ndarray) -> np.ndarray:
        """Geometries in millimetres, y down, as finely as paper shows them; None stays None."""
        moved = shapely.transform(geometry, self._place)
        return np.asarray(shapely.simplify(moved, FINEST_MM))

    def _place(self, xy: np.ndarray) -> np.ndarray:
        x, y = (xy[:, 0] - self.west) / self.m_per_mm, (xy[:, 1] - self.south) / self.m_per_mm
        return np.column_stack([x, self.height_mm - y])


@dataclass(frozen=True)
class Label:
    """A label on paper: its middle, and whether it is turned to read from below."""

    words: str
    x: float
    y: float
    size: float
    turned: bool = False

    @property
    def box(self) -> Geometry:
        """The room that it takes."""
        wide, tall = text_width(self.words, self.size), self.size * LINE_HEIGHT
        across, down = (tall, wide) if self.turned else (wide, tall)
        return shapely.box(self.x - across / 2, self.y - down / 2, self.x + across / 2, self.y + down / 2)


def draw_map(content: Map, family: str) -> Picture:
    """The map as a picture of 170 mm; as high as its land needs, at most 116 mm, and the legend."""
    outlines = np.array([shape.outline for shape in content.shapes], dtype=object)
    boundaries = np.array([outline for outline, _ in content.boundaries], dtype=object)
    frame = frame_of(np.concatenate([outlines, boundaries]))
    shapes, edges = frame.on_paper(outlines), frame.on_paper(boundaries)
    labels, lost = _labels(content, shapes, edges)
    streets = frame.on_paper(np.array(content.streets, dtype=object))
    parts = [_defined_clip(frame), '<g clip-path="url(#frame)">', *_lines(streets), *_fills(content, shapes)]
    parts += [*_edges(edges), *(_drawn(label) for label in labels), "</g>", _border(frame)]
    parts += [*_scale_bar(frame), *_north(frame, content.north)]
    if lost:
        words = content.left_out.format(count=lost)
        parts.append(text(WIDTH_MM / 2, frame.height_mm + 6, words, size=2.4, anchor="middle", extra=f'fill="{GREY}"'))
    below, end = legend(content.kinds, top=frame.height_mm + STRIP_MM, width_mm=WIDTH_MM)
    svg = whole([*parts, *below], width_mm=WIDTH_MM, height_mm=end, family=family)
    return Picture(svg, WIDTH_MM, end, content.alt)


def frame_of(geometry: np.ndarray) -> Frame:
    """The frame that shows all of some geometries, in the middle of the paper; a place without land is 100 m wide."""
    drawn = geometry[~shapely.is_missing(geometry) & ~shapely.is_empty(geometry)]
    west, south, east, north = shapely.total_bounds(drawn).tolist() if len(drawn) else (0.0, 0.0, 100.0, 60.0)
    across, up = max(east - west, 1.0), max(north - south, 1.0)
    m_per_mm = max(across / (WIDTH_MM - 2 * MARGIN_MM), up / (MOST_MM - 2 * MARGIN_MM))
    height = up / m_per_mm + 2 * MARGIN_MM
    left = (WIDTH_MM * m_per_mm - across) / 2
    return Frame(west - left, south - MARGIN_MM * m_per_mm, m_per_mm, WIDTH_MM, height)


def _labels(content: Map, shapes: np.ndarray, edges: np.ndarray) -> tuple[list[Label], int]:
    """The labels that have room, and how many have none: a shape's inside it, a boundary's beside the others."""
    placed: list[Label] = []
    wanted = 0
    for (_, words), edge in zip(content.boundaries, edges, strict=True):
        if words and edge is not None and not edge.is_empty:
            wanted += 1
            label = Label(words, *_pole(edge), BOUNDARY_SIZE_MM)
            if not any(label.box.intersects(other.box) for other in placed):
                placed.append(label)
    for shape, outline in zip(content.shapes, shapes, strict=True):
        if shape.label and outline is not None and not outline.is_empty:
            wanted += 1
            found = label_inside(shape.label, outline)
            if found is not None:
                placed.append(found)
    return placed, wanted - len(placed)


def label_inside(words: str, outline: Geometry) -> Label | None:
    """A label that lies wholly inside a polygon, across or from below; None where none does.

    In the middle, where that is inside, else where there is most room: the latter lies anywhere along a long lot.
    """
    shapely.prepare(outline)
    centre = shapely.centroid(outline)
    places = ((centre.x, centre.y), _pole(outline))
    tries = (
        Label(words, *place, size, turned)
        for sizes in SIZES_MM for turned in (False, True) for size in sizes for place in places
    )  # fmt: skip
    return next((label for label in tries if outline.contains(label.box)), None)


def _pole(outline: Geometry) -> tuple[float, float]:
    """The point farthest from the boundary of the largest part."""
    parts = shapely.get_parts(outline)
    largest = parts[np.argmax(shapely.area(parts))]
    pole = shapely.get_point(shapely.maximum_inscribed_circle(largest, tolerance=FINEST_MM), 0)
    return float(shapely.get_x(pole)), float(shapely.get_y(pole))


def _path(geometry: Geometry) -> str:
    """The rings of a polygon, or the parts of a line, as the d of a path."""
    if geometry is None or geometry.is_empty:
        return ""
    polygonal = geometry.geom_type.endswith("Polygon")
    closing = "Z" if polygonal else ""
    lines = shapely.get_rings(shapely.get_parts(geometry)) if polygonal else shapely.get_parts(geometry)
    return "".join(points(shapely.get_coordinates(line).tolist()) + closing for line in lines)


def _fills(content: Map, shapes: np.ndarray) -> list[str]:
    """One path a class: the fewer, the smaller the file."""
    turned = shapely.orient_polygons(shapes) if len(shapes) else shapes
    of_kind: dict[int, list[str]] = {}
    for shape, outline in zip(content.shapes, turned, strict=True):
        of_kind.setdefault(shape.kind, []).append(_path(outline))
    drawn = ((content.kinds[kind], "".join(paths)) for kind, paths in sorted(of_kind.items()))
    return [filled(f'<path d="{path}"', kind, 0.15) for kind, path in drawn if path]


def _lines(streets: np.ndarray) -> list[str]:
    paths = "".join(_path(street) for street in streets)
    return [f'<path d="{paths}" fill="none" stroke="{LINE}" stroke-width="0.6"/>'] if paths else []


def _edges(edges: np.ndarray) -> list[str]:
    paths = "".join(_path(edge) for edge in edges)
    return (
        [f'<path d="{paths}" fill="none" stroke="{INK}" stroke-width="0.7" stroke-linejoin="round"/>'] if paths else []
    )


def _drawn(label: Label) -> str:
    middle = label.y + label.size * 0.36
    turn = f'transform="rotate(-90 {number(label.x)} {number(label.y)})" ' if label.turned else ""
    halo = HALO.format(number(label.size * 0.22))
    return text(label.x, middle, label.words, size=label.size, anchor="middle", extra=turn + halo)


def _defined_clip(frame: Frame) -> str:
    size = f'width="{number(frame.width_mm)}" height="{number(frame.height_mm)}"'
    return f'<clipPath id="frame"><rect {size}/></clipPath>'


def _border(frame: Frame) -> str:
    size = f'width="{number(frame.width_mm - 0.2)}" height="{number(frame.height_mm - 0.2)}"'
    return f'<rect x="0.1" y="0.1" {size} fill="none" stroke="{GREY}" stroke-width="0.2"/>'


def scale_length_m(m_per_mm: float, longest_mm: float = 42.0) -> float:
    """The longest round length that a scale bar of so many millimetres can show.

    >>> scale_length_m(5.0), scale_length_m(12.0)
    (200.0, 500.0)
    """
    longest = m_per_mm * longest_mm
    power = 10.0 ** math.floor(math.log10(longest))
    return max(step * power for step in NICE if step * power <= longest)


def _scale_bar(frame: Frame) -> list[str]:
    length = scale_length_m(frame.m_per_mm)
    wide, top = length / frame.m_per_mm, frame.height_mm + 3.5
    half = [
        f'<rect x="{number(1 + at * wide / 2)}" y="{number(top)}" width="{number(wide / 2)}" height="1.2" '
        f'fill="{fill}" stroke="{INK}" stroke-width="0.2"/>'
        for at, fill in enumerate((INK, "#ffffff"))
    ]
    words = f"{length:g} m" if length < 1000 else f"{length / 1000:g} km"
    ends = [text(1, top + 4, "0", size=2.4), text(1 + wide, top + 4, words, size=2.4, anchor="middle")]
    return half + ends


def _north(frame: Frame, words: str) -> list[str]:
    x, top = frame.width_mm - 4, frame.height_mm + 1.5
    arrow: Sequence[tuple[float, float]] = ((x, top), (x + 1.8, top + 6), (x, top + 4.6), (x - 1.8, top + 6))
    return [f'<path d="{points(arrow)}Z"/>', text(x - 3, top + 5, words, size=3.2, anchor="end")]
