"""`landgis plan adopt` and `landgis plan replan` as users type them."""

import json
import re

import pytest

from landgis.store.opening import open_store
from landgis.workflow.project import open_project
from landgis.workflow.recording import Entered, record
from landgis.workflow.scheduling.shelf import keep_plan
from tests.made_plan import lots_plan
from tests.made_project import make_project, walk

LANGUAGES = pytest.mark.parametrize("language", ["zh", "en"])


@pytest.fixture
def place(tmp_path):
    """A project in which P1 has signed; its plan `rolling` is kept, and lies beside it as a file."""
    project = make_project(tmp_path, renovation_mode=["GOV_ACQ", "SELF", "GOV_ACQ", None, None, "VILLAGE"])
    walk(project, "P1", "IDENTIFIED", "PLANNED", "NEGOTIATED", "SIGNED", start="2026-01-10")
    record(project, Entered("P6", "SIGNED", "2027-05-01", kind="planned"))
    document = lots_plan(ledger_line=project.store.head().seq)
    keep_plan(project, document)
    (tmp_path / "rolling.json").write_bytes(document.as_bytes())
    project.store.close()
    return tmp_path / "project"


def frozen(place):
    """The names of the frozen plans."""
    store = open_store(str(place))
    names = [line.more["name"] for line in store.entries() if line.action == "baseline"]
    store.close()
    return names


@LANGUAGES
def test_adopt(landgis, place, language):
    trial = landgis("plan", "adopt", place, "rolling", "--dry-run", language=language)
    assert (trial.code, trial.err, frozen(place)) == (0, "", [])
    ran = landgis("plan", "adopt", place, "rolling", language=language)
    assert (ran.code, ran.err, frozen(place)) == (0, "", ["rolling"])
    for out in (trial.out, ran.out):
        assert "rolling" in out and "P2  SELF ≠ GOV_ACQ" in out
        assert re.search(r" 3 +0 +0 *$", out, re.MULTILINE)  # completed: three parcels


def test_adopt_as_json_and_again_from_a_file(landgis, place):
    document = landgis("plan", "adopt", place, "rolling", "--json").report()
    assert document["written"] == {"SIGNED": 2, "VACATED": 3, "DEMOLISHED": 3, "STARTED": 3, "COMPLETED": 3}
    assert (document["left_by_hand"], document["baseline"], document["dry_run"]) == (1, "rolling", False)
    assert document["other_modes"] == [{"parcel_id": "P2", "mode": "SELF", "planned_mode": "GOV_ACQ"}]
    again = landgis("plan", "adopt", place, place.parent / "rolling.json")
    assert (again.code, len(again.out.splitlines()), frozen(place)) == (0, 1, ["rolling"])


def test_exit_codes(landgis, place, tmp_path):
    assert landgis("plan", "adopt", place).code == 2
    assert landgis("plan", "replan", place, "rolling", "--budget-wan", "much").code == 2
    assert landgis("plan", "adopt", place, tmp_path / "none.json").code == 3
    (tmp_path / "odd.json").write_text('{"document": {"version": 1}}')
    odd = landgis("plan", "replan", place, tmp_path / "odd.json")
    assert odd.code == 3 and "odd.json" in odd.err and "quarters is missing" in odd.err
    project = open_project(str(place), nobody="li")
    record(project, Entered("P1", "VACATED", "2026-11-20"))
    project.store.close()
    stale = landgis("plan", "adopt", place, "rolling")
    assert stale.code == 4 and stale.out == "" and "landgis plan replan" in stale.err


@pytest.fixture
def lots(tmp_path):
    """Six lots whose figures are known, without a plan."""
    make_project(tmp_path, renovation_mode=["GOV_ACQ"] * 6, tenure=["state_granted"] * 6).store.close()
    return tmp_path / "project"


def test_from_a_plan_to_the_next_one(landgis, lots, tmp_path):
    """Planned, kept, adopted; dates slip; planned again, written as a layer, adopted from the file."""
    asked = ("--quarters", 20, "--mode", "GOV_ACQ", "--budget-wan", 20000, "--vacant", "ground=50000", "--vacant",
             "upper=50000", "--before", "B1:B2", "--draws", 0, "--seconds", 10)  # fmt: skip
    rules = tmp_path / "free.toml"
    rules.write_text('name = "free"\nindustry_floor_m2 = 0.0\n', encoding="utf-8")
    made = landgis("plan", "schedule", lots, "--scenario", rules, *asked, "--name", "rolling", "--keep", "--json")
    assert made.code == 0, made.err
    first = made.report()["quarters"][0]
    assert landgis("plan", "adopt", lots, "rolling").code == 0 and frozen(lots) == ["rolling"]
    out = tmp_path / "again.geojson"
    ran = landgis("plan", "replan", lots, "rolling", "--keep", "--out", out, "--json")
    assert (ran.code, ran.err) == (0, "")
    document = ran.report()
    assert (document["name"], document["document"]["quarters"][0]) == ("rolling-2", first)
    assert [(one["site_id"], one["what"]) for one in document["changes"]] == [("B1", "stays"), ("B2", "stays")]
    assert len(json.loads(out.read_text("utf-8"))["features"]) == 6
    (tmp_path / "again.json").write_text(ran.out, encoding="utf-8")
    assert landgis("plan", "adopt", lots, tmp_path / "again.json").code == 0 and frozen(lots) == [
        "rolling",
        "rolling-2",
    ]
    said = landgis("plan", "replan", lots, "rolling-2", "--name", "x", language="zh")
    assert said.code == 0 and "rolling-2" in said.out and "x" in said.out
