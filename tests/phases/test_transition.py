"""The guards of an event: what it needs, what stands against it, and which days may lie where."""

import datetime

import pytest

from landgis.phases.ledger import Draft, seal_all
from tests.phases.made import LIFE, TODAY, codes, event, past, said

FALL = ("IDENTIFIED", "PLANNED", "NEGOTIATED", "SIGNED", "VACATED", "DEMOLISHED")


def up_to(step: str, *more, mode: str = "GOV_ACQ", **facts):
    """A history with the fall up to a step, one step a month from 2024-01-10 on, and more events behind it."""
    steps = FALL[: FALL.index(step) + 1]
    return past(mode, *(event(name, f"2024-{number:02}-10") for number, name in enumerate(steps, 1)), *more, **facts)


def text(verdict) -> str:
    return " | ".join(problem.render() for problem in verdict.problems)


# signing
def test_signing_is_refused_while_something_stands_against_it():
    blocked = said(event("SIGNED", "2024-05-01"), up_to("NEGOTIATED", blockers="查封（2023）永法执12号"))
    assert codes(blocked) == ["E-SIGN-BLOCKED"] and "查封（2023）永法执12号" in text(blocked)
    assert not said(event("SIGNED", "2024-05-01"), up_to("NEGOTIATED")).problems
    assert not said(event("SIGNED", "2024-05-01", kind="planned"), up_to("NEGOTIATED", blockers="mortgage")).problems
    assert not said(event("VACATED", "2024-05-01"), up_to("SIGNED", blockers="mortgage")).problems


def test_signing_against_a_blocker_is_taken_from_a_file_and_named():
    verdict = said(event("SIGNED", "2024-05-01"), up_to("NEGOTIATED", blockers="mortgage"), strict=False)
    assert not verdict.problems and verdict.gaps == ("sign_blockers",)


# what a step needs
@pytest.mark.parametrize("mode", ["GOV_ACQ", "GOV_SWAP", "SELF", "JOINT", "MSE_PARK", "VILLAGE", None])
def test_demolition_needs_an_empty_parcel(mode):
    refused = said(event("DEMOLISHED", "2024-09-01"), up_to("SIGNED", mode=mode))
    assert codes(refused) == ["E-PHASE-ORDER"] and "vacated" in text(refused)
    assert not said(event("DEMOLISHED", "2024-09-01"), up_to("VACATED", mode=mode)).problems


def test_a_grant_needs_cleared_land_where_that_is_on_the_path():
    for mode, needed in (("GOV_ACQ", True), ("MSE_PARK", True), ("GOV_SWAP", False), ("VILLAGE", False), (None, False)):
        verdict = said(event("GRANTED", "2024-09-01"), up_to("DEMOLISHED", mode=mode))
        assert codes(verdict) == (["E-PHASE-ORDER"] if needed else []), mode
    assert "not on the path of SELF" in text(said(event("GRANTED", "2024-09-01"), up_to("DEMOLISHED", mode="SELF")))


def test_the_plan_may_be_approved_late_but_not_after_demolition_is_built_upon():
    early = past("GOV_ACQ", *(event(step, f"2024-0{n}-01") for n, step in enumerate(
        ("IDENTIFIED", "NEGOTIATED", "SIGNED", "VACATED", "DEMOLISHED"), 1)))  # fmt: skip
    refused = said(event("CLEARED", "2024-09-01"), early)
    assert codes(refused) == ["E-PHASE-ORDER"] and "plan approved" in text(refused)
    assert not said(event("PLANNED", "2024-08-01"), early).problems
    early.add(event("CLEARED", "2024-09-01"), 6)
    assert codes(said(event("PLANNED", "2024-09-02"), early, strict=False)) == ["E-PHASE-ORDER"]
    assert not said(event("PLANNED", "2024-09-01"), early, strict=False).problems


def test_a_file_is_taken_with_its_gaps_named_in_the_order_of_the_path():
    verdict = said(event("CLEARED", "2024-09-01"), past("GOV_ACQ"), strict=False)
    assert not verdict.problems and verdict.gaps == ("PLANNED", "DEMOLISHED")
    assert len(said(event("CLEARED", "2024-09-01"), past("GOV_ACQ")).problems) == 2
    assert said(event("CLEARED", "2024-09-01"), up_to("DEMOLISHED"), strict=False).gaps == ()


