"""What is known of one parcel's land: facts with their sources, what stands on it, who is in it. No row is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from landgis.results import RESULT_COLUMNS
from landgis.tables import BUILDINGS, OCCUPANCIES, PARCELS
from landgis.text import N_
from landgis.workflow.project import Project
from landgis.workflow.zone import Zone

Value = str | float | int | bool | None
UNITS = {"m2": "m²", "mu": N_("mu"), "wan": N_("10 000 CNY"), "m": "m", "ha": "ha"}  # by a column's last word
NOT_FACTS = frozenset({
    "parcel_id", "block_id", "rules_id", "area_source", "floor_area_source", "renovation_rank", "score", "score_low",
    "score_high", "intensity_score", "tenancy_score", "output_score",
})  # fmt: skip
FIGURES = ("output_wan", "revenue_wan", "value_added_wan", "tax_wan", "employees")


@dataclass(frozen=True)
class Source:
    """Where a value comes from: a file that a line of the ledger took over, or the scoring of such files."""

    file: str | None = None
    layer: str | None = None
    line: int | None = None
    at: str | None = None  # UTC, as the ledger writes it
    by: str | None = None
    how: str | None = None  # registered, geometry, declared, footprint, mixed; scored


@dataclass(frozen=True)
class Fact:
    """One value of a parcel; `title` is English, or the user's own column name where `own` is set."""

    name: str
    title: str
    value: Value
    unit: str
    source: Source
    own: bool = False


@dataclass(frozen=True)
class BuildingRow:
    """A building that stands, or stood, on the parcel; `here_m2` is what of its floor area counts on this parcel."""

    building_id: str
    storeys: int | None
    storey_heights_m: tuple[float, ...]
    height_m: float | None
    floor_area_m2: float | None  # as declared
    here_m2: float | None
    legality: str | None
    use: str | None
    fallen: bool  # it was demolished before the buildings were surveyed
    main: bool  # most of it is on this parcel
    source: Source
    more: Mapping[str, Value] = field(default_factory=dict)  # the office's own columns


@dataclass(frozen=True)
class Occupancy:
    """One row of the occupancies; `in_force` in the year of the figures."""

    building_id: str | None
    storey: str | None
    floor_area_m2: float | None
    relation: str | None
    start: str | None
    end: str | None
    in_force: bool
    more: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Figures:
    """What a firm reported for a year, for all its places together; money in 万元."""

    year: int | None
    output_wan: float | None
    revenue_wan: float | None
    value_added_wan: float | None
    tax_wan: float | None
    employees: float | None


@dataclass(frozen=True)
class Occupant:
    """A firm on the parcel. `share` (0…1) is its part of the known floor area that firms occupy there."""

    enterprise_id: str
    name: str | None
    floor_area_m2: float | None
    share: float | None
    rows: tuple[Occupancy, ...]
    figures: tuple[Figures, ...]  # the newest first
    parcels: int  # on how many parcels the firm is


def plain(value: Any) -> Value:
    """A cell as a plain value: None where nothing is known, days as ISO text.

    >>> plain(np.float64("nan")), plain(pd.Timestamp(2024, 3, 1)), plain(np.int64(5))
    (None, '2024-03-01', 5)
    """
    if value is None or pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    found: Value = value.item() if isinstance(value, np.generic) else value
    return found


def sources_of(project: Project, zone: Zone) -> dict[str, Source]:
    """By table: the file that it was taken from last, and the line of the ledger that says so."""
    found: dict[str, Source] = {}
    for seq in reversed(zone.register.imports):
        if found.keys() >= zone.layers.keys():
            break
        line = next(project.store.entries(after=seq - 1))
        for table, file in line.more.get("files", {}).items():
            source = Source(file["file"], file["layer"], line.seq, line.recorded_at, line.recorded_by)
            found.setdefault(table, source)
    return found


def facts_of(zone: Zone, parcel: str, sources: Mapping[str, Source], scored: Source) -> tuple[Fact, ...]:
    """All columns of the parcel's row, the office's own behind; then what was measured, with its source."""
    source, row = sources.get("parcels", Source()), zone.parcels.loc[parcel]
    titles = {column.name: column.title for column in PARCELS.columns if column.name != "parcel_id"}
    named = [Fact(name, title, plain(row.get(name)), _unit(name), source) for name, title in titles.items()]
    own = [
        Fact(str(name), str(name), plain(value), _unit(str(name)), source, own=True)
        for name, value in row.items()
        if name not in titles and name != "parcel_id"
    ]
    return (*named, *own, *_measured(zone, parcel, scored))


def _unit(name: str) -> str:
    return UNITS.get(name.rpartition("_")[2], "")


def _measured(zone: Zone, parcel: str, scored: Source) -> list[Fact]:
    """Area and ratios as scored last; without scores, the area that the register counts with."""
    if zone.scores is None or parcel not in zone.scores.index:
        return [_area(zone, parcel)]
    row, facts = zone.scores.loc[parcel], []
    for column in RESULT_COLUMNS:
        if column.kind == "text" or column.name in NOT_FACTS:
            continue
        base = {"area_mu": "area_m2", "counted_floor_area_m2": "floor_area_m2"}.get(column.name, column.name)
        how = plain(row.get(base.replace("_m2", "_source"))) if base in ("area_m2", "floor_area_m2") else None
        source = Source(line=scored.line, at=scored.at, how=str(how) if how else "scored")
        facts.append(Fact(column.name, column.title, plain(row[column.name]), column.unit, source))
    return facts


