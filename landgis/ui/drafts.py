"""What somebody had filled in when their sign-in ended: kept in memory for them until they are back."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

from landgis.workflow.recording import Entered

LONGEST_S = 8 * 3600


@dataclass(frozen=True)
class Draft:
    """An entry under its number, and the versions of the parcels that it was decided on."""

    entered: Entered
    versions: Mapping[str, int]
    kept_at: float


_drafts: dict[str, Draft] = {}  # one a user
_lock = threading.Lock()


def keep_draft(name: str, entered: Entered, versions: Mapping[str, int]) -> None:
    """Keep what a user had entered, in place of what was kept for them before."""
    with _lock:
        _drafts[name] = Draft(entered, dict(versions), time.monotonic())


def take_draft(name: str, parcels: tuple[str, ...]) -> Draft | None:
    """What is kept for a user about these parcels; it is kept no longer."""
    with _lock:
        for old in [key for key, draft in _drafts.items() if time.monotonic() - draft.kept_at > LONGEST_S]:
            del _drafts[old]
        draft = _drafts.get(name)
        return _drafts.pop(name) if draft is not None and draft.entered.subject == parcels else None
