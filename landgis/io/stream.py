"""A Parquet table or layer by stretches of 65 536 rows, by pyarrow alone: the quick way of `landgis score`.

It is for files that are as they should be: what the plain reader (`read.read_table`) would change, mend or name is
`Unusual`, and the plain reader then does the job; a few remarks that come up in good files are said in its own words.
Whether keys are unique is left to whoever looks them up, and where the layer lies is asked with its box in `lies_well`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pyproj import CRS

from landgis.columns import Column, Columns
from landgis.errors import Place, Problem
from landgis.io import crs_check
from landgis.io.crs import asked_crs, shown
from landgis.io.formats import Format, identify, split_layer
from landgis.io.geometries import heights_dropped, missing_rows
from landgis.io.geoparquet import ERRORS, Far, Head, open_parquet, read_head, stored
from landgis.io.mapping import TableMapping
from landgis.io.parquet_rows import read_rows
from landgis.io.raw import Source
from landgis.io.stream_cells import canonical, own
from landgis.io.stream_columns import Plan, Planned, plan_columns
from landgis.io.stream_outlines import OutlineTally
from landgis.io.stream_remarks import Remarks, Unusual
from landgis.tables import Table

BATCH_ROWS = 65_536
_DELIMITED = (".csv", ".tsv", ".tab")

__all__ = ["BATCH_ROWS", "Batch", "Stream", "Unusual", "open_stream"]


@dataclass(frozen=True)
class Batch:
    """Rows from position `first` on: canonical and own columns, and the outlines as they lie in the file."""

    first: int
    columns: Columns
    wkb: pa.Array | None = None


@dataclass
class Stream:
    """An opened table; `problems` are complete when `batches` has been gone through once, with outlines in a layer."""

    source: Source
    crs: CRS | None
    path: Path | Far
    plan: Plan
    outlines: str | None
    checked: set[str] = field(default_factory=set)
    remarks: dict[str, Remarks] = field(default_factory=dict)
    tally: OutlineTally = field(default_factory=OutlineTally)

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self.source.rows

    @property
    def own(self) -> tuple[str, ...]:
        """Names of the columns that nobody knows, as they are passed on."""
        return tuple(one.name for one in self.plan.columns if one.match is None)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all columns that there are."""
        return tuple(one.name for one in self.plan.columns)

    @property
    def place(self) -> Place:
        """The file, as problems name it."""
        return Place(self.source.file, self.source.layer)

    @property
    def problems(self) -> list[Problem]:
        """Remarks, in the plain reader's words and order; all of them after the first pass."""
        found = [heights_dropped(self.tally.with_heights, self.place)] if self.tally.with_heights else []
        found += missing_rows(self.tally.missing.first, self.tally.missing.count, self.place)
        found += self.plan.remarks
        for one in self.plan.columns:
            before, behind = (list(one.remarks), []) if one.match is None else ([], list(one.remarks))
            cells = self.remarks[one.source].problems() if one.source in self.remarks else []
            found += [*before, *cells, *behind]
        return found

    def lies_well(self, total: crs_check.Box) -> bool:
        """Whether the box around all outlines (NaN where there is none) is where the CRS is used, or it is Unusual."""
        return self.crs is None or crs_check.lies_well(total, self.crs, self.place)

    def batches(
        self, names: Collection[str] | None = None, *, outlines: bool = False, groups: tuple[int, int] | None = None
    ) -> Iterator[Batch]:
        """The rows from the start, all columns or those of `names` that there are; may be called again.

        Of row groups `first` up to `last` where these are given; positions are then still those in the file.

        The first pass looks at every column, whichever are asked for, and at outlines if they are. Raises Unusual.
        """
        wanted = [one for one in self.plan.columns if names is None or one.name in names]
        looked = [one for one in self.plan.columns if one in wanted or (one.checked and one.source not in self.checked)]
        drawn = self.outlines if outlines else None
        self._forget({one.source for one in looked} | ({drawn} if drawn else set()))
        first, end = self._span(groups)
        for batch in self._read([*(one.source for one in looked), *([drawn] if drawn else [])], groups):
            found = {one.name: self._values(one, batch[one.source], first) for one in looked}
            wkb = None if drawn is None else self._outlines(batch[drawn], first)
            yield Batch(first, Columns({one.name: found[one.name] for one in wanted}, batch.num_rows), wkb)
            first += batch.num_rows
        if first != end:
            raise Unusual("rows are missing")
        self.checked |= {one.source for one in looked} | ({drawn} if drawn else set())

    def _span(self, groups: tuple[int, int] | None) -> tuple[int, int]:
        """Positions of the first row of some row groups, and of the one behind the last."""
        if groups is None:
            return 0, self.rows
        about = open_parquet(self.path, self.place).metadata
        rows = [about.row_group(at).num_rows for at in range(groups[1])]
        return sum(rows[: groups[0]]), sum(rows)

    def _forget(self, sources: set[str]) -> None:
        """Drop what a pass that was broken off has found."""
        for name in sources - self.checked:
            self.remarks.pop(name, None)
            if name == self.outlines:
                self.tally = OutlineTally()

    def _read(self, names: list[str], groups: tuple[int, int] | None) -> Iterator[pa.RecordBatch]:
        words = self.plan.dictionaries
        try:
            yield from read_rows(self.path, self.place, names, BATCH_ROWS, groups=groups, dictionaries=words)
        except ERRORS as error:
            raise Unusual("damaged") from error

    def _values(self, one: Planned, array: pa.Array, first: int) -> Column:
        layer = self.outlines is not None
        if one.match is None:
            values, findings = own(array, layer=layer, days=one.days)
        else:
            values, findings = canonical(array, one.match, layer=layer)
        if findings and one.source not in self.checked:
            self.remarks.setdefault(one.source, Remarks(self._field(one))).add(findings, first)
        return values

    def _field(self, one: Planned) -> Place:
        return Place(self.source.file, self.source.layer, None, one.source if one.match is None else one.match.field)

    def _outlines(self, wkb: pa.Array, first: int) -> pa.Array:
        wkb = stored(wkb)
        if self.outlines not in self.checked:
            self.tally.add(wkb, first)
        return wkb


