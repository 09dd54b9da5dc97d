"""How much a parcel is built upon: floor area ratio (容积率) and building coverage ratio (建筑密度).

Sources: 工业项目建设用地控制指标 (国土资发〔2008〕24号) for the formulas and the storey rule.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landgis.columns import texts
from landgis.metrics.bounds import positive
from landgis.rules.model import StoreyRule


def floor_area_ratio(counted_floor_area_m2: np.ndarray, area_m2: np.ndarray) -> np.ndarray:
    """Floor area ratio (容积率), Σ counted floor area ÷ land; no unit, NaN where the parcel has no area.

    Both in m², of one length. The plain ratio is the same function on the plain floor area.

    >>> floor_area_ratio(np.array([18_800.0, 12_800.0]), np.array([15_000.0, 15_000.0])).round(4).tolist()
    [1.2533, 0.8533]
    """
    return np.asarray(counted_floor_area_m2 / positive(area_m2))


def building_coverage_ratio(footprint_m2: np.ndarray, area_m2: np.ndarray) -> np.ndarray:
    """Building coverage ratio (建筑密度), footprint inside the parcel ÷ land; no unit.

    Buildings only: structures and yards, which the 建筑系数 adds, are not in it.

    >>> building_coverage_ratio(np.array([3_000.0]), np.array([6_000.0])).tolist()
    [0.5]
    """
    return np.asarray(footprint_m2 / positive(area_m2))


@dataclass(frozen=True)
class CountedStoreys:
    """Per building: storeys above ground, and how often its floor area counts (value and bounds, ≥ 1)."""

    storeys: np.ndarray  # missing → 1
    storeys_known: np.ndarray
    heights_known: np.ndarray
    estimated: np.ndarray  # from the height of the whole building
    factor: np.ndarray
    factor_low: np.ndarray
    factor_high: np.ndarray


def count_storeys(
    storeys: np.ndarray, storey_heights_m: pa.Array, height_m: np.ndarray, rule: StoreyRule
) -> CountedStoreys:
    """How often each building's floor area counts: a storey strictly higher than the rule's height counts double.

    `storey_heights_m` is text like "8.1;4;4". Storeys of one building are taken as equal in area. Without heights the
    factor is 1 and its bounds say what the heights could make of it; `height_m` narrows them.

    >>> rule = StoreyRule(double_above_m=8.0, counts=2.0)
    >>> heights = pa.array(["8.1;4;4;4;4", "8.00", None])
    >>> tall = count_storeys(np.array([5.0, 1, 1]), heights, np.full(3, np.nan), rule)
    >>> tall.factor.tolist(), tall.factor_high.tolist()
    ([1.2, 1.0, 1.0], [1.2, 1.0, 2.0])
    """
    listed, high = _parse_heights(storey_heights_m, rule.double_above_m)
    untold = np.isnan(storeys)
    known = ~untold | (listed > 0)
    count = np.where(untold, np.maximum(listed, 1), storeys)
    fits = listed <= count
    listed, high = listed * fits, high * fits
    silent = np.where(known, count - listed, 1)  # storeys whose height nobody says
    estimated = (listed == 0) & ~np.isnan(height_m) & (count > 0)
    sure, maybe, likely = _storeys_above(height_m, count, known, rule.double_above_m)
    doubled = np.where(estimated, likely, high)
    doubled_low = np.where(estimated, sure, high)
    doubled_high = np.where(estimated, maybe, high + silent)
    one = np.maximum(count, 1)
    per_storey = (rule.counts - 1) / one
    full = np.where(known, count, one)
    nothing = count == 0
    factor, low, top = (
        np.where(nothing, 1.0, 1 + np.minimum(number, full) * per_storey)
        for number in (doubled, doubled_low, doubled_high)
    )
    heights_known = (silent == 0) & known | nothing
    return CountedStoreys(count, known, heights_known, estimated, factor, low, top)


def _parse_heights(heights: pa.Array, limit_m: float) -> tuple[np.ndarray, np.ndarray]:
    """How many heights each text lists, and how many lie strictly above the limit; equal texts are read once."""
    if heights.null_count == len(heights):
        return np.zeros(len(heights)), np.zeros(len(heights))
    encoded = pc.fill_null(texts(heights), "").dictionary_encode()
    lists = pc.split_pattern(encoded.dictionary, ";")
    owner = pc.list_parent_indices(lists).to_numpy()
    words = pc.list_flatten(lists)
    said = pc.not_equal(words, "").to_numpy(zero_copy_only=False)
    metres = words.to_numpy(zero_copy_only=False)[said].astype(float)
    size, owner = len(encoded.dictionary), owner[said]
    listed = np.bincount(owner, minlength=size).astype(float)
    above = np.bincount(owner, metres > limit_m, minlength=size)
    which = encoded.indices.to_numpy()
    return listed[which], above[which]


def _storeys_above(
    height_m: np.ndarray, count: np.ndarray, known: np.ndarray, limit_m: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fewest, most and likeliest number of storeys above the limit in a building of that height."""
    height = np.where(np.isnan(height_m), 0.0, height_m)
    fits = np.ceil(height / limit_m) - 1  # the most that can each be higher than the limit
    most = np.minimum(np.maximum(fits, 0), np.where(known, count, 1))
    mean_above = height > limit_m * np.maximum(count, 1)
    likely = np.where(mean_above, count, 0)
    return np.where(mean_above & known, 1, 0), np.maximum(most, 0), likely


@dataclass(frozen=True)
class BuildingFloorArea:
    """Floor area of each building in m², whether it was declared or drawn, and whether it is known at all."""

    floor_area_m2: np.ndarray
    declared: np.ndarray  # False: from the footprint and the storeys
    known: np.ndarray  # False: neither floor area nor storeys are known, so one storey is only a stand-in


def building_floor_area(
    floor_area_m2: np.ndarray, footprint_m2: np.ndarray, storeys: CountedStoreys
) -> BuildingFloorArea:
    """Declared floor area (建筑面积) where there is one, else footprint × storeys; m²."""
    missing, unmeasured = np.isnan(floor_area_m2), np.isnan(footprint_m2)
    drawn = np.where(unmeasured, 0.0, footprint_m2) * storeys.storeys  # what cannot be measured adds nothing known
    return BuildingFloorArea(
        floor_area_m2=np.where(missing, drawn, floor_area_m2),
        declared=~missing,
        known=~missing | (storeys.storeys_known & ~unmeasured),
    )


def unlicensed_floor_share(unlicensed_m2: np.ndarray, floor_area_m2: np.ndarray) -> np.ndarray:
    """Share of the floor area that stands without a permit (违建), 0…1; NaN where there is no floor.

    >>> unlicensed_floor_share(np.array([620.0]), np.array([9_620.0])).round(4).tolist()
    [0.0644]
    """
    return np.asarray(unlicensed_m2 / positive(floor_area_m2))
