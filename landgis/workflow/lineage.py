"""Split, merge or renumber parcels: the old ones end, the new ones begin and take over what was reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from landgis.errors import InputRefused, Place, Problem, RegisterRefused, UsageError
from landgis.frames import columns_of
from landgis.io.raw import Read
from landgis.io.read import read_table
from landgis.metrics.measure import area_of
from landgis.phases.ledger import Draft, Entry, packed
from landgis.phases.lineage import conserved, untaken
from landgis.roles import require
from landgis.tables import PARCELS
from landgis.text import N_, Message
from landgis.workflow.importing import as_read, require_modes
from landgis.workflow.land import land_of
from landgis.workflow.log import Log
from landgis.workflow.prepare import outlines
from landgis.workflow.project import Project
from landgis.workflow.recording import day_of
from landgis.workflow.score import measuring_crs


@dataclass(frozen=True)
class Succession:
    """Which parcels become which, when; `parcels` is a layer with the new ones, not needed for a new number alone."""

    old: Sequence[str]
    new: Sequence[str]
    on: str
    parcels: str | None = None
    crs: str | None = None
    note: str | None = None


def replace_parcels(project: Project, succession: Succession) -> list[Entry]:
    """Put a succession into the ledger, and the new parcels into the layers; refused where land appears or vanishes."""
    require(project.actor, "replace")
    day, precision = day_of(succession.on)
    store = project.store
    layers = store.layers()
    known = frozenset(layers["parcels"]["parcel_id"])
    gone = frozenset(str(parcel) for parcel, action in store.columns(["parcel_id", "action"]) if action == "replace")
    _raise(untaken(succession.old, succession.new, known, gone))
    added = _new_parcels(succession, layers["parcels"])
    parcels: gpd.GeoDataFrame = layers["parcels"]
    frame: gpd.GeoDataFrame = pd.concat([parcels, added.to_crs(parcels.crs)], ignore_index=True)
    tables = {name: as_read(layer, store.where, name) for name, layer in layers.items()}
    tables["parcels"] = as_read(frame, store.where, "parcels")
    require_modes(tables["parcels"], project.rules)
    areas = _areas(tables["parcels"], project)
    _raise(conserved({key: areas[key] for key in succession.old}, {key: areas[key] for key in succession.new}))
    land = land_of(tables, project.rules, project.settings.get("measure_crs"), Log())
    drafts = [
        *(
            _draft("replace", parcel, day, precision, succession, {"new": list(succession.new)})
            for parcel in succession.old
        ),
        *(
            _draft("create", parcel, day, precision, succession, {"old": list(succession.old)})
            for parcel in succession.new
        ),
    ]
    frames = {name: read.frame for name, read in tables.items()}
    return store.save_layers(frames, land, drafts, by=project.actor.name)


def _raise(problems: list[Problem]) -> None:
    if problems:
        raise RegisterRefused(problems)


def _draft(
    action: str, parcel: str, day: str, precision: str, succession: Succession, details: dict[str, object]
) -> Draft:
    return Draft(action, parcel, occurred_on=day, precision=precision, note=succession.note, details=packed(details))  # type: ignore[arg-type]


def _new_parcels(succession: Succession, parcels: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    if succession.parcels is None:
        if len(succession.old) != 1 or len(succession.new) != 1:
            words = N_("a split or a merger needs the outlines of the new parcels (--parcels)")
            raise UsageError([Problem("E-USAGE", Message(words))])
        return parcels[parcels["parcel_id"] == succession.old[0]].assign(parcel_id=succession.new[0])
    read = read_table(succession.parcels, PARCELS, crs=succession.crs)
    rows = read.frame[read.frame["parcel_id"].isin(succession.new)]
    if missing := sorted(set(succession.new) - set(rows["parcel_id"])):
        words = N_("the layer has no parcel {key}; its outline is needed")
        place = Place(read.source.file, read.source.layer)
        raise InputRefused([Problem("E-PARCEL-UNKNOWN", Message(words, {"key": key}), place, key) for key in missing])
    return rows


def _areas(parcels: Read, project: Project) -> dict[str, float]:
    ground = outlines(parcels, "parcel_id", measuring_crs(parcels, project.settings.get("measure_crs")), Log())
    area, _ = area_of(columns_of(parcels.frame), ground.area_m2, project.rules.area)
    return dict(zip(parcels.frame["parcel_id"], np.nan_to_num(area).tolist(), strict=True))
