"""What pages show of a plan, counted again by hand on the six lots, and from the document on the sample zone."""

import datetime
from collections import Counter
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landgis.workflow.scheduling.document import LeftOut
from landgis.workflow.scheduling.quarters import last_day, names_from
from landgis.workflow.scheduling.view import (
    STAGES,
    headline,
    renovated_so_far,
    shown_quarters,
    stage_amounts,
    stages,
    time_line,
)
from landgis.workflow.zone import read_zone
from tests.made_plan import LOT_MU, Work, lots_plan, plan_of, quarter
from tests.made_project import PARCELS, make_project, walk

# P1 begun in 2026-Q3: vacated in three quarters, demolished in one, rebuilt in three. P2 and P3 from 2027-Q2: two, one,
# four. P4 and P5 are left, P6 is in no site.
BY_HAND = {
    "2027-Q1": "vacating waiting waiting left left out",
    "2027-Q2": "demolishing vacating vacating left left out",
    "2027-Q3": "rebuilding vacating vacating left left out",
    "2027-Q4": "rebuilding demolishing demolishing left left out",
    "2028-Q1": "rebuilding rebuilding rebuilding left left out",
    "2028-Q2": "completed rebuilding rebuilding left left out",
    "2028-Q4": "completed rebuilding rebuilding left left out",
    "2029-Q1": "completed completed completed left left out",
    "2029-Q4": "completed completed completed left left out",
}


def named(codes):
    return [STAGES.keys[code] for code in codes]


@pytest.mark.parametrize("name", BY_HAND)
def test_the_stage_of_each_lot_in_each_quarter(name):
    found = stages(lots_plan(), pd.Index(PARCELS)).on(last_day(name).toordinal())
    assert named(found) == BY_HAND[name].split()


@pytest.mark.parametrize("name", BY_HAND)
def test_amounts_count_the_parcels_that_are_there_and_their_land(tmp_path, name):
    zone = read_zone(make_project(tmp_path))
    found = stage_amounts(zone, stages(lots_plan(), zone.parcel_ids), last_day(name))
    wanted = Counter(BY_HAND[name].split())
    assert {key: one.parcels for key, one in found.items() if one.parcels} == wanted
    assert {key: one.mu for key, one in found.items() if one.parcels} == pytest.approx(
        {key: LOT_MU * count for key, count in wanted.items()}
    )
    zone.register.project.store.close()


def test_a_block_has_its_own_amounts_and_bars(tmp_path):
    zone = read_zone(make_project(tmp_path))
    found = stage_amounts(zone, stages(lots_plan(), zone.parcel_ids), last_day("2027-Q2"), block="B1")
    assert {key: one.parcels for key, one in found.items() if one.parcels} == {"demolishing": 1, "vacating": 2}
    whole, one, none = (time_line(lots_plan(), block=block) for block in (None, "B1", "B2"))
    assert whole.quarters == one.quarters == none.quarters
    assert (whole.bars, none.bars) == (one.bars, ())
    zone.register.project.store.close()


def test_a_parcel_that_the_plan_does_not_know_is_in_no_site():
    assert named(stages(lots_plan(), pd.Index(["P9"])).on(last_day("2029-Q4").toordinal())) == ["out"]


def test_land_that_was_renovated_before_is_told_apart():
    plan = lots_plan(left_out=(LeftOut("P6", "renovated", "it is renovated already"), LeftOut("P7", "tenure", "")))
    assert named(stages(plan, pd.Index(["P6", "P7"])).on(last_day("2027-Q1").toordinal())) == ["before", "out"]


def test_a_phase_that_takes_no_time_is_passed_over():
    plan = plan_of([Work("A", "A", None, ["P1"], start=1, phases=(0, 0, 2))], name="x", quarters=6)
    course = stages(plan, pd.Index(["P1"]))
    seen = [named(course.on(last_day(name).toordinal()))[0] for name in plan.quarters]
    assert seen == ["waiting", "rebuilding", "rebuilding", "completed", "completed", "completed"]


