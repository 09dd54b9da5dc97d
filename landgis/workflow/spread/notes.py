"""What tasks noticed, as JSON from the workers to the coordinator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from landgis.errors import Place, Problem
from landgis.io.raw import SetAside
from landgis.text import Message
from landgis.workflow.log import Aside, Log

TABLES = ("parcels", "buildings", "enterprises", "occupancies")


def notes_of(log: Log) -> dict[str, list[Any]]:
    """The log of one task."""
    return {
        "problems": [_problem(one) for one in log.problems],
        "set_aside": [
            [one.table, one.file, one.row.row, one.row.id, _problem(one.row.problem)] for one in log.set_aside
        ],
    }


def take_notes(log: Log, said: Iterable[Mapping[str, Any]]) -> None:
    """Put what tasks noticed into the log of the job: by file, kind of problem and row, whoever noticed it."""
    problems = {str(one): _read(one) for task in said for one in task.get("problems", ())}  # of one file once
    aside = [Aside(table, file, SetAside(row, key, _read(problem)))
             for task in said for table, file, row, key, problem in task.get("set_aside", ())]  # fmt: skip
    log.problems += sorted(
        problems.values(), key=lambda one: (one.place.file or "", one.code, one.place.row or 0, str(one.message))
    )
    log.set_aside += sorted(aside, key=lambda one: (TABLES.index(one.table), one.row.problem.code, one.row.row))


def _problem(problem: Problem) -> list[Any]:
    values = {name: _plain(value) for name, value in problem.message.values.items()}
    place = problem.place
    return [
        problem.code,
        problem.message.template,
        values,
        [place.file, place.layer, place.row, place.field],
        problem.id,
    ]


def _read(found: list[Any]) -> Problem:
    code, template, values, place, key = found
    return Problem(code, Message(template, values), Place(*place), key)


def _plain(value: object) -> object:
    """A number of numpy as Python's own."""
    return value.item() if hasattr(value, "item") else value
