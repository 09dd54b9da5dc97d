"""CRSs by their names and numbers, coordinates that cannot be, and what areas are measured in.

The points are the brief's test vectors (domain §5.3): (120.03, 28.92) is E 502925.415, N 3200402.886 in EPSG:4549.
"""

import time

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS, Transformer

from landgis.errors import InputRefused, Place, UsageError
from landgis.io import crs_check
from landgis.io.crs import asked_crs, crs_of_wkt, measure_crs, measures_in_metres, shown
from landgis.io.crs_check import check_coordinates, lies_well, missing_crs
from landgis.io.zones import candidates, zone_of_code, zone_of_number

HERE = Place("f.gpkg", "parcels")
E, N = 502_925.415, 3_200_402.886
LON, LAT = 120.03, 28.92

GEOGCS = (
    'GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
)


def esri(name, meridian, easting):
    numbers = {"False_Easting": easting, "False_Northing": 0.0, "Central_Meridian": meridian, "Scale_Factor": 1.0}
    parameters = ",".join(
        f'PARAMETER["{key}",{value}]' for key, value in {**numbers, "Latitude_Of_Origin": 0.0}.items()
    )
    return f'PROJCS["{name}",{GEOGCS},PROJECTION["Gauss_Kruger"],{parameters},UNIT["Meter",1.0]]'


def box(x, y, size=100.0):
    return shapely.box(x - size / 2, y - size / 2, x + size / 2, y + size / 2)


def check(crs, *geometries):
    array = np.array(geometries, dtype=object)
    return check_coordinates(array, np.arange(1, len(array) + 1), CRS(crs), HERE)


def refusal(crs, *geometries):
    with pytest.raises(InputRefused) as caught:
        check(crs, *geometries)
    return caught.value.problems[0]


@pytest.mark.parametrize(
    ("wkt", "code"),
    [
        (GEOGCS, 4490),
        (esri("CGCS2000_3_Degree_GK_CM_120E", 120.0, 500_000.0), 4549),
        (esri("CGCS2000_3_Degree_GK_Zone_40", 120.0, 40_500_000.0), 4528),
        (esri("unnamed", 120.0, 500_000.0), 4549),
        (esri("CGCS2000_3_Degree_GK_CM_117E", 117.0, 500_000.0), 4548),
        (CRS(2385).to_wkt("WKT1_ESRI"), 2385),
        (CRS(2437).to_wkt("WKT1_ESRI"), 2437),
        (CRS(4549).to_wkt("WKT1_GDAL"), 4549),
        (CRS(32650).to_wkt("WKT1_ESRI"), 32650),
        (CRS(3857).to_wkt("WKT1_ESRI"), 3857),
        (CRS(25830).to_wkt("WKT2_2019"), 25830),
        (CRS(4326).to_wkt("WKT1_ESRI"), 4326),
    ],
)
def test_spellings_of_a_crs_become_its_epsg_code(wkt, code):
    assert crs_of_wkt(wkt, HERE).to_epsg() == code
    assert shown(crs_of_wkt(wkt, HERE)) == f"EPSG:{code}"


def test_a_crs_of_its_own_stays_what_it_is():
    crs = crs_of_wkt(esri("Yongkang_Local", 120.5, 500_000.0), HERE)
    assert crs.to_epsg() is None
    assert shown(crs) == "Yongkang_Local"
    assert crs.coordinate_operation.params[1].value == 120.5


@pytest.mark.parametrize("text", ["", "  ", "undefined", 'LOCAL_CS["site grid",UNIT["metre",1]]'])
def test_a_crs_that_says_nothing_is_none(text):
    assert crs_of_wkt(text, HERE) is None


def test_a_crs_that_cannot_be_read_is_refused():
    with pytest.raises(InputRefused, match="E-CRS-UNPARSABLE.*--crs"):
        crs_of_wkt('PROJCS["nonsense', HERE)


@pytest.mark.parametrize("text", ["EPSG:4549", "4549", " epsg:4549 "])
def test_a_user_names_a_crs(text):
    assert asked_crs(text).to_epsg() == 4549


@pytest.mark.parametrize("text", ["", "EPSG:0", "nowhere", "EPSG:123456789"])
def test_a_user_s_crs_that_does_not_exist_is_wrong_usage(text):
    with pytest.raises(UsageError, match="--crs"):
        asked_crs(text)


@pytest.mark.parametrize(
    ("crs", "x", "y"),
    [
        (4490, LON, LAT), (4326, LON, LAT), (4326, -73.98, 40.7), (4326, -179.9, -89.9), (4326, 0, 0),
        (4549, E, N), (4528, 40_000_000 + E, N), (4509, 792_000, 3_203_000), (2385, E, N), (2437, E, N),
        (3857, 13_361_678, 3_370_000), (3857, 1_605_000, 6_465_000), (25830, 554_000, 4_560_000), (2056, 2_615_000, 1_264_000),
        (32651, 210_000, 3_203_000), (6676, 15_000, -40_000), (2193, 1_750_000, 5_920_000), (3794, 460_000, 100_000),
        (32650, E + 290_000, N),
    ],
)  # fmt: skip
def test_good_coordinates_pass(crs, x, y):
    size = 0.001 if CRS(crs).is_geographic else 100
    assert check(crs, box(x, y, size)) == []


