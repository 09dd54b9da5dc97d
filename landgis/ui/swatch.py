"""The little pictures in front of the legend's words: colour and hatch of a class, as SVG."""

from __future__ import annotations

import re

from landgis.ui.palette import HATCHES, NONE

SIZE = 20
INK = 'stroke="#14182a" stroke-opacity="0.65" stroke-width="1.6"'
LINES = {
    "rising": "M-5 15 L15 -5 M0 20 L20 0 M5 25 L25 5",
    "falling": "M-5 5 L15 25 M0 0 L20 20 M5 -5 L25 15",
    "crossed": "M-5 15 L15 -5 M5 25 L25 5 M-5 5 L15 25 M5 -5 L25 15 M0 20 L20 0 M0 0 L20 20",
    "level": "M0 4 H20 M0 10 H20 M0 16 H20",
    "upright": "M4 0 V20 M10 0 V20 M16 0 V20",
}


def swatch(color: str, hatch: str) -> str:
    """An SVG of 20 × 20; ValueError where the colour is none, or there is no such hatch.

    >>> swatch("#0072b2", "none").count("<rect")
    2
    """
    if not re.fullmatch(r"#[0-9a-f]{6}", color) or hatch not in (NONE, *HATCHES):
        raise ValueError(color)
    inside = f'<path d="{LINES[hatch]}" {INK} fill="none"/>' if hatch in LINES else ""
    if hatch == "dots":
        dots = "".join(
            f'<circle cx="{x}" cy="{y}" r="1.5"/>' for x, y in ((5, 5), (15, 5), (10, 10), (5, 15), (15, 15))
        )
        inside = f'<g fill="#14182a" fill-opacity="0.65">{dots}</g>'
    frame = f'<rect width="{SIZE}" height="{SIZE}" fill="none" stroke="#5a6070" stroke-width="2"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIZE}" height="{SIZE}" viewBox="0 0 {SIZE} {SIZE}">'
        f'<rect width="{SIZE}" height="{SIZE}" fill="{color}"/>{inside}{frame}</svg>'
    )
