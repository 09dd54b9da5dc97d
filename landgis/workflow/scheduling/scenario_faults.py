"""What makes no sense in a scenario, whatever the land is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from landgis.errors import Place, Problem
from landgis.rules.scheduling import MOST_BUFFER, MOST_QUARTERS
from landgis.text import N_, Message

if TYPE_CHECKING:  # a scenario checks itself with what stands here
    from landgis.workflow.scheduling.scenario import Scenario


def faults(scenario: Scenario) -> list[Problem]:
    """Everything that makes no sense in a scenario whatever the land is; `basis_of` raises it as UsageError."""
    return [*_amounts(scenario), *_contradictions(scenario)]


def _problem(field: str, words: str, **values: object) -> Problem:
    return Problem("E-SCENARIO-RANGE", Message(words, values), Place(field=field))


def _amounts(asked: Scenario) -> list[Problem]:
    said: list[tuple[str, float | None, float, float]] = [
        ("quarters", asked.quarters, 1, MOST_QUARTERS), ("seconds", asked.seconds, 0.1, 86_400),
        ("gap", asked.gap, 0, 1), ("horizon", asked.horizon, 1, MOST_QUARTERS), ("step", asked.step, 1, MOST_QUARTERS),
        ("buffer_quarters", asked.buffer_quarters, 0, MOST_BUFFER), ("draws", asked.draws, 0, 100_000),
        ("seed", asked.seed, 0, 2**31 - 1),
        ("industry_floor_m2", asked.industry_floor_m2, 0, math.inf),
    ]  # fmt: skip
    said += [("budget_wan", one, 0, math.inf) for one in asked.budget_wan or ()]
    for table in ("vacant_m2", "crews", "weights"):
        said += [(f"{table}.{name}", value, 0, math.inf) for name, value in getattr(asked, table).items()]
    said += [(f"before.{edge.after}", edge.lag_quarters, 0, MOST_QUARTERS) for edge in asked.before]
    said += [(f"lanes.{lane.name}", lane.closed_at_most, 0, math.inf) for lane in asked.lanes]
    words = N_("{value} does not lie between {least:g} and {most:g}")
    return [
        _problem(name, words, value=value, least=low, most=high)
        for name, value, low, high in said
        if value is not None and not (low <= value <= high and math.isfinite(value))
    ]


def _contradictions(asked: Scenario) -> list[Problem]:
    problems = []
    if not asked.name.strip():
        problems.append(_problem("name", N_("a scenario needs a name")))
    for site in sorted(set(asked.required) & set(asked.excluded)):
        problems.append(_problem("excluded", N_("{site} cannot be both required and excluded"), site=site))
    if (asked.horizon is None) != (asked.step is None):
        problems.append(_problem("step", N_("horizon and step go together: give both, or neither")))
    elif asked.horizon is not None and asked.step is not None and asked.step > asked.horizon:
        words = N_("{step} quarters cannot be kept of a window of {horizon}")
        problems.append(_problem("step", words, step=asked.step, horizon=asked.horizon))
    for edge in asked.before:
        if edge.before == edge.after:
            problems.append(_problem("before", N_("{site} cannot wait for itself"), site=edge.after))
    for lane in asked.lanes:
        if lane.closed_at_most is None:
            words = N_("the lane {name} does not say how many of its sites may be closed at a time (closed_at_most)")
            problems.append(_problem(f"lanes.{lane.name}", words, name=lane.name))
    return problems
