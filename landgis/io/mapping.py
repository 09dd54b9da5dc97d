"""The file that says what the user's columns are called (`--mapping FILE.toml`, contract §1)."""

from __future__ import annotations

import datetime
import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from landgis.errors import InputRefused, Place, Problem
from landgis.io.cells import folded, shown
from landgis.tables import KINDS_OF_DATE, MILESTONES, TABLES, Column, Table
from landgis.text import N_, Message

SIZE_LIMIT = 1_000_000  # bytes; a mapping is a page or two
KEYS = ("column", "factor", "values", "format", "value", "kind")


@dataclass(frozen=True)
class ColumnMapping:
    """Where a canonical column comes from: a column of the file, changed on the way, or one value."""

    column: str | None = None
    factor: float | None = None
    values: Mapping[str, str] | None = None
    format: str | None = None
    value: Any = None
    kind: str | None = None  # of a milestone's date column: planned, forecast, actual
    line: int | None = None


@dataclass(frozen=True)
class TableMapping:
    """Canonical column, or milestone of a wide ledger, → where it comes from."""

    table: str
    file: str
    columns: Mapping[str, ColumnMapping] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def milestones(self) -> dict[str, ColumnMapping]:
        """The date columns of a ledger with a row a parcel; empty where a row is an event."""
        return {name: how for name, how in self.columns.items() if name in MILESTONES}


class _Reader:
    """One mapping file: its lines, and the problems found so far."""

    def __init__(self, path: Path, text: str) -> None:
        self.file = str(path)
        self.lines = text.splitlines()
        self.problems: list[Problem] = []

    def fault(self, code: str, message: Message, table: str, key: str | None = None) -> None:
        name = f"{table}.{key}" if key else table
        self.problems.append(Problem(code, message, Place(self.file, row=self.line(table, key), field=name)))

    def line(self, table: str, key: str | None = None) -> int | None:
        """The line where a table, or a key in it, stands."""
        inside = False
        for number, line in enumerate(self.lines, start=1):
            if header := re.match(r"\s*\[\s*([^\]]*?)\s*\]", line):
                inside = header[1].strip("\"'").split(".")[0] == table
                if inside and (key is None or header[1].endswith(f".{key}")):
                    return number
            elif inside and key and re.match(rf"""\s*["']?{re.escape(key)}["']?\s*[=.]""", line):
                return number
        return None


def read_mapping(path: str | Path) -> dict[str, TableMapping]:
    """The mapping of each table that the file names; raises InputRefused with every mistake in it."""
    path = Path(path)
    text = _read_text(path)
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = Message(N_("this is no valid TOML ({error}); correct the line"), {"error": str(error)})
        found = re.search(r"line (\d+)", str(error))
        place = Place(str(path), row=int(found[1]) if found else None)
        raise InputRefused([Problem("E-MAP-TOML", message, place)]) from error
    reader = _Reader(path, text)
    mappings = {name: _table(reader, name, entries) for name, entries in content.items()}
    if reader.problems:
        raise InputRefused(reader.problems)
    return {name: mapping for name, mapping in mappings.items() if mapping is not None}


def _read_text(path: Path) -> str:
    try:
        if path.stat().st_size > SIZE_LIMIT:
            message = Message(N_("a mapping file of more than {limit} bytes is none"), {"limit": SIZE_LIMIT})
            raise InputRefused([Problem("E-SIZE", message, Place(str(path)))])
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        message = Message(N_("the mapping file cannot be read ({error})"), {"error": error.strerror or str(error)})
        raise InputRefused([Problem("E-FILE", message, Place(str(path)))]) from error
    except UnicodeDecodeError as error:
        message = Message(N_("the mapping file is not UTF-8; save it as UTF-8"))
        raise InputRefused([Problem("E-ENC", message, Place(str(path)))]) from error


