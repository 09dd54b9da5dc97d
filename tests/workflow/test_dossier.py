"""The dossier of a parcel: by hand on a small project, and counted again from the files of the sample zone."""

import csv
import datetime
import shutil
from collections import defaultdict

import numpy as np
import pandas as pd
import pytest

from landgis.errors import RegisterRefused
from landgis.workflow.asking import freeze_baseline
from landgis.workflow.dossier import dossier
from landgis.workflow.lineage import Succession, replace_parcels
from landgis.workflow.project import open_project
from landgis.workflow.recording import Change, Entered, correct, evidence_file, record, undo
from landgis.workflow.rescore import score_project
from landgis.workflow.sample import sample_folder
from landgis.workflow.zone import read_zone
from tests.made_project import PARCELS, TODAY, Clock, as_user, make_project, sample_template, walk

TO_SIGNED = ("IDENTIFIED", "PLANNED", "NEGOTIATED", "SIGNED")


@pytest.fixture
def project(tmp_path):
    return make_project(tmp_path, clock=Clock(), renovation_mode=["GOV_ACQ", "SELF", None, None, None, "VILLAGE"],
                        right_holder=["甲厂", None, None, None, None, None], 巡查=["好", None, None, None, None, None])  # fmt: skip


def made(project, parcel="P1", **more):
    return dossier(project, read_zone(project), parcel, **more)


def rows(found):
    return {row.milestone: row for row in found.course.rows}


def facts(found):
    return {fact.name: fact for fact in found.facts}


# land, buildings, firms
def test_facts_with_file_line_and_date(project):
    found = made(project)
    holder, own, blockers = (facts(found)[name] for name in ("right_holder", "巡查", "sign_blockers"))
    assert (holder.value, holder.source.file, holder.source.layer, holder.source.line) == (
        "甲厂", "parcels.gpkg", None, 1,
    )  # fmt: skip
    assert holder.source.at == next(project.store.entries()).recorded_at and holder.source.by == "li"
    assert (own.value, own.own, blockers.value) == ("好", True, None)
    area = facts(found)["area_m2"]  # 100 m × 60 m, and no area is registered
    assert (area.value, area.unit, area.source.how, found.area_m2) == (6000.0, "m²", "geometry", 6000.0)
    assert (found.block_id, found.block_name, found.block_name_en) == ("B1", "甲块", "A")
    assert made(project, "P2").facts[3].value is None  # nothing is known, and nothing is left out
    assert [fact.name for fact in made(project, "P2").facts] == [fact.name for fact in found.facts]


def test_buildings(project):
    found = made(project)
    assert [(b.building_id, b.floor_area_m2, b.here_m2, b.storeys, b.legality, b.fallen, b.main) for b in found.buildings] == [
        ("F1", 1000.0, 1000.0, None, None, False, True), ("F2", 3000.0, 3000.0, None, None, False, True),
    ]  # fmt: skip
    assert {b.source.file for b in found.buildings} == {"buildings.gpkg"}
    assert made(project, "P3").buildings == ()


def test_occupants_and_their_shares(project):
    found = made(project)
    assert [(o.enterprise_id, o.floor_area_m2, o.share, o.parcels, o.name, o.figures) for o in found.occupants] == [
        ("E2", 20.0, 20 / 30, 2, None, ()), ("E1", 10.0, 10 / 30, 1, None, ()),
    ]  # fmt: skip
    assert found.has_occupancies and made(project, "P3").occupants == ()


def test_a_parcel_that_is_not_there(project):
    with pytest.raises(RegisterRefused, match="there is no parcel P9"):
        made(project, "P9")


