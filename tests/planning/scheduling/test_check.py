"""Planted violations: each family, by hand, with when and by how much."""

from dataclasses import replace

import numpy as np
import pytest

from landgis.planning.scheduling.check import Violation, violations
from landgis.planning.scheduling.problem import Crews, Group, Industry, Lane, Money, Plan, Precedence, Problem, Space

FREE = Problem(
    ("a", "b", "c"), ("self",), np.ones((3, 1, 4)), np.ones((3, 1, 4), dtype=bool),
    np.array([[[1, 0, 1]], [[0, 1, 1]], [[0, 0, 1]]]),
)  # fmt: skip
A_AND_B = Plan(np.array([0, 0, -1]), np.array([0, 1, 0]))  # a works in 0–1, b in 1–2
ONE = np.ones((3, 1))


def wrong(plan=A_AND_B, **more) -> list[tuple]:
    found = violations(replace(FREE, **more), plan)
    return [(v.family, v.name, v.period, round(v.by, 9)) for v in found]


def test_nothing_binds_a_plan_of_no_limits():
    assert wrong() == []


def test_cash_runs_short():
    money = Money(3 * ONE[:, :, None], 2 * ONE[:, :, None] * [0, 0, 1], np.array([4.0, 1.0, 0.0, 0.0]))
    assert wrong(money=money) == [("cash", "cash", 1, 1.0)]  # 4 − 3, then + 1 − 3; then income of 2


def test_swing_space_runs_out():
    space = Space(("ground", "upper"), np.repeat(5 * ONE[:, :, None], 2, axis=2), np.repeat(9 * ONE[:, :, None], 2, axis=2),
                  np.full((3, 1), 2), np.array([[8.0] * 4, [10.0, 10.0, 10.0, 0.0]]))  # fmt: skip
    assert wrong(space=space) == [("space", "ground", 1, 2.0)]  # 8 − 5 − 5, then 9 back in quarter 2


def test_industrial_land_falls_below_its_floor():
    industry = Industry(2 * ONE, 2 * ONE, 10.0, np.array([9.0, 6.0, 6.0, 10.0]))
    assert wrong(industry=industry) == [("industry", "industry", 0, 1.0)]  # back to 10 when both are finished


def test_too_few_crews():
    use = np.zeros((3, 1, 3, 1))
    use[:, :, 2] = 1  # rebuilding: a in quarter 1, b in quarter 2
    limit = np.array([[1.0, 0.0, 1.0, 1.0]])
    assert wrong(crews=Crews(("builders",), use, limit)) == [("crew", "builders", 1, 1.0)]


def test_a_lane_is_closed():
    lane = Lane("east", (0, 1), 1)  # a closes it in quarter 1, b in 1 and 2
    assert wrong(lanes=(lane,)) == [("lane", "east", 1, 1.0)]


def test_precedence_is_turned_round():
    edges = (Precedence(0, 1), Precedence(0, 1, 1), Precedence(2, 1), Precedence(1, 2))
    assert wrong(precedence=edges[:1]) == [("precedence", "a>b", 1, 1.0)]  # a is finished at 2
    assert wrong(precedence=edges[1:2]) == [("precedence", "a>b", 1, 2.0)]
    assert wrong(precedence=edges[2:3]) == [("precedence", "c>b", 1, float("inf"))]
    assert wrong(precedence=edges[3:]) == []  # c is not started at all


def test_required_and_groups():
    assert wrong(required=np.array([True, False, True])) == [("required", "c", None, 1.0)]
    assert wrong(groups=(Group("works", (0, 2)), Group("both", (0, 1)))) == [("group", "works", None, 1.0)]


def test_a_start_that_there_is_not():
    allowed = FREE.allowed.copy()
    allowed[1, 0, 1] = False
    assert wrong(allowed=allowed) == [("start", "b", 1, 1.0)]
    assert wrong(Plan(np.array([0, 7, -1]), np.array([4, 0, 0]))) == [("start", "a", 4, 1.0), ("start", "b", 0, 1.0)]


def test_what_has_begun_stays():
    begun = Plan(np.array([0, -1, -1]), np.array([-1, 0, 0]))
    assert wrong(begun=begun) == [("begun", "a", None, 1.0)]
    assert (
        wrong(Plan(np.array([0, 0, -1]), np.array([-1, 0, 0])), begun=begun, precedence=(Precedence(0, 1, -1),)) == []
    )


@pytest.mark.parametrize("off", [1e-7, 1e-3])
def test_a_millionth_is_rounding(off):
    money = Money(ONE[:, :, None], np.zeros((3, 1, 1)), np.array([1.0 - off, 1.0, 0.0, 0.0]))
    expected = [] if off < 1e-6 else [Violation("cash", "cash", t, pytest.approx(off)) for t in range(4)]
    assert violations(replace(FREE, money=money), A_AND_B) == expected
