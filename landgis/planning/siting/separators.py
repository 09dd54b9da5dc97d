"""Cuts that make a fractional site connected: minimum node separators between a unit and the root.

With x the units taken and y the one root among them (Σ y = 1, y ≤ x), a set W of units around t and its border N
(units beside W that are not in W) give a cut that every connected site keeps:

    x_t ≤ Σ_{i ∈ N} x_i + Σ_{i ∈ W} y_i        (either the root lies in W, or the site crosses the border)

The most violated one is a minimum cut between the root and t in the graph with capacity x on each unit and y on the
way in; it is found by augmenting paths. Source: Álvarez-Miranda, Ljubić, Mutzel, The maximum weight connected subgraph
problem, in Facets of Combinatorial Optimization (2013) 245–270; Wang, Buchanan, Butenko, Math. Program. 166 (2017).
"""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass

import numpy as np

from landgis.planning.siting.connected import NOBODY, Graph

EPSILON = 1e-6  # of a fractional value: below it, a unit is not there
DEPTH = 3  # cuts for one unit, each through other separators than those before
_ROOM = 2.0  # more than any flow


@dataclass(frozen=True)
class Cut:
    """x_unit ≤ Σ x over `border` + Σ y over `within`; positions ascending."""

    unit: int
    border: tuple[int, ...]
    within: tuple[int, ...]


class Separator:
    """Finds cuts in one graph, many times."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def cuts(self, x: np.ndarray, y: np.ndarray, *, violated: float, most: int) -> list[Cut]:
        """Up to about `most` cuts that are violated by more than that; [] where every unit is well enough connected."""
        root = int(np.argmax(y)) if y.max() > 1 - EPSILON else NOBODY
        solid = self._solid(x, root) if root != NOBODY else set()
        width = self._widths(x, solid)
        flow = _Flow(self.graph, x, y, solid)
        found: list[Cut] = []
        covered: set[int] = set()
        for unit in np.argsort(-x, kind="stable").tolist():
            if x[unit] <= violated or len(found) >= most:
                break
            if unit in solid or unit in covered or width.get(unit, 0.0) >= x[unit] - violated:
                continue
            for within in flow.separators(unit, float(x[unit]) - violated):
                covered |= within
                found.append(self._cut(unit, within, root))
        return list(dict.fromkeys(found))

    def _solid(self, x: np.ndarray, root: int) -> set[int]:
        """The units taken whole that are connected to the root by such."""
        solid, walk = {root}, [root]
        while walk:
            for other in self.graph.beside[walk.pop()]:
                if other not in solid and x[other] > 1 - EPSILON:
                    solid.add(other)
                    walk.append(other)
        return solid

    def _widths(self, x: np.ndarray, solid: set[int]) -> dict[int, float]:
        """How much can surely flow from the solid units to each unit: the narrowest unit on the widest way there."""
        width: dict[int, float] = {}
        heap = [(-1.0, unit) for unit in sorted(solid)]
        while heap:
            wide, unit = heapq.heappop(heap)
            if unit in width:
                continue
            width[unit] = -wide
            through = max(wide, -float(x[unit])) if unit not in solid else -1.0
            for other in self.graph.beside[unit]:
                if other not in width and x[other] > EPSILON:
                    heapq.heappush(heap, (through, other))
        return width

    def _cut(self, unit: int, within: set[int], root: int) -> Cut:
        """The cut around these units, its border no wider than it has to be."""
        border = self._border(within)
        if root != NOBODY:
            far = self._side(root, border)
            border = {one for one in border if any(other in far for other in self.graph.beside[one])}
            within = set(range(self.graph.nodes)) - border - far
        else:
            behind = {one for one in border if all(o in within or o in border for o in self.graph.beside[one])}
            border, within = border - behind, within | behind
        return Cut(unit, tuple(sorted(border)), tuple(sorted(within)))

    def _border(self, within: set[int]) -> set[int]:
        return {other for unit in within for other in self.graph.beside[unit]} - within

    def _side(self, root: int, border: set[int]) -> set[int]:
        """The units on the root's side of a border."""
        side, walk = {root}, [root]
        while walk:
            for other in self.graph.beside[walk.pop()]:
                if other not in side and other not in border:
                    side.add(other)
                    walk.append(other)
        return side


