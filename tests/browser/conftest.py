"""Apps that run on copies of the sample zone, and pages that are watched. See deck.py for clicks on the map."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="Playwright is missing; install landgis[dev]")

from playwright.sync_api import Browser, Page, sync_playwright

from landgis.workflow.rescore import score_project
from landgis.workflow.sample import sample_project
from tests.browser import chromium
from tests.browser.server import Served, start
from tests.debian import _install, need

CHINESE_FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
CUT = re.compile(
    r"ERR_CONNECTION_|WebSocket connection to|ERR_EMPTY_RESPONSE|Failed to fetch|Network Error|No response received|not responding"
)
LANGUAGES = pytest.mark.parametrize("language", ["zh_CN", "en"])


@pytest.fixture(scope="session")
def launch() -> Iterator[Callable[..., Browser]]:
    """Start browsers: Debian's Chromium, or what is said to stand before it; there is one Playwright for all."""
    path = need("chromium", "chromium")
    if not CHINESE_FONT.exists():
        _install(str(CHINESE_FONT), "fonts-noto-cjk")  # without it, screenshots show boxes
    with sync_playwright() as playwright:
        yield lambda program=path: chromium.launch(playwright, str(program))


@pytest.fixture(scope="session")
def browser(launch) -> Iterator[Browser]:
    made = launch()
    yield made
    made.close()


@pytest.fixture(scope="session")
def sample(tmp_path_factory) -> Path:
    """The sample zone, scored; to be copied, not used."""
    folder = tmp_path_factory.mktemp("sample") / "zone"
    project, _ = sample_project(str(folder), nobody="t")
    score_project(project)
    project.store.close()
    return folder


@pytest.fixture(scope="module")
def project(sample: Path, tmp_path_factory) -> Path:
    """A copy of the sample zone for the tests of one file."""
    return shutil.copytree(sample, tmp_path_factory.mktemp("project") / "zone")


@pytest.fixture(scope="session")
def serving(tmp_path_factory) -> Iterator[Callable[..., Served]]:
    """Start apps, in a folder for their logs; all end with the session, and none may have said a traceback."""
    folder, running = tmp_path_factory.mktemp("apps"), []

    def serve(project: str | Path, *options: str, **more) -> Served:
        running.append(start(project, folder / f"app-{len(running)}.log", options=options, **more))
        return running[-1]

    yield serve
    for app in running:
        app.stop()


@pytest.fixture(scope="module")
def app(serving, project: Path) -> Iterator[Served]:
    """The app on this file's copy of the sample zone."""
    served = serving(project)
    yield served
    served.stop()
    served.require_calm()


@pytest.fixture
def served(serving, sample: Path, tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Start an app of the test's own: `served(project, "--option", …)`; on a new copy of the sample zone if not said."""
    mine: list[Served] = []

    def serve(project: str | Path | None = None, *options: str, **more) -> Served:
        mine.append(serving(project or shutil.copytree(sample, tmp_path / f"zone-{len(mine)}"), *options, **more))
        return mine[-1]

    yield serve
    for one in mine:
        one.stop()
        one.require_calm()


@pytest.fixture
def pages(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open pages, each of a user of its own; none may ask another host for anything, or complain."""
    with ExitStack() as stack:
        watches = []

        def page(*, expects_cuts: bool = False, **how) -> Page:
            made, watch = stack.enter_context(chromium.opened(browser, **how))
            watches.append((watch, expects_cuts))
            return made

        yield page
        for watch, expects_cuts in watches:
            if expects_cuts:  # the test takes the server away, about which the browser may complain
                watch.errors[:] = [said for said in watch.errors if not CUT.search(said)]
            watch.require_calm()


@pytest.fixture
def page(pages) -> Page:
    """One such page."""
    return pages()


@pytest.fixture(scope="session")
def artefacts() -> Path:
    """The folder that a test run keeps: LANDGIS_ARTEFACTS, else build/artefacts."""
    folder = Path(os.environ.get("LANDGIS_ARTEFACTS") or Path(__file__).parents[2] / "build" / "artefacts")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def picture(artefacts: Path, request) -> Callable[[Page, str], Path]:
    """Keep a screenshot: `picture(page, "step")`, named after the test."""

    def keep(page: Page, step: str) -> Path:
        name = re.sub(r"[^\w.-]+", "-", f"{request.node.name}-{step}").strip("-")
        page.screenshot(path=artefacts / f"{name}.png")
        return artefacts / f"{name}.png"

    return keep
