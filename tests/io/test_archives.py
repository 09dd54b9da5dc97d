"""Zip files: what is refused from the directory alone, what is unpacked, and that nothing stays behind."""

import io
import struct
import tempfile
import time
import zipfile
from pathlib import Path

import pytest

from landgis.errors import InputRefused, Place
from landgis.io.archives import check_archive, pick_layer_file, unpacked
from landgis.io.layers import read_layer
from tests.io.conftest import write

HERE = Place("a.zip")


def packed(path, entries):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def code(path):
    with pytest.raises(InputRefused) as caught:
        check_archive(path, HERE)
    return caught.value.problems[0].code


@pytest.fixture
def shapefile_parts(plots, tmp_path):
    folder = tmp_path / "parts"
    folder.mkdir()
    write(plots, folder / "parcels.shp", encoding="GBK")
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../x.txt", "E-ZIP-PATH"), ("/etc/x", "E-ZIP-PATH"), ("a/../../x", "E-ZIP-PATH"), ("..\\x", "E-ZIP-PATH"),
        ("C:/x", "E-ZIP-PATH"), ("a\nb.txt", "E-ZIP-PATH"), ("a//b", "E-ZIP-PATH"), ("x" * 300, "E-ZIP-PATH"),
        ("in.zip", "E-ZIP-NESTED"), ("in.RAR", "E-ZIP-NESTED"), ("a/b.tar", "E-ZIP-NESTED"),
    ],
)  # fmt: skip
def test_entries_that_point_elsewhere_or_are_archives(tmp_path, name, expected):
    assert code(packed(tmp_path / "a.zip", {name: "x", "parcels.geojson": "{}"})) == expected


def test_links_doubles_and_passwords(tmp_path):
    with zipfile.ZipFile(tmp_path / "link.zip", "w") as archive:
        link = zipfile.ZipInfo("link.csv")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert code(tmp_path / "link.zip") == "E-ZIP-SYMLINK"
    assert code(packed(tmp_path / "double.zip", {"A.shp": "x", "a.SHP": "y"})) == "E-ZIP-DUP"


def test_a_bomb_is_refused_from_the_directory(tmp_path):
    started = time.perf_counter()
    assert code(packed(tmp_path / "b.zip", {"parcels.geojson": " " * 50_000_000})) == "E-ZIP-RATIO"
    packed(tmp_path / "many.zip", {f"{number}.txt": "" for number in range(501)})
    assert code(tmp_path / "many.zip") == "E-ZIP-ENTRIES"
    assert time.perf_counter() - started < 5


def test_what_unpacks_to_too_much(tmp_path, monkeypatch):
    monkeypatch.setattr("landgis.io.archives.UNPACKED_LIMIT", 1000)
    assert code(packed(tmp_path / "a.zip", {"a.geojson": bytes(range(256)) * 4})) == "E-ZIP-SIZE"
    monkeypatch.setattr("landgis.io.archives.FILE_LIMIT", 10)
    assert code(tmp_path / "a.zip") == "E-SIZE"


def test_a_directory_that_lies_about_a_size_is_found_out_while_unpacking(tmp_path):
    path = packed(tmp_path / "a.zip", {"parcels.geojson": " " * 100_000})
    content = bytearray(path.read_bytes())
    at = content.rfind(b"PK\x01\x02")
    content[at + 24 : at + 28] = struct.pack("<I", 10)
    path.write_bytes(content)
    with pytest.raises(InputRefused, match="E-ZIP-SIZE|E-UPLOAD-TRUNCATED"):
        read_layer(path, None)


def test_overlapping_entries(tmp_path):
    path = packed(tmp_path / "a.zip", {"a.bin": bytes(range(256)) * 100})
    content = path.read_bytes()
    start, end = content.find(b"PK\x01\x02"), content.find(b"PK\x05\x06")
    entry = content[start:end]
    many = b"".join(entry[:46] + b"%05d" % number + entry[51:] for number in range(3))
    tail = bytearray(content[end:])
    tail[8:12] = struct.pack("<HH", 3, 3)
    tail[12:16] = struct.pack("<I", len(many))
    path.write_bytes(content[:start] + many + bytes(tail))
    assert code(path) == "E-ZIP-OVERLAP"


