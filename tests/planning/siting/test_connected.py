"""Connected parts and articulation nodes against the definition."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from landgis.planning.siting.connected import NOBODY, Graph, components, cut_nodes, is_connected


@st.composite
def graphs(draw):
    nodes = draw(st.integers(1, 12))
    ends = st.tuples(st.integers(0, nodes - 1), st.integers(0, nodes - 1)).filter(lambda pair: pair[0] != pair[1])
    pairs = sorted({tuple(sorted(pair)) for pair in draw(st.lists(ends, max_size=20))})
    inside = np.array(draw(st.lists(st.booleans(), min_size=nodes, max_size=nodes)))
    return Graph(nodes, np.array(pairs, dtype=int).reshape(-1, 2)), inside


def parts_of(graph, inside):
    """How many connected parts, by joining the ends of every edge until nothing changes."""
    name = {node: node for node in np.flatnonzero(inside).tolist()}
    for _ in range(graph.nodes):
        for one, other in graph.pair.tolist():
            if one in name and other in name:
                name[one] = name[other] = min(name[one], name[other])
    return name


@given(graphs())
def test_components(case):
    graph, inside = case
    name, label = parts_of(graph, inside), components(graph, inside)
    assert all((label[node] == NOBODY) == (node not in name) for node in range(graph.nodes))
    assert len(set(name.values())) == len(set(label[inside].tolist())) == label.max() + 1
    for one in name:
        for other in name:
            assert (name[one] == name[other]) == (label[one] == label[other])
    assert is_connected(graph, inside) == (len(set(name.values())) <= 1)


@given(graphs())
def test_cut_nodes(case):
    """A node cuts where there are more parts without it than with it, itself not counted."""
    graph, inside = case
    cut, before = cut_nodes(graph, inside), len(set(parts_of(graph, inside).values()))
    for node in range(graph.nodes):
        without = inside.copy()
        without[node] = False
        after = len(set(parts_of(graph, without).values()))
        assert cut[node] == (inside[node] and after > before)


@settings(max_examples=1)
@given(st.just(50_000))
def test_a_long_row_needs_no_recursion(nodes):
    graph = Graph(nodes, np.column_stack([np.arange(nodes - 1), np.arange(1, nodes)]))
    cut = cut_nodes(graph)
    assert cut[1:-1].all() and not cut[0] and not cut[-1]
