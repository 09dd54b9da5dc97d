"""Enterprises and occupancies by stretches → firms on parcels, as positions."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landgis import tables
from landgis.ahead import ahead, in_step
from landgis.columns import TEXT, Columns, coded, joined
from landgis.compiled.keys import NOWHERE, KeyIndex
from landgis.io.stream import Batch, Stream, Unusual
from landgis.metrics.chunks import stands
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
from landgis.workflow.streaming.land import Texts, rows_of


class Positions(Protocol):
    """Says where keys stand, as a KeyIndex does."""

    def positions(self, wanted: pa.Array, /) -> np.ndarray:
        """Position of each key; NOWHERE where it is not known."""


@dataclass(frozen=True)
class Enterprises:
    """The enterprises of the year that is scored, which rows of the file they are, and where each key stands."""

    rows: Rows
    columns: Columns
    index: KeyIndex
    year: int | None


def read_enterprises(stream: Stream, asked: int | None, log: Log) -> Enterprises:
    """Read the rows of the year asked for, else of the latest; the others are counted."""
    wanted = {"enterprise_id", "year", "above_scale", "industry_code", *FIGURES}
    batches = ahead(stream.batches([name for name in stream.names if name in wanted]))
    found = joined((batch.columns for batch in batches), stream.rows)
    rows = Rows("enterprises", stream.source, np.arange(1, found.size + 1, dtype=np.int32))
    year = found.number("year") if "year" in found else None
    picked = _pick(year, asked)
    found = Columns({name: found[name] for name in found if name != "year"}, found.size)
    if year is not None and picked is not None:
        note_other_years(rows, int((~np.isnan(year) & (year != picked)).sum()), picked, log)
        note_without_year(rows, Texts(found.cells("enterprise_id")), np.flatnonzero(np.isnan(year)), log)
        if not (of_year := year == picked).all():
            found = found.take(np.flatnonzero(of_year))
            rows = replace(rows, number=rows.number[of_year])
    index = KeyIndex(found.cells("enterprise_id"))
    if len(index.repeated):
        raise Unusual("enterprise_id stands twice in a year")
    return Enterprises(rows, found, index, picked)


def _pick(year: np.ndarray | None, asked: int | None) -> int | None:
    known = np.empty(0) if year is None else year[~np.isnan(year)]
    if asked is not None and len(known) and not (known == asked).any():
        raise Unusual("no row of the year asked for")
    return int(known.max()) if asked is None and len(known) else asked


def read_occupancies(
    stream: Stream, parcels: Positions, enterprises: Enterprises | None, year: int | None, log: Log
) -> tuple[Firms, dict[str, float]]:
    """Occupancies in force in the year, as positions; and what became of their floor area."""
    taken = _Taken.of(stream.rows)
    listed = KeyIndex(pa.array([], TEXT)) if enterprises is None else enterprises.index

    def found(batch: Batch) -> tuple[Batch, np.ndarray, np.ndarray]:
        parcel, firm = (batch.columns.cells(name) for name in ("parcel_id", "enterprise_id"))
        return batch, parcels.positions(parcel), listed.positions(firm)

    batches = ahead(stream.batches([name for name in _OCCUPANCY if name in stream.names]))
    for batch, parcel, firm in in_step(found, batches):
        columns = batch.columns
        named, firms = (Texts(columns.cells(name)) for name in ("parcel_id", "enterprise_id"))
        unknown = np.flatnonzero(parcel == NOWHERE)
        note_unknown_occupancies(rows_of(batch, "occupancies", stream), named, firms, unknown, log)
        taken.take(columns, parcel, firm, _in_force(columns, year))
    rows = Rows("occupancies", stream.source, np.empty(0, int))
    note_past(rows, taken.past, year, log)
    more = taken.number_unlisted(len(listed))
    if enterprises is None:
        return taken.firms(more, None), taken.floor
    note_unknown_firms(rows, len(more), log)
    ids = enterprises.columns.text("enterprise_id")
    ids = pa.concat_arrays([ids, more]) if len(more) else ids
    return taken.firms(ids, enterprises.columns), taken.floor


@dataclass
class _Taken:
    """The occupancies that count so far, in arrays with room for all; `firm` is NOWHERE where nobody lists it."""

    parcel: np.ndarray
    firm: np.ndarray
    area_m2: np.ndarray
    relation: np.ndarray  # a place in RELATIONS, or NOWHERE
    unlisted: list[pa.Array] = field(default_factory=list)
    size: int = 0
    past: int = 0
    floor: dict[str, float] = field(default_factory=lambda: dict.fromkeys(("in", "placed", "set_aside"), 0.0))

    @classmethod
    def of(cls, rows: int) -> _Taken:
        """Room for `rows`."""
        return cls(np.empty(rows, np.int32), np.empty(rows, np.int32), np.empty(rows), np.empty(rows, np.int8))

    def take(self, columns: Columns, parcel: np.ndarray, firm: np.ndarray, current: np.ndarray) -> None:
        """Add the rows of a batch that lie on a parcel and are in force."""
        self.past += int((~current).sum())
        area, firms = columns.number("floor_area_m2"), columns.cells("enterprise_id")
        relation = pc.index_in(columns.text("relation"), value_set=_RELATIONS).fill_null(NOWHERE).to_numpy()
        self.floor["in"] += float(np.nansum(area))
        used = (parcel != NOWHERE) & current
        if not used.all():
            self.floor["set_aside"] += float(np.nansum(area[~used]))
            firms, parcel, firm, area, relation = (
                firms.filter(pa.array(used)), parcel[used], firm[used], area[used], relation[used],
            )  # fmt: skip
        self.floor["placed"] += float(np.nansum(area))
        if (absent := firm == NOWHERE).any():
            self.unlisted.append(firms.filter(pa.array(absent)).cast(TEXT))
        here = slice(self.size, self.size + len(firm))
        self.parcel[here], self.firm[here], self.area_m2[here], self.relation[here] = parcel, firm, area, relation
        self.size = here.stop

    def number_unlisted(self, listed: int) -> pa.Array:
        """Give the firms that only the occupancies name positions behind the listed, as they come; their ids."""
        if not self.unlisted:
            return pa.array([], TEXT)
        found = pa.chunked_array(self.unlisted).combine_chunks().dictionary_encode()
        firm = self.firm[: self.size]
        firm[firm == NOWHERE] = listed + found.indices.to_numpy()
        return found.dictionary

    def firms(self, ids: pa.Array, enterprises: Columns | None) -> Firms:
        """What was taken, as firms."""
        parcel, firm, area = (column[: self.size] for column in (self.parcel, self.firm, self.area_m2))
        return Firms(parcel, firm, area, coded(self.relation[: self.size], RELATIONS), ids, enterprises)


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
    nowhere = np.flatnonzero(~stands(firms.firm, len(firms.ids))[: enterprises.columns.size])
    keys = Texts(enterprises.columns.cells("enterprise_id").take(nowhere))
    rows = Rows("enterprises", enterprises.rows.source, enterprises.rows.number[nowhere])
    note_unplaced_firms(rows, keys, range(len(nowhere)), log)


RELATIONS = tuple(tables.RELATIONS)
_RELATIONS = pa.array(RELATIONS, TEXT)
_OCCUPANCY = ("enterprise_id", "parcel_id", "floor_area_m2", "relation", "start_date", "end_date")
