"""From the layers of a project to what an assessment counts with: area, tenure, floor by use and legality, tax."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from pandas import DataFrame, Series

from landgis.frames import column_from, column_of, columns_of, frame_of
from landgis.metrics.built import Buildings, floors_of
from landgis.metrics.measure import area_of
from landgis.planning.feasibility import Land
from landgis.planning.sequence import FloatArray
from landgis.rules.prices import UNKNOWN_USE, USES
from landgis.scoring.flags import as_numbers
from landgis.workflow.importing import as_read
from landgis.workflow.log import Log
from landgis.workflow.prepare import fill_blocks, outlines, stand_buildings
from landgis.workflow.project import Project
from landgis.workflow.rescore import replaced_by
from landgis.workflow.score import measuring_crs

REMAINING_YEARS, CONDITION = "remaining_years", "condition"  # columns that an office may keep of its own


@dataclass(frozen=True, eq=False)
class Parcels:
    """The parcels of a project as they are today, in the order of the layer."""

    frame: gpd.GeoDataFrame  # as imported
    block_id: Series
    land: Land
    legality_unknown: np.ndarray  # bool: some building is neither said to be legal nor unlicensed, and counts as legal
    fallen: np.ndarray  # bool: some building fell already, and its floor is in no figure


def parcels_of(project: Project) -> Parcels:
    """What is known of each parcel that exists today; the tax is that of the scores as saved last."""
    layers, log = project.store.layers(), Log()  # what is odd in the layers was said when they were imported
    gone = replaced_by(project, project.today())
    layers["parcels"] = layers["parcels"][~layers["parcels"]["parcel_id"].isin(gone)].reset_index(drop=True)
    reads = {name: as_read(layers[name], project.store.where, name) for name in layers}
    parcels = reads["parcels"]
    measured_in = measuring_crs(parcels, project.settings.get("measure_crs"))
    ground = outlines(parcels, "parcel_id", measured_in, log)
    frame: gpd.GeoDataFrame = parcels.frame
    area, _ = area_of(columns_of(frame), ground.area_m2, project.rules.area)
    stand = stand_buildings(reads["buildings"], parcels, ground, measured_in, log) if "buildings" in reads else None
    floor = _floor(stand, project, len(frame))
    land = Land(
        area_m2=area,
        tenure=_codes(frame, "tenure"),
        remaining_years=_number(frame, REMAINING_YEARS, most=np.inf),
        max_floor_area_ratio=column_of(frame, "max_floor_area_ratio").to_numpy(float),
        legal_floor_m2=floor.legal_m2,
        condition=floor.condition,
        unlicensed_floor_m2=floor.unlicensed_m2,
        tax_per_mu=_tax_per_mu(project, frame),
    )
    fallen = np.zeros(len(frame), dtype=bool)
    if "demolished" in reads:
        fallen[stand_buildings(reads["demolished"], parcels, ground, measured_in, log).placement.parcel] = True
    block = fill_blocks(frame, ground, reads.get("blocks"), measured_in, log)
    return Parcels(frame, block, land, floor.unclear, fallen)


@dataclass(frozen=True, eq=False)
class _Floor:
    legal_m2: FloatArray  # [n, USES]
    unlicensed_m2: FloatArray
    condition: FloatArray
    unclear: np.ndarray


def _floor(stand: Buildings | None, project: Project, size: int) -> _Floor:
    """Floor that stands on each parcel; NaN where a building's is not known, and without a buildings layer."""
    if stand is None:
        unknown = np.full(size, np.nan)
        return _Floor(np.full((size, len(USES)), np.nan), unknown, unknown, np.zeros(size, dtype=bool))
    frame, where = frame_of(stand.columns), stand.placement
    _, found = floors_of(stand, project.rules.storey)
    area = np.where(found.known, found.floor_area_m2, np.nan)
    legality, use = _codes(frame, "legality"), _codes(frame, "use")
    use[[word not in USES for word in use]] = UNKNOWN_USE
    illegal = legality == "unlicensed"
    legal = np.where(illegal, 0.0, area)
    by_use = [where.sum_by_parcel(np.where(use == word, legal, 0.0), size) for word in USES]
    worn = np.where(illegal, 0.0, area * _number(frame, CONDITION, most=1.0))
    worth = where.sum_by_parcel(worn, size)
    total = where.sum_by_parcel(legal, size)
    with np.errstate(invalid="ignore", divide="ignore"):
        condition = np.where(total > 0, worth / total, np.nan)
    unclear = where.any_by_parcel(~np.isin(legality.astype(str), ("legal", "unlicensed")), size)
    return _Floor(np.stack(by_use, axis=1), where.sum_by_parcel(np.where(illegal, area, 0.0), size), condition, unclear)


def _codes(frame: DataFrame, name: str) -> np.ndarray:
    """Words of a column, None where there is none."""
    if name not in frame:
        return np.full(len(frame), None, dtype=object)
    words = frame[name].astype(object)
    return words.where(words.notna(), None).to_numpy(object).copy()


def _number(frame: DataFrame, name: str, *, most: float) -> FloatArray:
    """Numbers of a column of the office's own, NaN where there is none or it lies outside 0…most."""
    if name not in frame:
        return np.full(len(frame), np.nan)
    values = as_numbers(column_from(frame[name]))
    return np.where((values >= 0) & (values <= most), values, np.nan)


def _tax_per_mu(project: Project, frame: DataFrame) -> FloatArray:
    scores = project.store.scores()
    if scores is None:
        return np.full(len(frame), np.nan)
    return scores.set_index("parcel_id")["tax_per_mu"].reindex(frame["parcel_id"]).to_numpy(float)
