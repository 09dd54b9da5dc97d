"""Layers, good and bad, that the tests of reading share."""

import csv
import warnings
from pathlib import Path

import geopandas as gpd
import pytest
import shapely


@pytest.fixture(scope="session")
def manifest(hostile):
    """file → what has to happen, of the layers."""
    with hostile.path("manifest.csv").open(encoding="utf-8") as stream:
        return {row["file"]: row for row in csv.DictReader(stream) if row["file"][0] in "vzsjg"}


@pytest.fixture
def plots():
    """Two plots of 100 × 50 m in Yongkang, 20 m apart, in EPSG:4549."""
    boxes = [shapely.box(502_900, 3_200_400, 503_000, 3_200_450), shapely.box(503_020, 3_200_400, 503_120, 3_200_450)]
    return gpd.GeoDataFrame({"名称": ["宝山钢铁配套厂", "测试企业二"], "count": [1, 2]}, geometry=boxes, crs=4549)


def write(frame: gpd.GeoDataFrame, path: Path, **options) -> Path:
    """A frame to a file by pyogrio, without its remarks."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame.to_file(path, **options)
    return path


def codes(problems) -> list[str]:
    return [problem.code for problem in problems]
