"""Readers of vector tiles and PMTiles archives, written from their specifications a byte at a time, for tests alone."""

from __future__ import annotations

import gzip
import json
import struct
from dataclasses import dataclass, field


@dataclass
class Feature:
    number: int = 0
    properties: dict = field(default_factory=dict)
    rings: list = field(default_factory=list)

    @property
    def areas(self):
        """By the surveyor's formula, y to the south; outer rings above 0."""
        pairs = ((ring, [*ring[1:], ring[0]]) for ring in self.rings)
        return [
            sum(x * v - u * y for (x, y), (u, v) in zip(one, two, strict=True)) / 2 for one, two in pairs
        ]  # fmt: skip


@dataclass
class Layer:
    name: str = ""
    version: int = 0
    extent: int = 0
    features: list = field(default_factory=list)


def varint(text, at):
    number = shift = 0
    while True:
        byte = text[at]
        number |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return number, at


def fields(text):
    """Number and content of each protobuf field: an int, or bytes."""
    at = 0
    while at < len(text):
        key, at = varint(text, at)
        if key & 7 == 0:
            value, at = varint(text, at)
        elif key & 7 == 1:
            value, at = text[at : at + 8], at + 8
        else:
            assert key & 7 == 2
            size, at = varint(text, at)
            value, at = text[at : at + size], at + size
            assert len(value) == size
        yield key >> 3, value


def numbers(text):
    at, found = 0, []
    while at < len(text):
        number, at = varint(text, at)
        found.append(number)
    return found


def layer_of(tile):
    ((number, content),) = fields(tile)
    assert number == 3
    layer, keys, values, raw = Layer(), [], [], []
    for number, value in fields(content):
        if number == 1:
            layer.name = value.decode()
        elif number == 2:
            raw.append(value)
        elif number == 3:
            keys.append(value.decode())
        elif number == 4:
            values.append(read_value(value))
        elif number == 5:
            layer.extent = value
        else:
            assert number == 15
            layer.version = value
    layer.features = [read_feature(one, keys, values) for one in raw]
    assert len(set(values)) == len(values)
    return layer


def read_value(text):
    ((number, value),) = fields(text)
    return {1: lambda: value.decode(), 3: lambda: struct.unpack("<d", value)[0]}[number]()


def read_feature(text, keys, values):
    feature = Feature()
    for number, value in fields(text):
        if number == 1:
            feature.number = value
        elif number == 2:
            tags = numbers(value)
            feature.properties = {keys[k]: values[v] for k, v in zip(tags[::2], tags[1::2], strict=True)}
        elif number == 3:
            assert value == 3
        else:
            assert number == 4
            feature.rings = read_rings(numbers(value))
    return feature


def read_rings(commands):
    at = x = y = 0
    rings = []
    while at < len(commands):
        kind, count = commands[at] & 7, commands[at] >> 3
        at += 1
        if kind == 7:
            assert count == 1
            continue
        assert (kind == 1 and count == 1) or (kind == 2 and count >= 2)
        if kind == 1:
            rings.append([])
        for _ in range(count):
            x, y = (old + ((move >> 1) ^ -(move & 1)) for old, move in zip((x, y), commands[at : at + 2], strict=True))
            rings[-1].append((x, y))
            at += 2
    return rings


@dataclass
class Archive:
    metadata: dict
    bounds: tuple
    zooms: tuple
    tiles: dict  # number → bytes as they are in the file
    leaves: int


def archive_of(path):
    text = path.read_bytes()
    assert text[:8] == b"PMTiles\x03"
    root, root_size, about, about_size, leaf, leaf_size, data, size, *counts = struct.unpack("<11Q", text[8:96])
    clustered, inner, outer, kind, least, most = text[96:102]
    assert (clustered, inner, outer, kind) == (1, 2, 2, 1) and root + root_size <= 16_384 and data + size == len(text)
    found, leaves = {}, 0
    waiting = [directory(text[root : root + root_size])]
    while waiting:
        for number, run, begin, length in waiting.pop(0):
            if run == 0:
                leaves += 1
                waiting.append(directory(text[leaf + begin : leaf + begin + length]))
            for more in range(run):
                found[number + more] = text[data + begin : data + begin + length]
    assert counts[0] == counts[1] == len(found) and leaf_size + leaf == data
    bounds = tuple(part / 1e7 for part in struct.unpack("<4i", text[102:118]))
    metadata = json.loads(gzip.decompress(text[about : about + about_size]))
    return Archive(metadata, bounds, (least, most), found, leaves)


def directory(packed):
    count, *rest = numbers(gzip.decompress(packed))
    ids, runs, sizes, offsets = (rest[at * count : (at + 1) * count] for at in range(4))
    entries, number, end = [], 0, 0
    for step, run, size, offset in zip(ids, runs, sizes, offsets, strict=True):
        number += step
        begin = end if offset == 0 else offset - 1
        entries.append((number, run, begin, size))
        end = begin + size
    return entries
