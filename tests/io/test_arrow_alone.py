"""Reading and writing Parquet without pandas, in processes of their own."""

import subprocess
import sys

import pyarrow.parquet as pq
import shapely

from tests.io.made_parquet import square, written

READ_AND_WRITE = """
import sys
from pathlib import Path
from landgis.io.arrow_alone import arrow_alone
with arrow_alone():
    import numpy as np, pyarrow as pa, pyarrow.compute as pc
    from landgis.io.stream import open_stream
    from landgis.io.write import check_target
    from landgis.io.write_stream import Layer, LayerWriter
    from landgis.results import RESULT_COLUMNS
    from landgis.tables import PARCELS
    opened = open_stream(sys.argv[1], PARCELS)
    with LayerWriter(Path(sys.argv[2]), RESULT_COLUMNS, Layer(opened.crs)) as writer:
        for batch in opened.batches(outlines=True):
            writer.write(batch.columns, batch.wkb)
    assert opened.lies_well((480_000.0, 3_210_000.0, 480_100.0, 3_210_040.0))
    print([one.code for one in opened.problems], pa.array([1, None]).fill_null(2).to_numpy().tolist())
    try:
        import pandas
    except ModuleNotFoundError as error:
        print(error.name)
print(sorted({"pandas", "geopandas", "shapely", "pyogrio", "fiona"} & set(sys.modules)))
"""
AFTERWARDS = """
import sys
from landgis.io.arrow_alone import arrow_alone
import pyarrow as pa
for _ in range(2):
    with arrow_alone():
        with arrow_alone():
            pa.array([1]), pa.scalar(2), pa.nulls(2, pa.int8()).to_numpy(zero_copy_only=False)
assert "pandas" not in sys.modules
import pandas as pd
with arrow_alone():
    import pandas
print(pa.array(pd.Series([1.5, None])).null_count, pa.array(pd.Series(["a", None], dtype="str")).type)
print(pa.Table.from_pandas(pd.DataFrame({"a": [1, 2]})).to_pandas()["a"].tolist(), [f for f in sys.meta_path if "landgis" in type(f).__module__])
"""


def ran(code, *arguments):
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


def test_no_pandas_and_no_geos_on_the_way(tmp_path):
    outlines = [shapely.to_wkb(square(0)), shapely.to_wkb(square(1))]
    columns = {"parcel_id": ["a", "b"], "ZDMJ": [0.0, 5.0], "tenure": ["出让", None], "备注": ["甲", " 乙"]}
    path = written(tmp_path / "p.parquet", columns, outlines)
    told = ran(READ_AND_WRITE, path, tmp_path / "out.parquet")
    assert told == ["['W-NOT-KNOWN'] [1, 2]", "pandas", "[]"]
    assert pq.read_table(tmp_path / "out.parquet")["备注"].to_pylist() == ["甲", "乙"]


def test_pandas_may_come_afterwards(tmp_path):
    assert ran(AFTERWARDS) == ["1 large_string", "[1, 2] []"]
