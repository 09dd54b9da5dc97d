"""Where a page finds what it shows: who looks, at which version of the zone, and what was asked for."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import streamlit as st

from landgis.errors import LandgisError
from landgis.text import LANGUAGES
from landgis.ui import asked as links
from landgis.ui.asked import Asked
from landgis.ui.server import Server, current
from landgis.ui.words import Words, safe
from landgis.workflow.project import Project
from landgis.workflow.zone import Zone

ASKED, PAGES, FLY = "asked", "pages", "fly_to"
ANSWERED_ON_PLACE = ("parcel", "as_of", "theme", "chosen", "search", "massing", "language")


class Here:
    """All that a page needs.

    The zone is held by the session, not from here: streamlit 1.67 keeps what the callback of a widget was given for as
    long as a session lasts, and with it would stay every version of the zone that was ever looked at.
    """

    def __init__(self, project: Project, zone: Zone, asked: Asked, words: Words) -> None:
        self.project, self.asked, self.words = project, asked, words
        self._zone = weakref.ref(zone)

    @property
    def zone(self) -> Zone:
        """The zone at the version that this run of the page shows."""
        found = self._zone()
        assert found is not None  # only what no page shows any more asks for an old one
        return found

    @property
    def config(self) -> Server:
        """The server, with its map settings."""
        return current()


def visitor() -> Project | None:
    """The project as whoever looks at this page; None where that person has to sign in."""
    return current().who(dict(st.context.cookies))


def here() -> Here:
    """What this run of the script is about; the frame has made sure that there is somebody and something."""
    found = st.session_state.get("here")
    assert isinstance(found, Here)
    return found


def asked_now(today: Any) -> Asked:
    """What is asked for: as the session has it; at its start, as the link says."""
    if ASKED not in st.session_state:
        st.session_state[ASKED] = links.read(st.query_params.to_dict(), today)
        st.session_state[FLY] = "start"
    found: Asked = st.session_state[ASKED]
    return found


def go(fly: bool = True, **changes: Any) -> None:
    """Ask for something else, in callbacks; `fly`: the map moves there, which a click on the map does not want."""
    before: Asked = st.session_state[ASKED]
    st.session_state[ASKED] = after = replace(before, **changes)
    if fly and after.block != before.block:
        st.session_state[FLY] = "block"
    if fly and after.parcel != before.parcel and after.parcel is not None:
        st.session_state[FLY] = "parcel"


def open_page(name: str, **changes: Any) -> None:
    """Go to another page of the app, in the body of a page."""
    go(**changes)
    st.switch_page(st.session_state[PAGES][name])


def words_of(asked: Asked) -> Words:
    """The words of the language that is asked for."""
    return Words(asked.language if asked.language in LANGUAGES else LANGUAGES[0])


@contextmanager
def shown_errors(words: Words | None = None) -> Iterator[None]:
    """Say what a refusal says, a line a problem; whatever follows in the page goes on."""
    try:
        yield
    except LandgisError as refusal:
        said = words or here().words
        for problem in refusal.problems:
            st.error(safe(said.problem(problem)))


def changed() -> None:
    """Something was recorded, imported or scored: run again, and read what is new."""
    st.rerun()


Page = Callable[[], None]
__all__ = ["Here", "asked_now", "changed", "go", "here", "open_page", "safe", "shown_errors", "visitor", "words_of"]
