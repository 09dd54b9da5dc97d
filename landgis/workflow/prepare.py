"""Tables as read → arrays as measured: one CRS in metres, mended polygons, positions instead of keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
from pandas import DataFrame, Series
from pyproj import CRS

from landgis import geometry as polygons
from landgis.errors import InputRefused, Place, Problem
from landgis.io.raw import Raw, Read, SetAside
from landgis.metrics.built import Buildings
from landgis.metrics.occupied import Firms
from landgis.overlay import NOWHERE, place_buildings
from landgis.text import N_, Message

Result = TypeVar("Result")

STATES = {
    polygons.MISSING: N_("there is no geometry; draw the outline and score again"),
    polygons.EMPTY: N_("the geometry is empty; draw the outline and score again"),
    polygons.NOT_POLYGON: N_("the geometry is no polygon, so it has no area; give an outline"),
    polygons.SLIVER: N_("the outline has no area (a line or a sliver); draw it again"),
}


@dataclass(frozen=True)
class Aside:
    """A row that was not used, of which table and file."""

    table: str
    file: str
    row: SetAside


@dataclass
class Log:
    """What was noticed on the way; goes into the report."""

    problems: list[Problem] = field(default_factory=list)
    set_aside: list[Aside] = field(default_factory=list)

    def take(self, table: str, read: Read) -> None:
        """Keep what the reader of a table noticed."""
        self.problems += read.problems
        self.set_aside += [Aside(table, read.source.file, row) for row in read.set_aside]


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


def place_of(read: Read, position: int | np.integer | None = None, field_name: str | None = None) -> Place:
    """Where a row of a table stands in its file."""
    row = None if position is None else int(read.rows[position])
    return Place(read.source.file, read.source.layer, row, field_name)


def outlines(read: Read, key: str, measured_in: CRS, log: Log) -> Outlines:
    """Mend a layer's polygons in the measuring CRS and say what was done to each row."""
    frame: gpd.GeoDataFrame = read.frame
    there = frame if frame.crs == measured_in else frame.to_crs(measured_in)
    mended = polygons.mend(there.geometry.to_numpy(), polygons.collapsed(frame.geometry.to_numpy()))
    keys = frame[key].to_numpy(object)
    for position in np.flatnonzero(mended.state == polygons.MENDED):
        values = {
            "before": round(mended.area_before_m2[position], 2),
            "after": round(mended.area_m2[position], 2),
        }
        message = Message(N_("invalid polygon mended; area {before} m² before, {after} m² after"), values)
        log.problems.append(Problem("W-GEOM-FIXED", message, place_of(read, position), str(keys[position])))
    for state, words in STATES.items():
        for position in np.flatnonzero(mended.state == state):
            code = "W-GEOM-NULL" if state == polygons.MISSING else "W-GEOM-AREA0"
            log.problems.append(Problem(code, Message(words), place_of(read, position), str(keys[position])))
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
    keys = read.frame["parcel_id"].to_numpy(object)
    for (left, right), area in zip(usable[pairs], areas, strict=True):
        values = {"left": keys[left], "right": keys[right], "area": f"{area:.2f}"}
        message = Message(N_("parcels {left} and {right} overlap by {area} m²; one of the outlines is wrong"), values)
        log.problems.append(Problem("W-TOPO-OVERLAP", message, place_of(read, left), str(keys[left])))


def positions(keys: Series, wanted: Series) -> np.ndarray:
    """Where each wanted key stands in `keys`; NOWHERE where it does not, or is not known."""
    found = pd.Index(keys).get_indexer(pd.Index(wanted))
    return np.where(wanted.isna(), NOWHERE, found)


def stand_buildings(read: Read, parcels: Read, land: Outlines, measured_in: CRS, log: Log) -> Buildings:
    """Place the buildings on the parcels; those that stand on none are set aside and named."""
    found = outlines(read, "building_id", measured_in, log)
    frame = read.frame
    declared = np.full(len(frame), NOWHERE)
    if "parcel_id" in frame:
        declared = positions(parcels.frame["parcel_id"], frame["parcel_id"])
        unknown = np.flatnonzero((declared == NOWHERE) & frame["parcel_id"].notna())
        _note_unknown_parcels(read, unknown, log)
    placement = place_buildings(land.geometry, found.geometry, declared)
    nowhere = np.setdiff1d(np.arange(len(frame)), placement.building)
    keys = frame["building_id"].to_numpy(object)
    for position in nowhere:
        words = N_("this building stands on no parcel; check its outline or give its parcel_id")
        problem = ("W-BUILDING-NOWHERE", Message(words))
        _set_aside("buildings", read, position, str(keys[position]), problem, log)
    return Buildings(pd.DataFrame(frame.drop(columns="geometry")), placement, found.area_m2)


