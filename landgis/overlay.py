"""Which building stands on which parcel, and how much of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from landgis.geometry import contains_properly, intersection_area_m2, spatial_order

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
    if not len(untold) or not len(parcels):
        return np.empty(0, int), np.empty(0, int), np.empty(0)
    standing = np.flatnonzero(~shapely.is_missing(parcels))
    parcel_order = standing[spatial_order(parcels[standing])] if len(standing) else standing
    outer, inner_order = parcels[parcel_order], untold[spatial_order(buildings[untold])]
    inner = buildings[inner_order]
    found, holder = shapely.STRtree(outer).query(inner)
    by_parcel = np.argsort(holder, kind="stable")  # one prepared parcel after the other
    found, holder = found[by_parcel], holder[by_parcel]
    shapely.prepare(outer)
    within = contains_properly(outer[holder], inner[found])
    overlap = np.where(within, shapely.area(inner)[found], 0.0)
    overlap[~within] = intersection_area_m2(inner[found[~within]], outer[holder[~within]])
    shapely.destroy_prepared(outer)
    real = overlap > 0
    building, parcel, overlap = inner_order[found[real]], parcel_order[holder[real]], overlap[real]
    rank = np.lexsort((parcel, building))
    return building[rank], parcel[rank], overlap[rank]
