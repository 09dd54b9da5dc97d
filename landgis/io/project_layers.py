"""The layers and tables of a project in one GeoPackage, written whole."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import geopandas as gpd
import pyogrio

from landgis.io.atomic import atomic_file
from landgis.tables import BLOCKS, BUILDINGS, ENTERPRISES, OCCUPANCIES, PARCELS, STREETS, Table

if TYPE_CHECKING:
    from pandas import DataFrame

TABLES: Mapping[str, Table] = {
    "parcels": PARCELS, "buildings": BUILDINGS, "demolished": BUILDINGS, "blocks": BLOCKS,
    "enterprises": ENTERPRISES, "occupancies": OCCUPANCIES, "streets": STREETS,
}  # fmt: skip

DTYPES = {"key": "str", "text": "str", "choice": "str", "heights": "str", "date": "datetime64[us]"}  # else a number


def write_layers(layers: Mapping[str, DataFrame], path: Path) -> None:
    """Write them all; a reader sees the old file or the new one. Without a layer there is nothing to write."""
    if not layers:
        return
    with atomic_file(path, overwrite=True) as temporary:
        for name, frame in layers.items():
            try:
                pyogrio.write_dataframe(
                    frame, temporary, layer=name, driver="GPKG", append=temporary.exists(), **_geometry_type(frame)
                )
            except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as fault:  # a full disk, mostly
                raise OSError(str(fault)) from fault


def _geometry_type(frame: DataFrame) -> dict[str, Any]:
    """Multipolygons where all are polygons, so for lines; else any kind, so that nothing that was drawn gets lost."""
    if not isinstance(frame, gpd.GeoDataFrame):
        return {}
    for kind in ("Polygon", "LineString"):
        if frame.geom_type.dropna().isin((kind, f"Multi{kind}")).all():
            return {"geometry_type": f"Multi{kind}", "promote_to_multi": True}
    return {"geometry_type": "Unknown"}


def read_layers(path: Path) -> dict[str, DataFrame]:
    """Read them all, in canonical columns; {} where nothing was imported yet."""
    if not path.exists():
        return {}
    there = {name for name, _ in pyogrio.list_layers(path)}
    return {
        name: canonical(pyogrio.read_dataframe(path, layer=name, use_arrow=True), table)
        for name, table in TABLES.items()
        if name in there
    }


def canonical(frame: DataFrame, table: Table) -> DataFrame:
    """A frame from a database with the types that `read_table` gives: a column of nulls has lost its own."""
    for column in table.columns:
        if column.name in frame:
            frame[column.name] = frame[column.name].astype(cast(Any, DTYPES.get(column.kind, "float64")))
    return frame
