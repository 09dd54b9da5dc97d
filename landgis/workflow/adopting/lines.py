"""What the register has planned line by line, how to take it back, and what was recorded since a plan was made."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from landgis.errors import Problem, RegisterRefused
from landgis.phases.history import span_of
from landgis.phases.ledger import EVENTS, Draft, Entry, Precision, packed
from landgis.store.base import described
from landgis.text import N_, Message
from landgis.workflow.project import Project
from landgis.workflow.scheduling.document import PlanDocument

PLAN = "plan"  # the detail of a line that names the plan by which it was written
MOST_NAMED = 10
SILENT_FIELDS = ("note", "evidence")  # what a correction may change without a plan being out of date
LAND_OF_PLANS = {  # of the tables behind a land: what a plan is made from
    "land_parcels": ["parcel_id", "block_id", "renovation_mode", "area_m2"],
    "land_buildings": ["parcel_id", "building_id", "floor_area_m2", "fallen"],
    "land_occupants": ["parcel_id", "enterprise_id"],
}


class Line(NamedTuple):
    """A planned line that counts, as its last correction has it."""

    seq: int
    action: str
    parcel_id: str
    version: int
    building_id: str | None
    milestone: str
    occurred_on: str
    precision: Precision | None
    kind: str
    evidence: str | None
    note: str | None
    corrects: int | None
    details: str | None

    @property
    def root(self) -> int:
        """The line that first recorded it."""
        return self.corrects or self.seq

    @property
    def day(self) -> int:
        """The day by which it is planned, as an ordinal."""
        return span_of(self.occurred_on, self.precision)[1]

    @property
    def by_plan(self) -> bool:
        """Whether a plan that was adopted wrote it."""
        return PLAN in json.loads(self.details or "{}")

    def cancelled(self, why: str, plan: str) -> Draft:
        """The line that takes it back."""
        kept = {name: value for name, value in json.loads(self.details or "{}").items() if name in ("sha256", "gaps")}
        details = packed(kept | {"why": why, "old": self.occurred_on, PLAN: plan})
        return Draft(
            "cancel", self.parcel_id, self.building_id, self.milestone, self.occurred_on, self.precision,
            self.kind, self.evidence, self.note, self.root, details,
        )  # fmt: skip


@dataclass(frozen=True)
class Book:
    """The ledger as far as planning goes."""

    planned: dict[tuple[str, str, str | None], list[Line]]  # parcel, milestone, building → lines, the last one counts
    versions: Counter[str]
    baselines: list[tuple[str, dict[str, str]]]  # name, and what else their lines say; in their order
    last: int  # line


def read_book(project: Project) -> Book:
    """All planned lines that count, the version of every parcel, the plans that were frozen."""
    latest: dict[int, Line] = {}
    versions: Counter[str] = Counter()
    baselines = []
    last = 0
    for row in project.store.columns(Line._fields):
        line = Line(*row)
        last = line.seq
        if line.parcel_id is not None:
            versions[line.parcel_id] = line.version
        if line.action in EVENTS and (line.kind == "planned" or line.root in latest):
            latest[line.root] = line
        elif line.action == "baseline":
            more = json.loads(line.details or "{}")
            baselines.append((more["name"], more))
    planned: dict[tuple[str, str, str | None], list[Line]] = {}
    for root in sorted(latest):
        line = latest[root]
        if line.action != "cancel" and line.kind == "planned":
            planned.setdefault((line.parcel_id, line.milestone, line.building_id), []).append(line)
    return Book(planned, versions, baselines, last)


def require_current(project: Project, document: PlanDocument) -> None:
    """Refuse a plan whose land has moved on since it was made; what was planned, forecast or noted since is no matter.

    RegisterRefused names what was recorded, where and by whom.
    """
    mine = set(document.site_of())
    newer = list(project.store.entries(after=document.ledger_line))
    if not newer and project.store.head().seq < document.ledger_line:
        words = N_("the plan {name} was made at line {line} of a register, and this one has {last}; open that register")
        values = {"name": document.name, "line": document.ledger_line, "last": project.store.head().seq}
        raise RegisterRefused([Problem("E-PLAN-REGISTER", Message(words, values))])
    problems = [_recorded(entry) for entry in newer if entry.parcel_id in mine and _matters(entry)]
    if any(entry.action in ("import", "replace", "create") for entry in newer):
        problems += _changed_land(project, document.ledger_line, mine)
    if not problems:
        return
    named = problems[:MOST_NAMED]
    if len(problems) > len(named):
        words = N_("… and {count} more")
        named.append(Problem("E-PLAN-STALE", Message(words, {"count": len(problems) - len(named)})))
    words = N_("the plan {name} was made before that; plan again (landgis plan replan), then adopt the new plan")
    raise RegisterRefused([*named, Problem("E-PLAN-STALE", Message(words, {"name": document.name}))])


def _matters(entry: Entry) -> bool:
    """Whether a plan made before a line may be out of date."""
    if entry.action == "replace":
        return True
    if entry.action not in EVENTS:
        return False
    more = entry.more
    if entry.action == "correct" and more.get("field") in SILENT_FIELDS:
        return False
    return entry.kind == "actual" or (more.get("field") == "kind" and more.get("old") == "actual")


def _recorded(entry: Entry) -> Problem:
    words = N_("{by} recorded this on {parcel} at {at} (line {seq}): {what}")
    values = {
        "by": entry.recorded_by, "parcel": entry.parcel_id, "at": entry.recorded_at, "seq": entry.seq,
        "what": described(entry),
    }  # fmt: skip
    return Problem("E-PLAN-STALE", Message(words, values), id=entry.parcel_id)


def _changed_land(project: Project, line: int, mine: set[str]) -> Iterator[Problem]:
    """The parcels whose mode, area, buildings or firms an import has changed."""
    then, now = project.store.land(line), project.store.land()
    changed: set[str] = set()
    for name, columns in LAND_OF_PLANS.items():
        rows = [
            set(table[columns].astype(object).where(table[columns].notna(), None).itertuples(index=False, name=None))
            for table in (then[name], now[name])
        ]
        changed |= {str(row[0]) for row in rows[0] ^ rows[1]} & mine
    words = N_("an import changed the land, buildings or firms of {parcel} after line {line}")
    for parcel in sorted(changed):
        yield Problem("E-PLAN-STALE", Message(words, {"parcel": parcel, "line": line}), id=parcel)
