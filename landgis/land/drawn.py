"""The land as the compiled kernels hold it: flat arrays along a space-filling curve, and GEOS for what they hand on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import shapely

from landgis.ahead import in_step
from landgis.compiled.cells import binary_of, some_cells
from landgis.compiled.ground import Ground, Shapes
from landgis.compiled.outlines import (
    ABSENT,
    FAST,
    HANDED,
    Cells,
    Outlines,
    cells_of,
    outlines_of_shapes,
    outlines_of_wkb,
    shapes_of,
    spatial_keys,
)
from landgis.compiled.pairs import origin_of
from landgis.compiled.runs import Runs, pages
from landgis.geometry import MENDED, MIN_WIDTH_M, MISSING, Mended, in_input_order, mend
from landgis.land.measured import CODES, Measured, around, codes, joined, redrawn
from landgis.overlay import NOWHERE, Placement, placed


@dataclass(frozen=True)
class Part:
    """Outlines of a batch in spatial order, their keys on the curve, their positions in the batch, their polygons."""

    outlines: Outlines
    key: np.ndarray
    at: np.ndarray
    shapes: Shapes


@dataclass(frozen=True)
class Drawn:
    """The ground, the position in the file of each of its rows."""

    ground: Ground
    row: np.ndarray

    def overlapping(self, least_m2: float) -> tuple[np.ndarray, np.ndarray]:
        """As `geometry.overlapping_pairs`, by position in the file."""
        pairs, area = self.ground.overlapping(least_m2)
        return in_input_order(self.row[pairs].astype(int), area)

    def place(self, wkb: pa.Array, declared: np.ndarray) -> tuple[Placement, Measured]:
        """Measure and place a batch of buildings."""
        parts, measured = _read(wkb, None, None)
        found = [self._standing(part, declared == NOWHERE) for part in parts]
        building, parcel, area = (np.concatenate(columns) for columns in zip(*found, strict=True))
        return placed(declared, measured.area_m2, building, parcel, area), measured

    def _standing(self, part: Part, asked: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        part.outlines.state[~asked[part.at]] = ABSENT
        pairs = self.ground.standing(part.outlines, part.shapes)
        return part.at[pairs.on], self.row[pairs.land].astype(int), pairs.area_m2


def drawn(batches: Iterable[tuple[pa.Array, np.ndarray | None]]) -> tuple[Measured, Drawn]:
    """Take in the WKB of all parcels, with what is known to be flat."""
    found: list[Measured] = []
    runs: Runs | None = None
    handed: list[tuple[np.ndarray, np.ndarray]] = [(np.empty(0, int), np.empty(0, object))]
    first = 0
    for parts, measured in in_step(lambda batch: _read(*batch, pages), batches):
        for part in parts:
            runs = runs or Runs(origin_of(part.outlines.box) or (0.0, 0.0))
            runs.add(part.outlines, part.key, first + part.at)
            rows = np.flatnonzero(part.outlines.state == HANDED)
            handed.append((first + part.at[rows], part.shapes(rows)))
        found.append(measured)
        first += len(measured.state)
    outlines, tree, row = (runs or Runs((0.0, 0.0))).merged()
    at, shapes = (np.concatenate(columns) for columns in zip(*handed, strict=True))
    order = np.argsort(at)
    at, shapes = at[order], shapes[order]

    def polygons(rows: np.ndarray) -> np.ndarray:
        made = shapes_of(outlines, rows)
        given = outlines.state[rows] == HANDED
        made[given] = shapes[np.searchsorted(at, row[rows[given]])]
        return made

    return joined(found), Drawn(Ground(outlines, tree, polygons), row)


def _read(
    wkb: pa.Array, flat: np.ndarray | None, room: Callable[[int], np.ndarray] | None
) -> tuple[tuple[Part, Part], Measured]:
    """A batch in two parts: what the kernels read, and what GEOS had to look at; and what was found of all."""
    cells = cells_of(wkb)
    if flat is not None:
        cells.state[flat & (cells.state == FAST)] = HANDED
        cells.first[flat] = np.nan
    key = spatial_keys(cells.first)
    order = np.argsort(key)
    fast = outlines_of_wkb(cells, order, min_width_m=MIN_WIDTH_M, room=room)
    odd = order[fast.state == HANDED]
    fast.state[fast.state == HANDED] = ABSENT
    shapes = shapely.from_wkb(some_cells(wkb, odd))
    found = mend(shapes, None if flat is None else flat[odd])
    rest = outlines_of_shapes(found.geometry)
    middle = (rest.box[:, :2] + rest.box[:, 2:]) / 2
    parts = (
        Part(fast, key[order], order, lambda rows: shapes_of(fast, rows)),
        Part(rest, spatial_keys(middle), odd, lambda rows: found.geometry[rows]),
    )
    return parts, _measured(cells, parts, shapes, found)


def _measured(cells: Cells, parts: tuple[Part, Part], shapes: np.ndarray, found: Mended) -> Measured:
    fast, rest = parts
    state = np.zeros(len(cells.state), np.uint8)
    state[cells.state == ABSENT] = CODES[MISSING]
    state[rest.at] = codes(found.state)
    area = np.full(len(state), np.nan)
    area[fast.at] = np.abs(fast.outlines.area_m2)
    area[rest.at] = np.where(rest.outlines.state == FAST, np.abs(rest.outlines.area_m2), found.area_m2)
    mended = np.flatnonzero(found.state == MENDED)
    mended = mended[np.argsort(rest.at[mended])]
    return Measured(
        state,
        area,
        rest.at[mended],
        found.area_before_m2[mended],
        *_redrawn(cells, rest.at, shapes, found),
        around(np.array([around(part.outlines.box) for part in parts])),
    )


def _redrawn(cells: Cells, odd: np.ndarray, shapes: np.ndarray, found: Mended) -> tuple[np.ndarray, pa.Array]:
    """What GEOS had in hand, and what lost its third dimension without it."""
    changed, new = redrawn(some_cells(cells.wkb, odd), shapes, found)
    deep = np.setdiff1d(np.flatnonzero(cells.deep), odd)
    flat = shapely.to_wkb(shapely.force_2d(shapely.from_wkb(some_cells(cells.wkb, deep))))
    at, wkb = np.concatenate([odd[changed], deep]), np.concatenate([new, flat])
    order = np.argsort(at)
    return at[order], binary_of(wkb[order])
