"""A project exported: which parcels are in it, in which CRS, and the same through the command as through the page."""

import csv
import datetime
import io
import json
import tempfile
import zipfile
from pathlib import Path

import geopandas as gpd
import openpyxl
import pyogrio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from landgis.errors import InputRefused
from landgis.workflow.export import FORMATS, Wanted, export_file, phases_layer
from landgis.workflow.lineage import Succession, replace_parcels
from tests.made_project import LOT_M2, PARCELS, lot, make_project, walk

DAY = datetime.date(2024, 6, 30)
EVERY = pytest.mark.parametrize("form", FORMATS)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    made = make_project(tmp_path_factory.mktemp("export"))
    walk(made, "P2", "IDENTIFIED", "PLANNED")
    return made


def read_back(form, exported):
    """Every row of an export as a dict, and its layer where it has one."""
    content = exported.content
    if form == "csv":
        text = content.decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text[text.index("parcel_id") :]))), None
    if form == "xlsx":
        header, *rows = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True)
        return [dict(zip(header, row, strict=True)) for row in rows], None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"export{FORMATS[form].sent}"
        path.write_bytes(content)
        layer = pyogrio.read_dataframe(path)
    return layer.to_dict("records"), layer


@EVERY
def test_as_many_rows_as_parcels_were_named_in_the_order_of_the_layer(project, form):
    exported = export_file(project, Wanted(form, DAY, ("P5", "P2", "P3")))
    rows, _ = read_back(form, exported)
    assert exported.rows == len(rows) == 3
    assert [row["parcel_id"] for row in rows] == ["P2", "P3", "P5"]
    assert [row["phase"] == "PLANNED" for row in rows] == [True, False, False]


@EVERY
def test_every_parcel_where_none_is_named_and_none_where_none_is_left(project, form):
    assert export_file(project, Wanted(form, DAY)).rows == len(PARCELS)
    nothing = export_file(project, Wanted(form, DAY, ()))
    assert (nothing.rows, read_back(form, nothing)[0]) == (0, [])


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chosen=st.sets(st.sampled_from(PARCELS)))
def test_the_count_is_the_number_of_parcels_named_whichever_they_are(project, chosen):
    layer = phases_layer(project, as_of=DAY, parcel_ids=chosen)
    assert layer["parcel_id"].tolist() == sorted(chosen)


def test_a_parcel_that_is_not_there_is_named_and_nothing_is_made(project):
    with pytest.raises(InputRefused, match="P9 is not there on 2024-06-30"):
        export_file(project, Wanted("csv", DAY, ("P1", "P9")))
    with pytest.raises(InputRefused) as refused:
        export_file(project, Wanted("csv", DAY, tuple(f"X{n}" for n in range(30))))
    assert len(refused.value.problems) == 21 and "10 more" in str(refused.value)


def test_a_parcel_that_others_replaced_is_exported_on_the_days_that_it_was_there(tmp_path):
    project = make_project(tmp_path)
    gpd.GeoDataFrame(
        {"parcel_id": ["P1a", "P1b"]}, geometry=[lot(0, wide=50), lot(0).difference(lot(0, wide=50))], crs=4549
    ).to_file(tmp_path / "new.gpkg")
    replace_parcels(project, Succession(["P1"], ["P1a", "P1b"], "2025-01-01", str(tmp_path / "new.gpkg")))
    assert phases_layer(project, as_of=DAY, parcel_ids=["P1"])["parcel_id"].tolist() == ["P1"]
    later = datetime.date(2026, 1, 1)
    assert phases_layer(project, as_of=later, parcel_ids=["P1b", "P1a"])["parcel_id"].tolist() == ["P1a", "P1b"]
    with pytest.raises(InputRefused, match="P1 is not there"):
        phases_layer(project, as_of=later, parcel_ids=["P1"])


@pytest.mark.parametrize("form", ["geojson", "gpkg", "shp"])
@pytest.mark.parametrize(("profile", "crs", "code"), [("web", None, None), ("municipal", None, 4490), ("municipal", "EPSG:4549", 4549)])  # fmt: skip
def test_profiles(project, form, profile, crs, code):
    _, layer = read_back(form, export_file(project, Wanted(form, DAY, ("P1", "P6"), profile, crs)))
    assert layer.crs.to_epsg() == (code or (4326 if form == "geojson" else 4549))
    area = layer.to_crs(4549).geometry.area.to_numpy()
    assert area == pytest.approx([LOT_M2, LOT_M2], rel=1e-6)


def test_a_shapefile_comes_with_all_that_belongs_to_it_and_the_same_bytes_again(project):
    first, second = (export_file(project, Wanted("shp", DAY, ("P1",))).content for _ in range(2))
    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {"parcels.shp", "parcels.dbf", "parcels.shx", "parcels.prj", "parcels.cpg", "parcels_fields.csv"} <= set(archive.namelist())  # fmt: skip
        assert archive.read("parcels.cpg") == b"GBK"
        assert "renov_mode,renovation_mode" in archive.read("parcels_fields.csv").decode("utf-8-sig")


def test_names_of_files():
    names = [Wanted(form, DAY, profile="municipal").name for form in FORMATS]
    assert names == [
        "parcels-2024-06-30-municipal.geojson", "parcels-2024-06-30-municipal.gpkg", "parcels-2024-06-30-municipal.zip",
        "parcels-2024-06-30.xlsx", "parcels-2024-06-30.csv",
    ]  # fmt: skip


def test_remarks_name_the_file_as_it_is_sent_and_no_folder(tmp_path):
    long = ["长" * 200, *["短"] * 5]
    project = make_project(tmp_path, 说明=long)
    wanted = Wanted("shp", DAY)
    remarks = export_file(project, wanted).remarks
    assert [(one.code, one.place.field) for one in remarks] == [("W-OUT-CUT", "说明")]
    assert {one.place.file for one in remarks} == {wanted.name}


def test_the_command_writes_the_municipal_profile(project, landgis, tmp_path):
    out = tmp_path / "m.geojson"
    ran = landgis("export", project.store.where, "--out", out, "--as-of", "2024-06-30", "--profile", "municipal")
    assert ran.code == 0, ran.err
    assert json.loads(out.read_text("utf-8"))["crs"]["properties"]["name"] == "urn:ogc:def:crs:EPSG::4490"
    wrong = landgis("export", project.store.where, "--out", tmp_path / "w.geojson", "--to-crs", "EPSG:4549")
    assert wrong.code == 2 and "--profile municipal" in wrong.err and not (tmp_path / "w.geojson").exists()
