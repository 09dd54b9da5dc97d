"""From a project to a scheduling problem: by hand on six lots (made_lots.py), what always holds on the sample zone."""

import dataclasses
import datetime

import numpy as np
import pytest

from landgis.errors import InputRefused, UsageError
from landgis.planning.scheduling.check import violations
from landgis.planning.scheduling.use import usage
from landgis.rules.prices import load_prices
from landgis.rules.scheduling import load_schedule
from landgis.workflow.assessing import Asked, assess_project
from landgis.workflow.lineage import Succession, replace_parcels
from landgis.workflow.project import open_project
from landgis.workflow.scheduling.land import basis_of, milestone_days, quarter_name
from landgis.workflow.scheduling.scenario import Before, Scenario, Together
from landgis.workflow.scheduling.sites import LEFT_OUT
from tests.made_plan import Work, plan_of
from tests.made_project import TODAY, walk
from tests.workflow.made_lots import make_land, write_prices, write_rules

TO_SIGNED = ("IDENTIFIED", "PLANNED", "NEGOTIATED", "SIGNED")
GOV, SELF = 0, 1


@pytest.fixture
def ask(tmp_path):
    """The basis of a scenario on a project, with the rules and prices of made_lots; `plan` is to be planned again."""

    def basis(project, *, plan=None, rules=None, prices=None, **asked):
        files = {"rules": write_rules(tmp_path, **(rules or {})), "prices": write_prices(tmp_path, **(prices or {}))}
        return basis_of(project, Scenario("tiny", **files, **asked), before=plan)

    return basis


def signed(project, parcel, day, *then, gap_days=30):
    """Record the steps up to SIGNED in the two months before a day, and further (step, day) pairs behind it."""
    day = datetime.date.fromisoformat(day)
    walk(project, parcel, *TO_SIGNED, start=(day - datetime.timedelta(days=60)).isoformat(), gap_days=20)
    for step, on in then:
        walk(project, parcel, step, start=on)


def site(basis, name):
    return basis.problem.sites.index(name)


def reasons(basis):
    return {one.parcel_id: one.reason for one in basis.left_out}


# ── what stands still, added up by hand ──


def test_money_by_quarter(tmp_path, ask):
    """B1: 27 mu, 5 000 m² of floor. Management is a tenth of all costs.

    GOV_ACQ: 18 000 m² · 100 元 + 5 000 m² · 1 000 元 = 680 万元, ·1.1 over two quarters; 5 000 · 100 + 18 000 · 100 元 = 230
    ·1.1 in the next; 27 mu · 30 as rebuilding begins; 27 mu · (30 − 10) · ½ a year from a quarter after the three of it.
    SELF: the same works, a tenth of them public; 36 000 m² · 2 000 元 = 7 200 ·1.1 over four quarters, a tenth public;
    half of the floor sold at 5 000 元, a fifth public; two quarters later rent of the other half, and half of the tax.
    """
    problem = ask(make_land(tmp_path)).problem
    money, at = problem.money, site_of(problem, "B1")
    gov, own = money.cost_wan[at, GOV], money.cost_wan[at, SELF]
    assert gov[:8] == pytest.approx([374, 374, 253, 0, 0, 0, 0, 0]) and not gov[8:].any()
    assert own[:8] == pytest.approx([0, 25.3, 198, 198, 198, 198, 0, 0]) and not own[8:].any()
    gov, own = money.income_wan[at, GOV], money.income_wan[at, SELF]
    assert gov[:8] == pytest.approx([0, 0, 0, 810, 0, 0, 0, 67.5]) and gov[8:] == pytest.approx(67.5)
    assert own[:9] == pytest.approx([0, 0, 0, 0, 0, 0, 1800, 0, (36 + 135) / 4]) and own[9:] == pytest.approx(42.75)
    assert gov.size >= 12 and money.budget_wan.tolist() == [1000] * 12


def site_of(problem, name):
    return problem.sites.index(name)