def _note_unknown_parcels(read: Read, unknown: np.ndarray, log: Log) -> None:
    keys = read.frame["parcel_id"].to_numpy(object)
    for position in unknown:
        message = Message(
            N_("parcel {key} is not in the parcels; the footprint decides instead"), {"key": keys[position]}
        )
        log.problems.append(Problem("W-PARCEL-UNKNOWN", message, place_of(read, position, "parcel_id")))


def _set_aside(
    table: str, read: Read, position: int | np.integer, key: str | None, problem: tuple[str, Message], log: Log
) -> None:
    code, message = problem
    row = SetAside(int(read.rows[position]), key, Problem(code, message, place_of(read, position), key))
    log.set_aside.append(Aside(table, read.source.file, row))


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
        raise InputRefused([Problem("E-YEAR", message, place_of(enterprises, None, "year"))])
    if asked is None and len(years):
        asked = int(years.max())
    return asked


def rows_of_year(enterprises: Read, year: int | None, log: Log) -> DataFrame:
    """The enterprises' rows of one year; those of other years are counted, those without a year are set aside."""
    frame = enterprises.frame
    if "year" not in frame or year is None:
        return frame.reset_index(drop=True)
    other = int((frame["year"].notna() & (frame["year"] != year)).sum())
    if other:
        message = Message(
            N_("{count} rows are of other years than {year} and not used"), {"count": other, "year": year}
        )
        log.problems.append(Problem("W-YEAR", message, place_of(enterprises)))
    for position in np.flatnonzero(frame["year"].isna()):
        key = str(frame["enterprise_id"].iloc[position])
        problem = ("W-YEAR-MISSING", Message(N_("this row has no year; fill it in")))
        _set_aside("enterprises", enterprises, position, key, problem, log)
    return frame[frame["year"] == year].reset_index(drop=True)


def settle_firms(
    occupancies: Read, enterprises: DataFrame | None, parcels: Read, year: int | None, log: Log
) -> tuple[Firms, dict[str, float]]:
    """Occupancies in force in the year, as positions; and what became of their floor area."""
    frame = occupancies.frame
    parcel = positions(parcels.frame["parcel_id"], frame["parcel_id"])
    note_unknown_occupancies(occupancies, np.flatnonzero(parcel == NOWHERE), log)
    current = _in_force(frame, year)
    if not current.all():
        values = {"count": int((~current).sum()), "year": year}
        message = Message(N_("{count} occupancies were not in force in {year} and are not used"), values)
        log.problems.append(Problem("W-OCCUPANCY-PAST", message, place_of(occupancies)))
    used = (parcel != NOWHERE) & current
    area = _numbers(frame, "floor_area_m2")
    ids, firm = _firm_positions(enterprises, frame["enterprise_id"][used], occupancies, log)
    relation = frame["relation"].to_numpy(object) if "relation" in frame else np.full(len(frame), None)
    total, kept = float(np.nansum(area)), float(np.nansum(area[used]))
    floor = {"in": total, "placed": kept, "set_aside": float(np.nansum(area[~used]))}
    return Firms(parcel[used], firm, area[used], relation[used], ids, enterprises), floor


def note_unknown_occupancies(occupancies: Read, at: np.ndarray, log: Log) -> None:
    """Set the occupancies at some positions aside, as their parcel is not in the parcels."""
    frame = occupancies.frame
    for position in at:
        words = N_("parcel {key} is not in the parcels; correct the key or add the parcel")
        problem = ("W-PARCEL-UNKNOWN", Message(words, {"key": frame["parcel_id"].iloc[position]}))
        _set_aside("occupancies", occupancies, position, str(frame["enterprise_id"].iloc[position]), problem, log)


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
    if len(more):
        message = Message(N_("{count} firms with occupancies have no figures in the enterprises"), {"count": len(more)})
        log.problems.append(Problem("W-FIRM-UNKNOWN", message, place_of(occupancies)))
    return np.concatenate([listed.to_numpy(object), np.asarray(more, dtype=object)]), firm


def note_unplaced_firms(enterprises: Read, used: DataFrame, firms: Firms, log: Log) -> None:
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
    for position in np.flatnonzero(rows):
        words = N_("no occupancy puts this firm on a parcel; its figures are in no parcel's")
        problem = ("W-FIRM-NOWHERE", Message(words))
        _set_aside("enterprises", enterprises, position, str(ids.iloc[position]), problem, log)


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
