"""The rows of the schedule's model, family by family. Columns are counted by `latest_column`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from landgis.planning.scheduling.problem import Precedence, Problem
from landgis.planning.scheduling.use import usage

Entries = tuple[np.ndarray, np.ndarray, np.ndarray]  # row, column, figure
Limit = tuple[str, str]  # family, name


@dataclass(frozen=True)
class Rows:
    """Some rows: names, limits, bounds, entries with rows counted from 0."""

    names: list[str]
    limits: list[Limit]
    low: np.ndarray
    high: np.ndarray
    entries: Entries


def all_rows(problem: Problem) -> list[Rows]:
    """Every family that binds something."""
    latest = latest_column(problem)
    families = (_choose_once, _never_undone, _limits, _precedence, _groups)
    return [rows for rows in (family(problem, latest) for family in families) if rows.names]


def latest_column(problem: Problem) -> np.ndarray:
    """The column that says "started by t", int64[n, modes, periods]: that of the latest allowed start up to t.

    −1 = it cannot have been started by then.
    """
    choice = problem.open_starts
    number = np.cumsum(choice).reshape(choice.shape) - 1
    latest: np.ndarray = np.maximum.accumulate(np.where(choice, number, -1), axis=2)
    return latest


def _choose_once(problem: Problem, latest: np.ndarray) -> Rows:
    """Σ_m y[i, m, T − 1] ≤ 1, or = 1 where the site is required."""
    last = latest[:, :, -1]
    open_sites = np.flatnonzero((last >= 0).any(axis=1) | (problem.required & ~problem.frozen.started))
    row, mode = np.nonzero(last[open_sites] >= 0)
    need = problem.required[open_sites]
    limits = [("required" if must else "once", problem.sites[i]) for i, must in zip(open_sites, need, strict=True)]
    names = [f"{family}[{name}]" for family, name in limits]
    entries = (row, last[open_sites][row, mode], np.ones(len(row)))
    return Rows(names, limits, np.where(need, 1.0, -np.inf), np.ones(len(open_sites)), entries)


def _never_undone(problem: Problem, _latest: np.ndarray) -> Rows:
    """y[i, m, t] ≤ y[i, m, next allowed start]."""
    site, mode, period = np.nonzero(problem.open_starts)
    earlier = np.flatnonzero((site[1:] == site[:-1]) & (mode[1:] == mode[:-1]))
    row, one = np.arange(len(earlier)), np.ones(len(earlier))
    names = [f"stays[{problem.sites[site[c]]}/{problem.modes[mode[c]]}/{period[c]}]" for c in earlier]
    limits = [("stays", problem.sites[site[c]]) for c in earlier]
    columns = np.concatenate([earlier, earlier + 1])
    entries = (np.concatenate([row, row]), columns, np.concatenate([one, -one]))
    return Rows(names, limits, np.full(len(row), -np.inf), np.zeros(len(row)), entries)


def _limits(problem: Problem, latest: np.ndarray) -> Rows:
    """Money, space, industry, crews, lanes: Σ change of use at offset o · y[i, m, t − o] ≤ limit[q, t]."""
    used, periods = usage(problem), problem.shape[2]
    change = np.diff(used.use, axis=3, prepend=0)
    site, mode, limit, offset = np.nonzero(change)
    figure = change[site, mode, limit, offset]
    when = np.arange(periods)[:, None] - offset  # [t, entry]: started by this period
    column = np.where(when >= 0, latest[site, mode, np.maximum(when, 0)], -1)
    bound = np.isfinite(used.limit)
    number = np.cumsum(bound).reshape(bound.shape) - 1
    t, entry = np.nonzero((column >= 0) & bound[limit].T)
    which, period = np.nonzero(bound)
    limits = [used.limits[q] for q in which]
    names = [f"{family}.{name}[{t}]" for (family, name), t in zip(limits, period, strict=True)]
    entries = (number[limit[entry], t], column[t, entry], figure[entry])
    return Rows(names, limits, np.full(len(names), -np.inf), used.limit[bound], entries)


def _precedence(problem: Problem, latest: np.ndarray) -> Rows:
    """Σ_m y[after, m, t] ≤ Σ_m y[before, m, t − length − lag], for every t in which `after` could start."""
    rows = _Growing()
    for edge in problem.precedence:
        name = f"{problem.sites[edge.before]}>{problem.sites[edge.after]}"
        for t, late in _late_columns(problem, latest, edge):
            ready, early = _ready_columns(problem, latest, edge, t)
            if not ready:
                rows.add(f"before[{name}/{t}]", ("before", name), [(late, 1.0), (early, -1.0)], 0.0)
    return rows.rows(low=-np.inf)


def _late_columns(problem: Problem, latest: np.ndarray, edge: Precedence) -> Iterator[tuple[int, np.ndarray]]:
    """Periods in which `after` could newly start, with the columns that say it has."""
    for t in np.flatnonzero(problem.open_starts[edge.after].any(axis=0)):
        columns = latest[edge.after, :, t]
        yield int(t), columns[columns >= 0]


def _ready_columns(problem: Problem, latest: np.ndarray, edge: Precedence, t: int) -> tuple[bool, np.ndarray]:
    """Whether `before` is finished for a start in t as things stand, and else the columns that say it is."""
    frozen, wait = problem.frozen, problem.quarters[edge.before] + edge.lag_quarters
    if frozen.started[edge.before]:
        mode = frozen.mode[edge.before]
        return bool(frozen.start[edge.before] + wait[mode] <= t), np.empty(0, dtype=np.int64)
    by = np.minimum(t - wait, problem.shape[2] - 1)
    columns = np.where(by >= 0, latest[edge.before, np.arange(len(wait)), np.maximum(by, 0)], -1)
    return False, columns[columns >= 0]


def _groups(problem: Problem, latest: np.ndarray) -> Rows:
    """Σ_m y[i, m, T − 1] = Σ_m y[j, m, T − 1] for neighbours in the list of a group; 1 for what has begun."""
    rows = _Growing()
    for group in problem.groups:
        for one, other in zip(group.sites, group.sites[1:], strict=False):
            name = f"group.{group.name}[{problem.sites[one]}={problem.sites[other]}]"
            ends = ((latest[one, :, -1], 1.0), (latest[other, :, -1], -1.0))
            terms = [(columns[columns >= 0], sign) for columns, sign in ends]
            begun = problem.frozen.started[[one, other]].astype(float)
            rows.add(name, ("group", group.name), terms, begun[1] - begun[0])
    return rows.rows(low=None)


class _Growing:
    """Rows that are made one by one."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.limits: list[Limit] = []
        self.high: list[float] = []
        self.found: list[Entries] = []

    def add(self, name: str, limit: Limit, terms: list[tuple[np.ndarray, float]], high: float) -> None:
        """A row of columns with one figure each."""
        for columns, figure in terms:
            self.found.append((np.full(len(columns), len(self.names)), columns, np.full(len(columns), figure)))
        self.names.append(name)
        self.limits.append(limit)
        self.high.append(high)

    def rows(self, *, low: float | None) -> Rows:
        """The rows, with this lower bound; None = equations."""
        high = np.array(self.high, dtype=float)
        bottom = high if low is None else np.full(len(high), low)
        return Rows(self.names, self.limits, bottom, high, joined(self.found))


def joined(parts: list[Entries]) -> Entries:
    """Entries behind each other."""
    whole = np.empty(0, dtype=np.int64)
    return (
        np.concatenate([whole, *(rows for rows, _, _ in parts)]),
        np.concatenate([whole, *(columns for _, columns, _ in parts)]),
        np.concatenate([np.empty(0), *(figures for _, _, figures in parts)]),
    )
