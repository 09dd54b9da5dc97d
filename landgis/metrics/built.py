"""What stands on a parcel: floor area, its ratios and their bounds, for all parcels at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from pandas import DataFrame, Series

from landgis.metrics.bounds import Bounded
from landgis.metrics.family import Family, column_of
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
from landgis.overlay import Placement
from landgis.rules.model import StoreyRule


@dataclass(frozen=True)
class Buildings:
    """The buildings table and where each building stands; positions are those of the frame."""

    frame: DataFrame
    placement: Placement
    footprint_m2: np.ndarray


def floors_of(buildings: Buildings, rule: StoreyRule) -> tuple[CountedStoreys, BuildingFloorArea]:
    """Storeys and floor area of each building, a row each."""
    frame = buildings.frame
    storeys = count_storeys(
        column_of(frame, "storeys"), column_of(frame, "storey_heights_m", "str"), column_of(frame, "height_m"), rule
    )
    return storeys, building_floor_area(column_of(frame, "floor_area_m2"), buildings.footprint_m2, storeys)


def measure_buildings(buildings: Buildings | None, area_m2: np.ndarray, rule: StoreyRule) -> Family:
    """Footprints, floor areas and floor area ratios; unknown everywhere where there is no buildings table."""
    names = ("footprint_m2", "building_coverage_ratio", "floor_area_m2", "floor_area_source", "floor_area_ratio_plain",
             "counted_floor_area_m2", "floor_area_ratio", "floor_area_ratio_legal", "floor_area_ratio_low",
             "floor_area_ratio_high")  # fmt: skip
    bounded_names = ("building_coverage_ratio", "floor_area_ratio_plain", "floor_area_ratio", "floor_area_ratio_legal",
                     "unlicensed_floor_share")  # fmt: skip
    if buildings is None:
        unknown = np.full(len(area_m2), np.nan)
        blank = DataFrame(dict.fromkeys(names, unknown)).astype({"floor_area_source": "str"})
        bounds = {name: Bounded.exact(unknown) for name in bounded_names}
        return Family(blank, bounds, {"buildings": np.full(len(area_m2), True)})
    frame, size = buildings.frame, len(area_m2)
    storeys, floor = floors_of(buildings, rule)
    legality = column_of(frame, "legality", "str")
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
    return Family(columns, _intensity_bounds(sums, land, gaps["floor_area"]), gaps)


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
