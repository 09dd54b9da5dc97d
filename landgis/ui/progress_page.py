"""进度看板: what is late first; then how far the zone or a block is, how fast, and until when."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import streamlit as st

from landgis.text import N_
from landgis.ui import board, progress_charts
from landgis.ui.here import Here, here
from landgis.workflow.progress import Progress, Question, progress
from landgis.workflow.trend import Picture, changes, overdue_steps, picture

LATE_HEIGHT_PX = 230
CHANGES = {
    "reached": N_("reached"), "moved": N_("another day"), "taken_back": N_("taken back"), "created": N_("new parcel"),
    "replaced": N_("replaced"),
}  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """What the page is about in one run."""

    at: Here
    found: Picture
    progress: Progress
    measure: str
    milestone: str


def show() -> None:
    """The page."""
    at = here()
    found = picture(at.zone.register, as_of=at.asked.as_of)
    cards = st.container(key="progress_cards")
    _show_late(at, found)
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    with left:
        measure = board.measure_switch(at)
    with right:
        milestone = board.milestone_switch(at)
    question = Question(at.asked.as_of, milestone=milestone, measure=measure, block=at.asked.block)
    shown = Shown(at, found, progress(at.zone.register, question), measure, milestone)
    with cards:
        _show_cards(shown)
    progress_charts.show_charts(shown.at, shown.found, shown.progress)
    _show_changes(at, found)


def _show_cards(shown: Shown) -> None:
    """How much, how late, how fast, until when."""
    words, schedule = shown.at.words, shown.progress.schedule
    late = overdue_steps(shown.found, block=shown.at.asked.block)
    done = progress_charts.reached_now(shown.progress)
    title = board.milestone_title(words, shown.milestone)
    span = words(N_("{low} to {high}"), low=words.day(schedule.low_day), high=words.day(schedule.high_day))
    plan = shown.progress.baseline or words(N_("as it is now, not frozen"))
    cards = (
        (words(N_("overdue steps")), words.number(len(late)), words(N_("on {count} parcels"), count=words.number(late["parcel_id"].nunique()))),
        (f"{title}, {words(board.UNITS[shown.measure])}", words.number(done, board.DECIMALS[shown.measure]), None),
        ("SPI(t)", words.number(schedule.schedule.spi_t, 2), words(N_("below 1: late"))),
        (words(N_("forecast finish")), words.day(schedule.finish_day), span if schedule.low_day else None),
        (words(N_("measured against")), plan, None),
    )  # fmt: skip
    for column, (name, value, more) in zip(st.columns([1, 1.3, 1, 1.6, 1.2]), cards, strict=True):
        with column:
            st.metric(name, value)
            if more:
                st.caption(more)
