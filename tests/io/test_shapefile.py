"""Shapefiles: encodings declared, wrong and missing; parts missing, cut off or of another file."""

import hashlib
import struct

import geopandas as gpd
import numpy as np
import pytest
import shapely

from landgis.errors import InputRefused
from landgis.io.encodings import guess_encoding, known_encoding
from landgis.io.layers import look_into, read_layer
from tests.io.conftest import codes, write

NAMES = ["宝山钢铁配套厂", "测试企业二"]
LANGUAGE_BYTE = 29


@pytest.fixture
def shape(plots, tmp_path):
    """A GBK shapefile in a folder of its own."""
    folder = tmp_path / "shape"
    folder.mkdir()
    return write(plots, folder / "parcels.shp", encoding="GBK")


def beside(path, suffix):
    return path.with_suffix(suffix)


def change(path, at, content):
    whole = bytearray(path.read_bytes())
    whole[at : at + len(content)] = content
    path.write_bytes(whole)


def state(path):
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in path.parent.iterdir()}


def refusal(path, **options):
    with pytest.raises(InputRefused) as caught:
        read_layer(path, None, **options)
    return caught.value.problems[0]


@pytest.mark.parametrize(
    ("language", "cpg", "remark"),
    [
        (0x00, None, True), (0x4D, None, True), (0x57, None, True), (0x03, None, True),
        (0x00, "GBK", False), (0x00, "936", False), (0x57, "GB2312", False), (0x00, "GB18030\n", False), (0x4D, "", True),
        (0x00, "no such encoding", True),
    ],
)  # fmt: skip
def test_gbk_is_read_whatever_declares_it(shape, language, cpg, remark):
    change(beside(shape, ".dbf"), LANGUAGE_BYTE, bytes([language]))
    beside(shape, ".cpg").unlink()
    if cpg is not None:
        beside(shape, ".cpg").write_text(cpg)
    raw = read_layer(shape, None)
    assert raw.frame["名称"].tolist() == NAMES
    assert codes(raw.problems) == (["W-ENC-GUESS"] if remark else [])
    assert raw.source.encoding == "GB18030"


def test_utf_8_and_ascii_are_read_without_a_cpg(plots, tmp_path):
    path = write(plots, tmp_path / "u.shp", encoding="UTF-8")
    beside(path, ".cpg").unlink()
    change(beside(path, ".dbf"), LANGUAGE_BYTE, b"\0")
    raw = read_layer(path, None)
    assert (raw.frame["名称"].tolist(), codes(raw.problems)) == (NAMES, ["W-ENC-GUESS"])
    path = write(plots.rename(columns={"名称": "name"}).assign(name="x"), tmp_path / "a.shp")
    beside(path, ".cpg").unlink()
    assert read_layer(path, None).problems == []


def test_western_text_is_not_taken_for_chinese(plots, tmp_path):
    frame = plots.rename(columns={"名称": "name"}).assign(name=["España", "Málaga"])
    path = write(frame, tmp_path / "w.shp", encoding="ISO-8859-1")
    beside(path, ".cpg").unlink(missing_ok=True)
    change(beside(path, ".dbf"), LANGUAGE_BYTE, b"\x57")
    assert read_layer(path, None).frame["name"].tolist() == ["España", "Málaga"]
    change(beside(path, ".dbf"), LANGUAGE_BYTE, b"\0")
    assert "--encoding" in refusal(path).render()
    assert read_layer(path, None, encoding="latin-1").frame["name"].tolist() == ["España", "Málaga"]


def test_a_cpg_that_lies_names_row_and_field_and_the_option(shape, plots, tmp_path):
    beside(shape, ".cpg").write_text("UTF-8")
    problem = refusal(shape)
    assert (problem.code, problem.place.row, problem.place.field) == ("E-ENC-MISMATCH", 1, "名称")
    assert "--encoding GB18030" in problem.render()
    path = write(plots.rename(columns={"名称": "name"}).assign(name=["x", "永康"]), tmp_path / "r.shp", encoding="GBK")
    beside(path, ".cpg").write_text("UTF-8")
    problem = refusal(path)
    assert (problem.place.row, problem.place.field) == (2, "name")
    assert "永康" in problem.render()
    assert refusal(path, encoding="Klingon").code == "E-ENC"


def test_a_character_cut_off_at_the_end_of_a_full_cell_is_no_fault(plots, tmp_path):
    text = "永" * 127  # 254 bytes in GBK fill the cell
    path = write(plots.rename(columns={"名称": "name"}).assign(name=[text, "永康"]), tmp_path / "c.shp", encoding="GBK")
    header = beside(path, ".dbf").read_bytes()
    start, length = struct.unpack("<HH", header[8:12])
    change(beside(path, ".dbf"), start + 1 + 253, b"\xd3")  # the last byte becomes the first half of a character
    change(beside(path, ".dbf"), start + 1 + 252, b" ")
    names = read_layer(path, None).frame["name"].tolist()
    assert names[0].startswith("永" * 126)
    assert names[1] == "永康"
    assert length > 254


@pytest.mark.parametrize("keep", [None, 0, 50, 100, 104, 108])
def test_an_index_is_made_anew_without_touching_the_folder(shape, keep):
    index = beside(shape, ".shx")
    index.unlink() if keep is None else index.write_bytes(index.read_bytes()[:keep])
    before = state(shape)
    raw = read_layer(shape, None)
    assert raw.frame["名称"].tolist() == NAMES
    np.testing.assert_allclose(raw.frame.geometry.area, [5000, 5000])
    assert codes(raw.problems) == ["W-SHX-REBUILT"]
    assert state(shape) == before


