"""The schedule as a mixed-integer programme: y[i, m, t] = 1 if site i is started in mode m in period t or before.

Why "or before": a row of money or space then holds one figure for each change in what a site takes, not one for each
start, and precedence is a row of two columns. The rows are in `rows`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from landgis.planning.scheduling.problem import Plan, Problem
from landgis.planning.scheduling.rows import Entries, Limit, all_rows, joined


@dataclass(frozen=True)
class Model:
    """Maximise cost · y with row_low ≤ A y ≤ row_high and low ≤ y ≤ high; A by rows, columns rising in each row."""

    cost: np.ndarray  # float64[columns]
    low: np.ndarray
    high: np.ndarray
    whole: np.ndarray  # bool[columns]
    starts: np.ndarray  # int64[rows + 1]
    columns: np.ndarray  # int64[entries]
    figures: np.ndarray  # float64[entries]
    row_low: np.ndarray
    row_high: np.ndarray
    row_names: tuple[str, ...]
    limits: tuple[Limit, ...]  # [rows]: the family and the name of the limit that a row is part of
    site: np.ndarray  # int64[columns]: what each column decides
    mode: np.ndarray
    period: np.ndarray


def build(problem: Problem) -> Model:
    """The model of a problem. Columns stand for allowed starts only, by site, mode and period."""
    site, mode, period = np.nonzero(problem.open_starts)
    parts = all_rows(problem)
    first = np.cumsum([0, *(len(part.names) for part in parts)])
    entries = joined([(part.entries[0] + first[k], *part.entries[1:]) for k, part in enumerate(parts)])
    starts, columns, figures = compressed(entries, rows=int(first[-1]), columns=len(site))
    width = len(site)
    return Model(
        cost=_step_values(problem), low=np.zeros(width), high=np.ones(width), whole=np.ones(width, dtype=bool),
        starts=starts, columns=columns, figures=figures,
        row_low=np.concatenate([np.empty(0), *(part.low for part in parts)]),
        row_high=np.concatenate([np.empty(0), *(part.high for part in parts)]),
        row_names=tuple(name for part in parts for name in part.names),
        limits=tuple(limit for part in parts for limit in part.limits),
        site=site, mode=mode, period=period,
    )  # fmt: skip


def plan_of(problem: Problem, model: Model, y: np.ndarray) -> Plan:
    """The plan of a solution: each site's first period with y = 1, and what had begun."""
    mode, start = problem.frozen.mode.copy(), problem.frozen.start.copy()
    for column in np.flatnonzero(y[: len(model.site)] > 0.5)[::-1]:  # the earliest is written last
        mode[model.site[column]], start[model.site[column]] = model.mode[column], model.period[column]
    return Plan(mode, start)


def columns_of(model: Model, plan: Plan) -> np.ndarray:
    """The solution of a plan, float64[columns]."""
    on: np.ndarray = (plan.mode[model.site] == model.mode) & (plan.start[model.site] <= model.period)
    return on.astype(float)


def as_text(problem: Problem, model: Model) -> str:
    """The model as text, the same for the same model: what a stored problem is compared with, line by line."""
    keys = zip(model.site, model.mode, model.period, strict=True)
    names = [f"{problem.sites[i]}/{problem.modes[m]}/{t}" for i, m, t in keys]
    aims = [f"  {value:+.10g} {name}" for value, name in zip(model.cost, names, strict=True) if value]
    rows = [f"  {name}: {_row_text(model, row, names)}" for row, name in enumerate(model.row_names)]
    return "\n".join(["maximise", *aims, "where", *rows, "each 0 or 1", *(f"  {name}" for name in names), ""])


def _row_text(model: Model, row: int, names: list[str]) -> str:
    part = slice(model.starts[row], model.starts[row + 1])
    pairs = zip(model.figures[part], model.columns[part], strict=True)
    terms = " ".join(f"{figure:+.10g} {names[column]}" for figure, column in pairs) or "0"
    low, high = model.row_low[row], model.row_high[row]
    return f"{terms} {'=' if low == high else '<='} {high:.10g}"


def _step_values(problem: Problem) -> np.ndarray:
    """Cost of y from the value of starts: value[t] − value[next allowed start]."""
    choice = problem.open_starts
    cost: np.ndarray = problem.value[choice].astype(float)
    site, mode, _ = np.nonzero(choice)
    goes_on = (site[1:] == site[:-1]) & (mode[1:] == mode[:-1])
    cost[:-1] -= np.where(goes_on, cost[1:], 0)
    return cost


def compressed(entries: Entries, *, rows: int, columns: int) -> Entries:
    """Row starts, columns, figures; what falls on one place is added up, and a sum of 0 is left out."""
    width = max(columns, 1)
    place, where = np.unique(entries[0] * width + entries[1], return_inverse=True)
    total = np.bincount(where, entries[2], minlength=len(place))
    place, total = place[total != 0], total[total != 0]
    return np.searchsorted(place // width, np.arange(rows + 1)), place % width, total
