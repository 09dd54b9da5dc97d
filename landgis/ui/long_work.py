"""Work that may take long: which step it is at and for how long, and after a while a button that stops it.

The work goes on in a thread of its own while the page waits; should the page run again meanwhile, it waits for the same
work. A stop is heard at the next step; a transaction that has begun is always finished. A search hears it by itself,
and answers with the best that it has met.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import streamlit as st

from landgis.errors import Problem, Stopped
from landgis.show.console import STEPS
from landgis.text import N_, Message, Tell
from landgis.ui.words import Words

LOOK_S, SAID_AFTER_S, STOP_AFTER_S = 0.15, 2, 10
SAID_EVERY_S = 0.6  # how far a search is; a click on its stop button comes through whenever something is said
Outcome = TypeVar("Outcome")
News = TypeVar("News")
Search = Callable[
    [Callable[[News], None], Callable[[], bool]], Outcome
]  # is given where to tell, and how to hear a stop


@dataclass
class Job:
    """One piece of work under way."""

    begun: float = field(default_factory=time.monotonic)
    step: str = ""
    news: Any = None  # what a search told last
    told: float = 0.0  # when
    stop: threading.Event = field(default_factory=threading.Event)
    outcome: Any = None
    fault: BaseException | None = None
    thread: threading.Thread | None = None

    def tell(self, step: str) -> None:
        """What the work calls before each of its steps; raises Stopped where somebody wants it to end."""
        self.step = step
        if self.stop.is_set():
            raise Stopped([Problem("W-STOPPED", Message(N_("stopped; nothing was changed")))])

    def inform(self, news: Any) -> None:
        """What a search calls as often as it likes."""
        self.told, self.news = time.monotonic(), news

    def run(self, work: Callable[[Tell], Any]) -> None:
        """Do the work, and keep what comes of it."""
        try:
            self.outcome = work(self.tell)
        except BaseException as fault:  # it is raised where the page waits
            self.fault = fault


def goes_on(key: str) -> bool:
    """Whether this session waits for work of that name."""
    return _name(key) in st.session_state


def long_work(words: Words, key: str, title: str, work: Callable[[Tell], Outcome]) -> Outcome:
    """Do the work, or go on waiting for it; returns what it returns and raises what it raises."""
    job = _begun(key, lambda _: work)
    with st.spinner(title, show_time=True):
        _wait(words, key, job)
    return _outcome(key, job)


def long_search(
    words: Words, key: str, title: str, search: Search[News, Outcome], said: Callable[[News, float], tuple[float, str]]
) -> Outcome:
    """Search, or go on waiting for it; from the start on there is a button that ends it with the best so far.

    `said` makes of what the search told last, and of the seconds since then, how far it is (0…1), and words.
    """
    job = _begun(key, lambda job: lambda _: search(job.inform, job.stop.is_set))
    with st.spinner(title, show_time=True):
        _watch(words, key, job, said)
    return _outcome(key, job)


def _begun(key: str, work_of: Callable[[Job], Callable[[Tell], Any]]) -> Job:
    """The job of that name; it is begun where there is none."""
    job = st.session_state.get(_name(key))
    if not isinstance(job, Job):
        job = st.session_state[_name(key)] = Job()
        job.thread = threading.Thread(target=job.run, args=(work_of(job),), daemon=True)
        job.thread.start()
    return job


def _outcome(key: str, job: Job) -> Any:
    """What came of a job, which is over."""
    del st.session_state[_name(key)]
    if job.fault is not None:
        raise job.fault
    return job.outcome


def _wait(words: Words, key: str, job: Job) -> None:
    said, stop = st.empty(), st.empty()
    shown = ""
    offered = False
    while job.thread is not None and job.thread.is_alive():
        time.sleep(LOOK_S)
        passed = time.monotonic() - job.begun
        if passed > SAID_AFTER_S and job.step != shown:
            shown = job.step
            said.caption(words(STEPS.get(shown, shown)))
        if passed > STOP_AFTER_S and not offered:
            offered = True
            stop.button(words(N_("stop")), key=f"{key}_stop", icon=":material/stop_circle:", on_click=job.stop.set)
    said.empty()
    stop.empty()


def _watch(words: Words, key: str, job: Job, said: Callable[[Any, float], tuple[float, str]]) -> None:
    bar, stop = st.progress(0.0), st.empty()
    stopping = job.stop.is_set()
    label = (
        words(N_("stopping; the best plan so far comes")) if stopping else words(N_("stop with the best plan so far"))
    )
    stop.button(label, key=f"{key}_stop", icon=":material/stop_circle:", on_click=job.stop.set, disabled=stopping)
    last = 0.0
    while job.thread is not None and job.thread.is_alive():
        time.sleep(LOOK_S)
        if job.news is not None and time.monotonic() - last > SAID_EVERY_S:
            last = time.monotonic()
            bar.progress(*said(job.news, last - job.told))
    bar.empty()
    stop.empty()


def _name(key: str) -> str:
    return f"work_{key}"
