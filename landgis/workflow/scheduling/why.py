"""Why a plan leaves a site as it is: not worth it, or the family of limits that keeps it out."""

from __future__ import annotations

import numpy as np

from landgis.planning.scheduling.board import Board
from landgis.planning.scheduling.problem import UNSTARTED, Plan, Problem
from landgis.workflow.scheduling.document import EXCLUDED, NOT_WORTH, TOGETHER
from landgis.workflow.scheduling.solving import board_of


def why_not(problem: Problem, plan: Plan) -> list[str | None]:
    """A key of WHY_NOT for each site that is left; None for those started.

    The family of limits is the one that alone keeps the site out of its most valuable start, everything else staying
    as planned; where it takes several families, they do it together.
    """
    board = board_of(problem, plan)
    return [None if board.mode[site] != UNSTARTED else _why(board, site) for site in range(len(problem.sites))]


def _why(board: Board, site: int) -> str:
    value = np.where(board.problem.open_starts[site], board.problem.value[site], -np.inf)
    best = value.max(initial=-np.inf)
    if best == -np.inf:
        return EXCLUDED
    if best <= 0:
        return NOT_WORTH
    mode, start = (int(at) for at in np.unravel_index(value.argmax(), value.shape))
    families = standing_against(board, site, mode, start)
    return families.pop() if len(families) == 1 else TOGETHER


def standing_against(board: Board, site: int, mode: int, start: int) -> set[str]:
    """The families of limits that a site would break if it were started then: none, and it fits."""
    use = board.used.use[site, mode]
    need = np.zeros_like(use)
    need[:, start:] = use[:, : use.shape[1] - start]
    short = ((board.slack < need) & (need > 0)).any(axis=1)
    families = {board.used.limits[limit][0] for limit in np.flatnonzero(short)}
    if any(not _finished(board, other, start - lag) for other, lag in board.ties.before[site]):
        families.add("before")
    if any(board.mode[other] == UNSTARTED for other in board.ties.unit[site] if other != site):
        families.add("group")
    return families


def _finished(board: Board, site: int, period: int) -> bool:
    """Whether a site is finished by the beginning of a quarter."""
    mode = board.mode[site]
    return bool(mode != UNSTARTED and board.start[site] + board.quarters[site][mode] <= period)
