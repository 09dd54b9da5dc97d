"""The second half of a job: a partition measured and scored, and, when the grades are known, written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landgis.land import Land
from landgis.metrics.built import BuildingSums
from landgis.metrics.measure import Measures, Prepared
from landgis.overlay import NOWHERE, Placement
from landgis.scale.arrays import load_arrays, save_arrays
from landgis.scale.folders import Folder
from landgis.scale.pieces import piece_batches, read_pieces
from landgis.scoring.means import part_points, points_to_mean
from landgis.scoring.parts import Means
from landgis.scoring.score import Scored, score_stretch
from landgis.workflow.log import Log, Rows, note_nowhere, note_outlines, note_overlaps
from landgis.workflow.spread.notes import notes_of
from landgis.workflow.spread.tables import column_of, columns_of, whole
from landgis.workflow.spread.tenants import read_tenants
from landgis.workflow.spread.work import Work
from landgis.workflow.streaming.land import Texts, states_of

_LAND = ("parcel_id", "#position", "#wkb")


def measure_part(folder: Folder, *, work: Work, partition: int) -> dict[str, Any]:
    """Areas of the parcels of a partition, their overlaps, and what the buildings on them add up to; kept."""
    log = Log()
    found = _Ground(folder, work, partition)
    found.note_parcels(log)
    kept: dict[str, np.ndarray] = {"area_m2": found.land.area_m2[found.ours], "state": found.land.state[found.ours]}
    doubtful: list[list[Any]] = []
    if "buildings" in work.inputs.named:
        sums = BuildingSums(len(found.ours), work.rules.storey)
        for batch in piece_batches(folder, work.files("buildings", "buildings"), partition):
            doubtful += found.add_buildings(pa.Table.from_batches([batch]), sums, log)
        kept |= {"sums": sums.sums, "flags": sums.flags}
    save_arrays(folder, _file("measured", partition), **kept)
    found.keep_redrawn(partition)
    measurable = int(found.land.measured.measurable[found.ours].sum())
    return {"parcels": len(found.ours), "measurable": measurable, "doubtful": doubtful, **notes_of(log)}


class _Ground:
    """The land of a partition with its halo, in file order; `ours` are the positions of its own parcels in it."""

    def __init__(self, folder: Folder, work: Work, partition: int) -> None:
        self._folder, self._work = folder, work
        pieces = [
            read_pieces(folder, work.files("parcels", kind), partition).select(_LAND) for kind in ("parcels", "halo")
        ]
        position = np.concatenate([column_of(piece, "#position") for piece in pieces])
        order = np.argsort(position)
        both = pa.concat_tables([piece.replace_schema_metadata() for piece in pieces])
        self.position = position[order]
        self.ours = np.flatnonzero(order < pieces[0].num_rows)
        self._wkb = whole(both["#wkb"]).take(pa.array(order))
        self._keys = whole(both["parcel_id"]).take(pa.array(order))
        self.land = Land.of([self._wkb])
        self._local = np.full(len(order), NOWHERE)
        self._local[self.ours] = np.arange(len(self.ours))

    def note_parcels(self, log: Log) -> None:
        """What is odd of our own outlines, and each overlap whose first parcel is ours."""
        rows, found = self._rows("parcels", self.position), self.land.measured
        states = {name: at[self._local[at] != NOWHERE] for name, at in states_of(found).items()}
        note_outlines(rows, Texts(self._keys), states, (found.area_before_m2, found.area_m2), log)
        pairs, area = self.land.overlapping_pairs()
        here = self._local[pairs[:, 0]] != NOWHERE
        note_overlaps(rows, Texts(self._keys), pairs[here], area[here], log)

    def add_buildings(self, batch: pa.Table, sums: BuildingSums, log: Log) -> list[list[Any]]:
        """Add a batch of buildings; those that stand on none of our land but may on another's: key, row, copies."""
        columns, position = columns_of(batch), column_of(batch, "#position")
        declared = column_of(batch, "#declared")
        at = np.searchsorted(self.position, declared)
        told = np.where(declared == NOWHERE, NOWHERE, np.minimum(at, len(self.position) - 1))
        placement, found = self.land.place(whole(batch["#wkb"]), told)
        first = column_of_flags(batch, "#first")
        rows, keys = self._rows("buildings", position), Texts(whole(batch["building_id"]))
        states = {name: at[first[at]] for name, at in states_of(found).items()}
        note_outlines(rows, keys, states, (found.area_before_m2, found.area_m2), log)
        standing = np.zeros(len(position), dtype=bool)
        parcel = self._local[placement.parcel]
        ours = parcel != NOWHERE
        standing[placement.building[ours]] = True
        copies = column_of(batch, "#copies")
        note_nowhere(rows, keys, np.flatnonzero(~standing & (copies <= 1)), log)
        sums.add(columns, _some(placement, parcel, ours), found.area_m2)
        doubtful = np.flatnonzero(~standing & (copies > 1))
        return [[keys[row], int(position[row]), int(copies[row])] for row in doubtful]

    def keep_redrawn(self, partition: int) -> None:
        """Keep the outlines that are not written as they came."""
        at, wkb = self.land.measured.redrawn(0, len(self.position))
        mine = self._local[at] != NOWHERE
        table = pa.table({"at": self._local[at][mine], "wkb": wkb.filter(pa.array(mine)).cast(pa.large_binary())})
        with self._folder.write(_file("redrawn", partition)) as stream, pa.ipc.new_file(stream, table.schema) as writer:
            writer.write_table(table)

    def _rows(self, name: str, position: np.ndarray) -> Rows:
        return Rows(name, self._work.open(name).source, position + 1)


