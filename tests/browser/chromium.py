"""Debian's Chromium through Playwright, with WebGL in software, and pages that are watched for every request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, Request

from tests.browser.wire import Wire

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
    "--disable-quic", "--enable-precise-memory-info",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",  # what is asked for is recorded, and goes nowhere
)  # fmt: skip
OURS = frozenset({"127.0.0.1", "localhost"})
SIZE = {"width": 1400, "height": 850}
# What Chromium calls an error: Streamlit, opened at /ranking, first looks for its server below /ranking; a wrong password.
HARMLESS = re.compile(r"status of 404 .*/\w+/_stcore/(health|host-config)$|status of 401 .*/sign-in$")


def launch(playwright: Playwright, path: str, *more: str) -> Browser:
    """A browser with an empty profile of its own."""
    return playwright.chromium.launch(executable_path=path, args=[*FLAGS, *more], headless=True)


@dataclass
class Watch:
    """What a context asked for and complained about."""

    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def add(self, context: BrowserContext) -> None:
        """Watch all pages of the context, those that it opens too."""
        context.on("request", self._request)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.errors.append(f"uncaught: {error.error}"))
        context.on("page", lambda page: page.on("websocket", lambda socket: self.requests.append(socket.url)))

    def _request(self, request: Request) -> None:
        self.requests.append(request.url)

    def _console(self, message: ConsoleMessage) -> None:
        said = f"{message.text} {message.location['url']}"
        if message.type == "error" and not HARMLESS.search(said):
            self.errors.append(said)

    @property
    def strangers(self) -> list[str]:
        """Requests to any host but ours; what is in the page itself (data:, blob:) is ours."""
        return [url for url in self.requests if urlsplit(url).scheme not in ("data", "blob", "about", "chrome")
                and urlsplit(url).hostname not in OURS]  # fmt: skip

    def require_calm(self) -> None:
        """Fail where anything was asked of another host, or the browser complained."""
        assert not self.strangers, self.strangers
        assert not self.errors, self.errors


@contextmanager
def opened(browser: Browser, language: str = "zh-CN", downloads: Path | None = None) -> Iterator[tuple[Page, Watch]]:
    """A page in a context of its own; its Wire is `page.wire`."""
    context = browser.new_context(viewport=SIZE, locale=language, timezone_id="Asia/Shanghai", accept_downloads=True)
    watch = Watch()
    watch.add(context)
    page = context.new_page()
    page.wire = Wire(page)  # type: ignore[attr-defined]
    try:
        yield page, watch
    finally:
        context.close()
