"""A plan from its problem to its document: by hand on two sites, and against code that counts another way on tiny ones."""

import dataclasses
import json

import numpy as np
import pytest

from landgis.errors import InputRefused, Problem, Stopped
from landgis.planning.scheduling.check import violations
from landgis.planning.scheduling.clash import PlanInfeasible
from landgis.planning.scheduling.problem import UNSTARTED, Plan, Precedence
from landgis.text import Message
from landgis.workflow.project import open_project
from landgis.workflow.scheduling import solving as plan_solving
from landgis.workflow.scheduling.curves import curves
from landgis.workflow.scheduling.document import EXACT, WAYS, WHY_NOT, PlanDocument
from landgis.workflow.scheduling.land import basis_of
from landgis.workflow.scheduling.scenario import Scenario
from landgis.workflow.scheduling.schedule import document_of, named, schedule_project
from landgis.workflow.scheduling.solving import Effort, board_of, filled, share_below, solve_problem
from landgis.workflow.scheduling.why import standing_against, why_not
from tests.planning.scheduling.made_schedule import tiny, tried
from tests.workflow.made_basis import OFFICE, basis_from, two_sites

PROVEN = Effort(seconds=20.0, gap=0.0, looks=300)
FAMILY_OF = {"precedence": "before"}  # what `check` calls otherwise
SEEDS = pytest.mark.parametrize("seed", range(25))
FIRST_A = Plan(np.array([0, 0]), np.array([0, 4]))  # of two sites: a, and b as soon as a gives its floor


def solved(problem, effort=PROVEN, *, tell=lambda _: None, stop=lambda: False):
    return solve_problem(problem, effort, tell=tell, stop=stop)


def drawn(problem, random):
    """Some plan, whatever limits it breaks."""
    mode, start = problem.frozen.mode.copy(), problem.frozen.start.copy()
    for site in np.flatnonzero(~problem.frozen.started):
        choices = np.argwhere(problem.allowed[site])
        if len(choices) and random.random() < 0.7:
            mode[site], start[site] = random.choice(choices)
    return Plan(mode, start)


# ── curves


def test_curves_by_hand():
    problem, effects = two_sites()
    found = curves(problem, FIRST_A, weigh=np.array([10.0, 20.0]), displaced_firms=effects.displaced_firms)
    assert found.spent_wan.tolist() == [20, 10, 5, 0, 20, 10, 5, 0]
    assert found.income_wan.tolist() == [0, 0, 0, 0, 40, 0, 0, 0]
    assert found.cash_wan.tolist() == [10, 10, 5, 5, 25, 15, 10, 10]
    assert found.vacant_m2["any"].tolist() == [2, 2, 2, 2, 4, 4, 4, 4]
    assert found.renovated.tolist() == [0, 0, 0, 10, 10, 10, 10, 30]
    assert found.displaced_firms.tolist() == [1, 1, 1, 1, 3, 3, 3, 3]


def test_what_a_begun_site_did_before_the_first_quarter_is_past():
    problem, effects = two_sites()
    begun = dataclasses.replace(problem, begun=Plan(np.array([0, UNSTARTED]), np.array([-2, 0])))
    found = curves(begun, begun.frozen, weigh=np.array([10.0, 20.0]), displaced_firms=effects.displaced_firms)
    assert found.spent_wan.tolist() == [5, 0, 0, 0, 0, 0, 0, 0]
    assert found.income_wan.tolist() == [0, 0, 40, 0, 0, 0, 0, 0]
    assert found.cash_wan.tolist() == [25, 35, 75, 75, 75, 75, 75, 75]
    assert found.vacant_m2["any"].tolist() == [6, 6, 16, 16, 16, 16, 16, 16]
    assert found.renovated.tolist() == [0] + [10] * 7 and found.displaced_firms.tolist() == [1, 1] + [0] * 6


