"""What was typed into the form of a new plan, as a scenario has it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from landgis.errors import Place, Problem, UsageError
from landgis.text import N_, Message
from landgis.workflow.scheduling.scenario import Before

PARTED = re.compile(r"[\s;,\uff0c\uff1b\u3001]+")  # between figures, as people type them
EDGE_PARTED = re.compile(r"[:\uff1a]")


def read(asked: Mapping[str, Any]) -> dict[str, Any]:
    """What was entered, as a scenario has it; UsageError with what cannot be read.

    >>> empty = {"modes": [], "required": [], "excluded": [], "vacant_m2": {}, "crews": {}, "weights": {}}
    >>> found = read(empty | {"name": " a ", "budget_wan": "100; 200", "before": "A: B"})
    >>> found["name"], found["budget_wan"], found["before"]
    ('a', (100.0, 200.0), (Before(before='A', after='B', lag_quarters=0),))
    """
    problems: list[Problem] = []
    found = {**asked, "name": asked["name"].strip(), "modes": tuple(asked["modes"])}
    found |= {name: tuple(asked[name]) for name in ("required", "excluded")}
    found |= {
        name: {key: float(value) for key, value in asked[name].items() if value is not None}
        for name in ("vacant_m2", "crews", "weights")
    }
    found["budget_wan"] = _figures(asked["budget_wan"], problems)
    found["before"] = tuple(_edges(asked["before"], problems))
    if problems:
        raise UsageError(problems)
    return found


def _figures(text: str, problems: list[Problem]) -> tuple[float, ...] | None:
    parts = [part for part in PARTED.split(text) if part]
    figures = []
    for part in parts:
        try:
            figures.append(float(part))
        except ValueError:
            words = N_("{value} is no amount of money")
            problems.append(Problem("E-SCENARIO-RANGE", Message(words, {"value": part}), Place(field="budget_wan")))
    return tuple(figures) or None


def _edges(text: str, problems: list[Problem]) -> list[Before]:
    found = []
    for row, line in enumerate(text.splitlines(), 1):
        parts = [part.strip() for part in EDGE_PARTED.split(line)]
        if not any(parts):
            continue
        lag = parts[2] if len(parts) > 2 and parts[2] else "0"
        if len(parts) not in (2, 3) or not all(parts[:2]) or not lag.isdecimal():
            words = N_("{line} names no two sites; write FIRST: SECOND, or FIRST: SECOND: QUARTERS")
            problems.append(
                Problem("E-SCENARIO-BEFORE", Message(words, {"line": line.strip()}), Place(row=row, field="before"))
            )
            continue
        found.append(Before(parts[0], parts[1], int(lag)))
    return found
