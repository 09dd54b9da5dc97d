"""GeoJSON: what is read, what is mended, and each fault by the number of its feature."""

import json
import time

import numpy as np
import pytest
import shapely

from landgis.errors import InputRefused
from landgis.io.layers import read_layer
from tests.io.conftest import codes


def square(x=120.0, y=28.9, size=0.001):
    return {"type": "Polygon", "coordinates": [[[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]]}


def feature(geometry, **properties):
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(*features, **more):
    return {"type": "FeatureCollection", "features": list(features), **more}


def read(tmp_path, content, **options):
    path = tmp_path / "x.geojson"
    if isinstance(content, dict):
        content = json.dumps(content, ensure_ascii=False)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_layer(path, None, **options)


def refusal(tmp_path, content, **options):
    with pytest.raises(InputRefused) as caught:
        read(tmp_path, content, **options)
    return caught.value.problems[0]


def test_features_a_feature_and_a_geometry(tmp_path):
    assert len(read(tmp_path, collection(feature(square(), a=1), feature(square(121), a=2))).frame) == 2
    assert read(tmp_path, feature(square(), a=1)).frame["a"].tolist() == [1]
    bare = read(tmp_path, square()).frame
    assert list(bare.columns) == ["geometry"]
    np.testing.assert_allclose(bare.total_bounds, [120, 28.9, 120.001, 28.901])


def test_blanks_and_the_order_of_members_do_not_matter(tmp_path):
    text = '\n { "crs" : null ,\t"features" : [ {"geometry":null , "type" : "Feature","properties":null} ] , "type":"FeatureCollection" } \r\n'
    assert len(read(tmp_path, text, crs="4490").frame) == 1
    assert len(read(tmp_path, '{ "type": "FeatureCollection", "features": [ ] }').frame) == 0
    pretty = json.dumps(collection(feature(square(), a=1), feature(square(121), a=2)), indent=4)
    assert read(tmp_path, pretty).frame["a"].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("urn:ogc:def:crs:EPSG::4549", 4549), ("EPSG:4549", 4549), ("urn:ogc:def:crs:EPSG:6.9:4528", 4528),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", 4326), ("urn:ogc:def:crs:EPSG::4490", 4490), ("epsg:4490", 4490),
    ],
)  # fmt: skip
def test_the_crs_member_by_name(tmp_path, name, code):
    x, y, size = {4549: (502_900, 3_200_400, 100), 4528: (40_502_900, 3_200_400, 100)}.get(code, (120, 28.9, 0.001))
    crs = {"type": "name", "properties": {"name": name}}
    raw = read(tmp_path, collection(feature(square(x, y, size)), crs=crs))
    assert raw.frame.crs.to_epsg() == code
    np.testing.assert_allclose(raw.frame.total_bounds[:2], [x, y])


@pytest.mark.parametrize(
    "crs",
    [
        {"type": "link", "properties": {"href": "http://127.0.0.1:9/x", "type": "ogcwkt"}},
        {"type": "name", "properties": {"name": "http://127.0.0.1:9/x"}},
        {"type": "name", "properties": {"name": "/etc/passwd"}},
        {"type": "name", "properties": {"name": "EPSG:999999"}},
        {"type": "name", "properties": {"name": "EPSG:4549+proj=pipeline"}},
        {"type": "name"}, "EPSG:4549", {"href": "x"},
    ],
)  # fmt: skip
def test_other_crs_members_are_refused(tmp_path, crs):
    assert refusal(tmp_path, collection(feature(square()), crs=crs)).code == "E-JSON-CRS"


def test_without_a_crs_member_it_is_lon_lat_unless_the_numbers_and_the_user_say_else(tmp_path):
    degrees, metres = collection(feature(square())), collection(feature(square(502_900, 3_200_400, 100)))
    assert read(tmp_path, degrees).frame.crs.to_epsg() == 4326
    assert read(tmp_path, degrees, crs="EPSG:4549").frame.crs.to_epsg() == 4326
    assert read(tmp_path, degrees, crs="EPSG:4490").frame.crs.to_epsg() == 4490
    assert refusal(tmp_path, metres).code == "E-CRS-RANGE"
    raw = read(tmp_path, metres, crs="EPSG:4549")
    assert (raw.frame.crs.to_epsg(), codes(raw.problems)) == (4549, ["W-CRS-GIVEN"])
    assert refusal(tmp_path, collection(feature(square()), crs=None)).code == "E-CRS-MISSING"


