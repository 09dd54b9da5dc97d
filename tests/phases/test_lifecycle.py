"""Every edge of the transition table against one that was written by hand from the domain brief §3.4 and the rule file."""

import datetime
import itertools
import random

import pytest

from landgis.phases.history import Event
from landgis.rules import load_rules
from landgis.tables import MILESTONES, SIDE_MILESTONES
from tests.phases.made import LIFE, SIDES, STEPS, codes, past, said

# What each step needs, read off the brief; a step that is not named is not on the path. PLANNED may come as late as
# DEMOLISHED where a mode demolishes, so nothing before CLEARED (or what takes its place) needs it.
FALL = {"NEGOTIATED": "IDENTIFIED", "SIGNED": "NEGOTIATED", "VACATED": "SIGNED", "DEMOLISHED": "VACATED"}
RISE = {"TOPPED_OUT": "STARTED", "COMPLETED": "STARTED", "OPERATING": "COMPLETED"}
BEGIN = {"IDENTIFIED": "", "PLANNED": "IDENTIFIED"}
SELLING = {"GRANTED": "CLEARED", "HANDED_OVER": "GRANTED", "STARTED": "HANDED_OVER"}
NEEDS = {
    "GOV_ACQ": BEGIN | FALL | {"CLEARED": "DEMOLISHED PLANNED"} | SELLING | RISE | {"REACHED": "OPERATING"},
    "GOV_SWAP": BEGIN | FALL | SELLING | {"GRANTED": "DEMOLISHED PLANNED"} | RISE,
    "SELF": BEGIN | FALL | {"STARTED": "DEMOLISHED PLANNED"} | RISE | {"REACHED": "OPERATING"},
    "ADD_STOREYS": BEGIN | {"STARTED": "PLANNED"} | RISE | {"REACHED": "OPERATING"},
    "JOINT": BEGIN | FALL | {"STARTED": "DEMOLISHED PLANNED"} | RISE | {"REACHED": "OPERATING"},
    "MSE_PARK": BEGIN | FALL | {"CLEARED": "DEMOLISHED PLANNED"} | SELLING | RISE | {"REACHED": "OPERATING"},
    "VILLAGE": {
        "IDENTIFIED": "", "PLANNED": "", "SIGNED": "", "VACATED": "SIGNED", "DEMOLISHED": "SIGNED VACATED",
        "GRANTED": "PLANNED SIGNED", "STARTED": "PLANNED SIGNED", **RISE, "REACHED": "OPERATING",
    },
    "REMEDIATE": BEGIN | {"STARTED": "PLANNED", "COMPLETED": "STARTED"},
    "RELET": {"IDENTIFIED": "", "NEGOTIATED": "IDENTIFIED", "OPERATING": "NEGOTIATED"},
}  # fmt: skip
NEEDS = {mode: {step: set(needed.split()) for step, needed in table.items()} for mode, table in NEEDS.items()}
MODES = tuple(NEEDS)
FLOATS = {"NEGOTIATED", "SIGNED", "VACATED", "DEMOLISHED"}  # PLANNED lies anywhere among these


def comes_before(mode: str | None, step: str, other: str) -> bool:
    """Whether `other` on an earlier day than `step` is wrong; where the mode is unknown, if it is in all that have both."""
    if mode is None:
        having = [one for one in MODES if step in NEEDS[one] and other in NEEDS[one]]
        return bool(having) and all(comes_before(one, step, other) for one in having)
    if step not in NEEDS[mode] or other not in NEEDS[mode] or {"PLANNED"} < {step, other} <= FLOATS | {"PLANNED"}:
        return False
    return STEPS.index(step) < STEPS.index(other)


def needs(mode: str | None, step: str) -> list[set[str]]:
    """The alternatives, one of which has to be recorded."""
    return [NEEDS[one][step] for one in ([mode] if mode else MODES) if step in NEEDS[one]]


def may_follow(mode: str | None, state: frozenset[str], step: str) -> bool:
    """The oracle: may a step be typed in, on a later day than all of `state`?"""
    there = any(needed <= state for needed in needs(mode, step))
    return there and step not in state and not any(comes_before(mode, step, other) for other in state)


def states(mode: str) -> set[frozenset[str]]:
    """All that can be reached by typing in one step after the other."""
    found, new = set(), {frozenset[str]()}
    while new:
        found |= new
        new = {state | {step} for state in new for step in NEEDS[mode] if may_follow(mode, state, step)} - found
    return found


def on(number: int) -> int:
    return datetime.date(2024, 1, 1).toordinal() + number


def step_on(step: str, number: int) -> Event:
    return Event(None, step, "actual", on(number), on(number), "reason")


def recorded(mode: str | None, state: frozenset[str], numbers=itertools.count):
    """A history of one step a day, in an order in which they may follow."""
    return past(mode, *(step_on(step, number) for number, step in zip(numbers(), in_order(mode, state), strict=False)))


