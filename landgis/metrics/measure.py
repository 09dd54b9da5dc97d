"""All numbers of all parcels at once: from checked tables to columns, bounds and data gaps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from landgis.metrics.bounds import Bounded
from landgis.metrics.built import Buildings, measure_buildings
from landgis.metrics.family import column_of
from landgis.metrics.occupied import Firms, FirmSums, measure_output, measure_tenancy
from landgis.metrics.tenancy import Holdings, hold
from landgis.rules.model import AreaRule, RuleSet
from landgis.units import m2_to_mu


@dataclass(frozen=True)
class Measures:
    """Result columns, what they can be at the least and most, and what was missing; all in the order of the parcels."""

    columns: DataFrame
    bounded: Mapping[str, Bounded]
    gaps: Mapping[str, np.ndarray]
    conservation: Mapping[str, dict[str, float]]
    industry_code: Series
    firm_sums: FirmSums
    holdings: Holdings | None  # who holds how much of which parcel


def measure(
    parcels: DataFrame,
    geometry_area_m2: np.ndarray,
    buildings: Buildings | None,
    firms: Firms | None,
    rules: RuleSet,
) -> Measures:
    """Every metric of the contract for each parcel; `geometry_area_m2` is NaN where the outline cannot be measured."""
    area, gaps = _areas(parcels, geometry_area_m2, rules.area)
    area_m2 = area["area_m2"].to_numpy()
    holdings = None if firms is None else hold(firms.parcel, firms.firm, firms.floor_area_m2)
    built = measure_buildings(buildings, area_m2, rules.storey)
    tenancy = measure_tenancy(firms, holdings, built.columns["floor_area_m2"])
    output, firm_sums = measure_output(firms, holdings, area_m2)
    return Measures(
        columns=pd.concat([area, built.columns, tenancy.columns, output.columns], axis=1),
        bounded=built.bounded | tenancy.bounded | output.bounded,
        gaps=gaps | built.gaps | tenancy.gaps | output.gaps,
        conservation=output.conservation,
        industry_code=_industry(parcels, firms, holdings),
        firm_sums=firm_sums,
        holdings=holdings,
    )


def area_of(parcels: DataFrame, geometry_area_m2: np.ndarray, rule: AreaRule) -> tuple[np.ndarray, np.ndarray]:
    """Land area of each parcel in m² as the rule set prefers it, and where it comes from (None where unknown)."""
    registered = column_of(parcels, "registered_area_m2").to_numpy(float)
    both = {"registered": registered, "geometry": geometry_area_m2}
    other = "geometry" if rule.prefers == "registered" else "registered"
    area = np.where(np.isnan(both[rule.prefers]), both[other], both[rule.prefers])
    source = np.where(np.isnan(both[rule.prefers]), other, rule.prefers).astype(object)
    source[np.isnan(area)] = None
    return area, source


def _areas(parcels: DataFrame, geometry_area_m2: np.ndarray, rule: AreaRule) -> tuple[DataFrame, dict[str, np.ndarray]]:
    area, source = area_of(parcels, geometry_area_m2, rule)
    registered = column_of(parcels, "registered_area_m2").to_numpy(float)
    apart = np.abs(registered - geometry_area_m2)
    with np.errstate(invalid="ignore"):
        wide = (apart > rule.gap_share * registered) | (apart > rule.gap_m2)
    frame = DataFrame({"area_m2": area, "area_mu": m2_to_mu(area), "area_source": Series(source, dtype="str")})
    gaps = {"geometry": np.isnan(geometry_area_m2), "area_gap": wide}
    if "registered_area_m2" in parcels:
        gaps["registered_area"] = np.isnan(registered)
    return frame, gaps


def _industry(parcels: DataFrame, firms: Firms | None, holdings: Holdings | None) -> Series:
    """The parcel's own industry code, else that of its largest occupant (floor area, then the lower firm number)."""
    own = column_of(parcels, "industry_code", "str")
    if firms is None or holdings is None or firms.enterprises is None or "industry_code" not in firms.enterprises:
        return own
    order = np.lexsort((firms.ids[holdings.firm].astype(str), -holdings.area_m2, holdings.parcel))
    parcel, firm = holdings.parcel[order], holdings.firm[order]
    first = np.r_[True, parcel[1:] != parcel[:-1]] if len(parcel) else np.empty(0, bool)
    listed = firm[first] < len(firms.enterprises)
    codes = firms.enterprises["industry_code"].to_numpy(object)
    largest = Series(np.full(len(parcels), None, dtype=object))
    largest.iloc[parcel[first][listed]] = codes[firm[first][listed]]
    return own.where(own.notna(), largest.astype("str").to_numpy())
