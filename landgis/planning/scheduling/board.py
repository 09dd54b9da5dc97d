"""A plan that is being made: what each limit has left, where a site would still fit, and putting it there.

State of the heuristic, not of a project. A site is put together with what it cannot be without: the sites that must be
finished before it, and the rest of its group.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from landgis.planning.scheduling.problem import UNSTARTED, Plan, Problem
from landgis.planning.scheduling.use import Usage, usage

EPSILON = 1e-9  # of the largest use of a limit: what sums leave by rounding


@dataclass(frozen=True)
class Ties:
    """What must come with or before what: by site, in the order in which it can be put."""

    before: tuple[tuple[tuple[int, int], ...], ...]  # (site that must be finished, lag in quarters)
    after: tuple[tuple[int, ...], ...]  # sites that wait for this one
    unit: tuple[tuple[int, ...], ...]  # sites of which all or none are started, this one among them
    rank: np.ndarray  # int64[n]: a site comes after all that it waits for


def ties(problem: Problem) -> Ties:
    """The ties of a problem; groups that share a site are one unit."""
    n = len(problem.sites)
    before: list[list[tuple[int, int]]] = [[] for _ in range(n)]
    after: list[list[int]] = [[] for _ in range(n)]
    for edge in problem.precedence:
        before[edge.after].append((edge.before, edge.lag_quarters))
        after[edge.before].append(edge.after)
    unit = [{site} for site in range(n)]
    for group in problem.groups:
        merged: set[int] = set().union(*(unit[site] for site in group.sites))
        for site in merged:
            unit[site] = merged
    return Ties(
        tuple(map(tuple, before)), tuple(map(tuple, after)), tuple(tuple(sorted(members)) for members in unit),
        _ranks(before, after),
    )  # fmt: skip


def _ranks(before: list[list[tuple[int, int]]], after: list[list[int]]) -> np.ndarray:
    waits = [len(edges) for edges in before]
    order = [site for site, count in enumerate(waits) if not count]
    for site in order:
        for later in after[site]:
            waits[later] -= 1
            if not waits[later]:
                order.append(later)
    rank = np.empty(len(before), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return rank


class Board:
    """A plan in the making: what is put keeps every limit; what is still missing, `wrongs` says."""

    def __init__(self, problem: Problem, used: Usage | None = None) -> None:
        self.problem = problem
        self.used = used or usage(problem)
        self.ties = ties(problem)
        self.mode = problem.frozen.mode.tolist()
        self.start = problem.frozen.start.tolist()
        self.quarters = problem.quarters.tolist()
        self.slack = self.used.limit + EPSILON * (1 + np.abs(self.used.use).max(axis=(0, 1, 3), initial=0))[:, None]
        self.fixed = problem.frozen.started.tolist()
        self._views: dict[tuple[int, int], tuple[np.ndarray, np.ndarray]] = {}
        choice: np.ndarray = problem.open_starts
        self.modes = [np.flatnonzero(starts.any(axis=1)).tolist() for starts in choice]
        begun = {site for one in np.flatnonzero(problem.frozen.started) for site in self.ties.unit[one]}
        self.must = [site for site in range(len(self.mode)) if problem.required[site] or site in begun]

    @property
    def plan(self) -> Plan:
        """What stands on the board."""
        return Plan(np.array(self.mode, dtype=np.int64), np.array(self.start, dtype=np.int64))

    @property
    def wrongs(self) -> int:
        """Sites that must be started and are not, and limits that what had begun breaks by itself; 0 = a plan."""
        missing = sum(1 for site in self.must if self.mode[site] == UNSTARTED)
        return missing + int((self.slack < 0).sum())

    def fits(self, site: int, mode: int) -> np.ndarray:
        """The starts at which a site would keep every limit as things stand, bool[periods]."""
        rows, shifted = self._view(site, mode)
        enough: np.ndarray = self.slack[rows] >= shifted
        ok: np.ndarray = enough.all(axis=(1, 2)) & self.problem.allowed[site, mode]
        earliest = 0
        for other, lag in self.ties.before[site]:
            if self.mode[other] == UNSTARTED:
                return np.zeros_like(ok)
            earliest = max(earliest, self.start[other] + self.quarters[other][self.mode[other]] + lag)
        ok[: max(0, earliest)] = False
        return ok

    def put(self, site: int, mode: int, start: int) -> None:
        """Start a site; the caller has looked whether it fits."""
        self.mode[site], self.start[site] = mode, start
        self.slack[:, start:] -= self.used.use[site, mode, :, : self.slack.shape[1] - start]

    def take(self, site: int) -> None:
        """Undo `put`; whether the rest still keeps the limits is for the caller to see."""
        start = self.start[site]
        self.slack[:, start:] += self.used.use[site, self.mode[site], :, : self.slack.shape[1] - start]
        self.mode[site], self.start[site] = UNSTARTED, 0

    def save(self) -> tuple[list[int], list[int], np.ndarray]:
        """What `restore` takes."""
        return self.mode.copy(), self.start.copy(), self.slack.copy()

    def restore(self, saved: tuple[list[int], list[int], np.ndarray]) -> None:
        """Put everything back as it was saved."""
        self.mode, self.start, self.slack = saved[0].copy(), saved[1].copy(), saved[2].copy()

    def needed_with(self, site: int) -> list[int]:
        """The sites that must be put for a site to be put, in an order in which that can be done; itself included."""
        found, ahead = set(), [site]
        while ahead:
            one = ahead.pop()
            if one in found or self.mode[one] != UNSTARTED:
                continue
            found.add(one)
            ahead += [other for other, _ in self.ties.before[one]]
            ahead += self.ties.unit[one]
        return sorted(found, key=lambda one: int(self.ties.rank[one]))

    def waiting_on(self, site: int) -> list[int]:
        """What cannot stay when a site goes: the sites that wait for it, and the rest of its group; itself included."""
        found, ahead = set(), [site]
        while ahead:
            one = ahead.pop()
            if one in found or self.mode[one] == UNSTARTED or self.fixed[one]:
                continue
            found.add(one)
            ahead += self.ties.after[one]
            ahead += self.ties.unit[one]
        return sorted(found)

    def _view(self, site: int, mode: int) -> tuple[np.ndarray, np.ndarray]:
        """The limits that a site can hurt, and its use of them for every start, float64[periods, limits, periods]."""
        if (site, mode) not in self._views:
            use = self.used.use[site, mode]
            rows = np.flatnonzero((use > 0).any(axis=1))
            periods = use.shape[1]
            padded = np.concatenate([np.full((len(rows), periods), -np.inf), use[rows]], axis=1)
            windows = np.lib.stride_tricks.sliding_window_view(padded, periods, axis=1)
            self._views[site, mode] = rows, windows.transpose(1, 0, 2)[periods:0:-1]
        return self._views[site, mode]
