"""What a monthly report adds: figures then and now, steps of the month, newly overdue, and what was set right."""

from __future__ import annotations

import datetime
import json
from collections import Counter
from dataclasses import dataclass

import numpy as np
from pandas import DataFrame

from landgis.documents.content import Column, Paragraph, Part, Section, Table
from landgis.phases.lines import known_lines
from landgis.phases.status import RENOVATED
from landgis.text import N_
from landgis.workflow.adopting.lines import PLAN
from landgis.workflow.progress import MEASURES, STEPS
from landgis.workflow.reporting_parts import overdue_list
from landgis.workflow.reporting_words import Material
from landgis.workflow.trend import Picture, changes, overdue_steps, picture
from landgis.workflow.zone import Zone

CHANGES = {
    "reached": N_("reached"), "taken_back": N_("taken back"), "moved": N_("another day"), "created": N_("new parcel"),
    "replaced": N_("replaced"),
}  # fmt: skip
TITLES = {"parcels": N_("parcels"), "mu": N_("mu"), "floor_area_m2": N_("floor area, m²"), "occupants": N_("occupants")}
DECIMALS = {"mu": 1}
WIDTHS = {"parcels": (0.8, 1.1), "mu": (1.2, 1.9), "floor_area_m2": (1.5, 2.3), "occupants": (1.1, 1.2)}  # then, now


@dataclass(frozen=True)
class Month:
    """The end of the month before, as it is known now and as it was known then (None: there was no register yet)."""

    end: datetime.date  # the last day of the month before
    before: Picture
    then: Picture | None
    lines_then: int  # lines that the register had then


def month_of(zone: Zone, as_of: datetime.date) -> Month:
    """What the month up to a day is compared with."""
    end = as_of.replace(day=1) - datetime.timedelta(days=1)
    midnight = datetime.datetime.combine(as_of.replace(day=1), datetime.time()).astimezone(datetime.UTC)
    known = np.datetime64(midnight.replace(tzinfo=None), "us") - np.timedelta64(1, "us")
    size = known_lines(zone.register.lines, known)
    before = picture(zone.register, as_of=end)
    return Month(end, before, picture(zone.register, as_of=end, known_on=known) if size else None, size)


def month_sections(stuff: Material, month: Month) -> list[Section]:
    """The sections of a monthly report, behind the key figures."""
    return [
        _figures_section(stuff, month), _steps_section(stuff, month), _overdue_section(stuff, month),
        _corrections_section(stuff, month),
    ]  # fmt: skip


def _figures_section(stuff: Material, month: Month) -> Section:
    """The four measures at the end of the month before and now."""
    words = stuff.words
    then, now = stuff.figures(month.before), stuff.figures(stuff.found)
    columns = [Column(words(N_("milestone")), 1.6)]
    for measure in MEASURES:
        wide = WIDTHS[measure]
        title = words(TITLES[measure])
        both = zip((N_("{measure}, then"), N_("{measure}, now")), wide, strict=True)
        columns += [Column(words(which, measure=title), share, True) for which, share in both]
    rows = []
    for step in (*STEPS, RENOVATED):
        cells = [stuff.step(step)]
        for measure in MEASURES:
            one, other = then.get(step, {}).get(measure), now[step][measure]
            cells += [words.number(one, DECIMALS.get(measure, 0)), _with_change(stuff, one, other, measure)]
        rows.append(tuple(cells))
    note = words(
        N_("Then: {then}; now: {now}; in brackets, the change. Both are what the register says now."),
        then=words.day(month.end), now=words.day(stuff.as_of),
    )  # fmt: skip
    return Section(words(N_("Figures then and now")), (Table(tuple(columns), tuple(rows)), Paragraph(note, "note")))


def _with_change(stuff: Material, then: float | None, now: float | None, measure: str) -> str:
    decimals = DECIMALS.get(measure, 0)
    shown = stuff.words.number(now, decimals)
    if then is None or now is None or round(now - then, decimals) == 0:
        return shown
    sign = "+" if now > then else "−"
    return f"{shown} ({sign}{stuff.words.number(abs(now - then), decimals)})"


def _steps_section(stuff: Material, month: Month) -> Section:
    """What was reached in the month."""
    words = stuff.words
    none = words(N_("nothing was reached in the month"))
    parts = _changes_list(stuff, changes(month.before, stuff.found, block=stuff.block), none)
    return Section(words(N_("Steps in the month")), parts)


