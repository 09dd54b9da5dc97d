"""The sections of a rule file that are lists: tables of numbers by industry, and modes of renovation."""

from __future__ import annotations

import re
from itertools import pairwise

from landgis.rules.industry import by_digits
from landgis.rules.model import IndustryTable, Mode
from landgis.rules.reading import Node, nearest
from landgis.tables import MILESTONES
from landgis.text import N_, Message

CURRENT_EDITION = "GB/T 4754-2017"  # the edition that industry codes of the input are in
SIDE_STEPS = ("PAUSED", "RESUMED", "WITHDRAWN")
STEPS = tuple(name for name in MILESTONES if name not in SIDE_STEPS)


def read_tables(node: Node) -> dict[str, IndustryTable]:
    """[tables.NAME]: `edition`, and the sub-tables `values`, `names`, `crosswalk`."""
    tables = {name: _read_table(child) for name, child in node.each_child().items()}
    node.done()
    return tables


def _read_table(node: Node) -> IndustryTable:
    edition = node.text("edition")
    value_node, name_node = node.child("values"), node.child("names", needed=False)
    values = value_node.numbers()
    names = {code: name_node.text(code) for code in name_node.table if code not in ("source", "status")}
    value_node.done()
    name_node.done()
    for code in values:
        _check_code(value_node, code)
    crosswalk = _read_crosswalk(node, edition, values)
    node.done()
    return IndustryTable(edition, values, names, crosswalk)


def _read_crosswalk(node: Node, edition: str, values: dict[str, float]) -> dict[str, tuple[str, ...]]:
    child = node.child("crosswalk", needed=False)
    if child.absent and edition == CURRENT_EDITION:
        return {code: (code,) for code in values}
    if child.absent:
        message = N_("a table in {edition} needs a crosswalk: the same code is another industry in {current}")
        node.report("E-RULES-CROSSWALK", Message(message, {"edition": edition or "?", "current": CURRENT_EDITION}))
        return {}
    crosswalk = {code: child.texts(code) for code in child.table if code not in ("source", "status")}
    for code, targets in crosswalk.items():
        _check_code(child, code)
        child.note(code, " | ".join(targets))
        if lost := [target for target in targets if by_digits(values, target) is None]:
            message = N_("leads to {targets}, which the table has no number for")
            child.report("E-RULES-CROSSWALK", Message(message, {"targets": ", ".join(lost)}), code)
    child.done()
    return crosswalk


def _check_code(node: Node, code: str) -> None:
    if not re.fullmatch(r"\d{2,4}", code):
        node.report(
            "E-RULES-CROSSWALK",
            Message(N_("{code} is not an industry code of two to four digits"), {"code": code}),
            code,
        )


def read_modes(node: Node) -> dict[str, Mode]:
    """[modes.NAME]: `title`, `path` of milestones, `demolishes`."""
    modes = {name: _read_mode(child, name) for name, child in node.each_child().items()}
    node.done()
    if not node.absent and not modes:
        node.report("E-RULES-MISSING", Message(N_("there is no mode")))
    return modes


def _read_mode(node: Node, name: str) -> Mode:
    mode = Mode(name, node.words("title"), node.texts("path"), node.flag("demolishes"))
    node.note("path", " → ".join(mode.path))
    node.done()
    for step in mode.path:
        if step not in STEPS:
            guess = nearest(step, STEPS)
            values = {"step": step, "steps": ", ".join(STEPS), "guess": guess}
            unlike = N_("no milestone {step}; known are: {steps}")
            like = N_("no milestone {step}; do you mean {guess}?")
            node.report("E-RULES-MILESTONE", Message(like if guess else unlike, values), "path")
    _check_order(node, mode)
    return mode


def _check_order(node: Node, mode: Mode) -> None:
    known = [step for step in mode.path if step in STEPS]
    for before, after in pairwise(known):
        if STEPS.index(before) >= STEPS.index(after):
            order = Message(N_("{after} cannot follow {before} on a path"), {"before": before, "after": after})
            node.report("E-RULES-PATH", order, "path")
    if mode.path and mode.demolishes != ("DEMOLISHED" in mode.path):
        message = N_(
            "demolishes = {demolishes} contradicts the path: DEMOLISHED has to be on it exactly if the mode demolishes"
        )
        node.report("E-RULES-PATH", Message(message, {"demolishes": str(mode.demolishes).lower()}), "demolishes")
