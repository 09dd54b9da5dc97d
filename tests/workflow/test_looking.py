"""What landgis finds in staged files: the same codes as `landgis check`, columns, roles, and where problems lie."""

import csv
import time
import zipfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from shapely import box

from landgis.errors import InputRefused
from landgis.workflow.check import check_files
from landgis.workflow.looking import LEFT_OUT, Answers, choices, chosen_columns, look_at
from landgis.workflow.sample import sample_folder
from landgis.workflow.staging import Upload, leave, stage
from tests.made_project import EAST, NORTH, lot
from tests.test_corpus import NOT_A_TABLE

BY_POSITION = {"g10_wal_leftover.gpkg"}  # what lies beside it on the disk cannot be uploaded


@pytest.fixture
def staging(monkeypatch, tmp_path):
    folder = tmp_path / "staging"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def uploads(*paths):
    return [Upload(path.name, path.read_bytes()) for path in map(Path, paths)]


def looked(*paths, **answers):
    return look_at(stage(uploads(*paths)), Answers(**answers))


def codes(problems):
    return sorted({problem.code for problem in problems})


# hostile files
def corpus(hostile):
    """Each case as it would be uploaded: a shapefile with all that lies beside it."""
    with hostile.path("manifest.csv").open(encoding="utf-8") as stream:
        names = [row["file"] for row in csv.DictReader(stream)]
    for name in names:
        path = hostile.path(name)
        if path.is_file() and path.name not in NOT_A_TABLE and path.suffix not in (".tif", ".jsonl", ".pkl"):
            beside = [other for other in path.parent.iterdir() if other.stem == path.stem] if "/" in name else [path]
            yield path, sorted(beside, key=lambda other: other != path)


def test_a_hostile_upload_is_told_with_the_codes_of_the_command_line(hostile, staging):
    before, wrong, cases, asked = hostile.canary_state(), [], 0, []
    for path, files in corpus(hostile):
        started = time.perf_counter()
        found = looked(*files)
        expected = check_files([str(path)])[0]
        said = [*(one for look in found.looks for one in (*look.refused, *look.remarks)), *found.problems]
        told = {one.code for one in said} - {"W-STAGE-LEFT"}
        wanted = {one.code for one in (*expected.refused, *expected.remarks)}
        if wanted <= {"E-ZIP-AMBIGUOUS", "E-LAYER-AMBIGUOUS"} and wanted:
            asked.append((path.name, len(found.looks)))
        elif path.name not in BY_POSITION and told != wanted:
            wrong.append((path.name, sorted(told ^ wanted)))
        assert bool(found.stops) >= bool(expected.refused and not any(look.role == "events" for look in found.looks))
        assert str(staging) not in "".join(one.render() for one in said), path.name
        assert time.perf_counter() - started < 20
        leave(found.staged)
        cases += 1
    assert (wrong, list(staging.iterdir())) == ([], [])
    assert cases > 80 and asked and all(count > 1 for _, count in asked)
    assert hostile.requests == [] and hostile.canary_state() == before


# what a file is
def test_the_sample_zone_is_recognised_without_a_question(staging):
    folder = sample_folder()
    found = looked(*(folder / name for name in ("zone.gpkg", "enterprises.csv", "occupancies.csv", "events.csv")))
    roles = {look.layer or look.file: look.role for look in found.looks}
    assert roles == {
        "parcels": "parcels", "buildings": "buildings", "buildings_demolished": "demolished", "blocks": "blocks",
        "street_blocks": LEFT_OUT, "streets": "streets", "enterprises.csv": "enterprises",
        "occupancies.csv": "occupancies", "events.csv": "events",
    }  # fmt: skip
    assert found.stops == ()
    counts = {look.role: look.rows for look in found.taken}
    for role in ("enterprises", "occupancies", "events"):
        with (folder / f"{role}.csv").open(encoding="utf-8") as stream:
            assert counts[role] == sum(1 for _ in csv.DictReader(stream))
    assert counts["parcels"] == len(gpd.read_file(folder / "zone.gpkg", layer="parcels"))
    again = look_at(found.staged, Answers(roles={look.key: look.role for look in found.looks}))
    assert {look.key: (look.role, look.rows, codes(look.refused)) for look in again.looks} == {
        look.key: (look.role, look.rows, []) for look in found.looks
    }


