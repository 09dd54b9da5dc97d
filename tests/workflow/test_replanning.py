"""Planning again: what has begun stays, what moves moves for a reason, and nothing moves for none."""

import dataclasses
import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landgis.errors import Place, Problem, RegisterRefused, UsageError
from landgis.phases.ledger import Draft, verify
from landgis.planning.scheduling.check import violations
from landgis.planning.scheduling.problem import Crews, Money, Plan, Precedence, Space, worth
from landgis.planning.scheduling.problem import Problem as Schedule
from landgis.text import Message
from landgis.workflow.adopting import replan as replanning
from landgis.workflow.adopting.adopt import adopt
from landgis.workflow.adopting.carry import carried, plan_in, scenario_from, with_carried
from landgis.workflow.adopting.replan import replan
from landgis.workflow.adopting.slips import slips_of
from landgis.workflow.adopting.steady import steadied
from landgis.workflow.adopting.why import changes_of
from landgis.workflow.ahead import planned_steps
from landgis.workflow.recording import Entered, record
from landgis.workflow.register import Register
from landgis.workflow.scheduling.document import PlanDocument
from landgis.workflow.scheduling.quarters import between, later, names_from, quarter_name, quarter_of
from landgis.workflow.scheduling.scenario import Before, Scenario, Together
from landgis.workflow.scheduling.schedule import document_of, schedule_project
from landgis.workflow.scheduling.shelf import keep_plan
from landgis.workflow.trend import picture
from tests.made_plan import lots_plan
from tests.made_project import make_project, walk
from tests.phases.made import Clock, Zone, opened
from tests.planning.scheduling.made_schedule import best_by_trying, tiny
from tests.workflow.made_basis import FIRST, OFFICE, basis_from, two_sites

SUMMER = datetime.date(2027, 8, 15)  # the quarter after it is the fourth of the plan
ZONE = Zone([(parcel, "B1", "GOV_ACQ", None, area) for parcel, area in
             (("a1", 100.0), ("a2", 300.0), ("b1", 100.0), ("b2", 100.0))])  # fmt: skip


@pytest.fixture(scope="module")
def planned() -> PlanDocument:
    """a from 2027-Q1, which frees floor for b from 2028-Q1; see `two_sites`."""
    problem, effects = two_sites()
    document = document_of(OFFICE, basis_from(problem, effects=effects))
    assert [(site.site_id, site.start_quarter, site.completed_quarter) for site in document.sites] == [
        ("a", "2027-Q1", "2027-Q4"), ("b", "2028-Q1", "2028-Q4"),
    ]  # fmt: skip
    return document


def later_basis(first, *, begun=None, vacant_m2=6.0, budget=(0.0,) * 8, scenario=None, **changes):
    """The same two sites from a later quarter on, to the same last one; `begun`: the start of a, as a quarter."""
    passed = between(FIRST, first)
    periods = 8 - passed
    problem, effects = two_sites(vacant_m2=vacant_m2, budget=(0.0,) * periods)
    money = dataclasses.replace(problem.money, budget_wan=np.array(budget[:periods], dtype=float))
    more = {"money": money} | changes
    if begun is not None:
        more["begun"] = Plan(np.array([0, -1]), np.array([begun, 0]))
    problem = dataclasses.replace(problem, **more)
    settled = {"first": first, "quarters": names_from(first, periods), "effects": effects}
    return basis_from(problem, scenario, **settled)


