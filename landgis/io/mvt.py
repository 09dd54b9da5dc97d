"""Mapbox vector tiles, version 2.1: one layer of polygons with their properties → the bytes of a tile.

All that stands in a feature is a protobuf varint: tags, lengths, numbers of keys and values, drawing commands. So a
tile is one stream of integers, made for all its features at once and turned into bytes in one go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landgis.io.json_text import content
from landgis.io.tile_shapes import EXTENT, TileShapes

MOVE, LINE, CLOSE = 9, 2, 15  # MoveTo once, LineTo (its count in the higher bits), ClosePath
FEATURE_ID, TAGS, KIND, GEOMETRY = 0x08, 0x12, 0x18, 0x22  # of a feature: field number and wire type
FEATURE, KEY, VALUE, EXTENT_FIELD, VERSION, LAYER, NAME = 0x12, 0x1A, 0x22, 0x28, 0x78, 0x1A, 0x0A
POLYGON, SPECIFICATION = 3, 2
HEAD = 10  # integers of a feature besides its tags and its commands


@dataclass(frozen=True)
class Property:
    """A property of all parcels: for each the code of its value, −1 where it is unknown; each value as a message.

    `codes` int32[parcels], `values` Arrow large_binary[distinct values]. `lean`: also in tiles that have little room.
    """

    name: str
    codes: np.ndarray
    values: pa.Array
    is_text: bool
    lean: bool


def property_of(name: str, column: pa.Array, *, decimals: int, lean: bool) -> Property:
    """A column of texts or numbers; numbers are rounded, and NaN is unknown."""
    is_text = pa.types.is_large_string(column.type)
    if not is_text:
        number = pc.add(pc.round(column.cast(pa.float64()), decimals), 0.0)  # −0 and 0 are one value
        column = pc.if_else(pc.is_finite(number), number, None)
    encoded = column.dictionary_encode()
    codes = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int32)
    messages = _texts(encoded.dictionary) if is_text else _numbers(encoded.dictionary.to_numpy(zero_copy_only=False))
    return Property(name, codes, messages, is_text, lean)


def layer_tile(name: str, shapes: TileShapes, ids: np.ndarray, properties: Sequence[Property]) -> bytes:
    """A tile of one layer; `ids` are the parcels that the shapes are of, their positions in the properties."""
    tags, values = _tags(ids, properties)
    layer = b"".join([
        bytes([VERSION, SPECIFICATION, NAME]), _sized(name.encode()), _features(shapes, ids, tags),
        *(bytes([KEY]) + _sized(one.name.encode()) for one in properties), *values,
        bytes([EXTENT_FIELD]), varints(np.array([EXTENT])).tobytes(),
    ])  # fmt: skip
    return bytes([LAYER]) + _sized(layer)


def varints(numbers: np.ndarray) -> np.ndarray:
    """uint8: whole numbers from 0 on as protobuf writes them, seven bits a byte, the low ones first.

    >>> varints(np.array([0, 127, 300])).tolist()
    [0, 127, 172, 2]
    """
    left = np.asarray(numbers).astype(np.uint64)
    sizes = varint_sizes(left)
    at = sizes.cumsum() - sizes
    text = np.empty(int(sizes.sum()), np.uint8)
    text[at] = left & 0x7F
    more = np.flatnonzero(sizes > 1)
    while len(more):
        text[at[more]] |= 0x80
        at, left, sizes = at[more] + 1, left[more] >> np.uint64(7), sizes[more] - 1
        text[at] = left & 0x7F
        more = np.flatnonzero(sizes > 1)
    return text


def varint_sizes(numbers: np.ndarray) -> np.ndarray:
    """int64: how many bytes each takes."""
    sizes = np.ones(len(numbers), np.int64)
    highest, limit = int(numbers.max(initial=0)), 1 << 7
    while highest >= limit:
        sizes += numbers >= limit
        limit <<= 7
    return sizes


def zigzag(numbers: np.ndarray) -> np.ndarray:
    """Signed numbers as unsigned ones: 0, −1, 1, −2 … become 0, 1, 2, 3 …"""
    return (numbers << 1) ^ (numbers >> 63)


def _sized(text: bytes) -> bytes:
    return varints(np.array([len(text)])).tobytes() + text


def _features(shapes: TileShapes, ids: np.ndarray, tags: np.ndarray) -> bytes:
    """All features: number, tags, kind and commands of each; `tags` int64[parcels, …], −1 where there is none."""
    commands, starts = _commands(shapes)
    given = tags >= 0
    tag_counts = given.sum(axis=1)
    tag_bytes = np.where(given, varint_sizes(np.maximum(tags, 0).ravel()).reshape(tags.shape), 0).sum(axis=1)
    ends = np.concatenate([[0], varint_sizes(commands).cumsum()])
    command_bytes = np.diff(ends[starts])
    numbers = ids + 1
    sizes = (
        5 + varint_sizes(numbers) + varint_sizes(tag_bytes) + tag_bytes + varint_sizes(command_bytes) + command_bytes
    )
    begins = np.concatenate([[0], (HEAD + tag_counts + np.diff(starts)).cumsum()])
    stream = np.empty(begins[-1], np.int64)
    at = begins[:-1]
    for place, value in enumerate((FEATURE, sizes, FEATURE_ID, numbers, TAGS, tag_bytes)):
        stream[at + place] = value
    stream[np.repeat(at + 6 - (tag_counts.cumsum() - tag_counts), tag_counts) + np.arange(tag_counts.sum())] = tags[
        given
    ]
    at = at + 6 + tag_counts
    for place, value in enumerate((KIND, POLYGON, GEOMETRY, command_bytes)):
        stream[at + place] = value
    stream[np.repeat(at + 4 - starts[:-1], np.diff(starts)) + np.arange(len(commands))] = commands
    return varints(stream).tobytes()


def _commands(shapes: TileShapes) -> tuple[np.ndarray, np.ndarray]:
    """int64: the drawing commands of all rings, and where those of each parcel begin, one past the last too."""
    points, starts = shapes.points, shapes.starts
    counts = np.diff(starts)
    moves = points - np.concatenate([points[:1] * 0, points[:-1]])
    first_ring = np.searchsorted(shapes.parcel, np.arange(shapes.parcels + 1))
    begins = starts[first_ring[:-1]]  # the pen starts at 0, 0 in each parcel
    moves[begins] = points[begins]
    ring_at = np.concatenate([[0], (2 * counts + 3).cumsum()])
    stream = np.empty(ring_at[-1], np.int64)
    ring = np.repeat(np.arange(len(counts)), counts)
    within = np.arange(len(points)) - starts[ring]
    at = ring_at[ring] + 1 + 2 * within + (within > 0)  # behind MoveTo; all but the first behind LineTo too
    stream[at], stream[at + 1] = zigzag(moves[:, 0]), zigzag(moves[:, 1])
    stream[ring_at[:-1]], stream[ring_at[:-1] + 3] = MOVE, (counts - 1) << 3 | LINE
    stream[ring_at[1:] - 1] = CLOSE
    return stream, ring_at[first_ring]


def _tags(ids: np.ndarray, properties: Sequence[Property]) -> tuple[np.ndarray, list[bytes]]:
    """int64[parcels, 2 · properties]: key and value of each, −1 where unknown; and the values that the tile holds."""
    tags = np.full((len(ids), 2 * len(properties)), -1, np.int64)
    held, values = 0, []
    for key, one in enumerate(properties):
        codes = one.codes[ids]
        known = codes >= 0
        distinct, place = np.unique(codes[known], return_inverse=True)
        tags[known, 2 * key], tags[known, 2 * key + 1] = key, held + place
        held += len(distinct)
        values.append(bytes(content(one.values.take(pa.array(distinct)))))
    return tags, values


def _texts(texts: pa.Array) -> pa.Array:
    """Each text as a value of a layer; all begin with bytes that say how long they are."""
    if not len(texts):
        return pa.array([], pa.large_binary())
    heads = []
    for size in pc.binary_length(texts).to_pylist():
        inner = _HEADS.get(size) or _HEADS.setdefault(size, _text_head(size))
        heads.append(inner)
    joined = pc.binary_join_element_wise(
        pa.array(heads, pa.large_binary()), texts.cast(pa.large_binary()), pa.scalar(b"", pa.large_binary())
    )
    return joined


def _text_head(size: int) -> bytes:
    inner = bytes([NAME]) + varints(np.array([size])).tobytes()
    return bytes([VALUE]) + varints(np.array([len(inner) + size])).tobytes() + inner


_HEADS: dict[int, bytes] = {}


def _numbers(numbers: np.ndarray) -> pa.Array:
    """Each number as a value of a layer: a double of eight bytes behind the three that say so."""
    text = np.empty((len(numbers), 11), np.uint8)
    text[:, :3] = VALUE, 9, 0x19
    text[:, 3:] = np.ascontiguousarray(numbers, "<f8").view(np.uint8).reshape(-1, 8)
    starts = pa.py_buffer(11 * np.arange(len(numbers) + 1))
    return pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(numbers), [None, starts, pa.py_buffer(text.ravel())])
