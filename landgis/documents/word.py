"""A report as DOCX, to be worked on further: real tables with repeated heads, pictures, page numbers as fields.

Chinese text is in FangSong, headings in SimHei, Latin in Times New Roman: what offices write in. The fonts are those of
the reader's machine; Word takes them by name.
"""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Sequence
from typing import Any

from landgis.documents.content import Column, Facts, Paragraph, Part, Report, Table, with_texts
from landgis.documents.fonts import Typesetter, required, typesetter
from landgis.documents.legible import legible
from landgis.documents.pdf import picture_of, png_bytes

BODY, HEADING, LATIN = "FangSong", "SimHei", "Times New Roman"
INK, ACCENT, GREY, WARNING = "1F2430", "0B3D66", "5A6070", "B2182B"
HEAD_FILL, LINE = "E8EDF3", "B9BEC8"
PAGE_MM, MARGIN_MM, WIDTH_MM = (210, 297), (22, 24, 20), 170  # margins: top, bottom, sides
BODY_PT, SMALL_PT, CELL_PT, VALUE_PT, TITLE_PT, HEADING_PT, FOOT_PT = 10.5, 9.0, 9.0, 15.0, 18.0, 13.0, 8.0
PARAGRAPHS = {
    "plain": (BODY_PT, INK),
    "caption": (BODY_PT, INK),
    "note": (SMALL_PT, GREY),
    "warning": (SMALL_PT, WARNING),
}
FACTS_ACROSS = 3
ZIP_DAY = (1980, 1, 1, 0, 0, 0)


def docx_bytes(report: Report) -> bytes:
    """The report as a DOCX; InputRefused where python-docx, typst (for the pictures) or a Chinese font is missing."""
    docx = required("docx")
    setter = typesetter()
    shown = with_texts(report, legible)
    document = docx.Document()
    _lay_out(document, shown)
    _write(document, shown.title, TITLE_PT, heading=True)
    _write(document, shown.subtitle, 12.0)
    for one in shown.head:
        _add(document, one, setter)
    for at, section in enumerate(shown.sections, start=1):
        heading = document.add_heading(level=1)
        _run(heading, f"{at}  {section.title}", HEADING_PT, heading=True, color=ACCENT)
        for part in section.parts:
            _add(document, part, setter)
    return _same_bytes(document)


def _lay_out(document: Any, report: Report) -> None:
    """A4, the fonts of the styles, head and foot of the pages, and who made it when."""
    docx = required("docx")
    page = document.sections[0]
    page.page_width, page.page_height = (docx.shared.Mm(size) for size in PAGE_MM)
    page.top_margin, page.bottom_margin, page.left_margin = (docx.shared.Mm(size) for size in MARGIN_MM)
    page.right_margin = page.left_margin
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = LATIN, docx.shared.Pt(BODY_PT)
    normal.paragraph_format.space_after = docx.shared.Pt(4)
    document.styles["Footer"].font.size = docx.shared.Pt(FOOT_PT)
    for language in document.styles.element.iter(docx.oxml.ns.qn("w:lang")):
        language.set(docx.oxml.ns.qn("w:eastAsia"), "zh-CN")
    for style, chinese in (("Normal", BODY), ("Heading 1", HEADING)):
        _fonts(document.styles[style].element.get_or_add_rPr(), chinese)
    known = document.core_properties
    known.title, known.author, known.comments = report.title, "landgis", ""
    known.language = "en-GB" if report.language == "en" else "zh-CN"
    known.created = known.modified = report.moment.astimezone(datetime.UTC).replace(tzinfo=None)
    _page_foot(page.footer, report)


def _page_foot(footer: Any, report: Report) -> None:
    first = footer.paragraphs[0]
    before, _, rest = report.page.partition("{page}")
    between, _, after = rest.partition("{pages}")
    for words, field in ((before, "PAGE"), (between, "NUMPAGES"), (after, "")):
        _run(first, words, FOOT_PT, color=GREY)
        if field:
            _field(first, field)
    first.alignment = required("docx.enum.text").WD_ALIGN_PARAGRAPH.RIGHT
    for line in report.foot:
        _run(footer.add_paragraph(), line, 6.5, color=GREY)


def _field(paragraph: Any, name: str) -> None:
    """A field that Word fills in, as PAGE."""
    run = _run(paragraph, "", FOOT_PT, color=GREY)
    for kind in ("begin", "instr", "end"):
        if kind == "instr":
            element = _element("w:instrText")
            element.text = name
        else:
            element = _element("w:fldChar", **{"w:fldCharType": kind})
        run._r.append(element)


def _add(document: Any, part: Part, setter: Typesetter) -> None:
    match part:
        case Paragraph():
            size, color = PARAGRAPHS[part.style]
            written = _write(document, part.text, size, color=color)
            written.paragraph_format.keep_with_next = part.style == "caption"
        case Facts():
            _add_facts(document, part)
        case Table():
            _add_table(document, part)
        case _:
            drawn = picture_of(part, setter.family)
            found = document.add_picture(io.BytesIO(png_bytes(drawn, setter)), width=_mm(drawn.width_mm))
            found._inline.docPr.set("descr", drawn.alt)


