"""GeoParquet, by pyarrow alone; also Parquet with a WKB column and without any metadata."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyproj import CRS
from pyproj.exceptions import CRSError

from landgis.errors import InputRefused, Place, Problem
from landgis.io.crs import settled
from landgis.io.found import MOST_FIELDS, Found, refused
from landgis.text import N_, Message

UNPACKED_LIMIT = 8_000_000_000  # bytes in memory
_WKB_NAMES = ("geometry", "geom", "wkb_geometry", "wkb", "shape", "the_geom")
ERRORS = (pa.ArrowException, OSError, ValueError, KeyError, TypeError)


def has_geometry(path: Path, place: Place) -> bool:
    """Whether a Parquet file has outlines; raises InputRefused where it is damaged."""
    schema = open_parquet(path, place).schema_arrow
    return geo_of(schema, place) is not None or _wkb_column(schema) is not None


@dataclass(frozen=True)
class Head:
    """An opened layer: which column has the outlines, which others hold no attributes, and the CRS that it says."""

    opened: pq.ParquetFile
    outlines: str
    about: dict[str, Any]
    dropped: frozenset[str]
    crs: CRS | None

    @property
    def is_wkb(self) -> bool:
        """Whether the outlines are WKB."""
        return _is_binary(self.opened.schema_arrow.field(self.outlines).type)


class Far(Protocol):
    """A file that is no path, as in an object store; as text its address."""

    def open(self) -> Any:
        """The file, opened anew for reading anywhere in it."""


def read_head(path: Path | Far, layer: str | None, place: Place, *, limit: int | None = UNPACKED_LIMIT) -> Head:
    """The head of a layer; raises InputRefused where the file is damaged, too big, or has no outlines.

    `limit` is how many bytes it may unpack to; None for who reads it piece by piece.
    """
    opened = open_parquet(path, place)
    stem = str(path).rpartition("/")[2].removesuffix(".parquet") if not isinstance(path, Path) else path.stem
    if layer is not None and layer != stem:
        message = Message(N_("there is no layer {layer} in it; there are: {layers}"), {"layer": layer, "layers": stem})
        raise refused("E-LAYER-MISSING", message, place)
    check_size(opened, place, limit)
    names = opened.schema_arrow.names
    geo = geo_of(opened.schema_arrow, place)
    name = _wkb_column(opened.schema_arrow) if geo is None else geo["primary_column"]
    if name is None:
        raise refused(
            "E-GEOM-MISSING",
            Message(N_("this Parquet file has no outlines; give it to the table that it belongs to")),
            place,
        )
    about = {} if geo is None else geo["columns"][name]
    others = [] if geo is None else [other for other in geo["columns"] if other in names]
    dropped = frozenset({name, *others, *_coverings(about), *_index_columns(names)})
    return Head(opened, name, about, dropped, crs_of(about, geo, place))


def read_geoparquet(path: Path, layer: str | None, place: Place) -> Found:
    """The layer; raises InputRefused where the file is damaged, too big, or its geometry cannot be read."""
    head = read_head(path, layer, place)
    try:
        table = head.opened.read()
    except ERRORS as error:
        raise damaged(error, place) from error
    _refuse_twice(table.column_names, place)
    rows = np.arange(1, table.num_rows + 1)
    geometry, problems = _geometry(table, head.outlines, head.about, rows, place)
    left = table.drop_columns(list(head.dropped))
    return Found(left, geometry, rows, head.crs, "Parquet", None, "UTF-8", problems)


def open_parquet(path: Path | Far, place: Place, **how: Any) -> pq.ParquetFile:
    """The file, mapped into memory unless `how` says otherwise; raises InputRefused where it is damaged."""
    try:
        if not isinstance(path, Path):
            return pq.ParquetFile(path.open(), **how)
        return pq.ParquetFile(path, **(how or {"memory_map": True}))
    except ERRORS as error:
        raise damaged(error, place) from error


def damaged(error: BaseException, place: Place) -> InputRefused:
    """The error for a file that pyarrow gives up on."""
    values = {"reason": " ".join(str(error).split())[:200]}
    message = Message(N_("the Parquet file is damaged or cut off ({reason}); copy or write it again"), values)
    return refused("E-UPLOAD-TRUNCATED", message, place)


def check_size(opened: pq.ParquetFile, place: Place, limit: int | None = UNPACKED_LIMIT) -> None:
    """Raise InputRefused where the file is too big or too wide."""
    about = opened.metadata
    size = sum(about.row_group(at).total_byte_size for at in range(about.num_row_groups))
    if limit is not None and size > limit:
        message = Message(N_("the file unpacks to {size} bytes, more than fits into memory; split it"), {"size": size})
        raise refused("E-SIZE", message, place)
    if about.num_columns > 2 * MOST_FIELDS or len(opened.schema_arrow) > MOST_FIELDS:
        values = {"count": len(opened.schema_arrow), "limit": MOST_FIELDS}
        message = Message(
            N_("{count} columns are more than the {limit} that are read; leave out what is not needed"), values
        )
        raise refused("E-FIELD-COUNT", message, place)


def geo_of(schema: pa.Schema, place: Place) -> dict[str, Any] | None:
    """The `geo` metadata, where it is there and its main column too."""
    raw = (schema.metadata or {}).get(b"geo")
    if raw is None:
        return None
    try:
        geo = json.loads(raw)
        main = geo["primary_column"]
        if main not in schema.names or not isinstance(geo["columns"][main], dict):
            raise KeyError(main)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        words = N_("what the file says about its geometry (geo metadata) is wrong; write it again as GeoParquet")
        raise refused("E-PARQUET-GEO", Message(words), place) from error
    return geo


def _wkb_column(schema: pa.Schema) -> str | None:
    """The binary column with a name that says geometry."""
    for field in schema:
        is_geo = isinstance(field.type, pa.BaseExtensionType) and "geoarrow" in str(field.type)
        if _is_binary(field.type) and (field.name.lower() in _WKB_NAMES or is_geo):
            return str(field.name)
    return None


def _is_binary(kind: pa.DataType) -> bool:
    kind = kind.storage_type if isinstance(kind, pa.BaseExtensionType) else kind
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def stored(outlines: pa.Array) -> pa.Array:
    """An array of outlines without the name that GeoArrow has for its type."""
    return outlines.storage if isinstance(outlines, pa.ExtensionArray) else outlines


def _refuse_twice(names: Sequence[str], place: Place) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        message = Message(N_("column {name} stands twice; rename one"), {"name": twice[0]})
        raise InputRefused([Problem("E-FIELD-DUP", message, Place(place.file, field=twice[0]))])


def _geometry(
    table: pa.Table, name: str, about: dict[str, Any], rows: np.ndarray, place: Place
) -> tuple[np.ndarray, list[Problem]]:
    import geopandas as gpd  # whoever streams outlines as they lie need not wait for it

    from landgis.io.geometries import from_wkb

    column = table[name]
    if isinstance(column.type, pa.BaseExtensionType):
        column = pa.chunked_array(map(stored, column.chunks), column.type.storage_type)
    if _is_binary(column.type):
        try:
            return from_wkb(column.to_numpy(zero_copy_only=False), rows, place)
        except NotImplementedError as error:
            words = N_("some outlines have arcs, which are not read from Parquet; convert them to straight lines")
            raise refused("E-GEOM-CURVE", Message(words), place) from error
    _check_no_empty_list(column, name, place)
    try:
        kind = f"geoarrow.{about.get('encoding', '')}".lower()
        field = pa.field("geometry", column.type, metadata={"ARROW:extension:name": kind})
        return gpd.GeoSeries.from_arrow(_Exported(column, field)).to_numpy(), []
    except ERRORS as error:
        message = Message(N_("the geometry column {name} is in an unknown encoding; write it as WKB"), {"name": name})
        raise refused("E-PARQUET-GEO", message, place) from error


def _check_no_empty_list(column: pa.ChunkedArray, name: str, place: Place) -> None:
    """Raise InputRefused where an outline has no ring or a ring no point: shapely's ragged arrays crash on those."""
    level = column.combine_chunks()
    while pa.types.is_list(level.type) or pa.types.is_large_list(level.type):
        if pc.min(pc.list_value_length(level)).as_py() == 0:
            words = N_(
                "the geometry column {name} has empty outlines in an encoding that cannot hold them; write it as WKB"
            )
            raise refused("E-PARQUET-GEO", Message(words, {"name": name}), place)
        level = level.flatten()


