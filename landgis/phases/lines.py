"""The lines of a ledger as arrays: read once, and made longer as lines are added.

Days are ordinals, as `datetime.date.toordinal` counts; NEVER where something has not happened. Codes of milestones are
positions in NAMES.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pandas import Index, factorize

from landgis.phases.curve import EPOCH, NEVER
from landgis.phases.lifecycle import CODES
from landgis.tables import KINDS_OF_DATE

COLUMNS = ("seq", "action", "parcel_id", "building_id", "milestone", "occurred_on", "precision", "kind", "corrects",
           "recorded_at", "details")  # fmt: skip
KINDS = tuple(KINDS_OF_DATE)
ACTUAL = KINDS.index("actual")
NOBODY = -1  # stands for "the whole parcel" where a building is named, and for "no event" where a milestone is


OF_LINES = ("seq", "root", "milestone", "kind", "first", "day")  # what each line has for itself


@dataclass(frozen=True)
class Lines:
    """The lines of a ledger as arrays, all of one length n; texts only where few lines have them."""

    seq: np.ndarray  # int64
    root: np.ndarray  # int64, the line that first recorded the event
    parcel: np.ndarray  # int64 position in `parcel_ids`, NOBODY where the line is about no parcel
    building: np.ndarray  # int64 position in `building_ids`, or NOBODY
    milestone: np.ndarray  # int8, or NOBODY where the line is no event, or a cancellation
    kind: np.ndarray  # int8
    first: np.ndarray  # int32, the day, or the first one where only a month or a year is known
    day: np.ndarray  # int32, the day by which it had surely happened
    recorded: np.ndarray  # datetime64[us], never falling, although clocks may
    corrections: np.ndarray  # int64 positions of the lines that correct or cancel
    parcel_ids: Index
    building_ids: Index
    lineage: tuple[tuple[int, str, str, int, Sequence[str]], ...]  # seq, action, parcel, day, the other parcels


def lines_of(rows: Sequence[tuple[Any, ...]]) -> Lines:
    """The lines of a ledger from rows of COLUMNS, in the order of the ledger."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(COLUMNS)
    seq, action, parcel, building, milestone, occurred, precision, kind, corrects, at, details = columns
    size = len(rows)
    parcels, parcel_ids = factorize(np.array(parcel, dtype=object))
    buildings, building_ids = factorize(np.array(building, dtype=object))
    actions = np.array(action, dtype=object)
    code_of: dict[str | None, int] = {None: NOBODY}
    code_of.update(CODES)
    codes = np.array([code_of[name] for name in milestone], dtype=np.int8)
    codes[(actions == "cancel") | ~np.isin(actions, ["record", "correct"])] = NOBODY
    kinds: dict[str | None, int] = {None: NOBODY}
    kinds.update({name: code for code, name in enumerate(KINDS)})
    recorded = np.maximum.accumulate(np.array([text[:-1] for text in at], dtype="datetime64[us]")) if size else (
        np.empty(0, "datetime64[us]")
    )  # fmt: skip
    corrected = np.array([number or 0 for number in corrects], dtype=np.int64)
    numbers = np.array(seq, dtype=np.int64)
    kind_codes = np.array([kinds[name] for name in kind], dtype=np.int8)
    first, last = _days(occurred, precision, np.where(kind_codes == ACTUAL, recorded, np.datetime64("NaT")))
    return Lines(
        seq=numbers,
        root=np.where(corrected > 0, corrected, numbers),
        parcel=parcels,
        building=buildings,
        milestone=codes,
        kind=kind_codes,
        first=first,
        day=last,
        recorded=recorded,
        corrections=np.flatnonzero(np.isin(actions, ["correct", "cancel"])),
        parcel_ids=Index(parcel_ids, dtype=object),
        building_ids=Index(building_ids, dtype=object),
        lineage=_lineage(actions, seq, parcel, occurred, details),
    )


