"""A connected set that changes step by step and never falls apart: what a quick search moves about on."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from landgis.planning.siting.candidates import TOLERANCE, Land, Wish, limits, longest_perimeter_m

NONE = -1


class Layout:
    """A land and a wish as plain lists, laid out for many quick tries."""

    def __init__(self, land: Land, wish: Wish) -> None:
        self.land, self.wish = land, wish
        found = limits(land, wish)
        self.uses: list[list[float]] = (
            found.per_unit.T.tolist() if len(found.names) else [[] for _ in range(land.units)]
        )
        self.most, self.scale = found.most.tolist(), found.scale.tolist()
        self.benefit: list[float] = land.benefit.tolist()
        self.beside = land.graph.beside
        self.forced = frozenset(wish.inside)
        self.barred = frozenset(wish.outside)
        self.open = [unit for unit in range(land.units) if unit not in self.barred]
        self.mean = float(np.abs(land.benefit[self.open]).mean()) if self.open else 1.0
        self.area_mu: list[float] = land.area_mu.tolist()
        self.edge_m: dict[tuple[int, int], float] = {}
        if wish.compactness:
            for (one, other), length in zip(land.graph.pair.tolist(), land.shared_m.tolist(), strict=True):
                self.edge_m[one, other] = self.edge_m[other, one] = length
            self.perimeter_m: list[float] = land.perimeter_m.tolist()
        self.worth = self._worth(found.per_unit, found.most)

    def _worth(self, per_unit: np.ndarray, most: np.ndarray) -> list[float]:
        """Benefit for what a unit uses of the limits that are above; the share of each that it takes, added up."""
        upper = most > 0
        use = (np.maximum(per_unit[upper], 0) / most[upper, None]).sum(axis=0) if upper.any() else self.land.area_mu
        return [float(one) for one in self.land.benefit / np.maximum(use, TOLERANCE)]

    def excess(self, used: Sequence[float]) -> float:
        """By how much limits are overstepped, each as a share of its size."""
        return math.fsum(
            [(u - m) / s for u, m, s in zip(used, self.most, self.scale, strict=True) if u > m + TOLERANCE * s]
        )


class Sums(NamedTuple):
    """What the units of a board add up to."""

    used: list[float]
    benefit: float
    around_m: float
    area_mu: float
    excess: float


class Board:
    """A connected set that changes: its members and those beside it, each in a list that can be drawn from."""

    def __init__(self, layout: Layout, members: Iterable[int]) -> None:
        self.layout, self.barred, self.forced = layout, layout.barred, layout.forced
        self.members, self.place = list[int](), dict[int, int]()
        self.front, self.front_place = list[int](), dict[int, int]()
        self.take(Sums([0.0] * len(layout.most), 0.0, 0.0, 0.0, 0.0))
        for unit in members:
            after = self.after(unit, NONE)
            self._enter(unit)
            self.take(after)

    def take(self, sums: Sums) -> None:
        """These are the sums now."""
        self.sums, self.benefit, self.excess = sums, sums.benefit, sums.excess

    def proposed(self, rng: random.Random) -> tuple[int, int] | None:
        """A unit to take in and one to leave out, either of them NONE; None where the draw leads to nothing."""
        draw = rng.random()
        enter = self.front[int(rng.random() * len(self.front))] if draw < 0.75 and self.front else NONE
        leave = self.members[int(rng.random() * len(self.members))] if draw >= 0.25 else NONE
        if leave in self.forced or (leave != NONE and len(self.members) == 1 and enter == NONE):
            return None
        return None if enter == leave else (enter, leave)

    def after(self, enter: int, leave: int) -> Sums:
        """The sums with one unit in and one out."""
        layout, sums = self.layout, self.sums
        used, benefit = sums.used, sums.benefit
        if enter != NONE:
            used = [u + more for u, more in zip(used, layout.uses[enter], strict=True)]
            benefit += layout.benefit[enter]
        if leave != NONE:
            used = [u - less for u, less in zip(used, layout.uses[leave], strict=True)]
            benefit -= layout.benefit[leave]
        excess = layout.excess(used)
        if not layout.edge_m:
            return Sums(used, benefit, 0.0, 0.0, excess)
        around, area = self._around(enter, leave)
        most = longest_perimeter_m(area, layout.wish.compactness)
        if around > most * (1 + TOLERANCE):
            excess += around / max(most, TOLERANCE) - 1
        return Sums(used, benefit, around, area, excess)

    def _around(self, enter: int, leave: int) -> tuple[float, float]:
        """Perimeter in metres and land in mu with one unit in and one out."""
        layout, around, area = self.layout, self.sums.around_m, self.sums.area_mu
        if enter != NONE:
            inner = sum(layout.edge_m[enter, other] for other in layout.beside[enter] if other in self.place)
            around += layout.perimeter_m[enter] - 2 * inner
            area += layout.area_mu[enter]
        if leave != NONE:
            inner = sum(layout.edge_m[leave, other] for other in layout.beside[leave] if other in self.place)
            inner += layout.edge_m.get((enter, leave), 0.0)
            around -= layout.perimeter_m[leave] - 2 * inner
            area -= layout.area_mu[leave]
        return around, area

    def made(self, enter: int, leave: int) -> bool:
        """Make a move, unless the set would fall apart by it."""
        if enter != NONE:
            self._enter(enter)
        if leave == NONE:
            return True
        if self._holds_without(leave):
            self._leave(leave)
            return True
        if enter != NONE:
            self._leave(enter)
        return False

    def _holds_without(self, unit: int) -> bool:
        """Whether the members beside a unit are connected without it."""
        beside = self.layout.beside
        around = [other for other in beside[unit] if other in self.place]
        if not around:
            return len(self.members) == 1
        wanted, seen, walk = set(around[1:]), {unit, around[0]}, [around[0]]
        while walk and wanted:
            for other in beside[walk.pop()]:
                if other in self.place and other not in seen:
                    wanted.discard(other)
                    seen.add(other)
                    walk.append(other)
        return not wanted

    def _enter(self, unit: int) -> None:
        _forget(self.front, self.front_place, unit)
        _keep(self.members, self.place, unit)
        for other in self.layout.beside[unit]:
            if other not in self.place and other not in self.front_place and other not in self.barred:
                _keep(self.front, self.front_place, other)

    def _leave(self, unit: int) -> None:
        _forget(self.members, self.place, unit)
        beside = self.layout.beside
        for other in beside[unit]:
            if other in self.front_place and not any(third in self.place for third in beside[other]):
                _forget(self.front, self.front_place, other)
        if any(other in self.place for other in beside[unit]):
            _keep(self.front, self.front_place, unit)


def _keep(line: list[int], place: dict[int, int], unit: int) -> None:
    if unit not in place:
        place[unit] = len(line)
        line.append(unit)


def _forget(line: list[int], place: dict[int, int], unit: int) -> None:
    at = place.pop(unit, None)
    last = line[-1] if line else unit
    if at is not None:
        line.pop()
        if last != unit:
            line[at], place[last] = last, at
