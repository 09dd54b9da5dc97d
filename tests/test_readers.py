"""What others make of our output: the sample, read by Debian's GDAL, years older than the one that wrote it."""

import subprocess
from pathlib import Path

import pytest

from tests.debian import need

SAMPLE = Path(__file__).parents[1] / "data" / "parcels"


@pytest.mark.parametrize(
    ("name", "crs"),
    [
        ("out.geojson", 'ID["EPSG",4326]'),
        ("out.gpkg", 'ID["EPSG",4549]'),
        ("out.fgb", 'ID["EPSG",4549]'),
        ("out.shp", "CGCS2000"),
    ],
)
def test_gdal_reads_every_row_the_crs_and_the_chinese(landgis, tmp_path, name, crs):
    ogrinfo = need("ogrinfo", "gdal-bin")
    zone = SAMPLE / "zone.gpkg"
    ran = landgis("score", "--parcels", f"{zone}:parcels", "--buildings", f"{zone}:buildings", "--out", tmp_path / name)
    assert ran.code == 0, ran.err
    said = subprocess.run([ogrinfo, "-al", tmp_path / name], capture_output=True, text=True, check=True).stdout
    assert "Feature Count: 1104" in said
    assert crs in said
    assert "120" in said  # the central meridian, or the longitude
    assert "容积率 0.00 低于标准 1.00" in said
    assert said.count("Layer name:") == 1
