"""What tiles are cut from: all parcels on the finest grid, in memory as flat arrays of whole numbers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import shapely
from pyproj import CRS

from landgis.io.mvt import Property
from landgis.io.rings import Rings, are_polygons, concatenated, moved, rings_of
from landgis.io.tile_shapes import EXTENT
from landgis.io.write_geojson import degrees_of

NORTHERNMOST = 85.0511287  # degrees: where the square of the web's Mercator map ends
FINEST_ZOOM = 18  # whole numbers of 32 bits hold its grid


@dataclass(frozen=True)
class Ground:
    """The parcels that can be drawn, numbered from 0; `grid_zoom` is the zoom in whose tiles the grid is one step.

    `rings` int32 points on that grid, y to the south; `box` int32[parcels, 4] west, north, east, south on it; `area`
    float64[parcels] in its steps; `bounds` in longitude and latitude; `properties` of the parcels.
    """

    grid_zoom: int
    rings: Rings
    box: np.ndarray
    area: np.ndarray
    bounds: tuple[float, float, float, float]
    properties: tuple[Property, ...] = ()

    @property
    def parcels(self) -> int:
        """How many there are."""
        return len(self.area)


@dataclass
class Left:
    """Rows that no tile can show, counted: without an outline, no polygon, off the map."""

    no_outline: int = 0
    no_polygon: int = 0
    off_the_map: int = 0


@dataclass
class GroundMaker:
    """Takes outlines a batch at a time."""

    grid_zoom: int
    left: Left = field(default_factory=Left)
    _batches: list[Rings] = field(default_factory=list)
    _areas: list[np.ndarray] = field(default_factory=list)
    _reach: list[np.ndarray] = field(default_factory=list)

    def add(self, geometry: np.ndarray, crs: CRS) -> np.ndarray:
        """Put outlines (shapely) behind the others; bool[rows]: which are drawn."""
        nothing = shapely.is_missing(geometry) | shapely.is_empty(geometry)
        drawn = are_polygons(geometry)
        self.left.no_outline += int(nothing.sum())
        self.left.no_polygon += int((~nothing & ~drawn).sum())
        rings = moved(rings_of(geometry[drawn]), crs, degrees_of(crs))
        bounds = rings.bounds()
        placed = (np.abs(bounds) <= np.tile([180.0, NORTHERNMOST], 2)).all(axis=1)
        self.left.off_the_map += int((~placed).sum())
        if not placed.all():
            rings, bounds = rings.taken(np.flatnonzero(placed)), bounds[placed]
            drawn[drawn] = placed
        if len(bounds):
            self._keep(rings, bounds)
        return drawn

    def _keep(self, rings: Rings, bounds: np.ndarray) -> None:
        self._reach.append(np.concatenate([bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)]))
        rings = replace(rings, points=on_grid(rings.points, self.grid_zoom))
        areas = np.where(rings.outer, 1, -1) * np.abs(rings.areas())
        self._areas.append(np.add.reduceat(areas, rings.polygon_rings[:-1]))
        self._batches.append(rings)

    def made(self) -> Ground | None:
        """All of them; None where there is nothing to draw."""
        if not self._batches:
            return None
        rings = concatenated(self._batches)
        self._batches.clear()
        reach = np.array(self._reach)
        west, south = reach[:, :2].min(axis=0).tolist()
        east, north = reach[:, 2:].max(axis=0).tolist()
        area = np.concatenate(self._areas)
        return Ground(self.grid_zoom, rings, rings.bounds().astype(np.int32), area, (west, south, east, north))


def on_grid(degrees: np.ndarray, zoom: int) -> np.ndarray:
    """int32[points, 2]: longitude and latitude as steps of the grid of a zoom, on the web's Mercator map."""
    longitude, latitude = degrees.T
    down = 0.5 - np.arctanh(np.sin(np.radians(latitude))) / (2 * np.pi)
    world = np.column_stack([longitude / 360 + 0.5, down])
    return np.rint(world * (EXTENT << zoom)).astype(np.int32)
