import numpy as np
import pytest

from landgis.errors import InputRefused
from landgis.planning.scheduling.beyond import carried_on
from landgis.planning.scheduling.check import violations
from landgis.planning.scheduling.heuristic import heuristic
from landgis.planning.scheduling.model import as_text, build
from landgis.planning.scheduling.problem import Money, Plan, Precedence, Problem, Space, worth
from landgis.planning.scheduling.solve import Search, relax, solve
from landgis.planning.scheduling.use import left_over
from tests.planning.scheduling.made_schedule import tiny, tried

EXACT = Search(seconds=20.0, gap=0.0, threads=1)


@pytest.mark.parametrize("seed", range(60))
def test_the_best_plan_is_that_of_trying_everything(seed):
    problem = tiny(seed)
    plan, value = tried(seed)
    found = solve(problem, build(problem), EXACT)
    if plan is None:
        assert found.plan is None and found.status == "infeasible"
        return
    assert found.status == "optimal"
    assert found.objective == pytest.approx(value, abs=1e-6) and found.bound >= value - 1e-6
    assert not violations(problem, found.plan) and worth(problem, found.plan) == pytest.approx(found.objective)


def test_the_tiny_problems_are_of_all_sorts():
    """Feasible or not, and with every family of limits binding somewhere: else the test above says little."""
    assert 5 < sum(tried(seed)[0] is None for seed in range(60)) < 40
    for family in ("money", "space", "crews", "industry", "precedence", "lanes", "groups"):
        others = {"allowed", "money", "space"} - {family}
        pairs = ((tried(seed, *sorted(others), family)[1], tried(seed, *sorted(others))[1]) for seed in range(20))
        assert any(bound < free - 1e-6 for bound, free in pairs), family


@pytest.mark.parametrize("seed", range(60, 90))
def test_heuristic_keeps_every_limit_and_the_bound(seed):
    problem = tiny(seed)
    model = build(problem)
    relaxed = relax(model)
    start = heuristic(problem, model=model, relaxed=relaxed, looks=500)
    exact = solve(problem, model, EXACT)
    if exact.plan is None:
        assert start.plan is None
    elif start.plan is not None:
        assert not violations(problem, start.plan)
        assert start.objective <= exact.objective + 1e-6 <= relaxed.bound + 2e-6
        assert solve(problem, model, EXACT, first=start.plan).objective == pytest.approx(exact.objective)


def test_same_seed_same_plan():
    problem = tiny(3, sites=8, families={"money", "space", "groups"})
    model = build(problem)
    runs = [solve(problem, model, Search(20.0, 0.0, seed=5), first=None) for _ in range(2)]
    guesses = [heuristic(problem, seed=5, looks=2000) for _ in range(2)]
    for one, other in (runs, guesses):
        assert (one.plan.mode == other.plan.mode).all() and (one.plan.start == other.plan.start).all()


@pytest.mark.parametrize("seed", [5337, 12, 40])
def test_no_better_plan_is_missed_behind_a_first_one(seed):
    """At 5337 the solver does not tell of its last solution while it runs."""
    problem = carried_on(tiny(seed, sites=8, periods=8))
    model = build(problem)
    relaxed = relax(model)
    first = heuristic(problem, model=model, relaxed=relaxed, looks=800).plan
    found = solve(problem, model, EXACT, first=first, relaxed=relaxed)
    alone = solve(problem, model, EXACT)
    assert found.objective == pytest.approx(alone.objective) == pytest.approx(found.bound)


def test_a_first_plan_near_the_relaxation_is_the_answer():
    problem = tiny(3, sites=8, families={"money"})
    model = build(problem)
    best, relaxed = solve(problem, model, EXACT), relax(model)
    gap, heard = relaxed.bound / best.objective - 1, []
    assert 0 < gap < 0.2
    again = solve(problem, model, Search(20.0, gap + 1e-6), first=best.plan, relaxed=relaxed, tell=heard.append)
    assert (again.status, heard) == ("optimal", []) and again.bound == pytest.approx(relaxed.bound)
    assert again.objective == pytest.approx(best.objective)


def test_a_stop_returns_the_best_plan_so_far():
    problem = tiny(3, sites=8, families={"money"})
    first = heuristic(problem, looks=0).plan
    found = solve(problem, build(problem), EXACT, first=first, stop=lambda: True)
    assert found.status in ("stopped", "optimal")  # presolve may be faster than the question
    assert not violations(problem, found.plan) and found.objective >= worth(problem, first) - 1e-9
    assert found.bound >= found.objective


def test_a_first_plan_that_breaks_a_limit_is_only_a_hint():
    problem = one_site()
    early = Plan(np.array([0]), np.array([0]))  # worth 4, but there is not the money
    found = solve(problem, build(problem), EXACT, first=early)
    assert (found.plan.start[0], found.objective) == (1, 3.0)


