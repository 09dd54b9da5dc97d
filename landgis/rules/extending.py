"""Opening a rule file and those that it extends: by the name of one that comes along, or by its path."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from landgis.errors import Place, Problem
from landgis.rules.lines import lines_by_key
from landgis.rules.model import Figure
from landgis.rules.reading import Node, Reading, nearest
from landgis.text import N_, Message


@dataclass(frozen=True)
class Source:
    """A file as parsed, and the reading that collects what is found in it."""

    table: Mapping[str, Any]
    reading: Reading


def open_chain(id_or_path: str, folder: Path) -> tuple[list[Source], list[Problem]]:
    """The file and those that it extends, nearest first; and what went wrong with opening them.

    A plain name is that of a file in `folder`; a path in `extends` starts from the file that says it.
    """
    opened: list[Source] = []
    wanted: str | None = id_or_path
    base = Path()
    while wanted:
        path = _find(wanted, base, folder)
        if path is None:
            return opened, [_no_such_file(wanted, opened, folder)]
        if str(path) in [source.reading.file for source in opened]:
            words = N_("a rule file cannot extend itself: {name}")
            return opened, [Problem("E-RULES-EXTENDS", Message(words, {"name": wanted}), Place(str(path)))]
        source = read_toml(path)
        if isinstance(source, Problem):
            return opened, [source]
        opened.append(source)
        wanted, base = source.table.get("extends"), path.parent
        if wanted is not None and not isinstance(wanted, str):
            wanted = None  # the head reports it
    return opened, []


def read_toml(path: Path) -> Source | Problem:
    """One TOML file, or why it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        table = tomllib.loads(text)
    except UnicodeDecodeError:
        return Problem("E-RULES-TOML", Message(N_("is not in UTF-8; save it as UTF-8")), Place(str(path)))
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        reason = re.sub(r"\s*\(at .*\)$", "", str(error))
        message = Message(N_("cannot be read as TOML: {reason}"), {"reason": reason})
        return Problem("E-RULES-TOML", message, Place(str(path), row=int(line[1]) if line else None))
    return Source(table, Reading(str(path), lines_by_key(text)))


def packaged(folder: Path, *, first: str) -> list[str]:
    """The names of the files that come along, the one that is used by default first."""
    return sorted((path.stem for path in folder.glob("*.toml")), key=lambda name: (name != first, name))


def head_of(opened: Sequence[Source], sections: Iterable[str]) -> Node:
    """What stands above the sections, in the nearest file."""
    head = Node(opened[0].reading, opened[0].table, known={*sections, "extends"})
    if "extends" in head.table:
        head.text("extends")
    return head


def checked_figures(opened: Sequence[Source], status: str, head: Node) -> tuple[Figure, ...]:
    """All figures that were read; a file that calls itself verified has only such."""
    figures = tuple(figure for source in opened for figure in source.reading.figures)
    unsure = [figure for figure in figures if figure.status == "unverified"]
    if status == "verified" and unsure:
        message = N_("is verified, but {count} numbers are not, as {path}")
        head.report("E-RULES-STATUS", Message(message, {"count": len(unsure), "path": unsure[0].path}), "status")
    return figures


def section(opened: Sequence[Source], name: str) -> Node:
    """A section, from the nearest file that has it."""
    holder = next((source for source in opened if name in source.table), opened[0])
    return Node(holder.reading, holder.table).child(name)


def year_of(head: Node) -> int:
    """The year of a rule file."""
    value = head.table.get("year")
    head.known.add("year")
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    head.report("E-RULES-TYPE", Message(N_("{name} is a whole number, as 2022"), {"name": "year"}), "year")
    return 0


def _find(id_or_path: str, base: Path, folder: Path) -> Path | None:
    own = folder / f"{id_or_path}.toml"
    if re.fullmatch(r"[\w-]+", id_or_path) and own.is_file():
        return own
    path = base / id_or_path
    return path if path.is_file() else None


def _no_such_file(name: str, opened: Sequence[Source], folder: Path) -> Problem:
    known = sorted(path.stem for path in folder.glob("*.toml"))
    place = Place(opened[-1].reading.file, field="extends") if opened else Place(name)
    guess = nearest(name, known)
    unlike = N_("no rules and no file {name}; landgis has: {known}")
    like = N_("no rules and no file {name}; do you mean {guess}?")
    values = {"name": name, "known": ", ".join(known), "guess": guess}
    return Problem("E-RULES-FILE", Message(like if guess else unlike, values), place)
