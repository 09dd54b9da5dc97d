"""The sample zone that comes with landgis."""

from __future__ import annotations

from pathlib import Path

from landgis.errors import InputRefused, Place, Problem
from landgis.text import N_, Message
from landgis.workflow.score import Inputs

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
