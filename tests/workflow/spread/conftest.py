from __future__ import annotations

from contextlib import contextmanager

import pytest

from landgis.workflow.spread import score


class Done:
    """A future of what was done at once."""

    status = "finished"

    def __init__(self, said):
        self._said = said

    def result(self, timeout=None):
        return self._said

    def add_done_callback(self, function):
        function(self)

    def release(self):
        pass


class Inline:
    """Stands in for a cluster: every task runs here, as soon as it is submitted; `ran` has their names."""

    status, dashboard_link, scheduler = "running", "http://127.0.0.1/status", None

    def __init__(self):
        self.ran = []

    def submit(self, function, *given, key, pure, retries):
        self.ran.append(given[1])
        return Done(function(*given))

    def nthreads(self):
        return {"here": 1}


@pytest.fixture
def inline(monkeypatch):
    client = Inline()

    @contextmanager
    def connected(_cluster):
        yield client

    monkeypatch.setattr(score, "connected", connected)
    monkeypatch.setattr("landgis.workflow.spread.work.ROWS", 100)
    return client