def extended(lines: Lines, more: Lines) -> Lines:
    """The lines with those that were added behind them; what was known of the old ones is taken over.

    `more` was made of the new lines alone.
    """
    parcel_ids, parcel = _with(lines.parcel_ids, more.parcel_ids, more.parcel)
    building_ids, building = _with(lines.building_ids, more.building_ids, more.building)
    both = {name: np.concatenate([getattr(lines, name), getattr(more, name)]) for name in OF_LINES}
    return Lines(
        **both,
        parcel=np.concatenate([lines.parcel, parcel]),
        building=np.concatenate([lines.building, building]),
        recorded=np.maximum.accumulate(np.concatenate([lines.recorded, more.recorded])),
        corrections=np.concatenate([lines.corrections, more.corrections + len(lines.seq)]),
        parcel_ids=parcel_ids,
        building_ids=building_ids,
        lineage=(*lines.lineage, *more.lineage),
    )


def _with(known: Index, more: Index, codes: np.ndarray) -> tuple[Index, np.ndarray]:
    """Keys with new ones behind them, and the codes of the new lines among all."""
    new = more.difference(known, sort=False)
    every = known.append(new)
    place = np.append(every.get_indexer(more), NOBODY)  # NOBODY stands for itself
    return every, place[codes]


def _days(
    occurred: Sequence[object], precision: Sequence[object], written: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """First day, and the last of a month or year, but not later than the day on which a fact was written down."""
    days = np.array([day or "NaT" for day in occurred], dtype="datetime64[D]")
    last = days.copy()
    coarse = np.array([word in ("month", "year") for word in precision], dtype=bool)
    if coarse.any():
        some, words = days[coarse], np.array(precision, dtype=object)[coarse]
        month = (some.astype("datetime64[M]") + 1).astype("datetime64[D]") - 1
        year = (some.astype("datetime64[Y]") + 1).astype("datetime64[D]") - 1
        ends = np.where(words == "month", month, year)
        last[coarse] = np.maximum(some, np.fmin(ends, written[coarse].astype("datetime64[D]")))
    return _ordinals(days), _ordinals(last)


def _ordinals(days: np.ndarray) -> np.ndarray:
    return np.where(np.isnat(days), NEVER, days.astype("int64") + EPOCH).astype(np.int32)


def _lineage(
    actions: np.ndarray,
    seq: Sequence[Any],
    parcel: Sequence[Any],
    occurred: Sequence[Any],
    details: Sequence[Any],
) -> tuple[tuple[int, str, str, int, Sequence[str]], ...]:
    import datetime
    import json

    found = []
    for at in np.flatnonzero(np.isin(actions, ["replace", "create"])).tolist():
        more = json.loads(str(details[at]))
        day = datetime.date.fromisoformat(str(occurred[at])).toordinal()
        others = more["new"] if actions[at] == "replace" else more["old"]
        found.append((int(str(seq[at])), str(actions[at]), str(parcel[at]), day, tuple(others)))
    return tuple(found)


def known_lines(lines: Lines, known_on: np.datetime64 | None) -> int:
    """How many lines the register had at a moment; all of them where no moment is given."""
    if known_on is None:
        return len(lines.seq)
    return int(np.searchsorted(lines.recorded, known_on, side="right"))


def counting(lines: Lines, size: int) -> np.ndarray:
    """Of the first `size` lines, the positions of those that count: events as their last correction has them.

    They come in the order in which the events were first recorded.
    """
    counts = lines.milestone[:size] != NOBODY
    corrections = lines.corrections[lines.corrections < size]
    if len(corrections):
        last: dict[int, int] = {}
        for at in corrections.tolist():
            last[int(lines.root[at])] = at
        counts[corrections] = False
        counts[np.searchsorted(lines.seq[:size], list(last))] = False
        stand = np.array(list(last.values()))
        counts[stand] = lines.milestone[stand] != NOBODY
    at = np.flatnonzero(counts)
    return at[np.argsort(lines.root[at], kind="stable")] if len(corrections) else at
