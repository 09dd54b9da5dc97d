"""更正: one field of one event, or that it did not happen; always with a reason, and the old line stays readable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from landgis.errors import LandgisError
from landgis.roles import may
from landgis.tables import KINDS_OF_DATE, MILESTONES
from landgis.text import N_
from landgis.ui.coded import coded
from landgis.ui.here import Here
from landgis.ui.record_panel import Done, Form, begin, form_of, refuse, require_visitor, show_said
from landgis.workflow.dossier_course import Recorded
from landgis.workflow.recording import EVIDENCE_LIMIT, FIELDS, Change, cancel, correct, evidence_file

NOT_HAPPENED = "cancel"


def show_correction(here: Here, parcel: str, records: Sequence[Recorded]) -> None:
    """Which event, which field, what it should say, and why."""
    words = here.words
    if not may(here.project.actor, "correct") or not records:
        return
    form = form_of((parcel,))
    if not isinstance(form.said, Done):
        show_said(here, form, key="correct")
    newest = {one.line: one for one in sorted(records, key=lambda one: -one.line)}
    line = st.selectbox(
        words(N_("event")), list(newest), key=f"correct_line_{form.turn}",
        format_func=lambda seq: _named(here, newest[seq]),
    )  # fmt: skip
    field = st.selectbox(
        words(N_("what is wrong")), [*FIELDS, NOT_HAPPENED], key=f"correct_field_{form.turn}",
        format_func=lambda one: words(N_("it did not happen")) if one == NOT_HAPPENED else coded(words, "field", one),
    )  # fmt: skip
    old = _says(newest[line], field)
    st.text(words(N_("it says now: {value}"), value=old or "—"))
    key = f"correct_new_{field}_{line}_{form.turn}"
    if field != NOT_HAPPENED:
        _ask_new(here, field, key)
    st.text_input(words(N_("reason (needed)")), key=f"correct_why_{form.turn}")
    with st.container(key="correct_confirm"):
        st.button(
            words(N_("correct")), key=f"correct_confirm_{form.turn}", icon=":material/edit:", on_click=_correct,
            args=(here, form, Change(line, field, old, "", ""), key),
        )  # fmt: skip


def _named(here: Here, one: Recorded) -> str:
    parts = (f"#{one.line}", here.words.milestone(one.milestone), coded(here.words, "kind", one.kind), one.on,
             one.building_id)  # fmt: skip
    return " · ".join(part for part in parts if part)


def _says(one: Recorded, field: str) -> str:
    """What the event says in a field now, as a correction has to name it."""
    if field in ("occurred_on", NOT_HAPPENED):
        return one.on
    if field == "evidence":
        return one.evidence.name if one.evidence else ""
    return str(getattr(one, field) or "")


def _ask_new(here: Here, field: str, key: str) -> None:
    words = here.words
    title = words(N_("what it should say"))
    if field == "evidence":
        limit = EVIDENCE_LIMIT // 1_000_000
        st.file_uploader(words(N_("another file; none takes the evidence out")), key=key, max_upload_size=limit)
    elif field == "milestone":
        st.selectbox(title, list(MILESTONES), key=key, format_func=words.milestone)
    elif field == "kind":
        st.selectbox(title, list(KINDS_OF_DATE), key=key, format_func=lambda one: coded(words, "kind", one))
    else:
        help_text = words(N_("a day as 2026-03-01, or 2026-03 if only the month is known"))
        st.text_input(title, key=key, help=help_text if field == "occurred_on" else None)


def _correct(here: Here, form: Form, asked: Change, key: str) -> None:
    """The button was pressed."""
    why, new = str(st.session_state.get(f"correct_why_{form.turn}") or ""), st.session_state.get(key)
    try:
        require_visitor()
        if asked.field == NOT_HAPPENED:
            made = cancel(here.project, asked.line, old=asked.old, why=why, uuid=form.uuid)
        else:
            change = replace(asked, new=_given(asked.field, new), why=why)
            made = correct(here.project, change, uuid=form.uuid)
    except LandgisError as refused:
        refuse(form, refused)
    else:
        begin(form.parcels, Done(made.action, (made,), (made,) if made.action == "correct" else ()))


def _given(field: str, new: Any) -> Any:
    if field == "evidence":
        return evidence_file(new.name, new.getvalue()) if new is not None else ""
    return str(new or "")