def test_all_kinds_of_geometry_keep_their_rows(tmp_path):
    hole = [[120.0002, 28.9002], [120.0004, 28.9002], [120.0004, 28.9004], [120.0002, 28.9002]]
    with_hole = square()
    with_hole["coordinates"].append(hole)
    many = {"type": "MultiPolygon", "coordinates": [square()["coordinates"], square(121)["coordinates"]]}
    line = {"type": "LineString", "coordinates": [[120, 28], [121, 29, 5]]}
    both = {"type": "GeometryCollection", "geometries": [square(), {"type": "Point", "coordinates": [120, 28]}]}
    empty = {"type": "Polygon", "coordinates": []}
    geometries = [with_hole, many, {"type": "Point", "coordinates": [120, 28]}, line, both, None, empty, square(122)]
    raw = read(tmp_path, collection(*(feature(one) for one in geometries)))
    assert [None if one is None else one.geom_type for one in raw.frame.geometry] == [
        "Polygon", "MultiPolygon", "Point", "LineString", "GeometryCollection", None, "Polygon", "Polygon",
    ]  # fmt: skip
    assert raw.frame.geometry[0].area == pytest.approx(1e-6 - 0.5 * 0.0002**2)
    assert len(raw.frame.geometry[1].geoms) == 2
    assert raw.frame.geometry[7].bounds[0] == 122
    assert not raw.frame.geometry.has_z.any()


def test_heights_and_open_rings_are_reported(tmp_path):
    high = {"type": "Polygon", "coordinates": [[[*point, 7.5] for point in square()["coordinates"][0]]]}
    half = {"type": "Polygon", "coordinates": [[[120, 28, 1], [120.1, 28], [120.1, 28.1], [120, 28]]]}
    open_ring = {"type": "Polygon", "coordinates": [square()["coordinates"][0][:-1]]}
    two = {"type": "Polygon", "coordinates": [[[120, 28], [120.1, 28]]]}
    raw = read(tmp_path, collection(*(feature(one) for one in (high, half, open_ring, two))))
    assert [(p.code, p.place.row) for p in raw.problems] == [
        ("W-GEOM-CLOSED", 3), ("W-GEOM-CLOSED", 4), ("W-GEOM-RING", 4), ("W-GEOM-Z", None), ("W-GEOM-NULL", 4),
    ]  # fmt: skip
    assert raw.frame.geometry[2].equals(raw.frame.geometry[0])


@pytest.mark.parametrize(
    "coordinates",
    [
        "x", 5, None, [[1, 2]], [["a", "b"]], [[[1, "2"], [1, 3], [2, 3], [1, "2"]]], [[[1], [2], [3], [1]]],
        [[[1, None], [1, 3], [2, 3], [1, None]]], [[{"x": 1}, 2, 3, 4]], [[[[1, 2]], [[1, 2]], [[1, 2]], [[1, 2]]]],
    ],
)  # fmt: skip
def test_coordinates_that_are_none_name_their_feature(tmp_path, coordinates):
    bad = {"type": "Polygon", "coordinates": coordinates}
    problem = refusal(tmp_path, collection(feature(square()), feature(bad), feature(square())))
    assert (problem.code, problem.place.row) == ("E-GEOM-COORDS", 2)


@pytest.mark.parametrize(
    ("geometry", "code"),
    [
        ({"type": "Polygon"}, "E-GEOM-COORDS"), ({"coordinates": []}, "E-GEOM-COORDS"), ("x", "E-GEOM-COORDS"),
        ({"type": "Circle", "coordinates": [1, 2]}, "E-GEOM-TYPE"), ({"type": "Point", "coordinates": [1]}, "E-GEOM-COORDS"),
        ({"type": "LineString", "coordinates": [["a", 1], [2, 3]]}, "E-GEOM-COORDS"), ([], "E-GEOM-COORDS"),
        ({"type": ["Polygon"], "coordinates": []}, "E-GEOM-TYPE"),
    ],
)  # fmt: skip
def test_geometries_that_are_none(tmp_path, geometry, code):
    problem = refusal(tmp_path, collection(feature(square()), feature(geometry)))
    assert (problem.code, problem.place.row) == (code, 2)


