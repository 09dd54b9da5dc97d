"""The board's figures, counted again another way: month by month from the exported table, and line by line."""

import calendar
import datetime
import random

import numpy as np
import pandas as pd
import pytest

from landgis.errors import InputRefused
from landgis.phases.ledger import Draft, packed
from landgis.workflow.export import phases_table
from landgis.workflow.progress import MEASURES, Question, progress
from landgis.workflow.recording import Change, cancel, correct, record
from landgis.workflow.register import Register
from landgis.workflow.themes import PHASES as THEME_PHASES
from landgis.workflow.trend import (
    FOLDS,
    blocks_beside,
    changes,
    overdue_steps,
    pace,
    phases_by_month,
    picture,
)
from tests.phases.made import STEPS, Clock, Zone, entered, opened, plain_reached

PHASES = FOLDS["step"][0]
AS_OF = datetime.date(2025, 5, 17)
BLOCKS = [("K1", "甲", "A", None, None, 1.0, None), ("K2", "乙", "B", None, None, 1.0, None)]


def made(seed: int):
    """A register of twelve parcels with facts, plans, pauses, a withdrawal, a split; days in 2024 and 2025."""
    rng = random.Random(seed)
    names = [f"P{number}" for number in range(12)]
    zone = Zone(
        parcels=[(name, rng.choice(["K1", "K2", None]), rng.choice(["SELF", "RELET", None]), None, float(rng.randrange(500, 9000)))
                 for name in names] + [("N1", "K1", "SELF", None, 100.0), ("N2", "K2", "SELF", None, 200.0)],
        buildings=[(f"B{n}", rng.choice(names), rng.choice([100.0, 250.5, None]), 0, 1) for n in range(15)],
        occupants=sorted({(rng.choice(names), f"E{rng.randrange(8)}") for _ in range(25)}),
        blocks=BLOCKS,
    )  # fmt: skip
    start = datetime.date(2024, 1, 1)

    def some_day() -> str:
        return (start + datetime.timedelta(rng.randrange(700))).isoformat()

    drafts = []
    for name in names:
        for kind in ("actual", "planned"):
            for step in rng.sample(STEPS, rng.randrange(9)):
                drafts.append(Draft("record", name, None, step, some_day(), "day", kind))
    for name in rng.sample(names, 3):
        drafts.append(Draft("record", name, None, rng.choice(["PAUSED", "WITHDRAWN"]), some_day(), "day", "actual"))
    on = some_day()
    drafts.append(Draft("replace", "P0", occurred_on=on, details=packed({"new": ["N1", "N2"], "reason": "split"})))
    drafts += [
        Draft("create", new, occurred_on=on, details=packed({"old": ["P0"], "reason": "split"})) for new in ("N1", "N2")
    ]
    project = opened(zone, clock=Clock(datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)))
    project.store.append(drafts, by="x")
    return project, zone


def month_ends_of(first: datetime.date, last: datetime.date):
    year, month = first.year, first.month
    while (year, month) <= (last.year, last.month):
        yield datetime.date(year, month, calendar.monthrange(year, month)[1])
        year, month = year + month // 12, month % 12 + 1


def figures_by_phase(table: pd.DataFrame, zone: Zone, phase: str) -> dict[str, float]:
    """The four measures of one phase of an exported table, from the rows of the zone."""
    mine = set(table.index[table["phase"].isna()] if phase == "" else table.index[table["phase"] == phase])
    floor: dict[str, list] = {parcel: [] for parcel in mine}
    for _, parcel, area, _, _ in zone.buildings:
        if parcel in mine:
            floor[parcel].append(area)
    return {
        "parcels": len(mine),
        "mu": sum(row[4] for row in zone.parcels if row[0] in mine) * 3 / 2000,
        "floor_area_m2": sum(sum(areas) for areas in floor.values() if None not in areas),
        "occupants": len({firm for parcel, firm in zone.occupants if parcel in mine}),
    }


def stack_at(found, day: datetime.date) -> dict[str, float]:
    return dict(zip(found.phases, found.amount[found.at.tolist().index(day.toordinal())], strict=True))


