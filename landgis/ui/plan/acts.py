"""What can be done with a plan: keep it, adopt it into the register, plan again, change it, take it away, drop it."""

from __future__ import annotations

import streamlit as st
from pandas import DataFrame
from streamlit.delta_generator import DeltaGenerator

from landgis.errors import LandgisError
from landgis.roles import may
from landgis.text import N_
from landgis.ui.here import Here, changed, go, safe, shown_errors
from landgis.ui.plan.form import begin_anew
from landgis.ui.plan.replan import find_again
from landgis.ui.plan.search import show_refused, wait_for
from landgis.ui.plan.shelf import FOUND, FOUND_PLAN, KEPT, NEW, Shelf, choose
from landgis.ui.plan.words import mode_title
from landgis.workflow.adopting.adopt import Adopted, adopt
from landgis.workflow.adopting.lines import require_current
from landgis.workflow.project import Project
from landgis.workflow.scheduling.document import PlanDocument
from landgis.workflow.scheduling.schedule import named
from landgis.workflow.scheduling.shelf import LONGEST_NAME, drop_plan, keep_plan

SAID, ADOPTING = "plan_said", "plan_adopting"  # in the session: what was done last; whether somebody is about to adopt
MOST_NAMED = 200  # rows of a table in the dialog


def show_acts(at: Here, shelf: Shelf, document: PlanDocument, place: DeltaGenerator) -> None:
    """A row of buttons, and what the last one did; a search is seen in `place`."""
    words, fresh = at.words, shelf.chosen == FOUND
    show_refused(words)
    plan = f"{document.made_at} {document.name}"
    if _is_out_of_date(at.project.store.where, at.zone.version, plan, at.project, document):
        text = N_(
            "things were recorded since this plan was made that it does not know; plan again, then adopt that plan"
        )
        st.warning(words(text))
    if SAID in st.session_state:
        st.success(safe(st.session_state.pop(SAID)))
    with st.container(horizontal=True, key="plan_acts"):
        if may(at.project.actor, "plan"):
            title = words(N_("keep this plan")) if fresh else words(N_("keep under another name"))
            with st.popover(title, key="plan_keep", icon=":material/save:", type="primary" if fresh else "secondary"):
                _show_keep(at, document)
        if may(at.project.actor, "adopt"):
            st.button(
                words(N_("adopt into the register …")), key="plan_adopt", icon=":material/assignment_turned_in:",
                disabled=fresh, help=words(N_("keep the plan first")) if fresh else None,
                on_click=lambda: st.session_state.update({ADOPTING: True}),
            )  # fmt: skip
        again = st.button(
            words(N_("plan again from today")), key="plan_again", icon=":material/update:",
            help=words(N_("what has begun stays; the rest is planned anew on the register as it is")),
        )  # fmt: skip
        st.button(words(N_("change and find anew")), key="plan_change", icon=":material/edit:", on_click=_change,
                  args=(document,))  # fmt: skip
        st.download_button(words(N_("take away (JSON)")), document.as_bytes(), file_name="plan.json",
                           mime="application/json", key="plan_download", icon=":material/download:",
                           on_click="ignore")  # fmt: skip
        if not fresh and may(at.project.actor, "plan"):
            with st.popover(words(N_("drop")), key="plan_drop", icon=":material/delete:"):
                _show_drop(at, document)
    if not may(at.project.actor, "plan"):
        st.caption(words(N_("keeping and adopting plans takes the role {role}"), role=words(N_("approver"))))
    if again:
        wait_for(at, place, find_again(at, document))
    if st.session_state.get(ADOPTING):
        st.dialog(words(N_("adopt the plan")), width="large", on_dismiss=_leave)(lambda: _show_adopt(at, document))()


@st.cache_data(max_entries=KEPT, show_spinner=False)
def _is_out_of_date(where: str, version: str, plan: str, _project: Project, _document: PlanDocument) -> bool:  # noqa: ARG001  (they say which)
    try:
        require_current(_project, _document)
    except LandgisError:
        return True
    return False


def _leave() -> None:
    st.session_state.pop(ADOPTING, None)


def _change(document: PlanDocument) -> None:
    """Begin a new plan with what this one was asked for."""
    begin_anew(document.scenario)
    choose(NEW)


