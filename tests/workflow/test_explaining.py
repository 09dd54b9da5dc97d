"""A run to explain saves nothing, is the run that scoring makes, and tells when the saved scores are another one's."""

import datetime

import numpy as np
import pandas as pd
import pytest

from landgis.errors import RegisterRefused
from landgis.frames import frame_of
from landgis.workflow.explaining import agreement, draws_for, explain_run, scored_from
from landgis.workflow.importing import Layers, import_layers
from landgis.workflow.lineage import Succession, replace_parcels
from landgis.workflow.project import Project, open_project
from landgis.workflow.rescore import score_project
from landgis.workflow.zone import read_zone
from tests.made_project import TODAY, as_user, make_project, walk


@pytest.fixture
def project(tmp_path):
    return make_project(tmp_path)


def occupied(folder, **rows):
    """The occupancies again, with other floor areas."""
    areas = {"P1": [10, 20], "P2": [30], "P4": [40]} | rows
    held = [(f"E{n}", parcel, area) for parcel, found in areas.items() for n, area in enumerate(found)]
    pd.DataFrame(held, columns=["enterprise_id", "parcel_id", "floor_area_m2"]).to_csv(
        folder / "again.csv", index=False
    )
    return Layers(occupancies=str(folder / "again.csv"))


def test_it_is_the_run_that_was_saved_and_saves_nothing(sample_copy):
    project = open_project(str(sample_copy), nobody="li")
    zone, head = read_zone(project), project.store.head()
    before = {name: layer.copy() for name, layer in zone.layers.items()}
    found = explain_run(project, zone)
    assert agreement(found, zone).message is None
    saved = project.store.scores()
    ours = pd.DataFrame(found.run.frame)[list(saved.columns)]
    for name in saved:
        both = (
            frame[name].fillna("") if frame[name].dtype == "str" else frame[name].astype(float)
            for frame in (ours, saved)
        )
        pd.testing.assert_series_equal(*both, check_dtype=False, check_exact=True, obj=name)
    assert project.store.head() == head
    for name, layer in zone.layers.items():
        pd.testing.assert_frame_equal(pd.DataFrame(layer), pd.DataFrame(before[name]))


def test_who_may_only_look_may_ask_why(project):
    viewer = as_user(project, "zhao", "viewer")
    assert len(explain_run(viewer, read_zone(viewer)).run.frame) == 6
    with pytest.raises(RegisterRefused):
        score_project(viewer)
    assert project.store.scores() is None


def test_nothing_was_scored_yet(project):
    zone = read_zone(project)
    found = agreement(explain_run(project, zone), zone)
    assert (found.scored, str(found.message)) == (False, "no scores are saved yet")


def test_scores_from_before_an_import(project, tmp_path):
    """P4 gets a second occupant of the same size: effective occupants 1 → 2, so that its score falls and ranks move."""
    score_project(project)
    old = project.store.scores().set_index("parcel_id")
    key = scored_from(project, read_zone(project))
    import_layers(project, occupied(tmp_path, P4=[40, 40]))
    zone = read_zone(project)
    found = agreement(explain_run(project, zone), zone)
    assert scored_from(project, zone) != key
    score_project(project)
    new = project.store.scores().set_index("parcel_id")
    checked = ["score", "score_low", "score_high", "tenancy_score", "renovation_rank"]
    moved = (old[checked].fillna(-1) != new[checked].fillna(-1)).any(axis=1) | (old["grade"] != new["grade"])
    assert "P4" in moved.index[moved]
    assert found.outdated and set(found.parcels) == set(moved.index[moved])
    assert str(found.message) == (
        f"the saved scores are from before the last import: {moved.sum()} parcels would score otherwise now"
    )
    zone = read_zone(project)
    assert agreement(explain_run(project, zone), zone).message is None


def test_an_import_that_changes_no_score_leaves_them_valid(project, tmp_path):
    score_project(project)
    import_layers(project, occupied(tmp_path))
    zone = read_zone(project)
    found = agreement(explain_run(project, zone), zone)
    assert (found.outdated, found.parcels, found.message) == (True, (), None)


def test_an_event_changes_nothing_that_scores_depend_on(project):
    score_project(project)
    before = scored_from(project, read_zone(project))
    walk(project, "P1", "IDENTIFIED")
    assert scored_from(project, read_zone(project)) == before


def test_scores_by_other_rules(project):
    score_project(project)
    project.store.save_settings({"rules": "cn-2008"})
    other = Project(project.store, project.actor, project.today)
    zone = read_zone(other)
    found = agreement(explain_run(other, zone), zone)
    assert (found.outdated, len(found.parcels)) == (False, 6)
    assert "other rules or figures: 6 parcels" in str(found.message)


def test_parcels_that_are_replaced_are_not_scored_and_those_that_come_are(project):
    score_project(project)
    replace_parcels(project, Succession(("P6",), ("P7",), on="2026-01-01"))
    zone = read_zone(project)
    found = explain_run(project, zone)
    assert found.parcel_ids.tolist() == ["P1", "P2", "P3", "P4", "P5", "P7"]
    assert {"P6", "P7"} <= set(agreement(found, zone).parcels)
    assert found.position("P6") is None


def test_a_parcel_that_begins_later_is_not_scored_yet(project):
    replace_parcels(project, Succession(("P6",), ("P7",), on="2026-10-01"))
    earlier = Project(project.store, project.actor, lambda: datetime.date(2026, 9, 30))
    now = Project(project.store, project.actor, lambda: TODAY)
    found = [explain_run(one, read_zone(one)).parcel_ids.tolist()[-1] for one in (earlier, now)]
    assert found == ["P6", "P7"]
    assert len({scored_from(one, read_zone(one)) for one in (earlier, now)}) == 2


def test_how_many_weights_are_drawn():
    assert [draws_for(parcels) for parcels in (0, 10, 2_000, 5_000, 20_000, 1_000_000)] == [
        2000,
        2000,
        2000,
        800,
        200,
        200,
    ]


def test_grades_are_as_sure_as_counting_says(sample_copy):
    """The same draws, one weight and one parcel at a time, for the first thirty."""
    project = open_project(str(sample_copy), nobody="li")
    found = explain_run(project, read_zone(project))
    columns = frame_of(found.run.scores.columns)
    parts = columns[["intensity_score", "tenancy_score", "output_score"]].to_numpy()
    official = project.rules.score.weights
    random = np.random.default_rng(2025)
    alpha = (
        np.array([official[name] for name in ("intensity", "tenancy", "output")]) * project.rules.score.concentration
    )
    rated = (columns["grade"] != "T").to_numpy()
    stays, draws = np.zeros(30), 2000
    bounds = project.rules.score.classes.bounds
    for weight in random.dirichlet(alpha, size=draws):
        known = ~np.isnan(parts)
        value = np.where(known, parts, 0) @ weight / (known @ weight)
        value = np.round(np.where(rated, value, np.nan), 9)
        better = np.array([np.sum(value[rated] > one) for one in value[:30]])
        letter = np.array(list("ABCD"))[(better[:, None] / rated.sum() >= np.array(bounds)).sum(axis=1)]
        stays += letter == columns["grade"].to_numpy()[:30]
    assert found.draws == draws
    expected = np.where(rated[:30], stays / draws, np.nan)
    assert found.grade_stability[:30] == pytest.approx(expected, abs=1e-12, nan_ok=True)