def test_the_time_line_begins_with_the_first_work_and_ends_with_the_last_doubt():
    found = time_line(lots_plan())
    assert (found.quarters[0], found.quarters[-1]) == ("2026-Q3", "2029-Q4")
    first, second = found.bars
    assert (first.site.site_id, first.start, first.vacated, first.demolished, first.completed) == ("B1*", 0, 3, 4, 7)
    assert (second.site.site_id, second.start, second.vacated, second.demolished, second.completed) == (
        "B1",
        3,
        5,
        6,
        10,
    )
    assert (first.finish_p80, second.finish_p80) == (8, 11)
    late = plan_of([Work("A", "A", None, ["P1"], start=10, late=3)], name="x", quarters=12)
    assert time_line(late).quarters[-1] == quarter(10 + 7 - 1 + 3)
    assert shown_quarters(lots_plan())[0] == "2027-Q1"


@pytest.mark.parametrize(
    ("day", "place"), [((2026, 7, 1), 0), ((2027, 1, 1), 2), ((2026, 8, 16), 0.5), ((2029, 12, 31), 13 + 91 / 92)]
)
def test_a_day_lies_where_its_quarter_is(day, place):
    assert time_line(lots_plan()).place(datetime.date(*day)) == pytest.approx(place)


@given(
    st.lists(st.tuples(st.integers(-6, 11), st.tuples(*[st.integers(0, 5)] * 3)), min_size=1, max_size=5),
    st.integers(0, 20),
)
def test_the_map_and_the_time_line_say_the_same(found, at):
    """In any quarter a parcel is at work where its bar lies, and nowhere else."""
    works = [
        Work(f"S{n}", f"S{n}", None, [f"P{n}"], start=start, phases=phases)
        for n, (start, phases) in enumerate(found)
        if sum(phases)
    ]
    plan = plan_of(works, name="x", quarters=12)
    line, name = time_line(plan), names_from(datetime.date(2027, 1, 1), 21)[at]
    course = stages(plan, pd.Index([f"P{n}" for n in range(5)])).on(last_day(name).toordinal())
    place = at + (2027 - int(line.quarters[0][:4])) * 4 - int(line.quarters[0][-1]) + 1
    for bar in line.bars:
        seen = named([course[int(bar.site.site_id[1:])]])[0]
        ends = (bar.start, bar.vacated, bar.demolished, bar.completed)
        wanted = ["waiting", "vacating", "demolishing", "rebuilding", "completed"][sum(end <= place for end in ends)]
        assert seen == wanted, (name, ends)


def test_the_headline_is_what_the_curves_say():
    plan = lots_plan()
    found = headline(plan)
    assert (found.sites, found.started, found.begun) == (2, 1, 1)
    assert (found.started_mu, found.renovated_mu) == (3 * LOT_MU, 3 * LOT_MU)
    assert (found.spent_wan, found.income_wan, found.lowest_cash_wan) == (300.0, 200.0, 100.0)
    assert found.lowest_vacant_m2 == {"ground": 600.0, "upper": 800.0}
    best = replace(plan.ways["exact"], cash_wan=(), spent_wan=(), income_wan=())
    assert headline(replace(plan, ways={**plan.ways, "exact": best})).lowest_cash_wan is None


def test_what_is_done_so_far_is_counted_from_the_register(tmp_path):
    """P2 is completed on 15 May 2027: nothing at the end of the first quarter, one lot at the end of the next ones."""
    project = make_project(tmp_path, today=datetime.date(2027, 8, 1))
    path = ("IDENTIFIED", "PLANNED", "NEGOTIATED", "SIGNED", "VACATED", "DEMOLISHED", "CLEARED", "GRANTED",
            "HANDED_OVER", "STARTED")  # fmt: skip
    walk(project, "P2", *path, start="2026-01-01", gap_days=10)
    walk(project, "P2", "TOPPED_OUT", "COMPLETED", start="2027-04-15")
    walk(project, "P6", *path, "TOPPED_OUT", "COMPLETED", start="2026-01-01", gap_days=10)  # in no site of the plan
    assert renovated_so_far(lots_plan(), read_zone(project)) == pytest.approx((0.0, LOT_MU, LOT_MU))
    project.store.close()


def test_before_the_plan_begins_nothing_is_done(tmp_path):
    project = make_project(tmp_path)
    assert renovated_so_far(lots_plan(), read_zone(project)) == ()
    project.store.close()
