"""The front door: which reader takes a file, and that every hostile table ends as its manifest says."""

import csv
import datetime
import subprocess
import sys
import time
import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from landgis.errors import InputRefused
from landgis.io.raw import Raw
from landgis.io.read import read_any, read_mapping, read_parquet, read_table
from landgis.tables import BUILDINGS, ENTERPRISES, EVENTS, OCCUPANCIES, PARCELS
from tests.conftest import shared
from tests.io.made_tables import codes, problems, words, workbook

HEADER = ["企业编号", "地块编号", "面积（亩）", "起租日期"]
ROWS = [["F1", "P1", 1.5, "2026-03-01"], ["F2", "P1", "3公顷", "2026年4月"]]


def as_csv(path, rows=(HEADER, *ROWS)):
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
    return path


def as_parquet(path):
    frame = pd.DataFrame(ROWS, columns=HEADER).astype({"面积（亩）": "str"})
    frame.to_parquet(path)
    return path


def as_layer(path):
    frame = pd.DataFrame(ROWS, columns=HEADER).astype({"面积（亩）": "str"})
    gpd.GeoDataFrame(frame, geometry=[shapely.box(500_000, 3_200_000, 500_100, 3_200_100)] * 2, crs=4549).to_file(path)
    return path


MADE = {
    "t.csv": as_csv, "t.xlsx": lambda path: workbook(path, [HEADER, *ROWS], sheet="租赁"),
    "t.parquet": as_parquet, "t.gpkg": as_layer,
}  # fmt: skip


@pytest.mark.parametrize("name", MADE)
def test_the_same_table_from_every_format(tmp_path, name):
    read = read_table(str(MADE[name](tmp_path / name)), OCCUPANCIES)
    assert list(read.frame.columns) == [
        "enterprise_id",
        "parcel_id",
        "floor_area_m2",
        "start_date",
        "start_date_precision",
    ]
    assert read.frame["floor_area_m2"].tolist() == [1000, 30_000]
    assert read.frame["start_date"].tolist() == [pd.Timestamp(2026, 3, 1), pd.Timestamp(2026, 4, 1)]
    assert read.frame["start_date_precision"].tolist() == ["day", "month"]
    assert read.source.file.endswith(name)
    assert sorted(codes(read)) == ["W-UNIT", "W-UNIT"]
    assert not isinstance(read.frame, gpd.GeoDataFrame)


def test_a_sheet_by_name(tmp_path):
    path = workbook(tmp_path / "t.xlsx", [["a", "b"]], more=[("租赁", [HEADER, *ROWS])])
    read = read_table(f"{path}:租赁", OCCUPANCIES)
    assert (read.source.layer, read.rows.tolist()) == ("租赁", [2, 3])


def test_content_goes_before_the_suffix(tmp_path):
    path = workbook(tmp_path / "xlsx.resource", [HEADER, *ROWS])
    assert read_table(str(path), OCCUPANCIES).source.driver == "XLSX"


def test_a_table_of_outlines_needs_outlines(tmp_path):
    assert ("E-GEOM-MISSING", None, None) in problems(read_table, str(as_csv(tmp_path / "t.csv")), PARCELS)


def test_a_file_that_is_not_there(tmp_path):
    assert "no.csv" in words(read_table, str(tmp_path / "no.csv"), OCCUPANCIES)


def test_parquet_keeps_long_integers_and_sets_gaps_aside(tmp_path):
    keys = pd.array([330784001002000123, None], dtype="Int64")
    frame = pd.DataFrame({"enterprise_id": ["F1", "F2"], "parcel_id": keys,
                          "start_date": [datetime.date(2026, 3, 1)] * 2})  # fmt: skip
    frame.to_parquet(tmp_path / "t.parquet")
    read = read_table(str(tmp_path / "t.parquet"), OCCUPANCIES)
    assert read.frame["parcel_id"].tolist() == ["330784001002000123"]
    assert [row.row for row in read.set_aside] == [2]
    (tmp_path / "broken.parquet").write_bytes((tmp_path / "t.parquet").read_bytes()[:200])
    assert problems(read_parquet, tmp_path / "broken.parquet") == [("E-PARQUET", None, None)]


