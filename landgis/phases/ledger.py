"""The lines of the ledger: what one holds, how it is chained to the one before it, what a broken chain looks like.

A line is never changed. A correction is a line of its own that names the line it corrects and holds the whole event as
it is to be read from then on; a cancellation says that the event did not happen. `hash` is SHA-256 over the hash before
it and all other fields, so that a changed, missing or inserted line shows (`verify`).
"""

from __future__ import annotations

import datetime
import hashlib
import secrets
from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple

import orjson

from landgis.errors import Place, Problem
from landgis.text import N_, Message

Precision = Literal["day", "month", "year"]
Action = Literal[
    "record", "correct", "cancel", "approve", "replace", "create", "import", "baseline", "claim", "user", "plan"
]
EVENTS = frozenset({"record", "correct", "cancel"})  # lines that say what happened on a parcel
GENESIS = "0" * 64  # what the first line names as the hash before it


class Draft(NamedTuple):
    """A line as a user means it, before the store gives it its place in the ledger. Days are ISO texts."""

    action: Action
    parcel_id: str | None = None
    building_id: str | None = None
    milestone: str | None = None
    occurred_on: str | None = None  # the first day where only a month or a year is known
    precision: Precision | None = None
    kind: str | None = None  # planned, forecast, actual
    evidence: str | None = None
    note: str | None = None
    corrects: int | None = None  # the line that first recorded the event
    details: str | None = None  # JSON: old value and reason of a correction, gaps, lineage, a claim …
    uuid: str = ""  # made by the client, so that a retry is recognised; the store makes one where it is empty


class Entry(NamedTuple):
    """A line of the ledger."""

    seq: int  # 1, 2, 3 … without a gap
    uuid: str
    action: Action
    parcel_id: str | None
    version: int | None  # 1, 2, 3 … of its parcel
    building_id: str | None
    milestone: str | None
    occurred_on: str | None
    precision: Precision | None
    kind: str | None
    evidence: str | None
    note: str | None
    corrects: int | None
    details: str | None
    recorded_at: str  # UTC, as 2026-11-21T10:50:48.123456Z
    recorded_by: str
    prev: str
    hash: str

    @property
    def root(self) -> int:
        """The line that first recorded the event that this line is about."""
        return self.corrects or self.seq

    @property
    def more(self) -> dict[str, Any]:
        """`details`, read."""
        return dict(orjson.loads(self.details)) if self.details else {}


def packed(details: dict[str, Any]) -> str | None:
    """Details as the ledger holds them: JSON with sorted keys; None where there are none."""
    return orjson.dumps(details, option=orjson.OPT_SORT_KEYS).decode() if details else None


def instant(moment: datetime.datetime) -> str:
    """A moment as the ledger writes it: UTC with six decimals, so that texts sort as the moments do."""
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def seal_all(
    drafts: Iterable[Draft], versions: dict[str, int], *, seq: int, prev: str, at: str, by: str
) -> Iterator[Entry]:
    """The lines behind line `seq`, whose hash is `prev`; `versions` holds each parcel's last one and is moved on."""
    for draft in drafts:
        seq += 1
        version = None
        if draft.parcel_id is not None:
            version = versions[draft.parcel_id] = versions.get(draft.parcel_id, 0) + 1
        line = (
            seq, draft.uuid or f"{seq:08x}-{secrets.token_hex(12)}", draft.action, draft.parcel_id, version,
            draft.building_id, draft.milestone, draft.occurred_on, draft.precision, draft.kind, draft.evidence,
            draft.note, draft.corrects, draft.details, at, by,
        )  # fmt: skip
        entry = Entry(*line, prev, _digest(prev, line))
        prev = entry.hash
        yield entry


def _digest(prev: str, line: tuple[object, ...]) -> str:
    try:
        return hashlib.sha256(prev.encode() + orjson.dumps(line)).hexdigest()
    except (TypeError, UnicodeEncodeError):  # a value that no line of ours ever had
        return ""


def verify(entries: Iterable[Entry], file: str | None = None) -> Iterator[Problem]:
    """What is wrong with a ledger: a line that was changed, is missing or was put in."""
    prev, expected = GENESIS, 1
    for entry in entries:
        here = Place(file, row=entry.seq)
        values = {"seq": entry.seq, "expected": expected}
        if entry.seq != expected:
            words = N_("line {expected} of the ledger is missing, line {seq} stands in its place; restore a backup")
            yield Problem("E-LEDGER-CHAIN", Message(words, values), here)
        if entry.prev != prev:
            words = N_(
                "line {seq} of the ledger does not follow the line before it (prev is not that line's hash):"
                " a line was changed, taken out or put in; restore a backup"
            )
            yield Problem("E-LEDGER-CHAIN", Message(words, values), here)
        if entry.hash != _digest(entry.prev, entry[:-2]):
            words = N_("line {seq} of the ledger was changed: its hash is not that of its content; restore a backup")
            yield Problem("E-LEDGER-CHAIN", Message(words, values), here)
        prev, expected = entry.hash, entry.seq + 1
