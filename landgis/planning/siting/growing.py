"""Good sites quickly: grown from every root, the best of them improved by annealing that never lets a site fall apart.

Growing adds the neighbour with the greatest benefit for what it uses of the limits, until the land target is reached.
Annealing then takes a unit in, leaves one out, or swaps two; a move that would break the connection is never made,
and a limit may be overstepped for a while at a price. Same seed, same site.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from landgis.planning.siting.board import Board, Layout
from landgis.planning.siting.candidates import TOLERANCE, Land, Wish, keeps
from landgis.planning.siting.connected import NOBODY

ROOTS = 400  # of more units, every k-th is a root
STEPS_A_UNIT = 300  # more do nothing for a small land


@dataclass(frozen=True)
class Effort:
    """How hard to try: starts that are improved, steps each; the temperature falls between these, in mean benefits."""

    starts: int = 4
    steps: int = 40_000
    hot: float = 0.5
    cold: float = 0.03


class Grower(Layout):
    """Grows and improves connected sets of one land for one wish."""

    def grow(self, root: int, worth: Sequence[float]) -> list[int]:
        """A connected set around a root and all forced units, until the least land or a limit; [] if none."""
        members = self._joined(root)
        if not members:
            return []
        inside = set(members)
        used = [sum(column) for column in zip(*(self.uses[unit] for unit in members), strict=True)]
        short = self.wish.least_mu - sum(self.area_mu[unit] for unit in members)
        front = {other for unit in members for other in self.beside[unit]} - inside - self.barred
        while front:
            best = max(front, key=lambda unit: (worth[unit], -unit))
            after = [u + more for u, more in zip(used, self.uses[best], strict=True)]
            if short <= 0 and (self.benefit[best] <= 0 or self.excess(after) > self.excess(used)):
                break
            members.append(best)
            inside.add(best)
            front.remove(best)
            front.update(other for other in self.beside[best] if other not in inside and other not in self.barred)
            used, short = after, short - self.area_mu[best]
        return members

    def _joined(self, root: int) -> list[int]:
        """The root, the forced units and what lies on the way between them; [] where there is no way."""
        members, inside = [root], {root}
        for goal in sorted(self.forced):
            way = [] if goal in inside else self._way(inside, goal)
            if goal not in inside and not way:
                return []
            members += way
            inside.update(way)
        return members

    def _way(self, inside: set[int], goal: int) -> list[int]:
        """The units from a set to a goal over the fewest others, the goal included; [] where there is none."""
        came = dict.fromkeys(sorted(inside), NOBODY)
        line = list(came)
        for unit in line:
            if unit == goal:
                break
            for other in self.beside[unit]:
                if other not in came and other not in self.barred:
                    came[other] = unit
                    line.append(other)
        way = []
        while goal in came and goal not in inside:
            way.append(goal)
            goal = came[goal]
        return way

    def improved(self, members: Iterable[int], effort: Effort, rng: random.Random) -> np.ndarray | None:
        """The best connected set that keeps the wish and that annealing meets from here, as a mask; None where none."""
        board = Board(self, members)
        price = self.mean * max(len(board.members), 1)
        steps = max(min(effort.steps, STEPS_A_UNIT * self.land.units), 1)
        cooling = (effort.cold / effort.hot) ** (1 / steps)
        heat, best, most = self.mean * effort.hot, None, -math.inf
        value, excess = board.benefit - price * board.excess, board.excess
        if excess <= 0:
            best, most = list(board.members), board.benefit
        for _ in range(steps):
            heat *= cooling
            move = board.proposed(rng)
            if move is None:
                continue
            after = board.after(*move)
            gain = after.benefit - price * after.excess - value
            if (gain < 0 and rng.random() >= math.exp(gain / heat)) or not board.made(*move):
                continue
            board.take(after)
            value += gain
            if after.excess <= 0 and after.benefit > most + TOLERANCE * self.mean:
                best, most = list(board.members), after.benefit
        return self.checked(best) if best is not None else None

    def checked(self, members: Iterable[int]) -> np.ndarray | None:
        """These units as a mask, None where they do not keep the wish after all."""
        mask = self.land.mask(list(members))
        return mask if keeps(self.land, self.wish, mask) else None


def good_site(
    land: Land, wish: Wish, *, seed: int = 0, effort: Effort = Effort(), go_on: Callable[[], bool] = lambda: True
) -> np.ndarray | None:
    """A good connected set that keeps the wish, as a mask; None where none was met (there may be one all the same).

    `go_on` is asked before each start but the first, and says when time is up.
    """
    grower, rng = Grower(land, wish), random.Random(seed)
    best, most = None, -math.inf
    for at, members in enumerate(_starts(grower, effort.starts)):
        found = grower.improved(members, effort, rng) if not at or go_on() else None
        if found is not None and float(land.benefit[found].sum()) > most:
            best, most = found, float(land.benefit[found].sum())
    return best


def _starts(grower: Grower, wanted: int) -> list[list[int]]:
    """The best sets grown from a root each, none of them around the root of one before."""
    roots = [min(grower.forced)] if grower.forced else grower.open[:: max(1, len(grower.open) // ROOTS)]
    grown = [members for root in roots if (members := grower.grow(root, grower.worth))]
    ranked = sorted(grown, key=lambda members: (-_value(grower, members), members[0]))
    chosen: list[list[int]] = []
    for members in ranked:
        if len(chosen) < wanted and not any(members[0] in before for before in chosen):
            chosen.append(members)
    return chosen + (chosen * wanted)[: wanted - len(chosen)]


def _value(grower: Grower, members: list[int]) -> float:
    board = Board(grower, members)
    return board.benefit - grower.mean * len(members) * board.excess
