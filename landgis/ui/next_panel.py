"""What to renovate next, beside the map: the first of the block, and the first reason of each."""

from __future__ import annotations

from typing import Any

import streamlit as st
from pandas import DataFrame

from landgis.text import N_
from landgis.ui.coded import coded
from landgis.ui.explained import offer_scoring
from landgis.ui.here import Here, go, open_page, safe
from landgis.workflow.ranking import LEFT_OUT, Ranking, first_reason, ranking
from landgis.workflow.summary import FIRST


def show_next(here: Here) -> None:
    """The first eight; a click on one opens its dossier."""
    words = here.words
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{words(N_('to renovate next'))}**")
        if st.button(
            words(N_("the whole list")), key="next_list", type="tertiary", icon=":material/format_list_numbered:"
        ):
            open_page("ranking")
    if here.zone.scores is None:
        st.info(words(N_("no scores are saved yet")))
        offer_scoring(here, "next_score")
        return
    found = ranking(here.zone, here.asked.filter, here.project.rules)
    for at, (parcel, row) in enumerate(found.table.head(FIRST).iterrows()):
        label = words(
            N_("{place}. {parcel} · {mu} mu · {score} points"), place=row["place"], parcel=safe(parcel),
            mu=words.number(row["area_mu"], 1), score=words.number(row["score"], 1),
        )  # fmt: skip
        st.button(label, key=f"next_{at}", width="stretch", on_click=go, kwargs={"parcel": str(parcel)})
        st.caption(safe(reason(here, row)))
    if found.table.empty:
        st.info(words(N_("no parcel of this choice is left to renovate")))
    show_left_out(here, found)


def reason(here: Here, row: Any) -> str:
    """The first reason of a parcel in words; where no rule fired, the part of the score that costs it most."""
    words = here.words
    said = first_reason(row, words.language[:2])
    if said:
        return said
    score = words.number(row[f"{row['weakest']}_score"])
    return words(N_("{part} costs it most: {score} of 100"), part=coded(words, "parts", row["weakest"]), score=score)


def show_left_out(here: Here, found: Ranking) -> None:
    """How many are not in the list and why; which ones, on a click."""
    words = here.words
    left_out = {why: parcels for why, parcels in found.left_out.items() if parcels}
    if not left_out:
        return
    counted = "; ".join(f"{words(LEFT_OUT[why])}: {words.number(len(parcels))}" for why, parcels in left_out.items())
    title = words(N_("not in the list: {counts}"), counts=counted)
    with st.popover(title, type="tertiary", key="left_out", on_change="rerun") as opened:
        if opened.open:
            rows = [(parcel, words(LEFT_OUT[why])) for why, parcels in left_out.items() for parcel in parcels]
            names = [words.column("parcel_id"), words(N_("why not"))]
            st.dataframe(DataFrame(rows, columns=names), key="left_out_table", hide_index=True, height=300)
