"""A mapping as the TOML that `read_mapping` reads, for a mapping that was made on a page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from landgis.io.mapping import KEYS, ColumnMapping, TableMapping


def mapping_text(mappings: Mapping[str, TableMapping]) -> str:
    """The TOML of some mappings; `read_mapping` makes the same of it again."""
    lines: list[str] = []
    for name, mapping in mappings.items():
        lines += [f"[{name}]", *(f"{key} = {_entry(how)}" for key, how in mapping.columns.items()), ""]
    return "\n".join(lines)


def _entry(how: ColumnMapping) -> str:
    said = {key: value for key in KEYS if (value := getattr(how, key)) is not None}
    return _value(said["column"] if set(said) == {"column"} else said)


def _value(value: Any) -> str:
    """A value of TOML; a JSON text is one but for the character DEL, and is all that is written of texts."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_value(key)} = {_value(one)}" for key, one in value.items()) + " }"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return json.dumps(value)