@SEEDS
def test_curves_fall_below_nothing_where_the_check_says_so_and_by_as_much(seed):
    problem, random = tiny(seed, families=("money", "space", "begun")), np.random.default_rng(seed)
    for _ in range(20):
        plan = drawn(problem, random)
        found = curves(problem, plan, weigh=np.zeros(4), displaced_firms=np.zeros((4, 2)))
        lines = {("cash", "cash"): found.cash_wan} | {("space", kind): m2 for kind, m2 in found.vacant_m2.items()}
        short = {
            (*limit, t): -left for limit, line in lines.items() for t, left in enumerate(line.tolist()) if left < -1e-5
        }
        said = {(one.family, one.name, one.period): one.by for one in violations(problem, plan)}
        assert short == pytest.approx({key: by for key, by in said.items() if by > 1e-5})


@SEEDS
def test_land_and_firms_counted_quarter_by_quarter(seed):
    problem, random = tiny(seed, families=("begun",)), np.random.default_rng(seed)
    plan, land, firms = drawn(problem, random), random.random(4), random.random((4, 2))
    found = curves(problem, plan, weigh=land, displaced_firms=firms)
    for t in range(problem.shape[2]):
        done, out = 0.0, 0.0
        for site, (mode, start) in enumerate(zip(plan.mode.tolist(), plan.start.tolist(), strict=True)):
            if mode != UNSTARTED:
                end = start + sum(problem.phase_quarters[site, mode].tolist())
                done += land[site] if end <= t + 1 else 0
                out += firms[site, mode] if start <= t < end else 0
        assert (found.renovated[t], found.displaced_firms[t]) == pytest.approx((done, out))


def test_without_money_there_are_no_curves_of_it():
    problem, effects = two_sites()
    bare = dataclasses.replace(problem, money=None, space=None)
    found = curves(bare, FIRST_A, weigh=np.ones(2), displaced_firms=effects.displaced_firms)
    assert not len(found.spent_wan) and not len(found.cash_wan) and found.vacant_m2 == {}


# ── why a site is left


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"vacant_m2": 3.0}, ["space", "space"]), ({"budget": (10.0,) * 8}, ["cash", "together"]),
     ({"vacant_m2": 3.0, "budget": (1.0,) * 8}, ["together", "together"])],
)  # fmt: skip
def test_why_sites_are_left_by_hand(changes, said):
    problem, _ = two_sites(**changes)
    assert why_not(problem, problem.frozen) == said


def test_what_is_worth_nothing_or_excluded_is_left_for_that():
    problem, _ = two_sites()
    worthless = dataclasses.replace(problem, value=problem.value * np.array([1.0, -1.0])[:, None, None])
    assert why_not(worthless, Plan(np.array([0, UNSTARTED]), np.array([0, 0]))) == [None, "worth"]
    allowed = problem.allowed.copy()
    allowed[1] = False
    left = dataclasses.replace(problem, allowed=allowed)
    assert why_not(left, Plan(np.array([0, UNSTARTED]), np.array([0, 0]))) == [None, "excluded"]


@SEEDS
def test_families_that_stand_against_a_start_are_those_that_the_check_finds_broken(seed):
    """`check` counts with code of its own; every start of every site that the best plan leaves is put to both."""
    problem = tiny(seed)
    plan, _ = tried(seed)
    if plan is None:
        return
    board = board_of(problem, plan)
    for site in np.flatnonzero(~plan.started):
        for mode, start in np.argwhere(problem.open_starts[site]).tolist():
            more = Plan(plan.mode.copy(), plan.start.copy())
            more.mode[site], more.start[site] = mode, start
            broken = {FAMILY_OF.get(one.family, one.family) for one in violations(problem, more)}
            assert standing_against(board, int(site), mode, start) == broken


def test_every_reason_has_words():
    for seed in range(25):
        problem = tiny(seed)
        plan, _ = tried(seed)
        if plan is not None:
            reasons = why_not(problem, plan)
            assert [reason is None for reason in reasons] == plan.started.tolist()
            assert {reason for reason in reasons if reason} <= set(WHY_NOT)


# ── solving


