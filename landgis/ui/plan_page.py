"""计划: choose or find a plan; its figures, time line, map by quarter, curves; plans side by side."""

from __future__ import annotations

import streamlit as st

from landgis.text import N_
from landgis.ui.asked import TABS
from landgis.ui.here import Here, go, here, shown_errors
from landgis.ui.plan.acts import show_acts
from landgis.ui.plan.compare import show_compare
from landgis.ui.plan.curves import show_curves
from landgis.ui.plan.figures import show_figures
from landgis.ui.plan.gantt import show_gantt
from landgis.ui.plan.map import show_plan_map
from landgis.ui.plan.new import show_new
from landgis.ui.plan.register import show_register
from landgis.ui.plan.replan import show_moves
from landgis.ui.plan.search import searches, wait_for
from landgis.ui.plan.shelf import Shelf, shelf, show_box

TITLES = {
    "plan": N_("plan"), "gantt": N_("time line"), "map": N_("map by quarter"), "curves": N_("curves"),
    "compare": N_("compare"), "register": N_("planned in the register"),
}  # fmt: skip
OF_ONE_PLAN = {"gantt": show_gantt, "map": show_plan_map, "curves": show_curves}


def show() -> None:
    """The page."""
    at = here()
    with shown_errors():
        found = shelf(at)
        left, right = st.columns([2, 5], vertical_alignment="bottom")
        with left:
            show_box(at, found)
        with right:
            _show_tabs(at)
        _show_tab(at, found)


def _show_tabs(at: Here) -> None:
    st.session_state["plan_tab"] = at.asked.tab
    st.segmented_control(
        at.words(N_("view")), TABS, key="plan_tab", required=True, label_visibility="collapsed",
        format_func=lambda key: at.words(TITLES[key]), on_change=lambda: go(tab=st.session_state["plan_tab"]),
    )  # fmt: skip


def _show_tab(at: Here, found: Shelf) -> None:
    """What the tab is about."""
    if at.asked.tab == "register":
        show_register(at)
    elif at.asked.tab == "compare":
        show_compare(at, found)
    elif at.asked.tab == "plan":
        _show_plan(at, found)
    elif found.document is None:
        st.info(at.words(N_("choose a plan above, or find a new one under “plan”")))
    else:
        OF_ONE_PLAN[at.asked.tab](at, found.document)


def _show_plan(at: Here, found: Shelf) -> None:
    """The search that is under way; the form of a new plan; else the plan's figures and what can be done with it."""
    place = st.container(key="plan_search")  # above all else, so that it is seen wherever it was begun
    if searches():
        wait_for(at, place)
    elif found.document is None:
        show_new(at, found, place)
    else:
        show_acts(at, found, found.document, place)
        show_moves(at, found.document)
        show_figures(at, found.document)
