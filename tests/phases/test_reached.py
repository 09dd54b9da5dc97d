"""When each parcel reached what: the arrays against the same ledger read line by line in plain Python."""

import datetime
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landgis.phases.curve import NEVER
from landgis.phases.ledger import GENESIS, Draft, Entry, packed, seal_all
from landgis.phases.lifecycle import CODES, NAMES
from landgis.phases.lines import COLUMNS, counting, extended, known_lines, lines_of
from landgis.phases.reached import land_arrays, only, reached
from landgis.phases.status import MEASURED, overdue, partial_shares, tally
from tests.phases.made import (
    FALLS,
    LIFE,
    RISES,
    SIDES,
    STEPS,
    Zone,
    day,
    have_to_fall,
    plain_figures,
    plain_reached,
)
from tests.phases.made import counting as counted_plainly

FIRST = datetime.date(2024, 1, 1)


def sealed(drafts, moments=None) -> list[Entry]:
    """Lines of a ledger, one a day from 2024-01-01 on, or at moments of their own."""
    lines, versions, prev = [], {}, GENESIS
    for number, draft in enumerate(drafts):
        at = moments[number] if moments else (FIRST + datetime.timedelta(number)).isoformat()
        lines += seal_all([draft], versions, seq=number, prev=prev, at=f"{at}T09:00:00.000000Z", by="x")
        prev = lines[-1].hash
    return lines


def rows(entries: list[Entry]):
    return lines_of([tuple(getattr(entry, name) for name in COLUMNS) for entry in entries])


def noted(parcel, step, on, building=None, kind="actual", **more) -> Draft:
    precision = {10: "day", 7: "month", 4: "year"}[len(on)]
    first = (on + "-01-01")[:10]
    return Draft("record", parcel, building, step, first, precision, kind, **more)


def changed(draft: Draft, line: int, action="correct", **more) -> Draft:
    return draft._replace(action=action, corrects=line, **more)


def asked(entries, zone: Zone, as_of="2030-01-01", known_on=None, kind="actual"):
    land = land_arrays(zone.tables())
    moment = None if known_on is None else np.datetime64(known_on, "us")
    return reached(rows(entries), land, LIFE, kind=kind, as_of=day(as_of), known_on=moment), land


def days(entries, zone, step, **more) -> list[str | None]:
    state, _ = asked(entries, zone, **more)
    found = state.day[:, CODES[step]]
    return [None if one == NEVER else datetime.date.fromordinal(int(one)).isoformat() for one in found]


TWO = Zone([("P1", "K1", "SELF", None, 2000.0), ("P2", "K1", "SELF", None, 4000.0)],
           [("B1", "P1", 100.0, 0, 1), ("B2", "P1", 300.0, 0, 1)])  # fmt: skip


def test_a_month_counts_from_its_end_but_a_fact_not_after_it_was_written_down():
    facts = sealed([noted("P1", "SIGNED", "2024-01"), noted("P2", "SIGNED", "2023-06")], ["2024-01-20", "2024-01-20"])
    assert days(facts, TWO, "SIGNED") == ["2024-01-20", "2023-06-30"]
    assert (
        days(sealed([noted("P1", "SIGNED", "2023"), noted("P2", "SIGNED", "2024-02")]), TWO, "SIGNED")[0]
        == "2023-12-31"
    )


@pytest.mark.parametrize("kind", ["planned", "forecast"])
def test_a_plan_for_a_month_is_late_only_after_it(kind):
    plan = sealed([noted("P1", "SIGNED", "2026-12", kind=kind), noted("P2", "SIGNED", "2027", kind=kind)])
    assert days(plan, TWO, "SIGNED", kind=kind) == ["2026-12-31", "2027-12-31"]


def test_a_parcel_has_a_step_with_the_last_of_its_buildings():
    lines = [noted("P1", "VACATED", "2024-03-01", "B1"), noted("P1", "VACATED", "2024-05-01", "B2")]
    assert days(sealed(lines[:1]), TWO, "VACATED") == [None, None]
    assert days(sealed(lines), TWO, "VACATED") == ["2024-05-01", None]
    whole = [*lines, noted("P1", "VACATED", "2024-06-01")]
    assert days(sealed(whole), TWO, "VACATED") == ["2024-06-01", None]  # what is said of the parcel goes first