def test_floor_by_kind(tmp_path, ask):
    """P1: 3 000 m² in use on four storeys; P2: nobody says how much, so its 1 000 m² of ground floor; P3: nothing."""
    space = (basis := ask(make_land(tmp_path))).problem.space
    one, other = site(basis, "B1"), site(basis, "B2")
    assert space.kinds == ("ground", "upper")
    assert space.needs_m2[one].tolist() == [[875, 1125], [1750, 2250]]
    assert space.returns_m2[one] == pytest.approx(np.array([[3600, 10800], [900, 2700]]))
    assert space.returns_after_quarters[one].tolist() == [7, 8]
    # B2: 500 m² in use where the storeys are not known (0.4 on the ground), 600 m² on two storeys
    assert space.needs_m2[other] == pytest.approx(np.array([[250, 300], [500, 600]]))
    # vacant: half of 1 000 + 1 000 + 800 + 300 on the ground, of 3 000 + 0 + 1 200 + 300 above
    assert space.vacant_m2.tolist() == [[1550] * 12, [2250] * 12]
    gaps = {one["name"]: one["value"] for one in basis.assumptions}
    assert gaps["gap.storeys"] == 1 and gaps["gap.occupied_floor"] == 3  # P2, P3, P5
    assert (gaps["gap.vacant.ground"], gaps["gap.vacant.upper"]) == (1550, 2250)


def test_a_buffer_lies_behind_the_day_on_which_floor_is_due(tmp_path, ask):
    """Two quarters later for the plan; what is drawn from has the floor as soon as it is due."""
    land = make_land(tmp_path)
    usual, careful = ask(land), ask(land, buffer_quarters=2)
    late = careful.problem.space.returns_after_quarters - usual.problem.space.returns_after_quarters
    assert (late == 2).all()
    assert (careful.due.space.returns_after_quarters == usual.problem.space.returns_after_quarters).all()
    assert usual.due.space.returns_after_quarters.tolist() == usual.problem.space.returns_after_quarters.tolist()


def test_an_office_says_what_stands_vacant(tmp_path, ask):
    basis = ask(make_land(tmp_path), vacant_m2={"upper": 7})
    assert basis.problem.space.vacant_m2[:, 0].tolist() == [1550, 7]
    assert "gap.vacant.upper" not in {one["name"] for one in basis.assumptions}


def test_gains_displacement_and_worth(tmp_path, ask):
    basis = ask(make_land(tmp_path))
    at, effects = site(basis, "B1"), basis.effects
    assert effects.area_gain_m2[at].tolist() == [31_000, 31_000] and basis.new_floor_m2[at].tolist() == [36_000] * 2
    assert effects.tax_gain_wan[at].tolist() == [540, 540]  # 27 mu · (30 − 10): nobody scored, so the prices' 10
    assert effects.value_added_gain_wan[at].tolist() == [0, 0]  # not known is not a gain
    assert effects.displaced_firms[at].tolist() == [2, 1]  # E1 and E2, which is on two lots
    assert basis.problem.value[at, :, 0] == pytest.approx([31_000 + 2 * 540 - 4 * 3 * 2 * 6, 32_080 - 4 * 3 * 1 * 6])
    gaps = {one["name"]: one["value"] for one in basis.assumptions}
    assert gaps["gap.tax_before"] == 5 and gaps["gap.value_added_per_mu"] == 5 and gaps["gap.red_hazards"] == 5


def test_without_a_figure_for_todays_tax_the_gain_counts_nothing(tmp_path, ask):
    basis = ask(make_land(tmp_path), prices={"income": ("tax_before_wan_per_mu_year = 10\n", "")})
    at = site(basis, "B1")
    assert basis.effects.tax_gain_wan[at].tolist() == [0, 0] and not basis.problem.money.income_wan[at, GOV, 7:].any()
    assert {one["name"]: one["value"] for one in basis.assumptions}["gap.tax_per_mu"] == 5


def test_facts_of_the_sites(tmp_path, ask):
    basis = ask(make_land(tmp_path, red_hazards=[2, 0, None, 1, None, 9]))
    one, other = basis.sites
    assert (one.site_id, one.name, one.block_id, one.parcel_ids) == ("B1", "B1", "B1", ("P1", "P2", "P3"))
    assert (one.area_mu, one.old_floor_m2, one.firms, one.red_hazards, one.begun) == (27, 5000, 2, 2, False)
    assert (other.site_id, other.parcel_ids, other.area_mu, other.firms, other.red_hazards) == (
        "B2",
        ("P4", "P5"),
        18,
        1,
        1,
    )
    assert basis.effects.red_hazards.tolist() == [2, 1] and reasons(basis) == {"P6": "no_site"}
    assert basis.quarters[0] == "2027-Q1" and basis.first == datetime.date(2027, 1, 1) and len(basis.quarters) == 12


