"""How much had reached what by a day: by hand on a small zone, and the same bytes for a past day for ever."""

import contextlib
import datetime
import itertools
import random

import numpy as np
import orjson
import pytest

from landgis.errors import RegisterRefused
from landgis.phases.ledger import Draft, packed
from landgis.phases.status import MEASURED
from landgis.roles import Actor
from landgis.store.local import LocalStore
from landgis.store.memory import MemoryStore
from landgis.workflow.project import Project
from landgis.workflow.recording import Change, cancel, correct, record
from landgis.workflow.register import Register
from tests.phases.made import (
    FALLS,
    LIFE,
    RISES,
    STEPS,
    TODAY,
    Clock,
    Zone,
    counting,
    entered,
    opened,
    plain_figures,
    plain_reached,
)

# 老长城 in small: 1 mu is 2000/3 m²
SMALL = Zone(
    parcels=[("P1", "K1", "GOV_ACQ", None, 2000.0), ("P2", "K1", "SELF", None, 4000.0), ("P3", None, "RELET", None, 1000.0),
             ("P4", "K9", None, None, 600.0), ("P5", None, None, None, 400.0)],
    buildings=[("B1", "P1", 1000.0, 0, 1), ("B2", "P1", 500.0, 0, 1), ("B2", "P2", 20.0, 0, 0), ("B3", "P2", None, 0, 1),
               ("B4", "P3", 800.0, 0, 1), ("B5", "P2", 700.0, 1, 1), ("N1", "P2", 9000.0, 0, 1)],
    occupants=[("P1", "E1"), ("P1", "E2"), ("P2", "E1"), ("P3", "E3"), ("P2", "E4")],
    blocks=[("K1", "老长城", None, None, "2024-07-01", 1_190_000.0, None), ("K1", "老长城", "Old Changcheng", "2024-07-01", None, 1_278_700.0, 127.87),
            ("K2", "堰头", None, "2024-03-01", None, 300_000.0, 30.0)],
    coverage=[("P3", "K1", None, 400.0), ("P3", "K1", "2024-07-01", 400.0), ("P3", "K2", "2024-03-01", 600.0), ("P5", "K1", None, 10.0)],
)  # fmt: skip


def walked(project: Project, parcel: str, first: datetime.date, steps, building=None) -> None:
    for number, step in enumerate(steps):
        record(project, entered(parcel, step, (first + datetime.timedelta(30 * number)).isoformat(), building=building))


@pytest.fixture
def small() -> Project:
    project = opened(SMALL)
    walked(project, "P1", datetime.date(2024, 1, 10), STEPS[:4])  # signed on 2024-04-09
    record(project, entered("P1", "VACATED", "2024-05-01", building="B1"))
    walked(project, "P2", datetime.date(2024, 1, 10), STEPS[:6])  # demolished on 2024-06-08
    walked(project, "P2", datetime.date(2025, 1, 1), ("STARTED", "COMPLETED"))
    walked(project, "P3", datetime.date(2024, 2, 1), ("IDENTIFIED", "NEGOTIATED", "OPERATING"))  # on 2024-04-01
    record(project, entered("P4", "IDENTIFIED", "2024-05-05"))
    record(project, entered("P4", "PAUSED", "2024-06-01"))
    return project


def told(project: Project, as_of: str, **more) -> dict:
    return Register(project).status(as_of=datetime.date.fromisoformat(as_of), **more).as_json()


def figures(parcels, mu, floor, firms) -> dict:
    return {"parcels": parcels, "mu": mu, "floor_area_m2": floor, "occupants": firms}


def test_the_four_measures_by_hand(small):
    zone = told(small, "2025-12-31")["zone"]
    assert zone["IDENTIFIED"] == figures(4, 11.4, 3000.0, 4)  # 7600 m²; of P2 the fallen B5, P4 has no building
    assert zone["SIGNED"] == figures(2, 9.0, 2200.0, 3)  # E1 works on both
    assert zone["VACATED"] == figures(1, 6.0, 1700.0, 2)  # B1 is empty before the rest of P1
    assert zone["DEMOLISHED"] == figures(1, 6.0, 700.0, 2)
    assert zone["STARTED"] == figures(1, 6.0, 9020.0, 2)  # what stands there now, with a corner of B2
    assert zone["OPERATING"] == figures(1, 1.5, 800.0, 1)  # refurbished: what stands there itself
    assert zone["renovated"] == figures(2, 7.5, 1500.0, 3)  # P2 demolished, P3 let anew
    assert zone["PAUSED"] == figures(1, 0.9, 0.0, 0) and zone["RESUMED"] == figures(0, 0.0, 0.0, 0)
    assert zone["floor_area_unknown_parcels"] == {"STARTED": 1, "COMPLETED": 1}  # B3
    assert list(zone)[: len(MEASURED)] == [*LIFE.milestones, "renovated"]