def test_buildings_of_one_number_on_two_parcels_are_two():
    lines = sealed([noted("P1", "STARTED", "2024-03-01", "1#"), noted("P2", "STARTED", "2024-05-01", "1#")])
    assert days(lines, TWO, "STARTED") == ["2024-03-01", "2024-05-01"]
    stray = sealed([noted("P2", "DEMOLISHED", "2024-05-01", "B1"), noted("P2", "DEMOLISHED", "2024-05-01", "B2")])
    assert days(stray, TWO, "DEMOLISHED") == [None, None]  # B1 and B2 of P2 are others than those of P1


def test_a_corner_of_a_fallen_building_does_not_make_a_standing_one_new():
    zone = Zone(TWO.parcels, [("B1", "P1", 100.0, 1, 1), ("B1", "P2", 5.0, 1, 0), ("B3", "P2", 70.0, 0, 1)])
    lines = sealed([noted("P2", "VACATED", "2024-03-01", "B3"), noted("P1", "VACATED", "2024-04-01", "B1")])
    assert days(lines, zone, "VACATED") == ["2024-04-01", "2024-03-01"]


def test_the_last_plan_counts_also_after_an_older_one_was_corrected():
    plans = [noted("P1", "SIGNED", "2026-03-01", kind="planned"), noted("P1", "SIGNED", "2026-05-01", kind="planned")]
    lines = sealed([*plans, changed(plans[0], 1, note="typo")])
    assert days(lines, TWO, "SIGNED", kind="planned") == ["2026-05-01", None]


def test_a_pause_in_a_month_ends_with_a_resumption_in_it():
    lines = sealed(
        [noted("P1", "PAUSED", "2024-05"), noted("P1", "RESUMED", "2024-05-20")], ["2024-07-01", "2024-07-02"]
    )
    for as_of, resumed in (("2024-05-19", False), ("2024-05-20", True), ("2024-07-01", True)):
        state, _ = asked(lines, TWO, as_of=as_of)
        assert (state.side[0], state.resumed[0]) == (-1, resumed)
    again = [noted("P1", "PAUSED", "2024-05-01"), noted("P1", "RESUMED", "2024-05-20")]
    state, _ = asked(sealed([*again, changed(again[0], 1, occurred_on="2024-05-20")]), TWO)
    assert state.resumed[0]  # both on one day: as they were first recorded


def test_the_register_does_not_know_today_what_it_learns_tomorrow():
    lines = [noted("P1", "SIGNED", "2023-05-01"), noted("P2", "SIGNED", "2023-06-01")]
    entries = sealed([*lines, changed(lines[0], 1, occurred_on="2023-07-01"), changed(lines[1], 2, "cancel")])
    for at, wanted in enumerate([[None, None], ["2023-05-01", None], ["2023-05-01", "2023-06-01"],
                                 ["2023-07-01", "2023-06-01"], ["2023-07-01", None]]):  # fmt: skip
        moment = f"{(FIRST + datetime.timedelta(at - 1)).isoformat()}T09:00:00"
        assert days(entries, TWO, "SIGNED", known_on=moment) == wanted
        just_before = f"{(FIRST + datetime.timedelta(at)).isoformat()}T08:59:59.999999"
        assert days(entries, TWO, "SIGNED", known_on=just_before) == wanted
    assert known_lines(rows(entries), None) == 4 and known_lines(rows([]), np.datetime64("2030-01-01")) == 0


def test_a_clock_that_went_back_does_not_reorder_what_was_known():
    entries = sealed(
        [noted("P1", "SIGNED", "2023-05-01"), noted("P2", "SIGNED", "2023-06-01")], ["2024-05-02", "2024-05-01"]
    )
    assert days(entries, TWO, "SIGNED", known_on="2024-05-01T12:00") == [None, None]
    assert days(entries, TWO, "SIGNED", known_on="2024-05-02T12:00") == ["2023-05-01", "2023-06-01"]


LINEAGE = Zone([(f"P{number}", None, "SELF", None, 1000.0) for number in range(1, 6)])


