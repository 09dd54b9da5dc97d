"""A link restores what was seen."""

import re

from tests.browser import deck
from tests.browser.places import inside_of
from tests.browser.visitor import Visitor


def test_a_link_restores_block_day_mode_and_parcel(pages, app, project):
    """Somebody chooses; somebody else opens the address that this leaves, and sees the same."""
    one = Visitor(pages(), app.url).open()
    one.choose("bar_block", "老长城")
    one.click(one.pill("map_theme", 3))
    slider = one.slider("map_month")
    one.do(lambda: slider.press("ArrowLeft"))
    one.click("next_3")
    assert {"block", "day", "theme", "parcel"} <= set(one.link)
    parcel = one.link["parcel"]
    place = inside_of(project, "LCC")[parcel]
    two = Visitor(pages(), app.url)
    ended = two.wire.ended
    two.page.goto(one.page.url)
    two.calm(ended)
    assert two.link == one.link and two.link["block"] == "LCC"
    one.page.mouse.move(1, 1)
    assert plain(two.text) == plain(one.text)
    assert parcel in two.text
    assert {layer["id"] for layer in deck.layers(two.page)} == {layer["id"] for layer in deck.layers(one.page)}
    west, south, east, north = deck.wait_still(two.page).bounds
    assert west < place[0] < east and south < place[1] < north


def test_going_back_in_the_browser(page, app):
    """The button that every user knows leads back; twice, as Streamlit notes a page and its link one after the other."""
    visitor = Visitor(page, app.url).open()
    visitor.menu("progress")
    for _ in range(2):
        visitor.do(page.go_back)
    assert "progress" not in page.url
    assert page.locator(deck.CANVAS).count() == 1


def test_wrong_links_open_the_start(page, app):
    """A link that says nonsense is a link that says nothing."""
    visitor = Visitor(page, app.url)
    visitor.open(block="<b>", day="2026-13-41", theme="nonsense", parcel="no such parcel", lang="xx", only_phase="x,y")
    assert not re.search("Traceback|landgis 自身", visitor.text)
    assert page.locator(deck.CANVAS).count() == 1


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text)
