"""When a job can start at all if everything is to be finished by an end, from jobs that cannot be at work together.

Of two such jobs one comes first; a set of them (a clique) behaves like one machine. Immediate selection and edge
finding (Carlier and Pinson 1989) turn "not together" into "this one first", move starts, or show that the end cannot
be kept.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Net:
    """Jobs with a length; `before` is closed: it holds what follows from it too. Arrays of n or [n, n]."""

    duration: np.ndarray  # int64
    before: np.ndarray  # bool: this one must be finished before that one starts
    apart: np.ndarray  # bool, symmetric: never at work together
    cliques: tuple[np.ndarray, ...]  # positions of jobs that are all apart from each other


@dataclass(frozen=True)
class Windows:
    """Earliest starts, the time needed after each job's end, int64[n], and what must come before what."""

    head: np.ndarray
    tail: np.ndarray
    before: np.ndarray


def net(duration: np.ndarray, before: np.ndarray, apart: np.ndarray) -> Net:
    """The jobs with their cliques; a job and what must come before it are apart, too."""
    before = closure(before)
    apart = apart | apart.T | before | before.T
    np.fill_diagonal(apart, False)
    return Net(duration, before, apart, tuple(_cliques(duration, apart)))


def closure(before: np.ndarray) -> np.ndarray:
    """Everything that follows from "before", bool[n, n].

    >>> closure(np.array([[0, 1, 0], [0, 0, 1], [0, 0, 0]], dtype=bool))[0].tolist()
    [False, True, True]
    """
    closed = before.copy()
    for middle in range(len(before)):
        closed |= closed[:, middle, None] & closed[middle]
    return closed


def least_end(jobs: Net) -> int:
    """No end before this one can be kept."""
    end = int(windows_free(jobs).head.max(initial=0))
    while tightened(jobs, end) is None:
        end += 1
    return end


def windows_free(jobs: Net) -> Windows:
    """Heads and tails by precedence alone."""
    zero = np.zeros(len(jobs.duration), dtype=np.int64)
    return _pushed(jobs.duration, Windows(zero, zero, jobs.before))


def tightened(jobs: Net, end: int) -> Windows | None:
    """The windows that are left if all is to be finished by `end`; None where that cannot be."""
    now = windows_free(jobs)
    while True:
        old = now
        for step in (_selected, _machines_ahead, _machines_back):
            moved = step(jobs, now, end)
            if moved is None:
                return None
            now = _pushed(jobs.duration, moved)
        if all((a == b).all() for a, b in ((old.head, now.head), (old.tail, now.tail), (old.before, now.before))):
            return now


def _cliques(duration: np.ndarray, apart: np.ndarray) -> list[np.ndarray]:
    """One for each pair that is in none before it, each as large as it goes; jobs without a length are in none."""
    apart = apart & (duration > 0)[:, None] & (duration > 0)
    by_work = np.argsort(-duration * apart.sum(axis=1), kind="stable").tolist()
    covered = np.zeros_like(apart)
    found = []
    for pair in np.argwhere(np.triu(apart)):
        if covered[pair[0], pair[1]]:
            continue
        members = pair.tolist()
        for job in by_work:
            if apart[job, members].all():
                members.append(job)
        covered[np.ix_(members, members)] = True
        found.append(np.sort(members))
    return found


def _pushed(duration: np.ndarray, now: Windows) -> Windows:
    """Heads and tails that follow from what must come before what (closed, so that one look does)."""
    head, tail = now.head, now.tail
    for _ in range(len(duration)):
        ready = np.where(now.before, (head + duration)[:, None], 0).max(axis=0, initial=0)
        left = np.where(now.before, (tail + duration)[None, :], 0).max(axis=1, initial=0)
        if (ready <= head).all() and (left <= tail).all():
            break
        head, tail = np.maximum(head, ready), np.maximum(tail, left)
    return Windows(head, tail, now.before)


def _selected(jobs: Net, now: Windows, end: int) -> Windows | None:
    """Immediate selection: of two jobs apart, the order for which there is no time is out."""
    both = jobs.duration[:, None] + jobs.duration
    can_be = now.head[:, None] + both + now.tail <= end
    if (now.head + jobs.duration + now.tail > end).any() or (jobs.apart & ~can_be & ~can_be.T).any():
        return None
    return Windows(now.head, now.tail, closure(now.before | (jobs.apart & ~can_be.T)))


def _machines_ahead(jobs: Net, now: Windows, end: int) -> Windows | None:
    head = now.head
    for clique in jobs.cliques:
        moved = _edges_found(jobs.duration[clique], head[clique], now.tail[clique], end)
        if moved is None:
            return None
        head = head.copy()
        head[clique] = moved
    return Windows(head, now.tail, now.before)


def _machines_back(jobs: Net, now: Windows, end: int) -> Windows | None:
    """The same, seen from the end."""
    turned = _machines_ahead(jobs, Windows(now.tail, now.head, now.before.T), end)
    return None if turned is None else Windows(turned.tail, turned.head, now.before)


def _edges_found(duration: np.ndarray, head: np.ndarray, tail: np.ndarray, end: int) -> np.ndarray | None:
    """Edge finding on one machine: heads of jobs that must come after all of some set; None where a set has no time.

    For a set whose jobs all leave at least `cut` after them: a job that, put before the last of the set, would make
    it late, is after all of it.
    """
    head = head.copy()
    for cut in np.unique(tail):
        late = np.flatnonzero(tail >= cut)
        late = late[np.argsort(head[late], kind="stable")]
        for first in range(len(late)):
            group = late[first:]
            work, least = duration[group].sum() + cut, head[group].min()
            if least + work > end:
                return None
            rest = np.ones(len(head), dtype=bool)
            rest[group] = False
            last = rest & (np.minimum(least, head) + work + duration > end)
            if last.any():
                head[last] = np.maximum(head[last], _end_of(duration, head, group))
    return head


def _end_of(duration: np.ndarray, head: np.ndarray, group: np.ndarray) -> int:
    """When a machine has done a set at the earliest."""
    end = 0
    for job in group[np.argsort(head[group], kind="stable")]:
        end = max(end, int(head[job])) + int(duration[job])
    return end
