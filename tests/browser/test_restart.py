"""The power fails behind a confirmation: what was confirmed is there, and open pages go on."""

import signal

from landgis.store.opening import open_store
from tests.browser.visitor import Visitor

PARCELS = ("330784001001GB00119", "330784001001GB00109", "330784001001GB00100")


def test_nothing_confirmed_is_lost(served, pages):
    """Three times: record, see it confirmed, SIGKILL, start again; then the page that was open records on."""
    app = served()
    visitor = Visitor(pages(expects_cuts=True), app.url)
    for number, parcel in enumerate(PARCELS, start=1):
        visitor.open(parcel=parcel)
        visitor.click("panel_record")
        visitor.click("record_confirm*")
        assert visitor.key("record_undo").is_visible()
        app.stop(signal.SIGKILL)
        assert [entry.parcel_id for entry in ledger(app.project)[-number:]] == list(PARCELS[:number])
        app = served(app.project, port=app.port)
        visitor.reconnected()


def test_an_open_page_goes_on_after_a_restart(served, pages):
    """The browser finds the new server by itself; block and parcel are still there, and recording works."""
    app = served()
    visitor = Visitor(pages(expects_cuts=True), app.url).open(block="LCC", parcel=PARCELS[0])
    app.stop(signal.SIGKILL)
    served(app.project, port=app.port)
    visitor.reconnected()
    assert (visitor.link["block"], visitor.link["parcel"]) == ("LCC", PARCELS[0])
    visitor.click("panel_record")
    visitor.click("record_confirm*")
    last = ledger(app.project)[-1]
    assert (last.parcel_id, last.milestone) == (PARCELS[0], "IDENTIFIED")


def ledger(project):
    """All lines, read past the app."""
    store = open_store(project)
    lines = list(store.entries())
    store.close()
    return lines