def test_a_step_that_the_mode_does_not_have_is_refused_from_a_file_too():
    for strict in (True, False):
        verdict = said(event("DEMOLISHED", "2024-09-01"), past("RELET"), strict=strict)
        assert codes(verdict) == ["E-PHASE-PATH"] and "IDENTIFIED, NEGOTIATED, OPERATING" in text(verdict)


def test_evidence_is_asked_for_where_the_rules_want_it():
    rule = LIFE.milestones["SIGNED"]
    import dataclasses

    from landgis.phases.transition import judge

    life = dataclasses.replace(LIFE, milestones={**LIFE.milestones, "SIGNED": dataclasses.replace(rule, evidence_required=True)})  # fmt: skip
    bare, history = event("SIGNED", "2024-05-01"), up_to("NEGOTIATED")
    assert codes(judge(bare, history, life, today=TODAY.toordinal())) == ["E-EVIDENCE"]
    assert judge(bare, history, life, today=TODAY.toordinal(), strict=False).gaps == ("evidence",)
    assert not judge(bare._replace(evidence="协议.pdf"), history, life, today=TODAY.toordinal()).problems


# days
def test_nothing_happens_in_the_future_but_plans_do():
    tomorrow = TODAY + datetime.timedelta(1)
    for strict in (True, False):
        future = said(event("IDENTIFIED", tomorrow.isoformat()), past("SELF"), strict=strict)
        assert codes(future) == ["E-DATE-FUTURE"]
    assert not said(event("IDENTIFIED", TODAY.isoformat()), past("SELF")).problems
    for kind in ("planned", "forecast"):
        assert not said(event("IDENTIFIED", tomorrow.isoformat(), kind=kind), past("SELF")).problems


def test_a_month_is_in_the_future_only_when_it_has_not_begun():
    assert not said(event("IDENTIFIED", "2026-06"), past("SELF")).problems  # today is the 30th
    assert not said(event("IDENTIFIED", "2026"), past("SELF")).problems
    assert codes(said(event("IDENTIFIED", "2026-07"), past("SELF"))) == ["E-DATE-FUTURE"]
    assert codes(said(event("IDENTIFIED", "2027"), past("SELF"))) == ["E-DATE-FUTURE"]


@pytest.mark.parametrize(
    ("vacated", "demolished", "legal"),
    [
        ("2024-05-10", "2024-05-10", True), ("2024-05-10", "2024-05-09", False), ("2024-05-10", "2024-05", True),
        ("2024-05-31", "2024-05", True), ("2024-06-01", "2024-05", False), ("2024-05", "2024-05-01", True),
        ("2024-05", "2024-04-30", False), ("2024-05", "2024-04", False), ("2024-05", "2024-05", True),
        ("2024", "2024-01-01", True), ("2024", "2023-12-31", False), ("2024-12-31", "2024", True),
        ("2025-01-01", "2024", False), ("2024", "2024", True), ("2024-07", "2024", True), ("2025", "2024", False),
    ],
)  # fmt: skip
def test_only_what_surely_runs_backwards_is_refused(vacated, demolished, legal):
    """Both ways round: whichever is recorded first."""
    for first, second in (("VACATED", "DEMOLISHED"), ("DEMOLISHED", "VACATED")):
        days = {"VACATED": vacated, "DEMOLISHED": demolished}
        verdict = said(event(second, days[second]), past("GOV_ACQ", event(first, days[first])), strict=False)
        assert codes(verdict) == ([] if legal else ["E-PHASE-ORDER"])


def test_land_granted_and_building_begun_on_one_day():
    """拿地即开工: all on the day of the contract."""
    steps = ("GRANTED", "HANDED_OVER", "STARTED")
    history = up_to("DEMOLISHED", event("CLEARED", "2024-11-05"))
    for seq, step in enumerate(steps, 10):
        one = event(step, "2024-11-05")
        assert not said(one, history).problems, step
        history.add(one, seq)


def test_a_milestone_is_recorded_once_and_the_same_again_is_no_mistake():
    history = up_to("SIGNED")
    assert said(event("SIGNED", "2024-04-10"), history).already == 4
    assert said(event("SIGNED", "2024-04-10", note="another reason"), history).already == 4
    for other in ("2024-04-11", "2024-04", "2024"):
        again = said(event("SIGNED", other), history)
        assert codes(again) == ["E-EVENT-TWICE"] and again.already is None and "line 4" in text(again)
    assert said(event("SIGNED", "2024-04-10", kind="planned"), history).already is None


