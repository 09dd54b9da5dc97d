"""What a file holds before landgis knows what its columns mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from landgis.errors import Problem

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd


@dataclass(frozen=True)
class Source:
    """Where a table came from, as the report and `landgis check` say it."""

    file: str
    layer: str | None = None
    driver: str = ""
    encoding: str | None = None
    crs: str | None = None  # as found in the file, or as the user said with --crs
    rows: int = 0
    columns: Mapping[str, str] = field(
        default_factory=lambda: MappingProxyType({})
    )  # canonical name → name in the file


@dataclass(frozen=True)
class SetAside:
    """A row that is not used, and why."""

    row: int
    id: str | None
    problem: Problem


@dataclass
class Raw:
    """A table or layer as it stands in its file: text columns are text, nothing is renamed.

    `rows` numbers each row as the user's own program shows it: the feature number from 1 in a layer, the line in a
    CSV, the row in a sheet (so the first row under a header is 2).
    """

    frame: pd.DataFrame | gpd.GeoDataFrame
    rows: np.ndarray
    source: Source
    problems: list[Problem] = field(default_factory=list)  # remarks; what is fatal is raised as InputRefused


@dataclass
class Read:
    """A table in canonical columns and units; columns that are not ours are kept behind them.

    Keys and texts are `str` (NaN = not known), numbers float64, dates datetime64; a spatial table has `geometry` and a
    CRS. No row is dropped without an entry in `set_aside`.
    """

    frame: pd.DataFrame | gpd.GeoDataFrame
    rows: np.ndarray
    source: Source
    problems: list[Problem] = field(default_factory=list)
    set_aside: list[SetAside] = field(default_factory=list)
