"""The DOCX, opened again: texts, tables, fonts for Chinese, pictures, fields."""

import io
import struct
import sys
import zipfile
from dataclasses import replace

import docx
import pytest
from docx.oxml.ns import qn

from landgis.documents.word import BODY, HEADING, docx_bytes
from landgis.errors import InputRefused
from tests.documents.made import HOSTILE, MOMENT, made_report


@pytest.fixture(scope="module")
def content():
    return docx_bytes(made_report(rows=30))


@pytest.fixture(scope="module")
def opened(content):
    return docx.Document(io.BytesIO(content))


def test_texts_stand_there_as_they_are(opened):
    said = [one.text for one in opened.paragraphs]
    assert said[:4] == ["低效工业用地改造月报", "截至2026年11月21日", "规则集为草案", "登记截止"]
    assert [text for text in HOSTILE if text not in said] == []
    assert [one.text for one in opened.paragraphs if one.style.name == "Heading 1"] == [
        "1  主要指标", "2  宗地阶段图", "3  计划与实际", "4  清单",
    ]  # fmt: skip


def test_the_table_is_a_table_whose_head_comes_again_on_each_page(opened):
    table = opened.tables[-1]
    rows = [[cell.text for cell in row.cells] for row in table.rows]
    assert rows[0] == ["名称", "数值"]
    assert rows[1:] == [[HOSTILE[at % len(HOSTILE)], str(at)] for at in range(30)]
    heads = [row._tr.find(qn("w:trPr")).find(qn("w:tblHeader")) is not None for row in table.rows]
    assert heads == [True] + [False] * 30
    assert sum(grid.w for grid in table._tbl.tblGrid.gridCol_lst) == pytest.approx(170 * 36_000, rel=1e-3)  # 170 mm


def test_facts_are_three_across(opened):
    facts = opened.tables[0]
    assert facts.rows[0].cells[0].text == "宗地\n1,104\n老长城"
    assert len(facts.rows) == -(-(1 + len(HOSTILE)) // 3)


def test_every_run_has_a_font_for_chinese(content):
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        names = [name for name in parts.namelist() if name in ("word/document.xml", "word/footer1.xml")]
        assert len(names) == 2
    document = docx.Document(io.BytesIO(content))
    bodies = [document.element.body, document.sections[0].footer._element]
    fonts = [run.find(f"{qn('w:rPr')}/{qn('w:rFonts')}") for body in bodies for run in body.iter(qn("w:r"))
             if run.find(qn("w:drawing")) is None]  # fmt: skip
    assert {font.get(qn("w:eastAsia")) for font in fonts} == {BODY, HEADING}
    assert not any("heme" in name for font in fonts for name in font.attrib)  # a theme's font would win


def test_children_stand_in_the_order_of_the_schema(opened):
    """ECMA-376 part 1, 17.4.59 and 17.3.2.28; Word refuses a file where they do not."""
    table_order = ["tblStyle", "tblW", "jc", "tblInd", "tblBorders", "shd", "tblLayout", "tblCellMar", "tblLook"]
    run_order = ["rStyle", "rFonts", "b", "i", "color", "sz", "lang"]
    for parts, order in ((opened.element.body.iter(qn("w:tblPr")), table_order),
                         (opened.element.body.iter(qn("w:rPr")), run_order)):  # fmt: skip
        for part in parts:
            names = [child.tag.split("}")[1] for child in part]
            assert names == sorted(names, key=order.index), names


def test_pictures_are_there_with_words_for_who_cannot_see_them(opened, content):
    found = list(opened.element.body.iter(qn("wp:docPr")))
    assert [one.get("descr") for one in found] == ["地图", "S 曲线", "阶段"]
    assert [round(shape.width.mm) for shape in opened.inline_shapes] == [170, 170, 170]
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        media = [parts.read(name) for name in parts.namelist() if name.startswith("word/media/")]
    widths = [struct.unpack(">I", image[16:20])[0] for image in media]
    assert all(image[:8] == b"\x89PNG\r\n\x1a\n" for image in media) and min(widths) > 170 / 25.4 * 150  # 150 ppi


def test_the_foot_has_the_ledger_and_fields_for_the_pages(opened):
    foot = opened.sections[0].footer
    assert foot.paragraphs[0].text == "第  页，共  页"
    assert [one.text for one in foot._element.iter(qn("w:instrText"))] == ["PAGE", "NUMPAGES"]
    assert [one.text for one in foot.paragraphs[1:]] == ["台账第 7 行：" + "ab" * 32, HOSTILE[0]]


def test_the_clock_is_not_in_it(content):
    assert content == docx_bytes(made_report(rows=30))
    known = docx.Document(io.BytesIO(content)).core_properties
    assert (known.created, known.title, known.language) == (
        MOMENT,
        "低效工业用地改造月报",
        "zh-CN",
    )
    assert content != docx_bytes(replace(made_report(rows=30), moment=MOMENT.replace(year=2027)))


def test_controls_that_xml_cannot_hold_are_named(tmp_path):
    opened = docx.Document(io.BytesIO(docx_bytes(made_report(texts=("a\x00b\x0c\ud800",)))))
    assert "a[U+0000]b [U+D800]" in [one.text for one in opened.paragraphs]


def test_without_python_docx_it_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "docx", None)
    with pytest.raises(InputRefused, match=r"landgis\[report\]"):
        docx_bytes(made_report())
