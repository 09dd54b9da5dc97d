"""Other weights: the same as scoring the project anew with them, and nothing is kept."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landgis.errors import InputRefused
from landgis.scoring.weighing import with_weights
from landgis.workflow.explaining import explain_run
from landgis.workflow.project import Project, open_project
from landgis.workflow.what_if import what_if
from landgis.workflow.zone import read_zone

OTHER = {"intensity": 80, "tenancy": 10, "output": 10}
COMPARED = ("score", "score_low", "score_high", "grade", "renovation_rank")


@pytest.fixture(scope="module")
def sample(sample_copy):
    project = open_project(str(sample_copy), nobody="li")
    zone = read_zone(project)
    return project, zone, explain_run(project, zone)


def test_the_whole_project_scored_anew(sample):
    project, zone, found = sample
    before = project.store.scores()
    draft = what_if(found, OTHER)
    other = Project(project.store, project.actor, project.today)
    other.__dict__["rules"] = with_weights(project.rules, OTHER)
    anew = explain_run(other, zone).run.frame.set_index("parcel_id")
    for name in COMPARED:
        assert draft.table[name].fillna(-1).tolist() == anew[name].astype(draft.table[name].dtype).fillna(-1).tolist()
        assert draft.table[f"official_{name}"].fillna(-1).tolist() == before[name].fillna(-1).tolist()
    pd.testing.assert_frame_equal(project.store.scores(), before)


@given(times=st.floats(1e-3, 1e3))
@settings(deadline=None, max_examples=20)
def test_the_official_weights_change_nothing(sample, times):
    project, _, found = sample
    draft = what_if(found, {name: weight * times for name, weight in project.rules.score.weights.items()})
    assert draft.table["grade"].equals(draft.table["official_grade"].rename("grade"))
    assert draft.table["renovation_rank"].equals(draft.table["official_renovation_rank"].rename("renovation_rank"))
    difference = (draft.table["score"] - draft.table["official_score"]).abs().max()
    assert difference < 1e-9
    moves = draft.moves()
    assert (moves.better, moves.worse, moves.ranks, moves.entering, moves.leaving) == (0, 0, 0, (), ())


def test_moves_counted_one_by_one(sample):
    """For one block: whose letter changes, and who is among the five lowest now and was not, or no more."""
    _, _, found = sample
    frame = found.run.frame
    among = frame["parcel_id"][(frame["block_id"] == "LCC") & (frame["grade"] != "T")].tolist()
    draft = what_if(found, OTHER)
    moves = draft.moves(among, first=5)
    rows = draft.table.loc[among]
    better = sum(new < old for new, old in zip(rows["grade"], rows["official_grade"], strict=True))
    worse = sum(new > old for new, old in zip(rows["grade"], rows["official_grade"], strict=True))
    assert better > 0 and worse > 0
    now, was = (
        {parcel for parcel, score in zip(among, rows[name], strict=True) if score <= sorted(rows[name])[4]}
        for name in ("score", "official_score")
    )
    assert now - was
    assert (moves.better, moves.worse, set(moves.entering), set(moves.leaving)) == (better, worse, now - was, was - now)
    assert moves.ranks == np.sum(rows["renovation_rank"].to_numpy() != rows["official_renovation_rank"].to_numpy())


def test_no_weights_at_all_are_refused(sample):
    with pytest.raises(InputRefused):
        what_if(sample[2], dict.fromkeys(OTHER, 0))
