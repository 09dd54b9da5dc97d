"""The receipt of an import, and problems as a table: file, row, field and why."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from landgis.errors import Problem
from landgis.text import N_
from landgis.ui.words import Words, safe
from landgis.workflow.accepting import Accepted
from landgis.workflow.looking import ROLE_TITLES

MOST_SAID = 10  # problems said one by one above a table


def show_receipt(words: Words, accepted: Accepted) -> None:
    """Rows read = taken + set aside + already there, and every row that was set aside."""
    st.subheader(words(N_("Receipt")), anchor=False)
    rows = [
        {
            words(N_("file")): row.file,
            words(N_("layer")): row.layer or "",
            words(N_("taken for")): words(ROLE_TITLES[row.role]),
            words(N_("rows read")): row.read,
            words(N_("taken")): row.taken,
            words(N_("set aside")): row.aside,
            words(N_("already there")): row.already,
        }
        for row in accepted.taken
    ]
    st.dataframe(rows, hide_index=True, width="stretch", alt=words(N_("the files that were taken over")))
    if accepted.line is not None:
        st.caption(words(N_("line {line} of the ledger"), line=words.number(accepted.line)))
    if accepted.changes:
        new, gone = accepted.changes["parcels_new"], accepted.changes["parcels_gone"]
        text = N_("{new} parcels are new, {gone} are no longer there")
        st.text(words(text, new=words.number(new), gone=words.number(len(gone))))
        if gone:
            st.dataframe({words(N_("no longer there")): gone}, hide_index=True)
    if accepted.left_out:
        st.text(words(N_("left out: {files}"), files=", ".join(accepted.left_out)))
    show_problems(words, accepted.refused)
    if accepted.aside:
        st.text(words(N_("{count} rows were set aside:"), count=words.number(len(accepted.aside))))
        show_problem_table(words, accepted.aside, key="import_set_aside")
    if accepted.remarks:
        with st.expander(words(N_("{count} remarks"), count=words.number(len(accepted.remarks)))):
            show_problem_table(words, accepted.remarks, key="import_remarks")


def show_problems(words: Words, problems: Sequence[Problem]) -> None:
    """The first ones as errors, the others counted."""
    for problem in problems[:MOST_SAID]:
        st.error(safe(words.problem(problem)))
    if len(problems) > MOST_SAID:
        st.error(words(N_("and {count} more"), count=words.number(len(problems) - MOST_SAID)))


def show_problem_table(words: Words, problems: Sequence[Problem], *, key: str) -> None:
    """A row for each problem; nothing where there is none."""
    if not problems:
        st.caption(words(N_("nothing to remark")))
        return
    rows = [
        {
            words(N_("file")): " · ".join(filter(None, (problem.place.file, problem.place.layer))),
            words(N_("row")): problem.place.row,
            words(N_("field")): problem.place.field or "",
            words(N_("code")): problem.code,
            words(N_("what")): words.message(problem.message),
        }
        for problem in problems
    ]
    st.dataframe(rows, hide_index=True, width="stretch", height=240 if len(rows) > 5 else "auto", key=key)
