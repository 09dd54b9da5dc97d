"""read_layer from every format: values, rows, CRS, text; and the whole corpus of hostile files."""

import gc
import resource
import shutil
import sqlite3
import time

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from landgis.errors import InputRefused, UsageError
from landgis.io.layers import look_into, read_layer
from tests.io.conftest import codes, write

# What the corpus leaves to others: a collapsed outline is found when it is measured, a double key by the columns.
LATER = {"j17_zero_area.geojson", "j20_dup_ids.geojson"}
CODES = {  # where the manifest offers several codes, or its own is a suggestion
    "s04_wrong_cpg/parcels.shp": "E-ENC-MISMATCH",
    "j12_gbk.geojson": "W-ENC-GUESS",
    "s02_no_cpg_gbk/parcels.shp": "W-ENC-GUESS",
    "v19_esri_rest_link.json": "W-JSON-PARTIAL",
    "g01_trigger.gpkg": "W-GPKG-TRIGGER",
    "g10_wal_leftover.gpkg": "W-GPKG-WAL",
}
NOT_HERE = {"W-GEOM-FIXED", "W-TOPO-OVERLAP", "W-CRS-GCJ02"}  # found by the core, not by reading
PLACES = {  # file → row and field that the manifest names
    "s04_wrong_cpg/parcels.shp": (1, "名称"),
    "s07_shp_truncated/parcels.shp": (2, None),
    "s08_dbf_short/parcels.shp": (2, None),
    "s11_shp_1e8_points/parcels.shp": (1, None),
    "j01_nan.geojson": (1, None),
    "j04_1e9_coords.geojson": (1, None),
    "j09_dup_keys.geojson": (1, "id"),
    "j10_mixed_types.geojson": (2, "area"),
    "j19_swapped.geojson": (1, None),
    "j21_longstring.geojson": (1, "name"),
    "j30_bignum.geojson": (1, "id"),
    "g07_bad_geom_blob.gpkg": (2, None),
}
ROWS = {
    "j10_mixed_types.geojson": 3, "j15_null_geom.geojson": 2, "j20_dup_ids.geojson": 2, "j25_overlap.geojson": 2,
    "s14_empty/parcels.shp": 0, "s15_field_truncation/parcels.shp": 1,
}  # fmt: skip
CHINESE = {"z01_good.zip", "z10_gbk_names.zip", "s02_no_cpg_gbk/parcels.shp", "s03_no_cpg_ldid0_gbk/parcels.shp",
           "s05_shx_truncated/parcels.shp", "s06_shx_missing/parcels.shp"}  # fmt: skip


def corpus_names():
    """The manifest's names, known without making the corpus, so that each case is a test of its own."""
    from tests.conftest import SHARED

    script = SHARED / "corpus" / "make_corpus.py"
    if not script.exists():
        return []
    import re

    text = script.read_text("utf-8")
    names = re.findall(r'"([vzjg]\d\d_\w+\.\w+)"', text)
    shapes = [f"{name}/parcels.shp" for name in re.findall(r'shp\("(s\d\d_\w+)"', text)]
    return sorted({*names, *shapes})


def test_every_case_of_the_manifest_is_tried(manifest):
    assert sorted(manifest) == corpus_names()
    assert len(manifest) > 85


@pytest.mark.parametrize("name", corpus_names())
def test_a_hostile_file_ends_as_the_manifest_says(hostile, manifest, name):
    before = hostile.canary_state()
    path = hostile.path(name)
    beside = sorted(entry.name for entry in path.parent.iterdir())
    started = time.process_time()
    expected = manifest[name]["expected"]
    if expected.startswith("REJECT") and name not in LATER:
        _check_refusal(path, name, manifest[name]["code"])
    else:
        _check_read(path, name, manifest[name]["code"])
    assert time.process_time() - started < 2
    assert hostile.requests == []
    assert hostile.canary_state() == before
    assert sorted(entry.name for entry in path.parent.iterdir()) == beside
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 2 * 1024**2  # kB


