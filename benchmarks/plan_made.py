"""Made schedules for measuring: sites of lognormal size, a budget, two kinds of floor, precedence."""

from __future__ import annotations

import numpy as np

from landgis.planning.scheduling.problem import Money, Precedence, Problem, Space

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
    parts = [np.ones(shape), random.integers(0, 2, shape), random.integers(1, 4, shape)]
    quarters = np.stack(parts, axis=2).astype(int)
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
