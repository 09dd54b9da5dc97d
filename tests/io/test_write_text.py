"""CSV, Excel and JSON: texts stay texts, numbers stay numbers, nothing runs as a formula."""

import csv
import json

import openpyxl
import pandas as pd
import pytest
from pandas import DataFrame

from landgis.errors import InputRefused
from landgis.io.write import write_layer, write_table
from landgis.io.write_text import EXCEL_TEXT, neutral
from landgis.results import FIRM_COLUMNS, RESULT_COLUMNS, RESULT_NAMES
from tests.io.made_results import IDS, OWN, results, written

FORMULAS = ["=1+1", "+86", "-2", "@SUM(A1)", "＝1", "＋1", "－1", "＠A", "\tx", "\rx", "\nx", "\0x", "  =1", "\u3000=1",
            "\ufeff=1", " \t=1"]  # fmt: skip


def read_csv(path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream))


def test_csv_by_hand(tmp_path):
    assert written(tmp_path / "宗地.csv") == []
    assert (tmp_path / "宗地.csv").read_bytes().startswith(b"\xef\xbb\xbfparcel_id,block_id,rules_id,area_m2,")
    header, *rows = read_csv(tmp_path / "宗地.csv")
    assert header == [*RESULT_NAMES, *OWN]
    cells = [dict(zip(header, row, strict=True)) for row in rows]
    assert [row["parcel_id"] for row in cells] == [*IDS[:3], "'=1+1"]
    assert [row["area_m2"] for row in cells] == ["1.5", "0.0", "", repr(1 / 3)]
    assert [row["occupant_count"] for row in cells] == ["1", "2", "", "4"]
    assert [row["企业名称"] for row in cells] == ["永康市某某五金有限公司", "'＠甲", "' -2", ""]
    assert [row["备注"] for row in cells] == ["一\n二", "", "'\t+86", "㐂龘"]
    assert [row["比例"] for row in cells] == ["0.1", "", "", "-0.5"]
    assert [row["停用"] for row in cells] == ["true", "false", "", "true"]
    assert [row["建成日期"] for row in cells] == ["2001-02-03", "", "1999-12-31", "2020-02-29"]
    assert cells[0]["登记时间"] == "2001-02-03T04:05:06" and cells[0]["长号"] == "9007199254740993"


@pytest.mark.parametrize("text", FORMULAS, ids=ascii)
def test_a_formula_is_neutral_in_csv(text):
    assert neutral(text) == f"'{text}"


@pytest.mark.parametrize("text", ["A-1", "甲=乙", "1+1", "", " 330784", "'=1", "·-"])
def test_other_texts_stay(text):
    assert neutral(text) == text


def test_a_header_is_neutral_too(tmp_path):
    frame = DataFrame({"=HYPERLINK(1)": [1]})
    write_table(frame, tmp_path / "out.csv", columns=FIRM_COLUMNS, overwrite=False)
    assert read_csv(tmp_path / "out.csv") == [["'=HYPERLINK(1)"], ["1"]]


def test_xlsx_by_hand(tmp_path):
    assert written(tmp_path / "宗地.xlsx") == []
    book = openpyxl.load_workbook(tmp_path / "宗地.xlsx")
    assert book.sheetnames == ["landgis", "字段说明 fields"]
    sheet = book["landgis"]
    assert sheet.freeze_panes == "A2"
    header = [cell.value for cell in sheet[1]]
    assert header == [*RESULT_NAMES, *OWN]
    column = {name: [sheet.cell(row, i + 1) for row in range(2, 6)] for i, name in enumerate(header)}
    assert [cell.value for cell in column["parcel_id"]] == IDS
    assert [cell.data_type for cell in column["parcel_id"]] == ["s"] * 4
    assert [cell.value for cell in column["area_m2"]] == [1.5, 0, None, pytest.approx(1 / 3, rel=1e-15)]
    assert [cell.value for cell in column["企业名称"]] == ["永康市某某五金有限公司", "＠甲", " -2", None]
    assert [cell.value for cell in column["停用"]] == [True, False, None, True]
    assert column["长号"][0].value == "9007199254740993", "Excel keeps 15 digits, so the column is text"
    assert [cell.data_type for cell in column["序号"]] == ["n"] * 4


def test_no_cell_of_a_workbook_is_a_formula(tmp_path):
    frame = DataFrame({"name": [*FORMULAS, "http://example.org", "mailto:a@b.c"]})
    write_table(frame, tmp_path / "out.xlsx", columns=FIRM_COLUMNS, overwrite=False)
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx")["landgis"]
    assert {cell.data_type for (cell,) in sheet.iter_rows()} == {"s"}
    assert not any(cell.hyperlink for (cell,) in sheet.iter_rows())
    assert sheet["A2"].value == "=1+1"


def test_the_second_sheet_explains_the_columns(tmp_path):
    written(tmp_path / "out.xlsx")
    rows = [[cell.value for cell in row] for row in openpyxl.load_workbook(tmp_path / "out.xlsx")["字段说明 fields"]]
    assert rows[0] == ["name", "标题", "title", "单位 unit", "含义", "meaning"]
    assert [row[0] for row in rows[1:]] == list(RESULT_NAMES)
    area = rows[1 + RESULT_NAMES.index("area_mu")]
    assert area[1:4] == ["用地面积，亩", "land area, mu", "亩 (mu)"]
    assert area[5] == "Land area in mu = area_m2 × 3 ÷ 2000."


def test_what_xml_cannot_hold_is_left_out_and_long_texts_are_cut_and_counted(tmp_path):
    frame = DataFrame({"name": ["a\x00b\x0bc\x1fd\ufffee", "好" * 40_000, None]})
    (remark,) = write_table(frame, tmp_path / "out.xlsx", columns=FIRM_COLUMNS, overwrite=False)
    assert (remark.code, remark.message.values["count"]) == ("W-OUT-CUT", 1)
    assert "32767" in str(remark.message)
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx")["landgis"]
    assert sheet["A2"].value == "abcde" and len(sheet["A3"].value) == EXCEL_TEXT


def test_more_rows_than_excel_holds_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("landgis.io.write_text.EXCEL_ROWS", 3)
    with pytest.raises(InputRefused) as refused:
        write_layer(results(), tmp_path / "out.xlsx", columns=RESULT_COLUMNS, overwrite=False)
    assert [problem.code for problem in refused.value.problems] == ["E-OUT-ROWS"]
    assert not list(tmp_path.iterdir())


def test_json_is_a_list_of_records(tmp_path):
    firms = DataFrame({"enterprise_id": ["甲", "乙"], "year": [2024, 2024], "score": [1.5, float("nan")]})
    write_table(firms, tmp_path / "out.json", columns=FIRM_COLUMNS, overwrite=False)
    assert json.loads((tmp_path / "out.json").read_text("utf-8")) == [
        {"enterprise_id": "甲", "year": 2024, "score": 1.5}, {"enterprise_id": "乙", "year": 2024, "score": None},
    ]  # fmt: skip


def test_a_result_column_of_nothing_has_its_kind(tmp_path):
    frame = DataFrame({"year": pd.Series([None], dtype=object), "score": pd.Series([None], dtype=object), "name": [5]})
    write_table(frame, tmp_path / "out.csv", columns=FIRM_COLUMNS, overwrite=False)
    assert read_csv(tmp_path / "out.csv") == [["year", "score", "name"], ["", "", "5"]]
