"""A layer as a reader found it → a GeoDataFrame: texts clean, integers whole, coordinates where the CRS is."""

from __future__ import annotations

import json
import re
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyproj import CRS

from landgis.errors import InputRefused, Place, Problem
from landgis.io import geometries
from landgis.io.cells import UNSEEN
from landgis.io.crs import asked_crs, shown
from landgis.io.crs_check import check_coordinates, is_in_degrees, missing_crs
from landgis.io.encodings import decodes
from landgis.io.found import MOST_CHARACTERS, MOST_FIELDS, MOST_NAMED, Found, refused
from landgis.io.raw import Raw, Source
from landgis.text import N_, Message

_UNSEEN_NAME = re.compile("[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def to_raw(found: Found, place: Place, asked: str | None) -> Raw:
    """The layer as Raw; raises InputRefused where its values or coordinates cannot be used. `asked` is --crs."""
    here = Place(place.file, found.layer or place.layer)
    problems = list(found.problems)
    table, more = _clean(found.table, found.rows, here)
    geometry, flat = geometries.flattened(found.geometry, here)
    problems += more + flat + geometries.missing(geometry, found.rows, here)
    crs, about_crs = _settle_crs(found, geometry, asked, here)
    problems += about_crs + check_coordinates(geometry, found.rows, crs, here)
    if not len(geometry):
        problems.append(Problem("W-EMPTY", Message(N_("there is no row in it")), here))
    frame = gpd.GeoDataFrame(_to_pandas(table), geometry=gpd.GeoSeries(geometry, crs=crs), crs=crs)
    source = Source(place.file or "", here.layer, found.driver, found.encoding, shown(crs), len(frame))
    return Raw(frame, found.rows, source, problems)


def _settle_crs(found: Found, geometry: np.ndarray, asked: str | None, place: Place) -> tuple[CRS, list[Problem]]:
    """The file's own CRS; the user's where there is none, or the format's default that the numbers contradict."""
    user = None if asked is None else asked_crs(asked)
    if found.crs is None:
        if user is None:
            raise missing_crs(geometry, found.rows, place)
        return user, []
    if user is None or user == found.crs:
        return found.crs, []
    values = {"own": shown(found.crs), "asked": shown(user)}
    if found.crs_is_default and (user.is_geographic or not is_in_degrees(geometry)):
        words = N_("the file says no CRS, so it would be {own}; it was read as {asked}, as --crs says")
        return user, [Problem("W-CRS-GIVEN", Message(words, values), place)]
    if found.crs_is_default:
        return found.crs, []
    words = N_("the file says that it is in {own}, so --crs {asked} was not used for it")
    return found.crs, [Problem("W-CRS-IGNORED", Message(words, values), place)]


def _clean(table: pa.Table, rows: np.ndarray, place: Place) -> tuple[pa.Table, list[Problem]]:
    """Texts without characters that nobody sees, nested values as JSON, binary columns left out."""
    if table.num_columns > MOST_FIELDS:
        values = {"count": table.num_columns, "limit": MOST_FIELDS}
        message = Message(
            N_("{count} columns are more than the {limit} that are read; leave out what is not needed"), values
        )
        raise refused("E-FIELD-COUNT", message, place)
    columns: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, column in zip(table.column_names, table.columns, strict=True):
        here = Place(place.file, place.layer, None, name)
        column = _plain(column)
        if column is None:
            words = N_("this column holds binary values, which were left out")
            problems.append(Problem("W-FIELD-BINARY", Message(words), here))
            continue
        if _is_text(column.type):
            _check_bytes(column, rows, here)
            _check_lengths(column, rows, here)
            column, remark = _visible(column, rows, here)
            problems += remark
        columns[_free_name(name, columns)] = column
    return pa.table(columns), problems


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """A column of numbers, texts, dates or truth values; None for binary ones."""
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        column = pa.chunked_array([chunk.storage for chunk in column.chunks], kind.storage_type)
        kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return None
    if pa.types.is_nested(kind):
        texts = [
            None if value is None else json.dumps(value, ensure_ascii=False, default=str)
            for value in column.to_pylist()
        ]
        return pa.chunked_array([pa.array(texts, pa.large_string())])
    if pa.types.is_decimal(kind):
        return column.cast(pa.float64())
    return column


def _free_name(name: str, taken: dict[str, Any]) -> str:
    """The column's name without characters that nobody sees; `geometry` is the outlines' own."""
    plain = _UNSEEN_NAME.sub("", name).strip()
    if plain == "geometry" or not plain:
        plain = f"{plain or 'column'}_in"
    while plain in taken:
        plain += "_"
    return plain


def _check_bytes(column: pa.ChunkedArray, rows: np.ndarray, place: Place) -> None:
    """Raise InputRefused where a text is not UTF-8, as these formats promise; it would break what reads it later."""
    try:
        column.validate(full=True)
    except pa.ArrowInvalid as error:
        content = column.cast(pa.large_binary()).to_pylist()
        bad = [at for at, text in enumerate(content) if text is not None and not decodes(text, "utf-8")]
        words = N_("this text is not UTF-8, as it has to be in this format; export the layer again")
        first = Place(place.file, place.layer, int(rows[bad[0]]) if bad else None, place.field)
        raise refused("E-ENC", Message(words), first) from error


def _check_lengths(column: pa.ChunkedArray, rows: np.ndarray, place: Place) -> None:
    lengths = pc.utf8_length(column)
    longest = pc.max(lengths).as_py()
    if longest is None or longest <= MOST_CHARACTERS:
        return
    long = np.flatnonzero(pc.fill_null(pc.greater(lengths, MOST_CHARACTERS), False).to_numpy())[:MOST_NAMED]
    words = N_(
        "this text has {count} characters, more than the {limit} that are read; shorten it or leave the column out"
    )
    raise InputRefused([
        Problem("E-FIELD-LEN", Message(words, {"count": lengths[int(at)].as_py(), "limit": MOST_CHARACTERS}),
                Place(place.file, place.layer, int(rows[at]), place.field))
        for at in long
    ])  # fmt: skip


def _visible(column: pa.ChunkedArray, rows: np.ndarray, place: Place) -> tuple[pa.ChunkedArray, list[Problem]]:
    found = pc.fill_null(pc.match_substring_regex(column, UNSEEN), False)
    if not pc.any(found).as_py():
        return column, []
    at = np.flatnonzero(found.to_numpy())
    words = N_("control, direction or zero-width characters were taken out of the texts of {count} rows")
    first = Place(place.file, place.layer, int(rows[at[0]]), place.field)
    remark = Problem("W-TEXT-CTRL", Message(words, {"count": len(at)}), first)
    return pc.replace_substring_regex(column, UNSEEN, ""), [remark]


def _to_pandas(table: pa.Table) -> pd.DataFrame:
    """Integers stay integers also where some are missing; dates become datetime64."""
    whole = {
        kind: target
        for kind, target in _INTEGERS.items()
        if any(column.type == kind and column.null_count for column in table.columns)
    }
    if not whole:
        return table.to_pandas(date_as_object=False, ignore_metadata=True)
    gaps = {
        name
        for name, column in zip(table.column_names, table.columns, strict=True)
        if column.null_count and column.type in whole
    }
    full = table.select([name for name in table.column_names if name not in gaps])
    frame = full.to_pandas(date_as_object=False, ignore_metadata=True)
    with_gaps = table.select(sorted(gaps)).to_pandas(types_mapper=whole.get, ignore_metadata=True)
    return pd.concat([frame, with_gaps], axis=1)[table.column_names]


_INTEGERS = {
    pa.int8(): pd.Int8Dtype(),
    pa.int16(): pd.Int16Dtype(),
    pa.int32(): pd.Int32Dtype(),
    pa.int64(): pd.Int64Dtype(),
    pa.uint8(): pd.UInt8Dtype(),
    pa.uint16(): pd.UInt16Dtype(),
    pa.uint32(): pd.UInt32Dtype(),
    pa.uint64(): pd.UInt64Dtype(),
}