class _Flow:
    """Flow from the root to a unit through the units that are partly taken; each is two nodes, way in and way out."""

    def __init__(self, graph: Graph, x: np.ndarray, y: np.ndarray, solid: set[int]) -> None:
        there = [unit for unit in np.flatnonzero(x > EPSILON).tolist() if unit not in solid]
        self.at = {unit: 2 * k for k, unit in enumerate(there)}  # way in; the way out is the next number
        self.units = there
        self.source = 2 * len(there)
        self.arcs: list[list[int]] = [[] for _ in range(self.source + 1)]
        self.head: list[int] = []
        self.room: list[float] = []
        for unit in there:
            way_in = self.at[unit]
            self._arc(way_in, way_in + 1, float(x[unit]))
        self.ways_in = len(self.head)
        for unit in there:
            fed = any(other in solid for other in graph.beside[unit])
            self._arc(self.source, self.at[unit], _ROOM if fed else float(y[unit]))
        for unit in there:
            for other in graph.beside[unit]:
                if other in self.at:
                    self._arc(self.at[unit] + 1, self.at[other], _ROOM)

    def _arc(self, tail: int, head: int, room: float) -> None:
        self.arcs[tail].append(len(self.head))
        self.arcs[head].append(len(self.head) + 1)
        self.head += [head, tail]
        self.room += [room, 0.0]

    def separators(self, unit: int, enough: float) -> list[set[int]]:
        """The units on the far side of up to DEPTH minimum cuts that let less than `enough` through to a unit."""
        found = []
        room = self.room.copy()
        for _ in range(DEPTH):
            within = self._far_side(unit, enough, room.copy())
            if within is None:
                break
            found.append(within)
            self._widen(within, room)
        return found

    def _far_side(self, unit: int, enough: float, room: list[float]) -> set[int] | None:
        """The units from which the target is still reached when no more flows; None where enough flows."""
        sink, flow = self.at[unit], 0.0
        while flow < enough:
            came = self._ways_to(sink, room)
            if self.source not in came:
                return {one for one in self.units if self.at[one] in came}
            flow += self._push(came, sink, enough - flow, room)
        return None

    def _ways_to(self, sink: int, room: list[float]) -> dict[int, int]:
        """For each node from which the sink is reached, the arc to take; only as far as the source, if that is met."""
        came, line = {sink: NOBODY}, deque([sink])
        while line:
            node = line.popleft()
            for arc in self.arcs[node]:
                tail = self.head[arc]
                if tail not in came and room[arc ^ 1] > EPSILON:
                    came[tail] = arc ^ 1
                    if tail == self.source:
                        return came
                    line.append(tail)
        return came

    def _push(self, came: dict[int, int], sink: int, most: float, room: list[float]) -> float:
        way, node = [], self.source
        while node != sink:
            way.append(came[node])
            node = self.head[came[node]]
        flow = min(most, *(room[arc] for arc in way))
        for arc in way:
            room[arc] -= flow
            room[arc ^ 1] += flow
        return flow

    def _widen(self, within: set[int], room: list[float]) -> None:
        """Let everything through the last cut, so that the next one lies elsewhere."""
        for k, unit in enumerate(self.units):
            if unit in within:
                room[self.ways_in + 2 * k] = max(room[self.ways_in + 2 * k], _ROOM)
                for arc in self.arcs[self.at[unit]]:
                    tail = self.head[arc]
                    if tail != self.source and tail % 2 and self.units[tail // 2] not in within:
                        room[2 * (tail // 2)] = _ROOM
