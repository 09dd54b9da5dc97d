"""Import in the app: upload, findings, what the officer says, accept or leave, receipt; and the guide before all that."""

import csv
import json

import geopandas as gpd
import pytest

from landgis.store.local import LocalStore
from landgis.ui.import_wizard import WIZARD
from landgis.workflow.project import open_project
from tests.made_project import PARCELS, lot, make_project, template
from tests.ui.conftest import run_page


@pytest.fixture(autouse=True)
def staging(monkeypatch, tmp_path):
    template(())  # it has a folder of its own, made before
    folder = tmp_path / "staging"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


@pytest.fixture
def where(tmp_path):
    project = make_project(tmp_path)
    project.store.close()
    return tmp_path / "project"


def parcels(path, ids=PARCELS):
    gpd.GeoDataFrame({"parcel_id": ids}, geometry=[lot(n) for n in range(len(ids))], crs=4549).to_file(path)
    return path


def upload(test, *files):
    test.file_uploader[0].set_value([(name, content, "application/octet-stream") for name, content in files])
    return settled(test)


def settled(test):
    test.run()
    assert not test.exception, [one.value for one in test.exception]
    return test


def tables(test):
    return [one.value for one in test.dataframe]


def lines(where):
    store = LocalStore(where)
    try:
        return store.head().seq, len(store.layers()["parcels"])
    finally:
        store.close()


def press(test, key):
    test.button(key=key).click()
    return settled(test)


def test_upload_findings_accept_receipt(where, tmp_path, staging):
    content = parcels(tmp_path / "new.gpkg", [*PARCELS, "P7"]).read_bytes()
    occupancies = b"enterprise_id,parcel_id\nE1,P1\nE2,P9\n"
    test = upload(run_page(where, "import", lang="en"), ("../../宗地.gpkg", content), ("租赁.csv", occupancies))
    overview = tables(test)[0]
    assert overview["file"].tolist() == ["宗地.gpkg", "租赁.csv"]
    assert overview["taken for"].tolist() == ["parcels", "occupancies"] and overview["against it"].tolist() == [0, 0]
    assert lines(where) == (1, 6)
    press(test, "import_accept")
    receipt = tables(test)[0]
    assert receipt[["rows read", "taken", "set aside"]].to_numpy().tolist() == [[7, 7, 0], [2, 1, 1]]
    aside = next(table for table in tables(test) if "what" in table)
    assert aside[["file", "row", "code"]].to_numpy().tolist() == [["租赁.csv", 3, "W-PARCEL-UNKNOWN"]]
    assert "1 parcels are new, 0 are no longer there" in [one.value for one in test.text]
    assert lines(where) == (2, 7) and list(staging.iterdir()) == []
    ages = tables(test)[-1]
    assert ages[["layer", "rows"]].to_numpy().tolist()[0] == ["parcels", 7]
    press(test, "import_score")
    press(test, "import_more")
    assert test.file_uploader and WIZARD not in test.session_state
    assert LocalStore(where).scores()["parcel_id"].tolist() == [*PARCELS, "P7"]


def test_leaving_changes_nothing(where, tmp_path, staging):
    test = upload(run_page(where, "import"), ("p.gpkg", parcels(tmp_path / "p.gpkg", ["X1"]).read_bytes()))
    assert len(list(staging.iterdir())) == 1
    press(test, "import_leave")
    assert test.file_uploader and lines(where) == (1, 6) and list(staging.iterdir()) == []


def test_a_column_is_taken_for_another_and_what_stands_against_it_goes(where, tmp_path):
    gpd.GeoDataFrame({"编码": PARCELS, "备注": ["x"] * 6}, geometry=[lot(n) for n in range(6)], crs=4549).to_file(
        tmp_path / "p.gpkg"
    )
    test = upload(run_page(where, "import", lang="en"), ("p.gpkg", (tmp_path / "p.gpkg").read_bytes()))
    assert tables(test)[0]["taken for"].tolist() == ["left out"] and test.button(key="import_accept").disabled
    test.selectbox(key="import_role_0_0").select("parcels")
    settled(test)
    (error,) = test.error
    assert error.value.startswith("W\\-COLUMN\\-NEEDED") and test.button(key="import_accept").disabled
    test.selectbox(key="import_own_0_0_parcels").select("编码")
    test.selectbox(key="import_as_0_0_parcels").select("parcel_id")
    press(test, "import_so_0_0_parcels")
    assert not test.error and not test.button(key="import_accept").disabled
    columns = next(table for table in tables(test) if "column of the file" in table)
    assert columns[["column of the file", "taken for", "for example"]].to_numpy().tolist() == [
        ["编码", "parcel number (parcel_id)", "P1"], ["备注", "kept as it is", "x"],
    ]  # fmt: skip
    press(test, "import_accept")
    assert lines(where) == (2, 6)


def test_the_crs_is_asked_for(where, tmp_path):
    frame = gpd.GeoDataFrame({"parcel_id": PARCELS}, geometry=[lot(n) for n in range(6)])
    frame.to_file(tmp_path / "p.shp")
    parts = [(path.name, path.read_bytes()) for path in sorted(tmp_path.glob("p.*")) if path.suffix != ".prj"]
    test = upload(run_page(where, "import", lang="en"), *parts)
    assert len(tables(test)[0]) == 1 and any("E\\-CRS\\-MISSING" in one.value for one in test.error)
    test.selectbox(key="import_crs_0").select("EPSG:4549")
    settled(test)
    assert not test.error and tables(test)[0]["CRS"].tolist() == ["EPSG:4549"]


