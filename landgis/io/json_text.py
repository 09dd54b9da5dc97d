"""Columns and outlines as JSON text, a whole column at a time: orjson writes the numbers, Arrow puts rows together.

Where orjson is given an array, it writes `[1.0,null,2.5]`: cut behind its commas these are the cells of a column, each
with the comma that JSON wants behind it anyway. No row becomes an object of Python.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import orjson
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from landgis.io.rings import Rings
from landgis.io.write_columns import kind_of

Piece: TypeAlias = Any  # an Arrow array with a text a row, or one text for all rows
COMMA, CLOSE, QUOTE, BACKSLASH, FIRST_PLAIN = b',]"\\ '
_ESCAPED = '["\\\\\\x00-\\x1f]'  # what JSON does not take as it is
_TEXT = pa.large_string()


def joined(pieces: Sequence[Piece], rows: int) -> pa.Array:
    """The pieces of each row, one behind the other; texts that stand side by side are joined once."""
    if not rows:
        return pa.array([], _TEXT)
    merged: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, str) and merged and isinstance(merged[-1], str):
            merged[-1] += piece
        else:
            merged.append(piece)
    if all(isinstance(piece, str) for piece in merged):
        return pa.array(["".join(map(str, merged))] * rows, _TEXT)
    cells = [pa.scalar(piece, _TEXT) if isinstance(piece, str) else piece for piece in merged]
    return pc.binary_join_element_wise(*cells, pa.scalar("", _TEXT))


def content(texts: pa.Array) -> memoryview:
    """All texts of an array, one behind the other, without a copy."""
    if not len(texts):
        return memoryview(b"")
    ends = np.frombuffer(texts.buffers()[1], np.int64)[texts.offset : texts.offset + len(texts) + 1]
    return memoryview(texts.buffers()[2])[ends[0] : ends[-1]]


def objects(plain: pd.DataFrame) -> list[Piece]:
    """The pieces of one JSON object a row; `plain` as `plain_columns` makes it, times as text."""
    names = [orjson.dumps(str(name)).decode() for name in plain.columns]
    pieces: list[Piece] = ["{"]
    for at, name in enumerate(names):
        last = at == len(names) - 1
        pieces += [f"{name}:", *_members(plain.iloc[:, at], "}" if last else ",")]
    return pieces if names else ["{}"]


def _members(column: pd.Series, end: str) -> list[Piece]:
    """The cells of a column, `end` behind each; what is not known is null."""
    kind = kind_of(column)
    if kind == "number":
        return [_cut(orjson.dumps(column.to_numpy(float), option=orjson.OPT_SERIALIZE_NUMPY), end)]
    if kind == "text":
        return _text_members(pa.array(column.to_numpy(object), _TEXT), end)
    missing = column.isna().to_numpy()
    if kind == "flag":
        truth = column.to_numpy(np.int64, na_value=2)
        return [_choice(truth, [f"{word}{end}" for word in ("false", "true", "null")])]
    whole = column.to_numpy(np.int64, na_value=0)
    cells = _cut(orjson.dumps(whole, option=orjson.OPT_SERIALIZE_NUMPY), end)
    return [pc.if_else(pa.array(missing), pa.scalar(f"null{end}", _TEXT), cells) if missing.any() else cells]


def _text_members(texts: pa.Array, end: str) -> list[Piece]:
    escaped = _escaped(texts)
    if not texts.null_count:
        return ['"', escaped, f'"{end}']
    return [pc.fill_null(joined(['"', escaped, f'"{end}'], len(texts)), f"null{end}")]


def _choice(codes: np.ndarray, words: Sequence[str]) -> pa.Array:
    return pa.array(words, _TEXT).take(pa.array(codes, pa.int64()))


def _escaped(texts: pa.Array) -> pa.Array:
    """Texts as they stand between the quotes of JSON: few have anything to escape, so all bytes are looked at first."""
    held = np.frombuffer(content(texts), np.uint8)
    if not ((held < FIRST_PLAIN).any() or (held == QUOTE).any() or (held == BACKSLASH).any()):
        return texts
    odd = pc.fill_null(pc.match_substring_regex(texts, _ESCAPED), False)
    mended = [orjson.dumps(text).decode()[1:-1] for text in texts.filter(odd).to_pylist()]
    return pc.replace_with_mask(texts, odd, pa.array(mended, _TEXT))


def _cut(array: bytes, end: str) -> pa.Array:
    """The cells of a JSON array of numbers, `end` behind each."""
    text = np.frombuffer(array, np.uint8)[1:].copy()
    text[-1] = COMMA
    commas = np.flatnonzero(text == COMMA)
    text[commas] = ord(end)
    return _texts(np.concatenate([[0], commas + 1]), text)


def _texts(starts: np.ndarray, text: np.ndarray) -> pa.Array:
    """Texts that lie one behind the other in a buffer."""
    return pa.LargeStringArray.from_buffers(len(starts) - 1, pa.py_buffer(starts.astype(np.int64)), pa.py_buffer(text))


def polygon_outlines(rings: Rings, known: np.ndarray) -> list[Piece]:
    """The pieces of a GeoJSON geometry a row; `known` bool[rows] says which rows have the polygons, the others null."""
    if not known.any():
        return ["null"]
    texts, first_ring = _ring_texts(rings), rings.polygon_rings
    starts = np.frombuffer(texts.buffers()[1], np.int64)
    lengths = np.zeros(len(known) + 1, np.int64)  # the text of a row without an outline has no length
    lengths[1:][known] = np.diff(starts[first_ring])
    shapes = pa.LargeStringArray.from_buffers(len(known), pa.py_buffer(lengths.cumsum()), texts.buffers()[2])
    ends = np.zeros(len(known), np.int64)
    ends[known] = 1 + rings.several
    return [shapes, _choice(ends, ("null", "]}", "]]}"))]


def other_outlines(geometry: np.ndarray) -> list[Piece]:
    """The same for geometries of any kind, None where there is none."""
    return [pc.fill_null(pa.array(shapely.to_geojson(geometry), _TEXT), "null")]


def _ring_texts(rings: Rings) -> pa.Array:
    """The text of each ring with what stands before it; the bracket behind its last point closes it."""
    dumped = orjson.dumps(np.ascontiguousarray(rings.points), option=orjson.OPT_SERIALIZE_NUMPY)
    text = np.frombuffer(dumped, np.uint8)[1:].copy()
    behind = np.flatnonzero(text[:-1] == CLOSE) + 1  # the comma behind each point; the bracket of all behind the last
    last = behind[rings.starts[1:] - 1]
    text[last] = CLOSE
    lead = rings.outer.astype(np.int64)  # 0: another ring of the same part, 1: the first of another part
    lead[rings.polygon_rings[:-1]] = 2 + rings.several
    before = _choice(
        lead, (",[", "],[[", '{"type":"Polygon","coordinates":[[', '{"type":"MultiPolygon","coordinates":[[[')
    )
    return joined([before, _texts(np.concatenate([[0], last + 1]), text)], len(lead))