def test_scores(project):
    assert made(project).score is None
    score_project(project)
    found = made(project)
    # yongkang-draft: one number a part; P1 has two firms with 1/3 and 2/3: 1 ÷ (1/9 + 4/9) = 1.8 effective occupants,
    # and 100 · (1.8 − 10) / (1 − 10) points
    tenancy = next(part for part in found.score.parts if part.name == "tenancy")
    assert tenancy.score == pytest.approx(100 * (1.8 - 10) / (1 - 10))
    weights = {part.name: part.weight for part in found.score.parts}
    assert sum(weights.values()) == pytest.approx(1)
    assert sum(part.contribution or 0 for part in found.score.parts) == pytest.approx(found.score.score)
    assert found.score.low <= found.score.score <= found.score.high
    ranks = [made(project, parcel).score.rank for parcel in PARCELS]
    assert found.score.ranked == 6 and min(ranks) == 1 and max(ranks) <= 6
    assert len(found.score.reasons) == len(found.score.sentences["zh"]) == len(found.score.sentences["en"])
    assert facts(found)["area_mu"].value == 9.0 and facts(found)["area_m2"].source.how == "geometry"
    assert facts(found)["floor_area_m2"].value == 4000.0 and facts(found)["floor_area_m2"].source.how == "declared"
    assert facts(found)["floor_area_m2"].source.line == project.store.head().seq


# the milestone line
def test_plan_against_actual(project):
    record(project, Entered("P1", "SIGNED", "2024-03-15", kind="planned"))
    record(project, Entered("P1", "VACATED", "2026-11-01", kind="planned"))
    record(project, Entered("P1", "VACATED", "2026-12-10", kind="forecast"))
    paper = evidence_file("协议.pdf", b"%PDF")
    walk(project, "P1", *TO_SIGNED[:3])
    line = record(as_user(project, "zhang", "officer"), Entered("P1", "SIGNED", "2024-03-31", evidence=paper))[0]
    found = made(project)
    assert [row.milestone for row in found.course.rows] == list(project.life.path("GOV_ACQ").steps)
    signed, vacated = rows(found)["SIGNED"], rows(found)["VACATED"]
    assert (signed.planned, signed.actual, signed.gap_days, signed.overdue_days) == (
        datetime.date(2024, 3, 15), datetime.date(2024, 3, 31), 16, None,
    )  # fmt: skip
    (proof,) = signed.of("actual")
    assert (proof.by, proof.line, proof.evidence.name, proof.evidence.sha256) == (
        "zhang", line.seq, "协议.pdf", paper.sha256,
    )  # fmt: skip
    assert (vacated.planned, vacated.forecast, vacated.actual, vacated.gap_days, vacated.overdue_days) == (
        datetime.date(2026, 11, 1), datetime.date(2026, 12, 10), None, None, 20,  # today is 2026-11-21
    )  # fmt: skip
    assert (found.course.phase, found.course.phase_on) == ("SIGNED", datetime.date(2024, 3, 31))
    assert found.course.baseline is None
    freeze_baseline(project, "一期")
    record(project, Entered("P1", "VACATED", "2026-12-01", kind="planned"))
    later = made(project)
    assert (later.course.baseline, rows(later)["VACATED"].planned) == ("一期", datetime.date(2026, 11, 1))
    assert [one.on for one in rows(later)["VACATED"].of("planned")] == ["2026-11-01", "2026-12-01"]


def test_as_of_an_earlier_day(project):
    walk(project, "P1", *TO_SIGNED)  # 2024-01-01, 01-31, 03-01, 03-31
    found = made(project, as_of=datetime.date(2024, 3, 1))
    assert (found.course.phase, rows(found)["SIGNED"].actual) == ("NEGOTIATED", None)
    assert len(found.history) == 4


def test_known_on_an_earlier_moment(project):
    lines = walk(project, "P1", *TO_SIGNED)  # the clock of the project moves on by a second a line
    moment = np.datetime64(lines[-1].recorded_at[:-1], "us")
    correct(project, Change(lines[3].seq, "occurred_on", "2024-03-31", "2024-04-02", "查错了"))
    now, then = made(project), made(project, known_on=moment)
    assert rows(now)["SIGNED"].actual == datetime.date(2024, 4, 2)
    assert rows(then)["SIGNED"].actual == datetime.date(2024, 3, 31)
    assert [(line.known, line.counts) for line in then.history] == [(True, True)] * 4 + [(False, False)]
    assert [line.counts for line in now.history] == [True, True, True, False, True]
    assert [note.text for note in now.notes] == ["查错了"]
    assert (then.course.known_on, now.course.known_on) == (str(moment), None)


def test_only_a_month_is_known(project):
    record(project, Entered("P1", "IDENTIFIED", "2024-06", note="补录"))
    row = rows(made(project))["IDENTIFIED"]
    assert row.of("actual")[0].on == "2024-06" and row.actual == datetime.date(2024, 6, 30)  # surely by then
    assert [note.text for note in made(project).notes] == ["补录"]


