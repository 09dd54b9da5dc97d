"""What an officer records: an event, a correction, a cancellation, an approval; judged, then put into the ledger."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from landgis.errors import InputRefused, Place, Problem, RegisterRefused, StaleParcel
from landgis.io.days import read_day
from landgis.phases.history import Event, Facts, History, event_of, history, in_effect, inherit, parents_of
from landgis.phases.ledger import Draft, Entry, packed
from landgis.phases.transition import judge
from landgis.roles import require
from landgis.store.base import File, require_same
from landgis.tables import KINDS_OF_DATE, MILESTONES
from landgis.text import N_, Message
from landgis.workflow.project import Project

EVIDENCE_LIMIT = 100_000_000  # bytes
FIELDS = ("occurred_on", "milestone", "kind", "building_id", "evidence", "note")  # what a correction may change


@dataclass(frozen=True)
class Entered:
    """What a user typed about one event; `on` in any form that people write days."""

    subject: str  # a parcel, or a block where the milestone is one of blocks
    milestone: str
    on: str
    building: str | None = None
    kind: str = "actual"
    evidence: str | None = None  # a file
    note: str | None = None
    uuid: str = ""


def record(project: Project, entered: Entered, *, version: int | None = None) -> list[Entry]:
    """Record an event on a parcel, or on every parcel of a block; RegisterRefused with every reason against it.

    `version` is that of the parcel as the user saw it; without it, as it is now.
    """
    require(project.actor, "record")
    draft, files = _draft(entered)
    parcels = _subjects(project, entered.subject, draft.milestone or "")
    drafts, known = [], []
    versions: dict[str, int] = {}
    problems: list[Problem] = []
    mine_of = {p: draft._replace(parcel_id=p, uuid=_number(draft.uuid, p, alone=p == entered.subject)) for p in parcels}
    sent = project.store.known([mine.uuid for mine in mine_of.values() if mine.uuid])
    require_same(mine_of.values(), sent)
    if sent:  # it arrived before; what was recorded since then does not matter
        return [sent[mine.uuid] for mine in mine_of.values() if mine.uuid in sent]
    for parcel, mine in mine_of.items():
        past = read_history(project, parcel)
        verdict = judge(event_of(mine), past, project.life, today=project.today().toordinal())
        if verdict.already is not None:
            known.append(verdict.already)
            continue
        if parcel != entered.subject and _takes_no_part(past, mine):
            continue
        problems += verdict.problems
        drafts.append(mine)
        versions[parcel] = past.version if version is None else version
    if problems and not (version is not None and _overtaken(project, versions)):
        raise RegisterRefused(problems)
    if not drafts:
        return [entry for seq in known for entry in project.store.entries(after=seq - 1) if entry.seq == seq][
            : len(known)
        ]
    return project.store.append(drafts, by=project.actor.name, versions=versions, files=files)


def _number(uuid: str, parcel: str, *, alone: bool) -> str:
    """The number of an event: as given, or with the parcel behind it where one event is for all parcels of a block."""
    return uuid if alone or not uuid else f"{uuid}/{parcel}"


def _takes_no_part(past: History, draft: Draft) -> bool:
    """Whether a step of a block is none of a parcel's: it is no more, has left, or has the step already."""
    left = past.sides and past.sides[-1][1] == "WITHDRAWN"
    return bool(past.replaced or left or past.own(draft.kind or "", draft.milestone or ""))


def _overtaken(project: Project, versions: Mapping[str, int]) -> bool:
    """Whether somebody else recorded something since; who did is said instead of what then forbids the event."""
    return any(read_history(project, parcel).version != version for parcel, version in versions.items())


def _draft(entered: Entered) -> tuple[Draft, list[File]]:
    milestone = word_of(entered.milestone, MILESTONES, "milestone", "E-PHASE-UNKNOWN")
    kind = word_of(entered.kind, KINDS_OF_DATE, "kind", "E-CHOICE")
    day, precision = day_of(entered.on)
    files, details = [], {}
    if entered.evidence is not None:
        files = [read_evidence(entered.evidence)]
        details["sha256"] = files[0].sha256
    draft = Draft(
        "record", None, entered.building or None, milestone, day, precision, kind,  # type: ignore[arg-type]
        files[0].name if files else None, entered.note or None, None, packed(details), entered.uuid,
    )  # fmt: skip
    return draft, files


def word_of(word: str, known: Mapping[str, Sequence[str]], field: str, code: str) -> str:
    """The code of a word that people use, as 签约 for SIGNED."""
    for name, words in known.items():
        if word.strip().upper() == name.upper() or word.strip() in words:
            return name
    listed = ", ".join(f"{name}/{words[0]}" for name, words in known.items())
    message = Message(N_("{value} is not known; use one of: {known}"), {"value": word, "known": listed})
    raise RegisterRefused([Problem(code, message, Place(field=field))])


