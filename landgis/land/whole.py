"""All parcels of a job, as the metrics ask for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from landgis.compiled.library import kernels
from landgis.geometry import OVERLAP_M2
from landgis.land.drawn import Drawn, drawn
from landgis.land.measured import Measured
from landgis.land.shaped import Shaped, shaped
from landgis.overlay import NOWHERE, Placement


@dataclass(frozen=True)
class Land:
    """Parcels in file order, from batches of WKB in the measuring CRS, in metres; the WKB is not kept.

    By the compiled kernels where they are there, and by GEOS for what they hand on; without them by GEOS alone, with
    the same answers.
    """

    measured: Measured
    _held: Drawn | Shaped

    @classmethod
    def of(cls, batches: Iterable[pa.Array], *, flat: np.ndarray | None = None) -> Land:
        """Take in the WKB of all parcels (binary or large_binary); `flat` are known to have no area.

        Raises shapely.errors.ShapelyError where bytes are no geometry.
        """
        return cls(*(drawn if kernels() else shaped)(_with_flat(batches, flat)))

    @property
    def state(self) -> np.ndarray:
        """Codes of `measured.STATES`, uint8."""
        return self.measured.state

    @property
    def area_m2(self) -> np.ndarray:
        """Areas in m²; NaN where unmeasurable."""
        return self.measured.area_m2

    @property
    def area_before_m2(self) -> np.ndarray:
        """Areas in m² before they were mended; NaN where nothing was."""
        return self.measured.area_before_m2

    @property
    def total_bounds(self) -> np.ndarray:
        """Min x, min y, max x, max y of what is measurable; NaN where nothing is."""
        return self.measured.bounds

    def overlapping_pairs(self, least_m2: float = OVERLAP_M2) -> tuple[np.ndarray, np.ndarray]:
        """Pairs of positions whose polygons overlap by more than `least_m2`, int64[k, 2] in order, and their m²."""
        return self._held.overlapping(least_m2)

    def place(self, wkb: pa.Array, declared: np.ndarray | None = None) -> tuple[Placement, Measured]:
        """Measure a batch of buildings and place them, by position in the batch, as `overlay.place_buildings` does."""
        told = np.full(len(wkb), NOWHERE) if declared is None else np.asarray(declared, dtype=int)
        return self._held.place(wkb, told)


def _with_flat(batches: Iterable[pa.Array], flat: np.ndarray | None) -> Iterator[tuple[pa.Array, np.ndarray | None]]:
    first = 0
    for wkb in batches:
        yield wkb, None if flat is None else flat[first : first + len(wkb)]
        first += len(wkb)
