"""Layers of the map, for pydeck; knows no Streamlit.

Geometry never stands here: layers name a route of ours, and colours are expressions over the properties that come with
the geometry (landgis/ui/geo.py), so that a step in time sends a few hundred bytes. What is drawn is set on the inner
fill layer: Streamlit rewrites `getFillColor` and the update triggers of outer layers when something is selected
(streamlit 1.67: it would fade all other parcels and forget to redraw hatches). A stroked pickable layer eats clicks
where drawing is slow, so outlines are a layer of their own, of the current block only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pydeck as pdk

from landgis.ui.palette import FOCUS_COLOR, HATCHES, NONE, OUTLINE_COLOR, STREET_COLOR, colors, hatches, rgb
from landgis.workflow.themes import THEMES

PARCELS = "parcels"  # the pickable layer, by which selections are named
SHOWN, FADED = 205, 34  # alpha
HATCH_COLOR = [20, 24, 32, 150]
LABELS = (("streets", 9, "angle", "meters", 190), ("blocks", 16, 0, "pixels", 255))  # name, size, angle, unit, alpha
FONT = "'Noto Sans CJK SC', 'Noto Sans SC', 'Source Han Sans SC', 'Microsoft YaHei', 'PingFang SC', sans-serif"
# Where an expression finds the properties of a feature: accessors that the outer layer has are handed the feature
# itself, those that only the inner layer has a wrapped one.
OUTER, INNER = "properties", "__source.object.properties"


@dataclass(frozen=True)
class Shown:
    """What the map is to show. `changes`: for each theme that days change, the most changes a parcel has."""

    url: str  # of the routes of this version, as /geo/VERSION/TURN
    theme: str
    day: int  # ordinal
    changes: Mapping[str, int]
    block: int | None = None  # position among the block outlines
    chosen: Mapping[str, frozenset[str]] = field(default_factory=dict)
    dark: bool = False


def code(theme: str, shown: Shown, row: str = OUTER) -> str:
    """The expression for the class of a parcel in a theme on a day: a look-up, or a count of the changes so far.

    >>> code("grade", Shown("", "grade", 5, {})), code("overdue", Shown("", "overdue", 5, {"overdue": 1}))
    ('properties.grade', 'properties.overdue_c[(properties.overdue_d[0]<=5)]')
    """
    if theme not in shown.changes:
        return f"{row}.{theme}"
    so_far = "+".join([f"({row}.{theme}_d[{at}]<={shown.day})" for at in range(shown.changes[theme])]) or "0"
    return f"{row}.{theme}_c[{so_far}]"


def alpha(shown: Shown, row: str = OUTER) -> str:
    """The expression for how clearly a parcel is drawn: faded where the filter does not leave it, 0 where it is not."""
    wanted = [f"{row}.block=={shown.block}"] if shown.block is not None else []
    for theme, keys in sorted(shown.chosen.items()):
        if keys:
            wanted.append(_of([int(key in keys) for key in THEMES[theme].keys], code(theme, shown, row)) + "==1")
    there = f"!({row}.born>{shown.day})&&!({row}.gone<={shown.day})"
    return f"({there})?({' && '.join(wanted) or '1==1'}?{SHOWN}:{FADED}):0"


def _of(values: Sequence[object], at: str) -> str:
    """The expression for one of some values; the parser wants an array in brackets before it lets one be picked."""
    return f"([{','.join(str(value) for value in values)}])[{at}]"


def fill_layer(shown: Shown) -> pdk.Layer:
    """All parcels, coloured and hatched by the theme; the one layer that can be clicked."""
    table, names = [rgb(color) for color in colors(shown.theme)], hatches(shown.theme)
    marked = [int(name != NONE) for name in names]

    def color(row: str) -> str:
        channels = ",".join(_of([one[at] for one in table], code(shown.theme, shown, row)) for at in range(3))
        return f"[{channels},{alpha(shown, row)}]"

    def hatched(row: str) -> str:
        return f"(({alpha(shown, row)})=={SHOWN}&&{_of(marked, code(shown.theme, shown, row))}==1)"

    hatch = _of([f"'{name}'" for name in names], code(shown.theme, shown, INNER))
    drawn = {
        "getFillPattern": f"@@={hatched(INNER)}?{hatch}:'{NONE}'",
        "getFillPatternBackgroundColor": f"@@={color(INNER)}",
        "getFillColor": f"@@={hatched(OUTER)}?{HATCH_COLOR}:{color(OUTER)}",  # without a hatch this is all there is
    }
    trigger = [shown.theme, shown.day, shown.block, sorted((k, sorted(v)) for k, v in shown.chosen.items())]
    inner = {
        "extensions": [{"@@type": "FillStyleExtension", "pattern": True, "proceduralPattern": True}],
        "fillPatternMapping": dict(HATCHES), "fillPatternSizeUnits": "pixels",
        **drawn, "updateTriggers": dict.fromkeys(drawn, trigger),
    }  # fmt: skip
    return pdk.Layer(
        "GeoJsonLayer", id=PARCELS, data=_said(f"{shown.url}/parcels.geojson"), stroked=False, pickable=True,
        _sub_layer_props={"polygons-fill": inner},
    )  # fmt: skip


def outline_layer(url: str, block: int | None) -> list[pdk.Layer]:
    """The lots of the current block; none where the whole zone is shown."""
    if block is None:
        return []
    return [_lines("lots", f"{url}/lots-{block}.geojson", [*rgb(OUTLINE_COLOR), 200], width=1)]


def context_layers(url: str, *, dark: bool) -> list[pdk.Layer]:
    """Streets below everything, as lines."""
    return [_lines("streets", f"{url}/streets.geojson", [*rgb(STREET_COLOR), 90 if dark else 120], width=2)]


def block_layer(url: str, *, dark: bool) -> pdk.Layer:
    """The outlines of all blocks."""
    return _lines("blocks", f"{url}/blocks.geojson", [230, 232, 236, 220] if dark else [40, 44, 52, 220], width=2)


def focus_layer(outline: Mapping[str, Any] | None) -> list[pdk.Layer]:
    """The parcel that is looked at: a GeoJSON geometry."""
    if outline is None:
        return []
    feature = {"type": "Feature", "geometry": outline, "properties": {}}
    return [_lines("focus", feature, [*rgb(FOCUS_COLOR), 255], width=4)]


def _lines(name: str, where: Any, color: Sequence[int], *, width: int) -> pdk.Layer:
    return pdk.Layer(
        "GeoJsonLayer", id=name, data=_said(where) if isinstance(where, str) else where, stroked=True, filled=False,
        pickable=False, get_line_color=list(color), line_width_units=_said("pixels"), get_line_width=width,
    )  # fmt: skip


def label_layers(url: str, language: str, *, dark: bool, raised: bool = False) -> list[pdk.Layer]:
    """Names of blocks and streets, each with its size in pixels at the pole of its shape; raised above the massing."""
    text = "zh" if language.startswith("zh") else "en"
    ink, paper = ([240, 242, 245], [20, 22, 28]) if dark else ([25, 28, 34], [255, 255, 255])
    return [
        pdk.Layer(
            "TextLayer", id=f"labels-{name}", data=_said(f"{url}/labels-{name}.json"), pickable=False,
            get_text=text, get_position="[lon,lat]" if not raised else "[lon,lat,60]", get_size=size, get_angle=angle,
            get_color=[*ink, opacity], font_family=_said(FONT), character_set=_said("auto"), billboard=name == "blocks",
            size_units=_said(units), size_max_pixels=22, size_min_pixels=0,
            parameters={"depthCompare": _said("always")},  # never behind the massing
            font_settings={"sdf": True, "radius": 10, "fontSize": 40}, outline_width=3, outline_color=[*paper, 220],
        )
        for name, size, angle, units, opacity in LABELS
    ]  # fmt: skip


def massing_layer(url: str, day: int, *, planned: bool) -> pdk.Layer:
    """Buildings as they stand on a day; with `planned`, also what the plan lets be built where land is cleared."""
    stands = f"!(properties.from>{day})&&!(properties.until<={day})"
    kind = "1==1" if planned else "!(properties.plan==1)"
    height = f"(({stands})&&({kind}))?properties.height:0"
    tint = f"(({stands})&&({kind}))?(properties.plan==1?[0,158,115,170]:[150,156,168,235]):[0,0,0,0]"
    return pdk.Layer(
        "GeoJsonLayer", id="massing", data=_said(f"{url}/massing.geojson"), stroked=False, filled=True, extruded=True,
        pickable=False, get_elevation=height, get_fill_color=tint,
        update_triggers={"getElevation": [day, planned], "getFillColor": [day, planned]},
    )  # fmt: skip


def picture_layer(image: str, bounds: Sequence[float]) -> pdk.Layer:
    """A local aerial picture: a URL of ours, and west, south, east, north in degrees."""
    return pdk.Layer("BitmapLayer", id="picture", image=_said(image), bounds=list(bounds), pickable=False)


def _said(text: str) -> Any:
    """A text that is meant as it stands: pydeck takes bare ones for expressions."""
    return pdk.types.String(text)


def deck(layers: Sequence[pdk.Layer], view: Mapping[str, float], *, tooltip: str, style: str | None = None) -> pdk.Deck:
    """The map: no basemap but a local style, so that nothing is asked of any other host."""
    base = {"map_style": style, "map_provider": "mapbox"} if style else {"map_provider": None}
    return pdk.Deck(
        layers=list(layers), initial_view_state=pdk.ViewState(**view), **base,
        tooltip={"text": tooltip, "style": {"backgroundColor": "#1b1f27", "color": "#ffffff", "fontSize": "12px"}},
    )  # fmt: skip
