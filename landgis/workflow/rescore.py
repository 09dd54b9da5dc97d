"""Score the parcels of a project as they are in it, and keep the scores there."""

from __future__ import annotations

import datetime

from landgis.phases.ledger import instant
from landgis.results import RESULT_NAMES
from landgis.roles import require
from landgis.text import Tell
from landgis.workflow.importing import as_read
from landgis.workflow.inputs import FILES, Inputs
from landgis.workflow.log import Log
from landgis.workflow.project import Project
from landgis.workflow.score import ScoreRun, score_tables


def score_project(project: Project, *, year: int | None = None, tell: Tell = lambda _step: None) -> ScoreRun:
    """Score the parcels that exist today; a parcel that others replaced has no score."""
    require(project.actor, "score")
    tell("read")
    behind = project.store.head().seq  # what is imported from here on is not in these scores
    layers = project.store.layers()
    gone = replaced_by(project, project.today())
    layers["parcels"] = layers["parcels"][~layers["parcels"]["parcel_id"].isin(gone)].reset_index(drop=True)
    tables = {name: as_read(layers[name], project.store.where, name) for name in FILES if name in layers}
    inputs = Inputs(parcels="", year=year, measure_crs=project.settings.get("measure_crs"))
    run = score_tables(tables, inputs, project.rules, Log(), tell=tell)
    tell("write")
    project.store.save_scores(run.frame[list(RESULT_NAMES)])
    project.store.save_settings({"scored": f"{behind} {instant(datetime.datetime.now(datetime.UTC))}"})
    return run


def replaced_by(project: Project, day: datetime.date) -> set[str]:
    """The parcels in whose place others stand on a day, and those that begin only later."""
    gone = set()
    for parcel, action, on in project.store.columns(["parcel_id", "action", "occurred_on"]):
        if (action == "replace" and str(on) <= day.isoformat()) or (action == "create" and str(on) > day.isoformat()):
            gone.add(str(parcel))
    return gone
