"""`landgis plan schedule`, compare, list, show and drop as users type them."""

import json
import signal

import pytest

from landgis.cli.plan_schedule import interrupted
from landgis.cli.scenario_options import Overrides, scenario_of
from landgis.errors import InputRefused, UsageError
from landgis.show.plans import points
from landgis.show.schedule import progress_text, show_comparison, status_message
from landgis.workflow.project import open_project
from landgis.workflow.scheduling.comparing import compare
from landgis.workflow.scheduling.document import PlanDocument
from landgis.workflow.scheduling.scenario import Before, Scenario
from landgis.workflow.scheduling.shelf import keep_plan
from landgis.workflow.scheduling.solving import SEARCHING, PlanProgress
from tests.made_plan import blocks_plan, lots_plan

LANGUAGES = pytest.mark.parametrize("language", ["zh", "en"])


@pytest.fixture(scope="module")
def kept(sample_copy):
    """The sample zone with two plans kept."""
    project = open_project(str(sample_copy), nobody="li")
    for name, shift in (("滚动", 0), ("later", 2)):
        keep_plan(project, blocks_plan(project, name, shift=shift))
    project.store.close()
    return sample_copy


@LANGUAGES
def test_list_and_show(landgis, kept, language):
    listed = landgis("plan", "list", kept, language=language)
    assert listed.code == 0 and "滚动" in listed.out and "later" in listed.out
    shown = landgis("plan", "show", kept, "滚动", language=language)
    assert shown.code == 0 and "2027-Q3" in shown.out and "TCC" in shown.out


def test_compare(landgis, kept, tmp_path):
    out = tmp_path / "plans.xlsx"
    side = landgis("plan", "compare", kept, "滚动", "later", "--out", out)
    assert side.code == 0 and out.exists() and "GOV_ACQ" in side.out
    assert landgis("plan", "compare", kept, "--all", "--json").report()["plans"] == ["滚动", "later"]


def test_the_document_comes_out_as_it_was_kept(landgis, kept, tmp_path):
    out = tmp_path / "plan.geojson"
    ran = landgis("plan", "show", kept, "later", "--json", "--out", out)
    document = PlanDocument.from_json(ran.report())
    assert (ran.code, ran.err) == (0, "") and document.name == "later"
    layer = json.loads(out.read_text("utf-8"))["features"]
    assert len(layer) == 1104
    site_of = document.site_of()
    for feature in layer[::97]:
        row = feature["properties"]
        site = site_of.get(row["parcel_id"])
        assert row["site_id"] == (site.site_id if site else None)
        assert row["start_quarter"] == (site.start_quarter if site else None)


def test_exit_codes(landgis, kept, tmp_path):
    assert landgis("plan", "compare", kept, "later", "--all").code == 2
    missing = landgis("plan", "show", kept, "late")
    assert missing.code == 3 and "do you mean later?" in missing.err and missing.out == ""
    assert landgis("plan", "compare", kept, "--all", "--out", tmp_path / "plan.geojson").code == 3
    refused = landgis("plan", "schedule", kept, "--quarters", 0)
    assert refused.code == 2 and refused.out == "" and "quarters" in refused.err


def test_drop(landgis, kept):
    project = open_project(str(kept), nobody="li")
    keep_plan(project, blocks_plan(project, "gone"))
    project.store.close()
    assert landgis("plan", "drop", kept, "gone", "--json").report() == {"dropped": "gone"}
    assert "gone" not in landgis("plan", "list", kept).out


def test_schedule(landgis, kept, tmp_path):
    """Two years in which blocks are vacated and cleared; the plan is kept, and comes out in words and as a layer."""
    out = tmp_path / "plan.gpkg"
    asked = ("--quarters", 8, "--first", "2027-Q2", "--mode", "GOV_ACQ", "--exclude", "LCC", "--seconds", 20)
    asked += ("--gap", 0.05, "--draws", 20, "--name", "short")
    ran = landgis("plan", "schedule", kept, *asked, "--keep", "--out", out, language="zh", timeout=300)
    assert (ran.code, ran.err) == (0, ""), ran.err
    assert out.exists() and "2027-Q2" in ran.out and "GOV_ACQ" in ran.out and "short" in ran.out
    document = PlanDocument.from_json(landgis("plan", "show", kept, "short", "--json").report())
    assert document.quarters[0] == "2027-Q2" and len(document.quarters) == 8 and document.gap <= 0.05
    assert {site.why_not for site in document.sites if site.site_id == "LCC"} == {"excluded"}
    assert all(site.site_id in ran.out for site in document.sites)
    for way in filter(None, document.ways.values()):
        assert points(way.objective) in ran.out and way.objective <= document.objective + 1e-6