def _check_refusal(path, name, code):
    with pytest.raises(InputRefused) as caught:
        read_layer(path, None)
    problems = caught.value.problems
    assert problems[0].code == CODES.get(name, code)
    assert {problem.place.file for problem in problems} == {str(path)}
    text = str(caught.value)
    assert "Traceback" not in text
    assert all("\n" not in problem.render() for problem in problems)
    if name in PLACES:
        row, field = PLACES[name]
        assert (problems[0].place.row, problems[0].place.field) == (row, field)


def _check_read(path, name, code):
    raw = read_layer(path, None)
    expected_rows = ROWS.get(name, 2 if name[0] in "gzs" else 1)
    assert len(raw.frame) == len(raw.rows) == raw.source.rows == expected_rows
    assert raw.frame.crs is not None
    expected = CODES.get(name, code)
    if expected and expected not in NOT_HERE and name not in LATER:
        assert expected in codes(raw.problems)
    if name in CHINESE:
        assert raw.frame["名称"].tolist() == ["宝山钢铁配套厂", "测试企业二"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("z02_traversal.zip", ["ESCAPED.txt"]),
        ("z07_two_layers.zip", ["parcels", "roads", "FILE:LAYER"]),
        ("s01_no_prj/parcels.shp", ["--crs", "EPSG:4490", "121.5", "31.2"]),
        ("s04_wrong_cpg/parcels.shp", ["--encoding GB18030"]),
        ("s09_shp_dbf_mismatch/parcels.shp", ["2 outlines", "1 attribute row"]),
        ("s13_wrong_prj/parcels.shp", ["EPSG:4549", "EPSG:4490"]),
        ("j10_mixed_types.geojson", ["约2000㎡"]),
        ("j14_truncated.geojson", ["byte"]),
        ("j21_longstring.geojson", ["200000"]),
        ("j23_manyfields.geojson", ["3000"]),
        ("v06_gdalg.geojson", ["gdal_streamed_alg"]),
        ("g08_unknown_srs.gpkg", ["--crs", "EPSG:4490"]),
    ],
)
def test_a_refusal_says_what_and_the_way_out(hostile, name, words):
    with pytest.raises(InputRefused) as caught:
        read_layer(hostile.path(name), None)
    assert [word for word in words if word not in str(caught.value)] == []


@pytest.mark.parametrize(
    ("name", "layer", "options"),
    [
        ("z07_two_layers.zip", "roads", {}),
        ("s01_no_prj/parcels.shp", None, {"crs": "EPSG:4490"}),
        ("s12_badprj/parcels.shp", None, {"crs": "EPSG:4490"}),
        ("s04_wrong_cpg/parcels.shp", None, {"encoding": "GB18030"}),
        ("g08_unknown_srs.gpkg", None, {"crs": "4326"}),
    ],
)
def test_the_option_that_a_refusal_names_answers_it(hostile, name, layer, options):
    raw = read_layer(hostile.path(name), layer, **options)
    assert len(raw.frame) == 2
    if name[0] in "zs":
        assert raw.frame["名称"].tolist() == ["宝山钢铁配套厂", "测试企业二"]


def test_the_infinite_view_does_not_keep_the_table_beside_it_from_being_refused_fast(hostile):
    started = time.process_time()
    with pytest.raises(InputRefused, match="E-GPKG-VIEW"):
        read_layer(hostile.path("g02_view_bomb.gpkg"), "parcels")
    assert time.process_time() - started < 2


def test_control_characters_leave_the_text_whole(hostile):
    assert read_layer(hostile.path("j22_control_chars.geojson"), None).frame["name"].tolist() == ["abgnp.exe"]


def test_a_null_outline_keeps_its_row(hostile):
    raw = read_layer(hostile.path("j15_null_geom.geojson"), None)
    assert raw.frame.geometry.isna().tolist() == [False, True]
    assert [(p.code, p.place.row) for p in raw.problems] == [("W-GEOM-NULL", 2)]


