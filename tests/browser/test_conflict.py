"""Two officers record the same parcel in two browsers: the second is told, compares, and decides."""

import shutil

import pytest

from landgis.store.opening import open_store
from landgis.workflow.project import open_project
from landgis.workflow.users import add_user
from tests.browser.visitor import Visitor

PARCEL = "330784001001GB00119"
PASSWORD = "a long password, 中文 too"


@pytest.fixture
def place(sample, tmp_path):
    """The sample zone with two officers."""
    place = shutil.copytree(sample, tmp_path / "zone")
    project = open_project(str(place), nobody="admin")
    for name, role in (("admin", "administrator"), ("li", "officer"), ("chen", "officer")):
        add_user(project, name, role, PASSWORD)
        project.store.close()
        project = open_project(str(place), by="admin", ask=lambda: PASSWORD)
    project.store.close()
    return place


def signed_in(page, url, name, **asked) -> Visitor:
    """A visitor who came to the form first, as everybody does whom nobody knows."""
    visitor = Visitor(page, url)
    page.goto(f"{url}/?parcel={PARCEL}")
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", PASSWORD)
    ended = visitor.wire.ended
    page.click("button")
    visitor.calm(ended)
    assert name in visitor.text and visitor.link["parcel"] == PARCEL
    return visitor


def test_the_second_sees_the_conflict_and_retries(served, pages, place, picture):
    app = served(place)
    li, chen = (signed_in(pages(), app.url, name) for name in ("li", "chen"))
    for one in (li, chen):
        one.click("panel_record")
    chen.choose("record_step", "方案批复")
    li.click("record_confirm*")
    assert recorded(place) == [("IDENTIFIED", "li")]
    chen.click("record_confirm*")
    picture(chen.page, "conflict")
    assert recorded(place) == [("IDENTIFIED", "li")]  # nothing of the second one's
    table = [cell for row in chen.rows(chen.page.locator('[data-testid="stDialog"]')) for cell in row]
    assert PARCEL in table and "li" in table and any("低效认定" in cell for cell in table)
    chen.click("record_retry")
    picture(chen.page, "retried")
    assert recorded(place) == [("IDENTIFIED", "li"), ("PLANNED", "chen")]
    chen.click("record_undo")
    assert recorded(place) == [("IDENTIFIED", "li"), ("PLANNED", "chen"), ("PLANNED", "chen")]  # taken back by a line


def recorded(place):
    """What the ledger says of the parcel, read past the app."""
    store = open_store(str(place))
    lines = [(entry.milestone, entry.recorded_by) for entry in store.entries(parcel_id=PARCEL)]
    store.close()
    return lines
