"""A file as it stands + what its columns mean → a table in canonical columns and units (contract §1)."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Collection

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from landgis.errors import InputRefused, Problem
from landgis.io.cells import Finding, Parsed, clean, is_missing, is_number, text_of
from landgis.io.column_keys import check_keys
from landgis.io.column_names import (
    RESERVED,
    kept_names,
    note_matches,
    note_personal,
    note_unit,
    refuse_double_names,
)
from landgis.io.findings import MOST_LISTED, Log, Work, geometry_name, set_aside_of, source_of
from landgis.io.geometries import are_lines
from landgis.io.headers import Match, find_name, is_personal, match_columns, plain_name
from landgis.io.mapping import ColumnMapping, TableMapping
from landgis.io.raw import Raw, Read
from landgis.io.value_numbers import plain_numbers, unit_word, units_of
from landgis.io.value_words import STRIPPED
from landgis.io.values import parse_column
from landgis.io.wide_events import melt
from landgis.tables import AREA_UNIT_COLUMN, AREA_UNIT_FACTORS_M2, Column, Table
from landgis.text import N_, Message

SPREADSHEET = "XLSX"  # what `sheets` calls its driver


def to_read(
    raw: Raw,
    table: Table,
    *,
    mapping: TableMapping | None = None,
    today: datetime.date | None = None,
    lenient: bool = False,
    staged: bool = False,
    reserved: Collection[str] = RESERVED,
) -> Read:
    """The table in canonical columns; raises InputRefused with every fault of the file.

    A row whose needed key is empty is set aside; in a table whose key has to be unique it refuses the
    file. `lenient` makes a missing needed column a remark, for `landgis check`, which guessed the table;
    `staged` sets rows with faults aside instead of refusing the file, for a caller that judges row by row.
    Columns that nobody knows are kept behind; one with a name in `reserved` gets `_in` behind its name.
    """
    wide = mapping.milestones if mapping is not None and table.name == "events" else {}
    if wide:
        named = tuple(column for column in table.columns if column.name not in ("milestone", "occurred_on"))
        table = dataclasses.replace(table, columns=named)
    work = _start(raw, table, mapping, lenient=lenient)
    for match in work.matches.found:
        _parse(work, match, today)
    _convert_area_units(work)
    check_keys(work)
    milestones = [_milestone_match(work, name, how) for name, how in wide.items()]
    dates = {m.column.name: _parse_dates(work, m, today) for m in milestones if m is not None}
    used = work.matches.sources | {m.source for m in milestones if m is not None and m.source is not None}
    unknown = _unknown_columns(work, used, reserved)
    if staged:
        _set_faults_aside(work)
    _refuse(work, lenient=lenient, may_be_empty=staged)
    return melt(work, unknown, dates, wide) if wide else _assemble(work, unknown)


def _start(raw: Raw, table: Table, mapping: TableMapping | None, *, lenient: bool) -> Work:
    """Match the columns and note what is missing, claimed twice or personal."""
    names = [str(name) for name in raw.frame.columns if name != geometry_name(raw)]
    matches = match_columns(names, table, mapping)
    log = Log(raw)
    refuse_double_names(log, names)
    note_matches(log, names, table, matches, lenient=lenient)
    if table.spatial and geometry_name(raw) is None:
        template = N_(
            "{table} need outlines, and this file has none; give a layer, as GeoJSON, GeoPackage or Shapefile"
        )
        log.fault("E-GEOM-MISSING", Message(template, {"table": Message(table.title)}))
    if table.shape == "line" and geometry_name(raw) is not None:
        _require_lines(log, raw)
    note_personal(log, names)
    return Work(raw, table, matches, log)


def _require_lines(log: Log, raw: Raw) -> None:
    geometry = raw.frame.geometry.to_numpy()
    others = np.flatnonzero(~are_lines(geometry) & ~shapely.is_missing(geometry))
    if len(others):
        template = N_("this is no line; give the centre lines of the streets")
        log.add(Finding("E-GEOM-TYPE", template, others), str(geometry_name(raw)))


def _source(work: Work, match: Match) -> pd.Series:
    """The cells that a column is made from, in the order of the file."""
    size = len(work.raw.frame)
    if match.source is None:
        constant = match.how.value if match.how is not None else None
        return pd.Series(np.full(size, constant, dtype=object))
    return work.raw.frame[match.source].reset_index(drop=True)


def _parse_match(work: Work, match: Match, today: datetime.date | None) -> Parsed:
    how = match.how
    return parse_column(
        _source(work, match),
        match.column,
        field=plain_name(match.field),
        sheet=work.raw.source.driver == SPREADSHEET,
        factor=match.factor,
        values=how.values if how else None,
        form=how.format if how else None,
        today=today,
    )


def _parse(work: Work, match: Match, today: datetime.date | None) -> None:
    parsed = _parse_match(work, match, today)
    work.columns[match.column.name] = parsed.values
    work.beside |= parsed.beside
    for finding in parsed.findings:
        work.log.add(finding, match.field, work.ids)
        if finding.code == "W-UNIT":
            work.with_unit[match.column.name] = finding.positions
    if match.unit and match.factor != 1:
        note_unit(work.log, match.field, match.column.name, match.factor, match.unit)


def _convert_area_units(work: Work) -> None:
    """Convert registered areas whose unit stands in a column of its own (MJDW), row by row."""
    match = work.matches.get("registered_area_m2")
    units = next((n for n in work.raw.frame.columns if plain_name(str(n)) == plain_name(AREA_UNIT_COLUMN)), None)
    if match is None or units is None or match.unit or match.source in (None, match.column.name):
        return
    if match.how is not None and match.how.factor is not None:
        return
    _multiply_by_unit(work, str(units))


def _multiply_by_unit(work: Work, units: str) -> None:
    texts = clean(text_of(work.raw.frame[units].reset_index(drop=True)), trim="all")[0].str.replace(
        r"\.0+$", "", regex=True
    )
    if texts.isna().all():
        message = Message(N_("the column is empty, so the areas were taken as m²"))
        work.log.remark("W-UNIT", message, units)
        return
    area = work.columns["registered_area_m2"]
    factor_of = dict(units_of("registered_area_m2")) | dict(AREA_UNIT_FACTORS_M2)
    factors = texts.map(lambda word: factor_of.get(unit_word(word), np.nan), na_action="ignore").astype(np.float64)
    wrong = np.flatnonzero(factors.isna() & area.notna())
    if len(wrong):
        template = N_("{value} is no unit of area here; write 1 for m², 2 for mu (亩), 3 for hectares")
        said = ['""' if is_missing(word) else word for word in texts.iloc[wrong]]
        work.log.add(Finding("E-UNIT", template, wrong, said), units, work.ids)
    factors.iloc[work.with_unit.get("registered_area_m2", [])] = 1.0
    work.columns["registered_area_m2"] = area * factors
    converted = np.flatnonzero((factors != 1) & factors.notna() & area.notna())
    if len(converted):
        template = N_("{count} areas are in mu or hectares as this column says, and were converted (rows {rows})")
        work.log.add(Finding("W-UNIT", template, converted), units)


def _milestone_match(work: Work, name: str, how: ColumnMapping) -> Match | None:
    """The date column of one milestone in a ledger with a row a parcel."""
    column = Column(name, "date", name)
    if how.column is None:
        return Match(column, None, how=how)
    source = find_name(how.column, [str(name) for name in work.raw.frame.columns])
    return Match(column, source, how=how) if source is not None else None


def _parse_dates(work: Work, match: Match, today: datetime.date | None) -> Parsed:
    parsed = _parse_match(work, match, today)
    for finding in parsed.findings:
        work.log.add(finding, match.field, work.ids)
    return parsed


def _unknown_columns(work: Work, used: Collection[str], reserved: Collection[str]) -> dict[str, pd.Series]:
    """The columns that are not ours, texts cleaned, under names that results do not need."""
    taken = {
        *work.columns,
        *work.beside,
        *(column.name for column in work.table.columns),
        "geometry",
        *reserved,
    }
    names = [str(n) for n in work.raw.frame.columns if n not in used and n != geometry_name(work.raw)]
    return {
        kept: _passed_through(work, name, work.raw.frame[name].reset_index(drop=True))
        for name, kept in kept_names(work.log, names, taken)
    }


def _passed_through(work: Work, name: str, cells: pd.Series) -> pd.Series:
    """A column that nobody knows, of one type; texts cleaned, an indicator of a firm as numbers."""
    cells = _of_one_type(cells)
    if isinstance(cells.dtype, pd.StringDtype):
        cells, stripped = clean(cells)
        if len(stripped):
            work.log.add(Finding("W-TEXT-CTRL", STRIPPED, stripped), name)
        if work.table.name == "enterprises" and not is_personal(name):
            numbers = plain_numbers(cells)
            return cells if numbers is None else numbers
    return cells


def _of_one_type(cells: pd.Series) -> pd.Series:
    """A column of mixed cells as numbers or dates if they all are, else as texts."""
    if cells.dtype != object:
        return cells
    known = [cell for cell in cells if not is_missing(cell)]
    if known and all(is_number(cell) for cell in known):
        whole = len(known) == len(cells) and all(isinstance(cell, int) for cell in known)
        if not whole:
            return cells.astype(np.float64)
        return cells.astype(np.int64) if max(map(abs, known)) < 2**63 else text_of(cells)
    if known and all(isinstance(cell, datetime.datetime) for cell in known):
        return pd.to_datetime(cells)
    return text_of(cells)


def _set_faults_aside(work: Work) -> None:
    """Make a fault of one row the reason why that row is not used."""
    position_of = {int(row): position for position, row in enumerate(work.raw.rows)}
    for fault in reversed(work.log.faults):  # the first one of a row is kept, before that a cell is now empty
        if fault.place.row is not None:
            work.aside[position_of[fault.place.row]] = fault
    work.log.faults = [fault for fault in work.log.faults if fault.place.row is None]


def _refuse(work: Work, *, lenient: bool, may_be_empty: bool = False) -> None:
    """Raise what was found, and that nothing is left to read."""
    faults = list(work.log.faults)
    if len(work.raw.frame) == 0:
        message = Message(N_("there is no row in it"))
        if lenient:
            work.log.remark("W-EMPTY", message)
        else:
            faults.append(Problem("E-EMPTY", message, work.log.place()))
    elif len(work.aside) == len(work.raw.frame) and not (lenient or may_be_empty):
        faults.append(Problem("E-EMPTY", Message(N_("no row of it can be used")), work.log.place()))
        faults += list(work.aside.values())[:MOST_LISTED]
    if faults:
        raise InputRefused([*faults, *work.log.remarks] if lenient else faults)


def _assemble(work: Work, unknown: dict[str, pd.Series]) -> Read:
    """Canonical columns first, the others behind; without the rows set aside."""
    columns = {**work.columns, **work.beside, **unknown}
    geometry = geometry_name(work.raw)
    frame: pd.DataFrame
    if geometry is None or not work.table.spatial:
        frame = pd.DataFrame(columns, index=pd.RangeIndex(len(work.raw.frame)))
    else:
        outlines = work.raw.frame.geometry.reset_index(drop=True)
        frame = gpd.GeoDataFrame({**columns, "geometry": outlines}, geometry="geometry", crs=work.raw.frame.crs)
    rows = work.raw.rows
    if work.aside:
        kept = np.delete(np.arange(len(frame)), list(work.aside))
        frame, rows = frame.iloc[kept].reset_index(drop=True), rows[kept]
    return Read(frame, rows, source_of(work, len(frame)), [*work.raw.problems, *work.log.remarks], set_aside_of(work))
