"""How much a parcel is built upon: floor area ratio (容积率) and building coverage ratio (建筑密度).

Sources: 工业项目建设用地控制指标 (国土资发〔2008〕24号) for the formulas and the storey rule.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas import Series

from landgis.rules.model import StoreyRule

DECLARED, FOOTPRINT = "declared", "footprint"


def floor_area_ratio(counted_floor_area_m2: Series, area_m2: Series) -> Series:
    """Floor area ratio (容积率), Σ counted floor area ÷ land; no unit, NaN where the parcel has no area.

    Both in m², same index. The plain ratio is the same function on the plain floor area.

    >>> floor_area_ratio(Series([18_800.0, 12_800.0]), Series([15_000.0, 15_000.0])).round(4).tolist()
    [1.2533, 0.8533]
    """
    return (counted_floor_area_m2 / area_m2.where(area_m2 > 0)).rename("floor_area_ratio")


def building_coverage_ratio(footprint_m2: Series, area_m2: Series) -> Series:
    """Building coverage ratio (建筑密度), footprint inside the parcel ÷ land; no unit.

    Buildings only: structures and yards, which the 建筑系数 adds, are not in it.

    >>> building_coverage_ratio(Series([3_000.0]), Series([6_000.0])).tolist()
    [0.5]
    """
    return (footprint_m2 / area_m2.where(area_m2 > 0)).rename("building_coverage_ratio")


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


def count_storeys(storeys: Series, storey_heights_m: Series, height_m: Series, rule: StoreyRule) -> CountedStoreys:
    """How often each building's floor area counts: a storey strictly higher than the rule's height counts double.

    `storey_heights_m` is text like "8.1;4;4". Storeys of one building are taken as equal in area. Without heights the
    factor is 1 and its bounds say what the heights could make of it; `height_m` narrows them.

    >>> rule = StoreyRule(double_above_m=8.0, counts=2.0)
    >>> tall = count_storeys(Series([5, 1, 1]), Series(["8.1;4;4;4;4", "8.00", None]), Series([np.nan] * 3), rule)
    >>> tall.factor.tolist(), tall.factor_high.tolist()
    ([1.2, 1.0, 1.0], [1.2, 1.0, 2.0])
    """
    listed, high = _parse_heights(storey_heights_m, rule.double_above_m)
    told = storeys.to_numpy(float)
    known = ~np.isnan(told) | (listed > 0)
    count = np.where(np.isnan(told), np.where(listed > 0, listed, 1), told)
    fits = listed <= count
    listed, high = np.where(fits, listed, 0), np.where(fits, high, 0)
    silent = np.where(known, count - listed, 1)  # storeys whose height nobody says
    tops = height_m.to_numpy(float)
    estimated = (listed == 0) & ~np.isnan(tops) & (count > 0)
    sure, maybe, likely = _storeys_above(tops, count, known, rule.double_above_m)
    doubled = np.where(estimated, likely, high)
    doubled_low = np.where(estimated, sure, high)
    doubled_high = np.where(estimated, maybe, high + silent)
    per_storey = (rule.counts - 1) / np.maximum(count, 1)
    full = np.where(known, count, np.maximum(count, 1))
    factor, low, top = (1 + np.minimum(number, full) * per_storey for number in (doubled, doubled_low, doubled_high))
    nothing = count == 0
    return CountedStoreys(
        storeys=count,
        storeys_known=known,
        heights_known=(silent == 0) & known | nothing,
        estimated=estimated,
        factor=np.where(nothing, 1.0, factor),
        factor_low=np.where(nothing, 1.0, low),
        factor_high=np.where(nothing, 1.0, top),
    )


def _parse_heights(texts: Series, limit_m: float) -> tuple[np.ndarray, np.ndarray]:
    """How many heights each text lists, and how many of them lie strictly above the limit."""
    arrow = pa.array(texts.astype("str"), type=pa.large_string(), from_pandas=True)
    lists = pc.split_pattern(pc.fill_null(arrow, ""), ";")
    heights = pc.list_flatten(lists).to_numpy(zero_copy_only=False)
    owner = pc.list_parent_indices(lists).to_numpy()
    said = heights != ""
    metres = heights[said].astype(float)
    listed = np.bincount(owner[said], minlength=len(texts))
    return listed, np.bincount(owner[said], metres > limit_m, minlength=len(texts)).astype(int)


def _storeys_above(
    height_m: np.ndarray, count: np.ndarray, known: np.ndarray, limit_m: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fewest, most and likeliest number of storeys above the limit in a building of that height."""
    fits = np.ceil(np.nan_to_num(height_m) / limit_m) - 1  # the most that can each be higher than the limit
    most = np.clip(fits, 0, np.where(known, count, 1))
    mean_above = np.nan_to_num(height_m) > limit_m * np.maximum(count, 1)
    likely = np.where(mean_above, count, 0)
    return np.where(mean_above & known, 1, 0), np.maximum(most, 0), likely


@dataclass(frozen=True)
class BuildingFloorArea:
    """Floor area of each building in m², where it comes from, and whether it is known at all."""

    floor_area_m2: np.ndarray
    source: np.ndarray
    known: np.ndarray  # False: neither floor area nor storeys are known, so one storey is only a stand-in


def building_floor_area(floor_area_m2: Series, footprint_m2: np.ndarray, storeys: CountedStoreys) -> BuildingFloorArea:
    """Declared floor area (建筑面积) where there is one, else footprint × storeys; m²."""
    declared = floor_area_m2.to_numpy(float)
    missing = np.isnan(declared)
    drawn = np.nan_to_num(
        footprint_m2 * storeys.storeys
    )  # an outline that cannot be measured adds nothing that is known
    return BuildingFloorArea(
        floor_area_m2=np.where(missing, drawn, declared),
        source=np.where(missing, FOOTPRINT, DECLARED),
        known=~missing | (storeys.storeys_known & ~np.isnan(footprint_m2)),
    )


def unlicensed_floor_share(unlicensed_m2: Series, floor_area_m2: Series) -> Series:
    """Share of the floor area that stands without a permit (违建), 0…1; NaN where there is no floor.

    >>> unlicensed_floor_share(Series([620.0]), Series([9_620.0])).round(4).tolist()
    [0.0644]
    """
    return pd.Series(unlicensed_m2 / floor_area_m2.where(floor_area_m2 > 0), name="unlicensed_floor_share")
