"""登记: what may be recorded next for one parcel or for many at once; conflicts, undoing."""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from landgis.errors import LandgisError, Problem, RegisterRefused, StaleParcel
from landgis.phases.ledger import Entry
from landgis.roles import may
from landgis.store.base import File
from landgis.tables import KINDS_OF_DATE
from landgis.text import N_, Message
from landgis.ui.coded import coded
from landgis.ui.drafts import keep_draft, take_draft
from landgis.ui.here import Here, safe, visitor
from landgis.ui.words import NOTHING
from landgis.workflow.recording import EVIDENCE_LIMIT, Entered, evidence_file, may_undo, record, undo
from landgis.workflow.steps import Conflict, Difference, Offer, Step, compare_entry, next_steps

FORM = "record_form"
EARLIEST, LATEST = datetime.date(1990, 1, 1), datetime.date(2100, 12, 31)
NAMED = 8  # parcels that are named one by one
MOST_REASONS = 200  # rows of the table of what may not be recorded


@dataclass(frozen=True)
class Clash:
    """An entry that others were faster than, and what they recorded."""

    entered: Entered
    conflict: Conflict


@dataclass(frozen=True)
class Done:
    """What was recorded, corrected, cancelled or undone."""

    what: str
    lines: tuple[Entry, ...]
    ours: tuple[Entry, ...] = ()  # what can be undone: not what somebody else had recorded before


DONE = {
    "record": N_("recorded: {what}, {count} parcels"),
    "already": N_("{what} was recorded already, nothing is new"),
    "correct": N_("corrected: {what}"),
    "cancel": N_("cancelled: {what}; it counts as if it had not happened"),
    "undo": N_("undone: {what}, {count} parcels; the lines stay readable"),
}
Said = Clash | Done | tuple[Problem, ...] | None


@dataclass(frozen=True)
class Form:
    """What is being filled in: for which parcels, on which versions of them, under which number."""

    parcels: tuple[str, ...]
    uuid: str
    versions: Mapping[str, int] | None = None
    said: Said = None
    turn: int = 0  # the fields of each entry have names of their own
    kept: File | None = None  # evidence that was sent before the sign-in ended


def open_record(here: Here, parcel_ids: Sequence[str]) -> None:
    """Show the form in front of the page; the page runs again when it is closed."""
    begin(tuple(parcel_ids))
    title = here.words(N_("record"))
    st.dialog(title, width="large", on_dismiss="rerun")(lambda: show_record(here, parcel_ids))()


def show_record(here: Here, parcel_ids: Sequence[str]) -> None:
    """The form: only what may be recorded is offered, and why the rest may not is said."""
    words = here.words
    if not may(here.project.actor, "record"):
        st.info(safe(words(N_("{name} may look, but not record"), name=here.project.actor.name)))
        return
    try:
        _show_form(here, _restored(here, form_of(tuple(dict.fromkeys(parcel_ids)))))
    except LandgisError as refused:
        _say(here, refused.problems)


def begin(parcels: tuple[str, ...], said: Said = None) -> Form:
    """A new form: what was seen before does not count for it."""
    before = st.session_state.get(FORM)
    turn = before.turn + 1 if isinstance(before, Form) else 0
    st.session_state[FORM] = form = Form(parcels, secrets.token_hex(12), said=said, turn=turn)
    return form


def _restored(here: Here, form: Form) -> Form:
    """The form as it was filled in when the sign-in of the user ended, under the same number."""
    draft = take_draft(here.project.actor.name, form.parcels) if visitor() is not None else None
    if draft is None:
        return form
    entered, state, turn = draft.entered, st.session_state, form.turn
    state[f"record_kind_{turn}"], state["record_step"] = entered.kind, entered.milestone
    state[f"record_day_{entered.kind}_{turn}"] = datetime.date.fromisoformat(entered.on)
    state[f"record_building_{turn}"], state[f"record_note_{turn}"] = entered.building or "", entered.note or ""
    kept = entered.evidence if isinstance(entered.evidence, File) else None
    state[FORM] = form = replace(form, uuid=entered.uuid, versions=draft.versions, kept=kept)
    return form


