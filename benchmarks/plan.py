"""What a plan costs at size: how good the fast one is, how near the exact one comes to its bound, and when.

`python -m benchmarks plan --sites 1000 --periods 20`: floor to move into is ample.
`python -m benchmarks plan --sites 300 --periods 12 --tight`: it is scarce, and precedence is dense; greedy then
is 42–52 % below the bound on seeds 1 to 3, as on the trials of shared/performance.md §8.
`python -m benchmarks plan --psplib ../shared/psplib`: instances of PSPLIB beside their known optima.
`python -m benchmarks plan --parcels 200`: connected sites of so many parcels, 16 wishes.
`python -m benchmarks plan --assess 100000`: feasibility of so many parcels.
One JSON line a step; `below_bound` is a share of the bound that the exact search ended with. The instances are made up.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np

from benchmarks.plan_made import made
from landgis.planning.scheduling.check import violations
from landgis.planning.scheduling.heuristic import LOOKS, by_quarter, heuristic
from landgis.planning.scheduling.model import build
from landgis.planning.scheduling.problem import Plan, Problem, worth
from landgis.planning.scheduling.rcpsp import shortest
from landgis.planning.scheduling.solve import Progress, Search, relax, solve

Found = TypeVar("Found")


@dataclass(frozen=True)
class Timed(Generic[Found]):
    """What an action answers, and what it took."""

    found: Found
    seconds: float  # on the clock
    processor_s: float

    @property
    def took(self) -> dict[str, float]:
        return {"seconds": round(self.seconds, 2), "processor_s": round(self.processor_s, 2)}


def timed(action: Callable[[], Found]) -> Timed[Found]:
    """Do it."""
    started, processor = time.perf_counter(), time.process_time()
    found = action()
    return Timed(found, time.perf_counter() - started, time.process_time() - processor)


def schedule_once(problem: Problem, search: Search, *, looks: int, **about: object) -> None:
    """All plans of one problem, one JSON line each; seconds of the last two hold all that was done for them."""
    lines: list[dict[str, object]] = []

    def note(name: str, plan: Plan | None, *steps: Timed[Any], **more: object) -> None:
        assert plan is not None and not violations(problem, plan), name
        whole = Timed(None, sum(step.seconds for step in steps), sum(step.processor_s for step in steps))
        started = int(plan.started.sum())
        lines.append({"plan": name, "value": worth(problem, plan), "started": started, **whole.took, **more})

    for rule in ("gain", "johnson", "file"):
        office = timed(lambda rule=rule: by_quarter(problem, rule))
        note({"gain": "greedy"}.get(rule, rule), office.found, office)
    fast = timed(lambda: heuristic(problem, seed=search.seed, looks=looks))
    note("rules", fast.found.plan, fast, rule=fast.found.name)
    built = timed(lambda: build(problem))
    model = built.found
    bound = timed(lambda: relax(model))
    relaxed = bound.found
    guided = timed(lambda: heuristic(problem, model=model, relaxed=relaxed, seed=search.seed, looks=looks))
    first = guided.found
    note("relaxation-led", first.plan, built, bound, guided, relax_s=round(bound.seconds, 2), rule=first.name)
    path: list[tuple[float, float]] = []

    def hear(said: Progress) -> None:
        gap = (said.bound - said.objective) / said.bound
        if not path or gap < path[-1][1] - 1e-3:
            path.append((round(said.seconds, 1), round(gap, 4)))

    exact = timed(lambda: solve(problem, model, search, first=first.plan, relaxed=relaxed, tell=hear))
    best = exact.found
    note("exact", best.plan, built, bound, guided, exact, gap=round(best.gap, 5), status=best.status, path=path)
    for line in lines:
        line["below_bound"] = round(1 - float(str(line.pop("value"))) / best.bound, 4)
        print(json.dumps(about | line), flush=True)


def psplib(folder: Path, search: Search, schedules: int) -> None:
    """Every instance of the folder's optimum.csv, one JSON line each."""
    from tests.planning.scheduling.psplib import read_instance

    for row in csv.DictReader((folder / "optimum.csv").open()):
        jobs = read_instance(folder / row["problem"])
        end = timed(lambda jobs=jobs: shortest(jobs, search, schedules=schedules))
        line = {"problem": row["problem"], "optimum": int(row["optimum"]), "end": end.found.end}
        print(json.dumps(line | {"least": end.found.least, **end.took}), flush=True)