@SEEDS
def test_the_plan_is_the_best_of_all(seed):
    problem = tiny(seed)
    plan, objective = tried(seed)
    if plan is None:
        with pytest.raises(PlanInfeasible):
            solved(problem)
        return
    found = solved(problem)
    assert found.objective == pytest.approx(objective) and found.bound == pytest.approx(objective)
    assert not violations(problem, found.plan) and found.status == "optimal" and found.gap == pytest.approx(0, abs=1e-6)


def test_what_clashes_is_said_in_words():
    problem, _ = two_sites(vacant_m2=3.0)
    with pytest.raises(PlanInfeasible) as said:
        solved(dataclasses.replace(problem, required=np.array([True, False])))
    codes = [one.code for one in said.value.problems]
    assert codes[0] == "E-PLAN-CLASH" and "E-PLAN-ALONE" in codes
    texts = [one.message.render() for one in said.value.problems]
    assert "required sites" in texts[0] and "swing space" in texts[0]
    assert any("swing space of the kind any is short by 1 m²" in text for text in texts[1:])


def test_a_stop_gives_the_best_plan_so_far():
    problem, _ = two_sites()
    found = solved(problem, stop=lambda: True)
    assert found.status == "stopped" and found.plan.start.tolist() == [0, 4]
    assert found.bound >= found.objective == pytest.approx(33.0)
    with pytest.raises(InputRefused, match="stopped after") as said:
        solved(dataclasses.replace(two_sites(vacant_m2=3.0)[0], required=np.ones(2, dtype=bool)), stop=lambda: True)
    assert [one.code for one in said.value.problems] == ["E-PLAN-TIME"]


def test_no_plan_in_time_says_so(monkeypatch):
    problem, _ = two_sites()
    nothing = dataclasses.replace(plan_solving.heuristic(problem, looks=10), plan=None)
    monkeypatch.setattr(plan_solving, "heuristic", lambda *_, **__: nothing)
    with pytest.raises(InputRefused, match="give more time") as said:
        solved(problem, Effort(seconds=1e-9, gap=0.0))
    assert [one.code for one in said.value.problems] == ["E-PLAN-TIME"]


def test_what_the_listener_raises_ends_the_work():
    def tell(told):
        raise Stopped([Problem("W-STOPPED", Message(told.step))])

    with pytest.raises(Stopped):
        solved(two_sites()[0], tell=tell)


def test_progress_rises_to_the_plan():
    told = []
    found = solved(tiny(3), tell=told.append)
    steps = list(dict.fromkeys(one.step for one in told))
    assert steps[:2] == [plan_solving.RELAXING, plan_solving.FIRST]
    met = [one.objective for one in told if one.objective is not None]
    assert met == sorted(met) and all(one.bound is None or one.bound >= found.objective - 1e-6 for one in told)
    assert {one.seconds_asked for one in told} == {20.0}


def test_a_site_that_fits_beside_the_plan_is_put_into_it():
    problem, _ = two_sites(vacant_m2=20.0, budget=(100.0,) * 8)
    only_b = Plan(np.array([UNSTARTED, 0]), np.array([0, 0]))
    assert filled(problem, only_b).start.tolist() == [0, 0] and filled(problem, only_b).mode.tolist() == [0, 0]
    worthless = dataclasses.replace(problem, value=-problem.value)
    assert filled(worthless, only_b).mode.tolist() == [UNSTARTED, 0]
    waits = dataclasses.replace(worthless, precedence=(Precedence(0, 1),), value=problem.value * [[[-1.0]], [[1.0]]])
    assert not filled(waits, waits.frozen).started.any()  # b would bring a along, which is worth less than nothing


@pytest.mark.parametrize("seed", [2, 5, 8, 11])
def test_by_windows(seed):
    """Never better than all at once, and no worse than the first plan of all quarters."""
    problem = tiny(seed, sites=5, modes=1, periods=6, families={"money", "space", "precedence", "lanes"})
    whole = solved(problem)
    found = solved(problem, dataclasses.replace(PROVEN, horizon=3, step=2))
    assert not violations(problem, found.plan)
    assert found.objective <= whole.objective + 1e-6 <= found.bound + 2e-6
    one = solved(problem, dataclasses.replace(PROVEN, horizon=6, step=6))
    assert one.objective == pytest.approx(whole.objective)