def _area(zone: Zone, parcel: str) -> Fact:
    land, _ = zone.register.land_known()
    area = plain(np.round(land.area_m2[land.parcel_ids.get_loc(parcel)], 4))
    column = next(column for column in RESULT_COLUMNS if column.name == "area_m2")
    registered = plain(zone.parcels.loc[parcel].get("registered_area_m2"))
    how = None if area is None else "registered" if registered == area else "geometry"
    return Fact(column.name, column.title, area, column.unit, Source(how=how))


def buildings_of(zone: Zone, parcel: str, sources: Mapping[str, Source]) -> tuple[BuildingRow, ...]:
    """The buildings that stand on the parcel, wholly or in part, and those that stood there."""
    placed = zone.register.land_known()[1]["land_buildings"]
    rows = []
    for name, fallen in (("buildings", False), ("demolished", True)):
        here = placed[(placed["parcel_id"] == parcel) & (placed["fallen"].astype(bool) == fallen)]
        if name in zone.layers and len(here):
            drawn = zone.layers[name]
            drawn = DataFrame(drawn[drawn["building_id"].isin(here["building_id"])]).drop(columns="geometry")
            known = {str(row["building_id"]): row for _, row in drawn.iterrows()}
            rows += [
                _building(known[one["building_id"]], one, sources.get(name, Source())) for _, one in here.iterrows()
            ]
    return tuple(sorted(rows, key=lambda row: (row.fallen, row.building_id)))


def _building(row: Series, placed: Series, source: Source) -> BuildingRow:
    def cell(name: str) -> Any:
        return plain(row.get(name))

    storeys, heights = cell("storeys"), cell("storey_heights_m")
    known = {column.name for column in BUILDINGS.columns}
    return BuildingRow(
        str(row["building_id"]), None if storeys is None else int(storeys),
        tuple(float(height) for height in str(heights).split(";") if height) if heights else (),
        cell("height_m"), cell("floor_area_m2"), plain(placed["floor_area_m2"]),  # type: ignore[arg-type]
        cell("legality"), cell("use"), bool(placed["fallen"]), bool(placed["main"]), source, _more(row, known),
    )  # fmt: skip


def _more(row: Series, known: set[str]) -> dict[str, Value]:
    return {str(name): plain(value) for name, value in row.items() if name not in known}


def occupants_of(zone: Zone, parcel: str) -> tuple[Occupant, ...]:
    """The firms on the parcel, the largest first; a firm with several rows is one occupant."""
    table = zone.layers.get("occupancies")
    if table is None:
        return ()
    mine, firms = table[table["parcel_id"] == parcel], zone.layers.get("enterprises")
    year = _year(firms)
    rows: dict[str, list[Occupancy]] = {}
    for _, row in mine.iterrows():
        rows.setdefault(str(row["enterprise_id"]), []).append(_occupancy(row, year))
    areas = {firm: _sum(one.floor_area_m2 for one in some if one.in_force) for firm, some in rows.items()}
    total = sum(area for area in areas.values() if area is not None)
    places = table[table["enterprise_id"].isin(rows)].groupby("enterprise_id")["parcel_id"].nunique()
    named = _firms(firms, rows)
    found = [
        Occupant(firm, named[firm][0], area, area / total if area is not None and total else None, tuple(rows[firm]),
                 named[firm][1], int(places[firm]))
        for firm, area in areas.items()
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: (-(one.floor_area_m2 or 0), one.enterprise_id)))


def _year(firms: DataFrame | None) -> int | None:
    """The year that occupancies are asked for: the latest of the figures, as the scoring takes it."""
    years = Series(dtype=float) if firms is None or "year" not in firms else firms["year"].dropna()
    return int(years.max()) if len(years) else None


def _occupancy(row: Series, year: int | None) -> Occupancy:
    def cell(name: str) -> Any:
        return plain(row.get(name))

    start, end = cell("start_date"), cell("end_date")
    in_force = year is None or not ((start and start > f"{year}-12-31") or (end and end < f"{year}-01-01"))
    known = {column.name for column in OCCUPANCIES.columns}
    return Occupancy(
        cell("building_id"), cell("storey"), cell("floor_area_m2"), cell("relation"), start, end, in_force,
        _more(row, known),
    )  # fmt: skip


def _sum(areas: Any) -> float | None:
    known = [area for area in areas if area is not None]
    return float(sum(known)) if known else None


def _firms(firms: DataFrame | None, wanted: Mapping[str, Sequence[Occupancy]]) -> dict[str, tuple[str | None, Any]]:
    """Name and figures of each firm; unknown where the enterprises have no row of it."""
    found: dict[str, tuple[str | None, Any]] = dict.fromkeys(wanted, (None, ()))
    if firms is None:
        return found
    for firm, rows in firms[firms["enterprise_id"].isin(wanted)].groupby("enterprise_id"):
        cells = [{name: plain(row.get(name)) for name in ("name", "year", *FIGURES)} for _, row in rows.iterrows()]
        cells.sort(key=lambda row: -int(row["year"] or 0))
        figures = tuple(
            Figures(None if row["year"] is None else int(row["year"]), *(row[name] for name in FIGURES))  # type: ignore[arg-type]
            for row in cells
        )
        found[str(firm)] = (next((str(row["name"]) for row in cells if row["name"]), None), figures)
    return found
