"""Tables as read → arrays as measured: one CRS in metres, mended polygons, positions instead of keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
from pandas import DataFrame, Series
from pyproj import CRS

from landgis import geometry as polygons
from landgis.columns import TEXT, texts
from landgis.errors import InputRefused, Problem
from landgis.frames import column_from, columns_of
from landgis.io.raw import Raw, Read
from landgis.metrics.built import Buildings
from landgis.metrics.tenants import Firms
from landgis.overlay import NOWHERE, place_buildings
from landgis.text import N_, Message
from landgis.workflow.log import (
    STATES,
    Log,
    Rows,
    note_nowhere,
    note_other_years,
    note_outlines,
    note_overlaps,
    note_past,
    note_unknown_firms,
    note_unknown_occupancies,
    note_unknown_parcels,
    note_unplaced_firms,
    note_without_year,
)

Result = TypeVar("Result")


@dataclass(frozen=True)
class Outlines:
    """Polygons of a layer in the CRS that areas are measured in, mended; None where unmeasurable."""

    geometry: np.ndarray
    area_m2: np.ndarray
    measurable: np.ndarray


def collect(readers: Sequence[Callable[[], Result]]) -> list[Result]:
    """Run every reader and raise all their problems at once, so that the user mends them in one go."""
    results, problems = [], []
    for reader in readers:
        try:
            results.append(reader())
        except InputRefused as refusal:
            problems += refusal.problems
    if problems:
        raise InputRefused(problems)
    return results


def rows_of(read: Read, table: str) -> Rows:
    """The rows of a table as read, to say where something stands."""
    return Rows(table, read.source, read.rows)


def outlines(read: Read, key: str, measured_in: CRS, log: Log) -> Outlines:
    """Mend a layer's polygons in the measuring CRS and say what was done to each row."""
    frame: gpd.GeoDataFrame = read.frame
    there = frame if frame.crs == measured_in else frame.to_crs(measured_in)
    mended = polygons.mend(there.geometry.to_numpy(), polygons.collapsed(frame.geometry.to_numpy()))
    states = {state: np.flatnonzero(mended.state == state) for state in (polygons.MENDED, *STATES)}
    areas = mended.area_before_m2, mended.area_m2
    note_outlines(rows_of(read, ""), frame[key].to_numpy(object), states, areas, log)
    return Outlines(mended.geometry, mended.area_m2, mended.measurable)


def without_area(read: Read | Raw, found: Outlines) -> bool:
    """Whether a layer of outlines has none with an area; a layer of points has nothing to measure at all."""
    kinds = read.frame.geometry.geom_type.dropna()
    return bool(len(kinds) and kinds.isin(("Polygon", "MultiPolygon")).all() and not found.measurable.any())


def require_measurable(read: Read, found: Outlines, log: Log) -> None:
    """Refuse a parcels layer in which no outline has an area; what each row lacks was noted by `outlines`."""
    if without_area(read, found):
        faults = [problem for problem in log.problems if problem.code == "W-GEOM-AREA0"]
        raise InputRefused([Problem("E-GEOM-AREA0", fault.message, fault.place, fault.id) for fault in faults])


def report_overlaps(read: Read, found: Outlines, log: Log) -> None:
    """Name every pair of parcels that overlap by more than 1 m², with the area."""
    usable = np.flatnonzero(found.measurable)
    pairs, areas = polygons.overlapping_pairs(found.geometry[usable])
    note_overlaps(rows_of(read, "parcels"), read.frame["parcel_id"].to_numpy(object), usable[pairs], areas, log)


def positions(keys: Series, wanted: Series) -> np.ndarray:
    """Where each wanted key stands in `keys`; NOWHERE where it does not, or is not known."""
    found = pd.Index(keys).get_indexer(pd.Index(wanted))
    return np.where(wanted.isna(), NOWHERE, found)


def stand_buildings(read: Read, parcels: Read, land: Outlines, measured_in: CRS, log: Log) -> Buildings:
    """Place the buildings on the parcels; those that stand on none are set aside and named."""
    found = outlines(read, "building_id", measured_in, log)
    frame = read.frame
    rows, declared = rows_of(read, "buildings"), np.full(len(frame), NOWHERE)
    if "parcel_id" in frame:
        declared = positions(parcels.frame["parcel_id"], frame["parcel_id"])
        unknown = np.flatnonzero((declared == NOWHERE) & frame["parcel_id"].notna())
        note_unknown_parcels(rows, frame["parcel_id"].to_numpy(object), unknown, log)
    placement = place_buildings(land.geometry, found.geometry, declared)
    nowhere = np.setdiff1d(np.arange(len(frame)), placement.building)
    note_nowhere(rows, frame["building_id"].to_numpy(object), nowhere, log)
    return Buildings(columns_of(frame), placement, found.area_m2)


def pick_year(enterprises: Read | None, asked: int | None) -> int | None:
    """The year that is scored: the one asked for, else the latest in the enterprises."""
    if enterprises is None or "year" not in enterprises.frame:
        return asked
    years = enterprises.frame["year"].dropna()
    if asked is not None and len(years) and not (years == asked).any():
        known = ", ".join(str(int(year)) for year in sorted(years.unique()))
        message = Message(
            N_("there is no row of {year}; the years there are: {known}"), {"year": asked, "known": known}
        )
        raise InputRefused([Problem("E-YEAR", message, rows_of(enterprises, "enterprises").place(None, "year"))])
    if asked is None and len(years):
        asked = int(years.max())
    return asked