class _Exported:
    """A column with its field, as the Arrow interface hands it over; pyarrow alone would lose the field's metadata."""

    def __init__(self, column: pa.ChunkedArray, field: pa.Field) -> None:
        self._array, self._field = column.combine_chunks(), field

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]:
        """Schema and array of the column."""
        _, array = self._array.__arrow_c_array__()
        return self._field.__arrow_c_schema__(), array


def _coverings(about: dict[str, Any]) -> list[str]:
    """The columns that hold nothing but the boxes of the outlines."""
    box = about.get("covering", {}).get("bbox", {})
    return [path[0] for path in list(box.values())[:1] if isinstance(path, list) and path]


def _index_columns(names: Sequence[str]) -> list[str]:
    return [name for name in names if name.startswith("__index_level_")]


def crs_of(about: dict[str, Any], geo: dict[str, Any] | None, place: Place) -> CRS | None:
    """The CRS: WGS 84 where GeoParquet says nothing, none where it says null or there is no metadata."""
    if geo is None:
        return None
    if "crs" not in about:
        return CRS.from_epsg(4326)
    if about["crs"] is None:
        return None
    try:
        crs = CRS.from_json_dict(about["crs"]) if isinstance(about["crs"], dict) else CRS.from_user_input(about["crs"])
    except (CRSError, TypeError) as error:
        words = N_("PROJ cannot read what the file says its CRS is; correct it, or write it again")
        raise refused("E-CRS-UNPARSABLE", Message(words), place) from error
    return CRS.from_epsg(4326) if str(about["crs"]).find("CRS84") >= 0 else settled(crs)
