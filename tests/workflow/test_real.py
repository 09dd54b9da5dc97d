"""Real files, made by others; the values were worked out by others too (shared/real/README.md)."""

import json
import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from landgis.workflow.inputs import Inputs
from landgis.workflow.score import score_files

FT2 = 0.09290304


def frame_of(**files):
    run = score_files(Inputs(**{name: str(value) for name, value in files.items()}))
    return run.frame, run.report


def test_a_spanish_municipality(real):
    folder = real / "catastro_es_40146"
    frame, report = frame_of(parcels=f"{folder}/catastro_40146.gpkg:parcels", mapping=folder / "mapping.toml",
                             buildings=f"{folder}/catastro_40146.gpkg:building_parts")  # fmt: skip
    assert len(frame) == report.parcels_in == 1443
    assert report.facts["measured_in"] == "EPSG:25830"
    assert np.abs(frame.geometry.area - frame["area_m2"]).max() < 1
    assert frame["area_m2"].sum() == 18_702_400
    assert frame["area_mu"].sum() == pytest.approx(28_053.6, abs=1e-6)
    assert frame["footprint_m2"].sum() == pytest.approx(44_495, rel=1e-3)
    assert frame["floor_area_m2"].sum() == pytest.approx(50_702, rel=1e-3)
    assert (frame["floor_area_m2"] > 0.5).sum() == 242  # one more has a part without a storey above ground
    assert (frame["floor_area_ratio_plain"] >= 1).sum() == 63
    assert frame["floor_area_ratio_plain"].max() == pytest.approx(2.012, abs=5e-4)
    assert report.facts["floor_area_sources"] == {"footprint": int((frame["footprint_m2"] > 0).sum())}


def test_a_spanish_municipality_by_the_parcel_that_each_part_names(real, tmp_path):
    folder = real / "catastro_es_40146"
    parts = gpd.read_file(folder / "catastro_40146.gpkg", layer="building_parts")
    parts["parcel_id"] = parts["localId"].str.replace(r"_part\d+$", "", regex=True)
    parts.to_file(tmp_path / "parts.gpkg")
    frame, _report = frame_of(parcels=f"{folder}/catastro_40146.gpkg:parcels", mapping=folder / "mapping.toml",
                              buildings=tmp_path / "parts.gpkg")  # fmt: skip
    built = frame[frame["footprint_m2"] > 0]
    assert len(built) == 242
    assert built["floor_area_m2"].sum() / built["area_m2"].sum() == pytest.approx(0.26498, abs=5e-6)


def test_lots_of_new_york(real):
    folder = real / "pluto"
    lots = folder / "pluto16v1_every4th.geojson"
    frame, _report = frame_of(parcels=lots, buildings=lots, mapping=folder / "mapping.toml")
    assert (frame["floor_area_ratio_plain"] - frame["BuiltFAR"]).abs().max() <= 0.0051
    assert len(frame) == 500
    assert frame["area_m2"].sum() / FT2 == pytest.approx(1_895_535, abs=1)
    assert frame["floor_area_m2"].sum() / FT2 == pytest.approx(2_218_253, abs=1)
    measured = frame.to_crs(32618).area
    assert ((measured / frame["area_m2"] - 1).abs() > 0.2).sum() == 7
    assert (frame["data_gaps"].str.contains("area_gap"))[(measured / frame["area_m2"] - 1).abs() > 0.2].all()


def test_a_lot_of_registered_area_nought_takes_its_outline(real, tmp_path):
    folder = real / "pluto"
    lots = gpd.read_file(folder / "pluto16v1_every4th.geojson").head(3)
    lots.loc[0, "LotArea"] = 0
    lots.to_file(tmp_path / "lots.geojson")
    frame, report = frame_of(parcels=tmp_path / "lots.geojson", mapping=folder / "mapping.toml")
    assert frame["area_source"].tolist() == ["geometry", "registered", "registered"]
    assert frame["area_m2"].iloc[0] == pytest.approx(lots.to_crs(32618).area.iloc[0], rel=1e-3)
    assert "registered_area" in frame["data_gaps"].iloc[0]
    assert any("LotArea" in str(problem.place.field) for problem in report.log.problems)


def test_prague_is_not_measured_in_web_mercator(real, tmp_path):
    (tmp_path / "m.toml").write_text('[parcels]\nparcel_id = "uID"\n[buildings]\nbuilding_id = "uID"\n')
    houses = f"{real}/momepy/bubenec.gpkg:buildings"
    frame, report = frame_of(parcels=houses, buildings=houses, mapping=tmp_path / "m.toml")
    assert frame["area_m2"].sum() == pytest.approx(43_176.09, rel=1e-3)  # 104 842.97 in EPSG:3857
    assert frame["footprint_m2"].sum() == pytest.approx(43_176.09, rel=1e-3)
    assert report.facts["measured_in"] == "EPSG:32633"


