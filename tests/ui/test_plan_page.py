"""The plan page: every tab shows what the plan's document says; what is asked in the form is what is searched for."""

import datetime
import json
import re
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from landgis.roles import Actor
from landgis.rules.scheduling import load_schedule
from landgis.ui import geo, layers
from landgis.ui.guard import Guard
from landgis.ui.plan.form import FIRST_CHOICES
from landgis.ui.plan.shelf import FOUND_PLAN, NEW
from landgis.ui.routes import routes
from landgis.ui.server import KEPT_PLANS, Server, current
from landgis.workflow.project import Project, open_project
from landgis.workflow.scheduling.comparing import WAY_TITLES, compare
from landgis.workflow.scheduling.quarters import last_day
from landgis.workflow.scheduling.scenario import Scenario
from landgis.workflow.scheduling.schedule import schedule_project
from landgis.workflow.scheduling.shelf import keep_plan, list_plans, load_plan
from landgis.workflow.scheduling.view import CHANGES, STAGES, headline, stage_amounts, stages, time_line
from landgis.workflow.zone import read_zone
from tests.made_plan import blocks_plan, lots_plan
from tests.made_plan import quarter as plan_quarter
from tests.made_project import make_project, walk
from tests.ui.conftest import run_page
from tests.ui.test_geo import evaluate

