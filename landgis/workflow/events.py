"""Events from files: years of spreadsheets, staged. A row is taken, already there, or refused and told why."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from landgis.errors import InputRefused, LandgisError, Place, Problem, RegisterRefused
from landgis.io.ledger_file import LEDGER_SUFFIX, read_ledger
from landgis.io.mapping import read_mapping
from landgis.io.raw import Read, Source
from landgis.io.read import read_table
from landgis.phases.history import Event, Facts, History, in_effect, span_of
from landgis.phases.ledger import Draft, Entry, packed, verify
from landgis.phases.lifecycle import CODES
from landgis.phases.transition import Verdict, judge
from landgis.roles import require
from landgis.store.base import standing
from landgis.tables import EVENTS, SIDE_MILESTONES
from landgis.text import N_, Message, Translate
from landgis.workflow.project import Project
from landgis.workflow.recording import unknown_parcel, whole_history

ONE_BY_ONE = 200  # up to so many parcels their histories are asked for singly
SKEW_SECONDS = 2  # a clock that goes back by less is no matter


class Row(NamedTuple):
    """One row of the file as an event."""

    number: int
    parcel_id: str
    event: Event
    occurred_on: str
    precision: str
    started: int | None
    event_id: str
    by: str | None
    recorded_at: str | None


@dataclass
class Receipt:
    """What became of each row: read = taken + already there + refused."""

    file: str
    read: int = 0
    taken: int = 0
    already: list[tuple[int, int]] = field(default_factory=list)  # row, and the line that says the same (or −row)
    refused: list[Problem] = field(default_factory=list)
    rows_refused: set[int] = field(default_factory=set)
    gaps: Counter[str] = field(default_factory=Counter)  # what is missing → how many events lack it
    with_gaps: int = 0
    remarks: list[Problem] = field(default_factory=list)
    written: bool = False

    def refuse(self, row: int, problems: Iterable[Problem]) -> None:
        """Note why a row is not taken."""
        self.rows_refused.add(row)
        self.refused += problems

    def as_json(self, translate: Translate) -> dict[str, Any]:
        """The receipt as `--json` prints it."""
        return {
            "file": self.file,
            "read": self.read,
            "taken": self.taken,
            "already": len(self.already),
            "refused": len(self.rows_refused),
            "written": self.written,
            "with_gaps": self.with_gaps,
            "gaps": dict(sorted(self.gaps.items())),
            "already_rows": [{"row": row, "line": line} for row, line in self.already],
            "problems": [problem.render(translate) for problem in self.refused],
            "warnings": [problem.render(translate) for problem in self.remarks],
        }


def import_events(
    project: Project, text: str, *, mapping: str | None = None, encoding: str | None = None, set_aside: bool = False
) -> Receipt:
    """Put the events of a file into the register; where one row is refused, none is taken, unless `set_aside`.

    Raises RegisterRefused (or InputRefused, where a value cannot be read), with the receipt as `error.receipt`.
    """
    require(project.actor, "events")
    today = project.today()
    read = _read(text, mapping, encoding, today)
    receipt = Receipt(read.source.file, remarks=list(read.problems))
    for aside in read.set_aside:
        receipt.refuse(aside.row, [aside.problem])
    unreadable = bool(receipt.refused)
    rows = _rows(read)
    receipt.read = len(rows) + len(read.set_aside)
    _note_clock(read, receipt)
    inverted = _check_intervals(read, rows, receipt)
    drafts, versions = _stage(project, read, rows, receipt, today)
    receipt.taken = len(drafts)
    if receipt.refused and not set_aside:
        receipt.taken = 0
        raise _refusal(receipt, unreadable=unreadable or inverted)
    if drafts:
        project.store.append(drafts, by=project.actor.name, versions=versions)
    receipt.written = True
    return receipt


def _read(text: str, mapping: str | None, encoding: str | None, today: datetime.date) -> Read:
    if text.lower().endswith(LEDGER_SUFFIX):
        return _read_ledger(Path(text))
    how = read_mapping(mapping).get("events") if mapping else None
    return read_table(text, EVENTS, mapping=how, encoding=encoding, today=today, staged=True)


def _read_ledger(path: Path) -> Read:
    """The events that count in an exported ledger, whose chain has to be whole."""
    lines = read_ledger(path)
    if problems := list(verify(lines, str(path))):
        raise InputRefused(problems)
    counting = in_effect(lines)
    frame = pd.DataFrame([line._asdict() for line in counting], columns=list(Entry._fields)).rename(
        columns={"precision": "occurred_on_precision", "uuid": "event_id"}
    )
    frame["occurred_on"] = pd.to_datetime(frame["occurred_on"])
    numbers = np.array([line.seq for line in counting], dtype=int)
    return Read(frame, numbers, Source(str(path), driver="ledger", rows=len(frame)))


def _refusal(receipt: Receipt, *, unreadable: bool) -> LandgisError:
    words = N_(
        "{refused} of {read} rows are refused, so none was taken; correct them, or take the others with --set-aside"
    )
    message = Message(words, {"refused": len(receipt.rows_refused), "read": receipt.read})
    problems = [*receipt.refused, *receipt.remarks, Problem("E-EVENTS", message, Place(receipt.file))]
    error: LandgisError = InputRefused(problems) if unreadable else RegisterRefused(problems)
    error.receipt = receipt  # type: ignore[attr-defined]
    return error


def _rows(read: Read) -> list[Row]:
    """The rows as events, in the order of the file."""
    frame, size = read.frame, len(read.frame)

    def texts(name: str) -> list[str | None]:
        if name not in frame:
            return [None] * size
        column = frame[name].astype(object)
        return list(column.where(column.notna(), None))

    days = frame["occurred_on"].dt.strftime("%Y-%m-%d").tolist()
    precisions = [precision or "day" for precision in texts("occurred_on_precision")]
    spans = {key: span_of(*key) for key in set(zip(days, precisions, strict=True))}
    started = [None] * size
    if "started_on" in frame:
        known = frame["started_on"].notna()
        started = [day.toordinal() if there else None for day, there in zip(frame["started_on"], known, strict=True)]
    columns = zip(
        read.rows.tolist(), texts("parcel_id"), texts("building_id"), texts("milestone"), texts("kind"), days,
        precisions, texts("note"), texts("evidence"), started, texts("event_id"),
        texts("recorded_by"), texts("recorded_at"),
        strict=True,
    )  # fmt: skip
    return [
        Row(number, str(parcel), Event(building, str(milestone), kind or "actual", *spans[day, precision], note, proof),
            day, precision, began, event_id or "", by, at)
        for number, parcel, building, milestone, kind, day, precision, note, proof, began, event_id, by, at in columns
    ]  # fmt: skip


def _note_clock(read: Read, receipt: Receipt) -> None:
    """Where the other register's clock went back; the order of the file is kept, as that of its ledger."""
    if "recorded_at" not in read.frame:
        return
    moments = pd.to_datetime(read.frame["recorded_at"], errors="coerce", utc=True, format="ISO8601")
    back = -moments.diff().dt.total_seconds().to_numpy()
    for position in np.flatnonzero(back > SKEW_SECONDS):
        words = N_("the clock went back by {seconds} s against the row before; the order of the rows is kept")
        place = Place(read.source.file, read.source.layer, int(read.rows[position]), "recorded_at")
        receipt.remarks.append(Problem("W-CLOCK", Message(words, {"seconds": round(float(back[position]))}), place))


