"""Work that may take long: which step it is at and for how long, and after a while a button that stops it.

The work goes on in a thread of its own while the page waits; should the page run again meanwhile, it waits for the same
work. A stop is heard at the next step; a transaction that has begun is always finished.
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
Outcome = TypeVar("Outcome")


@dataclass
class Job:
    """One piece of work under way."""

    begun: float = field(default_factory=time.monotonic)
    step: str = ""
    stop: threading.Event = field(default_factory=threading.Event)
    outcome: Any = None
    fault: BaseException | None = None
    thread: threading.Thread | None = None

    def tell(self, step: str) -> None:
        """What the work calls before each of its steps; raises Stopped where somebody wants it to end."""
        self.step = step
        if self.stop.is_set():
            raise Stopped([Problem("W-STOPPED", Message(N_("stopped; nothing was changed")))])

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
    job = st.session_state.get(_name(key))
    if job is None:
        job = st.session_state[_name(key)] = Job()
        job.thread = threading.Thread(target=job.run, args=(work,), daemon=True)
        job.thread.start()
    with st.spinner(title, show_time=True):
        _wait(words, key, job)
    del st.session_state[_name(key)]
    if job.fault is not None:
        raise job.fault
    outcome: Outcome = job.outcome
    return outcome


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


def _name(key: str) -> str:
    return f"work_{key}"
