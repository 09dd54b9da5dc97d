"""Everything of the map is within reach of the keyboard."""

import pytest

from tests.browser.visitor import Visitor

MOST_TABS = 140
REACHED = """() => {
  const keys = [];
  for (let one = document.activeElement; one; one = one.parentElement)
    for (const name of one.classList || []) if (name.startsWith('st-key-')) keys.push(name.slice(7));
  const of = document.activeElement;
  return {keys, tag: of ? of.tagName : null, link: of && of.tagName === 'A' ? of.pathname : null};
}"""


def tabbed(page):
    """The keys of all that Tab reaches, and the pages of the menu."""
    keys, links = set(), set()
    page.locator("body").press("Tab")
    for _ in range(MOST_TABS):
        at = page.evaluate(REACHED)
        keys |= {key.split("_table_")[0] if "_table_" in key else key for key in at["keys"]}
        if at["link"]:
            links.add(at["link"])
        page.keyboard.press("Tab")
    return keys, links


@pytest.mark.parametrize(("name", "wanted"), [
    ("map", {"bar_block", "bar_search", "bar_day", "bar_language", "map_theme", "map_legend", "map_month", "map_play",
             "map_massing", "next_0", "next_list"}),
    ("ranking", {"bar_block", "bar_search", "ranking_legend", "ranking"}),
    ("progress", {"bar_block", "progress_late", "board_measure"}),
])  # fmt: skip
def test_tab_reaches_bar_legend_and_table(page, app, name, wanted):
    visitor = Visitor(page, app.url).open(name, block="LCC")
    keys, links = tabbed(visitor.page)
    assert wanted <= keys, wanted - keys
    assert {"/", "/ranking", "/dossier", "/progress", "/import", "/reports", "/settings"} <= links


def test_a_dossier_without_a_mouse(page, app):
    """Type a parcel's number into the search box and press Enter: the same selection as a click on the map."""
    visitor = Visitor(page, app.url).open(block="LCC")
    visitor.type("bar_search", "330784001001GB00119")
    assert visitor.link["parcel"] == "330784001001GB00119"
    assert visitor.key("panel_open").is_visible()
    assert not visitor.clicks


def test_the_legend_filters_by_the_keyboard(page, app):
    visitor = Visitor(page, app.url).open(block="LCC")
    pill = visitor.pill("map_legend", 1)
    count = pill.inner_text().split()[-1]
    pill.focus()
    visitor.do(lambda: page.keyboard.press("Enter"))
    assert visitor.link["only_phase"]
    assert count in visitor.key("cards").inner_text().split()