WRITERS = {
    "plots.geojson": {"driver": "GeoJSON", "RFC7946": "NO"},
    "plots.gpkg": {"driver": "GPKG", "layer": "plots"},
    "plots.shp": {"encoding": "GBK"},
    "plots.fgb": {"driver": "FlatGeobuf", "SPATIAL_INDEX": "NO"},
    "plots.gdb": {"driver": "OpenFileGDB", "layer": "plots"},
}


@pytest.mark.parametrize("name", [*WRITERS, "plots.parquet"])
def test_every_format_gives_the_same_layer(plots, tmp_path, name):
    path = tmp_path / name
    plots.to_parquet(path) if name.endswith("parquet") else write(plots, path, **WRITERS[name])
    raw = read_layer(path, None)
    assert raw.frame["名称"].tolist() == ["宝山钢铁配套厂", "测试企业二"]
    assert raw.frame["count"].tolist() == [1, 2]
    assert name.endswith("gdb") or pd.api.types.is_integer_dtype(raw.frame["count"].dtype)  # a .gdb has it as Double
    assert raw.frame.active_geometry_name == "geometry"
    assert raw.frame.crs.to_epsg() == 4549
    assert raw.source.crs == "EPSG:4549"
    np.testing.assert_allclose(raw.frame.geometry.area, [5000, 5000], rtol=1e-9)
    np.testing.assert_allclose(raw.frame.total_bounds, [502_900, 3_200_400, 503_120, 3_200_450], atol=1e-4)
    assert raw.rows.tolist() == [1, 2]
    assert raw.problems == []


@pytest.mark.parametrize("name", [*WRITERS, "plots.parquet"])
def test_looking_in_tells_layers_fields_and_crs(plots, tmp_path, name):
    path = tmp_path / name
    plots.to_parquet(path) if name.endswith("parquet") else write(plots, path, **WRITERS[name])
    (look,) = look_into(path)
    assert (look.name, look.features, look.crs) == ("plots", 2, "EPSG:4549")
    assert list(look.fields) == ["名称", "count"]
    assert "Polygon" in look.geometry_type


@pytest.mark.parametrize("driver", ["GPKG", "OpenFileGDB"])
def test_a_layer_of_several_is_picked_by_name(plots, tmp_path, driver):
    path = tmp_path / ("two.gpkg" if driver == "GPKG" else "two.gdb")
    write(plots, path, driver=driver, layer="宗地")
    write(plots[:1], path, driver=driver, layer="buildings")
    assert len(read_layer(path, "宗地").frame) == 2
    assert len(read_layer(path, "buildings").frame) == 1
    assert sorted(look.name for look in look_into(path)) == ["buildings", "宗地"]
    for wrong in (None, "roads"):
        with pytest.raises(InputRefused) as caught:
            read_layer(path, wrong)
        assert "宗地" in str(caught.value)
        assert "buildings" in str(caught.value)


def test_a_zipped_file_geodatabase_and_a_folder_of_shapefiles(plots, tmp_path):
    write(plots, tmp_path / "land.gdb", driver="OpenFileGDB", layer="plots")
    shutil.make_archive(str(tmp_path / "land"), "zip", tmp_path, "land.gdb")
    assert read_layer(tmp_path / "land.zip", None).frame["名称"][1] == "测试企业二"
    assert read_layer(tmp_path / "land.zip", "plots").source.layer == "plots"
    (tmp_path / "many").mkdir()
    write(plots, tmp_path / "many" / "a.shp", encoding="GBK")
    write(plots[:1], tmp_path / "many" / "b.shp", encoding="GBK")
    assert len(read_layer(tmp_path / "many", "b").frame) == 1
    with pytest.raises(InputRefused, match="a, b"):
        read_layer(tmp_path / "many", None)


