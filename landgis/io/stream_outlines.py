"""Outlines as bytes: whether the plain reader takes each without a fault, by its bytes where that is simple.

A polygon of one ring, little-endian, x and y alone, is looked at here; everything else is shown to GEOS.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from landgis.io.found import MOST_NAMED
from landgis.io.outline_bytes import are_single_rings
from landgis.io.stream_remarks import RowTally, Unusual


@dataclass
class OutlineTally:
    """What was seen of the outlines of a layer so far: rows without one, and how many had heights or measures."""

    missing: RowTally = field(default_factory=lambda: RowTally(MOST_NAMED))
    with_heights: int = 0

    def add(self, wkb: pa.Array, first: int) -> None:
        """Look at a batch (binary or large_binary) that begins at position `first`; raises Unusual."""
        if wkb.null_count:
            self.missing.add(np.flatnonzero(wkb.is_null().to_numpy(zero_copy_only=False)), first)
        rest = np.flatnonzero(~are_single_rings(wkb))
        if len(rest):
            self.with_heights += _looked_at(wkb.take(pa.array(rest)))


def _looked_at(wkb: pa.Array) -> int:
    """How many of these have heights or measures, as GEOS reads them; raises Unusual where it is not pleased."""
    import shapely

    try:
        with np.errstate(invalid="ignore"):
            shapes = shapely.from_wkb(wkb.to_numpy(zero_copy_only=False))
    except (shapely.errors.ShapelyError, NotImplementedError) as error:  # the latter for arcs
        raise Unusual("an outline that GEOS cannot read") from error
    if not np.isfinite(shapely.get_coordinates(shapes)).all():
        raise Unusual("a coordinate that is not finite")
    return int((shapely.has_z(shapes) | shapely.has_m(shapes)).sum())
