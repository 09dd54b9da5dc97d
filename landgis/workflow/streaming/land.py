"""Parcels and buildings by stretches: outlines measured, buildings placed, what was odd named."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from landgis.ahead import ahead
from landgis.columns import Columns, joined
from landgis.compiled.keys import NOWHERE, KeyIndex, Repeats
from landgis.io.stream import Batch, Stream, Unusual
from landgis.land import STATES, Land, Measured
from landgis.metrics.built import BuildingSums
from landgis.rules.model import RuleSet
from landgis.workflow.log import Log, Rows, note_nowhere, note_outlines, note_overlaps, note_unknown_parcels


@dataclass(frozen=True)
class Parcels:
    """The parcels of a job: what scoring needs of their columns, and their land."""

    rows: Rows
    columns: Columns
    land: Land

    def __len__(self) -> int:
        return self.columns.size


def read_parcels(stream: Stream, rules: RuleSet, log: Log, read: Callable[[Columns], None]) -> Parcels:
    """Read the parcels once: keys, what the rules ask for, and outlines as land.

    `read` is told the columns as soon as they are there, before the land is put together.
    """
    needed = _needed(stream, rules)
    parts: list[Columns] = []

    def outlines() -> Iterator[pa.Array]:
        for batch in ahead(stream.batches(needed, outlines=True)):
            parts.append(batch.columns)
            yield batch.wkb
        parts[:] = [joined(parts, stream.rows)]
        read(parts[0])

    land = Land.of(outlines())
    (columns,) = parts
    if not stream.lies_well(box_around(land.total_bounds[None])):
        raise Unusual("parcels that lie outside of where their CRS is used")
    rows = Rows("parcels", stream.source, np.arange(1, columns.size + 1))
    keys = Texts(columns.cells("parcel_id"))
    note_outlines(rows, keys, states_of(land.measured), (land.area_before_m2, land.area_m2), log)
    if not land.measured.measurable.any():
        raise Unusual("no parcel can be measured")
    return Parcels(rows, columns, land)


def index_parcels(columns: Columns) -> KeyIndex:
    """Where the key of each parcel stands; Unusual where one stands twice."""
    index = KeyIndex(columns.cells("parcel_id"))
    if len(index.repeated):
        raise Unusual("parcel_id stands twice")
    return index


def report_overlaps(parcels: Parcels, log: Log) -> None:
    """Name every pair of parcels that overlap by more than 1 m²."""
    note_overlaps(parcels.rows, Texts(parcels.columns.cells("parcel_id")), *parcels.land.overlapping_pairs(), log)


def _needed(stream: Stream, rules: RuleSet) -> list[str]:
    """The columns that scoring looks at: ours that measure, and the office's own that a rule asks for."""
    low = rules.low_efficiency
    asked = {one.subject for rule in (*low.hard, *low.soft, *low.exempt) for one in rule.conditions if one.is_column}
    return [
        name
        for name in stream.names
        if name in asked | {"parcel_id", "block_id", "registered_area_m2", "industry_code"}
    ]


def read_buildings(stream: Stream, parcels: Parcels, index: KeyIndex, rules: RuleSet, log: Log) -> BuildingSums:
    """Read the buildings batch by batch, and add each to the parcels that it stands on."""
    sums, repeats, boxes = BuildingSums(len(parcels), rules.storey), Repeats(stream.rows), []
    wanted = ("building_id", "parcel_id", "storeys", "storey_heights_m", "height_m", "floor_area_m2", "legality")
    names = [name for name in wanted if name in stream.names]
    odd = Log()
    for batch in ahead(stream.batches(names, outlines=True)):
        columns = batch.columns
        rows = rows_of(batch, "buildings", stream)
        declared = _declared(columns, index, rows, odd)
        placement, found = parcels.land.place(batch.wkb, declared)
        repeats.add(columns.cells("building_id"))
        keys = Texts(columns.cells("building_id"))
        boxes.append(found.bounds)
        note_outlines(rows, keys, states_of(found), (found.area_before_m2, found.area_m2), log)
        nowhere = np.ones(columns.size, dtype=bool)
        nowhere[placement.building] = False
        note_nowhere(rows, keys, np.flatnonzero(nowhere), odd)
        sums.add(columns, placement, found.area_m2)
    if not stream.lies_well(box_around(np.array(boxes))):
        raise Unusual("buildings that lie outside of where their CRS is used")
    if repeats.found():
        raise Unusual("building_id stands twice")
    log.problems += odd.problems
    log.set_aside += odd.set_aside
    return sums


def rows_of(batch: Batch, table: str, stream: Stream) -> Rows:
    """The rows of a batch, as the file numbers them."""
    return Rows(table, stream.source, np.arange(batch.first + 1, batch.first + batch.columns.size + 1))


def box_around(boxes: np.ndarray) -> tuple[float, float, float, float]:
    """The box around boxes; NaN where there is none."""
    found = np.concatenate([np.fmin.reduce(boxes[:, :2]), np.fmax.reduce(boxes[:, 2:])]).tolist()
    return found[0], found[1], found[2], found[3]


def _declared(columns: Columns, index: KeyIndex, rows: Rows, log: Log) -> np.ndarray | None:
    """The parcel that each building names, as a position; those that are not there are said."""
    if "parcel_id" not in columns:
        return None
    named = columns.cells("parcel_id")
    declared = index.positions(named)
    unknown = np.flatnonzero((declared == NOWHERE) & named.is_valid().to_numpy(zero_copy_only=False))
    note_unknown_parcels(rows, Texts(named), unknown, log)
    return declared


def states_of(found: Measured) -> dict[str, np.ndarray]:
    """Positions of the outlines in each state but the usual one."""
    return {name: np.flatnonzero(found.state == code) for code, name in enumerate(STATES) if code}


class Texts(Sequence[str | None]):
    """The texts of an Arrow array, by position; those of a million rows of which a few are named."""

    def __init__(self, array: pa.Array) -> None:
        self._array = array

    def __getitem__(self, position):  # type: ignore[no-untyped-def]  # one position, never a slice, which Sequence would want
        return self._array[int(position)].as_py()

    def __len__(self) -> int:
        return len(self._array)