def test_problems_are_listed_by_row_and_drawn_where_they_lie(where, tmp_path):
    shapes = [lot(0, wide=150), *(lot(n) for n in range(1, 6))]
    gpd.GeoDataFrame({"parcel_id": PARCELS}, geometry=shapes, crs=4549).to_file(tmp_path / "p.gpkg")
    test = upload(run_page(where, "import", lang="en"), ("p.gpkg", (tmp_path / "p.gpkg").read_bytes()))
    found = next(table for table in tables(test) if "what" in table)
    assert found["code"].tolist() == ["W-TOPO-OVERLAP"] and "3000.00 m²" in found["what"][0]
    (chart,) = test.get("deck_gl_json_chart")
    spec = json.loads(chart.proto.json)
    (feature,) = spec["layers"][0]["data"]["features"]
    assert feature["properties"] == {"row": int(found["row"][0]), "code": "W-TOPO-OVERLAP"}
    west, north = feature["geometry"]["coordinates"][0][0]
    assert 119.9 < west < 120.1 and 28.9 < north < 29.0
    assert spec.get("mapProvider") is None


def test_events_that_are_refused_can_be_taken_without_the_others(where, tmp_path):
    ledger = b"parcel_id,milestone,occurred_on\nP1,IDENTIFIED,2024-01-01\nP9,IDENTIFIED,2024-01-01\n"
    test = upload(run_page(where, "import", lang="en"), ("台账.csv", ledger))
    press(test, "import_accept")
    assert lines(where) == (1, 6) and any("E\\-PARCEL\\-UNKNOWN" in one.value for one in test.error)
    press(test, "import_others")
    assert lines(where) == (2, 6)
    assert tables(test)[0][["rows read", "taken", "set aside"]].to_numpy().tolist() == [[2, 1, 1]]
    assert not test.error


NAMES = ["../../x.shp", "CON", "a\u202egnp.csv", "长" * 300 + ".csv", "![](http://a/b).csv", "<script>alert(1)</script>.csv", ":red[x].csv"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_hostile_names_are_shown_as_they_stand(where, name, staging):
    test = upload(run_page(where, "import"), (name, b"parcel_id,\xff\xfe broken"))
    shown = tables(test)[0].iloc[0, 0]
    assert "/" not in shown.replace("</script>", "") and "\u202e" not in shown and len(shown) <= 80
    assert all("![](" not in one.label and "<script>" not in one.label for one in test.expander)
    assert all(str(staging) not in one.value for one in test.error)


def test_hostile_files_are_told_and_never_a_traceback(where, hostile):
    with hostile.path("manifest.csv").open(encoding="utf-8") as stream:
        names = [row["file"] for row in csv.DictReader(stream)]
    files = [hostile.path(name) for name in names if name[0] in "vzjxg" and hostile.path(name).is_file()]
    sent = [(path.name, path.read_bytes()) for path in files if path.suffix not in (".tif", ".pkl", ".toml")][:90]
    test = upload(run_page(where, "import"), *sent)
    assert len(tables(test)[0]) >= len(sent) and test.button(key="import_accept").disabled
    assert lines(where) == (1, 6) and hostile.requests == []
    press(test, "import_leave")


@pytest.mark.parametrize(
    ("role", "may"), [("viewer", False), ("officer", False), ("approver", True), ("administrator", True)]
)
def test_only_who_may_import_is_offered_it(where, role, may, monkeypatch):
    monkeypatch.setattr("landgis.ui.server.Server.who", _as(role))
    test = run_page(where, "import", lang="en")
    assert bool(test.file_uploader) == may and tables(test)[-1]["layer"].tolist()[0] == "parcels"


def _as(role):
    from landgis.roles import Actor
    from landgis.workflow.project import Project

    return lambda server, cookies: Project(server.store, Actor("li", role))


# no project yet
def test_an_empty_place_opens_on_the_guide_and_files_make_the_project(tmp_path):
    where = tmp_path / "new"
    test = run_page(where, "map", lang="en")
    assert test.subheader[0].value == "A new project" and test.button(key="guide_sample")
    upload(test, ("宗地.gpkg", parcels(tmp_path / "p.gpkg").read_bytes()))
    assert tables(test)[0]["rows"].tolist() == ["6"]
    press(test, "import_accept")
    assert tables(test)[0]["taken"].tolist() == [6]
    project = open_project(str(where), nobody="t")
    assert project.store.scores()["parcel_id"].tolist() == list(PARCELS)
    assert next(project.store.entries()).recorded_by == "li"
    press(test, "guide_open")
    assert not test.subheader and test.get("deck_gl_json_chart")


def test_the_sample_zone_is_one_click_away(tmp_path):
    where = tmp_path / "zone"
    test = run_page(where, "map")
    press(test, "guide_sample")
    project = open_project(str(where), nobody="t")
    assert len(project.store.scores()) == 1104 and not test.subheader


def test_a_place_where_something_else_stands_is_told(tmp_path):
    where = tmp_path / "new"
    test = run_page(where, "map", lang="en")
    upload(test, ("p.gpkg", parcels(tmp_path / "p.gpkg").read_bytes()))
    where.mkdir()
    (where / "letter.txt").write_text("mine")
    settled(test)
    assert test.error and (where / "letter.txt").read_text() == "mine"
