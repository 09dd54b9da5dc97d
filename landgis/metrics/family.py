"""What each family of metrics adds to the measures of a zone."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from pandas import DataFrame, Series

from landgis.metrics.bounds import Bounded


@dataclass(frozen=True)
class Family:
    """Result columns, bounds and gaps of one family of metrics, in the order of the parcels."""

    columns: DataFrame
    bounded: dict[str, Bounded]
    gaps: dict[str, np.ndarray]
    conservation: dict[str, dict[str, float]] = field(default_factory=dict)


def column_of(frame: DataFrame, name: str, kind: str = "float64") -> Series:
    """The column, or one of unknowns where the table has none."""
    if name in frame:
        return frame[name].reset_index(drop=True)
    return Series(np.full(len(frame), np.nan), dtype=kind)
