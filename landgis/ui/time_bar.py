"""The time slider: month by month through what was and what is planned, with a play button."""

from __future__ import annotations

import calendar
import datetime
import time

import streamlit as st

from landgis.text import N_
from landgis.ui.here import Here, go

STEP_S = 1.1
PLAYED = "map_played_at"


def month_ends(first: datetime.date, last: datetime.date) -> list[datetime.date]:
    """The last days of all months from one day to another.

    >>> month_ends(datetime.date(2026, 1, 9), datetime.date(2026, 2, 1))
    [datetime.date(2026, 1, 31), datetime.date(2026, 2, 28)]
    """
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [datetime.date(m // 12, m % 12 + 1, calendar.monthrange(m // 12, m % 12 + 1)[1]) for m in months]


def day_of(month_end: datetime.date, today: datetime.date) -> datetime.date:
    """The day that a month stands for: its last, and in the month that runs today."""
    return today if (month_end.year, month_end.month) == (today.year, today.month) else month_end


def show_time(here: Here) -> None:
    """Slider and play button; both ask for another day."""
    words, asked, today = here.words, here.asked, here.zone.today
    first, last = here.zone.months
    months = month_ends(min(first, asked.as_of), max(last, asked.as_of))
    now = next(month for month in months if month >= asked.as_of)
    slider, play = st.columns([8, 1.2], vertical_alignment="bottom")
    st.session_state["map_month"] = now
    slider.select_slider(
        words(N_("month, through past and plan")), months, key="map_month", format_func=words.month,
        label_visibility="collapsed",
        on_change=lambda: go(as_of=day_of(st.session_state["map_month"], today)),
    )  # fmt: skip
    playing = play.toggle(words(N_("play")), key="map_play")
    if not playing:
        st.session_state.pop(PLAYED, None)
    elif now == months[-1]:
        st.caption(words(N_("the last month that anything is planned for")))
    else:
        _advance(day_of(months[months.index(now) + 1], today))


@st.fragment(run_every=STEP_S)
def _advance(following: datetime.date) -> None:
    """Step on, once a step's time has passed."""
    since = st.session_state.setdefault(PLAYED, time.monotonic())
    if time.monotonic() - since >= STEP_S * 0.8:
        st.session_state[PLAYED] = time.monotonic()
        go(as_of=following)
        st.rerun(scope="app")
