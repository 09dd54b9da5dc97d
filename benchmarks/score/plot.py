"""The plot: wall time over parcels, both on logarithmic scales, one line an engine; SVG by hand."""

from __future__ import annotations

import math
from html import escape

from benchmarks.score.field import OURS, TWELVE
from benchmarks.score.figures import middle
from benchmarks.score.record import Record

WIDE, TALL = 860, 460
LEFT, RIGHT, TOP, BOTTOM = 70, 190, 20, 50
LABEL_PX = 15
COLORS = ("#1b6ca8", "#59a5d8", "#b5651d", "#e0a458", "#3a7d44", "#7fb685", "#7d4e9f", "#b79ad0", "#666666")


def svg(record: Record) -> str:
    """The drawing as text; a dot where a size was measured."""
    sizes = sorted(record.sizes)
    lines = {
        name: [(rows, seconds) for rows in sizes if (seconds := _wall(record, rows, name)) > 0] for name in record.given
    }
    seconds = [second for line in lines.values() for _, second in line]
    if not seconds:
        return ""
    low, high = math.floor(math.log10(min(seconds))), math.ceil(math.log10(max(seconds)))
    west, east = math.log10(sizes[0]), math.log10(sizes[-1])

    def x(rows: float) -> float:
        share = 0.5 if west == east else (math.log10(rows) - west) / (east - west)
        return LEFT + share * (WIDE - LEFT - RIGHT)

    def y(second: float) -> float:
        return TALL - BOTTOM - (math.log10(second) - low) / max(high - low, 1) * (TALL - TOP - BOTTOM)

    parts = [_text(LEFT, TALL - 8, "parcels", "start"), _text(8, TOP - 6, "seconds, whole process", "start")]
    for power in range(low, high + 1):
        level = y(10.0**power)
        parts.append(f'<path d="M{LEFT} {level:.1f}H{WIDE - RIGHT}" stroke="#ddd"/>')
        parts.append(_text(LEFT - 8, level + 4, f"{10.0**power:g}", "end"))
    parts += [_text(x(rows), TALL - BOTTOM + 20, f"{rows:,}", "middle") for rows in sizes]
    labels = _spread({name: y(line[-1][1]) for name, line in lines.items() if line})
    for (name, line), color in zip(lines.items(), COLORS, strict=False):
        if line:
            path = "L".join(f"{x(rows):.1f} {y(second):.1f}" for rows, second in line)
            width = 3 if name in (OURS, TWELVE) else 1.5
            parts.append(f'<path d="M{path}" fill="none" stroke="{color}" stroke-width="{width}"/>')
            parts += [
                f'<circle cx="{x(rows):.1f}" cy="{y(second):.1f}" r="3" fill="{color}"/>' for rows, second in line
            ]
            parts.append(_text(WIDE - RIGHT + 10, labels[name] + 4, f"{name} {line[-1][1]:.2f} s", "start", color))
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {TALL}" font-family="sans-serif" font-size="12">'
    )
    return "\n".join([head, f'<rect width="{WIDE}" height="{TALL}" fill="#fff"/>', *parts, "</svg>"]) + "\n"


def _wall(record: Record, rows: int, name: str) -> float:
    found = middle(record.sizes[rows][name].runs, "wall_s") if name in record.sizes[rows] else math.nan
    return 0.0 if math.isnan(found) else found


def _spread(levels: dict[str, float]) -> dict[str, float]:
    """Heights of labels, moved apart where they would cover one another."""
    found, last = {}, -math.inf
    for name in sorted(levels, key=lambda name: levels[name]):
        last = max(levels[name], last + LABEL_PX)
        found[name] = last
    return found


def _text(x: float, y: float, words: str, anchor: str, color: str = "#222") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{color}">{escape(words)}</text>'
