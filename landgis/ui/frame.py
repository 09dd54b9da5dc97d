"""What stands around every page: who looks, the bar, the menu, and the link in the address line."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from functools import partial
from importlib import import_module

import streamlit as st

from landgis.errors import LandgisError
from landgis.text import N_
from landgis.ui import asked as links
from landgis.ui.bar import show_bar
from landgis.ui.here import ASKED, PAGES, Here, asked_now, safe, visitor, words_of
from landgis.ui.server import current, oidc_is_configured, oidc_name
from landgis.ui.words import Words

# name of the page → its title; the page is landgis/ui/NAME_page.py
TITLES = {
    "map": N_("Map"), "ranking": N_("Ranked list"), "dossier": N_("Dossier"), "progress": N_("Progress"),
    "plan": N_("Plan"), "import": N_("Import"), "reports": N_("Reports and export"), "settings": N_("Settings"),
}  # fmt: skip
STYLE = """<style>
.stMainBlockContainer { padding: 3.6rem 1.2rem 1rem }
.stVerticalBlock { gap: .55rem }
.stMetric { padding: 0 } .stMetric [data-testid="stMetricValue"] { font-size: 1.25rem }
.st-key-map_theme button, .st-key-map_legend button { padding: .1rem .55rem; min-height: 1.7rem }
.st-key-map_theme button p, .st-key-map_legend button p { font-size: .82rem }
.st-key-bar label p, .st-key-bar .stCaption { font-size: .78rem }
@media print { header, .st-key-bar, .stToolbar { display: none !important } }
</style>"""


def run(first: str = "map") -> None:
    """One run of the script: sign-in first, then the bar and the page; `first` is the page at the root."""
    words = words_of(asked_now(datetime.date.today()))
    st.set_page_config(page_title=words(N_("landgis: renovation of low-efficiency industrial land")), layout="wide")
    st.html(STYLE)
    try:
        _run(words, first)
    except LandgisError as refusal:
        for problem in refusal.problems:
            st.error(safe(words.problem(problem)))
    st.query_params.from_dict(links.write(st.session_state[ASKED], datetime.date.today()))


def _run(words: Words, first: str) -> None:
    if not current().is_there():
        if oidc_is_configured() and oidc_name(dict(st.context.cookies)) is None:
            _ask_to_sign_in(words)
            return
        from landgis.ui.guide import show_guide

        show_guide(words)
        return
    project = visitor()
    if project is None:
        _ask_to_sign_in(words)
        return
    asked = asked_now(project.today())
    st.session_state["zone"] = zone = current().zone(project)  # it lives as long as a page shows it
    st.session_state["here"] = Here(project, zone, asked, words)
    pages = {
        name: st.Page(partial(_show, name), title=words(title), url_path=name, default=name == first)
        for name, title in TITLES.items()
    }
    st.session_state[PAGES] = pages
    page = st.navigation(list(pages.values()), position="top")
    show_bar(st.session_state["here"])
    page.run()


def _show(name: str) -> None:
    """A page; its module is read when it is first looked at."""
    show: Callable[[], None] = import_module(f"landgis.ui.{name}_page").show
    show()


def _ask_to_sign_in(words: Words) -> None:
    """Nobody is known: a session ended while its page was open, or an identity provider is asked."""
    st.warning(words(N_("Sign in to go on; what you had not yet confirmed is not recorded.")))
    if oidc_is_configured():
        st.button(words(N_("sign in")), type="primary", on_click=st.login)
    else:
        st.link_button(words(N_("sign in")), "/sign-in", type="primary")


def say_fault(fault: Exception) -> bool:
    """What a user sees of a fault of ours: one sentence, no traceback. Returns True: it has been shown."""
    words = words_of(st.session_state[ASKED]) if ASKED in st.session_state else Words("zh_CN")
    text = N_("this is a fault of landgis itself: {fault}; run again with LANDGIS_DEBUG=1 and report it")
    st.error(safe(words(text, fault=type(fault).__name__)))
    return True