def in_order(mode: str | None, state) -> list[str]:
    return sorted(state, key=STEPS.index)  # the brief's order is one of the legal ones


def test_the_hand_made_table_covers_the_rule_file():
    assert set(MODES) == set(load_rules("yongkang-draft").modes)
    assert set(STEPS) == set(MILESTONES) - set(SIDE_MILESTONES) and set(SIDES) == set(SIDE_MILESTONES)
    assert [len(states(mode)) for mode in ("RELET", "REMEDIATE", "ADD_STOREYS")] == [4, 5, 11]
    # GOV_ACQ: nothing; IDENTIFIED to DEMOLISHED with and without PLANNED; CLEARED to STARTED; TOPPED_OUT; the last three,
    # with and without it
    assert len(states("GOV_ACQ")) == 1 + 2 * 5 + 4 + 1 + 2 * 3


@pytest.mark.parametrize("mode", [*MODES, None])
def test_every_step_after_every_state_that_can_be_reached(mode):
    reachable = set().union(*(states(one) for one in MODES)) if mode is None else states(mode)
    legal = illegal = 0
    for state in reachable:
        history = recorded(mode, state)
        for step in STEPS:
            verdict = said(step_on(step, 100), history)
            expected = may_follow(mode, state, step)
            assert (not verdict.problems) == expected, (mode, sorted(state), step, codes(verdict))
            assert verdict.already is None and verdict.gaps == ()
            legal, illegal = legal + expected, illegal + (not expected)
    assert legal >= len(reachable) - len(MODES) and illegal > legal


@pytest.mark.parametrize("mode", [*MODES, None])
def test_the_refusal_names_its_rule(mode):
    for state in states(mode or "GOV_ACQ"):
        for step in STEPS:
            found = codes(said(step_on(step, 100), recorded(mode, state)))
            if mode and step not in NEEDS[mode]:
                assert found == ["E-PHASE-PATH"]
            elif step in state:
                backwards = any(comes_before(mode, step, other) for other in state)
                assert found == (["E-EVENT-TWICE", "E-PHASE-ORDER"] if backwards else ["E-EVENT-TWICE"])
            else:
                assert found == ([] if may_follow(mode, state, step) else ["E-PHASE-ORDER"])


@pytest.mark.parametrize("mode", [*MODES, None])
def test_every_pair_of_days(mode):
    """Two steps, one on day 10: the other is a fault on the wrong side of it, and never on the same day."""
    for first, second in itertools.permutations(STEPS, 2):
        if mode and not {first, second} <= set(NEEDS[mode]):
            continue
        history = past(mode, step_on(first, 10))
        for number in (9, 10, 11):
            verdict = said(step_on(second, number), history, strict=False)
            wrong = (number < 10 and comes_before(mode, first, second)) or (
                number > 10 and comes_before(mode, second, first)
            )
            assert codes(verdict) == (["E-PHASE-ORDER"] if wrong else []), (mode, first, second, number)


@pytest.mark.parametrize("mode", [*MODES, None])
def test_any_subset_of_the_steps_and_its_gaps(mode):
    """Histories from files have holes: typed in, a step wants what is missing; in a file it is taken and the hole named."""
    draw, seen = random.Random(str(mode)), set()
    for _ in range(400):
        state = frozenset(step for step in NEEDS.get(mode, STEPS) if draw.random() < 0.5)
        step = draw.choice(sorted(set(NEEDS.get(mode, STEPS)) - state) or [""])
        if not step or any(comes_before(mode, step, other) for other in state):
            continue
        missing = min((sorted(needed - state) for needed in needs(mode, step)), key=len)
        typed, read = (said(step_on(step, 100), recorded(mode, state), strict=strict) for strict in (True, False))
        assert codes(typed) == (["E-PHASE-ORDER"] if missing else [])
        assert len(typed.problems) == len(missing) and typed.gaps == ()
        assert not read.problems and len(read.gaps) == len(missing)
        if mode:  # where it is unknown, several alternatives may lack as few
            assert sorted(read.gaps) == missing
        seen.add(len(missing))
    assert {0, 1} <= seen


def test_renovated_means_demolished_or_the_end_of_what_demolishes_nothing():
    wanted = dict.fromkeys(MODES, "DEMOLISHED") | {"ADD_STOREYS": "COMPLETED", "REMEDIATE": "COMPLETED"}
    wanted |= {"RELET": "OPERATING"}
    assert {mode: LIFE.renovated_by(mode) for mode in MODES} == wanted
    assert LIFE.renovated_by(None) == LIFE.renovated_by("NEW_MODE") == "DEMOLISHED"


def test_a_mode_that_the_rules_do_not_have_is_an_unknown_one():
    assert LIFE.path("NEW_MODE") is LIFE.path(None)