def require_visitor() -> None:
    """Raise RegisterRefused where the sign-in ended while the form was open: a form runs on without its page."""
    if visitor() is None:
        words = N_("your sign-in has ended; sign in again and open the form once more: it is kept as you filled it in")
        raise RegisterRefused([Problem("E-SIGN-IN", Message(words))])


def refuse(form: Form, refused: LandgisError) -> None:
    """Keep the form as it is filled in, and say why it was refused."""
    st.session_state[FORM] = replace(form, said=tuple(refused.problems))


def _leave(parcels: tuple[str, ...]) -> None:
    begin(parcels)


def form_of(parcels: tuple[str, ...]) -> Form:
    """The form that is being filled in for some parcels; a new one where it was for others."""
    form = st.session_state.get(FORM)
    return form if isinstance(form, Form) and form.parcels == parcels else begin(parcels)


def _show_form(here: Here, form: Form) -> None:
    words = here.words
    _show_parcels(here, form.parcels)
    show_said(here, form)
    if isinstance(form.said, Clash):  # to be settled first
        return
    if isinstance(form.said, Done) and form.said.what != "undo":  # the same click twice may not hit the next step
        st.button(words(N_("record another step")), key="record_more", on_click=_leave, args=(form.parcels,))
        return
    kind_at, day_at, building_at = st.columns(3)
    st.session_state.setdefault(f"record_kind_{form.turn}", "actual")
    kind = kind_at.segmented_control(
        words(N_("kind")), list(reversed(KINDS_OF_DATE)), required=True, key=f"record_kind_{form.turn}",
        format_func=lambda one: coded(words, "kind", one),
    ) or "actual"  # fmt: skip
    today = here.project.today()
    st.session_state.setdefault(f"record_day_{kind}_{form.turn}", today)
    day = day_at.date_input(
        words(N_("date")), min_value=EARLIEST, max_value=today if kind == "actual" else LATEST,
        format="YYYY-MM-DD", key=f"record_day_{kind}_{form.turn}",
    )  # fmt: skip
    assert isinstance(day, datetime.date)
    building = _ask_building(here, form, building_at)
    offer = next_steps(here.project, form.parcels, on=day, building=building)
    if form.versions is None:  # what the user sees from here on is what they decide on
        st.session_state[FORM] = form = replace(form, versions=offer.versions)
    step = _ask_step(here, offer.allowed(kind))
    if step is not None:
        _ask_rest(here, form, step, Entered(form.parcels, step.milestone, day.isoformat(), building, kind))
    _show_refused(here, offer, kind)


def _show_parcels(here: Here, parcels: Sequence[str]) -> None:
    """Which parcels this is about."""
    more = "" if len(parcels) <= NAMED else " …"
    listed = ", ".join(parcels[:NAMED]) + more
    st.text(here.words(N_("{count} parcels: {listed}"), count=here.words.number(len(parcels)), listed=listed))


def _ask_building(here: Here, form: Form, place: Any) -> str | None:
    """The whole parcel, or one of its buildings, where there is one parcel with buildings."""
    facts = here.project.store.facts(form.parcels[0]) if len(form.parcels) == 1 else None
    if facts is None or not facts.buildings:
        return None
    whole = here.words(N_("the whole parcel"))
    chosen = place.selectbox(
        here.words(N_("building")), ["", *sorted(facts.buildings)], key=f"record_building_{form.turn}",
        format_func=lambda one: one or whole,
    )  # fmt: skip
    return chosen or None


