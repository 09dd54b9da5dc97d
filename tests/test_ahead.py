"""Work beside work: the order is kept, what fails is raised, and no more is begun than is needed."""

import threading

import pyarrow as pa
import pytest

from landgis.ahead import MOST_THREADS, Behind, ahead, in_step


def numbers(count, made, fail=None):
    for at in range(count):
        if at == fail:
            raise ValueError(at)
        made.append(at)
        yield at


def test_one_is_made_ahead_and_no_more():
    made = []
    found = ahead(numbers(9, made))
    assert next(found) == 0
    assert list(found) == list(range(1, 9)) == made[1:]
    made.clear()
    found = ahead(numbers(9, made))
    taken = [next(found), next(found)]
    found.close()
    assert taken == [0, 1] and len(made) <= 3


def test_what_fails_ahead_is_raised_at_its_place():
    found, made = ahead(numbers(9, [], fail=2)), []
    with pytest.raises(ValueError, match="2"):
        for at in found:
            made.append(at)
    assert made == [0, 1]


def test_in_step_keeps_the_order_and_runs_a_few_at_a_time():
    made, under_way, most, lock = [], 0, 0, threading.Lock()

    def square(at):
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        try:
            return at * at
        finally:
            with lock:
                under_way -= 1

    found = in_step(square, numbers(50, made))
    assert next(found) == 0 and len(made) <= min(MOST_THREADS, pa.cpu_count()) + 1
    assert list(found) == [at * at for at in range(1, 50)]
    assert most <= min(MOST_THREADS, pa.cpu_count())


def test_what_fails_in_step_is_raised():
    with pytest.raises(ZeroDivisionError):
        list(in_step(lambda at: 1 // (at - 3), range(9)))


def test_what_is_done_behind_is_done_in_order_and_its_faults_are_raised():
    done = []
    with Behind() as behind:
        for at in range(20):
            behind.do(lambda at=at: done.append(at))
    assert done == list(range(20))
    with pytest.raises(ValueError, match="last"), Behind() as behind:
        behind.do(lambda: done.append(20))
        behind.do(lambda: (_ for _ in ()).throw(ValueError("last")))
    with pytest.raises(KeyError), Behind() as behind:  # the block's own fault, not the thread's
        behind.do(lambda: (_ for _ in ()).throw(ValueError))
        raise KeyError