def test_buildings_one_by_one(project):
    walk(project, "P1", *TO_SIGNED)
    record(project, Entered("P1", "VACATED", "2024-05-01", building="F1"))
    row = rows(made(project))["VACATED"]
    assert row.actual is None and [(one.building_id, one.on) for one in row.records] == [("F1", "2024-05-01")]
    record(project, Entered("P1", "VACATED", "2024-05-20", building="F2"))
    assert rows(made(project))["VACATED"].actual == datetime.date(2024, 5, 20)


def test_a_pause_and_who_confirmed_it(project):
    from landgis.workflow.recording import approve

    line = record(project, Entered("P1", "PAUSED", "2024-05-01", note="资金未到位"))[0]
    approve(as_user(project, "chen", "approver"), line.seq)
    found = made(project)
    assert (found.course.standstill, found.course.since) == ("PAUSED", datetime.date(2024, 5, 1))
    assert [(one.milestone, one.note, one.approved_by) for one in found.course.sides] == [
        ("PAUSED", "资金未到位", "chen")
    ]


def test_pictures(project):
    walk(project, "P1", "IDENTIFIED")
    real, other = evidence_file("现场.JPG", b"picture"), evidence_file("图.svg", b"<svg onload=alert(1)>")
    line = record(project, Entered("P1", "NEGOTIATED", "2024-03-01", evidence=real))[0]
    record(project, Entered("P1", "PAUSED", "2024-04-01", evidence=other, note="停"))
    record(project, Entered("P1", "RESUMED", "2024-05-01", evidence=real, note="复"))
    found = made(project)
    assert [(one.name, one.sha256) for one in found.photos] == [("现场.JPG", real.sha256)]  # each once, and no drawings
    undo(project, [line], why="撤销")
    assert len(made(project).photos) == 1  # what was sent once stays in the dossier


def test_where_a_parcel_came_from(project):
    walk(project, "P1", *TO_SIGNED)
    replace_parcels(project, Succession(["P1"], ["P1a"], "2024-06-01", note="改号"))
    old, new = made(project), made(project, "P1a")
    assert (old.became, old.came_from, new.came_from, new.became) == (("P1a",), (), ("P1",), ())
    assert rows(new)["SIGNED"].actual == datetime.date(2024, 3, 31)
    assert rows(new)["SIGNED"].of("actual")[0].parcel_id == "P1"
    assert not old.course.exists and new.course.exists
    created = next(line for line in project.store.entries() if line.action == "create")
    assert facts(new)["right_holder"].source.line == created.seq and facts(new)["right_holder"].source.file is None
    assert "改号" in [note.text for note in new.notes]


def test_a_step_that_is_not_on_the_path_is_shown_all_the_same(tmp_path):
    project = make_project(tmp_path, clock=Clock(), renovation_mode=[None] * 6)
    walk(project, "P1", *TO_SIGNED, "VACATED", "DEMOLISHED", "CLEARED", "GRANTED")
    assert all(row.on_path for row in made(project).course.rows)
    # another import says that the parcel is let again: SIGNED and the steps behind it are not on that path
    from landgis.workflow.importing import Layers, import_layers
    from tests.made_project import write_layers

    folder = tmp_path / "again"
    folder.mkdir()
    import_layers(project, Layers(parcels=write_layers(folder, renovation_mode=["RELET"] * 6).parcels))
    found = made(project)
    assert found.course.mode == "RELET"
    off = [row.milestone for row in found.course.rows if not row.on_path]
    assert off == ["PLANNED", "SIGNED", "VACATED", "DEMOLISHED", "CLEARED", "GRANTED"]
    assert {facts(found)[name].source.line for name in ("right_holder", "renovation_mode")} == {
        project.store.head().seq
    }
    assert {b.source.line for b in found.buildings} == {1}


# the sample zone, counted again from its files
@pytest.fixture(scope="module")
def zone(tmp_path_factory):
    shutil.copytree(sample_template(), folder := tmp_path_factory.mktemp("zone") / "p")
    project = open_project(str(folder), nobody="li", today=lambda: TODAY)
    return project, read_zone(project)


