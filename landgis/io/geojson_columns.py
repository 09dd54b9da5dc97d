"""The properties of a GeoJSON as columns of one type each."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from landgis.errors import InputRefused, Place, Problem
from landgis.io.found import MOST_NAMED
from landgis.io.geojson_features import DEPTH, Features
from landgis.text import N_, Message

_NO_VALUE = frozenset({"", "-", "—", "/", "无", "null", "none", "nan", "n/a"})
_INT64 = range(-(2**63), 2**63)
_SHOWN = 60


def to_table(features: Features, place: Place) -> tuple[pa.Table, list[Problem]]:
    """All properties, and `id` where features have text ids; raises InputRefused with what cannot be a column."""
    columns = dict(features.columns)
    if "id" not in columns and any(isinstance(one, str) for one in features.ids):
        columns["id"] = features.ids
    arrays, faults, remarks = {}, [], []
    for name, values in columns.items():
        found = list(_faults(values, replace(place, field=name[:_SHOWN])))
        faults += found[:MOST_NAMED]
        if not found:
            arrays[name], damaged = _array(values)
            if damaged:
                words = N_("half of a character (a lone surrogate) was replaced")
                remarks.append(Problem("W-TEXT-CTRL", Message(words), replace(place, field=name)))
    if faults:
        raise InputRefused(faults)
    return pa.table(arrays), remarks


def _faults(values: list[Any], place: Place) -> Iterator[Problem]:
    kinds = set(map(type, values))
    if int in kinds:
        for row, value in enumerate(values, 1):
            if type(value) is int and value not in _INT64:
                words = N_("{value} is beyond the 64 bits that an integer has; write it as text")
                yield Problem("E-FIELD-RANGE", Message(words, {"value": str(value)[:_SHOWN]}), replace(place, row=row))
    if float in kinds and not np.isfinite(np.array([value for value in values if type(value) is float])).all():
        for row, value in enumerate(values, 1):
            if type(value) is float and not math.isfinite(value):
                yield Problem(
                    "E-JSON-NAN",
                    Message(N_("this number is too big to be one; write null where it is not known")),
                    replace(place, row=row),
                )
    if str in kinds and kinds & {int, float}:
        for row, value in enumerate(values, 1):
            if type(value) is str and not _is_number(value):
                words = N_(
                    "{value} is no number, but other features have numbers here; write a number or "
                    "null, or make all of them text"
                )
                yield Problem("E-FIELD-TYPE", Message(words, {"value": value[:_SHOWN]}), replace(place, row=row))
    if kinds & {list, dict}:
        for row, value in enumerate(values, 1):
            if type(value) in (list, dict) and _depth(value) > DEPTH:
                words = N_("this value is nested deeper than {limit} levels; leave it out")
                yield Problem("E-JSON-DEPTH", Message(words, {"limit": DEPTH}), replace(place, row=row))


def _array(values: list[Any]) -> tuple[pa.Array, bool]:
    """One column; numbers among texts become text, lists and objects their JSON. True where a text was damaged."""
    kinds = set(map(type, values)) - {type(None)}
    if kinds == {int}:
        return pa.array(values, pa.int64()), False
    if kinds == {float}:
        return pa.array(values, pa.float64()), False
    if kinds and kinds <= {int, float}:
        return pa.array([None if value is None else float(value) for value in values], pa.float64()), False
    if kinds == {bool}:
        return pa.array(values, pa.bool_()), False
    texts = values if kinds <= {str} else [_text(value) for value in values]
    try:
        return pa.array(texts, pa.large_string()), False
    except UnicodeEncodeError:
        whole = [t if t is None else t.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for t in texts]
        return pa.array(whole, pa.large_string()), True


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict | bool) else str(value)


def _is_number(text: str) -> bool:
    """Whether a text reads as a number, or as a way to write that there is none."""
    plain = text.strip().replace(",", "").replace("，", "")
    if plain.casefold() in _NO_VALUE:
        return True
    try:
        float(plain)
    except ValueError:
        return False
    return True


def _depth(value: Any) -> int:
    depth, level = 0, [value]
    while level:
        depth += 1
        level = [inner for outer in level if isinstance(outer, list | dict) for inner in _inside(outer)]
    return depth


def _inside(value: list[Any] | dict[str, Any]) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else value
