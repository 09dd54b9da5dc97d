"""Hostile and broken files through the command line: each ends as its manifest says, and the canary sees nothing."""

import csv
import hashlib
import http.server
import resource
import subprocess
import sys
import threading
import time

import geopandas as gpd
import pytest
import shapely

from landgis.workflow.check import check_files
from tests.conftest import shared

FIRST = {"z", "s", "j", "x", "g", "v"}
NOT_A_TABLE = {
    "v13_vrt_raster_passwd.tif",
    "v14_vrt_raster_vsicurl.tif",
    "v15_wms.tif",
    "v16_vrt_pixelfunc.tif",
}


@pytest.fixture(scope="session")
def corpus(tmp_path_factory):
    folder, hits = tmp_path_factory.mktemp("corpus"), []

    class Canary(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            hits.append(self.path)
            self.send_error(404)

        do_HEAD = do_POST = do_GET

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Canary)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    (folder / "canary").mkdir()
    secret = gpd.GeoDataFrame({"secret": ["TOP-SECRET"]}, geometry=[shapely.box(0, 0, 1, 1)], crs=4326)
    secret.to_file(folder / "canary" / "secret.gpkg", layer="secret")
    script = shared("corpus") / "make_corpus.py"
    subprocess.run([sys.executable, script, folder / "out", folder / "canary", str(server.server_port)],
                   check=True, capture_output=True)  # fmt: skip
    hits.clear()
    yield folder, hits
    server.shutdown()


def rows(folder):
    with (folder / "out" / "manifest.csv").open(encoding="utf-8") as stream:
        return [row for row in csv.DictReader(stream) if row["file"][0] in FIRST and row["file"] not in NOT_A_TABLE]


def ends_as_said(row, refused) -> bool:
    """Whether a case was refused or accepted as its line in the manifest says; some lines leave both open."""
    if row["expected"].startswith(("REPAIR+REPORT/REJECT", "REJECT/RP")):
        return True
    return refused == row["expected"].startswith("REJECT")


def test_every_case_ends_as_the_manifest_says(corpus, landgis):
    folder, hits = corpus
    before, cases, slow = fingerprint(folder / "canary"), rows(folder), []
    for row in cases:
        started = time.perf_counter()
        check_files([str(folder / "out" / row["file"])])
        if time.perf_counter() - started > 10:
            slow.append(row["file"])
    ran = landgis("check", "--json", *(folder / "out" / row["file"] for row in cases), timeout=300)
    found = ran.report()
    wrong = [(row["file"], row["expected"], one["errors"]) for row, one in zip(cases, found, strict=True)
             if not ends_as_said(row, not one["accepted"])]  # fmt: skip
    assert (ran.code, wrong, slow) == (3, [], [])
    assert len(cases) > 80
    assert all(
        row["file"].split("/")[0] in str(one["errors"]) for row, one in zip(cases, found, strict=True) if one["errors"]
    )
    assert hits == []
    assert fingerprint(folder / "canary") == before
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 2 * 1024**2  # kB


def fingerprint(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


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
def test_a_message_names_the_place_and_the_way_out(corpus, landgis, file, names):
    folder, _hits = corpus
    ran = landgis("check", folder / "out" / file)
    assert ran.code == 3
    assert [name for name in [*names, file.split("/")[0]] if name not in ran.err] == [], ran.err


@pytest.mark.parametrize(
    ("file", "text"),
    [("z01_good.zip", "宝山钢铁配套厂"), ("s02_no_cpg_gbk/parcels.shp", "宝山钢铁配套厂"),
     ("s03_no_cpg_ldid0_gbk/parcels.shp", "宝山钢铁配套厂"), ("z10_gbk_names.zip", "测试企业二"), ("j12_gbk.geojson", "宝山企业")],
)  # fmt: skip
def test_chinese_text_goes_through_scoring_intact(corpus, landgis, tmp_path, file, text):
    folder, _hits = corpus
    (tmp_path / "m.toml").write_text('[parcels]\nparcel_id = "名称"\n', encoding="utf-8")
    out = tmp_path / "out.geojson"
    ran = landgis("score", "--parcels", folder / "out" / file, "--mapping", tmp_path / "m.toml", "--out", out)
    assert ran.code == 0, ran.err
    assert text in out.read_text("utf-8")
