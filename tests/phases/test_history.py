"""The history of one parcel: its lines with every correction taken in."""

import datetime

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from landgis.phases.history import Facts, History, Span, event_of, history, in_effect, inherit, parents_of, span_of
from landgis.phases.ledger import Draft
from landgis.store.base import standing
from tests.phases.made import (
    FALLS,
    RISES,
    STEPS,
    Zone,
    counting,
    day,
    days_of,
    event,
    have_to_fall,
    past,
    plain_reached,
)
from tests.phases.test_reached import cases, changed, noted, sealed


def spans(made: History, kind: str = "actual") -> dict:
    return {
        (building, step): (span.first, span.last)
        for building, track in made.tracks.get(kind, {}).items()
        for step, span in track.items()
    }


@pytest.mark.parametrize(
    ("on", "precision", "first", "last"),
    [
        ("2024-02-29", "day", "2024-02-29", "2024-02-29"), ("2024-02-01", "month", "2024-02-01", "2024-02-29"),
        ("2023-02-01", "month", "2023-02-01", "2023-02-28"), ("2023-12-01", "month", "2023-12-01", "2023-12-31"),
        ("2024-01-01", "year", "2024-01-01", "2024-12-31"), ("2024-05-05", None, "2024-05-05", "2024-05-05"),
    ],
)  # fmt: skip
def test_first_and_last_day(on, precision, first, last):
    assert span_of(on, precision) == (day(first), day(last))


def test_a_correction_takes_the_place_of_the_whole_line_and_of_earlier_corrections():
    wrong = noted("P1", "SIGNED", "2024-01-05", note="first")
    entries = sealed([wrong, noted("P1", "VACATED", "2024-03-01"), changed(wrong, 1, occurred_on="2024-01-15"),
                      changed(wrong, 1, occurred_on="2024-01", precision="month", note="third")])  # fmt: skip
    entries[3] = entries[3]._replace(occurred_on="2024-01-01")
    assert [(line.seq, line.root) for line in in_effect(entries)] == [(4, 1), (2, 2)]
    made = history(Facts("P1"), entries)
    assert spans(made) == {
        (None, "SIGNED"): span_of("2024-01-01", "month"),
        (None, "VACATED"): (day("2024-03-01"),) * 2,
    }
    assert made.own("actual", "SIGNED").seq == 1 and made.version == 4


def test_a_cancelled_event_is_as_if_it_had_never_been():
    lines = [noted("P1", "SIGNED", "2024-01-05"), noted("P1", "PAUSED", "2024-02-01")]
    made = history(Facts("P1"), sealed([*lines, changed(lines[1], 2, "cancel"), changed(lines[0], 1, "cancel")]))
    assert spans(made) == {} and made.sides == [] and made.version == 4
    assert in_effect([]) == [] and history(Facts("P1"), []).version == 0


def test_a_correction_may_make_of_an_event_another():
    line = noted("P1", "VACATED", "2024-01-05", "B1")
    made = history(
        Facts("P1"), sealed([line, changed(line, 1, milestone="DEMOLISHED", building_id=None, kind="planned")])
    )
    assert spans(made) == {} and spans(made, "planned") == {(None, "DEMOLISHED"): (day("2024-01-05"),) * 2}


def test_lines_that_are_no_events_count_only_as_versions():
    line = noted("P1", "SIGNED", "2024-01-05")
    made = history(Facts("P1"), sealed([line, Draft("approve", "P1", corrects=1)]))
    assert made.version == 2 and list(spans(made)) == [(None, "SIGNED")]


def test_the_newest_plan_counts_and_facts_keep_to_themselves():
    made = past("SELF", event("SIGNED", "2026-03-01", kind="planned"), event("SIGNED", "2026-05-01", kind="planned"),
                event("SIGNED", "2026-04-01"))  # fmt: skip
    assert made.own("planned", "SIGNED") == Span(day("2026-05-01"), day("2026-05-01"), 2)
    assert made.own("actual", "SIGNED").seq == 3 and made.own("forecast", "SIGNED") is None


def test_side_steps_stand_in_the_order_of_their_days():
    made = past("SELF", event("RESUMED", "2024-05-20"), event("PAUSED", "2024-05"), event("WITHDRAWN", "2024-05-20"))
    assert [side for _, side in made.sides] == ["PAUSED", "RESUMED", "WITHDRAWN"]
    made.add(event("PAUSED", "2020-01-01", kind="planned"), 9)
    assert len(made.sides) == 3


