from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landgis.planning.scheduling.board import Board
from landgis.planning.scheduling.check import violations
from landgis.planning.scheduling.heuristic import RULES, by_quarter, heuristic, priority
from landgis.planning.scheduling.problem import UNSTARTED, Group, Money, Plan, Precedence, Problem, Space
from tests.planning.scheduling.made_schedule import tiny

A, B = np.array([38, 36, 50, 4, 58, 10.0]), np.array([6, 66, 20, 28, 62, 28.0])  # issue 5: needs and returns


def six(**more) -> Problem:
    needs, returns = (floor[:, None, None] for floor in (A, B))
    space = Space(("any",), needs, returns, np.ones((6, 1), dtype=np.int64), np.full((1, 12), 4.0))
    return Problem(
        tuple("abcdef"), ("self",), allowed=np.ones((6, 1, 12), dtype=bool), phase_quarters=np.tile([0, 0, 1], (6, 1, 1)),
        **({"space": space, "value": np.ones((6, 1, 12)) * np.arange(12, 0, -1)} | more),
    )  # fmt: skip


def test_johnson_order_is_that_of_the_issue():
    assert priority(six(), "johnson").tolist() == [3, 5, 1, 4, 2, 0]


def test_orders_by_hand():
    money = Money(np.array([3.0, 1, 1, 1, 1, 1])[:, None, None], np.zeros((6, 1, 1)), np.full(12, 9.0))
    problem = six(money=money, value=np.ones((6, 1, 12)) * np.array([5.0, 1, 2, 3, 4, 4.5])[:, None, None])
    assert priority(problem, "value").tolist() == [0, 5, 4, 3, 2, 1]
    assert priority(problem, "gain").tolist() == [5, 4, 3, 2, 0, 1]
    assert priority(problem, "released").tolist() == [1, 3, 5, 4, 2, 0]
    assert priority(problem, "file").tolist() == [0, 1, 2, 3, 4, 5]


def test_the_list_quarter_by_quarter():
    """With 4 m² vacant only d fits at first; then 28 for f, and so on in the order of the list."""
    plan = by_quarter(six(), "file")
    assert plan.start.tolist()[3] == 0 and plan.start.tolist()[5] == 1
    assert (
        plan.start.tolist()[0] == 2
    )  # d and f have given back 28 + 28 − 10: 46 in quarter 2, and a is first in the list
    assert not violations(six(), plan)


def test_johnson_quarter_by_quarter_carries_all_out():
    plan = by_quarter(six(), "johnson")
    assert plan.started.all() and np.argsort(plan.start, kind="stable").tolist()[:2] == [3, 5]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("seed", range(8))
def test_what_an_office_does_keeps_every_limit(rule, seed):
    plan = by_quarter(tiny(seed), rule)
    assert plan is None or not violations(tiny(seed), plan)


def test_a_group_starts_as_one_or_not_at_all():
    problem = six(groups=(Group("works", (3, 0)),))
    plan = by_quarter(problem, "johnson")
    assert (plan.mode[[0, 3]] != UNSTARTED).all() or (plan.mode[[0, 3]] == UNSTARTED).all()
    assert not violations(problem, plan)


def test_what_is_worth_nothing_is_left():
    """a loses, b too but c waits for it; d is required."""
    value = np.repeat(np.array([-2.0, -1.0, 9.0, -3.0])[:, None, None], 5, axis=2)
    problem = Problem(
        tuple("abcd"), ("self",), value, np.ones((4, 1, 5), dtype=bool), np.tile([0, 0, 1], (4, 1, 1)),
        precedence=(Precedence(1, 2),), required=np.array([False, False, False, True]),
    )  # fmt: skip
    for plan in (heuristic(problem, looks=200).plan, *(by_quarter(problem, rule) for rule in RULES)):
        assert plan.started.tolist() == [False, True, True, True] and not violations(problem, plan)


def test_what_gains_by_waiting_is_not_left_for_it():
    """Every quarter its list from the top: a is started at once, though later it would be worth more."""
    problem = Problem(("a",), ("self",), np.arange(1.0, 5.0)[None, None], np.ones((1, 1, 4), dtype=bool),
                      np.array([[[0, 0, 1]]]))  # fmt: skip
    assert by_quarter(problem, "file").start.tolist() == [0] and heuristic(problem).plan.start.tolist() == [3]


def test_what_is_waited_for_comes_along():
    """b is worth most but waits for d and f: taking b means taking them first."""
    edges = (Precedence(3, 1), Precedence(5, 1, 2))
    found = heuristic(six(precedence=edges), looks=0)
    assert found.plan.start[1] >= max(found.plan.start[3] + 1, found.plan.start[5] + 3)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), steps=st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=12))
def test_a_board_is_what_stands_on_it(seed, steps):
    """After any puts and takes the slack is that of the plan counted anew, and what was put keeps every limit."""
    problem = replace(tiny(seed, families={"money", "space", "crews", "industry", "lanes"}))
    board = Board(problem)
    for site, out in steps:
        if out and board.mode[site] != UNSTARTED:
            board.take(site)
            continue
        fits = board.fits(site, 0)
        if board.mode[site] == UNSTARTED and fits.any():
            before = board.plan
            board.put(site, 0, int(fits.argmax()))
            if not violations(problem, before):
                assert not violations(problem, board.plan)
            one = Plan(board.plan.mode, board.plan.start)
            one.start[site] = 0 if not fits[0] else -1
            if one.start[site] == 0 and not violations(problem, before):
                assert violations(problem, one)
    fresh = Board(problem)
    for site, mode in enumerate(board.mode):
        if mode != UNSTARTED:
            fresh.put(site, mode, board.start[site])
    assert np.allclose(fresh.slack, board.slack)


def test_improving_never_makes_it_worse():
    problem = tiny(11, sites=8, families={"money", "space", "precedence"})
    assert heuristic(problem, looks=3000, seed=1).objective >= heuristic(problem, looks=0).objective