class TestWhatGoesOver:
    @pytest.mark.parametrize(
        ("today", "first", "quarters"),
        [("2026-11-21", "2027-01-01", 12), ("2026-03-01", "2027-01-01", 12), ("2027-05-05", "2027-07-01", 10),
         ("2029-08-01", "2029-10-01", 4)],
    )  # fmt: skip
    def test_the_quarters_from_today_on(self, today, first, quarters):
        scenario = scenario_from(lots_plan(), datetime.date.fromisoformat(today), {})
        assert (scenario.first.isoformat(), scenario.quarters, scenario.name) == (first, quarters, "rolling-2")
        assert (scenario.seconds, scenario.budget_wan) == (5.0, (200.0,))

    def test_a_budget_by_quarters_loses_those_that_passed(self):
        asked = {"name": "x-9", "budget_wan": [float(n) for n in range(12)]}
        document = dataclasses.replace(lots_plan(), scenario=asked)
        scenario = scenario_from(document, datetime.date(2027, 5, 5), {})
        assert (scenario.budget_wan, scenario.name) == (tuple(float(n) for n in range(2, 12)), "x-10")
        late = scenario_from(document, datetime.date(2029, 8, 1), {"name": "last", "seconds": 9.0})
        assert (late.budget_wan, late.name, late.seconds) == ((11.0,) * 4, "last", 9.0)

    def test_money_and_floor_when_all_goes_as_planned(self, planned):
        """By the end of 2027-Q3 a has cost 35 of 40; it took 4 of 6 m²."""
        left = carried(planned, later_basis(datetime.date(2027, 10, 1), begun=-3), ())
        assert (left.quarters, left.budget_wan, left.vacant_m2) == (3, 5.0, {"any": 2.0})

    def test_when_it_began_two_quarters_late(self, planned):
        """Only 20 are spent, in 2027-Q3."""
        left = carried(planned, later_basis(datetime.date(2027, 10, 1), begun=-1), ())
        assert (left.budget_wan, left.vacant_m2) == (20.0, {"any": 2.0})

    def test_when_nothing_began(self, planned):
        left = carried(planned, later_basis(datetime.date(2027, 10, 1)), ())
        assert (left.budget_wan, left.vacant_m2) == (40.0, {"any": 6.0})

    def test_when_it_is_finished_and_its_floor_is_back(self, planned):
        """a began in 2027-Q1, and 2028-Q2 is the first quarter: 6 − 4 + 10 m²; 40 − 35 + 40 万元, b had not begun."""
        left = carried(planned, later_basis(datetime.date(2028, 4, 1), begun=-5), ())
        assert (left.quarters, left.budget_wan, left.vacant_m2) == (5, 45.0, {"any": 12.0})

    @pytest.mark.parametrize(("completed", "left"), [("2025-Q4", 6.0), ("2026-Q4", 16.0), ("2027-Q1", 16.0)])
    def test_floor_that_was_back_when_the_old_plan_began_is_in_its_figures(self, planned, completed, left):
        """a had begun; what it needs was taken before, what it gives comes back in the quarter after completion."""
        was = dataclasses.replace(planned.sites[0], begun=True, start_quarter="2025-Q1", completed_quarter=completed)
        asked = dict(planned.scenario) | {"vacant_m2": {"any": 6.0}}
        old = dataclasses.replace(planned, sites=(was, planned.sites[1]), scenario=asked)
        assert carried(old, later_basis(datetime.date(2027, 10, 1), begun=-9), ()).vacant_m2 == {"any": left}

    def test_what_is_asked_anew_counts_as_it_is(self, planned):
        basis = later_basis(datetime.date(2027, 10, 1), begun=-1)
        left = carried(planned, basis, {"vacant_m2", "budget_wan"})
        assert (left.budget_wan, left.vacant_m2) == (None, {})
        assert with_carried(basis.scenario, basis, left) == basis.scenario

    def test_it_is_put_into_the_scenario(self, planned):
        basis = later_basis(datetime.date(2027, 10, 1), begun=-1, budget=(1.0, 2.0, 3.0, 4.0, 5.0))
        scenario = with_carried(basis.scenario, basis, carried(planned, basis, ()))
        assert (scenario.budget_wan, scenario.vacant_m2) == ((21.0, 2.0, 3.0, 4.0, 5.0), {"any": 2.0})