def _add_facts(document: Any, part: Facts) -> None:
    across = [Column("", 1.0)] * FACTS_ACROSS
    table = _new_table(document, across)
    for start in range(0, len(part.facts), FACTS_ACROSS):
        cells = [*part.facts[start : start + FACTS_ACROSS], *[None] * FACTS_ACROSS][:FACTS_ACROSS]
        row = _element("w:tr")
        for fact in cells:
            lines = (
                []
                if fact is None
                else [(fact.title, CELL_PT, GREY), (fact.value, VALUE_PT, INK), (fact.more, CELL_PT, GREY)]
            )
            row.append(_cell(lines, bold_at=1))
        table.append(row)
    _gap(document)


def _add_table(document: Any, part: Table) -> None:
    table = _new_table(document, part.columns)
    head = _row([column.title for column in part.columns], part.columns, bold=True, fill=HEAD_FILL)
    head.get_or_add_trPr().append(_element("w:tblHeader"))  # on each page again
    table.append(head)
    last = len(part.rows) - 1
    for at, cells in enumerate(part.rows):
        table.append(_row(cells, part.columns, bold=part.last_bold and at == last))
    _gap(document)


def _new_table(document: Any, columns: Sequence[Column]) -> Any:
    """The element of an empty table with lines between rows; python-docx's own way takes a second for 500 rows."""
    found = document.add_table(rows=0, cols=len(columns))
    found.autofit = False
    table = found._tbl
    borders = _element("w:tblBorders")
    for side in ("top", "bottom", "insideH"):
        borders.append(_element(f"w:{side}", **{"w:val": "single", "w:sz": "4", "w:space": "0", "w:color": LINE}))
    table.tblPr.insert_element_before(borders, "w:shd", "w:tblLayout", "w:tblCellMar", "w:tblLook")
    total = sum(column.share for column in columns)
    for grid, column in zip(table.tblGrid.gridCol_lst, columns, strict=True):
        grid.w = _mm(WIDTH_MM * column.share / total)
    return table


def _row(cells: Sequence[str], columns: Sequence[Column], *, bold: bool, fill: str = "") -> Any:
    row = _element("w:tr")
    row.get_or_add_trPr().append(_element("w:cantSplit"))
    for words, column in zip(cells, columns, strict=True):
        cell = _cell([(words, CELL_PT, INK)], bold_at=0 if bold else None, right=column.number)
        if fill:
            cell.get_or_add_tcPr().append(_element("w:shd", **{"w:val": "clear", "w:color": "auto", "w:fill": fill}))
        row.append(cell)
    return row


def _cell(lines: Sequence[tuple[str, float, str]], *, bold_at: int | None = None, right: bool = False) -> Any:
    """A cell with a paragraph a line: text, size in points, colour."""
    cell = _element("w:tc")
    for at, (words, size, color) in enumerate(lines or [("", CELL_PT, INK)]):
        paragraph, run, text = _element("w:p"), _element("w:r"), _element("w:t")
        properties = paragraph.get_or_add_pPr()
        properties.append(_element("w:spacing", **{"w:before": "20", "w:after": "20"}))
        if right:
            properties.append(_element("w:jc", **{"w:val": "right"}))
        _style(run.get_or_add_rPr(), size, color, bold=at == bold_at)
        text.text = words
        text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        run.append(text)
        paragraph.append(run)
        cell.append(paragraph)
    return cell


def _style(properties: Any, size: float, color: str, *, bold: bool = False, chinese: str = BODY) -> None:
    """The order is that of the schema; Word is strict about it."""
    _fonts(properties, chinese)
    if bold:
        properties.append(_element("w:b"))
    properties.append(_element("w:color", **{"w:val": color}))
    properties.append(_element("w:sz", **{"w:val": str(round(size * 2))}))


def _fonts(properties: Any, chinese: str) -> None:
    fonts = properties._add_rFonts() if properties.rFonts is None else properties.rFonts
    for theme in [name for name in fonts.attrib if "Theme" in name or "theme" in name]:
        del fonts.attrib[theme]
    ns = required("docx.oxml.ns")
    for place, family in (("ascii", LATIN), ("hAnsi", LATIN), ("eastAsia", chinese), ("cs", LATIN)):
        fonts.set(ns.qn(f"w:{place}"), family)


def _write(document: Any, words: str, size: float, *, color: str = INK, heading: bool = False) -> Any:
    paragraph = document.add_paragraph()
    _run(paragraph, words, size, heading=heading, color=ACCENT if heading else color)
    return paragraph


def _run(paragraph: Any, words: str, size: float, *, color: str = INK, heading: bool = False) -> Any:
    run = paragraph.add_run(words)
    _style(run._r.get_or_add_rPr(), size, color, bold=heading, chinese=HEADING if heading else BODY)
    return run


def _gap(document: Any) -> None:
    document.add_paragraph().paragraph_format.space_after = 0


def _mm(size: float) -> Any:
    return required("docx.shared").Mm(size)


def _element(name: str, **attributes: str) -> Any:
    element = required("docx.oxml").OxmlElement(name)
    ns = required("docx.oxml.ns")
    for key, value in attributes.items():
        element.set(ns.qn(key), value)
    return element


def _same_bytes(document: Any) -> bytes:
    """The file with the days of its parts left out, so that equal reports are equal bytes."""
    written, made = io.BytesIO(), io.BytesIO()
    document.save(written)
    with zipfile.ZipFile(written) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(zipfile.ZipInfo(part.filename, ZIP_DAY), old.read(part), zipfile.ZIP_DEFLATED)
    return made.getvalue()
