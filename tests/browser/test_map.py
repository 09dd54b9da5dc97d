"""The map in a browser: it is drawn, every click on it arrives, and it stays where the user left it."""

import pytest

from tests.browser import deck
from tests.browser.places import inside_of
from tests.browser.visitor import Visitor

CLICKS = 20


@pytest.fixture
def visitor(page, app):
    return Visitor(page, app.url).open(block="LCC")


def test_the_view_can_be_read(visitor, project):
    """deck.py still finds its way into Streamlit's map; if this fails, all clicks on the map fail too."""
    view = deck.view(visitor.page)
    places = inside_of(project, "LCC").values()
    west, south, east, north = view.bounds
    assert all(west < longitude < east and south < latitude < north for longitude, latitude in places)
    drawn = {layer["id"]: layer for layer in deck.layers(visitor.page)}
    assert drawn["parcels"]["count"] == len(inside_of(project))
    assert [layer["id"] for layer in drawn.values() if layer["pickable"]] == ["parcels"]


@pytest.mark.slow  # a click is lost where drawing takes a quarter of a second, as on a machine that is busy otherwise
def test_every_click_arrives(visitor, project, picture):
    """Twenty clicks on twenty parcels open twenty dossiers; no click moves the map."""
    before = deck.view(visitor.page)
    places = inside_of(project, "LCC")
    chosen = sorted(places)[:: len(places) // CLICKS][:CLICKS]
    for parcel in chosen:
        visitor.click_map(*places[parcel])
        assert visitor.link["parcel"] == parcel, visitor.clicks
        assert parcel in visitor.text
    assert len(chosen) == len(visitor.clicks) == CLICKS
    assert deck.view(visitor.page) == before
    picture(visitor.page, "dossier")


def test_a_view_outlives_reruns(visitor):
    """What was moved and zoomed by hand stays through another month, another theme and a click on the legend."""
    page = visitor.page
    box = page.locator(deck.CANVAS).first.bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    before = deck.view(page)
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] - 120, middle[1] - 60, steps=6)
    page.mouse.up()
    page.mouse.wheel(0, -240)
    moved = deck.wait_still(page)
    assert moved.longitude > before.longitude and moved.zoom > before.zoom
    slider = visitor.slider("map_month")
    for _ in range(3):
        visitor.do(lambda: slider.press("ArrowLeft"))
    visitor.click(visitor.pill("map_theme", 1))
    visitor.click(visitor.pill("map_legend", 0))
    after = deck.wait_still(page)
    assert (after.longitude, after.latitude, after.zoom) == pytest.approx(
        (moved.longitude, moved.latitude, moved.zoom), abs=1e-9
    )
    assert moved.overlap(after) > 0.9999


def test_choosing_a_block_flies_there(page, app, project):
    """And coming back to the whole zone shows it all."""
    visitor = Visitor(page, app.url).open()
    whole = deck.view(page)
    visitor.choose("bar_block", "老长城")
    there = deck.wait_still(page)
    west, south, east, north = there.bounds
    assert all(west < x < east and south < y < north for x, y in inside_of(project, "LCC").values())
    assert there.zoom > whole.zoom + 1
    visitor.choose("bar_block", "全部区块")
    assert deck.wait_still(page).overlap(whole) > 0.999


def test_a_slider_step_sends_little(visitor):
    """At most 100 KB over the websocket for a month, whatever is on the page."""
    slider = visitor.slider("map_month")
    sizes = []
    for _ in range(3):
        before = visitor.wire.bytes
        visitor.do(lambda: slider.press("ArrowLeft"))
        sizes.append(visitor.wire.bytes - before)
    assert 0 < max(sizes) <= 100 * 1024, sizes
    assert visitor.link["day"] < "2026-11"


def test_the_months_play(page, app):
    """Play goes on by itself, month after month, until it is stopped; the address follows."""
    visitor = Visitor(page, app.url).open(block="LCC", day="2026-05-31")
    toggle = visitor.key("map_play").locator("label").first
    toggle.click()
    page.wait_for_function("() => new URLSearchParams(location.search).get('day') >= '2026-07-31'", timeout=30_000)
    toggle.click()
    visitor.wire.wait_run(0)
    page.wait_for_timeout(3000)  # what was under way when it was stopped
    stopped = visitor.link["day"]
    page.wait_for_timeout(3000)
    assert visitor.link["day"] == stopped < "2026-11"


def test_massing(visitor, picture):
    """Existing and planned: a layer more, the map tilted, and back."""
    page = visitor.page
    flat = {layer["id"] for layer in deck.layers(page)}
    for number, name in enumerate(("existing", "planned")):
        visitor.click(visitor.pill("map_massing", number))
        assert deck.wait_still(page).pitch > 0
        assert "massing" in {layer["id"] for layer in deck.layers(page)} - flat
        assert visitor.link["massing"] == name
        picture(page, name)
    visitor.click(visitor.pill("map_massing", 1))
    assert deck.wait_still(page).pitch == 0
    assert {layer["id"] for layer in deck.layers(page)} == flat
