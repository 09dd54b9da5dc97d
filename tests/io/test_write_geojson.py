"""GeoJSON: RFC 7946, and what was put in comes out."""

import json
import math

import fiona
import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from pyproj import Geod

from benchmarks.score.land import cells, parcels, spoil
from landgis.errors import UsageError
from landgis.io.read import read_raw
from landgis.io.write import LAYER_SUFFIXES, write_layer
from landgis.io.write_geojson import lon_lat
from landgis.results import RESULT_COLUMNS
from tests.io.made_results import IDS, results, written


@pytest.fixture
def made(tmp_path):
    target = tmp_path / "宗地.geojson"
    assert written(target) == []
    return target


def strict(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


def test_document(made):
    document = json.loads(made.read_text("utf-8"), parse_constant=strict)
    assert "crs" not in document
    assert (document["type"], document["name"]) == ("FeatureCollection", "parcels")
    assert document["landgis"]["rules_id"] == "yongkang-draft"
    assert document["landgis"]["source_crs"] == "EPSG:4549"
    assert document["landgis"]["units"]["tax_per_mu"] == "万元/亩"
    assert [feature["properties"]["parcel_id"] for feature in document["features"]] == IDS
    assert [feature["geometry"] is None for feature in document["features"]] == [False, False, True, True]


def test_properties_by_hand(made):
    first, second, third, fourth = (f["properties"] for f in json.loads(made.read_text("utf-8"))["features"])
    assert list(first)[:2] == ["parcel_id", "block_id"] and list(first)[-1] == "标签"
    assert (first["area_m2"], third["area_m2"], fourth["area_m2"]) == (1.5, None, 1 / 3)
    assert [row["occupant_count"] for row in (first, second, third, fourth)] == [1, 2, None, 4]
    assert first["企业名称"] == "永康市某某五金有限公司" and fourth["企业名称"] is None
    assert (first["备注"], second["备注"], fourth["备注"]) == ("一\n二", "", "㐂龘")
    assert first["长号"] == 2**53 + 1
    assert [row["比例"] for row in (first, second, third, fourth)] == [0.1, None, None, -0.5]
    assert [row["停用"] for row in (first, second, third)] == [True, False, None]
    assert [row["类别"] for row in (first, second, fourth)] == ["甲", "乙", None]
    assert (first["建成日期"], first["登记时间"]) == ("2001-02-03", "2001-02-03T04:05:06")
    assert [row["标签"] for row in (first, second, third, fourth)] == ['["违建",1]', None, '{"a":"中"}', "[]"]


def test_outer_rings_run_counter_clockwise_and_holes_the_other_way(made):
    for feature in json.loads(made.read_text("utf-8"))["features"][:2]:
        outer, *holes = (shapely.LinearRing(ring) for ring in feature["geometry"]["coordinates"])
        assert outer.is_ccw and not any(hole.is_ccw for hole in holes)
    assert len(holes) == 1


def test_coordinates_are_longitude_and_latitude_with_nine_decimals(made):
    """Easting 500 000 lies on the central meridian, 120°E; area and place agree with a geodesic reckoning."""
    ring = json.loads(made.read_text("utf-8"))["features"][0]["geometry"]["coordinates"][0]
    assert min(longitude for longitude, _ in ring) == 120.0
    assert 29.8 < ring[0][1] < 29.83
    assert all(round(number, 9) == number for point in ring for number in point)
    area, _ = Geod(ellps="GRS80").geometry_area_perimeter(shapely.Polygon(ring))
    assert math.isclose(area, 100 * 200, rel_tol=1e-5)


def test_areas_survive_the_way_there_and_back(made):
    back = pyogrio.read_dataframe(made).to_crs(4549).geometry.area
    assert np.allclose(back[:2], [20_000, 9_600], rtol=1e-6)


def test_cgcs2000_degrees_are_taken_as_they_are():
    frame = results().to_crs(4490)
    geometry, unplaced = lon_lat(frame.geometry)
    assert unplaced == 0
    assert shapely.bounds(geometry[0]) == pytest.approx(frame.geometry.bounds.iloc[0].to_numpy(), abs=1e-9)


def test_what_has_no_longitude_keeps_its_row(tmp_path):
    frame = results()
    frame.loc[1, "geometry"] = shapely.box(9e9, 9e9, 9.1e9, 9.1e9)
    assert written(tmp_path / "out.geojson", frame) == ["W-OUT-GEOMETRY"]
    document = json.loads((tmp_path / "out.geojson").read_text("utf-8"), parse_constant=strict)
    assert [feature["geometry"] is None for feature in document["features"]] == [False, True, True, True]


def test_libraries_read_it(made):
    read = pyogrio.read_dataframe(made)
    assert read.crs.to_epsg() == 4326 and list(read["parcel_id"]) == IDS
    with fiona.open(made) as layer:
        assert [feature["properties"]["parcel_id"] for feature in layer] == IDS


def test_many_rows_stay_in_order_over_chunks(tmp_path, monkeypatch):
    monkeypatch.setattr("landgis.io.write_geojson.CHUNK_ROWS", 3)
    written(tmp_path / "out.geojson")
    features = json.loads((tmp_path / "out.geojson").read_text("utf-8"))["features"]
    assert [feature["properties"]["parcel_id"] for feature in features] == IDS


def test_a_column_of_times_has_one_form_in_all_chunks(tmp_path, monkeypatch):
    monkeypatch.setattr("landgis.io.write_geojson.CHUNK_ROWS", 1)
    frame = results().assign(时=results()["登记时间"].fillna(results()["建成日期"]))
    written(tmp_path / "out.geojson", frame)
    features = json.loads((tmp_path / "out.geojson").read_text("utf-8"))["features"]
    assert [feature["properties"]["时"] for feature in features] == [
        "2001-02-03T04:05:06", None, "1999-12-31T00:00:00", "2020-02-29T00:00:00",
    ]  # fmt: skip


def test_rounding_keeps_valid_outlines_valid():
    chance = np.random.default_rng(7)
    angle = np.linspace(0, 2 * np.pi, 41)[:-1]
    reach = chance.uniform(0.05, 60, (500, 40))
    points = np.stack([500_000 + reach * np.cos(angle), 3_300_000 + reach * np.sin(angle)], axis=-1)
    stars = gpd.GeoSeries(shapely.polygons(points), crs=4549)
    geometry, _ = lon_lat(stars)
    assert shapely.is_valid(stars.to_numpy()).all() and shapely.is_valid(geometry).all()
    back = gpd.GeoSeries(geometry, crs=4490).to_crs(4549)
    assert np.abs(back.area - stars.area).max() < 0.02


def municipal(target, frame=None, crs=None):
    """The layer in the municipal profile, as JSON and as GDAL reads it."""
    layer = results() if frame is None else frame
    write_layer(layer, target, columns=RESULT_COLUMNS, overwrite=False, profile="municipal", crs=crs)
    return json.loads(target.read_text("utf-8"), parse_constant=strict), pyogrio.read_dataframe(target)


def test_the_municipal_profile_says_its_crs_and_keeps_places_and_areas(tmp_path):
    document, read = municipal(tmp_path / "m.geojson")
    assert document["crs"] == {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    assert (document["landgis"]["profile"], document["landgis"]["source_crs"]) == ("municipal", "EPSG:4549")
    assert read.crs.to_epsg() == 4490 and list(read["parcel_id"]) == IDS
    longitude, latitude = document["features"][0]["geometry"]["coordinates"][0][0]
    assert 119.9 < longitude < 120.1 and 29.8 < latitude < 29.83  # east first
    there = results().to_crs(4490)
    assert np.allclose(read.geometry[:2].bounds, there.geometry[:2].bounds, rtol=0, atol=1e-6)
    assert np.allclose(read.to_crs(4549).geometry.area[:2], [20_000, 9_600], rtol=1e-6)
    geodesic = [abs(Geod(ellps="GRS80").geometry_area_perimeter(shape)[0]) for shape in there.geometry[:2]]
    back = [abs(Geod(ellps="GRS80").geometry_area_perimeter(shape)[0]) for shape in read.geometry[:2]]
    assert np.allclose(back, geodesic, rtol=1e-6)


def test_the_municipal_profile_in_a_projected_zone(tmp_path):
    document, read = municipal(tmp_path / "m.geojson", crs="EPSG:4549")
    assert document["crs"]["properties"]["name"] == "urn:ogc:def:crs:EPSG::4549"
    assert read.crs.to_epsg() == 4549
    assert read.geometry[0].bounds == (500_000, 3_300_000, 500_100, 3_300_200)  # easting first
    assert read.geometry[:2].area.tolist() == pytest.approx([20_000, 9_600], rel=1e-9)
    _, elsewhere = municipal(tmp_path / "n.geojson", crs="4548")  # the zone of 117°E
    assert elsewhere.crs.to_epsg() == 4548
    assert np.allclose(elsewhere.to_crs(4549).geometry[0].bounds, read.geometry[0].bounds, atol=1e-5)


def test_wgs84_becomes_cgcs2000_at_the_same_place(tmp_path):
    frame = results().to_crs(4326)
    _, read = municipal(tmp_path / "m.geojson", frame)
    assert read.crs.to_epsg() == 4490
    assert np.allclose(read.geometry[:2].bounds, frame.geometry[:2].bounds, rtol=0, atol=1e-8)


@pytest.mark.parametrize("suffix", [suffix for suffix in LAYER_SUFFIXES if suffix not in (".csv", ".xlsx")])
def test_every_layer_of_the_municipal_profile_is_read_back_by_landgis_in_its_crs(tmp_path, suffix):
    target = tmp_path / f"m{suffix}"
    write_layer(results().iloc[:2], target, columns=RESULT_COLUMNS, overwrite=False, profile="municipal")
    raw = read_raw(str(target))
    assert raw.source.crs == "EPSG:4490"
    assert np.allclose(raw.frame.to_crs(4549).geometry.area, [20_000, 9_600], rtol=1e-6)


@pytest.mark.parametrize(("profile", "crs"), [("municipal", "EPSG:4326"), ("municipal", "EPSG:3857"), ("web", "EPSG:4490"), ("municipal", "moon")])  # fmt: skip
def test_a_crs_that_the_profile_does_not_have_is_refused_before_anything_is_written(tmp_path, profile, crs):
    with pytest.raises(UsageError):
        write_layer(
            results(), tmp_path / "m.geojson", columns=RESULT_COLUMNS, overwrite=False, profile=profile, crs=crs
        )
    assert list(tmp_path.iterdir()) == []


def test_the_web_profile_says_that_cgcs2000_was_taken_as_wgs84(made, tmp_path):
    about = json.loads(made.read_text("utf-8"))["landgis"]
    assert about["profile"] == "web" and "WGS 84" in about["datum"]
    written(tmp_path / "w.geojson", results().to_crs(4326))
    assert "datum" not in json.loads((tmp_path / "w.geojson").read_text("utf-8"))["landgis"]


def test_gdal_reads_made_parcels_and_every_column_as_they_were(tmp_path):
    """Parcels of the benchmark, spoiled ones and multipolygons among them, beside what geopandas itself writes."""
    chance = np.random.default_rng(11)
    grid = cells(400, chance)
    outlines = spoil(parcels(grid, chance), chance)
    outlines[7] = shapely.from_wkt("POLYGON ((0 0, 0 40, 40 40, 40 0, 0 0), (9 9, 20 9, 20 20, 9 20, 9 9))")
    outlines[7] = shapely.transform(outlines[7], lambda points: np.add(points, (480_000, 3_150_000)))
    one = pd.concat([results().drop(columns="geometry")] * 100, ignore_index=True)
    frame = gpd.GeoDataFrame(one, geometry=outlines, crs="EPSG:4549")
    written(tmp_path / "ours.geojson", frame)
    plain = frame.to_crs(4490).drop(columns=["比例", "停用", "标签"])  # which geopandas writes as texts
    plain.to_file(tmp_path / "peer.geojson", driver="GeoJSON", RFC7946="YES", COORDINATE_PRECISION=9, engine="pyogrio")
    ours, peer = (pyogrio.read_dataframe(tmp_path / f"{name}.geojson") for name in ("ours", "peer"))
    assert shapely.get_type_id(outlines[:400]).max() == 6 and len(ours) == 400
    assert shapely.equals_exact(
        shapely.normalize(ours.geometry.to_numpy()), shapely.normalize(peer.geometry.to_numpy()), 1.01e-9
    ).all()
    for name in plain.columns.drop("geometry"):
        if ours[name].dtype.kind == "f":
            assert np.allclose(ours[name], peer[name], rtol=1e-15, atol=0, equal_nan=True), name
        else:
            assert ours[name].astype(object).where(ours[name].notna(), None).tolist() == (
                peer[name].astype(object).where(peer[name].notna(), None).tolist()
            ), name


def test_a_layer_that_mixes_kinds_keeps_them_all(tmp_path):
    frame = results()
    frame.loc[2, "geometry"] = shapely.LineString([(500_000, 3_300_000), (500_050, 3_300_000)])
    assert written(tmp_path / "out.geojson", frame) == []
    features = json.loads((tmp_path / "out.geojson").read_text("utf-8"))["features"]
    kinds = [feature["geometry"] and feature["geometry"]["type"] for feature in features]
    assert kinds == ["Polygon", "Polygon", "LineString", None]


def test_no_row_at_all(tmp_path):
    written(tmp_path / "out.geojson", results().iloc[:0])
    assert json.loads((tmp_path / "out.geojson").read_text("utf-8"))["features"] == []