def test_industrial_land_leaves_and_comes_back(tmp_path, ask):
    """P2 is no industrial land; nobody knows of P3, which counts; half of 30 000 m² must stay."""
    basis = ask(make_land(tmp_path, land_use=["0601", "0701", None, "0601", "0604", "0601"]))
    industry, at = basis.problem.industry, site(basis, "B1")
    assert industry.leaves_m2[at].tolist() == [12_000, 12_000] and industry.enters_m2[at].tolist() == [6000, 12_000]
    assert (industry.now_m2, industry.floor_m2.tolist()) == (30_000, [15_000] * 12)
    assert {one["name"]: one["value"] for one in basis.assumptions}["gap.industrial"] == 1
    mine = ask(make_land(tmp_path / "other", land_use=["0601"] * 6), industry_floor_m2=7)
    assert mine.problem.industry.floor_m2.tolist() == [7] * 12


# ── what makes a site, and which land is in none ──


def test_a_column_or_a_list_makes_the_sites(tmp_path, ask):
    project = make_land(tmp_path, unit=[1.0, 2.0, 1.0, None, 2.0, 2.0])
    basis = ask(project, group="unit")
    assert {one.site_id: one.parcel_ids for one in basis.sites} == {"1": ("P1", "P3"), "2": ("P2", "P5", "P6")}
    assert [one.block_id for one in basis.sites] == ["B1", "B1"] and [one.name for one in basis.sites] == ["1", "2"]
    assert reasons(basis) == {"P4": "no_site"}
    file = tmp_path / "sites.csv"
    file.write_text("地块编号,改造单元\nP6,east\nP1,west\nP9,west\nP2,\n", encoding="utf-8")
    basis = ask(project, sites=str(file))
    assert {one.site_id: one.parcel_ids for one in basis.sites} == {"west": ("P1",), "east": ("P6",)}
    assert reasons(basis) == {
        "P2": "no_site",
        "P3": "no_site",
        "P4": "no_site",
        "P5": "no_site",
        "P9": "no_such_parcel",
    }


def test_street_blocks_keep_to_their_block_and_their_name(tmp_path, ask):
    """All lots touch; P3 is renovated and still holds P1, P2 and itself together as one street block."""
    project = make_land(tmp_path)
    assert [one.site_id for one in ask(project, group="street_block").sites] == ["B1-1", "B2-1"]
    walk(
        project, "P2", *TO_SIGNED, "VACATED", "DEMOLISHED", "CLEARED", "GRANTED", "HANDED_OVER", "STARTED", "COMPLETED"
    )
    basis = ask(project, group="street_block")
    assert {one.site_id: one.parcel_ids for one in basis.sites} == {"B1-1": ("P1", "P3"), "B2-1": ("P4", "P5")}
    assert reasons(basis) == {"P2": "renovated", "P6": "no_site"}


def test_withdrawn_land_is_in_no_site_and_paused_land_goes_on(tmp_path, ask):
    project = make_land(tmp_path)
    walk(project, "P1", "IDENTIFIED")
    walk(project, "P1", "WITHDRAWN", start="2024-06-01", note="the owner wants to stay")
    walk(project, "P2", "IDENTIFIED")
    walk(project, "P2", "PAUSED", start="2024-06-01", note="a law suit")
    basis = ask(project)
    assert reasons(basis) == {"P1": "withdrawn", "P6": "no_site"} and basis.sites[0].parcel_ids == ("P2", "P3")
    assert {one["name"]: one["value"] for one in basis.assumptions}["gap.paused"] == 1


def test_only_low_efficiency_land_where_the_rules_say_so(tmp_path, ask):
    """Nobody scored, so nobody knows: an office is told rather than given an empty plan."""
    with pytest.raises(InputRefused) as error:
        ask(make_land(tmp_path), rules={"plan": ('which = "all"', 'which = "low_efficiency"')})
    assert [one.code for one in error.value.problems] == ["E-PLAN-LAND-EFFICIENCY-UNKNOWN", "E-PLAN-LAND-NO-SITE"]
    assert "5 parcels" in error.value.problems[0].message.render()


def test_land_without_figures_costs_the_mode_or_is_left_out(tmp_path, ask):
    """P2's tenure is not known: a third of B1 has no figures where land is paid for (GOV_ACQ)."""
    project = make_land(tmp_path, tenure=["state_granted", None, *["state_granted"] * 4])
    basis = ask(project)
    at = site(basis, "B1")
    assert basis.problem.allowed[at].any(axis=1).tolist() == [False, True] and reasons(basis) == {"P6": "no_site"}
    assert np.isnan(basis.new_floor_m2[at, GOV]) and basis.new_floor_m2[at, SELF] == 36_000
    assert not basis.problem.money.cost_wan[at, GOV].any() and not basis.problem.value[at, GOV].max() > 0
    basis = ask(project, rules={"plan": ("dropped_share = 0.15", "dropped_share = 0.4")})
    assert basis.problem.allowed[site(basis, "B1")].any(axis=1).all()
    assert reasons(basis) == {"P2": "tenure", "P6": "no_site"} and basis.sites[0].area_mu == 18
    basis = ask(project, modes=("GOV_ACQ",))  # no other mode is left
    assert reasons(basis) == {"P2": "tenure", "P6": "no_site"} and basis.problem.modes == ("GOV_ACQ",)
    assert all(LEFT_OUT[one.reason] == one.problem for one in basis.left_out)


