"""Reading a table of a rule file: typed look-ups that collect every mistake and note every number with its source."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from landgis.errors import Place, Problem
from landgis.rules.lines import Key, line_of
from landgis.rules.model import Figure, Level, Words
from landgis.text import N_, Message

STATUSES = ("verified", "unverified")
POPULATIONS = ("above_scale", "below_scale", "tenant")
UNKNOWN = float("nan")  # stands where a number could not be read; a file that has one is never used
KINDS = {
    float: N_("a number"),
    str: N_("a text in quotes"),
    bool: N_("true or false"),
    dict: N_("a table"),
    list: N_("a list in [ ]"),
}


@dataclass
class Reading:
    """One file while it is read: where its keys stand, its mistakes, its numbers, the tables of industries it names."""

    file: str
    lines: dict[Key, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    named_tables: list[tuple[str, Node]] = field(default_factory=list)

    def report(self, code: str, message: Message, path: str, key: Key) -> None:
        """Note a mistake at a key; `path` is what people read."""
        place = Place(self.file, field=path or None, row=line_of(key, self.lines))
        self.problems.append(Problem(code, message, place))


@dataclass
class Node:
    """A table of the file. What it does not say of source and status, the table around it says."""

    reading: Reading
    table: Mapping[str, Any]
    key: Key = ()
    path: str = ""
    source: str | None = None
    status: str | None = None
    absent: bool = False  # already reported as missing: its keys are not reported again
    known: set[str] = field(default_factory=set)
    bare: list[str] = field(default_factory=list)  # numbers without source or status

    def __post_init__(self) -> None:
        if self.key:  # the status of the whole file is not that of each number
            self.source = self.text("source", self.source or "") or None
            self.status = self.choice("status", STATUSES, self.status or "") or None

    def report(self, code: str, message: Message, name: str | None = None) -> None:
        """Note a mistake at this table, or at one of its keys."""
        key = self.key if name is None else (*self.key, name)
        self.reading.report(code, message, self._path(name) if name else self.path, key)

    def _path(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def _raw(self, name: str, kind: type, *, needed: bool) -> Any:
        """The value under a name if it is of that kind, else None; says what is wrong."""
        self.known.add(name)
        value = self.table.get(name)
        if value is None:
            if needed and not self.absent:
                code, text = _absence(kind)
                self.report(code, Message(text, {"name": name}), name)
            return None
        right = isinstance(value, (int, float) if kind is float else kind) and isinstance(value, bool) == (kind is bool)
        if not right:
            values = {"kind": Message(KINDS[kind]), "value": _shown(value)}
            self.report("E-RULES-TYPE", Message(N_("{value} is not {kind}"), values), name)
            return None
        return value

    def text(self, name: str, default: str | None = None) -> str:
        """A text; needed unless there is a default."""
        value = self._raw(name, str, needed=default is None)
        return cast(str, default or "" if value is None else value)

    def flag(self, name: str, *, default: bool | None = None) -> bool:
        """True or false; needed unless there is a default."""
        value = self._raw(name, bool, needed=default is None)
        return bool(default if value is None else value)

    def choice(self, name: str, options: Sequence[str], default: str | None = None) -> str:
        """One of some words; needed unless there is a default."""
        value = self.text(name, default)
        if value in options or value == default or name not in self.table or not isinstance(self.table[name], str):
            return value
        self.report("E-RULES-CHOICE", _not_one_of(value, options), name)
        return options[0] if default is None else default

    def texts(self, name: str, *, needed: bool = True) -> tuple[str, ...]:
        """A list of texts."""
        value = self._raw(name, list, needed=needed) or []
        if wrong := [item for item in value if not isinstance(item, str)]:
            values = {"kind": Message(KINDS[str]), "value": _shown(wrong[0])}
            self.report("E-RULES-TYPE", Message(N_("{value} is not {kind}"), values), name)
        return tuple(item for item in value if isinstance(item, str))

    def words(self, name: str, *, needed: bool = True) -> Words:
        """A text in both languages, `{ zh = "…", en = "…" }`."""
        node = self.child(name, needed=needed)
        words = Words(node.text("zh"), node.text("en"))
        node.done()
        return words

    def number(
        self, name: str, default: float | None = None, *, least: float = -math.inf, most: float = math.inf
    ) -> float:
        """A number, noted with its source: `8.0` or `{ value = 8.0, source = "…", status = "…" }`.

        Needed unless there is a default, and a default is not noted.
        """
        if isinstance(self.table.get(name), dict):
            node = self.child(name)
            value = node._own_number("value", node.path, least, most)
            node.done()
            return UNKNOWN if value is None else value
        if name not in self.table and default is not None:
            self.known.add(name)
            return default
        value = self._own_number(name, self._path(name), least, most)
        return UNKNOWN if value is None else value

    def _own_number(self, name: str, path: str, least: float, most: float) -> float | None:
        value = self._raw(name, float, needed=True)
        if value is None:
            return None
        if not math.isfinite(value) or not least <= value <= most:
            limits = {"value": value, "least": least, "most": most}
            self.report(
                "E-RULES-RANGE", Message(N_("{value} does not lie between {least:g} and {most:g}"), limits), name
            )
        self.note(name, value, path)
        return float(value)

    def note(self, name: str, value: float | str, path: str | None = None) -> None:
        """Put a number (or another decision) into the list of figures, with its source."""
        if self.source and self.status:
            status = cast(Literal["verified", "unverified"], self.status)
            self.reading.figures.append(Figure(path or self._path(name), value, self.source, status))
        else:
            self.bare.append(name)

    def cap(self, default: float | None) -> float | None:
        """A cap: a number, or "none"."""
        if self.table.get("cap") == "none":
            self.known.add("cap")
            self.note("cap", "none")
            return None
        if "cap" in self.table:
            return self.number("cap", least=0)
        self.known.add("cap")
        return default

    def level(self, name: str) -> Level:
        """A number, or one per population, or `{ table = "…" }`."""
        value = self.table.get(name)
        if not isinstance(value, dict) or "value" in value:
            return Level(self.number(name))
        node = self.child(name)
        if "table" in value:
            level = Level(table=node.text("table"))
            self.reading.named_tables.append((str(level.table), node))
            node.note("table", f"table {level.table}", node.path)
        else:
            level = Level(by_population=node.numbers(POPULATIONS))
            if not level.by_population:
                node.report("E-RULES-MISSING", Message(N_("has no number")))
        node.done()
        return level

    def numbers(self, names: Iterable[str] | None = None, *, least: float = -math.inf) -> dict[str, float]:
        """All numbers of this table: those with one of the names, or every one."""
        keys = [key for key in self.table if key not in ("source", "status")]
        return {key: self.number(key, least=least) for key in keys if names is None or key in names}

    def child(self, name: str, *, needed: bool = True) -> Node:
        """The table under a name; an empty one where there is none."""
        value = self._raw(name, dict, needed=needed)
        return self._node(value or {}, (name,), self._path(name), absent=value is None)

    def named(self, name: str) -> Node:
        """A place to report what is wrong with a list as a whole."""
        return self._node({}, (name,), self._path(name), absent=True)

    def children(self, name: str, *, needed: bool = True, label: str = "id") -> list[Node]:
        """The tables of a list; in paths each goes by what stands under `label`."""
        nodes = []
        for place, item in enumerate(self._raw(name, list, needed=needed) or []):
            if isinstance(item, dict):
                called = item.get(label)
                path = f"{self._path(name)}.{called if isinstance(called, str) else place + 1}"
                nodes.append(self._node(item, (name, place), path))
            else:
                values = {"kind": Message(KINDS[dict]), "value": _shown(item)}
                self.report("E-RULES-TYPE", Message(N_("{value} is not {kind}"), values), name)
        return nodes

    def each_child(self) -> dict[str, Node]:
        """All tables inside this one, by name."""
        return {name: self.child(name) for name in self.table if name not in ("source", "status")}

    def _node(self, table: Mapping[str, Any], more: Key, path: str, *, absent: bool = False) -> Node:
        return Node(self.reading, table, (*self.key, *more), path, self.source, self.status, absent)

    def done(self) -> None:
        """Say which keys nobody asked for, and which numbers nobody vouches for."""
        for name in self.table:
            if name not in self.known:
                self.report("E-RULES-UNKNOWN-KEY", _unknown_key(name, self.known), name)
        if self.bare:
            lacking = " / ".join(name for name in ("source", "status") if not getattr(self, name))
            message = N_(
                "{names}: nobody vouches for it; add {lacking} to this section (status: verified or unverified)"
            )
            self.report("E-RULES-SOURCE", Message(message, {"names": ", ".join(self.bare), "lacking": lacking}))


def _absence(kind: type) -> tuple[str, str]:
    if kind is dict:
        return "E-RULES-SECTION", N_("section {name} is missing")
    return "E-RULES-MISSING", N_("{name} is missing")


def _shown(value: object) -> str:
    if isinstance(value, (dict, list)):
        return "{ … }" if isinstance(value, dict) else "[ … ]"
    return str(value).lower() if isinstance(value, bool) else repr(value)


def nearest(word: str, options: Iterable[str]) -> str | None:
    """The option that is written most like the word; None where none is."""
    return next(iter(difflib.get_close_matches(word, list(options), n=1, cutoff=0.6)), None)


def _not_one_of(value: str, options: Sequence[str]) -> Message:
    return Message(N_("{value} is not one of: {options}"), {"value": repr(value), "options": ", ".join(options)})


def _unknown_key(name: str, known: Iterable[str]) -> Message:
    options = sorted(known)
    if guess := nearest(name, options):
        return Message(N_("{name} means nothing here; do you mean {guess}?"), {"name": name, "guess": guess})
    values = {"name": name, "options": ", ".join(options)}
    return Message(N_("{name} means nothing here; possible are: {options}"), values)
