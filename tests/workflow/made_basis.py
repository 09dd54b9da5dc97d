"""A basis by hand, from a tiny problem: what `plan_land.basis_of` makes from a project."""

import datetime
from dataclasses import replace
from types import SimpleNamespace

import numpy as np

from landgis.phases.lifecycle import lifecycle
from landgis.planning.scheduling.montecarlo import Spread
from landgis.planning.scheduling.problem import Money, Problem, Space
from landgis.planning.scheduling.value import Effects, Weights, start_values
from landgis.roles import Actor
from landgis.rules import load_rules
from landgis.rules.prices import load_prices
from landgis.rules.scheduling import load_schedule
from landgis.workflow.scheduling.basis import Basis, SiteFacts
from landgis.workflow.scheduling.document import LeftOut
from landgis.workflow.scheduling.quarters import names_from
from landgis.workflow.scheduling.scenario import Scenario

FIRST = datetime.date(2027, 1, 1)
SPREAD = Spread("triangular", 0.5, 1.0, 2.0)
WEIGHTS = Weights(1.0, 2.0, 3.0, 0.5, 4.0, 0.0)
OFFICE = SimpleNamespace(actor=Actor("li", "approver"), life=lifecycle(load_rules("yongkang-draft")))


def basis_from(
    problem: Problem, scenario: Scenario | None = None, *, effects: Effects | None = None, **changes
) -> Basis:
    """Sites of 10, 20, 30 … mu with two parcels each, of 100 m² of old and 1 000 m² of new floor for each of these."""
    n, modes, periods = problem.shape
    nothing = np.zeros((n, modes))
    many = np.arange(1, n + 1)
    sites = tuple(
        SiteFacts(name, f"block {name}", name.upper(), (f"{name}1", f"{name}2"), 10.0 * (at + 1), 100.0 * (at + 1), at, 0,
                  bool(problem.frozen.started[at]))
        for at, name in enumerate(problem.sites)
    )  # fmt: skip
    return Basis(**{
        "scenario": scenario or Scenario("tiny", seconds=20.0, gap=0.0, draws=50), "terms": replace(load_schedule("yongkang-draft"), looks=300),
        "prices": load_prices("yongkang-draft"), "first": FIRST, "quarters": names_from(FIRST, periods),
        "sites": sites, "problem": problem,
        "effects": effects or Effects(nothing, nothing, nothing, np.repeat(many[:, None], modes, axis=1).astype(float),
                                      np.zeros(n)),
        "weights": WEIGHTS, "spread": SPREAD, "new_floor_m2": np.repeat(1000.0 * many[:, None], modes, axis=1),
        "left_out": (LeftOut("z1", "renovated", "is renovated already"),),
        "assumptions": ({"name": "floor.vacant_share", "value": 0.06, "source": "assumption"},), "begun_steps": {},
        "ledger_line": 7,
    } | changes)  # fmt: skip


def two_sites(*, vacant_m2=6.0, budget=(30.0, 10.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)) -> tuple[Problem, Effects]:
    """a and b, one mode: a quarter each of vacating and demolishing, two of rebuilding; floor is back at once.

    Each costs 20, 10 and 5 万元 in its first three quarters and brings 40 when it is done; a needs 4 m² and gives 10,
    b needs 8 and gives 2, so that a must fall before b. a is worth 32 − 0.5 · 3 · 1 · 4 = 26 points, b 26 − 0.5 · 3 · 3 · 4
    = 8, and a quarter of a point less for each quarter for which they wait.
    """
    periods, shape = len(budget), (2, 1)
    effects = Effects(
        np.array([[32.0], [26.0]]), np.zeros(shape), np.zeros(shape), np.array([[1.0], [3.0]]), np.zeros(2)
    )
    phases = np.tile([1, 1, 2], (*shape, 1))
    value = start_values(effects, WEIGHTS, phase_quarters=phases, periods=periods) - 0.25 * np.arange(periods)
    problem = Problem(
        ("a", "b"), ("GOV_ACQ",), value, np.ones((*shape, periods), dtype=bool), phases,
        money=Money(np.tile([20.0, 10.0, 5.0], (*shape, 1)), np.tile([0.0, 0, 0, 0, 40.0], (*shape, 1)), np.array(budget)),
        space=Space(("any",), np.array([[[4.0]], [[8.0]]]), np.array([[[10.0]], [[2.0]]]), np.full(shape, 4),
                    np.full((1, periods), vacant_m2)),
    )  # fmt: skip
    return problem, effects
