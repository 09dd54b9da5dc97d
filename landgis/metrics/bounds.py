"""A number that may not be known: its best value, and the lowest and highest it can be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Bounded:
    """Arrays of one length. `value` is NaN where unknown; `low` ≤ the truth ≤ `high` always (±inf where open)."""

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @classmethod
    def exact(cls, value: np.ndarray, *, lowest: float = 0.0) -> Bounded:
        """Known numbers; a NaN among them may be anything from `lowest` up."""
        value = np.asarray(value, dtype=float)
        unknown = np.isnan(value)
        return cls(value, np.where(unknown, lowest, value), np.where(unknown, np.inf, value))

    def open_where(self, unsure: np.ndarray, *, low: float | None = None, high: float | None = np.inf) -> Bounded:
        """The same value with wider bounds where `unsure`; a bound given as None is left as it is."""
        return Bounded(
            self.value,
            self.low if low is None else np.where(unsure, np.minimum(low, self.low), self.low),
            self.high if high is None else np.where(unsure, np.maximum(high, self.high), self.high),
        )

    def over(self, divisor: np.ndarray) -> Bounded:
        """Divided by positive numbers; where the divisor is unknown or 0, so is the result."""
        divisor = np.where(divisor > 0, divisor, np.nan)
        unknown = np.isnan(divisor)
        value, low, high = (part / divisor for part in (self.value, self.low, self.high))
        return Bounded(value, np.where(unknown, -np.inf, low), np.where(unknown, np.inf, high))
