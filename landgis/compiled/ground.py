"""Land as the kernels know it, with GEOS for what they hand on: who overlaps whom, and what stands where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely

from landgis.compiled.outlines import FAST, Outlines
from landgis.compiled.pairs import LEAST, Pairs, Tree, overlaps, overlay

Shapes = Callable[[np.ndarray], np.ndarray]  # rows → their polygons, as shapely has them


@dataclass(frozen=True)
class Ground:
    """Outlines in spatial order, the tree over them, and the polygons of some rows where GEOS is asked."""

    outlines: Outlines
    tree: Tree
    shapes: Shapes

    def overlapping(self, least_m2: float) -> tuple[np.ndarray, np.ndarray]:
        """Pairs of rows that overlap by more than `least_m2`, int64[k, 2], and by how many m².

        The kernel rules nearly all pairs out; GEOS says by how much the others overlap.
        """
        pairs = overlaps(self.outlines, self.tree, least_m2)
        area = _common(self.shapes, pairs[:, 0], self.shapes, pairs[:, 1])
        found = area > least_m2
        return pairs[found], area[found]

    def standing(self, on: Outlines, shapes: Shapes) -> Pairs:
        """Pairs of a row of the land and of what lies on it, with their common area in m²; more than LEAST of it."""
        pairs = overlay(self.outlines, self.tree, on)
        unsure = np.flatnonzero(np.isnan(pairs.area_m2))
        unsure = unsure[np.lexsort((pairs.on[unsure], pairs.land[unsure]))]
        pairs.area_m2[unsure] = _common(self.shapes, pairs.land[unsure], shapes, pairs.on[unsure])
        real = np.full(len(pairs.on), True)
        rows = pairs.on[unsure]
        own = np.where(on.state[rows] == FAST, np.abs(on.area_m2[rows]), shapely.area(shapes(rows)))
        real[unsure] = pairs.area_m2[unsure] > LEAST * own
        return Pairs(pairs.land[real], pairs.on[real], pairs.area_m2[real])


def _common(left: Shapes, left_rows: np.ndarray, right: Shapes, right_rows: np.ndarray) -> np.ndarray:
    """Common areas by GEOS; a row that is in many pairs is made once."""
    return np.asarray(shapely.area(shapely.intersection(_each(left, left_rows), _each(right, right_rows))))


def _each(shapes: Shapes, rows: np.ndarray) -> np.ndarray:
    distinct, back = np.unique(rows, return_inverse=True)
    return shapes(distinct)[back]
