"""Connected parts of a neighbourhood graph, and the members without which a part falls apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

NOBODY = -1


@dataclass(frozen=True, eq=False)
class Graph:
    """An undirected graph of `nodes` positions; `pair` holds each edge once, int[edges, 2]."""

    nodes: int
    pair: np.ndarray

    @cached_property
    def beside(self) -> list[list[int]]:
        """The neighbours of each node, ascending."""
        beside: list[list[int]] = [[] for _ in range(self.nodes)]
        for one, other in self.pair.tolist():
            beside[one].append(other)
            beside[other].append(one)
        return [sorted(set(row)) for row in beside]


def components(graph: Graph, among: np.ndarray | None = None) -> np.ndarray:
    """The number of each node's connected part, counted from 0 in the order of their first nodes; NOBODY outside.

    `among` is a mask of the nodes that are looked at, all where None.

    >>> components(Graph(5, np.array([[0, 3], [1, 2]]))).tolist()
    [0, 1, 1, 0, 2]
    """
    label = np.full(graph.nodes, NOBODY)
    inside = np.ones(graph.nodes, bool) if among is None else among
    parts = 0
    for root in np.flatnonzero(inside).tolist():
        if label[root] == NOBODY:
            for node in reached(graph, root, inside):
                label[node] = parts
            parts += 1
    return label


def reached(graph: Graph, root: int, inside: np.ndarray) -> list[int]:
    """The nodes that are connected to a root within a mask, nearest first."""
    seen = {root}
    found = [root]
    for node in found:
        for other in graph.beside[node]:
            if inside[other] and other not in seen:
                seen.add(other)
                found.append(other)
    return found


def is_connected(graph: Graph, among: np.ndarray) -> bool:
    """Whether the masked nodes are one connected part; nothing at all is."""
    members = np.flatnonzero(among)
    return not len(members) or len(reached(graph, int(members[0]), among)) == len(members)


def cut_nodes(graph: Graph, among: np.ndarray | None = None) -> np.ndarray:
    """A mask of the articulation nodes: without one of them its connected part falls apart.

    Tarjan's low points without recursion, O(nodes + edges). Source: R. Tarjan, Depth-first search and linear graph
    algorithms, SIAM J. Comput. 1 (1972) 146–160; Hopcroft and Tarjan, Comm. ACM 16 (1973) 372–378.

    >>> cut_nodes(Graph(4, np.array([[0, 1], [1, 2], [1, 3], [2, 3]]))).tolist()
    [False, True, False, False]
    """
    inside = np.ones(graph.nodes, bool) if among is None else among
    cut = np.zeros(graph.nodes, bool)
    met: dict[int, int] = {}
    for root in np.flatnonzero(inside).tolist():
        if root not in met:
            _mark_cuts(graph, root, inside, met, cut)
    return cut


def _mark_cuts(graph: Graph, root: int, inside: np.ndarray, met: dict[int, int], cut: np.ndarray) -> None:
    """Walk one connected part depth first: a node cuts where a branch below it never comes back above it."""
    met[root] = len(met)
    low = {root: met[root]}
    walk: list[tuple[int, int, Iterator[int]]] = [(root, NOBODY, iter(graph.beside[root]))]
    branches = 0
    while walk:
        node, parent, others = walk[-1]
        step = next((other for other in others if inside[other] and other != parent), None)
        if step is None:
            walk.pop()
            if parent == NOBODY:
                continue
            low[parent] = min(low[parent], low[node])
            if parent == root:
                branches += 1
            elif low[node] >= met[parent]:
                cut[parent] = True
        elif step in met:
            low[node] = min(low[node], met[step])
        else:
            met[step] = low[step] = len(met)
            walk.append((step, node, iter(graph.beside[step])))
    cut[root] = branches > 1
