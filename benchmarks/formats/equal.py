"""Whether two files of a layer hold the same, as GDAL reads them."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

NEAR = {True: 1.01e-9, False: 1e-6}  # degrees, which landgis rounds to nine decimals; metres


def difference(ours: Path, peer: Path) -> str:
    """What differs; "" where nothing does. Names that a shapefile shortens are not the same in both."""
    one, two = (gpd.read_file(path, use_arrow=True).sort_values("parcel_id") for path in (ours, peer))
    if len(one) != len(two):
        return f"{len(one)} rows, not {len(two)}"
    # the same way round; normalized, rounding would let rings begin elsewhere
    shapes, others = (shapely.orient_polygons(frame.geometry.to_numpy()) for frame in (one, two))
    single = np.array([_alone(shape) for shape in shapes]), np.array([_alone(shape) for shape in others])
    if not shapely.equals_exact(*single, tolerance=NEAR[one.crs.is_geographic]).all():
        return "outlines"
    names = [name for name in one.columns.drop("geometry") if name in two]
    if ours.suffix != ".shp" and len(names) != len(two.columns) - 1:
        return "columns"
    return next((f"column {name}" for name in names if not _equal(one[name], two[name])), "")


def _alone(shape: object) -> object:
    """The polygon of a multipolygon that has only one: some formats know no polygons."""
    parts = shapely.get_parts(shape)
    return parts[0] if len(parts) == 1 else shape


def _equal(one, two) -> bool:
    if one.dtype.kind in "fiu" and two.dtype.kind in "fiu":
        return bool(np.allclose(one.astype(float), two.astype(float), rtol=1e-12, atol=0, equal_nan=True))
    return one.astype(object).fillna("").tolist() == two.astype(object).fillna("").tolist()
