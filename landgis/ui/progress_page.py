"""进度看板: what is late first; then how far the zone or a block is, how fast, and until when."""

from __future__ import annotations

import datetime

import streamlit as st
from pandas import DataFrame

from landgis.text import N_
from landgis.ui import board
from landgis.ui.here import Here, here, safe
from landgis.ui.progress_charts import Shown, show_charts
from landgis.workflow.progress import Question, progress
from landgis.workflow.trend import Picture, changes, overdue_steps, picture, reached_figures

LATE_HEIGHT_PX = 230
CHANGES = {
    "reached": N_("reached"), "moved": N_("another day"), "taken_back": N_("taken back"), "created": N_("new parcel"),
    "replaced": N_("replaced"),
}  # fmt: skip


def show() -> None:
    """The page."""
    at = here()
    found = picture(at.zone.register, as_of=at.asked.as_of)
    late = overdue_steps(found, block=at.asked.block)
    cards = st.container(key="progress_cards")
    _show_late(at, late)
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    with left:
        measure = board.measure_switch(at)
    with right:
        milestone = board.milestone_switch(at)
    question = Question(at.asked.as_of, milestone=milestone, measure=measure, block=at.asked.block)
    shown = Shown(at, found, progress(at.zone.register, question), measure, milestone)
    with cards:
        _show_cards(shown, late)
    show_charts(shown)
    _show_changes(at, found)


def _show_cards(shown: Shown, late: DataFrame) -> None:
    """How much, how late, how fast, until when."""
    words, plan = shown.at.words, shown.progress.schedule
    done = reached_figures(shown.found, block=shown.at.asked.block)[shown.milestone][shown.measure]
    span = words(N_("{low} to {high}"), low=words.day(plan.low_day), high=words.day(plan.high_day))
    title = f"{board.milestone_title(words, shown.milestone)}, {shown.axis}"
    cards = (
        (words(N_("overdue steps")), words.number(len(late)), ""),
        (words(N_("overdue parcels")), words.number(late["parcel_id"].nunique()), ""),
        (title, words.number(done, board.DECIMALS[shown.measure]), ""),
        ("SPI(t)", words.number(plan.schedule.spi_t, 2), words(N_("months earned ÷ months passed; below 1 is late"))),
        (words(N_("forecast finish")), words.day(plan.finish_day), span if plan.low_day else ""),
    )
    for column, (name, value, more) in zip(st.columns([1, 1, 1.5, 1, 1.5]), cards, strict=True):
        column.metric(name, value, help=more or None)
    st.text(words(N_("plan: {name}"), name=shown.progress.baseline or words(N_("as it is now, not frozen"))))


def _show_late(at: Here, late: DataFrame) -> None:
    """Every step that is late, the latest first."""
    words, column = at.words, st.column_config
    st.markdown(f"**{words(N_('overdue, the latest first'))}**")
    if late.empty:
        st.success(words(N_("nothing is overdue on {day}"), day=words.day(at.asked.as_of)))
        return
    board.parcel_table(at, late, {
        "parcel_id": column.TextColumn(words(N_("parcel number"))),
        "block_id": column.TextColumn(words(N_("block"))),
        "milestone": column.TextColumn(words(N_("step"))),
        "planned_on": column.DateColumn(words(N_("planned")), format="YYYY-MM-DD"),
        "overdue_days": column.NumberColumn(words(N_("overdue, days"))),
    }, key="progress_late", height=LATE_HEIGHT_PX)  # fmt: skip


def _show_changes(at: Here, found: Picture) -> None:
    """What is different from an earlier day."""
    words, column, as_of = at.words, st.column_config, at.asked.as_of
    month_end = as_of.replace(day=1) - datetime.timedelta(1)
    head, when = st.columns([3, 1], vertical_alignment="bottom")
    since = when.date_input(
        words(N_("since")), month_end, max_value=as_of, format="YYYY-MM-DD", key=f"progress_since_{as_of}"
    )
    if not isinstance(since, datetime.date):
        return
    news = changes(picture(at.zone.register, as_of=since), found, block=at.asked.block)
    head.markdown(f"**{safe(words(N_('what changed since {day}'), day=words.day(since)))}**")
    if news.empty:
        st.caption(words(N_("nothing")))
        return
    news["change"] = [words(CHANGES[one]) for one in news["change"]]
    board.parcel_table(at, news, {
        "day": column.DateColumn(words(N_("day")), format="YYYY-MM-DD"),
        "parcel_id": column.TextColumn(words(N_("parcel number"))),
        "block_id": column.TextColumn(words(N_("block"))),
        "milestone": column.TextColumn(words(N_("step"))),
        "change": column.TextColumn(words(N_("change"))),
        "was": column.DateColumn(words(N_("day before")), format="YYYY-MM-DD"),
    }, key="progress_news")  # fmt: skip
