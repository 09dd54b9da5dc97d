"""What the reader of a format hands to `layers`, and how every reader says no."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from landgis.errors import InputRefused, Place, Problem
from landgis.text import Message

if TYPE_CHECKING:
    from pyproj import CRS

MOST_FIELDS = 512
MOST_CHARACTERS = 65_535  # in one value; a longer one is no attribute but a file in a field
MOST_NAMED = 20  # rows that are named one by one; the rest is counted


@dataclass(frozen=True)
class LayerLook:
    """One layer as `landgis check` shows it, without its rows; `fields` maps each name to its type."""

    name: str
    geometry_type: str | None
    features: int | None
    crs: str | None
    encoding: str | None
    fields: dict[str, str]


@dataclass
class Found:
    """One layer as it stands in its file; `table` has the attributes without the geometry."""

    table: pa.Table
    geometry: np.ndarray
    rows: np.ndarray
    crs: CRS | None
    driver: str
    layer: str | None = None
    encoding: str | None = None
    problems: list[Problem] = field(default_factory=list)
    crs_is_default: bool = False  # the file says nothing, its format does, as a GeoJSON is WGS 84


def refused(code: str, message: Message, place: Place) -> InputRefused:
    """The error for one problem, to be raised."""
    return InputRefused([Problem(code, message, place)])