def test_a_mode_needs_terms(tmp_path, ask):
    with pytest.raises(UsageError) as error:
        ask(make_land(tmp_path), modes=("SELV", "REMEDIATE"))
    first, second = (one.message.render() for one in error.value.problems)
    assert "do you mean SELF?" in first and "GOV_ACQ, SELF" in second


# ── what has begun ──


def test_begun_land_is_a_site_of_its_own(tmp_path, ask):
    """P4 signed last quarter: on time, so half of its 260 ·1.1 万元 falls before quarter 0, and 500 m² are taken."""
    project = make_land(tmp_path, renovation_mode=[None, None, None, "GOV_ACQ", None, None])
    signed(project, "P4", "2026-10-15")
    basis = ask(project)
    assert [(one.site_id, one.begun, one.parcel_ids) for one in basis.sites] == [
        ("B1", False, ("P1", "P2", "P3")), ("B2", False, ("P5",)), ("B2*", True, ("P4",)),
    ]  # fmt: skip
    problem, at = basis.problem, site(basis, "B2*")
    assert (problem.begun.mode.tolist(), problem.begun.start.tolist()) == ([-1, -1, GOV], [0, 0, -1])
    assert problem.phase_quarters[at, GOV].tolist() == [2, 1, 3] and not problem.allowed[at].any()
    assert problem.money.cost_wan[at, GOV, :8] == pytest.approx([143, 143, 88, 0, 0, 0, 0, 0])
    assert problem.money.income_wan[at, GOV, :8] == pytest.approx([0, 0, 0, 270, 0, 0, 0, 22.5])
    # its 500 m² in use will be taken: a half of them, 100 and 150 m², are no longer vacant
    assert problem.space.needs_m2[at, GOV] == pytest.approx([100, 150])
    assert problem.space.vacant_m2[:, 0] == pytest.approx([1450, 2100])
    assert problem.industry.now_m2 == 30_000
    # the model takes what lies ahead: 143 in quarter 0
    cash = usage(problem)
    spent = problem.money.budget_wan.cumsum() - cash.limit[cash.limits.index(("cash", "cash"))]
    assert spent[:3] == pytest.approx([143, 143 + 88, 143 + 88 - 270])
    assert basis.begun_steps == {
        "B2*": dict(zip(TO_SIGNED, ("2026-08-16", "2026-09-05", "2026-09-25", "2026-10-15"), strict=True))
    }
    assert not violations(problem, problem.frozen)


def test_what_is_late_lies_ahead(tmp_path, ask):
    """Signed a year ago and not vacated: the two quarters of vacating begin in quarter 0, with all their money."""
    project = make_land(tmp_path)
    signed(project, "P4", "2025-10-15")
    problem = (basis := ask(project)).problem
    at = site(basis, "B2*")
    assert problem.begun.start[at] == -5 and problem.phase_quarters[at, GOV].tolist() == [7, 1, 3]
    cost = problem.money.cost_wan[at, GOV]
    assert not cost[:5].any() and cost[5:9] == pytest.approx([143, 143, 88, 0])


def test_what_is_done_is_paid_and_the_rest_is_ahead(tmp_path, ask):
    """P4 and P5, 9 mu each, signed a year ago; P4 is vacated. Half of two quarters is left: one, and P5's money."""
    project = make_land(tmp_path)
    signed(project, "P4", "2025-10-15", ("VACATED", "2026-02-01"))
    signed(project, "P5", "2025-10-15")
    problem = (basis := ask(project)).problem
    at = site(basis, "B2*")
    assert problem.phase_quarters[at, GOV].tolist() == [6, 1, 3]
    cost = problem.money.cost_wan[at, GOV]
    assert cost[5] == pytest.approx((60 + 60) * 1.1) and cost[:5] == pytest.approx([(60 + 200) * 1.1 / 5] * 5)
    assert cost[6] == pytest.approx((26 + 120) * 1.1)  # 2 600 m² · 100 元 and 12 000 m² · 100 元
    assert problem.space.needs_m2[at, GOV] == pytest.approx(
        [150, 150]
    )  # P5's 600 m², a half on each storey, a half needed


