from dataclasses import replace

import numpy as np
import pytest

from landgis.errors import InputRefused
from landgis.planning.scheduling.model import build
from landgis.planning.scheduling.montecarlo import Spread, outlook
from landgis.planning.scheduling.problem import Plan, Precedence, Problem, Space
from landgis.planning.scheduling.solve import Search, solve
from tests.planning.scheduling.made_schedule import tiny

SURE = Spread("triangular", 1.0, 1.0, 1.0)


def pair(vacant: float = 5.0) -> Problem:
    """a frees 5 m² after four quarters, and then b needs them."""
    floor = np.full((2, 1, 1), 5.0)
    return Problem(
        ("a", "b"), ("self",), np.ones((2, 1, 8)), np.ones((2, 1, 8), dtype=bool), np.tile([0, 0, 4], (2, 1, 1)),
        space=Space(("any",), floor, floor, np.full((2, 1), 4), np.full((1, 8), vacant)),
    )  # fmt: skip


CHAIN = Plan(np.array([0, 0]), np.array([0, 4]))


def test_sure_durations_give_the_plan_itself():
    found = outlook(pair(), CHAIN, SURE, draws=10, seed=1)
    assert found.finish_p50.tolist() == found.finish_p80.tolist() == [4.0, 8.0]
    assert (found.plan_p50, found.plan_p80, found.runs_out_any) == (8.0, 8.0, 0.0)
    assert outlook(pair(4.0), CHAIN, SURE, draws=10, seed=1).runs_out_by_period.tolist() == [1.0] * 8
    assert outlook(pair(4.0), CHAIN, SURE, draws=10, seed=1).missing_p80_m2.tolist() == [1.0]


@pytest.mark.parametrize("seed", [0, 2, 4, 5, 6, 7, 8, 9])  # of 1 and 3 there is no plan
def test_a_plan_that_keeps_its_limits_is_sure_to_have_floor_if_durations_are(seed):
    problem = tiny(seed, families={"space", "precedence", "begun", "allowed"})
    plan = solve(problem, build(problem), Search(20.0, 0.0)).plan
    assert outlook(problem, plan, SURE, draws=2, seed=0).runs_out_any == 0.0


def test_the_quantiles_are_those_of_the_distribution():
    """Triangular(0.5, 1, 2): P(X ≤ 1) = 1/3; the median is 2 − √0.75, the 80 % point 2 − √0.3."""
    found = outlook(pair(), CHAIN, Spread("triangular", 0.5, 1.0, 2.0), draws=40_000, seed=1)
    assert found.finish_p50[0] == pytest.approx(4 * (2 - np.sqrt(0.75)), rel=0.01)
    assert found.finish_p80[0] == pytest.approx(4 * (2 - np.sqrt(0.3)), rel=0.01)
    assert found.finish_p50[1] == pytest.approx(4 + found.finish_p50[0], rel=0.01)
    assert found.runs_out_any == pytest.approx(2 / 3, abs=0.01)  # a late by anything leaves b without floor
    assert found.runs_out_by_period[:4].tolist() == [0.0] * 4


def test_lognormal_has_its_median_and_its_nine_in_ten():
    found = outlook(pair(), CHAIN, Spread("lognormal", 0.5, 1.0, 2.0), draws=40_000, seed=1)
    assert found.finish_p50[0] == pytest.approx(4.0, rel=0.01)
    sigma = np.log(2.0) / 1.6448536
    assert found.finish_p80[0] == pytest.approx(4 * np.exp(0.8416212 * sigma), rel=0.015)


def test_lateness_is_passed_on_to_what_waits():
    problem = replace(pair(), space=None, precedence=(Precedence(0, 1),))
    found = outlook(problem, CHAIN, Spread("triangular", 1.0, 1.0, 2.0), draws=20_000, seed=1)
    mean_each = 4 * 4 / 3  # of triangular(1, 1, 2)
    assert found.plan_p50 == pytest.approx(2 * mean_each, rel=0.02)
    assert found.runs_out.shape == (0,)


def test_what_is_done_is_no_longer_uncertain():
    problem = replace(pair(), begun=Plan(np.array([0, -1]), np.array([-3, 0])))
    plan = Plan(np.array([0, -1]), np.array([-3, 0]))
    found = outlook(problem, plan, Spread("triangular", 2.0, 2.0, 2.0), draws=5, seed=0)
    assert found.finish_p50[0] == 2.0 and np.isnan(found.finish_p50[1])  # one quarter left, twice as long


def test_same_seed_same_outlook_and_no_nonsense():
    spread = Spread("lognormal", 0.8, 1.1, 2.0)
    one, other = (outlook(pair(), CHAIN, spread, draws=500, seed=7) for _ in range(2))
    assert one.plan_p80 == other.plan_p80 and one.runs_out_any == other.runs_out_any
    with pytest.raises(InputRefused, match="must be above 0 and rise"):
        Spread("triangular", 2.0, 1.0, 3.0)
