"""Somebody who sits at a page of the app: opens, clicks, types; each click is counted, each wait ends when all is calm.

Widgets are found by the keys that the app gives them (Streamlit marks their boxes with `st-key-KEY`), so that the same
walk goes in every language. A click on an open list of choices counts as one, the choice as another.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from playwright.sync_api import Download, Locator, Page

from tests.browser import deck
from tests.browser.settled import wait_settled
from tests.browser.wire import Wire

PAGES = ("map", "ranking", "dossier", "progress", "plan", "import", "reports", "settings")
START = "map"  # the default page stands at /
HEADER_PX, ROW_PX, TICK_PX = 35, 35, 18  # of Streamlit's tables
_KEYS = """() => [...document.querySelectorAll('[class*="st-key-"]')].flatMap(one => [...one.classList])
  .filter(name => name.startsWith('st-key-')).map(name => name.slice(7))"""
_ROWS = """canvas => [...canvas.querySelectorAll('tbody tr')].map(
  row => [...row.querySelectorAll('td')].map(cell => cell.textContent))"""
_ARRIVED = """() => !document.querySelector('[data-testid="stSkeleton"], [data-testid="stAppSkeleton"]')"""


@dataclass
class Visitor:
    """A page of the app at `url`, and the clicks made on it."""

    page: Page
    url: str
    clicks: list[str] = field(default_factory=list)

    @property
    def wire(self) -> Wire:
        """What goes over the page's websocket."""
        found: Wire = self.page.wire  # type: ignore[attr-defined]
        return found

    @property
    def link(self) -> dict[str, str]:
        """What the address line says behind the question mark."""
        return dict(parse_qsl(urlsplit(self.page.url).query))

    @property
    def text(self) -> str:
        """What can be read on the page; what has no width is not read."""
        return self.page.locator('[data-testid="stMain"]').inner_text().replace("\u2060", "")

    def open(self, name: str = START, **asked: str) -> Visitor:
        """Open a page by its address; not a click."""
        ended = self.wire.ended
        path = "" if name == START else quote(name)
        self.page.goto(f"{self.url}/{path}" + (f"?{urlencode(asked)}" if asked else ""))
        self.calm(ended)
        return self

    def calm(self, ended: int) -> None:
        """Wait until a run has ended behind those there were, the map is drawn, and nothing moves."""
        self.wire.wait_run(ended)
        self.page.wait_for_function(_ARRIVED)
        if self.page.locator(deck.CANVAS).count():
            deck.wait_drawn(self.page)
        wait_settled(self.page)

    def do(self, action: Callable[[], object], *, runs: bool = True) -> None:
        """Do something and wait until its run is over; `runs=False` for what only opens a list or a box."""
        ended = self.wire.ended
        action()
        if runs:
            self.calm(ended)
        else:
            wait_settled(self.page)

    def reconnected(self) -> None:
        """Wait until the page has found its server again; the script runs with the next click."""
        self.page.wait_for_selector('[data-testid="stApp"][data-test-connection-state="CONNECTED"]', timeout=60_000)

    # clicks
    def click(self, where: str | Locator, *, runs: bool = True) -> None:
        """One click on a widget by its key, or on what a locator finds."""
        at = self.at(where) if isinstance(where, str) else where
        self.clicks.append(where if isinstance(where, str) else str(at))
        self.do(at.click, runs=runs)

    def choose(self, key: str, text: str) -> None:
        """Two clicks: open a list of choices, take one."""
        self.click(self.key(key).locator("input"), runs=False)
        self.click(self.page.locator('[role="option"]').filter(has_text=re.compile(text)).first)

    def tick(self, key: str, row: int, *, runs: bool = True) -> None:
        """One click on the box in front of a row of a table, 0 the first."""
        self.click_cell(key, row, TICK_PX, runs=runs)

    def click_cell(self, key: str, row: int, from_left_px: float, *, runs: bool = True) -> None:
        """One click in a row of a table, so many pixels from its left edge."""
        canvas = self.key(key).locator("canvas").first
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        assert box is not None
        self.clicks.append(f"{key} row {row}")
        x, y = box["x"] + from_left_px, box["y"] + HEADER_PX + ROW_PX * (row + 0.5)
        self.do(lambda: self.page.mouse.click(x, y), runs=runs)

    def click_map(self, longitude: float, latitude: float) -> None:
        """One click on the map at a place."""
        deck.wait_still(self.page)
        x, y = deck.pixel(self.page, longitude, latitude)
        self.clicks.append(f"map {longitude:.5f} {latitude:.5f}")
        self.do(lambda: self.page.mouse.click(x, y))
        self.page.mouse.move(1, 1)  # away, so that no tooltip is read as the page's text
        wait_settled(self.page)

    def save(self, where: str | Locator, folder: Path) -> Path:
        """One click that brings a file."""
        at = self.at(where) if isinstance(where, str) else where
        self.clicks.append(str(where))
        with self.page.expect_download() as coming:
            at.click()
        done: Download = coming.value
        path = folder / done.suggested_filename
        done.save_as(path)
        return path

    def type(self, key: str, text: str) -> None:
        """Type into a box and press Enter; not a click."""
        box = self.key(key).locator("input, textarea").first
        box.fill(text)
        self.do(lambda: box.press("Enter"))

    # places
    def key(self, key: str) -> Locator:
        """The box of the widget of that key; a key that ends in * is the beginning of one."""
        return self.page.locator(f'[class*="st-key-{key[:-1]}"]' if key.endswith("*") else f".st-key-{key}").first

    def at(self, key: str) -> Locator:
        """What can be clicked of a widget."""
        inner = self.key(key).locator("button, input, a, [role=button]")
        return inner.first if inner.count() else self.key(key)

    def pill(self, key: str, number: int) -> Locator:
        """One of a row of pills or segments, 0 the first."""
        return self.key(key).locator("[data-variant]").nth(number)

    def slider(self, key: str) -> Locator:
        """What takes the arrow keys of a slider."""
        return self.key(key).locator("input[type=range], [role=slider]").first

    def keys(self) -> list[str]:
        """The keys of all widgets on the page."""
        return list(self.page.evaluate(_KEYS))

    def rows(self, where: str | Locator) -> list[list[str]]:
        """The cells of a table that are in view: tables are drawn, but stand inside their canvas for screen readers.

        A table that cannot be picked from has no key on the page, so it is named by what it stands in.
        """
        canvas = (self.key(where) if isinstance(where, str) else where).locator("canvas").first
        canvas.locator("tbody tr").first.wait_for(state="attached")
        return list(canvas.evaluate(_ROWS))

    def menu(self, name: str) -> None:
        """One click on a page's entry in the menu."""
        path = "" if name == START else name
        self.click(self.page.locator(f'[data-testid="stTopNavLink"][href$="/{path}"], a[href$="/{path}"]').first)


def note(folder: Path, name: str, visitor: Visitor) -> None:
    """Keep what was clicked beside the screenshots."""
    (folder / f"{name}.json").write_text(json.dumps(visitor.clicks, ensure_ascii=False, indent=1), "utf-8")