def test_a_phase_ends_when_it_did(tmp_path, ask):
    """Signed in 2025-Q4 (−5), vacated in 2026-Q1 (−4), demolished in 2026-Q3 (−2); the rebuilding is on time."""
    project = make_land(tmp_path)
    signed(project, "P4", "2025-10-15", ("VACATED", "2026-02-01"), ("DEMOLISHED", "2026-08-20"))
    problem = (basis := ask(project)).problem
    at = site(basis, "B2*")
    assert problem.begun.start[at] == -5 and problem.phase_quarters[at, GOV].tolist() == [2, 2, 3]
    assert not problem.space.needs_m2[at, GOV].any()
    # rebuilding runs from −1 on: its land income counts as received in −1, as planned
    income = problem.money.income_wan[at, GOV]
    assert income[4] == pytest.approx(270) and not income[5:8].any() and income[8:] == pytest.approx(22.5)


def test_late_rebuilding_is_ahead_by_what_has_been_done(tmp_path, ask):
    """Demolished in 2025-Q1, so the three quarters are long over. Not started: three ahead; topped out (0.7): one."""
    steps = [("VACATED", "2024-11-01"), ("DEMOLISHED", "2025-02-01")]
    more = [("CLEARED", "2025-03-01"), ("GRANTED", "2025-04-01"), ("HANDED_OVER", "2025-05-01"), ("STARTED", "2025-06-01"),
            ("TOPPED_OUT", "2025-12-01")]  # fmt: skip
    for folder, done, length in (("a", steps, 3), ("b", steps + more, 1)):
        project = make_land(tmp_path / folder)
        signed(project, "P4", "2024-08-15", *done)
        problem = (basis := ask(project)).problem
        at = site(basis, "B2*")
        start, phases = problem.begun.start[at], problem.phase_quarters[at, GOV]
        assert (start, phases[:2].tolist(), start + phases.sum()) == (-10, [2, 1], length)
        ahead = problem.money.income_wan[at, GOV, -start : -start + length]  # land income unless it was granted
        assert ahead[0] == pytest.approx(270 if folder == "a" else 0)


def test_the_start_is_the_median_of_the_land(tmp_path, ask):
    """P1, P2 and P3, 9 mu each, signed in 2026-Q1, Q2 and Q4: the second of them counts."""
    project = make_land(tmp_path)
    for parcel, day in (("P1", "2026-10-20"), ("P2", "2026-03-01"), ("P3", "2026-05-01")):
        signed(project, parcel, day)
    basis = ask(project)
    assert basis.problem.begun.start[site(basis, "B1*")] == -3 and "B1" not in basis.problem.sites
    assert set(basis.begun_steps["B1*"]) == set(TO_SIGNED) and basis.begun_steps["B1*"]["SIGNED"] == "2026-10-20"


def test_begun_land_keeps_the_mode_of_most_of_it(tmp_path, ask):
    project = make_land(tmp_path, renovation_mode=[None, "SELF", "GOV_ACQ", "MSE_PARK", "REMEDIATE", None])
    for parcel in ("P1", "P2", "P3", "P4"):
        signed(project, parcel, "2026-10-15")
    basis = ask(project, modes=("GOV_ACQ",))
    of = {
        one.site_id: basis.problem.modes[basis.problem.begun.mode[at]]
        for at, one in enumerate(basis.sites)
        if one.begun
    }
    assert of == {"B1*": "GOV_ACQ", "B2*": "GOV_ACQ"}  # MSE_PARK has no terms here, so the rules' mode stands for it
    assert {one["name"]: one["value"] for one in basis.assumptions}["gap.begun_mode"] == 18  # P2 and P4
    project = make_land(tmp_path / "own", renovation_mode=["SELF", "SELF", "GOV_ACQ", None, None, None])
    for parcel in ("P1", "P2", "P3"):
        signed(project, parcel, "2026-10-15")
    basis = ask(project, modes=("GOV_ACQ",))
    assert basis.problem.modes == ("GOV_ACQ", "SELF") and basis.problem.begun.mode[site(basis, "B1*")] == SELF
    assert basis.problem.allowed[site(basis, "B2")].any(axis=1).tolist() == [True, False]  # SELF was not asked for


def test_crews_at_work_are_there(tmp_path, ask):
    """Two begun sites are demolished in quarter 0, and the rules have one crew: a fact is no fault of the plan."""
    project = make_land(tmp_path, today=datetime.date(2026, 12, 20))
    for parcel in ("P1", "P4"):
        signed(project, parcel, "2026-04-15", ("VACATED", "2026-12-05"))
    basis = ask(project)
    assert basis.problem.crews.limit.tolist() == [[2, *[1] * 11]] and not violations(
        basis.problem, basis.problem.frozen
    )
    assert {one["name"]: one["value"] for one in basis.assumptions}["gap.crews.demolition"] == 1
    assert ask(project, crews={"demolition": 3}).problem.crews.limit.tolist() == [[3] * 12]


