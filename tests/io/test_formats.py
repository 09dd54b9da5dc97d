"""What a file is, by its content; and FILE:LAYER taken apart."""

import os
import pickle
import tempfile
from pathlib import Path

import pandas as pd
import pytest

from landgis.errors import InputRefused
from landgis.io.formats import Format, identify, split_layer
from tests.io.conftest import write


def made(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refusal(path):
    with pytest.raises(InputRefused) as caught:
        identify(path)
    return caught.value.problems[0]


@pytest.mark.parametrize("suffix", [".geojson", ".json", ".gpkg", ".dat", ""])
def test_layers_are_known_by_content(plots, tmp_path, suffix):
    write(plots, tmp_path / "a.geojson", driver="GeoJSON").rename(tmp_path / f"a{suffix}")
    assert identify(tmp_path / f"a{suffix}") is Format.GEOJSON
    write(plots, tmp_path / "b.gpkg").rename(tmp_path / f"b{suffix}")
    assert identify(tmp_path / f"b{suffix}") is Format.GPKG
    write(plots, tmp_path / "c.fgb").rename(tmp_path / f"c{suffix}")
    assert identify(tmp_path / f"c{suffix}") is Format.FLATGEOBUF
    plots.to_parquet(tmp_path / f"d{suffix}")
    assert identify(tmp_path / f"d{suffix}") is Format.GEOPARQUET
    write(plots, tmp_path / "e.shp", encoding="GBK")
    assert identify(tmp_path / "e.shp") is Format.SHAPEFILE


def test_folders(plots, tmp_path):
    assert identify(write(plots, tmp_path / "a.gdb", driver="OpenFileGDB")) is Format.FILEGDB
    (tmp_path / "empty").mkdir()
    assert refusal(tmp_path / "empty").code == "E-FMT-UNSUPPORTED"


def test_a_parquet_without_outlines_is_a_table(tmp_path):
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "t.parquet")
    assert identify(tmp_path / "t.parquet") is Format.PARQUET


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "a,b\n1,2\n"), ("b.txt", "企业名称,面积\n宝山厂,100\n".encode("gbk")), ("c", "a;b\n"),
        ("d.csv", "a,b\n1,2\n".encode("utf-16")), ("e.resource", "a,b\n"), ("f.csv", b"a,b\n1,\x00\n"),
        ("g.csv", "[编号],面积\n1,2\n"),
    ],
)  # fmt: skip
def test_delimited_texts(tmp_path, name, content):
    assert identify(made(tmp_path, name, content)) is Format.TEXT


