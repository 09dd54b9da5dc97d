"""A scenario as a table of TOML or JSON → its fields as plain values, with every mistake of the table named."""

from __future__ import annotations

import datetime
from typing import Any

from landgis.errors import UsageError
from landgis.rules.extending import Source
from landgis.rules.reading import Node
from landgis.text import N_, Message
from landgis.workflow.scheduling.quarters import quarter_of

TEXTS = ("rules", "prices", "group", "sites")
LISTS = ("modes", "required", "excluded")
NUMBERS = ("seconds", "gap", "industry_floor_m2")
WHOLES = ("quarters", "seed", "horizon", "step", "draws", "buffer_quarters")
TABLES = ("vacant_m2", "crews", "weights")
FIELDS = ("name", "first", "budget_wan", "before", "lanes", "groups", *TEXTS, *LISTS, *NUMBERS, *WHOLES, *TABLES)


def values_of(source: Source) -> dict[str, Any]:
    """The fields of a scenario that a table gives, as plain values; mistakes stand in the source's reading."""
    node = Node(source.reading, source.table, source="scenario", status="verified")
    given: dict[str, Any] = {"name": node.text("name")}
    there = {name for name, value in node.table.items() if value is not None}
    node.known.update(FIELDS)
    for name in TEXTS:
        given |= {name: node.text(name)} if name in there else {}
    for name in LISTS:
        given |= {name: node.texts(name)} if name in there else {}
    for name in NUMBERS:
        given |= {name: node.number(name)} if name in there else {}
    for name in WHOLES:
        given |= {name: _whole(node, name)} if name in there else {}
    for name in TABLES:
        given |= {name: _figures(node.child(name))} if name in there else {}
    given |= {"first": _first(node)} if "first" in there else {}
    given |= {"budget_wan": _budget(node)} if "budget_wan" in there else {}
    given["before"] = tuple(_before(child) for child in node.children("before", needed=False, label="after"))
    for name in ("lanes", "groups"):
        given[name] = tuple(_together(child) for child in node.children(name, needed=False, label="name"))
    node.done()
    return given


def _whole(node: Node, name: str) -> int:
    value = node.number(name)
    if value == value and not value.is_integer():
        words = N_("{name} is a whole number, not {value:g}")
        node.report("E-RULES-RANGE", Message(words, {"name": name, "value": value}), name)
    return int(value) if value == value else 0


def _figures(node: Node) -> dict[str, float]:
    found = node.numbers()
    node.done()
    return found


def _first(node: Node) -> datetime.date | None:
    value = node.table["first"]
    if isinstance(value, datetime.date):  # a day of TOML; a moment counts by its day
        return datetime.date(value.year, value.month, value.day)
    text = node.text("first")
    try:
        return datetime.date.fromisoformat(text) if text[4:6] != "-Q" else quarter_of(text)
    except (ValueError, UsageError):
        words = N_("{value} is no quarter and no day; write it as 2027-Q1 or 2027-01-01")
        if text:
            node.report("E-RULES-DATE", Message(words, {"value": text}), "first")
        return None


def _budget(node: Node) -> tuple[float, ...]:
    """One figure, or a list of them."""
    value = node.table["budget_wan"]
    if not isinstance(value, (list, tuple)):
        return (node.number("budget_wan"),)
    if wrong := [one for one in value if isinstance(one, bool) or not isinstance(one, (int, float))]:
        node.report(
            "E-RULES-TYPE", Message(N_("{value} is no amount of money"), {"value": str(wrong[0])}), "budget_wan"
        )
        return ()
    return tuple(float(one) for one in value)


def _before(node: Node) -> dict[str, Any]:
    lag = _optional(node, "lag_quarters")
    found = {"before": node.text("before"), "after": node.text("after"), "lag_quarters": lag or 0}
    node.done()
    return found


def _together(node: Node) -> dict[str, Any]:
    closed = _optional(node, "closed_at_most")
    found = {"name": node.text("name"), "sites": node.texts("sites"), "closed_at_most": closed}
    node.done()
    return found


def _optional(node: Node, name: str) -> int | None:
    node.known.add(name)
    return None if node.table.get(name) is None else _whole(node, name)
