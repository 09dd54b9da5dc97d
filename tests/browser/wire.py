"""What goes over the websocket between page and app: how many bytes, and when a run of the script has ended."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from playwright.sync_api import Page, WebSocket
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

RUN_SECONDS = 60
FAULT = "LANDGIS_DEBUG"  # stands in what the app says of a fault of its own, in every language


@dataclass
class Wire:
    """The frames of a page, counted from when it was made; it has to be made before the page opens."""

    page: Page
    sent_bytes: int = 0
    received_bytes: int = 0
    runs: bool = False  # the script, or a fragment of it, is under way
    ended: int = 0  # how often it has come to its end
    faults: list[str] = field(default_factory=list)  # what the page said about a fault of landgis itself
    frames: list[tuple[float, str, int]] = field(default_factory=list)  # when, what, bytes

    def __post_init__(self) -> None:
        self.page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        self.runs = False  # what the socket before this one had begun comes to no end
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
            if kind == "delta":
                self._look(message)
            elif kind == "new_session":
                self.runs = True
            elif kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                self.runs = False
                self.ended += 1
        self.frames.append((time.perf_counter(), kind, len(payload)))

    def _look(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        said = element.exception.message or element.alert.body
        if element.HasField("exception") or FAULT in said:
            self.faults.append(said)

    @property
    def bytes(self) -> int:
        """Both ways."""
        return self.sent_bytes + self.received_bytes

    def wait_run(self, ended: int, seconds: float = RUN_SECONDS) -> None:
        """Wait until a run has ended after there were `ended` of them, and none is under way."""
        until = time.monotonic() + seconds
        while self.ended <= ended or self.runs:
            if time.monotonic() > until:
                raise TimeoutError(f"no run came to its end behind {ended}; one is under way: {self.runs}")
            self.page.wait_for_timeout(10)
        assert not self.faults, self.faults