# plan, forecast and fact are kept apart
def test_plans_run_beside_the_facts():
    history = up_to("SIGNED")
    for kind in ("planned", "forecast"):
        assert not said(event("VACATED", "2023-01-01", kind=kind), history).problems  # long before the facts
        assert not said(event("REACHED", "2030-01-01", kind=kind), history).problems  # with nothing before it
        assert not said(event("SIGNED", "2022-01-01", kind=kind), history).problems
        assert codes(said(event("CLEARED", "2030-01-01", kind=kind), past("SELF"))) == ["E-PHASE-PATH"]
    history.add(event("VACATED", "2027-01-01", kind="planned"), 5)
    assert not said(event("VACATED", "2024-05-01"), history).problems
    assert codes(said(event("DEMOLISHED", "2026-12-31", kind="planned"), history)) == ["E-PHASE-ORDER"]
    assert not said(event("DEMOLISHED", "2026-12-31", kind="forecast"), history).problems
    assert said(event("VACATED", "2027-01-01", kind="planned"), history).already == 5
    assert not said(event("VACATED", "2027-02-01", kind="planned"), history).problems  # a new plan


# buildings
HALLS = ("B1", "B2")


def test_a_parcel_is_vacated_with_its_last_building():
    history = up_to("SIGNED", event("VACATED", "2024-05-01", "B1"), buildings=HALLS)
    refused = said(event("DEMOLISHED", "2024-09-01"), history)
    assert codes(refused) == ["E-PHASE-ORDER"] and "only 1 of 2 buildings" in text(refused)
    assert not said(event("DEMOLISHED", "2024-09-01", "B1"), history).problems
    assert codes(said(event("DEMOLISHED", "2024-09-01", "B2"), history)) == ["E-PHASE-ORDER"]
    assert codes(said(event("DEMOLISHED", "2024-04-30", "B1"), history)) == ["E-PHASE-ORDER"]
    history.add(event("VACATED", "2024-06-01", "B2"), 9)
    assert not said(event("DEMOLISHED", "2024-09-01"), history).problems
    assert codes(said(event("DEMOLISHED", "2024-05-20"), history)) == ["E-PHASE-ORDER"]  # before B2 was empty


def test_a_building_follows_what_is_recorded_for_the_whole_parcel():
    history = up_to("VACATED", buildings=HALLS)  # all empty on 2024-05-10
    assert not said(event("DEMOLISHED", "2024-05-10", "B1"), history).problems
    assert not said(event("VACATED", "2024-05-10", "B1"), history).problems  # the last one
    assert codes(said(event("VACATED", "2024-05-11", "B1"), history)) == ["E-PHASE-ORDER"]
    assert codes(said(event("VACATED", "2024-04-09", "B1"), history)) == ["E-PHASE-ORDER"]  # before the signing


def test_a_building_may_be_ahead_of_the_parcel_but_not_behind_it():
    """The parcel's day is that of its last building."""
    fallen = past("SELF", event("DEMOLISHED", "2024-06-10"), buildings=HALLS)
    assert codes(said(event("VACATED", "2024-06-11", "B1"), fallen, strict=False)) == ["E-PHASE-ORDER"]
    assert codes(said(event("VACATED", "2024-06-10", "B1"), fallen, strict=False)) == []
    assert codes(said(event("SIGNED", "2024-06-11"), fallen, strict=False)) == ["E-PHASE-ORDER"]
    empty = past("SELF", event("VACATED", "2024-06-10"), buildings=HALLS)
    assert codes(said(event("DEMOLISHED", "2024-06-01", "B1"), empty, strict=False)) == []
    begun = past("SELF", event("VACATED", "2024-06-10", "B1"), buildings=HALLS)
    assert codes(said(event("DEMOLISHED", "2024-06-01"), begun, strict=False)) == ["E-PHASE-ORDER"]
    torn = past("SELF", event("DEMOLISHED", "2024-06-01", "B1"), buildings=HALLS)
    assert codes(said(event("VACATED", "2024-06-10"), torn, strict=False)) == []  # B2 was the last
    assert codes(said(event("SIGNED", "2024-06-10"), torn, strict=False)) == ["E-PHASE-ORDER"]