def test_sites_that_are_finished_or_gone_are_named_no_more(monkeypatch, planned):
    """What a scenario asks of them is left out; another mistake is still one."""
    asked = []
    basis = later_basis(datetime.date(2027, 10, 1), begun=-1)

    def basis_of(project, scenario, *, before):
        asked.append(scenario)
        if len(asked) == 1:
            raise UsageError([
                Problem("E-PLAN-SITE", Message("there is no site a"), Place(field="required"), "a"),
                Problem("E-PLAN-SITE", Message("there is no site a"), Place(field="groups"), "a"),
            ])  # fmt: skip
        return basis

    monkeypatch.setattr(replanning, "basis_of", basis_of)
    scenario = Scenario("x", required=("a", "b"), excluded=("a",), groups=(Together("g", ("a", "b")),),
                        lanes=(Together("l", ("a", "b"), 1),))  # fmt: skip
    assert replanning._basis(None, scenario, planned) is basis
    assert (asked[1].required, asked[1].excluded, asked[1].groups) == (("b",), ("a",), ())
    assert asked[1].lanes == scenario.lanes
    asked.clear()
    with pytest.raises(UsageError):
        replanning._basis(None, scenario, dataclasses.replace(planned, sites=()))


class TestWhatMoves:
    def late(self, planned):
        """a began two quarters late, so its floor is back in 2028-Q3 only."""
        basis = later_basis(datetime.date(2027, 10, 1), begun=-1, vacant_m2=2.0, budget=(20.0, 0, 0, 0, 0))
        new = document_of(OFFICE, basis)
        return basis, new, changes_of(planned, new, basis, {})

    def test_who_waits_for_the_floor_and_how_much_is_missing(self, planned):
        _, _, (a, b) = self.late(planned)
        assert (a.site_id, a.what, a.mode, a.start) == ("a", "kept", ("GOV_ACQ", "GOV_ACQ"), ("2027-Q1", "2027-Q3"))
        assert (b.what, b.start, b.quarters) == ("moved", ("2028-Q1", "2028-Q3"), 2)
        assert [one.message.render() for one in b.reasons] == [
            "in 2028-Q2 the budget would be short by 25.0 × 10 000 CNY",
            "in 2028-Q1 swing space (any) would be short by 6 m²",
            "a gives 10 m² (any) back in 2028-Q3, planned for 2028-Q1",
        ]
        assert [(one.code, one.values["amount"]) for one in b.reasons] == [
            ("cash", 25.0),
            ("space", 6.0),
            ("returns", 10.0),
        ]

    def test_a_site_that_had_not_begun_in_its_quarter(self, planned):
        basis = later_basis(datetime.date(2027, 10, 1), budget=(40.0, 0, 0, 0, 0))
        a, b = changes_of(planned, document_of(OFFICE, basis), basis, {})
        assert (a.what, a.start, a.quarters, [one.code for one in a.reasons]) == (
            "moved", ("2027-Q1", "2027-Q4"), 3, ["not_begun"],
        )  # fmt: skip
        assert (b.what, b.start[1]) == ("moved", "2028-Q4") and {"space", "returns"} <= {one.code for one in b.reasons}

    def test_who_waits_for_another_site(self, planned):
        basis = later_basis(
            datetime.date(2027, 10, 1), begun=-1, vacant_m2=100.0, budget=(90.0, 0, 0, 0, 0),
            precedence=(Precedence(0, 1, 1),),
        )  # fmt: skip
        _, b = changes_of(planned, document_of(OFFICE, basis), basis, {})
        assert (b.what, b.quarters, [one.message.render() for one in b.reasons]) == (
            "moved", 3, ["it waits for a, which is 3 quarters too late for that"],
        )  # fmt: skip

    def test_who_would_be_held_up(self, planned):
        """b waits for a, and both are planned as early as can be; where it was, a would be finished too late for b."""
        slow = dataclasses.replace(
            planned, sites=(dataclasses.replace(planned.sites[0], start_quarter="2027-Q3"), planned.sites[1])
        )
        basis = later_basis(FIRST, vacant_m2=100.0, budget=(90.0,) * 8, precedence=(Precedence(0, 1, 0),))
        a, b = changes_of(slow, document_of(OFFICE, basis), basis, {})
        assert (a.what, a.quarters, [one.message.render() for one in a.reasons]) == (
            "moved", -2, ["b waits for it and would be held up"],
        )  # fmt: skip
        assert b.what == "stays"

    def test_dropped_because_the_money_went_elsewhere(self, planned):
        basis = later_basis(datetime.date(2027, 10, 1), begun=-3, vacant_m2=100.0, budget=(5.0, 0, 0, 0, 0))
        basis = dataclasses.replace(basis, problem=dataclasses.replace(basis.problem, money=dataclasses.replace(
            basis.problem.money, income_wan=np.zeros((2, 1, 5)))))  # fmt: skip
        _, b = changes_of(planned, document_of(OFFICE, basis), basis, {})
        assert (b.what, b.start, b.quarters) == ("dropped", ("2028-Q1", None), None)
        assert [one.message.render() for one in b.reasons] == [
            "left as it is now: budget", "in 2028-Q3 the budget would be short by 30.0 × 10 000 CNY",
        ]  # fmt: skip

    def test_a_site_that_is_new_in_the_plan_and_one_that_is_gone(self, planned):
        was = dataclasses.replace(planned.sites[1], mode=None, start_quarter=None, why_not="cash")
        old = dataclasses.replace(planned, sites=(planned.sites[0], was))
        basis = later_basis(datetime.date(2027, 4, 1), begun=-1, vacant_m2=100.0, budget=(90.0,) * 7)
        a, b = changes_of(old, document_of(OFFICE, basis), basis, {})
        assert (a.what, b.what, b.start[0], b.reasons[0].message.render()) == (
            "kept", "started", None, "before, it was left: budget",
        )  # fmt: skip
        gone = dataclasses.replace(planned.sites[0], site_id="z", parcel_ids=("z1",))
        old = dataclasses.replace(planned, sites=(gone, planned.sites[1]))
        z, _ = changes_of(old, document_of(OFFICE, basis), basis, {})
        assert (z.what, z.start, z.reasons[-1].message.render()) == (
            "gone", ("2027-Q1", None), "its parcels are in no site any more: is renovated already",
        )  # fmt: skip

    def test_as_json(self, planned):
        *_, changes = self.late(planned)
        told = changes[1].as_json(lambda text: f"<{text}>")
        assert told["what"] == "moved" and told["reasons"][1]["text"].startswith("<in 2028-Q1 swing space")
        assert (told["reasons"][1]["code"], told["reasons"][1]["name"], told["reasons"][1]["quarter"]) == (
            "space",
            "any",
            "2028-Q1",
        )