def _check_intervals(read: Read, rows: list[Row], receipt: Receipt) -> bool:
    """A step that ends before it begins, or begins before the step ahead of it has ended."""
    timed = [row for row in rows if row.started is not None]
    ends: dict[tuple[str, str | None], list[Row]] = {}
    found = False
    for row in sorted(timed, key=lambda row: CODES[row.event.milestone]):
        assert row.started is not None
        place = _place(read, row)
        span = {"start": _iso(row.started), "end": _iso(row.event.last)}
        if row.started > row.event.last:
            words = N_("it ends on {end}, before it begins on {start}; correct one of the dates")
            receipt.refuse(row.number, [Problem("E-TIME-INVERTED", Message(words, span), place, row.parcel_id)])
            found = True
            continue
        ahead = ends.setdefault((row.parcel_id, row.event.building_id), [])
        for other in ahead:
            if row.started < other.event.first:
                words = N_(
                    "it begins on {start}, while row {row} lasts from {from_day} to {to_day}; correct one of them"
                )
                values = span | {"row": other.number, "from_day": _iso(other.started), "to_day": _iso(other.event.last)}
                receipt.refuse(row.number, [Problem("E-TIME-OVERLAP", Message(words, values), place, row.parcel_id)])
                found = True
        ahead.append(row)
    return found


def _iso(day: int | None) -> str:
    return datetime.date.fromordinal(day).isoformat() if day is not None else "-"


def _place(read: Read, row: Row) -> Place:
    return Place(read.source.file, read.source.layer, row.number)


