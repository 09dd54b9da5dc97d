"""Plain RCPSP: the optima of PSPLIB are those of Kolisch and Sprecher (1997), read from shared/psplib."""

import csv
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landgis.planning.scheduling.check import violations
from landgis.planning.scheduling.model import build
from landgis.planning.scheduling.rcpsp import net_of, problem_of, shortest
from landgis.planning.scheduling.rcpsp_schedules import Jobs, sampled
from landgis.planning.scheduling.rcpsp_windows import closure, least_end, net, tightened
from landgis.planning.scheduling.solve import Search, solve
from tests.conftest import shared
from tests.planning.scheduling.psplib import read_instance

QUICK = [
    f"j30{k}_1.sm" for k in (1, 3, 5, 7, 11, 15, 17, 19, 21, 23, 27, 31, 33, 35, 39, 43, 47)
]  # seconds, all of them


def all_names() -> list[str]:
    return [f"j30{k}_1.sm" for k in range(1, 48, 2)]


def optimum_of(name: str) -> int:
    with (shared("psplib") / "optimum.csv").open() as table:
        return {row["problem"]: int(row["optimum"]) for row in csv.DictReader(table)}[name]


def kept(jobs: Jobs, start: np.ndarray, end: int) -> bool:
    """Precedence and crews, period by period."""
    for before, after in jobs.edges:
        if start[before] + jobs.duration[before] > start[after]:
            return False
    for t in range(end):
        busy = [job for job in range(len(start)) if start[job] <= t < start[job] + jobs.duration[job]]
        if (jobs.use[busy].sum(axis=0) > jobs.limit).any():
            return False
    return bool((start >= 0).all() and (start + jobs.duration).max() == end)


@pytest.mark.parametrize("name", QUICK)
def test_the_model_finds_the_optimum(name):
    """By the model alone: nothing but the horizon, one more than the optimum, is known to it."""
    jobs = read_instance(shared("psplib") / name)
    problem = problem_of(jobs, optimum_of(name) + 1)
    found = solve(problem, build(problem), Search(60.0, 0.0))
    start = found.plan.start[:-1]
    assert not violations(problem, found.plan)
    assert kept(jobs, start, optimum_of(name)) and found.status == "optimal"


HARD = "j3029_1.sm"  # the schedules stay at 86; the model finds 85 in about two minutes of the processor


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if name == HARD else ()) for name in all_names()]
)
def test_all_instances_reach_their_optima(name):
    jobs = read_instance(shared("psplib") / name)
    found = shortest(jobs, Search(1200.0, 0.0), enough=optimum_of(name))
    assert found.least <= optimum_of(name) == found.end and kept(jobs, found.start, found.end)


@pytest.mark.parametrize("name", all_names())
def test_no_bound_is_above_an_optimum(name):
    """What pairs and sets of jobs say, and at the optimum itself they say that there is time."""
    jobs = read_instance(shared("psplib") / name)
    work = net_of(jobs)
    assert least_end(work) <= optimum_of(name)
    left = tightened(work, optimum_of(name))
    assert (left.head + jobs.duration + left.tail <= optimum_of(name)).all()


def few_jobs(seed: int) -> Jobs:
    """Six jobs, two crews, a quarter of all pairs tied."""
    random = np.random.default_rng(seed)
    edges = tuple((one, other) for one, other in itertools.combinations(range(6), 2) if random.random() < 0.25)
    return Jobs(random.integers(1, 6, 6), random.integers(0, 4, (6, 2)), random.integers(3, 6, 2), edges)


def best_end(jobs: Jobs) -> int:
    """Every order that keeps "before", each job as early as it goes: one of these schedules has the earliest end."""
    best = int(jobs.duration.sum())
    for order in itertools.permutations(range(len(jobs.duration))):
        place = {job: at for at, job in enumerate(order)}
        if any(place[one] > place[other] for one, other in jobs.edges):
            continue
        used, ends = np.zeros((best + 6, 2), dtype=int), {}
        for job in order:
            start = max((ends[one] for one, other in jobs.edges if other == job), default=0)
            while (used[start : start + jobs.duration[job]] + jobs.use[job] > jobs.limit).any():
                start += 1
            ends[job] = start + int(jobs.duration[job])
            if ends[job] >= best:
                break
            used[start : ends[job]] += jobs.use[job]
        best = min(best, max(ends.values()))
    return best


@pytest.mark.parametrize("seed", range(25))
def test_few_jobs_by_every_order(seed):
    """A single schedule before the model, so that it is mostly the model that answers."""
    jobs = few_jobs(seed)
    found = shortest(jobs, Search(20.0, 0.0), schedules=1, islands=1)
    assert found.end == found.least == best_end(jobs) and kept(jobs, found.start, found.end)


def test_two_jobs_that_share_a_crew():
    """3 and 2 periods of one crew of one, and a job of 4 that needs none before the second: 4 + 2."""
    jobs = Jobs(np.array([3, 2, 4]), np.array([[1], [1], [0]]), np.array([1]), ((2, 1),))
    found = shortest(jobs, Search(10.0, 0.0), schedules=5)
    assert (found.end, found.least, found.start.tolist()) == (6, 6, [0, 4, 0])
    assert kept(jobs, sampled(jobs, seed=3, schedules=1).start, 6)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_windows_leave_out_no_schedule(data):
    """On one machine of up to five jobs: every order that ends in time is within the windows, and keeps "before"."""
    n = data.draw(st.integers(2, 5))
    duration = np.array(data.draw(st.lists(st.integers(1, 4), min_size=n, max_size=n)))
    release = np.array(data.draw(st.lists(st.integers(0, 6), min_size=n, max_size=n)))  # a job of its own before each
    end = data.draw(st.integers(4, 20))
    before = np.zeros((2 * n, 2 * n), dtype=bool)
    before[n + np.arange(n), np.arange(n)] = True
    apart = np.zeros((2 * n, 2 * n), dtype=bool)
    apart[:n, :n] = ~np.eye(n, dtype=bool)
    found = tightened(net(np.concatenate([duration, release]), before, apart), end)
    ends = []
    for order in itertools.permutations(range(n)):
        now, start = 0, np.zeros(n, dtype=int)
        for job in order:
            start[job] = max(now, release[job])
            now = start[job] + duration[job]
        ends.append(now)
        if now <= end:
            assert (found.head[:n] <= start).all() and (start + duration + found.tail[:n] <= end).all()
            assert not any(found.before[order[k + 1], order[k]] for k in range(n - 1))
    assert found is not None or min(ends) > end


def test_before_is_closed():
    chain = np.eye(4, k=1, dtype=bool)
    assert closure(chain).sum() == 6
