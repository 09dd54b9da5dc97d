"""Where the parcels of a project lie, from its own file: what a test clicks on, found another way than the app does."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd


def inside_of(project: Path, block: str | None = None) -> dict[str, tuple[float, float]]:
    """Parcel → longitude and latitude of a place well inside of it; of one block, as the parcels themselves say."""
    parcels = gpd.read_file(project / "parcels.gpkg", layer="parcels").set_index("parcel_id")
    if block is not None:
        parcels = parcels[parcels["block_id"] == block]
    places = parcels.geometry.representative_point().to_crs(4326)
    return {str(key): (point.x, point.y) for key, point in places.items()}