@pytest.mark.parametrize("seed", range(12))
def test_past_months_are_what_the_exported_table_counts(seed):
    project, zone = made(seed)
    register = Register(project)
    seen = picture(register, as_of=AS_OF)
    stacks = {measure: phases_by_month(seen, measure=measure, by="step") for measure in MEASURES}
    days = [datetime.date.fromordinal(day) for day in stacks["mu"].at.tolist()]
    assert AS_OF in days and set(month_ends_of(min(days), AS_OF)) <= {*days, datetime.date(2025, 5, 31)}
    for day in (day for day in days if day <= AS_OF):
        status = register.status(as_of=day)
        table = phases_table(status, seen.plan.day)
        for phase in PHASES:
            wanted = figures_by_phase(table, zone, phase)
            for measure in MEASURES:
                assert stack_at(stacks[measure], day)[phase] == pytest.approx(wanted[measure], abs=1e-9), (day, phase)


@pytest.mark.parametrize("seed", range(12))
def test_coming_months_go_on_by_the_plan_and_never_back(seed):
    project, zone = made(seed)
    seen = picture(Register(project), as_of=AS_OF)
    entries = list(project.store.entries())
    facts = plain_reached(entries, zone, as_of=AS_OF)
    plans = plain_reached(entries, zone, as_of=AS_OF, kind="planned")
    split = next(datetime.date.fromisoformat(entry.occurred_on) for entry in entries if entry.action == "replace")
    stack = phases_by_month(seen, measure="parcels", by="step")
    for at in stack.at[stack.at > AS_OF.toordinal()].tolist():
        day = datetime.date.fromordinal(at)
        counts = dict.fromkeys(PHASES, 0)
        for parcel in (row[0] for row in zone.parcels):
            if (parcel == "P0" and day >= split) or (parcel in ("N1", "N2") and day < split):
                continue
            known = {step: on for step, on in facts.day[parcel].items() if on <= AS_OF}
            last = max((on, STEPS.index(step)) for step, on in known.items())[1] if known else -1
            furthest = max((STEPS.index(step) for step in known), default=-1)
            plan = {} if facts.side.get(parcel) == "WITHDRAWN" else plans.day[parcel]
            coming = [STEPS.index(step) for step, on in plan.items() if AS_OF < on <= day]
            beyond = [step for step in coming if step > furthest]
            counts[PHASES[max(beyond, default=last) + 1]] += 1
        assert stack_at(stack, day) == counts, day


@pytest.mark.parametrize("seed", range(4))
def test_classes_of_the_map_are_steps_put_together(seed):
    project, zone = made(seed)
    register = Register(project)
    seen = picture(register, as_of=AS_OF)
    status = register.status(as_of=AS_OF)
    table = phases_table(status, seen.plan.day)
    classes = {key: set(steps) or {""} for key, steps in THEME_PHASES.items()}
    assert set().union(*classes.values()) == set(PHASES)
    for measure in MEASURES:
        stack = phases_by_month(seen, measure=measure)
        for key, steps in classes.items():
            folded = table.assign(
                phase=[key if ("" if pd.isna(one) else one) in steps else "other" for one in table["phase"]]
            )
            wanted = figures_by_phase(folded, zone, key)[measure]
            assert stack_at(stack, AS_OF)[key] == pytest.approx(wanted, abs=1e-9)


def test_a_block_has_its_own_stack_and_the_blocks_make_the_zone():
    project, _ = made(3)
    seen = picture(Register(project), as_of=AS_OF)
    for measure in ("parcels", "mu", "floor_area_m2"):
        beside = blocks_beside(seen, measure=measure)
        whole = phases_by_month(seen, measure=measure)
        assert np.sum([block.phases for block in beside], axis=0) == pytest.approx(
            list(stack_at(whole, AS_OF).values())
        )
        for block in beside[:-1]:
            own = phases_by_month(seen, measure=measure, block=block.block_id)
            assert block.phases == pytest.approx(list(stack_at(own, AS_OF).values()))
    with pytest.raises(InputRefused, match="there is no block K7"):
        phases_by_month(seen, measure="mu", block="K7")


SMALL = Zone(
    parcels=[("P1", "K1", "GOV_ACQ", None, 2000.0), ("P2", "K1", "SELF", None, 4000.0), ("P3", None, "RELET", None, 1000.0)],
    buildings=[("B1", "P1", 1000.0, 0, 1), ("B2", "P2", None, 0, 1)],
    occupants=[("P1", "E1"), ("P2", "E1"), ("P2", "E2"), ("P3", "E3")],
    blocks=BLOCKS,
)  # fmt: skip