def test_no_sites_no_starts():
    empty = Problem(
        (), ("self",), np.empty((0, 1, 4)), np.empty((0, 1, 4), dtype=bool), np.empty((0, 1, 3), dtype=np.int64)
    )
    found = solve(empty, build(empty), EXACT)
    assert (found.status, found.objective, len(found.plan.mode)) == ("optimal", 0.0, 0)
    assert heuristic(empty, looks=10).objective == 0.0
    barred = one_site(allowed=np.zeros((1, 1, 4), dtype=bool))
    assert solve(barred, build(barred), EXACT).plan.mode.tolist() == [-1]
    must = one_site(allowed=np.zeros((1, 1, 4), dtype=bool), required=np.array([True]))
    assert solve(must, build(must), EXACT).status == "infeasible"


def test_who_listens_hears_better_plans_and_may_end_it():
    problem, heard = tiny(3, sites=8, families={"money", "crews"}), []
    found = solve(problem, build(problem), EXACT, tell=heard.append)
    assert heard and heard[-1].objective == pytest.approx(found.objective)
    assert all(said.bound >= found.objective - 1e-6 for said in heard)

    def refuse(_):
        raise KeyError("enough")

    with pytest.raises(KeyError, match="enough"):
        solve(problem, build(problem), EXACT, tell=refuse)


def one_site(**more) -> Problem:
    """Site "a" works a quarter on each phase; costs 6 in two quarters, brings 2 in the fourth; takes 5 m², gives 8."""
    parts = {
        "money": Money(np.array([[[4.0, 2.0]]]), np.array([[[0.0, 0.0, 0.0, 2.0]]]), np.array([3.0, 1.0, 2.0, 0.0])),
        "space": Space(("any",), np.full((1, 1, 1), 5.0), np.full((1, 1, 1), 8.0), np.full((1, 1), 3), np.full((1, 4), 5.0)),
    }  # fmt: skip
    return Problem(
        ("a",), ("self",), np.array([[[4.0, 3.0, 2.0, 1.0]]]), phase_quarters=np.ones((1, 1, 3), dtype=np.int64),
        **({"allowed": np.ones((1, 1, 4), dtype=bool)} | parts | more),
    )  # fmt: skip


def test_money_adds_up_and_space_comes_back():
    problem = one_site()
    found = solve(problem, build(problem), EXACT)
    assert (found.plan.start[0], found.objective) == (1, 3.0)  # 3 in the first quarter is too little for 4
    used, left = left_over(problem, found.plan)
    assert used.limits == (("cash", "cash"), ("space", "any"))
    assert left.tolist() == [[3.0, 0.0, 0.0, 0.0], [5.0, 0.0, 0.0, 0.0]]
    assert left_over(problem, Plan(np.array([0]), np.array([0])))[1].tolist() == [[-1.0, -2.0, 0.0, 2.0], [0.0, 0.0, 0.0, 8.0]]  # fmt: skip


def test_what_has_begun_counts_from_now_on():
    problem = one_site(begun=Plan(np.array([0]), np.array([-1])))
    found = solve(problem, build(problem), EXACT)
    assert found.objective == 0.0 and found.plan.start.tolist() == [-1]  # its value is not won again
    assert left_over(problem, found.plan)[1].tolist() == [[1.0, 2.0, 6.0, 6.0], [5.0, 5.0, 13.0, 13.0]]


def test_every_fault_of_a_problem_is_said():
    sites = np.full((1, 1, 1), np.nan)
    space = Space(("any",), sites, np.full((1, 1, 2), 8.0), np.full((1, 1), 3), np.full((1, 4), 5.0))
    with pytest.raises(InputRefused) as refused:
        one_site(space=space, precedence=(Precedence(0, 7),))
    assert [(fault.code, fault.place.field, fault.id) for fault in refused.value.problems] == [
        ("E-PLAN-SHAPE", "returns_m2", None), ("E-PLAN-UNKNOWN", "needs_m2", "a"), ("E-PLAN-SITE", None, None),
    ]  # fmt: skip


def test_a_circle_is_refused():
    with pytest.raises(InputRefused, match="circle"):
        one_site(precedence=(Precedence(0, 0),))


STORED = """\
maximise
  +1 a/self/0
  +1 a/self/1
  +1 a/self/2
  +1 a/self/3
where
  once[a]: +1 a/self/3 <= 1
  stays[a/self/0]: +1 a/self/0 -1 a/self/1 <= 0
  stays[a/self/1]: +1 a/self/1 -1 a/self/2 <= 0
  stays[a/self/2]: +1 a/self/2 -1 a/self/3 <= 0
  cash.cash[0]: +4 a/self/0 <= 3
  cash.cash[1]: +2 a/self/0 +4 a/self/1 <= 4
  cash.cash[2]: +2 a/self/1 +4 a/self/2 <= 6
  cash.cash[3]: -2 a/self/0 +2 a/self/2 +4 a/self/3 <= 6
  space.any[0]: +5 a/self/0 <= 5
  space.any[1]: +5 a/self/1 <= 5
  space.any[2]: +5 a/self/2 <= 5
  space.any[3]: -8 a/self/0 +5 a/self/3 <= 5
each 0 or 1
  a/self/0
  a/self/1
  a/self/2
  a/self/3
"""


def test_the_built_problem_of_one_site():
    """Worked out by hand from the formulas of docs/plan.md."""
    problem = one_site()
    assert as_text(problem, build(problem)) == STORED