def day_of(text: str) -> tuple[str, str]:
    """The first day that a text names, as ISO, and how precise it is."""
    found = read_day(text)
    if found is None:
        message = Message(
            N_("{value} is no date; write it as 2026-03-01, or 2026-03 if only the month is known"), {"value": text}
        )
        raise RegisterRefused([Problem("E-DATE", message, Place(field="occurred_on"))])
    return found[0].isoformat(), found[1]


def read_evidence(path: str) -> File:
    """A file as evidence, kept under its hash."""
    try:
        if (size := Path(path).stat().st_size) > EVIDENCE_LIMIT:
            words = N_("the evidence has {size} bytes, more than {limit}; give a smaller copy")
            raise InputRefused(
                [Problem("E-SIZE", Message(words, {"size": size, "limit": EVIDENCE_LIMIT}), Place(path))]
            )
        content = Path(path).read_bytes()
    except OSError as error:
        message = Message(
            N_("the evidence cannot be read ({reason}); check the path"), {"reason": error.strerror or str(error)}
        )
        raise InputRefused([Problem("E-FILE", message, Place(path))]) from error
    return File(hashlib.sha256(content).hexdigest(), Path(path).name, content)


def _subjects(project: Project, subject: str, milestone: str) -> list[str]:
    """The parcel, or the parcels of the block where the milestone is recorded for blocks."""
    if project.store.facts(subject) is not None:
        return [subject]
    if project.life.milestones[milestone].level == "block" and (found := project.store.block_parcels(subject)):
        return [parcel for parcel in found if milestone in project.life.path(_mode(project, parcel)).needs]
    raise RegisterRefused([unknown_parcel(subject)])


def _mode(project: Project, parcel: str) -> str | None:
    facts = project.store.facts(parcel)
    return facts.mode if facts else None


def unknown_parcel(parcel: str, place: Place = Place()) -> Problem:  # noqa: B008  (frozen)
    """There is no such parcel."""
    words = N_("there is no parcel {key} in the project; correct the number or import the parcel")
    return Problem("E-PARCEL-UNKNOWN", Message(words, {"key": parcel}), place, parcel)


def read_history(project: Project, parcel: str) -> History:
    """The history of one parcel, as it counts."""
    facts = project.store.facts(parcel)
    if facts is None:
        raise RegisterRefused([unknown_parcel(parcel)])
    return whole_history(project, facts, list(project.store.entries(parcel_id=parcel)))


def whole_history(project: Project, facts: Facts, lines: Sequence[Entry]) -> History:
    """The history that lines make, with what the parcel took over from those that it came from."""
    made = history(facts, lines)
    inherit(made, [read_history(project, parent) for parent in parents_of(lines)])
    return made


@dataclass(frozen=True)
class Change:
    """A correction as a user typed it: which line, which field, what it says and what it should say."""

    line: int
    field: str
    old: str
    new: str
    why: str


def correct(project: Project, change: Change, *, uuid: str = "") -> Entry:
    """Put a correction behind the ledger; refused where the old value is no longer the one that it names."""
    require(project.actor, "correct")
    _require_reason(change.why)
    if change.field not in FIELDS:
        message = Message(
            N_("{field} cannot be corrected; these can: {known}"), {"field": change.field, "known": ", ".join(FIELDS)}
        )
        raise RegisterRefused([Problem("E-FIELD", message, Place(field="field"))])
    line, lines = _line(project, change.line)
    _require_old(line, change)
    new: dict[str, Any] = {change.field: change.new or None}
    if change.field == "occurred_on":
        day, precision = day_of(change.new)
        new = {"occurred_on": day, "precision": precision}
    elif change.field == "milestone":
        new = {"milestone": word_of(change.new, MILESTONES, "milestone", "E-PHASE-UNKNOWN")}
    elif change.field == "kind":
        new = {"kind": word_of(change.new, KINDS_OF_DATE, "kind", "E-CHOICE")}
    kept = {
        name: getattr(line, name) for name in Draft._fields if name not in ("uuid", "details", "action", "corrects")
    }
    details = {"field": change.field, "old": change.old, "new": change.new, "why": change.why} | _kept_details(line)
    draft = Draft(
        **{**kept, **new, "action": "correct", "corrects": line.root, "details": packed(details), "uuid": uuid}
    )
    _judge_without(project, lines, line, event_of(draft))
    return project.store.append([draft], by=project.actor.name, versions=_version(line, lines))[0]


