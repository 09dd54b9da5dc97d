"""Branch and cut for a connected site: decisions are tried where they move the bound most, cuts added as needed.

Best first over decisions "unit v is in" (the first of which makes v the root) and "unit v is out". At each node the
relaxed problem of `site_model` is solved and separators are added until they stop helping; a node whose bound is within
the gap of the best site is closed. New sites are grown along the relaxed solutions.
"""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from landgis.planning.siting.candidates import Land, Wish, keeps, longest_perimeter_m
from landgis.planning.siting.connected import NOBODY, is_connected
from landgis.planning.siting.growing import Effort, Grower
from landgis.planning.siting.model import Relaxed, Row, Solver, cut_row, site_model, tangent
from landgis.planning.siting.separators import EPSILON, Separator

GAP = 0.01
CANDIDATES = 6  # units that are tried before one is decided
ROUNDS = 20  # of cuts at a node; ROOT_ROUNDS at the first
ROOT_ROUNDS = 150
CUTS = 20  # a round
SLACK = 0.02  # a cut that is violated by less is left
SLACK_BELOW = 0.1  # the same below the first node
STALL = 2e-4  # of the bound: less in three rounds, and branching is better
LIKELY = 0.3  # x above which a unit may become the root
POLISH_EVERY = 5  # nodes; at the 1st, 2nd, 4th, 8th … node as hard as at the start, else a tenth of that
MOST_ROWS = 6  # rows a unit, above which loose cuts are dropped


@dataclass(frozen=True)
class Search:
    """How to search: the gap to stop at, the seed, and what is asked whether to go on (False: time is up)."""

    gap: float = GAP
    seed: int = 0
    effort: Effort = Effort()  # noqa: RUF009  (frozen)
    go_on: Callable[[], bool] = lambda: True


@dataclass(order=True, frozen=True)
class _Node:
    """Decisions, with the bound they came with; the greatest bound comes first, and of equals the oldest."""

    key: tuple[float, int]
    decided: tuple[tuple[int, int], ...] = field(compare=False)

    @property
    def bound(self) -> float:
        return -self.key[0]


