"""Workbooks: cells as they are meant, and the cell of each fault."""

import datetime
import zipfile

import pytest
import xlsxwriter

from landgis.io.columns import to_read
from landgis.io.sheets import read_sheet
from landgis.io.xlsx_guard import OLE
from landgis.tables import OCCUPANCIES
from tests.io.made_tables import codes, problems, rewrite, words, workbook

HEADER = ["地块编号", "节点", "日期"]
SHEET = "xl/worksheets/sheet1.xml"


def test_cells_by_kind(tmp_path):
    day = datetime.datetime(2026, 3, 1)
    rows = [
        ["a", "b", "c", "d"],
        ["007", 1, day, True],
        ["x", 2.5, day, False],
        [None, None, None, None],
        ["y", None, None, None],
    ]
    raw = read_sheet(workbook(tmp_path / "t.xlsx", rows))
    assert raw.frame["a"].tolist() == ["007", "x", "y"]
    assert raw.frame["b"].tolist()[:2] == [1, 2.5]
    assert raw.frame["c"].tolist()[:2] == [day, day]
    assert raw.frame["d"].tolist()[:2] == [True, False]
    assert raw.rows.tolist() == [2, 3, 5]
    assert (raw.source.driver, raw.source.layer, dict(raw.letters)) == (
        "XLSX",
        "企业",
        {"a": "A", "b": "B", "c": "C", "d": "D"},
    )


def test_title_rows_and_merged_cells(tmp_path):
    rows = [["台账"], HEADER, ["P1", "签约", "2026-01-02"], [None, "腾空", "2026-02-02"], ["P2", "签约", "2026-01-02"]]
    raw = read_sheet(workbook(tmp_path / "t.xlsx", rows, merge=["A1:C1", "A3:A4"]))
    assert raw.frame["地块编号"].tolist() == ["P1", "P1", "P2"]
    assert raw.rows.tolist() == [3, 4, 5]
    assert codes(raw) == ["W-HEADER", "W-XLSX-MERGED"]
    assert "A3:A4" in raw.problems[1].render()


def test_a_formula_without_a_result_is_refused_with_its_cell(tmp_path):
    path = workbook(tmp_path / "t.xlsx", [HEADER, ["P1", "签约", "=TODAY()"], ["P2", "=A2", "x"]])
    assert problems(read_sheet, path) == [("E-XLSX-FORMULA", 2, "日期"), ("E-XLSX-FORMULA", 3, "节点")]
    assert "cell C2" in words(read_sheet, path)


def test_a_formula_with_a_result_gives_the_result(tmp_path):
    path = workbook(tmp_path / "t.xlsx", [HEADER, ["P1", "签约", "=1+1"]])
    rewrite(
        path,
        SHEET,
        lambda xml: xml.replace(b"<f>1+1</f><v></v>", b"<f>1+1</f><v>46000</v>").replace(
            b"<f>1+1</f><v />", b"<f>1+1</f><v>46000</v>"
        ),
    )
    raw = read_sheet(path)
    assert raw.frame["日期"].tolist() == [46000]
    assert codes(raw) == ["W-XLSX-FORMULA"]


def test_a_text_formula_with_an_empty_result_is_an_empty_cell(tmp_path):
    path = workbook(tmp_path / "t.xlsx", [HEADER, ["P1", "签约", 1]])
    cell = b'<c r="D2" t="str"><f>""</f><v></v></c></row></sheetData>'
    rewrite(path, SHEET, lambda xml: xml.replace(b"</row></sheetData>", cell))
    assert len(read_sheet(path).frame) == 1


def test_texts_that_look_like_formulas_stay_texts(tmp_path):
    path = workbook(tmp_path / "t.xlsx", [["企业名称", "地块编号"], ["@SUM(1+1)", "P1"], ["+86", "P2"], ["-2+3", "P3"]])
    assert read_sheet(path).frame["企业名称"].tolist() == ["@SUM(1+1)", "+86", "-2+3"]


def far(cell, row):
    return lambda xml: xml.replace(
        b"</sheetData>", f'<row r="{row}"><c r="{cell}"><v>1</v></c></row></sheetData>'.encode()
    )


@pytest.mark.parametrize(
    ("cell", "row", "code"),
    [
        ("XFD1048576", 1048576, "E-XLSX-DIM"),
        ("XFD3", 3, "E-XLSX-DIM"),
        ("A200000", 200000, "E-XLSX-DIM"),
        ("SS3", 3, "E-FIELD-COUNT"),
        ("ZZZ3", 3, "E-XLSX-DIM"),
        ("A1048577", 1048577, "E-XLSX-DIM"),
        ("A1", 1, "E-XLSX-DIM"),
    ],
)
def test_cells_far_away(tmp_path, cell, row, code):
    path = rewrite(workbook(tmp_path / "t.xlsx", [HEADER, ["P1", "签约", "2026-01-02"]]), SHEET, far(cell, row))
    assert problems(read_sheet, path) == [(code, None, None)]


