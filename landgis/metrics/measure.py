"""All numbers of all parcels at once: from checked tables to columns, bounds and data gaps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from landgis.metrics.bounds import Bounded
from landgis.metrics.intensity import (
    DECLARED,
    BuildingFloorArea,
    CountedStoreys,
    building_coverage_ratio,
    building_floor_area,
    count_storeys,
    floor_area_ratio,
    unlicensed_floor_share,
)
from landgis.metrics.output import Allocation, Placed, allocate, output_per_mu, place
from landgis.metrics.tenancy import (
    Holdings,
    Tenancy,
    hold,
    tenancy,
    tenancy_fragmentation,
    unknown_floor_share,
)
from landgis.overlay import Placement
from landgis.rules.model import AreaRule, RuleSet, StoreyRule
from landgis.units import m2_to_mu

PER_MU = {
    "output_per_mu": "output_wan",
    "revenue_per_mu": "revenue_wan",
    "value_added_per_mu": "value_added_wan",
    "tax_per_mu": "tax_wan",
}
CAN_BE_NEGATIVE = ("value_added_wan",)
FIGURES = (*PER_MU.values(), "energy_tce", "emissions_t", "employees", "rnd_wan", "electricity_kwh")
ABOVE, BELOW = "above_scale", "below_scale"


@dataclass(frozen=True)
class Buildings:
    """The buildings table and where each building stands; positions are those of the frame."""

    frame: DataFrame
    placement: Placement
    footprint_m2: np.ndarray


@dataclass(frozen=True)
class Firms:
    """Occupancies (rows with a known parcel, position `parcel`) and, where there is one, the enterprises table.

    `firm` is a position in `ids`: the enterprises' rows first, then those that only the occupancies name.
    """

    parcel: np.ndarray
    firm: np.ndarray
    floor_area_m2: np.ndarray
    relation: np.ndarray
    ids: np.ndarray
    enterprises: DataFrame | None


@dataclass
class Measures:
    """Result columns, what they can be at the least and most, and what was missing; all in the order of the parcels."""

    columns: DataFrame
    bounded: dict[str, Bounded]
    gaps: dict[str, np.ndarray]
    above_scale: np.ndarray  # 1, 0, or NaN where a firm's scale is not known
    industry_code: Series
    holdings: Holdings | None = None
    totals: DataFrame | None = None  # sums of the firms' figures by parcel
    exact_firms: np.ndarray = field(
        default_factory=lambda: np.empty(0, bool)
    )  # no figure or split behind them is open
    conservation: dict[str, dict[str, float]] = field(default_factory=dict)


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
    built, built_bounds, built_gaps = _intensity(buildings, area_m2, rules.storey)
    found = _tenancy(firms, len(parcels), built["floor_area_m2"])
    yields = _output(firms, found.holdings, area_m2)
    columns = pd.concat([area, built, found.columns, yields.columns], axis=1)
    return Measures(
        columns=columns,
        bounded=built_bounds | found.bounded | yields.bounded,
        gaps=gaps | built_gaps | found.gaps | yields.gaps,
        above_scale=yields.above_scale,
        industry_code=_industry(parcels, firms, found.holdings),
        holdings=found.holdings,
        totals=yields.totals,
        exact_firms=yields.exact_firms,
        conservation=found.conservation | yields.conservation,
    )


def area_of(
    parcels: DataFrame, geometry_area_m2: np.ndarray, rule: AreaRule
) -> tuple[np.ndarray, np.ndarray]:
    """Land area of each parcel in m² as the rule set prefers it, and where it comes from (None where unknown)."""
    registered = _column(parcels, "registered_area_m2").to_numpy(float)
    both = {"registered": registered, "geometry": geometry_area_m2}
    other = "geometry" if rule.prefers == "registered" else "registered"
    area = np.where(np.isnan(both[rule.prefers]), both[other], both[rule.prefers])
    source = np.where(np.isnan(both[rule.prefers]), other, rule.prefers).astype(object)
    source[np.isnan(area)] = None
    return area, source


def _areas(
    parcels: DataFrame, geometry_area_m2: np.ndarray, rule: AreaRule
) -> tuple[DataFrame, dict[str, np.ndarray]]:
    area, source = area_of(parcels, geometry_area_m2, rule)
    registered = _column(parcels, "registered_area_m2").to_numpy(float)
    apart = np.abs(registered - geometry_area_m2)
    with np.errstate(invalid="ignore"):
        wide = (apart > rule.gap_share * registered) | (apart > rule.gap_m2)
    frame = DataFrame(
        {"area_m2": area, "area_mu": m2_to_mu(area), "area_source": Series(source, dtype="str")}
    )
    gaps = {"geometry": np.isnan(geometry_area_m2), "area_gap": wide}
    if "registered_area_m2" in parcels:
        gaps["registered_area"] = np.isnan(registered)
    return frame, gaps


def _intensity(
    buildings: Buildings | None, area_m2: np.ndarray, rule: StoreyRule
) -> tuple[DataFrame, dict[str, Bounded], dict[str, np.ndarray]]:
    names = ("footprint_m2", "building_coverage_ratio", "floor_area_m2", "floor_area_source", "floor_area_ratio_plain",
             "counted_floor_area_m2", "floor_area_ratio", "floor_area_ratio_legal", "floor_area_ratio_low",
             "floor_area_ratio_high")  # fmt: skip
    bounded_names = ("building_coverage_ratio", "floor_area_ratio_plain", "floor_area_ratio", "floor_area_ratio_legal",
                     "unlicensed_floor_share")  # fmt: skip
    if buildings is None:
        unknown = np.full(len(area_m2), np.nan)
        blank = DataFrame(dict.fromkeys(names, unknown)).astype({"floor_area_source": "str"})
        return (
            blank,
            {n: Bounded.exact(unknown) for n in bounded_names},
            {"buildings": np.full(len(area_m2), True)},
        )
    frame, size = buildings.frame, len(area_m2)
    storeys = count_storeys(
        _column(frame, "storeys"), _column(frame, "storey_heights_m", "str"), _column(frame, "height_m"), rule
    )
    floor = building_floor_area(_column(frame, "floor_area_m2"), buildings.footprint_m2, storeys)
    legality = _column(frame, "legality", "str")
    sums = _building_sums(buildings.placement, floor, storeys, legality, size)
    land = Series(area_m2)
    ratios = {name: floor_area_ratio(sums[name], land) for name in ("plain", "value", "low", "high", "legal")}
    columns = DataFrame({
        "footprint_m2": sums["footprint"],
        "building_coverage_ratio": building_coverage_ratio(sums["footprint"], land),
        "floor_area_m2": sums["plain"],
        "floor_area_source": _floor_area_source(buildings.placement, floor, size),
        "floor_area_ratio_plain": ratios["plain"],
        "counted_floor_area_m2": sums["value"],
        "floor_area_ratio": ratios["value"],
        "floor_area_ratio_legal": ratios["legal"],
        "floor_area_ratio_low": ratios["low"],
        "floor_area_ratio_high": ratios["high"],
    })  # fmt: skip
    gaps = _building_gaps(buildings.placement, floor, storeys, legality, size)
    return columns, _intensity_bounds(sums, land, gaps["floor_area"]), gaps


def _building_sums(
    placement: Placement, floor: BuildingFloorArea, storeys: CountedStoreys, legality: Series, size: int
) -> dict[str, Series]:
    area = floor.floor_area_m2
    unlicensed = (legality == "unlicensed").to_numpy()
    unclear = ~legality.isin(("legal", "unlicensed")).to_numpy()
    per_building = {
        "plain": area,
        "value": area * storeys.factor,
        "low": area * storeys.factor_low,
        "high": area * storeys.factor_high,
        "legal": np.where(unlicensed, 0, area * storeys.factor),
        "legal_low": np.where(unlicensed | unclear, 0, area * storeys.factor_low),
        "legal_high": np.where(unlicensed, 0, area * storeys.factor_high),
        "unlicensed": np.where(unlicensed, area, 0),
        "unclear": np.where(unclear, area, 0),
    }
    sums = {name: Series(placement.sum_by_parcel(values, size)) for name, values in per_building.items()}
    sums["footprint"] = Series(np.bincount(placement.parcel, placement.footprint_m2, minlength=size))
    return sums


def _intensity_bounds(sums: Mapping[str, Series], land: Series, unknown: np.ndarray) -> dict[str, Bounded]:
    """Bounds of the ratios; a building of unknown floor area leaves them open (its parcel is `unknown`)."""
    area = land.to_numpy()

    def ratio(value: str, low: str, high: str) -> Bounded:
        known = Bounded(*(sums[name].to_numpy() for name in (value, low, high)))
        return known.open_where(unknown, low=0).over(area)

    floor = sums["plain"].where(sums["plain"] > 0).to_numpy()
    share = unlicensed_floor_share(sums["unlicensed"], sums["plain"]).fillna(0).to_numpy()
    most = np.where(np.isnan(floor), 0, (sums["unlicensed"] + sums["unclear"]) / floor)
    return {
        "building_coverage_ratio": Bounded(*(sums["footprint"].to_numpy(),) * 3).over(area),
        "floor_area_ratio_plain": ratio("plain", "plain", "plain"),
        "floor_area_ratio": ratio("value", "low", "high"),
        "floor_area_ratio_legal": ratio("legal", "legal_low", "legal_high"),
        "unlicensed_floor_share": Bounded(share, share, most).open_where(unknown, low=0, high=1),
    }


def _floor_area_source(placement: Placement, floor: BuildingFloorArea, size: int) -> Series:
    declared = placement.any_by_parcel(floor.source == DECLARED, size)
    footprint = placement.any_by_parcel(floor.source != DECLARED, size)
    words = np.select([declared & footprint, declared, footprint], ["mixed", "declared", "footprint"], "")
    return Series(words).replace("", None).astype("str")


def _building_gaps(
    placement: Placement, floor: BuildingFloorArea, storeys: CountedStoreys, legality: Series, size: int
) -> dict[str, np.ndarray]:
    flags = {
        "storeys": ~storeys.storeys_known,
        "floor_area": ~floor.known,
        "storey_heights": ~storeys.heights_known & ~storeys.estimated,
        "storey_heights_estimated": storeys.estimated,
        "legality": ~legality.isin(("legal", "unlicensed")).to_numpy(),
    }
    return {name: placement.any_by_parcel(flag, size) for name, flag in flags.items()}


@dataclass(frozen=True)
class _Part:
    """What one family of metrics adds to the measures."""

    columns: DataFrame
    bounded: dict[str, Bounded]
    gaps: dict[str, np.ndarray]
    conservation: dict[str, dict[str, float]]
    holdings: Holdings | None = None
    above_scale: np.ndarray = field(default_factory=lambda: np.empty(0))
    totals: DataFrame | None = None
    exact_firms: np.ndarray = field(default_factory=lambda: np.empty(0, bool))


def _tenancy(firms: Firms | None, size: int, floor_area_m2: Series) -> _Part:
    names = (
        "occupant_count",
        "effective_occupants",
        "tenancy_fragmentation",
        "leased_share",
        "unknown_floor_share",
    )
    unknown = np.full(size, np.nan)
    if firms is None:
        bounded = {name: Bounded.exact(unknown) for name in names}
        bounded["leased_share"] = bounded["leased_share"].open_where(np.full(size, True), high=1)
        return _Part(
            DataFrame(dict.fromkeys(names, unknown)), bounded, {"occupancies": np.full(size, True)}, {}
        )
    holdings = hold(firms.parcel, firms.firm, firms.floor_area_m2)
    found = tenancy(holdings, firms.parcel, firms.floor_area_m2, firms.relation, size)
    fragmentation = tenancy_fragmentation(Series(found.effective.value))
    explained = unknown_floor_share(Series(found.occupied_m2), floor_area_m2)
    columns = DataFrame({
        "occupant_count": found.occupant_count.astype(float),
        "effective_occupants": found.effective.value,
        "tenancy_fragmentation": fragmentation,
        "leased_share": found.leased_share.value,
        "unknown_floor_share": explained,
    })  # fmt: skip
    none = found.occupant_count == 0
    gaps = {
        "no_occupancy": none,
        "occupied_floor_area": found.area_unknown,
        "relation": found.relation_unknown,
    }
    return _Part(columns, _tenancy_bounds(found, fragmentation, explained, none), gaps, {}, holdings)


def _tenancy_bounds(
    found: Tenancy, fragmentation: Series, explained: Series, none: np.ndarray
) -> dict[str, Bounded]:
    return {
        "occupant_count": Bounded.exact(found.occupant_count.astype(float)).open_where(none),
        "effective_occupants": found.effective,
        "tenancy_fragmentation": Bounded(
            fragmentation.to_numpy(), 1 - 1 / found.effective.low, 1 - 1 / found.effective.high
        ),
        "leased_share": found.leased_share,
        "unknown_floor_share": Bounded(*(explained.to_numpy(),) * 3).open_where(
            found.area_unknown | explained.isna().to_numpy(), low=0, high=1
        ),
    }


def _output(firms: Firms | None, holdings: Holdings | None, area_m2: np.ndarray) -> _Part:
    size = len(area_m2)
    if firms is None or holdings is None or firms.enterprises is None:
        unknown = np.full(size, np.nan)
        lowest = {name: -np.inf if column in CAN_BE_NEGATIVE else 0.0 for name, column in PER_MU.items()}
        bounded = {name: Bounded.exact(unknown, lowest=low) for name, low in lowest.items()}
        gaps = {"enterprises": np.full(size, True)}
        return _Part(DataFrame(dict.fromkeys(PER_MU, unknown)), bounded, gaps, {}, above_scale=unknown)
    allocation = allocate(holdings, len(firms.ids))
    figures = {name: _per_firm(firms, name) for name in FIGURES}
    placed = {name: place(values, allocation, size) for name, values in figures.items()}
    firmless = np.bincount(holdings.parcel, minlength=size) == 0
    land, columns, bounded = Series(area_m2), {}, {}
    for name, column in PER_MU.items():
        sums = _sums(placed[column], firmless, column)
        columns[name] = output_per_mu(Series(sums.value), land)
        bounded[name] = sums.over(m2_to_mu(area_m2))
    gaps = {column: placed[column].more for column in PER_MU.values()}
    gaps["allocation"] = placed["output_wan"].unsure
    conservation = {
        name: {
            "in": float(np.nansum(values)),
            "placed": float(placed[name].known.sum()),
            "set_aside": placed[name].set_aside,
        }
        for name, values in figures.items()
        if name in firms.enterprises
    }
    totals = DataFrame({n: np.where(p.any_known | firmless, p.known, np.nan) for n, p in placed.items()})
    exact = ~(firmless | np.any([p.more | p.unsure for p in placed.values()], axis=0))
    above = _any_above(_per_firm(firms, "above_scale"), allocation, size)
    gaps["above_scale"] = np.isnan(above)
    return _Part(
        DataFrame(columns),
        bounded,
        gaps,
        conservation,
        above_scale=above,
        totals=totals,
        exact_firms=exact & ~np.isnan(above),
    )


def _sums(placed: Placed, firmless: np.ndarray, column: str) -> Bounded:
    """A parcel without a firm yields 0, and may yield more: no record is not "no firm"."""
    value = np.where(placed.any_known | firmless, placed.known, np.nan)
    low = -np.inf if column in CAN_BE_NEGATIVE else None
    return Bounded(value, placed.unsure_low, placed.unsure_high).open_where(placed.more | firmless, low=low)


def _per_firm(firms: Firms, column: str) -> np.ndarray:
    """The enterprises' figure in the order of `firms.ids`; NaN for those only the occupancies name."""
    assert firms.enterprises is not None
    values = np.full(len(firms.ids), np.nan)
    if column in firms.enterprises:
        values[: len(firms.enterprises)] = firms.enterprises[column].to_numpy(float)
    return values


