"""The sections of a rule file that are lists: tables of numbers by industry, and modes of renovation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import Any, cast

from landgis.rules.industry import by_digits
from landgis.rules.model import IndustryTable, MilestoneRule, Mode
from landgis.rules.reading import Node, nearest
from landgis.tables import MILESTONES, SIDE_MILESTONES
from landgis.text import N_, Message

CURRENT_EDITION = "GB/T 4754-2017"  # the edition that industry codes of the input are in
BUILDING_STEPS = ("VACATED", "DEMOLISHED", "STARTED", "TOPPED_OUT", "COMPLETED")
LEVELS = ("block", "parcel", "building")
STEPS = tuple(name for name in MILESTONES if name not in SIDE_MILESTONES)


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
    path, demolishes = node.texts("path"), node.flag("demolishes")
    optional = node.texts("optional", needed=False)
    late_node = node.child("late", needed=False)
    late = {step: late_node.text(step) for step in late_node.table}
    late_node.done()
    mode = Mode(name, node.words("title"), path, demolishes, optional, MappingProxyType(late))
    node.note("path", " → ".join(mode.path))
    node.done()
    for step in mode.path:
        _check_step(node, step, "path", STEPS)
    for key, steps in (("optional", optional), ("late", (*late, *late.values()))):
        for step in steps:
            _check_step(node, step, key, mode.path)
    _check_order(node, mode)
    return mode


def _check_step(node: Node, step: str, key: str, known: Sequence[str]) -> None:
    if step in known:
        return
    guess = nearest(step, known)
    values = {"step": step, "steps": ", ".join(known), "guess": guess}
    unlike = N_("no milestone {step}; known are: {steps}")
    like = N_("no milestone {step}; do you mean {guess}?")
    node.report("E-RULES-MILESTONE", Message(like if guess else unlike, values), key)


def read_milestones(node: Node) -> dict[str, MilestoneRule]:
    """[milestones]: `level`, `evidence`, and what else holds for each milestone."""
    rules = {}
    for name, child in node.each_child().items():
        _check_step(node, name, name, tuple(MILESTONES))
        needs = child.texts("needs", needed=False)
        for step in needs:
            _check_step(child, step, "needs", STEPS)
            if step in STEPS and name in STEPS and STEPS.index(step) >= STEPS.index(name):
                order = Message(N_("{after} cannot follow {before} on a path"), {"before": step, "after": name})
                child.report("E-RULES-PATH", order, "needs")
        rules[name] = MilestoneRule(
            name,
            cast(Any, child.choice("level", LEVELS)),
            child.words("evidence"),
            child.flag("evidence_required", default=False),
            needs,
            child.flag("final", default=False),
            child.flag("reason", default=False),
            child.flag("blockable", default=False),
        )
        if rules[name].level == "building" and name not in BUILDING_STEPS:
            values = {"step": name, "steps": ", ".join(BUILDING_STEPS)}
            message = Message(N_("{step} is not reached building by building; these are: {steps}"), values)
            child.report("E-RULES-CHOICE", message, "level")
        child.done()
    node.done()
    if not node.absent and (missing := [name for name in MILESTONES if name not in rules]):
        message = Message(N_("milestones are missing here: {names}"), {"names": ", ".join(missing)})
        node.report("E-RULES-MISSING", message)
    return rules


def _check_order(node: Node, mode: Mode) -> None:
    if not mode.path and not node.absent:
        node.report("E-RULES-MISSING", Message(N_("the path of a mode has at least one milestone")), "path")
    for step, latest in mode.late.items():
        if {step, latest} <= set(mode.path) and mode.path.index(latest) <= mode.path.index(step):
            late = Message(N_("{step} cannot be late up to {latest}, which is not behind it on the path"), {
                "step": step, "latest": latest})  # fmt: skip
            node.report("E-RULES-PATH", late, "late")
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