def test_a_codes_column_of_floats_is_refused_where_digits_are_gone(tmp_path):
    pd.DataFrame({"enterprise_id": ["F1"], "parcel_id": [3.30784001002e17]}).to_parquet(tmp_path / "t.parquet")
    assert problems(read_table, str(tmp_path / "t.parquet"), OCCUPANCIES) == [("E-CODE-NUMERIC", 1, "parcel_id")]


def test_check_guesses_the_table_and_looks_at_every_known_column(tmp_path):
    path = as_csv(tmp_path / "t.csv", [["地块编号", "节点", "日期", "面积"], ["P1", "签约", "2026-01-02", "-5"]])
    assert problems(read_any, str(path)) == [("E-AREA", 2, "面积")]
    path = as_csv(tmp_path / "t.csv", [["地块编号", "节点", "面积", "x"], ["P1", "签约", "5", "y"]])
    table, read = read_any(str(path))
    assert table is EVENTS or table.name == "events"
    assert (codes(read), read.frame["floor_area_m2"].tolist(), read.frame["x"].tolist()) == (
        ["W-COLUMN-NEEDED"],
        [5],
        ["y"],
    )


def test_check_of_a_file_that_no_table_fits(tmp_path):
    table, raw = read_any(str(as_csv(tmp_path / "t.csv", [["a", "b"], ["1", "2"]])))
    assert table is None
    assert isinstance(raw, Raw)


def test_check_goes_by_the_mapping(tmp_path):
    (tmp_path / "m.toml").write_text('[enterprises]\nenterprise_id = "a"\noutput_wan = "b"\n', encoding="utf-8")
    path = as_csv(tmp_path / "t.csv", [["a", "b"], ["F1", "2"]])
    table, read = read_any(str(path), mapping=read_mapping(tmp_path / "m.toml"))
    assert (table, read.frame["output_wan"].tolist()) == (ENTERPRISES, [2])


