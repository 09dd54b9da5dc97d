"""A layer as batches of outlines and some columns: GeoParquet a batch at a time, any other format read as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyproj import CRS

from landgis.errors import Place
from landgis.io.crs import asked_crs
from landgis.io.crs_check import check_coordinates
from landgis.io.formats import Format, identify, split_layer
from landgis.io.found import refused
from landgis.io.geometries import from_wkb
from landgis.io.geoparquet import damaged, read_head, stored
from landgis.io.parquet_rows import read_rows
from landgis.io.read import read_raw
from landgis.text import N_, Message

BATCH_ROWS = 32_768


@dataclass(frozen=True)
class Outlines:
    """A layer: its CRS, the names of its columns, and what gives its batches, each a table and shapely outlines."""

    crs: CRS
    names: list[str]
    batches: Callable[[Sequence[str]], Iterator[tuple[pa.Table, np.ndarray]]]


def open_outlines(text: str, *, crs: str | None = None, encoding: str | None = None) -> Outlines:
    """FILE or FILE:LAYER; raises InputRefused as `read_raw` does, the batches too."""
    path, layer = split_layer(text)
    place = Place(str(path))
    if path.is_file() and layer is None and identify(path) == Format.GEOPARQUET:
        opened = _open_parquet(path, place, crs)
        if opened is not None:
            return opened
    frame = read_raw(text, crs=crs, encoding=encoding).frame
    if getattr(frame, "crs", None) is None:
        words = N_("this is a table without outlines, where a layer is needed")
        raise refused("E-GEOM-MISSING", Message(words), place)
    return of_frame(frame)


def of_frame(frame: Any) -> Outlines:
    """A GeoDataFrame in batches."""
    geometry = frame.geometry.to_numpy()

    def batches(names: Sequence[str]) -> Iterator[tuple[pa.Table, np.ndarray]]:
        for start in range(0, len(frame), BATCH_ROWS):
            rows = slice(start, start + BATCH_ROWS)
            table = pa.Table.from_pandas(frame[list(names)].iloc[rows], preserve_index=False)
            yield table, geometry[rows]

    return Outlines(frame.crs, [name for name in map(str, frame.columns) if name != frame.geometry.name], batches)


def _open_parquet(path: Path, place: Place, asked: str | None) -> Outlines | None:
    """GeoParquet with its outlines as WKB in a CRS that is known; None where the plain reader has to look at it."""
    head = read_head(path, None, place)
    names = head.opened.schema_arrow.names
    if not head.is_wkb or len(set(names)) < len(names) or (head.crs is None and asked is None):
        return None
    there = asked_crs(str(asked)) if head.crs is None else head.crs

    def batches(wanted: Sequence[str]) -> Iterator[tuple[pa.Table, np.ndarray]]:
        done = 0
        try:
            for batch in read_rows(path, place, [*wanted, head.outlines], BATCH_ROWS):
                rows = np.arange(done + 1, done + len(batch) + 1)
                done += len(batch)
                geometry, _ = from_wkb(stored(batch[head.outlines]).to_numpy(zero_copy_only=False), rows, place)
                check_coordinates(geometry, rows, there, place)
                yield pa.Table.from_batches([batch]).select(list(wanted)), geometry
        except (pa.ArrowException, OSError) as error:
            raise damaged(error, place) from error
        except NotImplementedError as error:  # what shapely raises for arcs
            words = N_("some outlines have arcs, which are not read from Parquet; convert them to straight lines")
            raise refused("E-GEOM-CURVE", Message(words), place) from error

    return Outlines(there, [name for name in names if name not in head.dropped], batches)


__all__ = ["Outlines", "of_frame", "open_outlines"]
