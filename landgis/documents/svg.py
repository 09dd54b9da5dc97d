"""The pieces of an SVG in millimetres: numbers, texts, hatches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from xml.sax.saxutils import quoteattr

from landgis.documents.content import Kind

INK, GREY, LINE = "#1f2430", "#5a6070", "#b9bec8"
HATCHES = MappingProxyType({  # in a square of 2 mm, which is repeated
    "rising": "M-0.5 0.5 L0.5 -0.5 M0 2 L2 0 M1.5 2.5 L2.5 1.5",
    "falling": "M-0.5 1.5 L0.5 2.5 M0 0 L2 2 M1.5 -0.5 L2.5 0.5",
    "crossed": "M-0.5 0.5 L0.5 -0.5 M0 2 L2 0 M1.5 2.5 L2.5 1.5 M-0.5 1.5 L0.5 2.5 M0 0 L2 2 M1.5 -0.5 L2.5 0.5",
    "level": "M0 0.5 H2 M0 1.5 H2",
    "upright": "M0.5 0 V2 M1.5 0 V2",
    "dots": "M0.5 0.5 h0.01 M1.5 1.5 h0.01",
})  # fmt: skip
CHARACTER_EM, WIDE_EM = 0.56, 1.0  # how wide a letter and a Chinese character are, of the size of the font


@dataclass(frozen=True)
class Picture:
    """An SVG and its size on paper."""

    svg: str
    width_mm: float
    height_mm: float
    alt: str


def number(value: float) -> str:
    """A coordinate, to a hundredth of a millimetre.

    >>> number(1.50001), number(-0.001)
    ('1.5', '0')
    """
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def points(pairs: Sequence[tuple[float, float]]) -> str:
    """A line through points, as the d of a path."""
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in pairs)


def text(x: float, y: float, words: str, *, size: float = 2.6, anchor: str = "start", extra: str = "") -> str:
    """A text with its baseline at (x, y); it is escaped."""
    # not saxutils.escape alone: a text must not end its element, nor start an entity
    safe = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    place = f'x="{number(x)}" y="{number(y)}" font-size="{number(size)}" text-anchor="{anchor}"'
    return f'<text {place} xml:space="preserve" {extra}>{safe}</text>'


def text_width(words: str, size: float) -> float:
    """About how wide a text is, rather more than less."""
    return size * sum(CHARACTER_EM if char < "\u2e80" else WIDE_EM for char in words)


def _pattern(hatch: str) -> str:
    """A hatch as a pattern that is named after it; nothing under its lines, as a tile's edges would show."""
    width = 0.5 if hatch == "dots" else 0.28
    cap = ' stroke-linecap="round"' if hatch == "dots" else ""
    lines = f'<path d="{HATCHES[hatch]}" fill="none" stroke="{INK}" stroke-opacity="0.6" stroke-width="{width}"{cap}/>'
    return f'<pattern id="{hatch}" width="2" height="2" patternUnits="userSpaceOnUse">{lines}</pattern>'


def filled(element: str, kind: Kind, stroke_width: float) -> str:
    """An area of a class in its colour and, over it, its hatch; `element` is a tag that is not closed yet."""
    edge = f'stroke="{INK}" stroke-width="{stroke_width}" stroke-linejoin="round"'
    hatch = f'{element} fill="url(#{kind.hatch})"/>' if kind.hatch in HATCHES else ""
    return f'{element} fill="{kind.color}" {edge}/>{hatch}'


def whole(parts: Sequence[str], *, width_mm: float, height_mm: float, family: str) -> str:
    """The SVG around its parts; texts are in the font family."""
    size = f'width="{number(width_mm)}mm" height="{number(height_mm)}mm"'
    box = f'viewBox="0 0 {number(width_mm)} {number(height_mm)}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {box} font-family={quoteattr(family)} fill="{INK}">'
    return f"{head}<defs>{''.join(_pattern(hatch) for hatch in HATCHES)}</defs>{''.join(parts)}</svg>"


def legend(kinds: Sequence[Kind], *, top: float, width_mm: float) -> tuple[list[str], float]:
    """The classes with their counts in columns of one width, and where they end."""
    size, row = 2.9, 5.4
    widest = max((text_width(f"{kind.title}  {kind.count}", size) for kind in kinds), default=0) + 10
    across = max(1, int(width_mm // widest))
    parts = []
    for at, kind in enumerate(kinds):
        x, y = (at % across) * width_mm / across, top + (at // across) * row
        box = f'<rect x="{number(x + 0.2)}" y="{number(y)}" width="6" height="3.8"'
        parts.append(filled(box, kind, 0.2))
        parts.append(text(x + 7.4, y + 3, f"{kind.title}  {kind.count}".rstrip(), size=size))
    return parts, top + -(-len(kinds) // across) * row