def parcels(path, columns, shapes=None, crs=4549):
    shapes = shapes or [lot(n) for n in range(len(next(iter(columns.values()))))]
    gpd.GeoDataFrame(columns, geometry=shapes, crs=crs).to_file(path)
    return path


def test_a_needed_column_that_nobody_knows_is_asked_for_and_then_mapped(staging, tmp_path):
    path = parcels(tmp_path / "地块.gpkg", {"编码X": ["P1", "P2"], "面积M": [6000.0, None], "备注": ["甲", "乙"]})
    first = look_at(staged := stage(uploads(path)))
    (look,) = first.looks
    assert (look.role, [(own.name, own.canonical, own.share) for own in look.columns]) == (
        LEFT_OUT, [("编码X", None, 1.0), ("面积M", None, 0.5), ("备注", None, 1.0)],
    )  # fmt: skip
    as_parcels = look_at(staged, Answers(roles={look.key: "parcels"}))
    assert codes(as_parcels.stops) == ["W-COLUMN-NEEDED"]
    said = chosen_columns(as_parcels.looks[0], {"编码X": "parcel_id", "面积M": "registered_area_m2", "备注": None})
    assert said == {"parcel_id": "编码X", "registered_area_m2": "面积M"}
    mapped = look_at(staged, Answers({look.key: "parcels"}, {"parcels": said}))
    assert mapped.stops == ()
    assert {own.name: own.canonical for own in mapped.looks[0].columns} == {
        "编码X": "parcel_id", "面积M": "registered_area_m2", "备注": None,
    }  # fmt: skip
    assert [own.example for own in mapped.looks[0].columns] == ["P1", "6000", "甲"]


def test_a_column_that_was_taken_for_the_wrong_one_is_let_go(staging, tmp_path):
    path = parcels(tmp_path / "p.gpkg", {"parcel_id": ["P1", "P2"], "宗地面积": ["约2000", "大"], "A2": [6000.0, 1.0]})
    staged = stage(uploads(path))
    first = look_at(staged)
    assert first.looks[0].role == "parcels" and codes(first.stops) == ["E-FIELD-TYPE"]
    free = chosen_columns(first.looks[0], {"parcel_id": "parcel_id", "宗地面积": None, "A2": None})
    other = chosen_columns(first.looks[0], {"parcel_id": "parcel_id", "宗地面积": None, "A2": "registered_area_m2"})
    assert (free, other) == ({"registered_area_m2": None}, {"registered_area_m2": "A2"})
    for said in (free, other):
        found = look_at(staged, Answers({"001.gpkg": "parcels"}, {"parcels": said}))
        assert found.stops == ()
    with pytest.raises(InputRefused, match="cannot both be parcel_id"):
        chosen_columns(first.looks[0], {"parcel_id": "parcel_id", "A2": "parcel_id"})


def test_a_ledger_with_a_row_a_parcel_is_mapped_to_its_milestones(staging, tmp_path):
    path = tmp_path / "台账.csv"
    pd.DataFrame({"地块编号": ["P1", "P2"], "签约日期": ["2024-01-02", ""], "腾空日": ["2024-03-01", "x"]}).to_csv(
        path, index=False
    )
    staged = stage(uploads(path))
    assert {"SIGNED", "VACATED", "parcel_id"} <= set(choices("events"))
    answers = Answers({"001.csv": "events"}, {"events": {"SIGNED": "签约日期", "VACATED": "腾空日"}})
    (look,) = look_at(staged, answers).looks
    assert {own.name: own.canonical for own in look.columns} == {"地块编号": "parcel_id", "签约日期": "SIGNED", "腾空日": "VACATED"}  # fmt: skip
    assert [(one.code, one.place.row) for one in look.remarks if one.code.startswith("E-")] == [("E-DATE", 3)]
    assert look.stops == ()  # the row is set aside, as the import does


