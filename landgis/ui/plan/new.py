"""A new plan: what it is about in a few words, the form, and the search for it."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from landgis.text import N_
from landgis.ui.here import Here, shown_errors
from landgis.ui.plan.form import TEMPLATE, block_sites, new_scenario, show_form
from landgis.ui.plan.search import search_plan, show_refused
from landgis.ui.plan.shelf import Shelf
from landgis.workflow.scheduling.scenario import Scenario

ABOUT = N_(
    "Which land is renovated when, in which mode, under a budget, the floor that firms can move into meanwhile, and the"
    " crews there are: landgis looks for the best plan, says how far another could be better at most, and puts it"
    " beside what an office does without one. What is left empty below is as the rules have it."
)


def show_new(at: Here, found: Shelf, place: DeltaGenerator) -> None:
    """The form, and above it in `place` the search; it begins with what another plan was asked for, to be changed."""
    if not found.kept and found.found is None:
        st.info(at.words(N_("There is no plan yet.")) + " " + at.words(ABOUT))
    show_refused(at.words)
    asked = None
    with shown_errors():
        asked = show_form(at, _start(at, found), sites=block_sites(at))
    if asked is not None:
        search_plan(at, asked, place)


def _start(at: Here, found: Shelf) -> Scenario:
    template = st.session_state.get(TEMPLATE)
    return new_scenario(at, len(found.kept) + 1) if template is None else Scenario.from_json(dict(template))
