"""A report as PDF/A-2b: typst sets it, the fonts are in it, and equal reports are equal bytes."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import orjson

from landgis.documents.chart_svg import draw_curve, draw_stack
from landgis.documents.content import Curve, Facts, Map, Paragraph, Part, Report, Stack, Table, with_texts
from landgis.documents.fonts import Typesetter, typesetter
from landgis.documents.legible import breakable, legible
from landgis.documents.map_svg import draw_map
from landgis.documents.svg import Picture
from landgis.errors import InputRefused, Problem
from landgis.text import N_, Message

STANDARD = "a-2b"
DRAWN = {Map: draw_map, Curve: draw_curve, Stack: draw_stack}


@cache
def template() -> bytes:
    """The layout."""
    return Path(__file__).with_name("report.typ").read_bytes()


def pdf_bytes(report: Report) -> bytes:
    """The report as a PDF; InputRefused where typst or a Chinese font is missing."""
    setter = typesetter()
    shown = with_texts(report, lambda text: breakable(setter.shown(legible(text))))
    inputs = {"report": orjson.dumps(_document(shown, setter.family)).decode(), "family": setter.family}
    try:
        made = setter.compiled(
            template(), inputs, format="pdf", pdf_standards=[STANDARD], timestamp=int(report.moment.timestamp())
        )
    except setter.typst.TypstError as error:
        words = N_("the report could not be set: {reason}")
        raise InputRefused([Problem("E-REPORT", Message(words, {"reason": error}))]) from error
    return bytes(made)


def picture_of(part: Map | Curve | Stack, family: str) -> Picture:
    """A map or a chart, drawn."""
    draw: Any = DRAWN[type(part)]
    drawn: Picture = draw(part, family)
    return drawn


def png_bytes(picture: Picture, setter: Typesetter, *, ppi: float = 220) -> bytes:
    """A picture as PNG, for who cannot show SVG."""
    source = (
        f"#set page(width: {picture.width_mm}mm, height: {picture.height_mm}mm, margin: 0pt)\n"
        "#set text(font: sys.inputs.family)\n"
        '#image(bytes(sys.inputs.svg), format: "svg", width: 100%, height: 100%)'
    )
    inputs = {"family": setter.family, "svg": picture.svg}
    return bytes(setter.compiled(source.encode(), inputs, format="png", ppi=ppi))


def _document(report: Report, family: str) -> dict[str, Any]:
    """The report as the layout reads it."""
    return {
        "language": report.language, "title": report.title, "subtitle": report.subtitle, "foot": report.foot,
        "page": report.page, "head": [_part(one, family) for one in report.head],
        "sections": [
            {"title": section.title, "parts": [_part(part, family) for part in section.parts]}
            for section in report.sections
        ],
    }  # fmt: skip


def _part(part: Part, family: str) -> dict[str, Any]:
    match part:
        case Facts():
            facts = [{"title": one.title, "value": one.value, "more": one.more} for one in part.facts]
            return {"kind": "facts", "facts": facts}
        case Table():
            columns = [{"title": one.title, "share": one.share, "number": one.number} for one in part.columns]
            return {"kind": "table", "columns": columns, "rows": part.rows, "last_bold": part.last_bold}
        case Paragraph():
            return {"kind": "paragraph", "text": part.text, "style": part.style}
        case _:
            drawn = picture_of(part, family)
            return {"kind": "picture", "svg": drawn.svg, "width": drawn.width_mm, "height": drawn.height_mm,
                    "alt": drawn.alt}  # fmt: skip
