"""GeoPackages: what may be in one, what is counted, and what SQLite or GDAL would change in silence."""

import math
import sqlite3
import struct
import time
from contextlib import closing

import geopandas as gpd
import pytest
import shapely

from landgis.errors import InputRefused, Place
from landgis.io.geopackage import check_package
from landgis.io.layers import look_into, read_layer
from tests.io.conftest import codes, write


@pytest.fixture
def package(plots, tmp_path):
    return write(plots, tmp_path / "p.gpkg", layer="parcels")


def run(path, *statements, without_triggers=True):
    with closing(sqlite3.connect(path)) as connection:
        if without_triggers:
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                connection.execute(f'DROP TRIGGER "{name}"')
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def refusal(path, layer=None, **options):
    with pytest.raises(InputRefused) as caught:
        read_layer(path, layer, **options)
    return caught.value.problems[0]


@pytest.mark.parametrize("cached", [0, 1, 99])
def test_all_rows_are_read_whatever_the_cached_count_says(package, cached):
    run(package, f"UPDATE gpkg_ogr_contents SET feature_count = {cached}")
    raw = read_layer(package, None)
    assert raw.frame["名称"].tolist() == ["宝山钢铁配套厂", "测试企业二"]
    assert codes(raw.problems) == ["W-GPKG-COUNT"]
    assert look_into(package)[0].features == 2


def test_rows_are_named_by_their_key(package):
    run(package, "UPDATE parcels SET fid = fid + 40")
    assert read_layer(package, None).rows.tolist() == [41, 42]


@pytest.mark.parametrize("blob", ["X'47500001'", "X'00'", "'text'", "X'47500001E6100000FFFFFFFFFFFF'"])
def test_a_damaged_outline_names_its_row(package, blob):
    run(package, f"UPDATE parcels SET geom = {blob} WHERE fid = 2")
    problem = refusal(package)
    assert (problem.code, problem.place.layer, problem.place.row) == ("E-GEOM-BLOB", "parcels", 2)


def test_an_empty_outline_keeps_its_row(package):
    run(package, "UPDATE parcels SET geom = NULL WHERE fid = 1")
    raw = read_layer(package, None)
    assert raw.frame.geometry.isna().tolist() == [True, False]
    assert [(p.code, p.place.row) for p in raw.problems] == [("W-GEOM-NULL", 1)]


def test_text_in_a_number_column_names_row_and_field(package):
    run(package, "UPDATE parcels SET count = '约2000' WHERE fid = 2")
    problem = refusal(package)
    assert (problem.code, problem.place.row, problem.place.field) == ("E-FIELD-TYPE", 2, "count")
    assert "约2000" in problem.render()


def test_text_that_is_not_utf_8_names_row_and_field(package):
    run(package, "UPDATE parcels SET 名称 = CAST(X'B1A6C9BD' AS TEXT) WHERE fid = 2")
    problem = refusal(package)
    assert (problem.code, problem.place.row, problem.place.field) == ("E-ENC", 2, "名称")


def test_views_are_no_layers_but_do_not_stand_in_the_way_of_a_table(package):
    run(
        package,
        "CREATE VIEW seen AS SELECT fid, 名称, geom FROM parcels",
        "INSERT INTO gpkg_contents(table_name, data_type, identifier, srs_id) SELECT 'seen', data_type, 'seen', srs_id FROM gpkg_contents",
        "INSERT INTO gpkg_geometry_columns SELECT 'seen', column_name, geometry_type_name, srs_id, z, m FROM gpkg_geometry_columns",
    )
    assert refusal(package).code == "E-GPKG-VIEW"
    assert refusal(package, "seen").code == "E-GPKG-VIEW"
    assert len(read_layer(package, "parcels").frame) == 2


@pytest.mark.parametrize(
    "view",
    [
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x AS fid FROM c",
        "SELECT load_extension('/nowhere') AS fid", "SELECT readfile('/etc/passwd') AS fid",
    ],
)  # fmt: skip
def test_views_that_could_run_something_refuse_the_file(package, view):
    run(package, f"CREATE VIEW bad AS {view}")
    started = time.perf_counter()
    assert refusal(package, "parcels").code == "E-GPKG-VIEW"
    assert time.perf_counter() - started < 2


def test_virtual_tables_but_the_r_tree_refuse_the_file(package):
    with closing(sqlite3.connect(package)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "INSERT INTO sqlite_master(type, name, tbl_name, rootpage, sql) VALUES "
            "('table', 'vo', 'vo', 0, 'CREATE  VIRTUAL\n TABLE vo USING VirtualOGR(''/etc/passwd'')')"
        )
        connection.commit()
    problem = refusal(package)
    assert (problem.code, problem.place.layer) == ("E-GPKG-VTABLE", "vo")


