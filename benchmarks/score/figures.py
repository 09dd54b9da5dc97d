"""Figures from a record: medians, ratios of runs of one round, growth."""

from __future__ import annotations

import math
import statistics
from typing import Literal

from benchmarks.score.meter import Run
from benchmarks.score.record import Record

What = Literal["wall_s", "processor_s", "peak_mb"]


def values(runs: list[Run], what: What) -> list[float]:
    return [getattr(run, what) for run in runs]


def middle(runs: list[Run], what: What) -> float:
    """The median; NaN where nothing ran."""
    return statistics.median(values(runs, what)) if runs else math.nan


def ratio(record: Record, rows: int, ours: str, theirs: str, what: What = "wall_s") -> float:
    """Median over the rounds of ours ÷ theirs, each pair from one round; NaN where either did not run."""
    one, two = (record.sizes[rows][name].runs if name in record.sizes[rows] else [] for name in (ours, theirs))
    pairs = [a / b for a, b in zip(values(one, what), values(two, what), strict=False)]
    return statistics.median(pairs) if pairs else math.nan


def fastest(record: Record, rows: int, among: tuple[str, ...], what: What = "wall_s") -> str | None:
    """Which of some engines has the lowest median."""
    there = {name: middle(record.sizes[rows][name].runs, what) for name in among if name in record.sizes[rows]}
    known = {name: seconds for name, seconds in there.items() if not math.isnan(seconds)}
    return min(known, key=lambda name: known[name], default=None)


def exponent(record: Record, name: str, small: int, large: int, *, what: What = "wall_s", start: bool = False) -> float:
    """b of time ~ rows^b between two sizes; with `start` taken off first, what the job takes for next to no rows.

    >>> from benchmarks.score.record import Measured
    >>> sizes = {n: {"it": Measured([Run(n / 1e5 + 0.5, 0.0, 0.0)])} for n in (10_000, 1_000_000)}
    >>> made = Record({}, {}, {}, {}, 1, start={"it": [Run(0.5, 0.0, 0.0)]}, sizes=sizes)
    >>> round(exponent(made, "it", 10_000, 1_000_000), 3), round(exponent(made, "it", 10_000, 1_000_000, start=True), 3)
    (0.622, 1.0)
    """
    base = middle(record.start.get(name, []), what) if start else 0.0
    less, more = (
        middle(record.sizes[rows][name].runs if name in record.sizes[rows] else [], what) - base
        for rows in (small, large)
    )
    if not (less > 0 and more > 0):
        return math.nan
    return math.log(more / less) / math.log(large / small)
