"""Tables as arrays, and the way to and from frames; that Arrow makes arrays without pandas."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from landgis.columns import Columns, encode, joined, numbers, texts
from landgis.frames import column_from, columns_of, frame_of


def test_a_column_that_is_not_there_is_unknown():
    table = Columns({"a": np.array([1.0, np.nan])})
    assert np.isnan(table.number("b")).all() and table.text("b").null_count == 2
    with pytest.raises(ValueError, match=r"columns of \[1, 2\] rows"):
        Columns({"a": np.zeros(1), "b": np.zeros(2)})


@pytest.mark.parametrize("series", [
    pd.Series(["a", None, "乙"], dtype="str"), pd.Series([1.5, np.nan, -0.0]), pd.Series([1, None, 3], dtype="Int64"),
    pd.Series([True, False, True]), pd.Series([None, None, None], dtype="str"),
])  # fmt: skip
def test_there_and_back(series):
    frame = pd.DataFrame({"it": series})
    back = frame_of(columns_of(frame))["it"]
    assert (
        back.astype(object).where(back.notna(), None).tolist()
        == series.astype(object).where(series.notna(), None).tolist()
    )


def test_what_is_mixed_is_text():
    assert column_from(pd.Series(["a", 3, None], dtype=object)).to_pylist() == ["a", "3", None]
    assert column_from(pd.Series(["a", "b", "a"], dtype="category")).to_pylist() == ["a", "b", "a"]


def test_stretches_and_positions():
    table = Columns({"n": np.arange(5.0), "t": pa.array(list("abcde"))})
    assert table.stretch(1, 3).size == 2 and table.stretch(4, 9).size == 1
    picked = table.take(np.array([4, 0]))
    assert (picked["n"].tolist(), picked["t"].to_pylist()) == ([4, 0], ["e", "a"])


def test_tables_one_behind_the_other():
    words = [pa.array(["b", None]), pa.array([], pa.string()), pa.array(["a"])]
    parts = [
        Columns({"t": word, "d": word.dictionary_encode(), "n": np.full(len(word), float(at))})
        for at, word in enumerate(words)
    ]
    whole = joined(iter(parts), 3)
    assert whole.size == 3 and whole.number("n").tolist() == [0, 0, 2]
    assert [whole.cells(name).to_pylist() for name in "td"] == [["b", None, "a"]] * 2


def test_kinds_of_columns_as_numbers_and_texts():
    coded = pa.array(["b", None, "b"]).dictionary_encode()
    assert encode(coded) is coded
    assert texts(coded).to_pylist() == ["b", None, "b"]
    assert texts(pa.array([1, None])).to_pylist() == ["1", None]
    assert numbers(pa.array([None, 2], pa.int32())).tolist() == pytest.approx([np.nan, 2], nan_ok=True)


LEAN = """
import sys
from landgis.lean import spare_pandas, with_pandas
spare_pandas()
import landgis.scoring.means, landgis.scoring.score
from landgis.rules import load_rules
from landgis.metrics.measure import measure
from landgis.metrics.tenants import Firms
import numpy as np, pyarrow as pa
from landgis.columns import Columns
parcels = Columns({"parcel_id": pa.array(["P"]), "registered_area_m2": np.array([6000.0])})
enterprises = Columns({"enterprise_id": pa.array(["E"]), "tax_wan": np.array([9.0]), "industry_code": pa.array(["33"])})
one = np.zeros(1, int)
firms = Firms(one, one, np.array([50.0]), pa.array(["owner"]), pa.array(["E"]), enterprises)
for name in ("yongkang-draft", "huangyan-2022", "cn-2008"):
    rules = load_rules(name)
    measures = measure(parcels, np.array([6000.0]), None, firms, rules)
    landgis.scoring.score.score(measures, parcels, rules)
print(sorted(name for name in ("pandas", "geopandas", "pyogrio", "fiona") if name in sys.modules))
import pandas as pd
with_pandas()
print(pa.array(pd.Series([1.0, None])).null_count, pa.array([1]).to_pandas().tolist())
"""


def test_scoring_imports_no_pandas_and_arrow_knows_it_again_when_asked():
    done = subprocess.run([sys.executable, "-c", LEAN], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == ["[]", "1 [1]"], done.stdout + done.stderr
