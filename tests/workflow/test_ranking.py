"""The ranked list: its order, its numbers and who is not in it, counted another way."""

import csv
import datetime
from collections import Counter

import numpy as np
import pytest

from landgis.frames import frame_of
from landgis.scoring.parts import PARTS
from landgis.workflow.explaining import explain_run
from landgis.workflow.filtering import Filter, chosen_parcels
from landgis.workflow.lineage import Succession, replace_parcels
from landgis.workflow.project import open_project
from landgis.workflow.ranking import LEFT_OUT, changes_of, first_stability, ranking, why, widest_unknowns
from landgis.workflow.rescore import score_project
from landgis.workflow.sample import sample_folder
from landgis.workflow.zone import read_zone
from tests.made_project import TODAY, make_project, walk

EXEMPT = [None, None, None, "公用设施", None, None]


@pytest.fixture(scope="module")
def sample(sample_copy):
    project = open_project(str(sample_copy), nobody="li", today=lambda: TODAY)
    zone = read_zone(project)
    return project, zone, explain_run(project, zone)


def test_who_is_next_and_who_is_not(tmp_path):
    """P1 is demolished, P2 has left, P4 is exempt, P7 came after the scoring: P3 and P5 are left, equally empty."""
    project = make_project(tmp_path, exempt_reason=EXEMPT)
    walk(project, "P1", "IDENTIFIED", "PLANNED", "NEGOTIATED", "SIGNED", "VACATED", "DEMOLISHED")
    walk(project, "P2", "IDENTIFIED", "WITHDRAWN", note="left")
    score_project(project)
    replace_parcels(project, Succession(("P6",), ("P7",), on="2026-01-01"))
    found = ranking(read_zone(project), Filter(TODAY), project.rules)
    assert dict(found.left_out) == {
        "renovated": ("P1",), "withdrawn": ("P2",), "not_scored": ("P7",), "not_rated": ("P4",)
    }  # fmt: skip
    assert found.table.index.tolist() == ["P3", "P5"]
    assert found.table["place"].tolist() == [1, 1]  # nothing stands on either
    earlier = ranking(read_zone(project), Filter(datetime.date(2024, 1, 15)), project.rules)
    assert set(earlier.table.index) == {"P1", "P2", "P3", "P5", "P6"}
    assert earlier.table.loc["P1", "phase"] == "IDENTIFIED"


def test_a_block_is_ranked_within_itself(tmp_path):
    project = make_project(tmp_path, exempt_reason=EXEMPT)
    score_project(project)
    zone = read_zone(project)
    found = ranking(zone, Filter(TODAY, "B2"), project.rules)
    assert found.table.index.tolist() == ["P5", "P6"]
    assert found.left_out["not_rated"] == ("P4",)


def test_before_the_first_scoring_everybody_is_named_as_not_scored(tmp_path):
    project = make_project(tmp_path)
    found = ranking(read_zone(project), Filter(TODAY), project.rules)
    assert len(found.table) == 0
    assert found.left_out["not_scored"] == ("P1", "P2", "P3", "P4", "P5", "P6")


@pytest.mark.parametrize("asked", [
    Filter(TODAY), Filter(TODAY, "LCC"), Filter(datetime.date(2022, 7, 31), "ZYFY"),
    Filter(TODAY, "LCC", {"grade": frozenset("CD")}), Filter(TODAY, chosen={"phase": frozenset(["none", "prepared"])}),
])  # fmt: skip
def test_nobody_is_lost(sample, asked):
    project, zone, _ = sample
    found = ranking(zone, asked, project.rules)
    named = Counter([*found.table.index, *(parcel for parcels in found.left_out.values() for parcel in parcels)])
    assert named == Counter(chosen_parcels(zone, asked))
    assert list(found.left_out) == list(LEFT_OUT)


def test_laochangcheng_as_the_files_have_it(sample):
    """Who is renovated by the events, and the order by the saved scores."""
    project, zone, _ = sample
    with (sample_folder() / "events.csv").open(encoding="utf-8") as file:
        events = [row for row in csv.DictReader(file) if row["kind"] == "actual"]
    modes = dict(zip(zone.parcels.index, zone.parcels["renovation_mode"], strict=True))
    last = {"ADD_STOREYS": "COMPLETED", "REMEDIATE": "COMPLETED", "RELET": "OPERATING"}
    done = {row["parcel_id"] for row in events if row["milestone"] == last.get(modes[row["parcel_id"]], "DEMOLISHED")}
    found = ranking(zone, Filter(TODAY, "LCC"), project.rules)
    scores = project.store.scores()
    block = scores[(scores["block_id"] == "LCC")]
    assert set(found.left_out["renovated"]) == done & set(block["parcel_id"])
    rest = block[~block["parcel_id"].isin(done) & (block["grade"] != "T")]
    expected = sorted(zip(rest["renovation_rank"], rest["parcel_id"], strict=True))
    assert found.table.index.tolist() == [parcel for _, parcel in expected]
    ranks = [rank for rank, _ in expected]
    assert found.table["place"].tolist() == [1 + sum(other < rank for other in ranks) for rank in ranks]
    assert found.table["score"].is_monotonic_increasing


