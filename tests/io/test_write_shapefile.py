"""Shapefile: GBK, ten bytes a name, 254 bytes a text; nothing is cut inside a character or in silence."""

import csv

import fiona
import pandas as pd
import pyogrio
import pytest
import shapely

from landgis.io.write import write_layer
from landgis.io.write_shapefile import cut_bytes, short_names
from landgis.results import RESULT_COLUMNS
from tests.io.made_results import IDS, results


@pytest.fixture
def made(tmp_path):
    target = tmp_path / "宗地.shp"
    remarks = write_layer(results(), target, columns=RESULT_COLUMNS, overwrite=False)
    return target, remarks


def test_the_set_is_whole(made):
    folder = made[0].parent
    names = {path.name for path in folder.iterdir()}
    assert names == {f"宗地{suffix}" for suffix in (".shp", ".dbf", ".shx", ".prj", ".cpg", "_fields.csv")}
    assert (folder / "宗地.cpg").read_text() == "GBK"
    assert "CGCS2000" in (folder / "宗地.prj").read_text()
    assert "永康市某某五金有限公司".encode("gbk") in (folder / "宗地.dbf").read_bytes()


def test_rows_and_values_come_back(made):
    back = pyogrio.read_dataframe(made[0])
    assert (len(back), back.crs.to_epsg(), list(back["parcel_id"])) == (4, 4549, IDS)
    assert list(back.columns[:3]) == ["parcel_id", "block_id", "rules_id"]
    assert list(back.geometry.isna()) == [False, False, True, True]
    assert back.geometry.area.tolist()[:2] == [20_000, 9_600]
    assert back["far"].tolist()[:2] == [1.5, 0.0] and back["far"][3] == pytest.approx(1 / 3, rel=1e-14)
    assert back["occupants"].isna().tolist() == [False, False, True, False]
    assert back["长号"].tolist() == [2**53 + 1, 2, 3, 4]
    assert back["企业名称"].tolist()[:2] == ["永康市某某五金有限公司", "＠甲"]
    assert back["登记时间"][0] == "2001-02-03T04:05:06"
    assert pd.Timestamp(back["建成日期"][0]) == pd.Timestamp("2001-02-03")
    with fiona.open(made[0]) as layer:
        assert [feature["properties"]["parcel_id"] for feature in layer] == IDS


def test_the_list_beside_it_says_what_the_names_stand_for(made):
    path = made[0].with_name("宗地_fields.csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(path.open(encoding="utf-8-sig", newline="")))
    assert rows[0] == ["short", "name", "标题", "title", "单位 unit"]
    assert ["tax_mu", "tax_per_mu", "亩均税收", "tax per mu", "万元/亩"] in rows
    assert ["企业名称", "企业名称", "", "", ""] in rows
    assert [row[0] for row in rows[1:]] == pyogrio.read_info(made[0])["fields"].tolist()


def test_a_character_that_gbk_lacks_is_counted(tmp_path):
    frame = results()[["parcel_id", "geometry"]].assign(甲=["𠮷", "好", "?", None])
    (remark,) = write_layer(frame, tmp_path / "out.shp", columns=RESULT_COLUMNS, overwrite=False)
    assert (remark.code, remark.place.field, remark.message.values) == ("W-OUT-CHARACTER", "甲", {"count": 1})
    assert pyogrio.read_dataframe(tmp_path / "out.shp")["甲"].tolist()[:3] == ["?", "好", "?"]


def test_long_texts_are_cut_between_characters_and_counted(tmp_path):
    frame = results()[["parcel_id", "geometry"]].assign(甲=["a" + "好" * 127, "好" * 127, None, "x" * 300])
    (remark,) = write_layer(frame, tmp_path / "out.shp", columns=RESULT_COLUMNS, overwrite=False)
    assert (remark.code, remark.message.values["count"]) == ("W-OUT-CUT", 2)
    assert pyogrio.read_dataframe(tmp_path / "out.shp")["甲"].tolist()[:2] == ["a" + "好" * 126, "好" * 127]


def test_names_are_cut_between_characters_and_differ():
    names = [
        "所属片区名称",
        "所属片区名录",
        "a所属片区名",
        "SCORE",
        "🙂",
        "a b-c",
        *(f"same_long_name_{i}" for i in range(12)),
    ]
    short = short_names(["score", *names], {"score": "score"})
    assert short["所属片区名称"] == "所属片区名" and short["所属片区名录"] == "所属片区2"
    assert short["a所属片区名"] == "a所属片区" and short["SCORE"] == "SCORE2" and short["a b-c"] == "a_b_c"
    assert len({name.casefold() for name in short.values()}) == len(short)
    assert all(0 < len(name.encode("gbk")) <= 10 for name in short.values())
    assert cut_bytes("好好", 3) == "好"


def test_renamed_columns_are_said(tmp_path):
    frame = results()[["parcel_id", "tax_per_mu", "geometry"]].assign(所属片区名称=1)
    (remark,) = write_layer(frame, tmp_path / "out.shp", columns=RESULT_COLUMNS, overwrite=False)
    assert (remark.code, remark.place.field, remark.message.values["name"]) == (
        "W-OUT-RENAMED", "所属片区名称", "所属片区名",
    )  # fmt: skip


def test_what_is_no_polygon_keeps_its_row_and_is_said(tmp_path):
    frame = results()[["parcel_id", "geometry"]]
    frame.loc[1, "geometry"] = shapely.Point(500_000, 3_300_000)
    (remark,) = write_layer(frame, tmp_path / "out.shp", columns=RESULT_COLUMNS, overwrite=False)
    assert remark.code == "W-OUT-GEOMETRY"
    assert list(pyogrio.read_dataframe(tmp_path / "out.shp")["parcel_id"]) == IDS


def test_an_old_set_is_replaced_whole(made):
    target = made[0]
    for suffix in (".qix", ".shp.xml"):
        target.with_name("宗地" + suffix).write_text("of the old one")
    write_layer(results().iloc[:1], target, columns=RESULT_COLUMNS, overwrite=True)
    assert len(pyogrio.read_dataframe(target)) == 1
    assert not target.with_suffix(".qix").exists() and not target.with_name("宗地.shp.xml").exists()