def open_stream(
    text: str,
    table: Table,
    *,
    mapping: TableMapping | None = None,
    crs: str | None = None,
    encoding: str | None = None,
) -> Stream:
    """Open FILE as a table; raises Unusual where the plain reader is needed, InputRefused and UsageError as it does."""
    path, layer = split_layer(text)
    if not path.is_file() or (encoding is not None and path.suffix.lower() in _DELIMITED):
        raise Unusual("not a file, or a text")
    kind = identify(path)
    if kind == Format.GEOPARQUET and table.shape == "polygon":
        return _layer(path, layer, table, mapping, crs)
    if kind == Format.PARQUET and not table.spatial:
        return _table(path, table, mapping)
    raise Unusual(f"{kind}, which is read another way")


def open_far(far: Far, table: Table, *, mapping: TableMapping | None = None, crs: str | None = None) -> Stream:
    """The same for a file that is no path."""
    return _layer(far, None, table, mapping, crs) if table.shape == "polygon" else _table(far, table, mapping)


def _table(path: Path | Far, table: Table, mapping: TableMapping | None) -> Stream:
    opened = open_parquet(path, Place(str(path)))
    source = Source(str(path), None, "Parquet", rows=opened.metadata.num_rows)
    return _stream(path, opened, source, plan_columns(opened, table, mapping, source))


def _layer(
    path: Path | Far, layer: str | None, table: Table, mapping: TableMapping | None, asked: str | None
) -> Stream:
    head = read_head(path, layer, Place(str(path)), limit=None)
    crs = _settled(head, asked)
    if not head.is_wkb:
        raise Unusual("outlines that are no WKB")
    source = Source(str(path), None, "Parquet", "UTF-8", shown(crs), head.opened.metadata.num_rows)
    plan = plan_columns(head.opened, table, mapping, source, dropped=head.dropped)
    return _stream(path, head.opened, source, plan, crs=crs, outlines=head.outlines)


def _settled(head: Head, asked: str | None) -> CRS:
    """The CRS where there is nothing to say about it."""
    user = None if asked is None else asked_crs(asked)
    if head.crs is None and user is not None:
        return user
    if head.crs is None or user not in (None, head.crs):
        raise Unusual("no CRS, or two")
    return head.crs


def _stream(
    path: Path | Far,
    opened: pq.ParquetFile,
    source: Source,
    plan: Plan,
    crs: CRS | None = None,
    outlines: str | None = None,
) -> Stream:
    if not opened.metadata.num_rows:
        raise Unusual("no row")
    return Stream(plan.named(source), crs, path, plan, outlines)
