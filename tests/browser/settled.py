"""When a page has come to rest: six animation frames less than 120 ms apart in which nothing of the page changed."""

from __future__ import annotations

from playwright.sync_api import Page

FRAMES, GAP_MS, LIMIT_MS = 6, 120, 60_000
_SETTLED = """([frames, gap, limit]) => new Promise((done, fail) => {
  const start = performance.now();
  let calm = 0, last = start;
  const watch = new MutationObserver(() => { calm = 0; });
  watch.observe(document.body, {subtree: true, childList: true, attributes: true, characterData: true});
  const look = now => {
    calm = now - last < gap ? calm + 1 : 0;
    last = now;
    if (calm >= frames) { watch.disconnect(); done(performance.now() - start); }
    else if (now - start > limit) { watch.disconnect(); fail(new Error('the page does not come to rest')); }
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})"""


def wait_settled(page: Page) -> float:
    """Wait for rest; how long it took, in seconds."""
    return float(page.evaluate(_SETTLED, [FRAMES, GAP_MS, LIMIT_MS])) / 1000
