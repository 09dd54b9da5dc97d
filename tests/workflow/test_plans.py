"""Plans kept in a project: append-only, by name, on every store; and as a layer."""

import contextlib
import datetime
import hashlib
from dataclasses import replace

import geopandas as gpd
import pytest

from landgis.errors import InputRefused, RegisterRefused, UsageError
from landgis.io.write import write_layer
from landgis.phases.ledger import Draft, packed, verify
from landgis.results import SHAPEFILE_NAME_LENGTH
from landgis.roles import Actor
from landgis.store.memory import MemoryStore
from landgis.store.postgis import PostgisStore
from landgis.workflow.adopting.adopt import adopt
from landgis.workflow.archive import copy_project
from landgis.workflow.project import Project, open_project
from landgis.workflow.scheduling.layer import PLAN_COLUMNS, plan_layer, planned
from landgis.workflow.scheduling.shelf import drop_plan, keep_plan, list_plans, load_plan
from tests.made_plan import blocks_plan, lots_plan
from tests.made_project import PARCELS, as_user, make_project
from tests.postgres import postgres
from tests.store.conftest import register

__all__ = ["postgres", "register"]


@pytest.fixture(params=["memory", "local", "postgis"])
def project(request, tmp_path):
    if request.param == "local":
        return make_project(tmp_path)
    if request.param == "memory":
        store = MemoryStore()
    else:
        like = request.getfixturevalue("register")
        store = PostgisStore(request.getfixturevalue("postgres").database(like=like))
    request.addfinalizer(store.close)
    return Project(store, Actor("li", "approver"), lambda: datetime.date(2026, 11, 21))


def test_kept_listed_loaded_dropped(project):
    assert list_plans(project) == []
    one, other = lots_plan("滚动"), lots_plan("fast")
    before = project.store.head().seq
    kept = keep_plan(project, one)
    keep_plan(project, other)
    assert project.store.head().seq == before + 2 and kept.line == before + 1
    assert list_plans(project)[0] == kept and [plan.name for plan in list_plans(project)] == ["滚动", "fast"]
    assert load_plan(project, "滚动") == one and load_plan(project, "fast") == other
    assert (kept.by, kept.objective, kept.gap, kept.first, kept.last, kept.started) == (
        "li", 992.0, 0.008, "2027-Q1", "2029-Q4", 1)  # fmt: skip
    assert not kept.adopted and kept.made_at == one.made_at and kept.as_json()["name"] == "滚动"
    drop_plan(project, "滚动")
    assert [plan.name for plan in list_plans(project)] == ["fast"]
    with pytest.raises(InputRefused, match="no plan 滚动 is kept here; kept are: fast"):
        load_plan(project, "滚动")
    keep_plan(project, one)
    assert [plan.name for plan in list_plans(project)] == ["fast", "滚动"]
    assert list(verify(project.store.entries())) == []
    assert [entry.action for entry in project.store.entries(after=before)] == ["plan"] * 4


def test_a_name_kept_again_gives_the_new_plan_and_the_old_file_stays(project):
    one = lots_plan()
    first = keep_plan(project, one)
    assert keep_plan(project, one) == first and project.store.head().seq == first.line  # the same is kept once
    changed = replace(one, objective=993.0)
    second = keep_plan(project, changed)
    assert load_plan(project, one.name) == changed and list_plans(project) == [second]
    assert project.store.evidence(first.sha256).content == one.as_bytes()
    assert hashlib.sha256(one.as_bytes()).hexdigest() == first.sha256


def test_adopted_is_the_plan_that_was_adopted_last(project):
    """As `adopting` writes it: a baseline with the hash of the plan; one frozen by hand is of no plan."""
    one, other = keep_plan(project, lots_plan("a")), keep_plan(project, lots_plan("b"))

    def frozen(**more):
        project.store.append([Draft("baseline", details=packed(more))], by="li")
        return [plan.adopted for plan in list_plans(project)]

    assert frozen(name="a") == [False, False]
    assert frozen(name="a (2)", sha256=one.sha256) == [True, False]
    assert frozen(name="by hand") == [True, False]
    assert frozen(name="b", sha256=other.sha256) == [False, True]
    keep_plan(project, replace(lots_plan("b"), objective=1.0))  # another plan under that name
    assert [plan.adopted for plan in list_plans(project)] == [False, False]


def test_adopting_a_kept_plan_marks_it(tmp_path):
    project = make_project(tmp_path)
    keep_plan(project, lots_plan("other"))
    keep_plan(project, lots_plan("rolling", ledger_line=project.store.head().seq))
    adopt(project, load_plan(project, "rolling"))
    assert {plan.name: plan.adopted for plan in list_plans(project)} == {"other": False, "rolling": True}


