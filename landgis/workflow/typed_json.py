"""A frozen record out of JSON, by the types of its fields: every mistake is named with its path."""

from __future__ import annotations

import dataclasses
import math
import types
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

from landgis.errors import InputRefused, Place, Problem
from landgis.text import N_, Message

KINDS = {
    str: N_("a text"), int: N_("a whole number"), float: N_("a number"), bool: N_("true or false"),
    dict: N_("an object"), list: N_("a list"),
}  # fmt: skip
MOST_NAMED = 20  # mistakes
Record = TypeVar("Record")


def read_record(kind: type[Record], value: Any, file: str | None = None) -> Record:
    """The record that a JSON value holds; InputRefused with every mistake, `file` being where it stands.

    What JSON knows as a list becomes a tuple, an object a dict. A field with a default may be missing.
    """
    reading = _Reading(file, [])
    found = reading.record(kind, value, "")
    if reading.problems:
        raise InputRefused(reading.problems[:MOST_NAMED])
    return typing.cast(Record, found)


@dataclasses.dataclass
class _Reading:
    file: str | None
    problems: list[Problem]

    def value(self, kind: Any, value: Any, path: str) -> Any:
        """A value as a field of that type has it; None where it is none, which is noted."""
        origin, parts = typing.get_origin(kind), typing.get_args(kind)
        if kind is Any:
            return value
        if origin in (types.UnionType, typing.Union):
            inner = [part for part in parts if part is not types.NoneType]
            return None if value is None else self.value(inner[0], value, path)
        if origin is tuple:
            return self._tuple(parts, value, path)
        if origin is not None and issubclass(origin, Mapping):
            return self._mapping(parts[1], value, path)
        if dataclasses.is_dataclass(kind):
            return self.record(kind, value, path)
        return self._plain(kind, value, path)

    def record(self, kind: Any, value: Any, path: str) -> Any:
        if not self._is(dict, value, path):
            return None
        types_of, given = typing.get_type_hints(kind), {}
        for field in dataclasses.fields(kind):
            here = f"{path}.{field.name}" if path else field.name
            if field.name in value:
                given[field.name] = self.value(types_of[field.name], value[field.name], here)
            elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
                self._wrong(here, Message(N_("{name} is missing"), {"name": field.name}))
        for name in value.keys() - types_of.keys():
            self._wrong(path or name, Message(N_("{name} means nothing here"), {"name": name}))
        return None if self.problems else kind(**given)

    def _tuple(self, parts: tuple[Any, ...], value: Any, path: str) -> Any:
        if not self._is(list, value, path):
            return None
        if parts[-1] is Ellipsis:
            return tuple(self.value(parts[0], one, f"{path}[{at}]") for at, one in enumerate(value))
        if len(value) != len(parts):
            words = N_("{count} values where there are {wanted}")
            self._wrong(path, Message(words, {"count": len(value), "wanted": len(parts)}))
            return None
        return tuple(self.value(part, one, path) for part, one in zip(parts, value, strict=True))

    def _mapping(self, kind: Any, value: Any, path: str) -> Any:
        if not self._is(dict, value, path):
            return None
        return {name: self.value(kind, one, f"{path}.{name}") for name, one in value.items()}

    def _plain(self, kind: type, value: Any, path: str) -> Any:
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if not self._is(kind, value, path):
            return None
        if kind is float and not math.isfinite(value):
            self._wrong(path, Message(N_("{value} is not {kind}"), {"value": value, "kind": Message(KINDS[float])}))
        return value

    def _is(self, kind: type, value: Any, path: str) -> bool:
        right = isinstance(value, kind | tuple if kind is list else kind) and isinstance(value, bool) == (kind is bool)
        if not right:
            values = {"value": repr(value)[:40], "kind": Message(KINDS[kind])}
            self._wrong(path, Message(N_("{value} is not {kind}"), values))
        return right

    def _wrong(self, path: str, message: Message) -> None:
        self.problems.append(Problem("E-PLAN-DOCUMENT", message, Place(self.file, field=path or None)))