class TestHowItRan:
    def slips(self, planned, *events, today=SUMMER):
        project = opened(ZONE, clock=Clock(), today=today)
        drafts = [Draft("record", parcel, None, step, on, "day", "actual") for parcel, step, on in events]
        project.store.append(drafts, by="x")
        state, land = Register(project).reached(as_of=today.toordinal())
        found = slips_of(planned, state, land, OFFICE.life, today=today.toordinal())
        return [one.message.render() for one in found["a"]], found["b"]

    def test_nothing_began(self, planned):
        assert self.slips(planned, ("a1", "IDENTIFIED", "2026-01-01")) == ([], ())

    def test_it_began_late_by_the_greater_part_of_its_land(self, planned):
        day = planned.sites[0].milestones["SIGNED"]
        said, b = self.slips(planned, ("a1", "SIGNED", "2027-03-01"), ("a2", "SIGNED", "2027-08-10"))
        assert said[0] == f"begun late: signed on 2027-08-10, planned for {day}" and b == ()
        assert any("vacated was planned for" in one and "2 of 2 parcels" in one for one in said[1:])

    def test_it_began_as_planned_and_one_holds_out(self, planned):
        said, _ = self.slips(planned, ("a2", "SIGNED", "2027-03-10"))
        assert len(said) == 1 and said[0].startswith("signed was planned for") and "1 of 2 parcels" in said[0]

    def test_a_step_that_was_late_everywhere(self, planned):
        signed = [(parcel, "SIGNED", "2027-03-10") for parcel in ("a1", "a2")]
        day = planned.sites[0].milestones["VACATED"]
        said, _ = self.slips(planned, *signed, ("a1", "VACATED", day), ("a2", "VACATED", "2027-08-14"))
        assert said[0] == f"vacated only on 2027-08-14, planned for {day}"

    def test_early(self, planned):
        said, _ = self.slips(
            planned, ("a1", "SIGNED", "2026-12-30"), ("a2", "SIGNED", "2026-12-30"), today=datetime.date(2026, 12, 31)
        )
        assert said == [f"begun early: signed on 2026-12-30, planned for {planned.sites[0].milestones['SIGNED']}"]


