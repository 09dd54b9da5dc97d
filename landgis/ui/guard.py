"""The guard in front of everything that is served: who is not signed in gets 401, pages lead to the sign-in form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landgis.errors import LandgisError
from landgis.ui.server import Server, oidc_is_configured

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

OPEN = ("/sign-in", "/sign-out", "/_stcore/health")
OIDC_ROUTES = ("/auth/", "/oauth2callback")
OURS = ("/geo/", "/swatch/", "/file/", "/print/", "/tiles/")
HEADERS = {
    # Streamlit compiles Vega's and deck.gl's shaders and expressions at run time, and styles inline
    "content-security-policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval' blob:; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        "connect-src 'self' data: blob:; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; "
        "form-action 'self'; frame-ancestors 'self'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
    "referrer-policy": "same-origin",
}


class Guard:
    """ASGI middleware: the same check for every request and every websocket."""

    def __init__(self, app: ASGIApp, server: Server) -> None:
        self.app, self.server = app, server

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        if self._may_pass(scope):
            await self.app(scope, receive, _with_headers(send) if scope["type"] == "http" else send)
            return
        await self._refuse(scope, receive, send)

    def _may_pass(self, scope: Scope) -> bool:
        from starlette.requests import HTTPConnection

        path = scope["path"]
        if path in OPEN:
            return True
        if oidc_is_configured() and not path.startswith(OURS):
            return True  # the script itself shows nothing but the way to the identity provider
        try:
            if not self.server.is_there():
                return True
            return self.server.who(HTTPConnection(scope).cookies) is not None
        except LandgisError:
            return False

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        from starlette.responses import JSONResponse, RedirectResponse, Response

        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 4401})
            return
        wants_page = any(name == b"accept" and b"text/html" in value for name, value in scope["headers"])
        answer: Response = JSONResponse({"error": "sign in first"}, status_code=401)
        if scope["method"] == "GET" and wants_page and not scope["path"].startswith(OURS):
            from urllib.parse import quote

            back = scope["path"] + ("?" + scope["query_string"].decode("latin-1") if scope["query_string"] else "")
            answer = RedirectResponse("/sign-in?next=" + quote(back, safe=""), status_code=303)
        await answer(scope, receive, _with_headers(send))


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            given: list[Any] = list(message.get("headers", []))
            there = {name.lower() for name, _ in given}
            more = [(name.encode(), value.encode()) for name, value in HEADERS.items() if name.encode() not in there]
            message = {**message, "headers": given + more}
        await send(message)

    return sending
