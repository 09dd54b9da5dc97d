"""Step functions over days equal what a day's own table says, for any register."""

import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landgis.phases.course import course, overdue_course, phase_course
from landgis.phases.curve import NEVER

DAYS = st.one_of(st.integers(1, 30), st.just(NEVER))
TABLE = st.integers(1, 4).flatmap(
    lambda steps: st.lists(st.lists(DAYS, min_size=steps, max_size=steps), min_size=1, max_size=4)
)


def test_of_two_changes_on_one_day_the_later_step_counts():
    found = course(np.array([[5, 3, 5]], np.int32), np.array([[1, 2, 3]]))
    assert [int(found.on(day)[0]) for day in (2, 3, 4, 5, 6)] == [0, 2, 2, 3, 3]


@given(TABLE)
def test_the_phase_is_the_step_reached_last(table):
    actual = np.array(table, np.int32)
    found = phase_course(actual, np.full_like(actual, NEVER), today=40)
    for day in range(32):
        for row, steps in enumerate(table):
            known = [(reached, step) for step, reached in enumerate(steps) if reached <= day]
            assert found.on(day)[row] == (max(known)[1] + 1 if known else 0)


def test_the_plan_goes_on_after_today_and_never_back():
    actual = np.array([[10, NEVER, NEVER, NEVER]], np.int32)
    planned = np.array([[5, 12, 40, 30]], np.int32)  # step 1 was due before today, step 2 is planned after step 3
    found = phase_course(actual, planned, today=20)
    assert [int(found.on(day)[0]) for day in (9, 10, 12, 29, 30, 50)] == [0, 1, 1, 1, 4, 4]


@given(TABLE, st.randoms(use_true_random=False))
def test_overdue_by_the_oldest_open_step(table, random):
    actual = np.array(table, np.int32)
    planned = np.array([[random.choice([*range(1, 30), NEVER]) for _ in row] for row in table], np.int32)
    found = overdue_course(actual, planned, limits_d=(0, 3, 9))
    for day in range(45):
        for row in range(len(table)):
            late = [
                day - plan for plan, done in zip(planned[row].tolist(), table[row], strict=True) if plan < day < done
            ]
            worst = max(late, default=0)
            assert found.on(day)[row] == sum(worst > limit for limit in (0, 3, 9)), (day, planned[row], table[row])


@pytest.mark.parametrize("steps", [1, 3])
def test_a_parcel_without_any_day_stays_where_it_is(steps):
    empty = np.full((2, steps), NEVER, np.int32)
    for found in (phase_course(empty, empty, today=5), overdue_course(empty, empty, limits_d=(0, 30))):
        assert found.on(datetime.date(2100, 1, 1).toordinal()).tolist() == [0, 0]