def test_a_day_earlier_it_had_not_happened(small):
    for day, signed in (("2024-04-08", 0), ("2024-04-09", 2), ("1990-01-01", 0)):
        assert told(small, day)["zone"]["SIGNED"]["parcels"] == signed
    assert told(small, "2024-05-31")["zone"]["PAUSED"]["parcels"] == 0
    assert told(small, "2024-04-30")["zone"]["VACATED"]["floor_area_m2"] == 0.0
    assert told(small, "2024-05-01")["zone"]["VACATED"] == figures(0, 0.0, 1000.0, 0)


def test_shares_of_what_is_vacated_in_part(small):
    status = Register(small).status(as_of=datetime.date(2024, 12, 31))
    assert status.shares == {"VACATED": [(0, 1000 / 1500)], "DEMOLISHED": []}


def test_blocks_by_the_outline_of_the_day(small):
    def blocks(day):
        return {row["block_id"]: row for row in told(small, day)["blocks"]}

    before, after = blocks("2024-02-29"), blocks("2024-07-01")
    assert list(before) == ["K1", "K9"] and list(after) == ["K1", "K2", "K9"]
    assert before["K1"]["outline"]["area_ha"] == 119.0 and before["K1"]["name_en"] is None
    assert after["K1"]["outline"] == {
        "valid_from": "2024-07-01",
        "valid_to": None,
        "area_ha": 127.87,
        "planned_area_ha": 127.87,
    }
    assert (
        before["K1"]["IDENTIFIED"]["parcels"] == 3
    )  # P3 lies in the only block there is, P5 too but is not identified
    assert after["K1"]["IDENTIFIED"]["parcels"] == 2 and after["K2"]["IDENTIFIED"] == figures(1, 1.5, 800.0, 1)
    assert after["K9"]["IDENTIFIED"]["parcels"] == 1 and after["K9"]["name"] is None  # nobody drew it
    assert (
        before["K1"]["outline"]["planned_area_ha"] is None and blocks("2024-06-30")["K1"]["outline"]["area_ha"] == 119.0
    )


def test_modes_count_their_own(small):
    rows = {row["renovation_mode"]: row for row in told(small, "2025-12-31")["modes"]}
    assert set(rows) == set(LIFE.modes)
    assert {mode: row["IDENTIFIED"]["parcels"] for mode, row in rows.items() if row["IDENTIFIED"]["parcels"]} == {
        "GOV_ACQ": 1, "SELF": 1, "RELET": 1,
    }  # fmt: skip


def test_what_was_planned_and_is_not_there_is_overdue(small):
    for parcel, step, on in (("P1", "DEMOLISHED", "2024-08-01"), ("P2", "DEMOLISHED", "2024-05-01"), ("P4", "SIGNED", "2024-08-31"),
                             ("P3", "OPERATING", "2024-12"), ("P1", "CLEARED", "2024-08")):  # fmt: skip
        record(small, entered(parcel, step, on, kind="planned"))
    late = told(small, "2024-08-31")["zone"]["overdue"]
    assert late == [{"parcel_id": "P1", "milestone": "DEMOLISHED", "planned": "2024-08-01", "days": 30}]
    late = [(row["parcel_id"], row["milestone"], row["days"]) for row in told(small, "2024-09-01")["zone"]["overdue"]]
    assert late == [
        ("P1", "DEMOLISHED", 31),
        ("P1", "CLEARED", 1),
        ("P4", "SIGNED", 1),
    ]  # CLEARED was planned for August
    assert [row["days"] for row in told(small, "2024-05-08")["zone"]["overdue"]] == [7]  # P2 was late then
    record(small, entered("P1", "WITHDRAWN", "2024-09-01"))
    assert [row["parcel_id"] for row in told(small, "2024-09-01")["zone"]["overdue"]] == ["P4"]
    blocks = {row["block_id"]: len(row["overdue"]) for row in told(small, "2024-08-31")["blocks"]}
    assert blocks == {"K1": 1, "K2": 0, "K9": 0}


