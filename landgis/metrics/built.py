"""What stands on a parcel: its buildings added up, batch by batch; floor area, its ratios and their bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landgis.columns import Columns, coded, texts
from landgis.compiled.sums import SUMS, Floors, add_floors
from landgis.metrics.bounds import Bounded
from landgis.metrics.family import Family
from landgis.metrics.intensity import (
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

NUMBERS = ("footprint_m2", "building_coverage_ratio", "floor_area_m2", "floor_area_ratio_plain",
           "counted_floor_area_m2", "floor_area_ratio", "floor_area_ratio_legal", "floor_area_ratio_low",
           "floor_area_ratio_high")  # fmt: skip
BOUNDED = ("building_coverage_ratio", "floor_area_ratio_plain", "floor_area_ratio", "floor_area_ratio_legal",
           "unlicensed_floor_share")  # fmt: skip
GAPS = ("storeys", "floor_area", "storey_heights", "storey_heights_estimated", "legality")
FLAGS = (*GAPS, "declared", "drawn")
SOURCES = ("declared", "footprint", "mixed")


@dataclass(frozen=True)
class Buildings:
    """The buildings table and where each building stands; positions are those of the table."""

    columns: Columns
    placement: Placement
    footprint_m2: np.ndarray


def floors_of(buildings: Buildings, rule: StoreyRule) -> tuple[CountedStoreys, BuildingFloorArea]:
    """Storeys and floor area of each building, a row each."""
    table = buildings.columns
    storeys = count_storeys(table.number("storeys"), table.text("storey_heights_m"), table.number("height_m"), rule)
    return storeys, building_floor_area(table.number("floor_area_m2"), buildings.footprint_m2, storeys)


class BuildingSums:
    """What the buildings add up to on each of `size` parcels: ten sums in m² and seven flags, 81 bytes a parcel.

    Buildings come in batches, in file order. A parcel's sums are added one building after the other in that order, so
    that they are the same bits however the file was cut.
    """

    def __init__(self, size: int, rule: StoreyRule) -> None:
        self.size, self.rule = size, rule
        self.sums = np.zeros((size, len(SUMS)))
        self.flags = np.zeros(size, dtype=np.uint8)

    def add(self, columns: Columns, placement: Placement, footprint_m2: np.ndarray) -> None:
        """Add a batch: its table, where each of its buildings stands (positions in the batch), and the outlines' m²."""
        there = _in_order(placement)
        storeys, floor = floors_of(Buildings(columns, there, footprint_m2), self.rule)
        legal, unlicensed = _legality(columns.text("legality"))
        set_flags = (~storeys.storeys_known, ~floor.known, ~storeys.heights_known & ~storeys.estimated,
                     storeys.estimated, ~legal & ~unlicensed, floor.declared, ~floor.declared)  # fmt: skip
        flags = np.zeros(len(legal), dtype=np.uint8)
        for bit, flag in enumerate(set_flags):
            flags |= flag.view(np.uint8) << bit
        counted = (storeys.factor, storeys.factor_low, storeys.factor_high)
        floors = Floors(floor.floor_area_m2, *counted, legal, unlicensed, flags)
        add_floors(self.sums, self.flags, (there.building, there.parcel, there.share, there.footprint_m2), floors)

    def stretch(self, first: int, last: int) -> dict[str, np.ndarray]:
        """Each sum of a stretch of parcels, in one piece."""
        return dict(zip(SUMS, np.ascontiguousarray(self.sums[first:last].T), strict=True))

    def flag(self, name: str, first: int, last: int) -> np.ndarray:
        """Whether any building on each parcel of a stretch has the flag."""
        return np.asarray(self.flags[first:last] & np.uint8(1 << FLAGS.index(name)) != 0)


def _in_order(placement: Placement) -> Placement:
    """The pairs in the order of the buildings."""
    if not (placement.building[1:] < placement.building[:-1]).any():
        return placement
    order = np.argsort(placement.building, kind="stable")
    return Placement(
        placement.building[order], placement.parcel[order], placement.share[order], placement.footprint_m2[order]
    )


def _legality(words: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Legal for certain, and unlicensed for certain."""
    plain = pc.fill_null(texts(words), "")
    legal, unlicensed = (pc.equal(plain, word).to_numpy(zero_copy_only=False) for word in ("legal", "unlicensed"))
    return legal, unlicensed


def sum_buildings(buildings: Buildings | None, size: int, rule: StoreyRule) -> BuildingSums | None:
    """The sums of a whole table; None where there is none."""
    if buildings is None:
        return None
    sums = BuildingSums(size, rule)
    sums.add(buildings.columns, buildings.placement, buildings.footprint_m2)
    return sums


def measure_buildings(found: BuildingSums | None, area_m2: np.ndarray, first: int, last: int) -> Family:
    """Footprints, floor areas and their ratios of parcels `first` up to `last`; unknown without a buildings table."""
    if found is None:
        unknown, no_word = np.full(last - first, np.nan), np.full(last - first, -1)
        blank = dict.fromkeys(NUMBERS, unknown) | {"floor_area_source": coded(no_word, SOURCES)}
        bounds = {name: Bounded.exact(unknown) for name in BOUNDED}
        return Family(blank, bounds, {"buildings": np.full(last - first, True)})
    sums = found.stretch(first, last)
    ratios = {name: floor_area_ratio(sums[name], area_m2) for name in ("plain", "value", "low", "high", "legal")}
    gaps = {name: found.flag(name, first, last) for name in GAPS}
    declared, drawn = (found.flag(name, first, last) for name in ("declared", "drawn"))
    columns = {
        "footprint_m2": sums["footprint"],
        "building_coverage_ratio": building_coverage_ratio(sums["footprint"], area_m2),
        "floor_area_m2": sums["plain"],
        "floor_area_source": coded(declared + np.int8(2) * drawn - np.int8(1), SOURCES),
        "floor_area_ratio_plain": ratios["plain"],
        "counted_floor_area_m2": sums["value"],
        "floor_area_ratio": ratios["value"],
        "floor_area_ratio_legal": ratios["legal"],
        "floor_area_ratio_low": ratios["low"],
        "floor_area_ratio_high": ratios["high"],
    }
    return Family(columns, _bounds(sums, area_m2, gaps["floor_area"]), gaps)


def _bounds(sums: Mapping[str, np.ndarray], area_m2: np.ndarray, unknown: np.ndarray) -> dict[str, Bounded]:
    """Bounds of the ratios; a building of unknown floor area leaves them open (its parcel is `unknown`)."""

    def ratio(value: str, low: str, high: str) -> Bounded:
        return Bounded(sums[value], sums[low], sums[high]).open_where(unknown, low=0).over(area_m2)

    floor = sums["plain"]
    none = ~(floor > 0)
    share = np.where(none, 0, unlicensed_floor_share(sums["unlicensed"], floor))
    most = np.where(none, 0, unlicensed_floor_share(sums["unlicensed"] + sums["unclear"], floor))
    return {
        "building_coverage_ratio": Bounded(*(sums["footprint"],) * 3).over(area_m2),
        "floor_area_ratio_plain": ratio("plain", "plain", "plain"),
        "floor_area_ratio": ratio("value", "low", "high"),
        "floor_area_ratio_legal": ratio("legal", "legal_low", "legal_high"),
        "unlicensed_floor_share": Bounded(share, share, most).open_where(unknown, low=0, high=1),
    }
