"""Hostile and broken files through the command line: each ends as its manifest says, and the canary sees nothing."""

import csv
import resource
import time

import pytest

from landgis.workflow.check import check_files

FIRST = {"z", "s", "j", "x", "g", "v"}
NOT_A_TABLE = {
    "v13_vrt_raster_passwd.tif",
    "v14_vrt_raster_vsicurl.tif",
    "v15_wms.tif",
    "v16_vrt_pixelfunc.tif",
}


def rows(hostile):
    with hostile.path("manifest.csv").open(encoding="utf-8") as stream:
        return [row for row in csv.DictReader(stream) if row["file"][0] in FIRST and row["file"] not in NOT_A_TABLE]


def ends_as_said(row, refused) -> bool:
    """Whether a case was refused or accepted as its line in the manifest says; some lines leave both open."""
    if row["expected"].startswith(("REPAIR+REPORT/REJECT", "REJECT/RP")):
        return True
    return refused == row["expected"].startswith("REJECT")


def test_every_case_ends_as_the_manifest_says(hostile, landgis):
    before, cases, slow = hostile.canary_state(), rows(hostile), []
    for row in cases:
        started = time.perf_counter()
        check_files([str(hostile.path(row["file"]))])
        if time.perf_counter() - started > 10:
            slow.append(row["file"])
    ran = landgis("check", "--json", *(hostile.path(row["file"]) for row in cases), timeout=300)
    found = ran.report()
    wrong = [(row["file"], row["expected"], one["errors"]) for row, one in zip(cases, found, strict=True)
             if not ends_as_said(row, not one["accepted"])]  # fmt: skip
    assert (ran.code, wrong, slow) == (3, [], [])
    assert len(cases) > 80
    assert all(
        row["file"].split("/")[0] in str(one["errors"]) for row, one in zip(cases, found, strict=True) if one["errors"]
    )
    assert hostile.requests == []
    assert hostile.canary_state() == before
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 2 * 1024**2  # kB


NAMED = [  # (file, what the message must name)
    ("z02_traversal.zip", ["ESCAPED.txt"]),
    ("z07_two_layers.zip", ["parcels", "roads"]),
    ("s01_no_prj/parcels.shp", ["--crs"]),
    ("s04_wrong_cpg/parcels.shp", ["--encoding", "row 1", "名称"]),
    ("s07_shp_truncated/parcels.shp", ["row 2"]),
    ("s08_dbf_short/parcels.shp", ["row 2"]),
    ("j04_1e9_coords.geojson", ["row 1"]),
    ("j10_mixed_types.geojson", ["row 2", "area", "约2000㎡"]),
    ("j20_dup_ids.geojson", ["P1"]),
    ("j21_longstring.geojson", ["row 1", "name"]),
    ("g07_bad_geom_blob.gpkg", ["parcels", "row 2"]),
    ("x01_formulas.xlsx", ["A2"]),
    ("x02_dates.xlsx", ["row 2", "row 5", "日期"]),
    ("x03_codes.xlsx", ["B2", "统一社会信用代码"]),
    ("x13_ragged.csv", ["3", "4"]),
]


@pytest.mark.parametrize(("file", "names"), NAMED, ids=[file for file, _ in NAMED])
def test_a_message_names_the_place_and_the_way_out(hostile, landgis, file, names):
    ran = landgis("check", hostile.path(file))
    assert ran.code == 3
    assert [name for name in [*names, file.split("/")[0]] if name not in ran.err] == [], ran.err


@pytest.mark.parametrize(
    ("file", "text"),
    [("z01_good.zip", "宝山钢铁配套厂"), ("s02_no_cpg_gbk/parcels.shp", "宝山钢铁配套厂"),
     ("s03_no_cpg_ldid0_gbk/parcels.shp", "宝山钢铁配套厂"), ("z10_gbk_names.zip", "测试企业二"), ("j12_gbk.geojson", "宝山企业")],
)  # fmt: skip
def test_chinese_text_goes_through_scoring_intact(hostile, landgis, tmp_path, file, text):
    (tmp_path / "m.toml").write_text('[parcels]\nparcel_id = "名称"\n', encoding="utf-8")
    out = tmp_path / "out.geojson"
    ran = landgis("score", "--parcels", hostile.path(file), "--mapping", tmp_path / "m.toml", "--out", out)
    assert ran.code == 0, ran.err
    assert text in out.read_text("utf-8")