EVENTS = Path(__file__).parents[2] / "data" / "parcels" / "events.csv"
AS_OF = datetime.date(2024, 7, 30)
NAME = "zone <b>*1*</b>"


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A copy of the sample zone with two plans, made by hand; the second was kept last."""
    from tests.made_project import sample_template

    where = Path(shutil.copytree(sample_template(), tmp_path_factory.mktemp("kept") / "zone"))
    project = open_project(str(where), nobody="li")
    plans = [blocks_plan(project, NAME), blocks_plan(project, "later", shift=3)]
    for one in plans:
        keep_plan(project, one)
    zone = read_zone(project)
    yield where, {one.name: one for one in plans}, zone
    project.store.close()


@pytest.fixture
def tab(kept):
    """`tab("gantt", plan=…)`: a tab of the page on the first of the two plans, in English."""
    return lambda name, **link: run_page(kept[0], "plan", **{"tab": name, "plan": NAME, "lang": "en"} | link)


@pytest.fixture
def small(tmp_path):
    """The project of six lots, and where it is."""
    project = make_project(tmp_path)
    yield project, tmp_path / "project"
    project.store.close()


def chart(test, key):
    return json.loads(next(one for one in test.get("echarts_chart") if one.proto.id.endswith(key)).proto.spec)


def series(test, key):
    return {one["name"]: one["data"] for one in chart(test, key)["series"]}


def table(test, *columns):
    """The table that has these columns; one that cannot be picked from has no key on the page."""
    return next(one.value for one in test.dataframe if set(columns) <= set(one.value.columns))


def link(test):
    return {name: values[0] if isinstance(values, list) else values for name, values in test.query_params.items()}


def texts(test):
    return [one.value for one in (*test.text, *test.caption, *test.info, *test.success, *test.error, *test.markdown)]


def with_found(where, document, **more):
    """The page of a session that has just found a plan."""
    test = run_page(where, "plan", lang="en", plan=NEW)
    test.session_state[FOUND_PLAN] = document
    test.session_state["asked"] = test.session_state["asked"].__class__(
        **{**vars(test.session_state["asked"]), "plan": None, **more}
    )
    test.run()
    assert not test.exception, [one.value for one in test.exception]
    return test


# one plan
def test_the_headline_is_that_of_the_document(tab, kept):
    cards = {one.label: one.value for one in tab("plan").metric}
    plan, found = kept[1][NAME], headline(kept[1][NAME])
    best = plan.ways["exact"]
    assert cards["renovated by the end, mu"] == f"{best.renovated_mu[-1]:,.1f}" == f"{found.renovated_mu:,.1f}"
    open_sites = [one for one in plan.sites if not one.begun]
    assert cards["sites started"] == f"{sum(one.mode is not None for one in open_sites)} / {len(open_sites)}"
    assert cards["spent, 10 000 CNY"] == f"{sum(best.spent_wan):,.0f}"
    assert cards["income, 10 000 CNY"] == f"{sum(best.income_wan):,.0f}"
    assert cards["proven within"] == "0.8%" and cards["chance that floor runs out"] == "12%"
    assert (
        cards["finish, even odds"] == plan.outlook.finish_p50
        and cards["finish, four to one"] == plan.outlook.finish_p80
    )


def test_ways_sites_and_what_is_in_none(tab, kept):
    test, plan = tab("plan"), kept[1][NAME]
    ways = table(test, "way", "objective").set_index("way")
    assert ways.index.tolist() == list(WAY_TITLES.values())
    assert ways.loc["best plan", "objective"] == 992.0 and ways.loc["greedy", "below"] == pytest.approx(36.0)
    assert np.isnan(ways.loc["Johnson's rule only", "objective"])
    sites = table(test, "site", "start")
    assert sites["start"].dropna().tolist() == sorted(one.start_quarter for one in plan.sites if one.start_quarter)
    assert sites["area_mu"].sum() == pytest.approx(sum(one.area_mu for one in plan.sites))
    assert sites["why"].tolist()[0] == "had begun" and sites["why"].tolist()[-1] == "budget"
    assert table(test, "parcel", "why")["parcel"].tolist() == [one.parcel_id for one in plan.left_out]
    assert table(test, "source")["name"].tolist() == ["vacant_share", "needed_share"]


def test_a_bar_of_the_time_line_is_a_site_with_its_works(tab, kept):
    option, plan = chart(tab("gantt"), "plan_gantt"), kept[1][NAME]
    names = option["xAxis"][1]["data"]
    drawn = [one for one in option["series"] if one["type"] == "bar"]
    assert len(option["yAxis"]["data"]) == sum(one.mode is not None for one in plan.sites)
    by_title = {title: {one.site_id: one for one in plan.sites}[title.split()[-1]] for title in option["yAxis"]["data"]}
    assert "Old Changcheng LCC" in by_title
    for row, title in enumerate(option["yAxis"]["data"]):
        site = by_title[title]
        start, vacate, demolish, rebuild = (one["data"][row] or 0 for one in drawn)
        assert names[start] == site.start_quarter
        assert names[start + vacate - 1] == site.vacated_quarter
        assert names[start + vacate + demolish - 1] == site.demolished_quarter
        assert names[start + vacate + demolish + rebuild - 1] == site.completed_quarter
    whiskers = next(one["data"] for one in option["series"] if one["name"] == "finish, four to one")
    assert len(whiskers) == len(option["yAxis"]["data"])
    assert [names[x - 1] for x, _ in whiskers] == [by_title[title].finish_p80 for _, title in whiskers]


@pytest.mark.parametrize("name", ["2027-Q1", "2029-Q4", "2031-Q1"])
def test_the_map_paints_what_the_plan_has_each_parcel_be(tab, kept, name):
    _, plans, zone = kept
    spec = json.loads(tab("map", quarter=name).get("deck_gl_json_chart")[0].proto.json)
    fill = next(layer for layer in spec["layers"] if layer["id"] == "parcels")
    digest = current().show_plan(plans[NAME])
    assert fill["data"].endswith(f"/plan/{digest}/parcels.geojson") and len(json.dumps(spec)) < 20_000
    features = json.loads(geo.plan_parcels(zone, zone.today, plans[NAME]))["features"]
    shown = layers.Shown("", STAGES.key, last_day(name).toordinal(), {STAGES.key: CHANGES})
    picked = Counter(STAGES.keys[evaluate(layers.code(STAGES.key, shown), one["properties"])] for one in features)
    done = {one.parcel_id for one in plans[NAME].left_out if one.reason == "renovated"}
    sites = plans[NAME].site_of()
    by_hand = Counter("before" if key in done else stage_of(sites.get(key), name) for key in zone.parcel_ids)
    assert picked == by_hand and len(picked) > 3
    assert str(last_day(name).toordinal()) in json.dumps(fill)


def stage_of(site, name):
    """The stage of a site's land in a quarter, by comparing texts."""
    if site is None:
        return "out"
    if site.mode is None:
        return "left"
    ends = (site.vacated_quarter, site.demolished_quarter, site.completed_quarter)
    if name < site.start_quarter:
        return "waiting"
    return next((stage for stage, end in zip(("vacating", "demolishing", "rebuilding"), ends, strict=True)
                 if name <= end), "completed")  # fmt: skip


