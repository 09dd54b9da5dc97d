"""Serial schedules of jobs that share crews: each job in turn as early as it goes; many of them, bred from the best."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

POOL = 40  # schedules to breed from
BITS = 16  # for a crew in the number that holds all of them
HALF = 0.5
NOISE = (0.05, 0.15, 0.4, 1.0)  # as a share of the whole order


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


def sampled(jobs: Jobs, *, seed: int, schedules: int, least: int = 0) -> Schedule:
    """The best of many serial schedules, each pushed right and left again, and bred from the best ones.

    Ends as soon as the end is `least`, below which none can be.

    Double justification after Valls, Ballestín and Quintanilla (2005), crossover after Hartmann (1998).
    """
    random = np.random.default_rng(seed)
    ahead, back = _plain(jobs), _plain(_reversed(jobs))
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


def _pushed(jobs: Jobs, ahead: _Plain, back: _Plain, start: np.ndarray) -> np.ndarray:
    """A schedule pushed to the right, then to the left: never longer than before."""
    right = _serial(back, -(start + jobs.duration).astype(float))
    return _serial(ahead, -(right + jobs.duration).astype(float))


@dataclass(frozen=True)
class _Plain:
    """The jobs in plain numbers: what comes before and after each, its length, its crews in one number."""

    before: list[list[int]]
    after: list[list[int]]
    length: list[int]
    use: list[int]  # BITS for each crew, the highest of them free
    limit: int
    guard: int  # the highest bit of each crew


def _plain(jobs: Jobs) -> _Plain:
    before: list[list[int]] = [[] for _ in jobs.duration]
    after: list[list[int]] = [[] for _ in jobs.duration]
    for one, other in jobs.edges:
        before[other].append(one)
        after[one].append(other)
    crews = range(jobs.use.shape[1])
    guard = sum(1 << (BITS * (r + 1) - 1) for r in crews)
    use = [sum(int(row[r]) << (BITS * r) for r in crews) for row in jobs.use]
    limit = sum(int(jobs.limit[r]) << (BITS * r) for r in crews)
    return _Plain(before, after, jobs.duration.tolist(), use, limit, guard)


def _reversed(jobs: Jobs) -> Jobs:
    return Jobs(jobs.duration, jobs.use, jobs.limit, tuple((after, before) for before, after in jobs.edges))


def _ordered(plain: _Plain, key: np.ndarray) -> Iterator[int]:
    """The jobs by key, smallest first, as far as precedence lets it."""
    keys, waits = key.tolist(), [len(before) for before in plain.before]
    ready = [(keys[job], job) for job, count in enumerate(waits) if not count]
    heapq.heapify(ready)
    while ready:
        _, job = heapq.heappop(ready)
        yield job
        for later in plain.after[job]:
            waits[later] -= 1
            if not waits[later]:
                heapq.heappush(ready, (keys[later], later))


def _tails(jobs: _Plain) -> np.ndarray:
    """The time needed after each job's end by precedence alone, int64[n]."""
    tail = np.zeros(len(jobs.length), dtype=np.int64)
    for job in reversed([*_ordered(jobs, tail)]):
        tail[job] = max((int(tail[later]) + jobs.length[later] for later in jobs.after[job]), default=0)
    return tail


def _serial(plain: _Plain, key: np.ndarray) -> np.ndarray:
    """Each job as early as its crews allow, in the order of the key as far as precedence lets it."""
    start, guard = [0] * len(plain.length), plain.guard
    free = [plain.limit | guard] * (sum(plain.length) + 1)
    for job in _ordered(plain, key):
        length, use = plain.length[job], plain.use[job]
        first = max((start[other] + plain.length[other] for other in plain.before[job]), default=0)
        period = first
        while period < first + length:
            if (free[period] - use) & guard != guard:  # a crew went below nothing and took its guard
                first = period + 1
            period += 1
        start[job] = first
        for period in range(first, first + length):
            free[period] -= use
    return np.array(start)
