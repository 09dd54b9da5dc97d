"""The power fails behind a confirmation: what was confirmed is there, and open pages go on."""

import signal

from landgis.workflow.project import open_project
from tests.browser.visitor import Visitor

PARCELS = ("330784001001GB00119", "330784001001GB00109", "330784001001GB00100")


def test_nothing_confirmed_is_lost(serving, served, sample, pages, tmp_path):
    """Three times: record, see it confirmed, SIGKILL, start again; then the page that was open records on."""
    first = served()
    place, visitor = first.process.args[4], Visitor(pages(), first.url)
    for number, parcel in enumerate(PARCELS, start=1):
        visitor.open(parcel=parcel)
        visitor.click("panel_record")
        visitor.click("record_confirm")
        assert visitor.key("record_undo").is_visible()
        first.stop(signal.SIGKILL)
        project = open_project(place, nobody="t")
        last = list(project.store.entries())[-number:]
        project.store.close()
        assert [entry.parcel_id for entry in last] == list(PARCELS[:number])
        first = served(place, port=first.port)
    assert PARCELS[-1] in visitor.text


def test_an_open_page_goes_on_after_a_restart(served, pages):
    """The browser finds the new server by itself; block and parcel are still there, and recording works."""
    first = served()
    visitor = Visitor(pages(gate=False), first.url).open(block="LCC", parcel=PARCELS[0])
    ended = visitor.wire.ended
    first.stop(signal.SIGKILL)
    second = served(first.process.args[4], port=first.port)
    visitor.calm(ended)
    assert (visitor.link["block"], visitor.link["parcel"]) == ("LCC", PARCELS[0])
    visitor.click("panel_record")
    visitor.click("record_confirm")
    project = open_project(second.process.args[4], nobody="t")
    assert [entry.milestone for entry in project.store.entries(parcel_id=PARCELS[0])] == ["IDENTIFIED"]
    project.store.close()