def sites_once(parcels: int, seed: int, *, seconds: float, gap: float) -> None:
    """The best connected site for sixteen wishes on one made map, one JSON line each."""
    from landgis.planning.siting.assembly import Search as SiteSearch
    from landgis.planning.siting.assembly import best_site
    from landgis.planning.siting.candidates import Wish
    from tests.planning.siting.made_sites import cells, land_of

    land = land_of(cells(parcels, seed), seed)
    price = land.cost_wan.sum() / land.area_mu.sum()
    for share in (0.05, 0.1, 0.3, 0.6):
        least = share * float(land.area_mu.sum())
        wishes = {
            "free": Wish(least, 1.1 * least), "budget": Wish(least, 1.1 * least, 0.9 * price * least),
            "consent": Wish(least, 1.1 * least, consent_share=0.75),
            "compact": Wish(least, 1.1 * least, compactness=0.25),
        }  # fmt: skip
        for name, wish in wishes.items():
            end = time.monotonic() + seconds
            search = SiteSearch(gap, seed, go_on=lambda end=end: time.monotonic() < end)
            site = timed(lambda wish=wish, search=search: best_site(land, wish, search))
            line = {"parcels": parcels, "seed": seed, "land": share, "wish": name, "status": site.found.status}
            more = {"gap": round(site.found.gap, 5), "nodes": site.found.nodes}
            print(json.dumps(line | more | site.took), flush=True)


def assess_once(parcels: int, seed: int) -> None:
    """Feasibility of made parcels, a mode drawn for each."""
    from landgis.planning.feasibility import assess, returns
    from landgis.rules.prices import load_prices
    from tests.planning.made_land import land

    random, prices = np.random.default_rng(seed), load_prices("yongkang-draft")
    area, floor = random.uniform(500, 30_000, parcels), random.uniform(0, 30_000, parcels)
    where = land(area, floor, limit=random.uniform(1, 5, parcels), tax=random.uniform(0, 30, parcels))
    modes = random.choice(np.array(tuple(prices.modes), dtype=object), parcels)
    found = timed(lambda: returns(assess(where, modes, prices).amounts, prices))
    print(json.dumps({"assessed": len(found.found["npv_wan"]), "of": parcels, **found.took}), flush=True)


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks plan", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sites", type=int, default=300)
    parser.add_argument("--periods", type=int, default=12)
    parser.add_argument("--modes", type=int, default=1)
    parser.add_argument("--tight", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=90.0, help="of the exact search, of each site or instance")
    parser.add_argument("--gap", type=float, default=0.01)
    parser.add_argument("--looks", type=int, default=LOOKS)
    parser.add_argument("--psplib", type=Path, metavar="FOLDER")
    parser.add_argument("--schedules", type=int, default=2500)
    parser.add_argument("--parcels", type=int, help="connected sites among so many")
    parser.add_argument("--assess", type=int, metavar="PARCELS")
    asked = parser.parse_args(words)
    search = Search(asked.seconds, asked.gap, asked.seed)
    if asked.psplib:
        psplib(asked.psplib, search, asked.schedules)
    elif asked.parcels:
        sites_once(asked.parcels, asked.seed, seconds=asked.seconds, gap=asked.gap)
    elif asked.assess:
        assess_once(asked.assess, asked.seed)
    else:
        problem = made(asked.sites, asked.periods, modes=asked.modes, tight=asked.tight, seed=asked.seed)
        about = {name: getattr(asked, name) for name in ("sites", "periods", "modes", "tight", "seed")}
        schedule_once(problem, search, looks=asked.looks, **about)


if __name__ == "__main__":
    main()