def heirs(old: list[str], new: list[str], on: str) -> list[Draft]:
    return [
        *(Draft("replace", parcel, occurred_on=on, precision="day", details=packed({"new": new})) for parcel in old),
        *(Draft("create", parcel, occurred_on=on, precision="day", details=packed({"old": old})) for parcel in new),
    ]


def test_new_parcels_take_over_what_all_their_parents_had():
    lines = sealed([noted("P1", "SIGNED", "2024-02-01"), noted("P2", "SIGNED", "2024-03-01"),
                    noted("P1", "VACATED", "2024-04-01"), *heirs(["P1", "P2"], ["P3"], "2024-06-01"),
                    noted("P3", "VACATED", "2024-07-01"), *heirs(["P3"], ["P4", "P5"], "2024-09-01")])  # fmt: skip
    assert days(lines, LINEAGE, "SIGNED") == ["2024-02-01", "2024-03-01"] + ["2024-03-01"] * 3
    assert days(lines, LINEAGE, "VACATED") == ["2024-04-01", None] + ["2024-07-01"] * 3
    there = {"2024-05-31": [1, 1, 0, 0, 0], "2024-06-01": [0, 0, 1, 0, 0], "2024-08-31": [0, 0, 1, 0, 0],
             "2024-09-01": [0, 0, 0, 1, 1]}  # fmt: skip
    for as_of, wanted in there.items():
        assert asked(lines, LINEAGE, as_of=as_of)[0].exists.tolist() == wanted


def test_buildings_go_on_to_stand_on_the_new_parcel():
    zone = Zone(
        [("P1", None, "SELF", None, 1.0), ("P3", None, "SELF", None, 1.0)],
        [("B1", "P3", 10.0, 0, 1), ("B2", "P3", 20.0, 0, 1)],
    )
    lines = sealed([noted("P1", "VACATED", "2024-02-01", "B1"), *heirs(["P1"], ["P3"], "2024-06-01"),
                    noted("P3", "VACATED", "2024-08-01", "B2")])  # fmt: skip
    assert days(lines, zone, "VACATED") == [None, "2024-08-01"]


# random registers
@st.composite
def zones(draw) -> Zone:
    parcels = [
        (f"P{n}", draw(st.sampled_from([None, "K1", "K2"])), draw(st.sampled_from([None, *LIFE.modes])), None,
         float(draw(st.integers(1, 500)) * 2))
        for n in range(draw(st.integers(1, 6)))
    ]  # fmt: skip
    ids = st.sampled_from([row[0] for row in parcels])
    buildings = []
    for number in range(draw(st.integers(0, 6))):
        fallen, area = draw(st.integers(0, 1)), draw(st.sampled_from([None, 10.0, 20.5, 300.0]))
        where = draw(st.lists(ids, min_size=1, max_size=2, unique=True))
        buildings += [(f"B{number}", parcel, area, fallen, int(parcel == where[0])) for parcel in where]
    firms = draw(st.lists(st.tuples(ids, st.sampled_from(["E1", "E2", "E3"])), max_size=8, unique=True))
    return Zone(parcels, buildings, firms)