def test_lateness_is_measured_by_the_plan_that_was_frozen(small):
    record(small, entered("P1", "DEMOLISHED", "2024-08-01", kind="planned"))
    small.store.append([Draft("baseline", details=packed({"name": "2024"}))], by="x")
    record(small, entered("P1", "DEMOLISHED", "2025-08-01", kind="planned"))
    status = told(small, "2024-09-01")
    assert status["baseline"] == "2024" and [row["days"] for row in status["zone"]["overdue"]] == [31]


def test_without_tables_of_buildings_and_occupants_nothing_is_known():
    bare = Zone(SMALL.parcels)
    project = opened(bare)
    record(project, entered("P1", "IDENTIFIED", "2024-01-01"))
    assert told(project, "2024-12-31")["zone"]["IDENTIFIED"] == figures(1, 3.0, None, None)
    empty = opened(Zone())
    assert told(empty, "2024-12-31")["zone"]["SIGNED"] == figures(0, 0.0, None, None)


def test_blocks_without_a_planned_area_have_none():
    project = opened(Zone(SMALL.parcels, blocks=[("K1", "老长城", None, None, None, None, None)]))
    assert told(project, "2024-12-31")["blocks"][0]["outline"]["planned_area_ha"] is None


# the same bytes for ever
def town(draw: random.Random) -> Zone:
    """Sixty parcels in four blocks, with a hall or two, and some firms on several of them."""
    modes = [*LIFE.modes, None]
    parcels = [(f"P{n:02}", f"K{n % 4}", draw.choice(modes), None, draw.randrange(100, 9000) * 2.0) for n in range(60)]
    buildings = [(f"B{n:02}-{k}", f"P{n:02}", draw.choice([None, *[draw.randrange(50, 4000) * 1.0] * 5]), 0, 1)
                 for n in range(60) for k in range(draw.choice([0, 1, 1, 2]))]  # fmt: skip
    firms = sorted({(f"P{draw.randrange(60):02}", f"E{draw.randrange(25)}") for _ in range(80)})
    blocks = [(f"K{n}", f"区块{n}", None, None, None, 1e6, 100.0) for n in range(4)]
    return Zone(parcels, buildings, firms, blocks)


def step_on(project: Project, draw: random.Random, parcel: tuple, on: datetime.date, done: dict) -> None:
    path = LIFE.path(parcel[2]).steps
    if done[parcel[0]] < len(path):
        drafts = [Draft("record", parcel[0], None, path[done[parcel[0]]], on.isoformat(), "day", "actual")]
        drafts.append(
            drafts[0]._replace(
                kind="planned", occurred_on=(on - datetime.timedelta(draw.randrange(-20, 60))).isoformat()
            )
        )
        project.store.append(drafts[draw.randrange(2) :: -1], by="x")
        done[parcel[0]] += 1


def year(project: Project, clock: Clock, zone: Zone, draw: random.Random) -> list[tuple]:
    """A year of work; at the end of each month the status is kept as it is told then."""
    done, kept = dict.fromkeys((row[0] for row in zone.parcels), 0), []
    for month in range(1, 13):
        for _ in range(25):
            clock.pass_by(hours=draw.randrange(1, 20))
            step_on(project, draw, draw.choice(zone.parcels), clock.now.date(), done)
        end = datetime.datetime(2025 + month // 12, month % 12 + 1, 1, tzinfo=datetime.UTC) - datetime.timedelta(
            microseconds=1
        )
        clock.now = max(clock.now, end)
        kept.append((end.date(), np.datetime64(clock.now.replace(tzinfo=None), "us"), None))
        kept[-1] = (*kept[-1][:2], document(Register(project), *kept[-1][:2]))
        clock.pass_by(seconds=1)
    return kept


def document(register: Register, as_of, known) -> bytes:
    return orjson.dumps(register.status(as_of=as_of, known_on=known, known_text=str(known)).as_json())


def upheaval(project: Project, clock: Clock, zone: Zone, draw: random.Random, lines: int) -> None:
    """Later events, corrections and cancellations in great number, most of them about the year before."""
    live = {entry.root: entry for entry in counting(project.store.entries())}
    while lines > 0:
        clock.pass_by(minutes=draw.randrange(1, 500))
        drafts = []
        roots = draw.sample(sorted(live), 20)
        on = (datetime.date(2025, 1, 1) + datetime.timedelta(draw.randrange(365))).isoformat()
        for root in roots[:15]:
            drafts.append(_again(live[root])._replace(action="correct", corrects=root, occurred_on=on))
        for root in roots[15:]:
            drafts.append(_again(live.pop(root))._replace(action="cancel", corrects=root))
        for _ in range(20):
            parcel, step = draw.choice(zone.parcels)[0], draw.choice([*STEPS, "PAUSED"])
            where = f"B{parcel[1:]}-0" if step in FALLS + RISES else None
            drafts.append(Draft("record", parcel, where, step, on, "day", draw.choice(["actual", "planned"])))
        for entry in project.store.append(drafts, by="y"):
            if entry.action != "cancel":
                live[entry.root] = entry
        lines -= len(drafts)


