"""What the names of a file's columns alone tell: what is missing, double or personal, and what is kept how."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from landgis.errors import InputRefused
from landgis.io.findings import Log
from landgis.io.headers import Matches, is_personal, missing_message, plain_name
from landgis.results import FIRM_NAMES, RESULT_NAMES
from landgis.tables import Table
from landgis.text import N_, Message

RESERVED = frozenset({*RESULT_NAMES, *FIRM_NAMES})


def refuse_double_names(log: Log, names: Sequence[str]) -> None:
    """Raise InputRefused with every name that stands more than once."""
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        log.fault("E-FIELD-DUP", Message(N_("the column stands more than once; rename one")), name)
    if log.faults:
        raise InputRefused(log.faults)


def note_matches(log: Log, names: Sequence[str], table: Table, matches: Matches, *, lenient: bool = False) -> None:
    """Note what the mapping wants and is not there, what could be two things, and needed columns that are missing."""
    for key, how in matches.absent:
        values = {"source": how.column, "key": key, "line": how.line, "names": ", ".join(names)}
        template = N_("line {line} of the mapping file wants {source} as {key}, but the columns are: {names}")
        log.fault("E-MAP-SOURCE", Message(template, values), how.column)
    for match, others in matches.twice:
        values = {"used": match.source, "name": match.column.name, "others": ", ".join(others)}
        template = N_("{used} was read as {name}; {others} could be it too: say in a mapping file which one it is")
        log.remark("W-COLUMN-TWICE", Message(template, values), match.source)
    absent = {key for key, _ in matches.absent}
    for column in table.columns:
        if column.needed and matches.get(column.name) is None and column.name not in absent:
            note, code = (log.remark, "W-COLUMN-NEEDED") if lenient else (log.fault, "E-COLUMN-MISSING")
            note(code, missing_message(column, names), column.name)


def note_personal(log: Log, names: Iterable[str]) -> None:
    """Note the columns that may hold data about persons."""
    for name in names:
        if is_personal(name):
            log.remark(
                "W-PII",
                Message(N_("the column may hold personal data; leave it out if it is not needed")),
                name,
            )


def kept_names(log: Log, names: Iterable[str], taken: Collection[str]) -> Iterator[tuple[str, str]]:
    """The columns that are not ours, each with the name that it is kept under: none of `taken` in any spelling."""
    taken_plain = {plain_name(name) for name in taken}
    for name in names:
        kept = name
        while plain_name(kept) in taken_plain:
            kept += "_in"
        if kept != name:
            message = Message(N_("kept as {kept}, as landgis uses the name itself"), {"kept": kept})
            log.remark("W-COLUMN-RENAMED", message, name)
        taken_plain.add(plain_name(kept))
        yield name, kept


def note_unit(log: Log, field: str, name: str, factor: float, unit: str) -> None:
    """Note that a header gives another unit than the column's own."""
    values = {"unit": unit, "name": name, "factor": f"{factor:.10g}"}
    template = N_("read as {name} × {factor}, as the header gives the unit {unit}")
    log.remark("W-UNIT", Message(template, values), field)