def test_an_uploaded_mapping_file_holds_and_a_wrong_one_is_told(staging, tmp_path):
    path = parcels(tmp_path / "p.gpkg", {"no": ["P1", "P2"], "LotArea": [100_000.0, 1.0]})
    toml = tmp_path / "m.toml"
    toml.write_text('[parcels]\nparcel_id = "no"\nregistered_area_m2 = { column = "LotArea", factor = 0.0929 }\n')
    found = looked(path, toml)
    assert (found.looks[0].role, found.stops) == ("parcels", ())
    changed = look_at(found.staged, Answers(columns={"parcels": {"land_use": "no"}}))
    assert Path(changed.mapping).read_text().splitlines()[1:] == [
        'parcel_id = "no"', 'registered_area_m2 = { "column" = "LotArea", "factor" = 0.0929 }', 'land_use = "no"', "",
    ][:3]  # fmt: skip
    toml.write_text('[parcels]\nparcel = "no"\n')
    wrong = looked(path, toml)
    assert [(one.code, one.place.file) for one in wrong.problems] == [("E-MAP-COLUMN", "m.toml")]


def test_two_files_for_one_table_and_what_is_left_out(staging, tmp_path):
    one = parcels(tmp_path / "a.gpkg", {"parcel_id": ["P1"], "QLR": ["甲"]})
    two = parcels(tmp_path / "b.gpkg", {"parcel_id": ["P2"]}, [lot(1)])
    found = looked(two, one)
    assert [(look.file, look.role) for look in found.looks] == [("b.gpkg", LEFT_OUT), ("a.gpkg", "parcels")]
    assert codes(found.looks[0].remarks) == ["W-STAGE-LEFT"] and found.stops == ()
    both = look_at(found.staged, Answers(roles={"001.gpkg": "parcels", "002.gpkg": "parcels"}))
    assert [(one.code, one.place.file) for one in both.stops] == [("E-STAGE-TWICE", "a.gpkg")]
    told = look_at(found.staged, Answers(roles={"001.gpkg": "parcels", "002.gpkg": LEFT_OUT}))
    assert [look.file for look in told.taken] == ["b.gpkg"] and told.stops == ()


def test_what_cannot_be_read_stands_against_the_import_until_it_is_left_out(staging, tmp_path):
    good = parcels(tmp_path / "a.gpkg", {"parcel_id": ["P1"]})
    found = look_at(stage([*uploads(good), Upload("bad.geojson", b"{")]))
    assert len(found.stops) >= 1 and {one.place.file for one in found.stops} == {"bad.geojson"}
    assert look_at(found.staged, Answers(roles={"002.geojson": LEFT_OUT})).stops == ()


def test_a_layer_without_a_crs_is_asked_for_it(staging, tmp_path):
    frame = gpd.GeoDataFrame({"parcel_id": ["P1", "P2"]}, geometry=[lot(0), lot(1)])
    frame.to_file(tmp_path / "p.shp")
    with zipfile.ZipFile(tmp_path / "p.zip", "w") as archive:
        for part in tmp_path.glob("p.*"):
            if part.suffix in (".shp", ".dbf", ".shx"):
                archive.write(part, part.name)
    found = looked(tmp_path / "p.zip")
    assert codes(found.stops) == ["E-CRS-MISSING"] and "EPSG:4549" in found.stops[0].render()
    told = look_at(found.staged, Answers(crs="EPSG:4549"))
    assert (told.stops, told.looks[0].crs, told.looks[0].layer, told.looks[0].role) == ((), "EPSG:4549", "p", "parcels")
    wrong = look_at(found.staged, Answers(crs="EPSG:0"))
    assert codes(wrong.stops) == ["E-CRS-UNPARSABLE"]