def cancel(project: Project, line: int, *, old: str, why: str, uuid: str = "") -> Entry:
    """Say that an event did not happen; what cannot be undone takes an approver."""
    require(project.actor, "cancel")
    _require_reason(why)
    found, lines = _line(project, line)
    if project.life.milestones[found.milestone or ""].final:
        require(project.actor, "approve")
    _require_old(found, Change(line, "occurred_on", old, "", why))
    _judge_without(project, lines, found, None)
    kept = {
        name: getattr(found, name) for name in Draft._fields if name not in ("uuid", "details", "action", "corrects")
    }
    details = packed({"why": why, "old": old} | _kept_details(found))
    draft = Draft(**{**kept, "action": "cancel", "corrects": found.root, "details": details, "uuid": uuid})
    return project.store.append([draft], by=project.actor.name, versions=_version(found, lines))[0]


def approve(project: Project, line: int) -> Entry:
    """Confirm what somebody else recorded."""
    require(project.actor, "approve")
    found, lines = _line(project, line)
    if found.recorded_by == project.actor.name:
        words = N_("line {line} was recorded by {name}, who cannot approve it too; somebody else has to")
        raise RegisterRefused([Problem("E-APPROVE-OWN", Message(words, {"line": line, "name": project.actor.name}))])
    draft = Draft("approve", found.parcel_id, corrects=found.root)
    return project.store.append([draft], by=project.actor.name, versions=_version(found, lines))[0]


def _kept_details(line: Entry) -> dict[str, Any]:
    """What stays true of an event when another field of it is corrected."""
    return {name: value for name, value in line.more.items() if name in ("sha256", "gaps")}


def _line(project: Project, seq: int) -> tuple[Entry, list[Entry]]:
    """The event that a line speaks of, as it counts now, and all lines of its parcel."""
    named = (
        next((entry for entry in project.store.entries(after=seq - 1) if entry.seq == seq), None) if seq > 0 else None
    )
    lines = list(project.store.entries(parcel_id=named.parcel_id)) if named and named.parcel_id else []
    found = next((entry for entry in in_effect(lines) if named and entry.root == named.root), None)
    if found is None:
        words = N_("line {line} is no event that counts; see landgis history for the lines of a parcel")
        raise RegisterRefused([Problem("E-LINE", Message(words, {"line": seq}))])
    return found, lines


def _version(line: Entry, lines: Sequence[Entry]) -> dict[str, int]:
    return {line.parcel_id or "": max(entry.version or 0 for entry in lines)}


def _require_reason(why: str) -> None:
    if not why.strip():
        raise RegisterRefused([Problem("E-REASON", Message(N_("a correction needs a reason (--why)")))])


def _require_old(line: Entry, change: Change) -> None:
    """Refuse where the line no longer says what the user thinks it says."""
    now = getattr(line, change.field) or ""
    given = change.old.strip()
    if change.field == "occurred_on" and (day := read_day(given)):
        same = (day[0].isoformat(), day[1]) == (line.occurred_on, line.precision)
    else:
        same = given == now
    if not same:
        words = N_("line {line} says {now} and not {old}; {by} wrote that on {at}: read it again, then decide")
        values = {
            "line": change.line,
            "now": now or "-",
            "old": given or "-",
            "by": line.recorded_by,
            "at": line.recorded_at,
        }
        raise StaleParcel([Problem("E-OLD-VALUE", Message(words, values), Place(field=change.field), line.parcel_id)])


def _judge_without(project: Project, lines: Sequence[Entry], line: Entry, event: Event | None) -> None:
    """Judge a corrected event as if the old one had never been, and the others as if it always was so."""
    facts = project.store.facts(line.parcel_id or "")
    assert facts is not None
    others = [entry for entry in lines if entry.root != line.root]
    today = project.today().toordinal()
    past = whole_history(project, facts, others)
    problems: list[Problem] = []
    if event is not None:
        verdict = judge(event, past, project.life, today=today, strict=not line.more.get("gaps"))
        if verdict.already is not None:
            words = N_("line {line} says the same already")
            raise RegisterRefused([Problem("E-EVENT-TWICE", Message(words, {"line": verdict.already}))])
        problems += verdict.problems
        past.add(event, line.root)
    before = _troubles(project, whole_history(project, facts, lines), others)
    after = _troubles(project, past, others)
    problems += [problem for key, problem in after.items() if key not in before]
    if problems:
        raise RegisterRefused(problems)


def _troubles(project: Project, past: History, lines: Sequence[Entry]) -> dict[tuple[int, str, str], Problem]:
    """What would be said of each event that counts, were it recorded last."""
    found = {}
    for line in in_effect(lines):
        event = event_of(line)
        rest = copy.deepcopy(past)
        rest.remove(event, line.root)
        verdict = judge(event, rest, project.life, today=project.today().toordinal(), strict=not line.more.get("gaps"))
        for problem in verdict.problems:
            found[line.root, problem.code, str(problem.message)] = problem
    return found
