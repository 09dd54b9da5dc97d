"""Where the problems of a layer lie: their outlines on a small map."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pydeck as pdk
import shapely
import streamlit as st

from landgis.text import N_
from landgis.ui import layers
from landgis.ui.view import fit
from landgis.ui.words import Words
from landgis.workflow.looking import Spot

COLOR = [213, 94, 0]
HEIGHT_PX = 260
SMALLER = 0.9  # levels of zoom by which this map is smaller than the page's, for which `fit` chooses
DECIMALS = 7  # of a degree: a centimetre


def show_problem_map(words: Words, spots: Sequence[Spot], *, key: str) -> None:
    """The outlines, each with its row and code; a table beside it says the same in words."""
    bounds = shapely.total_bounds(np.array([spot.outline for spot in spots], dtype=object))
    view = fit(bounds)
    view["zoom"] -= SMALLER
    template = words(N_("row {row}: {code}"), row="{row}", code="{code}")
    st.pydeck_chart(
        layers.deck([problem_layer(spots)], view, tooltip=template), key=key, height=HEIGHT_PX,
        alt=words(N_("map of the rows with problems; the table says the same")),
    )  # fmt: skip


def problem_layer(spots: Sequence[Spot]) -> pdk.Layer:
    """A handful of outlines, sent with the page as no route of ours knows what is only staged."""
    features = [
        {
            "type": "Feature",
            "properties": {"row": spot.row, "code": spot.code},
            "geometry": json.loads(shapely.to_geojson(shapely.transform(spot.outline, lambda at: at.round(DECIMALS)))),
        }
        for spot in spots
    ]
    return pdk.Layer(
        "GeoJsonLayer", id="problems", data={"type": "FeatureCollection", "features": features}, stroked=True,
        filled=True, pickable=True, get_fill_color=[*COLOR, 90], get_line_color=[*COLOR, 255],
        line_width_units=pdk.types.String("pixels"), get_line_width=2,
    )  # fmt: skip
