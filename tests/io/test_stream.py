"""Streams against the plain reader: the same answer to the bit, or Unusual."""

import contextlib
import datetime

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.score.tables import make
from landgis.errors import InputRefused, UsageError
from landgis.io import outline_bytes, stream
from landgis.io.mapping import ColumnMapping, TableMapping
from landgis.io.outline_bytes import are_single_rings
from landgis.io.read import read_table
from landgis.io.stream import Unusual, open_stream
from landgis.io.write import write_layer
from landgis.io.write_stream import LayerWriter
from landgis.results import RESULT_COLUMNS
from landgis.tables import BLOCKS, BUILDINGS, ENTERPRISES, EVENTS, OCCUPANCIES, PARCELS, SITES, STREETS
from tests.io.made_parquet import is_unusual, require_same, square, streamed, written

USCC = "91330784MA2TEA0005"
DAY = datetime.date(2024, 2, 29)
OUTLINES = [shapely.to_wkb(square(0)), shapely.to_wkb(square(1)), shapely.to_wkb(square(2))]
KEYS = ["甲1", "B-2", "330784001001GB00003"]


@pytest.fixture(autouse=True)
def short_batches(monkeypatch):
    monkeypatch.setattr(stream, "BATCH_ROWS", 2)


def base(table):
    keys = {column.name: KEYS for column in table.columns if column.needed}
    return keys | ({"enterprise_id": [USCC, "F2", "F3"]} if "enterprise_id" in keys else {})


def three(*cells, kind=None):
    return pa.array(cells, kind)


