"""The sample zone that comes with landgis."""

from __future__ import annotations

from pathlib import Path

from landgis.errors import InputRefused, Place, Problem
from landgis.text import N_, Message, Tell
from landgis.workflow.asking import freeze_baseline
from landgis.workflow.claims import import_claims
from landgis.workflow.events import Receipt, import_events
from landgis.workflow.importing import Layers, create_project
from landgis.workflow.inputs import Inputs
from landgis.workflow.project import Project
from landgis.workflow.rescore import score_project

PACKAGED = Path(__file__).parents[1] / "sample"  # in an installed package
IN_CHECKOUT = Path(__file__).parents[2] / "data" / "parcels"


def sample_folder() -> Path:
    """Where the sample zone stands."""
    for folder in (PACKAGED, IN_CHECKOUT):
        if (folder / "zone.gpkg").exists():
            return folder
    message = Message(N_("the sample zone is not installed; get landgis again, or use files of your own"))
    raise InputRefused([Problem("E-SAMPLE", message, Place(str(IN_CHECKOUT)))])


def sample_inputs() -> Inputs:
    """The sample zone as input for `score_files`."""
    folder = sample_folder()
    zone = folder / "zone.gpkg"
    return Inputs(
        parcels=f"{zone}:parcels",
        buildings=f"{zone}:buildings",
        blocks=f"{zone}:blocks",
        enterprises=str(folder / "enterprises.csv"),
        occupancies=str(folder / "occupancies.csv"),
    )


def sample_layers() -> Layers:
    """The sample zone as layers of a project."""
    folder = sample_folder()
    zone = folder / "zone.gpkg"
    return Layers(
        parcels=f"{zone}:parcels",
        buildings=f"{zone}:buildings",
        demolished=f"{zone}:buildings_demolished",
        enterprises=str(folder / "enterprises.csv"),
        occupancies=str(folder / "occupancies.csv"),
        blocks=f"{zone}:blocks",
        streets=f"{zone}:streets",
    )


def sample_project(where: str, *, nobody: str = "") -> tuple[Project, Receipt]:
    """The sample zone as a project, with its events, its plan frozen, and what was published about it."""
    project, _ = create_project(where, sample_layers(), nobody=nobody)
    receipt = import_events(project, str(sample_folder() / "events.csv"))
    freeze_baseline(project, "sample")
    import_claims(project, str(sample_folder() / "claims.csv"))
    return project, receipt


def scored_sample(where: str, *, nobody: str = "", tell: Tell = lambda _step: None) -> Project:
    """The sample zone as a project, and scored: what the guide makes where there is no project yet."""
    project, _ = sample_project(where, nobody=nobody)
    score_project(project, tell=tell)
    return project