def test_by_windows_what_cannot_be_is_said_of_all_quarters():
    problem = dataclasses.replace(two_sites(vacant_m2=3.0)[0], required=np.ones(2, dtype=bool))
    with pytest.raises(PlanInfeasible, match="swing space"):
        solved(problem, dataclasses.replace(PROVEN, horizon=4, step=2))


def test_shares():
    assert share_below(98.0, 100.0) == 0.02 and share_below(98.0, None) is None and share_below(-1.0, 0.0) is None


# ── the document


def made(problem, scenario=None, **changes):
    effects = changes.pop("effects", None)
    return document_of(OFFICE, basis_from(problem, scenario, effects=effects, **changes))


def test_document_by_hand():
    problem, effects = two_sites()
    found = made(problem, effects=effects)
    assert (found.name, found.made_by, found.ledger_line, found.status) == ("tiny", "li", 7, "unverified")
    assert found.quarters[0] == "2027-Q1" and found.quarters[-1] == "2028-Q4" and found.budget_wan[:3] == (30, 10, 0)
    assert (found.objective, found.bound, found.gap, found.solver_status) == (33.0, 33.0, 0.0, "optimal")
    a, b = found.sites
    assert (a.start_quarter, a.vacated_quarter, a.demolished_quarter, a.completed_quarter) == (
        "2027-Q1", "2027-Q1", "2027-Q2", "2027-Q4")  # fmt: skip
    assert (b.start_quarter, b.completed_quarter, b.mode, b.why_not, b.begun) == (
        "2028-Q1", "2028-Q4", "GOV_ACQ", None, False)  # fmt: skip
    assert (a.cost_wan, a.income_wan, b.cost_wan, b.income_wan) == (35, 40, 35, 0)  # b earns after the last quarter
    assert (a.needs_m2, a.returns_m2, b.needs_m2, a.new_floor_m2) == ({"any": 4}, {"any": 10}, {"any": 8}, 1000)
    assert a.milestones["SIGNED"] == "2027-03-31" and a.milestones["DEMOLISHED"] == "2027-06-30"
    assert a.milestones["COMPLETED"] == "2027-12-31" and b.milestones["COMPLETED"] == "2028-12-31"
    best = found.ways[EXACT]
    assert dict(best.starts) == {"a": ("GOV_ACQ", "2027-Q1"), "b": ("GOV_ACQ", "2028-Q1")}
    assert best.cash_wan == (10, 10, 5, 5, 25, 15, 10, 10) and best.renovated_mu == (0, 0, 0, 10, 10, 10, 10, 30)
    assert (best.area_gain_m2, best.firm_months, best.new_floor_m2) == (58, 3 * (4 + 12), 3000)
    assert best.below_bound == 0 and best.displaced_firms == (1, 1, 1, 1, 3, 3, 3, 3)
    assert [one.parcel_id for one in found.left_out] == ["z1"]


@SEEDS
def test_a_document_is_whole(seed):
    """Its parts agree with one another and with the problem, and it comes back from JSON as it was."""
    problem = tiny(seed)
    if tried(seed)[0] is None:
        return
    found = made(problem)
    assert PlanDocument.from_json(json.loads(json.dumps(found.as_json()))) == found
    assert tuple(found.ways) == WAYS and found.bound >= found.objective - 1e-6
    for way in filter(None, found.ways.values()):
        assert way.objective <= found.objective + 1e-6 and way.below_bound >= -1e-9
    best = found.ways[EXACT]
    assert best.objective == found.objective
    begun = {site.site_id for site in found.sites if site.begun}
    assert set(best.starts) | begun == {site.site_id for site in found.sites if site.mode is not None}
    for site in found.sites:
        assert (site.mode is None) == (site.why_not is not None)
        if site.site_id in best.starts:
            assert best.starts[site.site_id] == (site.mode, site.start_quarter)
            assert site.start_quarter <= site.completed_quarter and site.finish_p50 <= site.finish_p80
    if problem.money and not begun:
        assert sum(site.income_wan or 0 for site in found.sites) == pytest.approx(sum(best.income_wan), abs=0.01)