class TestSteady:
    @settings(max_examples=40, deadline=None)
    @given(seed=st.integers(0, 400), other=st.integers(0, 10_000), share=st.sampled_from([0.5, 0.9, 1.0]))
    def test_a_plan_that_is_good_enough_keeps_every_limit(self, seed, other, share):
        problem = tiny(seed)
        best, most = best_by_trying(problem)
        if best is None:
            return
        random = np.random.default_rng(other)
        modes = random.integers(-1, problem.shape[1], len(problem.sites))
        wished = Plan(modes, random.integers(-2, problem.shape[2], len(problem.sites)))
        on = problem.frozen.started
        wished.mode[on], wished.start[on] = problem.frozen.mode[on], problem.frozen.start[on]
        least = most - (1 - share) * abs(most)
        found = steadied(problem, best, wished, least=least)
        assert violations(problem, found) == [] and worth(problem, found) >= least - 1e-9

    @settings(max_examples=40, deadline=None)
    @given(seed=st.integers(0, 400))
    def test_a_plan_that_can_stay_stays(self, seed):
        problem = tiny(seed)
        best, most = best_by_trying(problem)
        if best is None:
            return
        empty = Plan(problem.frozen.mode.copy(), problem.frozen.start.copy())
        found, kept = steadied(problem, empty, best, least=most), best.started
        assert found.mode[kept].tolist() == best.mode[kept].tolist()
        assert found.start[kept].tolist() == best.start[kept].tolist()
        assert steadied(problem, best, empty, least=most + 1) is best

    def test_sites_that_carry_each_other_stay(self):
        """x gives the floor that y needs, y the money that x needs: neither could be put without the other."""
        problem = Schedule(
            ("x", "y"), ("fast",), np.full((2, 1, 4), 5.0), np.ones((2, 1, 4), dtype=bool), np.tile([0, 0, 1], (2, 1, 1)),
            money=Money(np.array([[[0.0, 0, 10]], [[0.0, 0, 0]]]), np.array([[[0.0, 0]], [[0.0, 10]]]), np.zeros(4)),
            space=Space(("any",), np.array([[[0.0]], [[1.0]]]), np.array([[[1.0]], [[0.0]]]), np.ones((2, 1), dtype=np.int64),
                        np.zeros((1, 4))),
        )  # fmt: skip
        wished = Plan(np.array([0, 0]), np.array([0, 1]))
        found = steadied(problem, Plan.nothing(2), wished, least=0.0)
        assert (found.mode.tolist(), found.start.tolist()) == ([0, 0], [0, 1])

    def test_only_the_site_that_cannot_stay_moves(self):
        """Three alike, one crew: the second one's quarter is no longer allowed, the others keep theirs."""
        problem = tiny(3, sites=3, modes=1, periods=5, families=())
        phases = np.tile([0, 0, 1], (3, 1, 1))
        crew = Crews(("builders",), np.ones((3, 1, 3, 1)), np.ones((1, 5)))
        allowed = np.ones((3, 1, 5), dtype=bool)
        allowed[1, 0, 1] = False
        value = 10.0 - np.arange(5)[None, None] * np.array([1.0, 2.0, 3.0])[:, None, None]
        problem = dataclasses.replace(problem, phase_quarters=phases, crews=crew, allowed=allowed, value=value)
        wished = Plan(np.zeros(3, dtype=np.int64), np.array([0, 1, 2]))
        found = steadied(problem, Plan(np.zeros(3, dtype=np.int64), np.array([3, 2, 0])), wished, least=1.0)
        assert found.start.tolist() == [0, 3, 2]


