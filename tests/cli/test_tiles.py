"""`landgis tiles` as users type it: what it says, what it leaves behind, and how it refuses."""

import shutil

import pyogrio

from tests.made_project import template, write_layers


def test_a_layer_and_what_is_printed(landgis, tmp_path):
    layers, out = write_layers(tmp_path), tmp_path / "x.pmtiles"
    ran = landgis(
        "tiles", layers.parcels, "--out", out, "--min-zoom", 13, "--max-zoom", 16, "--layer", "lots", "--json"
    )
    assert ran.code == 0 and ran.err == "", ran.err
    report = ran.report()
    assert (report["rows"], report["file"], report["bytes"]) == (6, str(out), out.stat().st_size)
    assert [one["zoom"] for one in report["zooms"]] == [13, 14, 15, 16]
    assert pyogrio.list_layers(out)[0][0] == "lots"
    first = out.read_bytes()
    again = landgis("tiles", layers.parcels, "--out", out)
    assert again.code == 3 and "E-OUT-EXISTS" in again.err and out.read_bytes() == first
    more = ("--min-zoom", 13, "--max-zoom", 16, "--layer", "lots")
    shown = landgis("tiles", layers.parcels, "--out", out, "--overwrite", *more, language="zh")
    assert shown.code == 0 and out.read_bytes() == first and str(out) in shown.out and "16" in shown.out
    assert sorted(path.name for path in tmp_path.iterdir() if "pmtiles" in path.name or path.name[0] == ".") == [
        out.name
    ]


def test_a_project(landgis, tmp_path):
    shutil.copytree(template(()), tmp_path / "project")
    ran = landgis("tiles", tmp_path / "project", "--out", tmp_path / "x.pmtiles", "--as-of", "2026-01", "--json")
    assert ran.code == 0 and ran.report()["zooms"][-1]["parcels"] == 6, ran.err


def test_refusals_are_one_line(landgis, tmp_path):
    for arguments, code, word in (
        (("no.gpkg", "--out", tmp_path / "x.pmtiles"), 3, "E-FILE"),
        (("no.gpkg", "--out", tmp_path / "x.pmtiles", "--min-zoom", 15), 2, "E-ZOOM"),
        (("no.gpkg", "--out", tmp_path / "x.tar"), 3, "E-OUT-FORMAT"),
    ):
        ran = landgis("tiles", *arguments)
        assert ran.code == code and word in ran.err and len(ran.err.strip().splitlines()) == 1, ran.err
