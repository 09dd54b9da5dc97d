"""What a schedule costs at size: how good the fast plan is, how near the exact one comes to its bound, and when.

`python -m benchmarks.plan --sites 1000 --periods 20`: floor to move into is ample.
`python -m benchmarks.plan --sites 300 --periods 12 --tight`: it is scarce, and precedence is dense; greedy then
is 42–52 % below the bound on seeds 1 to 3, as on the trials of shared/performance.md §8.
`python -m benchmarks.plan --psplib ../shared/psplib`: instances of PSPLIB beside their known optima.
One JSON line a step; values are shares of the bound that the exact search ended with. The instances are made up.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np

from landgis.planning.scheduling.check import violations
from landgis.planning.scheduling.heuristic import by_quarter, heuristic
from landgis.planning.scheduling.model import build
from landgis.planning.scheduling.problem import Money, Plan, Precedence, Problem, Space, worth
from landgis.planning.scheduling.rcpsp import shortest
from landgis.planning.scheduling.solve import Progress, Search, relax, solve

Found = TypeVar("Found")
SPENT = np.array([0.3, 0.2, 0.2, 0.15, 0.1, 0.05])  # of a site's cost in each quarter from its start
INCOME_AFTER = 9  # quarters


def made(sites: int, periods: int, *, modes: int, tight: bool, seed: int) -> Problem:
    """Sites of lognormal floor areas; FAR 1.5–3.5 after; `tight`: 9 % of the floor stands vacant instead of 30 %.

    A site gives back about as much floor as it took (median 0.9 times where tight, else 1), within two to five
    quarters. The budget pays for half of all. Where tight, four sites in five wait for another one, else one in five.
    """
    random = np.random.default_rng(seed)
    occupied_m2 = random.lognormal(9.0, 0.7, sites)
    shape = (sites, modes)
    smaller = np.linspace(1, 0.7, modes)  # each mode builds less than the one before, and faster
    new_m2 = (occupied_m2 / random.uniform(0.4, 1.0, sites))[:, None] * random.uniform(1.5, 3.5, shape) * smaller
    ground = random.uniform(0.3, 0.9, sites)
    split = np.stack([ground, 1 - ground], axis=1)[:, None, :]
    needs_m2 = occupied_m2[:, None, None] * split * np.ones((sites, modes, 1))
    returned = random.lognormal(-0.1 if tight else 0.0, 0.5, shape)
    gain = np.maximum((new_m2 - occupied_m2[:, None]) * random.uniform(0.5, 1.5, shape), 10) / 1000
    gain *= random.lognormal(0, 0.5, shape)
    cost_wan = new_m2 * random.uniform(0.1, 0.3, shape)
    quarters = np.stack([np.ones(shape), random.integers(0, 2, shape), random.integers(1, 4, shape)], axis=2).astype(
        int
    )
    income_wan = np.zeros((*shape, INCOME_AFTER + 1))
    income_wan[:, :, INCOME_AFTER] = cost_wan * random.uniform(0, 0.6, shape)
    vacant_m2 = (0.09 if tight else 0.3) * occupied_m2.sum() / 2
    return Problem(
        sites=tuple(f"S{k}" for k in range(sites)), modes=tuple(f"M{k}" for k in range(modes)),
        value=gain[:, :, None] * 0.98 ** np.arange(periods), allowed=np.ones((*shape, periods), dtype=bool),
        phase_quarters=quarters,
        money=Money(cost_wan[:, :, None] * SPENT, income_wan, np.full(periods, cost_wan[:, 0].sum() / 2 / periods)),
        space=Space(("ground", "upper"), needs_m2, needs_m2 * returned[:, :, None], quarters.sum(axis=2),
                    np.full((2, periods), vacant_m2)),
        precedence=_edges(random, sites, round((0.8 if tight else 0.2) * sites)),
    )  # fmt: skip


def _edges(random: np.random.Generator, sites: int, count: int) -> tuple[Precedence, ...]:
    rank, found = random.permutation(sites), set()
    while len(found) < count:
        one, other = random.integers(0, sites, 2)
        if rank[one] < rank[other]:
            found.add((int(one), int(other)))
    return tuple(Precedence(*edge) for edge in sorted(found))


def timed(action: Callable[[], Found]) -> tuple[Found, float]:
    """What it answers, and seconds on the clock."""
    started = time.perf_counter()
    found = action()
    return found, round(time.perf_counter() - started, 2)


def schedule_once(problem: Problem, search: Search, *, looks: int, **about: object) -> None:
    """All plans of one problem, one JSON line each."""
    lines: list[dict[str, object]] = []

    def note(name: str, plan: Plan | None, seconds: float, **more: object) -> None:
        assert plan is not None and not violations(problem, plan), name
        started = int(plan.started.sum())
        lines.append({"plan": name, "value": worth(problem, plan), "started": started, "seconds": seconds, **more})

    for rule in ("gain", "johnson", "file"):
        plan, seconds = timed(lambda rule=rule: by_quarter(problem, rule))  # type: ignore[misc]
        note({"gain": "greedy"}.get(rule, rule), plan, seconds)
    fast, seconds = timed(lambda: heuristic(problem, seed=search.seed, looks=looks))
    note("rules", fast.plan, seconds, rule=fast.name)
    model, built = timed(lambda: build(problem))
    relaxed, solved = timed(lambda: relax(model))
    guided, seconds = timed(lambda: heuristic(problem, model=model, relaxed=relaxed, seed=search.seed, looks=looks))
    note(
        "relaxation-led",
        guided.plan,
        round(built + solved + seconds, 2),
        build_s=built,
        relax_s=solved,
        rule=guided.name,
    )
    path: list[tuple[float, float]] = []

    def hear(said: Progress) -> None:
        gap = (said.bound - said.objective) / said.bound
        if not path or gap < path[-1][1] - 1e-3:
            path.append((round(said.seconds, 1), round(gap, 4)))

    exact = solve(problem, model, search, first=guided.plan, tell=hear)
    note("exact", exact.plan, round(built + exact.seconds, 2), gap=round(exact.gap, 5), status=exact.status, path=path)
    for line in lines:
        line["below_bound"] = round(1 - float(str(line.pop("value"))) / exact.bound, 4)
        print(json.dumps(about | line), flush=True)


def psplib(folder: Path, search: Search, schedules: int) -> None:
    """Every instance of the folder's optimum.csv, one JSON line each."""
    from tests.planning.scheduling.psplib import read_instance

    for row in csv.DictReader((folder / "optimum.csv").open()):
        jobs = read_instance(folder / row["problem"])
        found, seconds = timed(lambda jobs=jobs: shortest(jobs, search, schedules=schedules))  # type: ignore[misc]
        line = {"problem": row["problem"], "optimum": int(row["optimum"]), "end": found.end, "least": found.least}
        print(json.dumps(line | {"seconds": seconds}), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.plan", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sites", type=int, default=300)
    parser.add_argument("--periods", type=int, default=12)
    parser.add_argument("--modes", type=int, default=1)
    parser.add_argument("--tight", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=90.0)
    parser.add_argument("--gap", type=float, default=0.01)
    parser.add_argument("--looks", type=int, default=30_000)
    parser.add_argument("--psplib", type=Path)
    parser.add_argument("--schedules", type=int, default=2500)
    asked = parser.parse_args()
    search = Search(asked.seconds, asked.gap, asked.seed)
    if asked.psplib:
        psplib(asked.psplib, search, asked.schedules)
        return
    problem = made(asked.sites, asked.periods, modes=asked.modes, tight=asked.tight, seed=asked.seed)
    about = {"sites": asked.sites, "periods": asked.periods, "modes": asked.modes, "tight": asked.tight}
    schedule_once(problem, search, looks=asked.looks, **about)


if __name__ == "__main__":
    main()
