"""No project yet: what to do first, in three steps, and the sample zone one click away."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from landgis.errors import LandgisError
from landgis.text import N_, Tell
from landgis.ui.here import shown_errors
from landgis.ui.import_wizard import accepted_now, in_hand, show_wizard
from landgis.ui.receipt import show_receipt
from landgis.ui.server import Server, current
from landgis.ui.words import Words
from landgis.workflow.accepting import Accepted, begin
from landgis.workflow.looking import Looked
from landgis.workflow.rescore import score_project
from landgis.workflow.sample import scored_sample

STEPS = (
    N_("Upload the parcels, as GeoPackage, Shapefile or GeoJSON; buildings, firms, occupancies if you have them."),
    N_("Check what landgis found: which table each file is, its columns, and the problems by row."),
    N_("Accept. The project is made and its parcels are scored; then the map opens."),
)


def show_guide(words: Words) -> None:
    """The guide, shown in place of all pages."""
    server, before, after = current(), st.empty(), st.empty()
    with before.container():
        st.subheader(words(N_("A new project")), anchor=False)
        st.markdown("\n".join(f"{number}. {words(step)}" for number, step in enumerate(STEPS, start=1)))
        if not in_hand():
            _show_sample(words, server)
        made = show_wizard(words, lambda looked, aside, tell: _begin(server, looked, aside, tell))
    accepted = accepted_now()
    if made and accepted is not None:
        before.empty()
        with after.container():
            show_receipt(words, accepted)
            st.button(words(N_("open the map")), type="primary", key="guide_open")


def _show_sample(words: Words, server: Server) -> None:
    """An invented zone, to look around in."""
    if not st.button(words(N_("make the sample zone")), key="guide_sample", icon=":material/map:"):
        st.caption(words(N_("An invented zone of ten blocks, to look around in.")))
        return
    with shown_errors(words), st.spinner(words(N_("making the sample zone; this takes some ten seconds"))):
        scored_sample(server.where, nobody=server.nobody).store.close()
        st.rerun()


def _begin(server: Server, looked: Looked, aside: bool, tell: Tell) -> Accepted:
    """Make the project and score it; where it cannot be scored it is a project all the same, and the list says why."""
    project, accepted = begin(server.where, looked, nobody=server.nobody, set_aside=aside, tell=tell)
    with suppress(LandgisError):
        score_project(project)
    project.store.close()
    return accepted