def test_what_clashes_is_said_and_nothing_is_kept(landgis, kept):
    asked = (
        "--quarters",
        2,
        "--require",
        "CT",
        "--vacant",
        "ground=0",
        "--vacant",
        "upper=0",
        "--name",
        "never",
        "--keep",
    )
    ran = landgis("plan", "schedule", kept, *asked, "--seconds", 20, timeout=300)
    assert (ran.code, ran.out) == (3, "") and "E-PLAN-CLASH" in ran.err and "swing space" in ran.err
    assert "never" not in landgis("plan", "list", kept).out


def test_a_name_that_cannot_be_kept_is_refused_before_the_search(landgis, kept):
    refused = landgis("plan", "schedule", kept, "--keep", "--name", "plan.json")
    assert refused.code == 2 and "is no name for a plan" in refused.err


def test_the_first_interrupt_stops_and_the_second_one_ends():
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), interrupted() as stop:
        assert not stop.is_set()
        signal.raise_signal(signal.SIGINT)
        assert stop.is_set()
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) == before


# ── options over a file


def test_options_go_before_the_file(tmp_path):
    file = tmp_path / "scenario.toml"
    file.write_text(
        'name = "rolling"\nquarters = 20\nbudget_wan = 500\nmodes = ["SELF"]\n[vacant_m2]\nground = 1000\nupper = 50\n',
        "utf-8",
    )
    assert scenario_of(str(file), Overrides()) == Scenario(
        "rolling", quarters=20, budget_wan=(500.0,), modes=("SELF",), vacant_m2={"ground": 1000, "upper": 50}
    )
    asked = Overrides(
        name="fast", first="2028-Q3", modes=("GOV_ACQ", "JOINT"), budget_wan="1,2,3.5", vacant_m2=("upper=70",),
        crews=("demolition=3",), before=("A:B", "B:C:4"), seed=0, gap=0.02, draws=0,
    )  # fmt: skip
    found = scenario_of(str(file), asked)
    assert (found.name, found.quarters, found.budget_wan) == ("fast", 20, (1.0, 2.0, 3.5))
    assert found.first.isoformat() == "2028-07-01" and found.modes == ("GOV_ACQ", "JOINT")
    assert found.vacant_m2 == {"ground": 1000, "upper": 70} and found.crews == {"demolition": 3}
    assert found.before == (Before("A", "B"), Before("B", "C", 4)) and (found.gap, found.draws) == (0.02, 0)
    assert scenario_of(None, Overrides()) == Scenario("plan")


@pytest.mark.parametrize(
    "wrong",
    [{"budget_wan": "1,"}, {"vacant_m2": ("=3",)}, {"vacant_m2": ("ground=x",)}, {"crews": ("demolition",)},
     {"before": ("A",)}, {"before": ("A:",)}, {"before": (":B",)}, {"before": ("A:B:-1",)}, {"before": ("A:B:1:2",)},
     {"first": "2028-Q5"}],
)  # fmt: skip
def test_options_that_say_nothing_are_refused(wrong):
    with pytest.raises(UsageError):
        scenario_of(None, Overrides(**wrong))


def test_a_scenario_that_is_not_there():
    with pytest.raises(InputRefused):
        scenario_of("nowhere.toml", Overrides())


# ── words


def test_a_name_is_printed_as_it_is(capsys):
    """Square brackets mean colours to rich."""
    show_comparison(compare([lots_plan("[red]a[/b]"), lots_plan("[bold]")]), str)
    shown = capsys.readouterr().out
    assert shown.count("[red]a[/b]") == shown.count("[bold]") == 2
    assert shown.count("Johnson's rule only: no plan found") == 2 and "640.0" in shown and "36.00%" in shown


def test_what_is_said_of_a_search():
    assert progress_text(PlanProgress(SEARCHING, 98.0, 100.0, 0.02, 3.0, 10.0), str) == (
        "searching · best plan 98.0, bound 100.0, gap 2.0%"
    )
    assert progress_text(PlanProgress(SEARCHING, 98.0), str).endswith("bound —, gap —")
    assert progress_text(PlanProgress(SEARCHING), str) == "searching"
    assert "by over 0.80% of the bound" in status_message(lots_plan()).render()
    assert "is not known" in status_message(lots_plan(bound=None, gap=None, solver_status="time")).render()
