"""What a run noticed on the way, and the words for it: outlines, overlaps, rows that could not be used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from landgis import geometry as polygons
from landgis.errors import Place, Problem
from landgis.io.raw import Read, SetAside, Source
from landgis.text import N_, Message

STATES = {
    polygons.MISSING: N_("there is no geometry; draw the outline and score again"),
    polygons.EMPTY: N_("the geometry is empty; draw the outline and score again"),
    polygons.NOT_POLYGON: N_("the geometry is no polygon, so it has no area; give an outline"),
    polygons.SLIVER: N_("the outline has no area (a line or a sliver); draw it again"),
}


@dataclass(frozen=True)
class Aside:
    """A row that was not used, of which table and file."""

    table: str
    file: str
    row: SetAside


@dataclass
class Log:
    """What was noticed on the way; goes into the report."""

    problems: list[Problem] = field(default_factory=list)
    set_aside: list[Aside] = field(default_factory=list)

    def take(self, table: str, read: Read) -> None:
        """Keep what the reader of a table noticed."""
        self.problems += read.problems
        self.set_aside += [Aside(table, read.source.file, row) for row in read.set_aside]


class Keys(Protocol):
    """What rows are called, by position."""

    def __getitem__(self, position: Any, /) -> Any:
        """The key of one row."""


@dataclass(frozen=True)
class Rows:
    """Rows of a table, as its file numbers them: what is said of a row says where it stands."""

    table: str
    source: Source
    number: np.ndarray

    def place(self, position: int | np.integer | None = None, field_name: str | None = None) -> Place:
        """Where a row stands in its file; the file where none is asked for."""
        row = None if position is None else int(self.number[position])
        return Place(self.source.file, self.source.layer, row, field_name)

    def set_aside(self, position: int | np.integer, key: str | None, problem: tuple[str, Message], log: Log) -> None:
        """Name a row that is not used, and why (code, message)."""
        code, message = problem
        row = SetAside(int(self.number[position]), key, Problem(code, message, self.place(position), key))
        log.set_aside.append(Aside(self.table, self.source.file, row))


def note_outlines(rows: Rows, keys: Keys, states: Mapping[str, np.ndarray],
                  areas_m2: tuple[np.ndarray, np.ndarray], log: Log) -> None:  # fmt: skip
    """Say what was done to each outline that was mended or cannot be measured.

    `keys` are those of all rows; `states` has the positions of each state of `geometry`; `areas_m2` are the areas
    before and after.
    """
    at = np.asarray(states.get(polygons.MENDED, ()), dtype=np.intp)
    numbers, before, after = (
        column.tolist() for column in (rows.number[at], *(np.round(m2[at], 2) for m2 in areas_m2))
    )
    words, place = N_("invalid polygon mended; area {before} m² before, {after} m² after"), rows.place()
    for position, row, left, right in zip(at.tolist(), numbers, before, after, strict=True):
        message = Message(words, {"before": left, "after": right})
        here = Place(place.file, place.layer, row)
        log.problems.append(Problem("W-GEOM-FIXED", message, here, str(keys[position])))
    for state, words in STATES.items():
        for position in states.get(state, ()):
            code = "W-GEOM-NULL" if state == polygons.MISSING else "W-GEOM-AREA0"
            log.problems.append(Problem(code, Message(words), rows.place(position), str(keys[position])))


def note_overlaps(rows: Rows, keys: Keys, pairs: np.ndarray, areas_m2: Iterable[float], log: Log) -> None:
    """Name every pair of parcels (positions) that overlap, with the area."""
    for (left, right), area in zip(pairs, areas_m2, strict=True):
        values = {"left": keys[left], "right": keys[right], "area": f"{area:.2f}"}
        message = Message(N_("parcels {left} and {right} overlap by {area} m²; one of the outlines is wrong"), values)
        log.problems.append(Problem("W-TOPO-OVERLAP", message, rows.place(left), str(keys[left])))


def note_nowhere(rows: Rows, keys: Keys, nowhere: Iterable[int], log: Log) -> None:
    """Set the buildings that stand on no parcel aside."""
    for position in nowhere:
        words = N_("this building stands on no parcel; check its outline or give its parcel_id")
        rows.set_aside(position, str(keys[position]), ("W-BUILDING-NOWHERE", Message(words)), log)


def note_unknown_parcels(rows: Rows, keys: Keys, unknown: Iterable[int], log: Log) -> None:
    """Say which parcels that buildings name are not there; `keys` are the parcels that the rows name."""
    for position in unknown:
        words = N_("parcel {key} is not in the parcels; the footprint decides instead")
        place = rows.place(position, "parcel_id")
        log.problems.append(Problem("W-PARCEL-UNKNOWN", Message(words, {"key": keys[position]}), place))


def note_unknown_occupancies(rows: Rows, parcels: Keys, firms: Keys, unknown: Iterable[int], log: Log) -> None:
    """Set occupancies aside whose parcel is not in the parcels."""
    for position in unknown:
        words = N_("parcel {key} is not in the parcels; correct the key or add the parcel")
        problem = ("W-PARCEL-UNKNOWN", Message(words, {"key": parcels[position]}))
        rows.set_aside(position, str(firms[position]), problem, log)


def note_past(rows: Rows, count: int, year: int | None, log: Log) -> None:
    """Count the occupancies that were not in force in the year."""
    if count:
        message = Message(
            N_("{count} occupancies were not in force in {year} and are not used"), {"count": count, "year": year}
        )
        log.problems.append(Problem("W-OCCUPANCY-PAST", message, rows.place()))


def note_other_years(rows: Rows, count: int, year: int, log: Log) -> None:
    """Count the enterprises' rows of other years."""
    if count:
        message = Message(
            N_("{count} rows are of other years than {year} and not used"), {"count": count, "year": year}
        )
        log.problems.append(Problem("W-YEAR", message, rows.place()))


def note_without_year(rows: Rows, keys: Keys, at: Iterable[int], log: Log) -> None:
    """Set the enterprises' rows without a year aside."""
    for position in at:
        problem = ("W-YEAR-MISSING", Message(N_("this row has no year; fill it in")))
        rows.set_aside(position, str(keys[position]), problem, log)


def note_unknown_firms(rows: Rows, count: int, log: Log) -> None:
    """Count the firms that only the occupancies name."""
    if count:
        message = Message(N_("{count} firms with occupancies have no figures in the enterprises"), {"count": count})
        log.problems.append(Problem("W-FIRM-UNKNOWN", message, rows.place()))


def note_unplaced_firms(rows: Rows, keys: Keys, at: Iterable[int], log: Log) -> None:
    """Set firms aside that no occupancy puts on a parcel."""
    for position in at:
        words = N_("no occupancy puts this firm on a parcel; its figures are in no parcel's")
        rows.set_aside(position, str(keys[position]), ("W-FIRM-NOWHERE", Message(words)), log)
