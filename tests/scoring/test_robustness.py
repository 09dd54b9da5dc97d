import numpy as np
import pytest

from landgis.metrics.bounds import Bounded
from landgis.rules import load_rules
from landgis.scoring.classes import classify
from landgis.scoring.parts import add_up
from landgis.scoring.robustness import rank_robustness

RULES = load_rules("yongkang-draft")
ONE_ZONE = np.zeros(5)


def robustness(intensity, tenancy, output, *, worst=1, seed=7, draws=2_000):
    values = {"intensity": intensity, "tenancy": tenancy, "output": output}
    parts = add_up({name: Bounded.exact(np.array(value, dtype=float)) for name, value in values.items()},
                   RULES.score.weights, RULES.score.missing)  # fmt: skip
    grade = classify(parts.score.value, RULES.score.classes, ONE_ZONE)
    return rank_robustness(parts, grade, RULES, population=ONE_ZONE, worst=worst, seed=seed, draws=draws)


def test_where_all_parts_agree_no_weight_changes_anything():
    found = robustness([90, 70, 50, 30, 10], [90, 70, 50, 30, 10], [90, 70, 50, 30, 10])
    assert found["grade_stability"].tolist() == [1] * 5
    assert found["worst_stability"].tolist() == [0, 0, 0, 0, 1]


def test_a_close_pair_is_unsure_and_the_shares_are_those_of_the_weights():
    """Parcels 3 and 4 differ by 0.4·10 − 0.4·10: which is worse is decided by intensity against output, a fair coin."""
    found = robustness([90, 80, 70, 20, 10], [50] * 5, [90, 80, 70, 10, 20], draws=10_000)
    assert found["worst_stability"].iloc[3:].tolist() == pytest.approx([0.5, 0.5], abs=0.02)
    assert found["worst_stability"].sum() == pytest.approx(1)


def test_the_seed_decides():
    values = [90, 80, 70, 20, 10], [50, 10, 90, 30, 20], [90, 80, 70, 10, 20]
    assert robustness(*values).equals(robustness(*values))
    assert not robustness(*values).equals(robustness(*values, seed=8))


def test_what_is_not_rated_has_no_rank_to_be_sure_of():
    unknown = float("nan")
    found = robustness([90, 80, 70, 20, unknown], [50, 50, 50, 50, unknown], [90, 80, 70, 10, unknown])
    assert found.iloc[4].isna().all()
    assert found.iloc[:4].notna().all().all()