class TestTheWhole:
    """`replan`, on the two sites by hand in place of the land of a project."""

    @pytest.fixture
    def project(self, monkeypatch):
        project = opened(ZONE, clock=Clock(), today=datetime.date(2026, 11, 21))
        asked = []

        def basis_of(project, scenario, *, before, **_):
            """What a project would give: a has begun where a parcel of it has signed."""
            asked.append(scenario)
            assert before is not None
            first = scenario.first
            state, land = Register(project).reached(as_of=project.today().toordinal())
            signed = state.day[land.parcel_ids.get_loc("a2"), 3]
            day = datetime.date.fromordinal(int(signed)) if signed < 2**30 else None
            budget = scenario.budget_wan or (30.0, 10.0, *([0.0] * 6))[between(FIRST, first) :]
            basis = later_basis(
                first, begun=None if day is None else between(first, day), budget=(*budget, *([0.0] * 8)),
                vacant_m2=scenario.vacant_m2.get("any", 6.0), scenario=dataclasses.replace(scenario, gap=0.01, seconds=5.0),
            )  # fmt: skip
            begun = tuple(
                dataclasses.replace(one, begun=bool(basis.problem.frozen.started[at]))
                for at, one in enumerate(basis.sites)
            )
            return dataclasses.replace(basis, sites=begun, ledger_line=project.store.head().seq)

        monkeypatch.setattr(replanning, "basis_of", basis_of)
        project.asked = asked
        return project

    def test_nothing_slipped_nothing_moves(self, project, planned):
        found = replan(project, planned)
        assert [change.what for change in found.changes] == ["stays", "stays"] and not found.moved
        assert [(site.mode, site.start_quarter) for site in found.document.sites] == [
            (site.mode, site.start_quarter) for site in planned.sites
        ]
        assert (found.carried.quarters, found.carried.budget_wan) == (0, 0.0)

    def test_as_planned_so_far_nothing_moves(self, project, planned):
        project.store.append(
            [Draft("record", one, None, "SIGNED", "2027-02-01", "day", "actual") for one in ("a1", "a2")], by="x"
        )
        project.today = lambda: datetime.date(2027, 5, 1)
        found = replan(project, planned)
        a, b = found.changes
        assert (a.what, a.start, a.completed) == ("kept", ("2027-Q1", "2027-Q1"), ("2027-Q4", "2027-Q4"))
        assert (b.what, b.start) == ("stays", ("2028-Q1", "2028-Q1"))
        assert found.carried.vacant_m2 == {"any": 2.0} and project.asked[-1].vacant_m2 == {"any": 2.0}

    def test_two_quarters_late(self, project, planned):
        keep_plan(project, dataclasses.replace(planned, name="rolling"))
        project.store.append(
            [Draft("record", one, None, "SIGNED", "2027-08-01", "day", "actual") for one in ("a1", "a2")], by="x"
        )
        project.today = lambda: SUMMER
        found = replan(project, "rolling", changes={"name": "autumn"})
        a, b = found.changes
        assert (a.what, a.mode, a.start) == ("kept", ("GOV_ACQ",) * 2, ("2027-Q1", "2027-Q3"))
        assert a.reasons[0].code == "begun_late"
        assert (b.what, b.start, b.quarters) == ("moved", ("2028-Q1", "2028-Q3"), 2)
        assert [(one.code, one.values.get("name")) for one in b.reasons][-2:] == [("space", "any"), ("returns", "a")]
        assert (found.document.name, found.plan, found.moved) == ("autumn", "rolling", True)
        told = found.as_json()
        assert told["document"] == found.document.as_json() and told["carried"]["budget_wan"] == 20.0
        assert PlanDocument.from_json(told["document"]) == found.document

    def test_the_new_plan_can_be_adopted_where_the_old_one_no_longer_can(self, project, planned):
        old = dataclasses.replace(planned, ledger_line=project.store.head().seq)
        project.store.append([Draft("record", "a2", None, "SIGNED", "2027-08-01", "day", "actual")], by="x")
        project.today = lambda: SUMMER
        with pytest.raises(RegisterRefused, match="landgis plan replan"):
            adopt(project, old)
        done = adopt(project, replan(project, old).document)
        assert done.written["SIGNED"] == 3 and done.baseline == "tiny-2"


