"""Import and check: files in, and how old the layers of the project are."""

from __future__ import annotations

from functools import partial

import streamlit as st

from landgis.roles import may
from landgis.text import N_
from landgis.ui.explained import score_now
from landgis.ui.here import Here, changed, here, shown_errors
from landgis.ui.import_wizard import accepted_now, put_away, show_wizard, take_others
from landgis.ui.long_work import goes_on
from landgis.ui.receipt import show_receipt
from landgis.workflow.accepting import accept, accept_events, data_age
from landgis.workflow.looking import ROLE_TITLES


def show() -> None:
    """The page."""
    at = here()
    words, actor = at.words, at.project.actor
    if not (may(actor, "import") or may(actor, "events")):
        st.info(words(N_("Layers are imported by an administrator, ledgers of events by an approver.")))
    elif accepted_now() is not None:
        _show_receipt(at)
    elif show_wizard(words, lambda looked, aside, tell: accept(at.project, looked, set_aside=aside, tell=tell)):
        changed()
    _show_age(at)


def _show_receipt(at: Here) -> None:
    """What was taken over, and what may come next: the other events, new scores, more files."""
    accepted, words = accepted_now(), at.words
    assert accepted is not None
    show_receipt(words, accepted)
    with st.container(horizontal=True):
        others = bool(accepted.refused) and st.button(words(N_("take the other events")), key="import_others")
        may_score = accepted.line is not None and may(at.project.actor, "score")
        scores = may_score and st.button(words(N_("score the parcels anew")), key="import_score")
        st.button(words(N_("upload more files")), on_click=put_away, key="import_more")
    if others:
        with shown_errors(words), st.spinner(words(N_("taking the files over"))):
            take_others(partial(accept_events, at.project))
            changed()
    if scores or goes_on("score"):
        score_now(at)


def _show_age(at: Here) -> None:
    """When each layer was imported last."""
    words = at.words
    st.subheader(words(N_("Age of the data")), anchor=False)
    rows = [
        {
            words(N_("layer")): words(ROLE_TITLES[age.role]),
            words(N_("rows")): age.rows,
            words(N_("imported on")): words.moment(age.recorded_at),
            words(N_("imported by")): age.recorded_by,
            words(N_("file")): age.file,
            words(N_("line of the ledger")): age.line,
        }
        for age in data_age(at.project)
    ]
    st.dataframe(rows, hide_index=True, width="stretch", alt=words(N_("when each layer was imported last")))