def test_the_map_fetches_its_parcels_by_address(kept):
    """Once for each plan; what is not shown any more, or never was, is not there."""
    where, plans, _ = kept
    server = Server(str(where), nobody="li")
    project = server.who({})
    zone = server.zone(project)
    client = TestClient(Starlette(routes=routes(server), middleware=[Middleware(Guard, server=server)]))
    name = server.show_plan(plans[NAME])
    address = f"/geo/{zone.version}/{zone.turn(zone.today)}/plan/{{}}/parcels.geojson"
    answer = client.get(address.format(name))
    assert answer.status_code == 200 and len(answer.json()["features"]) == len(zone.parcel_ids)
    assert client.get(address.format(name), headers={"if-none-match": answer.headers["etag"]}).status_code == 304
    site = next(one for one in plans[NAME].sites if one.mode == "MSE_PARK")
    said = next(one["properties"] for one in answer.json()["features"] if one["properties"]["id"] == site.parcel_ids[0])
    assert (said["t_site"], said["t_start"], said["t_mode_en"]) == (
        site.site_id,
        site.start_quarter,
        "park for small firms",
    )
    assert client.get(address.format("0" * 32)).status_code == 404
    for _ in range(KEPT_PLANS):
        server.show_plan(replace(plans[NAME], name=str(_)))
    with pytest.raises(KeyError):
        server.plan_at(name)
    assert client.get(address.format(server.show_plan(plans["later"]))).status_code == 200


def test_the_legend_counts_what_is_painted(tab, kept):
    test, name = tab("map", quarter="2029-Q4"), "2029-Q4"
    found = stage_amounts(kept[2], stages(kept[1][NAME], kept[2].parcel_ids), last_day(name))
    said = [one.value for one in test.markdown if "/swatch/" in one.value]
    assert len(said) == sum(amount.parcels > 0 for amount in found.values())
    for text, amount in zip(said, [one for one in found.values() if one.parcels], strict=True):
        assert f"**{amount.parcels:,}** ({amount.mu:,.0f} mu)" in text


def test_the_slider_goes_through_the_plans_quarters(tab, kept):
    test = tab("map")
    slider = next(one for one in test.select_slider if one.key == "plan_quarter")
    whole = time_line(kept[1][NAME]).quarters
    assert list(slider.options) == list(whole[whole.index("2027-Q1") :]) and slider.value == "2027-Q1"
    slider.set_value("2030-Q2").run()
    assert link(test)["quarter"] == "2030-Q2" and test.session_state["asked"].quarter == "2030-Q2"


def test_the_curves_are_those_of_the_document(tab, kept):
    test, plan = tab("curves"), kept[1][NAME]
    best = plan.ways["exact"]
    land = series(test, "plan_land")
    assert land == {WAY_TITLES[way]: list(found.renovated_mu) for way, found in plan.ways.items() if found is not None}
    money = series(test, "plan_money")
    assert money == {
        "income": list(best.income_wan), "spent": [-one for one in best.spent_wan], "new money": list(plan.budget_wan),
        "left at the end": list(best.cash_wan),
    }  # fmt: skip
    titles = load_schedule("yongkang-draft").kinds
    assert series(test, "plan_space") == {titles[kind].en: list(floor) for kind, floor in best.vacant_m2.items()}
    assert list(series(test, "plan_firms").values()) == [list(best.displaced_firms)]


def test_plans_side_by_side(tab, kept):
    test = tab("compare")
    plans = [kept[1]["later"], kept[1][NAME]]  # the one kept last is the first
    found = compare(plans)
    shown = table(test, "objective", "plan")
    assert shown["plan"].tolist() == ["later", NAME]
    wanted = found.table[found.table["way"] == "exact"]
    for name in ("objective", "started_mu", "renovated_mu", "spent_wan", "firm_months", "sites_started"):
        assert shown[name].tolist() == wanted[name].tolist(), name
    assert series(test, "plan_compare_land") == {one.name: list(one.ways["exact"].renovated_mu) for one in plans}
    assert series(test, "plan_compare_money") == {one.name: list(one.ways["exact"].cash_wan) for one in plans}
    starts = table(test, "later", NAME)
    assert len(starts) == len(plans[0].sites)
    assert sum("left as it is" in text for text in starts["later"]) == sum(one.mode is None for one in plans[0].sites)
    test.toggle(key="plan_compare_ways").set_value(True).run()
    assert len(table(test, "objective", "plan")) == 6  # Johnson's rule finds none
    test.toggle(key="plan_compare_maps").set_value(True).run()
    assert len(test.get("deck_gl_json_chart")) == 2 and not test.exception


