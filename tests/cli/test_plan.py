"""The commands of planning as users type them."""

import json

import pytest

LANGUAGES = pytest.mark.parametrize("language", ["zh", "en"])
ISSUE = "site_id,needs_m2,returns_m2\n0,38,6\n1,36,66\n2,50,20\n3,4,28\n4,58,62\n5,10,28\n"


@pytest.fixture
def sites(tmp_path):
    file = tmp_path / "S.csv"
    file.write_text(ISSUE, encoding="utf-8")
    return file


@LANGUAGES
def test_sequence(landgis, sites, language):
    ran = landgis("plan", "sequence", "--sites", sites, "--json", language=language)
    assert (ran.code, ran.err) == (0, "")
    assert json.loads(ran.out) == {
        "swing_space_m2": 4, "order": [3, 5, 1, 4, 2, 0], "file_order_swing_space_m2": 68
    }  # fmt: skip
    shown = landgis("plan", "sequence", "--sites", sites, "--vacant", "1", language=language)
    assert shown.code == 0 and "68" in shown.out
    places = [line.split()[:2] for line in shown.out.splitlines() if line[:1].isdigit()]
    assert [site for _, site in places] == list("351420")


def test_sequence_exit_codes(landgis, sites):
    assert landgis("plan", "sequence", "--sites", sites, "--vacant", "much").code == 2
    sites.write_text(ISSUE + "6,,1\n", encoding="utf-8")
    ran = landgis("plan", "sequence", "--sites", sites, "--json")
    assert ran.code == 0 and len(ran.report()["set_aside"]) == 1 and "1 rows were set aside" in ran.err
    refused = landgis("plan", "sequence", "--sites", sites, "--strict")
    assert refused.code == 3 and "row 8" in refused.err and refused.out == ""


@LANGUAGES
def test_assess(landgis, sample_copy, tmp_path, language):
    out = tmp_path / "money.geojson"
    ran = landgis("plan", "assess", sample_copy, "--mode", "SELF", "--out", out, "--json", language=language)
    assert ran.code == 0, ran.err
    document, layer = json.loads(ran.out), json.loads(out.read_text("utf-8"))
    assert len(layer["features"]) == len(document["parcels"]) == document["rows_out"]
    first, shown = layer["features"][0]["properties"], document["parcels"][0]
    assert first["parcel_id"] == shown["parcel_id"] and first["gap_wan"] == pytest.approx(shown["gap_wan"])
    shown = landgis("plan", "assess", sample_copy, language=language)
    assert shown.code == 0 and "GOV_ACQ" in shown.out and "904" in shown.err


def test_assess_exit_codes(landgis, sample_copy, tmp_path):
    out = tmp_path / "money.csv"
    assert landgis("plan", "assess", sample_copy, "--mode", "NONE").code == 2
    assert landgis("plan", "assess", sample_copy, "--prices", "nothing").code == 3
    out.write_text("mine", encoding="utf-8")
    ran = landgis("plan", "assess", sample_copy, "--out", out)
    assert ran.code == 3 and out.read_text("utf-8") == "mine" and ran.out == ""
