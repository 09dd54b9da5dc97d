"""Parquet by stretches: the same bytes whatever path wrote them, and a bbox and types that are the outlines' own."""

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS

from landgis.columns import Columns
from landgis.errors import InputRefused
from landgis.io import write_parquet
from landgis.io.atomic import atomic_file
from landgis.io.outline_bytes import Drawn, plain_wkb
from landgis.io.write_stream import Layer, LayerWriter
from landgis.results import FIRM_COLUMNS, RESULT_COLUMNS
from tests.io.made_results import IDS, results

ROWS = 4
OWN = {"备注": ["一\n二", "", None, "㐂"], "比例": [0.1, np.inf, np.nan, -0.5], "序号": [1, 2, 3, 4],
       "停用": [True, False, True, True], "建成": pd.to_datetime(["2001-02-03", None, "1999-12-31", None])}  # fmt: skip


def frame():
    """The results by hand, with own columns of types that both paths know."""
    made = results()
    return made[[column.name for column in RESULT_COLUMNS] + ["geometry"]].assign(**OWN).rename(columns={"备注": "注"})


def as_columns(made, *, dictionaries=False):
    """The frame as the array path has it: numbers float64, texts large_string or dictionaries of them."""
    columns = {}
    for name in made.columns.drop("geometry"):
        series = made[name]
        if pd.api.types.is_bool_dtype(series):
            columns[name] = pa.array(series.to_numpy(bool))
        elif name == "序号":
            columns[name] = pa.array([1, 2, 3, 4], pa.int16())
        elif pd.api.types.is_numeric_dtype(series):
            columns[name] = series.to_numpy(float, na_value=np.nan)
        elif pd.api.types.is_datetime64_dtype(series):
            columns[name] = pa.array(series, from_pandas=True).cast(pa.date32())
        else:
            texts = pa.array([None if pd.isna(cell) else cell for cell in series], pa.large_string())
            columns[name] = coded(texts) if dictionaries else texts
    return Columns(columns)


def coded(texts):
    """The same texts as places in a list of words, which has them backwards and one that is never used."""
    words = ["nobody", *reversed(texts.drop_null().unique().to_pylist())]
    places = [None if text is None else words.index(text) for text in texts.to_pylist()]
    return pa.DictionaryArray.from_arrays(pa.array(places, pa.int8()), pa.array(words, pa.large_string()))


def wkb_of(made):
    return pa.array(shapely.to_wkb(made.geometry.to_numpy()), pa.large_binary())


def streamed(path, columns, wkb, stretch, bounds=None):
    layer = Layer(CRS.from_epsg(4549), "parcels", "宗地", bounds)
    with LayerWriter(path, RESULT_COLUMNS, layer, "yongkang-draft") as writer:
        for first in range(0, columns.size, stretch):
            writer.write(columns.stretch(first, first + stretch), wkb[first : first + stretch])
    return path


@pytest.mark.parametrize("stretch", [1, 3, 10])
@pytest.mark.parametrize("dictionaries", [False, True])
def test_both_paths_write_the_same_bytes(tmp_path, monkeypatch, stretch, dictionaries):
    monkeypatch.setattr(write_parquet, "STRETCH_ROWS", stretch)
    made = frame()
    write_parquet.write_geoparquet(made, tmp_path / "a.parquet", RESULT_COLUMNS, file="a", layer_name="parcels", title="宗地")  # fmt: skip
    path = streamed(tmp_path / "b.parquet", as_columns(made, dictionaries=dictionaries), wkb_of(made), stretch)
    assert path.read_bytes() == (tmp_path / "a.parquet").read_bytes()
    about = pq.read_metadata(path)
    assert [about.row_group(at).num_rows for at in range(about.num_row_groups)] == {1: [1] * 4, 3: [3, 1], 10: [4]}[stretch]  # fmt: skip


@pytest.mark.parametrize("first", [False, True])
def test_words_by_number_and_words_in_turn(tmp_path, first):
    made, paths = frame(), []
    for order in ((first, not first), (False, False)):
        paths.append(tmp_path / f"{order}.parquet")
        with LayerWriter(paths[-1], RESULT_COLUMNS, Layer(None)) as writer:
            for dictionaries in order:
                writer.write(as_columns(made, dictionaries=dictionaries), wkb_of(made))
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert pq.read_schema(paths[0]).field("grade").type == pa.string()


def test_what_is_in_it_by_hand(tmp_path):
    made = frame()
    path = streamed(tmp_path / "b.parquet", as_columns(made), wkb_of(made), 3)
    back = gpd.read_parquet(path)
    assert list(back.columns) == [*(column.name for column in RESULT_COLUMNS), "注", "比例", "序号", "停用", "建成", "geometry"]  # fmt: skip
    assert list(back["parcel_id"]) == IDS and back.crs.to_epsg() == 4549
    assert back["occupant_count"].tolist()[:2] == [1, 2] and pd.isna(back["occupant_count"][2])
    assert back["比例"].tolist()[0] == 0.1 and back["比例"].isna().tolist() == [False, True, True, False]
    assert back["注"].tolist()[:2] == ["一\n二", ""] and pd.isna(back["注"][2])
    assert list(back.geometry.isna()) == [False, False, True, False] and back.geometry.is_empty[3]
    geo = json.loads(pq.read_schema(path).metadata[b"geo"])["columns"]["geometry"]
    assert (geo["geometry_types"], geo["bbox"]) == (["Polygon"], [500_000, 3_300_000, 500_300, 3_300_200])
    assert json.loads(pq.read_metadata(path).metadata[b"landgis"]) == {
        "layer": "parcels", "title": "宗地", "rules_id": "yongkang-draft",
    }  # fmt: skip
    assert pq.read_schema(path).field("tax_per_mu").metadata[b"unit"] == "万元/亩".encode()


