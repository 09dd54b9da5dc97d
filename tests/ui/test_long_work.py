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
