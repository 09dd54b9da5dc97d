"""GeoParquet 1.1 for layers and Parquet for tables by stretches, with titles and units inside.

Every Parquet file of landgis comes out of here, so that the same rows in the same stretches are the same bytes. How the
columns are packed was measured on a million result rows: zstd 1, of outlines a quicker level; the bytes of numbers side
by side, differences of whole numbers; dictionaries for texts that repeat; pages by bytes and not by rows; no statistics
of outlines and sentences, which nobody looks for by size. With zstd 1 for all and pages of 20 000 rows, as pyarrow has
them, it was a quarter more processor time for 2.6 % fewer bytes.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from landgis.columns import Column, Columns, encode
from landgis.errors import Problem
from landgis.io.outline_bytes import Drawn, plain_wkb
from landgis.io.write_columns import renamed, unique_names
from landgis.results import ResultColumn
from landgis.text import translator

if TYPE_CHECKING:
    from pyproj import CRS

GEOPARQUET_VERSION = "1.1.0"
STRETCH_ROWS = 65_536  # a row group
SENTENCES = frozenset({"reasons_zh", "reasons_en"})  # hardly two alike
_QUICK = -3  # level of zstd: half the time for a tenth more bytes where there is little to be found
_AT_ONCE = 4096  # rows that are encoded at a time; a page may be that much longer than a megabyte
_KINDS = {"key": pa.string(), "text": pa.string(), "number": pa.float64(), "integer": pa.int64()}


@dataclass(frozen=True)
class Layer:
    """What a layer says of itself; `bounds` (x, y, x, y) saves looking for them in the outlines."""

    crs: CRS | None
    name: str = "parcels"
    title: str = ""
    bounds: tuple[float, float, float, float] | None = None


@dataclass
class LayerWriter:
    """One Parquet file, a row group for each stretch that is written; without `layer` a table without outlines.

    Numbers come as float64 or Arrow arrays, texts as any Arrow texts, also as dictionaries. The columns of the first
    stretch are those of the file. `file` is what remarks call it, `rules_id` the rule set that the rows are judged by.
    """

    path: Path
    known: Sequence[ResultColumn]
    layer: Layer | None = None
    rules_id: str | None = None
    file: str = ""
    remarks: list[Problem] = field(default_factory=list)
    _writer: pq.ParquetWriter | None = None
    _schema: pa.Schema | None = None  # as readers see it
    _outlines: str = ""
    _drawn: Drawn = field(default_factory=Drawn)
    _lock: Lock = field(default_factory=Lock)

    def __enter__(self) -> LayerWriter:
        return self

    def write(self, columns: Columns, wkb: pa.Array | None = None) -> None:
        """Write a row group: its columns and, in a layer, its outlines as WKB; those of plain ISO WKB as they are."""
        self.put(self.group(columns, wkb))

    def group(self, columns: Columns, wkb: pa.Array | None = None) -> pa.RecordBatch:
        """A row group as `put` takes it; threads may make some at a time."""
        with self._lock:
            if self._writer is None:
                self._writer = self._begin(columns)
        schema = self._writer.schema
        kinds = [field.type for field in schema][: len(columns)]
        arrays = [to_arrow(column, kind) for column, kind in zip(columns.values(), kinds, strict=True)]
        if self.layer is not None:
            outlines = plain_wkb(wkb)
            self._drawn.add(outlines, boxes=self.layer.bounds is None)
            arrays.append(outlines)
        return pa.RecordBatch.from_arrays(arrays, schema=schema)

    def put(self, group: pa.RecordBatch) -> None:
        """Write a row group, behind those before it."""
        assert self._writer is not None
        if group.num_rows:
            self._writer.write_batch(group)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writer is None:
            return
        if kind is None:
            about = {name: orjson.dumps(value) for name, value in self._about().items()}
            assert self._schema is not None
            schema = self._schema.with_metadata(about)
            self._writer.add_key_value_metadata(about | {"ARROW:schema": base64.b64encode(schema.serialize())})
        self._writer.close()

    def _begin(self, columns: Columns) -> pq.ParquetWriter:
        known = {column.name: column for column in self.known}
        old, new = list(columns), unique_names(columns)
        self.remarks += [renamed(self.file, was, name) for was, name in zip(old, new, strict=True) if was != name]
        fields = [_field(name, columns[was], known.get(name)) for was, name in zip(old, new, strict=True)]
        if self.layer is not None:
            (self._outlines,) = unique_names(["geometry"], taken=new)
            fields.append(pa.field(self._outlines, pa.binary()))
        self._schema = pa.schema(fields)  # stored in the end, with `geo` in it
        written = [_coded(field, columns.get(was)) for was, field in zip_longest(old, fields)]
        return pq.ParquetWriter(self.path, pa.schema(written), store_schema=False, **_packed(fields, known))

    def _about(self) -> dict[str, Any]:
        if self.layer is None:
            return {"landgis": {"rules_id": self.rules_id}}
        about = {"layer": self.layer.name, "title": self.layer.title, "rules_id": self.rules_id}
        return {"geo": _geo(self.layer, self._outlines, self._drawn), "landgis": about}


def to_arrow(column: Column, kind: pa.DataType) -> pa.Array:
    """A column as an Arrow array of the type that it has in the file; numbers that are not finite become null."""
    if isinstance(column, np.ndarray):
        unknown = ~np.isfinite(column)
        if pa.types.is_integer(kind):
            column = np.where(unknown, 0, column).astype(np.int64)
        return pa.array(column, kind, mask=unknown if unknown.any() else None)
    if pa.types.is_dictionary(kind):
        return _as_met(encode(column), kind.value_type)
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    return column.cast(kind)


def _as_met(column: pa.DictionaryArray, kind: pa.DataType) -> pa.DictionaryArray:
    """The dictionary that the writer would make of the texts: those that are used, in the order that they come in."""
    met = column.indices.dictionary_encode()
    return pa.DictionaryArray.from_arrays(met.indices, column.dictionary.take(met.dictionary).cast(kind))


def _coded(field: pa.Field, column: Column | None) -> pa.Field:
    """The field as it is written: words that come with their numbers are not looked up once more."""
    coded = isinstance(column, pa.DictionaryArray)
    return field.with_type(pa.dictionary(pa.int32(), field.type)) if coded else field


def _field(name: str, column: Column, known: ResultColumn | None) -> pa.Field:
    notes = None
    if known is not None:
        chinese = translator("zh_CN")
        notes = {"title_zh": chinese(known.title), "title_en": known.title, "unit": known.unit}
    return pa.field(name, _KINDS[known.kind] if known is not None else _kind_of(column), metadata=notes)


def _kind_of(column: Column) -> pa.DataType:
    """The type that a column of the user's own has in the file."""
    if isinstance(column, np.ndarray):
        return pa.float64()
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if pa.types.is_large_string(kind) or pa.types.is_null(kind):
        return pa.string()
    if pa.types.is_floating(kind):
        return pa.float64()
    if pa.types.is_integer(kind):
        return pa.int64()
    return pa.timestamp("ms") if pa.types.is_timestamp(kind) else kind