def test_planned_days_lie_at_the_end_of_quarters(tmp_path, ask):
    """From 2027-Q2 (1): two quarters of vacating, one of demolishing, three of rebuilding."""
    basis = ask(project := make_land(tmp_path))
    days = milestone_days(basis.terms, project.life, "GOV_ACQ", (2, 1, 3), 1, first=basis.first)
    assert list(days) == list(project.life.path("GOV_ACQ").steps) and list(days.values()) == sorted(days.values())
    shown = {step: quarter_name(datetime.date.fromisoformat(day)) for step, day in days.items()}
    assert shown == {
        "IDENTIFIED": "2027-Q2", "PLANNED": "2027-Q2", "NEGOTIATED": "2027-Q2", "SIGNED": "2027-Q2", "VACATED": "2027-Q3",
        "DEMOLISHED": "2027-Q4", "CLEARED": "2027-Q4", "GRANTED": "2028-Q1", "HANDED_OVER": "2028-Q1",
        "STARTED": "2028-Q1", "TOPPED_OUT": "2028-Q3", "COMPLETED": "2028-Q3", "OPERATING": "2028-Q3", "REACHED": "2028-Q3",
    }  # fmt: skip
    assert days["VACATED"] == "2027-09-30"
    none = milestone_days(basis.terms, project.life, "ADD_STOREYS", (0, 0, 4), 0, first=basis.first)
    assert list(none) == list(project.life.path("ADD_STOREYS").steps) and none["COMPLETED"] == "2027-12-31"


def test_days_of_begun_land_are_real_where_they_are_known(tmp_path, ask):
    """Signed a year ago, then vacating is stretched to the end of quarter 1; nothing is planned for the past."""
    basis = ask(project := make_land(tmp_path))
    reached = {"IDENTIFIED": "2025-08-16", "SIGNED": "2025-10-15"}
    given = {"first": basis.first, "reached": reached, "today": TODAY}
    days = milestone_days(basis.terms, project.life, "GOV_ACQ", (7, 1, 3), -5, **given)
    assert list(days)[:3] == ["IDENTIFIED", "SIGNED", "VACATED"] and days["SIGNED"] == "2025-10-15"
    assert days["VACATED"] == "2027-06-30" and days["DEMOLISHED"] == "2027-09-30"
    on_time = milestone_days(basis.terms, project.life, "GOV_ACQ", (2, 1, 3), -2, **given)
    assert on_time["VACATED"] == "2026-12-31" and on_time["DEMOLISHED"] == "2027-03-31"
    late = milestone_days(basis.terms, project.life, "GOV_ACQ", (2, 1, 9), -8, **given)
    assert late["STARTED"] == "2026-12-31"  # planned for 2025-Q4, and not reached: this quarter at the earliest


# ── planned again ──


def planned(project, *works, **changes):
    """A plan from 2027-Q1 on, made before anything was recorded."""
    return plan_of(works, name="old", ledger_line=project.store.head().seq, **changes)


def test_planning_again_keeps_what_has_begun_since(tmp_path, ask):
    """Planned for 2027-Q1 and Q3; it is 2027-11. B1 was signed on one lot in Q2, of B2 nothing is heard."""
    project = make_land(tmp_path, today=datetime.date(2027, 11, 5))
    b1 = Work("B1", "B1", "B1", ("P1", "P2", "P3"), start=0, mode="SELF")
    plan = planned(project, b1, Work("B2", "B2", "B2", ("P4", "P5"), start=2))
    signed(project, "P2", "2027-05-20")
    basis = ask(project, plan=plan)
    assert basis.quarters[0] == "2028-Q1"
    assert [(one.site_id, one.begun, one.parcel_ids) for one in basis.sites] == [
        ("B1", True, ("P1", "P2", "P3")), ("B2", False, ("P4", "P5")),
    ]  # fmt: skip
    begun = basis.problem.begun
    assert basis.problem.modes[begun.mode[0]] == "SELF" and begun.start.tolist() == [-3, 0]
    # one quarter of vacating was over in 2027-Q2, and nobody has moved: it is ahead
    assert basis.problem.phase_quarters[0, basis.problem.modes.index("SELF")].tolist() == [4, 1, 4]
    assert basis.problem.allowed[1].all() and reasons(basis) == {"P6": "not_in_plan"}