def _some(placement: Placement, parcel: np.ndarray, ours: np.ndarray) -> Placement:
    return Placement(placement.building[ours], parcel[ours], placement.share[ours], placement.footprint_m2[ours])


def column_of_flags(table: pa.Table, name: str) -> np.ndarray:
    """A column of yes and no as bool."""
    return np.asarray(whole(table[name]).to_numpy(zero_copy_only=False), dtype=bool)


def prepared(folder: Folder, work: Work, partition: int) -> tuple[Prepared, pa.Table]:
    """All that a partition is scored from, as it was kept, and its parcels as a table."""
    parcels = read_pieces(folder, work.files("parcels", "parcels"), partition)
    kept = load_arrays(folder, _file("measured", partition))
    sums = None
    if "flags" in kept:
        sums = BuildingSums(parcels.num_rows, work.rules.storey)
        sums.sums, sums.flags = kept["sums"], kept["flags"]
    tenants = None
    if "occupancies" in work.inputs.named:
        position, figures = column_of(parcels, "#position"), "enterprises" in work.inputs.named
        tenants = read_tenants(folder, partition, position, figures=figures)
    return Prepared.of(columns_of(parcels), kept["area_m2"], sums, tenants, work.rules), parcels


def points_of_part(folder: Folder, *, work: Work, partition: int, means: Means | None = None) -> dict[str, Any]:
    """Points of a partition of which the means over all are wanted: of indicators, or with `means` of parts."""
    job, _ = prepared(folder, work, partition)
    stretches = [
        points_to_mean(one, work.rules) if means is None else part_points(one, work.rules, means)
        for one in _measures(job)
    ]
    kept = {}
    for group in stretches[0]:
        for at, columns in enumerate(zip(*(one[group] for one in stretches), strict=True)):
            kept[f"{group}#{at}"] = np.concatenate(columns)
    save_arrays(folder, _file("points" if means is None else "part-points", partition), **kept)
    return {"groups": {group: len(columns) for group, columns in stretches[0].items()}}


def rate_part(folder: Folder, *, work: Work, partition: int, means: Means | None) -> dict[str, Any]:
    """Scores of a partition as they are compared with all others, and its blocks."""
    job, parcels = prepared(folder, work, partition)
    scored = [one for _, one in scored_stretches(job, means)]
    rated = np.concatenate([one.rated for one in scored])
    block = job.parcels.text("block_id").dictionary_encode()
    code = block.indices.fill_null(-1).to_numpy().astype(np.int32)
    save_arrays(folder, _file("rated", partition), position=column_of(parcels, "#position"), rated=rated, block=code)
    return {"blocks": block.dictionary.to_pylist()}


def _measures(job: Prepared) -> Iterator[Measures]:
    return (job.measures(*at) for at in job.stretches())


def scored_stretches(job: Prepared, means: Means | None) -> Iterator[tuple[Measures, Scored]]:
    """Each stretch of a partition, measured and scored."""
    for first, last in job.stretches():
        measures = job.measures(first, last)
        yield measures, score_stretch(measures, job.parcels.stretch(first, last), job.rules, means)


def outlines_of(folder: Folder, partition: int, wkb: pa.Array) -> pa.Array:
    """The outlines of a partition as they came; those that were mended as they are now."""
    with folder.read(_file("redrawn", partition)) as source, pa.ipc.open_file(source) as reader:
        drawn = reader.read_all()
    if not drawn.num_rows:
        return wkb
    mask = np.zeros(len(wkb), dtype=bool)
    mask[whole(drawn["at"]).to_numpy()] = True
    return pc.replace_with_mask(wkb, pa.array(mask), whole(drawn["wkb"]))


def _file(kind: str, partition: int) -> str:
    return f"{kind}-{partition:05d}"