def test_an_encoding_that_is_told(staging, tmp_path):
    path = tmp_path / "e.csv"
    path.write_bytes("enterprise_id,name\nE1,España S.A. ñandú\n".encode("cp1252"))
    found = looked(path)
    assert found.stops
    told = look_at(found.staged, Answers(encoding="cp1252"))
    assert (told.stops, told.looks[0].columns[1].example) == ((), "España S.A. ñandú")


def test_the_sheets_of_a_workbook_are_tables(staging, tmp_path):
    with pd.ExcelWriter(tmp_path / "b.xlsx") as book:
        pd.DataFrame({"enterprise_id": ["E1"], "税收": [5]}).to_excel(book, sheet_name="企业", index=False)
        pd.DataFrame({"enterprise_id": ["E1"], "parcel_id": ["P1"]}).to_excel(book, sheet_name="租赁", index=False)
    found = looked(tmp_path / "b.xlsx")
    assert [(look.layer, look.role, look.rows) for look in found.looks] == [("企业", "enterprises", 1), ("租赁", "occupancies", 1)]  # fmt: skip


def test_buildings_that_fell_are_known_by_their_name_or_a_column(staging, tmp_path):
    standing = parcels(tmp_path / "f.gpkg", {"building_id": ["F1"], "层数": [2]})
    for name, columns in (
        ("已拆除.gpkg", {"building_id": ["F2"]}),
        ("g.gpkg", {"building_id": ["F2"], "demolished_on": ["2020"]}),
    ):
        found = looked(standing, parcels(tmp_path / name, columns))
        assert [look.role for look in found.looks] == ["buildings", "demolished"]


# where problems lie
def test_problems_lie_where_their_outlines_do(staging, tmp_path):
    bow_tie = shapely.Polygon([(EAST, NORTH), (EAST + 50, NORTH + 50), (EAST + 50, NORTH), (EAST, NORTH + 50)])
    over = box(EAST + 190, NORTH, EAST + 290, NORTH + 60)
    path = parcels(tmp_path / "p.gpkg", {"parcel_id": ["P1", "P2", "P3", "P4"]}, [bow_tie, lot(1), over, lot(5)])
    (look,) = looked(path).looks
    spots = {(spot.code, spot.row) for spot in look.spots}
    assert ("W-GEOM-FIXED", 1) in spots and 4 not in {row for _, row in spots}
    overlapping = next(spot for spot in look.spots if spot.code == "W-TOPO-OVERLAP")
    assert overlapping.row in (2, 3)
    for spot in look.spots:
        back = gpd.GeoSeries([spot.outline], crs=4490).to_crs(4549)[0]
        shape = [bow_tie, lot(1), over, lot(5)][spot.row - 1]
        assert back.bounds == pytest.approx(shape.bounds, abs=1e-3)


def test_a_layer_that_is_refused_shows_where_too(staging, tmp_path):
    path = parcels(tmp_path / "p.gpkg", {"parcel_id": ["P1", "P2"], "registered_area_m2": ["5", "viel"]})
    (look,) = looked(path).looks
    assert [(spot.row, spot.code) for spot in look.spots] == [(2, "E-FIELD-TYPE")]
    assert look.role == "parcels" and codes(look.refused) == ["E-FIELD-TYPE"]


def test_a_table_has_no_places(staging, tmp_path):
    path = tmp_path / "o.csv"
    path.write_text("enterprise_id,parcel_id,floor_area_m2\nE1,P1,viel\n")
    (look,) = looked(path).looks
    assert (look.role, codes(look.refused), look.spots) == ("occupancies", ["E-FIELD-TYPE"], ())