def test_parts_add_up_to_the_score_and_the_costliest_is_named(sample):
    project, zone, _ = sample
    table = ranking(zone, Filter(TODAY), project.rules).table
    points = table[[f"{part}_points" for part in PARTS]]
    assert points.sum(axis=1).to_numpy() == pytest.approx(table["score"].to_numpy(), abs=1e-9)
    weights = {"intensity": 0.4, "tenancy": 0.2, "output": 0.4}
    for parcel, row in table.head(200).iterrows():
        lost = {
            part: weights[part] * (100 - row[f"{part}_score"]) for part in PARTS if not np.isnan(row[f"{part}_score"])
        }
        assert row["weakest"] == max(lost, key=lost.get), parcel


def test_a_part_that_is_unknown_leaves_its_weight_to_the_others(sample):
    """Weights 0.4, 0.2 and 0.4 without tenancy: a half each."""
    _, _, found = sample
    columns = frame_of(found.run.scores.columns)
    lacking = columns["tenancy_score"].isna() & columns["intensity_score"].notna() & columns["output_score"].notna()
    parcel = found.parcel_ids[np.flatnonzero(lacking)[0]]
    parts = why(found, parcel).parts
    assert parts["weight"].to_dict() == {"intensity": 0.4, "tenancy": 0.2, "output": 0.4}
    assert parts["used"].fillna(-1).to_dict() == pytest.approx({"intensity": 0.5, "tenancy": -1, "output": 0.5})
    assert parts["points"].to_dict()["intensity"] == pytest.approx(parts.loc["intensity", "score"] / 2)
    assert parts.loc["tenancy", ["low", "high"]].tolist() == [0, 100]


def test_how_sure_the_first_places_are_by_counting(sample):
    """The parcels of a block, every draw by itself, places by sorting."""
    project, zone, found = sample
    table = ranking(zone, Filter(TODAY, "TCC"), project.rules).table
    sure, draws = first_stability(found, table.index, first=3)
    assert (sure.index.tolist(), draws) == (table.index.tolist(), 2000)
    parts = table[[f"{part}_score" for part in PARTS]].to_numpy(float)
    random, among = np.random.default_rng(2025), Counter()
    for weight in random.dirichlet(np.array([0.4, 0.2, 0.4]) * project.rules.score.concentration, size=draws):
        value = []
        for row in parts:
            known = ~np.isnan(row)
            value.append(round(float(row[known] @ weight[known] / weight[known].sum()), 9))
        third = sorted(value)[2]
        among.update(parcel for parcel, one in zip(table.index, value, strict=True) if one <= third)
    assert sure.to_dict() == pytest.approx({parcel: among[parcel] / draws for parcel in table.index})


def test_what_is_missing_of_a_parcel_is_named_widest_first(sample):
    _, _, found = sample
    widest = widest_unknowns(found)
    for at, parcel in enumerate(found.parcel_ids):
        told = why(found, parcel)
        gaps = [gap for gap in str(told.row["data_gaps"]).split(";") if gap]
        assert {*told.unknowns, *told.other_gaps} >= set(gaps)
        assert list(told.unknowns.values()) == sorted(told.unknowns.values(), reverse=True)
        first = next(iter(told.unknowns.items()), ("", 0))
        assert (widest["missing"].fillna("").iloc[at], widest["missing_points"].iloc[at]) == first
        open_points = told.row["score_high"] - told.row["score_low"]
        assert not told.unknowns or max(told.unknowns.values()) <= open_points + 1e-9


def test_between_which_ranks_a_parcel_lies(sample):
    _, _, found = sample
    frame = found.run.frame[found.rated]
    low, high = (frame[name].round(9).to_numpy() for name in ("score_low", "score_high"))
    for at in (0, 17, 400, len(frame) - 1):
        told = why(found, frame["parcel_id"].iloc[at])
        assert told.rated == len(frame)
        assert told.ranks == (1 + np.sum(high < low[at]), 1 + np.sum(np.delete(low, at) < high[at]))
        assert told.ranks[0] <= told.row["renovation_rank"] <= told.ranks[1]


def test_what_lifts_a_grade(sample):
    _, _, found = sample
    frame = found.run.frame
    for letter, better in zip("ABCDT", (None, "A", "B", "C", None), strict=True):
        for shared in (True, False):
            mine = frame[(frame["grade"] == letter) & ((frame["occupant_count"] > 1) == shared)]
            changes = changes_of(found, mine["parcel_id"].iloc[0])
            levers = ["floor_area_m2", *(["occupants"] if shared else []), "tax_wan"] if better else []
            assert [(change.lever, change.grade) for change in changes] == [(lever, better) for lever in levers]


def test_a_parcel_that_was_not_scored_has_no_reasons(sample):
    _, _, found = sample
    assert (why(found, "nobody"), changes_of(found, "nobody")) == (None, [])