# which plan
def test_a_link_restores_tab_plan_and_quarter(tab, kept):
    asked = {"tab": "map", "plan": NAME, "quarter": "2028-Q1", "lang": "en"}
    assert link(tab("map", quarter="2028-Q1")) == asked
    assert tab("curves", plan="no such plan").selectbox(key="plan_chosen").value == "later"


def test_without_a_link_it_is_the_plan_kept_last(kept):
    test = run_page(kept[0], "plan", lang="en")
    box = test.selectbox(key="plan_chosen")
    assert box.value == "later" and box.options == ["new plan …", "later", NAME]
    box.set_value(NAME).run()
    assert link(test)["plan"] == NAME and not test.exception


def test_tabs_stand_in_the_link(kept):
    test = run_page(kept[0], "plan", lang="en")
    test.segmented_control(key="plan_tab").set_value("gantt").run()
    assert link(test)["tab"] == "gantt"


@pytest.mark.parametrize("name", ["plan", "gantt", "compare", "register"])
def test_every_tab_of_an_empty_project_says_something(small, name):
    test = run_page(small[1], "plan", tab=name)
    assert test.selectbox(key="plan_chosen").value == NEW
    assert test.info or test.caption
    assert not test.error


# what is done with it
def test_a_plan_that_was_found_is_kept_under_a_name(small):
    project, where = small
    test = with_found(where, lots_plan("rolling"))
    assert test.selectbox(key="plan_chosen").options[0] == "rolling, not kept yet"
    test.text_input(key="plan_keep_name").set_value("my <i>plan</i>")
    test.button(key="plan_keep_now").click().run()
    assert not test.exception and not test.error
    assert [one.name for one in list_plans(project)] == ["my <i>plan</i>"]
    wanted = lots_plan("my <i>plan</i>")
    assert load_plan(project, "my <i>plan</i>").sites == wanted.sites
    assert FOUND_PLAN not in test.session_state and link(test)["plan"] == "my <i>plan</i>"
    assert any("kept as" in text and "<i>" not in text for text in texts(test))


def test_a_name_that_cannot_be_is_refused_in_words(small):
    test = with_found(small[1], lots_plan("rolling"))
    test.text_input(key="plan_keep_name").set_value("plan.json")
    test.button(key="plan_keep_now").click().run()
    assert any("no name for a plan" in one.value.replace("\\", "") for one in test.error)
    assert list_plans(small[0]) == []


def test_dropping_takes_a_click_more(small):
    project, where = small
    keep_plan(project, lots_plan("rolling"))
    test = run_page(where, "plan", lang="en", plan="rolling")
    test.button(key="plan_drop_now").click().run()
    assert list_plans(project) == [] and test.selectbox(key="plan_chosen").value == NEW


def test_adopting_shows_what_would_be_written_and_writes_it(small):
    project, where = small
    keep_plan(project, lots_plan("rolling", ledger_line=project.store.head().seq))
    test = run_page(where, "plan", lang="en", plan="rolling")
    test.button(key="plan_adopt").click().run()
    assert not test.exception and not test.error, texts(test)
    steps = table(test, "written").set_index("step")
    before = project.store.head().seq
    assert steps.loc["vacated", "written"] == 3  # P1 of the site that has begun, P2 and P3
    assert project.store.head().seq == before
    test.button(key="plan_adopt_now").click().run()
    lines = [one for one in project.store.entries(after=before) if one.kind == "planned"]
    assert Counter(one.milestone for one in lines)["VACATED"] == 3 and len(lines) == steps["written"].sum()
    assert {(one.parcel_id, one.occurred_on) for one in lines if one.milestone == "COMPLETED"} == {
        ("P1", "2028-03-31"), ("P2", "2028-12-31"), ("P3", "2028-12-31"),
    }  # fmt: skip
    assert list_plans(project)[0].adopted