def test_what_had_begun_in_the_plan_keeps_its_start(tmp_path, ask):
    project = make_land(tmp_path)
    signed(project, "P4", "2026-10-15")
    plan = planned(project, Work("B2*", "B2", "B2", ("P4",), start=-1), Work("B2", "B2", "B2", ("P5",), start=0))
    project.today = lambda: datetime.date(2027, 2, 1)
    basis = ask(project, plan=plan)
    assert [(one.site_id, one.begun) for one in basis.sites] == [("B2*", True), ("B2", False)]
    assert basis.problem.begun.start.tolist() == [-2, 0]  # counted from 2027-Q2 now
    assert basis.problem.phase_quarters[0, GOV].tolist() == [2, 1, 3]  # due at the end of this quarter: not late yet
    assert not basis.problem.money.cost_wan[0, GOV, 3:].any()


def test_what_has_begun_needs_terms_for_its_mode(tmp_path, ask):
    project = make_land(tmp_path)
    plan = planned(project, Work("B2", "B2", "B2", ("P4", "P5"), start=0, mode="JOINT"))
    assert not ask(project, plan=plan).problem.frozen.started.any()  # open again: any of the scenario's modes will do
    signed(project, "P4", "2026-10-15")
    with pytest.raises(UsageError, match="JOINT has no terms"):
        ask(project, plan=plan)


def test_land_of_the_plan_that_is_no_more(tmp_path, ask):
    project = make_land(tmp_path)
    plan = planned(
        project, Work("B1", "B1", "B1", ("P1", "P2", "P3"), start=0), Work("B2", "B2", "B2", ("P4", "P5"), start=1)
    )
    replace_parcels(project, Succession(("P2",), ("P2a",), "2026-06-01"))
    basis = ask(project, plan=plan)
    assert reasons(basis) == {"P2a": "not_in_plan", "P6": "not_in_plan", "P2": "gone"}
    assert basis.sites[0].parcel_ids == ("P1", "P3")
    walk(
        project, "P4", *TO_SIGNED, "VACATED", "DEMOLISHED", "CLEARED", "GRANTED", "HANDED_OVER", "STARTED", "COMPLETED"
    )
    assert reasons(ask(project, plan=plan))["P4"] == "renovated"


# ── limits and names ──


def test_ties_are_positions(tmp_path, ask):
    basis = ask(
        make_land(tmp_path), required=("B2",), excluded=("B1",), before=(Before("B2", "B1", 2),),
        lanes=(Together("road", ("B1", "B2"), 1),), groups=(Together("all", ("B2", "B1")),), budget_wan=(5.0,),
        weights={"per_area_m2": 0},
    )  # fmt: skip
    problem = basis.problem
    assert problem.required.tolist() == [False, True] and not problem.allowed[0].any() and problem.allowed[1].all()
    edge = problem.precedence[0]
    assert (edge.before, edge.after, edge.lag_quarters) == (1, 0, 2)
    assert (problem.lanes[0].sites, problem.lanes[0].closed_at_most, problem.groups[0].sites) == ((0, 1), 1, (1, 0))
    assert problem.money.budget_wan.tolist() == [5] * 12 and basis.weights.per_area_m2 == 0
    assert basis.weights.per_tax_wan == 2  # the rules' still
    assert "schedule.weights.per_area_m2" not in {one["name"] for one in basis.assumptions}


@pytest.mark.parametrize(
    ("asked", "field", "words"),
    [
        ({"required": ("B11",)}, "required", "do you mean B1?"),
        ({"before": (Before("B1", "East"),)}, "before", "there are: B1, B2"),
        ({"lanes": (Together("l", ("B9",), 1),)}, "lanes", "B9"),
        ({"budget_wan": (1.0, 2.0)}, "budget_wan", "2 figures for 12 quarters"),
        ({"vacant_m2": {"cellar": 1}}, "vacant_m2", "ground, upper"),
        ({"crews": {"movers": 1}}, "crews", "demolition"),
        ({"weights": {"per_taxes_wan": 1}}, "weights", "do you mean per_tax_wan?"),
        ({"group": "blok_id"}, "group", "do you mean block_id?"),
        ({"gap": 2}, "gap", "between 0 and 1"),
    ],
)
def test_what_is_not_there_is_named(tmp_path, ask, asked, field, words):
    with pytest.raises(UsageError) as error:
        ask(make_land(tmp_path), **asked)
    assert [one.place.field for one in error.value.problems] == [field]
    assert words in error.value.problems[0].message.render()


