"""The tables of a dossier in one language, for the page and for print: titles, columns and rows of text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from landgis.phases.ledger import Entry
from landgis.text import N_
from landgis.ui.coded import coded
from landgis.ui.words import NOTHING, Words
from landgis.workflow.dossier import Dossier
from landgis.workflow.dossier_course import MilestoneRow, Recorded, evidence_of, said_by
from landgis.workflow.dossier_land import BuildingRow, Fact, Occupant, Source, Value
from landgis.workflow.project import Project
from landgis.workflow.steps import day_shown

SHA256 = re.compile(r"[0-9a-f]{64}")
DECIMALS = 2
WHOLE = frozenset({"occupant_count"})
SHARES = frozenset({"leased_share", "unknown_floor_share", "building_coverage_ratio"})
CHOICES = frozenset({"tenure"})


@dataclass(frozen=True)
class Sheet:
    """A table: what it is called, and all its cells as text."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def _sheet(words: Words, title: str, columns: Sequence[str], rows: Iterable[tuple[str, ...]]) -> Sheet:
    return Sheet(words(title), tuple(words(column) for column in columns), tuple(rows))


def _text(value: object) -> str:
    return NOTHING if value is None or value == "" else str(value)


def facts_sheet(found: Dossier, words: Words, mode: str | None = None) -> Sheet:
    """All facts with unit, source and date; `mode` is the mode of renovation in words."""
    columns = (N_("fact"), N_("value"), N_("unit"), N_("source"), N_("date"))
    rows = [
        (fact.title if fact.own else words(fact.title),
         mode if fact.name == "renovation_mode" and mode else _value(fact, words), words(fact.unit),
         source_text(fact.source, words), words.moment(fact.source.at))
        for fact in found.facts
    ]  # fmt: skip
    return _sheet(words, N_("facts and where they come from"), columns, rows)


