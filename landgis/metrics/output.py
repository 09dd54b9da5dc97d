"""What the firms on a parcel yield per mu of its land: output (亩均产值), revenue, value added, tax (亩均税收).

Formulas: 亩均税收 = 评价税收 ÷ 用地面积, 亩均增加值 = 工业增加值 ÷ 用地面积 (黄岩区亩均效益评价 2021, 2022).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from landgis.compiled.sums import sum_figure
from landgis.metrics.bounds import positive
from landgis.metrics.chunks import chunks, sum_by
from landgis.metrics.tenancy import Holdings
from landgis.units import m2_to_mu


def output_per_mu(output_wan: np.ndarray, area_m2: np.ndarray) -> np.ndarray:
    """Yearly output per mu of land (亩均产值), in 万元/亩; NaN where the parcel has no area.

    The same function makes revenue, value added and tax per mu.

    >>> output_per_mu(np.array([96.0]), np.array([15_000.0])).round(4).tolist()
    [4.2667]
    """
    return np.asarray(output_wan / m2_to_mu(positive(area_m2)))


@dataclass(frozen=True)
class Allocation:
    """Which part of each firm lies on which parcel; the parts of a firm that is placed at all sum to 1."""

    parcel: np.ndarray  # ascending
    firm: np.ndarray
    share: np.ndarray
    sure: np.ndarray  # False: a floor area that is not known decides, so the share may be anything from 0 to 1

    def stretch(self, rows: slice, first: int) -> Allocation:
        """Some rows of it, the parcels counted from `first`."""
        return Allocation(self.parcel[rows] - first, self.firm[rows], self.share[rows], self.sure[rows])

    @cached_property
    def doubt(self) -> Doubt:
        """Where a part is not sure."""
        flag = np.zeros(int(self.parcel.max(initial=-1)) + 1, dtype=bool)
        flag[self.parcel[~self.sure]] = True
        rows = np.flatnonzero(flag[self.parcel])
        place = np.cumsum(flag, dtype=np.int64)[self.parcel[rows]] - 1
        return Doubt(np.flatnonzero(flag), rows, place, np.flatnonzero(~self.sure[rows]))


@dataclass(frozen=True)
class Doubt:
    """Parcels with a part that is not sure, all rows of these, and the place of each row's parcel among them."""

    parcel: np.ndarray
    rows: np.ndarray
    place: np.ndarray
    unsure: np.ndarray  # which of the rows are not sure


def allocate(holdings: Holdings, firms: int) -> Allocation:
    """Split each firm over its parcels by occupied floor area.

    A floor area that is not known counts as the mean of the firm's known ones (equal parts where none is known), and
    the split is marked as not sure. A firm on one parcel is there whole.
    """
    firm, share = holdings.firm, holdings.area_m2.copy()
    sure, odd = np.ones(len(firm), dtype=bool), np.zeros(firms, dtype=bool)
    for at in chunks(len(firm)):  # the areas of other firms are their weights
        odd[firm[at][holdings.area_unknown[at] | ~(share[at] > 0)]] = True
    if odd.any():
        rows = np.flatnonzero(odd[firm])
        share[rows], sure[rows] = _odd_weights(firm[rows], share[rows], ~holdings.area_unknown[rows], firms)
    total = sum_by(firm, share, firms)
    for at in chunks(len(firm)):
        share[at] /= total[firm[at]]
    return Allocation(holdings.parcel, firm, share, sure)


def _odd_weights(firm: np.ndarray, area_m2: np.ndarray, known: np.ndarray, firms: int) -> tuple[np.ndarray, np.ndarray]:
    """Weights of the rows of firms that do not tell all their floor areas, and whether they are sure."""
    area = np.where(known, area_m2, 0.0)
    sites = np.bincount(firm, minlength=firms)
    known_sites = np.bincount(firm, known, minlength=firms)
    known_area = np.bincount(firm, area, minlength=firms)
    mean = np.where(known_area > 0, known_area / np.maximum(known_sites, 1), 1.0)
    weight = np.where(known & (known_area[firm] > 0), area, mean[firm])
    sure = (sites == 1) | ((known_sites == sites) & (known_area > 0))
    return weight, sure[firm]


@dataclass(frozen=True)
class Placed:
    """One figure of the firms, summed by parcel: what is known, and whether more may be there."""

    known: np.ndarray
    any_known: np.ndarray
    more: np.ndarray  # a firm on the parcel has no figure, so the true sum is not known
    unsure_low: np.ndarray  # what is left when none of the parts that are not sure lies here
    unsure_high: np.ndarray  # what is there when all of them do


def place(per_firm: np.ndarray, allocation: Allocation, count: np.ndarray) -> Placed:
    """Put each firm's figure (NaN = unknown) on its parcels; `count` is the number of firms on each parcel."""
    known, blank = sum_figure(per_firm, (allocation.parcel, allocation.firm, allocation.share), len(count))
    low, high = _ends(per_firm, allocation, known)
    return Placed(known, count > blank, blank > 0, low, high)


def _ends(per_firm: np.ndarray, allocation: Allocation, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The sums when the parts that are not sure lie here not at all, or whole; a figure may be negative."""
    doubt = allocation.doubt
    if not len(doubt.parcel):
        return known, known
    figure = per_firm[allocation.firm[doubt.rows]]
    figure[np.isnan(figure)] = 0.0
    chosen, low, high = figure * allocation.share[doubt.rows], known.copy(), known.copy()
    for side, choose in ((low, np.minimum), (high, np.maximum)):
        chosen[doubt.unsure] = choose(figure[doubt.unsure], 0.0)
        side[doubt.parcel] = np.bincount(doubt.place, chosen, minlength=len(doubt.parcel))
    return low, high