def test_a_swiss_parcel(real, tmp_path):
    parcel = json.loads((real / "swiss" / "swiss_real_estates.json").read_text("utf-8"))[0]
    outline = shapely.from_wkt(parcel["limit"].partition(";")[2])
    layer = gpd.GeoDataFrame({"parcel_id": [parcel["egrid"]], "registered_area_m2": [parcel["land_registry_area"]]},
                             geometry=[outline], crs=2056)  # fmt: skip
    layer.to_file(tmp_path / "swiss.gpkg")
    frame, report = frame_of(parcels=tmp_path / "swiss.gpkg")
    assert (frame["area_m2"].iloc[0], frame["area_source"].iloc[0]) == (35_121, "registered")
    assert report.facts["measured_in"] == "EPSG:2056"
    layer.drop(columns="registered_area_m2").to_file(tmp_path / "outline.gpkg")
    assert frame_of(parcels=tmp_path / "outline.gpkg")[0]["area_m2"].iloc[0] == pytest.approx(35_121.37, abs=0.005)


def test_a_japanese_town_with_six_invalid_lots(real, tmp_path):
    (tmp_path / "m.toml").write_text('[parcels]\nparcel_id = "筆ID"\n', encoding="utf-8")
    frame, report = frame_of(parcels=real / "japan" / "15222_converted.gpkg", mapping=tmp_path / "m.toml")
    assert len(frame) == 1051
    assert sum(problem.code == "W-GEOM-FIXED" for problem in report.log.problems) == 6
    assert frame.geometry.is_valid.all()


def test_the_outline_of_yongkang(real, tmp_path):
    (tmp_path / "m.toml").write_text('[parcels]\nparcel_id = { value = "330784" }\n')
    frame, report = frame_of(parcels=real / "china" / "330784_amap_cnmaps.geojson", mapping=tmp_path / "m.toml")
    assert report.facts["measured_in"] == "EPSG:4549"
    assert frame["area_m2"].iloc[0] / 1e6 == pytest.approx(1042.16, abs=0.005)  # 1 365.51 in Web Mercator


@pytest.mark.parametrize(("name", "declared_m2"), [("44120000105", 87_423), ("44120001048", 105)])
def test_boundary_points(real, name, declared_m2):
    frame, report = frame_of(parcels=real / "china" / "jiezhidian" / f"{name}.txt")
    assert frame["area_m2"].tolist() == pytest.approx([declared_m2])
    assert report.facts["measured_in"] == "EPSG:4526"  # CGCS2000, zone 38
    assert frame.geometry.area.iloc[0] == pytest.approx(declared_m2, abs=1)
    if name == "44120000105":
        assert frame.geometry.area.iloc[0] == pytest.approx(87_422.545, abs=5e-4)
        assert frame.geometry.area.iloc[0] * 3 / 2000 == pytest.approx(131.1338, abs=5e-5)


def test_registers_without_outlines_are_refused_as_parcels(real, landgis, tmp_path):
    for name in ("csv.resource", "xlsx.resource"):
        ran = landgis("score", "--parcels", real / "brownfield" / name, "--out", tmp_path / "out.geojson")
        assert ran.code == 3
        assert name in ran.err


def test_registers_without_outlines_are_looked_at(real, landgis):
    ran = landgis("check", "--json", real / "brownfield" / "csv.resource")
    with (real / "brownfield" / "csv.resource").open(encoding="utf-8") as stream:
        rows = len(pd.read_csv(stream))
    assert (ran.code, ran.report()[0]["rows"]) == (0, rows), ran.err


def test_empty_files_are_refused(real, landgis, tmp_path):
    for name in ("empty.gml", "empty.zip"):
        ran = landgis("score", "--parcels", real / "catastro_es_small" / name, "--out", tmp_path / "out.geojson")
        assert ran.code == 3
        assert re.search(rf"E-[A-Z-]+ · .*{name}", ran.err)


def test_small_spanish_buildings_stand_on_no_parcel_of_another_town(real):
    small, other = real / "catastro_es_small" / "catastro_small.gpkg", real / "catastro_es_40146"
    frame, report = frame_of(parcels=f"{other}/catastro_40146.gpkg:parcels", buildings=f"{small}:buildingparts",
                             mapping=other / "mapping.toml")  # fmt: skip
    assert frame["floor_area_m2"].sum() == 0
    assert sum(one.table == "buildings" for one in report.log.set_aside) == 25
