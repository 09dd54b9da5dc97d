"""The plain resource-constrained project scheduling problem: jobs, crews, precedence, the earliest end.

The same problem and model as a schedule of sites, with crews only: no money, no floor. It shows what the model can do
on instances whose optimum is known (PSPLIB, Kolisch and Sprecher 1997).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from landgis.planning.scheduling.model import build
from landgis.planning.scheduling.problem import PHASES, REBUILD, Crews, Lane, Precedence, Problem
from landgis.planning.scheduling.rcpsp_schedules import Jobs, Schedule, sampled
from landgis.planning.scheduling.rcpsp_windows import Net, least_end, net, tightened, windows_free
from landgis.planning.scheduling.solve import Search, solve

FEW = (2, 3, 4, 5)  # jobs at once
ROUNDING = 1e-6


def problem_of(jobs: Jobs, end: int) -> Problem:
    """The jobs as a schedule that is finished by `end`: a job is a site, all are required, the earlier the better.

    Starts for which there would be no time are not allowed, what must come before what because of the crews is added,
    and a set of jobs of which so many at most can be at work together is a lane that so many may close.
    """
    n, last, periods = len(jobs.duration), len(jobs.duration), end + 1
    work = net_of(jobs)
    found = tightened(work, end) or windows_free(work)
    when = np.arange(periods)
    jobs_may = (when >= found.head[:, None]) & (when + (jobs.duration + found.tail)[:, None] <= end)
    end_may = when >= (found.head + jobs.duration).max(initial=0)
    value = np.zeros((n + 1, 1, periods))
    value[last, 0] = periods - when
    quarters = np.zeros((n + 1, 1, PHASES), dtype=np.int64)
    quarters[:n, 0, REBUILD] = jobs.duration
    use = np.zeros((n + 1, 1, PHASES, jobs.use.shape[1]))
    use[:n, 0, REBUILD] = jobs.use
    edges = [*map(tuple, np.argwhere(_direct(found.before)).tolist()), *((job, last) for job in range(n))]
    limit = np.repeat(jobs.limit[:, None], periods, axis=1).astype(float)
    return Problem(
        sites=(*(str(job) for job in range(1, n + 1)), "end"), modes=("work",), value=value,
        allowed=np.concatenate([jobs_may, end_may[None]])[:, None], phase_quarters=quarters,
        crews=Crews(tuple(f"R{r}" for r in range(1, len(limit) + 1)), use, limit),
        precedence=tuple(Precedence(before, after) for before, after in edges), required=np.ones(n + 1, dtype=bool),
        lanes=(*_one_at_once(work), *_few_at_once(jobs)),
    )  # fmt: skip


def net_of(jobs: Jobs) -> Net:
    """The jobs with those that cannot be at work together: crews too few for both, or one before the other."""
    before = np.zeros((len(jobs.duration),) * 2, dtype=bool)
    before[tuple(np.array(jobs.edges, dtype=np.int64).reshape(-1, 2).T)] = True
    return net(jobs.duration, before, (jobs.use[:, None] + jobs.use > jobs.limit).any(axis=2))


def _one_at_once(work: Net) -> Iterator[Lane]:
    for number, clique in enumerate(work.cliques, start=1):
        yield Lane(f"one of {number}", tuple(clique.tolist()), 1)


def _few_at_once(jobs: Jobs) -> Iterator[Lane]:
    """Jobs of which no more than two (three …) can be at work at once: each takes over a third (a quarter …) of a crew.

    These rows say in whole jobs what the rows of the crews say in shares: the relaxation sees more.
    """
    for crew, limit in enumerate(jobs.limit):
        for most in FEW:
            big = np.flatnonzero((jobs.use[:, crew] * (most + 1) > limit) & (jobs.duration > 0))
            if len(big) > most:
                yield Lane(f"{most} of R{crew + 1}", tuple(big.tolist()), most)


def _direct(before: np.ndarray) -> np.ndarray:
    """What is left of "before" without that which follows from the rest."""
    steps = before.astype(np.int64)
    return before & ~((steps @ steps) > 0)


def shortest(jobs: Jobs, search: Search, *, schedules: int = 2500, islands: int = 8, enough: int = 0) -> Schedule:
    """The earliest end: bred schedules on some islands, then the model, asked for an end before the best one found.

    `enough`: an end with which to be content. Proven where `end` is `least`.
    """
    least = max(least_end(net_of(jobs)), _crew_bound(jobs))
    best = sampled(jobs, seed=search.seed, schedules=schedules, least=max(least, enough))
    for island in range(1, islands):
        if best.end <= max(least, enough):
            break
        found = sampled(jobs, seed=search.seed + island, schedules=schedules, least=max(least, enough))
        best = min(best, found, key=lambda schedule: schedule.end)
    best = Schedule(best.start, best.end, least)
    return best if best.end <= max(least, enough) else _earlier(jobs, best, search, enough)


def _crew_bound(jobs: Jobs) -> int:
    """No end before each crew has done all its work."""
    work = jobs.duration @ jobs.use
    return max((math.ceil(done / limit) for done, limit in zip(work, jobs.limit, strict=True) if limit > 0), default=0)


def _earlier(jobs: Jobs, best: Schedule, search: Search, enough: int) -> Schedule:
    """What the model finds before a known end, or that there is nothing to find."""
    problem, heard = problem_of(jobs, best.end - 1), [best.end]
    found = solve(
        problem, build(problem), search, tell=lambda said: heard.append(_end_of(best, said.objective)),
        stop=lambda: heard[-1] <= enough,
    )  # fmt: skip
    if found.plan is None:
        return replace(best, least=best.end if found.status == "infeasible" else best.least)
    start = found.plan.start[:-1]
    return Schedule(start, int((start + jobs.duration).max()), max(best.least, _end_of(best, found.bound)))


def _end_of(best: Schedule, objective: float) -> int:
    """The end that an objective of the model stands for: of its `best.end` periods, those that are left."""
    return best.end if objective == -math.inf else best.end - math.floor(objective + ROUNDING)
