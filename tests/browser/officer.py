"""A user of the app without a browser: speaks Streamlit's websocket as the page does, so that many fit on one machine.

The page keeps the state of its widgets and sends what changed with each wish for a run; the app answers with messages
until `script_finished`. Elements are found by the key that the app gave them, which stands at the end of their id.
"""

from __future__ import annotations

import re
import time
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

RUN_SECONDS = 120
_KEY = re.compile(r"\$\$(?:ID|WIDGET_ID|GENERATED)-[0-9a-f]+-(.*)", re.DOTALL)


class Refused(AssertionError):
    """The app showed an exception, or a run did not end."""


class Officer:
    """One session of the app."""

    def __init__(self, url: str, query: str = "") -> None:
        self._socket = connect(url.replace("http", "ws", 1) + "/_stcore/stream", subprotocols=["streamlit"],
                               max_size=None, origin=url)  # fmt: skip
        self.query, self.page = query, ""
        self.elements: dict[tuple[int, ...], Any] = {}  # where in the page → element
        self._kept: dict[str, ForwardMsg] = {}
        self.received_bytes = 0
        self.seconds: list[float] = []
        self.run()

    def close(self) -> None:
        """Leave."""
        self._socket.close()

    # what the app shows
    def found(self, key: str) -> Any:
        """The element of that key; AssertionError where the page has none."""
        there = {name: element for element in self.elements.values() if (name := _key(element))}
        assert key in there, f"no {key}; there are {sorted(there)}"
        return there[key]

    def texts(self) -> str:
        """All that stands on the page, one element a line."""
        return "\n".join(str(element) for element in self.elements.values())

    # what the user does
    def click(self, key: str) -> None:
        """Press a button."""
        self.run(key, trigger_value=True)

    def run(self, key: str | None = None, **value: Any) -> None:
        """Have the script run, with a new value of one widget if there is a key: string_value="…", bool_value=True."""
        wish = BackMsg()
        wish.rerun_script.query_string = self.query
        wish.rerun_script.page_script_hash = self.page
        if key is not None:
            element = self.found(key)
            state = wish.rerun_script.widget_states.widgets.add(id=element.id)
            for name, given in value.items():
                _set(state, name, given)
            fragment = getattr(element, "fragment", "")
            if fragment:
                wish.rerun_script.fragment_id = fragment
        started = time.perf_counter()
        self._socket.send(wish.SerializeToString())
        self._until_finished()
        self.seconds.append(time.perf_counter() - started)

    def _until_finished(self) -> None:
        until, places = time.monotonic() + RUN_SECONDS, set()
        while time.monotonic() < until:
            payload = self._socket.recv(timeout=RUN_SECONDS)
            self.received_bytes += len(payload)
            message = self._whole(ForwardMsg.FromString(payload))
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self.page, places = message.new_session.page_script_hash, set()
            elif kind == "page_info_changed":
                self.query = message.page_info_changed.query_string
            elif kind == "delta":
                places.add(self._take(message))
            elif kind == "script_finished" and message.script_finished in (0, 3):  # the whole script, or a fragment
                if message.script_finished == 0:
                    self.elements = {place: one for place, one in self.elements.items() if place in places}
                return
        raise Refused("no run ended")

    def _whole(self, message: ForwardMsg) -> ForwardMsg:
        """A message that was sent before is sent again by its hash alone."""
        if message.WhichOneof("type") == "ref_hash":
            kept = ForwardMsg()
            kept.CopyFrom(self._kept[message.ref_hash])
            kept.metadata.CopyFrom(message.metadata)
            return kept
        if message.hash:
            self._kept[message.hash] = message
        return message

    def _take(self, message: ForwardMsg) -> tuple[int, ...]:
        place = tuple(message.metadata.delta_path)
        if message.delta.WhichOneof("type") == "new_element":
            kind = message.delta.new_element.WhichOneof("type")
            if kind == "exception":
                raise Refused(message.delta.new_element.exception.message)
            self.elements[place] = getattr(message.delta.new_element, kind) if kind else None
        return place


def _key(element: Any) -> str | None:
    found = _KEY.fullmatch(getattr(element, "id", "") or "")
    return None if found is None or found[1] == "None" else found[1]


def _set(state: Any, name: str, given: Any) -> None:
    field = getattr(state, name)
    if hasattr(field, "data"):  # an array
        field.data.extend(given)
    else:
        setattr(state, name, given)
