"""The app starts and works with the network switched off, and asks nobody else for anything."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.browser import chromium, deck
from tests.browser.server import start
from tests.browser.visitor import Visitor
from tests.debian import need

EVIL = "http://evil.example/x.png"


def test_the_watch_sees_what_it_is_for(browser, app):
    """A page that asks another host, or fails, does not pass; what lies in the page itself is ours."""
    with chromium.opened(browser) as (page, watch):
        page.goto(f"{app.url}/_stcore/health")
        page.evaluate("() => { const image = new Image(); image.src = 'data:image/gif;base64,R0lGODlhAQABAAAAACw='; }")
        page.wait_for_timeout(200)
        assert not watch.strangers and not watch.errors
        page.goto("about:blank")
        page.evaluate(f"() => {{ const image = new Image(); image.src = '{EVIL}'; }}")
        page.wait_for_timeout(200)
        assert watch.strangers == [EVIL]
        page.evaluate("() => { setTimeout(() => { throw new Error('on purpose'); }) }")
        page.wait_for_timeout(200)
        with pytest.raises(AssertionError):
            watch.require_calm()
        assert any("on purpose" in said for said in watch.errors)


def test_without_a_network(launch, sample, tmp_path):
    """Server and browser in a network that has nothing but loopback: start, map, dossier; no packet was for elsewhere."""
    if os.getuid() != 0 or shutil.which("unshare") is None or shutil.which("nsenter") is None:
        pytest.skip("a network of its own takes root, unshare and nsenter")
    place = shutil.copytree(sample, tmp_path / "zone")
    alone = ("unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "alone")
    served = start(place, tmp_path / "app.log", inside=alone)
    inside = tmp_path / "chromium"
    inside.write_text(
        f'#!/bin/sh\nexec nsenter --target {served.process.pid} --net {need("chromium", "chromium")} "$@"\n'
    )
    inside.chmod(0o755)
    try:
        assert subprocess.run(["nsenter", "--target", str(served.process.pid), "--net", "ip", "route"], check=True,
                              capture_output=True).stdout == b""  # fmt: skip
        browser = launch(inside)
        with chromium.opened(browser) as (page, watch):
            visitor = Visitor(page, served.url).open()
            assert {one["id"]: one["count"] for one in deck.layers(page)}["parcels"] == 1104
            visitor.click("next_0")
            for name in ("ranking", "progress", "settings"):
                visitor.menu(name)
            watch.require_calm()
        browser.close()
        assert _sent_elsewhere(served.process.pid) == 0
    finally:
        served.stop()
    served.require_calm()


def _sent_elsewhere(pid: int) -> int:
    """How often anything in the network of a process tried to reach an address outside of it."""
    lines = [
        line.split() for line in Path(f"/proc/{pid}/net/snmp").read_text("ascii").splitlines() if line.startswith("Ip:")
    ]
    return int(dict(zip(lines[0], lines[1], strict=True))["OutNoRoutes"])
