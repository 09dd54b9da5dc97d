"""The sample zone: its totals are those of the articles, its tables fit together, and it can be made again."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

ZONE = Path(__file__).parents[2] / "data" / "parcels"
MU_M2 = 2000 / 3
OLD_BLOCKS = ("LCC", "XYSB", "LT")
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
MILESTONES = (
    "IDENTIFIED", "PLANNED", "NEGOTIATED", "SIGNED", "VACATED", "DEMOLISHED", "CLEARED", "GRANTED", "HANDED_OVER",
    "STARTED", "TOPPED_OUT", "COMPLETED", "OPERATING", "REACHED",
)  # fmt: skip
FILES = ("zone.gpkg", "enterprises.csv", "indicators.csv", "occupancies.csv", "events.csv", "claims.csv")
MADE_WITH = {"gdal": (3, 12, 4), "geos": (3, 14, 1), "numpy": "2.4.6"}


def versions() -> dict:
    return {"gdal": pyogrio.__gdal_version__, "geos": shapely.geos_version, "numpy": np.__version__}


def layer(name: str) -> gpd.GeoDataFrame:
    return gpd.read_file(ZONE / "zone.gpkg", layer=name)


def rows(name: str) -> pd.DataFrame:
    return pd.read_csv(ZONE / name, dtype={"industry_code": str, "storey": str})


@pytest.fixture(scope="module")
def parcels():
    return layer("parcels")


@pytest.fixture(scope="module")
def buildings():
    frame = layer("buildings")
    frame["floor"] = frame.floor_area_m2.fillna(frame.storeys * frame.area)
    return frame


@pytest.fixture(scope="module")
def blocks():
    return layer("blocks").set_index("block_id")


@pytest.fixture(scope="module")
def firms():
    return rows("enterprises.csv")


@pytest.fixture(scope="module")
def spaces():
    return rows("occupancies.csv")


@pytest.fixture(scope="module")
def events():
    return rows("events.csv")


@pytest.fixture(scope="module")
def claims():
    return rows("claims.csv").set_index("claim_id")["value"]


@pytest.fixture(scope="module")
def renovated(parcels, events):
    """Parcels with the day on which they count as renovated."""
    whole = events[(events.kind == "actual") & events.building_id.isna()]
    known = whole.merge(parcels[["parcel_id", "block_id", "registered_area_m2", "renovation_mode"]], on="parcel_id")
    wanted = np.where(known.renovation_mode == "REMEDIATE", "COMPLETED", "DEMOLISHED")
    return known[known.milestone == wanted]


class TestTotals:
    @pytest.mark.parametrize(("block", "claim"), [("LCC", "lcc_area_ha"), ("YT", "yt_area_ha"), ("XZ", "xz_area_ha")])
    def test_outlines_have_the_published_area(self, blocks, claims, block, claim):
        assert abs(blocks.geometry[block].area - float(claims[claim]) * 10_000) < 0.5

    def test_old_changcheng_is_119_ha_and_not_1918_mu(self, blocks, claims):
        assert float(claims["lcc_area_mu"]) == 1918
        assert blocks.geometry["LCC"].area / MU_M2 == pytest.approx(1785, abs=0.01)

    def test_renovated_by_july_2022(self, renovated, claims):
        early = renovated[renovated.occurred_on <= "2022-07-31"]
        assert abs(early.registered_area_m2.sum() / MU_M2 - float(claims["renovated_2022_mu"])) < 0.05
        assert (early.renovation_mode == "SELF").sum() == int(claims["self_renovated"]) == 18

    def test_renovated_by_june_2024(self, renovated, claims):
        assert renovated.occurred_on.max() <= "2024-06-30"
        assert renovated.parcel_id.is_unique
        assert len(renovated) == int(claims["renovated_parcels"]) == 189
        assert abs(renovated.registered_area_m2.sum() / MU_M2 - float(claims["renovated_mu"])) < 0.05

    def test_registered_areas_of_renovated_parcels_are_near_the_drawn_ones(self, renovated, parcels):
        drawn = parcels.set_index("parcel_id").area[renovated.parcel_id].to_numpy()
        assert (abs(renovated.registered_area_m2.to_numpy() / drawn - 1) < 0.004).all()

    def test_firms(self, firms, spaces, parcels, claims):
        assert len(firms) == int(claims["firms"]) == 2271
        assert set(firms.enterprise_id) == set(spaces.enterprise_id)
        block = parcels.set_index("parcel_id").block_id[spaces.parcel_id].to_numpy()
        assert spaces.enterprise_id[np.isin(block, OLD_BLOCKS)].nunique() == int(claims["firms_old_blocks"]) == 740

    def test_first_demolition_in_yantou(self, renovated, claims):
        gone = layer("buildings_demolished")
        first = renovated[(renovated.block_id == "YT") & (renovated.occurred_on == claims["yt_first_demolition"])]
        fell = gone[gone.parcel_id.isin(first.parcel_id)]
        assert set(fell.demolished_on.astype(str)) == {"2018-05-18"}
        floor = fell.floor_area_m2.fillna(fell.storeys * fell.area).sum()
        assert floor == pytest.approx(float(claims["yt_first_floor_m2"]), rel=0.01)

    def test_yantou_was_handed_over_and_started_on_one_day(self, events, parcels, claims):
        own = events[events.parcel_id.isin(parcels.parcel_id[parcels.block_id == "YT"]) & (events.kind == "actual")]
        day = own[own.occurred_on == claims["yt_handed_over"]]
        assert set(day.milestone) == {"HANDED_OVER", "STARTED"}

    def test_xizhu(self, parcels, buildings, events, claims):
        (parcel,) = parcels.parcel_id[parcels.block_id == "XZ"]
        own = buildings[buildings.parcel_id == parcel]
        assert own.use.value_counts().to_dict() == {"production": 9, "office_living": 1}
        assert own.floor.sum() == pytest.approx(float(claims["xz_floor_m2"]), rel=0.01)
        start = events[(events.parcel_id == parcel) & (events.milestone == "STARTED") & (events.kind == "actual")]
        assert list(start.occurred_on) == [claims["xz_started"]] == ["2018-11-09"]

    def test_the_ceramics_factory_was_vacated_a_quarter_early(self, events, parcels):
        factory = parcels.parcel_id[parcels.block_id == "TCC"]
        own = events[events.parcel_id.isin(factory) & (events.milestone == "VACATED")]
        days = own.pivot_table(index="parcel_id", columns="kind", values="occurred_on", aggfunc="first")
        early = days[days.actual.notna() & (days.planned == "2022-09-30")]
        assert len(early) > 5
        assert (early.actual == "2022-06-30").all()

    def test_five_parcels_of_the_ceramics_factory_were_negotiated_by_july_2023(self, events, parcels, claims):
        factory = parcels.parcel_id[parcels.block_id == "TCC"]
        noted = events[events.parcel_id.isin(factory) & (events.milestone == "NEGOTIATED") & events.note.notna()]
        assert set(noted.occurred_on) == {"2023-06-28"}
        assert len(noted) == int(claims["tcc_private_negotiated"])

    def test_every_claim_says_where_it_is_from(self):
        claims = rows("claims.csv")
        assert claims.article.notna().all()
        assert claims.claim_id.is_unique


class TestGround:
    def test_all_in_the_coordinates_of_yongkang(self, parcels):
        assert parcels.crs.to_epsg() == 4549
        left, low, right, high = parcels.total_bounds
        assert left > 500_000 and right < 506_000 and low > 3_195_000 and high < 3_201_000

    def test_parcels(self, parcels):
        assert 900 <= len(parcels) <= 1300
        assert parcels.parcel_id.is_unique
        assert parcels.parcel_id.str.fullmatch(r"\d{12}[GJ]B\d{5}").all()
        assert parcels.is_valid.all()
        assert parcels.area.min() > 800

    @pytest.mark.parametrize("name", ["parcels", "buildings", "blocks", "street_blocks"])
    def test_nothing_overlaps(self, name):
        shapes = layer(name).geometry
        first, second = shapes.sindex.query(shapes, predicate="intersects")
        pairs = first < second
        shared = shapes.iloc[first[pairs]].intersection(shapes.iloc[second[pairs]], align=False).area
        assert len(shared) == 0 or shared.max() < 0.01

    def test_parcels_lie_in_their_block(self, parcels, blocks):
        own = blocks.geometry[parcels.block_id].reset_index(drop=True)
        assert parcels.geometry.difference(own, align=False).area.max() < 0.01

    def test_buildings_lie_on_parcels(self, parcels, buildings):
        ground = parcels.geometry.union_all()
        assert buildings.geometry.difference(ground).area.max() < 0.01
        known = buildings[buildings.parcel_id.notna()]
        own = parcels.set_index("parcel_id").geometry[known.parcel_id].reset_index(drop=True)
        assert known.geometry.reset_index(drop=True).difference(own).area.max() < 0.01

    def test_buildings(self, buildings):
        assert buildings.building_id.is_unique
        assert 0.8 < buildings.parcel_id.notna().mean() < 0.9
        registered = buildings[buildings.floor_area_m2.notna()]
        assert 0.5 < len(registered) / len(buildings) < 0.7
        assert (abs(registered.floor_area_m2 / (registered.storeys * registered.area) - 1) < 0.02).all()
        heights = buildings[buildings.storey_heights_m.notna()]
        assert (heights.storey_heights_m.str.count(";") + 1 == heights.storeys).all()

    def test_demolished_buildings_are_not_standing(self, parcels, buildings):
        gone = layer("buildings_demolished")
        assert not set(gone.building_id) & set(buildings.building_id)
        assert set(gone.parcel_id) <= set(parcels.parcel_id)


def credit_code_holds(code: str) -> bool:
    weights = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
    total = sum(ALPHABET.index(c) * w for c, w in zip(code[:17], weights, strict=True))
    inner = 11 - sum(int(c, 36) * w for c, w in zip(code[8:16], (3, 7, 9, 10, 5, 8, 4, 2), strict=True)) % 11
    return ALPHABET[(31 - total % 31) % 31] == code[17] and {10: "X", 11: "0"}.get(inner, str(inner)) == code[16]


class TestFirms:
    def test_credit_codes(self, firms):
        assert credit_code_holds("91330100799655058B")  # a public one
        assert firms.enterprise_id.is_unique
        assert firms.enterprise_id.str.match(r"9[12]330784MA").all()
        assert all(map(credit_code_holds, firms.enterprise_id))

    def test_111_indicators_are_documented(self, firms, claims):
        documented = rows("indicators.csv")
        assert list(documented.column) == list(firms.columns[3:])
        assert len(documented) == int(claims["indicators"]) == 111
        assert documented.column.is_unique
        assert documented[["zh", "en", "group"]].notna().all(axis=None)

    def test_completeness(self, firms):
        complete = firms.iloc[:, 3:].notna().mean()
        assert complete.min() > 0.37
        assert complete[["output_wan", "revenue_wan", "value_added_wan", "tax_wan"]].min() >= 0.965
        assert complete.max() == 1
        assert complete.min() < 0.45

    def test_money_fits_together(self, firms):
        known = firms.dropna(subset=["output_wan", "value_added_wan", "tax_wan"])
        assert (known.tax_wan < known.value_added_wan).all()
        assert (known.value_added_wan < known.output_wan).all()

    def test_few_firms_make_most_of_the_output(self, firms):
        output = firms.output_wan.dropna().sort_values(ascending=False)
        assert output.head(round(len(output) * 0.05)).sum() > output.sum() / 2

    def test_occupancies_stand_on_known_ground(self, spaces, parcels, buildings):
        assert set(spaces.parcel_id) <= set(parcels.parcel_id)
        declared = buildings.set_index("building_id").parcel_id[spaces.building_id].to_numpy()
        assert ((declared == spaces.parcel_id.to_numpy()) | pd.isna(declared)).all()
        assert 0.015 < spaces.floor_area_m2.isna().mean() < 0.05

    def test_no_parcel_is_fuller_than_it_can_be(self, spaces, parcels, buildings):
        at = gpd.GeoDataFrame(buildings[["floor"]], geometry=buildings.representative_point(), crs=buildings.crs)
        floor = at.sjoin(parcels[["parcel_id", "geometry"]]).groupby("parcel_id").floor.sum()
        used = spaces.groupby("parcel_id").floor_area_m2.sum()
        assert (used <= floor[used.index]).all()

    def test_many_plants_have_many_tenants(self, spaces):
        now = spaces[spaces.end_date.isna() | (spaces.end_date >= "2023-01-01")]
        firms = now.groupby("parcel_id").enterprise_id.nunique()
        assert ((firms >= 3) & (firms <= 13)).sum() > 150
        assert (firms == 1).sum() > 150
        assert 20 < (now.groupby("enterprise_id").parcel_id.nunique() == 2).sum() < 120


class TestLedger:
    def test_keys_are_known(self, events, parcels, buildings):
        assert set(events.parcel_id) <= set(parcels.parcel_id)
        assert set(events.building_id.dropna()) <= set(buildings.building_id)

    def test_one_day_for_a_milestone(self, events):
        keys = ["parcel_id", "building_id", "milestone", "kind"]
        assert not events[events.milestone.isin(MILESTONES)].duplicated(keys).any()

    @pytest.mark.parametrize("kind", ["actual", "planned"])
    def test_milestones_come_in_order(self, events, kind):
        whole = events[(events.kind == kind) & events.building_id.isna() & events.milestone.isin(MILESTONES)]
        ranked = whole.assign(rank=whole.milestone.map(MILESTONES.index)).sort_values(["parcel_id", "rank"])
        for _, own in ranked.groupby("parcel_id"):
            assert own.occurred_on.is_monotonic_increasing

    def test_actual_days_lie_behind_and_plans_ahead(self, events):
        actual = events[events.kind == "actual"].occurred_on
        assert actual.min() >= "2018-01-01"
        assert actual.max() <= "2024-06-30"
        planned = events[events.kind == "planned"].occurred_on
        assert (planned.str[:4] >= "2025").sum() > 100
        assert planned.max() < "2027"

    def test_parcels_with_events_have_a_mode(self, events, parcels):
        assert set(parcels.parcel_id[parcels.renovation_mode.notna()]) == set(events.parcel_id)


@pytest.fixture(scope="module")
def again(tmp_path_factory):
    folder = tmp_path_factory.mktemp("zone")
    subprocess.run([sys.executable, str(ZONE / "make_zone.py"), str(folder)], check=True)
    return folder


class TestMakingAgain:
    @pytest.mark.parametrize("name", FILES)
    def test_gives_the_same_bytes(self, again, name):
        made, kept = (hashlib.sha256((folder / name).read_bytes()).hexdigest() for folder in (again, ZONE))
        if made != kept and versions() != MADE_WITH:
            pytest.skip(f"made with {MADE_WITH}, here are {versions()}: other bytes are to be expected")
        assert made == kept

    def test_the_files_are_small(self):
        assert sum((ZONE / name).stat().st_size for name in FILES) < 8_000_000
