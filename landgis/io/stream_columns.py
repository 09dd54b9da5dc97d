"""Which columns of a Parquet file a stream reads, as what, and under which names."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from landgis.errors import Problem
from landgis.io.cells import cleaned
from landgis.io.column_names import RESERVED, kept_names, note_matches, note_personal, note_unit
from landgis.io.findings import Log
from landgis.io.headers import Match, is_personal, match_columns, plain_name
from landgis.io.mapping import TableMapping
from landgis.io.raw import Source
from landgis.io.stream_cells import canonical, is_time, own, texts
from landgis.io.stream_remarks import Unusual
from landgis.io.value_numbers import are_plain_numbers
from landgis.io.value_words import known_texts
from landgis.tables import AREA_UNIT_COLUMN, Table

_REPEATS = 4  # bytes a value; texts that take less than that are few and repeated
_LOOKED_AT = 4096  # rows that tell whether a column of texts is one of numbers


@dataclass(frozen=True)
class Planned:
    """One column: where it comes from, its name afterwards, what it means, and remarks on it as a whole."""

    source: str
    name: str
    match: Match | None
    checked: bool  # whether a cell of it may be unusual
    remarks: tuple[Problem, ...] = ()
    days: bool = False  # whether all times in it are days


@dataclass(frozen=True)
class Plan:
    """All columns, canonical ones first; remarks on the names; columns that are read as dictionaries."""

    columns: tuple[Planned, ...]
    remarks: tuple[Problem, ...]
    dictionaries: tuple[str, ...]

    def named(self, source: Source) -> Source:
        """The source with what each canonical column is called in it."""
        names = {one.name: one.source for one in self.columns if one.match is not None}
        return replace(source, columns=MappingProxyType(names))


@dataclass(frozen=True)
class _Origin:
    """A file as a log knows it."""

    source: Source
    rows: np.ndarray


def plan_columns(
    opened: pq.ParquetFile,
    table: Table,
    mapping: TableMapping | None,
    source: Source,
    *,
    dropped: Collection[str] = frozenset(),
) -> Plan:
    """Match the columns as the plain reader does; raises Unusual where it would refuse, or change a whole column."""
    schema = opened.schema_arrow
    if len(set(schema.names)) != len(schema.names):
        raise Unusual("double names")
    names = [name for name in schema.names if name not in dropped]
    if any(not name.isprintable() or name != name.strip() or name in ("", "geometry") for name in names):
        raise Unusual("names that change")
    matches = match_columns(names, table, mapping)
    log = Log(_Origin(source, np.array([], dtype=int)))
    note_matches(log, names, table, matches)
    if log.faults:
        raise Unusual("needed columns")
    note_personal(log, names)
    _require_plain(names, table, mapping, matches.found)
    remarks, log.remarks = tuple(log.remarks), []
    layer = bool(dropped)
    known = [_planned(match, log, schema.field(match.source).type, layer=layer) for match in matches.found]
    taken = {one.name for one in known} | {column.name for column in table.columns} | {"geometry"} | RESERVED
    others = [
        _other(name, kept, log, opened, layer=layer)
        for name, kept in kept_names(log, [n for n in names if n not in matches.sources], taken)
    ]
    if table.name == "enterprises":
        _require_texts(opened, [one.source for one in others if not is_personal(one.source)])
    return Plan((*known, *others), remarks, tuple(_dictionaries(opened, [one.source for one in known])))


def _require_plain(names: Sequence[str], table: Table, mapping: TableMapping | None, found: Sequence[Match]) -> None:
    if table.name == "events" and mapping is not None and mapping.milestones:
        raise Unusual("a ledger with a row a parcel")
    for match in found:
        if match.source is None or (match.how is not None and match.how.values):
            raise Unusual("constants, or words that a mapping translates")
        if match.column.name == "registered_area_m2" and plain_name(AREA_UNIT_COLUMN) in map(plain_name, names):
            raise Unusual("a column of units")


def _planned(match: Match, log: Log, kind: pa.DataType, *, layer: bool) -> Planned:
    canonical(pa.array([], kind), match, layer=layer)  # raises Unusual for its type
    if match.unit and match.factor != 1:
        note_unit(log, match.field, match.column.name, match.factor, match.unit)
    return Planned(str(match.source), match.column.name, match, True, _taken(log))


def _other(name: str, kept: str, log: Log, opened: pq.ParquetFile, *, layer: bool) -> Planned:
    kind = opened.schema_arrow.field(name).type
    own(pa.array([], kind), layer=layer)
    days = is_time(kind) and _are_days(opened, name)
    return Planned(name, kept, None, not pa.types.is_floating(kind), _taken(log), days)


def _are_days(opened: pq.ParquetFile, name: str) -> bool:
    """Whether no time in a column has a time of day: the writer makes days of them then."""
    for batch in opened.iter_batches(columns=[name], use_threads=False):
        known = batch[name].drop_null()
        if not known.equals(known.cast(pa.date32(), safe=False).cast(known.type)):
            return False
    return True


def _taken(log: Log) -> tuple[Problem, ...]:
    """The remarks since the last time."""
    found, log.remarks = tuple(log.remarks), []
    return found


def _require_texts(opened: pq.ParquetFile, names: Sequence[str]) -> None:
    """Raise Unusual where a column of texts may be one of numbers, an indicator of the firms: its first rows tell."""
    kinds = {name: opened.schema_arrow.field(name).type for name in names}
    words = [name for name, kind in kinds.items() if pa.types.is_string(kind) or pa.types.is_large_string(kind)]
    if not words:
        return
    batch = next(opened.iter_batches(_LOOKED_AT, columns=words, use_threads=False))
    for name in words:
        cells = known_texts(cleaned(texts(batch[name], layer=False))[0])
        if cells.null_count == len(cells) or are_plain_numbers(cells):
            raise Unusual(f"{name}: texts that may be numbers")


def _dictionaries(opened: pq.ParquetFile, names: Sequence[str]) -> list[str]:
    """The columns of texts that are few and repeated, by what the first row group says of their size."""
    about = opened.metadata.row_group(0)
    columns = [about.column(at) for at in range(about.num_columns)]
    small = {one.path_in_schema for one in columns if one.total_uncompressed_size < _REPEATS * one.num_values}
    return [name for name in names if name in small and _is_text(opened.schema_arrow.field(name).type)]


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)
