"""The layers and tables of a project in one GeoPackage, written whole."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pyogrio

from landgis.io.atomic import atomic_file
from landgis.io.read import read_table
from landgis.tables import BLOCKS, BUILDINGS, ENTERPRISES, OCCUPANCIES, PARCELS, Table

if TYPE_CHECKING:
    from pandas import DataFrame

TABLES: Mapping[str, Table] = {
    "parcels": PARCELS, "buildings": BUILDINGS, "demolished": BUILDINGS, "blocks": BLOCKS,
    "enterprises": ENTERPRISES, "occupancies": OCCUPANCIES,
}  # fmt: skip


def write_layers(layers: Mapping[str, DataFrame], path: Path) -> None:
    """Write them all; a reader sees the old file or the new one."""
    with atomic_file(path, overwrite=True) as temporary:
        for name, frame in layers.items():
            more = (
                {"geometry_type": "MultiPolygon", "promote_to_multi": True}
                if isinstance(frame, gpd.GeoDataFrame)
                else {}
            )
            pyogrio.write_dataframe(frame, temporary, layer=name, driver="GPKG", append=temporary.exists(), **more)


def read_layers(path: Path) -> dict[str, DataFrame]:
    """Read them all, in canonical columns; {} where nothing was imported yet."""
    if not path.exists():
        return {}
    there = {name for name, _ in pyogrio.list_layers(path)}
    return {name: read_table(f"{path}:{name}", table).frame for name, table in TABLES.items() if name in there}
