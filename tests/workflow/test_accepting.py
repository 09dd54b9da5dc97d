"""Staged files taken over: all or nothing, and a receipt in which every row that was read is accounted for."""

import csv
import shutil

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

from landgis.errors import InputRefused, RegisterRefused
from landgis.phases.ledger import verify
from landgis.workflow.accepting import accept, accept_events, begin, data_age
from landgis.workflow.looking import LEFT_OUT, Answers, look_at
from landgis.workflow.recording import Entered, record
from landgis.workflow.sample import sample_folder, scored_sample
from landgis.workflow.staging import Upload, leave, stage
from tests.made_project import EAST, NORTH, PARCELS, Clock, as_user, lot, make_project, template, write_layers


@pytest.fixture(autouse=True)
def staging(monkeypatch, tmp_path):
    template(())  # it has a folder of its own, made before
    folder = tmp_path / "staging"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


@pytest.fixture
def project(tmp_path):
    return make_project(tmp_path, clock=Clock())


def looked(*paths, **answers):
    return look_at(stage([Upload(path.name, path.read_bytes()) for path in paths]), Answers(**answers))


def table(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def parcels(path, ids, **more):
    gpd.GeoDataFrame({"parcel_id": ids, **more}, geometry=[lot(n) for n in range(len(ids))], crs=4549).to_file(path)
    return path


def counts(accepted):
    return {row.role: (row.read, row.taken, row.aside, row.already) for row in accepted.taken}


# a new project
def test_the_sample_zone_uploaded_makes_the_project_that_the_command_makes(tmp_path):
    folder = sample_folder()
    found = looked(*(folder / name for name in ("zone.gpkg", "enterprises.csv", "occupancies.csv", "events.csv")))
    project, accepted = begin(str(tmp_path / "zone"), found, nobody="li")
    rows = {}
    for name in ("enterprises", "occupancies", "events"):
        with (folder / f"{name}.csv").open(encoding="utf-8") as stream:
            rows[name] = sum(1 for _ in csv.DictReader(stream))
    for name, layer in (("parcels", "parcels"), ("demolished", "buildings_demolished"), ("streets", "streets")):
        rows[name] = len(gpd.read_file(folder / "zone.gpkg", layer=layer))
    read = {row.role: row.read for row in accepted.taken}
    assert {name: read[name] for name in rows} == rows
    assert all(row.read == row.taken + row.aside + row.already for row in accepted.taken)
    assert sum(row.aside for row in accepted.taken) == len(accepted.aside)
    assert counts(accepted)["events"] == (3327, 3327, 0, 0)
    assert accepted.left_out == ("zone.gpkg · street_blocks",)
    assert list(verify(project.store.entries())) == []
    whole = scored_sample(str(tmp_path / "sample"), nobody="li")
    assert whole.store.scores()["score"].notna().sum() > 1000
    for name, frame in whole.store.layers().items():
        pd.testing.assert_frame_equal(
            pd.DataFrame(project.store.layers()[name]), pd.DataFrame(frame), check_dtype=False
        )


def test_without_parcels_there_is_no_project(tmp_path):
    found = looked(table(tmp_path / "o.csv", "enterprise_id,parcel_id\nE1,P1\n"))
    with pytest.raises(Exception, match="a project is about parcels"):
        begin(str(tmp_path / "new"), found, nobody="li")
    assert not (tmp_path / "new").exists()


# into a project
def test_layers_are_taken_in_one_line_with_every_row_accounted_for(project, tmp_path):
    write_layers(tmp_path, 说明=["一"] * 6)
    occupancies = table(
        tmp_path / "租赁.csv", "企业编号,ZDDM,面积\nE1,P1,10\nE2,P9,20\n,P2,30\nE3,P4,40\n"
    )  # P9 is no parcel, row 4 has no firm
    before = project.store.head().seq
    found = looked(tmp_path / "parcels.gpkg", tmp_path / "buildings.gpkg", occupancies)
    assert found.stops == ()
    accepted = accept(project, found)
    assert counts(accepted) == {"parcels": (6, 6, 0, 0), "buildings": (3, 3, 0, 0), "occupancies": (4, 2, 2, 0)}
    assert [(one.place.file, one.place.row, one.code) for one in accepted.aside] == [
        ("租赁.csv", 4, "W-ID-MISSING"), ("租赁.csv", 3, "W-PARCEL-UNKNOWN"),
    ]  # fmt: skip
    assert (accepted.line, project.store.head().seq) == (before + 1, before + 1)
    assert accepted.changes == {"parcels_new": 0, "parcels_gone": []}
    assert project.store.layers()["parcels"]["说明"].tolist() == ["一"] * 6


def test_what_is_refused_changes_nothing_and_names_the_file_of_the_officer(project, tmp_path):
    record(project, Entered("P6", "IDENTIFIED", "2024-01-01"))
    before = project.store.head()
    found = looked(parcels(tmp_path / "五宗.gpkg", list(PARCELS[:5])))
    with pytest.raises(InputRefused) as refused:
        accept(project, found)
    assert [(one.code, one.place.file, one.id) for one in refused.value.problems] == [
        ("E-PARCEL-GONE", "五宗.gpkg", "P6")
    ]
    assert project.store.head() == before and len(project.store.layers()["parcels"]) == 6


def test_leaving_changes_nothing(project, tmp_path, staging):
    before = project.store.head()
    leave(looked(parcels(tmp_path / "p.gpkg", ["X1"])).staged)
    assert project.store.head() == before and list(staging.iterdir()) == []


def test_what_stands_against_it_is_refused_before_the_project_is_touched(project, tmp_path):
    found = look_at(
        stage([Upload("x.geojson", b"{"), Upload("p.gpkg", parcels(tmp_path / "p.gpkg", list(PARCELS)).read_bytes())])
    )
    with pytest.raises(InputRefused) as refused:
        accept(project, found)
    assert {one.place.file for one in refused.value.problems} == {"x.geojson"}
    nothing = look_at(found.staged, Answers(roles={"001.geojson": LEFT_OUT, "002.gpkg": LEFT_OUT}))
    with pytest.raises(InputRefused, match="nothing to take over"):
        accept(project, nothing)


@pytest.mark.parametrize("role", ["viewer", "officer", "approver"])
def test_only_who_may_import_imports(project, tmp_path, role):
    found = looked(parcels(tmp_path / "p.gpkg", list(PARCELS)))
    with pytest.raises(RegisterRefused, match="may not do this"):
        accept(as_user(project, "wang", role), found)


EVENTS = "parcel_id,milestone,occurred_on\nP1,IDENTIFIED,2024-01-01\nP1,SIGNED,2023-01-01\nP2,IDENTIFIED,2024-02-30\nP3,IDENTIFIED,2024-01-05\n"  # fmt: skip


def test_events_are_taken_whole_or_not_and_then_row_by_row(project, tmp_path):
    found = looked(table(tmp_path / "台账.csv", EVENTS))
    assert [look.role for look in found.looks] == ["events"] and found.stops == ()
    before = project.store.head()
    accepted = accept(project, found)
    assert counts(accepted) == {"events": (4, 0, 4, 0)} and project.store.head() == before
    rows = {(one.place.file, one.place.row) for one in accepted.refused if one.place.row}
    assert rows == {("台账.csv", 3), ("台账.csv", 4)}
    others = accept_events(project, found, accepted)
    assert counts(others) == {"events": (4, 2, 2, 0)} and others.refused == ()
    assert {(one.place.file, one.place.row) for one in others.aside} == rows
    again = accept(project, found, set_aside=True)
    assert counts(again) == {"events": (4, 0, 2, 2)}


def test_layers_and_events_together_and_layers_stay_where_the_events_are_refused(project, tmp_path):
    more = parcels(tmp_path / "p.gpkg", [*PARCELS, "P7"])
    good = table(tmp_path / "good.csv", "parcel_id,milestone,occurred_on\nP7,IDENTIFIED,2024-01-01\n")
    bad = table(tmp_path / "bad.csv", "parcel_id,milestone,occurred_on\nP8,IDENTIFIED,2024-01-01\n")
    accepted = accept(project, looked(more, good, bad))
    assert [(row.file, row.read, row.taken) for row in accepted.taken] == [
        ("p.gpkg", 7, 7),
        ("good.csv", 1, 1),
        ("bad.csv", 1, 0),
    ]
    assert {one.place.file for one in accepted.refused if one.code == "E-PARCEL-UNKNOWN"} == {"bad.csv"}
    assert len(project.store.layers()["parcels"]) == 7


def test_how_old_the_layers_are(project, tmp_path):
    assert {age.role: age.rows for age in data_age(project)} == {
        "parcels": 6,
        "buildings": 3,
        "blocks": 2,
        "occupancies": 4,
    }
    first = data_age(project)[0]
    accept(project, looked(table(tmp_path / "o.csv", "enterprise_id,parcel_id\nE1,P1\n")))
    ages = {age.role: age for age in data_age(project)}
    assert ages["parcels"] == first and ages["occupancies"].rows == 1
    assert (first.line, ages["occupancies"].line) == (1, 2) and ages["occupancies"].recorded_by == "li"


def test_a_folder_that_went_away_is_told(project, tmp_path):
    found = looked(parcels(tmp_path / "p.gpkg", list(PARCELS)))
    shutil.rmtree(found.staged.folder)
    with pytest.raises(InputRefused):
        accept(project, found)
    with pytest.raises(InputRefused, match="upload them again"):
        look_at(found.staged)


def test_an_overlap_and_a_mended_outline_are_in_the_receipt(project, tmp_path):
    shapes = [box(EAST, NORTH, EAST + 110, NORTH + 60), *(lot(n) for n in range(1, 6))]
    gpd.GeoDataFrame({"parcel_id": PARCELS}, geometry=shapes, crs=4549).to_file(tmp_path / "p.gpkg")
    accepted = accept(project, looked(tmp_path / "p.gpkg"))
    assert [(one.code, one.place.file) for one in accepted.remarks if one.code == "W-TOPO-OVERLAP"] == [
        ("W-TOPO-OVERLAP", "p.gpkg")
    ]
    assert "600.00" in next(one for one in accepted.remarks if one.code == "W-TOPO-OVERLAP").render()