def _value(fact: Fact, words: Words) -> str:
    value: Value = fact.value
    if fact.name in CHOICES:
        return coded(words, fact.name, value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _text(value)
    if fact.name in SHARES:
        return words.percent(value, 1)
    whole = fact.name in WHOLE or (fact.own and float(value).is_integer())
    return words.number(value, 0 if whole else DECIMALS)


def source_text(source: Source, words: Words) -> str:
    """File, layer and line of the register, and how the value was made."""
    parts = [coded(words, "how", source.how) if source.how else None, source.file, source.layer]
    if source.line is not None and source.how is None:
        parts.append(words(N_("line {number}"), number=source.line))
    return " · ".join(part for part in parts if part) or NOTHING


def buildings_sheet(found: Dossier, words: Words) -> Sheet:
    """What stands on the parcel, and what stood there."""
    columns = (N_("building"), N_("storeys"), N_("storey heights, m"), N_("height, m"), N_("floor area, m²"),
               N_("of it here, m²"), N_("legality"), N_("use"), N_("state"), N_("more"))  # fmt: skip
    return _sheet(words, N_("buildings"), columns, (_building(one, words) for one in found.buildings))


def _building(one: BuildingRow, words: Words) -> tuple[str, ...]:
    heights = " / ".join(words.number(height, 1) for height in one.storey_heights_m)
    state = words(N_("demolished before the survey")) if one.fallen else words(N_("standing when surveyed"))
    if not one.main:
        state += words(N_(", mostly on another parcel"))
    return (one.building_id, words.number(one.storeys), heights or NOTHING, words.number(one.height_m, 1),
            words.number(one.floor_area_m2, 1), words.number(one.here_m2, 1), coded(words, "legality", one.legality),
            coded(words, "use", one.use), state, _more(one.more))  # fmt: skip


def _more(more: object) -> str:
    assert isinstance(more, dict)
    return "; ".join(f"{name}: {value}" for name, value in more.items() if value is not None) or NOTHING


def occupants_sheet(found: Dossier, words: Words) -> Sheet:
    """The firms, one row an occupancy; what a firm reports is for all its places together."""
    columns = (N_("firm"), N_("number of the firm"), N_("building"), N_("storey"), N_("relation"), N_("start"),
               N_("end"), N_("floor area, m²"), N_("share of the occupied floor"), N_("year"), N_("output, 10 000 CNY"),
               N_("tax paid, 10 000 CNY"), N_("parcels of the firm"))  # fmt: skip
    rows = [row for one in found.occupants for row in _occupant(one, words)]
    return _sheet(words, N_("firms on the parcel"), columns, rows)


def _occupant(one: Occupant, words: Words) -> Iterable[tuple[str, ...]]:
    newest = one.figures[0] if one.figures else None
    for row in one.rows:
        past = "" if row.in_force else words(N_(" (not in force in the year of the figures)"))
        yield (
            _text(one.name) + past, one.enterprise_id, _text(row.building_id), _text(row.storey),
            coded(words, "relation", row.relation), words.day(row.start), words.day(row.end),
            words.number(row.floor_area_m2, 1), words.percent(one.share, 1),
            _text(newest and newest.year), words.number(newest and newest.output_wan, 1),
            words.number(newest and newest.tax_wan, 1), words.number(one.parcels),
        )  # fmt: skip


def milestones_sheet(found: Dossier, words: Words) -> Sheet:
    """Plan, forecast and fact of each milestone, what proves it and who says so."""
    columns = (N_("milestone"), N_("planned"), N_("forecast"), N_("actual"), N_("days against the plan"),
               N_("evidence"), N_("recorded by"), N_("approved by"), N_("line no."))  # fmt: skip
    rows = [_milestone(row, words) for row in found.course.rows]
    rows += [_beside(one, words) for one in found.course.sides]
    return _sheet(words, N_("milestones: plan against actual"), columns, rows)


def _milestone(row: MilestoneRow, words: Words) -> tuple[str, ...]:
    title = words.milestone(row.milestone)
    if not row.on_path:
        title = words(N_("{milestone} (not on the path of its mode)"), milestone=title)
    facts = row.of("actual")
    return (title, words.day(row.planned), words.day(row.forecast), _actual(row, words), gap_text(row, words),
            *_who(facts))  # fmt: skip


def _actual(row: MilestoneRow, words: Words) -> str:
    """The day; as much of it as is known, and which buildings have gone ahead where the parcel has not."""
    whole = next((one for one in row.of("actual") if one.building_id is None), None)
    if row.actual is None:
        single = [f"{one.building_id} {one.on}" for one in row.of("actual") if one.building_id]
        return "; ".join(single) or NOTHING
    coarse = whole is not None and len(whole.on) < len("2026-03-01")
    return words(N_("{day} at the latest"), day=words.day(row.actual)) if coarse else words.day(row.actual)


def gap_text(row: MilestoneRow, words: Words) -> str:
    """How many days late or early, or overdue."""
    if row.overdue_days:
        return words(N_("overdue by {days} days"), days=words.number(row.overdue_days))
    if row.gap_days is None:
        return NOTHING
    if row.gap_days == 0:
        return words(N_("as planned"))
    template = N_("{days} days late") if row.gap_days > 0 else N_("{days} days early")
    return words(template, days=words.number(abs(row.gap_days)))


def _who(records: Sequence[Recorded]) -> tuple[str, str, str, str]:
    """Evidence, who recorded, who approved, lines: each named once."""
    texts = (
        (one.evidence.name for one in records if one.evidence), (one.by for one in records),
        (one.approved_by for one in records if one.approved_by), (str(one.line) for one in records),
    )  # fmt: skip
    evidence, by, nods, lines = ("; ".join(dict.fromkeys(some)) or NOTHING for some in texts)
    return evidence, by, nods, lines


def _beside(one: Recorded, words: Words) -> tuple[str, ...]:
    """A pause, its end, or a withdrawal."""
    title = words.milestone(one.milestone)
    return (title, NOTHING, NOTHING, one.on, NOTHING, *_who([one]))


def history_sheet(found: Dossier, words: Words) -> Sheet:
    """Every line of the register about the parcel, the newest first."""
    columns = (N_("line no."), N_("recorded at"), N_("recorded by"), N_("entry"), N_("parcel"), N_("milestone"),
               N_("kind"), N_("happened on"), N_("evidence"), N_("note or reason"), N_("state"))  # fmt: skip
    rows = []
    for line in reversed(found.history):
        state = N_("counts") if line.counts else N_("does not count any more")
        if line.entry.action in ("approve", "replace", "create"):
            state = ""
        if line.entry.action == "cancel":
            state = N_("says that it did not happen")
        if not line.known:
            state = N_("not yet known then")
        rows.append((*_line(line.entry, words), words(state)))
    return _sheet(words, N_("history of the register"), columns, rows)


def _line(line: Entry, words: Words) -> tuple[str, ...]:
    more, proof = line.more, evidence_of(line)
    by = said_by(line)
    by = by if by == line.recorded_by else f"{by} / {line.recorded_by}"
    said = [line.note, more.get("why")]
    if line.action == "correct":
        said.append(f"{coded(words, 'field', more.get('field'))}: {more.get('old')} → {more.get('new')}")
    said += [", ".join(str(key) for key in more[name]) for name in ("old", "new")
             if line.action in ("replace", "create") and name in more]  # fmt: skip
    step = words.milestone(line.milestone) + (f" · {line.building_id}" if line.building_id else "")
    return (str(line.seq), words.moment(line.recorded_at), by, coded(words, "action", line.action),
            _text(line.parcel_id), step, coded(words, "kind", line.kind),
            day_shown(line.occurred_on, line.precision) if line.occurred_on else NOTHING,
            proof.name if proof else NOTHING, "; ".join(str(part) for part in said if part) or NOTHING)  # fmt: skip


def score_sheet(found: Dossier, words: Words) -> Sheet:
    """The parts of the score: points, weight, and what each adds."""
    columns = (N_("part of the score"), N_("points (0–100)"), N_("weight"), N_("adds to the score"))
    parts = found.score.parts if found.score else ()
    rows = [(coded(words, "parts", one.name), words.number(one.score, 1), words.percent(one.weight),
             words.number(one.contribution, 1)) for one in parts]  # fmt: skip
    return _sheet(words, N_("score"), columns, rows)


def notes_sheet(found: Dossier, words: Words) -> Sheet:
    """What people wrote, the newest first."""
    rows = [(words.moment(one.at), one.by, one.text, str(one.line)) for one in reversed(found.notes)]
    return _sheet(words, N_("notes"), (N_("recorded at"), N_("recorded by"), N_("note"), N_("line no.")), rows)


def headline(found: Dossier, words: Words) -> list[tuple[str, str]]:
    """What one wants to know first: block, area, phase, grade, rank, low efficiency."""
    course, score = found.course, found.score
    phase = words.milestone(course.phase) if course.phase else words(N_("not begun"))
    if course.phase_on:
        phase = words(N_("{phase} since {day}"), phase=phase, day=words.day(course.phase_on))
    if course.standstill:
        stop = words(N_("{phase} since {day}"), phase=words.milestone(course.standstill), day=words.day(course.since))
        phase = f"{phase} · {stop}"
    if found.became:
        phase = words(N_("replaced by {parcels}"), parcels=", ".join(found.became))
    rank = words(N_("{rank} of {ranked}"), rank=words.number(score.rank), ranked=words.number(score.ranked)) if (
        score and score.rank) else NOTHING  # fmt: skip
    return [
        (words(N_("block")), words.name(found.block_name, found.block_name_en, found.block_id or NOTHING)),
        (words(N_("land")), words.area(found.area_m2)),
        (words(N_("phase")), phase),
        (words(N_("grade")), _text(score and score.grade)),
        (words(N_("renovation rank")), rank),
        (words(N_("low-efficiency land")), coded(words, "low_efficiency", score and score.low_efficiency)),
    ]


def pictures(found: Dossier) -> list[tuple[str, str]]:
    """Name and address of each picture, where the server gives out evidence."""
    return [(one.name, f"/file/{one.sha256}") for one in found.photos if SHA256.fullmatch(one.sha256 or "")]


def mode_title(project: Project, found: Dossier, words: Words) -> str | None:
    """The mode of renovation as the rule set calls it."""
    mode = project.life.modes.get(found.course.mode or "")
    return None if mode is None else mode.title.zh if words.language.startswith("zh") else mode.title.en


def reasons(found: Dossier, words: Words) -> tuple[str, ...]:
    """Why, as sentences in this language."""
    return found.score.sentences["zh" if words.language.startswith("zh") else "en"] if found.score else ()


def gaps(found: Dossier, words: Words) -> tuple[str, ...]:
    """What is missing in the data."""
    return tuple(coded(words, "data_gaps", gap) for gap in (found.score.data_gaps if found.score else ()))
