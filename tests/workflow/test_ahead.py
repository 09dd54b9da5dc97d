"""What is planned and still open, counted by hand."""

import datetime

import pytest

from landgis.phases.ledger import Draft, packed
from landgis.workflow.ahead import LATE, by_quarter, planned_steps, unknown_amounts
from landgis.workflow.register import Register
from landgis.workflow.trend import picture
from tests.phases.made import Zone, opened

AS_OF = datetime.date(2026, 5, 10)
ZONE = Zone(
    parcels=[("P1", "K1", None, None, 2000.0), ("P2", "K2", None, None, 4000.0), ("P3", None, None, None, float("nan")),
             ("P4", "K1", None, None, 1000.0)],
    blocks=[("K1", "甲", "A", None, None, 1.0, None), ("K2", "乙", "B", None, None, 1.0, None)],
)  # fmt: skip


@pytest.fixture
def register():
    project = opened(ZONE)
    plan = [("P1", "SIGNED", "2026-04-01"), ("P1", "VACATED", "2026-06-30"), ("P1", "DEMOLISHED", "2026-07-01"),
            ("P2", "SIGNED", "2026-05-10"), ("P3", "SIGNED", "2027-02-01"), ("P4", "SIGNED", "2026-08-01")]  # fmt: skip
    project.store.append(
        [Draft("record", parcel, None, step, on, "day", "planned") for parcel, step, on in plan], by="x"
    )
    project.store.append([Draft("baseline", details=packed({"name": "first"}))], by="x")
    later = [Draft("record", "P1", None, "DEMOLISHED", "2026-10-01", "day", "planned"),
             Draft("record", "P2", None, "VACATED", "2026-09-01", "day", "planned"),
             Draft("record", "P2", None, "VACATED", "2026-05-01", "day", "actual"),
             Draft("record", "P4", None, "WITHDRAWN", "2026-05-02", "day", "actual")]  # fmt: skip
    project.store.append(later, by="x")
    return Register(project)


def test_open_steps_by_the_plan_as_it_is_now_beside_the_frozen_one(register):
    steps = planned_steps(register, picture(register, as_of=AS_OF), measure="mu")
    rows = steps.astype(object).fillna("-").drop(columns="block_id").to_dict("split")["data"]
    assert rows == [  # P2 is vacated already, P4 has left
        ["P1", "SIGNED", "2026-04-01", "2026-04-01", True, 3.0],
        ["P2", "SIGNED", "2026-05-10", "2026-05-10", False, 6.0],
        ["P1", "VACATED", "2026-06-30", "2026-06-30", False, 3.0],
        ["P1", "DEMOLISHED", "2026-10-01", "2026-07-01", False, 3.0],
        ["P3", "SIGNED", "2027-02-01", "2027-02-01", False, "-"],
    ]
    assert unknown_amounts(steps) == 1
    assert set(planned_steps(register, picture(register, as_of=AS_OF), block="K2")["parcel_id"]) == {"P2"}


def test_by_quarter_what_is_late_comes_first(register):
    steps = planned_steps(register, picture(register, as_of=AS_OF))
    table = by_quarter(steps)
    assert table.index.tolist() == [LATE, "2026-Q2", "2026-Q4", "2027-Q1"]
    assert table.to_dict("list") == {"SIGNED": [1, 1, 0, 1], "VACATED": [0, 1, 0, 0], "DEMOLISHED": [0, 0, 1, 0]}
    blocks = by_quarter(steps, columns="block_id")
    assert blocks.to_dict("list") == {"": [0, 0, 0, 1], "K1": [1, 1, 1, 0], "K2": [0, 1, 0, 0]}


def test_nothing_planned_is_an_empty_table():
    register = Register(opened(ZONE))
    steps = planned_steps(register, picture(register, as_of=AS_OF))
    assert steps.empty and by_quarter(steps).empty and unknown_amounts(steps) == 0