@pytest.mark.parametrize("part", [0.3, 0.9, 0.999])
def test_a_zip_cut_off(tmp_path, shapefile_parts, part):
    path = packed(tmp_path / "a.zip", shapefile_parts)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * part)])
    assert code(path) == "E-UPLOAD-TRUNCATED"


def test_a_damaged_entry(tmp_path, shapefile_parts):
    path = packed(tmp_path / "a.zip", shapefile_parts)
    content = bytearray(path.read_bytes())
    at = content.find(b"parcels.shp") + 60
    content[at : at + 20] = b"\xff" * 20
    path.write_bytes(content)
    with pytest.raises(InputRefused, match="E-UPLOAD-TRUNCATED"):
        read_layer(path, None)


def test_layers_in_folders_beside_what_macs_leave(tmp_path, shapefile_parts):
    entries = {f"数据/{name}": content for name, content in shapefile_parts.items()}
    litter = {f"__MACOSX/数据/._{name}": b"x" for name in shapefile_parts} | {
        "数据/.DS_Store": b"x",
        "readme.txt": b"x",
    }
    raw = read_layer(packed(tmp_path / "a.zip", entries | litter), None)
    assert raw.frame["名称"].tolist() == ["宝山钢铁配套厂", "测试企业二"]
    assert raw.source.layer == "parcels"


def test_a_layer_inside_is_picked_by_its_name(tmp_path, shapefile_parts, plots):
    geojson = write(plots[:1], tmp_path / "roads.geojson", driver="GeoJSON", RFC7946="NO").read_bytes()
    path = packed(tmp_path / "a.zip", shapefile_parts | {"roads.geojson": geojson})
    contents = check_archive(path, HERE)
    assert sorted(contents.layers) == ["parcels.shp", "roads.geojson"]
    assert pick_layer_file(contents, "roads", HERE) == ("roads.geojson", None)
    assert len(read_layer(path, "ROADS").frame) == 1
    for wrong, code_ in ((None, "E-ZIP-AMBIGUOUS"), ("rivers", "E-LAYER-MISSING")):
        with pytest.raises(InputRefused, match=f"{code_}.*parcels, roads"):
            read_layer(path, wrong)


def test_a_geopackage_inside_has_layers_of_its_own(tmp_path, plots):
    write(plots, tmp_path / "two.gpkg", layer="宗地")
    write(plots[:1], tmp_path / "two.gpkg", layer="房屋")
    path = packed(tmp_path / "a.zip", {"two.gpkg": (tmp_path / "two.gpkg").read_bytes()})
    assert len(read_layer(path, "房屋").frame) == 1


def test_names_in_gbk(tmp_path, shapefile_parts):
    path = packed(
        tmp_path / "a.zip", {name.replace("parcels", "dikuai"): content for name, content in shapefile_parts.items()}
    )
    path.write_bytes(path.read_bytes().replace(b"dikuai", "地块口".encode("gbk")))
    raw = read_layer(path, None)
    assert raw.source.layer == "地块口"
    assert len(raw.frame) == 2


def test_nothing_stays_behind(tmp_path, shapefile_parts, monkeypatch):
    private = tmp_path / "private"
    private.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(private))
    path = packed(tmp_path / "a.zip", shapefile_parts)
    contents = check_archive(path, HERE)
    with unpacked(path, contents, "parcels.shp", HERE) as inner:
        assert inner.is_relative_to(private)
        assert sorted(file.name for file in inner.parent.iterdir()) == sorted(shapefile_parts)
    read_layer(path, None)
    with pytest.raises(InputRefused):
        read_layer(packed(tmp_path / "bad.zip", {"parcels.shp": b"\0\0\x27\x0a" + b"\0" * 96}), None)
    assert list(private.iterdir()) == []
    assert sorted(file.name for file in tmp_path.iterdir() if file.is_file()) == ["a.zip", "bad.zip"]


def test_a_zip_without_a_layer(tmp_path):
    with pytest.raises(InputRefused, match=r"E-ZIP-NOLAYER.*a\.xml"):
        read_layer(packed(tmp_path / "a.zip", {"a.xml": "<x/>"}), None)
    empty = io.BytesIO()
    zipfile.ZipFile(empty, "w").close()
    Path(tmp_path / "e.zip").write_bytes(empty.getvalue())
    with pytest.raises(InputRefused, match="E-ZIP-NOLAYER"):
        read_layer(tmp_path / "e.zip", None)