def test_too_many_points_in_one_outline(tmp_path):
    ring = ",".join(f"[{120 + at * 1e-9:.9f},28]" for at in range(1_000_001))
    text = '{"type":"Polygon","coordinates":[[' + ring + ",[120.000000000,28]]]}"
    started = time.process_time()
    assert refusal(tmp_path, text).code == "E-GEOM-VERTICES"
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("values", "dtype", "expected"),
    [
        ([1, 2], "int64", [1, 2]), ([1, 2.5], "float64", [1.0, 2.5]), ([True, False], "bool", [True, False]),
        (["01", "2"], "str", ["01", "2"]), ([1, "2"], "str", ["1", "2"]), (["1,234", 5], "str", ["1,234", "5"]),
        ([1.5, "-"], "str", ["1.5", "-"]), ([[1, "二"], None], "str", ['[1, "二"]', None]), ([{"a": 1}, "x"], "str", ['{"a": 1}', "x"]),
        ([2**63 - 1, -(2**63)], "int64", [2**63 - 1, -(2**63)]), ([True, "x"], "str", ["true", "x"]),
    ],
)  # fmt: skip
def test_properties_become_columns_of_one_type(tmp_path, values, dtype, expected):
    column = read(tmp_path, collection(*(feature(square(), v=value) for value in values))).frame["v"]
    assert column.dtype == dtype
    assert [None if value != value else value for value in column.tolist()] == expected


def test_missing_properties_are_gaps(tmp_path):
    raw = read(tmp_path, collection(feature(square(), a=1, b="x"), feature(square(), b="y", c=2.0), feature(square())))
    assert list(raw.frame.columns) == ["a", "b", "c", "geometry"]
    assert str(raw.frame["a"].dtype) == "Int64"
    assert raw.frame["a"].isna().tolist() == [False, True, True]
    assert raw.frame["c"].isna().tolist() == [True, False, True]
    assert raw.frame["b"].tolist()[:2] == ["x", "y"]


def test_text_ids_of_features_are_a_column(tmp_path):
    features = [dict(feature(square()), id="P1"), dict(feature(square()), id="P2")]
    assert read(tmp_path, collection(*features)).frame["id"].tolist() == ["P1", "P2"]
    assert "id" not in read(tmp_path, collection(dict(feature(square()), id=7))).frame


@pytest.mark.parametrize(
    ("values", "code", "row"),
    [
        ([1, "约2000㎡", 3], "E-FIELD-TYPE", 2), ([1.5, None, "x"], "E-FIELD-TYPE", 3), ([1, 2**63], "E-FIELD-RANGE", 2),
        ([0, -(2**63) - 1], "E-FIELD-RANGE", 2), (["x" * 65_535, "x" * 65_536], "E-FIELD-LEN", 2),
    ],
)  # fmt: skip
def test_values_that_fit_no_column_name_feature_and_field(tmp_path, values, code, row):
    problem = refusal(tmp_path, collection(*(feature(square(), 面积=value) for value in values)))
    assert (problem.code, problem.place.row, problem.place.field) == (code, row, "面积")


def raw_feature(properties):
    return f'{{"type":"Feature","properties":{properties},"geometry":null}}'


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ('{"a":NaN}', "E-JSON-NAN"), ('{"a":-Infinity}', "E-JSON-NAN"), ('{"a":1e999}', "E-JSON-NAN"),
        ('{"a":1,"a":2}', "E-JSON-DUPKEY"), ('{"a":{"b":1,"b":2}}', "E-JSON-DUPKEY"),
        ('{"a":' + "[" * 100 + "]" * 100 + "}", "E-JSON-DEPTH"), ('{"a":' + "[" * 100_000 + "]" * 100_000 + "}", "E-JSON-DEPTH"),
        ('{"a":' + "9" * 5000 + "}", "E-FIELD-RANGE"), ("5", "E-JSON-TYPE"), ('{"a":1,}', "E-JSON-SYNTAX"), ("{'a':1}", "E-JSON-SYNTAX"),
    ],
)  # fmt: skip
def test_faults_of_the_json_name_their_feature(tmp_path, properties, code):
    text = f'{{"type":"FeatureCollection","features":[{raw_feature("{}")},{raw_feature(properties)}]}}'
    problem = refusal(tmp_path, text)
    assert (problem.code, problem.place.row) == (code, 2)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"type":"FeatureCollection"}', "E-JSON-TYPE"), ('{"type":"FeatureCollection","features":5}', "E-JSON-TYPE"),
        ('{"type":"FeatureCollection","features":[5]}', "E-JSON-TYPE"), ("{}", "E-FMT-MAGIC"),
        ('{"features":[],"type":"gdal_streamed_alg"}', "E-FMT-MAGIC"), ('{"a":"x","command_line":"rm"}', "E-FMT-MAGIC"),
        ('{"type":"FeatureCollection","features":[],"features":[]}', "E-JSON-DUPKEY"),
        ('{"type":"Point","coordinates":[120,28]}{"type":"Point"}', "E-JSON-TYPE"),
        ('{"type":"FeatureCollection","features":[]', "E-UPLOAD-TRUNCATED"), ("{", "E-UPLOAD-TRUNCATED"),
        ('{"type":"FeatureCollection","features":[],}', "E-JSON-SYNTAX"), ('{"type" "Feature"}', "E-JSON-SYNTAX"),
    ],
)  # fmt: skip
def test_what_is_no_geojson(tmp_path, text, code):
    assert refusal(tmp_path, text).code == code


