"""What the firms on a parcel yield per mu of its land: output (亩均产值), revenue, value added, tax (亩均税收).

Formulas: 亩均税收 = 评价税收 ÷ 用地面积, 亩均增加值 = 工业增加值 ÷ 用地面积 (黄岩区亩均效益评价 2021, 2022).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pandas import Series

from landgis.metrics.tenancy import Holdings
from landgis.units import m2_to_mu


def output_per_mu(output_wan: Series, area_m2: Series) -> Series:
    """Yearly output per mu of land (亩均产值), in 万元/亩; NaN where the parcel has no area.

    The same function makes revenue, value added and tax per mu.

    >>> output_per_mu(Series([96.0]), Series([15_000.0])).round(4).tolist()
    [4.2667]
    """
    return (output_wan / m2_to_mu(area_m2.where(area_m2 > 0))).rename("output_per_mu")


@dataclass(frozen=True)
class Allocation:
    """Which part of each firm lies on which parcel; the parts of a firm that is placed at all sum to 1."""

    parcel: np.ndarray
    firm: np.ndarray
    share: np.ndarray
    sure: np.ndarray  # False: a floor area that is not known decides, so the share may be anything from 0 to 1

    def placed(self, firms: int) -> np.ndarray:
        """True for each firm that is on some parcel."""
        return np.bincount(self.firm, minlength=firms) > 0


def allocate(holdings: Holdings, firms: int) -> Allocation:
    """Split each firm over its parcels by occupied floor area.

    A floor area that is not known counts as the mean of the firm's known ones (equal parts where none is known), and
    the split is marked as not sure. A firm on one parcel is there whole.
    """
    area = np.where(holdings.area_unknown, np.nan, holdings.area_m2)
    known = ~np.isnan(area)
    sites = np.bincount(holdings.firm, minlength=firms)
    known_sites = np.bincount(holdings.firm, known, minlength=firms)
    known_area = np.bincount(holdings.firm, np.nan_to_num(area), minlength=firms)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(known_area > 0, known_area / np.maximum(known_sites, 1), 1.0)
    weight = np.where(known & (known_area[holdings.firm] > 0), area, mean[holdings.firm])
    total = np.bincount(holdings.firm, weight, minlength=firms)
    sure = (sites == 1) | ((known_sites == sites) & (known_area > 0))
    return Allocation(holdings.parcel, holdings.firm, weight / total[holdings.firm], sure[holdings.firm])


@dataclass(frozen=True)
class Placed:
    """One figure of the firms, summed by parcel: what is known, and whether more may be there."""

    known: np.ndarray
    any_known: np.ndarray
    more: np.ndarray  # a firm on the parcel has no figure, so the true sum is not known
    unsure: np.ndarray  # a split between parcels is not sure: the true sum may lie on either side
    unsure_low: np.ndarray  # what is left when none of the unsure parts lies here
    unsure_high: np.ndarray  # what is there when all of them do
    set_aside: float  # figures of firms that are on no parcel


def place(per_firm: np.ndarray, allocation: Allocation, parcels: int) -> Placed:
    """Put each firm's figure (NaN = unknown) on its parcels; Σ known + set aside = Σ in."""
    figure = per_firm[allocation.firm]
    part = np.nan_to_num(figure) * allocation.share
    total = np.bincount(allocation.parcel, part, minlength=parcels)
    whole = np.where(allocation.sure, part, np.nan_to_num(figure))
    none = np.where(allocation.sure, part, 0.0)
    return Placed(
        known=total,
        any_known=np.bincount(allocation.parcel, ~np.isnan(figure), minlength=parcels) > 0,
        more=np.bincount(allocation.parcel, np.isnan(figure), minlength=parcels) > 0,
        unsure=np.bincount(allocation.parcel, ~allocation.sure, minlength=parcels) > 0,
        unsure_low=np.bincount(allocation.parcel, np.minimum(none, whole), minlength=parcels),
        unsure_high=np.bincount(allocation.parcel, np.maximum(none, whole), minlength=parcels),
        set_aside=float(np.nansum(per_firm[~allocation.placed(len(per_firm))])),
    )
