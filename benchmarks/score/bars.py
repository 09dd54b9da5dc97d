"""The bars of issue 6, each with what was reached."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks.score.field import OURS, OVERLAY, PEERS, TWELVE, WITH_LOAD
from benchmarks.score.figures import exponent, fastest, middle, ratio
from benchmarks.score.record import Record


@dataclass(frozen=True)
class Bar:
    """What has to hold at a size; `found` is at most the limit."""

    rows: int
    words: str
    most: float
    found: Callable[[Record], float]


def _fastest(rows: int, ours: str, what: str = "wall_s") -> Callable[[Record], float]:
    def found(record: Record) -> float:
        peer = fastest(record, rows, PEERS, what)
        return math.nan if peer is None else ratio(record, rows, ours, peer, what)

    return found


MILLION, MIDDLE, SMALL = 1_000_000, 100_000, 20_000
BARS = (
    Bar(MILLION, "full contract ÷ fastest peer, wall", 0.50, _fastest(MILLION, OURS)),
    Bar(MILLION, "full contract ÷ fastest peer, processor", 0.50, _fastest(MILLION, OURS, "processor_s")),
    Bar(MILLION, "full contract, peak memory, MB", 1200,
        lambda made: middle(made.sizes[MILLION][OURS].runs, "peak_mb")),
    Bar(MILLION, "twelve columns ÷ fastest peer, wall", 0.40, _fastest(MILLION, TWELVE)),
    Bar(MILLION, "full contract ÷ geopandas overlay, wall", 1 / 6, lambda made: ratio(made, MILLION, OURS, OVERLAY)),
    Bar(MILLION, "full contract ÷ PostGIS with load, wall", 1 / 12, lambda made: ratio(made, MILLION, OURS, WITH_LOAD)),
    Bar(MIDDLE, "full contract ÷ fastest peer, wall", 0.70, _fastest(MIDDLE, OURS)),
    Bar(SMALL, "full contract ÷ fastest peer, wall", 1.15, _fastest(SMALL, OURS)),
    Bar(MILLION, "growth exponent from 100 000, start-up aside", 1.02,
        lambda made: exponent(made, OURS, MIDDLE, MILLION, start=True) if MIDDLE in made.sizes else math.nan),
)  # fmt: skip


def reached(record: Record) -> Iterator[tuple[Bar, float]]:
    """Each bar of a size that was run, with what was found; NaN where an engine is missing."""
    for bar in BARS:
        if OURS in record.sizes.get(bar.rows, {}):
            yield bar, bar.found(record)