def _changes_list(stuff: Material, found: DataFrame, none: str) -> tuple[Part, ...]:
    words = stuff.words
    columns = [
        Column(words(N_("parcel number")), 2.6), Column(words(N_("milestone")), 1.6), Column(words(N_("change")), 1.3),
        Column(words(N_("day, before")), 1.6, True), Column(words(N_("day, now")), 1.6, True),
    ]  # fmt: skip
    rows = [
        (str(row.parcel_id), *stuff.block_cell(row.block_id), stuff.step(str(row.milestone)) if row.milestone else "—",
         words(CHANGES[str(row.change)]), words.day(row.was), words.day(row.day))
        for row in found.itertuples(index=False)
    ]  # fmt: skip
    return stuff.listed(stuff.with_block(columns), rows, none)


def _overdue_section(stuff: Material, month: Month) -> Section:
    """What became late in the month, and how much of what was late came in."""
    words = stuff.words
    late = overdue_steps(stuff.found, block=stuff.block)
    then = overdue_steps(month.before, block=stuff.block) if stuff.knows_block(month.before) else late.head(0)
    old, new = (dict.fromkeys(zip(one["parcel_id"], one["milestone"], strict=True)) for one in (then, late))
    added = late[np.array([step not in old for step in new], dtype=bool)]
    text = words(
        N_("Overdue on {then}: {before} steps; since then {new} more and {gone} no longer; now {now}."),
        then=words.day(month.end), before=words.number(len(old)), new=words.number(len(added)),
        gone=words.number(len(set(old) - set(new))), now=words.number(len(new)),
    )  # fmt: skip
    listed = overdue_list(stuff, added, words(N_("nothing became overdue in the month")))
    return Section(words(N_("Newly overdue")), (Paragraph(text), *listed))


def _corrections_section(stuff: Material, month: Month) -> Section:
    """What the register says otherwise than at the end of the month before: corrections, and what came late."""
    words = stuff.words
    title = words(N_("Corrections and late entries"))
    if month.then is None:
        began = stuff.zone.register.lines.recorded
        day = words.day(str(began[0])[:10]) if len(began) else "—"
        return Section(
            title, (Paragraph(words(N_("The register began on {day}; what it said before is not known."), day=day)),)
        )
    columns = [
        Column(words(N_("line")), 0.9, True), Column(words(N_("parcel number")), 3),
        Column(words(N_("milestone")), 1.4), Column(words(N_("what was corrected")), 3),
        Column(words(N_("the reason")), 2.6), Column(words(N_("recorded by")), 1.4),
    ]  # fmt: skip
    none = words(N_("nothing was corrected since {day}"), day=words.day(month.end))
    corrected = stuff.listed(stuff.with_block(columns, 2), _correction_rows(stuff, month), none)
    late = changes(month.then, month.before, block=stuff.block) if stuff.knows_block(month.before) else DataFrame()
    intro = words(N_("What the register now says of {day} otherwise than it did then:"), day=words.day(month.end))
    same = words(N_("What the register says of {day} is what it said then."), day=words.day(month.end))
    listed = _changes_list(stuff, late, same) if len(late) else (Paragraph(same),)
    return Section(title, (*corrected, *([Paragraph(intro)] if len(late) else []), *listed))


def _correction_rows(stuff: Material, month: Month) -> list[tuple[str, ...]]:
    """A row a correction or cancellation since then, on the parcels of the report; one for what a plan took back."""
    register = stuff.zone.register
    fields = ("seq", "action", "parcel_id", "milestone", "occurred_on", "details", "recorded_by")
    after = int(register.lines.seq[month.lines_then - 1])
    block_of = dict(zip(stuff.found.status.land.parcel_ids, stuff.found.block_ids(), strict=True))
    mine = set(stuff.found.status.land.parcel_ids[stuff.found.chosen(stuff.block)])
    rows, taken_back = [], Counter[tuple[str, str]]()
    for seq, action, parcel, milestone, day, details, by in stuff.project.store.columns(fields, after=after):
        if action not in ("correct", "cancel") or parcel not in mine or seq > stuff.last_line[0]:
            continue
        more = json.loads(str(details or "{}"))
        if PLAN in more:
            taken_back[str(more[PLAN]), str(by)] += 1
            continue
        rows.append((str(seq), str(parcel), *stuff.block_cell(block_of[parcel]), stuff.step(str(milestone)),
                     _said(stuff, str(action), more, day), str(more.get("why", "")), str(by)))  # fmt: skip
    words = stuff.words
    for (plan, by), count in taken_back.items():
        said = words(N_("{count} planned days of before were taken back"), count=words.number(count))
        rows.append(("", "", *stuff.block_cell(None), "", said, words(N_("plan {name} adopted"), name=plan), by))
    return rows


def _said(stuff: Material, action: str, more: dict[str, object], day: object) -> str:
    words = stuff.words
    if action == "cancel":
        return words(N_("did not happen: {day}"), day=words.day(day))
    field = stuff.coded("field", str(more.get("field")))
    return f"{field}: {more.get('old') or '—'} → {more.get('new') or '—'}"
