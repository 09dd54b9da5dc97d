"""Plans side by side, against figures worked out by hand from made_plan.py."""

import json
from dataclasses import replace

import pytest

from landgis.errors import UsageError
from landgis.io.write import write_table
from landgis.workflow.scheduling.comparing import COMPARE_COLUMNS, WAY_TITLES, compare
from landgis.workflow.scheduling.document import WAYS
from tests.made_plan import lots_plan


def test_by_hand():
    """One site of 18 mu is started; it and one of 9 mu begun before are completed by the end. 300 spent, 100 each in."""
    found = compare([lots_plan("a")])
    assert [(row["plan"], row["way"]) for row in found.rows] == [("a", "exact"), ("a", "greedy"), ("a", "file")]
    best, greedy, _ = found.rows
    assert (best["objective"], best["below_bound"], best["sites_started"], best["started_mu"]) == (
        992.0,
        0.008,
        1,
        18.0,
    )
    assert (best["renovated_mu"], best["spent_wan"], best["income_wan"]) == (27.0, 300.0, 200.0)
    # 200 a quarter: 200, then 400 less 300; the lowest is 100
    assert best["lowest_cash_wan"] == 100.0 and best["firm_months"] == 3 * 4 * (7 + 7)
    assert (best["finish_p50"], best["finish_p80"], best["runs_out"]) == ("2028-Q4", "2029-Q1", 0.12)
    assert greedy["finish_p80"] is None and greedy["runs_out"] is None and greedy["below_bound"] == 0.36
    assert found.starts == {
        "B1*": {"a": ("GOV_ACQ", "2026-Q3")},
        "B1": {"a": ("GOV_ACQ", "2027-Q2")},
        "B2": {"a": None},
    }


def test_several_plans():
    other = lots_plan("b", later=1)
    found = compare([lots_plan("a"), replace(other, sites=other.sites[:2])])
    assert found.plans == ("a", "b") and len(found.rows) == 6
    assert set(found.starts["B1"]) == {"a", "b"} and set(found.starts["B2"]) == {"a"}
    assert json.loads(json.dumps(found.as_json()))["starts"]["B1"]["b"] == {"mode": "GOV_ACQ", "start": "2027-Q2"}
    with pytest.raises(UsageError, match="compared once: a, a"):
        compare([lots_plan("a"), lots_plan("a")])
    assert compare([]).rows == ()


def test_the_table_has_a_row_for_each_plan_and_way(tmp_path):
    found = compare([lots_plan("a"), lots_plan("b")])
    assert list(found.table.columns) == [column.name for column in COMPARE_COLUMNS] == list(found.rows[0])
    out = tmp_path / "plans.csv"
    write_table(found.table, out, columns=COMPARE_COLUMNS, overwrite=False)
    lines = out.read_text("utf-8-sig").splitlines()
    assert len(lines) == 7 and lines[1].startswith("a,exact,2027-Q1,2029-Q4,992")
    assert all(column.meaning.endswith(".") for column in COMPARE_COLUMNS) and set(WAY_TITLES) == set(WAYS)