def _table(reader: _Reader, name: str, entries: Any) -> TableMapping | None:
    table = TABLES.get(name)
    if table is None or not isinstance(entries, dict):
        values = {"name": name, "known": _listed(TABLES), "near": _near(name, TABLES)}
        message = Message(N_("{name} is no table{near}; the tables are: {known}"), values)
        reader.fault("E-MAP-TABLE", message, name)
        return None
    names = [column.name for column in table.columns] + (list(MILESTONES) if name == "events" else [])
    columns = {}
    for key, entry in entries.items():
        if key not in names:
            values = {"key": key, "table": name, "near": _near(key, names), "known": _listed(names)}
            message = Message(N_("{table} has no column {key}{near}; its columns are: {known}"), values)
            reader.fault("E-MAP-COLUMN", message, name, key)
        elif (how := _entry(reader, table, key, entry)) is not None:
            columns[key] = how
    return TableMapping(name, reader.file, MappingProxyType(columns))


def _entry(reader: _Reader, table: Table, key: str, entry: Any) -> ColumnMapping | None:
    """One line of the file; None where it is wrong, which was noted."""
    line = reader.line(table.name, key)
    if isinstance(entry, str):
        return ColumnMapping(column=entry, line=line)
    milestone = table.name == "events" and key in MILESTONES
    column = Column(key, "date", key) if milestone else table.column(key)
    mistakes = list(_mistakes(column, entry, milestone=milestone))
    for message in mistakes:
        reader.fault("E-MAP-KEY", message, table.name, key)
    if mistakes:
        return None
    words = {str(word): str(meant) for word, meant in entry.get("values", {}).items()} or None
    factor = float(entry["factor"]) if "factor" in entry else None
    return ColumnMapping(
        entry.get("column"),
        factor,
        words,
        entry.get("format"),
        _plain(entry.get("value")),
        entry.get("kind"),
        line,
    )


def _mistakes(column: Column, entry: Any, *, milestone: bool) -> Iterable[Message]:
    """Every mistake in what stands behind the equals sign."""
    if not isinstance(entry, dict):
        template = N_('{value} is neither a column name in quotes nor of the form {{ column = "…" }}')
        yield Message(template, {"value": shown(entry)})
        return
    for name in entry:
        if name not in KEYS:
            yield Message(N_("unknown entry {name}; known are {known}"), {"name": name, "known": _listed(KEYS)})
    if set(entry) <= set(KEYS) and ("column" in entry) == ("value" in entry):
        yield Message(N_("give either column or value, one of the two"))
    if not isinstance(entry.get("column", ""), str):
        yield Message(N_("column is the name of a column, in quotes"))
    yield from _wrong_change(column, entry)
    kind = entry.get("kind")
    if kind is not None and (not milestone or kind not in KINDS_OF_DATE):
        yield Message(N_("kind belongs to a milestone and is one of {known}"), {"known": _listed(KINDS_OF_DATE)})


def _wrong_change(column: Column, entry: Mapping[str, Any]) -> Iterable[Message]:
    """Mistakes in factor, format and values, and what does not go with the kind of the column."""
    factor = entry.get("factor", 1)
    if isinstance(factor, bool) or not isinstance(factor, int | float) or not 0 < factor < float("inf"):
        yield Message(N_("factor is a number above 0, not {value}"), {"value": shown(factor)})
    if "factor" in entry and column.kind not in ("number", "integer"):
        yield Message(N_("factor goes with a number only, and this column is none"))
    if "format" in entry and (column.kind != "date" or not isinstance(entry["format"], str)):
        yield Message(N_("format is a text as %Y/%m/%d and goes with a date column only"))
    words = entry.get("values", {})
    if not isinstance(words, dict) or any(isinstance(meant, dict | list) for meant in words.values()):
        yield Message(N_("values is a list of the form {{ word = meaning }}"))
        return
    if isinstance(entry.get("value"), dict | list):
        yield Message(N_("value is one text, number or date for all rows"))
    constant = [entry["value"]] if "value" in entry and column.choices else []
    for meant in [*words.values(), *constant] if column.choices else []:
        if not _is_choice(str(meant), column):
            values = {"value": shown(meant), "known": _listed(column.choices)}
            yield Message(N_("{value} is not one of {known}"), values)


def _is_choice(text: str, column: Column) -> bool:
    known = {folded(word) for words in column.choices.values() for word in words} | {folded(c) for c in column.choices}
    return folded(text) in known


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime.date | datetime.time) else value


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def _near(name: str, names: Iterable[str]) -> str | Message:
    near = difflib.get_close_matches(name, list(names), n=1, cutoff=0.6)
    return Message(N_(" (is {near} meant?)"), {"near": near[0]}) if near else ""