def _any_above(above_scale: np.ndarray, allocation: Allocation, size: int) -> np.ndarray:
    flag = above_scale[allocation.firm]
    above = np.bincount(allocation.parcel, flag == 1, minlength=size) > 0
    unsure = np.bincount(allocation.parcel, np.isnan(flag), minlength=size) > 0
    return np.where(above, 1.0, np.where(unsure, np.nan, 0.0))


def _industry(parcels: DataFrame, firms: Firms | None, holdings: Holdings | None) -> Series:
    """The parcel's own industry code, else that of its largest occupant (floor area, then the lower firm number)."""
    own = _column(parcels, "industry_code", "str")
    if (
        firms is None
        or holdings is None
        or firms.enterprises is None
        or "industry_code" not in firms.enterprises
    ):
        return own
    order = np.lexsort((firms.ids[holdings.firm].astype(str), -holdings.area_m2, holdings.parcel))
    parcel, firm = holdings.parcel[order], holdings.firm[order]
    first = np.r_[True, parcel[1:] != parcel[:-1]] if len(parcel) else np.empty(0, bool)
    listed = firm[first] < len(firms.enterprises)
    codes = firms.enterprises["industry_code"].to_numpy(object)
    largest = Series(np.full(len(parcels), None, dtype=object))
    largest.iloc[parcel[first][listed]] = codes[firm[first][listed]]
    return own.where(own.notna(), largest.astype("str").to_numpy())


def _column(frame: DataFrame, name: str, kind: str = "float64") -> Series:
    """The column, or one of unknowns where the table has none."""
    if name in frame:
        return frame[name].reset_index(drop=True)
    return Series(np.full(len(frame), np.nan), dtype=kind)