class Tree:
    """One search."""

    def __init__(self, land: Land, wish: Wish, search: Search) -> None:
        self.land, self.wish, self.search = land, wish, search
        self.model = site_model(land, wish)
        self.solver = Solver(self.model, land.units)
        self.separator = Separator(land.graph)
        self.grower, self.rng = Grower(land, wish), random.Random(search.seed)
        self.lower, self.upper = self.model.lower.copy(), self.model.upper.copy()
        self.best: np.ndarray | None = None
        self.benefit = -math.inf
        self.closed = -math.inf  # the greatest bound of a node that was closed for the gap
        self.open: list[_Node] = []
        self.nodes = self.cuts = self.born = 0

    def offer(self, members: np.ndarray | None) -> None:
        """Keep a site if it is better."""
        if members is not None and float(self.land.benefit[members].sum()) > self.benefit:
            self.best, self.benefit = members, float(self.land.benefit[members].sum())

    def good_enough(self, bound: float) -> bool:
        """Whether nothing below such a bound is worth a look."""
        return bound <= self.benefit + self.search.gap * abs(self.benefit) + 1e-9 * max(1.0, abs(self.benefit))

    def go_through(self) -> None:
        """Decide and cut until the gap is reached or time is up."""
        self._push(math.inf, ())
        while self.open and self.search.go_on():
            node = heapq.heappop(self.open)
            if self.good_enough(node.bound):
                self.closed = max(self.closed, node.bound)
                self.open = []
            else:
                self._look_into(node)

    @property
    def bound(self) -> float:
        """No site has more benefit; that of the best one where nothing is open."""
        return max([self.benefit, self.closed, *(node.bound for node in self.open)])

    def _push(self, bound: float, decided: tuple[tuple[int, int], ...]) -> None:
        self.born += 1
        heapq.heappush(self.open, _Node((-bound, self.born), decided))

    def _look_into(self, node: _Node) -> None:
        """Solve a node, close it or put two more decisions in its place."""
        self._decide(node.decided)
        found = self._tightened(first=not node.decided)
        self.nodes += 1
        if found is None:
            return
        bound = min(found.bound, node.bound)
        if not node.decided:
            self._fix_by_cost(found)
        steps = self.search.effort.steps
        if self.nodes & (self.nodes - 1) == 0:
            self._grow_from(found.x, Effort(steps=steps, hot=0.3, cold=0.02))
        elif self.nodes % POLISH_EVERY == 0:
            self._grow_from(found.x, Effort(steps=steps // 10, hot=0.15, cold=0.02))
        whole = (np.minimum(found.x, 1 - found.x) <= EPSILON).all()
        if whole and self._take_whole(found.x > 0.5):
            return
        if self.good_enough(bound):
            self.closed = max(self.closed, bound)
        elif not self.search.go_on():
            self._push(bound, node.decided)
        else:
            self._branch(found, bound, node.decided)

    def _decide(self, decided: tuple[tuple[int, int], ...]) -> None:
        lower, upper, units = self.lower.copy(), self.upper.copy(), self.land.units
        for unit, taken in decided:
            lower[unit] = max(lower[unit], taken)
            upper[unit] = min(upper[unit], taken)
        root = next((unit for unit, taken in decided if taken), NOBODY)
        if root != NOBODY and not self.wish.inside:
            lower[units + root] = 1.0
        self.solver.bound(lower[: 2 * units], np.maximum(upper, lower)[: 2 * units])

    def _tightened(self, *, first: bool) -> Relaxed | None:
        """The relaxed problem with cuts added until they stop helping, or the node can be closed."""
        found, stalled = self._solved(), 0
        for _ in range(ROOT_ROUNDS if first else ROUNDS):
            if found is None or self.good_enough(found.bound) or not self.search.go_on() or stalled >= 3:
                break
            rows = self._violated(found, SLACK if first else SLACK_BELOW)
            if not rows:
                break
            self._add(rows)
            before, found = found.bound, self._solved()
            slow = found is not None and before - found.bound < STALL * abs(before)
            stalled = stalled + 1 if slow else 0
        return found

    def _solved(self) -> Relaxed | None:
        return self.solver.solve()

    def _add(self, rows: list[Row]) -> None:
        if self.solver.rows > self.solver.fixed_rows + MOST_ROWS * self.land.units:
            self.solver.drop_loose()
        self.cuts += len(rows)
        self.solver.add(rows)

    def _violated(self, found: Relaxed, slack: float) -> list[Row]:
        """Separators, and the tangent of the least compactness where the outline is too long."""
        cuts = self.separator.cuts(found.x, found.y, violated=slack, most=CUTS)
        rows = [cut_row(cut, self.land.units) for cut in cuts]
        if self.wish.compactness:
            area = float(self.land.area_mu @ found.x)
            around = float(self.land.perimeter_m @ found.x - 2 * self.land.shared_m @ found.z)
            if around > longest_perimeter_m(area, self.wish.compactness) * (1 + EPSILON):
                rows.append(tangent(self.land, self.wish, area))
        return rows

    def _take_whole(self, members: np.ndarray) -> bool:
        """Take a solution in whole units, if it is a site; else forbid it by the rows that it violates."""
        if is_connected(self.land.graph, members) and keeps(self.land, self.wish, members):
            self.offer(members)
            return True
        return False

    def _fix_by_cost(self, found: Relaxed) -> None:
        """Bar the units that would cost more than the bound is above the best site, and force those in that would."""
        if self.best is None:
            return
        least = self.benefit + self.search.gap * abs(self.benefit)
        after = found.bound - np.abs(found.reduced)
        hopeless = after < least
        out, in_ = hopeless & (found.x < EPSILON), hopeless & (found.x > 1 - EPSILON)
        units = self.land.units
        self.upper[:units][out] = self.lower[:units][out]
        self.lower[:units][in_] = self.upper[:units][in_]
        self.closed = max([self.closed, *after[out | in_]])

    def _grow_from(self, x: np.ndarray, effort: Effort) -> None:
        """Grow a site along a relaxed solution and improve it."""
        root = min(self.wish.inside) if self.wish.inside else int(np.argmax(x))
        members = self.grower.grow(root, (x * 1e3 + self.land.benefit * 1e-9).tolist())
        if members:
            self.offer(self.grower.improved(members, effort, self.rng))

    def _branch(self, found: Relaxed, bound: float, decided: tuple[tuple[int, int], ...]) -> None:
        """Decide the unit whose two answers lower the bound most, by the product of both."""
        rooted = bool(self.wish.inside) or any(taken for _, taken in decided)
        units = self._candidates(found, decided, rooted=rooted)
        answers = {unit: self._answers(unit, bound, rooted=rooted) for unit in units}
        if not answers:
            return
        most = max(abs(bound) * 0.05, EPSILON)

        def strength(unit: int) -> float:
            drops = [min(max(bound - after, EPSILON), most) for after in answers[unit]]
            return drops[0] * drops[1]

        unit = max(units, key=strength)
        for taken, after in enumerate(answers[unit]):
            if after > -math.inf and not self.good_enough(after):
                self._push(after, (*decided, (unit, taken)))
            else:
                self.closed = max(self.closed, after)

    def _candidates(self, found: Relaxed, decided: tuple[tuple[int, int], ...], *, rooted: bool) -> list[int]:
        """Units worth deciding: torn ones with much land; before there is a root, those that are likely in."""
        named = {unit for unit, _ in decided}
        torn = np.minimum(found.x, 1 - found.x)
        score = torn * self.land.area_mu if rooted else np.where(found.x > LIKELY, found.x * self.land.area_mu, 0)
        ranked = [unit for unit in np.argsort(-score, kind="stable").tolist() if unit not in named]
        chosen = [unit for unit in ranked if score[unit] > EPSILON][:CANDIDATES]
        undecided = [unit for unit in ranked if self.lower[unit] < self.upper[unit]]
        return chosen or undecided[:1]

    def _answers(self, unit: int, bound: float, *, rooted: bool) -> list[float]:
        """The bound with a unit out, and with it in; −inf where that cannot be."""
        root = self.land.units + unit
        after = []
        for taken in (0.0, 1.0):
            self.solver.bound_one(unit, taken, taken)
            if taken and not rooted:
                self.solver.bound_one(root, 1.0, 1.0)
            found = self.solver.solve()
            after.append(min(found.bound, bound) if found is not None else -math.inf)
        self.solver.bound_one(unit, 0.0, 1.0)
        if not rooted:
            self.solver.bound_one(root, 0.0, 1.0)
        return after