@pytest.mark.parametrize("name", [*WRITERS, "plots.parquet"])
def test_attributes_that_are_called_as_gdal_calls_its_own_columns(plots, tmp_path, name):
    frame = plots.assign(OGC_FID=[7, 8], wkb_geometry=["x", "y"])
    path = tmp_path / name
    frame.to_parquet(path) if name.endswith("parquet") else write(frame, path, **WRITERS[name])
    raw = read_layer(path, None)
    short = "wkb_geomet" if name.endswith("shp") else "wkb_geometry"
    assert raw.frame[["OGC_FID", short]].to_numpy().tolist() == [[7, "x"], [8, "y"]]
    assert raw.rows.tolist() == [1, 2]
    np.testing.assert_allclose(raw.frame.geometry.area, [5000, 5000])


def test_suffixes_do_not_matter(plots, tmp_path):
    write(plots, tmp_path / "x.gpkg", driver="GPKG", layer="plots").rename(tmp_path / "x.geojson")
    write(plots, tmp_path / "y.fgb", driver="FlatGeobuf").rename(tmp_path / "y.dat")
    write(plots, tmp_path / "z.geojson", driver="GeoJSON").rename(tmp_path / "z.gpkg")
    plots.to_parquet(tmp_path / "p.json")
    assert [len(read_layer(tmp_path / name, None).frame) for name in ("x.geojson", "y.dat", "z.gpkg", "p.json")] == [
        2
    ] * 4


def test_integers_with_gaps_stay_integers(plots, tmp_path):
    frame = plots.assign(code=pd.array([913307841234567885, None], dtype="Int64"))
    for path in (tmp_path / "i.gpkg", tmp_path / "i.parquet"):
        frame.to_parquet(path) if path.suffix == ".parquet" else write(frame, path, layer="i")
        code = read_layer(path, None).frame["code"]
        assert str(code.dtype) == "Int64"
        assert code[0] == 913307841234567885


def test_crs_is_the_file_s_and_the_user_s_only_where_it_has_none(plots, tmp_path):
    path = write(plots, tmp_path / "x.gpkg", layer="x")
    raw = read_layer(path, None, crs="EPSG:4550")
    assert raw.frame.crs.to_epsg() == 4549
    assert codes(raw.problems) == ["W-CRS-IGNORED"]
    bare = write(plots.set_crs(None, allow_override=True), tmp_path / "bare.shp", encoding="GBK")
    assert read_layer(bare, None, crs="4549").frame.crs.to_epsg() == 4549
    with pytest.raises(InputRefused, match="EPSG:4549"):
        read_layer(bare, None)
    with pytest.raises(UsageError, match="EPSG:99999999"):
        read_layer(bare, None, crs="EPSG:99999999")


def test_three_dimensions_become_two(tmp_path):
    frame = gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.force_3d(shapely.box(121, 31, 121.1, 31.1), 7)], crs=4490)
    raw = read_layer(write(frame, tmp_path / "z.gpkg", layer="z"), None)
    assert not raw.frame.geometry.has_z.any()
    assert codes(raw.problems) == ["W-GEOM-Z"]


def test_an_open_ring_in_bytes_is_closed_and_the_others_stay(tmp_path, plots):
    wkb = plots.geometry.to_wkb()
    open_ring = bytearray(wkb[1])
    open_ring[9:13] = (4).to_bytes(4, "little")  # the last of five points is left out
    table = pa.table({"id": [1, 2], "geometry": pa.array([wkb[0], bytes(open_ring[:-16])], pa.binary())})
    pq.write_table(table, tmp_path / "open.parquet")
    raw = read_layer(tmp_path / "open.parquet", None, crs="EPSG:4549")
    np.testing.assert_allclose(raw.frame.geometry.area, [5000, 5000])
    assert [(p.code, p.place.row) for p in raw.problems] == [("W-GEOM-CLOSED", 2)]


def test_bytes_that_are_no_geometry_name_their_row(tmp_path, plots):
    table = pa.table({"id": [1, 2], "geometry": pa.array([plots.geometry.to_wkb()[0], b"nonsense"], pa.binary())})
    pq.write_table(table, tmp_path / "bad.parquet")
    with pytest.raises(InputRefused) as caught:
        read_layer(tmp_path / "bad.parquet", None, crs="EPSG:4549")
    assert [(p.code, p.place.row) for p in caught.value.problems] == [("E-GEOM-BLOB", 2)]