def test_changing_a_plan_fills_the_form_with_what_was_asked(small):
    project, where = small
    plan = lots_plan("rolling", scenario={
        "name": "rolling", "budget_wan": [100.0, 50.0], "required": ["B1"], "quarters": 20, "crews": {"demolition": 3.0},
        "first": "2027-Q3", "before": [{"before": "B1", "after": "B2", "lag_quarters": 2}],
    })  # fmt: skip
    keep_plan(project, plan)
    test = run_page(where, "plan", lang="en", plan="rolling")
    test.button(key="plan_change").click().run()
    assert not test.exception
    fields = {one.key.rsplit("_", 1)[0]: one.value for one in (
        *test.text_input, *test.number_input, *test.multiselect, *test.selectbox, *test.text_area) if one.key}  # fmt: skip
    assert (fields["plan_name"], fields["plan_budget"], fields["plan_years"]) == ("rolling", "100 50", 5)
    assert (fields["plan_required"], fields["plan_first"], fields["plan_crew_demolition"]) == (["B1"], "2027-Q3", 3.0)
    assert fields["plan_before"] == "B1: B2: 2"


def test_the_form_offers_the_next_quarters_and_the_modes_of_the_rules(small):
    test = run_page(small[1], "plan", lang="en")
    terms = load_schedule("yongkang-draft")
    first = next(one for one in test.selectbox if one.key.startswith("plan_first"))
    assert first.value >= plan_quarter(0)
    assert len(first.options) == FIRST_CHOICES
    modes = next(one for one in test.multiselect if one.key.startswith("plan_modes"))
    assert modes.value == [one for one in terms.modes if one in terms.allowed_modes] or set(modes.value) == set(
        terms.allowed_modes
    )
    assert len(modes.options) == len(terms.modes)


def test_what_cannot_be_read_is_said_and_nothing_is_searched(small):
    test = run_page(small[1], "plan", lang="en")
    next(one for one in test.text_input if one.key.startswith("plan_budget")).set_value("much")
    next(one for one in test.text_area if one.key.startswith("plan_before")).set_value("A\nB: C: x")
    next(one for one in test.button if one.label == "find a plan").click().run()
    said = [one.value.replace("\\", "") for one in test.error]
    assert len(said) == 3 and any("much is no amount of money" in one for one in said)
    assert FOUND_PLAN not in test.session_state


def test_a_plan_that_the_register_has_overtaken_says_so(small):
    project, where = small
    keep_plan(project, lots_plan("rolling", ledger_line=project.store.head().seq))
    assert not run_page(where, "plan", lang="en", plan="rolling").warning
    walk(project, "P2", "IDENTIFIED")
    assert "plan again" in run_page(where, "plan", lang="en", plan="rolling").warning[0].value


@pytest.mark.parametrize(("role", "may"), [("viewer", False), ("officer", False), ("approver", True)])
def test_only_who_may_keep_and_adopt_is_offered_it(small, role, may, monkeypatch):
    keep_plan(small[0], lots_plan("rolling"))
    monkeypatch.setattr("landgis.ui.server.Server.who", lambda server, _: Project(server.store, Actor("li", role)))
    test = run_page(small[1], "plan", lang="en", plan="rolling")
    keys = {one.key for one in test.button}
    assert ({"plan_adopt", "plan_drop_now", "plan_keep_now"} <= keys) is may
    assert "plan_again" in keys and any("takes the role approver" in text for text in texts(test)) is not may


def test_limits_that_clash_are_said_with_what_is_missing(page):
    """No new money at all, where works that have begun have to be paid: the budget is named, and by how much it is short."""
    test = page("plan", lang="en", plan=NEW)
    next(one for one in test.text_input if one.key.startswith("plan_budget")).set_value("0")
    next(one for one in test.slider if one.key.startswith("plan_seconds")).set_value(60.0)
    next(one for one in test.button if one.label == "find a plan").click().run()
    said = [one.value.replace("\\", "") for one in test.error]
    assert any(one.startswith("E-PLAN-CLASH") and "budget" in one for one in said), said
    short = next(one for one in said if one.startswith("E-PLAN-CASH"))
    assert float(re.search(r"short by ([\d.]+)", short)[1]) > 0
    assert not test.exception and FOUND_PLAN not in test.session_state


