"""What made data are like, counted from the files: the properties that issue 6 asks for."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from benchmarks.score.files import Files


def shares_of(files: Files) -> dict[str, float]:
    """Means and shares by name; a building lies across a boundary where no parcel holds all of it."""
    parcels = gpd.read_parquet(files.parcels)
    buildings = gpd.read_parquet(files.buildings).geometry.to_numpy()
    shapes, rows = parcels.geometry.to_numpy(), len(parcels)
    enterprises = pd.read_parquet(files.enterprises, columns=["enterprise_id"])
    occupancies = pd.read_parquet(files.occupancies, columns=["parcel_id"])
    rings = shapely.get_num_interior_rings(shapely.get_parts(shapes)).sum() + len(shapely.get_parts(shapes))
    number = parcels["parcel_id"].str[-8:].astype(int).to_numpy()
    by_parcel = np.sort(occupancies["parcel_id"].value_counts().to_numpy())[::-1]
    return {
        "parcels": rows,
        "vertices": float((shapely.get_num_coordinates(shapes).sum() - rings) / rows),
        "invalid": float(1 - shapely.is_valid(shapes).mean()),
        "multipart": float((shapely.get_num_geometries(shapes) > 1).mean()),
        "in_order": float((np.diff(number) == 1).mean()),
        "buildings": len(buildings) / rows,
        "across": across(shapes, buildings),
        "enterprises": len(enterprises) / rows,
        "occupancies": len(occupancies) / rows,
        "occupancies_of_the_fullest_tenth": float(by_parcel[: rows // 10].sum() / len(occupancies)),
    }


def across(parcels: np.ndarray, buildings: np.ndarray) -> float:
    """The share of the buildings that lie across a boundary."""
    invalid = ~shapely.is_valid(parcels)
    mended = parcels.copy()
    mended[invalid] = shapely.make_valid(parcels[invalid], method="structure", keep_collapsed=False)
    held = shapely.STRtree(mended).query(buildings, predicate="covered_by")[0]
    return 1 - len(np.unique(held)) / len(buildings)
