"""What an officer records: an event, a correction, a cancellation, an approval; judged, then put into the ledger."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import Any

from landgis.errors import InputRefused, Place, Problem, RegisterRefused, StaleParcel
from landgis.io.days import read_day
from landgis.phases.history import History, event_of, in_effect
from landgis.phases.ledger import Action, Draft, Entry, packed
from landgis.phases.transition import judge
from landgis.roles import may, require
from landgis.store.base import File, described, require_same
from landgis.tables import KINDS_OF_DATE, MILESTONES
from landgis.text import N_, Message
from landgis.workflow.past import judge_before, judge_without
from landgis.workflow.past import read_history as read_history
from landgis.workflow.past import unknown_parcel as unknown_parcel
from landgis.workflow.past import whole_history as whole_history
from landgis.workflow.project import Project

EVIDENCE_LIMIT = 100_000_000  # bytes
FIELDS = ("occurred_on", "milestone", "kind", "building_id", "evidence", "note")  # what a correction may change


@dataclass(frozen=True)
class Entered:
    """What a user typed about one event; `on` in any form that people write days."""

    subject: str | tuple[str, ...]  # a parcel, several, or a block where the milestone is one of blocks
    milestone: str
    on: str
    building: str | None = None
    kind: str = "actual"
    evidence: str | File | None = None  # the path of a file, or one that was sent (`evidence_file`)
    note: str | None = None
    uuid: str = ""


def record(project: Project, entered: Entered, *, version: int | Mapping[str, int] | None = None) -> list[Entry]:
    """Record an event on a parcel, on several, or on every parcel of a block; all of them or none.

    `version` is that of the parcel as the user saw it, or that of each; without it, as it is now. RegisterRefused says
    every reason against it, StaleParcel what somebody else recorded since.
    """
    require(project.actor, "record")
    draft, files = _draft(entered)
    parcels = _subjects(project, entered.subject, draft.milestone or "")
    seen = version if isinstance(version, Mapping) else {} if version is None else dict.fromkeys(parcels, version)
    drafts, known = [], []
    versions: dict[str, int] = {}
    problems: list[Problem] = []
    mine_of = {p: draft._replace(parcel_id=p, uuid=_number(draft.uuid, p, alone=p == entered.subject)) for p in parcels}
    sent = project.store.known([mine.uuid for mine in mine_of.values() if mine.uuid])
    require_same(mine_of.values(), sent)
    if sent:  # it arrived before; what was recorded since then does not matter
        return [sent[mine.uuid] for mine in mine_of.values() if mine.uuid in sent]
    of_block = isinstance(entered.subject, str) and parcels != [entered.subject]
    for parcel, mine in mine_of.items():
        past = read_history(project, parcel)
        verdict = judge(event_of(mine), past, project.life, today=project.today().toordinal())
        if verdict.already is not None:
            known.append(verdict.already)
            continue
        if of_block and _takes_no_part(past, mine):
            continue
        problems += verdict.problems
        drafts.append(mine)
        versions[parcel] = seen.get(parcel, past.version)
    if problems and not (seen and _overtaken(project, versions)):
        raise RegisterRefused(problems)
    if not drafts:
        return [entry for seq in known for entry in project.store.entries(after=seq - 1) if entry.seq == seq][
            : len(known)
        ]
    return project.store.append(drafts, by=project.actor.name, versions=versions, files=files)


def _number(uuid: str, parcel: str, *, alone: bool) -> str:
    """The number of an event: as given, or with the parcel behind it where one event is for several parcels."""
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
        files = [entered.evidence if isinstance(entered.evidence, File) else read_evidence(entered.evidence)]
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
        _require_size(Path(path).stat().st_size, path)
        content = Path(path).read_bytes()
    except OSError as error:
        message = Message(
            N_("the evidence cannot be read ({reason}); check the path"), {"reason": error.strerror or str(error)}
        )
        raise InputRefused([Problem("E-FILE", message, Place(path))]) from error
    return evidence_file(path, content)


def evidence_file(name: str, content: bytes) -> File:
    """What somebody sent as evidence; of its name only the last part is kept, as other systems give whole paths."""
    _require_size(len(content), name)
    last = "".join(letter for letter in PureWindowsPath(name).name if letter.isprintable())
    return File(hashlib.sha256(content).hexdigest(), last or "evidence", content)


def _require_size(size: int, name: str) -> None:
    if size > EVIDENCE_LIMIT:
        words = N_("the evidence has {size} bytes, more than {limit}; give a smaller copy")
        raise InputRefused([Problem("E-SIZE", Message(words, {"size": size, "limit": EVIDENCE_LIMIT}), Place(name))])


def _subjects(project: Project, subject: str | tuple[str, ...], milestone: str) -> list[str]:
    """The parcel, the parcels named, or those of the block where the milestone is recorded for blocks."""
    if isinstance(subject, tuple):
        return list(dict.fromkeys(subject))
    if project.store.facts(subject) is not None:
        return [subject]
    if project.life.milestones[milestone].level == "block" and (found := project.store.block_parcels(subject)):
        return [parcel for parcel in found if milestone in project.life.path(_mode(project, parcel)).needs]
    raise RegisterRefused([unknown_parcel(subject)])


def _mode(project: Project, parcel: str) -> str | None:
    facts = project.store.facts(parcel)
    return facts.mode if facts else None


@dataclass(frozen=True)
class Change:
    """A correction as a user typed it: which line, which field, what it says and what it should say."""

    line: int
    field: str
    old: str
    new: str | File  # a file where other evidence takes the place of what was sent
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
    says = change.new.name if isinstance(change.new, File) else change.new
    new: dict[str, Any] = {change.field: says or None}
    if change.field == "occurred_on":
        day, precision = day_of(says)
        new = {"occurred_on": day, "precision": precision}
    elif change.field == "milestone":
        new = {"milestone": word_of(says, MILESTONES, "milestone", "E-PHASE-UNKNOWN")}
    elif change.field == "kind":
        new = {"kind": word_of(says, KINDS_OF_DATE, "kind", "E-CHOICE")}
    details = {"field": change.field, "old": change.old, "new": says, "why": change.why} | _kept_details(line)
    files = [change.new] if isinstance(change.new, File) else []
    if change.field == "evidence":
        details |= {"sha256": files[0].sha256} if files else {}
        if not says:
            details.pop("sha256", None)
    draft = _behind(line, "correct", details, uuid)._replace(**new)
    judge_without(project, lines, line, event_of(draft))
    return project.store.append([draft], by=project.actor.name, versions=_version(line, lines), files=files)[0]


def _behind(line: Entry, action: Action, details: dict[str, Any], uuid: str) -> Draft:
    """A line about the event of another one, which says the same so far."""
    kept = {name: getattr(line, name) for name in Draft._fields}
    return Draft(**{**kept, "action": action, "corrects": line.root, "details": packed(details), "uuid": uuid})


def cancel(project: Project, line: int, *, old: str, why: str, uuid: str = "") -> Entry:
    """Say that an event did not happen; what cannot be undone takes an approver."""
    require(project.actor, "cancel")
    _require_reason(why)
    found, lines = _line(project, line)
    _require_final(project, found)
    _require_old(found, Change(line, "occurred_on", old, "", why))
    judge_without(project, lines, found, None)
    draft = _behind(found, "cancel", {"why": why, "old": old} | _kept_details(found), uuid)
    return project.store.append([draft], by=project.actor.name, versions=_version(found, lines))[0]


def _require_final(project: Project, line: Entry) -> None:
    """What cannot be undone, only an approver can say it did not happen."""
    if project.life.milestones[line.milestone or ""].final:
        require(project.actor, "approve")


def may_undo(project: Project, lines: Sequence[Entry]) -> bool:
    """Whether the role of the user lets them take these lines back."""
    final = any(project.life.milestones[line.milestone or ""].final for line in lines if line.action == "record")
    return bool(lines) and may(project.actor, "cancel") and (not final or may(project.actor, "approve"))


def undo(project: Project, lines: Sequence[Entry], *, why: str) -> list[Entry]:
    """Take back what was just recorded or corrected, all or none: the events are again what they were before.

    StaleParcel where somebody changed one of them since, RegisterRefused where later events need it. Asked twice, it is
    done once.
    """
    require(project.actor, "cancel")
    _require_reason(why)
    numbers = {line.seq: f"{line.uuid}/undo" for line in lines}
    done = project.store.known(list(numbers.values()))
    left: dict[str, list[Entry]] = {}
    versions: dict[str, int] = {}
    drafts = []
    for line in [line for line in reversed(lines) if numbers[line.seq] not in done]:
        found, whole = _line(project, line.seq)
        if found.seq != line.seq:
            raise _changed_since(found)
        versions |= _version(found, whole)
        now = left.get(line.parcel_id or "", whole)
        before = left[line.parcel_id or ""] = [one for one in now if one.seq != line.seq]
        judge_before(project, now, before)
        drafts.append(_undoing(project, line, before, why)._replace(uuid=numbers[line.seq]))
    if not drafts:
        return [done[number] for number in numbers.values()]
    return project.store.append(drafts, by=project.actor.name, versions=versions)


def _undoing(project: Project, line: Entry, before: Sequence[Entry], why: str) -> Draft:
    """The line that takes another one back: a cancellation, or a correction to what the event said before it."""
    earlier = next((one for one in reversed(before) if one.root == line.root and one.milestone), None)
    if earlier is None:
        _require_final(project, line)
        return _behind(line, "cancel", {"why": why, "old": line.occurred_on} | _kept_details(line), "")
    more = {"field": line.more["field"], "old": line.more["new"], "new": line.more["old"], "why": why}
    return _behind(earlier, "correct", more | _kept_details(earlier), "")


def _changed_since(line: Entry) -> StaleParcel:
    words = N_("{by} changed line {line} at {at}: {what}; read the parcel again, then decide")
    values = {"by": line.recorded_by, "line": line.root, "at": line.recorded_at, "what": described(line)}
    return StaleParcel([Problem("E-PARCEL-STALE", Message(words, values), id=line.parcel_id)])


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