def test_an_index_that_points_elsewhere_is_found_out(shape):
    change(beside(shape, ".shx"), 100, struct.pack(">II", 70, 64))
    assert refusal(shape).code in ("E-SHP-RECORD", "E-SHP-TRUNC")


@pytest.mark.parametrize(("cut", "row"), [(1, 2), (100, 2), (140, 1)])
def test_a_shp_cut_off_names_the_first_row_that_is_lost(shape, cut, row):
    size = shape.stat().st_size
    shape.write_bytes(shape.read_bytes()[: size - cut])
    problem = refusal(shape)
    assert (problem.code, problem.place.row) == ("E-SHP-TRUNC", row)


@pytest.mark.parametrize(
    ("at", "content", "code"),
    [
        (104, struct.pack(">I", 0x3FFFFFFF), "E-SHP-RECORD"),  # length of record 1
        (144, struct.pack("<I", 1_000_000), "E-SHP-RECORD"),  # its parts
        (148, struct.pack("<I", 100_000_000), "E-SHP-RECORD"),  # its points
        (148, struct.pack("<i", -5), "E-SHP-RECORD"),
        (108, struct.pack("<I", 1), "E-SHP-RECORD"),  # a point among polygons
        (32, struct.pack("<I", 31), "E-GEOM-TYPE"),
    ],
)
def test_records_that_contradict_themselves(shape, at, content, code):
    change(shape, at, content)
    assert refusal(shape).code == code


def test_rows_of_another_file(shape):
    change(beside(shape, ".dbf"), 4, struct.pack("<I", 1))
    assert refusal(shape).code == "E-SHP-COUNT"
    change(beside(shape, ".dbf"), 4, struct.pack("<I", 2_000_000_000))
    assert refusal(shape).code == "E-DBF-COUNT"
    beside(shape, ".dbf").write_bytes(beside(shape, ".dbf").read_bytes()[:20])
    assert refusal(shape).code == "E-DBF-HEADER"
    beside(shape, ".dbf").unlink()
    assert refusal(shape).code == "E-SHP-NODBF"


def test_a_deleted_row_is_left_out_and_said(shape):
    start = struct.unpack("<H", beside(shape, ".dbf").read_bytes()[8:10])[0]
    change(beside(shape, ".dbf"), start, b"*")
    raw = read_layer(shape, None)
    assert raw.frame["名称"].tolist() == NAMES[1:]
    assert raw.rows.tolist() == [2]
    assert codes(raw.problems) == ["W-DBF-DELETED"]


def test_parts_in_capitals_belong_together(shape):
    for file in list(shape.parent.iterdir()):
        file.rename(file.with_name(file.name.upper()))
    raw = read_layer(shape.with_name("PARCELS.SHP"), None)
    assert (raw.frame["名称"].tolist(), raw.frame.crs.to_epsg()) == (NAMES, 4549)


def test_holes_parts_and_null_shapes(tmp_path):
    outer, inner = (
        shapely.box(500_000, 3_200_000, 500_100, 3_200_100),
        shapely.box(500_040, 3_200_040, 500_060, 3_200_060),
    )
    many = shapely.MultiPolygon([outer.difference(inner), shapely.box(500_200, 3_200_000, 500_210, 3_200_010)])
    path = write(gpd.GeoDataFrame({"a": [1, 2]}, geometry=[many, None], crs=4549), tmp_path / "h.shp")
    raw = read_layer(path, None)
    assert raw.frame.geometry.area.iloc[0] == pytest.approx(10_000 - 400 + 100)
    assert raw.frame.geometry.isna().tolist() == [False, True]
    assert [(p.code, p.place.row) for p in raw.problems] == [("W-GEOM-NULL", 2)]


def test_names_cut_to_ten_bytes_are_told(tmp_path):
    box = [shapely.box(120, 28, 120.1, 28.1)]
    path = write(
        gpd.GeoDataFrame({"registered_area_old": [1.0], "registered_area_new": [2.0]}, geometry=box, crs=4490),
        tmp_path / "n.shp",
    )
    raw = read_layer(path, None)
    (remark,) = raw.problems
    assert remark.code == "W-FIELD-TRUNC"
    assert "registered" in remark.render()
    assert "register_1" in remark.render()


def test_looking_into_a_shapefile_needs_no_crs(shape):
    beside(shape, ".prj").unlink()
    (look,) = look_into(shape)
    assert (look.features, look.crs, look.encoding, list(look.fields)) == (2, None, "GB18030", ["名称", "count"])


def test_a_million_claimed_fields_do_not_matter(shape):
    change(beside(shape, ".dbf"), 8, struct.pack("<HH", 65_535, 65_535))
    assert refusal(shape).code in ("E-DBF-HEADER", "E-DBF-COUNT", "E-DBF-TRUNC", "E-FIELD-COUNT")


def test_encodings_by_name_and_by_bytes():
    assert [known_encoding(name) for name in ("utf-8", "CP936", "ISO-8859-1", "1252", "rot13", "x")] == [
        "UTF-8", "GB18030", "iso8859-1", "cp1252", None, None,
    ]  # fmt: skip
    assert guess_encoding("永康市五金厂".encode()) == "UTF-8"
    assert guess_encoding("永康市五金厂".encode("gbk")) == "GB18030"
    assert guess_encoding("España".encode("latin-1")) is None
    assert guess_encoding(b"\xff\xff") is None
