"""The search for a plan: how far it is, a button that ends it with the best so far, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from landgis.errors import LandgisError, Problem
from landgis.text import N_
from landgis.ui.here import Here, go, safe
from landgis.ui.long_work import goes_on, long_search
from landgis.ui.plan.shelf import FOUND_PLAN
from landgis.ui.words import Words
from landgis.workflow.scheduling.document import PlanDocument
from landgis.workflow.scheduling.scenario import Scenario
from landgis.workflow.scheduling.schedule import schedule_project
from landgis.workflow.scheduling.solving import PlanProgress

SEARCH, REFUSED = "plan", "plan_refused"  # the name of the work; what stood against it, in the session
Find = Callable[[Callable[[PlanProgress], None], Callable[[], bool]], PlanDocument]


def searches() -> bool:
    """Whether this session waits for a plan."""
    return goes_on(SEARCH)


def search_plan(at: Here, scenario: Scenario, place: DeltaGenerator) -> None:
    """Find the best plan for what is asked."""
    wait_for(at, place, lambda tell, stop: schedule_project(at.project, scenario, tell=tell, stop=stop))


def wait_for(at: Here, place: DeltaGenerator, find: Find | None = None) -> None:
    """Begin a search, or go on waiting for the one that is under way; the page runs again when it is over.

    `place` is where one sees how far it is.
    """
    assert find is not None or searches()
    st.session_state.pop(REFUSED, None)
    title = at.words(N_("looking for the best plan"))
    try:
        with place:
            found = long_search(at.words, SEARCH, title, find or _nothing, partial(said, at.words))
    except LandgisError as refused:
        st.session_state[REFUSED] = tuple(refused.problems)
    else:
        st.session_state[FOUND_PLAN] = found
        go(plan=None, quarter=None)
    st.rerun()


def _nothing(*_: object) -> PlanDocument:
    raise AssertionError("the search is under way already")


def show_refused(words: Words) -> None:
    """What stood against the last search, until there is another one."""
    problems: tuple[Problem, ...] = st.session_state.get(REFUSED, ())
    for problem in problems:
        st.error(safe(words.problem(problem)))


def said(words: Words, news: PlanProgress, since: float) -> tuple[float, str]:
    """How far a search is, and what it has: the best plan, the bound, the gap between them.

    `since` it told this so many seconds have passed.
    """
    parts = [words(news.step)]
    seconds = min(news.seconds + since, news.seconds_asked)
    if news.seconds_asked:
        text = N_("{seconds} of {asked} s")
        parts.append(words(text, seconds=words.number(seconds), asked=words.number(news.seconds_asked)))
    if news.objective is not None:
        parts.append(words(N_("best plan so far {points} points"), points=words.number(news.objective)))
    if news.bound is not None:
        parts.append(words(N_("no plan can have more than {points}"), points=words.number(news.bound)))
    if news.gap is not None:
        parts.append(words(N_("gap {share}"), share=words.percent(news.gap, 1)))
    share = seconds / news.seconds_asked if news.seconds_asked else 0.0
    return max(share, 0.0), " · ".join(parts)