def test_the_whole_parcel_is_not_ahead_of_its_buildings():
    history = up_to("SIGNED", event("VACATED", "2024-06-01", "B1"), buildings=HALLS)
    assert codes(said(event("VACATED", "2024-05-31"), history)) == ["E-PHASE-ORDER"]
    assert not said(event("VACATED", "2024-06-01"), history).problems


def test_a_building_that_is_not_on_the_parcel_is_refused():
    verdict = said(event("VACATED", "2024-09-01", "B9"), up_to("SIGNED", buildings=HALLS))
    assert codes(verdict) == ["E-BUILDING-UNKNOWN"] and "B1, B2" in text(verdict)
    assert not said(event("VACATED", "2024-09-01", "B9"), up_to("SIGNED")).problems  # nothing is known of its buildings
    new = up_to("DEMOLISHED", mode="SELF", buildings=HALLS)
    assert not said(event("STARTED", "2024-09-01", "N1"), new).problems  # a new one


@pytest.mark.parametrize("step", ["IDENTIFIED", "PLANNED", "NEGOTIATED", "SIGNED", "CLEARED", "GRANTED", "HANDED_OVER",
                                  "OPERATING", "REACHED", "PAUSED", "RESUMED", "WITHDRAWN"])  # fmt: skip
def test_what_happens_to_a_parcel_is_not_recorded_for_a_building(step):
    verdict = said(event(step, "2026-01-01", "B1"), past("GOV_ACQ", buildings=HALLS), strict=False)
    assert "E-LEVEL" in codes(verdict)
    assert "E-LEVEL" not in codes(said(event(step, "2026-01-01"), past("GOV_ACQ"), strict=False))


def test_new_buildings_rise_one_by_one():
    history = up_to("DEMOLISHED", mode="SELF", buildings=HALLS)
    for seq, (step, on, building) in enumerate(
        [("STARTED", "2024-07-01", "N1"), ("STARTED", "2024-08-01", "N2"), ("COMPLETED", "2024-09-01", "N1")], 10
    ):
        one = event(step, on, building)
        assert not said(one, history).problems, (step, building)
        history.add(one, seq)
    assert codes(said(event("COMPLETED", "2024-09-01", "N3"), history)) == []  # as all that were begun: N1 and N2
    refused = said(event("OPERATING", "2025-01-01"), history)
    assert codes(refused) == ["E-PHASE-ORDER"] and "only 1 of 2 buildings" in text(refused)
    history.add(event("COMPLETED", "2024-12-01", "N2"), 20)
    assert not said(event("OPERATING", "2025-01-01"), history).problems
    assert codes(said(event("OPERATING", "2024-11-01"), history)) == ["E-PHASE-ORDER"]


# beside the path
def test_a_pause_needs_a_reason():
    for side, before in (("PAUSED", []), ("WITHDRAWN", []), ("RESUMED", [event("PAUSED", "2024-02-01")])):
        history = past("SELF", *before)
        assert codes(said(event(side, "2024-03-01", note=None), history)) == ["E-REASON"]
        assert not said(event(side, "2024-03-01"), history).problems
        assert said(event(side, "2024-03-01", note=None), history, strict=False).gaps == ("reason",)


SIDE_ORDERS = {  # what may come next, by hand: a withdrawal ends a pause too, and can itself be taken back
    "": "PW", "P": "RW", "W": "R", "PR": "PW", "PW": "R", "WR": "PW", "PRP": "RW", "PRW": "R", "PWR": "PW", "WRW": "R",
}  # fmt: skip
LETTERS = {"P": "PAUSED", "R": "RESUMED", "W": "WITHDRAWN"}


@pytest.mark.parametrize("before", SIDE_ORDERS)
def test_which_side_step_may_follow_which(before):
    history = past("SELF", *(event(LETTERS[one], f"2024-0{n}-01") for n, one in enumerate(before, 1)))
    for letter, side in LETTERS.items():
        verdict = said(event(side, "2024-09-01"), history)
        assert codes(verdict) == ([] if letter in SIDE_ORDERS[before] else ["E-PHASE-SIDE"]), (before, side)


def test_side_steps_are_judged_in_the_order_of_their_days_however_they_are_recorded():
    history = past("SELF", event("PAUSED", "2024-02-01"), event("PAUSED", "2024-08-01"))  # as a file may begin
    assert codes(said(event("RESUMED", "2024-01-01"), history)) == ["E-PHASE-SIDE"]
    assert not said(event("RESUMED", "2024-05-01"), history).problems
    assert codes(said(event("PAUSED", "2024-03-01", kind="planned"), past("SELF"))) == ["E-PHASE-SIDE"]


