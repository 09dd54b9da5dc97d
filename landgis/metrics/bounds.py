"""A number that may not be known: its best value, and the lowest and highest it can be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Bounded:
    """Arrays of one length. `value` is NaN where unknown; `low` ≤ the truth ≤ `high` always (±inf where open).

    Sides that are equal everywhere may be one array; what is worked out of them then is worked out once.
    """

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @classmethod
    def exact(cls, value: np.ndarray, *, lowest: float = 0.0) -> Bounded:
        """Known numbers; a NaN among them may be anything from `lowest` up."""
        value = np.asarray(value, dtype=float)
        unknown = np.isnan(value)
        if not unknown.any():
            return cls(value, value, value)
        return cls(value, np.where(unknown, lowest, value), np.where(unknown, np.inf, value))

    def open_where(self, unsure: np.ndarray, *, low: float | None = None, high: float | None = np.inf) -> Bounded:
        """The same value with wider bounds where `unsure`; a bound given as None is left as it is."""
        rows = np.flatnonzero(unsure)
        if not len(rows):
            return self
        ends = {"low": self.low, "high": self.high}
        for side, end, choose in (("low", low, np.minimum), ("high", high, np.maximum)):
            if end is not None:
                ends[side] = ends[side].copy()
                ends[side][rows] = choose(end, ends[side][rows])
        return Bounded(self.value, **ends)

    def over(self, divisor: np.ndarray) -> Bounded:
        """Divided by positive numbers; where the divisor is unknown or 0, so is the result."""
        above = positive(divisor)
        found = self.each(above)
        if above is divisor:
            return found
        known = above > 0
        return Bounded(found.value, np.where(known, found.low, -np.inf), np.where(known, found.high, np.inf))

    def each(self, divisor: np.ndarray | float) -> Bounded:
        """All sides divided; a side that is another one is not divided again."""
        value = self.value / divisor
        low = value if self.low is self.value else self.low / divisor
        if self.high is self.value:
            return Bounded(value, low, value)
        return Bounded(value, low, low if self.high is self.low else self.high / divisor)

    def at(self, rows: np.ndarray) -> Bounded:
        """The rows at some positions."""
        return Bounded(self.value[rows], self.low[rows], self.high[rows])


def positive(divisor: np.ndarray) -> np.ndarray:
    """The divisor where it is above 0; NaN elsewhere."""
    above = divisor > 0
    return divisor if above.all() else np.where(above, divisor, np.nan)
