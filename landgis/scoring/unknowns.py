"""What is not known of a parcel, and how many points its score could move for each of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType

import numpy as np

from landgis.metrics.bounds import Bounded
from landgis.metrics.measure import Measures
from landgis.metrics.tenants import PER_MU
from landgis.rules.model import Indicator, RuleSet
from landgis.scoring.parts import PartScores, add_up, score_parts

SCALE, INDUSTRY, FIRMS = "firm_scale", "industry_code", "firm_figures"  # what a score needs beside metrics
_FLOOR = ("buildings", "geometry", "floor_area", "storeys")
_HEIGHTS = ("storey_heights", "storey_heights_estimated")
_TENANCY = ("occupancies", "no_occupancy", "occupied_floor_area")
_YIELD = ("enterprises", "occupancies", "no_occupancy", "allocation", "geometry")

BEHIND: Mapping[str, tuple[str, ...]] = MappingProxyType({  # what a score needs → the data gaps that can open it
    "floor_area_ratio": (*_FLOOR, *_HEIGHTS),
    "floor_area_ratio_plain": _FLOOR,
    "floor_area_ratio_legal": (*_FLOOR, *_HEIGHTS, "legality"),
    "building_coverage_ratio": ("buildings", "geometry"),
    "unlicensed_floor_share": ("buildings", "floor_area", "storeys", "legality"),
    **dict.fromkeys(("occupant_count", "effective_occupants", "tenancy_fragmentation"), _TENANCY),
    "leased_share": (*_TENANCY, "relation"),
    "unknown_floor_share": (*_TENANCY, *_FLOOR),
    **{metric: (figure, *_YIELD) for metric, figure in PER_MU.items()},
    SCALE: ("above_scale", "enterprises", "occupancies"),
    INDUSTRY: (),
    FIRMS: (*PER_MU.values(), "above_scale", *_YIELD),
})  # fmt: skip


def unknown_points(measures: Measures, parts: PartScores, rules: RuleSet) -> dict[str, np.ndarray]:
    """Data gap → by how many points `score_high − score_low` of each parcel could close if the gap were filled.

    One gap at a time: all that it can open is put to its lowest and to its highest, everything else stays open, the
    parcels are scored again, and the bounds close by so much at the most. Where two gaps open the same metric, each
    has the points of that metric. What is open without a gap that says why stands under its own name: a metric, or
    INDUSTRY (what an uncertain benchmark by industry leaves open when all metrics are known). 0 where nothing moves.
    """
    width = parts.score.high - parts.score.low
    needed = _needed(rules)

    @cache
    def closed(known: frozenset[str]) -> np.ndarray:
        if known == {INDUSTRY}:
            metrics = frozenset(needed) - {INDUSTRY, SCALE}
            return np.asarray(np.max([_width(one) for one in _scored(measures, rules, metrics)], axis=0))
        left = np.min([_width(one) for one in _scored(measures, rules, known)], axis=0)
        return np.asarray(np.clip(width - left, 0, None))

    points = {}
    gaps = _opening(measures)
    for gap, flag in gaps.items():
        opens = frozenset(name for name in needed if gap in BEHIND.get(name, ()))
        if opens and flag.any():
            points[gap] = np.where(flag, closed(opens), 0.0)
    for name in needed:
        said = np.any([np.zeros(len(width), bool), *(gaps[gap] for gap in BEHIND.get(name, ()) if gap in gaps)], axis=0)
        points[name] = np.where(said, 0.0, closed(frozenset([name])))
    return points


def _needed(rules: RuleSet) -> list[str]:
    """What the score of a rule set is made from."""
    evaluated = rules.score.output_from_firms and rules.score.weights.get("output", 0) > 0
    used: list[Indicator] = [
        indicator
        for name, weight in rules.score.weights.items()
        if weight > 0 and not (name == "output" and evaluated)
        for indicator in rules.score.parts.get(name, ())
    ]
    names = [indicator.metric for indicator in used]
    names += [SCALE] if any(indicator.benchmark.by_population for indicator in used) else []
    names += [INDUSTRY] if any(indicator.benchmark.table is not None for indicator in used) else []
    names += [FIRMS] if evaluated else []
    return list(dict.fromkeys(names))


def _opening(measures: Measures) -> Mapping[str, np.ndarray]:
    """The data gaps; an outline matters where the area is not known from anything else."""
    area_unknown = np.isnan(measures.columns.number("area_m2"))
    return {name: flag & area_unknown if name == "geometry" else flag for name, flag in measures.gaps.items()}


def _scored(measures: Measures, rules: RuleSet, known: frozenset[str]) -> Iterator[PartScores]:
    """The parts once some things are known: all at their lowest, all at their highest, firms above scale or below."""
    for one in _settled(measures, known):
        parts = score_parts(one, rules)
        if FIRMS in known:
            end = parts.parts["output"].low
            whole = {**parts.parts, "output": Bounded(end, end, end)}
            parts = add_up(whole, rules.score.weights, rules.score.missing)
        yield parts


def _settled(measures: Measures, known: frozenset[str]) -> Iterable[Measures]:
    above = measures.firm_sums.above_scale
    for side in ("low", "high"):
        ends = {name: getattr(one, side) for name, one in measures.bounded.items() if name in known}
        settled = {name: Bounded(end, end, end) for name, end in ends.items()}
        one = replace(measures, bounded={**measures.bounded, **settled})
        if SCALE not in known:
            yield one
            continue
        for scale in (1.0, 0.0):
            sums = replace(measures.firm_sums, above_scale=np.where(np.isnan(above), scale, above))
            yield replace(one, firm_sums=sums)


def _width(parts: PartScores) -> np.ndarray:
    return np.asarray(parts.score.high - parts.score.low)


@dataclass(frozen=True)
class RankRange:
    """The first and the last rank that each parcel could have, whatever is missing; 1: lowest score, NaN: not rated."""

    first: np.ndarray
    last: np.ndarray


def rank_range(low: np.ndarray, high: np.ndarray, rated: np.ndarray) -> RankRange:
    """Between which ranks each rated parcel lies, from the bounds of all scores.

    >>> found = rank_range(np.array([1.0, 2, 9]), np.array([4.0, 3, 9]), np.array([True, True, True]))
    >>> found.first.tolist(), found.last.tolist()
    ([1.0, 1.0, 3.0], [2.0, 2.0, 3.0])
    """
    first = 1.0 + np.searchsorted(np.sort(high[rated]), low, side="left")
    last = 1.0 + np.searchsorted(np.sort(low[rated]), high, side="left") - (low < high)
    blank = np.where(rated, 0.0, np.nan)
    return RankRange(first + blank, last + blank)
