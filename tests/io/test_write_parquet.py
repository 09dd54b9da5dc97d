"""GeoParquet: types, the CRS and the titles are in the file."""

import json

import geopandas as gpd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pandas import DataFrame

from landgis.io.write import write_table
from landgis.results import FIRM_COLUMNS, RESULT_NAMES
from tests.io.made_results import IDS, OWN, results, written


@pytest.fixture
def made(tmp_path):
    assert written(tmp_path / "宗地.parquet") == []
    return tmp_path / "宗地.parquet"


def test_geopandas_reads_it(made):
    back = gpd.read_parquet(made)
    assert list(back.columns) == [*RESULT_NAMES, *OWN, "geometry"]
    assert (back.crs.to_epsg(), list(back["parcel_id"])) == (4549, IDS)
    assert list(back.geometry.isna()) == [False, False, True, False] and back.geometry.is_empty[3]
    assert back.geometry.area.tolist()[:2] == [20_000, 9_600]
    assert back["备注"].tolist() == OWN["备注"]


def test_types_by_hand(made):
    schema = pq.read_schema(made)
    assert schema.field("parcel_id").type == pa.string() and schema.field("area_m2").type == pa.float64()
    assert schema.field("occupant_count").type == pa.int64() and schema.field("停用").type == pa.bool_()
    assert schema.field("建成日期").type == pa.date32() and schema.field("登记时间").type == pa.timestamp("ms")
    assert pq.read_table(made)["比例"].to_pylist() == [0.1, None, None, -0.5]


def test_metadata_by_hand(made):
    schema = pq.read_schema(made)
    assert schema.field("tax_per_mu").metadata == {
        b"title_zh": "亩均税收".encode(), b"title_en": b"tax per mu", b"unit": "万元/亩".encode(),
    }  # fmt: skip
    assert json.loads(schema.metadata[b"landgis"])["rules_id"] == "yongkang-draft"
    geo = json.loads(schema.metadata[b"geo"])
    assert (geo["version"], geo["primary_column"]) == ("1.1.0", "geometry")
    column = geo["columns"]["geometry"]
    assert column["encoding"] == "WKB" and column["geometry_types"] == ["Polygon"]
    assert column["bbox"] == [500_000, 3_300_000, 500_300, 3_300_200]
    assert column["crs"]["id"] == {"authority": "EPSG", "code": 4549}


def test_a_users_column_called_geometry_stays(tmp_path):
    frame = results().rename_geometry("shape").assign(geometry=["a", "b", "c", "d"])
    assert written(tmp_path / "out.parquet", frame) == []
    back = gpd.read_parquet(tmp_path / "out.parquet")
    assert back["geometry"].tolist() == ["a", "b", "c", "d"] and back.geometry.name == "geometry_2"


def test_a_table_without_geometry(tmp_path):
    firms = DataFrame({"enterprise_id": ["91330784MA2TEA0005"], "name": ["甲"], "year": [2024], "score": [71.249]})
    write_table(firms, tmp_path / "firms.parquet", columns=FIRM_COLUMNS, overwrite=False)
    assert pq.read_table(tmp_path / "firms.parquet").to_pylist() == [
        {"enterprise_id": "91330784MA2TEA0005", "name": "甲", "year": 2024, "score": 71.249}
    ]