text = pa.large_string()
SAME = {  # what a stream reads as the plain reader does
    "texts": (PARCELS, "right_holder", three("甲", None, "a b")),
    "blanks go": (PARCELS, "right_holder", three(" 甲 ", "\u3000乙", "\ta\t")),
    "empty is nothing": (PARCELS, "right_holder", three("", " ", "x")),
    "words for nothing": (PARCELS, "right_holder", three("无", "N/A", "－")),
    "a long dash": (PARCELS, "block_id", three("——", "b", "-")),
    "plain words for nothing": (PARCELS, "block_id", three("NULL", "none", "--")),
    "numbers as texts": (PARCELS, "land_use", three(102, None, 7)),
    "large_string": (PARCELS, "land_use", three("甲", None, "乙", kind=text)),
    "dictionaries": (PARCELS, "land_use", three("甲", None, "甲").dictionary_encode()),
    "nothing at all": (PARCELS, "land_use", pa.nulls(3)),
    "numbers": (PARCELS, "registered_area_m2", three(1.5, None, 2e3)),
    "whole numbers": (PARCELS, "registered_area_m2", three(1, None, 2, kind=pa.int32())),
    "small numbers": (PARCELS, "max_floor_area_ratio", three(1.1, 0.0, 2.2, kind=pa.float32())),
    "NaN": (PARCELS, "max_floor_area_ratio", three(float("nan"), 0.0, None)),
    "no number known": (PARCELS, "max_floor_area_ratio", pa.nulls(3)),
    "0 is not known": (PARCELS, "registered_area_m2", three(0.0, 1.0, 0.0)),
    "another unit": (PARCELS, "宗地面积(亩)", three(1.5, None, 2.0)),
    "the same unit": (PARCELS, "宗地面积(m²)", three(1.5, None, 2.0)),
    "codes": (PARCELS, "tenure", three("state_granted", None, "leased")),
    "words for codes": (PARCELS, "权利性质", three("出让", " 集体 ", "无")),
    "codes as numbers": (PARCELS, "tenure", three(102, 101, None)),
    "a column of units of something else": (BUILDINGS, "MJDW", three("1", "2", "3")),
    "whole keys": (BUILDINGS, "parcel_id", three(1, 2**60, None)),
    "words that ask": (BUILDINGS, "是否违建", three("是", "否", None)),
    "whole storeys": (BUILDINGS, "storeys", three(1.0, 3.0, None)),
    "heights": (BUILDINGS, "storey_heights_m", three("8.1;4", "4米、3", None)),
    "one height": (BUILDINGS, "storey_heights_m", three(4, 5, None)),
    "yes and no": (ENTERPRISES, "above_scale", three(True, None, False)),
    "words for yes": (ENTERPRISES, "above_scale", three("是", "规下", "—")),
    "ones and zeros": (ENTERPRISES, "above_scale", three(1, 0, None)),
    "years": (ENTERPRISES, "year", three(2024, 2023, None)),
    "credit codes": (ENTERPRISES, "enterprise_id", three(USCC, "913307840000000000", "913307840000059557")),
    "days": (OCCUPANCIES, "start_date", three(DAY, None, datetime.date(1900, 1, 1))),
    "times": (OCCUPANCIES, "start_date", three(datetime.datetime(2024, 2, 29, 13), None, None)),
    "days as texts": (OCCUPANCIES, "start_date", three("2024-02-29", "无", " 2024年3月1日")),
    "no day": (OCCUPANCIES, "end_date", pa.nulls(3)),
    "controls": (OCCUPANCIES, "storey", three("a\u200bb", "\x07", "c\x01")),
    "a soft hyphen": (PARCELS, "right_holder", three("a\u00adb", "b", "\u00ad")),
    "own texts": (PARCELS, "备注", three(" 甲", "", None)),
    "own whole numbers": (PARCELS, "序号", three(1, None, 2**53 + 1)),
    "own numbers": (PARCELS, "比例", three(1.5, None, float("inf"))),
    "own small numbers": (PARCELS, "比例", three(1.5, None, 0.1, kind=pa.float32())),
    "own large texts": (PARCELS, "备注", three(" 甲", "", None, kind=text)),
    "days in milliseconds": (OCCUPANCIES, "start_date", three(DAY, None, DAY, kind=pa.date64())),
    "unsigned": (PARCELS, "registered_area_m2", three(1, None, 255, kind=pa.uint8())),
    "a dictionary of numbers": (PARCELS, "land_use", three(1, 2, 1).dictionary_encode()),
    "own flags": (PARCELS, "停用", three(True, False, True)),
    "own days": (PARCELS, "建成", three(DAY, None, DAY)),
    "own times": (PARCELS, "登记", three(datetime.datetime(2024, 2, 29, 13), None, None)),
    "own days as times": (PARCELS, "登记", three(datetime.datetime(2024, 2, 29), None, datetime.datetime(1950, 1, 1))),
    "own days before, a time behind": (OCCUPANCIES, "登记", three(0, 86_400, 86_401).cast(pa.timestamp("s"))),
    "own nothing": (PARCELS, "空", pa.nulls(3)),
    "own dictionaries": (PARCELS, "类别", three("甲", None, " 甲").dictionary_encode()),
    "own controls": (OCCUPANCIES, "说明", three("a\u200bb", None, "c")),
    "a name that we use": (PARCELS, "score", three(1.0, 2.0, None)),
    "a name that we use, as texts": (OCCUPANCIES, "Grade", three("A\x01", None, "B")),
    "personal": (ENTERPRISES, "联系电话", three("0579-1", None, "2")),
    "an own text of a firm": (ENTERPRISES, "地址", three("城北 1", "2", None)),
    "an index": (PARCELS, "__index_level_0__", three(1, 2, 3)),
}
UNUSUAL = {  # what only the plain reader can settle
    "an empty key": (PARCELS, "parcel_id", three("a", None, "b")),
    "a key that says nothing": (PARCELS, "parcel_id", three("a", "无", "b")),
    "an empty needed key": (OCCUPANCIES, "parcel_id", three("a", None, "b")),
    "keys as fractions": (BUILDINGS, "parcel_id", three(1.0, None, 2.0)),
    "keys as dates": (BUILDINGS, "parcel_id", three(DAY, None, DAY)),
    "a code that became a number": (BUILDINGS, "parcel_id", three("3.3E+18", "b", "c")),
    "numbers as texts": (PARCELS, "registered_area_m2", three("1.5", "2", "3")),
    "a number that is true": (PARCELS, "registered_area_m2", three(True, False, True)),
    "infinite": (PARCELS, "registered_area_m2", three(1.0, float("inf"), 2.0)),
    "below the least": (PARCELS, "max_floor_area_ratio", three(1.0, -0.1, 2.0)),
    "too large": (PARCELS, "registered_area_m2", three(1.0, 1e12, 2.0)),
    "above the most": (BUILDINGS, "height_m", three(1.0, 1000.5, 2.0)),
    "half a storey": (BUILDINGS, "storeys", three(1.0, 1.5, 2.0)),
    "decimals": (BUILDINGS, "height_m", three(1, 2, 3).cast(pa.decimal128(30, 2))),
    "texts as fractions": (PARCELS, "land_use", three(1.5, 2.0, None)),
    "texts as flags": (PARCELS, "land_use", three(True, False, None)),
    "texts as days": (PARCELS, "land_use", three(DAY, DAY, None)),
    "unknown words": (PARCELS, "tenure", three("出让", "永久", None)),
    "neither yes nor no": (ENTERPRISES, "above_scale", three("是", "也许", None)),
    "two as a flag": (ENTERPRISES, "above_scale", three(1, 2, None)),
    "no heights": (BUILDINGS, "storey_heights_m", three("8.1;x", "4", None)),
    "no day": (OCCUPANCIES, "start_date", three("2024-02-30", None, None)),
    "a month": (OCCUPANCIES, "start_date", three("2024-02", None, None)),
    "a serial number": (OCCUPANCIES, "start_date", three("45000", None, None)),
    "days as numbers": (OCCUPANCIES, "start_date", three(20240229, None, None)),
    "a day of old": (OCCUPANCIES, "start_date", three(datetime.date(1899, 12, 31), None, None)),
    "times of a zone": (OCCUPANCIES, "start_date", three(0, 1, 2).cast(pa.timestamp("s", "Asia/Shanghai"))),
    "controls in a layer": (PARCELS, "right_holder", three("a\u200bb", "b", "c")),
    "one that only layers lose": (PARCELS, "right_holder", three("a\u2065b", "b", "c")),
    "own controls in a layer": (PARCELS, "备注", three("a\u200bb", "b", "c")),
    "a very long text": (PARCELS, "备注", three("长" * 65_536, "b", "c")),
    "no UTF-8": (PARCELS, "备注", pa.array([b"\xff\xfe", b"b", b"c"]).view(pa.string())),
    "no UTF-8 in a table": (OCCUPANCIES, "storey", pa.array([b"\xff\xfe", b"b", b"c"]).view(pa.string())),
    "bytes": (PARCELS, "照片", three(b"1", b"2", None)),
    "lists": (PARCELS, "标签", three([1], None, [])),
    "own times of a zone": (PARCELS, "登记", three(0, 1, None).cast(pa.timestamp("s", "Asia/Shanghai"))),
    "own times of a microsecond": (PARCELS, "登记", three(1, None, 2).cast(pa.timestamp("us"))),
    "own times of a day": (PARCELS, "登记", three(1, None, 2, kind=pa.time32("s"))),
    "own unsigned": (PARCELS, "序号", three(1, 2, 2**63, kind=pa.uint64())),
    "own flags with gaps": (PARCELS, "停用", three(True, None, True)),
    "own whole numbers with gaps in a table": (OCCUPANCIES, "序号", three(1, None, 2, kind=pa.int32())),
    "own dictionaries in a table": (OCCUPANCIES, "类别", three("甲", None, "乙").dictionary_encode()),
    "an indicator as texts": (ENTERPRISES, "设备数", three("1", "2", None)),
    "an indicator that nobody knows": (ENTERPRISES, "设备数", three("-", None, None)),
    "a column of units": (PARCELS, "MJDW", three("1", "2", "3")),
    "a name with a blank": (PARCELS, "备注 ", three("a", "b", "c")),
    "an invisible letter in a name": (PARCELS, "备\u200b注", three("a", "b", "c")),
}  # fmt: skip


