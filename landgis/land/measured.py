"""What is found of outlines, by whatever means: states, areas, bounds, and those that are to be written anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import shapely

from landgis.compiled.cells import LARGE
from landgis.geometry import EMPTY, MENDED, MISSING, NOT_POLYGON, OK, SLIVER, Mended, made_valid

STATES = (OK, MENDED, MISSING, EMPTY, NOT_POLYGON, SLIVER)  # a state's code is its place here
CODES = {state: code for code, state in enumerate(STATES)}
MEASURABLE = 2  # codes below are measurable


@dataclass(frozen=True)
class Measured:
    """What was found of each outline, in the order given: uint8 codes of STATES, and m² (NaN where unmeasurable)."""

    state: np.ndarray
    area_m2: np.ndarray
    mended_at: np.ndarray  # positions of the mended, rising, and their areas before
    mended_before_m2: np.ndarray
    redrawn_at: (
        np.ndarray
    )  # positions of those not to be written with the bytes they came with, rising, and the new WKB
    redrawn_wkb: pa.Array
    bounds: np.ndarray  # min x, min y, max x, max y of what is measurable; NaN where nothing is

    @property
    def measurable(self) -> np.ndarray:
        """True where there is a polygon with an area."""
        return self.state < MEASURABLE

    @property
    def area_before_m2(self) -> np.ndarray:
        """Area before it was mended, in m²; NaN where nothing was."""
        before = np.full(len(self.state), np.nan)
        before[self.mended_at] = self.mended_before_m2
        return before

    def redrawn(self, first: int, last: int) -> tuple[np.ndarray, pa.Array]:
        """Of rows `first` up to `last`: positions and WKB of those that are not written with the bytes they came with.

        They were made valid, lost their third dimension, or were in other bytes than those of plain WKB.
        """
        low, high = np.searchsorted(self.redrawn_at, (first, last))
        return self.redrawn_at[low:high], self.redrawn_wkb.slice(low, high - low)


def codes(state: np.ndarray) -> np.ndarray:
    """States as `geometry.mend` names them → their codes."""
    found = np.zeros(len(state), np.uint8)
    for name, code in CODES.items():
        found[state == name] = code
    return found


def redrawn(cells: np.ndarray, shapes: np.ndarray, found: Mended) -> tuple[np.ndarray, np.ndarray]:
    """Of outlines as they came (bytes, shapes) and as mended: which are to be written with other bytes, and those.

    All become valid, also what has no area, and lose their third dimension.
    """
    kept = shapely.is_missing(found.geometry)
    final = np.where(kept, shapely.force_2d(shapes), found.geometry)
    invalid = kept & ~shapely.is_missing(shapes)
    invalid[invalid] = ~shapely.is_valid(final[invalid])
    final[invalid] = made_valid(final[invalid])
    new = shapely.to_wkb(final)
    changed = np.flatnonzero(new != cells)
    return changed, new[changed]


def around(box: np.ndarray) -> np.ndarray:
    """Min x, min y, max x, max y of boxes, float[k, 4]; those that are not known are passed over."""
    low = [np.fmin.reduce(side, initial=np.nan) for side in box[:, :2].T]
    return np.array(low + [np.fmax.reduce(side, initial=np.nan) for side in box[:, 2:].T])


def joined(parts: Sequence[Measured]) -> Measured:
    """Batches one behind the other."""
    first = np.cumsum([0, *(len(part.state) for part in parts)])[: len(parts)]
    bounds = np.array([part.bounds for part in parts]).reshape(-1, 4)
    return Measured(
        np.concatenate([np.empty(0, np.uint8), *(part.state for part in parts)]),
        np.concatenate([np.empty(0), *(part.area_m2 for part in parts)]),
        np.concatenate([np.empty(0, int), *(at + part.mended_at for at, part in zip(first, parts, strict=True))]),
        np.concatenate([np.empty(0), *(part.mended_before_m2 for part in parts)]),
        np.concatenate([np.empty(0, int), *(at + part.redrawn_at for at, part in zip(first, parts, strict=True))]),
        pa.concat_arrays([pa.nulls(0, LARGE), *(part.redrawn_wkb for part in parts)]),
        around(bounds),
    )