def _packed(fields: Sequence[pa.Field], known: Mapping[str, ResultColumn]) -> dict[str, Any]:
    texts = [field.name for field in fields if pa.types.is_string(field.type)]
    keys = {name for name, column in known.items() if column.kind == "key"}
    outlines = {field.name for field in fields if pa.types.is_binary(field.type)}
    return {
        "compression": "zstd",
        "compression_level": {field.name: _QUICK if field.name in outlines else 1 for field in fields},
        "use_dictionary": [name for name in texts if name not in keys | SENTENCES],
        "use_byte_stream_split": [field.name for field in fields if pa.types.is_floating(field.type)],
        "column_encoding": {field.name: "DELTA_BINARY_PACKED" for field in fields if pa.types.is_integer(field.type)},
        "write_statistics": [field.name for field in fields if field.name not in outlines | SENTENCES],
        "max_rows_per_page": STRETCH_ROWS,
        "write_batch_size": _AT_ONCE,
    }


def _geo(layer: Layer, outlines: str, drawn: Drawn) -> dict[str, Any]:
    """The `geo` entry that makes Parquet GeoParquet; no `crs` would mean lon/lat, so one is always given."""
    column: dict[str, Any] = {
        "encoding": "WKB",
        "crs": None if layer.crs is None else layer.crs.to_json_dict(),
        "geometry_types": drawn.types,
    }
    bounds = drawn.bounds if layer.bounds is None else list(layer.bounds)
    if bounds is not None and np.isfinite(bounds).all():
        column["bbox"] = bounds
    return {"version": GEOPARQUET_VERSION, "primary_column": outlines, "columns": {outlines: column}}
