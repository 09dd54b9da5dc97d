"""GeoPackage and FlatGeobuf: rows, values and Chinese survive; the GeoPackage explains its columns."""

import sqlite3
import subprocess

import fiona
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from landgis.io.write_gdal import CONSTANT_DATE, constant_date
from landgis.results import RESULT_COLUMNS, RESULT_NAMES
from tests.debian import need
from tests.io.made_results import IDS, OWN, results, written

BOTH = pytest.mark.parametrize("suffix", [".gpkg", ".fgb"])


@BOTH
def test_rows_values_and_names_come_back(tmp_path, suffix):
    target = tmp_path / f"宗地{suffix}"
    assert written(target) == []
    back = pyogrio.read_dataframe(target)
    assert list(back.columns) == [*RESULT_NAMES, *OWN, "geometry"]
    assert (back.crs.to_epsg(), list(back["parcel_id"])) == (4549, IDS)
    assert list(back.geometry.isna()) == [False, False, True, True]
    assert np.allclose(back.geometry.area[:2], [20_000, 9_600], rtol=0, atol=1e-6)
    assert back["area_m2"].tolist()[:2] == [1.5, 0.0] and back["area_m2"].tolist()[3] == 1 / 3
    assert back["occupant_count"].isna().tolist() == [False, False, True, False]
    assert back["长号"].tolist() == [2**53 + 1, 2, 3, 4]
    assert back["比例"].isna().tolist() == [False, True, True, False]
    assert back["企业名称"].tolist()[:3] == ["永康市某某五金有限公司", "＠甲", " -2"]
    assert back["备注"].tolist() == ["一\n二", "", "\t+86", "㐂龘"]
    assert back["停用"].isna().tolist() == [False, False, True, False] and bool(back["停用"][0])
    assert pd.Timestamp(back["建成日期"][0]) == pd.Timestamp("2001-02-03")
    assert back["登记时间"][0] == pd.Timestamp("2001-02-03 04:05:06")
    assert back["标签"].tolist()[::2] == ['["违建",1]', '{"a":"中"}']


@BOTH
def test_there_is_one_layer_also_for_fiona(tmp_path, suffix):
    target = tmp_path / f"out{suffix}"
    written(target)
    assert pyogrio.list_layers(target).tolist() == [["parcels", "MultiPolygon"]]
    assert fiona.listlayers(target) == ["parcels"]
    with fiona.open(target) as layer:
        assert [feature["properties"]["parcel_id"] for feature in layer] == IDS


def test_geopackage_describes_its_columns(tmp_path):
    written(tmp_path / "out.gpkg")
    connection = sqlite3.connect(tmp_path / "out.gpkg")
    rows = connection.execute("SELECT column_name, title, description FROM gpkg_data_columns").fetchall()
    assert [name for name, _, _ in rows] == list(RESULT_NAMES)
    described = {name: (title, description) for name, title, description in rows}
    assert described["floor_area_ratio"] == (
        "容积率", "floor area ratio. Floor area ratio = counted_floor_area_m2 ÷ area_m2.",
    )  # fmt: skip
    assert described["area_mu"][0] == "用地面积，亩" and described["tax_per_mu"][0] == "亩均税收 (万元/亩)"
    registered = connection.execute("SELECT table_name, extension_name FROM gpkg_extensions").fetchall()
    assert ("gpkg_data_columns", "gpkg_schema") in registered and ("parcels", "gpkg_rtree_index") in registered
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    assert connection.execute("SELECT count(*) FROM rtree_parcels_geom").fetchone() == (2,)
    assert connection.execute("SELECT feature_count FROM gpkg_ogr_contents").fetchall() == [(4,)]
    connection.close()


def test_geopackage_holds_no_day_of_export(tmp_path):
    written(tmp_path / "out.gpkg")
    connection = sqlite3.connect(tmp_path / "out.gpkg")
    assert connection.execute("SELECT last_change, description FROM gpkg_contents").fetchall() == [
        (CONSTANT_DATE, "landgis yongkang-draft")
    ]
    connection.close()


def test_the_users_fid_and_geom_stay(tmp_path):
    frame = results().assign(fid=["a", "b", "c", "d"], geom=1)
    assert written(tmp_path / "out.gpkg", frame) == []
    back = pyogrio.read_dataframe(tmp_path / "out.gpkg")
    assert back["fid"].tolist() == ["a", "b", "c", "d"] and back["geom"].tolist() == [1, 1, 1, 1]


def test_other_shapes_and_a_third_dimension_do_not_stop_it(tmp_path):
    frame = results()
    frame.loc[1, "geometry"] = shapely.from_wkt("LINESTRING Z (500000 3300000 5, 500100 3300000 6)")
    for suffix in (".gpkg", ".fgb"):
        assert written(tmp_path / f"out{suffix}", frame) == []
        kinds = pyogrio.read_dataframe(tmp_path / f"out{suffix}").geom_type
        assert kinds.tolist()[1] == "LineString"


def test_the_constant_date_does_not_stay():
    with constant_date():
        assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") == CONSTANT_DATE
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") is None


@BOTH
def test_ogrinfo_reads_it(tmp_path, suffix):
    ogrinfo = need("ogrinfo", "gdal-bin")
    written(tmp_path / f"out{suffix}")
    done = subprocess.run([ogrinfo, "-al", tmp_path / f"out{suffix}"], capture_output=True, text=True, check=True)
    assert "Feature Count: 4" in done.stdout and "永康市某某五金有限公司" in done.stdout


def test_result_columns_have_the_types_of_their_kind(tmp_path):
    written(tmp_path / "out.gpkg")
    types = dict(zip(*(pyogrio.read_info(tmp_path / "out.gpkg")[key] for key in ("fields", "dtypes")), strict=True))
    wanted = {"key": "object", "text": "object", "number": "float64", "integer": "int64"}
    assert {column.name: types[column.name] for column in RESULT_COLUMNS} == {
        column.name: wanted[column.kind] for column in RESULT_COLUMNS
    }


@pytest.mark.parametrize(("suffix", "new"), [("gpkg", "OGC_FID"), ("fgb", "OGC_FID_2"), ("shp", "OGC_FID2")])
def test_columns_with_the_names_that_gdal_gives_itself_stay_columns(tmp_path, suffix, new):
    """A layer that GDAL wrote before often has them; their values are no feature numbers."""
    names = ("OGC_FID", "fid", "ogc_fid_1", "geom", "wkb_geom", "geometry_1")
    frame = results().assign(**{name: [7, 7, 9, 8] for name in names}, wkb_geo=["甲", None, "丙", ""])
    written(tmp_path / f"out.{suffix}", frame)
    read = pyogrio.read_dataframe(tmp_path / f"out.{suffix}")
    for name in (new, *names[1:]):
        assert read[name].tolist() == [7, 7, 9, 8], name
    assert read["wkb_geo"].fillna("").tolist() == ["甲", "", "丙", ""]
    assert read["parcel_id"].tolist() == IDS


def test_a_column_that_cannot_keep_its_name_is_remarked_on(tmp_path):
    frame = results().assign(OGC_FID=1)
    assert written(tmp_path / "out.fgb", frame) == [*written(tmp_path / "out.gpkg", frame), "W-OUT-RENAMED"]
