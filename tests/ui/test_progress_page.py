"""The board on the sample zone: its figures counted again from the ledger's own file, its switches, its way to a dossier."""

import datetime
import json
from pathlib import Path

import pandas as pd
import pytest

EVENTS = Path(__file__).parents[2] / "data" / "parcels" / "events.csv"
AS_OF = datetime.date(2024, 7, 30)
SIDES = ("PAUSED", "RESUMED", "WITHDRAWN")


def late_by_hand(as_of: datetime.date) -> pd.DataFrame:
    """Planned before a day and never reached: from the file that the register was filled from."""
    rows = pd.read_csv(EVENTS, dtype=str)
    rows = rows[rows["building_id"].isna()]
    plans = rows[(rows["kind"] == "planned") & (rows["occurred_on"] < as_of.isoformat())]
    facts = rows[rows["kind"] == "actual"]
    left = set(facts["parcel_id"][facts["milestone"] == "WITHDRAWN"])
    done = set(zip(facts["parcel_id"], facts["milestone"], strict=True))
    late = [one.parcel_id not in left and (one.parcel_id, one.milestone) not in done for one in plans.itertuples()]
    return plans[late].drop_duplicates(["parcel_id", "milestone"], keep="last")


def option(test, key: str) -> dict:
    """The ECharts option of a chart."""
    found = [one for one in test.get("echarts_chart") if key in one.proto.id]
    assert len(found) == 1, [one.proto.id for one in test.get("echarts_chart")]
    return json.loads(found[0].proto.spec)


def metrics(test) -> dict[str, str]:
    return {one.label: one.value for one in test.metric}


def table(test, key: str) -> pd.DataFrame:
    return next(one.value for one in test.dataframe if one.key == key)


def test_what_is_late_stands_first_the_latest_on_top(page):
    test = page("progress", day=AS_OF.isoformat(), lang="en")
    wanted = late_by_hand(AS_OF)
    shown = table(test, "progress_late")
    assert test.dataframe[0].key == "progress_late"
    assert set(zip(shown["parcel_id"], shown["planned_on"].astype(str), strict=True)) == set(
        zip(wanted["parcel_id"], wanted["occurred_on"], strict=True)
    )
    assert len(shown) == len(wanted) > 30 and shown["overdue_days"].is_monotonic_decreasing
    first = datetime.date.fromisoformat(str(shown["planned_on"].iloc[0]))
    assert shown["overdue_days"].iloc[0] == (AS_OF - first).days
    assert metrics(test)["overdue steps"] == str(len(wanted))
    assert metrics(test)["overdue parcels"] == str(wanted["parcel_id"].nunique())


def test_nothing_late_is_said(page):
    test = page("progress", day="2018-01-15", lang="en")
    assert [one.value for one in test.success] == ["nothing is overdue on Jan 15, 2018"]


def test_a_row_that_is_clicked_opens_the_dossier(page):
    test = page("progress", day=AS_OF.isoformat())
    parcel = table(test, "progress_late")["parcel_id"].iloc[2]
    test.session_state["progress_late"] = {"selection": {"rows": [], "columns": [], "cells": [(2, "milestone")]}}
    test.run()
    assert test.session_state["asked"].parcel == parcel
    assert not [one for one in test.metric if one.label == "SPI(t)"]  # another page is shown


def test_the_figures_of_the_articles(page):
    """189 parcels, 2 917.9 mu renovated by 30 June 2024 (data/parcels/claims.csv)."""
    test = page("progress", day="2024-06-30", lang="en")
    assert metrics(test)["renovated, mu"] == "2,917.9"
    test.segmented_control(key="board_measure").set_value("parcels").run()
    assert metrics(test)["renovated, parcels (number)"] == "189"
    assert not test.exception


@pytest.mark.parametrize("measure", ["parcels", "mu", "floor_area_m2", "occupants"])
def test_the_stack_of_the_day_is_the_row_sum_of_the_blocks(page, measure):
    test = page("progress", day="2024-06-30", lang="en")
    test.segmented_control(key="board_measure").set_value(measure).run()
    test.toggle(key="progress_not_begun").set_value(True).run()
    stack, blocks = option(test, "progress_phases"), option(test, "progress_blocks")
    of_day = {one["name"]: next(value for day, value in one["data"] if day == "2024-06-30") for one in stack["series"]}
    beside = {one["name"]: sum(one["data"]) for one in blocks["series"]}
    assert blocks["xAxis"]["name"] == stack["yAxis"]["name"]
    for name, value in beside.items():
        if measure == "occupants":  # a firm on parcels of two blocks counts in both
            assert value >= of_day[name]
        else:
            assert value == pytest.approx(of_day[name], abs=0.01)


def test_one_block_alone(page):
    test = page("progress", day=AS_OF.isoformat(), block="LCC", lang="en")
    late = late_by_hand(AS_OF)
    parcels = set(table(test, "progress_late")["parcel_id"])
    assert parcels <= set(late["parcel_id"]) and len(parcels) < late["parcel_id"].nunique()
    assert set(table(test, "progress_late")["block_id"]) == {"Old Changcheng"}
    row = test.dataframe[1].value.set_index("block").loc["Old Changcheng"]
    assert row["late_parcels"] == len(parcels)


def test_the_milestone_is_what_curve_and_pace_are_about(page):
    test = page("progress", day="2024-06-30", lang="en")
    test.segmented_control(key="board_measure").set_value("parcels").run()
    test.selectbox(key="board_milestone").set_value("VACATED").run()
    rows = pd.read_csv(EVENTS, dtype=str)
    vacated = rows[(rows["milestone"] == "VACATED") & (rows["kind"] == "actual")]
    whole = vacated[vacated["building_id"].isna()]["parcel_id"].nunique()
    curve = {one["name"]: one["data"] for one in option(test, "progress_curve")["series"]}
    assert curve["actual"][-1][0] == "2024-06-30" and curve["actual"][-1][1] >= whole
    assert metrics(test)["vacated, parcels (number)"] == str(int(curve["actual"][-1][1]))
    bars = option(test, "progress_pace")["series"][0]["data"]
    june = vacated[vacated["occurred_on"].str.startswith("2024-06") & vacated["building_id"].isna()]
    assert bars[-1] >= len(june) > 0  # the month is over on its last day


def test_news_since_a_day(page):
    test = page("progress", day="2024-06-30", lang="en")
    rows = pd.read_csv(EVENTS, dtype=str)
    june = rows[(rows["kind"] == "actual") & rows["building_id"].isna() & rows["occurred_on"].str.startswith("2024-06")]
    news = table(test, "progress_news")
    assert set(news["change"]) <= {"reached", "taken back", "another day"}
    steps = june[~june["milestone"].isin(SIDES)]
    assert set(zip(steps["parcel_id"], steps["occurred_on"], strict=True)) <= set(
        zip(news["parcel_id"], news["day"].astype(str), strict=True)
    )


def test_an_unknown_block_in_a_link_is_said_and_not_a_fault(page):
    test = page("progress", block="NOWHERE", lang="en")
    assert "there is no block NOWHERE" in test.error[0].value