@pytest.fixture(scope="session")
def hostile(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    script = shared("corpus") / "make_corpus.py"
    (folder / "canary").mkdir()
    subprocess.run([sys.executable, script, folder / "out", folder / "canary", "9977"], check=True, capture_output=True)
    return folder / "out"


FAULTS = {  # (code, row, field) that have to be among what is said
    "x01_formulas.xlsx": [("E-XLSX-FORMULA", 2, "企业名称")],
    "x02_dates.xlsx": [
        ("E-DATE", 2, "日期"),
        ("E-DATE", 5, "日期"),
        ("W-DATE-SERIAL", None, "日期"),
        ("W-DATE-FUTURE", None, "日期"),
    ],
    "x03_codes.xlsx": [("E-CODE-NUMERIC", 2, "统一社会信用代码"), ("W-USCC-CHECK", None, "统一社会信用代码")],
    "x04_phase.xlsx": [("E-PHASE-UNKNOWN", 4, "阶段")],
    "x06_neg_area.xlsx": [("E-AREA", 2, "面积(㎡)"), ("E-AREA", 3, "面积(㎡)"), ("W-UNIT", None, "面积(㎡)")],
    "x07_xxe.xlsx": [("E-XML-DTD", None, None)],
    "x08_billion_laughs.xlsx": [("E-XML-DTD", None, None)],
    "x09_far_cell.xlsx": [("E-XLSX-DIM", None, None)],
    "x10_old.xls": [("E-XLSX-OLE", None, None)],
    "x13_ragged.csv": [("E-CSV-COLS", 3, None), ("E-CSV-COLS", 4, None)],
    "x14_unclosed_quote.csv": [("E-CSV-QUOTE", 2, None)],
    "x15_nul.csv": [("E-TEXT-NUL", 2, None)],
}
REMARKS = {
    "x05_merged.xlsx": ["W-HEADER", "W-XLSX-MERGED"],
    "x11_gbk.csv": ["W-ENC-GUESS"],
    "x12_formula.csv": [],
    "x16_pii.csv": ["W-PII"],
    "x18_html_names.csv": [],
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_hostile_table_is_refused_with_its_place(hostile, name):
    started = time.process_time()
    found = problems(read_any, str(hostile / name), today=datetime.date(2026, 6, 1))
    assert [fault for fault in FAULTS[name] if fault not in found] == []
    assert {code for code, *_ in found if code.startswith("E-")} == {
        code for code, *_ in FAULTS[name] if code[0] == "E"
    }
    assert time.process_time() - started < 2


@pytest.mark.parametrize("name", REMARKS)
def test_a_strange_table_is_read_with_remarks(hostile, name):
    _table, read = read_any(str(hostile / name))
    assert [code for code in REMARKS[name] if code not in codes(read)] == []
    assert len(read.frame)


def test_what_the_strange_tables_hold(hostile):
    merged = read_any(str(hostile / "x05_merged.xlsx"))[1].frame
    assert merged["name"].tolist() == ["甲", "甲"]
    assert read_any(str(hostile / "x11_gbk.csv"))[1].frame["name"].tolist() == ["宝山厂"]
    assert read_any(str(hostile / "x12_formula.csv"))[1].frame["name"].tolist() == [
        "=cmd|' /C calc'!A0",
        "\t=1+1",
        "＝1+1",
    ]
    assert read_any(str(hostile / "x16_pii.csv"))[1].frame["身份证"].tolist() == ["310101199001011234"]
    assert read_any(str(hostile / "x18_html_names.csv"))[1].frame["name"].tolist()[1] == "<script>alert(1)</script>"


def test_the_manifest_lists_no_table_that_is_not_tested_here(hostile):
    with (hostile / "manifest.csv").open(encoding="utf-8") as stream:
        rows = {row["file"]: row["expected"] for row in csv.DictReader(stream) if row["file"].startswith("x")}
    rows.pop("x17_pickle.joblib")  # no table; formats refuses it
    assert set(rows) == {*FAULTS, *REMARKS}
    assert {name for name, expected in rows.items() if expected.startswith("REJECT")} == set(FAULTS)


@pytest.mark.parametrize("name", ["x13_ragged.csv", "x03_codes.xlsx", "x04_phase.xlsx"])
def test_scoring_refuses_them_too(hostile, name):
    with pytest.raises(InputRefused):
        read_table(str(hostile / name), EVENTS if name == "x04_phase.xlsx" else ENTERPRISES)


def test_a_bomb_in_a_workbook(tmp_path):
    path = workbook(tmp_path / "t.xlsx", [HEADER])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/x.bin", bytes(60_000_000))
    assert problems(read_any, str(path)) == [("E-ZIP-RATIO", None, None)]


def test_real_pluto(real):
    mapping = read_mapping(real / "pluto" / "mapping.toml")
    path = next((real / "pluto").glob("*json"))
    parcels = read_table(str(path), PARCELS, mapping=mapping["parcels"]).frame
    buildings = read_table(str(path), BUILDINGS, mapping=mapping["buildings"]).frame
    assert (len(parcels), parcels["parcel_id"].is_unique) == (500, True)
    assert parcels["parcel_id"].str.fullmatch(r"\d{10}").all()
    assert parcels["registered_area_m2"].sum() / 0.09290304 == pytest.approx(1_895_535)
    assert buildings["floor_area_m2"].sum() / 0.09290304 == pytest.approx(2_218_253)
    assert np.array_equal(buildings["building_id"], buildings["parcel_id"])


def test_real_brownfield(real):
    for name in ("csv.resource", "xlsx.resource"):
        _table, raw = read_any(str(real / "brownfield" / name))
        assert "SiteReference" in raw.frame
