"""Parcels as vector tiles: a project on a day, or any layer, in one PMTiles archive for the app and map services."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyarrow as pa

from landgis.errors import InputRefused, Place, Problem, UsageError
from landgis.io.atomic import atomic_file, check_file
from landgis.io.found import refused
from landgis.io.headers import match_columns
from landgis.io.mvt import Property, property_of
from landgis.io.outline_batches import Outlines, of_frame, open_outlines
from landgis.io.tile_ground import FINEST_ZOOM, Ground, GroundMaker, Left
from landgis.io.write_tiles import Plan, Zoomed, write_tiles
from landgis.tables import PARCELS
from landgis.text import N_, Message
from landgis.workflow.export import phases_layer
from landgis.workflow.project import Project

SUFFIX = ".pmtiles"
TEXT = -1


@dataclass(frozen=True)
class Shown:
    """A column of tiles where the layer has it; decimals of a number, or TEXT; lean: also where room is scarce."""

    name: str
    decimals: int
    lean: bool = False


COLUMNS = (
    Shown("parcel_id", TEXT), Shown("block_id", TEXT), Shown("rules_id", TEXT), Shown("area_mu", 4),
    Shown("score", 2, lean=True), Shown("grade", TEXT, lean=True), Shown("low_efficiency", TEXT, lean=True),
    Shown("phase", TEXT, lean=True), Shown("overdue_days", 0, lean=True), Shown("renovation_mode", TEXT),
    Shown("floor_area_ratio", 3), Shown("tenancy_fragmentation", 3), Shown("output_per_mu", 2),
)  # fmt: skip
ASKED_OF_SCORES = ("rules_id", "floor_area_ratio", "tenancy_fragmentation", "output_per_mu")


@dataclass(frozen=True)
class Wanted:
    """The zooms, and what the layer is called in the tiles."""

    least_zoom: int = 10
    most_zoom: int = 14
    layer: str = "parcels"


@dataclass(frozen=True)
class Tiled:
    """What was written: rows of the layer, those that no tile shows, what became of the parcels at each zoom."""

    file: str
    rows: int
    left: Left
    properties: tuple[str, ...]
    zooms: list[Zoomed]
    bytes: int

    def as_json(self) -> dict[str, Any]:
        """As `--json` prints it; bytes are those of the file."""
        return {
            "file": self.file, "rows": self.rows, "no_outline": self.left.no_outline,
            "no_polygon": self.left.no_polygon, "off_the_map": self.left.off_the_map,
            "properties": list(self.properties), "bytes": self.bytes, "zooms": [one.as_json() for one in self.zooms],
        }  # fmt: skip


Tell = Callable[[int, int, int], None]  # zoom, tiles done, tiles of that zoom


def check_wanted(wanted: Wanted, out: Path, *, overwrite: bool) -> None:
    """Raise what is wrong with the zooms or the output before any work is done."""
    if not 0 <= wanted.least_zoom <= wanted.most_zoom <= FINEST_ZOOM:
        words = N_("zooms go from 0 to {finest}, and --min-zoom is not above --max-zoom")
        raise UsageError([Problem("E-ZOOM", Message(words, {"finest": FINEST_ZOOM}))])
    if out.suffix.lower() != SUFFIX:
        words = N_("landgis does not write {suffix}; give the output one of these endings: {known}")
        raise refused("E-OUT-FORMAT", Message(words, {"suffix": out.suffix or "—", "known": SUFFIX}), Place(str(out)))
    check_file(out, overwrite=overwrite)


def tile_file(
    text: str,
    out: Path,
    wanted: Wanted,
    *,
    crs: str | None = None,
    encoding: str | None = None,
    overwrite: bool = False,
    tell: Tell = lambda *_: None,
) -> Tiled:
    """The tiles of FILE or FILE:LAYER; GeoParquet is read a batch at a time."""
    check_wanted(wanted, out, overwrite=overwrite)
    return _write(open_outlines(text, crs=crs, encoding=encoding), text, out, wanted, overwrite=overwrite, tell=tell)


def tile_project(
    project: Project,
    out: Path,
    wanted: Wanted,
    *,
    as_of: datetime.date,
    overwrite: bool = False,
    tell: Tell = lambda *_: None,
) -> Tiled:
    """The tiles of the parcels of a project that exist on a day, with their phase on it and their scores."""
    check_wanted(wanted, out, overwrite=overwrite)
    layer = phases_layer(project, as_of=as_of)
    opened = of_frame(_with_scores(layer, project))
    return _write(opened, project.store.where, out, wanted, overwrite=overwrite, tell=tell)


def _with_scores(layer: gpd.GeoDataFrame, project: Project) -> gpd.GeoDataFrame:
    scores = project.store.scores()
    if scores is None:
        return layer
    there = scores.set_index("parcel_id").reindex(layer["parcel_id"])
    return layer.assign(**{name: there[name].to_numpy() for name in ASKED_OF_SCORES if name in there})


def _write(opened: Outlines, source: str, out: Path, wanted: Wanted, *, overwrite: bool, tell: Tell) -> Tiled:
    ground, rows, left, rules = _ground(opened, source, wanted.most_zoom)
    about = {
        "name": wanted.layer, "type": "overlay", "format": "pbf",  # not where it came from: archives are put on the web
        "generator": f"landgis {version('landgis')}", "rules_id": rules,
    }  # fmt: skip
    plan = Plan(wanted.least_zoom, wanted.most_zoom, wanted.layer, about)
    with atomic_file(out, overwrite=overwrite) as temporary:
        zooms = write_tiles(ground, temporary, plan, tell)
        size = temporary.stat().st_size
    return Tiled(str(out), rows, left, tuple(one.name for one in ground.properties), zooms, size)


def _ground(opened: Outlines, source: str, zoom: int) -> tuple[Ground, int, Left, str | None]:
    """The parcels on the grid of the last zoom, how many rows were read, what cannot be drawn, and the rule set."""
    sources = _sources(opened.names, source)
    maker, rows = GroundMaker(zoom), 0
    parts: dict[str, list[pa.Array]] = {name: [] for name in sources}
    for table, geometry in opened.batches(list(sources.values())):
        drawn = pa.array(maker.add(geometry, opened.crs))
        rows += len(geometry)
        for name, column in sources.items():
            parts[name].append(_plain(table[column].combine_chunks(), name, source).filter(drawn))
    ground = maker.made()
    if ground is None:
        words = N_("no row has an outline that can be drawn; give a layer of polygons")
        raise refused("E-GEOM-MISSING", Message(words), Place(source))
    rules = sorted({rule for one in parts.get("rules_id", []) for rule in one.unique().drop_null().to_pylist()})
    return replace(ground, properties=_properties(parts)), rows, maker.left, ";".join(rules) or None


def _sources(names: list[str], source: str) -> dict[str, str]:
    """What tiles call a column → what the layer calls it; InputRefused where nothing says which parcel a row is."""
    found = {one.name: one.name for one in COLUMNS if one.name in names}
    if "parcel_id" not in found:
        matches = match_columns(names, PARCELS).found
        keys = [one.source for one in matches if one.column.name == "parcel_id" and one.source]
        if not keys:
            words = N_("no column says which parcel a row is; rename the one that does to parcel_id")
            raise refused("E-COLUMN-MISSING", Message(words), Place(source, field="parcel_id"))
        found = {"parcel_id": keys[0], **found}
    return found


def _plain(column: pa.Array, name: str, source: str) -> pa.Array:
    """Text or float64, as tiles have the column; InputRefused where the layer has something else there."""
    shown = _SHOWN[name]
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    try:
        return column.cast(pa.large_string() if shown.decimals == TEXT else pa.float64())
    except pa.ArrowException as error:
        message = Message(N_("the column {name} holds no numbers; correct it or leave it out"), {"name": name})
        raise InputRefused([Problem("E-FIELD-TYPE", message, Place(source, field=name))]) from error


def _properties(parts: dict[str, list[pa.Array]]) -> tuple[Property, ...]:
    """Columns that say something, in the order of COLUMNS; their parts are given up one after the other."""
    made = (
        property_of(one.name, pa.concat_arrays(parts.pop(one.name)), decimals=one.decimals, lean=one.lean)
        for one in COLUMNS
        if one.name in parts
    )
    return tuple(one for one in made if bool(np.any(one.codes >= 0)))


_SHOWN = {one.name: one for one in COLUMNS}