def table(name):
    with (sample_folder() / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def by_parcel(name):
    found = defaultdict(list)
    for row in table(name):
        found[row["parcel_id"]].append(row)
    return found


def test_occupants_of_the_sample_zone(zone):
    project, at = zone
    firms = {row["enterprise_id"]: row for row in table("enterprises.csv")}
    occupied = by_parcel("occupancies.csv")
    places = defaultdict(set)
    for parcel, some in occupied.items():
        for row in some:
            places[row["enterprise_id"]].add(parcel)
    for parcel in ("330784001001GB00101", "330784001004GB00443", "330784001010GB01014"):
        areas = defaultdict(float)
        for row in occupied[parcel]:
            if row["floor_area_m2"] and not (row["start_date"] > "2023-12-31" or "" < row["end_date"] < "2023-01-01"):
                areas[row["enterprise_id"]] += float(row["floor_area_m2"])
        found = dossier(project, at, parcel).occupants
        assert sum(len(one.rows) for one in found) == len(occupied[parcel])  # none is left out
        assert {one.enterprise_id for one in found} == {row["enterprise_id"] for row in occupied[parcel]}
        for one in found:
            firm, (figures,) = firms[one.enterprise_id], one.figures
            assert one.name == firm["name"] and one.parcels == len(places[one.enterprise_id])
            assert figures.year == 2023
            for column in ("output_wan", "tax_wan"):
                assert getattr(figures, column) == (float(firm[column]) if firm[column] else None)
            area = areas.get(one.enterprise_id)
            assert one.floor_area_m2 == (None if area is None else pytest.approx(area))
            assert one.share == (None if area is None else pytest.approx(area / sum(areas.values())))


def test_shares_agree_with_the_scores(zone):
    """1 ÷ Σ share² is the effective number of occupants, which the scoring computed another way."""
    project, at = zone
    several = at.scores.index[at.scores["occupant_count"] > 1]
    assert len(several) > 200
    for parcel in several[::7]:
        shares = [one.share for one in dossier(project, at, parcel).occupants if one.share is not None]
        assert 1 / sum(share**2 for share in shares) == pytest.approx(at.scores.loc[parcel, "effective_occupants"])


def test_milestones_of_the_sample_zone(zone):
    project, at = zone
    events = by_parcel("events.csv")
    for parcel in ("330784001001GB00025", "330784001001GB00101", "330784001003GB00306"):
        days = {(row["milestone"], row["kind"]): row["occurred_on"] for row in events[parcel] if not row["building_id"]}
        found = dossier(project, at, parcel)
        assert found.course.baseline == "sample"
        for row in found.course.rows:
            for kind in ("planned", "forecast", "actual"):
                day = getattr(row, kind)
                assert (day and day.isoformat()) == days.get((row.milestone, kind))
            planned, actual = (days.get((row.milestone, kind)) for kind in ("planned", "actual"))
            if planned and actual:
                assert row.gap_days == (datetime.date.fromisoformat(actual) - datetime.date.fromisoformat(planned)).days
            late = (TODAY - datetime.date.fromisoformat(planned)).days if planned and not actual else 0
            assert (row.overdue_days or 0) == max(late, 0)
        given = {(one.milestone, one.kind, one.building_id or "", one.on, one.evidence.name if one.evidence else "", one.by)
                 for one in found.records}  # fmt: skip
        assert given == {
            tuple(row[name] for name in ("milestone", "kind", "building_id", "occurred_on", "evidence", "recorded_by"))
            for row in events[parcel]
        }


def test_the_dossier_agrees_with_the_table_of_phases(zone):
    project, at = zone
    phases = at.on(TODAY)
    assert len(phases) > 1000
    for parcel in phases.index[::23]:
        found, row = dossier(project, at, parcel), phases.loc[parcel]
        assert found.course.phase == (row["phase"] if isinstance(row["phase"], str) else None)
        assert found.course.standstill == (row["standstill"] if isinstance(row["standstill"], str) else None)
        late = max((one.overdue_days for one in found.course.rows if one.overdue_days), default=None)
        assert late == (None if pd.isna(row["overdue_days"]) else row["overdue_days"])
        assert found.block_id == row["block_id"]
        points = sum(part.contribution or 0 for part in found.score.parts)
        assert points == pytest.approx(found.score.score, abs=1e-6)