def _ask_step(here: Here, steps: Sequence[Step]) -> Step | None:
    """Which step: the next on the path is chosen already."""
    words = here.words
    if not steps:
        st.warning(words(N_("nothing of this kind can be recorded for that day; see below why")))
        return None
    by_name = {step.milestone: step for step in steps}
    if st.session_state.get("record_step") not in by_name:
        st.session_state["record_step"] = steps[0].milestone
    name = st.selectbox(words(N_("milestone")), list(by_name), key="record_step", format_func=words.milestone)
    step = by_name[name]
    proof = step.proof.zh if words.language.startswith("zh") else step.proof.en
    st.caption(safe(words(N_("evidence: {proof}"), proof=proof)))
    if step.already:
        listed = ", ".join(step.already)
        st.text(words(N_("recorded already for that day, and left as it is: {listed}"), listed=listed))
    return step


def _ask_rest(here: Here, form: Form, step: Step, entered: Entered) -> None:
    """Evidence, note and the button."""
    words = here.words
    left, right = st.columns(2)
    needed, wished = words(N_("needed")), words(N_("if there is any"))
    left.file_uploader(
        f"{words(N_('evidence'))} ({needed if step.needs_evidence else wished})", key=f"record_file_{form.turn}",
        max_upload_size=EVIDENCE_LIMIT // 1_000_000,
    )  # fmt: skip
    if form.kept is not None:
        left.text(words(N_("kept from before: {name}"), name=form.kept.name))
    right.text_area(
        f"{words(N_('note or reason'))} ({needed if step.needs_note else wished})", key=f"record_note_{form.turn}",
        height=100,
    )  # fmt: skip
    title = words(N_("record {milestone} for {count} parcels"), milestone=words.milestone(step.milestone),
                  count=words.number(len(form.parcels) - len(step.already)))  # fmt: skip
    with st.container(key="record_confirm"):
        st.button(
            title, key=f"record_confirm_{form.turn}", type="primary", icon=":material/check:", on_click=_confirm,
            args=(here, form, entered),
        )  # fmt: skip


def _confirm(here: Here, form: Form, entered: Entered) -> None:
    """The button was pressed: what stands in the form is recorded."""
    file = st.session_state.get(f"record_file_{form.turn}")
    note = str(st.session_state.get(f"record_note_{form.turn}") or "").strip() or None
    try:
        proof = evidence_file(file.name, file.getvalue()) if file is not None else form.kept
    except LandgisError as refused:
        refuse(form, refused)
        return
    _record(here, form, replace(entered, evidence=proof, note=note, uuid=form.uuid))


def _record(here: Here, form: Form, entered: Entered) -> None:
    """Record on the versions that were seen, and keep what came of it for the next run."""
    versions = form.versions or {}
    try:
        require_visitor()
    except LandgisError as refused:
        keep_draft(here.project.actor.name, entered, versions)
        refuse(form, refused)
        return
    try:
        lines = record(here.project, entered, version=versions)
    except StaleParcel:
        conflict = compare_entry(here.project, entered, versions)
        st.session_state[FORM] = replace(form, said=Clash(entered, conflict))
    except LandgisError as refused:
        refuse(form, refused)
    else:
        ours = tuple(line for line in lines if line.uuid.startswith(form.uuid))
        since = None if ours else compare_entry(here.project, entered, versions)
        if since is not None and since.differences:  # somebody else recorded the same day, but not all of it
            st.session_state[FORM] = replace(form, said=Clash(entered, since))
        else:
            begin(form.parcels, Done("record" if ours else "already", tuple(lines), ours))


def _retry(here: Here, form: Form, clash: Clash) -> None:
    """Record the same on what is there now, which the user has just been shown."""
    again = replace(form, versions=clash.conflict.versions, said=None)
    _record(here, again, clash.entered)


def _undo(here: Here, form: Form, lines: tuple[Entry, ...]) -> None:
    try:
        require_visitor()
        taken_back = undo(here.project, lines, why=here.words(N_("undone")))
    except LandgisError as refused:
        refuse(form, refused)
    else:
        begin(form.parcels, Done("undo", tuple(taken_back)))


