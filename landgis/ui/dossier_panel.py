"""The dossier in short, beside the map."""

from __future__ import annotations

import streamlit as st

from landgis.errors import LandgisError
from landgis.roles import may
from landgis.text import N_
from landgis.ui import dossier_tables as tables
from landgis.ui.coded import coded
from landgis.ui.here import Here, go, open_page, safe, shown_errors
from landgis.ui.record_panel import Done, form_of, open_record, show_said
from landgis.ui.words import NOTHING
from landgis.workflow.dossier import Dossier, dossier
from landgis.workflow.steps import next_steps

FIRMS_NAMED = 3


def show_dossier_panel(here: Here, parcel_id: str) -> None:
    """Block, land, phase, grade, reasons, the next step; and the ways to the whole dossier and to recording."""
    words = here.words
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{safe(parcel_id)}**")
        st.button(words(N_("close")), key="panel_close", icon=":material/close:", type="tertiary", on_click=go,
                  kwargs={"fly": False, "parcel": None})  # fmt: skip
    with shown_errors(words):
        found = dossier(here.project, here.zone, parcel_id, as_of=here.asked.as_of)
        _show_buttons(here, found)
        form = form_of((parcel_id,))
        if isinstance(form.said, Done):
            show_said(here, form, key="panel")
        _show_names(here, found)
        for name, value in tables.headline(found, words):
            st.text(f"{name}  {value}")
        _show_next(here, found)
        _show_reasons(here, found)


def _show_buttons(here: Here, found: Dossier) -> None:
    words = here.words
    with st.container(horizontal=True):
        if st.button(words(N_("open the dossier")), key="panel_open", icon=":material/folder_open:"):
            open_page("dossier", parcel=found.parcel_id)
        if may(here.project.actor, "record") and st.button(
            words(N_("record")), key="panel_record", type="primary", icon=":material/edit_calendar:"
        ):
            open_record(here, (found.parcel_id,))


def _show_names(here: Here, found: Dossier) -> None:
    """Whose it is, where, and who is in it."""
    facts = {fact.name: fact.value for fact in found.facts}
    for name in ("right_holder", "address"):
        if facts.get(name):
            st.text(str(facts[name]))
    firms = [one.name or one.enterprise_id for one in found.occupants]
    if firms:
        more = len(firms) - FIRMS_NAMED
        listed = ", ".join(firms[:FIRMS_NAMED])
        template = N_("{count} firms: {listed}") if more <= 0 else N_("{count} firms: {listed} and {more} more")
        st.text(here.words(template, count=len(firms), listed=listed, more=more))


def _show_next(here: Here, found: Dossier) -> None:
    """What is planned next, how late it is, and what may be recorded now."""
    words = here.words
    coming = [row for row in found.course.rows if row.planned is not None and row.actual is None]
    if coming:
        row = min(coming, key=lambda one: (one.planned, one.milestone))
        late = "" if not row.overdue_days else " · " + tables.gap_text(row, words)
        template = N_("next planned: {milestone}, {day}")
        st.text(words(template, milestone=words.milestone(row.milestone), day=words.day(row.planned)) + late)
    try:
        steps = next_steps(here.project, found.parcel_id).allowed()
    except LandgisError:  # a parcel that is no more
        steps = []
    names = ", ".join(words.milestone(step.milestone) for step in steps)
    st.caption(words(N_("may be recorded now: {milestones}"), milestones=names or NOTHING))


def _show_reasons(here: Here, found: Dossier) -> None:
    """Why it should be renovated, and how sure that is."""
    words, score = here.words, found.score
    if score is None:
        st.caption(words(N_("this parcel was not scored")))
        return
    parts = " · ".join(f"{coded(words, 'parts', one.name)} {words.number(one.score)}" for one in score.parts)
    template = N_("{score} points ({low} to {high}): {parts}")
    st.text(words(template, score=words.number(score.score, 1), low=words.number(score.low), parts=parts,
                  high=words.number(score.high)))  # fmt: skip
    for sentence in tables.reasons(found, words):
        st.text("· " + sentence)
    if score.data_gaps:
        st.caption(safe(words(N_("missing in the data: {gaps}"), gaps=", ".join(tables.gaps(found, words)))))
