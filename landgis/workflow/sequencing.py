"""In which order sites fall with the least space to move into: from a table of sites to the answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from landgis.errors import InputRefused, Place, Problem, UsageError
from landgis.io.columns import to_read
from landgis.io.headers import match_columns, plain_name
from landgis.io.raw import Raw, Read
from landgis.io.read import read_raw
from landgis.planning.kinds import Sequence, sequence
from landgis.tables import SITES, Column, Table
from landgis.text import N_, Message, Translate

DECIMALS = 4  # 0.0001 m²; steadier than the last digits of a sum
_KIND = re.compile(r"(needs|returns)_(.+)_m2")
_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,17}")


@dataclass(frozen=True, eq=False)
class Sequenced:
    """An order of the sites of a file; `kinds` is empty where floor is all one kind, and arrays then have one place."""

    site_ids: tuple[str, ...]  # in the order of the file
    kinds: tuple[str, ...]
    floor: Mapping[str, np.ndarray]  # "needs" and "returns" → [sites, kinds], m²
    vacant_m2: np.ndarray
    found: Sequence
    read: Read

    @property
    def order(self) -> tuple[str, ...]:
        """The sites, the first to fall first."""
        return tuple(self.site_ids[site] for site in self.found.order)

    def as_json(self, translate: Translate) -> dict[str, Any]:
        """The answer of contract §3; more keys where more was asked: vacant floor, kinds, rows set aside."""
        found, whole = self.found, all(_WHOLE.fullmatch(site) for site in self.site_ids)
        document: dict[str, Any] = {
            "swing_space_m2": _total(found.swing_space_m2),
            "order": [int(site) if whole else site for site in self.order],
            "file_order_swing_space_m2": _total(found.file_order_swing_space_m2),
        }
        if self.vacant_m2.any():
            document |= {"vacant_m2": _total(self.vacant_m2), "to_find_m2": _total(found.to_find_m2)}
        if self.kinds:
            document |= {"method": found.method, "proven": found.proven, "kinds": self._by_kind()}
        if self.read.set_aside:
            document["set_aside"] = [
                {"row": one.row, "id": one.id, "problem": one.problem.render(translate)} for one in self.read.set_aside
            ]
        return document

    def _by_kind(self) -> dict[str, dict[str, float]]:
        found = self.found
        figures = {
            "swing_space_m2": found.swing_space_m2, "file_order_swing_space_m2": found.file_order_swing_space_m2,
            "least_alone_m2": found.bound_m2, "vacant_m2": self.vacant_m2, "to_find_m2": found.to_find_m2,
        }  # fmt: skip
        return {kind: {name: plain(m2[at]) for name, m2 in figures.items()} for at, kind in enumerate(self.kinds)}


def sequence_file(text: str, *, vacant: tuple[str, ...] = (), strict: bool = False) -> Sequenced:
    """The order of the sites in FILE or FILE:SHEET, with `needs_m2` and `returns_m2`, or `needs_KIND_m2` and so on.

    `vacant` is the floor that stands empty already, as "500", or "KIND=500" for each kind. Raises InputRefused with
    every fault of the file.
    """
    raw = read_raw(text)
    table, kinds = _table_of(raw)
    read = to_read(raw, table)
    if strict and read.set_aside:
        raise InputRefused([one.problem for one in read.set_aside])
    empty = vacant_floor(vacant, kinds)
    floor = {which: _floor(read, which, kinds) for which in ("needs", "returns")}
    found = sequence(floor["needs"], floor["returns"], vacant_m2=empty)
    return Sequenced(tuple(read.frame["site_id"].astype(str)), kinds, floor, empty, found, read)


def _floor(read: Read, which: str, kinds: tuple[str, ...]) -> np.ndarray:
    names = [f"{which}_{kind}_m2" for kind in kinds] or [f"{which}_m2"]
    return read.frame[names].to_numpy(float)


def _table_of(raw: Raw) -> tuple[Table, tuple[str, ...]]:
    """What the file is read as, and its kinds of floor; InputRefused where it lacks a column."""
    names = [str(name) for name in raw.frame.columns]
    said = [found for name in names if (found := _KIND.fullmatch(plain_name(name)))]
    kinds = tuple(dict.fromkeys(found[2] for found in said))
    table = _table_with(kinds) if kinds else SITES
    matches = match_columns(names, table)
    problems = []
    for column in table.columns:
        if matches.get(column.name) is None:
            words = N_("column {name} is missing; the file has: {names}; call one of them {name}")
            values = {"name": column.name, "names": ", ".join(names[:40])}
            place = Place(raw.source.file, raw.source.layer, field=column.name)
            problems.append(Problem("E-COLUMN-MISSING", Message(words, values), place))
    if problems:
        raise InputRefused(problems)
    return table, kinds


def _table_with(kinds: tuple[str, ...]) -> Table:
    columns = [SITES.column("site_id")]
    for which in ("needs", "returns"):
        title = SITES.column(f"{which}_m2").title
        columns += [Column(f"{which}_{kind}_m2", "number", title, needed=True, minimum=0) for kind in kinds]
    return Table(SITES.name, SITES.title, None, tuple(columns))


def vacant_floor(said: tuple[str, ...], kinds: tuple[str, ...]) -> np.ndarray:
    """float[kinds]: the vacant floor in m², from "500" where floor is all one kind, else from "KIND=500" each.

    >>> vacant_floor(("upper=20",), ("ground", "upper")).tolist(), vacant_floor((), ()).tolist()
    ([0.0, 20.0], [0.0])
    """
    found: dict[str, float] = {}
    for text in said:
        kind, _, amount = text.rpartition("=")
        kind = plain_name(kind)
        known = kind in kinds if kinds else kind == ""
        try:
            area = float(amount)
        except ValueError:
            area = -1.0
        if not known or not 0 <= area < float("inf"):
            raise UsageError([_wrong_vacant(text, kinds)])
        found[kind] = found.get(kind, 0.0) + area
    return np.array([found.get(kind, 0.0) for kind in kinds or ("",)])


def _wrong_vacant(text: str, kinds: tuple[str, ...]) -> Problem:
    words = N_("{value} is no vacant floor; write it as {example}, in m²")
    values: Mapping[str, str] = {"value": text, "example": ", ".join(f"{kind}=500" for kind in kinds) or "500"}
    return Problem("E-USAGE", Message(words, values), Place(field="--vacant"))


def plain(m2: float) -> float:
    """An area as a whole number where it is one, else rounded.

    >>> plain(4.0), plain(0.1 + 0.2)
    (4, 0.3)
    """
    rounded = round(float(m2), DECIMALS)
    return int(rounded) if rounded.is_integer() else rounded


def _total(m2: np.ndarray) -> float:
    return plain(float(m2.sum()))
