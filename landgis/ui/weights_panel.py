"""权重试算: what other weights would make of the list; a draft that nothing saves."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from landgis.scoring.parts import PARTS
from landgis.text import N_
from landgis.ui.coded import coded
from landgis.ui.here import Here, shown_errors
from landgis.workflow.explaining import Explained
from landgis.workflow.ranking import Ranking
from landgis.workflow.summary import FIRST
from landgis.workflow.what_if import Draft, Moves, what_if

SHOWN = 30  # rows of the draft
KEYS = {part: f"ranking_weight_{part}" for part in PARTS}


@st.fragment
def show_weights(here: Here, found: Explained, listed: Ranking) -> None:
    """Three sliders, what they would move, and the first of the list as they would have it."""
    words = here.words
    official = {part: round(100 * found.run.rules.score.weights.get(part, 0.0)) for part in PARTS}
    st.badge(words(N_("draft: the official scores stay as they are")), color="orange", icon=":material/edit_note:")
    *sliders, reset = st.columns([2, 2, 2, 1], vertical_alignment="bottom")
    for column, part in zip(sliders, PARTS, strict=True):
        st.session_state.setdefault(KEYS[part], official[part])
        column.slider(words(N_("weight: {part}"), part=coded(words, "parts", part)), 0, 100, step=1, key=KEYS[part])
    reset.button(words(N_("reset")), key="ranking_weights_reset", on_click=_reset, args=(official,))
    asked = {part: float(st.session_state[KEYS[part]]) for part in PARTS}
    if {part: round(weight) for part, weight in asked.items()} == official:
        st.caption(words(N_("these are the official weights; move a slider to see what would change")))
        return
    with shown_errors(words):
        draft = what_if(found, asked)
        shares = " : ".join(words.percent(draft.rules.score.weights[part]) for part in PARTS)
        st.caption(words(N_("counted as {shares}"), shares=shares))
        _say_moves(here, draft.moves(listed.table.index.tolist()))
        _show_draft(here, draft, listed)


def _reset(official: dict[str, int]) -> None:
    for part, weight in official.items():
        st.session_state[KEYS[part]] = weight


def _say_moves(here: Here, moves: Moves) -> None:
    words = here.words
    template = N_("of the listed parcels {better} would get a better grade, {worse} a worse one, {ranks} another rank")
    counts = {name: words.number(getattr(moves, name)) for name in ("better", "worse", "ranks")}
    st.text(words(template, **counts))
    both = ((N_("would enter the first {first}: {parcels}"), moves.entering),
            (N_("would leave the first {first}: {parcels}"), moves.leaving))  # fmt: skip
    for title, parcels in both:
        if parcels:
            st.text(words(title, first=FIRST, parcels=", ".join(parcels)))


def _show_draft(here: Here, draft: Draft, listed: Ranking) -> None:
    """The first of the list by the draft, each with what is official beside it."""
    words, column = here.words, st.column_config
    places = draft.table.index.get_indexer(listed.table.index)
    table = draft.table.iloc[places[places >= 0]]
    place = table["renovation_rank"].rank(method="min")
    table = (
        table.assign(place=place, official_place=listed.table["place"]).sort_values("place", kind="stable").head(SHOWN)
    )
    titles = {
        "place": column.NumberColumn(words(N_("place, draft")), format="%d"),
        "official_place": column.NumberColumn(words(N_("place, official")), format="%d"),
        "parcel_id": column.TextColumn(words.column("parcel_id")),
        "score": column.NumberColumn(words(N_("score, draft")), format="%.1f"),
        "official_score": column.NumberColumn(words(N_("score, official")), format="%.1f"),
        "grade": column.TextColumn(words(N_("grade, draft"))),
        "official_grade": column.TextColumn(words(N_("grade, official"))),
    }
    st.dataframe(
        pd.DataFrame(table.assign(parcel_id=table.index))[list(titles)], column_config=titles, hide_index=True,
        key="ranking_draft", height=300, placeholder="—", alt=words(N_("the first of the list under these weights")),
    )  # fmt: skip