@pytest.mark.parametrize("side", ["PAUSED", "WITHDRAWN"])
def test_nothing_happens_while_a_parcel_stands_still(side):
    still = up_to("SIGNED", event(side, "2024-05-01"))
    refused = said(event("VACATED", "2024-06-01"), still)
    assert codes(refused) == ["E-PHASE-STOPPED"] and "since 2024-05-01" in text(refused)
    assert not said(event("VACATED", "2024-05-01"), still).problems  # on that very day it may still have
    assert not said(event("VACATED", "2024-04-20"), still).problems  # before it
    assert not said(event("VACATED", "2024-05"), still).problems  # it is not sure that it was in the pause
    assert codes(said(event("VACATED", "2024-06"), still)) == ["E-PHASE-STOPPED"]
    still.add(event("RESUMED", "2024-07-01"), 9)
    assert codes(said(event("VACATED", "2024-06-30"), still)) == ["E-PHASE-STOPPED"]
    assert not said(event("VACATED", "2024-07-01"), still).problems
    assert not said(event("VACATED", "2026-07-01", kind="planned"), up_to("SIGNED", event(side, "2024-05-01"))).problems


def test_a_pause_does_not_swallow_what_is_recorded_already():
    history = up_to("SIGNED", event("VACATED", "2024-06-01"))
    refused = said(event("PAUSED", "2024-05-01"), history)
    assert codes(refused) == ["E-PHASE-STOPPED"] and "2024-06-01" in text(refused)
    assert not said(event("PAUSED", "2024-06-01"), history).problems
    assert not said(event("PAUSED", "2024-05"), up_to("SIGNED", event("VACATED", "2024-05-20"))).problems


def test_a_building_vacated_in_a_pause_counts_too():
    history = up_to("SIGNED", event("VACATED", "2024-06-01", "B1"), buildings=HALLS)
    assert codes(said(event("PAUSED", "2024-05-01"), history)) == ["E-PHASE-STOPPED"]


@pytest.mark.parametrize("building", [None, "B1"])
def test_demolition_cannot_be_undone_whichever_is_recorded_first(building):
    fallen = up_to("VACATED", event("DEMOLISHED", "2024-06-10", building), buildings=HALLS)
    for on in ("2024-06-10", "2024-07-01", "2026-01-01", "2024"):
        refused = said(event("WITHDRAWN", on), fallen)
        assert "E-PHASE-FINAL" in codes(refused) and "cannot be undone" in text(refused), on
    assert codes(said(event("WITHDRAWN", "2024-06-09"), fallen)) == ["E-PHASE-STOPPED"]  # it would fall in between
    gone = up_to("VACATED", event("WITHDRAWN", "2024-07-01"), event("RESUMED", "2024-08-01"), buildings=HALLS)
    for on in ("2024-06-01", "2024-07-01"):
        assert "E-PHASE-FINAL" in codes(said(event("DEMOLISHED", on, building), gone)), on
    assert not said(event("DEMOLISHED", "2024-08-01", building), gone).problems
    assert not said(event("PAUSED", "2024-07-01"), fallen).problems


def test_nothing_is_recorded_on_a_parcel_that_others_took_the_place_of():
    history = up_to("SIGNED")
    draft = Draft("replace", "P1", occurred_on="2024-05-01", precision="day", details='{"new":["P2","P3"]}')
    (history.replaced,) = seal_all([draft], {}, seq=4, prev="", at="2024-05-01T00:00:00.000000Z", by="x")
    for one in (
        event("VACATED", "2024-06-01"),
        event("PAUSED", "2024-06-01"),
        event("VACATED", "2027-06-01", kind="planned"),
    ):
        refused = said(one, history)
        assert codes(refused) == ["E-PARCEL-REPLACED"] and "P2, P3" in text(refused)


def test_all_that_is_wrong_is_said_at_once():
    history = up_to("NEGOTIATED", event("PAUSED", "2025-01-01"), blockers="mortgage", buildings=HALLS)
    assert codes(said(event("SIGNED", "2027-01-01", "B1"), history)) == [
        "E-DATE-FUTURE", "E-LEVEL", "E-PHASE-STOPPED", "E-SIGN-BLOCKED",
    ]  # fmt: skip