def test_a_file_cut_off_says_at_which_byte(tmp_path):
    text = json.dumps(collection(*(feature(square(), 名称="永康") for _ in range(50))), ensure_ascii=False)
    assert "byte 2999;" in refusal(tmp_path, text.encode()[:2999]).render()
    for size in range(2900, 3100):  # also within a character
        assert refusal(tmp_path, text.encode()[:size]).code == "E-UPLOAD-TRUNCATED"


@pytest.mark.parametrize(("encoding", "options", "remarks"), [
    ("utf-8", {}, []), ("utf-8-sig", {}, []), ("gbk", {}, ["W-ENC-GUESS"]), ("gbk", {"encoding": "GBK"}, []),
    ("big5", {"encoding": "big5"}, []), ("utf-8", {"encoding": "GBK"}, []),
])  # fmt: skip
def test_encodings(tmp_path, encoding, options, remarks):
    text = json.dumps(collection(feature(square(), 名="永康市")), ensure_ascii=False)
    raw = read(tmp_path, text.encode(encoding), **options)
    assert (raw.frame["名"].tolist(), codes(raw.problems)) == (["永康市"], remarks)


def test_encodings_that_are_not_what_was_said(tmp_path):
    text = json.dumps(collection(feature(square(), name="España")), ensure_ascii=False).encode("latin-1")
    assert "--encoding" in refusal(tmp_path, text).render()
    assert refusal(tmp_path, text, encoding="ascii").code == "E-ENC-MISMATCH"
    assert read(tmp_path, text, encoding="latin-1").frame["name"].tolist() == ["España"]


def test_half_characters_and_names_that_clash(tmp_path):
    text = '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"a":"x\\ud800y","geometry":"g","\\u200bb":1},"geometry":null}]}'
    raw = read(tmp_path, text)
    assert raw.frame["a"].tolist() == ["x\ufffdy"]
    assert raw.frame["geometry_in"].tolist() == ["g"]
    assert raw.frame["b"].tolist() == [1]
    assert "W-TEXT-CTRL" in codes(raw.problems)


def test_a_layer_is_named_by_its_member_or_the_file(tmp_path):
    path = tmp_path / "x.geojson"
    path.write_text(json.dumps(collection(feature(square()), name="宗地")), encoding="utf-8")
    assert read_layer(path, "宗地").source.layer == "宗地"
    assert len(read_layer(path, "x").frame) == 1
    with pytest.raises(InputRefused, match="宗地"):
        read_layer(path, "roads")


def test_many_features_in_a_few_seconds(tmp_path):
    features = [
        feature(square(120 + at % 1000 * 1e-3, 28 + at // 1000 * 1e-3), ZDDM=f"{at:019}", area=at * 1.5, n=at)
        for at in range(50_000)
    ]
    path = tmp_path / "many.geojson"
    path.write_text(json.dumps(collection(*features)))
    started = time.process_time()
    raw = read_layer(path, None)
    assert time.process_time() - started < 4
    assert len(raw.frame) == 50_000
    assert raw.frame["ZDDM"].iloc[-1] == "0000000000000049999"
    np.testing.assert_allclose(shapely.area(raw.frame.geometry.to_numpy()), 1e-6, rtol=1e-6)
    np.testing.assert_allclose(raw.frame.geometry.iloc[-1].bounds[:2], [120.999, 28.049])
