"""The plan page: it says what will come, and shows the planned days of the register."""

import datetime
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

EVENTS = Path(__file__).parents[2] / "data" / "parcels" / "events.csv"
AS_OF = datetime.date(2024, 7, 30)


def open_by_hand() -> pd.DataFrame:
    """Planned for parcels and not reached, from the file that the register was filled from; with its quarter."""
    rows = pd.read_csv(EVENTS, dtype=str)
    rows = rows[rows["building_id"].isna()]
    facts = rows[(rows["kind"] == "actual") & (rows["occurred_on"] <= AS_OF.isoformat())]
    left = set(facts["parcel_id"][facts["milestone"] == "WITHDRAWN"])
    done = set(zip(facts["parcel_id"], facts["milestone"], strict=True)) | {(parcel, None) for parcel in left}
    plans = rows[rows["kind"] == "planned"].drop_duplicates(["parcel_id", "milestone"], keep="last")
    still = plans[
        [(p, m) not in done and p not in left for p, m in zip(plans["parcel_id"], plans["milestone"], strict=True)]
    ]
    day = pd.to_datetime(still["occurred_on"])
    quarter = day.dt.year.astype(str) + "-Q" + day.dt.quarter.astype(str)
    return still.assign(quarter=np.where(still["occurred_on"] < AS_OF.isoformat(), "overdue", quarter))


def test_it_says_what_will_stand_here(page):
    assert "planner" in page("plan", lang="en").info[0].value


def test_by_quarter_it_is_what_the_file_of_the_ledger_says(page):
    test = page("plan", day=AS_OF.isoformat(), lang="en")
    test.segmented_control(key="board_measure").set_value("parcels").run()
    shown = test.dataframe[0].value
    wanted = open_by_hand()
    assert wanted["quarter"].nunique() > 5
    for (quarter, milestone), rows in wanted.groupby(["quarter", "milestone"]):
        title = {"DEMOLISHED": "demolished", "SIGNED": "signed", "COMPLETED": "completed"}.get(milestone)
        if title:
            assert shown.loc[quarter, title] == len(rows), (quarter, milestone)
    assert shown.index[0] == "overdue"
    assert len(test.dataframe[2].value) == len(wanted)


def test_one_step_by_quarter_as_a_chart_and_by_block(page):
    test = page("plan", day=AS_OF.isoformat(), lang="en")
    test.segmented_control(key="board_measure").set_value("parcels").run()
    test.selectbox(key="plan_step").set_value("SIGNED").run()
    wanted = open_by_hand()
    signed = wanted[wanted["milestone"] == "SIGNED"]["quarter"].value_counts()
    chart = json.loads(next(one for one in test.get("echarts_chart") if "plan_quarters" in one.proto.id).proto.spec)
    drawn = dict(zip(chart["xAxis"]["data"], chart["series"][0]["data"], strict=True))
    assert {quarter: count for quarter, count in drawn.items() if count} == signed.to_dict()
    blocks = test.dataframe[1].value
    assert "Old Changcheng" in blocks["block"].tolist()
    assert blocks[signed.index].sum().to_dict() == signed.to_dict()


def test_the_parcels_of_a_block_on_a_time_line(page):
    test = page("plan", day=AS_OF.isoformat(), block="LCC", lang="en")
    line = json.loads(next(one for one in test.get("echarts_chart") if "plan_line" in one.proto.id).proto.spec)
    points = {(parcel, day) for one in line["series"] for day, parcel in (dot["value"] for dot in one["data"])}
    wanted = open_by_hand()
    by_file = set(zip(wanted["parcel_id"], wanted["occurred_on"], strict=True))
    assert points and points <= by_file
    assert {point for point in by_file if point[0] in line["yAxis"]["data"]} == points
    assert not [one for one in page("plan", day=AS_OF.isoformat()).get("echarts_chart") if "plan_line" in one.proto.id]


def test_a_row_opens_the_dossier(page):
    test = page("plan", day=AS_OF.isoformat())
    parcel = test.dataframe[2].value["parcel_id"].iloc[4]
    test.session_state["plan_steps"] = {"selection": {"rows": [4], "columns": [], "cells": []}}
    test.run()
    assert test.session_state["asked"].parcel == parcel


def test_nothing_planned_is_said(page):
    test = page("plan", day="2099-01-01", block="XZ", lang="en")
    assert any("nothing is planned" in one.value for one in test.caption)
    assert not test.exception


@pytest.mark.parametrize("measure", ["floor_area_m2", "occupants"])
def test_every_measure_is_shown(page, measure):
    test = page("plan", day=AS_OF.isoformat(), lang="en")
    test.segmented_control(key="board_measure").set_value(measure).run()
    assert not test.exception and float(np.nansum(test.dataframe[0].value.to_numpy(float))) > 0
