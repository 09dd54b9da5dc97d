"""The map (一张图), its legend that filters and its months; beside it what comes next, or a dossier."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import numpy as np
import shapely
import streamlit as st

from landgis.text import N_
from landgis.ui import layers
from landgis.ui.asked import MASSINGS
from landgis.ui.dossier_panel import show_dossier_panel
from landgis.ui.export_panel import show_export
from landgis.ui.here import Here, go, here
from landgis.ui.legend import show_legend, show_other_filters
from landgis.ui.map_settings import has_style
from landgis.ui.next_panel import show_next
from landgis.ui.time_bar import show_time
from landgis.ui.view import view_state
from landgis.workflow.headline import headline
from landgis.workflow.themes import THEMES

HEIGHT_PX = 410
MASSING_TITLES = {"existing": N_("existing"), "planned": N_("planned")}
TOOLTIP = N_(
    "{id}\n{t_holder}\narea {t_area_mu} mu · score {t_score}\n"
    "floor area ratio {t_floor_area_ratio} · output {t_output_per_mu}"
)


def show() -> None:
    """The page."""
    at = here()
    _show_cards(at)
    left, right = st.columns([2.7, 1], gap="small")
    with left:
        _show_themes(at)
        show_legend(at)
        show_other_filters(at)
        _show_map(at)
        _show_months(at)
    with right:
        if at.asked.parcel is not None:
            show_dossier_panel(at, at.asked.parcel)
        else:
            show_next(at)


def _show_cards(at: Here) -> None:
    """What the filter leaves, in figures; and the way out for it."""
    words, found = at.words, headline(at.zone, at.asked.filter)
    cards = (
        (N_("parcels"), words.number(found.parcels)),
        (N_("land"), words.area(found.area_m2)),
        (N_("renovated, of the land"), words.percent(found.renovated_mu_share, 1)),
        (N_("floor area ratio"), words.number(found.floor_area_ratio, 2)),
        (N_("output, 10 000 CNY/mu"), words.number(found.output_per_mu)),
        (N_("overdue parcels"), words.number(found.overdue_parcels)),
    )
    with st.container(key="cards"):
        *columns, out = st.columns([1, 2.1, 1.4, 1, 1.5, 1, 1], vertical_alignment="bottom")
        for column, (title, value) in zip(columns, cards, strict=True):
            column.metric(words(title), value)
        with out.popover(words(N_("export")), width="stretch", key="map_export", on_change="rerun") as panel:
            if panel.open:  # only then is a file made
                show_export(at)


def _show_themes(at: Here) -> None:
    """What the map is coloured by."""
    words = at.words
    st.session_state["map_theme"] = at.asked.theme
    st.pills(
        words(N_("coloured by")), list(THEMES), key="map_theme", required=True, label_visibility="collapsed", wrap=True,
        format_func=lambda key: words(THEMES[key].title), on_change=lambda: go(theme=st.session_state["map_theme"]),
    )  # fmt: skip


def _show_months(at: Here) -> None:
    """The slider of months, and beside it the massing."""
    words = at.words
    months, massing = st.columns([7, 2.2], vertical_alignment="bottom")
    with months:
        show_time(at)
    st.session_state["map_massing"] = at.asked.massing
    massing.pills(
        words(N_("massing in 3D")), list(MASSINGS), key="map_massing",
        format_func=lambda key: words(MASSING_TITLES[key]),
        on_change=lambda: go(massing=st.session_state["map_massing"]),
    )  # fmt: skip


def _show_map(at: Here) -> None:
    """The map itself; a click on a parcel opens its dossier beside it."""
    st.pydeck_chart(
        layers.deck(_layers(at), view_state(at), tooltip=_tooltip(at), style=_style(at)), key="map",
        height=HEIGHT_PX, on_select=_picked, selection_mode="single-object",
        alt=at.words(N_("map of the parcels; the ranked list shows the same ones as a table")),
    )  # fmt: skip


def _layers(at: Here) -> list[object]:
    """From the ground up."""
    zone, asked = at.zone, at.asked
    dark = st.context.theme.type == "dark"
    url = f"/geo/{zone.version}/{zone.turn(asked.as_of)}"
    blocks = zone.blocks(asked.as_of).table["block_id"].tolist()
    block = blocks.index(asked.block) if asked.block in blocks else None
    shown = layers.Shown(
        url, asked.theme, asked.as_of.toordinal(), {key: course.day.shape[1] for key, course in zone.courses.items()},
        block, asked.chosen, dark,
    )  # fmt: skip
    ground = at.config.map
    below = (
        [layers.picture_layer("/file/picture", ground.picture_bounds)]
        if ground.picture and ground.picture_bounds
        else []
    )
    above = [layers.massing_layer(url, shown.day, planned=asked.massing == "planned")] if asked.massing else []
    return [
        *below, *layers.context_layers(url, dark=dark), layers.fill_layer(shown), *layers.outline_layer(url, block),
        layers.block_layer(url, dark=dark), *layers.focus_layer(_focus(at)), *above,
        *layers.label_layers(url, at.words.language, dark=dark, raised=asked.massing is not None),
    ]  # fmt: skip


def _focus(at: Here) -> dict[str, object] | None:
    """The outline of the parcel that is looked at, as a GeoJSON geometry."""
    place = at.zone.place(at.asked.parcel)
    shape = at.zone.outlines[place] if place >= 0 else None
    if shape is None:
        return None
    found: dict[str, object] = json.loads(
        shapely.to_geojson(shapely.transform(shape, lambda points: np.round(points, 6)))
    )
    return found


def _style(at: Here) -> str | None:
    """The address of the style that lies below; the map wants it whole."""
    if not has_style(at.config.map):
        return None
    parts = urlsplit(str(st.context.url))
    return f"{parts.scheme}://{parts.netloc}/file/style.json"


def _tooltip(at: Here) -> str:
    """The template, with the browser's placeholders left in it."""
    return at.words(TOOLTIP)


def _picked() -> None:
    """A click on the map: on a parcel, or beside all."""
    found = st.session_state["map"].selection.objects.get(layers.PARCELS, [])
    go(fly=False, parcel=found[0]["properties"]["id"] if found else None)
