"""排序清单: which parcels to renovate next and why; other weights as a draft; recording for many at once."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import partial

import streamlit as st

from landgis.errors import LandgisError
from landgis.roles import may
from landgis.text import N_
from landgis.ui.explained import explained, list_key, offer_scoring
from landgis.ui.here import Here, go, here, safe
from landgis.ui.legend import show_legend, show_other_filters
from landgis.ui.next_panel import show_left_out
from landgis.ui.ranking_table import ranked_table
from landgis.ui.record_panel import open_record
from landgis.ui.weights_panel import show_weights
from landgis.ui.why_panel import show_why
from landgis.workflow.explaining import Explained, agreement
from landgis.workflow.ranking import Ranking, ranking

HEIGHT_PX = 520
CLICKED = "ranking_clicked"
BESIDE, ALONE = (1.9, 1), (200, 1)  # widths of the table and of what explains a parcel


def show() -> None:
    """The page."""
    at = here()
    words = at.words
    show_legend(at, key="ranking_legend")
    show_other_filters(at)
    listed = ranking(at.zone, at.asked.filter, at.project.rules)
    found = _explain(at)
    if found is None:
        _show_table(at, listed, None)
        return
    agreed = agreement(found, at.zone)
    if agreed.message is not None:
        st.warning(words.message(agreed.message))
        offer_scoring(at, "ranking_score")
    with st.expander(words(N_("try other weights (draft)")), key="ranking_weights", on_change="rerun") as weights:
        if weights.open:
            show_weights(at, found, listed)
    left, right = st.columns(BESIDE if at.asked.parcel else ALONE, gap="small")  # one place: the table stays scrolled
    with left:
        _show_table(at, listed, found)
    if at.asked.parcel:
        with right:
            show_why(at, found, listed, agreed)


def _explain(at: Here) -> Explained | None:
    """What explains the scores; None, and said why, where the parcels cannot be scored."""
    try:
        return explained(at)
    except LandgisError as refusal:
        for problem in refusal.problems:
            st.error(safe(at.words.problem(problem)))
        return None


def _show_table(at: Here, listed: Ranking, found: Explained | None) -> None:
    """The list; a click in a row explains it, ticked rows can be recorded for together."""
    words, parcels = at.words, listed.all.index.tolist()
    above = st.container(horizontal=True, vertical_alignment="center")
    table, titles = ranked_table(at, listed, found)
    key = f"ranking_table_{zlib.crc32(list_key(at).encode()):08x}"  # another list: nothing of it is picked yet
    picked = st.dataframe(
        table, key=key, hide_index=True, height=HEIGHT_PX, lazy=False, placeholder="—", column_order=list(titles),
        column_config=titles, on_select=partial(_picked, key, parcels), selection_mode=["multi-row", "single-cell"],
        alt=words(N_("the parcels to renovate next, the lowest score first")),
    ).selection  # fmt: skip
    with above:
        st.text(words(N_("{count} parcels to renovate, the lowest score first"), count=words.number(len(listed.table))))
        show_left_out(at, listed)
        ticked = [parcels[row] for row in picked["rows"]]
        if ticked and may(at.project.actor, "record"):
            label = words(N_("record for {count} parcels"), count=words.number(len(ticked)))
            if st.button(label, key="ranking_record", type="primary", icon=":material/edit_calendar:"):
                open_record(at, ticked)


def _picked(key: str, parcels: Sequence[str]) -> None:
    """Another cell was clicked: its parcel is explained. Rows that are ticked wait for the button above the table."""
    cells = st.session_state[key].selection["cells"]
    clicked = parcels[cells[0][0]] if cells else None
    if clicked is not None and clicked != st.session_state.get(CLICKED):
        go(parcel=clicked)
    st.session_state[CLICKED] = clicked