def test_begun_land_cannot_be_excluded_nor_need_be_required(tmp_path, ask):
    project = make_land(tmp_path)
    signed(project, "P4", "2026-10-15")
    with pytest.raises(UsageError, match="has begun"):
        ask(project, excluded=("B2*",))
    assert not ask(project, required=("B2*",)).problem.required.any()


@pytest.mark.parametrize(
    ("text", "code"),
    [("parcel_id,site_id\nP1,A\nP1,B\n", "E-ID-DUP"), ("parcel_id,name\nP1,A\n", "E-COLUMN-MISSING"),
     ("parcel_id,site_id\nX1,A\n", "E-PARCEL-UNKNOWN")],
)  # fmt: skip
def test_a_list_of_sites_that_cannot_be_used(tmp_path, ask, text, code):
    file = tmp_path / "sites.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputRefused) as error:
        ask(make_land(tmp_path), sites=str(file))
    assert code in {one.code for one in error.value.problems}, error.value.problems


# ── the sample zone ──


@pytest.fixture(scope="module")
def zone(sample_copy):
    return open_project(str(sample_copy), nobody="li", today=lambda: TODAY)


@pytest.fixture(scope="module")
def blocks(zone):
    return basis_of(zone, Scenario("zone"))


@pytest.mark.parametrize("group", ["block_id", "street_block"])
def test_every_parcel_is_in_one_site_or_left_out(zone, blocks, group):
    basis = blocks if group == "block_id" else basis_of(zone, Scenario("zone", group=group))
    inside = [parcel for one in basis.sites for parcel in one.parcel_ids]
    everywhere = inside + [one.parcel_id for one in basis.left_out]
    assert sorted(everywhere) == sorted(zone.store.layers()["parcels"]["parcel_id"].tolist())
    assert all(one.parcel_ids for one in basis.sites) and {one.reason for one in basis.left_out} <= set(LEFT_OUT)
    assert basis.problem.frozen.started.tolist() == [one.begun for one in basis.sites]
    if group == "street_block":
        of = {parcel: one.site_id.removesuffix("*") for one in blocks.sites for parcel in one.parcel_ids}
        assert all({of.get(parcel, one.block_id) for parcel in one.parcel_ids} == {one.block_id} for one in basis.sites)
        assert len(basis.sites) > 10 * len(blocks.sites)


def test_the_zones_money_is_that_of_the_assessment(zone, blocks):
    """All that an open block costs is what its parcels cost one by one, less the finance that discounting stands for."""
    frame = assess_project(zone, Asked(load_prices("yongkang-draft"), "GOV_ACQ")).frame.set_index("parcel_id")
    gov = blocks.problem.modes.index("GOV_ACQ")
    share = load_schedule("yongkang-draft").modes["GOV_ACQ"].public_cost_share
    compared = 0
    for at, one in enumerate(blocks.sites):
        if not one.begun and blocks.problem.allowed[at, gov].any():
            rows = frame.loc[list(one.parcel_ids)]
            cost = (rows["cost_wan"] - rows["finance_wan"]).sum() * share
            assert blocks.problem.money.cost_wan[at, gov].sum() == pytest.approx(cost)
            assert blocks.new_floor_m2[at, gov] == pytest.approx(rows["new_floor_m2"].sum())
            assert one.old_floor_m2 == pytest.approx(rows["legal_floor_m2"].sum(), abs=0.01)
            compared += 1
    assert compared >= 5


@pytest.mark.parametrize("today", ["2024-07-01", "2026-11-21", "2029-02-03"])
def test_the_zones_begun_sites_have_work_ahead_and_break_nothing(zone, today):
    """However late they are; the rules' budget pays for what is left of them."""
    blocks = basis_of(dataclasses.replace(zone, today=lambda: datetime.date.fromisoformat(today)), Scenario("zone"))
    problem = blocks.problem
    begun = np.flatnonzero(problem.frozen.started)
    ends = problem.begun.start[begun] + problem.quarters[begun, problem.begun.mode[begun]]
    assert len(begun) > 3 and (problem.begun.start[begun] < 0).all() and (ends > 0).all()
    assert not violations(problem, problem.frozen)
    assert all(blocks.sites[at].name != blocks.sites[at].site_id for at in begun)  # that of its block
    assert all(dataclasses.asdict(blocks.sites[at])["begun"] for at in begun)


def test_the_same_project_gives_the_same_problem(zone, blocks):
    again = basis_of(zone, Scenario("zone"))
    assert np.array_equal(again.problem.value, blocks.problem.value) and again.left_out == blocks.left_out
    assert np.array_equal(again.problem.money.cost_wan, blocks.problem.money.cost_wan)
