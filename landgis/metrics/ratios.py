"""What a firm yields (亩均论英雄): its figures, and the ratios that it is evaluated by."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from landgis.metrics.bounds import positive

RATIOS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "tax_per_mu": ("tax_wan", "land_mu"),  # 亩均税收 = 评价税收 ÷ 用地面积, 万元/亩
    "value_added_per_mu": ("value_added_wan", "land_mu"),  # 亩均增加值 = 工业增加值 ÷ 用地面积, 万元/亩
    "value_added_per_tce": ("value_added_wan", "energy_tce"),  # 单位能耗增加值 = 工业增加值 ÷ 综合能耗, 万元/tce
    "value_added_per_emission_t": ("value_added_wan", "emissions_t"),  # 单位排放增加值, 万元/t
    "value_added_per_employee": ("value_added_wan", "employees"),  # 全员劳动生产率 = 增加值 ÷ 平均职工人数, 万元/人
    "rnd_share": ("rnd_wan", "revenue_wan"),  # R&D占比 = R&D经费 ÷ 主营业务收入
    "tax_per_kwh": ("tax_wan", "electricity_kwh"),  # 单位用电税收 = 评价税收 ÷ 用电量, 万元/kWh
    "output_per_mu": ("output_wan", "land_mu"),  # 亩均产值, 万元/亩
    "revenue_per_mu": ("revenue_wan", "land_mu"),  # 亩均营业收入, 万元/亩
})  # fmt: skip
LAND = "land_mu"
FIGURES = tuple(dict.fromkeys(name for ratio in RATIOS.values() for name in ratio if name != LAND))


def firm_metrics(figures: Mapping[str, np.ndarray], size: int) -> dict[str, np.ndarray]:
    """Every ratio of `RATIOS` from figures and `land_mu`; NaN where a part is unknown or the divisor is not above 0.

    Source of the formulas: 黄岩区亩均效益评价 2021, 2022.

    >>> figures = {"land_mu": 10.0, "tax_wan": 120.0, "value_added_wan": 700.0, "employees": 50.0}
    >>> found = firm_metrics({name: np.array([value]) for name, value in figures.items()}, 1)
    >>> [found[name].tolist() for name in ("tax_per_mu", "value_added_per_mu", "value_added_per_employee")]
    [[12.0], [70.0], [14.0]]
    >>> figures = {"value_added_wan": 90.0, "energy_tce": 60.0, "emissions_t": 0.0, "tax_wan": 5.0, "rnd_wan": 2.0,
    ...            "revenue_wan": 100.0, "electricity_kwh": 50.0}
    >>> found = firm_metrics({name: np.array([value]) for name, value in figures.items()}, 1)
    >>> names = ("value_added_per_tce", "value_added_per_emission_t", "rnd_share", "tax_per_kwh")
    >>> [found[name].item() for name in names]
    [1.5, nan, 0.02, 0.1]
    """
    return {name: _ratio(figures, *parts, size=size) for name, parts in RATIOS.items()}


def _ratio(figures: Mapping[str, np.ndarray], over: str, under: str, *, size: int) -> np.ndarray:
    if over not in figures or under not in figures:
        return np.full(size, np.nan)
    with np.errstate(over="ignore"):
        return np.asarray(figures[over] / positive(figures[under]))