def test_roles(project):
    keep_plan(project, lots_plan())
    for name, role in (("wang", "viewer"), ("zhao", "officer")):
        user = as_user(project, name, role)
        assert load_plan(user, "rolling") and len(list_plans(user)) == 1
        for forbidden in (lambda user=user: keep_plan(user, lots_plan()), lambda user=user: drop_plan(user, "rolling")):
            with pytest.raises(RegisterRefused, match="takes the role approver"):
                forbidden()


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, "two\nlines", "plan.json", "Plan.JSON"])
def test_what_is_no_name(tmp_path, name):
    with pytest.raises(UsageError, match="is no name for a plan"):
        keep_plan(make_project(tmp_path), lots_plan(name))


def test_a_name_is_found_by_what_it_is_like(tmp_path):
    project = make_project(tmp_path)
    for forbidden in (load_plan, drop_plan):
        with pytest.raises(InputRefused, match="no plan is kept here yet"):
            forbidden(project, "rolling")
    keep_plan(project, lots_plan("north/south"))
    with pytest.raises(InputRefused, match="do you mean north/south"):
        load_plan(project, "north-south")
    assert "/" not in project.store.evidence(list_plans(project)[0].sha256).name


def test_a_plan_goes_along_where_the_project_is_copied(tmp_path):
    project = make_project(tmp_path)
    keep_plan(project, lots_plan())
    copy_project(project, str(tmp_path / "copy"))
    with contextlib.closing(open_project(str(tmp_path / "copy"), nobody="li").store) as store:
        assert load_plan(Project(store, Actor("li", "viewer")), "rolling") == lots_plan()


def test_a_file_that_was_changed_is_refused(tmp_path, monkeypatch):
    project = make_project(tmp_path)
    kept = keep_plan(project, lots_plan())
    there = project.store.evidence(kept.sha256)
    monkeypatch.setattr(project.store, "evidence", lambda _: there._replace(content=there.content + b" "))
    with pytest.raises(InputRefused, match="was changed"):
        load_plan(project, "rolling")
    monkeypatch.setattr(project.store, "evidence", lambda _: None)
    with pytest.raises(InputRefused, match="is missing"):
        load_plan(project, "rolling")


# ── as a layer


def texts(column):
    """The values of a column, None where there is none."""
    return column.astype(object).where(column.notna(), None).tolist()


def test_layer_by_hand(tmp_path):
    project = make_project(tmp_path)
    layer = plan_layer(project, lots_plan()).set_index("parcel_id")
    assert tuple(layer.index) == PARCELS and (layer.area.round() == 6000).all()
    assert texts(layer["site_id"]) == ["B1*", "B1", "B1", "B2", "B2", None]
    assert layer["block_id"].tolist() == ["B1"] * 3 + ["B2"] * 3
    assert layer.loc["P2", "start_quarter"] == "2027-Q2" and layer.loc["P1", "start_quarter"] == "2026-Q3"
    assert layer["begun"].tolist() == ["yes", "no", "no", "no", "no", "no"]
    # two quarters of vacating, one of demolishing, four of rebuilding from 2027-Q2
    told = {
        step: layer.loc["P3", planned(step)] for step in ("SIGNED", "VACATED", "DEMOLISHED", "STARTED", "COMPLETED")
    }
    assert list(told.values()) == ["2027-Q2", "2027-Q3", "2027-Q4", "2028-Q1", "2028-Q4"]
    assert layer.loc["P3", "completed_quarter"] == "2028-Q4" and layer.loc["P3", "finish_p80"] == "2029-Q1"
    assert texts(layer[planned("CLEARED")]) == [None] * 6  # none of the sites' milestones
    assert texts(layer["why_not"]) == [None, None, None, "space", "space", None]
    assert texts(layer["start_quarter"])[3:] == [None] * 3
    assert layer.loc["P6", "left_out"] == "no_figures" and layer["left_out"].notna().sum() == 1
    assert layer["site_cost_wan"].isna().tolist() == [False, False, False, True, True, True]


def test_a_parcel_that_the_plan_does_not_know_is_new_and_another_project_is_refused(tmp_path):
    project = make_project(tmp_path)
    layer = plan_layer(project, replace(lots_plan(), left_out=()))
    assert texts(layer["left_out"]) == [None] * 5 + ["new"]
    with pytest.raises(InputRefused, match="made for another one"):
        plan_layer(project, replace(lots_plan(), left_out=(), sites=()))


def test_columns_fit_a_shapefile():
    short = [column.shapefile for column in PLAN_COLUMNS]
    assert len(set(short)) == len(short) == len({column.name for column in PLAN_COLUMNS})
    assert all(name.isascii() and len(name) <= SHAPEFILE_NAME_LENGTH for name in short)
    assert all(column.title and column.meaning.endswith(".") for column in PLAN_COLUMNS)


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "shp", "csv", "xlsx", "parquet"])
def test_layer_in_every_format(tmp_path, suffix):
    project, out = make_project(tmp_path), tmp_path / f"plan.{suffix}"
    write_layer(plan_layer(project, blocks_plan(project)), out, columns=PLAN_COLUMNS, overwrite=False)
    if suffix in ("geojson", "gpkg", "shp"):
        again = gpd.read_file(out)
        start = "start" if suffix == "shp" else "start_quarter"
        assert again["parcel_id"].tolist() == list(PARCELS) and set(again[start].dropna()) == {"2026-Q4"}
