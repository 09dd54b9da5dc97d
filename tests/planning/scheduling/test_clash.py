import numpy as np
import pytest

from landgis.planning.scheduling.clash import PlanInfeasible, Shortage, clash
from landgis.planning.scheduling.problem import Crews, Group, Money, Plan, Precedence, Problem, Space
from tests.planning.scheduling.made_schedule import best_by_trying, tiny


def two_sites(**more) -> Problem:
    """Both required, each costs 6 and takes 5 m² for good; a quarter of work."""
    shape = (2, 1)
    quarters = np.tile([0, 0, 1], (2, 1, 1))
    parts = {"required": np.ones(2, dtype=bool)} | more
    return Problem(("a", "b"), ("self",), np.ones((*shape, 3)), np.ones((*shape, 3), dtype=bool), quarters, **parts)


def money(total: float) -> Money:
    return Money(np.full((2, 1, 1), 6.0), np.zeros((2, 1, 1)), np.array([total, 0.0, 0.0]))


def space(vacant: float) -> Space:
    return Space(("any",), np.full((2, 1, 1), 5.0), np.zeros((2, 1, 1)), np.ones((2, 1), dtype=np.int64), np.full((1, 3), vacant))  # fmt: skip


def test_what_can_be_kept_does_not_clash():
    assert clash(two_sites(money=money(12), space=space(10))) is None


def test_too_little_money_for_what_is_required():
    found = clash(two_sites(money=money(8), space=space(10)))
    assert found.families == ("required", "cash")
    assert found.alone["cash"] == (Shortage("cash", "cash", pytest.approx(4)),)
    assert [short.name for short in found.alone["required"]] in (["a"], ["b"])
    assert set(found.alone) == {"cash", "required"}
    assert found.together == (Shortage("cash", "cash", pytest.approx(4)),)  # two thirds of a site, less than one


def test_two_clashes_at_once():
    found = clash(two_sites(money=money(8), space=space(7)))
    assert set(found.alone) == {"required"}  # neither money alone nor space alone would do
    assert found.together == (Shortage("required", "a", pytest.approx(1)),) or found.together == (
        Shortage("required", "b", pytest.approx(1)),
    )  # leaving one out costs 1 site; money and space together 4/6 + 3/5


def test_words_say_what_is_missing():
    error = clash(two_sites(money=money(8))).refusal()
    assert isinstance(error, PlanInfeasible)
    assert str(error) == "E-PLAN-CASH: the budget is short by 4.0 × 10 000 CNY"


def test_precedence_that_leaves_no_time():
    quarters = np.tile([0, 0, 3], (2, 1, 1))
    problem = Problem(("a", "b"), ("self",), np.ones((2, 1, 3)), np.ones((2, 1, 3), dtype=bool), quarters,
                      precedence=(Precedence(0, 1),), required=np.array([False, True]))  # fmt: skip
    found = clash(problem)
    assert found.families == ("required", "before") or found.families == ("before",)
    assert found.alone["before"] == (Shortage("before", "a>b", pytest.approx(1)),)


def test_what_has_begun_can_clash_by_itself():
    use = np.ones((2, 1, 3, 1))
    begun = Plan(np.array([0, 0]), np.array([0, 0]))
    found = clash(two_sites(begun=begun, crews=Crews(("builders",), use, np.ones((1, 3)))))
    assert found.families == ("crew",) and found.together == (Shortage("crew", "builders", pytest.approx(1)),)


def test_a_group_with_a_site_that_cannot_start():
    allowed = np.ones((2, 1, 3), dtype=bool)
    allowed[1] = False
    found = clash(Problem(("a", "b"), ("self",), np.ones((2, 1, 3)), allowed, np.ones((2, 1, 3), dtype=np.int64),
                          groups=(Group("works", (0, 1)),), required=np.array([True, False])))  # fmt: skip
    assert set(found.families) == {"required", "group"}
    assert found.alone["group"][0].name == "works"


@pytest.mark.parametrize("seed", range(20))
def test_clash_exactly_where_trying_everything_finds_nothing(seed):
    problem = tiny(seed, modes=1)
    plan, _ = best_by_trying(problem)
    found = clash(problem)
    assert (found is None) == (plan is not None)
    assert found is None or (found.families and found.together)
