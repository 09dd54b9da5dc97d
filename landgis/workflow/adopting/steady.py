"""Of plans that are about as good, the one that moves least: people have been told when they move.

A search that ends within its gap says nothing about the plans inside the gap, so among those that keep every limit the
one nearest to the old plan is taken.
"""

from __future__ import annotations

import numpy as np

from landgis.planning.scheduling.board import Board
from landgis.planning.scheduling.check import violations
from landgis.planning.scheduling.heuristic import put
from landgis.planning.scheduling.problem import UNSTARTED, Plan, Problem, worth
from landgis.workflow.scheduling.solving import board_of, filled


def steadied(problem: Problem, plan: Plan, wished: Plan, *, least: float) -> Plan:
    """Of `plan` and plans near to `wished` the nearest one that keeps every limit and is worth at least `least`.

    Tried are the wished plan itself; that with only those sites moved whose start no longer fits; its order, each site
    as soon after its start as it fits; and `plan` with every start put back that can be. What is worth it and fits
    beside them is started too. A start below 0 is wished for as soon as can be.
    """
    tried = (_itself(problem, wished), _mended(problem, wished), _followed(problem, wished),
             _put_back(problem, plan, wished))  # fmt: skip
    good = [one for one in tried if one is not None and worth(problem, one) >= least and not violations(problem, one)]
    return min([plan, *good], key=lambda one: (distance(problem, one, wished), -worth(problem, one)))


def distance(problem: Problem, plan: Plan, wished: Plan) -> int:
    """By how many quarters the starts of a plan lie from those wished for; another mode, or none, counts as all."""
    first = np.maximum(wished.start, 0)
    far = np.where(plan.mode == wished.mode, np.minimum(np.abs(plan.start - first), problem.shape[2]), problem.shape[2])
    return int(far[wished.started & ~problem.frozen.started].sum())


def _itself(problem: Problem, wished: Plan) -> Plan | None:
    """The wished plan, if it is one."""
    return None if violations(problem, wished) else filled(problem, wished)


def _mended(problem: Problem, wished: Plan) -> Plan | None:
    """The wished starts as far as they fit, and only then the sites that lost theirs."""
    board, mine = Board(problem), _in_order(wished)
    for site in mine:
        mode, start = int(wished.mode[site]), int(wished.start[site])
        if board.mode[site] == UNSTARTED and 0 <= start < problem.shape[2] and board.fits(site, mode)[start]:
            board.put(site, mode, start)
    return _rest(board, mine, wished)


def _followed(problem: Problem, wished: Plan) -> Plan | None:
    """The order of the wished plan."""
    return _rest(Board(problem), _in_order(wished), wished)


def _in_order(wished: Plan) -> list[int]:
    return [int(site) for site in np.argsort(wished.start, kind="stable") if wished.mode[site] != UNSTARTED]


def _rest(board: Board, sites: list[int], wished: Plan) -> Plan | None:
    """Put the sites that are not there: in their mode, soon after their start; else wherever they are worth most."""
    problem = board.problem
    soon = -np.arange(problem.shape[2], dtype=float)
    for site in dict.fromkeys([*sites, *board.must]):
        if board.mode[site] != UNSTARTED or not board.modes[site]:
            continue
        worthy = (problem.value > 0) | np.isin(np.arange(len(problem.sites)), board.must)[:, None, None]
        in_mode = (np.arange(problem.shape[1]) == wished.mode[site])[:, None]
        if not put(board, site, np.where(worthy & in_mode, soon, -np.inf), max(0, int(wished.start[site]))):
            put(board, site, np.where(worthy, problem.value, -np.inf))
    return None if board.wrongs else filled(problem, board.plan)


def _put_back(problem: Problem, plan: Plan, wished: Plan) -> Plan:
    """The plan with every start put back that fits where it was and leaves all others a plan."""
    board = board_of(problem, plan)
    for site in _in_order(wished):
        mode, start = int(wished.mode[site]), int(wished.start[site])
        there = 0 <= start < problem.shape[2] and not board.fixed[site]
        if not there or (board.mode[site], board.start[site]) == (mode, start):
            continue
        saved = board.save()
        if board.mode[site] != UNSTARTED:
            board.take(site)
        if board.fits(site, mode)[start]:
            board.put(site, mode, start)
            if not violations(problem, board.plan):
                continue
        board.restore(saved)
    return board.plan