@pytest.fixture
def small():
    project = opened(SMALL)
    for parcel, step, on in (("P1", "IDENTIFIED", "2024-01-10"), ("P1", "SIGNED", "2024-02-29"), ("P2", "IDENTIFIED", "2024-02-01"),
                             ("P2", "VACATED", "2024-04-30"), ("P2", "DEMOLISHED", "2024-05-06")):  # fmt: skip
        project.store.append([Draft("record", parcel, None, step, on, "day", "actual")], by="x")
    for parcel, step, on in (("P1", "VACATED", "2024-05-01"), ("P1", "DEMOLISHED", "2024-06-30"), ("P2", "DEMOLISHED", "2024-04-06"),
                             ("P3", "OPERATING", "2024-05-04")):  # fmt: skip
        project.store.append([Draft("record", parcel, None, step, on, "day", "planned")], by="x")
    return project


def test_the_stack_by_hand(small):
    seen = picture(Register(small), as_of=datetime.date(2024, 5, 10))
    stack = phases_by_month(seen, measure="mu", by="step")
    assert [datetime.date.fromordinal(day).isoformat() for day in stack.at.tolist()] == [
        "2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30", "2024-05-10", "2024-05-31", "2024-06-30"]  # fmt: skip
    shown = {phase: stack.amount[:, at].tolist() for at, phase in enumerate(PHASES) if stack.amount[:, at].any()}
    assert shown == {  # P1 3 mu, P2 6 mu, P3 1.5 mu; P1 and P3 are late, so only the demolition of P1 is to come
        "": pytest.approx([7.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5]), "IDENTIFIED": pytest.approx([3, 6, 6, 0, 0, 0, 0]),
        "SIGNED": pytest.approx([0, 3, 3, 3, 3, 3, 0]), "VACATED": pytest.approx([0, 0, 0, 6, 0, 0, 0]),
        "DEMOLISHED": pytest.approx([0, 0, 0, 0, 6, 6, 9]),
    }  # fmt: skip
    assert phases_by_month(seen, measure="floor_area_m2").unknown.tolist() == [1] * 7  # B2 of P2


def test_a_measure_that_nothing_is_counted_from_is_unknown():
    project = opened(Zone(parcels=SMALL.parcels, blocks=BLOCKS))
    seen = picture(Register(project), as_of=AS_OF)
    for measure in ("floor_area_m2", "occupants"):
        stack = phases_by_month(seen, measure=measure)
        assert np.isnan(stack.amount).all() and stack.unknown.tolist() == [3] * len(stack.at)
        assert all(np.isnan(block.renovated_share) for block in blocks_beside(seen, measure=measure))


def test_blocks_by_hand(small):
    seen = picture(Register(small), as_of=datetime.date(2024, 5, 10))
    first, second, none = blocks_beside(seen, measure="mu", milestone="DEMOLISHED")
    assert (first.block_id, first.name, first.name_en, first.parcels) == ("K1", "甲", "A", 2)
    assert first.reached["IDENTIFIED"] == {"parcels": 2, "mu": 9.0, "floor_area_m2": 1000.0, "occupants": 2}
    assert first.renovated_share == pytest.approx(6 / 9)
    assert (first.overdue_steps, first.overdue_parcels) == (1, 1)  # P1 was to be vacated on 1 May
    assert (second.block_id, second.parcels, second.overdue_steps) == ("K2", 0, 0)
    assert np.isnan(second.renovated_share) and np.isnan(second.spi_t)
    assert (none.block_id, none.parcels, none.overdue_steps) == (None, 1, 1)
    whole = progress(
        Register(small), Question(datetime.date(2024, 5, 10), milestone="DEMOLISHED", measure="mu", block="K1")
    )
    assert first.spi_t == pytest.approx(whole.schedule.schedule.spi_t)
    # 6 of 9 mu are what the plan has from April until the end of May; 10 days of May have passed
    assert first.spi_t == pytest.approx(2 / (1 + 10 / 31))


def test_what_is_late_the_latest_first(small):
    seen = picture(Register(small), as_of=datetime.date(2024, 5, 10))
    late = overdue_steps(seen)
    assert late.fillna("-").to_dict("records") == [
        {"parcel_id": "P1", "block_id": "K1", "milestone": "VACATED", "planned_on": "2024-05-01", "overdue_days": 9},
        {"parcel_id": "P3", "block_id": "-", "milestone": "OPERATING", "planned_on": "2024-05-04", "overdue_days": 6},
    ]
    assert overdue_steps(seen, block="K2").empty and list(overdue_steps(seen, block="K1")["parcel_id"]) == ["P1"]


