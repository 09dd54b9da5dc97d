"""What each family of metrics adds to the measures of a stretch of parcels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from landgis.columns import Column
from landgis.metrics.bounds import Bounded


@dataclass(frozen=True)
class Family:
    """Result columns, bounds and gaps of one family of metrics, in the order of the parcels."""

    columns: Mapping[str, Column]
    bounded: Mapping[str, Bounded]
    gaps: Mapping[str, np.ndarray]
