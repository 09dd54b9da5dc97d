"""How the commands say what adopting a plan writes, and what moves when it is made again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.console import Console
from rich.text import Text

from landgis.show.console import number, open_console, plain_table
from landgis.show.lines import milestone_title
from landgis.show.schedule import NONE, status_message
from landgis.text import N_, Translate
from landgis.workflow.adopting.adopt import Adopted
from landgis.workflow.adopting.days import Moved, OtherMode
from landgis.workflow.adopting.reasons import kind_title
from landgis.workflow.adopting.replan import Replanned
from landgis.workflow.adopting.why import GONE, KEPT, STAYS, Change

MOST_LISTED = 10
WHAT: Mapping[str, str] = {
    "kept": N_("has begun, stays"), "stays": N_("stays"), "moved": N_("moved"), "mode": N_("another mode"),
    "started": N_("newly started"), "dropped": N_("dropped"), "gone": N_("in no site any more"),
}  # fmt: skip


def show_adopted(found: Adopted, translate: Translate) -> None:
    """What was written, or would be: steps by milestone, what was taken back, what deserves a second look."""
    console = open_console()
    if found.already:
        words = translate(N_("{plan} is adopted already, frozen as {baseline}; nothing was written"))
        console.print(Text(words.format(plan=found.plan, baseline=found.baseline)))
        return
    words = N_("{plan} is adopted: planned dates of {parcels} parcels, frozen as {baseline} (line {line})")
    if found.dry_run:
        words = N_("{plan} would be adopted: planned dates of {parcels} parcels, frozen as {baseline}")
    values = {"plan": found.plan, "parcels": found.parcels, "baseline": found.baseline, "line": found.line}
    console.print(Text(translate(words).format(**values)))
    heads = (N_("written"), N_("taken back"), N_("as planned before"))
    table = plain_table("", translate(N_("milestone")), *(translate(head) for head in heads))
    for step in dict.fromkeys([*found.written, *found.cancelled, *found.unchanged]):
        counts = (str(counted.get(step, 0)) for counted in (found.written, found.cancelled, found.unchanged))
        table.add_row(Text(milestone_title(step, translate)), *counts)
    console.print(table)
    for count, text in (
        (found.cancelled_by_hand, N_("{count} of what is taken back was planned by hand")),
        (found.left_by_hand, N_("{count} planned steps of parcels in no site stay as they are")),
    ):
        if count:
            console.print(Text(translate(text).format(count=count)))
    _show_moved(console, found.moved, translate)
    _show_modes(console, found.other_modes, translate)


def _show_moved(console: Console, moved: Iterable[Moved], translate: Translate) -> None:
    listed = list(moved)
    if not listed:
        return
    words = translate(N_("{count} dates were past, or lay before what was reached already, and move:"))
    console.print(Text(words.format(count=len(listed))))
    lines = [
        f"{one.parcel_id}  {milestone_title(one.milestone, translate)}  {one.planned} → {one.day}" for one in listed
    ]
    _show_some(console, lines, translate)


def _show_modes(console: Console, others: Iterable[OtherMode], translate: Translate) -> None:
    listed = list(others)
    if not listed:
        return
    words = N_("{count} parcels have another mode in the register; it stays, and the steps of its own path are planned")
    console.print(Text(translate(words).format(count=len(listed))))
    _show_some(console, [f"{one.parcel_id}  {one.mode or NONE} ≠ {one.planned_mode}" for one in listed], translate)


def _show_some(console: Console, lines: list[str], translate: Translate) -> None:
    for line in lines[:MOST_LISTED]:
        console.print(Text(f"  {line}"))
    if len(lines) > MOST_LISTED:
        console.print(Text(translate(N_("… and {count} more")).format(count=len(lines) - MOST_LISTED)))


def show_replanned(found: Replanned, translate: Translate) -> None:
    """How good the new plan is, what stays, and each site that moves with the reasons."""
    console, document = open_console(), found.document
    words = translate(N_("{plan} planned again as {name}: {first} to {last}"))
    first, last = document.quarters[0], document.quarters[-1]
    console.print(Text(words.format(plan=found.plan, name=document.name, first=first, last=last)))
    console.print(Text(status_message(document).render(translate)))
    _show_carried(console, found, translate)
    counts = [(what, sum(change.what == what for change in found.changes)) for what in WHAT]
    console.print(Text("; ".join(f"{translate(WHAT[what])}: {count}" for what, count in counts if count)))
    for change in found.changes:
        if change.what != STAYS and not (change.what == KEPT and not change.reasons and not _later(change)):
            console.print(Text(_line(change, translate)))
            for reason in change.reasons:
                console.print(Text(f"    {reason.message.render(translate)}"))
    if not found.moved:
        console.print(Text(translate(N_("nothing that has not begun moves"))))


def _show_carried(console: Console, found: Replanned, translate: Translate) -> None:
    left = found.carried
    if left.quarters and left.budget_wan is not None:
        words = translate(N_("left of the budget so far: {budget} × 10 000 CNY, by the old plan and what began"))
        console.print(Text(words.format(budget=number(left.budget_wan, 0))))
    if left.vacant_m2:
        floor = ", ".join(
            f"{kind_title(kind).render(translate)} {number(m2, 0)}" for kind, m2 in left.vacant_m2.items()
        )
        console.print(Text(translate(N_("floor that stands vacant at the start, m²: {floor}")).format(floor=floor)))


def _later(change: Change) -> bool:
    return change.completed[0] != change.completed[1]


def _line(change: Change, translate: Translate) -> str:
    """One site: what became of it, its start and mode where they change, its end where that does."""
    parts = [f"  {change.site_id}", translate(WHAT[change.what])]
    if change.start[0] != change.start[1] and change.what != GONE:
        parts.append(f"{change.start[0] or NONE} → {change.start[1] or NONE}")
    if change.quarters:
        parts.append(translate(N_("{count:+d} quarters")).format(count=change.quarters))
    if change.mode[0] != change.mode[1] and change.what != GONE:
        parts.append(f"{change.mode[0] or NONE} → {change.mode[1] or NONE}")
    if _later(change) and change.completed[0] and change.completed[1]:
        words = translate(N_("work finished {before} → {after}"))
        parts.append(words.format(before=change.completed[0], after=change.completed[1]))
    return "  ".join(parts)
