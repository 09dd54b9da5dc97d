"""一地一档: everything of one parcel on one page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal
from urllib.parse import quote

import numpy as np
import pandas as pd
import streamlit as st

from landgis.roles import may
from landgis.text import N_
from landgis.ui import dossier_tables as tables
from landgis.ui.correct_panel import show_correction
from landgis.ui.dossier_charts import course_chart, height_px, score_chart
from landgis.ui.here import Here, go, here, open_page, safe, shown_errors
from landgis.ui.record_panel import Done, form_of, open_record, show_said
from landgis.ui.words import NOTHING
from landgis.workflow.dossier import Dossier, dossier

PHOTOS_IN_A_ROW = 3
Part = Callable[[Here, Dossier], None]


def show() -> None:
    """The page."""
    at = here()
    if at.asked.parcel is None:
        st.info(at.words(N_("choose a parcel: search for it above, or pick it on the map or in the ranked list")))
        return
    with shown_errors():
        found = dossier(at.project, at.zone, at.asked.parcel, as_of=at.asked.as_of, known_on=_known_on(at))
        _show_head(at, found)
        left, right = st.columns([3, 2], gap="medium")
        with left:
            _show_course(at, found)
        with right:
            _show_score(at, found)
        _show_parts(at, found)


def _known_on(at: Here) -> np.datetime64 | None:
    """The moment whose knowledge is asked for, as the last run left it; the choice itself stands in the history."""
    moment = st.session_state.get(f"dossier_known_{at.asked.parcel}")
    return np.datetime64(moment[:-1], "us") if moment else None


def _show_head(at: Here, found: Dossier) -> None:
    """Number, what one wants to know first, and what can be done."""
    words = at.words
    title, buttons = st.columns([3, 2], vertical_alignment="center")
    title.subheader(safe(found.parcel_id))
    with buttons.container(horizontal=True, horizontal_alignment="right"):
        if may(at.project.actor, "record") and st.button(
            words(N_("record")), key="dossier_record", type="primary", icon=":material/edit_calendar:"
        ):
            open_record(at, (found.parcel_id,))
        link = f"/print/{quote(found.parcel_id, safe='')}?lang={words.language}&day={found.course.as_of}"
        st.link_button(words(N_("print")), link, icon=":material/print:")
        if st.button(words(N_("on the map")), key="dossier_map", icon=":material/map:"):
            open_page("map", parcel=found.parcel_id)
    form = form_of((found.parcel_id,))
    if isinstance(form.said, Done):
        show_said(at, form, key="dossier")
    facts = tables.headline(found, words)
    for place, (name, value) in zip(st.columns([2, 3, 3, 1, 2, 2]), facts, strict=True):
        place.caption(name)
        place.text(value)
    _show_lineage(at, found)


def _show_lineage(at: Here, found: Dossier) -> None:
    """The parcels before and after, a button each."""
    for word, parcels in ((N_("came from"), found.came_from), (N_("became"), found.became)):
        if parcels:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.caption(at.words(word))
                for parcel in parcels:
                    st.button(safe(parcel), key=f"dossier_to_{parcel}", on_click=go, kwargs={"parcel": parcel})


def _show_course(at: Here, found: Dossier) -> None:
    """Plan against actual, drawn and as a table."""
    words, course = at.words, found.course
    sheet = tables.milestones_sheet(found, words)
    st.markdown(f"**{sheet.title}**")
    plan = course.baseline or words(N_("as it is now, not frozen"))
    st.text(words(N_("as of {day}; plan: {plan}"), day=words.day(course.as_of), plan=plan))
    if course.known_on is not None:
        st.warning(words(N_("as the register knew it at {moment}"), moment=words.moment(course.known_on + "+00:00")))
    option = course_chart(course, words)
    if option is not None:
        st.echarts_chart(option, height=height_px(option), key="dossier_course", alt=sheet.title)
    _show_sheet(sheet, "dossier_milestones")


def _show_score(at: Here, found: Dossier) -> None:
    """The score, what it is made of, and why."""
    words, score = at.words, found.score
    sheet = tables.score_sheet(found, words)
    st.markdown(f"**{sheet.title}**")
    if score is None:
        st.info(words(N_("this parcel was not scored")))
        return
    template = N_("{score} points, between {low} and {high} whatever is missing")
    st.text(words(template, score=words.number(score.score, 1), low=words.number(score.low, 1),
                  high=words.number(score.high, 1)))  # fmt: skip
    option = score_chart(score, words)
    st.echarts_chart(option, height=height_px(option), key="dossier_score", alt=sheet.title)
    _show_sheet(sheet, "dossier_score_table")
    for sentence in tables.reasons(found, words):
        st.text("· " + sentence)
    missing = tables.gaps(found, words)
    st.caption(safe(words(N_("missing in the data: {gaps}"), gaps=", ".join(missing) or NOTHING)))


def _show_parts(at: Here, found: Dossier) -> None:
    """What else there is, a tab each."""
    words = at.words
    parts: dict[str, Part] = {
        N_("facts"): _show_facts, N_("buildings"): _show_buildings, N_("firms"): _show_firms,
        N_("photos"): _show_photos, N_("history"): _show_history, N_("notes"): _show_notes,
    }  # fmt: skip
    if may(at.project.actor, "correct"):
        parts[N_("correct")] = _show_correction
    for tab, show_part in zip(st.tabs([words(name) for name in parts]), parts.values(), strict=True):
        with tab:
            show_part(at, found)


def _show_sheet(sheet: tables.Sheet, key: str, *, whole: bool = True) -> None:
    """A table, all of its rows at once unless there may be very many."""
    if sheet.rows:
        height: Literal["content", "auto"] = "content" if whole else "auto"
        st.dataframe(pd.DataFrame(sheet.rows, columns=list(sheet.columns)), hide_index=True, key=key, height=height)


def _show_facts(at: Here, found: Dossier) -> None:
    _show_sheet(tables.facts_sheet(found, at.words, tables.mode_title(at.project, found, at.words)), "dossier_facts")


def _show_buildings(at: Here, found: Dossier) -> None:
    if not found.buildings:
        st.text(at.words(N_("no building is recorded on this parcel")))
    _show_sheet(tables.buildings_sheet(found, at.words), "dossier_buildings")


def _show_firms(at: Here, found: Dossier) -> None:
    if not found.has_occupancies:
        st.text(at.words(N_("no occupancies were imported; who is here is not known")))
    elif not found.occupants:
        st.text(at.words(N_("no occupancy is recorded on this parcel")))
    _show_sheet(tables.occupants_sheet(found, at.words), "dossier_firms", whole=False)
    if found.occupants:
        st.caption(at.words(N_("output and tax are those of the whole firm, on all its parcels together")))


def _show_photos(at: Here, found: Dossier) -> None:
    """Evidence that is a picture; the browser fetches it, and no program of ours ever reads it."""
    shown = tables.pictures(found)
    if not shown:
        st.text(at.words(N_("no pictures were sent as evidence")))
    places = st.columns(PHOTOS_IN_A_ROW)
    for position, (name, address) in enumerate(shown):
        place = places[position % PHOTOS_IN_A_ROW]
        place.markdown(f"![{safe(name)}]({address})")
        place.text(name)


def _show_history(at: Here, found: Dossier) -> None:
    """All lines, and the choice of the moment whose knowledge the page shows."""
    words = at.words
    moments = {None: words(N_("all that is known now"))} | {
        line.entry.recorded_at: f"{words.moment(line.entry.recorded_at)} · #{line.entry.seq}"
        for line in reversed(found.history)
    }
    st.selectbox(
        words(N_("as the register knew it")), list(moments), key=f"dossier_known_{found.parcel_id}",
        format_func=lambda moment: moments[moment],
    )  # fmt: skip
    _show_sheet(tables.history_sheet(found, words), "dossier_history", whole=False)


def _show_notes(at: Here, found: Dossier) -> None:
    if not found.notes:
        st.text(at.words(N_("nobody wrote anything yet")))
    _show_sheet(tables.notes_sheet(found, at.words), "dossier_notes", whole=False)


def _show_correction(at: Here, found: Dossier) -> None:
    show_correction(at, found.parcel_id, [one for one in found.records if one.parcel_id == found.parcel_id])
