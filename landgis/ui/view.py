"""Where the map looks: it moves only when somebody asks for a place, never because the page ran again."""

from __future__ import annotations

import math

import numpy as np
import shapely
import streamlit as st

from landgis.ui import geo
from landgis.ui.here import FLY, Here
from landgis.workflow.filtering import in_block
from landgis.workflow.zone import NOBODY

VIEW = "map_view"
WIDTH_PX, HEIGHT_PX = 850, 430  # about the size of the map, to choose a zoom
TILE_PX = 512
NUDGE_DEGREES = 1e-9  # makes the map move to where it was sent before
PITCH = 50


def view_state(here: Here) -> dict[str, float]:
    """The view to send: the one sent before, unless something is to be flown to."""
    target = st.session_state.pop(FLY, None)
    if target is not None or VIEW not in st.session_state:
        turn = st.session_state.get(VIEW, {}).get("turn", 0) + 1
        st.session_state[VIEW] = {**fit(_bounds(here, target)), "turn": turn}
    view = {name: number for name, number in st.session_state[VIEW].items() if name != "turn"}
    view["longitude"] += NUDGE_DEGREES * (st.session_state[VIEW]["turn"] % 2)
    return view | {"pitch": PITCH if here.asked.massing else 0, "bearing": 0}


def _bounds(here: Here, target: str | None) -> np.ndarray:
    """West, south, east, north of what is to be seen."""
    zone, asked = here.zone, here.asked
    whole = extent(zone.outlines)
    if asked.block is not None and target != "parcel":
        drawn = geo.drawn_blocks(zone, asked.as_of)
        mine = drawn.geometry[drawn["block_id"] == asked.block].to_numpy()
        return _known(extent(mine if len(mine) else zone.outlines[in_block(zone, asked.filter)]), whole)
    at = zone.place(asked.parcel) if target in ("parcel", "start") else NOBODY
    if at != NOBODY:
        west, south, east, north = _known(extent(zone.outlines[[at]]), whole)
        margin = 2 * max(east - west, north - south)
        return np.array([west - margin, south - margin, east + margin, north + margin])
    return whole


def extent(shapes: np.ndarray) -> np.ndarray:
    """West, south, east, north of shapes; not a number where there are none."""
    return np.asarray(shapely.total_bounds(shapes)) if len(shapes) else np.full(4, np.nan)


def _known(bounds: np.ndarray, other: np.ndarray) -> np.ndarray:
    return bounds if np.isfinite(bounds).all() else other


def fit(bounds: np.ndarray) -> dict[str, float]:
    """Longitude, latitude and zoom that show bounds (degrees) whole."""
    west, south, east, north = bounds if np.isfinite(bounds).all() else (73.0, 18.0, 135.0, 53.0)
    middle = (south + north) / 2
    wide = max(east - west, 1e-5)
    tall = max(north - south, 1e-5) / max(math.cos(math.radians(middle)), 0.1)
    zoom = min(math.log2(WIDTH_PX * 360 / (TILE_PX * wide)), math.log2(HEIGHT_PX * 360 / (TILE_PX * tall))) - 0.1
    return {"longitude": (west + east) / 2, "latitude": middle, "zoom": round(min(zoom, 18.5), 3)}