@pytest.mark.parametrize("name", ["a'b", 'a"b', "a;b", "a--b", "a\nb", "a`b"])
def test_layer_names_that_are_code(plots, tmp_path, name):
    path = write(plots, tmp_path / "n.gpkg", layer="x")
    quoted = name.replace("'", "''")
    run(path, "DELETE FROM gpkg_ogr_contents", f"UPDATE gpkg_contents SET table_name = '{quoted}'",
        f"UPDATE gpkg_geometry_columns SET table_name = '{quoted}'")  # fmt: skip
    assert refusal(path).code == "E-LAYER-NAME"


@pytest.mark.parametrize("name", ["宗地 2026", "c_tstx:xz-1.2", "p(1)"])
def test_layer_names_that_are_odd_but_names(plots, tmp_path, name):
    assert len(read_layer(write(plots, tmp_path / "n.gpkg", layer=name), name).frame) == 2


def test_damage_is_refused(package, tmp_path):
    content = package.read_bytes()
    for number, size in enumerate((50, 99, 4096, len(content) // 2, len(content) - 1)):
        path = tmp_path / f"cut{number}.gpkg"
        path.write_bytes(content[:size])
        assert refusal(path).code == "E-GPKG-INTEGRITY"
    other = tmp_path / "page.gpkg"
    other.write_bytes(content[: 4096 * 3] + b"\xaa" * 4096 + content[4096 * 4 :])
    assert refusal(other).code == "E-GPKG-INTEGRITY"


def test_a_database_that_is_no_geopackage(tmp_path):
    run(tmp_path / "x.gpkg", "CREATE TABLE a(b)", without_triggers=False)
    assert refusal(tmp_path / "x.gpkg").code == "E-FMT-UNSUPPORTED"


@pytest.mark.parametrize("suffix", ["-wal", "-journal", "-shm"])
def test_what_lies_beside_is_neither_read_nor_removed(package, suffix):
    beside = package.with_name(package.name + suffix)
    beside.write_bytes(b"\x37\x7f\x06\x82" + bytes(range(60)))
    content = package.read_bytes()
    raw = read_layer(package, None)
    look_into(package)
    assert len(raw.frame) == 2
    assert codes(raw.problems) == ["W-GPKG-WAL"]
    assert beside.read_bytes() == b"\x37\x7f\x06\x82" + bytes(range(60))
    assert package.read_bytes() == content
    assert sorted(file.name for file in package.parent.iterdir()) == sorted([package.name, beside.name])


def test_the_crs_of_a_layer(plots, tmp_path):
    path = write(plots.set_crs(None, allow_override=True), tmp_path / "none.gpkg", layer="x")
    assert refusal(path).code == "E-CRS-MISSING"
    assert read_layer(path, None, crs="EPSG:4549").frame.crs.to_epsg() == 4549
    path = write(plots.to_crs(4490), tmp_path / "deg.gpkg", layer="x")
    assert read_layer(path, None).frame.crs.to_epsg() == 4490


def test_triggers_of_the_standard_are_no_remark_and_others_are(package):
    assert check_package(package, Place("p.gpkg")).problems == []
    run(package, "CREATE TRIGGER mine AFTER UPDATE ON parcels BEGIN SELECT 1; END", without_triggers=False)
    (problem,) = check_package(package, Place("p.gpkg")).problems
    assert problem.code == "W-GPKG-TRIGGER"
    assert "mine" in problem.render()


def test_arcs_become_straight_lines(package):
    circle = [
        (500_000, 3_200_000),
        (500_050, 3_200_050),
        (500_100, 3_200_000),
        (500_050, 3_199_950),
        (500_000, 3_200_000),
    ]
    arcs = struct.pack("<BII", 1, 8, 5) + b"".join(struct.pack("<dd", *point) for point in circle)
    blob = b"GP\0\1" + struct.pack("<i", 4549) + struct.pack("<BII", 1, 10, 1) + arcs
    run(
        package,
        "UPDATE gpkg_geometry_columns SET geometry_type_name = 'GEOMETRY'",
        f"UPDATE parcels SET geom = X'{blob.hex()}' WHERE fid = 2",
    )
    raw = read_layer(package, None)
    assert raw.frame.geometry.geom_type.tolist() == ["Polygon", "Polygon"]
    assert raw.frame.geometry.area.iloc[1] == pytest.approx(math.pi * 50**2, rel=0.002)
    assert codes(raw.problems) == ["W-GEOM-CURVE"]


def test_binary_columns_are_left_out_and_dates_come_through(tmp_path):
    frame = gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.box(120, 28, 120.1, 28.1)], crs=4490)
    path = write(frame, tmp_path / "b.gpkg", layer="b")
    run(
        path,
        "ALTER TABLE b ADD COLUMN photo BLOB",
        "ALTER TABLE b ADD COLUMN day DATE",
        "UPDATE b SET photo = X'00FF', day = '2026-03-01'",
    )
    raw = read_layer(path, None)
    assert list(raw.frame.columns) == ["a", "day", "geometry"]
    assert str(raw.frame["day"].iloc[0])[:10] == "2026-03-01"
    assert codes(raw.problems) == ["W-FIELD-BINARY"]
