"""Planning again where dates have slipped: what stays, what moves, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st
from pandas import DataFrame

from landgis.show.replan import WHAT
from landgis.text import N_
from landgis.ui.here import Here
from landgis.ui.plan.search import Find
from landgis.ui.plan.words import mode_title, site_titles
from landgis.ui.words import NOTHING
from landgis.workflow.adopting.replan import Replanned, replan
from landgis.workflow.adopting.why import KEPT, STAYS, Change
from landgis.workflow.scheduling.document import PlanDocument
from landgis.workflow.scheduling.solving import PlanProgress

MOVES = "plan_moves"  # in the session: the last plan that was made again


def find_again(at: Here, document: PlanDocument) -> Find:
    """The search that keeps what has begun and plans the rest anew."""
    kept: dict[str, Replanned] = {}
    st.session_state[MOVES] = kept  # the search runs in a thread of its own, which has no session

    def find(tell: Callable[[PlanProgress], None], stop: Callable[[], bool]) -> PlanDocument:
        found = replan(at.project, document, tell=tell, stop=stop)
        kept["found"] = found
        return found.document

    return find


def show_moves(at: Here, document: PlanDocument) -> None:
    """What moved, where this plan is the one that was made again last."""
    found: Replanned | None = st.session_state.get(MOVES, {}).get("found")
    if found is None or found.document.made_at != document.made_at:
        return
    words, column = at.words, st.column_config
    st.markdown(f"**{words(N_('what moved since the plan before, and why'))}**")
    moved = [one for one in found.changes if one.what not in (STAYS, KEPT) or one.reasons]
    if not moved:
        st.caption(words(N_("nothing moved")))
        return
    titles = site_titles(at, document.sites)
    table = DataFrame(
        [_row(at, one, titles) for one in moved], columns=["site", "what", "was", "now", "by", "modes", "why"]
    )
    st.dataframe(table, key="plan_moved", hide_index=True, placeholder=NOTHING, column_config={
        "site": column.TextColumn(words(N_("site")), pinned=True),
        "what": column.TextColumn(words(N_("what became of it"))),
        "was": column.TextColumn(words(N_("start before"))), "now": column.TextColumn(words(N_("start now"))),
        "by": column.NumberColumn(words(N_("by quarters")), format="%+d"),
        "modes": column.TextColumn(words(N_("mode of renovation"))),
        "why": column.TextColumn(words(N_("why")), width="large"),
    })  # fmt: skip


def _row(at: Here, one: Change, titles: Mapping[str, str]) -> Sequence[object]:
    words = at.words
    modes = [mode_title(at, mode) for mode in dict.fromkeys(one.mode) if mode]
    why = "; ".join(words.message(reason.message) for reason in one.reasons)
    return titles.get(one.site_id, one.site_id), words(WHAT[one.what]), *one.start, one.quarters, " → ".join(modes), why
