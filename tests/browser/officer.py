"""A user of the app without a browser: speaks Streamlit's websocket as the page does, so that many fit on one machine.

The page tells the app which widget has which value and asks for a run; the app answers with messages until
`script_finished`. Elements are found by the key that the app gave them, which stands at the end of their id. A widget
in a dialog belongs to a fragment, which runs alone. A file that is made on request is asked for with a message of its
own, whose answer is an address.
"""

from __future__ import annotations

import re
import time
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

RUN_SECONDS, QUIET_SECONDS = 120, 0.05
FAULT = "LANDGIS_DEBUG"  # stands in what the app says of a fault of its own
_KEY = re.compile(r"\$\$[A-Z_]+-[0-9a-f]+-(.*)", re.DOTALL)


@dataclass(frozen=True)
class Shown:
    """An element of the page, and the fragment that it belongs to, if any."""

    element: Any
    fragment: str


class Officer:
    """One session of the app at `url`. `seconds` are those of each action, from the wish to the end of its run."""

    def __init__(self, url: str, query: str = "") -> None:
        self._url, self._query, self._page = url, query, ""
        address = url.replace("http", "ws", 1) + "/_stcore/stream"
        self._open = ExitStack()
        self._socket = self._open.enter_context(connect(address, subprotocols=["streamlit"], max_size=None, origin=url))
        self._shown: dict[tuple[int, ...], Shown] = {}
        self._kept: dict[str, ForwardMsg] = {}  # what the page keeps by hash, as it is not sent again
        self._pages: dict[str, str] = {}  # name → hash
        self.seconds: list[tuple[str, float]] = []
        self._run("open", BackMsg())

    def close(self) -> None:
        """Leave."""
        self._open.close()

    # what the page shows
    def has(self, key: str) -> bool:
        """Whether the page has an element of that key; a key that ends in * is the beginning of one."""
        return self._find(key) is not None

    def labels(self, key: str) -> list[str]:
        """What can be chosen of a row of pills or a list."""
        return [getattr(one, "content", one) for one in self._element(key).element.options]

    def keys(self) -> set[str]:
        """The keys on the page."""
        return {name for shown in self._shown.values() if (name := _key(shown.element))}

    def text(self) -> str:
        """What the alerts and texts of the page say."""
        return "\n".join(getattr(shown.element, "body", "") for shown in self._shown.values())

    # what the user does
    def press(self, key: str) -> None:
        """A button."""
        self._set(f"press {key}", key, "trigger_value", True)

    def choose(self, key: str, label: str) -> None:
        """One of a list of choices."""
        self._set(f"choose {key}", key, "string_value", label)

    def type(self, key: str, text: str) -> None:
        """A text, with Enter behind it."""
        self._set(f"type {key}", key, "string_value", text)

    def pick(self, key: str, *labels: str) -> None:
        """Pills, segments, the place of a slider."""
        self._set(f"pick {key}", key, "string_array_value", labels)

    def unfold(self, key: str, *, open_: bool = True) -> None:
        """What is made when it is opened only: a popover, an expander."""
        self._set(f"unfold {key}", key, "bool_value", open_)

    def turn_to(self, page: str) -> None:
        """Another page of the menu."""
        self._page = self._pages[page]
        self._run(f"turn to {page}", BackMsg())

    def download(self, key: str) -> bytes:
        """A file that stands ready behind a button."""
        started = time.perf_counter()
        with urllib.request.urlopen(self._url + self._element(key).element.url, timeout=RUN_SECONDS) as file:
            content = bytes(file.read())
        self.seconds.append((f"download {key}", time.perf_counter() - started))
        return content

    # the wire
    def _find(self, key: str) -> Shown | None:
        for shown in self._shown.values():
            name = _key(shown.element)
            if name == key or (name and key.endswith("*") and name.startswith(key[:-1])):
                return shown
        return None

    def _element(self, key: str) -> Shown:
        found = self._find(key)
        assert found is not None, f"no {key}; there are {sorted(self.keys())}"
        return found

    def _set(self, what: str, key: str, kind: str, value: Any) -> None:
        shown, wish = self._element(key), BackMsg()
        state = wish.rerun_script.widget_states.widgets.add(id=shown.element.id)
        if kind == "string_array_value":
            state.string_array_value.data.extend(value)
        else:
            setattr(state, kind, value)
        wish.rerun_script.fragment_id = shown.fragment
        self._run(what, wish)

    def _run(self, what: str, wish: BackMsg) -> None:
        wish.rerun_script.query_string = self._query
        wish.rerun_script.page_script_hash = self._page
        started = time.perf_counter()
        self._socket.send(wish.SerializeToString())
        ended = self._until_finished(RUN_SECONDS)
        while (later := self._until_finished(QUIET_SECONDS)) is not None:
            ended = later
        assert ended is not None, f"{what}: no run came to its end"
        self.seconds.append((what, ended - started))

    def _until_finished(self, patience: float) -> float | None:
        """When the next run ended; None where none began within the patience: a run may ask for another one."""
        there: set[tuple[int, ...]] = set()
        fragments: set[str] = set()
        while True:
            try:
                message = self._receive(patience)
            except TimeoutError:
                return None
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self._page, there, patience = message.new_session.page_script_hash, set(), RUN_SECONDS
                fragments = set(message.metadata.run.fragment_ids)
            elif kind == "delta" and (place := self._take(message)):
                there.add(place)
            elif kind == "navigation":
                self._pages = {page.url_pathname: page.page_script_hash for page in message.navigation.app_pages}
            elif kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                self._shown = {
                    place: shown for place, shown in self._shown.items()
                    if place in there or (fragments and shown.fragment not in fragments)
                }  # fmt: skip
                return time.perf_counter()

    def _receive(self, patience: float) -> ForwardMsg:
        """The next message; TimeoutError where none comes."""
        message = ForwardMsg.FromString(self._socket.recv(timeout=patience))
        if message.WhichOneof("type") == "ref_hash":
            whole = ForwardMsg()
            whole.CopyFrom(self._kept[message.ref_hash])
            whole.metadata.CopyFrom(message.metadata)
            message = whole
        elif message.hash and message.metadata.cacheable:
            self._kept[message.hash] = message
        if message.WhichOneof("type") == "page_info_changed":
            self._query = message.page_info_changed.query_string
        return message

    def _take(self, message: ForwardMsg) -> tuple[int, ...] | None:
        place, delta = tuple(message.metadata.delta_path), message.delta
        new = delta.add_block if delta.WhichOneof("type") == "add_block" else delta.new_element
        kind = new.WhichOneof("type")
        if kind is None:
            return None
        element = getattr(new, kind)
        assert kind != "exception" and FAULT not in getattr(element, "body", ""), element
        self._shown[place] = Shown(element, delta.fragment_id)
        return place


def _key(element: Any) -> str | None:
    found = _KEY.fullmatch(getattr(element, "id", "") or "")
    return None if found is None or found[1] == "None" else found[1]