@pytest.mark.parametrize(
    ("crs", "x", "y", "code", "says"),
    [
        (4326, E, N, "E-CRS-RANGE", "EPSG:4549"),
        (4490, 40_000_000 + E, N, "E-CRS-RANGE", "EPSG:4528"),
        (4326, LAT, LON, "E-CRS-SWAPPED", "exchange"),
        (4490, 43.0, 87.6, "E-CRS-SWAPPED", "exchange"),  # Urumqi, in range either way
        (4326, 43.0, 87.6, "E-CRS-SWAPPED", "exchange"),
        (4549, LON, LAT, "E-CRS-EXTENT", "EPSG:4490"),
        (3857, LON, LAT, "E-CRS-EXTENT", "EPSG:4490"),
        (4549, N, E, "E-CRS-SWAPPED", "exchange"),
        (4528, N, 40_000_000 + E, "E-CRS-SWAPPED", "exchange"),
        (4549, 40_000_000 + E, N, "E-CRS-ZONE", "EPSG:4528"),
        (4548, 40_000_000 + E, N, "E-CRS-ZONE", "EPSG:4528"),
        (4528, 39_000_000 + E, N, "E-CRS-ZONE", "EPSG:4527"),
        (4528, E, N, "E-CRS-ZONE", "EPSG:4549"),
        (2364, E, N, "E-CRS-ZONE", "EPSG:2385"),
        (2385, 40_000_000 + E, N, "E-CRS-ZONE", "EPSG:2364"),
        (4549, N, 40_000_000 + E, "E-CRS-SWAPPED", "exchange"),
        (4549, 5_000_000, N, "E-CRS-EXTENT", "EPSG:4549"),
        (25830, 13_361_678, 3_370_000, "E-CRS-EXTENT", "EPSG:3857"),
        (4549, E, 8_000_000, "E-CRS-EXTENT", "outside"),
    ],
)
def test_coordinates_that_cannot_be_are_refused_with_what_fits(crs, x, y, code, says):
    size = 0.001 if abs(x) <= 180 else 100
    problem = refusal(crs, box(x, y, size))
    assert problem.code == code
    assert says in problem.render()
    assert (problem.place.file, problem.place.layer, problem.place.row) == ("f.gpkg", "parcels", 1)


def test_the_one_row_that_is_elsewhere_is_named():
    assert refusal(4549, box(E, N), box(E + 500, N), box(N, E)).place.row == 3
    assert refusal(4326, box(LON, LAT, 0.1), box(LAT, LON, 0.1)).place.row == 2


def test_outlines_over_the_180th_meridian():
    problem = refusal(4326, shapely.Polygon([(179, 0), (-179, 0), (-179, 1), (179, 1)]))
    assert (problem.code, problem.place.row) == ("E-GEOM-EXTENT", 1)
    assert "358°" in problem.render()
    assert refusal(4326, box(-170, 10, 1), box(170, 10, 1)).code == "E-GEOM-EXTENT"


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_coordinates_that_are_no_numbers_name_their_row(bad):
    with np.errstate(invalid="ignore"):
        broken = shapely.linestrings([(LON, LAT), (LON, bad), (LON + 1, LAT)])
    problem = refusal(4326, box(LON, LAT, 0.1), broken)
    assert (problem.code, problem.place.row) == ("E-GEOM-NAN", 2)


@pytest.mark.parametrize("crs", ["EPSG:5773", "EPSG:4978", "IAU_2015:30100"])
def test_heights_geocentres_and_the_moon_measure_no_land(crs):
    with pytest.raises(InputRefused, match="E-CRS-UNPARSABLE"):
        check(crs, box(0.5, 0.5, 1))


def test_a_layer_of_nothing_has_no_coordinates_to_check():
    assert check(4549, None, shapely.Polygon()) == []
    assert check_coordinates(np.array([], dtype=object), np.array([]), CRS(4549), HERE) == []


def test_degrees_outside_of_china_s_crs_are_a_remark():
    (remark,) = check(4490, box(0.5, 0.5, 1))
    assert remark.code == "W-CRS-AREA"


def test_a_missing_crs_is_refused_with_extent_and_what_fits():
    def text(*geometries):
        return str(missing_crs(np.array(geometries), np.arange(len(geometries)), HERE))

    assert "EPSG:4490" in text(box(LON, LAT, 0.1))
    assert "119.9800" in text(box(LON, LAT, 0.1))
    assert "EPSG:4549" in text(box(E, N))
    assert "EPSG:4528" in text(box(40_000_000 + E, N))
    assert "EPSG:3857" in text(box(13_361_678, 3_370_000))
    assert "exchange" in text(box(N, 40_000_000 + E))
    assert "--crs" in text()


