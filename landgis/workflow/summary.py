"""What a run says at a glance: the zone, its blocks, the parcels to renovate first."""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landgis.columns import Columns

FIRST = 8
NO_BLOCK = "—"
_SUMS = ("parcels", "area_mu", "counted", "land", "output_wan", "yielding_mu", "low")
_SAID = ("reasons_zh", "reasons_en")


@dataclass(frozen=True)
class BlockLine:
    """A block: ratios are ratios of sums over the parcels that have both numbers."""

    block_id: str
    parcels: int
    area_mu: float
    floor_area_ratio: float
    output_per_mu: float
    low: int


@dataclass(frozen=True)
class FirstLine:
    """A parcel of the lowest scores."""

    parcel_id: str
    block_id: str
    score: float
    score_low: float
    score_high: float
    reasons_zh: str
    reasons_en: str


@dataclass(frozen=True)
class Summary:
    """Numbers of the zone, a line a block in the order of their names, and the parcels of the lowest scores."""

    parcels: int
    area_mu: float
    blocks: tuple[BlockLine, ...]
    first: tuple[FirstLine, ...]


@dataclass
class Overview:
    """Collects the summary that `landgis score` and `landgis demo` print, from result columns by stretches."""

    parcels: int = 0
    area_mu: float = 0.0
    counts: dict[str, Counter[str]] = field(default_factory=dict)  # of each column that was asked for
    _row: dict[str, int] = field(default_factory=dict)  # block → its row of the sums
    _sums: np.ndarray = field(default_factory=lambda: np.zeros((0, len(_SUMS))))
    _first: list[tuple[float, str, FirstLine]] = field(default_factory=list)

    def add(self, columns: Columns) -> None:
        """Take a stretch of parcels, as columns of `results`."""
        self.parcels += columns.size
        self.area_mu += float(np.nansum(columns.number("area_mu")))
        self._count(columns)
        self._sum(columns)
        self._rank(columns)

    def summary(self) -> Summary:
        """What was collected."""
        return Summary(self.parcels, self.area_mu, self._blocks(), tuple(line for *_, line in sorted(self._first)))

    def as_json(self) -> dict[str, Any]:
        """What was collected, to be sent and merged."""
        return {
            "parcels": self.parcels, "area_mu": self.area_mu, "counts": self.counts,
            "sums": {name: self._sums[row].tolist() for name, row in self._row.items()},
            "first": [[rank, asdict(line)] for rank, _, line in self._first],
        }  # fmt: skip

    def merge(self, other: Mapping[str, Any]) -> None:
        """Take what another one collected, as it came out of `as_json`."""
        self.parcels += other["parcels"]
        self.area_mu += other["area_mu"]
        for name, counts in other["counts"].items():
            self.counts.setdefault(name, Counter()).update(counts)
        self._add_blocks(list(other["sums"]), np.array(list(other["sums"].values())).reshape(-1, len(_SUMS)))
        found = [(rank, line["parcel_id"], FirstLine(**line)) for rank, line in other["first"]]
        self._first = heapq.nsmallest(FIRST, [*self._first, *found], key=lambda one: one[:2])

    def _count(self, columns: Columns) -> None:
        for name in ("area_source", "floor_area_source", "grade", "low_efficiency"):
            found = _encoded(columns, name)
            many = np.bincount(found.indices.drop_null().to_numpy(), minlength=len(found.dictionary)).tolist()
            counts = {word: count for word, count in zip(found.dictionary.to_pylist(), many, strict=True) if count}
            self.counts.setdefault(name, Counter()).update(counts)

    def _sum(self, columns: Columns) -> None:
        block = pc.fill_null(columns.text("block_id"), NO_BLOCK).dictionary_encode()
        area_mu, counted = columns.number("area_mu"), columns.number("counted_floor_area_m2")
        yields = columns.number("output_per_mu")
        parts = (
            np.ones(columns.size), area_mu, counted, np.where(np.isnan(counted), 0, columns.number("area_m2")),
            yields * area_mu, np.where(np.isnan(yields), 0, area_mu), _is(columns, "low_efficiency", "yes"),
        )  # fmt: skip
        at, names = block.indices.to_numpy().astype(np.intp), block.dictionary.to_pylist()
        sums = np.stack([np.bincount(at, np.nan_to_num(part), minlength=len(names)) for part in parts], axis=1)
        self._add_blocks(names, sums)

    def _add_blocks(self, names: Sequence[str], sums: np.ndarray) -> None:
        rows = np.array([self._row.setdefault(name, len(self._row)) for name in names], dtype=int)
        if len(self._row) > len(self._sums):
            self._sums = np.concatenate([self._sums, np.zeros((len(self._row), len(_SUMS)))])  # room for as many again
        self._sums[rows] += sums  # each block stands once among them

    def _rank(self, columns: Columns) -> None:
        rank = columns.number("renovation_rank")
        worst = self._first[-1][0] if len(self._first) == FIRST else np.inf
        near = np.flatnonzero(rank <= worst)  # an unknown rank is not
        if len(near) > FIRST:
            near = near[rank[near] <= np.partition(rank[near], FIRST - 1)[FIRST - 1]]
        keys = columns.cells("parcel_id").take(pa.array(near)).to_pylist()  # many may have the same rank
        chosen = heapq.nsmallest(FIRST, zip(rank[near].tolist(), keys, near.tolist(), strict=True))
        found = [*self._first, *((place, key, _line(columns, at)) for place, key, at in chosen)]
        self._first = heapq.nsmallest(FIRST, found, key=lambda one: one[:2])

    def _blocks(self) -> tuple[BlockLine, ...]:
        lines = []
        for name in sorted(self._row):
            parcels, area_mu, counted, land, output, yielding, low = self._sums[self._row[name]].tolist()
            lines.append(
                BlockLine(name, int(parcels), area_mu, _ratio(counted, land), _ratio(output, yielding), int(low))
            )
        return tuple(lines)


def _encoded(columns: Columns, name: str) -> pa.DictionaryArray:
    column = columns.cells(name)
    return column if pa.types.is_dictionary(column.type) else column.dictionary_encode()


def _is(columns: Columns, name: str, word: str) -> np.ndarray:
    """1 where a column says that word, else 0."""
    found = _encoded(columns, name)
    same = pc.index(found.dictionary, word).as_py()  # -1 where nobody says it
    return np.asarray(found.indices.fill_null(-2).to_numpy() == same, dtype=float)


def _ratio(over: float, under: float) -> float:
    return over / under if under > 0 else math.nan


def _line(columns: Columns, at: int) -> FirstLine:
    parcel, block, zh, en = (columns.cells(name)[at].as_py() for name in ("parcel_id", "block_id", *_SAID))
    score, low, high = (float(columns.number(name)[at]) for name in ("score", "score_low", "score_high"))
    return FirstLine(parcel, NO_BLOCK if block is None else block, score, low, high, zh, en)
