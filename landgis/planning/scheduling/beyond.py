"""What becomes of a plan behind its last quarter: the same problem with the quarters in which its work is finished.

Limits bind only in the periods of a problem. Where it ends, a site that starts in the last quarter would take a crew,
money and room that nobody counts, and plans would put there what fits nowhere else.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from landgis.planning.scheduling.problem import Problem


def carried_on(problem: Problem) -> Problem:
    """The problem with more periods, until all that can be started is finished and paid.

    Nothing is started in them, and every limit stays what it is in the last quarter: as much new money, as many crews.
    A plan of it is a plan of the problem itself, with the same worth.
    """
    more = _more(problem)
    if not more:
        return problem
    money, space, crews, industry = problem.money, problem.space, problem.crews, problem.industry
    return replace(
        problem,
        value=np.pad(problem.value, ((0, 0), (0, 0), (0, more))),
        allowed=np.pad(problem.allowed, ((0, 0), (0, 0), (0, more))),
        money=money and replace(money, budget_wan=_stays(money.budget_wan, more)),
        space=space and replace(space, vacant_m2=_stays(space.vacant_m2, more)),
        crews=crews and replace(crews, limit=_stays(crews.limit, more)),
        industry=industry and replace(industry, floor_m2=_stays(industry.floor_m2, more)),
    )


def _more(problem: Problem) -> int:
    """How many periods the work of the last starts that are allowed, or its spending, goes beyond the last period."""
    periods = problem.shape[2]
    last = np.where(problem.open_starts, np.arange(periods), -1).max(axis=2, initial=-1)  # [n, modes]
    ends = last + problem.quarters
    if problem.money:
        cost = problem.money.cost_wan
        paid = np.where(cost > 0, np.arange(1, cost.shape[2] + 1), 0).max(axis=2, initial=0)
        ends = np.maximum(ends, last + paid)
    return max(0, int(np.where(last >= 0, ends, 0).max(initial=0)) - periods)


def _stays(limit: np.ndarray, more: int) -> np.ndarray:
    """A limit with its last figure once more for each of so many periods."""
    longer: np.ndarray = np.concatenate([limit, np.repeat(limit[..., -1:], more, axis=-1)], axis=-1)
    return longer
