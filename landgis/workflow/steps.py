"""Which steps may be recorded next, and what changed under the hands of somebody who was filling in a form."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from landgis.errors import Problem, RegisterRefused
from landgis.phases.history import Event, in_effect, span_of
from landgis.phases.ledger import EVENTS, Entry
from landgis.phases.transition import judge
from landgis.roles import require
from landgis.rules.model import Words
from landgis.store.base import File
from landgis.tables import KINDS_OF_DATE, MILESTONES, SIDE_MILESTONES
from landgis.workflow.past import read_history
from landgis.workflow.project import Project
from landgis.workflow.recording import Entered, day_of, word_of

COMPARED = ("occurred_on", "evidence", "note")
LENGTHS = {"month": 7, "year": 4}  # of an ISO day, where no more of it is known
GIVEN = "-"  # stands for a note or a file that may still be given


@dataclass(frozen=True)
class Step:
    """A milestone of a kind that may be recorded for some parcels on a day, or what stands against it."""

    milestone: str
    kind: str
    proof: Words  # what proves it, as the rule set says
    needs_evidence: bool
    needs_note: bool
    against: Mapping[str, tuple[Problem, ...]]  # parcel → why not
    already: Mapping[str, int]  # parcel → the line that says the same
    parcels: int

    @property
    def allowed(self) -> bool:
        """Whether all the parcels may have it, and some have not."""
        return not self.against and len(self.already) < self.parcels


@dataclass(frozen=True)
class Offer:
    """All steps, in the order of the path, and the versions of the parcels that they were judged on."""

    steps: tuple[Step, ...]
    versions: Mapping[str, int]

    def allowed(self, kind: str = "actual") -> list[Step]:
        """The steps of a kind that may be recorded."""
        return [step for step in self.steps if step.kind == kind and step.allowed]

    def refused(self, kind: str = "actual") -> list[Step]:
        """The steps of a kind that some parcel may not have."""
        return [step for step in self.steps if step.kind == kind and step.against]

    def step(self, milestone: str, kind: str) -> Step:
        """One of the steps."""
        return next(step for step in self.steps if (step.milestone, step.kind) == (milestone, kind))


def next_steps(
    project: Project,
    parcels: str | Sequence[str],
    *,
    on: datetime.date | None = None,
    building: str | None = None,
) -> Offer:
    """What may be recorded on a day (today) for a parcel, or for all of several, once what a step needs is given.

    Every step of every kind is judged as `record` judges it; nothing is offered to a role that may not record.
    """
    first = (project.today() if on is None else on).toordinal()
    return _offer(project, parcels, (first, first), building)


def _offer(project: Project, parcels: str | Sequence[str], days: tuple[int, int], building: str | None) -> Offer:
    named = [parcels] if isinstance(parcels, str) else list(dict.fromkeys(parcels))
    histories = [read_history(project, parcel) for parcel in named]
    may_not = _refusal(project)
    today = project.today().toordinal()
    steps = []
    for kind in reversed(KINDS_OF_DATE):
        for milestone in _ordered(project, [history.facts.mode for history in histories]):
            event = Event(building or None, milestone, kind, *days, note=GIVEN, evidence=GIVEN)
            verdicts = {history.facts.parcel_id: judge(event, history, project.life, today=today)
                        for history in histories}  # fmt: skip
            rule, fact = project.life.milestones[milestone], kind == "actual"
            against = {parcel: (*may_not, *verdict.problems) for parcel, verdict in verdicts.items()
                       if may_not or verdict.problems}  # fmt: skip
            already = {parcel: verdict.already for parcel, verdict in verdicts.items() if verdict.already is not None}
            steps.append(Step(milestone, kind, rule.evidence, fact and rule.evidence_required, fact and rule.reason,
                              against, already, len(named)))  # fmt: skip
    return Offer(tuple(steps), {history.facts.parcel_id: history.version for history in histories})


def _refusal(project: Project) -> tuple[Problem, ...]:
    """Why the role of the user may not record, if it may not."""
    try:
        require(project.actor, "record")
    except RegisterRefused as refused:
        return tuple(refused.problems)
    return ()


def _ordered(project: Project, modes: Sequence[str | None]) -> list[str]:
    """All milestones: the steps of the path, where the parcels share one, what lies beside it, and all others."""
    path = project.life.path(modes[0] if len(set(modes)) == 1 else None).steps
    return list(dict.fromkeys([*path, *SIDE_MILESTONES, *MILESTONES]))


@dataclass(frozen=True)
class Difference:
    """One field of an event: as the user saw it, as it is now and by whom, and as the user enters it."""

    parcel_id: str
    milestone: str | None  # None: the line says no event, `now` is what it does
    kind: str | None
    building_id: str | None
    field: str
    seen: str | None
    now: str | None
    entered: str | None
    by: str | None
    at: str | None
    line: int | None


@dataclass(frozen=True)
class Conflict:
    """What others recorded since, the versions that this is about, and what stands against recording it now."""

    differences: tuple[Difference, ...]
    versions: Mapping[str, int]
    problems: tuple[Problem, ...]
    allowed: bool  # it may still be recorded; else something stands against it, or it is there already


def compare_entry(project: Project, entered: Entered, seen: int | Mapping[str, int]) -> Conflict:
    """Compare what a user enters with what was recorded since the version that they saw, field by field.

    To record it all the same: `record(project, entered, version=conflict.versions)`.
    """
    parcels = (entered.subject,) if isinstance(entered.subject, str) else entered.subject
    milestone = word_of(entered.milestone, MILESTONES, "milestone", "E-PHASE-UNKNOWN")
    kind = word_of(entered.kind, KINDS_OF_DATE, "kind", "E-CHOICE")
    offer = _offer(project, parcels, span_of(*day_of(entered.on)), entered.building)
    found: list[Difference] = []
    for parcel, version in offer.versions.items():
        before = seen if isinstance(seen, int) else seen.get(parcel, version)
        if version != before:
            lines = list(project.store.entries(parcel_id=parcel))
            found += _differences(parcel, lines, before, _fields(entered, milestone, kind))
    step = offer.step(milestone, kind)
    problems = tuple(problem for some in step.against.values() for problem in some)
    return Conflict(tuple(found), offer.versions, problems, step.allowed)


Key = tuple[str | None, str | None, str | None, int]  # milestone, kind, building, and the line where it may recur


def _fields(entered: Entered, milestone: str, kind: str) -> tuple[Key, dict[str, str | None]]:
    evidence = entered.evidence.name if isinstance(entered.evidence, File) else entered.evidence
    values = {"occurred_on": day_shown(*day_of(entered.on)), "evidence": evidence, "note": entered.note}
    return (milestone, kind, entered.building or None, 0), values


def _differences(
    parcel: str, lines: Sequence[Entry], version: int, entered: tuple[Key, dict[str, str | None]]
) -> Iterator[Difference]:
    old, now = (_events(some) for some in ([line for line in lines if (line.version or 0) <= version], lines))
    newer = [line for line in lines if (line.version or 0) > version]
    mine, values = entered
    for key in dict.fromkeys([*old, *now, mine]):
        there, then = now.get(key), old.get(key)
        if there == then and key != mine:
            continue
        last = there or next((line for line in reversed(newer) if then and line.root == then.root), None)
        who = (last.recorded_by, last.recorded_at, last.seq) if last else (None, None, None)
        for field in COMPARED:
            before, after = _value(then, field), _value(there, field)
            mine_now = values[field] if key == mine else None
            if before != after or mine_now is not None:
                yield Difference(parcel, *key[:3], field, before, after, mine_now, *who)
    for line in newer:
        if line.action not in EVENTS:
            yield Difference(parcel, None, None, None, "action", None, line.action, None, line.recorded_by,
                             line.recorded_at, line.seq)  # fmt: skip


def _events(lines: Sequence[Entry]) -> dict[Key, Entry]:
    """The events that count, a newer plan in place of an older one; what stands beside the path may recur."""
    return {
        (line.milestone, line.kind, line.building_id, line.root if line.milestone in SIDE_MILESTONES else 0): line
        for line in in_effect(lines)
    }


def _value(line: Entry | None, field: str) -> str | None:
    if line is None:
        return None
    if field == "occurred_on":
        return day_shown(line.occurred_on or "", line.precision)
    value: str | None = getattr(line, field)
    return value


def day_shown(occurred_on: str, precision: str | None) -> str:
    """As much of a day as is known.

    >>> day_shown("2024-06-01", "month"), day_shown("2024-06-01", "day")
    ('2024-06', '2024-06-01')
    """
    return occurred_on[: LENGTHS.get(precision or "", 10)]