def file(folder, table, name, cells, **how):
    columns = base(table) | {name: cells}
    if name == "MJDW":
        columns["宗地面积"] = [1.0, 2.0, 3.0]
    outlines = OUTLINES if table.spatial else None
    return written(folder / f"{table.name}.parquet", columns, outlines, row_group_size=2, **how)


@pytest.mark.parametrize("case", SAME)
def test_as_the_plain_reader(tmp_path, case):
    table, name, cells = SAME[case]
    require_same(file(tmp_path, table, name, cells), table)


@pytest.mark.parametrize("case", UNUSUAL)
def test_left_to_the_plain_reader(tmp_path, case):
    table, name, cells = UNUSUAL[case]
    assert is_unusual(file(tmp_path, table, name, cells), table)


def test_the_cases_are_no_accident(tmp_path):
    """Every file of the cases is one that streams when the column in question is left out."""
    for table in {table.name: table for table, _, _ in UNUSUAL.values()}.values():
        require_same(file(tmp_path, table, "其它", three("a", "b", "c")), table)


def wkb(shape, **how):
    return shapely.to_wkb(shapely.from_wkt(shape) if isinstance(shape, str) else shape, **how)


RING = [(480_000, 3_210_000), (480_040, 3_210_000), (480_040, 3_210_040), (480_000, 3_210_000)]
HOLE = "POLYGON ((480000 3210000, 480040 3210000, 480040 3210040, 480000 3210000), (480020 3210005, 480030 3210005, 480030 3210010, 480020 3210005))"
GOOD = wkb(square(7))
FLAWED = {  # outline → whether a stream takes it
    "a hole": (wkb(HOLE), True),
    "two parts": (wkb(shapely.MultiPolygon([square(3), square(5)])), True),
    "big-endian": (wkb(square(3), byte_order=0), True),
    "heights": (wkb(shapely.force_3d(square(3), 2.0)), True),
    "heights as ISO says": (wkb(shapely.force_3d(square(3), 2.0), flavor="iso"), True),
    "none": (None, True),
    "empty": (wkb("POLYGON EMPTY"), True),
    "a line": (wkb("LINESTRING (480000 3210000, 480010 3210000)"), True),
    "a bow tie": (wkb(shapely.Polygon([RING[0], RING[2], RING[1], (480_000, 3_210_040)])), True),
    "three points": (b"\x01\x03\0\0\0\x01\0\0\0\x03\0\0\0" + np.array([*RING[:2], RING[0]], float).tobytes(), True),
    "cut off": (GOOD[:-8], False),
    "a byte too many": (GOOD + b"\0", True),
    "no geometry": (b"none", False),
    "no byte": (b"", False),
    "NaN": (GOOD[:29] + np.array([np.nan]).tobytes() + GOOD[37:], False),
    "infinite": (GOOD[:37] + np.array([-np.inf]).tobytes() + GOOD[45:], False),
    "a hole with NaN": (wkb(HOLE)[:-40] + np.array([np.nan]).tobytes() + wkb(HOLE)[-32:], False),
    "arcs": (b"\x01\x08\0\0\0\x03\0\0\0" + np.array(RING[:3], float).tobytes(), False),
}  # fmt: skip


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("case", FLAWED)
def test_outlines(tmp_path, case, wide):
    outline, taken = FLAWED[case]
    outlines = pa.array([OUTLINES[0], outline, OUTLINES[2]], pa.large_binary() if wide else pa.binary())
    path = written(tmp_path / "p.parquet", {"parcel_id": KEYS}, outlines, row_group_size=2)
    if taken:
        require_same(path, PARCELS)
        return
    assert is_unusual(path, PARCELS)
    with pytest.raises(InputRefused):
        read_table(str(path), PARCELS)