def test_nothing_asked_of_the_future_is_told_of_none():
    problem, _ = two_sites()
    found = made(problem, Scenario("sure", seconds=5.0, gap=0.0, draws=0))
    assert found.outlook is None and {site.finish_p80 for site in found.sites} == {None}


def test_the_future_of_sure_durations_is_the_plan():
    problem, _ = two_sites()
    sure = dataclasses.replace(basis_from(problem).spread, low=1.0, usual=1.0, high=1.0)
    found = made(problem, spread=sure)
    assert (found.outlook.finish_p50, found.outlook.finish_p80, found.outlook.runs_out) == ("2028-Q4", "2028-Q4", 0)
    assert [site.finish_p80 for site in found.sites] == [site.completed_quarter for site in found.sites]
    assert found.outlook.draws == 50 and found.outlook.missing_p80_m2 == {"any": 0}


def test_where_nothing_is_unverified_the_plan_is_verified():
    assert made(two_sites()[0], assumptions=()).status == "verified"


def test_money_without_end_is_no_budget():
    problem, _ = two_sites(budget=(float("inf"),) * 8)
    found = made(problem)
    assert found.budget_wan is None and json.dumps(found.as_json(), allow_nan=False)
    assert found.ways[EXACT].cash_wan[0] == -sum(found.ways[EXACT].spent_wan[:1])


@pytest.mark.parametrize("seed", [2, 4, 6])
def test_same_seed_same_plan(seed):
    problem = tiny(seed, sites=6, periods=8, families=("money", "space", "crews"))
    one, other = (dataclasses.replace(made(problem), made_at="", seconds=0.0) for _ in range(2))
    assert one == other and one.as_bytes() == other.as_bytes()


def test_another_name():
    found = named(made(two_sites()[0]), "other")
    assert (found.name, found.scenario["name"]) == ("other", "other")


# ── from a project


def test_a_stopped_plan_of_the_sample_zone_keeps_every_limit_and_loses_no_parcel(sample_copy):
    """The plan is read back from its document, and every limit of the land is counted again by `check`."""
    project = open_project(str(sample_copy), nobody="li")
    asked = Scenario("zone", quarters=12, seconds=60.0, draws=20)
    steps = []
    found = schedule_project(project, asked, tell=lambda told: steps.append(told.step), stop=lambda: True)
    assert found.solver_status == "stopped" and 0 < found.objective <= found.bound and steps[0] == plan_solving.LAND
    assert PlanDocument.from_bytes(found.as_bytes()) == found and Scenario.from_json(found.scenario) == asked
    placed = [parcel for site in found.sites for parcel in site.parcel_ids] + [one.parcel_id for one in found.left_out]
    assert sorted(placed) == sorted(project.store.layers()["parcels"]["parcel_id"].astype(str))
    problem = basis_of(project, asked).problem
    plan = problem.frozen
    for at, site in enumerate(found.sites):
        if site.mode is not None and not site.begun:
            plan.mode[at], plan.start[at] = problem.modes.index(site.mode), found.quarters.index(site.start_quarter)
    assert not violations(problem, plan)
    best = found.ways[EXACT]
    assert min(best.cash_wan) >= -0.1 and all(min(floor) >= -0.1 for floor in best.vacant_m2.values())
    assert found.ledger_line == project.store.head().seq and found.status == "unverified"
    for site in found.sites:
        days = list(site.milestones.values())
        assert days == sorted(days) and (site.mode is None) == (not days)
    project.store.close()


@pytest.mark.slow
def test_the_sample_zone_is_planned_within_one_percent(sample_copy):
    """Ten blocks, eight years of quarters, in the two minutes that the rules give it; better than each other way."""
    project = open_project(str(sample_copy), nobody="li")
    found = schedule_project(project, Scenario("zone", draws=0))
    assert found.solver_status == "optimal" and found.gap <= 0.01 and len(found.quarters) == 32
    others = [way.objective for name, way in found.ways.items() if way is not None and name != EXACT]
    assert others and max(others) < found.objective
    project.store.close()