def test_bounds_that_are_known_are_not_looked_for(tmp_path):
    made = frame()
    path = streamed(tmp_path / "b.parquet", as_columns(made), wkb_of(made), 3, (1.0, 2.0, 3.0, 4.5))
    assert json.loads(pq.read_schema(path).metadata[b"geo"])["columns"]["geometry"]["bbox"] == [1, 2, 3, 4.5]
    path = streamed(tmp_path / "c.parquet", as_columns(made), wkb_of(made), 3, (np.nan,) * 4)
    assert "bbox" not in json.loads(pq.read_schema(path).metadata[b"geo"])["columns"]["geometry"]


def test_a_table(tmp_path):
    firms = pd.DataFrame({"enterprise_id": ["91330784MA2TEA0005", None], "year": [2024, 2023], "score": [71.249, None]})
    write_parquet.write_parquet(firms, tmp_path / "a.parquet", FIRM_COLUMNS, file="a")
    columns = {"enterprise_id": pa.array(["91330784MA2TEA0005", None]), "year": np.array([2024.0, 2023.0]), "score": np.array([71.249, np.nan])}  # fmt: skip
    with LayerWriter(tmp_path / "b.parquet", FIRM_COLUMNS) as writer:
        writer.write(Columns(columns))
    assert (tmp_path / "b.parquet").read_bytes() == (tmp_path / "a.parquet").read_bytes()
    assert pq.read_table(tmp_path / "b.parquet").to_pylist() == [
        {"enterprise_id": "91330784MA2TEA0005", "year": 2024, "score": 71.249},
        {"enterprise_id": None, "year": 2023, "score": None},
    ]


def test_no_rows(tmp_path):
    write_parquet.write_parquet(pd.DataFrame({"enterprise_id": pd.Series([], dtype="str")}), tmp_path / "a.parquet", FIRM_COLUMNS, file="a")  # fmt: skip
    assert pq.read_table(tmp_path / "a.parquet").num_rows == 0


def test_names_that_differ_in_case_only(tmp_path):
    columns = Columns({"score": np.array([1.0]), "SCORE": np.array([2.0]), "geometry": pa.array(["a"])})
    with LayerWriter(tmp_path / "b.parquet", RESULT_COLUMNS, Layer(None), file="out") as writer:
        writer.write(columns, pa.array([None], pa.binary()))
    assert [(one.code, one.place.file, one.place.field) for one in writer.remarks] == [
        ("W-OUT-RENAMED", "out", "SCORE")
    ]
    back = pq.read_table(tmp_path / "b.parquet")
    assert back.to_pylist() == [{"score": 1.0, "SCORE_2": 2.0, "geometry": "a", "geometry_2": None}]
    assert back.schema.field("SCORE_2").metadata is None
    geo = json.loads(back.schema.metadata[b"geo"])
    assert geo["primary_column"] == "geometry_2" and geo["columns"]["geometry_2"] == {"encoding": "WKB", "crs": None, "geometry_types": []}  # fmt: skip


def test_nothing_is_left_of_a_file_that_breaks_off(tmp_path):
    def write(columns):
        with atomic_file(tmp_path / "b.parquet", overwrite=True) as temporary, LayerWriter(temporary, RESULT_COLUMNS) as writer:  # fmt: skip
            writer.write(Columns({"score": np.array([1.0])}))
            writer.write(columns)

    with pytest.raises(ValueError):
        write(Columns({"score": np.array([1.0]), "grade": pa.array(["A"])}))
    assert list(tmp_path.iterdir()) == []
    write(Columns({"score": np.array([2.0])}))
    with pytest.raises(InputRefused), atomic_file(tmp_path / "no" / "b.parquet", overwrite=True):
        pass
    assert pq.read_table(tmp_path / "b.parquet")["score"].to_pylist() == [1.0, 2.0]


POINTS = st.tuples(st.integers(-50, 50), st.integers(-50, 50))
SHAPES = st.one_of(
    st.none(),
    st.just(shapely.from_wkt("POLYGON EMPTY")),
    st.builds(lambda points: shapely.Polygon(points), st.lists(POINTS, min_size=3, max_size=6)),
    st.builds(lambda at: shapely.MultiPolygon([shapely.box(*at, at[0] + 1, at[1] + 2)]), POINTS),
    st.builds(lambda at: shapely.box(*at, at[0] + 9, at[1] + 9) - shapely.box(at[0] + 1, at[1] + 1, at[0] + 2, at[1] + 3), POINTS),
    st.builds(shapely.LineString, st.lists(POINTS, min_size=2, max_size=3)),
)  # fmt: skip


@given(st.lists(SHAPES, max_size=8), st.integers(1, 4), st.booleans())
def test_types_and_bounds_are_those_of_geos(shapes, stretch, high):
    shapes = np.array([*shapes, None], dtype=object)[:-1]
    other = shapely.force_3d(shapes, 7.0) if high else shapes
    options = {"byte_order": 0} if len(shapes) % 2 else {"include_srid": True}
    wkb = pa.array(shapely.to_wkb(shapely.set_srid(other, 4549), **options), pa.large_binary())
    plain = plain_wkb(wkb)
    assert plain.to_pylist() == shapely.to_wkb(shapes).tolist()
    assert plain_wkb(plain).equals(plain)
    drawn = Drawn()
    for first in range(0, len(shapes), stretch):
        drawn.add(plain[first : first + stretch], boxes=True)
    known = shapes[~shapely.is_missing(shapes)]
    assert drawn.types == sorted({shape.geom_type for shape in known})
    box = shapely.total_bounds(known) if len(known) else np.full(4, np.nan)
    assert drawn.bounds == (None if np.isnan(box).any() else box.tolist())
