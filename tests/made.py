"""Small zones for tests: tables as the readers return them, and the same job that the workflow does with them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
from hypothesis import strategies as st
from pandas import DataFrame

from landgis.columns import texts
from landgis.frames import column_from, columns_of
from landgis.metrics.built import Buildings
from landgis.metrics.measure import Measures, measure
from landgis.metrics.tenants import Firms
from landgis.overlay import Placement
from landgis.rules import load_rules
from landgis.scoring.score import Scores, score

RULES = "yongkang-draft"


@dataclass
class Zone:
    """Tables without geometry: every building lies whole on the parcel it names."""

    parcels: DataFrame
    buildings: DataFrame | None = None
    enterprises: DataFrame | None = None
    occupancies: DataFrame | None = None
    rules: str = RULES
    geometry_area_m2: np.ndarray = field(default_factory=lambda: np.empty(0))

    def measure(self) -> Measures:
        area = (
            self.geometry_area_m2 if len(self.geometry_area_m2) else self.parcels["registered_area_m2"].to_numpy(float)
        )
        return measure(columns_of(self.parcels), area, self._buildings(), self._firms(), load_rules(self.rules))

    def score(self) -> tuple[Measures, Scores]:
        measures = self.measure()
        return measures, score(measures, columns_of(self.parcels), load_rules(self.rules))

    def _buildings(self) -> Buildings | None:
        if self.buildings is None:
            return None
        parcel = pd.Index(self.parcels["parcel_id"]).get_indexer(self.buildings["parcel_id"])
        footprint = self.buildings["footprint_m2"].to_numpy(float)
        count = len(self.buildings)
        return Buildings(
            columns_of(self.buildings), Placement(np.arange(count), parcel, np.ones(count), footprint), footprint
        )

    def _firms(self) -> Firms | None:
        if self.occupancies is None:
            return None
        held, firms = self.occupancies, self.enterprises
        ids = pd.unique(held["enterprise_id"]) if firms is None else firms["enterprise_id"].to_numpy(object)
        ids = np.asarray([*ids, *(set(held["enterprise_id"]) - set(ids))], dtype=object)
        return Firms(
            parcel=pd.Index(self.parcels["parcel_id"]).get_indexer(held["parcel_id"]),
            firm=pd.Index(ids).get_indexer(held["enterprise_id"]),
            floor_area_m2=held["floor_area_m2"].to_numpy(float),
            relation=texts(column_from(held["relation"])),
            ids=pa.array(ids, pa.large_string()),
            enterprises=None if firms is None else columns_of(firms),
        )


def _column(values, count):
    return st.lists(values, min_size=count, max_size=count)


@st.composite
def zones(draw, rules: str = RULES) -> Zone:
    """Complete tables: nothing is missing in them."""
    size, built, firms, rows = (draw(st.integers(low, high)) for low, high in ((1, 6), (0, 8), (1, 6), (1, 10)))
    keys = [f"P{n}" for n in range(size)]
    money = st.floats(0, 5_000)
    parcels = DataFrame({"parcel_id": keys, "registered_area_m2": draw(_column(st.floats(500, 50_000), size))})
    storeys = draw(_column(st.integers(0, 6), built))
    heights = [";".join(draw(_column(st.sampled_from(["4", "8", "8.1", "12"]), n))) or None for n in storeys]
    footprint = draw(_column(st.floats(50, 9_000), built))
    buildings = DataFrame({
        "parcel_id": draw(_column(st.sampled_from(keys), built)), "storeys": np.array(storeys, dtype=float),
        "storey_heights_m": pd.Series(heights, dtype="str"), "footprint_m2": footprint,
        "legality": draw(_column(st.sampled_from(["legal", "unlicensed"]), built)),
    })  # fmt: skip
    ids = [f"E{n}" for n in range(firms)]
    enterprises = DataFrame({"enterprise_id": ids, "above_scale": draw(_column(st.sampled_from([0.0, 1.0]), firms))})
    for name in ("output_wan", "revenue_wan", "value_added_wan", "tax_wan", "energy_tce", "emissions_t", "employees",
                 "rnd_wan", "electricity_kwh"):  # fmt: skip
        enterprises[name] = draw(_column(money, firms))
    occupancies = DataFrame({
        "enterprise_id": draw(_column(st.sampled_from(ids), rows)), "parcel_id": draw(_column(st.sampled_from(keys), rows)),
        "floor_area_m2": draw(_column(st.floats(10, 5_000), rows)),
        "relation": pd.Series(draw(_column(st.sampled_from(["owner", "tenant", "subtenant"]), rows)), dtype="str"),
    })  # fmt: skip
    return Zone(parcels, buildings, enterprises, occupancies, rules)


@st.composite
def masked(draw, zone: Zone) -> Zone:
    """The same zone with any values missing: keys and footprints stay, what they say goes."""

    def mask(frame: DataFrame, columns: tuple[str, ...]) -> DataFrame:
        frame = frame.copy()
        for name in columns:
            gone = np.array(draw(_column(st.booleans(), len(frame))), dtype=bool)
            frame[name] = frame[name].mask(gone)
        return frame

    assert zone.buildings is not None and zone.enterprises is not None and zone.occupancies is not None
    figures = tuple(name for name in zone.enterprises if name != "enterprise_id")
    return Zone(
        zone.parcels,
        draw(st.sampled_from([None, mask(zone.buildings, ("storeys", "storey_heights_m", "legality"))])),
        draw(st.sampled_from([None, mask(zone.enterprises, figures)])),
        draw(st.sampled_from([None, mask(zone.occupancies, ("floor_area_m2", "relation"))])),
        zone.rules,
    )