def show_said(here: Here, form: Form, key: str = "record") -> None:
    """What came of the last press of a button; `key` begins the keys of the buttons here."""
    said = form.said
    if isinstance(said, Done):
        _show_done(here, form, said, key)
    elif isinstance(said, Clash):
        _show_clash(here, form, said, key)
    elif said:
        _say(here, said)


def _say(here: Here, problems: Sequence[Problem]) -> None:
    for problem in dict.fromkeys(here.words.problem(problem) for problem in problems):
        st.error(safe(problem))


def _show_done(here: Here, form: Form, done: Done, key: str) -> None:
    words = here.words
    told, button = st.columns([4, 1], vertical_alignment="center")
    what = ", ".join(dict.fromkeys(words.milestone(line.milestone) for line in done.lines))
    told.success(words(DONE[done.what], what=what, count=words.number(len({line.parcel_id for line in done.lines}))))
    if may_undo(here.project, done.ours):
        button.button(words(N_("undo")), key=f"{key}_undo", icon=":material/undo:", on_click=_undo,
                      args=(here, form, done.ours))  # fmt: skip


def _show_clash(here: Here, form: Form, clash: Clash, key: str) -> None:
    """Field by field: seen, there now and by whom, entered; and what can be done with one click."""
    words = here.words
    st.warning(words(N_("somebody else recorded something in between; nothing of yours was recorded")))
    st.dataframe(conflict_rows(here, clash.conflict), hide_index=True, key=f"{key}_conflict")
    _say(here, clash.conflict.problems)
    retry, leave, _ = st.columns([2, 2, 3])
    if clash.conflict.allowed:
        retry.button(words(N_("record it all the same")), key=f"{key}_retry", type="primary", on_click=_retry,
                     args=(here, form, clash))  # fmt: skip
    leave.button(words(N_("leave it as it is now")), key=f"{key}_leave", on_click=_leave, args=(form.parcels,))


def conflict_rows(here: Here, conflict: Conflict) -> list[dict[str, str]]:
    """The comparison as rows of a table, in words."""
    words = here.words

    def shown(field: str, value: str | None) -> str:
        return coded(words, "action", value) if field == "action" else value or NOTHING

    return [
        {
            words(N_("parcel")): one.parcel_id,
            words(N_("event")): _event(here, one),
            words(N_("field")): coded(words, "field", one.field),
            words(N_("what you saw")): shown(one.field, one.seen),
            words(N_("what is there now")): shown(one.field, one.now),
            words(N_("recorded by")): one.by or NOTHING,
            words(N_("recorded at")): words.moment(one.at),
            words(N_("what you enter")): one.entered or NOTHING,
        }
        for one in conflict.differences
    ]  # fmt: skip


def _event(here: Here, one: Difference) -> str:
    """Which event a row is about."""
    if one.milestone is None:
        return NOTHING
    parts = here.words.milestone(one.milestone), coded(here.words, "kind", one.kind), one.building_id
    return " · ".join(part for part in parts if part)


def _show_refused(here: Here, offer: Offer, kind: str) -> None:
    """Why other steps may not be recorded, and which parcels stand against them."""
    words = here.words
    rows = [
        {
            words(N_("milestone")): words.milestone(step.milestone),
            words(N_("parcel")): parcel,
            words(N_("why not")): "; ".join(words.message(problem.message) for problem in problems),
        }
        for step in offer.refused(kind)
        for parcel, problems in step.against.items()
        if not any(problem.code == "E-PHASE-PATH" for problem in problems)
    ]
    if rows:
        with st.expander(words(N_("why other steps cannot be recorded"))):
            st.dataframe(rows[:MOST_REASONS], hide_index=True, key="record_refused")
            if len(rows) > MOST_REASONS:
                st.caption(words(N_("and {count} more"), count=words.number(len(rows) - MOST_REASONS)))
