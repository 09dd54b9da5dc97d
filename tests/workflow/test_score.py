"""The main job on small files, through the function that the command calls; values worked out by hand."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from landgis.errors import InputRefused
from landgis.workflow.inputs import Inputs
from landgis.workflow.score import score_files

ORIGIN = (500_000, 3_200_000)


def square(x, y, width, height):
    return box(ORIGIN[0] + x, ORIGIN[1] + y, ORIGIN[0] + x + width, ORIGIN[1] + y + height)


@pytest.fixture
def town(tmp_path):
    """Three parcels in a row, 100 × 60 m each, 9 mu; halls, a straddling shed, five firms."""
    parcels = gpd.GeoDataFrame({"ZDDM": ["P1", "P2", "P3"], "宗地面积": [6000, 6000, None]},
                               geometry=[square(100 * n, 0, 100, 60) for n in range(3)], crs=4549)  # fmt: skip
    parcels.to_file(tmp_path / "parcels.gpkg")
    gpd.GeoDataFrame(
        {"ZRZH": ["hall", "tower", "shed"], "层数": [1, 5, 1], "层高": ["9", "8.1;4;4;4;4", None],
         "合法性": ["合法", "合法", "违建"]},
        geometry=[square(10, 5, 60, 50), square(105, 5, 60, 50), square(185, 10, 20, 10)], crs=4549,
    ).to_file(tmp_path / "buildings.shp", encoding="GBK")  # fmt: skip
    pd.DataFrame({"统一社会信用代码": ["E1", "E2", "E3", "E4", "E5"], "年度": [2023] * 5, "规上": ["是", "否", "否", "否", "否"],
                  "产值（万元）": ["1,800", "90", "45", "—", "7"], "税收": [90, 9, 4.5, 2, 1]},
                 ).to_excel(tmp_path / "firms.xlsx", index=False)  # fmt: skip
    pd.DataFrame({"enterprise_id": ["E1", "E1", "E2", "E3", "E4"], "parcel_id": ["P1", "P2", "P2", "P2", "P2"],
                  "floor_area_m2": [2000, 1000, 500, 500, 1000], "relation": ["owner", "owner", "tenant", "tenant", "subtenant"]},
                 ).to_csv(tmp_path / "leases.csv", index=False)  # fmt: skip
    return tmp_path


def score(folder, **more):
    files = {
        "parcels": "parcels.gpkg",
        "buildings": "buildings.shp",
        "enterprises": "firms.xlsx",
        "occupancies": "leases.csv",
    }
    run = score_files(Inputs(**{name: str(folder / file) for name, file in files.items()} | more))
    return run.frame.set_index("parcel_id"), run.report


def test_intensity(town):
    frame, _report = score(town)
    assert frame["area_mu"].tolist() == [9, 9, 9]
    assert frame["area_source"].tolist() == ["registered", "registered", "geometry"]
    assert frame["footprint_m2"].tolist() == pytest.approx([3000, 3150, 50])  # three quarters of the shed on P2
    assert frame["floor_area_ratio_plain"].tolist() == pytest.approx([0.5, 15_150 / 6000, 50 / 6000])
    assert frame["floor_area_ratio"].tolist() == pytest.approx([1.0, 18_150 / 6000, 50 / 6000])
    assert frame["floor_area_ratio_legal"].tolist() == pytest.approx([1.0, 3.0, 0])
    assert frame["floor_area_ratio_high"].tolist() == pytest.approx([1.0, 18_300 / 6000, 100 / 6000])
    assert frame["floor_area_ratio_low"].tolist() == pytest.approx([1.0, 18_150 / 6000, 50 / 6000])


def test_tenancy(town):
    frame, _report = score(town)
    assert frame["occupant_count"].tolist() == [1, 4, 0]
    assert frame["effective_occupants"].tolist() == pytest.approx(
        [1, 3000**2 / (2 * 1000**2 + 2 * 500**2), np.nan], nan_ok=True
    )
    assert frame["tenancy_fragmentation"].tolist() == pytest.approx([0, 1 - 2.5 / 9, np.nan], nan_ok=True)
    assert frame["leased_share"].tolist() == pytest.approx([0, 2 / 3, np.nan], nan_ok=True)
    assert frame["unknown_floor_share"].tolist() == pytest.approx([1 / 3, 1 - 3000 / 15_150, 1])


def test_output_is_split_by_floor_area_and_nothing_is_lost(town):
    frame, report = score(town)
    assert frame["output_per_mu"].tolist() == pytest.approx([1200 / 9, (600 + 90 + 45) / 9, 0])
    assert frame["tax_per_mu"].tolist() == pytest.approx([60 / 9, (30 + 9 + 4.5 + 2) / 9, 0])
    assert report.conservation["output_wan"] == {"in": 1942, "placed": 1935, "set_aside": 7}
    assert report.conservation["tax_wan"] == {"in": 106.5, "placed": 105.5, "set_aside": 1}
    assert report.conservation["occupied_floor_area_m2"] == {"in": 5000, "placed": 5000, "set_aside": 0}
    assert [(one.table, one.row.row, one.row.id) for one in report.log.set_aside] == [("enterprises", 6, "E5")]
    assert "output_wan" in frame["data_gaps"]["P2"]


def test_every_row_comes_out_in_order_with_the_users_own_columns(town):
    layer = gpd.read_file(town / "parcels.gpkg").assign(备注=["甲", "乙", "丙"])
    layer.loc[1, "geometry"] = None
    layer.iloc[::-1].to_file(town / "parcels.gpkg")
    frame, _report = score(town)
    assert frame.index.tolist() == ["P3", "P2", "P1"]
    assert frame["备注"].tolist() == ["丙", "乙", "甲"]
    assert "geometry" in frame["data_gaps"]["P2"]
    assert frame["area_m2"]["P2"] == 6000  # registered


def test_without_tables_their_columns_are_empty_and_named(town):
    run = score_files(Inputs(parcels=str(town / "parcels.gpkg")))
    for name in (
        "footprint_m2",
        "floor_area_ratio",
        "occupant_count",
        "tenancy_fragmentation",
        "output_per_mu",
    ):
        assert run.frame[name].isna().all(), name
    assert set(run.frame["data_gaps"].iloc[0].split(";")) >= {"buildings", "occupancies", "enterprises"}
    assert run.frame["score"].isna().all()
    assert (run.frame["score_low"].tolist(), run.frame["score_high"].tolist()) == ([0] * 3, [100] * 3)
    assert run.frame["grade"].tolist() == ["T"] * 3
    assert run.frame["low_efficiency"].tolist() == ["unknown"] * 3


def test_a_parcel_without_a_building_has_nought(town):
    gpd.read_file(town / "buildings.shp").head(1).to_file(town / "buildings.shp")
    frame, _report = score(town)
    assert frame["floor_area_ratio"].tolist() == pytest.approx([1, 0, 0])


def test_a_building_without_an_outline_is_unknown_not_nothing(town):
    houses = gpd.read_file(town / "buildings.shp").assign(ZDDM=["P1", "P2", "P3"])
    houses.loc[0, "geometry"] = None
    houses.to_file(town / "buildings.gpkg")
    frame, report = score(town, buildings=str(town / "buildings.gpkg"))
    assert "floor_area" in frame["data_gaps"]["P1"].split(";")
    assert frame["score_high"]["P1"] > frame["score"]["P1"]
    assert any(problem.code == "W-GEOM-NULL" for problem in report.log.problems)
    houses.assign(建筑面积=[9000, None, None]).to_file(town / "buildings.gpkg")
    frame, _report = score(town, buildings=str(town / "buildings.gpkg"))
    assert frame["floor_area_ratio_plain"]["P1"] == 1.5


def test_reasons_have_the_numbers_in_them(town):
    gpd.read_file(town / "parcels.gpkg").assign(宗地面积=[12_000, 6000, 6000]).to_file(town / "parcels.gpkg")
    frame, _report = score(town)
    assert "S1" in frame["reasons"]["P1"].split(";")
    assert "容积率 0.50 低于标准 1.00" in frame["reasons_zh"]["P1"]
    assert "0.50" in frame["reasons_en"]["P1"] and "1.00" in frame["reasons_en"]["P1"]
    assert frame["reasons"]["P2"] == "" or "S1" not in frame["reasons"]["P2"]


def test_blocks_are_found_by_the_largest_overlap(town):
    gpd.GeoDataFrame({"block_id": ["west", "east"]}, geometry=[square(0, 0, 130, 60), square(130, 0, 170, 60)],
                     crs=4549).to_file(town / "blocks.gpkg")  # fmt: skip
    frame, _report = score(town, blocks=str(town / "blocks.gpkg"))
    assert frame["block_id"].tolist() == ["west", "east", "east"]


def test_layers_in_degrees_are_measured_in_metres(town):
    for name in ("parcels.gpkg", "buildings.shp"):
        gpd.read_file(town / name).to_crs(4490).to_file(town / name.replace(".", "_ll."))
    frame, report = score(town, parcels=str(town / "parcels_ll.gpkg"), buildings=str(town / "buildings_ll.shp"))
    assert report.facts["measured_in"] == "EPSG:4549"
    assert frame["area_m2"]["P3"] == pytest.approx(6000, abs=1e-3)
    assert frame["footprint_m2"].tolist() == pytest.approx([3000, 3150, 50], abs=1e-3)


def test_figures_of_another_year_are_not_used(town):
    firms = pd.read_excel(town / "firms.xlsx", engine="openpyxl")
    pd.concat([firms, firms.assign(年度=2022, 税收=1000)]).to_excel(town / "firms.xlsx", index=False)
    assert score(town)[0]["tax_per_mu"]["P1"] == pytest.approx(60 / 9)
    frame, report = score(town, year=2022)
    assert frame["tax_per_mu"]["P1"] == pytest.approx(1000 * 2 / 3 / 9)
    assert report.facts["year"] == 2022
    with pytest.raises(InputRefused, match="E-YEAR.*2019"):
        score(town, year=2019)


def test_occupancies_that_ended_before_the_year_do_not_count(town):
    leases = pd.read_csv(town / "leases.csv").assign(end_date=["", "2022-12-31", "2023-01-01", "", ""])
    leases.to_csv(town / "leases.csv", index=False)
    frame, report = score(town)
    assert frame["occupant_count"].tolist() == [1, 3, 0]
    assert report.conservation["occupied_floor_area_m2"]["set_aside"] == 1000


def test_problems_of_all_files_are_raised_together(town):
    pd.DataFrame({"enterprise_id": ["E1"]}).to_csv(town / "leases.csv", index=False)
    layer = gpd.read_file(town / "parcels.gpkg")
    pd.concat([layer, layer.head(1)]).to_file(town / "parcels.gpkg")
    with pytest.raises(InputRefused) as refusal:
        score(town)
    assert {problem.place.file.rsplit("/")[-1] for problem in refusal.value.problems} == {
        "leases.csv",
        "parcels.gpkg",
    }


def test_strict_refuses_what_would_be_set_aside(town):
    with pytest.raises(InputRefused, match="E5|row 6"):
        score(town, strict=True)


def test_overlapping_parcels_are_named_with_the_area(town):
    layer = gpd.read_file(town / "parcels.gpkg")
    layer.loc[0, "geometry"] = square(0, 0, 102, 60)
    layer.to_file(town / "parcels.gpkg")
    _frame, report = score(town)
    found = [problem for problem in report.log.problems if problem.code == "W-TOPO-OVERLAP"]
    assert [str(problem.message) for problem in found] == [
        "parcels P1 and P2 overlap by 120.00 m²; one of the outlines is wrong"
    ]


def test_our_own_names_cut_by_a_shapefile_are_known(town):
    houses = gpd.read_file(town / "buildings.shp")
    houses = houses.rename(
        columns={"ZRZH": "building_i", "层数": "storeys", "层高": "storey_hei", "合法性": "legality"}
    )
    houses.to_file(town / "cut.shp", encoding="UTF-8")
    lots = gpd.read_file(town / "parcels.gpkg").rename(columns={"ZDDM": "parcel_id", "宗地面积": "registered"})
    lots.to_file(town / "lots.shp", encoding="UTF-8")
    plain, _report = score(town)
    frame, _report = score(town, buildings=str(town / "cut.shp"), parcels=str(town / "lots.shp"))
    assert frame["floor_area_ratio_legal"].tolist() == pytest.approx(plain["floor_area_ratio_legal"].tolist())
    assert frame["area_source"].tolist() == plain["area_source"].tolist()