def test_an_event_can_be_taken_out_again():
    made = past("SELF", event("SIGNED", "2024-01-01"), event("PAUSED", "2024-02-01"), event("PAUSED", "2024-02-01"))
    made.remove(event("SIGNED", "2024-01-02"), 1)  # another one
    made.remove(event("PAUSED", "2024-02-01"), 2)
    assert made.own("actual", "SIGNED") and [span.seq for span, _ in made.sides] == [3]
    made.remove(event("SIGNED", "2024-01-01"), 1)
    made.remove(event("COMPLETED", "2024-01-01", "N1"), 7)
    assert spans(made) == {}


def test_all_of_its_buildings():
    made = past(
        "SELF", event("VACATED", "2024-03-01", "B1"), event("VACATED", "2024-05", "B2"), buildings=("B1", "B2", "B3")
    )
    assert made.reached("actual", "VACATED") is None
    made.add(event("VACATED", "2024-04-01", "B3"), 3)
    assert made.reached("actual", "VACATED") == Span(day("2024-05-01"), day("2024-05-31"), 0)
    made.add(event("STARTED", "2025-01-01", "N1"), 4)
    made.add(event("STARTED", "2025-02-01", "N2"), 5)
    made.add(event("COMPLETED", "2025-06-01", "N1"), 6)
    assert made.all_buildings("COMPLETED") == {"N1", "N2"} and made.all_buildings("VACATED") == {"B1", "B2", "B3"}
    assert made.reached("actual", "STARTED").first == day("2025-02-01") and made.reached("actual", "COMPLETED") is None
    made.add(event("COMPLETED", "2025-09-01"), 7)
    assert made.reached("actual", "COMPLETED").seq == 7
    assert (
        past("SELF", event("VACATED", "2024-03-01", "B1")).reached("actual", "VACATED") is None
    )  # how many are there?


def test_which_buildings_have_to_fall():
    assert standing([("B1", 0), ("B2", 0)]) == {"B1", "B2"}
    assert standing([("B1", 1), ("N1", 0)]) == {"B1"} and standing([]) == frozenset()


def test_a_new_parcel_goes_on_where_all_its_parents_were():
    one = past("SELF", event("SIGNED", "2024-01-01"), event("VACATED", "2024-03-01", "B1"), buildings=("B1",))
    other = past("SELF", event("SIGNED", "2024-02"), event("VACATED", "2024-02-15"), event("DEMOLISHED", "2024-04-01"))
    child = past("SELF", event("CLEARED", "2024-05-01"))
    inherit(child, [one, other])
    assert spans(child) == {
        (None, "SIGNED"): span_of("2024-02-01", "month"), (None, "VACATED"): (day("2024-03-01"),) * 2,
        (None, "CLEARED"): (day("2024-05-01"),) * 2,
    }  # fmt: skip
    own = past("SELF", event("SIGNED", "2025-01-01"))
    inherit(own, [one])
    assert own.own("actual", "SIGNED").first == day("2025-01-01")  # what is said of itself goes first
    lone = past("SELF")
    inherit(lone, [])
    assert spans(lone) == {}
    line = Draft("create", "P3", occurred_on="2024-06-01", precision="day", details='{"old":["P1","P2"]}')
    assert parents_of(sealed([line, noted("P3", "SIGNED", "2024-07-01")])) == ["P1", "P2"]


@settings(max_examples=200, deadline=None)
@given(cases(), st.data())
def test_what_judges_an_event_and_what_is_counted_agree(case, data):
    """The history of a parcel against the plain reading that the arrays are compared with."""
    zone, entries, _, as_of = case
    assume(not any(entry.action in ("replace", "create") for entry in entries))
    parcel = data.draw(st.sampled_from([row[0] for row in zone.parcels]))
    lines = [entry for entry in entries if entry.parcel_id == parcel]
    made = history(Facts(parcel, buildings=frozenset(have_to_fall(zone, parcel))), lines)
    here = Zone(zone.parcels, [row for row in zone.buildings if row[1] == parcel])
    plain = plain_reached(lines, here, as_of=as_of).day[parcel]
    assert [line.seq for line in in_effect(lines)] == [line.seq for line in counting(lines)]
    assert {step for step in STEPS if made.reached("actual", step)} == set(plain)
    for step in set(plain) - set(FALLS) - set(RISES):
        span = made.reached("actual", step)
        assert span.first <= plain[step].toordinal() <= span.last
    for line in counting(lines):
        first, last = (datetime.date.toordinal(one) for one in days_of(line))
        assert event_of(line)[:5] == (line.building_id, line.milestone, line.kind, first, last)
