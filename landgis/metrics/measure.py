"""All numbers of all parcels: from checked tables to columns, bounds and data gaps, a stretch of parcels at a time.

What depends on the whole table (sums over the buildings, how firms are split) is prepared once. Every number of a
parcel is then the same bits whichever stretch it is in, so that it does not matter how a job is cut into pieces.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landgis.columns import Columns, coded
from landgis.metrics.bounds import Bounded
from landgis.metrics.built import Buildings, BuildingSums, measure_buildings, sum_buildings
from landgis.metrics.family import Family
from landgis.metrics.occupied import FirmSums, measure_output, measure_tenancy
from landgis.metrics.tenancy import Holdings
from landgis.metrics.tenants import FIGURES, NOBODY, YIELDS, Firms, Tenants, settle_tenants
from landgis.metrics.yields import STRETCH, Yields, sum_yields
from landgis.rules.model import AreaRule, RuleSet
from landgis.units import m2_to_mu

AREA_SOURCES = ("registered", "geometry")


@dataclass(frozen=True)
class Measures:
    """Result columns, what they can be at the least and most, and what was missing; all in the order of the parcels."""

    columns: Columns
    bounded: Mapping[str, Bounded]
    gaps: Mapping[str, np.ndarray]
    conservation: Mapping[str, dict[str, float]]  # of the whole table
    industry_code: pa.Array
    firm_sums: FirmSums
    holdings: Holdings | None  # who holds how much of which parcel


@dataclass(frozen=True)
class Prepared:
    """All that is measured from; `geometry_area_m2` is NaN where the outline cannot be measured."""

    parcels: Columns
    geometry_area_m2: np.ndarray
    buildings: BuildingSums | None
    tenants: Tenants | None  # without the figures
    yields: Yields | None  # what the firms yield on all parcels
    rules: RuleSet

    @classmethod
    def of(
        cls,
        parcels: Columns,
        geometry_area_m2: np.ndarray,
        buildings: BuildingSums | None,
        tenants: Tenants | None,
        rules: RuleSet,
    ) -> Prepared:
        """Sum the figures of the firms that the rule set asks for; more is not kept of them than that."""
        asked, yields = FIGURES if rules.score.output_from_firms else YIELDS, None
        if tenants is not None and tenants.allocation is not None:
            yields = sum_yields(tenants, tenants.allocation, parcels.size, asked)
            tenants = tenants.without_figures()
        return cls(parcels, geometry_area_m2, buildings, tenants, yields, rules)

    def stretches(self, step: int = STRETCH) -> Iterator[tuple[int, int]]:
        """First and last (exclusive) of each stretch; one where there is no parcel at all."""
        size = self.parcels.size
        return ((first, min(first + step, size)) for first in range(0, max(size, 1), step))

    def measures(self, first: int, last: int) -> Measures:
        """Every metric of the contract for parcels `first` up to `last`."""
        parcels, rules, tenants = self.parcels.stretch(first, last), self.rules, self.tenants
        with np.errstate(all="ignore"):
            area = _areas(parcels, self.geometry_area_m2[first:last], rules.area)
            area_m2 = area.columns["area_m2"]
            assert isinstance(area_m2, np.ndarray)
            built = measure_buildings(self.buildings, area_m2, first, last)
            holdings = None if tenants is None else tenants.holdings.stretch(first, last)
            floor = Columns(built.columns).number("floor_area_m2")
            tenancy = measure_tenancy(tenants, holdings, floor, first)
            yields = None if self.yields is None else self.yields.stretch(first, last)
            output, firm_sums = measure_output(yields, area_m2)
        families = (area, built, tenancy, output)
        return Measures(
            columns=Columns({name: one for family in families for name, one in family.columns.items()}, last - first),
            bounded={name: one for family in families for name, one in family.bounded.items()},
            gaps={name: one for family in families for name, one in family.gaps.items()},
            conservation={} if tenants is None else tenants.conservation,
            industry_code=_industry(parcels, tenants, first, last),
            firm_sums=firm_sums,
            holdings=holdings,
        )


def measure(
    parcels: Columns,
    geometry_area_m2: np.ndarray,
    buildings: Buildings | None,
    firms: Firms | None,
    rules: RuleSet,
) -> Measures:
    """Every metric of the contract for each parcel, in one go."""
    size = parcels.size
    sums = sum_buildings(buildings, size, rules.storey)
    tenants = None if firms is None else settle_tenants(firms, size)
    return Prepared.of(parcels, geometry_area_m2, sums, tenants, rules).measures(0, size)


def area_of(parcels: Columns, geometry_area_m2: np.ndarray, rule: AreaRule) -> tuple[np.ndarray, pa.Array]:
    """Land area of each parcel in m² as the rule set prefers it, and where it comes from (null where unknown)."""
    both = {"registered": parcels.number("registered_area_m2"), "geometry": geometry_area_m2}
    other = "geometry" if rule.prefers == "registered" else "registered"
    without = np.isnan(both[rule.prefers])
    area = np.where(without, both[other], both[rule.prefers])
    preferred, instead = (AREA_SOURCES.index(name) for name in (rule.prefers, other))
    source = np.where(np.isnan(area), -1, np.where(without, instead, preferred))
    return area, coded(source, AREA_SOURCES)


def _areas(parcels: Columns, geometry_area_m2: np.ndarray, rule: AreaRule) -> Family:
    area, source = area_of(parcels, geometry_area_m2, rule)
    registered = parcels.number("registered_area_m2")
    apart = np.abs(registered - geometry_area_m2)
    wide = (apart > rule.gap_share * registered) | (apart > rule.gap_m2)
    gaps = {"geometry": np.isnan(geometry_area_m2), "area_gap": wide}
    if "registered_area_m2" in parcels:
        gaps["registered_area"] = np.isnan(registered)
    return Family({"area_m2": area, "area_mu": m2_to_mu(area), "area_source": source}, {}, gaps)


def _industry(parcels: Columns, tenants: Tenants | None, first: int, last: int) -> pa.Array:
    """The parcel's own industry code, else that of its largest occupant."""
    own = parcels.text("industry_code")
    if tenants is None or tenants.industry is None:
        return own
    firm = tenants.largest[first:last]
    largest = tenants.industry.take(pa.array(firm, mask=firm == NOBODY))
    return pc.coalesce(own, largest)
