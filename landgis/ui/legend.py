"""The legend: every class with its colour, hatch and count; a click on one filters."""

from __future__ import annotations

import streamlit as st

from landgis.text import N_
from landgis.ui.here import Here, go
from landgis.ui.palette import colors, hatches
from landgis.workflow.filtering import legend
from landgis.workflow.themes import THEMES


def show_legend(here: Here, *, key: str = "map_legend") -> None:
    """The classes of the theme that is shown, those without parcels left out unless they are chosen."""
    asked, words = here.asked, here.words
    theme = THEMES[asked.theme]
    counts = legend(here.zone, asked.filter, theme.key)
    chosen = asked.chosen.get(theme.key, frozenset())
    shown = [key for key in theme.keys if counts[key] or key in chosen]
    labels = {
        one.key: f"![](/swatch/{color[1:]}-{hatch}.svg) {words.message(one.title)} **{words.number(counts[one.key])}**"
        for one, color, hatch in zip(theme.classes, colors(theme.key), hatches(theme.key), strict=True)
    }
    st.session_state[key] = [one for one in shown if one in chosen]
    title = words(theme.title) + (f" ({words(theme.unit)})" if theme.unit else "")
    st.pills(
        title, shown, label_visibility="collapsed", wrap=True, selection_mode="multi", key=key,
        format_func=lambda one: labels[one],
        on_change=lambda: go(chosen={**asked.chosen, theme.key: frozenset(st.session_state[key])}),
        help=words(N_("click a class to see only its parcels; the list and every export follow")),
    )  # fmt: skip


def show_other_filters(here: Here) -> None:
    """What is filtered by other themes, and a way out."""
    asked, words = here.asked, here.words
    others = {theme: keys for theme, keys in asked.chosen.items() if keys and theme != asked.theme}
    if not others:
        return
    titles = {theme: {one.key: words.message(one.title) for one in THEMES[theme].classes} for theme in others}
    said = "; ".join(
        f"{words(THEMES[theme].title)}: {', '.join(titles[theme][key] for key in THEMES[theme].keys if key in keys)}"
        for theme, keys in others.items()
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(words(N_("also filtered by {filters}"), filters=said))
        st.button(
            words(N_("show all")),
            key="map_unfilter",
            icon=":material/filter_alt_off:",
            on_click=go,
            kwargs={"chosen": {}},
        )
