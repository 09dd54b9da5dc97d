from dataclasses import replace

import numpy as np
import pytest

from landgis.errors import InputRefused
from landgis.planning.scheduling.check import violations
from landgis.planning.scheduling.model import build
from landgis.planning.scheduling.problem import Precedence
from landgis.planning.scheduling.solve import Search, solve
from landgis.planning.scheduling.windows import WindowFailed, solve_by_windows, windows
from tests.planning.scheduling.made_schedule import best_by_trying, tiny

EXACT = Search(seconds=20.0, gap=0.0, threads=1)


def test_windows_of_the_house():
    found = windows(5, horizon=3, step=2)
    assert [list(range(window.first, window.end)) for window in found] == [[0, 1, 2], [2, 3, 4], [4]]
    assert [window.kept for window in found] == [2, 4, 5]


@pytest.mark.parametrize(("horizon", "step"), [(2, 3), (3, 0)])
def test_what_is_kept_must_be_seen(horizon, step):
    with pytest.raises(InputRefused, match="keep at least 1"):
        windows(5, horizon=horizon, step=step)


@pytest.mark.parametrize("seed", range(30))
def test_a_plan_by_windows_keeps_every_limit(seed):
    problem = tiny(
        seed, sites=5, modes=1, periods=6, families={"money", "space", "precedence", "groups", "lanes", "begun"}
    )
    whole = solve(problem, build(problem), EXACT)
    if whole.plan is None:
        with pytest.raises(WindowFailed):
            solve_by_windows(problem, EXACT, horizon=3, step=2, looks=300)
        return
    found = solve_by_windows(problem, EXACT, horizon=3, step=2, looks=300)
    assert not violations(problem, found.plan)
    assert found.objective <= whole.objective + 1e-6 and np.isnan(found.gap)
    one = solve_by_windows(problem, EXACT, horizon=6, step=6, looks=300)
    assert one.objective == pytest.approx(whole.objective)


def test_a_failed_window_raises_and_is_named():
    problem = tiny(0, sites=3, families={"required"})
    late = problem.allowed.copy()
    late[:, :, :3] = False  # nothing may start before quarter 3
    blocked = replace(problem, allowed=late, required=np.ones(3, dtype=bool), precedence=(Precedence(0, 1, 9),))
    assert best_by_trying(blocked)[0] is None
    with pytest.raises(WindowFailed, match="quarters 3 to 5: the limits cannot all be kept"):
        solve_by_windows(blocked, EXACT, horizon=3, step=2, looks=300)


def test_a_stop_returns_what_was_planned_until_then():
    problem = tiny(1, sites=5, periods=6, families={"money"})
    found = solve_by_windows(problem, EXACT, horizon=3, step=2, looks=300, stop=lambda: True)
    assert not violations(problem, found.plan) and found.status in ("stopped", "optimal")