class TestOnAProject:
    """From the land of a project to the register and back: B2 waits for B1, which is vacated two quarters late."""

    @pytest.fixture
    def kept(self, tmp_path):
        project = make_project(tmp_path, renovation_mode=["GOV_ACQ"] * 6, tenure=["state_granted"] * 6)
        scenario = Scenario(
            "rolling", quarters=20, modes=("GOV_ACQ",), budget_wan=(20_000.0,), before=(Before("B1", "B2"),),
            vacant_m2={"ground": 50_000.0, "upper": 50_000.0}, industry_floor_m2=0.0, seconds=10.0, draws=0,
        )  # fmt: skip
        document = schedule_project(project, scenario)
        keep_plan(project, document)
        adopt(project, document)
        yield project, document
        project.store.close()

    def test_step_by_step(self, kept):
        project, document = kept
        b1, b2 = document.sites
        assert (b1.start_quarter, b2.start_quarter) == ("2027-Q1", later_name(b1.completed_quarter, 1))
        again = replan(project, "rolling")
        assert [change.what for change in again.changes] == ["stays", "stays"]
        project.today = lambda: datetime.date(2028, 3, 20)
        for parcel in b1.parcel_ids:
            walk(project, parcel, "IDENTIFIED", "PLANNED", "NEGOTIATED", "SIGNED", start="2026-12-01", gap_days=25)
            record(project, Entered(parcel, "VACATED", "2028-03-10"))
        assert adopt(project, document).already  # what it has not reached is planned as before
        found = replan(project, "rolling")
        first, second = found.changes
        slip = between(quarter_of(b1.vacated_quarter), datetime.date(2028, 3, 10))
        assert slip == 2 and first.completed[1] == later_name(b1.completed_quarter, slip)
        assert (first.what, first.mode[0], first.start) == ("kept", first.mode[1], ("2027-Q1", "2027-Q1"))
        assert [one.message.render() for one in first.reasons] == [
            f"vacated only on 2028-03-10, planned for {b1.milestones['VACATED']}"
        ]
        assert (second.what, second.start[1], second.quarters) == ("moved", later_name(b2.start_quarter, slip), slip)
        assert [one.message.render() for one in second.reasons] == [
            "it waits for B1, which is 2 quarters too late for that"
        ]
        assert found.document.quarters[-1] == document.quarters[-1]
        assert found.carried.vacant_m2["ground"] == pytest.approx(50_000 - b1.needs_m2["ground"])
        done = adopt(project, found.document)
        assert done.baseline == "rolling-2" and "VACATED" in done.written
        steps = planned_steps(Register(project), picture(Register(project), as_of=project.today()))
        wanted = {
            (parcel, step, day)
            for site in found.document.sites for parcel in site.parcel_ids for step, day in site.milestones.items()
            if not (site.begun and step in ("IDENTIFIED", "PLANNED", "NEGOTIATED", "SIGNED", "VACATED"))
        }  # fmt: skip
        assert set(steps[["parcel_id", "milestone", "planned_on"]].itertuples(index=False, name=None)) == wanted
        assert list(verify(project.store.entries())) == []


def later_name(quarter, by):
    return quarter_name(later(quarter_of(quarter), by))


def test_a_plan_on_another_basis(planned):
    basis = later_basis(datetime.date(2027, 10, 1), begun=-1)
    plan = plan_in(planned, basis)
    assert (plan.mode.tolist(), plan.start.tolist()) == ([0, 0], [-1, 1])
    none = plan_in(dataclasses.replace(planned, sites=()), later_basis(datetime.date(2027, 10, 1)))
    assert none.mode.tolist() == [-1, -1]