def test_a_formatted_row_far_away_holds_nothing(tmp_path):
    path = workbook(tmp_path / "t.xlsx", [HEADER, ["P1", "签约", "2026-01-02"]])
    rewrite(
        path,
        SHEET,
        lambda xml: xml.replace(b"</sheetData>", b'<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'),
    )
    assert len(read_sheet(path).frame) == 1


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "docProps/core.xml", "xl/styles.xml"])
@pytest.mark.parametrize("coding", ["utf-8", "utf-16"])
def test_a_document_type_is_refused_wherever_it_is(tmp_path, part, coding):
    def declare(xml):
        body = xml.decode().partition("?>")[2] or xml.decode()
        return f'<?xml version="1.0" encoding="{coding}"?>{" " * (1 << 20)}<!DOCTYPE x [<!ENTITY e "x">]>{body}'.encode(
            coding
        )

    path = rewrite(workbook(tmp_path / "t.xlsx", [HEADER, ["P1", "签约", "x"]]), part, declare)
    assert problems(read_sheet, path) == [("E-XML-DTD", None, None)]


def test_other_files_in_a_workbooks_clothes(tmp_path):
    path = tmp_path / "t.xlsx"
    path.write_bytes(OLE + b"\0" * 600)
    assert problems(read_sheet, path)[0][0] == "E-XLSX-OLE"
    path.write_bytes(b"<OGRVRTDataSource/>")
    assert problems(read_sheet, path)[0][0] == "E-FMT-MAGIC"
    good = workbook(tmp_path / "g.xlsx", [HEADER, ["P1", "签约", "x"]]).read_bytes()
    path.write_bytes(good[: len(good) // 2])
    assert problems(read_sheet, path)[0][0] == "E-UPLOAD-TRUNCATED"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "no workbook")
    assert problems(read_sheet, path)[0][0] == "E-XLSX-DAMAGED"


def test_bombs_are_refused_before_they_are_unpacked(tmp_path):
    path = rewrite(workbook(tmp_path / "t.xlsx", [HEADER]), SHEET, lambda xml: xml + b" " * 30_000_000)
    assert problems(read_sheet, path)[0][0] == "E-ZIP-RATIO"


def test_broken_xml(tmp_path):
    path = rewrite(workbook(tmp_path / "t.xlsx", [HEADER, ["P1"]]), SHEET, lambda xml: xml[: len(xml) // 2])
    assert problems(read_sheet, path)[0][0] == "E-XLSX-DAMAGED"


def test_which_sheet(tmp_path):
    more = [("空", []), ("说明", [["请", "先", "读"]]), ("租赁", [["企业编号", "地块编号"], ["F1", "P1"]])]
    path = workbook(tmp_path / "t.xlsx", [["随便"]], more=more)
    assert read_sheet(path).source.layer == "租赁"  # the only one whose header is known
    assert read_sheet(path, "说明").source.layer == "说明"
    assert problems(read_sheet, path, "没有")[0][0] == "E-LAYER"
    two = workbook(tmp_path / "u.xlsx", [HEADER, ["P1"]], more=[("二", [HEADER, ["P2"]])])
    assert problems(read_sheet, two)[0][0] == "E-LAYER-AMBIGUOUS"
    assert "企业, 二" in words(read_sheet, two)


def test_an_empty_sheet(tmp_path):
    assert problems(read_sheet, workbook(tmp_path / "t.xlsx", [])) == [("E-EMPTY", None, None)]


def test_columns_without_a_name_are_called_by_letter(tmp_path):
    raw = read_sheet(workbook(tmp_path / "t.xlsx", [["a", None, "c"], [1, 2, 3]]))
    assert list(raw.frame.columns) == ["a", "column_B", "c"]


def test_double_headers(tmp_path):
    assert problems(read_sheet, workbook(tmp_path / "t.xlsx", [["a", "a"], [1, 2]])) == [("E-FIELD-DUP", 1, "a")]


def test_a_fault_names_the_cell(tmp_path):
    rows = [["租赁"], ["企业编号", "地块编号", "面积(亩)"], ["F1", "P1", "3"], ["F2", 330784001002000001, "many"]]
    raw = read_sheet(workbook(tmp_path / "t.xlsx", rows))
    assert problems(to_read, raw, OCCUPANCIES) == [("E-CODE-NUMERIC", 4, "地块编号"), ("E-FIELD-TYPE", 4, "面积(亩)")]
    said = words(to_read, raw, OCCUPANCIES)
    assert "cell B4" in said
    assert "as text in Excel" in said
    assert "cell C4: many" in said


def test_shared_strings_rich_text_and_durations(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "t.xlsx") as book:  # writes texts once, to be shared
        sheet = book.add_worksheet("租赁")
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, ["企业编号", "地块编号", "起租日期"])
        sheet.write_rich_string(1, 0, "F", bold, "1")
        sheet.write_string(1, 1, "P1")
        sheet.write_datetime(1, 2, datetime.datetime(2026, 3, 1), day)
        sheet.write_formula(2, 0, '="F"&2', None, "F2")
        sheet.write_string(2, 1, "P1")
    raw = read_sheet(tmp_path / "t.xlsx")
    assert raw.frame["企业编号"].tolist() == ["F1", "F2"]
    assert raw.frame["起租日期"].tolist()[0] == datetime.datetime(2026, 3, 1)
    assert codes(raw) == ["W-XLSX-FORMULA"]
