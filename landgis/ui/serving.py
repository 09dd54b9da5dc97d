"""Start the app: Streamlit with our routes behind our guard, on one port."""

from __future__ import annotations

import gc
import logging
import threading
from pathlib import Path
from typing import Any

from landgis.errors import InputRefused, Place, Problem, UsageError
from landgis.text import N_, Message
from landgis.ui.server import Server, serve_from

PACKAGED = Path(__file__).parents[1] / "app.py"  # in an installed package
IN_CHECKOUT = Path(__file__).parents[2] / "app.py"
LOOPBACK = "127.0.0.1"
CONFIG: dict[str, Any] = {
    "server.headless": True,
    "server.fileWatcherType": "none",
    "server.maxUploadSize": 200,  # MB, as in the limits of files (docs/known_issues.md)
    "server.enableXsrfProtection": True,
    "browser.gatherUsageStats": False,
    "client.showErrorDetails": "none",
    "client.toolbarMode": "minimal",
    "runner.magicEnabled": False,
    "runner.postScriptGC": False,  # a full collection after each run took three quarters of the server's time
    "theme.base": None,  # as the user's system has it
    "logger.level": "warning",
}


def script() -> Path:
    """Where app.py stands."""
    for path in (PACKAGED, IN_CHECKOUT):
        if path.exists():
            return path
    raise InputRefused(
        [Problem("E-APP", Message(N_("app.py is not installed; get landgis again")), Place(str(PACKAGED)))]
    )


def _warm_up(server: Server) -> None:
    """Read the zone; what stands in memory then stays there, and is not looked through at every collection."""
    server.warm_up()
    gc.collect()
    gc.freeze()


def serve(server: Server, *, port: int, address: str = LOOPBACK) -> None:
    """Serve until stopped; UsageError where a project without users would be open to other machines."""
    if address != LOOPBACK and not server.has_users():
        words = N_(
            "this project has no users, so the app listens on this machine only; add users"
            " (landgis users PROJECT --add NAME), or leave out --address"
        )
        raise UsageError([Problem("E-ADDRESS", Message(words))])
    import streamlit as st
    from starlette.middleware import Middleware

    from landgis.ui.frame import say_fault
    from landgis.ui.guard import Guard
    from landgis.ui.routes import routes

    threading.Thread(target=_warm_up, args=(server,), daemon=True).start()
    logging.getLogger("streamlit").setLevel(logging.WARNING)
    app = st.App(
        script().resolve(), routes=routes(serve_from(server)), middleware=[Middleware(Guard, server=server)],
        on_script_error=say_fault,
    )  # fmt: skip
    app.run(config={name: value for name, value in CONFIG.items() if value is not None} | {
        "server.port": port, "server.address": address})  # fmt: skip
