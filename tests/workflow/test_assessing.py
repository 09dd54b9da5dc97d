"""Assessments of projects: by hand on a small one, sums and refusals on the sample zone."""

import json
import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from landgis.errors import InputRefused, UsageError
from landgis.io.write import write_layer
from landgis.rules.prices import load_prices
from landgis.workflow.assessing import Asked, assess_project
from landgis.workflow.importing import Layers, create_project
from landgis.workflow.lineage import Succession, replace_parcels
from landgis.workflow.project import open_project
from landgis.workflow.rescore import score_project
from landgis.workflow.sequencing import sequence_file
from tests.made_project import TODAY, lot

DRAFT = load_prices("yongkang-draft")
WHOLE = ("area_mu", "legal_floor_m2", "new_floor_m2", "acquisition_wan", "cost_wan", "gap_wan")


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Six lots of 6 000 m² (9 mu): P1 is known, and each of the others lacks something or has it in another way."""
    folder = tmp_path_factory.mktemp("small")
    parcels = gpd.GeoDataFrame(
        {
            "parcel_id": [f"P{n}" for n in range(1, 7)],
            "block_id": ["B1", "B1", "B1", "B2", "B2", None],
            "tenure": ["state_granted", "state_allocated", None, "collective", "state_granted", "state_granted"],
            "renovation_mode": ["GOV_ACQ", "GOV_ACQ", "GOV_ACQ", "SELF", "REMEDIATE", None],
            "remaining_years": [25.0, None, None, None, None, None],
            "max_floor_area_ratio": [2.0, None, None, 3.0, None, None],
        },
        geometry=[lot(n) for n in range(6)],
        crs=4549,
    )
    buildings = gpd.GeoDataFrame(
        {
            "building_id": ["F1", "F2", "F3", "F4"],
            "parcel_id": ["P1", "P1", "P2", "P4"],
            "floor_area_m2": [1000.0, 200.0, 500.0, 4000.0],
            "legality": ["legal", "unlicensed", "unknown", "legal"],
            "use": ["production", "other", "warehouse", None],
            "condition": [0.5, None, None, None],
        },
        geometry=[
            lot(0, wide=20, tall=20),
            lot(0, tall=50).difference(lot(0, wide=40)),
            lot(1, wide=10),
            lot(3, wide=20),
        ],
        crs=4549,
    )
    for name, layer in (("parcels", parcels), ("buildings", buildings)):
        layer.to_file(folder / f"{name}.gpkg")
    firms = pd.DataFrame({"enterprise_id": ["E1", "E2"], "name": ["a", "b"], "year": 2025, "tax_wan": [36.0, None]})
    homes = pd.DataFrame(
        {"enterprise_id": ["E1", "E2", "E2"], "parcel_id": ["P1", "P2", "P4"], "floor_area_m2": [900, 90, 90]}
    )
    for name, table in (("enterprises", firms), ("occupancies", homes)):
        table.to_csv(folder / f"{name}.csv", index=False)
    files = {name: str(folder / f"{name}.gpkg") for name in ("parcels", "buildings")}
    files |= {name: str(folder / f"{name}.csv") for name in ("enterprises", "occupancies")}
    project, _ = create_project(str(folder / "project"), Layers(**files), by="li")
    score_project(project)
    project.store.close()
    return open_project(str(folder / "project"), nobody="li", today=lambda: TODAY)


@pytest.fixture(scope="module")
def sample(sample_copy):
    return open_project(str(sample_copy), nobody="li", today=lambda: TODAY)


def rows(found):
    return found.frame.set_index(["parcel_id", "renovation_mode"])


def reasons(found):
    return {one.id: one.code for one in found.refused}


def test_each_parcel_in_its_own_mode_by_hand(small):
    """P1: 6 000 m² × 204 × 25/50; 1 000 m² × 1 100 × 0.5, 200 m² more to demolish; 36 万元 of tax on 9 mu is 4 a mu."""
    found = assess_project(small, Asked(DRAFT))
    assert found.frame["parcel_id"].tolist() == ["P1", "P2", "P4"]
    assert reasons(found) == {"P3": "W-ASSESS-TENURE", "P5": "W-ASSESS-MODE", "P6": "W-ASSESS-MODE"}
    said = {one.id: one.message.render() for one in found.refused}
    assert "REMEDIATE" in said["P5"] and "--mode" in said["P6"] and "—" in said["P3"]
    one = rows(found).loc[("P1", "GOV_ACQ")]
    assert one["land_compensation_wan"] == pytest.approx(6000 * 204 * 0.5 / 1e4)
    assert one["building_compensation_wan"] == pytest.approx(1000 * 1100 * 0.5 / 1e4)
    assert one["demolition_wan"] == pytest.approx(1200 * 60 / 1e4)
    assert (one["legal_floor_m2"], one["unlicensed_floor_m2"], one["new_floor_m2"]) == (1000, 200, 12_000)
    assert one["tax_gain_wan_year"] == pytest.approx((30 - 4) * 9 * 0.7 * 0.5)
    assert one["data_gaps"] == "" and one["area_mu"] == 9
    assert one["static_payback_years"] == pytest.approx(one["gap_wan"] / one["gain_wan_year"])


def test_gaps_are_named_and_what_hangs_on_them_is_not_known(small):
    found = rows(assess_project(small, Asked(DRAFT)))
    second = found.loc[("P2", "GOV_ACQ")]
    assert second["data_gaps"].split(";") == [
        "remaining_years",
        "condition",
        "max_floor_area_ratio",
        "tax_per_mu",
        "legality",
    ]
    assert second["land_compensation_wan"] == pytest.approx(6000 * 204 * 0.6 / 1e4)
    assert second["legal_floor_m2"] == 500  # of unknown legality: counted as legal, which costs more
    assert math.isnan(second["npv_wan"]) and not math.isnan(second["cost_wan"])
    fourth = found.loc[("P4", "SELF")]
    assert "tax_per_mu" in fourth["data_gaps"] and not math.isnan(fourth["npv_wan"])  # an owner lives on rent
    assert fourth["floor_gain_m2"] == 14_000


def test_one_mode_for_all_and_all_modes_for_each(small):
    park = assess_project(small, Asked(DRAFT, "MSE_PARK"))
    assert park.frame["parcel_id"].tolist() == ["P1", "P2", "P4", "P5", "P6"] and reasons(park) == {
        "P3": "W-ASSESS-TENURE"
    }
    every = assess_project(small, Asked(DRAFT, "all"))
    assert every.rows_in == 30 == len(every.frame) + len(every.refused)
    assert rows(every).loc[("P3", "SELF"), "cost_wan"] > 0  # who buys no land need not know its tenure
    both = rows(every).loc[rows(park).index]
    for name in WHOLE:
        assert both[name].tolist() == rows(park)[name].tolist()


def test_groups_are_sums(small):
    found = assess_project(small, Asked(DRAFT, "SELF", "block_id"))
    each = assess_project(small, Asked(DRAFT, "SELF")).frame
    assert found.frame["group"].tolist() == ["B1", "B2"] and found.frame["parcels"].tolist() == [3, 2]
    for at, block in enumerate(("B1", "B2")):
        inside = each[each["block_id"] == block]
        for name in WHOLE:
            assert found.frame[name].iloc[at] == pytest.approx(inside[name].sum())
        assert found.frame.geometry.iloc[at].area == pytest.approx(inside.geometry.area.sum())
    bought = assess_project(small, Asked(DRAFT, "GOV_ACQ", "block_id")).frame
    assert bought["parcels_refused"].tolist() == [1, 0]
    assert np.isnan(bought["npv_wan"]).all() and bought["data_gaps"].str.contains("tax_per_mu").all()
    with pytest.raises(InputRefused, match="no column site_id"):
        assess_project(small, Asked(DRAFT, "SELF", "site_id"))


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "gpkg", "shp", "parquet", "geojson"])
def test_rows_and_groups_in_every_format(small, tmp_path, suffix):
    for group in (None, "block_id"):
        found = assess_project(small, Asked(DRAFT, "SELF", group))
        out = tmp_path / f"{group}.{suffix}"
        write_layer(found.frame, out, columns=found.columns, overwrite=False)
        assert out.stat().st_size > 0
        assert [column.name for column in found.columns] == [name for name in found.frame if name != "geometry"]
        assert len({column.shapefile for column in found.columns}) == len(found.columns)


def test_what_is_refused(small):
    with pytest.raises(UsageError, match="GOV_ACQ, SELF"):
        assess_project(small, Asked(DRAFT, "REMEDIATE"))


def test_a_parcel_that_others_replaced_is_not_there(tmp_path, small):
    from tests.made_project import make_project

    project = make_project(tmp_path)
    replace_parcels(project, Succession(("P6",), ("P7",), on="2026-01-01"))
    found = assess_project(project, Asked(DRAFT, "SELF"))
    assert sorted([*found.frame["parcel_id"], *reasons(found)]) == ["P1", "P2", "P3", "P4", "P5", "P7"]


def test_without_buildings_nothing_is_known_of_what_stands(tmp_path):
    gpd.GeoDataFrame({"parcel_id": ["P1"]}, geometry=[lot(0)], crs=4549).to_file(tmp_path / "parcels.gpkg")
    project, _ = create_project(str(tmp_path / "project"), Layers(parcels=str(tmp_path / "parcels.gpkg")), by="li")
    found = assess_project(project, Asked(DRAFT, "SELF"))
    assert len(found.frame) == 0 and reasons(found) == {"P1": "W-ASSESS-FLOOR-AREA"}
    json.dumps(found.as_json(str), allow_nan=False)


def test_xizhu_of_the_sample(sample):
    """The sample draws Xizhu with its real land; with the published money it is 1 091 元 a m² there, too."""
    found = assess_project(sample, Asked(load_prices("xizhu-2018"), "VILLAGE"))
    xizhu = found.frame[found.frame["block_id"] == "XZ"].iloc[0]
    assert xizhu["area_mu"] * 2000 / 3 == pytest.approx(46_800, rel=0.01)
    assert round(xizhu["cost_cny_per_new_m2"]) == 1091
    let = xizhu["new_floor_m2"] - xizhu["legal_floor_m2"]
    assert xizhu["rent_wan_year"] == pytest.approx(let * 2_000 / 110_000)


def test_what_is_assessed_can_be_put_in_order(sample, tmp_path):
    """Groups as they are written are sites as they are read: what stands there needs a place, what is built gives some."""
    found = assess_project(sample, Asked(DRAFT, "SELF", "block_id"))
    write_layer(found.frame, tmp_path / "sites.csv", columns=found.columns, overwrite=False)
    answer = sequence_file(str(tmp_path / "sites.csv"))
    needs, new = found.frame["legal_floor_m2"], found.frame["new_floor_m2"]
    assert (new > needs).all()  # every block gives more than it takes, so the smallest goes first
    assert list(answer.order) == found.frame.loc[needs.sort_values().index, "group"].tolist()
    assert answer.floor["needs"][:, 0].tolist() == needs.tolist()
    assert answer.floor["returns"][:, 0].tolist() == new.tolist()


def test_the_sample_loses_nobody(sample):
    found = assess_project(sample, Asked(DRAFT))
    parcels = sample.store.layers()["parcels"]
    assert found.rows_in == len(parcels) == 1104
    assert set(found.frame["parcel_id"]) | set(reasons(found)) == set(parcels["parcel_id"])
    assert len(found.frame) + len(found.refused) == 1104
    own = parcels["renovation_mode"]
    without = own.isna() | own.isin(["REMEDIATE", "GOV_SWAP"])
    assert sum(code == "W-ASSESS-MODE" for code in reasons(found).values()) == without.sum()
    assert found.modes["rows"].sum() == len(found.frame)
    for mode, row in found.modes.iterrows():
        mine = found.frame[found.frame["renovation_mode"] == mode]
        for name in WHOLE:
            assert row[name] == pytest.approx(mine[name].sum(), rel=1e-5)
        assert row["npv_wan"] == pytest.approx(mine["npv_wan"].sum(), rel=1e-6)
        assert row["rows_with_gain"] == mine["gain_wan_year"].notna().sum()


def test_the_document_is_plain_json(sample):
    found = assess_project(sample, Asked(DRAFT, "GOV_ACQ", "block_id", 0.2))
    document = json.loads(json.dumps(found.as_json(str), allow_nan=False))
    assert set(document) == {
        "prices_id",
        "status",
        "rows_in",
        "rows_out",
        "refused",
        "modes",
        "share",
        "tornado",
        "groups",
    }
    assert document["rows_in"] == document["rows_out"] + len(document["refused"]) == 1104
    assert len(document["groups"]) == 10 and document["share"] == 0.2
    assert document["tornado"][0]["npv_high_wan"] == -document["tornado"][0]["npv_low_wan"]
    unknown = [group for group in document["groups"] if group["npv_wan"] is None]
    assert unknown and all("tax_per_mu" in group["data_gaps"] for group in unknown)


def test_floor_that_fell_is_named(sample):
    found = assess_project(sample, Asked(DRAFT, "SELF"))
    fallen = set(found.frame["parcel_id"][found.frame["data_gaps"].str.contains("demolished")])
    buildings = sample.store.layers()["demolished"]
    declared = set(buildings["parcel_id"].dropna())
    assert declared <= fallen