def test_pace_by_month_and_by_week(small):
    seen = picture(Register(small), as_of=datetime.date(2024, 5, 10))
    monthly = pace(seen, measure="mu", milestone="IDENTIFIED", count=5)
    assert [datetime.date.fromordinal(day).isoformat() for day in monthly.start.tolist()] == [
        "2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01", "2024-05-01"]  # fmt: skip
    assert (monthly.amount.tolist(), monthly.running) == ([3, 6, 0, 0, 0], True)
    assert not pace(picture(Register(small), as_of=datetime.date(2024, 4, 30)), measure="mu").running
    weekly = pace(seen, measure="parcels", milestone="DEMOLISHED", period="week", count=2)
    assert [datetime.date.fromordinal(day).isoformat() for day in weekly.start.tolist()] == ["2024-04-29", "2024-05-06"]
    assert (weekly.amount.tolist(), weekly.running) == ([0, 1], True)
    floor = pace(seen, measure="floor_area_m2", milestone="DEMOLISHED", count=1)
    assert (floor.amount.tolist(), floor.unknown.tolist()) == ([0], [1])


def test_news_between_two_days(small):
    register = Register(small)
    first, last = (picture(register, as_of=datetime.date(2024, *day)) for day in ((2, 1), (5, 10)))
    news = changes(first, last)
    assert list(news.columns) == ["parcel_id", "block_id", "milestone", "change", "was", "day"]
    assert list(zip(news["parcel_id"], news["milestone"], news["change"], news["day"], strict=True)) == [
        ("P2", "DEMOLISHED", "reached", "2024-05-06"), ("P2", "VACATED", "reached", "2024-04-30"),
        ("P1", "SIGNED", "reached", "2024-02-29")]  # fmt: skip
    assert changes(last, last).empty and changes(first, last, block="K2").empty


def test_news_since_a_moment_have_what_was_recorded_late_corrected_and_taken_back():
    clock = Clock(datetime.datetime(2026, 6, 1, 9, tzinfo=datetime.UTC))
    project = opened(SMALL, clock=clock)
    lines = [
        *record(project, entered("P1", "IDENTIFIED", "2026-05-01")),
        *record(project, entered("P2", "IDENTIFIED", "2026-05-02")),
    ]
    clock.pass_by(days=2)
    correct(project, Change(lines[0].seq, "occurred_on", "2026-05-01", "2026-05-03", "typing error"))
    cancel(project, lines[1].seq, old="2026-05-02", why="another parcel was meant")
    record(project, entered("P3", "IDENTIFIED", "2026-05-04"))
    record(project, entered("P1", "PAUSED", "2026-06-02"))
    register = Register(project)
    told = picture(register, as_of=datetime.date(2026, 6, 1), known_on=np.datetime64("2026-06-01T23:59:59"))
    news = changes(told, picture(register, as_of=datetime.date(2026, 6, 3)))
    rows = [
        tuple(None if pd.isna(one) else one for one in row)
        for row in news.drop(columns="block_id").itertuples(index=False)
    ]
    assert rows == [
        ("P1", "PAUSED", "reached", None, "2026-06-02"),
        ("P3", "IDENTIFIED", "reached", None, "2026-05-04"),
        ("P1", "IDENTIFIED", "moved", "2026-05-01", "2026-05-03"),
        ("P2", "IDENTIFIED", "taken_back", "2026-05-02", None),
    ]


def test_news_say_once_that_a_parcel_became_others():
    project, _ = made(0)
    register = Register(project)
    on = next(datetime.date.fromisoformat(e.occurred_on) for e in project.store.entries() if e.action == "replace")
    before, after = (picture(register, as_of=on - datetime.timedelta(days)) for days in (1, 0))
    news = changes(before, after)
    lineage = news[news["milestone"].isna()]
    assert set(zip(lineage["parcel_id"], lineage["change"], lineage["day"], strict=True)) == {
        ("P0", "replaced", on.isoformat()), ("N1", "created", on.isoformat()), ("N2", "created", on.isoformat())}  # fmt: skip
    assert not set(news["parcel_id"][news["milestone"].notna()]) & {"P0", "N1", "N2"}
