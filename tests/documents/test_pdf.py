"""The PDF: fonts in it, text that can be taken out again, PDF/A, the same bytes, heads on every page."""

import re
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import typst

from landgis.documents import fonts
from landgis.documents.content import Section
from landgis.documents.pdf import pdf_bytes
from landgis.errors import InputRefused
from tests.documents.made import HOSTILE, MOMENT, asked_of, fonts_of, made_report, pages_of, text_of


@pytest.fixture(scope="module")
def pdf():
    return pdf_bytes(made_report())


def test_every_font_is_in_the_file_and_chinese_comes_out_again(pdf):
    found = fonts_of(pdf)
    assert found and all(embedded for _, embedded in found)
    text = text_of(pdf)
    for words in (
        "低效工业用地改造月报",
        "截至2026年11月21日",
        "规则集为草案",
        "1 主要指标",
        "未启动",
        "计划",
        "1,104",
    ):
        assert words in text


def test_it_says_that_it_is_pdf_a_2b(pdf):
    said = asked_of("pdfinfo", pdf, "-meta")
    assert re.search(r"<pdfaid:part>2</pdfaid:part>", said) and re.search(r"conformance>B<", said)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_stand_there_as_they_are(pdf, text):
    """In a fact, in the table, in a note."""
    assert text_of(pdf).count(" ".join(text.split())) >= 3


def test_the_clock_is_not_in_it(pdf):
    assert pdf == pdf_bytes(made_report())
    assert f"{MOMENT:%Y-%m-%dT%H:%M:%S}" in asked_of("pdfinfo", pdf, "-isodates")
    assert pdf != pdf_bytes(replace(made_report(), moment=MOMENT.replace(year=2027)))


def test_heads_and_page_numbers_stand_on_every_page():
    long = made_report(rows=150, texts=("x",))
    pdf = pdf_bytes(replace(long, sections=long.sections[-1:]))
    pages = pages_of(pdf)
    assert pages > 2
    for page in range(1, pages + 1):
        text = text_of(pdf, "-f", str(page), "-l", str(page))
        assert f"第 {page} 页，共 {pages} 页" in text and "ab" * 32 in text and "名称" in text and "数值" in text
    numbers = re.findall(r"\bx (\d+)\b", text_of(pdf, "-layout"))
    assert [int(number) for number in numbers] == list(range(150))


@pytest.mark.parametrize(("text", "shown"), [
    ("私\ue000有", "私[U+E000]有"), ("bell\x07", "bell[U+0007]"), ("\u202ecod.exe", "[U+202E]cod.exe"),
    ("half\ud800pair", "half[U+D800]pair"), ("none\U0002fffe", "none[U+2FFFE]"), ("one\ntwo\tthree", "one two three"),
])  # fmt: skip
def test_what_no_font_can_show_is_named_by_its_number(text, shown):
    assert shown in text_of(pdf_bytes(made_report(texts=(text,))))


@pytest.mark.parametrize("char", ["\U0001f9ff", "\U0002b81d", "\u13a0", "\U00010330"])
def test_a_character_of_a_rare_script_stops_nothing(char):
    """Whether a font here has it or not: it is there itself, or by its number."""
    text = text_of(pdf_bytes(made_report(texts=(f"rare{char}end",))))
    assert f"rare{char}end" in text or f"rare[U+{ord(char):04X}]end" in text


def test_a_long_name_without_a_space_stays_in_its_column():
    long = "GB" * 90
    report = replace(
        made_report(texts=(long,)), sections=(Section("x", made_report(texts=(long,)).sections[-1].parts),)
    )
    words = asked_of("pdftotext", pdf_bytes(report), "-bbox")
    page = float(re.search(r'page width="([\d.]+)"', words).group(1))
    assert all(float(right) <= page - 56 for right in re.findall(r'xMax="([\d.]+)"', words))  # 20 mm are 56.7 pt
    assert text_of(pdf_bytes(report)).replace(" ", "").count(long) >= 3


def test_without_a_chinese_font_it_says_what_to_install():
    bare = typst.Fonts(include_system_fonts=False)  # those that typst itself brings
    with pytest.raises(InputRefused, match=r"fonts-noto-cjk.*LANDGIS_FONTS") as refusal:
        fonts.choose(typst, bare)
    assert [problem.code for problem in refusal.value.problems] == ["E-REPORT-FONT"]


def test_a_folder_of_fonts_comes_first(tmp_path, monkeypatch):
    serif = Path("/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc")
    if not serif.exists():
        pytest.skip("Debian's fonts-noto-cjk is not installed")
    shutil.copy(serif, tmp_path)
    monkeypatch.setenv(fonts.FOLDER, str(tmp_path))
    assert fonts.typesetter().family == "Noto Serif CJK SC"
    assert any("NotoSerifCJK" in name for name, _ in fonts_of(pdf_bytes(made_report())))


def test_without_typst_it_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "typst", None)
    monkeypatch.setenv(fonts.FOLDER, "elsewhere")  # not the one that is remembered
    with pytest.raises(InputRefused, match=r"landgis\[report\]") as refusal:
        pdf_bytes(made_report())
    assert [problem.code for problem in refusal.value.problems] == ["E-REPORT-EXTRA"]