def _stage(
    project: Project, read: Read, rows: list[Row], receipt: Receipt, today: datetime.date
) -> tuple[list[Draft], dict[str, int]]:
    """The lines to write, in the order of the file, and the versions of the parcels that they were judged by."""
    usable = [row for row in rows if row.number not in receipt.rows_refused]
    histories = read_histories(project, {row.parcel_id for row in usable})
    verdicts: dict[int, Verdict] = {}
    ids: dict[str, Row] = {}
    sent = project.store.known([row.event_id for row in usable if row.event_id])
    for at in _order(usable):
        row = usable[at]
        past = histories.get(row.parcel_id)
        if past is None:
            receipt.refuse(row.number, [unknown_parcel(row.parcel_id, _place(read, row))])
            continue
        if (there := sent.get(row.event_id)) is not None and _says(there, row):
            receipt.already.append((row.number, there.seq))  # also where it was corrected since then
            continue
        if row.event_id and (other := ids.setdefault(row.event_id, row)) is not row and other[1:] != row[1:]:
            words = N_("event {id} is in row {row} too, and says something else there; give it a number of its own")
            message = Message(words, {"id": row.event_id, "row": other.number})
            receipt.refuse(row.number, [Problem("E-EVENT-ID", message, _place(read, row), row.parcel_id)])
            continue
        verdict = _judge(row, past, project, today, _place(read, row))
        if verdict.already is not None:
            receipt.already.append((row.number, verdict.already))
        elif verdict.problems:
            receipt.refuse(row.number, verdict.problems)
        else:
            past.add(row.event, -row.number)
            verdicts[at] = verdict
            receipt.gaps.update(verdict.gaps)
            receipt.with_gaps += bool(verdict.gaps)
    receipt.already.sort()
    receipt.refused.sort(key=lambda problem: problem.place.row or 0)
    drafts = [_draft(usable[at], verdicts[at]) for at in sorted(verdicts)]
    return drafts, {draft.parcel_id or "": histories[draft.parcel_id or ""].version for draft in drafts}


def _says(line: Entry, row: Row) -> bool:
    """Whether a line says what a row says."""
    event = row.event
    said = (line.parcel_id, line.building_id, line.milestone, line.occurred_on, line.kind)
    return said == (row.parcel_id, event.building_id, event.milestone, row.occurred_on, event.kind)


def _judge(row: Row, past: History, project: Project, today: datetime.date, place: Place) -> Verdict:
    event = row.event
    verdict = judge(event, past, project.life, today=today.toordinal(), strict=False, place=place)
    if (
        verdict.problems and event.kind != "actual"
    ):  # a new plan takes the place of the old one, which may contradict it
        older = {kind: {b: dict(track) for b, track in tracks.items()} for kind, tracks in past.tracks.items()}
        for track in past.tracks.get(event.kind, {}).values():
            for milestone in [name for name, span in track.items() if span.seq > 0]:
                del track[milestone]
        verdict = judge(event, past, project.life, today=today.toordinal(), strict=False, place=place)
        if verdict.problems:
            past.tracks = older
    return verdict


def _order(rows: Sequence[Row]) -> list[int]:
    """The order in which rows are judged: parcel by parcel; pauses by their days, then steps along the path."""
    if not rows:
        return []
    parcels = pd.factorize(np.array([row.parcel_id for row in rows], dtype=object))[0]
    side = np.array([row.event.milestone in SIDE_MILESTONES for row in rows])
    step = np.array([CODES[row.event.milestone] for row in rows])
    day = np.array([row.event.first for row in rows])
    whole = np.array([row.event.building_id is None for row in rows])
    return np.lexsort((whole, day, np.where(side, day, step), ~side, parcels)).tolist()


def _draft(row: Row, verdict: Verdict) -> Draft:
    details: dict[str, Any] = {"imported": True}
    if verdict.gaps:
        details["gaps"] = list(verdict.gaps)
    if row.by:
        details["by"] = row.by
    if row.recorded_at:
        details["at"] = row.recorded_at
    if row.started is not None:
        details["started_on"] = _iso(row.started)
    event = row.event
    return Draft(
        "record", row.parcel_id, event.building_id, event.milestone, row.occurred_on, row.precision, event.kind,  # type: ignore[arg-type]
        event.evidence, event.note, None, packed(details), row.event_id,
    )  # fmt: skip


def read_histories(project: Project, parcels: set[str]) -> dict[str, History]:
    """The histories of many parcels; a parcel that does not exist has none."""
    store = project.store
    if len(parcels) <= ONE_BY_ONE:
        known = {parcel: facts for parcel in parcels if (facts := store.facts(parcel)) is not None}
        return {
            parcel: whole_history(project, facts, list(store.entries(parcel_id=parcel)))
            for parcel, facts in known.items()
        }
    lines: dict[str, list[Entry]] = {}
    for entry in store.entries():
        if entry.parcel_id in parcels:
            lines.setdefault(entry.parcel_id, []).append(entry)
    return {
        parcel: whole_history(project, facts, lines.get(parcel, []))
        for parcel, facts in all_facts(project).items()
        if parcel in parcels
    }


def all_facts(project: Project) -> dict[str, Facts]:
    """What is known of every parcel."""
    land = project.store.land()
    buildings: dict[str, list[tuple[str, object]]] = {}
    built = land["land_buildings"][land["land_buildings"]["main"] == 1]
    for building, parcel, fallen in zip(built["building_id"], built["parcel_id"], built["fallen"], strict=True):
        buildings.setdefault(parcel, []).append((building, fallen))
    parcels = land["land_parcels"].astype(object)
    rows = parcels.where(parcels.notna(), None)[["parcel_id", "block_id", "renovation_mode", "sign_blockers"]]
    return {
        parcel: Facts(parcel, block, mode, blockers, standing(buildings.get(parcel, ())))
        for parcel, block, mode, blockers in rows.itertuples(index=False, name=None)
    }