@pytest.mark.parametrize(
    ("own", "lon", "lat", "expected"),
    [
        (4549, LON, LAT, 4549), (4528, LON, LAT, 4528), (25830, -2.3, 41.2, 25830),
        (4490, LON, LAT, 4549), (4326, 118.4, LAT, 4548), (4326, 118.6, LAT, 4549), (4326, 121.6, 31.2, 4550),
        (3857, LON, LAT, 4549), (4326, 74.0, 39.0, 4534), (4326, 135.9, 48.0, 4554),
        (4326, -73.98, 40.7, 32618), (4326, 14.4, 50.1, 32633), (3857, 14.4, 50.1, 32633), (4326, 151.2, -33.9, 32756),
        (4326, 179.999, 10, 32660), (4326, 180.0, 10, 32660), (4326, -180.0, 10, 32601), (2263, -73.98, 40.7, 32618),
    ],
)  # fmt: skip
def test_what_areas_are_measured_in(own, lon, lat, expected):
    assert measure_crs(CRS(own), lon, lat).to_epsg() == expected


def test_measure_crs_can_be_asked_for():
    assert measure_crs(CRS(4549), LON, LAT, "EPSG:32650").to_epsg() == 32650
    for wrong in ("EPSG:4326", "EPSG:3857", "EPSG:2263", "nowhere"):
        with pytest.raises(UsageError, match="--measure-crs"):
            measure_crs(CRS(4549), LON, LAT, wrong)


def test_feet_and_web_mercator_do_not_measure_in_metres():
    assert [measures_in_metres(CRS(code)) for code in (4549, 32650, 3857, 2263, 4326, 5514)] == [
        True, True, False, False, False, True,
    ]  # fmt: skip
    assert not measures_in_metres(CRS.from_wkt(CRS(3857).to_wkt("WKT1_ESRI")))


def test_zones_by_code_and_number():
    assert zone_of_code(4528).code == 4528
    assert [zone_of_code(code).meridian for code in (4549, 4528, 4509, 4498, 2385, 2416)] == [
        120,
        120,
        117,
        117,
        120,
        120,
    ]
    assert zone_of_number(21, "CGCS2000", numbered=True).code == 4499
    assert zone_of_number(38, "CGCS2000", numbered=True).code == 4526
    assert zone_of_number(24, "CGCS2000", numbered=True) is None
    assert candidates(1e9, 1e9) == []


def test_a_million_outlines_are_checked_in_a_moment():
    x = np.arange(1_000_000) % 1000 * 30.0
    y = np.arange(1_000_000) // 1000 * 30.0
    outlines = shapely.box(E - 15_000 + x, N - 15_000 + y, E - 14_980 + x, N - 14_980 + y)
    started = time.perf_counter()
    assert check_coordinates(outlines, np.arange(1_000_000), CRS(4549), HERE) == []
    assert time.perf_counter() - started < 3
    started = time.perf_counter()
    measure_crs(CRS(4490), LON, LAT)
    assert time.perf_counter() - started < 0.5


def test_the_brief_s_points_lie_where_it_says():
    point = gpd.GeoSeries([shapely.Point(LON, LAT)], crs=4490).to_crs(4549).iloc[0]
    assert (point.x, point.y) == (pytest.approx(E, abs=0.001), pytest.approx(N, abs=0.001))


@pytest.mark.parametrize("code", [4549, 4491, 2433, 2326, 27700, 27572, 2193, 3857])
def test_the_quick_answer_where_a_layer_lies_is_the_answer_of_the_way_to_wgs_84(code, monkeypatch):
    crs = CRS.from_epsg(code)
    area, to_plane = crs.area_of_use, Transformer.from_crs(4326, crs, always_xy=True)
    to_degrees = crs_check._transformer(crs, HERE)
    monkeypatch.setattr(crs_check, "_transformer", lambda *_: to_degrees)
    for beyond in (-0.1, 0.0, 1.4, 2.9, 3.1):
        lons, lats = (area.west - beyond, area.east + beyond), (area.south - beyond, area.north + beyond)
        for x, y in zip(*to_plane.transform([*lons, *lons], [*lats, *reversed(lats)]), strict=True):
            total = (x, y, x + 1, y + 1)
            asked = lies_well(total, crs, HERE)
            with monkeypatch.context() as plainly:
                plainly.setattr(crs_check, "_lies_far_inside", lambda *_: False)
                assert asked == lies_well(total, crs, HERE)


def test_a_layer_of_the_place_is_seen_to_lie_well_without_the_way_to_wgs_84(monkeypatch):
    monkeypatch.setattr(crs_check, "_transformer", None)
    assert lies_well((E, N, E + 5_000, N + 5_000), CRS.from_epsg(4549), HERE)


def test_a_projection_that_proj_does_not_have_is_no_fault():
    assert not lies_well((500_000, 7e6, 500_100, 7.1e6), CRS.from_epsg(2306), HERE)


@pytest.mark.parametrize(
    "box", [(N, E, N + 5, E + 5), (LON, LAT, LON + 1, LAT + 1), (1e7, 1e7, 2e7, 2e7), (np.inf,) * 4]
)
def test_a_layer_that_lies_elsewhere_is_no_case_for_the_quick_answer(box):
    assert not crs_check._lies_far_inside(box, CRS.from_epsg(4549))
    assert not lies_well(box, CRS.from_epsg(4549), HERE)
