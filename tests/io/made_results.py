"""A small layer as the workflow hands it to the writers, fixed by hand: Chinese, gaps, formulas, odd columns."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from landgis.io.write import write_layer
from landgis.results import RESULT_COLUMNS

ROWS = 4
CRS = 4549  # CGCS2000, 3-degree zone with the central meridian 120°E, no zone prefix
IDS = ["330784001002GB00123", "330784001002GB00124", '永康-甲，"3"', "=1+1"]  # fmt: skip
SQUARE = shapely.box(500_000, 3_300_000, 500_100, 3_300_200)
WITH_HOLE = shapely.from_wkt(
    "POLYGON ((500200 3300000, 500200 3300100, 500300 3300100, 500300 3300000, 500200 3300000),"
    " (500220 3300020, 500240 3300020, 500240 3300040, 500220 3300040, 500220 3300020))"
)
OWN = {
    "企业名称": ["永康市某某五金有限公司", "＠甲", " -2", None],
    "备注": ["一\n二", "", "\t+86", "㐂龘"],
    "序号": [1, 2, 3, 4],
    "长号": [2**53 + 1, 2, 3, 4],
    "比例": [0.1, float("inf"), None, -0.5],
    "停用": [True, False, None, True],
    "类别": pd.Categorical(["甲", "乙", "甲", None]),
    "建成日期": pd.to_datetime(["2001-02-03", None, "1999-12-31", "2020-02-29"]),
    "登记时间": pd.to_datetime(["2001-02-03 04:05:06", None, None, None]),
    "标签": [["违建", 1], None, {"a": "中"}, []],
}


def results() -> gpd.GeoDataFrame:
    """Two squares, a row without geometry and a row with an empty one."""
    columns = {}
    for column in RESULT_COLUMNS:
        if column.kind in ("key", "text"):
            columns[column.name] = pd.Series([f"{column.title} 文{i}" for i in range(ROWS)], dtype="str")
        elif column.kind == "integer":
            columns[column.name] = pd.array([1, 2, None, 4], dtype="Int64")
        else:
            columns[column.name] = pd.Series([1.5, 0.0, None, 1 / 3])
    columns |= {"parcel_id": pd.Series(IDS, dtype="str"), "rules_id": pd.Series(["yongkang-draft"] * ROWS)}
    outlines = [SQUARE, WITH_HOLE, None, shapely.from_wkt("POLYGON EMPTY")]
    return gpd.GeoDataFrame(columns | OWN, geometry=outlines, crs=CRS)


def written(path: Path, frame: gpd.GeoDataFrame | None = None) -> list[str]:
    """Write the layer; the codes of the remarks."""
    layer = results() if frame is None else frame
    return [problem.code for problem in write_layer(layer, path, columns=RESULT_COLUMNS, overwrite=True)]


def digest_in_another_process(name: str) -> dict[str, str]:
    """File name → digest of all that a process of its own writes for `name`, on another day."""
    code = (
        "import sys, tempfile; from pathlib import Path; from tests.io.made_results import digests\n"
        "print(digests(Path(tempfile.mkdtemp()), sys.argv[1]))"
    )
    command = [sys.executable, "-c", code, name]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    return dict(json.loads(done.stdout))


def digests(folder: Path, name: str) -> str:
    written(folder / name)
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}
    return json.dumps(found)
