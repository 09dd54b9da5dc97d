"""Which building stands on which parcel, and how much of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from landgis.geometry import in_chunks, spatial_order

NOWHERE = -1


@dataclass(frozen=True)
class Placement:
    """Pairs of building and parcel (positions), the share of the building there (0…1) and its footprint there, m²."""

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

    A building that reaches over the edge of all parcels keeps only the share that lies on one. Geometries are valid
    polygons in metres; None where unmeasurable (such a building keeps its declared parcel).
    """
    area = np.nan_to_num(shapely.area(buildings))
    told = np.flatnonzero(declared != NOWHERE)
    untold = np.flatnonzero((declared == NOWHERE) & ~shapely.is_missing(buildings))
    building, parcel, overlap = _overlaps(parcels, buildings, untold)
    share = overlap / area[building]
    return Placement(
        building=np.concatenate([told, building]),
        parcel=np.concatenate([declared[told], parcel]),
        share=np.concatenate([np.ones(len(told)), share]),
        footprint_m2=np.concatenate([area[told], overlap]),
    )


def _overlaps(
    parcels: np.ndarray, buildings: np.ndarray, untold: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Building, parcel and their common area in m² for each pair that has one, in the order of the buildings."""
    standing = np.flatnonzero(~shapely.is_missing(parcels))
    if not len(untold) or not len(standing):
        return np.empty(0, int), np.empty(0, int), np.empty(0)
    parcel_order = standing[spatial_order(parcels[standing])]
    building_order = untold[spatial_order(buildings[untold])]
    outer, inner = parcels[parcel_order], buildings[building_order]
    tree = shapely.STRtree(inner)
    parts = in_chunks(lambda chunk, start: _overlaps_of(chunk, start, inner, tree), outer)
    holder, found, overlap = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    building, parcel = building_order[found], parcel_order[holder]
    rank = np.lexsort((parcel, building))
    return building[rank], parcel[rank], overlap[rank]


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
    real = overlap > 0
    return holder[real] + start, found[real], overlap[real]