@pytest.mark.parametrize("encoding", ["WKB", "geoarrow"])
def test_geoparquet_of_both_encodings(plots, tmp_path, encoding):
    plots.to_parquet(
        tmp_path / "g.parquet", geometry_encoding=encoding, schema_version="1.1.0", write_covering_bbox=True
    )
    raw = read_layer(tmp_path / "g.parquet", None)
    assert list(raw.frame.columns) == ["名称", "count", "geometry"]
    np.testing.assert_allclose(raw.frame.geometry.area, [5000, 5000])
    assert raw.frame.crs.to_epsg() == 4549


def test_geoparquet_without_a_word_on_its_crs_is_wgs_84(tmp_path):
    frame = gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.box(120, 28.9, 120.001, 28.901)], crs="OGC:CRS84")
    frame.to_parquet(tmp_path / "w.parquet")
    assert read_layer(tmp_path / "w.parquet", None).frame.crs.to_epsg() == 4326


def test_a_parquet_table_without_outlines_is_no_layer(tmp_path):
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "t.parquet")
    with pytest.raises(InputRefused, match="without outlines"):
        read_layer(tmp_path / "t.parquet", None)


@pytest.mark.parametrize("name", [*WRITERS, "plots.parquet"])
@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.999])
def test_a_file_cut_off_is_refused_and_nothing_is_lost_in_silence(plots, tmp_path, name, part):
    many = pd.concat([plots] * 200, ignore_index=True)
    path = tmp_path / name
    many.to_parquet(path) if name.endswith("parquet") else write(many, path, **WRITERS[name])
    target = max(path.glob("*.gdbtable"), key=lambda file: file.stat().st_size) if path.is_dir() else path
    content = target.read_bytes()
    target.write_bytes(content[: int(len(content) * part)])
    try:
        raw = read_layer(path, None)
    except InputRefused as refusal:
        assert refusal.problems[0].place.file == str(path)
    else:
        assert len(raw.frame) == 400
        assert raw.frame.geometry.notna().all()
        assert raw.frame["名称"].notna().all()


def test_real_layers_read_whole(real):
    parcels = read_layer(real / "catastro_es_40146" / "catastro_40146.gpkg", "parcels")
    assert len(parcels.frame) == 1443
    assert parcels.frame.geometry.area.sum() == pytest.approx(18_702_400, abs=50)
    lots = read_layer(real / "pluto" / "pluto16v1_every4th.geojson", None)
    assert (len(lots.frame), int(lots.frame["LotArea"].sum())) == (500, 1_895_535)
    prague = read_layer(real / "momepy" / "bubenec.gpkg", "buildings")
    assert prague.frame.geometry.area.sum() == pytest.approx(104_842.97, abs=0.01)
    city = read_layer(real / "china" / "330784_amap_cnmaps.geojson", None)
    assert city.frame.to_crs(4549).area.sum() / 1e6 == pytest.approx(1042.16, abs=0.01)


def test_a_user_s_files_are_not_written_to(hostile, plots, tmp_path):
    path = write(plots, tmp_path / "w.gpkg", layer="w")
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    before = {entry.name: entry.read_bytes() for entry in tmp_path.iterdir()}
    assert len(read_layer(path, None).frame) == 2
    assert {entry.name: entry.read_bytes() for entry in tmp_path.iterdir()} == before


def test_reading_geojson_leaves_the_collection_of_garbage_as_it_was(tmp_path):
    """Also where the file is refused."""
    path = tmp_path / "cut.geojson"
    path.write_text('{"type": "FeatureCollection", "features": [')
    for wanted in (True, False):
        (gc.enable if wanted else gc.disable)()
        try:
            with pytest.raises(InputRefused):
                read_layer(path, None)
            assert gc.isenabled() is wanted
        finally:
            gc.enable()