@st.composite
def ledgers(draw, zone: Zone) -> list[Entry]:
    """Any lines, legal or not: what the arrays make of them must be what the plain reading makes of them."""
    ids = st.sampled_from([row[0] for row in zone.parcels])
    built = st.sampled_from([None, None, None, "1#", *{row[0] for row in zone.buildings}])
    dates = st.integers(0, 500).map(lambda n: (FIRST + datetime.timedelta(n)).isoformat())
    steps = st.sampled_from([*STEPS, *FALLS * 2, *RISES, *SIDES])
    live: dict[int, Draft] = {}
    drafts: list[Draft] = []
    for seq in range(1, draw(st.integers(0, 25)) + 1):
        what = draw(st.sampled_from(["record"] * 6 + ["correct", "cancel", "lineage", "approve"]))
        root = draw(st.sampled_from(sorted(live))) if live else None
        if what in ("correct", "cancel") and root is not None:
            more = (
                {"occurred_on": draw(dates), "precision": "day"} if draw(st.booleans()) else {"milestone": draw(steps)}
            )
            drafts.append(changed(live[root], root, what, **(more if what == "correct" else {})))
            live[root] = drafts[-1]
            if what == "cancel":
                del live[root]
        elif what == "lineage" and len(zone.parcels) > 1:
            parcel, others = draw(ids), draw(st.lists(ids, min_size=1, max_size=2, unique=True))
            kind, key = draw(st.sampled_from([("replace", "new"), ("create", "old")]))
            others = [other for other in others if other != parcel] or ["P9"]
            if any(line.parcel_id == parcel and line.action in ("replace", kind) for line in drafts):
                kind, key = "import", "files"  # a parcel begins and ends once
            drafts.append(Draft(kind, parcel, occurred_on=draw(dates), precision="day", details=packed({key: others})))
        elif what == "approve" and root is not None:
            drafts.append(Draft("approve", live[root].parcel_id, corrects=root))
        else:
            cut, kind = (
                draw(st.sampled_from([10, 10, 7, 4])),
                draw(st.sampled_from(["actual", "actual", "planned", "forecast"])),
            )
            step = draw(steps)
            where = draw(built) if step in FALLS + RISES else None
            drafts.append(noted(draw(ids), step, draw(dates)[:cut], where, kind))
            live[seq] = drafts[-1]
    moments = [(FIRST + datetime.timedelta(draw(st.integers(0, 500)))).isoformat() for _ in drafts]
    return sealed(drafts, sorted(moments))


@st.composite
def cases(draw):
    zone = draw(zones())
    entries = draw(ledgers(zone))
    known = draw(st.integers(0, len(entries)))  # nothing is known before the first line, and all with the last
    while 0 < known < len(entries) and entries[known].recorded_at == entries[known - 1].recorded_at:
        known += 1
    return zone, entries, known, FIRST + datetime.timedelta(draw(st.integers(-10, 550)))


def moment_of(entries, known) -> np.datetime64:
    return np.datetime64(entries[known - 1].recorded_at[:-1] if known else "2000-01-01", "us")


@settings(max_examples=250, deadline=None)
@given(cases())
def test_any_register_is_read_as_line_by_line(case):
    zone, entries, known, as_of = case
    land, lines = land_arrays(zone.tables()), rows(entries)
    moment = moment_of(entries, known)
    assert known_lines(lines, moment) == known
    assert lines.seq[counting(lines, known)].tolist() == [entry.seq for entry in counted_plainly(entries[:known])]
    for kind in ("actual", "planned"):
        state = reached(lines, land, LIFE, kind=kind, as_of=as_of.toordinal(), known_on=moment)
        plain = plain_reached(entries, zone, as_of=as_of, kind=kind, known=known)
        for at, parcel in enumerate(land.parcel_ids):
            found = {name: int(one) for name, one in zip(NAMES, state.day[at], strict=True) if one != NEVER}
            assert found == {step: one.toordinal() for step, one in plain.day[parcel].items()}, (parcel, kind)
            assert state.exists[at] == (parcel in plain.there)
        for at, building in enumerate(land.building_ids):
            found = {name: int(one) for name, one in zip(NAMES, state.building_day[at], strict=True) if one != NEVER}
            assert found == {step: one.toordinal() for step, one in plain.of_building[building].items()}


@settings(max_examples=250, deadline=None)
@given(cases(), st.data())
def test_any_grouping_is_counted_as_one_by_one(case, data):
    zone, entries, known, as_of = case
    land = land_arrays(zone.tables())
    state = reached(rows(entries), land, LIFE, as_of=as_of.toordinal(), known_on=moment_of(entries, known))
    plain = plain_reached(entries, zone, as_of=as_of, known=known)
    group = np.array([data.draw(st.integers(-1, 2)) for _ in zone.parcels], dtype=np.int64)
    counted = tally(state, land, as_of=as_of.toordinal(), group=group, groups=3)
    for number in range(3):
        parcels = [parcel for parcel, of in zip(land.parcel_ids, group, strict=True) if of == number]
        wanted = plain_figures(plain, zone, parcels, as_of=as_of)
        unknown = {step: count for step, figures in wanted.items() if (count := figures.pop("unknown"))}
        assert counted.figures(number) == wanted
        assert counted.unknown(number) == unknown


