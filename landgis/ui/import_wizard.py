"""Files in: upload, what landgis found and what the officer says about it, accept or leave, and the receipt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import streamlit as st

from landgis.errors import Problem
from landgis.tables import MILESTONE_TITLES
from landgis.text import N_, Tell
from landgis.ui.here import shown_errors
from landgis.ui.long_work import goes_on, long_work
from landgis.ui.problem_map import show_problem_map
from landgis.ui.receipt import show_problem_table, show_problems
from landgis.ui.words import Words, safe
from landgis.workflow.accepting import Accepted
from landgis.workflow.looking import (
    LEFT_OUT,
    ROLE_TITLES,
    ROLES,
    Answers,
    Look,
    Looked,
    choices,
    chosen_columns,
    look_at,
)
from landgis.workflow.staging import Staged, Upload, leave, stage

WIZARD, TURN = "import_wizard", "import_turn"
SYSTEMS = ("EPSG:4490", "EPSG:4547", "EPSG:4548", "EPSG:4549")
ENCODINGS = ("UTF-8", "GB18030", "BIG5")
AS_IT_IS = ""  # what a column is taken for that is kept as it is
Take = Callable[[Looked, bool, Tell], Accepted]


@dataclass
class Wizard:
    """One upload on its way: what was said about it, what it is then, and the receipt in the end."""

    staged: Staged
    turn: int
    answers: Answers = Answers()  # noqa: RUF009  (frozen)
    looked: Looked | None = None
    accepted: Accepted | None = None


def show_wizard(words: Words, take: Take) -> bool:
    """The step at which the upload of this session is; whether it was taken over just now."""
    wizard: Wizard | None = st.session_state.get(WIZARD)
    if wizard is None:
        _show_upload(words)
        return False
    return wizard.accepted is None and _show_findings(words, wizard, take)


def in_hand() -> bool:
    """Whether files of this session wait to be taken over."""
    return WIZARD in st.session_state


def accepted_now() -> Accepted | None:
    """The receipt that is to be shown, until it is put away."""
    wizard: Wizard | None = st.session_state.get(WIZARD)
    return wizard.accepted if wizard else None


def take_others(take: Callable[[Looked, Accepted], Accepted]) -> None:
    """Go on from the receipt that is shown: what it refused is taken as far as it can be."""
    wizard: Wizard = st.session_state[WIZARD]
    assert wizard.looked is not None and wizard.accepted is not None
    wizard.accepted = take(wizard.looked, wizard.accepted)
    _throw_away(wizard)


def _throw_away(wizard: Wizard) -> None:
    """The files are needed no more, unless some of them were refused and may still be taken."""
    if wizard.accepted is None or not wizard.accepted.refused:
        leave(wizard.staged)


def put_away() -> None:
    """Throw the staged files away, and begin anew."""
    wizard: Wizard | None = st.session_state.pop(WIZARD, None)
    if wizard:
        leave(wizard.staged)


def _show_upload(words: Words) -> None:
    turn = st.session_state.setdefault(TURN, 0)
    uploaded = st.file_uploader(
        words(N_("layers, tables, ledgers of events, zip files and a mapping file (.toml); several at once")),
        accept_multiple_files=True, key=f"import_files_{turn}",
    )  # fmt: skip
    if not uploaded:
        return
    with shown_errors(words), st.spinner(words(N_("reading the files"))):
        staged = stage([Upload(one.name, one.getvalue()) for one in uploaded])
        st.session_state[WIZARD] = Wizard(staged, turn)
        st.session_state[TURN] = turn + 1
        st.rerun()


def _show_findings(words: Words, wizard: Wizard, take: Take) -> bool:
    with shown_errors(words):
        if wizard.looked is None or wizard.looked.answers != wizard.answers:
            with st.spinner(words(N_("reading the files"))):
                wizard.looked = look_at(wizard.staged, wizard.answers)
    looked = wizard.looked
    if looked is None:
        st.button(words(N_("upload other files")), on_click=put_away, key="import_leave")
        return False
    st.subheader(words(N_("What landgis found")), anchor=False)
    _show_overview(words, looked)
    _show_questions(words, wizard)
    for at, look in enumerate(looked.looks):
        with st.expander(safe(_name(look)), expanded=bool(look.stops)):
            _show_look(words, wizard, at, look)
    return _show_end(words, wizard, looked, take)


def _name(look: Look) -> str:
    return f"{look.file} · {look.layer}" if look.layer else look.file


def _show_overview(words: Words, looked: Looked) -> None:
    """A row for each file or layer."""
    rows = [
        {
            words(N_("file")): look.file,
            words(N_("layer")): look.layer or "",
            words(N_("taken for")): "" if look.role is None else words(ROLE_TITLES[look.role]),
            words(N_("rows")): words.number(look.rows),
            words(N_("encoding")): look.encoding or "",
            "CRS": look.crs or "",
            words(N_("against it")): len(look.stops),
            words(N_("remarks")): len(look.remarks),
        }
        for look in looked.looks
    ]
    st.dataframe(rows, hide_index=True, width="stretch", alt=words(N_("the files that were uploaded")))


def _show_questions(words: Words, wizard: Wizard) -> None:
    """What holds for all files that do not say it themselves."""
    crs, encoding, _ = st.columns([1, 1, 2])
    with crs:
        _show_question(words, wizard, "crs", N_("CRS of files that do not say it (--crs)"), SYSTEMS)
    with encoding:
        _show_question(words, wizard, "encoding", N_("encoding of texts that do not say it (--encoding)"), ENCODINGS)


def _show_question(words: Words, wizard: Wizard, name: str, label: str, known: Sequence[str]) -> None:
    key = f"import_{name}_{wizard.turn}"
    st.selectbox(
        words(label), known, index=None, key=key, placeholder=words(N_("as landgis found it")),
        accept_new_options=True, on_change=partial(_say_how, wizard, name, key),
    )  # fmt: skip


def _say_how(wizard: Wizard, name: str, key: str) -> None:
    said: dict[str, Any] = {name: st.session_state[key] or None}
    wizard.answers = replace(wizard.answers, **said)


def _show_look(words: Words, wizard: Wizard, at: int, look: Look) -> None:
    """One file or layer: what it is taken for, its columns, and what is wrong with it."""
    key = f"import_role_{wizard.turn}_{at}"
    st.session_state[key] = look.role
    st.selectbox(
        words(N_("taken for")), [*ROLES, LEFT_OUT], key=key, format_func=lambda role: words(ROLE_TITLES[role]),
        placeholder=words(N_("cannot be read; leave it out, or upload it again")),
        on_change=partial(_say_role, wizard, look, key),
    )  # fmt: skip
    problems = [*look.refused, *look.remarks]
    table, place = st.columns([3, 2]) if look.spots else (st.container(), None)
    with table:
        show_problem_table(words, problems, key=f"import_problems_{wizard.turn}_{at}")
    if place is not None:
        with place:
            show_problem_map(words, look.spots, key=f"import_map_{wizard.turn}_{at}")
    if look.columns:
        _show_columns(words, wizard, at, look)


def _say_role(wizard: Wizard, look: Look, key: str) -> None:
    wizard.answers = replace(wizard.answers, roles={**wizard.answers.roles, look.key: st.session_state[key]})


def _show_columns(words: Words, wizard: Wizard, at: int, look: Look) -> None:
    """Every column and what it is taken for; below, one of them can be taken for another."""
    st.dataframe(
        [
            {
                words(N_("column of the file")): own.name,
                words(N_("taken for")): _column_title(words, look, own.canonical),
                words(N_("filled")): words.percent(own.share),
                words(N_("for example")): own.example,
            }
            for own in look.columns
        ],
        hide_index=True, width="stretch", height=220, alt=words(N_("the columns of the file")),
    )  # fmt: skip
    if not look.role:
        return
    suffix = f"{wizard.turn}_{at}_{look.role}"
    column, wanted = f"import_own_{suffix}", f"import_as_{suffix}"
    left, middle, right = st.columns([2, 2, 1], vertical_alignment="bottom")
    left.selectbox(words(N_("column of the file")), [own.name for own in look.columns], key=column)
    middle.selectbox(
        words(N_("take it for")), [AS_IT_IS, *choices(look.role)], key=wanted,
        format_func=lambda name: _column_title(words, look, name),
    )  # fmt: skip
    right.button(
        words(N_("take it so")), key=f"import_so_{suffix}", width="stretch",
        on_click=_say_column, args=(wizard, look, column, wanted),
    )  # fmt: skip


def _column_title(words: Words, look: Look, canonical: str | None) -> str:
    if not canonical or not look.role:
        return words(N_("kept as it is"))
    if canonical in MILESTONE_TITLES:
        return words(N_("day of: {milestone}"), milestone=words.milestone(canonical))
    return f"{words(ROLES[look.role].column(canonical).title)} ({canonical})"


def _say_column(wizard: Wizard, look: Look, column: str, wanted: str) -> None:
    """Take a column for another; the one that was taken for that so far is kept as it is."""
    name, canonical = st.session_state[column], st.session_state[wanted] or None
    chosen = {own.name: None if own.canonical == canonical else own.canonical for own in look.columns}
    table = ROLES[str(look.role)].name
    said = {**wizard.answers.columns.get(table, {}), **chosen_columns(look, {**chosen, name: canonical})}
    wizard.answers = replace(wizard.answers, columns={**wizard.answers.columns, table: said})


def _show_end(words: Words, wizard: Wizard, looked: Looked, take: Take) -> bool:
    """Accept or leave; whether it was taken over."""
    show_problems(words, looked.stops)
    ledger = any(look.role == "events" and _has_faults(look.remarks) for look in looked.taken)
    aside = ledger and st.checkbox(
        words(N_("take the events that can be taken; set the others aside and list them")), key="import_aside"
    )
    stopped = bool(looked.stops) or not looked.taken
    with st.container(horizontal=True):
        accepts = st.button(words(N_("accept")), type="primary", disabled=stopped, key="import_accept")
        st.button(words(N_("leave")), on_click=put_away, key="import_leave")
    st.caption(words(N_("Accepting replaces the layers named above, all in one step; leaving changes nothing.")))
    if not (accepts or goes_on("accept")):
        return False
    with shown_errors(words):
        title = words(N_("taking the files over"))
        wizard.accepted = long_work(words, "accept", title, lambda tell: take(looked, bool(aside), tell))
        _throw_away(wizard)
        return True
    return False


def _has_faults(problems: Sequence[Problem]) -> bool:
    return any(problem.code.startswith("E-") for problem in problems)