def rows_of_year(enterprises: Read, year: int | None, log: Log) -> DataFrame:
    """The enterprises' rows of one year; those of other years are counted, those without a year are set aside."""
    frame = enterprises.frame
    if "year" not in frame or year is None:
        return frame.reset_index(drop=True)
    rows, known = rows_of(enterprises, "enterprises"), frame["year"].notna()
    note_other_years(rows, int((known & (frame["year"] != year)).sum()), year, log)
    note_without_year(rows, frame["enterprise_id"].to_numpy(object), np.flatnonzero(~known), log)
    return frame[frame["year"] == year].reset_index(drop=True)


def settle_firms(
    occupancies: Read, enterprises: DataFrame | None, parcels: Read, year: int | None, log: Log
) -> tuple[Firms, dict[str, float]]:
    """Occupancies in force in the year, as positions; and what became of their floor area."""
    frame = occupancies.frame
    parcel = positions(parcels.frame["parcel_id"], frame["parcel_id"])
    unknown_parcels(occupancies, np.flatnonzero(parcel == NOWHERE), log)
    current = _in_force(frame, year)
    note_past(rows_of(occupancies, "occupancies"), int((~current).sum()), year, log)
    used = (parcel != NOWHERE) & current
    area = _numbers(frame, "floor_area_m2")
    ids, firm = _firm_positions(enterprises, frame["enterprise_id"][used], occupancies, log)
    relation = texts(column_from(frame["relation"])) if "relation" in frame else pa.nulls(len(frame), TEXT)
    total, kept = float(np.nansum(area)), float(np.nansum(area[used]))
    floor = {"in": total, "placed": kept, "set_aside": float(np.nansum(area[~used]))}
    listed = None if enterprises is None else columns_of(enterprises)
    return Firms(parcel[used], firm, area[used], relation.filter(pa.array(used)), pa.array(ids, TEXT), listed), floor


def unknown_parcels(occupancies: Read, at: np.ndarray, log: Log) -> None:
    """Set the occupancies at some positions aside, as their parcel is not in the parcels."""
    parcels, firms = (occupancies.frame[name].to_numpy(object) for name in ("parcel_id", "enterprise_id"))
    note_unknown_occupancies(rows_of(occupancies, "occupancies"), parcels, firms, at, log)


def _in_force(frame: DataFrame, year: int | None) -> np.ndarray:
    """Whether an occupancy touches the year; a missing date leaves that side open."""
    current = np.full(len(frame), True)
    if year is None:
        return current
    if "start_date" in frame:
        current &= ~(frame["start_date"] > pd.Timestamp(year, 12, 31)).to_numpy(bool)
    if "end_date" in frame:
        current &= ~(frame["end_date"] < pd.Timestamp(year, 1, 1)).to_numpy(bool)
    return current


def _firm_positions(
    enterprises: DataFrame | None, wanted: Series, occupancies: Read, log: Log
) -> tuple[np.ndarray, np.ndarray]:
    """All firm ids, the enterprises' first, and where each occupancy's firm stands among them."""
    if enterprises is None:
        codes, ids = pd.factorize(wanted)
        return np.asarray(ids, dtype=object), codes
    listed = pd.Index(enterprises["enterprise_id"])
    firm = listed.get_indexer(pd.Index(wanted)).copy()
    absent = firm == NOWHERE
    codes, more = pd.factorize(wanted[absent])
    firm[absent] = len(listed) + codes
    note_unknown_firms(rows_of(occupancies, "occupancies"), len(more), log)
    return np.concatenate([listed.to_numpy(object), np.asarray(more, dtype=object)]), firm


def unplaced_firms(enterprises: Read, used: DataFrame, firms: Firms, log: Log) -> None:
    """Firms of the year that are on no parcel are set aside, with their figures."""
    placed = np.zeros(len(firms.ids), dtype=bool)
    placed[firms.firm] = True
    unplaced = set(used["enterprise_id"][~placed[: len(used)]])
    if not unplaced:
        return
    ids = enterprises.frame["enterprise_id"]
    rows = ids.isin(unplaced).to_numpy(bool).copy()
    if "year" in used:
        rows &= (enterprises.frame["year"] == used["year"].iloc[0]).to_numpy(bool)
    note_unplaced_firms(rows_of(enterprises, "enterprises"), ids.to_numpy(object), np.flatnonzero(rows), log)


def fill_blocks(parcels: DataFrame, land: Outlines, blocks: Read | None, measured_in: CRS, log: Log) -> Series:
    """Block of each parcel: its own, else the block that covers most of it; unknown where none does."""
    own = parcels["block_id"] if "block_id" in parcels else Series(np.full(len(parcels), None), dtype="str")
    if blocks is None:
        return own
    found = outlines(blocks, "block_id", measured_in, log)
    told = np.full(len(parcels), NOWHERE)
    cover = place_buildings(found.geometry, land.geometry, told)  # parcels lie on blocks as buildings do on parcels
    order = np.lexsort((-cover.share, cover.building))
    first = np.unique(cover.building[order], return_index=True)[1]
    most = order[first]
    names = Series(np.full(len(parcels), None, dtype=object))
    names.iloc[cover.building[most]] = blocks.frame["block_id"].to_numpy(object)[cover.parcel[most]]
    return own.where(own.notna(), names.astype("str").to_numpy())


def _numbers(frame: DataFrame, name: str) -> np.ndarray:
    return frame[name].to_numpy(float) if name in frame else np.full(len(frame), np.nan)
