"""`landgis plan sites` as users type it."""

import json

import pytest

LANGUAGES = pytest.mark.parametrize("language", ["zh", "en"])


@LANGUAGES
def test_sites(landgis, sample_copy, tmp_path, language):
    out = tmp_path / f"{language}.geojson"
    asked = ("--block", "TCC", "--target-mu", 60, "--budget-wan", 8000, "--pareto", 2, "--gap", 0.05, "--again", 1)
    ran = landgis("plan", "sites", sample_copy, *asked, "--out", out, "--json", language=language, timeout=300)
    assert (ran.code, ran.err) == (0, "")
    document, layer = json.loads(ran.out), json.loads(out.read_text("utf-8"))
    assert document["gap"] <= 0.05 and 60 <= document["site"]["area_mu"] <= 66 and document["site"]["cost_wan"] <= 8000
    assert len(layer["features"]) == 51
    chosen = [one["properties"]["parcel_id"] for one in layer["features"] if one["properties"]["in_site"] == "yes"]
    assert chosen == document["site"]["parcels"]
    assert [one["parcels"] for one in document["refusals"]] == [[key] for key in chosen]
    assert document["pareto"][-1]["benefit"] == max(one["benefit"] for one in document["pareto"])
    shown = landgis("plan", "sites", sample_copy, *asked, language=language, timeout=300)
    assert shown.code == 0 and all(key in shown.out for key in chosen)


def test_sites_exit_codes(landgis, sample_copy, tmp_path):
    ask = ("plan", "sites", sample_copy, "--block", "TCC", "--target-mu")
    assert landgis("plan", "sites", sample_copy).code == 2
    assert landgis(*ask, "0").code == 2
    assert landgis(*ask, "60", "--mode", "NONE").code == 2
    assert landgis("plan", "sites", sample_copy, "--block", "NONE", "--target-mu", "60").code == 3
    assert landgis(*ask, "60", "--in", "NONE").code == 3
    assert landgis(*ask, "60", "--out", tmp_path / "site.pdf").code == 3
    refused = landgis(*ask, "60", "--budget-wan", "500", "--gap", "0.1", timeout=300)
    assert refused.code == 3 and refused.out == "" and "10 000 CNY too small" in refused.err


def test_sites_writes_every_format(landgis, sample_copy, tmp_path):
    for suffix in ("csv", "xlsx", "gpkg", "shp", "parquet"):
        out = tmp_path / f"site.{suffix}"
        ran = landgis(
            "plan",
            "sites",
            sample_copy,
            "--block",
            "TCC",
            "--target-mu",
            "30",
            "--again",
            "0",
            "--out",
            out,
            timeout=300,
        )
        assert ran.code == 0 and out.exists(), ran.err
