"""The map of the page: where it looks, what is drawn, and where on the screen a place is.

deck.gl keeps no global. Its React component holds the instance in a ref, which is found by going up from the canvas
through React's fibres (`__reactFiber$…` of the element, `return` to the parent, `memoizedState` for the hooks) until a
hook has `current.deck`. The instance's viewport projects lon/lat to pixels of the canvas; `layerManager` knows the
layers and whether their files have arrived. Nothing of this is public: a new Streamlit may need another way in, and the
first test of test_map.py says so.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

STILL_MS = 250
CANVAS = '[data-testid="stDeckGlJsonChart"] canvas'
_DECK = """
(() => {
  const canvas = document.querySelector('[data-testid="stDeckGlJsonChart"] canvas');
  if (!canvas) return null;
  const key = Object.keys(canvas).find(name => name.startsWith('__reactFiber'));
  for (let fibre = canvas[key]; fibre; fibre = fibre.return)
    for (let hook = fibre.memoizedState; hook && typeof hook === 'object' && 'memoizedState' in hook; hook = hook.next) {
      const held = hook.memoizedState;
      if (held && held.current && held.current.deck) return held.current.deck;
    }
  return null;
})()
"""
_VIEW = f"""() => {{
  const deck = {_DECK};
  const view = deck && deck.isInitialized && deck.getViewports()[0];
  return view ? {{longitude: view.longitude, latitude: view.latitude, zoom: view.zoom, pitch: view.pitch,
                 bearing: view.bearing, bounds: view.getBounds()}} : null;
}}"""
_LAYERS = f"""() => {{
  const deck = {_DECK};
  if (!deck || !deck.layerManager) return null;
  return deck.layerManager.getLayers().filter(layer => !layer.parent).map(layer => ({{
    id: layer.id, kind: layer.constructor.layerName, loaded: layer.isLoaded, pickable: !!layer.props.pickable,
    visible: layer.props.visible,
    count: Array.isArray(layer.props.data) ? layer.props.data.length
         : layer.state && layer.state.features ? (layer.state.features.polygonFeatures || []).length : null}}));
}}"""
_PIXEL = f"""([longitude, latitude]) => {{
  const deck = {_DECK};
  const box = document.querySelector('{CANVAS}').getBoundingClientRect();
  const [x, y] = deck.getViewports()[0].project([longitude, latitude]);
  return {{x: box.left + x, y: box.top + y, inside: x > 0 && y > 0 && x < box.width && y < box.height}};
}}"""
_PICKED = f"""([x, y]) => {{
  const deck = {_DECK};
  const box = document.querySelector('{CANVAS}').getBoundingClientRect();
  const found = deck.pickObject({{x: x - box.left, y: y - box.top, radius: 0}});
  return found && found.object ? found.object.properties || found.object : null;
}}"""
_READY = f"""() => {{
  const deck = {_DECK};
  return !!(deck && deck.isInitialized && deck.layerManager && deck.layerManager.getLayers().length
            && deck.layerManager.getLayers().every(layer => layer.isLoaded));
}}"""


@dataclass(frozen=True)
class View:
    """Where the map looks; `bounds` are west, south, east, north in degrees."""

    longitude: float
    latitude: float
    zoom: float
    pitch: float
    bearing: float
    bounds: tuple[float, float, float, float]

    def overlap(self, other: View) -> float:
        """Intersection over union of what both show, 1 where they are the same."""
        west, south = max(self.bounds[0], other.bounds[0]), max(self.bounds[1], other.bounds[1])
        east, north = min(self.bounds[2], other.bounds[2]), min(self.bounds[3], other.bounds[3])
        both = max(east - west, 0) * max(north - south, 0)
        one, two = ((b[2] - b[0]) * (b[3] - b[1]) for b in (self.bounds, other.bounds))
        return both / (one + two - both)


def wait_drawn(page: Page, seconds: float = 60) -> None:
    """Wait until the map is there and every file of its layers has arrived."""
    page.wait_for_selector(CANVAS, timeout=1000 * seconds)
    page.wait_for_function(_READY, timeout=1000 * seconds)


def wait_still(page: Page, seconds: float = 10) -> View:
    """Wait until the map flies and glides no more; where it looks then."""
    before, until = view(page), time.monotonic() + seconds
    while True:
        page.wait_for_timeout(STILL_MS)
        after = view(page)
        if after == before:
            return after
        assert time.monotonic() < until, f"the map does not come to rest: {before} {after}"
        before = after


def view(page: Page) -> View:
    """Where the map looks now; it has to be drawn."""
    found = page.evaluate(_VIEW)
    return View(**found | {"bounds": tuple(found["bounds"])})


def layers(page: Page) -> list[dict[str, Any]]:
    """The layers of the map: id, kind, loaded, pickable, visible, count of features where it is known."""
    return list(page.evaluate(_LAYERS) or [])


def pixel(page: Page, longitude: float, latitude: float) -> tuple[float, float]:
    """Where on the page a place is; it has to be inside the map."""
    page.locator(CANVAS).first.scroll_into_view_if_needed()
    found = page.evaluate(_PIXEL, [longitude, latitude])
    assert found["inside"], f"({longitude}, {latitude}) is outside of the map: {page.evaluate(_VIEW)}"
    return found["x"], found["y"]


def under(page: Page, x: float, y: float) -> dict[str, Any] | None:
    """The properties of the feature that deck.gl picks at a point of the page."""
    return page.evaluate(_PICKED, [x, y])
