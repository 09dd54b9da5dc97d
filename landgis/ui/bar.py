"""The bar above every page: block, search, day, language."""

from __future__ import annotations

import datetime

import streamlit as st

from landgis.roles import ROLE_TITLES
from landgis.text import LANGUAGES, N_
from landgis.ui.here import Here, go, safe
from landgis.workflow.finding import Hit, find

LANGUAGE_NAMES = {"zh_CN": N_("Chinese"), "en": "English"}
ALL = ""  # no block of that name
EARLIEST, LATEST = datetime.date(1990, 1, 1), datetime.date(2100, 12, 31)


def show_bar(here: Here) -> None:
    """Draw the bar; what is changed in it is asked for from the next run on."""
    words, asked = here.words, here.asked
    table = here.zone.blocks(asked.as_of).table
    names = {ALL: words(N_("all blocks"))} | {
        row.block_id: words.name(row.name, row.name_en, str(row.block_id)) for row in table.itertuples(index=False)
    }
    st.session_state["bar_block"] = asked.block if asked.block in names else ALL
    st.session_state["bar_search"] = asked.search
    st.session_state["bar_day"] = min(max(asked.as_of, EARLIEST), LATEST)
    st.session_state["bar_language"] = asked.language
    with st.container(key="bar"):
        block, search, day, language, visitor = st.columns([2.2, 3, 1.6, 1.3, 1.4], vertical_alignment="bottom")
    block.selectbox(
        words(N_("block")), list(names), key="bar_block", format_func=lambda key: names[key],
        on_change=lambda: go(block=st.session_state["bar_block"] or None, parcel=None),
    )  # fmt: skip
    search.text_input(
        words(N_("search")), key="bar_search", placeholder=words(N_("parcel, firm, right holder or address")),
        on_change=lambda: _search(here),
    )  # fmt: skip
    day.date_input(
        words(N_("as of")), key="bar_day", min_value=EARLIEST, max_value=LATEST, format="YYYY-MM-DD",
        on_change=lambda: go(as_of=st.session_state["bar_day"]),
    )  # fmt: skip
    language.selectbox(
        words(N_("language")), list(LANGUAGES), key="bar_language", format_func=lambda key: words(LANGUAGE_NAMES[key]),
        on_change=lambda: go(language=st.session_state["bar_language"]),
    )  # fmt: skip
    with visitor:
        _show_visitor(here)
    if asked.search:
        _show_hits(here, find(here.zone, asked.search))


def _search(here: Here) -> None:
    """What was typed; where it can mean one parcel only, that parcel is shown right away."""
    typed = st.session_state["bar_search"]
    found = {hit.parcel_id for hit in find(here.zone, typed)}
    if len(found) == 1:
        go(search=typed, parcel=found.pop())
    else:
        go(search=typed)


def _show_visitor(here: Here) -> None:
    """Who works here, and the way out where there was one in."""
    words, actor = here.words, here.project.actor
    if not here.config.has_users():
        st.caption(safe(actor.name or "—"))
        return
    st.caption(safe(words(N_("{name}, {role}"), name=actor.name, role=words(ROLE_TITLES[actor.role]))))
    st.link_button(words(N_("sign out")), "/sign-out", width="stretch")


def _show_hits(here: Here, hits: list[Hit]) -> None:
    """What was found, a button each; one click shows it wherever one is."""
    words = here.words
    with st.container(horizontal=True, key="hits"):
        if not hits:
            st.caption(words(N_("nothing is called that; type a part of a number, a name or an address")))
        for at, hit in enumerate(hits):
            label = f"{words(hit.field)} · {safe(hit.text)}" + (
                "" if hit.text == hit.parcel_id else f" · {safe(hit.parcel_id)}"
            )
            st.button(label, key=f"hit_{at}", on_click=go, kwargs={"parcel": hit.parcel_id})
        st.button(words(N_("clear")), key="hits_clear", icon=":material/close:", on_click=go, kwargs={"search": ""})
