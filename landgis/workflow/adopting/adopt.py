"""A plan goes into the register: planned events for the open steps of its parcels, and a frozen plan to measure by."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from pandas import Index

from landgis.phases.curve import NEVER
from landgis.phases.history import day_text
from landgis.phases.ledger import Draft, packed
from landgis.phases.lifecycle import CODES, NAMES, Lifecycle
from landgis.phases.reached import Land, Reached
from landgis.roles import require
from landgis.text import N_, Message, Tell, Translate
from landgis.workflow.adopting.days import Moved, OtherMode, Wanted, wanted_days
from landgis.workflow.adopting.lines import PLAN, Book, Line, read_book, require_current
from landgis.workflow.project import Project
from landgis.workflow.register import Register
from landgis.workflow.scheduling.document import PlanDocument


@dataclass(frozen=True)
class Adopted:
    """What adopting a plan wrote into the register, or would write; steps are counted by milestone."""

    plan: str
    baseline: str  # the name under which it is frozen
    line: int | None  # of the frozen plan; None where nothing is written
    dry_run: bool
    already: bool  # the register says all this already
    parcels: int  # of sites that the plan starts
    written: Mapping[str, int]
    cancelled: Mapping[str, int]  # planned before, and not any more
    cancelled_by_hand: int  # of these, planned by nobody's plan
    unchanged: Mapping[str, int]  # planned for that day already
    left_by_hand: int  # planned steps of parcels in no site, which stay
    moved: tuple[Moved, ...]
    other_modes: tuple[OtherMode, ...]

    def as_json(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return asdict(self)


def adopt(
    project: Project,
    document: PlanDocument,
    *,
    tell: Tell = lambda _step: None,
    dry_run: bool = False,
    translate: Translate = str,
) -> Adopted:
    """Write the planned day of every open step of the plan's parcels, and freeze that; all of it or nothing.

    What was planned before for parcels of its sites, and what an earlier plan planned anywhere, is cancelled where the
    new plan does not have it; the reason is written in the language of `translate`. What was planned by hand for
    parcels in no site stays. Adopted again, a plan changes nothing.

    RegisterRefused where the register has moved on since the plan was made, or the role may not; StaleParcel where
    somebody records something meanwhile.
    """
    require(project.actor, "adopt")
    tell("read")
    book = read_book(project)  # before the register: what is recorded between the two then shows as a newer version
    state, land = Register(project).reached(as_of=project.today().toordinal())
    tell("check")
    wanted = wanted_days(document, state, land, project.life)
    name, frozen = _baseline(book, document)
    pen = _Pen(name, Message(N_("plan {name} adopted"), {"name": name}).render(translate))
    _cancel(pen, book, wanted, _Known(state, land, project.life))
    _plan(pen, book, wanted, land)
    already = frozen is not None and not pen.drafts
    if not already:
        require_current(project, document)
        more = {"name": name, PLAN: document.name, "sha256": fingerprint(document), "made_at": document.made_at}
        pen.drafts.append(Draft("baseline", details=packed(more)))
    line = None
    if pen.drafts and not dry_run:
        tell("write")
        versions = {draft.parcel_id: book.versions[draft.parcel_id] for draft in pen.drafts if draft.parcel_id}
        line = project.store.append(pen.drafts, by=project.actor.name, versions=versions)[-1].seq
    return Adopted(
        plan=document.name, baseline=(frozen if already else None) or name, line=line, dry_run=dry_run, already=already,
        parcels=sum(len(site.parcel_ids) for site in document.sites if site.mode is not None),
        written=_counted(pen.written), cancelled=_counted(pen.cancelled), cancelled_by_hand=pen.by_hand,
        unchanged=_counted(pen.unchanged), left_by_hand=pen.left, moved=wanted.moved, other_modes=wanted.other_modes,
    )  # fmt: skip


def fingerprint(document: PlanDocument) -> str:
    """SHA-256 of a plan as it is kept."""
    return hashlib.sha256(document.as_bytes()).hexdigest()


def _baseline(book: Book, document: PlanDocument) -> tuple[str, str | None]:
    """A name to freeze the plan by, and the name of the last frozen plan where that is this very one."""
    used, number, name = {name for name, _ in book.baselines}, 1, document.name
    while name in used:
        number += 1
        name = f"{document.name} ({number})"
    last, more = book.baselines[-1] if book.baselines else ("", {})
    return name, last if more.get("sha256") == fingerprint(document) else None


@dataclass
class _Pen:
    """The lines that are to be written, and what they are counted as."""

    plan: str
    why: str
    drafts: list[Draft] = field(default_factory=list)
    written: Counter[str] = field(default_factory=Counter)
    cancelled: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)
    by_hand: int = 0
    left: int = 0

    def cancel(self, lines: list[Line]) -> None:
        """Take a planned step back: all its lines, or an older one would count again."""
        self.drafts += [line.cancelled(self.why, self.plan) for line in lines]
        self.cancelled[lines[-1].milestone] += 1
        self.by_hand += not lines[-1].by_plan


@dataclass(frozen=True)
class _Known:
    """What the register knows of the land."""

    state: Reached
    land: Land
    life: Lifecycle


def _cancel(pen: _Pen, book: Book, wanted: Wanted, known: _Known) -> None:
    """Take back what is planned and open, and what the plan does not have."""
    rows = known.land.parcel_ids.get_indexer(Index([parcel for parcel, _, _ in book.planned], dtype=object))
    for ((_, milestone, _), lines), row in zip(book.planned.items(), rows.tolist(), strict=True):
        code = CODES[milestone]
        if row < 0 or known.state.day[row, code] < NEVER:
            continue  # what was planned for a step that is reached stays: it is measured by that
        if not wanted.in_site[row]:
            hands = [line for line in lines if not line.by_plan]
            plans = [line for line in lines if line.by_plan]
            if plans:
                pen.cancel(plans)
            pen.left += bool(hands)
        elif not _stays(lines[-1], int(row), wanted.day[row], known):
            pen.cancel(lines)


def _stays(line: Line, row: int, day: np.ndarray, known: _Known) -> bool:
    """Whether a planned line of a parcel in a site stays; `day` is what the plan has for the parcel.

    What is planned for one building stays where the building is there already, or where the days of the whole parcel
    leave room for it.
    """
    code = CODES[line.milestone]
    if line.building_id is None:
        return bool(day[code] < NEVER)  # the new line takes its place
    mine = (known.land.building_parcel == row) & (known.land.building_ids == line.building_id)
    if (known.state.building_day[mine, code] < NEVER).any():
        return True
    ahead = [CODES[step] for step in known.life.path(known.land.mode[row]).before[line.milestone]]
    before = np.where(known.state.day[row] < NEVER, known.state.day[row], day)[ahead]
    return bool(before[before < NEVER].max(initial=0) <= line.day <= day[code] < NEVER)


def _plan(pen: _Pen, book: Book, wanted: Wanted, land: Land) -> None:
    """Plan each step that is wanted, unless it is planned for that day."""
    details = packed({PLAN: pen.plan})
    for parcel, milestone, day in _steps(wanted, land):
        lines = book.planned.get((parcel, milestone, None))
        if lines and lines[-1].day == day:
            pen.unchanged[milestone] += 1
            continue
        pen.written[milestone] += 1
        pen.drafts.append(Draft("record", parcel, None, milestone, day_text(day), "day", "planned", details=details))


def _steps(wanted: Wanted, land: Land) -> Iterator[tuple[str, str, int]]:
    rows, codes = np.nonzero(wanted.day < NEVER)
    for row, code in zip(rows.tolist(), codes.tolist(), strict=True):
        yield str(land.parcel_ids[row]), NAMES[code], int(wanted.day[row, code])


def _counted(counts: Counter[str]) -> dict[str, int]:
    """Counts in the order of the path."""
    return {name: counts[name] for name in NAMES if counts[name]}
