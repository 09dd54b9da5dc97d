"""Long work goes on while the page waits, says its step, and ends at the next step after a stop; nothing is left half done."""

import threading
import time

import pytest
from streamlit.testing.v1 import AppTest

from landgis.errors import Stopped
from landgis.ui import long_work as long
from landgis.ui.long_work import Job
from landgis.workflow.importing import import_layers
from tests.made_project import make_project, write_layers

SCRIPT = """
import streamlit as st
from landgis.errors import LandgisError
from landgis.ui.long_work import goes_on, long_work
from landgis.ui.words import Words
from tests.ui import test_long_work as case

if st.button("go", key="go") or goes_on("it"):
    try:
        st.text(long_work(Words("en"), "it", "working", case.work))
    except LandgisError as refusal:
        st.error(str(refusal))
"""
told, released = [], threading.Event()


def work(tell):
    for step in ("read", "check", "write"):
        tell(step)
        told.append(step)
        released.wait(5)
    return "done"


@pytest.fixture
def test(monkeypatch):
    told.clear()
    released.clear()
    monkeypatch.setattr(long, "SAID_AFTER_S", 0)
    monkeypatch.setattr(long, "STOP_AFTER_S", 0)
    return AppTest.from_string(SCRIPT, default_timeout=20).run()


def test_what_it_returns_comes_back_and_nothing_stays(test):
    released.set()
    test.button(key="go").click().run()
    assert [one.value for one in test.text] == ["done"] and told == ["read", "check", "write"]
    assert "work_it" not in test.session_state


def test_a_stop_ends_it_at_the_next_step():
    job = Job()
    thread = threading.Thread(target=job.run, args=(work,))
    told.clear()
    released.clear()
    thread.start()
    while not told:
        time.sleep(0.01)
    job.stop.set()
    released.set()
    thread.join(5)
    assert told == ["read"] and isinstance(job.fault, Stopped)
    assert "nothing was changed" in str(job.fault)


def test_a_fault_is_raised_where_the_page_waits(test, monkeypatch):
    def refused(tell):
        raise Stopped([])

    monkeypatch.setattr("tests.ui.test_long_work.work", refused)
    test.button(key="go").click().run()
    assert len(test.error) == 1 and not test.exception


@pytest.mark.parametrize("at", [1, 4, 5, 6])
def test_an_import_that_is_stopped_changed_nothing(tmp_path, at):
    """Stopped before each of its steps: four files, the check, the writing."""
    project = make_project(tmp_path)
    before, layers, steps = project.store.head(), project.store.layers(), []

    def tell(step):
        steps.append(step)
        if len(steps) == at:
            raise Stopped([])

    with pytest.raises(Stopped):
        import_layers(project, write_layers(tmp_path, right_holder=["x"] * 6), tell)
    assert steps == ["read", "read", "read", "read", "check", "write"][:at]
    assert project.store.head() == before
    assert "right_holder" not in project.store.layers()["parcels"] and layers.keys() == project.store.layers().keys()


SEARCH = """
import streamlit as st
from landgis.ui.long_work import goes_on, long_search
from landgis.ui.words import Words
from tests.ui import test_long_work as case

st.text("before")
if st.button("go", key="go") or goes_on("it"):
    st.text(long_search(Words("en"), "it", "looking", case.search, case.said))
"""
said_so_far = []


def search(tell, stop):
    """Finds a better one every few milliseconds, until somebody stops it; never by itself within the test's time."""
    best = 0
    while not stop() and best < 5000:
        best += 1
        tell(best)
        time.sleep(0.004)
    return f"{'stopped' if stop() else 'over'} at {best > 0}"


def said(best, since):
    said_so_far.append((best, since))
    return 0.5, f"best {best}"


def test_a_search_that_is_stopped_answers_with_what_it_has(monkeypatch):
    """The page waits in a run of its own; a click on the button, as the browser sends it, sets the stop."""
    monkeypatch.setattr(long, "LOOK_S", 0.01)
    monkeypatch.setattr(long, "SAID_EVERY_S", 0.02)
    said_so_far.clear()
    test = AppTest.from_string(SEARCH, default_timeout=30).run()
    job = Job()
    job.thread = threading.Thread(target=job.run, args=(lambda _: search(job.inform, job.stop.is_set),), daemon=True)
    job.thread.start()
    threading.Timer(0.5, job.stop.set).start()
    test.session_state["work_it"] = job
    test.run()
    assert [one.value for one in test.text] == ["before", "stopped at True"] and "work_it" not in test.session_state
    bests = [best for best, _ in said_so_far]
    assert len(bests) > 3 and bests == sorted(bests) and all(since >= 0 for _, since in said_so_far)


def test_a_search_is_begun_by_the_page_and_comes_to_its_end(monkeypatch):
    monkeypatch.setattr("tests.ui.test_long_work.search", lambda tell, stop: tell(7) or f"found, {stop()}")
    test = AppTest.from_string(SEARCH, default_timeout=30).run()
    test.button(key="go").click().run()
    assert [one.value for one in test.text] == ["before", "found, False"]


def test_what_stops_a_search_is_raised_where_the_page_waits(monkeypatch):
    def refused(tell, stop):
        raise Stopped([])

    monkeypatch.setattr("tests.ui.test_long_work.search", refused)
    test = AppTest.from_string(SEARCH, default_timeout=30).run()
    test.button(key="go").click().run()
    assert test.exception and "work_it" not in test.session_state
