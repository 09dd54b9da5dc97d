"""Why a parcel stands where it stands: parts, reasons, how sure, what is missing, what would lift it, what is next."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from landgis.roles import may
from landgis.scoring.change import Change
from landgis.scoring.reasons import STOPS
from landgis.text import N_
from landgis.ui.charts import Kind, bars_beside
from landgis.ui.coded import coded
from landgis.ui.explained import sure_of_first, unknown_title
from landgis.ui.here import Here, go, open_page, safe
from landgis.ui.record_panel import open_record
from landgis.workflow.explaining import Agreement, Explained
from landgis.workflow.ranking import Ranking, Why, changes_of, why
from landgis.workflow.summary import FIRST

CHANGES = {
    "floor_area_m2": N_("{amount} m² more floor area would lift it to grade {grade}"),
    "occupants": N_("{amount} occupants fewer would lift it to grade {grade}"),
    "tax_wan": N_("{amount} × 10 000 CNY more tax a year would lift it to grade {grade}"),
}
NO_CHANGES = {
    "floor_area_m2": N_("more floor area alone would not lift it to grade {grade}"),
    "occupants": N_("fewer occupants alone would not lift it to grade {grade}"),
    "tax_wan": N_("more tax alone would not lift it to grade {grade}"),
}
DECIMALS = {"floor_area_m2": 0, "occupants": 0, "tax_wan": 1}
GAINED, LOST = "#0072b2", "#c9ccd1"


def show_why(here: Here, found: Explained, listed: Ranking, agreed: Agreement) -> None:
    """The parcel that is asked for; its order is that of the questions an officer is asked."""
    words, parcel = here.words, str(here.asked.parcel)
    _show_head(here, parcel)
    told = why(found, parcel)
    if told is None:
        st.info(words(N_("this parcel was not scored")))
        return
    if parcel in agreed.parcels:
        st.warning(words(N_("the saved score is another one; this explains the score of the data as they are now")))
    _show_score(here, told)
    _show_reasons(here, told)
    _show_sureness(here, found, told, listed)
    _show_missing(here, told)
    _show_changes(here, changes_of(found, parcel))
    _show_next_step(here, parcel)


def _show_head(here: Here, parcel: str) -> None:
    words = here.words
    st.markdown(f"**{safe(parcel)}**")
    with st.container(horizontal=True):
        if st.button(words(N_("open the dossier")), key="ranking_dossier", icon=":material/folder_open:"):
            open_page("dossier", parcel=parcel)
        if may(here.project.actor, "record") and st.button(words(N_("record")), key="ranking_record_one"):
            open_record(here, (parcel,))
        st.button(words(N_("close")), key="ranking_close", icon=":material/close:", type="tertiary", on_click=go,
                  kwargs={"parcel": None})  # fmt: skip


def _show_score(here: Here, told: Why) -> None:
    """The score, and what each part gives and costs."""
    words, row = here.words, told.row
    score, low, high = (words.number(row[name], 1) for name in ("score", "score_low", "score_high"))
    if low == high:
        st.text(words(N_("{score} points; nothing that is missing could move it"), score=score))
    else:
        template = N_("{score} points, between {low} and {high} whatever is missing")
        st.text(words(template, score=score, low=low, high=high))
    if not np.isnan(told.ranks[0]):
        place = N_("rank {rank} of {rated} parcels, grade {grade}")
        st.text(
            words(place, rank=words.number(row["renovation_rank"]), rated=words.number(told.rated), grade=row["grade"])
        )
    parts = told.parts[told.parts["weight"] > 0]
    most = 100 * parts["used"]
    kinds = (Kind(words(N_("points it loses")), LOST, "rising"), Kind(words(N_("points it gets")), GAINED))
    amount = np.stack([(most - parts["points"]).to_numpy(), parts["points"].to_numpy()], axis=1)
    labels = [f"{coded(words, 'parts', name)} {words.percent(weight)}" for name, weight in parts["weight"].items()]
    option = bars_beside(labels, amount, kinds=kinds, axis=words(N_("points of the score")))
    st.echarts_chart(
        option, height=190, key="ranking_parts", alt=words(N_("what each part of the score gives and costs"))
    )
    for name, part in parts.iterrows():
        st.text("· " + _part_words(here, str(name), part))


def _part_words(here: Here, name: str, part: Any) -> str:
    words = here.words
    title = coded(words, "parts", name)
    if np.isnan(part["points"]):
        return words(N_("{part}: not known, so its weight goes to the others"), part=title)
    template = N_("{part}: {score} of 100 at a weight of {weight} give {points} points and lose {lost}")
    return words(
        template, part=title, score=words.number(part["score"], 1), weight=words.percent(part["used"]),
        points=words.number(part["points"], 1), lost=words.number(100 * part["used"] - part["points"], 1),
    )  # fmt: skip


def _show_reasons(here: Here, told: Why) -> None:
    words, language = here.words, here.words.language[:2]
    st.markdown(f"**{words(N_('reasons'))}**")
    said = str(told.row[f"reasons_{language}"] or "")
    for sentence in said.split(STOPS[language]) if said else [words(N_("no rule of the rule set fired"))]:
        st.text("· " + sentence)


def _show_sureness(here: Here, found: Explained, told: Why, listed: Ranking) -> None:
    """What random weights and missing values would make of grade and rank."""
    words = here.words
    if np.isnan(told.ranks[0]):
        return
    st.markdown(f"**{words(N_('how sure'))}**")
    keeps = N_("keeps its grade in {share} of {draws} random weightings near the official one")
    st.text("· " + words(keeps, share=words.percent(told.grade_stability), draws=words.number(told.draws)))
    if told.parcel_id in listed.table.index:
        sure, draws = sure_of_first(here, found, listed.table.index.tolist())
        among = N_("among the first {first} of this list in {share} of {draws} random weightings")
        share = words.percent(sure.get(told.parcel_id))
        st.text("· " + words(among, first=FIRST, share=share, draws=words.number(draws)))
    ranks = N_("its rank is between {first} and {last}, whatever is missing in all parcels")
    st.text("· " + words(ranks, first=words.number(told.ranks[0]), last=words.number(told.ranks[1])))


def _show_missing(here: Here, told: Why) -> None:
    words = here.words
    st.markdown(f"**{words(N_('what is missing'))}**")
    for name, points in told.unknowns.items():
        template = N_("{gap}: the score could move by up to {points} points")
        st.text("· " + words(template, gap=unknown_title(words, name), points=words.number(points, 1)))
    if told.other_gaps:
        gaps = ", ".join(unknown_title(words, gap) for gap in told.other_gaps)
        st.text("· " + words(N_("without effect on the score: {gaps}"), gaps=gaps))
    if told.unknowns:
        st.caption(words(N_("each is put to its lowest and its highest by itself, and the parcel is scored again")))
    elif not told.other_gaps:
        st.text("· " + words(N_("nothing")))


def _show_changes(here: Here, changes: list[Change]) -> None:
    """The smallest change that moves the grade, one lever at a time."""
    words = here.words
    if not changes:
        return
    st.markdown(f"**{words(N_('what would lift its grade'))}**")
    for change in changes:
        amount = words.number(change.amount, DECIMALS[change.lever])
        template = NO_CHANGES[change.lever] if change.amount is None else CHANGES[change.lever]
        st.text("· " + words(template, amount=amount, grade=change.grade))
    st.caption(words(N_("one change alone, the other parcels staying as they are")))


def _show_next_step(here: Here, parcel: str) -> None:
    words, table = here.words, here.zone.on(here.asked.as_of)
    if parcel not in table.index:
        return
    row = table.loc[parcel]
    st.markdown(f"**{words(N_('next step'))}**")
    if pd.isna(row["next_milestone"]):
        st.text("· " + words(N_("nothing is planned")))
        return
    template = N_("next planned: {milestone}, {day}")
    st.text(
        "· " + words(template, milestone=words.milestone(row["next_milestone"]), day=words.day(row["next_planned_on"]))
    )
