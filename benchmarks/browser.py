"""The app in a browser, as an officer sees it: headless Chromium that draws in software, on made zones of any size.

Seconds run until the page has settled: the script's run has ended, every layer of the map has arrived, and six
animation frames less than 120 ms apart came without a change of the page (tests/browser/settled.py). Those of a dossier
are also given until its panel names the parcel that was clicked.
"""

from __future__ import annotations

import itertools
import operator
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright
from playwright.sync_api import TimeoutError as NeverShown

from benchmarks.browser_zone import project_of
from tests.browser import chromium, deck
from tests.browser.server import Served, start
from tests.browser.visitor import Visitor
from tests.debian import need

STEPS, CLICKS, MORE_CLICKS = 10, 20, 30  # of the slider; timed; until the view is compared
MEGA = 2**20
LOST_S = 15
_NAMED = """key => [...document.querySelectorAll('[data-testid="stMain"] strong')].some(
  one => one.innerText.replaceAll('\u2060', '') === key)"""  # the head of the dossier's panel
_WATCH_POINTER = """() => { window.held = []; new PerformanceObserver(list => list.getEntries()
  .filter(one => one.name === 'pointerdown').forEach(one => window.held.push(one.processingEnd - one.processingStart))
).observe({type: 'event', durationThreshold: 16}); }"""


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
    """Clicks on parcels, each of which has to open the dossier of what lies under it.

    `lost` are those that nothing answered: deck.gl drops a click whose pointerdown holds the page for 250 ms.
    """
    visitor.page.evaluate(_WATCH_POINTER)
    shown: list[float] = []
    taken: list[float] = []
    opened: list[str | None] = []
    wanted: list[str] = []
    for x, y, key in itertools.islice(_targets(visitor.page, points), CLICKS + MORE_CLICKS):
        started = time.perf_counter()
        ended = visitor.wire.ended
        visitor.page.mouse.click(x, y)
        shown.append(_shown_after(visitor, key, started))
        opened.append(_opened_by(visitor, ended))
        taken.append(time.perf_counter() - started)
        wanted.append(key)
    held = visitor.page.evaluate("() => Math.max(...window.held, 0)")
    return {
        "dossier_s": round(statistics.median(shown), 2), "dossier_worst_s": round(max(shown), 2),
        "click_s": round(statistics.median(taken), 2), "click_worst_s": round(max(taken), 2), "clicks": CLICKS,
        "delivered": sum(map(operator.eq, opened[:CLICKS], wanted[:CLICKS])), "clicks_more": len(wanted) - CLICKS,
        "delivered_more": sum(map(operator.eq, opened[CLICKS:], wanted[CLICKS:])), "lost": opened.count(None),
        "pointer_hold_ms": round(held),
    }  # fmt: skip


def _targets(page: Page, points: np.ndarray) -> Iterator[tuple[float, float, str]]:
    """Pixels of the map with the parcel that lies there, no parcel twice in a row."""
    west, south, east, north = deck.view(page).bounds
    inside = (points > [west, south]).all(axis=1) & (points < [east, north]).all(axis=1)
    last = None
    for longitude, latitude in points[inside]:
        x, y = map(round, deck.pixel(page, longitude, latitude))  # a mouse is on whole pixels
        found = deck.under(page, x, y)
        if found is not None and found["id"] != last:
            last = found["id"]
            yield x, y, str(last)


def _shown_after(visitor: Visitor, key: str, started: float) -> float:
    """Seconds until the panel names the parcel; LOST_S where it never does."""
    try:
        visitor.page.wait_for_function(_NAMED, arg=key, timeout=1000 * LOST_S)
    except NeverShown:
        return float(LOST_S)
    return time.perf_counter() - started


def _opened_by(visitor: Visitor, ended: int) -> str | None:
    """The parcel whose dossier a click opened, waited for until the page has settled; None where nothing happens."""
    try:
        visitor.wire.wait_run(ended, seconds=LOST_S)
    except TimeoutError:
        return None
    visitor.calm(ended)
    parcel = visitor.link.get("parcel")
    return parcel if parcel is not None and parcel in visitor.text else None


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
