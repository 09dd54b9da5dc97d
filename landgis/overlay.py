"""Which building stands on which parcel, and how much of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from landgis.compiled.library import kernels
from landgis.compiled.outlines import outlines_of_shapes
from landgis.compiled.pairs import LEAST
from landgis.geometry import ground_of, in_chunks, spatial_order

NOWHERE = -1


@dataclass(frozen=True)
class Placement:
    """Pairs of building and parcel (positions), the share of the building there (0…1) and its footprint there, m².

    By building, then by parcel.
    """

    building: np.ndarray
    parcel: np.ndarray
    share: np.ndarray
    footprint_m2: np.ndarray

    def sum_by_parcel(self, per_building: np.ndarray, parcels: int) -> np.ndarray:
        """Σ share · value over the buildings of each parcel."""
        return np.bincount(self.parcel, self.share * per_building[self.building], minlength=parcels)

    def any_by_parcel(self, per_building: np.ndarray, parcels: int) -> np.ndarray:
        """Whether the flag is set for any building of each parcel."""
        flagged = np.zeros(parcels, dtype=bool)
        flagged[self.parcel[per_building[self.building]]] = True
        return flagged


def place_buildings(parcels: np.ndarray, buildings: np.ndarray, declared: np.ndarray) -> Placement:
    """Place each building on its declared parcel (a position, or NOWHERE); else in proportion to its footprint.

    A building that reaches over the edge of all parcels keeps only the share that lies on one, and one that has no more
    than LEAST of its outline on a parcel is not on it. Geometries are valid polygons in metres; None where unmeasurable
    (such a building keeps its declared parcel).
    """
    area = shapely.area(buildings)
    untold = np.flatnonzero((declared == NOWHERE) & ~shapely.is_missing(buildings))
    return placed(declared, area, *_overlaps(parcels, buildings, untold))


def placed(
    declared: np.ndarray, area_m2: np.ndarray, building: np.ndarray, parcel: np.ndarray, overlap_m2: np.ndarray
) -> Placement:
    """Buildings on their declared parcels, and those without one where their outlines were found to lie."""
    told = np.flatnonzero(declared != NOWHERE)
    area_m2 = np.nan_to_num(area_m2)
    on, where = np.concatenate([told, building]), np.concatenate([declared[told], parcel])
    share = np.concatenate([np.ones(len(told)), overlap_m2 / area_m2[building]])
    footprint = np.concatenate([area_m2[told], overlap_m2])
    order = np.argsort(on * 2**32 + where)  # no pair is there twice
    return Placement(on[order], where[order], share[order], footprint[order])


def _overlaps(
    parcels: np.ndarray, buildings: np.ndarray, untold: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Building, parcel and their common area in m² for each pair that has one."""
    standing = np.flatnonzero(~shapely.is_missing(parcels))
    if not len(untold) or not len(standing):
        return np.empty(0, int), np.empty(0, int), np.empty(0)
    parcel_order = standing[spatial_order(parcels[standing])]
    building_order = untold[spatial_order(buildings[untold])]
    outer, inner = parcels[parcel_order], buildings[building_order]
    holder, found, overlap = (_by_kernel if kernels() else _by_tree)(outer, inner)
    real = overlap > LEAST * shapely.area(inner)[found]
    holder, found, overlap = holder[real], found[real], overlap[real]
    return building_order[found], parcel_order[holder], overlap


def _by_kernel(outer: np.ndarray, inner: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs and common areas by the compiled kernels; what these hand on is intersected by GEOS."""
    pairs = ground_of(outer).standing(outlines_of_shapes(inner), inner.__getitem__)
    return pairs.land, pairs.on, pairs.area_m2


def _by_tree(outer: np.ndarray, inner: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same by GEOS alone."""
    tree = shapely.STRtree(inner)
    parts = in_chunks(lambda chunk, start: _overlaps_of(chunk, start, inner, tree), outer)
    holder, found, overlap = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return holder, found, overlap


def _overlaps_of(
    chunk: np.ndarray, start: int, inner: np.ndarray, tree: shapely.STRtree
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Parcel, building (positions) and common area for a chunk of parcels; most buildings lie within one, untouched."""
    holder, found = tree.query(chunk)
    shapely.prepare(chunk)
    within = shapely.contains_properly(chunk[holder], inner[found])
    shapely.destroy_prepared(chunk)
    overlap = shapely.area(inner[found])
    overlap[~within] = shapely.area(shapely.intersection(inner[found[~within]], chunk[holder[~within]]))
    return holder + start, found, overlap
