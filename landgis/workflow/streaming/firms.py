"""Enterprises and occupancies by stretches → firms on parcels, as positions."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landgis.columns import TEXT, Columns, joined
from landgis.compiled.keys import NOWHERE, KeyIndex
from landgis.io.stream import Batch, Stream, Unusual
from landgis.metrics.tenants import FIGURES, Firms
from landgis.workflow.log import (
    Log,
    Rows,
    note_other_years,
    note_past,
    note_unknown_firms,
    note_unknown_occupancies,
    note_unplaced_firms,
    note_without_year,
)
from landgis.workflow.streaming.ahead import ahead
from landgis.workflow.streaming.land import Texts


@dataclass(frozen=True)
class Enterprises:
    """The enterprises of the year that is scored: which row of the file each is, and where each key stands."""

    rows: Rows
    columns: Columns
    row: np.ndarray
    index: KeyIndex
    year: int | None


def read_enterprises(stream: Stream, asked: int | None, log: Log) -> Enterprises:
    """Read the rows of the year asked for, else of the latest; the others are counted."""
    wanted = {"enterprise_id", "year", "above_scale", "industry_code", *FIGURES}
    found = joined([batch.columns for batch in ahead(stream.batches([n for n in stream.names if n in wanted]))])
    rows = Rows("enterprises", stream.source, np.arange(1, found.size + 1))
    year = found.number("year") if "year" in found else None
    picked = _pick(year, asked)
    row = np.arange(found.size)
    if year is not None and picked is not None:
        note_other_years(rows, int((~np.isnan(year) & (year != picked)).sum()), picked, log)
        note_without_year(rows, Texts(found.cells("enterprise_id")), np.flatnonzero(np.isnan(year)), log)
        row = np.flatnonzero(year == picked)
        found = found if len(row) == found.size else found.take(row)
    index = KeyIndex(found.cells("enterprise_id"))
    if len(index.repeated):
        raise Unusual("enterprise_id stands twice in a year")
    return Enterprises(rows, found, row, index, picked)


def _pick(year: np.ndarray | None, asked: int | None) -> int | None:
    known = np.empty(0) if year is None else year[~np.isnan(year)]
    if asked is not None and len(known) and not (known == asked).any():
        raise Unusual("no row of the year asked for")
    return int(known.max()) if asked is None and len(known) else asked


def read_occupancies(
    stream: Stream, parcels: KeyIndex, enterprises: Enterprises | None, year: int | None, log: Log
) -> tuple[Firms, dict[str, float]]:
    """Occupancies in force in the year, as positions; and what became of their floor area."""
    taking = _Taking(stream, parcels, KeyIndex(pa.array([], pa.string())) if enterprises is None else enterprises.index)
    names = [name for name in _OCCUPANCY if name in stream.names]
    used = [taking.take(batch, year, log) for batch in ahead(stream.batches(names))]
    rows = Rows("occupancies", stream.source, np.empty(0, int))
    note_past(rows, taking.past, year, log)
    firm, more = _numbered(np.concatenate([part.firm for part in used]), taking.unlisted, len(taking.listed))
    if enterprises is not None:
        note_unknown_firms(rows, len(more), log)
    parcel, area = (np.concatenate([getattr(part, name) for part in used]) for name in ("parcel", "floor_area_m2"))
    relation = pa.chunked_array([part.relation for part in used]).combine_chunks()
    ids = more if enterprises is None else pa.concat_arrays([enterprises.columns.text("enterprise_id"), more])
    listed = None if enterprises is None else enterprises.columns
    floor = {"in": taking.total_m2, "placed": float(np.nansum(area))}
    return Firms(parcel, firm, area, relation, ids, listed), floor | {"set_aside": taking.aside_m2}


@dataclass(frozen=True)
class _Used:
    """The occupancies of a batch that count; `firm` is NOWHERE where the enterprises do not list it."""

    parcel: np.ndarray
    firm: np.ndarray
    floor_area_m2: np.ndarray
    relation: pa.Array


class _Taking:
    """Goes through the occupancies, and keeps what is to be said of all of them."""

    def __init__(self, stream: Stream, parcels: KeyIndex, listed: KeyIndex) -> None:
        self.listed, self.unlisted, self.past, self.total_m2, self.aside_m2 = listed, list[pa.Array](), 0, 0.0, 0.0
        self._stream, self._parcels = stream, parcels

    def take(self, batch: Batch, year: int | None, log: Log) -> _Used:
        """The rows of a batch that lie on a parcel and are in force."""
        columns, current = batch.columns, _in_force(batch.columns, year)
        parcel = self._parcels.positions(columns.cells("parcel_id"))
        self._note(batch, np.flatnonzero(parcel == NOWHERE), log)
        self.past += int((~current).sum())
        used = (parcel != NOWHERE) & current
        area, relation, firms = (
            columns.number("floor_area_m2"),
            columns.text("relation"),
            columns.cells("enterprise_id"),
        )
        self.total_m2 += float(np.nansum(area))
        if not used.all():
            self.aside_m2 += float(np.nansum(area[~used]))
            mask = pa.array(used)
            parcel, area, relation, firms = parcel[used], area[used], relation.filter(mask), firms.filter(mask)
        firm = self.listed.positions(firms)
        if (absent := firm == NOWHERE).any():
            self.unlisted.append(firms.filter(pa.array(absent)).cast(TEXT))
        return _Used(parcel, firm, area, relation)

    def _note(self, batch: Batch, unknown: np.ndarray, log: Log) -> None:
        rows = Rows(
            "occupancies", self._stream.source, np.arange(batch.first + 1, batch.first + batch.columns.size + 1)
        )
        parcels, firms = (Texts(batch.columns.cells(name)) for name in ("parcel_id", "enterprise_id"))
        note_unknown_occupancies(rows, parcels, firms, unknown, log)


def _numbered(firm: np.ndarray, unlisted: list[pa.Array], listed: int) -> tuple[np.ndarray, pa.Array]:
    """Positions behind the listed ones for firms that only the occupancies name, in the order in which they come."""
    if not unlisted:
        return firm, pa.array([], TEXT)
    found = pa.chunked_array(unlisted).combine_chunks().dictionary_encode()
    firm = firm.copy()
    firm[firm == NOWHERE] = listed + found.indices.to_numpy()
    return firm, found.dictionary


def _in_force(columns: Columns, year: int | None) -> np.ndarray:
    """Whether an occupancy touches the year; a missing date leaves that side open."""
    current = np.full(columns.size, True)
    if year is None:
        return current
    for name, beyond, day in (("start_date", pc.greater, (12, 31)), ("end_date", pc.less, (1, 1))):
        if name in columns:
            out = beyond(columns.cells(name).cast(pa.date32()), datetime.date(year, *day))
            current &= ~pc.fill_null(out, False).to_numpy(zero_copy_only=False)
    return current


def note_firms_nowhere(enterprises: Enterprises, firms: Firms, log: Log) -> None:
    """Firms of the year that are on no parcel are set aside, with their figures."""
    placed = np.zeros(len(firms.ids), dtype=bool)
    placed[firms.firm] = True
    nowhere = np.flatnonzero(~placed[: enterprises.columns.size])
    keys = Texts(enterprises.columns.cells("enterprise_id").take(nowhere))
    rows = Rows("enterprises", enterprises.rows.source, enterprises.rows.number[enterprises.row[nowhere]])
    note_unplaced_firms(rows, keys, range(len(nowhere)), log)


_OCCUPANCY = ("enterprise_id", "parcel_id", "floor_area_m2", "relation", "start_date", "end_date")
