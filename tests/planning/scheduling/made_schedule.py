"""Tiny schedules in which every family of limits binds now and then, and their best plan by trying everything."""

import functools
import itertools

import numpy as np

from landgis.planning.scheduling.check import violations
from landgis.planning.scheduling.problem import (
    Crews,
    Group,
    Industry,
    Lane,
    Money,
    Plan,
    Precedence,
    Problem,
    Space,
)

FAMILIES = ("money", "space", "crews", "industry", "precedence", "lanes", "groups", "required", "begun", "allowed")


def tiny(seed: int, *, sites: int = 4, modes: int = 2, periods: int = 5, families=None) -> Problem:
    """A random problem; each family is there with six chances in ten, unless they are named."""
    random = np.random.default_rng(seed)
    chosen = {name for name in FAMILIES if random.random() < 0.6} if families is None else set(families)
    shape = (sites, modes)
    phases = random.integers(0, 2, (*shape, 3)) + np.array([0, 0, 1])
    value = random.uniform(2, 10, (*shape, 1)) - random.uniform(-0.2, 1.0, (*shape, 1)) * np.arange(periods)
    more = {
        "money": Money(
            random.uniform(0, 4, (*shape, 3)), random.uniform(0, 3, (*shape, 4)), random.uniform(0, 4, periods)
        ),
        "space": Space(
            ("ground", "upper"), random.uniform(0, 5, (*shape, 2)), random.uniform(0, 7, (*shape, 2)),
            phases.sum(axis=2) + random.integers(0, 2, shape), np.cumsum(random.uniform(0, 2, (2, periods)), axis=1) + 3,
        ),
        "crews": Crews(("movers", "builders"), random.integers(0, 3, (*shape, 3, 2)).astype(float),
                       random.integers(2, 5, (2, periods)).astype(float)),
        "industry": Industry(random.uniform(0, 3, shape), random.uniform(0, 3, shape), 10.0, np.full(periods, 6.0)),
        "precedence": (Precedence(0, 1, int(random.integers(0, 2))), Precedence(2, 1)),
        "lanes": (Lane("east", (0, 2, 3), 1),),
        "groups": (Group("works", (1, 3)),),
        "required": random.random(sites) < 0.5,
        "begun": Plan(np.array([-1] * (sites - 1) + [0]), np.array([0] * (sites - 1) + [int(random.integers(-2, 2))])),
        "allowed": random.random((*shape, periods)) < 0.7,
    }  # fmt: skip
    parts = {"allowed": np.ones((*shape, periods), dtype=bool)} | {
        name: more[name] for name in FAMILIES if name in chosen
    }
    return Problem(tuple("abcdefgh"[:sites]), ("fast", "slow")[:modes], value, phase_quarters=phases, **parts)


@functools.cache
def tried(seed: int, *families: str) -> tuple[Plan | None, float]:
    """The best plan of a tiny problem."""
    return best_by_trying(tiny(seed, families=families or None))


def best_by_trying(problem: Problem) -> tuple[Plan | None, float]:
    """Every combination of starts, most valuable first; the first one that breaks no limit."""
    choices = []
    for site in range(len(problem.sites)):
        starts = [(int(mode), int(start)) for mode, start in zip(*np.nonzero(problem.allowed[site]), strict=True)]
        choices.append(starts if problem.required[site] else [(-1, 0), *starts])
        if problem.frozen.mode[site] != -1:
            choices[-1] = [(int(problem.frozen.mode[site]), int(problem.frozen.start[site]))]
    worths = [
        [0.0 if problem.frozen.mode[site] != -1 or mode == -1 else float(problem.value[site, mode, start]) for mode, start in options]
        for site, options in enumerate(choices)
    ]  # fmt: skip
    total = sum(np.ix_(*worths)).ravel()
    combinations = list(itertools.product(*choices))
    for number in np.argsort(-total, kind="stable"):
        picked = combinations[number]
        plan = Plan(np.array([mode for mode, _ in picked]), np.array([start for _, start in picked]))
        if not violations(problem, plan):
            return plan, float(total[number])
    return None, float("nan")
