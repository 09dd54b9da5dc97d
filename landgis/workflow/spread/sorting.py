"""The first half of a job: where the parcels lie, how the land is cut, and every row sent where it counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from landgis.columns import Columns, joined
from landgis.errors import InputRefused, Place, Problem
from landgis.io.stream import Stream
from landgis.scale.arrays import load_arrays, save_arrays
from landgis.scale.curve import SAMPLE, Grid, centres, cut, grid_of
from landgis.scale.folders import Folder
from landgis.scale.halo import Touched, cell_pairs, covered, has_box, touched
from landgis.scale.keys import NOWHERE, hashes, look_up
from landgis.scale.pieces import write_pieces
from landgis.text import N_, Message
from landgis.workflow.log import Log, Rows, note_unknown_parcels
from landgis.workflow.spread.notes import notes_of
from landgis.workflow.spread.tables import table_of
from landgis.workflow.spread.work import Range, Work, batches, boxes_of, glance, require_good_place

MOST_NAMED = 20
_BUILDING = ("building_id", "parcel_id", "storeys", "storey_heights_m", "height_m", "floor_area_m2", "legality")


def survey(folder: Folder, *, work: Work, part: Range) -> dict[str, Any]:
    """Boxes and hashes of the keys of a range of parcels."""
    boxes, keys = [np.empty((0, 4))], [np.empty(0, np.uint64)]
    for batch in batches(glance(work.open("parcels")), part, ["parcel_id"], outlines=True):
        boxes.append(boxes_of(batch.wkb))
        keys.append(hashes(batch.columns.text("parcel_id")))
    box = np.concatenate(boxes)
    save_arrays(folder, _file("survey", part), box=box, hash=np.concatenate(keys))
    middle = centres(box[has_box(box)])
    step = max(1, -(-work.rows("parcels") // SAMPLE))
    save_arrays(folder, _file("sample", part), centre=middle[::step])
    return {"rows": len(box), "bounds": around(box).tolist()}


def around(boxes: np.ndarray) -> np.ndarray:
    """The box around boxes; NaN where there is none."""
    there = boxes[has_box(boxes)]
    return np.append(there[:, :2].min(axis=0), there[:, 2:].max(axis=0)) if len(there) else np.full(4, np.nan)


def lay_grid(folder: Folder, *, work: Work) -> dict[str, Any]:
    """The grid over all parcels, from the samples."""
    centre = np.concatenate([load_arrays(folder, name)["centre"] for name in work.files("parcels", "sample")])
    grid = grid_of(centre, work.rows("parcels"))
    save_arrays(folder, "grid", x=grid.x, y=grid.y)
    return {"bits": grid.bits}


def count_cells(folder: Folder, *, part: Range) -> dict[str, Any]:
    """How many parcels of a range are at home in each cell, and which cells they touch."""
    grid, box = _grid(folder), load_arrays(folder, _file("survey", part))["box"]
    pairs, counts = cell_pairs(grid, box)
    save_arrays(folder, _file("cells", part), pairs=pairs, counts=counts, wide=box[covered(grid, box)[2]])
    return {}


def cut_land(folder: Folder, *, work: Work, parcels: int) -> dict[str, Any]:
    """Partitions of about so many parcels, and which of them touch each cell."""
    grid, found = _grid(folder), [load_arrays(folder, name) for name in work.files("parcels", "cells")]
    count = np.zeros(grid.cells, np.int64)
    for one in found:
        np.add.at(count, one["counts"][:, 0], one["counts"][:, 1])
    first = cut(count, parcels)
    pairs, wide = (np.concatenate([one[name] for one in found]) for name in ("pairs", "wide"))
    table = touched(grid, first, pairs, wide)
    save_arrays(
        folder, "touched", first=first, start=table.start, partition=table.partition, wide=wide, wide_of=table.wide_of
    )
    return {"partitions": len(first)}


def index_keys(folder: Folder, *, work: Work) -> dict[str, Any]:
    """Where each parcel stands, by the hash of its key; raises InputRefused where a key stands twice."""
    table = _touched(folder)
    found = [load_arrays(folder, name) for name in work.files("parcels", "survey")]
    key = np.concatenate([one["hash"] for one in found])
    home = _home(table, np.concatenate([one["box"] for one in found]), 0)
    order = np.argsort(key, kind="stable")
    same = np.flatnonzero(key[order][1:] == key[order][:-1])
    if len(same):
        _refuse_doubles(work, np.unique(np.concatenate([order[same], order[same + 1]])))
    save_arrays(folder, "keys", hash=key[order], position=order, partition=home[order].astype(np.int32))
    return {"rows": len(key)}


def sort_parcels(folder: Folder, *, work: Work, part: Range) -> dict[str, Any]:
    """Send the rows of a range of parcels to their partitions, and their outlines to those that they may meet."""
    table, box = _touched(folder), load_arrays(folder, _file("survey", part))["box"]
    stream = work.open("parcels")
    rows, wkb = _rows(stream, part, None)
    position = np.arange(part.row, part.row + rows.size)
    home = _home(table, box, part.row)
    whole = table_of(rows, position=position, wkb=wkb)
    write_pieces(folder, _file("parcels", part), whole, np.arange(rows.size), home, table.partitions)
    row, partition = table.met(box)
    away = partition != home[row]
    outlines = whole.select(["parcel_id", "#position", "#wkb"])
    write_pieces(folder, _file("halo", part), outlines, row[away], partition[away], table.partitions)
    return {"rows": rows.size, "halo": int(away.sum()), **notes_of(Log(stream.problems))}


def sort_buildings(folder: Folder, *, work: Work, part: Range) -> dict[str, Any]:
    """Send a range of buildings to the partitions of the parcels that they name, else to those that they may meet."""
    table, log = _touched(folder), Log()
    stream = work.open("buildings")
    rows, wkb = _rows(stream, part, [name for name in _BUILDING if name in stream.names])
    log.problems += stream.problems
    position = np.arange(part.row, part.row + rows.size)
    declared, told = np.full(rows.size, NOWHERE), np.full(rows.size, NOWHERE)
    if "parcel_id" in rows:
        declared, told = locate(folder, rows.text("parcel_id"))
        named = rows.text("parcel_id").is_valid().to_numpy(zero_copy_only=False)
        unknown = np.flatnonzero(named & (declared == NOWHERE))
        where = Rows("buildings", stream.source, position + 1)
        note_unknown_parcels(where, rows.text("parcel_id").to_pylist() if len(unknown) else [], unknown, log)
    box = boxes_of(wkb)
    require_good_place(stream, around(box))
    row, partition = _sent(table, box, told, position)
    copies = np.bincount(row, minlength=rows.size)
    first = np.r_[True, row[1:] != row[:-1]] if len(row) else np.empty(0, bool)
    whole = table_of(rows, position=position, wkb=wkb, declared=declared, copies=copies)
    whole = whole.take(pa.array(row)).append_column("#first", pa.array(first))
    write_pieces(folder, _file("buildings", part), whole, np.arange(len(row)), partition, table.partitions)
    return {"rows": rows.size, "copies": len(row), **notes_of(log)}


def _sent(table: Touched, box: np.ndarray, told: np.ndarray, position: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows and partitions: those that are told go there alone, those that meet nothing anywhere, to be named once."""
    row, partition = table.met(np.where((told == NOWHERE)[:, None], box, np.nan))
    met = np.zeros(len(told), dtype=bool)
    met[row] = True
    lone = np.flatnonzero((told == NOWHERE) & ~met)
    named = np.flatnonzero(told != NOWHERE)
    rows = np.concatenate([row, named, lone])
    partitions = np.concatenate([partition, told[named], position[lone] % table.partitions])
    pair = np.sort(rows * table.partitions + partitions)
    return pair // table.partitions, pair % table.partitions


