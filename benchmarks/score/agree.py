"""Whether two engines gave the same answers: numbers to 1e-6, grades exactly."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.score.job import COLUMNS, NUMBERS

TOLERANCE = 1e-6
LEAST = 1e-3  # of a column's unit: below it a difference is measured against this


@dataclass(frozen=True)
class Agreement:
    """The largest relative difference of any number, its column, and how many grades differ."""

    relative: float
    column: str
    grades: int

    @property
    def holds(self) -> bool:
        return self.relative <= TOLERANCE and self.grades == 0


def agreement(out: Path, reference: Path) -> Agreement:
    """Compare two outputs parcel by parcel; a value that only one of them knows differs without bound."""
    one, two = answers(out), answers(reference)
    if not one.index.equals(two.index):
        return Agreement(np.inf, "parcel_id", len(two))
    apart = {name: relative(one[name].to_numpy(float), two[name].to_numpy(float)) for name in NUMBERS}
    worst = max(apart, key=lambda name: apart[name])
    return Agreement(apart[worst], worst, int((one["grade"] != two["grade"]).sum()))


def answers(out: Path) -> pd.DataFrame:
    """The twelve columns of an output by parcel_id, sorted."""
    return pd.read_parquet(out, columns=list(COLUMNS)).set_index("parcel_id").sort_index()


def relative(one: np.ndarray, two: np.ndarray) -> float:
    """The largest difference in parts of the larger value.

    >>> relative(np.array([1.0, np.nan]), np.array([1.000002, np.nan])) > 1e-6
    True
    >>> relative(np.array([1.0, np.nan]), np.array([1.0, 0.0]))
    inf
    """
    if (np.isnan(one) != np.isnan(two)).any():
        return float(np.inf)
    size = np.maximum(np.maximum(np.abs(one), np.abs(two)), LEAST)
    return float(np.nanmax(np.abs(one - two) / size, initial=0.0))
