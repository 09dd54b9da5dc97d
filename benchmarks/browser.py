"""The app in a browser, as an officer sees it: headless Chromium that draws in software, on made zones of any size.

Seconds run until the page has settled: the script's run has ended, every layer of the map has arrived, and six
animation frames less than 120 ms apart came without a change of the page (tests/browser/settled.py).
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from benchmarks.browser_zone import project_of
from tests.browser import chromium, deck
from tests.browser.server import Served, start
from tests.browser.visitor import Visitor
from tests.debian import need

STEPS, CLICKS, MORE_CLICKS = 10, 20, 30  # of the slider; timed; until the view is compared
MEGA = 2**20


def browser_once(folder: Path, rows: int) -> dict[str, float]:
    """All figures of one size; see docs/architecture.md for the goals."""
    project = project_of(folder, rows)
    log = Path(tempfile.mkdtemp(prefix="landgis-app-")) / "app.log"
    path = need("chromium", "chromium")
    served = start(project, log)
    try:
        with sync_playwright() as playwright:
            browser = chromium.launch(playwright, path)
            figures = {"parcels": rows, **_measure(browser, served, _points(project))}
            browser.close()
    finally:
        served.stop()
    served.require_calm()
    return figures


def _points(project: Path) -> np.ndarray:
    """float64[parcels, 2]: a place inside of each parcel, in degrees, in an order of their own."""
    shapes = gpd.read_file(project / "parcels.gpkg", layer="parcels").geometry.make_valid()
    places = shapes.representative_point().to_crs(4326)
    return np.random.default_rng(0).permutation(np.column_stack([places.x, places.y]))


def _measure(browser: Browser, served: Served, points: np.ndarray) -> dict[str, float]:
    figures = {}
    with chromium.opened(browser) as (page, _):
        figures["first_map_cold_s"] = _seconds(lambda: Visitor(page, served.url).open())
    with chromium.opened(browser) as (page, watch):
        visitor = Visitor(page, served.url)
        figures["first_map_s"] = _seconds(visitor.open)
        figures["heap_first_mb"] = _heap_mb(page)[0]
        figures |= _slide(visitor)
        before = deck.view(page)
        figures |= _click(visitor, points)
        figures |= _drift(before, deck.view(page))
        figures["heap_mb"], figures["heap_collected_mb"] = _heap_mb(page)
        figures["server_mb"] = round(served.memory_mb())
        watch.require_calm()
    return figures


def _seconds(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return round(time.perf_counter() - started, 2)


def _slide(visitor: Visitor) -> dict[str, float]:
    """The time slider by keyboard, a month a step; bytes both ways over the websocket."""
    visitor.slider("map_month").focus()
    taken, sizes = [], []
    for _ in range(STEPS):
        size = visitor.wire.bytes
        taken.append(_seconds(lambda: visitor.do(lambda: visitor.page.keyboard.press("ArrowLeft"))))
        sizes.append(visitor.wire.bytes - size)
    return {
        "slider_s": statistics.median(taken), "slider_worst_s": max(taken),
        "step_kb": round(statistics.median(sizes) / 1024, 1), "step_worst_kb": round(max(sizes) / 1024, 1),
    }  # fmt: skip


def _click(visitor: Visitor, points: np.ndarray) -> dict[str, float]:
    """Clicks on parcels, each of which has to open the dossier of what lies under it."""
    taken, delivered, tried = [], 0, 0
    for x, y, key in _targets(visitor.page, points):
        started, ended = time.perf_counter(), visitor.wire.ended
        visitor.page.mouse.click(x, y)
        arrived = _arrived(visitor, key, ended)
        if tried < CLICKS:
            taken.append(time.perf_counter() - started)
            delivered += arrived
        tried += 1
        if tried == CLICKS + MORE_CLICKS:
            break
    return {"click_s": round(statistics.median(taken), 2), "click_worst_s": round(max(taken), 2), "clicks": CLICKS,
            "delivered": delivered}  # fmt: skip


def _targets(page: Page, points: np.ndarray) -> Iterator[tuple[float, float, str]]:
    """Pixels of the map with the parcel that lies there, no parcel twice in a row."""
    west, south, east, north = deck.view(page).bounds
    inside = (points > [west, south]).all(axis=1) & (points < [east, north]).all(axis=1)
    last = None
    for longitude, latitude in points[inside]:
        x, y = deck.pixel(page, longitude, latitude)
        found = deck.under(page, x, y)
        if found is not None and found["id"] != last:
            last = found["id"]
            yield x, y, str(last)


def _arrived(visitor: Visitor, parcel: str, ended: int) -> bool:
    """Whether the parcel's dossier is there, waited for until the page has settled."""
    try:
        visitor.calm(ended)
    except AssertionError:  # no run at all: the click was lost
        return False
    return visitor.link.get("parcel") == parcel and parcel in visitor.text


def _drift(before: deck.View, after: deck.View) -> dict[str, float]:
    degrees = max(abs(before.longitude - after.longitude), abs(before.latitude - after.latitude))
    return {"drift_degrees": degrees, "drift_zoom": abs(before.zoom - after.zoom),
            "view_overlap": round(before.overlap(after), 6)}  # fmt: skip


def _heap_mb(page: Page) -> tuple[float, float]:
    """What JavaScript holds: as it stands, and after its garbage is gone."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    before = _metric(session, "JSHeapUsedSize")
    session.send("HeapProfiler.collectGarbage")
    after = _metric(session, "JSHeapUsedSize")
    session.detach()
    return round(before / MEGA, 1), round(after / MEGA, 1)


def _metric(session: CDPSession, name: str) -> float:
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(one["value"] for one in metrics if one["name"] == name))