def test_planning_again_says_what_moved_and_why(page, sample_copy):
    """One site of a plan that was found is made one that is left; the plan that takes its place starts it again."""
    project = open_project(str(sample_copy), nobody="li")
    plan = schedule_project(project, Scenario("rolling", seconds=3.0, draws=0))
    first = min((one for one in plan.sites if one.mode and not one.begun), key=lambda one: one.start_quarter)
    left = {name: None for name in vars(first) if name.endswith("_quarter") or name in ("mode", "new_floor_m2")}
    left |= {
        "milestones": {},
        "needs_m2": {},
        "returns_m2": {},
        "why_not": "space",
        "cost_wan": None,
        "income_wan": None,
    }
    keep_plan(project, replace(plan, sites=tuple(replace(one, **left) if one is first else one for one in plan.sites)))
    project.store.close()
    test = page("plan", lang="en", plan="rolling")
    test.button(key="plan_again").click().run()
    assert not test.exception and not test.error, texts(test)
    found = test.session_state[FOUND_PLAN]
    assert found.name == "rolling-2" and test.selectbox(key="plan_chosen").options[0] == "rolling-2, not kept yet"
    moved = table(test, "was", "now").set_index("site")
    row = moved.loc[next(title for title in moved.index if title.split()[-1] == first.site_id)]
    again = next(one for one in found.sites if one.site_id == first.site_id)
    assert (row["what"], row["was"], row["now"]) == ("newly started", None, again.start_quarter)
    assert row["why"] == "before, it was left: swing space"
    assert not any("stays" in what for what in moved["what"])


# what the register has as planned
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


@pytest.fixture
def register(page):
    return lambda **link: page("plan", **{"tab": "register", "day": AS_OF.isoformat(), "lang": "en"} | link)


def test_by_quarter_it_is_what_the_file_of_the_ledger_says(register):
    test = register()
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


def test_one_step_by_quarter_as_a_chart_and_by_block(register):
    test = register()
    test.segmented_control(key="board_measure").set_value("parcels").run()
    test.selectbox(key="plan_step").set_value("SIGNED").run()
    wanted = open_by_hand()
    signed = wanted[wanted["milestone"] == "SIGNED"]["quarter"].value_counts()
    shown = chart(test, "plan_quarters")
    drawn = dict(zip(shown["xAxis"]["data"], shown["series"][0]["data"], strict=True))
    assert {quarter: count for quarter, count in drawn.items() if count} == signed.to_dict()
    blocks = test.dataframe[1].value
    assert "Old Changcheng" in blocks["block"].tolist()
    assert blocks[signed.index].sum().to_dict() == signed.to_dict()


def test_the_parcels_of_a_block_on_a_time_line(register):
    line = chart(register(block="LCC"), "plan_line")
    points = {(parcel, day) for one in line["series"] for day, parcel in (dot["value"] for dot in one["data"])}
    wanted = open_by_hand()
    by_file = set(zip(wanted["parcel_id"], wanted["occurred_on"], strict=True))
    assert points and points <= by_file
    assert {point for point in by_file if point[0] in line["yAxis"]["data"]} == points
    assert not [one for one in register().get("echarts_chart") if "plan_line" in one.proto.id]


def test_a_row_opens_the_dossier(register):
    test = register(lang="zh_CN")
    parcel = test.dataframe[2].value["parcel_id"].iloc[4]
    test.session_state["plan_steps"] = {"selection": {"rows": [4], "columns": [], "cells": []}}
    test.run()
    assert test.session_state["asked"].parcel == parcel


def test_nothing_planned_is_said(register):
    test = register(day="2099-01-01", block="XZ")
    assert any("nothing is planned" in one.value for one in test.caption)
    assert not test.exception


@pytest.mark.parametrize("measure", ["floor_area_m2", "occupants"])
def test_every_measure_is_shown(register, measure):
    test = register()
    test.segmented_control(key="board_measure").set_value(measure).run()
    assert not test.exception and float(np.nansum(test.dataframe[0].value.to_numpy(float))) > 0
