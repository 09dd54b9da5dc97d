import numpy as np
import pytest

from landgis.planning.scheduling.problem import Plan
from landgis.planning.scheduling.value import Effects, Weights, start_values, tally

EFFECTS = Effects(
    area_gain_m2=np.array([[1000.0], [400.0]]), tax_gain_wan=np.array([[20.0], [0.0]]),
    value_added_gain_wan=np.array([[100.0], [0.0]]), displaced_firms=np.array([[3.0], [1.0]]),
    red_hazards=np.array([2.0, 0.0]),
)  # fmt: skip
PHASES = np.array([[[1, 1, 2]], [[0, 1, 3]]])
WEIGHTS = Weights(per_area_m2=0.01, per_tax_wan=0.5, per_value_added_wan=0.1, per_firm_month=0.02,
                  per_hazard_quarter=0.25, discount_a_year=0.21)  # fmt: skip


def test_value_of_a_start_by_hand():
    """Gains 10 + 10 + 10 = 30 and 4; finished four quarters after the start; firms 3 · 3 · 4 · 0.02 = 0.72 and 0.24."""
    value = start_values(EFFECTS, WEIGHTS, phase_quarters=PHASES, periods=4)
    assert value[0, 0, 0] == pytest.approx(30 / 1.21 - 0.72 + 0.25 * 2 * 3)  # hazards gone from quarter 1: 3 quarters
    assert value[0, 0, 2] == pytest.approx(30 / 1.21**1.5 - 0.72 + 0.25 * 2 * 1)
    assert value[0, 0, 3] == pytest.approx(30 / 1.21**1.75 - 0.72)  # vacated after the last period
    assert value[1, 0, 0] == pytest.approx(4 / 1.21 - 0.24)


def test_tally_and_weights_give_the_value():
    plan, nothing = Plan(np.array([0, 0]), np.array([2, 0])), Plan.nothing(2)
    value = start_values(EFFECTS, WEIGHTS, phase_quarters=PHASES, periods=4)
    parts, before = (tally(EFFECTS, p, phase_quarters=PHASES, periods=4, discount_a_year=0.21) for p in (plan, nothing))
    assert before.hazard_quarters == 8.0 and before.area_gain_m2 == before.firm_months == 0.0
    assert (parts.hazard_quarters, parts.firm_months) == (6.0, 36.0 + 12.0)
    points = (
        0.01 * parts.area_gain_m2 + 0.5 * parts.tax_gain_wan + 0.1 * parts.value_added_gain_wan
        - 0.02 * parts.firm_months - 0.25 * (parts.hazard_quarters - before.hazard_quarters)
    )  # fmt: skip
    assert points == pytest.approx(value[0, 0, 2] + value[1, 0, 0])


def test_begun_long_ago():
    plan = Plan(np.array([0, -1]), np.array([-4, 0]))
    found = tally(EFFECTS, plan, phase_quarters=PHASES, periods=4, discount_a_year=0.21)
    assert found.hazard_quarters == 0.0 and found.area_gain_m2 == pytest.approx(1000.0)  # finished at quarter 0
