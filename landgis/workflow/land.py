"""From the layers of a project to what the register counts with: areas, buildings, occupants, blocks."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from pandas import DataFrame

from landgis.frames import column_of, columns_of, series_of
from landgis.io.raw import Read
from landgis.metrics.built import Buildings, floors_of
from landgis.metrics.measure import area_of
from landgis.overlay import NOWHERE, place_buildings
from landgis.rules.model import RuleSet
from landgis.store.base import LAND
from landgis.workflow.log import Log
from landgis.workflow.prepare import (
    Outlines,
    outlines,
    positions,
    stand_buildings,
    unknown_parcels,
)
from landgis.workflow.score import measuring_crs

AREA_DECIMALS = 4  # 0.0001 m²; steadier than the last digits of a sum


def land_of(tables: Mapping[str, Read], rules: RuleSet, measure_crs: str | None, log: Log) -> dict[str, DataFrame]:
    """The tables of `store.base.LAND`, from tables as read; what cannot be used is set aside in `log`."""
    parcels = tables["parcels"]
    measured_in = measuring_crs(parcels, measure_crs)
    ground = outlines(parcels, "parcel_id", measured_in, log)
    area, _ = area_of(columns_of(parcels.frame), ground.area_m2, rules.area)
    keys = parcels.frame["parcel_id"].to_numpy(object)
    found = {name: [DataFrame(columns=list(columns))] for name, columns in LAND.items()}
    found["land_parcels"].append(_parcels(parcels.frame, area))
    for name, fallen in (("buildings", 0), ("demolished", 1)):
        if name in tables:
            stand = stand_buildings(tables[name], parcels, ground, measured_in, log)
            found["land_buildings"].append(_buildings(stand, rules, keys).assign(fallen=fallen))
    if "occupancies" in tables:
        found["land_occupants"].append(_occupants(tables["occupancies"], parcels, log))
    if "blocks" in tables:
        blocks = tables["blocks"]
        drawn = outlines(blocks, "block_id", measured_in, log)
        found["land_blocks"].append(_blocks(blocks.frame, drawn))
        found["land_coverage"].append(_coverage(parcels.frame, ground, blocks.frame, drawn))
    return {name: pd.concat(frames, ignore_index=True)[list(LAND[name])] for name, frames in found.items()}


def _parcels(frame: DataFrame, area_m2: np.ndarray) -> DataFrame:
    return DataFrame({
        "parcel_id": frame["parcel_id"],
        "block_id": column_of(frame, "block_id", "str"),
        "renovation_mode": column_of(frame, "renovation_mode", "str"),
        "sign_blockers": column_of(frame, "sign_blockers", "str"),
        "area_m2": area_m2.round(AREA_DECIMALS),
    })  # fmt: skip


def _buildings(stand: Buildings, rules: RuleSet, keys: np.ndarray) -> DataFrame:
    where = stand.placement
    _, floor = floors_of(stand, rules.storey)
    area = np.where(floor.known | ~np.isnan(stand.footprint_m2), floor.floor_area_m2, np.nan)
    most = np.zeros(stand.columns.size)
    np.maximum.at(most, where.building, where.share)
    rows = DataFrame({
        "building_id": series_of(stand.columns["building_id"]).to_numpy(object)[where.building],
        "parcel_id": keys[where.parcel],
        "floor_area_m2": (where.share * area[where.building]).round(AREA_DECIMALS),
        "main": (where.share == most[where.building]).astype(int),
    })  # fmt: skip
    first = rows[rows["main"] == 1].drop_duplicates("building_id").index  # one parcel, should two hold equal parts
    rows["main"] = rows.index.isin(first).astype(int)
    return rows


def _occupants(occupancies: Read, parcels: Read, log: Log) -> DataFrame:
    frame = occupancies.frame
    known = positions(parcels.frame["parcel_id"], frame["parcel_id"]) != NOWHERE
    unknown_parcels(occupancies, np.flatnonzero(~known), log)
    return frame.loc[known, ["parcel_id", "enterprise_id"]].drop_duplicates()


def _blocks(frame: DataFrame, drawn: Outlines) -> DataFrame:
    days = {
        name: column_of(frame, name, "datetime64[us]").dt.strftime("%Y-%m-%d") for name in ("valid_from", "valid_to")
    }
    return DataFrame({
        "block_id": frame["block_id"],
        "name": column_of(frame, "name", "str"),
        "name_en": column_of(frame, "name_en", "str"),
        **days,
        "area_m2": drawn.area_m2.round(AREA_DECIMALS),
        "planned_area_ha": column_of(frame, "planned_area_ha"),
    })  # fmt: skip


def _coverage(parcels: DataFrame, ground: Outlines, blocks: DataFrame, drawn: Outlines) -> DataFrame:
    """How much of each parcel that names no block itself lies in each version of each block's outline."""
    cover = place_buildings(drawn.geometry, ground.geometry, np.full(len(parcels), NOWHERE))
    unnamed = column_of(parcels, "block_id", "str").isna().to_numpy()[cover.building]
    since = column_of(blocks, "valid_from", "datetime64[us]").dt.strftime("%Y-%m-%d").to_numpy(object)
    return DataFrame({
        "parcel_id": parcels["parcel_id"].to_numpy(object)[cover.building],
        "block_id": blocks["block_id"].to_numpy(object)[cover.parcel],
        "valid_from": since[cover.parcel],
        "covered_m2": cover.footprint_m2.round(AREA_DECIMALS),
    })[unnamed]  # fmt: skip