def test_a_ring_that_was_not_closed(tmp_path):
    path = written(tmp_path / "p.parquet", {"parcel_id": KEYS}, [OUTLINES[0], OUTLINES[1], GOOD[:-16] + GOOD[-32:-16]])
    assert is_unusual(path, PARCELS)
    assert [problem.code for problem in read_table(str(path), PARCELS).problems] == ["W-GEOM-CLOSED"]


def test_many_rows_without_an_outline(tmp_path):
    outlines = [None if number % 2 else wkb(square(number)) for number in range(60)]
    columns = {"parcel_id": [f"P{number}" for number in range(60)], "registered_area_m2": [0.0, 1.0, 0.0] * 20}
    require_same(written(tmp_path / "p.parquet", columns, outlines, row_group_size=7), PARCELS)


@given(st.lists(st.lists(st.floats(width=32), min_size=0, max_size=12), max_size=6), st.binary(max_size=40))
def test_single_rings_are_what_geos_takes(rings, noise):
    """Bytes that pass are a closed polygon of finite points to GEOS; those that GEOS wrote of one do pass."""
    made = []
    for numbers in rings:
        points = numbers[: len(numbers) // 2 * 2]
        head = b"\x01\x03\0\0\0\x01\0\0\0" + (len(points) // 2).to_bytes(4, "little")
        made += [head + np.array(points).tobytes(), head + np.array(points + points[:2]).tobytes()]
    cells = pa.array([GOOD, GOOD, None, *made, noise, GOOD[:9] + noise], pa.binary())[1:]
    found = are_single_rings(cells)
    assert found[0] and not found[1]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outline_bytes, "kernels", lambda: None)
        assert are_single_rings(cells).tolist() == found.tolist()
    for outline, passed in zip([*made, noise], found[2:], strict=False):
        if passed:
            shape = shapely.from_wkb(outline)
            assert shape.geom_type == "Polygon" and np.isfinite(shapely.get_coordinates(shape)).all()


def mapped(**columns):
    return TableMapping("parcels", "m.toml", {name: ColumnMapping(**how) for name, how in columns.items()})


def test_mappings(tmp_path):
    columns = {
        "号": KEYS,
        "面": [1.0, 2.0, 3.0],
        "日": ["29.02.2024", "01.03.2024", None],
        "权": ["出让", None, "集体"],
    }
    path = written(tmp_path / "p.parquet", columns, OUTLINES)
    require_same(path, PARCELS, mapping=mapped(parcel_id={"column": "号"}, registered_area_m2={"column": "面", "factor": 2.5}, tenure={"column": "权"}))  # fmt: skip
    assert is_unusual(path, PARCELS)  # no parcel_id
    for more in ({"tenure": {"value": "leased"}}, {"tenure": {"column": "权", "values": {"出让": "leased"}}}, {"tenure": {"column": "不在"}}):  # fmt: skip
        assert is_unusual(path, PARCELS, mapping=mapped(parcel_id={"column": "号"}, **more))
    firms = written(tmp_path / "o.parquet", base(OCCUPANCIES) | {"日": columns["日"]})
    how = TableMapping("occupancies", "m.toml", {"start_date": ColumnMapping("日", format="%d.%m.%Y")})
    require_same(firms, OCCUPANCIES, mapping=how)


@pytest.mark.parametrize(
    ("seconds", "kind"), [((0, None, 86_400), "date32[day]"), ((0, None, 86_401), "timestamp[ms]")]
)
def test_times_are_written_as_the_plain_path_writes_them(tmp_path, seconds, kind):
    """All stretches alike, though only the last tells."""
    path = written(
        tmp_path / "p.parquet", {"parcel_id": KEYS, "登记": three(*seconds).cast(pa.timestamp("s"))}, OUTLINES
    )
    read = read_table(str(path), PARCELS)
    write_layer(read.frame, tmp_path / "plain.parquet", columns=RESULT_COLUMNS, overwrite=True)
    opened = open_stream(str(path), PARCELS)
    for batch in opened.batches(["登记"]):
        with LayerWriter(tmp_path / "one.parquet", RESULT_COLUMNS) as writer:
            writer.write(batch.columns)
        assert str(pq.read_schema(tmp_path / "one.parquet").field("登记").type) == kind
    assert str(pq.read_schema(tmp_path / "plain.parquet").field("登记").type) == kind


def test_wrong_check_characters_are_counted_over_the_batches(tmp_path):
    """The second and the third code, worked out by the formula, as GB 32100-2015 has it."""
    table, name, cells = SAME["credit codes"]
    (problem,) = streamed(file(tmp_path, table, name, cells), table)[0].problems
    assert (problem.code, problem.message.values["count"], problem.message.values["rows"]) == (
        "W-USCC-CHECK",
        2,
        "2, 3",
    )


def test_two_columns_that_claim_to_be_one(tmp_path):
    require_same(written(tmp_path / "p.parquet", {"ZDDM": KEYS, "地块编号": KEYS}, OUTLINES), PARCELS)


def test_what_a_layer_says_of_its_crs(tmp_path):
    degrees = [wkb(shapely.box(120 + i, 29, 120.1 + i, 29.1)) for i in range(3)]
    require_same(written(tmp_path / "a.parquet", {"parcel_id": KEYS}, degrees, "OGC:CRS84"), PARCELS)
    require_same(written(tmp_path / "b.parquet", {"parcel_id": KEYS}, degrees, "unsaid"), PARCELS)
    path = written(tmp_path / "c.parquet", {"parcel_id": KEYS}, OUTLINES, None)
    assert is_unusual(path, PARCELS)
    require_same(path, PARCELS, crs="EPSG:4549")
    path = written(tmp_path / "d.parquet", {"parcel_id": KEYS}, OUTLINES)
    require_same(path, PARCELS, crs="4549")
    assert is_unusual(path, PARCELS, crs="EPSG:4490")  # that it was not used has to be said
    with pytest.raises(UsageError):
        open_stream(str(path), PARCELS, crs="EPSG:nonsense")
    for crs in (4550, 4490, 4534, 3857):  # another zone, degrees, a zone further east; 3857 fits everywhere
        path = written(tmp_path / f"{crs}.parquet", {"parcel_id": KEYS}, OUTLINES, crs)
        try:
            require_same(path, PARCELS)
        except Unusual:
            assert crs != 3857


def test_other_files_are_left_to_the_plain_reader(tmp_path):
    layer = written(tmp_path / "layer.parquet", {"parcel_id": KEYS}, OUTLINES)
    rows = written(tmp_path / "rows.parquet", base(OCCUPANCIES))
    csv = tmp_path / "a.csv"
    csv.write_text("parcel_id\n1\n")
    empty = written(tmp_path / "empty.parquet", {"parcel_id": pa.array([], pa.string())}, [])
    points = pa.array([[EAST, EAST] for EAST in (1.0, 2.0, 3.0)], pa.list_(pa.float64()))
    native = written(tmp_path / "native.parquet", {"parcel_id": KEYS}, points)
    for path, table in [(layer, OCCUPANCIES), (rows, PARCELS), (layer, STREETS), (csv, PARCELS), (empty, PARCELS), (native, PARCELS), (tmp_path / "none.parquet", PARCELS)]:  # fmt: skip
        with pytest.raises(Unusual):
            open_stream(str(path), table)
    require_same(f"{layer}:layer", PARCELS)
    with pytest.raises(InputRefused, match="E-LAYER-MISSING"):
        open_stream(f"{layer}:other", PARCELS)
    twice = pa.Table.from_arrays([pa.array(KEYS)] * 3, names=["enterprise_id", "parcel_id", "parcel_id"])
    pq.write_table(twice, tmp_path / "twice.parquet")
    with pytest.raises(Unusual):
        open_stream(str(tmp_path / "twice.parquet"), OCCUPANCIES)


def test_an_own_column_called_as_the_outlines(tmp_path):
    path = written(tmp_path / "p.parquet", {"parcel_id": KEYS, "geometrx": KEYS}, OUTLINES)
    table = pq.read_table(path)
    about = table.schema.metadata[b"geo"].replace(b'"geometry"', b'"outline"')
    for name in ("geometrx", "geometry", ""):
        renamed = table.rename_columns(["parcel_id", name, "outline"]).replace_schema_metadata({"geo": about})
        pq.write_table(renamed, path)
        if name == "geometrx":
            require_same(path, PARCELS)
        else:
            assert is_unusual(path, PARCELS)


def test_a_ledger_with_a_row_a_parcel(tmp_path):
    columns = {
        "parcel_id": KEYS,
        "milestone": ["签约", "腾空", "VACATED"],
        "occurred_on": [DAY] * 3,
        "签约日": [DAY] * 3,
    }
    path = written(tmp_path / "e.parquet", columns)
    require_same(path, EVENTS)
    assert is_unusual(path, EVENTS, mapping=TableMapping("events", "m.toml", {"SIGNED": ColumnMapping("签约日")}))


def test_needed_numbers(tmp_path):
    columns = {"site_id": KEYS, "needs_m2": [1.0, 2.0, 3.0], "returns_m2": [0, 0, 1]}
    require_same(written(tmp_path / "s.parquet", columns), SITES)
    assert is_unusual(written(tmp_path / "s.parquet", columns | {"needs_m2": [1.0, None, 3.0]}), SITES)


def test_a_file_that_is_cut_off_in_the_middle_is_unusual(tmp_path):
    path = written(
        tmp_path / "rows.parquet", base(OCCUPANCIES) | {"storey": [f"{i:064d}" for i in range(3)]}, compression="zstd"
    )
    whole = bytearray(path.read_bytes())
    whole[40:80] = b"\xee" * 40
    path.write_bytes(whole)
    assert is_unusual(path, OCCUPANCIES)


def test_some_columns_and_faults_in_the_others(tmp_path):
    """What is not asked for is looked at all the same, once."""
    path = file(tmp_path, BUILDINGS, "storeys", three(1.0, 2.0, 2.5))
    opened = open_stream(str(path), BUILDINGS)
    with pytest.raises(Unusual):
        list(opened.batches(["building_id"]))
    opened = open_stream(str(file(tmp_path, BUILDINGS, "storeys", three(1.0, 2.0, 3.0))), BUILDINGS)
    (one, two) = opened.batches(["storeys", "no such column"])
    assert (
        list(one.columns) == ["storeys"] and one.wkb is None and (one.first, two.first, two.columns.size) == (0, 2, 1)
    )
    assert [batch.wkb.to_pylist() for batch in opened.batches([], outlines=True)] == [OUTLINES[:2], OUTLINES[2:]]


def test_a_pass_that_is_broken_off_counts_nothing_twice(tmp_path):
    columns = {"parcel_id": KEYS, "宗地面积": [0.0, 0.0, 1.0]}
    path = written(tmp_path / "p.parquet", columns, [None, OUTLINES[1], None], row_group_size=2)
    opened = open_stream(str(path), PARCELS)
    next(opened.batches(outlines=True))
    assert [one.code for one in opened.problems] == ["W-GEOM-NULL", "W-NOT-KNOWN"]
    for _ in range(2):
        list(opened.batches(outlines=True))
        assert opened.problems == read_table(str(path), PARCELS).problems


CELLS = st.one_of(
    st.lists(st.sampled_from(["甲", "b", "出让", "合法", "1", "是", " x", "无", "", None, "2024-01-02"]), min_size=3, max_size=3),
    st.lists(st.sampled_from([None, 0, 1, 2, 5, 2024, -1]), min_size=3, max_size=3),
    st.lists(st.sampled_from([None, 0.0, 1.0, 2.5, 1e12, float("nan"), float("inf")]), min_size=3, max_size=3),
    st.lists(st.sampled_from([None, True, False]), min_size=3, max_size=3),
    st.lists(st.sampled_from([None, DAY, datetime.date(1800, 1, 1)]), min_size=3, max_size=3),
    st.lists(st.text(st.characters(codec="utf-8"), max_size=4) | st.none(), min_size=3, max_size=3),
)  # fmt: skip


@pytest.mark.parametrize("table", [PARCELS, BUILDINGS, ENTERPRISES, OCCUPANCIES, BLOCKS], ids=lambda table: table.name)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(drawn=st.data())
def test_any_file(tmp_path, table, drawn):
    """Random columns under any name that the table knows, and others."""
    known = [name for column in table.columns for name in column.known_names[:2]]
    names = drawn.draw(st.lists(st.sampled_from([*known, "备注", "score", "序号"]), max_size=3, unique=True))
    columns = base(table) | {name: drawn.draw(CELLS) for name in names}
    path = written(tmp_path / "any.parquet", columns, OUTLINES if table.spatial else None, row_group_size=2)
    with contextlib.suppress(Unusual):
        require_same(path, table)


def test_the_files_of_the_benchmark_are_not_unusual(tmp_path, monkeypatch):
    monkeypatch.setattr(stream, "BATCH_ROWS", 700)
    made = make(tmp_path, 1000)
    for table in (PARCELS, BUILDINGS, ENTERPRISES, OCCUPANCIES):
        require_same(getattr(made, table.name), table)
        opened, _, _ = streamed(getattr(made, table.name), table)
        assert opened.rows >= 1000
