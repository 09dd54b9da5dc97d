"""A file and what its columns mean → a table in canonical columns, worked out by hand."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from landgis.io.columns import to_read
from landgis.io.headers import find_header, guess_table, match_columns
from landgis.io.mapping import ColumnMapping, TableMapping
from landgis.io.raw import Raw, Source
from landgis.tables import BLOCKS, BUILDINGS, ENTERPRISES, EVENTS, OCCUPANCIES, PARCELS, STREETS, TABLES
from tests.io.made_tables import codes, problems, raw, read, words


def layer(columns, crs=4549, shapes=None):
    size = len(next(iter(columns.values())))
    boxes = [shapely.box(i, 0, i + 1, 1) for i in range(size)]
    frame = gpd.GeoDataFrame(columns, geometry=boxes if shapes is None else shapes, crs=crs)
    return Raw(frame, np.arange(1, size + 1), Source("p.gpkg", "p", "GPKG"))


def mapped(table, **columns):
    return TableMapping(
        table,
        "m.toml",
        {name: how if isinstance(how, ColumnMapping) else ColumnMapping(how, line=1) for name, how in columns.items()},
    )


ALL = [
    (table, column.name, name)
    for table in TABLES.values()
    for column in table.columns
    for name in (column.name, *column.aliases)
]


@pytest.mark.parametrize(("table", "name", "alias"), ALL, ids=[f"{t.name}-{a}" for t, _, a in ALL])
def test_every_alias_in_every_dress(table, name, alias):
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in alias)
    for dressed in (
        alias,
        alias.lower(),
        alias.upper(),
        f" {alias} ",
        f"{alias}(㎡)",
        f"{alias}（万元）",
        f"{alias}【备注】",
        f"*{alias}",
        wide,
    ):
        assert match_columns([dressed], table).get(name) is not None, dressed


def test_units_in_the_header_convert():
    result = read(
        {
            "企业编号": ["F1"],
            "产值(亿元)": ["1.5"],
            "税收（元）": ["20000"],
            "营业收入(万元)": [3],
            "增加值(2023年)": [4],
        },
        ENTERPRISES,
    )
    row = result.frame.iloc[0]
    assert (row["output_wan"], row["tax_wan"], row["revenue_wan"], row["value_added_wan"]) == (15_000, 2, 3, 4)
    assert codes(result) == ["W-UNIT", "W-UNIT"]
    assert dict(result.source.columns)["output_wan"] == "产值(亿元)"


def test_areas_in_mu_by_header():
    result = to_read(layer({"ZDDM": ["P1", "P2"], "宗地面积（亩）": [1.5, 3.0]}), PARCELS)
    assert result.frame["registered_area_m2"].tolist() == [1000, 2000]


@pytest.mark.parametrize(
    "unit",
    [
        ["2", "3", "1", None],
        [2, 3, 1, None],
        [2.0, 3.0, 1.0, None],
        ["亩", "公顷", "㎡", None],
        ["2.0", "3", "1", None],
    ],
)
def test_areas_by_a_column_with_their_unit(unit):
    result = to_read(
        layer({"ZDDM": list("abcd"), "ZDMJ": [1.5, 1, 7, None], "mjdw": pd.Series(unit, dtype=object)}), PARCELS
    )
    assert result.frame["registered_area_m2"].tolist()[:3] == [1000, 10_000, 7]
    assert np.isnan(result.frame["registered_area_m2"][3])
    assert codes(result) == ["W-UNIT"]


def test_an_unknown_unit_of_area_is_refused():
    table = layer({"ZDDM": ["a", "b", "c"], "ZDMJ": [1.5, 1, 1], "MJDW": ["1", "4", None]})
    assert problems(to_read, table, PARCELS) == [("E-UNIT", 2, "MJDW"), ("E-UNIT", 3, "MJDW")]


def test_canonical_areas_are_square_metres_whatever_mjdw_says():
    result = to_read(layer({"parcel_id": ["a"], "registered_area_m2": [7.0], "MJDW": ["2"]}), PARCELS)
    assert result.frame["registered_area_m2"].tolist() == [7]


def test_the_canonical_name_wins_over_an_alias_and_the_first_alias_over_the_next():
    result = read({"面积": [1], "建筑面积": [2], "企业编号": ["F"], "parcel_id": ["P"], "地块编号": ["Q"]}, OCCUPANCIES)
    assert result.frame["floor_area_m2"].tolist() == [2]
    assert result.frame["parcel_id"].tolist() == ["P"]
    assert result.frame[["面积", "地块编号"]].iloc[0].tolist() == [1, "Q"]
    assert codes(result) == ["W-COLUMN-TWICE", "W-COLUMN-TWICE"]


def test_a_mapping_wins_over_names():
    mapping = mapped("parcels", parcel_id="BBL", registered_area_m2=ColumnMapping("LotArea", factor=0.09290304))
    table = layer({"parcel_id": ["x"], "BBL": [1000010010.0], "LotArea": [1000], "ZDMJ": [5]})
    result = to_read(table, PARCELS, mapping=mapping)
    assert result.frame["parcel_id"].tolist() == ["1000010010"]
    assert result.frame["registered_area_m2"].tolist() == [pytest.approx(92.90304)]
    assert result.frame["parcel_id_in"].tolist() == ["x"]
    assert list(result.frame.columns) == ["parcel_id", "registered_area_m2", "parcel_id_in", "ZDMJ", "geometry"]


def test_one_column_may_serve_twice_and_a_value_all_rows():
    mapping = mapped(
        "buildings",
        building_id="BBL",
        parcel_id="bbl",
        legality=ColumnMapping(value="legal"),
        storeys=ColumnMapping(value=3),
    )
    result = to_read(layer({"BBL": ["1", "2"]}), BUILDINGS, mapping=mapping)
    assert result.frame.drop(columns="geometry").to_numpy().tolist() == [
        ["1", "1", 3.0, "legal"],
        ["2", "2", 3.0, "legal"],
    ]


def test_a_mapped_column_that_is_not_there_lists_those_that_are():
    mapping = mapped("parcels", parcel_id="地块")
    assert problems(to_read, layer({"编码": ["P1"], "用途": ["x"]}), PARCELS, mapping=mapping) == [
        ("E-MAP-SOURCE", None, "地块")
    ]
    assert "编码, 用途" in words(to_read, layer({"编码": ["P1"], "用途": ["x"]}), PARCELS, mapping=mapping)


def test_missing_needed_columns():
    assert problems(read, {"a": [1]}, OCCUPANCIES) == [
        ("E-COLUMN-MISSING", None, "enterprise_id"),
        ("E-COLUMN-MISSING", None, "parcel_id"),
    ]
    assert "--mapping" in words(read, {"a": [1]}, OCCUPANCIES)
    result = read({"地块编号": ["P1"]}, OCCUPANCIES, lenient=True)
    assert codes(result) == ["W-COLUMN-NEEDED"]


def test_a_spatial_table_needs_outlines_and_another_does_without():
    assert problems(read, {"parcel_id": ["P1"]}, PARCELS) == [("E-GEOM-MISSING", None, None)]
    result = to_read(layer({"企业编号": ["F1"], "地块编号": ["P1"]}), OCCUPANCIES)
    assert list(result.frame.columns) == ["enterprise_id", "parcel_id"]


def test_streets_are_lines():
    road = shapely.LineString([(0, 0), (9, 0)])
    both = shapely.MultiLineString([[(0, 0), (9, 0)], [(9, 1), (9, 5)]])
    columns = {"道路名称": ["长城路", "甲", "乙", "丙"], "红线宽度(米)": ["40", None, "0", "12.5"]}
    result = to_read(layer(columns, shapes=[road, both, None, road]), STREETS)
    assert result.frame["name"].tolist() == columns["道路名称"]
    assert result.frame["width_m"].fillna(-1).tolist() == [40, -1, -1, 12.5]
    assert result.frame.geometry.tolist() == [road, both, None, road]
    mixed = layer(columns, shapes=[road, road.buffer(1), None, road.centroid])
    assert problems(to_read, mixed, STREETS) == [("E-GEOM-TYPE", 2, "geometry"), ("E-GEOM-TYPE", 4, "geometry")]
    assert problems(read, {"name": ["长城路"]}, STREETS) == [("E-GEOM-MISSING", None, None)]


def test_outlines_keep_their_crs_and_are_called_geometry():
    table = layer({"ZDDM": ["P1"]})
    table.frame = table.frame.rename_geometry("shape")
    result = to_read(table, PARCELS)
    assert (result.frame.active_geometry_name, result.frame.crs.to_epsg(), result.source.rows) == ("geometry", 4549, 1)


def test_duplicate_and_missing_keys_refuse_parcels():
    table = layer({"ZDDM": ["P1", "P2", "P1", None, "P2", "P1"]})
    assert problems(to_read, table, PARCELS) == [
        ("E-ID-MISSING", 4, "ZDDM"),
        ("E-ID-DUP", 1, "ZDDM"),
        ("E-ID-DUP", 2, "ZDDM"),
    ]
    assert "(1, 3, 6)" in words(to_read, table, PARCELS)


def test_a_firm_may_stand_once_a_year():
    rows = {"企业编号": ["F1", "F1", "F1"], "年度": [2022, 2023, 2023]}
    assert problems(read, rows, ENTERPRISES) == [("E-ID-DUP", 3, "企业编号")]
    assert "(3, 4)" in words(read, rows, ENTERPRISES)
    assert problems(read, {"企业编号": ["F1", "F1"]}, ENTERPRISES) == [("E-ID-DUP", 2, "企业编号")]
    assert len(read({"企业编号": ["F1", "F1"], "年度": [2022, 2023]}, ENTERPRISES).frame) == 2


def test_rows_without_a_key_are_set_aside():
    result = read({"企业编号": ["F1", None, "F3"], "地块编号": ["P1", "P2", ""], "面积": [1, 2, 3]}, OCCUPANCIES)
    assert result.frame["enterprise_id"].tolist() == ["F1"]
    assert result.frame.index.tolist() == [0]
    assert result.rows.tolist() == [2]
    assert [(row.row, row.id, row.problem.code, row.problem.place.field) for row in result.set_aside] == [
        (3, None, "W-ID-MISSING", "企业编号"), (4, "F3", "W-ID-MISSING", "地块编号")]  # fmt: skip
    assert len(result.frame) + len(result.set_aside) == 3


def test_nothing_left_is_refused():
    assert problems(read, {"企业编号": [None], "地块编号": ["P1"]}, OCCUPANCIES) == [
        ("E-EMPTY", None, None),
        ("W-ID-MISSING", 2, "企业编号"),
    ]
    assert problems(read, {"企业编号": [], "地块编号": []}, OCCUPANCIES) == [("E-EMPTY", None, None)]
    assert codes(read({"企业编号": [], "地块编号": []}, OCCUPANCIES, lenient=True)) == ["W-EMPTY"]


def test_all_faults_are_said_at_once_and_capped():
    rows = {"企业编号": [f"F{i}" for i in range(60)], "产值": ["x"] * 60, "税收": ["1"] * 59 + ["?"]}
    found = problems(read, rows, ENTERPRISES)
    assert found[:50] == [("E-FIELD-TYPE", row, "产值") for row in range(2, 52)]
    assert found[50:] == [("E-FIELD-TYPE", None, "产值"), ("E-FIELD-TYPE", 61, "税收")]
    assert "10 more rows" in words(read, rows, ENTERPRISES)


def test_a_fault_shows_sixty_characters_of_the_value():
    said = words(read, {"企业编号": ["F1"], "产值": ["x\n" + "y" * 100]}, ENTERPRISES)
    assert f"x {'y' * 57}…" in said
    assert "\n" not in said


def test_unknown_columns_pass_through_and_get_out_of_the_way():
    result = read(
        {"企业编号": ["F1"], "Score": ["7"], "景气": ["1.5"], "name_en": ["a\u202eb"], "备注 ": ["x"]}, ENTERPRISES
    )
    assert list(result.frame.columns) == ["enterprise_id", "Score_in", "景气", "name_en", "备注 "]
    assert result.frame["景气"].tolist() == [1.5]  # an indicator of a firm is a number
    assert result.frame["name_en"].tolist() == ["ab"]
    assert codes(result) == ["W-COLUMN-RENAMED", "W-TEXT-CTRL"]


def test_mixed_cells_of_unknown_columns_become_texts():
    result = read(
        {"企业编号": ["F1", "F2"], "地块编号": ["P", "P"], "x": [1, "a"], "y": [1, 2.5], "z": [True, None]}, OCCUPANCIES
    )
    assert result.frame["x"].tolist() == ["1", "a"]
    assert result.frame["y"].tolist() == [1, 2.5]
    assert result.frame["z"].tolist()[0] == "true"


def test_personal_data_is_remarked_on():
    result = read(
        {
            "企业编号": ["F1"],
            "法人": ["张三"],
            "身份证": ["310101199001011234"],
            "手机": ["13800138000"],
            "法人单位名称": ["x"],
        },
        ENTERPRISES,
    )
    assert [(p.code, p.place.field) for p in result.problems] == [
        ("W-PII", "法人"),
        ("W-PII", "身份证"),
        ("W-PII", "手机"),
    ]
    assert result.frame["身份证"].tolist() == ["310101199001011234"]


def test_a_column_that_stands_twice():
    frame = pd.DataFrame([["F1", "F2"]], columns=["企业编号", "企业编号"])
    assert problems(to_read, Raw(frame, np.array([2]), Source("x")), ENTERPRISES) == [("E-FIELD-DUP", None, "企业编号")]


def test_long_events():
    result = read(
        {"地块编号": ["P1", "P2"], "节点": ["签约", "拆除"], "日期": ["2026-01-02", None], "类型": ["实际", None]},
        EVENTS,
    )
    assert result.frame.astype(str).to_numpy().tolist() == [["P1", "SIGNED", "2026-01-02", "actual"]]
    assert [(row.row, row.problem.code) for row in result.set_aside] == [(3, "W-VALUE-MISSING")]


WIDE = {"地块编号": ["P1", "P2", None, "P4"], "签约日期": ["2026-01-02", "2026-02-02", "2026-01-01", None],
        "腾空日期": ["2026/3/1", None, None, None], "计划拆除": [None, "2027-05", None, None],
        "街道": ["甲", "乙", "丙", "丁"]}  # fmt: skip


def wide_mapping(**more):
    return mapped(
        "events",
        parcel_id="地块编号",
        DEMOLISHED=ColumnMapping("计划拆除", kind="planned"),
        SIGNED="签约日期",
        VACATED="腾空日期",
        **more,
    )


def test_a_row_a_parcel_becomes_a_row_an_event():
    result = to_read(raw(WIDE), EVENTS, mapping=wide_mapping(kind=ColumnMapping(value="actual")))
    assert result.frame[["parcel_id", "milestone", "occurred_on", "kind", "街道"]].astype(str).to_numpy().tolist() == [
        ["P1", "SIGNED", "2026-01-02", "actual", "甲"],
        ["P1", "VACATED", "2026-03-01", "actual", "甲"],
        ["P2", "SIGNED", "2026-02-02", "actual", "乙"],
        ["P2", "DEMOLISHED", "2027-05-01", "planned", "乙"],
    ]
    assert result.rows.tolist() == [2, 2, 3, 3]
    assert [(row.row, row.problem.code) for row in result.set_aside] == [(4, "W-ID-MISSING")]
    assert codes(result) == ["W-EVENTS-NONE"]
    assert result.frame["occurred_on_precision"].tolist() == ["day", "day", "day", "month"]


def test_a_wrong_date_in_a_wide_ledger_names_its_column():
    wrong = WIDE | {"腾空日期": ["soon", None, None, None]}
    assert problems(to_read, raw(wrong), EVENTS, mapping=wide_mapping()) == [("E-DATE", 2, "腾空日期")]
    assert (
        problems(to_read, raw({"地块编号": ["P1"], "签约日期": [None]}), EVENTS, mapping=wide_mapping())[0][0]
        == "E-MAP-SOURCE"
    )


@pytest.mark.parametrize(
    ("names", "shape", "table"),
    [
        (["ZDDM", "ZDMJ", "QLR"], "polygon", PARCELS), (["ZRZH", "ZDDM", "DSCS"], "polygon", BUILDINGS),
        (["区块编号", "名称"], "polygon", BLOCKS),
        (["统一社会信用代码", "年度", "产值"], None, ENTERPRISES),
        (["企业编号", "地块编号", "楼层"], None, OCCUPANCIES),
        (["地块编号", "节点", "日期"], None, EVENTS), (["a", "b"], None, None), (["a"], "polygon", None),
        (["道路名称", "红线宽度"], "line", STREETS), (["name", "name_en"], "line", STREETS),
        (["name", "name_en", "width_m"], "polygon", BLOCKS), (["道路名称", "红线宽度"], None, None),
        (["ZDDM", "ZDMJ"], "line", PARCELS),  # outlines drawn as lines: check has to say so
    ],
)  # fmt: skip
def test_guessing_the_table(names, shape, table):
    assert guess_table(names, shape=shape) is table


def test_the_header_row():
    assert find_header([["台账", None], [None, None], ["地块编号", "节点"], ["P1", "签约"]]) == 2
    assert find_header([["x", None], ["a", "b"], ["c", "d"]]) == 1


def test_an_integer_key_with_gaps_stays_exact():
    frame = pd.DataFrame(
        {"parcel_id": pd.array([330784001002000123, None], dtype="Int64"), "enterprise_id": ["F1", "F2"]}
    )
    result = to_read(Raw(frame, np.array([1, 2]), Source("x")), OCCUPANCIES)
    assert result.frame["parcel_id"].tolist() == ["330784001002000123"]
