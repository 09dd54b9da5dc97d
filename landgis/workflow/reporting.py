"""The report of a block or of the zone on a day: what a land office puts before its head, in Chinese or English."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from landgis.documents.content import Paragraph, Report, Section
from landgis.documents.fonts import required, typesetter
from landgis.documents.pdf import pdf_bytes
from landgis.documents.word import docx_bytes
from landgis.errors import InputRefused, Problem
from landgis.io.atomic import atomic_file
from landgis.text import N_, Message
from landgis.workflow.project import Project
from landgis.workflow.reporting_month import month_of, month_sections
from landgis.workflow.reporting_parts import (
    beside_section,
    facts_section,
    gaps_section,
    next_section,
    overdue_section,
    steps_section,
)
from landgis.workflow.reporting_pictures import map_section, progress_section
from landgis.workflow.reporting_words import Material, Wording
from landgis.workflow.trend import picture
from landgis.workflow.zone import Zone, read_zone

FORMATS: Mapping[str, Callable[[Report], bytes]] = MappingProxyType({".pdf": pdf_bytes, ".docx": docx_bytes})
MEDIA = MappingProxyType({
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
})  # fmt: skip
Kind = Literal["status", "monthly"]


@dataclass(frozen=True)
class Wanted:
    """Which report: of a block or (None) the zone, as of a day; monthly, of the month up to that day."""

    as_of: datetime.date
    block: str | None = None
    kind: Kind = "status"


@dataclass(frozen=True)
class Look:
    """How it looks: a language, colour and hatch of each phase class, and what the codes of a column are called."""

    words: Wording
    colors: Mapping[str, str]
    hatches: Mapping[str, str]
    codes: Mapping[str, Mapping[str, str]]


def report_of(project: Project, wanted: Wanted, look: Look, *, zone: Zone | None = None) -> Report:
    """The content of a report, of `zone` if that was read already; InputRefused where there is no such block."""
    zone = zone or read_zone(project)
    found = picture(zone.register, as_of=wanted.as_of)
    chosen = found.chosen(wanted.block) & found.status.state.exists
    kinds = {key: (color, look.hatches[key]) for key, color in look.colors.items()}
    stuff = Material(project, zone, found, chosen, wanted.block, look.words, kinds, look.codes)
    return _bound(stuff, wanted, _sections(stuff, wanted))


def _sections(stuff: Material, wanted: Wanted) -> list[Section]:
    first, drawn, course, last = (make(stuff) for make in (facts_section, map_section, progress_section, gaps_section))
    beside = [beside_section(stuff)] if wanted.block is None else []
    if wanted.kind == "monthly":
        return [first, *month_sections(stuff, month_of(stuff.zone, wanted.as_of)), drawn, course, *beside, last]
    return [
        first, drawn, steps_section(stuff), course, *beside, next_section(stuff), overdue_section(stuff), last,
    ]  # fmt: skip


def report_bytes(report: Report, suffix: str) -> bytes:
    """The report as a file of `.pdf` or `.docx`; InputRefused for another suffix."""
    check_format(suffix)
    return FORMATS[suffix.lower()](report)


def check_format(suffix: str) -> None:
    """Raise InputRefused where a suffix is neither `.pdf` nor `.docx`."""
    if suffix.lower() not in FORMATS:
        words = N_("landgis does not write {suffix}; give the output one of these endings: {known}")
        values = {"suffix": suffix or "—", "known": " ".join(FORMATS)}
        raise InputRefused([Problem("E-OUT-FORMAT", Message(words, values))])


def write_report(project: Project, wanted: Wanted, look: Look, *, out: Path, overwrite: bool) -> None:
    """Write a report; InputRefused where the file exists or may not be written."""
    content = report_bytes(report_of(project, wanted, look), out.suffix)
    with atomic_file(out, overwrite=overwrite) as temporary:
        temporary.write_bytes(content)


def file_name(wanted: Wanted, suffix: str) -> str:
    """A name for the file of a report: which block, which day; what a file system does not take is left out.

    >>> file_name(Wanted(datetime.date(2026, 11, 21), "L/1", "monthly"), ".pdf")
    'report-L_1-2026-11.pdf'
    """
    block = "".join(char if char.isalnum() else "_" for char in wanted.block or "zone")
    day = f"{wanted.as_of:%Y-%m}" if wanted.kind == "monthly" else wanted.as_of.isoformat()
    return f"report-{block}-{day}{suffix}"


def require_tools(suffix: str) -> None:
    """Raise InputRefused, saying what to install, where a report of that suffix cannot be made here."""
    typesetter()
    if suffix == ".docx":
        required("docx")


def _bound(stuff: Material, wanted: Wanted, sections: list[Section]) -> Report:
    """The sections with title, head and foot around them."""
    words, rules = stuff.words, stuff.project.rules
    line, digest, known = stuff.last_line
    place = stuff.place_name
    if wanted.kind == "monthly":
        title = words(N_("Renovation of low-efficiency land: monthly report, {place}"), place=place)
        subtitle = words(N_("{month}, up to {day}"), month=words.month(wanted.as_of), day=words.day(wanted.as_of))
    else:
        title = words(N_("Renovation of low-efficiency land: status report, {place}"), place=place)
        subtitle = words(N_("as of {day}"), day=words.day(wanted.as_of))
    head = [Paragraph(words(N_("As known on {moment}. All figures are counted from the register."),
                            moment=words.moment(known)), style="note")]  # fmt: skip
    draft = rules.status != "verified"
    if draft:
        note = rules.note.zh if words.language.startswith("zh") else rules.note.en
        text = words(N_("The rule set {rules} is a draft. {note}"), rules=rules.id, note=note)
        head.insert(0, Paragraph(text, style="warning"))
    named = words(N_("rule set {rules} (draft)") if draft else N_("rule set {rules}"), rules=rules.id)
    foot = (
        words(N_("as of {day}; as known on {moment}; {rules}"),
              day=words.day(wanted.as_of), moment=words.moment(known), rules=named),
        words(N_("ledger, line {line}: {hash}"), line=line, hash=digest),
    )  # fmt: skip
    moment = (
        datetime.datetime.fromisoformat(known) if known else datetime.datetime.fromordinal(wanted.as_of.toordinal())
    )
    return Report(words.language, title, subtitle, tuple(head), tuple(sections), foot,
                  words(N_("page {page} of {pages}")), moment)  # fmt: skip