@pytest.mark.parametrize("encoding", ["gbk", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("start", ["[属性描述]\n格式版本号=1\n", "\n[地块坐标]\n", "[项目信息]\n"])
def test_boundary_points(tmp_path, encoding, start):
    assert identify(made(tmp_path, "a.txt", start.encode(encoding))) is Format.BOUNDARY_POINTS


PROOF = Path(tempfile.gettempdir()) / "landgis-test-PWNED"  # is there once a pickle was loaded


class Harmful:
    def __reduce__(self):
        return os.system, (f"touch {PROOF}",)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.geojson", '<OGRVRTDataSource/>', "E-FMT-MAGIC"),
        ("a.geojson", '\ufeff  <?xml version="1.0"?><VRTDataset/>', "E-FMT-MAGIC"),
        ("a.csv", "<OGRVRTDataSource/>", "E-FMT-MAGIC"),
        ("a.gpkg", "<GDAL_WMS/>", "E-FMT-MAGIC"),
        ("a.shp", "<OGRWFSDataSource/>", "E-FMT-MAGIC"),
        ("a.gml", "<gml/>", "E-FMT-UNSUPPORTED"),
        ("a.kml", "<kml/>", "E-FMT-UNSUPPORTED"),
        ("a.geojson", '{"type": "gdal_streamed_alg", "command_line": "x"}', "E-FMT-MAGIC"),
        ("a.csv", '{"command_line": "x", "type": "gdal_vector_pipeline"}', "E-FMT-MAGIC"),
        ("a.json", '{"type":"Topology","objects":{}}', "E-JSON-TYPE"),
        ("a.json", "[1, 2]", "E-JSON-TYPE"),
        ("a.geojson", "", "E-EMPTY"),
        ("a.shp", b"\0" * 200, "E-EMPTY"),
        ("a.csv", " \r\n\t\n", "E-EMPTY"),
        ("a.geojson", "\ufeff", "E-EMPTY"),
        ("a.shp", b"\x7fELF" + b"\1" * 100, "E-FMT-MAGIC"),
        ("a.geojson", b"\x1f\x8b\x08" + b"\0" * 20, "E-FMT-MAGIC"),
        ("a.gz", b"\x1f\x8b\x08" + b"\0" * 20, "E-FMT-UNSUPPORTED"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "E-XLSX-OLE"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "E-XLSX-OLE"),
        ("a.tif", b"II*\0" + b"\1" * 100, "E-FMT-MAGIC"),
        ("a.joblib", pickle.dumps(Harmful()), "E-FMT-UNSUPPORTED"),
        ("a.pkl", pickle.dumps(Harmful(), protocol=2), "E-FMT-UNSUPPORTED"),
        ("a.geojson", '{"type":"Point"}'.encode("utf-16"), "E-ENC"),
        ("a.geojson", "hello", "E-FMT-MAGIC"),
        ("a.dwg", b"AC1032" + b"\0" * 50, "E-FMT-UNSUPPORTED"),
        ("a.dbf", b"\x03" + b"\1" * 50, "E-FMT-UNSUPPORTED"),
        ("a.bin", bytes(range(256)), "E-FMT-UNSUPPORTED"),
        ("a.parquet", b"PAR1" + b"\1" * 50, "E-UPLOAD-TRUNCATED"),
    ],
)  # fmt: skip
def test_everything_else_is_refused_by_what_it_is(tmp_path, name, content, code):
    path = made(tmp_path, name, content)
    problem = refusal(path)
    assert (problem.code, problem.place.file) == (code, str(path))
    assert not PROOF.exists()


@pytest.mark.parametrize(
    "text",
    [
        "http://127.0.0.1:9/x.geojson", "https://x/y.gpkg", "/vsicurl/http://127.0.0.1:9/x", "/vsizip/x.zip", "/vsistdin/",
        "GEOJSON:http://127.0.0.1:9/x", "PG:dbname=x", "WFS:http://127.0.0.1:9", "MYSQL:x", "postgresql://localhost/x",
        '{"type":"FeatureCollection","features":[]}', "<OGRVRTDataSource/>", "/vsimem/x:layer",
    ],
)  # fmt: skip
def test_urls_and_connections_are_refused_before_anything_opens_them(text):
    with pytest.raises(InputRefused, match="E-FILE-LOCAL.*download"):
        split_layer(text)
    with pytest.raises(InputRefused, match="E-FILE-LOCAL"):
        identify(Path(text))


def test_what_is_not_there_or_no_file(tmp_path):
    assert refusal(tmp_path / "nothing.gpkg").code == "E-FILE"
    assert refusal(tmp_path / ("x" * 300)).code == "E-FILE"
    assert refusal(Path("a\0b")).code == "E-FILE"
    os.mkfifo(tmp_path / "pipe")
    assert refusal(tmp_path / "pipe").code == "E-FILE-LOCAL"
    assert refusal(Path("/dev/null")).code == "E-FILE-LOCAL"


def test_layers_are_split_off(tmp_path):
    path = made(tmp_path, "a.gpkg", "x")
    assert split_layer(f"{path}") == (path, None)
    assert split_layer(f"{path}:parcels") == (path, "parcels")
    assert split_layer(f"{path}:c_tstx_cgcs_4549:xz_dxy") == (path, "c_tstx_cgcs_4549:xz_dxy")
    assert split_layer(f"{path}:宗地 1") == (path, "宗地 1")
    assert split_layer(f"{path}:") == (path, None)
    with_colon = made(tmp_path, "b:2026.gpkg", "x")
    assert split_layer(str(with_colon)) == (with_colon, None)
    assert split_layer(f"{with_colon}:x") == (with_colon, "x")
    assert split_layer("nowhere.gpkg:parcels") == (Path("nowhere.gpkg"), "parcels")
    assert split_layer("C:\\data\\x.gpkg") == (Path("C:\\data\\x.gpkg"), None)
    assert split_layer("C:/data/x.gpkg:parcels") == (Path("C:/data/x.gpkg"), "parcels")
