"""The linear program behind a site, its cuts added as they are needed; HiGHS solves it.

Columns: x (taken, one a unit), y (root, one a unit), and with a least compactness z (both ends taken, one a pair).

    max  Σ benefit·x
    Σ per_unit[k]·x ≤ most[k]                    land target, budget, consent (candidates.limits)
    Σ y = 1,  y_i ≤ x_i                          one root, in the site
    x_t ≤ Σ_{i beside t} x_i + y_t               nobody stands alone; further cuts from separators.py
    z_e ≤ x_i, z_e ≤ x_j                         a pair's edge is inner only with both
    Σ perimeter·x − 2 Σ shared·z ≤ f(a) ÷ 2 + f(a)/(2a) · Σ area·x,  f(A) = √(4πA ÷ compactness)
                                                 the tangent at a of perimeter ≤ f(area); f is concave, so all hold
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, cast

import numpy as np

from landgis.planning.scheduling.solve import ONE_AT_A_TIME
from landgis.planning.siting.candidates import Land, Wish, limits, longest_perimeter_m
from landgis.planning.siting.separators import Cut

TANGENTS = 5  # of the least compactness from the start; more where they are needed
_FINE = 1e-6


@dataclass(frozen=True)
class Row:
    """least ≤ Σ value·column ≤ most."""

    name: str
    columns: tuple[int, ...]
    values: tuple[float, ...]
    least: float
    most: float


@dataclass(frozen=True, eq=False)
class Model:
    """Columns with what each is worth and its bounds, and rows; maximised."""

    names: tuple[str, ...]
    worth: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    rows: tuple[Row, ...]

    def text(self) -> str:
        """The whole problem as text, for comparison with a stored one."""
        head = "max " + _sum(range(len(self.names)), self.worth.tolist(), self.names)
        bounds = [
            f"{low:g} <= {name} <= {high:g}" for name, low, high in zip(self.names, self.lower, self.upper, strict=True)
        ]
        return "\n".join([head, *(_line(row, self.names) for row in self.rows), *bounds, ""])


def _line(row: Row, names: Sequence[str]) -> str:
    low = f"{row.least:.6g} <= " if row.least > -inf else ""
    high = f" <= {row.most:.6g}" if row.most < inf else ""
    return f"{row.name}: {low}{_sum(row.columns, row.values, names)}{high}"


def _sum(columns: Iterable[int], values: Iterable[float], names: Sequence[str]) -> str:
    return " ".join(f"{value:+.6g} {names[column]}" for column, value in zip(columns, values, strict=True) if value)


def site_model(land: Land, wish: Wish) -> Model:
    """The problem without its cuts; forced units have x = 1, barred ones 0, and the first forced one is the root."""
    units, pairs = land.units, len(land.graph.pair) if wish.compactness else 0
    names = [f"x{i}" for i in range(units)] + [f"y{i}" for i in range(units)] + [f"z{e}" for e in range(pairs)]
    lower, upper = np.zeros(len(names)), np.ones(len(names))
    lower[list(wish.inside)] = 1.0
    upper[list(wish.outside)] = 0.0
    if wish.inside:
        lower[units + min(wish.inside)] = 1.0
    rows = [*_limit_rows(land, wish), *_root_rows(land)]
    if wish.compactness:
        rows += [*_edge_rows(land), *(tangent(land, wish, area) for area in _places(land, wish))]
    return Model(tuple(names), np.concatenate([land.benefit, np.zeros(units + pairs)]), lower, upper, tuple(rows))


def _limit_rows(land: Land, wish: Wish) -> Iterable[Row]:
    found = limits(land, wish)
    for name, per_unit, most in zip(found.names, found.per_unit, found.most, strict=True):
        yield Row(name, tuple(range(land.units)), tuple(per_unit.tolist()), -inf, float(most))


def _root_rows(land: Land) -> Iterable[Row]:
    units = land.units
    yield Row("root", tuple(range(units, 2 * units)), (1.0,) * units, 1.0, 1.0)
    for unit in range(units):
        yield Row(f"root{unit}", (unit, units + unit), (-1.0, 1.0), -inf, 0.0)
        yield cut_row(Cut(unit, tuple(land.graph.beside[unit]), (unit,)), units)


def _edge_rows(land: Land) -> Iterable[Row]:
    for edge, ends in enumerate(land.graph.pair.tolist()):
        for end in ends:
            yield Row(f"edge{edge}-{end}", (2 * land.units + edge, end), (1.0, -1.0), -inf, 0.0)


def _places(land: Land, wish: Wish) -> list[float]:
    """Sizes of land, in mu, at which the least compactness gets its first tangents."""
    smallest = max(wish.least_mu, float(land.area_mu.min()))
    largest = max(min(wish.most_mu, float(land.area_mu.sum())), smallest)
    return [float(place) for place in np.unique(np.geomspace(smallest, largest, TANGENTS))]


def tangent(land: Land, wish: Wish, area_mu: float) -> Row:
    """Perimeter ≤ the tangent of the longest one allowed, at that size of land."""
    most = longest_perimeter_m(area_mu, wish.compactness)
    values = np.concatenate([land.perimeter_m - land.area_mu * most / area_mu / 2, -2 * land.shared_m])
    columns = (*range(land.units), *range(2 * land.units, 2 * land.units + len(land.shared_m)))
    return Row(f"compact{area_mu:g}", columns, tuple(values.tolist()), -inf, most / 2)


def cut_row(cut: Cut, units: int) -> Row:
    """A cut as a row; where it reaches far, Σ y = 1 turns its roots into those on the other side."""
    name = f"cut{cut.unit}"
    inner = (*(units + unit for unit in cut.within),)
    if len(inner) <= units // 2:
        columns = (cut.unit, *cut.border, *inner)
        return Row(name, columns, (-1.0, *(1.0,) * (len(columns) - 1)), 0.0, inf)
    within = set(cut.within)
    outer = tuple(units + unit for unit in range(units) if unit not in within)
    values = (-1.0, *(1.0,) * len(cut.border), *(-1.0,) * len(outer))
    return Row(name, (cut.unit, *cut.border, *outer), values, -1.0, inf)


@dataclass(frozen=True, eq=False)
class Relaxed:
    """A solution of the relaxed problem: an upper bound of the benefit, x, y, z, and what a unit of x would cost."""

    bound: float
    x: np.ndarray
    y: np.ndarray
    z: np.ndarray
    reduced: np.ndarray


class Solver:
    """HiGHS with one model; bounds change, rows are added, and each solve starts where the last one ended."""

    def __init__(self, model: Model, units: int) -> None:
        import highspy

        self.highspy, self.units = cast(Any, highspy), units
        self.columns = len(model.names)
        self.highs = self.highspy.Highs()
        for name, value in (("output_flag", False), ("presolve", "off"), ("solver", "simplex"), ("parallel", "off")):
            self.highs.setOptionValue(name, value)
        self.highs.addVars(self.columns, model.lower, model.upper)
        self.highs.changeColsCost(self.columns, np.arange(self.columns, dtype=np.int32), -model.worth)
        self.rows = 0
        self.add(model.rows)
        self.fixed_rows = self.rows

    def add(self, rows: Iterable[Row]) -> None:
        """More rows."""
        for row in rows:
            columns, values = np.array(row.columns, np.int32), np.array(row.values, float)
            self.highs.addRow(max(row.least, -self.highspy.kHighsInf), min(row.most, self.highspy.kHighsInf),
                              len(columns), columns, values)  # fmt: skip
            self.rows += 1

    def drop_loose(self) -> None:
        """Take out the cuts that hold with room to spare; they are found again, should they be needed."""
        value = np.array(self.highs.getSolution().row_value)
        lower = np.array(self.highs.getLp().row_lower_)
        loose = np.flatnonzero(value > lower + 0.05)
        loose = loose[loose >= self.fixed_rows].astype(np.int32)
        if len(loose):
            self.highs.deleteRows(len(loose), loose)
            self.rows -= len(loose)

    def bound(self, lower: np.ndarray, upper: np.ndarray) -> None:
        """Other bounds of x and y."""
        count = 2 * self.units
        self.highs.changeColsBounds(count, np.arange(count, dtype=np.int32), lower, upper)

    def bound_one(self, column: int, lower: float, upper: float) -> None:
        """Other bounds of one column."""
        self.highs.changeColBounds(column, lower, upper)

    def _run(self) -> None:
        with ONE_AT_A_TIME:
            self.highs.run()

    def solve(self) -> Relaxed | None:
        """The relaxed problem as it stands; None where it has no solution."""
        self._run()
        status, kinds = self.highs.getModelStatus(), self.highspy.HighsModelStatus
        if status not in (kinds.kOptimal, kinds.kInfeasible):  # numbers ran away: once more, from the start
            self.highs.clearSolver()
            self._run()
            status = self.highs.getModelStatus()
        if status == kinds.kInfeasible:
            return None
        if status != kinds.kOptimal:
            raise ArithmeticError(f"HiGHS: {self.highs.modelStatusToString(status)}")
        found = self.highs.getSolution()
        value, dual, units = np.array(found.col_value), np.array(found.col_dual), self.units
        bound = -float(self.highs.getInfo().objective_function_value)
        x, y, z = np.clip(value[:units], 0, 1), np.clip(value[units : 2 * units], 0, 1), value[2 * units :]
        return Relaxed(bound + _FINE * abs(bound) * 1e-3, x, y, z, dual[:units])
