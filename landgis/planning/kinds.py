"""The relocation problem with several kinds of floor space: ground floor with a crane, upper floor, fire class.

Floor of one kind cannot stand in for another. Site i needs a_ik m² of kind k before it falls and returns b_ik; the
swing space of an order is a vector, and what is to be least is Σ_k w_k · max(0, swing_k − vacant_k). With one kind
Johnson's rule reaches it. With more there is no rule that does (the problem is strongly NP-hard already with two, as
a two-machine flow shop of several resources), so up to EXACT_SITES sites it is solved exactly and above by search.

Exact: states are the sets of sites that are done. The stock depends on the set alone, so a set keeps those vectors of
swing space that no other one of it dominates; a vector falls out where even Johnson's rule for each kind alone cannot
bring the rest below the best order known. Search: Johnson's orders of each kind and of their sum, greedy from both
ends, each improved by moving one site. The orders do not depend on the vacant floor, only the choice among them does,
so more vacant floor never means more to find.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from landgis.planning.sequence import (
    FloatArray,
    IntArray,
    johnson_order,
    least_swing_space,
    still_to_find,
    swing_space,
)

EXACT_SITES = 12
MOST_STATES = 200_000  # of one number of sites done; beyond it the exact search gives up
MOST_MOVES = 5_000_000  # places tried by each improvement, so that a long list ends in seconds
SAME = 1e-9  # of the size of the figures: sums in another order differ by less

Method = Literal["johnson", "exact", "search"]


@dataclass(frozen=True, eq=False)
class Sequence:
    """An order of sites and what it takes; arrays are [kinds], in m²."""

    order: IntArray  # [n] positions
    swing_space_m2: FloatArray
    to_find_m2: FloatArray  # beside the vacant floor
    file_order_swing_space_m2: FloatArray
    bound_m2: FloatArray  # least swing space of each kind for itself: no order is below any of them
    method: Method
    proven: bool  # no order has less to find


def sequence(
    needs_m2: ArrayLike, returns_m2: ArrayLike, *, vacant_m2: ArrayLike = 0.0, weights: ArrayLike = 1.0
) -> Sequence:
    """An order with the least floor still to be found; `needs_m2` and `returns_m2` are [n] or [n, kinds], m².

    `vacant_m2` stands empty at the start and `weights` says what a m² counts, both for all kinds or [kinds].

    >>> found = sequence([38, 36, 50, 4, 58, 10], [6, 66, 20, 28, 62, 28], vacant_m2=1)
    >>> found.order.tolist(), found.swing_space_m2.tolist(), found.to_find_m2.tolist(), found.method
    ([3, 5, 1, 4, 2, 0], [4.0], [3.0], 'johnson')
    """
    needs, returns = (_columns(values) for values in (needs_m2, returns_m2))
    goal = _Goal(needs, returns, *(np.broadcast_to(one, needs.shape[1:]) for one in _floats(vacant_m2, weights)))
    bound = least_swing_space(needs, returns)
    if needs.shape[1] == 1:
        return _answer(goal, johnson_order(needs[:, 0], returns[:, 0]), bound, "johnson", proven=True)
    orders = _searched(goal)
    best = orders[int(np.argmin(goal.cost(swing_space(needs, returns, orders))))]
    least = float(goal.cost(swing_space(needs, returns, best)))
    if least <= goal.cost(bound) + goal.same:
        return _answer(goal, best, bound, "search", proven=True)
    if len(needs) > EXACT_SITES:
        return _answer(goal, best, bound, "search", proven=False)
    better, proven = _exact(goal, least)
    return _answer(goal, best if better is None else better, bound, "exact" if proven else "search", proven=proven)


@dataclass(frozen=True, eq=False)
class _Goal:
    needs: FloatArray  # [n, kinds]
    returns: FloatArray
    vacant: FloatArray  # [kinds]
    weights: FloatArray

    @property
    def same(self) -> float:
        return SAME * float(1.0 + self.needs.sum() + self.returns.sum())

    def cost(self, swing_m2: FloatArray) -> FloatArray:
        """float[…]: the weighted floor to be found, of swing spaces [… , kinds]."""
        weighted: FloatArray = still_to_find(swing_m2, self.vacant) @ self.weights
        return weighted


def _floats(*values: ArrayLike) -> list[FloatArray]:
    return [np.asarray(value, dtype=np.float64) for value in values]


def _columns(values: ArrayLike) -> FloatArray:
    """As [n, kinds]."""
    array = np.asarray(values, dtype=np.float64)
    return array[:, None] if array.ndim == 1 else array


def _answer(goal: _Goal, order: IntArray, bound: FloatArray, method: Method, *, proven: bool) -> Sequence:
    swing = swing_space(goal.needs, goal.returns, order)
    filed = swing_space(goal.needs, goal.returns)
    return Sequence(order, swing, still_to_find(swing, goal.vacant), filed, bound, method, proven)


def _searched(goal: _Goal) -> IntArray:
    """int[m, n]: orders worth comparing, whatever floor is vacant."""
    needs, returns = goal.needs * goal.weights, goal.returns * goal.weights
    starts = [johnson_order(needs[:, kind], returns[:, kind]) for kind in range(needs.shape[1])]
    starts += [johnson_order(needs.sum(axis=1), returns.sum(axis=1)), _greedy(needs, returns)]
    starts.append(_greedy(returns, needs)[::-1])  # seen from the end, what a site returns is what it needs
    return np.array([*starts, *(_improved(start, needs, returns) for start in starts)])


def _greedy(needs: FloatArray, returns: FloatArray) -> IntArray:
    """Next the site that raises the swing space least; of equals the one that gives most back."""
    left, order = np.arange(len(needs)), []
    stock, most = np.zeros(needs.shape[1]), np.zeros(needs.shape[1])
    while len(left):
        raised = np.maximum(most, needs[left] - stock)
        gain = (returns[left] - needs[left]).sum(axis=1)
        pick = int(np.lexsort((-gain, raised.sum(axis=1)))[0])
        most, site = raised[pick], left[pick]
        stock = stock + returns[site] - needs[site]
        order.append(site)
        left = np.delete(left, pick)
    return np.array(order, dtype=np.intp)


def _improved(order: IntArray, needs: FloatArray, returns: FloatArray) -> IntArray:
    """Move one site to the place where it helps most, until no move helps or MOST_MOVES places were tried."""
    count = len(order)
    least, tried, moved = float(swing_space(needs, returns, order).sum()), 0, True
    while moved and tried + count * count <= MOST_MOVES:
        moved = False
        for site in range(count):
            others = order[order != site]
            swings = _inserted(others, site, needs, returns).sum(axis=1)
            best = int(np.argmin(swings))
            if swings[best] < least * (1 - SAME):
                order, least, moved = np.insert(others, best, site), float(swings[best]), True
        tried += count * count
    return order


def _inserted(others: IntArray, site: int, needs: FloatArray, returns: FloatArray) -> FloatArray:
    """float[n, kinds]: the swing space with the site put before each of the others, and behind them all.

    With stock S_j before the j-th, S_0 = 0: max(max_{j<i} a_j − S_j, a − S_i, max_{j≥i} a_j − S_j − (b − a)).
    """
    nothing = np.zeros((1, needs.shape[1]))
    stock = np.concatenate([nothing, np.cumsum(returns[others] - needs[others], axis=0)])
    short = needs[others] - stock[:-1]
    ahead = np.concatenate([nothing, np.maximum.accumulate(short, axis=0)])
    behind = np.concatenate([np.maximum.accumulate(short[::-1], axis=0)[::-1], nothing - np.inf])
    later = behind - (returns[site] - needs[site])
    most: FloatArray = np.maximum(np.maximum(ahead, needs[site] - stock), np.maximum(later, 0.0))
    return most


def _exact(goal: _Goal, least: float) -> tuple[IntArray | None, bool]:
    """An order that costs less than `least`, None where there is none; and whether the search came to its end."""
    count, kinds = goal.needs.shape
    rest, stock = _rest_needs(goal), _stocks(goal)
    full = (1 << count) - 1
    done, swing = np.zeros(1, dtype=np.int64), np.zeros((1, kinds))
    trail: list[tuple[IntArray, IntArray]] = []
    for _ in range(count):
        state, site = np.nonzero((done[:, None] >> np.arange(count)) & 1 == 0)
        after = done[state] | (1 << site)
        grown = np.maximum(swing[state], goal.needs[site] - stock[done[state]])
        hoped = goal.cost(np.maximum(grown, rest[full ^ after] - stock[after]))
        kept = np.flatnonzero(hoped < least - goal.same)
        kept = kept[_undominated(after[kept], grown[kept])]
        if len(kept) > MOST_STATES:
            return None, False
        trail.append((state[kept], site[kept]))
        done, swing = after[kept], grown[kept]
        if not len(kept):
            return None, True
    return _followed(trail, int(np.argmin(goal.cost(swing)))), True


def _stocks(goal: _Goal) -> FloatArray:
    """float[sets, kinds]: what a set of rebuilt sites has added to the floor to move into."""
    stock = np.zeros((1, goal.needs.shape[1]))
    for gain in goal.returns - goal.needs:
        stock = np.concatenate([stock, stock + gain])
    return stock


def _rest_needs(goal: _Goal) -> FloatArray:
    """float[sets, kinds]: the least swing space of each set of sites, each kind for itself.

    Johnson's order of all sites, without some of them, is Johnson's order of the others.
    """
    count, kinds = goal.needs.shape
    sets = np.arange(1 << count)
    most = np.zeros((len(sets), kinds))
    for kind in range(kinds):
        short = np.zeros(len(sets))
        for site in johnson_order(goal.needs[:, kind], goal.returns[:, kind]):
            within = np.flatnonzero((sets >> site) & 1)
            most[within, kind] = np.maximum(most[within, kind], goal.needs[site, kind] + short[within])
            short[within] += goal.needs[site, kind] - goal.returns[site, kind]
    return most


def _undominated(sets: IntArray, swing: FloatArray) -> IntArray:
    """Positions of the vectors that no other vector of the same set is below in every kind; the first of equals."""
    by_set = np.lexsort((*swing.T[::-1], sets))
    groups = np.split(by_set, np.flatnonzero(np.diff(sets[by_set])) + 1) if len(by_set) else []
    kept = []
    for group in groups:
        mine = swing[group]
        below = (mine[:, None, :] <= mine[None, :, :]).all(axis=2)
        first = np.tri(len(group), k=-1, dtype=bool).T  # rows are sorted: of equals the upper one stays
        equal = below & below.T
        kept.append(group[~((below & ~equal) | (equal & first)).any(axis=0)])
    return np.sort(np.concatenate(kept)) if kept else by_set


def _followed(trail: list[tuple[IntArray, IntArray]], end: int) -> IntArray:
    """The sites on the way to a last state, first to last."""
    order = []
    for state, site in reversed(trail):
        order.append(int(site[end]))
        end = int(state[end])
    return np.array(order[::-1], dtype=np.intp)