def locate(folder: Folder, keys: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Position and partition of the parcel of each key; NOWHERE twice where there is none."""
    index = load_arrays(folder, "keys")
    at = look_up(index["hash"], np.arange(len(index["hash"])), hashes(keys))
    at[~keys.is_valid().to_numpy(zero_copy_only=False)] = NOWHERE
    there = at != NOWHERE
    if not len(index["hash"]):
        return at, at.copy()
    return np.where(there, index["position"][at], NOWHERE), np.where(there, index["partition"][at], NOWHERE)


def _rows(stream: Stream, part: Range, names: list[str] | None) -> tuple[Columns, pa.Array]:
    read = list(batches(stream, part, names, outlines=True))
    wkb = pa.concat_arrays(
        [pa.array([], pa.large_binary()), *(one.wkb.cast(pa.large_binary()) for one in read if one.wkb is not None)]
    )
    return joined([one.columns for one in read], sum(one.columns.size for one in read)), wkb


def _home(table: Touched, box: np.ndarray, row: int) -> np.ndarray:
    """The partition of each parcel; those without an outline are spread by their number."""
    home = table.home(box)
    return np.where(home >= 0, home, (row + np.arange(len(box))) % table.partitions)


def _grid(folder: Folder) -> Grid:
    lines = load_arrays(folder, "grid")
    return Grid(lines["x"], lines["y"], (len(lines["x"]) + 1).bit_length() - 1)


def _touched(folder: Folder) -> Touched:
    return Touched(_grid(folder), **load_arrays(folder, "touched"))


def _refuse_doubles(work: Work, rows: np.ndarray) -> None:
    """Read the keys of some rows: those that are the same stand twice."""
    parts = [one.columns.text("parcel_id") for part in work.ranges["parcels"]
             for one in batches(glance(work.open("parcels")), part, ["parcel_id"], outlines=False)]  # fmt: skip
    keys = pa.chunked_array(parts).take(pa.array(rows)).to_pylist()
    seen: dict[str, list[int]] = {}
    for key, row in zip(keys, (rows + 1).tolist(), strict=True):
        seen.setdefault(key, []).append(row)
    double = {key: at for key, at in seen.items() if len(at) > 1}
    words = N_("{key} stands in more than one row ({rows}); keep one, or correct the number")
    raise InputRefused(
        [_problem(work, Message(words, {"key": key, "rows": ", ".join(map(str, at))}), at[0])
         for key, at in list(double.items())[:MOST_NAMED]]
        or [_problem(work, Message(N_("two parcel numbers look alike to a cluster; score on one machine")), 1)]
    )  # fmt: skip


def _problem(work: Work, message: Message, row: int) -> Problem:
    return Problem("E-ID-DUP", message, Place(work.inputs.parcels, None, row, "parcel_id"))


def _file(kind: str, part: Range) -> str:
    return f"{kind}-{part.number:05d}"


def names_of(kind: str, parts: Sequence[Range]) -> tuple[str, ...]:
    """Names of the tasks over some ranges, which are those of their files."""
    return tuple(_file(kind, part) for part in parts)
