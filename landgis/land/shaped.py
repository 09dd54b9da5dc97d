"""The land as shapely geometries: where there are no kernels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import shapely

from landgis.compiled.cells import binary_of, some_cells
from landgis.geometry import MENDED, mend, overlapping_pairs
from landgis.land.measured import Measured, codes, joined, redrawn
from landgis.overlay import Placement, place_buildings


@dataclass(frozen=True)
class Shaped:
    """Mended geometries in file order; None where unmeasurable."""

    geometry: np.ndarray

    def overlapping(self, least_m2: float) -> tuple[np.ndarray, np.ndarray]:
        """As `geometry.overlapping_pairs`, by position in the file."""
        usable = np.flatnonzero(~shapely.is_missing(self.geometry))
        pairs, area = overlapping_pairs(self.geometry[usable], least_m2)
        return usable[pairs], area

    def place(self, wkb: pa.Array, declared: np.ndarray) -> tuple[Placement, Measured]:
        """Measure and place a batch of buildings."""
        geometry, measured = _mended(wkb, None)
        return place_buildings(self.geometry, geometry, declared), measured


def shaped(batches: Iterable[tuple[pa.Array, np.ndarray | None]]) -> tuple[Measured, Shaped]:
    """Take in the WKB of all parcels, with what is known to be flat."""
    parts = [_mended(wkb, flat) for wkb, flat in batches]
    geometry = np.concatenate([np.empty(0, object), *(geometry for geometry, _ in parts)])
    return joined([measured for _, measured in parts]), Shaped(geometry)


def _mended(wkb: pa.Array, flat: np.ndarray | None) -> tuple[np.ndarray, Measured]:
    cells = some_cells(wkb, np.arange(len(wkb)))
    shapes = shapely.from_wkb(cells)
    found = mend(shapes, flat)
    mended = np.flatnonzero(found.state == MENDED)
    before = found.area_before_m2[mended]
    bounds = shapely.total_bounds(found.geometry) if len(shapes) else np.full(4, np.nan)
    at, new = redrawn(cells, shapes, found)
    return found.geometry, Measured(codes(found.state), found.area_m2, mended, before, at, binary_of(new), bounds)
