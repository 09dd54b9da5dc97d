"""What goes over the websocket between page and app: how many bytes, and when a run of the script has ended."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from playwright.sync_api import Page, WebSocket
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

RUN_SECONDS = 60


@dataclass
class Wire:
    """The frames of a page, counted from when it was made; it has to be made before the page opens."""

    page: Page
    sent_bytes: int = 0
    received_bytes: int = 0
    begun: int = 0  # runs of the script, also those of a fragment
    ended: int = 0
    frames: list[tuple[float, str, int]] = field(default_factory=list)  # when, what, bytes

    def __post_init__(self) -> None:
        self.page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framesent", self._sent)
        socket.on("framereceived", self._received)

    def _sent(self, payload: str | bytes) -> None:
        self.sent_bytes += len(payload)
        self.frames.append((time.perf_counter(), "sent", len(payload)))

    def _received(self, payload: str | bytes) -> None:
        self.received_bytes += len(payload)
        kind = "text"
        if isinstance(payload, bytes):
            message = ForwardMsg.FromString(payload)
            kind = str(message.WhichOneof("type"))
            self.begun += kind == "new_session"
            self.ended += kind == "script_finished"
        self.frames.append((time.perf_counter(), kind, len(payload)))

    @property
    def bytes(self) -> int:
        """Both ways."""
        return self.sent_bytes + self.received_bytes

    def wait_run(self, ended: int, seconds: float = RUN_SECONDS) -> None:
        """Wait until a run has ended after there were `ended` of them, and none is under way."""
        until = time.monotonic() + seconds
        while self.ended <= ended or self.begun > self.ended:
            assert time.monotonic() < until, f"no run ended: begun {self.begun}, ended {self.ended}, before {ended}"
            self.page.wait_for_timeout(10)