def _again(entry) -> Draft:
    return Draft(*(getattr(entry, name) for name in Draft._fields))._replace(uuid="")


@pytest.mark.parametrize("kind", ["memory", "local"])
def test_a_past_status_is_rebuilt_byte_for_byte(kind, tmp_path):
    draw, clock = random.Random(20251231), Clock(datetime.datetime(2025, 1, 1, 1, tzinfo=datetime.UTC))
    zone = town(draw)
    store = MemoryStore(clock) if kind == "memory" else LocalStore.create(tmp_path / "project", clock)
    project = opened(zone, store, clock=clock, today=lambda: clock.now.date())
    first = Register(project)
    kept = year(project, clock, zone, draw)
    assert len({text for *_, text in kept}) == 12
    size = store.head().seq
    # typed in by an officer, one by one
    facts = [entry for entry in counting(store.entries()) if entry.kind == "actual"]
    for entry in draw.sample(facts, 15):
        _try(lambda entry=entry: correct(project, Change(entry.seq, "note", entry.note or "", "看过", "checked")))
        _try(lambda entry=entry: cancel(project, entry.seq, old=entry.occurred_on, why="not so"))
    for parcel, step in itertools.product(draw.sample([row[0] for row in zone.parcels], 10), ("PAUSED", "RESUMED")):
        _try(lambda parcel=parcel, step=step: record(project, entered(parcel, step, "2026-01-01")))
    # then a thousand more, another survey, and parcels that become others
    upheaval(project, clock, zone, draw, 500)
    survey = Zone(
        [(*row[:4], row[4] + 12) for row in zone.parcels[1:]], zone.buildings[3:], zone.occupants[5:], zone.blocks[1:]
    )
    survey.parcels += [("P98", "K1", "SELF", None, 300.0), ("P99", "K2", None, None, 500.0)]
    heirs = [Draft("replace", "P05", occurred_on="2025-06-15", precision="day", details=packed({"new": ["P98", "P99"]})),
             *(Draft("create", new, occurred_on="2025-06-15", precision="day", details=packed({"old": ["P05"]})) for new in ("P98", "P99"))]  # fmt: skip
    clock.pass_by(days=3)
    store.save_layers({}, survey.tables(), heirs, by="y")
    upheaval(project, clock, survey, draw, 500)
    assert store.head().seq >= size + 1_000
    if kind == "local":
        store.close()
        store = LocalStore(tmp_path / "project", clock)
    again = Register(Project(store, Actor("z", "viewer")))
    first.project.store = store
    assert first.refresh() and not first.refresh()
    for as_of, known, text in kept:
        assert document(again, as_of, known) == text
        assert document(first, as_of, known) == text
    changed = [document(again, as_of, None) != text for as_of, _, text in kept]
    assert all(changed), "what came later has changed what is known now"
    store.close()


def _try(do) -> None:
    with contextlib.suppress(RegisterRefused):
        do()


def test_every_block_and_mode_is_counted_as_one_by_one():
    draw, clock = random.Random(7), Clock(datetime.datetime(2025, 1, 1, 1, tzinfo=datetime.UTC))
    zone = town(draw)
    project = opened(zone, clock=clock, today=TODAY)
    year(project, clock, zone, draw)
    upheaval(project, clock, zone, draw, 300)
    entries = list(project.store.entries())
    for as_of in (datetime.date(2025, 5, 31), datetime.date(2026, 6, 1)):
        status = Register(project).status(as_of=as_of).as_json()
        plain = plain_reached(entries, zone, as_of=as_of)
        groups = [(row, 1, row["block_id"]) for row in status["blocks"]] + [
            (row, 2, row["renovation_mode"]) for row in status["modes"]
        ]
        assert len(groups) == 4 + len(LIFE.modes)
        for found, column, key in groups:
            wanted = plain_figures(plain, zone, [row[0] for row in zone.parcels if row[column] == key], as_of=as_of)
            for figures in wanted.values():
                del figures["unknown"]
            assert {step: found[step] for step in wanted} == wanted