def _show_keep(at: Here, document: PlanDocument) -> None:
    words = at.words
    with st.form("plan_keep_form", border=False):
        name = st.text_input(words(N_("name of the plan")), document.name, max_chars=LONGEST_NAME, key="plan_keep_name")
        st.caption(words(N_("a plan that has this name is replaced; its file stays in the ledger")))
        if not st.form_submit_button(words(N_("keep")), key="plan_keep_now", type="primary"):
            return
    with shown_errors(words):
        kept = keep_plan(at.project, named(document, name.strip()))
        st.session_state.pop(FOUND_PLAN, None)
        st.session_state[SAID] = words(N_("kept as {name}, line {line} of the ledger"), name=kept.name, line=kept.line)
        go(plan=kept.name)
        changed()


def _show_drop(at: Here, document: PlanDocument) -> None:
    words = at.words
    st.caption(words(N_("the plan is listed no more; its file stays in the ledger")))
    if st.button(words(N_("drop it")), key="plan_drop_now"):
        with shown_errors(words):
            drop_plan(at.project, document.name)
            st.session_state[SAID] = words(N_("dropped: {name}"), name=document.name)
            go(plan=None)
            changed()


def _show_adopt(at: Here, document: PlanDocument) -> None:
    """What would be written; the button writes it."""
    words = at.words
    try:
        with st.spinner(words(N_("reading the register"))):
            would = adopt(at.project, document, dry_run=True, translate=words.translate)
    except LandgisError as refused:
        for problem in refused.problems:
            st.error(safe(words.problem(problem)))
        return
    show_adopted(at, would)
    if would.already:
        return
    if st.button(words(N_("write this into the register")), key="plan_adopt_now", type="primary"):
        with shown_errors(words), st.spinner(words(N_("writing"))):
            done = adopt(at.project, document, translate=words.translate)
            steps = words.number(sum(done.written.values()))
            text = N_("adopted: {steps} planned dates written, frozen as {name} (line {line} of the ledger)")
            _leave()
            st.session_state[SAID] = words(text, steps=steps, name=done.baseline, line=done.line)
            changed()


def show_adopted(at: Here, would: Adopted) -> None:
    """What adopting writes, step by step, and what deserves a second look."""
    words, column = at.words, st.column_config
    if would.already:
        st.info(words(N_("the register says all this already; nothing would be written")))
        return
    text = N_("planned dates of {parcels} parcels; then the plan is frozen as {name}, and progress is measured by it")
    st.text(words(text, parcels=words.number(would.parcels), name=would.baseline))
    steps = list(dict.fromkeys([*would.written, *would.cancelled, *would.unchanged]))
    rows = [
        (words.milestone(step), *(found.get(step, 0) for found in (would.written, would.cancelled, would.unchanged)))
        for step in steps
    ]
    st.dataframe(DataFrame(rows, columns=["step", "written", "cancelled", "unchanged"]), key="plan_adopt_steps",
                 hide_index=True, column_config={
        "step": column.TextColumn(words(N_("step"))), "written": column.NumberColumn(words(N_("written"))),
        "cancelled": column.NumberColumn(words(N_("taken back"))),
        "unchanged": column.NumberColumn(words(N_("as planned before"))),
    })  # fmt: skip
    notes = (
        (would.cancelled_by_hand, N_("{count} of what is taken back was planned by hand")),
        (would.left_by_hand, N_("{count} planned steps of parcels in no site stay as they are")),
        (len(would.moved), N_("{count} dates lie before what was reached already, and move")),
    )
    for count, text in notes:
        if count:
            st.caption(words(text, count=words.number(count)))
    _show_other_modes(at, would)


def _show_other_modes(at: Here, would: Adopted) -> None:
    words, column = at.words, st.column_config
    if not would.other_modes:
        return
    text = N_("{count} parcels have another mode in the register; it stays, and the steps of its own path are planned")
    with st.expander(words(text, count=words.number(len(would.other_modes)))):
        rows = [
            (one.parcel_id, mode_title(at, one.mode), mode_title(at, one.planned_mode))
            for one in would.other_modes[:MOST_NAMED]
        ]
        st.dataframe(DataFrame(rows, columns=["parcel", "mode", "planned"]), key="plan_adopt_modes", hide_index=True,
                     height=240, column_config={
            "parcel": column.TextColumn(words(N_("parcel number"))),
            "mode": column.TextColumn(words(N_("mode in the register"))),
            "planned": column.TextColumn(words(N_("mode in the plan"))),
        })  # fmt: skip