@settings(max_examples=150, deadline=None)
@given(cases())
def test_what_is_late_and_what_is_in_part(case):
    zone, entries, known, as_of = case
    land = land_arrays(zone.tables())
    moment = moment_of(entries, known)
    state, plan = (
        reached(rows(entries), land, LIFE, kind=kind, as_of=as_of.toordinal(), known_on=moment)
        for kind in ("actual", "planned")
    )
    facts, plans = (plain_reached(entries, zone, as_of=as_of, kind=kind, known=known) for kind in ("actual", "planned"))
    wanted = sorted(
        (-(as_of - due).days, at, STEPS.index(step))
        for at, parcel in enumerate(land.parcel_ids)
        if parcel in facts.there and facts.side.get(parcel) != "WITHDRAWN"
        for step, due in plans.day[parcel].items()
        if due < as_of and facts.day[parcel].get(step, datetime.date.max) > as_of
    )
    found = overdue(plan.day, state, as_of=as_of.toordinal())
    assert [
        (-int(late), int(at), int(step))
        for at, step, late in zip(found.parcel, found.milestone, found.days, strict=True)
    ] == wanted
    assert (found.planned + found.days == as_of.toordinal()).all()
    for step in FALLS:
        shares = {}
        for at, (parcel, *_) in enumerate(zone.parcels):
            areas = {
                row[0]: row[2] for row in zone.buildings if row[1] == parcel and row[0] in have_to_fall(zone, parcel)
            }
            known_areas = {building: area for building, area in areas.items() if area is not None}
            done = [area for building, area in known_areas.items()
                    if facts.of_building[building].get(step, datetime.date.max) <= as_of]  # fmt: skip
            open_yet = facts.day[parcel].get(step, datetime.date.max) > as_of
            if done and open_yet and parcel in facts.there:
                shares[at] = sum(done) / sum(known_areas.values())
        partly = dict(partial_shares(state, land, step, as_of=as_of.toordinal()))
        assert partly.keys() == shares.keys()
        assert all(math.isclose(partly[at], shares[at]) for at in shares)


@settings(max_examples=100, deadline=None)
@given(cases(), st.data())
def test_part_of_the_land_is_read_as_in_the_whole(case, data):
    zone, entries, _, as_of = case
    land = land_arrays(zone.tables())
    chosen = np.array(sorted(data.draw(st.sets(st.integers(0, len(zone.parcels) - 1)))), dtype=np.int64)
    group = np.full(len(zone.parcels), -1)
    group[chosen] = 0
    if any(entry.action in ("create", "replace") for entry in entries):
        return  # parents outside the part are not there
    alone, whole = (
        tally(reached(rows(entries), one, LIFE, as_of=as_of.toordinal()), one, as_of=as_of.toordinal(), group=of)
        for one, of in ((only(land, chosen), None), (land, group))
    )
    assert np.array_equal(alone.parcels, whole.parcels) and np.allclose(alone.mu, whole.mu)
    assert alone.parcels.shape == (1, len(MEASURED))


@pytest.mark.parametrize("cuts", [[1], [0], [7], [2, 3, 9], [500]])
def test_lines_read_in_parts_are_those_read_at_once(cuts):
    rows = [
        (at + 1, *one)
        for at, one in enumerate(
            [("import", None, None, None, None, None, None, None, "2026-01-01T00:00:00.000000Z", "{}")]
            + [("record", f"P{n % 4}", f"F{n % 3}" if n % 2 else None, "SIGNED", f"2024-01-{n + 1:02d}", "day", "actual", None,
                f"2026-01-01T00:00:{(n * 7) % 60:02d}.000000Z", "{}") for n in range(9)]
            + [("correct", "P1", None, "SIGNED", "2024-02-01", "month", "actual", 3, "2026-01-02T00:00:00.000000Z", "{}"),
               ("replace", "P2", None, None, "2024-03-01", None, None, None, "2026-01-03T00:00:00.000000Z", '{"new": ["P9"]}')]
        )
    ]  # fmt: skip
    whole, parts = lines_of(rows), lines_of([])
    for start, stop in zip([0, *cuts], [*cuts, len(rows)], strict=True):
        parts = extended(parts, lines_of(rows[start:stop]))
    for name in whole.__dataclass_fields__:
        one, other = getattr(whole, name), getattr(parts, name)
        assert list(one) == list(other) if name != "lineage" else one == other, name
