import numpy as np
import pytest

from landgis.planning.scheduling.beyond import carried_on
from landgis.planning.scheduling.check import violations
from landgis.planning.scheduling.model import build
from landgis.planning.scheduling.problem import Crews, Money, Problem, worth
from landgis.planning.scheduling.solve import Search, solve
from tests.planning.scheduling.made_schedule import best_by_trying, tiny

EXACT = Search(seconds=20.0, gap=0.0, threads=1)


def four_sites(**more) -> Problem:
    """A quarter of vacating, then one of demolishing; three quarters."""
    return Problem(
        tuple("abcd"), ("self",), np.full((4, 1, 3), 2.0) - np.arange(3) / 10, np.ones((4, 1, 3), dtype=bool),
        np.tile([1, 1, 0], (4, 1, 1)), **more,
    )  # fmt: skip


def started(problem: Problem) -> list[int]:
    plan = solve(problem, build(problem), EXACT).plan
    return sorted(plan.start[plan.started].tolist())


def test_a_crew_behind_the_last_quarter_counts():
    """One crew demolishes in quarters 1, 2 and 3; of two sites that start in quarter 2, one finds it at work."""
    use = np.zeros((4, 1, 3, 1))
    use[:, :, 1] = 1
    problem = four_sites(crews=Crews(("demolition",), use, np.ones((1, 3))))
    assert started(problem) == [0, 1, 2, 2] and started(carried_on(problem)) == [0, 1, 2]
    assert carried_on(problem).shape == (4, 1, 4)


def test_what_is_begun_is_paid():
    """4 a site, in its second quarter and its third; 2 of new money a quarter, one of them more than the work takes."""
    cost = np.tile([0.0, 2.0, 2.0], (4, 1, 1))
    problem = four_sites(money=Money(cost, np.zeros((4, 1, 1)), np.full(3, 2.0)))
    longer = carried_on(problem)
    assert longer.shape[2] == 5 and longer.money.budget_wan.tolist() == [2.0] * 5
    assert started(problem) == [1, 2, 2, 2] or len(started(problem)) == 4
    assert len(started(longer)) == 2  # 10 in all


@pytest.mark.parametrize("seed", range(16))
def test_a_plan_of_it_is_a_plan_of_the_problem(seed):
    problem = tiny(seed, modes=1)
    longer = carried_on(problem)
    plan, value = best_by_trying(longer)
    found = solve(longer, build(longer), EXACT)
    assert (plan is None) == (found.plan is None)
    if plan is not None:
        assert found.objective == pytest.approx(value) and not violations(problem, found.plan)
        assert worth(problem, found.plan) == pytest.approx(worth(longer, found.plan))
        assert value <= best_by_trying(problem)[1] + 1e-9
        ends = (found.plan.start + longer.quarters[np.arange(4), found.plan.mode])[found.plan.started]
        assert (ends[~longer.frozen.started[found.plan.started]] <= longer.shape[2]).all()
    assert carried_on(longer).shape == longer.shape


def test_the_made_problems_are_cut_somewhere():
    """Else the test above says little."""
    pairs = [
        (best_by_trying(one)[1], best_by_trying(carried_on(one))[1]) for one in (tiny(k, modes=1) for k in range(16))
    ]
    assert any(np.nan_to_num(more) > np.nan_to_num(less) + 1e-6 for more, less in pairs)


def test_nothing_to_carry_on():
    empty = Problem((), ("self",), np.empty((0, 1, 4)), np.empty((0, 1, 4), dtype=bool), np.empty((0, 1, 3), dtype=int))
    assert carried_on(empty) is empty
    barred = Problem(
        ("a",), ("self",), np.ones((1, 1, 4)), np.zeros((1, 1, 4), dtype=bool), np.ones((1, 1, 3), dtype=int)
    )
    assert carried_on(barred) is barred
