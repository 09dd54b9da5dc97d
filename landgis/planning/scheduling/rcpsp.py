"""The plain resource-constrained project scheduling problem: jobs, crews, precedence, the earliest end.

The same problem and model as a schedule of sites, with crews only: no money, no floor. It shows what the model can do
on instances whose optimum is known (PSPLIB, Kolisch and Sprecher 1997).
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from landgis.planning.scheduling.model import build
from landgis.planning.scheduling.problem import PHASES, REBUILD, Crews, Lane, Precedence, Problem
from landgis.planning.scheduling.rcpsp_windows import Net, least_end, net, tightened, windows_free
from landgis.planning.scheduling.solve import Search, solve

POOL = 40  # schedules to breed from
BITS = 16  # for a crew in the number that holds all of them
HALF = 0.5
FEW = (2, 3, 4, 5)  # jobs at once
NOISE = (0.05, 0.15, 0.4, 1.0)  # as a share of the whole order
ROUNDING = 1e-6


@dataclass(frozen=True)
class Jobs:
    """n jobs; a job needs its crews in every period of its duration."""

    duration: np.ndarray  # int64[n] ≥ 0
    use: np.ndarray  # int64[n, crews], below 2^15 and no more than the limit
    limit: np.ndarray  # int64[crews]
    edges: tuple[tuple[int, int], ...]  # (before, after)


@dataclass(frozen=True)
class Schedule:
    """When each job starts; `end` is the makespan, which no schedule can bring below `least`."""

    start: np.ndarray  # int64[n]
    end: int
    least: int


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


def sampled(jobs: Jobs, *, seed: int, schedules: int, least: int = 0) -> Schedule:
    """The best of many serial schedules, each pushed right and left again, and bred from the best ones.

    Ends as soon as the end is `least`, below which none can be.

    Double justification after Valls, Ballestín and Quintanilla (2005), crossover after Hartmann (1998).
    """
    random = np.random.default_rng(seed)
    ahead, back = _net(jobs), _net(_reversed(jobs))
    tail = _tails(ahead) + jobs.duration
    pool: list[tuple[int, np.ndarray]] = []
    for turn in range(schedules):
        key = -tail if turn < POOL else _bred(pool, random)
        noise = _noise(random, key) if turn else np.zeros(len(key))
        start = _pushed(jobs, ahead, back, _serial(ahead, key + noise))
        _keep(pool, int((start + jobs.duration).max(initial=0)), start)
        if pool[0][0] <= least:
            break
    return Schedule(pool[0][1], pool[0][0], least)


def _noise(random: np.random.Generator, key: np.ndarray) -> np.ndarray:
    """How far each job may move in the order by chance: all of them, or those near one of them."""
    reach = float(np.ptp(key))
    noise: np.ndarray = float(random.choice(NOISE)) * reach * random.random(len(key))
    if random.random() < HALF:
        noise *= np.abs(key - random.choice(key)) <= random.random() * reach / 2
    return noise


def _bred(pool: list[tuple[int, np.ndarray]], random: np.random.Generator) -> np.ndarray:
    """A key between two good schedules: their starts mixed, or a stretch of one in the order of the other."""
    one, other = (pool[int(k)][1] for k in random.integers(0, len(pool), 2))
    part = random.random()
    if random.random() < HALF:
        mixed: np.ndarray = part * one + (1 - part) * other
        return mixed
    first, end = np.sort(random.integers(0, len(one) + 1, 2))
    order = np.argsort(one, kind="stable")
    stretch = order[first:end]
    key = one.astype(float)
    key[stretch[np.argsort(other[stretch], kind="stable")]] = one[stretch]
    return key


def _keep(pool: list[tuple[int, np.ndarray]], end: int, start: np.ndarray) -> None:
    """Into the pool, if it is not there yet; the longest drops out."""
    if not any(end == known and (start == kept).all() for known, kept in pool):
        pool.append((end, start))
        pool.sort(key=lambda member: member[0])
        del pool[POOL:]


def _pushed(jobs: Jobs, ahead: _Net, back: _Net, start: np.ndarray) -> np.ndarray:
    """A schedule pushed to the right, then to the left: never longer than before."""
    right = _serial(back, -(start + jobs.duration).astype(float))
    return _serial(ahead, -(right + jobs.duration).astype(float))


@dataclass(frozen=True)
class _Net:
    """The jobs in plain numbers: what comes before and after each, its length, its crews in one number."""

    before: list[list[int]]
    after: list[list[int]]
    length: list[int]
    use: list[int]  # BITS for each crew, the highest of them free
    limit: int
    guard: int  # the highest bit of each crew


def _net(jobs: Jobs) -> _Net:
    before: list[list[int]] = [[] for _ in jobs.duration]
    after: list[list[int]] = [[] for _ in jobs.duration]
    for one, other in jobs.edges:
        before[other].append(one)
        after[one].append(other)
    crews = range(jobs.use.shape[1])
    guard = sum(1 << (BITS * (r + 1) - 1) for r in crews)
    use = [sum(int(row[r]) << (BITS * r) for r in crews) for row in jobs.use]
    return _Net(before, after, jobs.duration.tolist(), use, sum(int(jobs.limit[r]) << (BITS * r) for r in crews), guard)


def _reversed(jobs: Jobs) -> Jobs:
    return Jobs(jobs.duration, jobs.use, jobs.limit, tuple((after, before) for before, after in jobs.edges))


def _ordered(net: _Net, key: np.ndarray) -> Iterator[int]:
    """The jobs by key, smallest first, as far as precedence lets it."""
    keys, waits = key.tolist(), [len(before) for before in net.before]
    ready = [(keys[job], job) for job, count in enumerate(waits) if not count]
    heapq.heapify(ready)
    while ready:
        _, job = heapq.heappop(ready)
        yield job
        for later in net.after[job]:
            waits[later] -= 1
            if not waits[later]:
                heapq.heappush(ready, (keys[later], later))


def _tails(jobs: _Net) -> np.ndarray:
    """The time needed after each job's end by precedence alone, int64[n]."""
    tail = np.zeros(len(jobs.length), dtype=np.int64)
    for job in reversed([*_ordered(jobs, tail)]):
        tail[job] = max((int(tail[later]) + jobs.length[later] for later in jobs.after[job]), default=0)
    return tail


def _crew_bound(jobs: Jobs) -> int:
    """No end before each crew has done all its work."""
    work = jobs.duration @ jobs.use
    return max((math.ceil(done / limit) for done, limit in zip(work, jobs.limit, strict=True) if limit > 0), default=0)


def _serial(net: _Net, key: np.ndarray) -> np.ndarray:
    """Each job as early as its crews allow, in the order of the key as far as precedence lets it."""
    start, guard = [0] * len(net.length), net.guard
    free = [net.limit | guard] * (sum(net.length) + 1)
    for job in _ordered(net, key):
        length, use = net.length[job], net.use[job]
        first = max((start[other] + net.length[other] for other in net.before[job]), default=0)
        period = first
        while period < first + length:
            if (free[period] - use) & guard != guard:  # a crew went below nothing and took its guard
                first = period + 1
            period += 1
        start[job] = first
        for period in range(first, first + length):
            free[period] -= use
    return np.array(start)
