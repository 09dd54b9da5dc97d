"""From a rule file (TOML) to a rule set, with every mistake of the file explained at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar, cast

from landgis.errors import Place, Problem, RulesError
from landgis.rules.catalogue import read_milestones, read_modes, read_tables
from landgis.rules.conditions import read_low_efficiency
from landgis.rules.extending import year_of
from landgis.rules.lines import lines_by_key
from landgis.rules.model import RuleSet
from landgis.rules.reading import STATUSES, Node, Reading, nearest
from landgis.rules.sections import PARCEL_METRICS, read_area, read_firms, read_score, read_storey
from landgis.text import N_, Message

FOLDER = Path(__file__).parent
DEFAULT_RULES = "yongkang-draft"
NEEDED = ("area", "storey", "score", "low_efficiency", "milestones", "modes")
OPTIONAL = ("firms", "tables")
SECTIONS = (*NEEDED, *OPTIONAL)
Section = TypeVar("Section")


@dataclass(frozen=True)
class _Source:
    """A parsed file: its text as a table, and the reading that collects what is found in it."""

    table: Mapping[str, Any]
    reading: Reading


def load_rules(id_or_path: str) -> RuleSet:
    """The rule set of that name, or from that file; RulesError with every mistake if it has any."""
    return _packaged(id_or_path) if _is_packaged(id_or_path) else _sound(id_or_path)


@cache
def _packaged(name: str) -> RuleSet:
    """A rule set that comes with landgis does not change while it runs."""
    return _sound(name)


def _sound(id_or_path: str) -> RuleSet:
    rules, problems = _read(id_or_path)
    if rules is None or problems:
        raise RulesError(problems)
    return rules


def check_rules(path: str | Path) -> list[Problem]:
    """Every mistake of a rule file, each with its section and, where it can be found, its line; [] if it is sound."""
    return _read(str(path))[1]


def list_rules() -> list[RuleSet]:
    """The rule sets that come with landgis, the default one first."""
    names = sorted((path.stem for path in FOLDER.glob("*.toml")), key=lambda name: (name != DEFAULT_RULES, name))
    return [load_rules(name) for name in names]


def _read(id_or_path: str) -> tuple[RuleSet | None, list[Problem]]:
    opened: list[_Source] = []
    problems = _open(id_or_path, opened, base=Path())
    if not opened:
        return None, problems
    rules = _build(opened)
    return rules, problems + [problem for source in opened for problem in source.reading.problems]


def _is_packaged(name: str) -> bool:
    return re.fullmatch(r"[\w-]+", name) is not None and (FOLDER / f"{name}.toml").is_file()


def _find(id_or_path: str, base: Path) -> Path | None:
    if _is_packaged(id_or_path):
        return FOLDER / f"{id_or_path}.toml"
    path = base / id_or_path
    return path if path.is_file() else None


def _open(id_or_path: str, opened: list[_Source], *, base: Path, asker: Node | None = None) -> list[Problem]:
    """Parse a file and then those that it extends, nearest first; returns what went wrong with opening them."""
    path = _find(id_or_path, base)
    if path is None:
        return [_no_such_file(id_or_path, asker)]
    if str(path) in [source.reading.file for source in opened]:
        return [_problem("E-RULES-EXTENDS", N_("a rule set cannot extend itself: {name}"), id_or_path, asker)]
    try:
        text = path.read_text(encoding="utf-8-sig")
        table = tomllib.loads(text)
    except UnicodeDecodeError:
        return [Problem("E-RULES-TOML", Message(N_("is not in UTF-8; save it as UTF-8")), Place(str(path)))]
    except tomllib.TOMLDecodeError as error:
        return [_syntax(error, path)]
    source = _Source(table, Reading(str(path), lines_by_key(text)))
    opened.append(source)
    head = Node(source.reading, table)
    if "extends" in table and (extended := head.text("extends")):
        return _open(extended, opened, base=path.parent, asker=head)
    return []


def _problem(code: str, template: str, name: str, asker: Node | None, **more: object) -> Problem:
    place = (
        Place(asker.reading.file, field="extends", row=asker.reading.lines.get(("extends",))) if asker else Place(name)
    )
    return Problem(code, Message(template, {"name": name, **more}), place)


def _no_such_file(name: str, asker: Node | None) -> Problem:
    known = sorted(path.stem for path in FOLDER.glob("*.toml"))
    if guess := nearest(name, known):
        return _problem(
            "E-RULES-FILE", N_("no rule set and no file {name}; do you mean {guess}?"), name, asker, guess=guess
        )
    template = N_("no rule set and no file {name}; landgis has: {known}")
    return _problem("E-RULES-FILE", template, name, asker, known=", ".join(known))


def _syntax(error: tomllib.TOMLDecodeError, path: Path) -> Problem:
    said = str(error)
    line = re.search(r"at line (\d+)", said)
    reason = re.sub(r"\s*\(at .*\)$", "", said)
    message = Message(N_("cannot be read as TOML: {reason}"), {"reason": reason})
    return Problem("E-RULES-TOML", message, Place(str(path), row=int(line[1]) if line else None))


def _build(opened: list[_Source]) -> RuleSet:
    """Read the head from the first file, and each section from the nearest file that has it."""
    head = Node(opened[0].reading, opened[0].table, known=set(SECTIONS))
    sections = _sections(head, opened)
    rules = RuleSet(
        id=head.text("id"),
        title=head.words("title"),
        place=head.text("place"),
        year=year_of(head),
        document=head.text("document"),
        status=cast(Any, head.choice("status", STATUSES)),
        note=head.words("note"),
        area=_section(sections, "area", read_area),
        storey=_section(sections, "storey", read_storey),
        score=_section(sections, "score", read_score),
        low_efficiency=_section(sections, "low_efficiency", lambda node: read_low_efficiency(node, PARCEL_METRICS)),
        firms=read_firms(sections["firms"]) if "firms" in sections else None,
        tables=MappingProxyType(read_tables(sections["tables"]) if "tables" in sections else {}),
        milestones=MappingProxyType(_section(sections, "milestones", read_milestones)),
        modes=MappingProxyType(_section(sections, "modes", read_modes)),
        figures=(),
    )
    head.done()
    return _finish(rules, head, [source.reading for source in opened])


def _sections(head: Node, opened: list[_Source]) -> dict[str, Node]:
    without = head.texts("without", needed=False)
    head.known.add("extends")
    for name in without:
        if name not in OPTIONAL:
            values = {"name": name, "options": ", ".join(OPTIONAL)}
            head.report(
                "E-RULES-CHOICE", Message(N_("{name} cannot be left out; possible are: {options}"), values), "without"
            )
    found = {}
    for name in SECTIONS:
        holders = [source for source in opened if name in source.table]
        if holders and name not in without:
            found[name] = Node(holders[0].reading, holders[0].table).child(name)
        elif name in NEEDED:
            found[name] = head.child(name)
    return found


def _section(sections: Mapping[str, Node], name: str, read: Callable[[Node], Section]) -> Section:
    return read(sections[name])


def _finish(rules: RuleSet, head: Node, readings: list[Reading]) -> RuleSet:
    """Check what only the whole shows, and gather the figures."""
    figures = tuple(figure for reading in readings for figure in reading.figures)
    for table, node in (use for reading in readings for use in reading.named_tables):
        if table not in rules.tables:
            values = {"table": table, "known": ", ".join(rules.tables) or "-"}
            node.report("E-RULES-TABLE", Message(N_("no table {table}; the rule set has: {known}"), values))
    if rules.score.output_from_firms and rules.firms is None:
        message = N_("output_from_firms needs a section firms")
        head.reading.report(
            "E-RULES-SECTION", Message(message), "score.output_from_firms", ("score", "output_from_firms")
        )
    unsure = [figure for figure in figures if figure.status == "unverified"]
    if rules.status == "verified" and unsure:
        message = N_("is verified, but {count} numbers are not, as {path}")
        head.report("E-RULES-STATUS", Message(message, {"count": len(unsure), "path": unsure[0].path}), "status")
    return replace(rules, figures=figures)
