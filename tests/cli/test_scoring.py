"""The commands as users type them: exit codes, what goes where, and that a kill leaves no half file."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

from tests.workflow.test_score import square

SAMPLE = Path(__file__).parents[2] / "data" / "parcels"


@pytest.fixture
def parcels(tmp_path):
    path = tmp_path / "parcels.gpkg"
    layer = gpd.GeoDataFrame({"parcel_id": ["P1", "P2"], "registered_area_m2": [6000.0, 6000.0]},
                             geometry=[square(0, 0, 100, 60), square(100, 0, 100, 60)], crs=4549)  # fmt: skip
    layer.to_file(path)
    return path


def test_of_many_blocks_some_are_printed_and_the_others_counted(landgis, tmp_path):
    """Sixty blocks, of which the last ten have two parcels, all of them low: these are among the fifty that are shown."""
    blocks = [f"B{at:02}" for at in [*range(60), *range(50, 60)]]
    frame = {"parcel_id": [f"P{at}" for at in range(70)], "block_id": blocks}
    land = gpd.GeoDataFrame(frame, geometry=[square(at * 200, 0, 100, 60) for at in range(70)], crs=4549)
    land.to_parquet(tmp_path / "parcels.parquet")
    shed = land.iloc[:1].rename(columns={"parcel_id": "building_id"}).set_geometry([square(0, 0, 1, 1)])
    shed.assign(storeys=1).drop(columns="block_id").to_parquet(tmp_path / "buildings.parquet")
    files = ["--parcels", tmp_path / "parcels.parquet", "--buildings", tmp_path / "buildings.parquet"]
    said = landgis("score", *files, "--out", tmp_path / "out.parquet").out
    shown = [line.split()[0] for line in said.splitlines() if line[:1] == "B"]
    assert len(shown) == 50 and {f"B{at}" for at in range(50, 60)} <= set(shown)
    assert "10 more blocks, none of which has more low-efficiency parcels" in said


def test_help_needs_no_heavy_import():
    script = "import sys; import landgis.cli.tree; print(sorted({'numpy','pandas','geopandas','shapely','rich.table'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(("language", "word"), [("zh", "宗地"), ("en", "Score parcels")])
def test_help_speaks_both_languages(landgis, language, word):
    assert word in landgis("score", "--help", language=language).out
    assert word in landgis("--lang", language, "score", "--help", language="en").out


@pytest.mark.parametrize("arguments", [("nonsense",), ("score", "--nonsense"), ("score",), ("firms", "--out", "x.csv")])
def test_wrong_usage_is_2(landgis, arguments):
    assert landgis(*arguments).code == 2


def test_done_is_0_and_json_is_one_document(landgis, parcels, tmp_path):
    ran = landgis(
        "score",
        "--parcels",
        parcels,
        "--out",
        tmp_path / "o.geojson",
        "--report",
        tmp_path / "r.json",
        "--json",
    )
    assert ran.code == 0, ran.err
    assert ran.report() == json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert {
        "rules_id",
        "parcels_in",
        "parcels_out",
        "set_aside",
        "conservation",
        "warnings",
        "seconds",
    } <= set(ran.report())
    assert (ran.report()["rules_id"], ran.report()["parcels_in"], ran.report()["parcels_out"]) == (
        "yongkang-draft",
        2,
        2,
    )


def refused(ran, *words):
    assert ran.code == 3, ran.out + ran.err
    assert [word for word in words if word not in ran.err] == [], ran.err


def test_an_output_that_exists_is_refused_and_stays(landgis, parcels, tmp_path):
    out = tmp_path / "o.geojson"
    out.write_text("mine")
    refused(landgis("score", "--parcels", parcels, "--out", out), "o.geojson", "--overwrite")
    assert out.read_text() == "mine"
    assert landgis("score", "--parcels", parcels, "--out", out, "--overwrite").code == 0


def test_refused_input_writes_nothing(landgis, parcels, tmp_path):
    layer = gpd.read_file(parcels)
    out = tmp_path / "o.geojson"
    pd.concat([layer, layer]).to_file(tmp_path / "twice.gpkg")
    refused(landgis("score", "--parcels", tmp_path / "twice.gpkg", "--out", out), "twice.gpkg", "P1", "(1, 3)")
    layer.drop(columns="parcel_id").to_file(tmp_path / "nokey.gpkg")
    refused(
        landgis("score", "--parcels", tmp_path / "nokey.gpkg", "--out", out),
        "nokey.gpkg",
        "parcel_id",
        "--mapping",
    )
    gpd.GeoDataFrame(layer.drop(columns="geometry"), geometry=list(layer.geometry)).to_file(tmp_path / "nocrs.gpkg")
    refused(landgis("score", "--parcels", tmp_path / "nocrs.gpkg", "--out", out), "nocrs.gpkg", "--crs")
    refused(landgis("score", "--parcels", tmp_path / "absent.shp", "--out", out), "absent.shp")
    refused(landgis("score", "--parcels", parcels, "--out", tmp_path / "o.doc"), "o.doc", ".geojson")
    assert not list(tmp_path.glob("o.*"))
    done = landgis("score", "--parcels", tmp_path / "nocrs.gpkg", "--crs", "EPSG:4549", "--out", out)
    assert done.code == 0, done.err


@pytest.mark.parametrize(
    ("shape", "crs", "word"),
    [
        (box(500_000, 3_200_000, 500_100, 3_200_100), 4326, "E-CRS"),  # metres in a GeoJSON
        (box(3_200_000, 500_000, 3_200_100, 500_100), 4549, "E-CRS"),  # swapped axes
        (box(40_500_000, 3_200_000, 40_500_100, 3_200_100), 4549, "4528"),  # a zone prefix where none belongs
        (box(500_000, 3_200_000, 500_100, 3_200_100), 4528, "4549"),  # none where one belongs
        (box(39_500_000, 3_200_000, 39_500_100, 3_200_100), 4528, "39"),  # of another zone
        (box(120.03, 28.92, 120.04, 28.93), 4549, "E-CRS"),  # degrees in metres
    ],
)
def test_coordinates_that_cannot_be_in_their_crs_are_refused(landgis, tmp_path, shape, crs, word):
    gpd.GeoDataFrame({"parcel_id": ["P1"]}, geometry=[shape], crs=crs).to_file(tmp_path / "p.gpkg")
    refused(landgis("score", "--parcels", tmp_path / "p.gpkg", "--out", tmp_path / "o.geojson"), "p.gpkg", word)


def test_a_url_or_a_connection_string_is_no_file(landgis, tmp_path):
    for text in (
        "http://127.0.0.1:9/p.geojson",
        "/vsicurl/http://127.0.0.1:9/p.geojson",
        "GeoJSON:/etc/passwd",
        '{"type":"Point"}',
    ):
        refused(landgis("score", "--parcels", text, "--out", tmp_path / "o.geojson"))


def test_strict_is_3_where_a_row_is_set_aside(landgis, parcels, tmp_path):
    pd.DataFrame({"enterprise_id": ["E1"], "parcel_id": ["P9"]}).to_csv(tmp_path / "o.csv", index=False)
    options = (
        "score",
        "--parcels",
        parcels,
        "--occupancies",
        tmp_path / "o.csv",
        "--out",
        tmp_path / "out.csv",
    )
    refused(landgis(*options, "--strict"), "o.csv", "row 2", "P9")
    done = landgis(*options)
    assert (done.code, "1 rows were set aside" in done.err) == (0, True)


def test_rules_are_listed_shown_and_checked(landgis, tmp_path):
    assert [row["id"] for row in json.loads(landgis("rules", "list", "--json").out)] >= [
        "cn-2008", "huangyan-2021", "huangyan-2022", "yongkang-draft"
    ]  # fmt: skip
    assert "24.097" in landgis("rules", "show", "huangyan-2022").out
    (tmp_path / "mine.toml").write_text('id = "mine"\n[score.weights]\nintensity = 0.9\ntenancy = 0.9\noutput = 0.1\n')
    ran = landgis("rules", "check", tmp_path / "mine.toml")
    refused(ran, "mine.toml", "score.weights", "1.9")


def test_the_dictionary_is_printed_in_both_languages(landgis):
    for language, word in (("zh", "容积率"), ("en", "floor area ratio")):
        assert word in landgis("score", "--dictionary", language=language).out


def test_demo_scores_the_sample(landgis, tmp_path):
    ran = landgis("demo", tmp_path / "d", "--no-app", language="zh")
    assert ran.code == 0, ran.err
    frame = gpd.read_file(tmp_path / "d" / "parcels.geojson")
    assert len(frame) == len(gpd.read_file(SAMPLE / "zone.gpkg", layer="parcels"))
    assert frame.crs.to_epsg() == 4326
    assert "老长城" in ran.out or "容积率" in ran.out


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "parquet", "fgb", "shp", "csv", "xlsx"])
def test_two_runs_give_the_same_bytes(landgis, tmp_path, suffix):
    zone = SAMPLE / "zone.gpkg"
    files = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        ran = landgis("score", "--parcels", f"{zone}:parcels", "--buildings", f"{zone}:buildings", "--enterprises",
                      SAMPLE / "enterprises.csv", "--occupancies", SAMPLE / "occupancies.csv",
                      "--out", tmp_path / folder / f"out.{suffix}")  # fmt: skip
        assert ran.code == 0, ran.err
        files.append({path.name: path.read_bytes() for path in sorted((tmp_path / folder).iterdir())})
    assert files[0] == files[1]


def test_a_killed_run_leaves_the_old_output_or_the_new_one(tmp_path, landgis):
    zone, out = SAMPLE / "zone.gpkg", tmp_path / "out.geojson"
    command = [
        "score",
        "--parcels",
        f"{zone}:parcels",
        "--buildings",
        f"{zone}:buildings",
        "--out",
        str(out),
        "--overwrite",
    ]
    started = time.perf_counter()
    assert landgis(*command).code == 0
    took, whole = time.perf_counter() - started, out.read_bytes()
    old = b'{"type":"FeatureCollection","features":[]}'
    for part in (0.5, 0.7, 0.8, 0.85, 0.9, 0.95):
        out.write_bytes(old)
        child = subprocess.Popen(
            [sys.executable, "-m", "landgis", *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(took * part)
        child.send_signal(signal.SIGKILL)
        child.wait()
        assert out.read_bytes() in (old, whole)
