"""Staged files taken over into a project, and the receipt: each row is taken or set aside, and told why."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from landgis.errors import InputRefused, LandgisError, Problem
from landgis.io.formats import split_layer
from landgis.io.project_layers import TABLES
from landgis.roles import require
from landgis.text import N_, Message, Tell
from landgis.workflow.events import Receipt, import_events
from landgis.workflow.importing import Imported, Layers, create_project, import_layers
from landgis.workflow.log import Log
from landgis.workflow.looking import Look, Looked
from landgis.workflow.project import DEFAULTS, Project


@dataclass(frozen=True)
class Taken:
    """What became of the rows of one file: read = taken + aside + already; `already` are events that were there."""

    role: str
    file: str
    layer: str | None
    read: int
    taken: int
    aside: int
    already: int = 0


@dataclass(frozen=True)
class Accepted:
    """The receipt of an import. `aside` has each row that was set aside, with file, row and why.

    `refused` is why a ledger of events was not taken at all: one of its rows was refused. `left_out` are files of
    which nothing was read.
    """

    taken: tuple[Taken, ...]
    aside: tuple[Problem, ...] = ()
    remarks: tuple[Problem, ...] = ()
    refused: tuple[Problem, ...] = ()
    left_out: tuple[str, ...] = ()
    line: int | None = None  # of the ledger
    changes: Mapping[str, Any] = field(default_factory=dict)  # parcels_new, parcels_gone


@dataclass(frozen=True)
class Age:
    """When a layer of the project was imported last, from which file, and by whom."""

    role: str
    file: str
    rows: int
    recorded_at: str
    recorded_by: str
    line: int


def begin(
    where: str,
    looked: Looked,
    *,
    nobody: str,
    rules: str = DEFAULTS["rules"],
    set_aside: bool = False,
    tell: Tell = lambda _step: None,
) -> tuple[Project, Accepted]:
    """Make a project of staged files, among which parcels have to be; all of them, or nothing is made.

    Events follow in a transaction of their own, as they are judged by the parcels; `set_aside` as in `accept`.
    """
    _require_ready(looked)
    with looked.staged.told_faults():
        project, done = create_project(where, layers_of(looked), rules=rules, nobody=nobody, tell=tell)
    return project, _receipt(looked, done, _events(project, looked, set_aside=set_aside))


def accept(project: Project, looked: Looked, *, set_aside: bool = False, tell: Tell = lambda _step: None) -> Accepted:
    """Take staged files over: all layers in one transaction, then each ledger of events in one of its own.

    Where one event is refused none of its ledger is taken, unless `set_aside`. Raises LandgisError, having changed
    nothing, where the layers are refused or the role may not do this.
    """
    _require_ready(looked)
    roles = {look.role for look in looked.taken}
    for action, needed in (("import", roles - {"events"}), ("events", roles & {"events"})):
        if needed:
            require(project.actor, action)
    done = None
    if roles - {"events"}:
        with looked.staged.told_faults():
            done = import_layers(project, layers_of(looked), tell)
    return _receipt(looked, done, _events(project, looked, set_aside=set_aside))


def accept_events(project: Project, looked: Looked, before: Accepted) -> Accepted:
    """Take the events that can be taken, after a receipt that refused some; the others are set aside and named.

    The receipt is the one before, with the ledgers as they are now.
    """
    now = _receipt(looked, None, _events(project, looked, set_aside=True))
    layers = tuple(row for row in before.taken if row.role != "events")
    return replace(
        before, taken=(*layers, *now.taken), aside=(*before.aside, *now.aside),
        remarks=(*before.remarks, *now.remarks), refused=now.refused,
    )  # fmt: skip


def layers_of(looked: Looked) -> Layers:
    """What `landgis import` would be told."""
    files: dict[str, Any] = {str(look.role): look.text for look in looked.taken if look.role in TABLES}
    answers = looked.answers
    names = {str(split_layer(look.text)[0]): look.file for look in looked.taken}
    return Layers(**files, crs=answers.crs, encoding=answers.encoding, mapping=looked.mapping, names=names)


def data_age(project: Project) -> list[Age]:
    """The last import of each layer, in the order of the tables; `landgis new` is an import too."""
    found: dict[str, Age] = {}
    names = ("seq", "action", "recorded_at", "recorded_by", "details")
    for seq, action, at, by, details in project.store.columns(names):
        if action == "import":
            for role, file in json.loads(details)["files"].items():
                found[role] = Age(role, file["file"], file["rows"], str(at), str(by), int(seq))
    return [found[role] for role in TABLES if role in found]


def _require_ready(looked: Looked) -> None:
    """Refuse while something stands against it, or nothing is left to take over."""
    if looked.stops:
        raise InputRefused(looked.stops)
    if not looked.taken:
        words = N_("there is nothing to take over; say of one file at least what it is")
        raise InputRefused([Problem("E-STAGE-NOTHING", Message(words))])


def _events(project: Project, looked: Looked, *, set_aside: bool) -> list[tuple[Look, Receipt]]:
    """What became of each ledger; where one is refused, its receipt says why, and the layers stay taken."""
    receipts = []
    for look in looked.taken:
        if look.role != "events":
            continue
        try:
            receipt = import_events(
                project, look.text, mapping=looked.mapping, encoding=looked.answers.encoding, set_aside=set_aside
            )
        except LandgisError as error:
            receipt = getattr(error, "receipt", Receipt(look.text, look.rows))
            receipt.refused = [one for one in error.problems if one not in receipt.remarks]
        receipts.append((look, receipt))
    return receipts


def _receipt(looked: Looked, done: Imported | None, events: list[tuple[Look, Receipt]]) -> Accepted:
    told = looked.staged.told
    log = done.log if done else Log()
    aside = {(one.table, one.row.row): one.row.problem for one in reversed(log.set_aside)}  # the first reason of a row
    refused: list[Problem] = []
    reasons, remarks = list(reversed(aside.values())), list(log.problems)
    for _, receipt in events:
        (reasons if receipt.written else refused).extend(receipt.refused)
        remarks += receipt.remarks
    lost = Counter(table for table, _ in aside)
    layers = [_of_layer(look, lost[str(look.role)]) for look in looked.taken if done and look.role in TABLES]
    return Accepted(
        (*layers, *(_of_ledger(look, receipt) for look, receipt in events)),
        tuple(map(told, reasons)), tuple(map(told, remarks)), tuple(map(told, refused)),
        left_out=tuple(" · ".join(filter(None, (look.file, look.layer))) for look in looked.looks if not look.role),
        line=done.line if done else None, changes=done.changes if done else {},
    )  # fmt: skip


def _of_layer(look: Look, lost: int) -> Taken:
    return Taken(str(look.role), look.file, look.layer, look.rows, look.rows - lost, lost)


def _of_ledger(look: Look, receipt: Receipt) -> Taken:
    taken, already = receipt.taken, len(receipt.already)
    return Taken("events", look.file, look.layer, receipt.read, taken, receipt.read - taken - already, already)
