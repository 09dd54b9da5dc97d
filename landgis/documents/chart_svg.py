"""Charts on paper: plan against fact with what is forecast, and how much stands in which phase."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from landgis.documents.content import Curve, Kind, Stack, Tick
from landgis.documents.svg import GREY, INK, LINE, Picture, filled, legend, number, points, text, text_width, whole

WIDTH_MM, HEIGHT_MM = 170.0, 68.0
LEFT_MM, RIGHT_MM, TOP_MM, BOTTOM_MM = 15.0, 3.0, 8.0, 8.0
PLANNED, ACTUAL, BAND = "#7d7c78", "#0072b2", "#d55e00"
LABEL_MM = 2.5
SHOWN_BEYOND = 0.6  # a forecast is shown so far behind plan and fact, of their length; beyond it the chart ends
STEPS = (1, 2, 2.5, 5, 10)
LEAST_LINES = 3


@dataclass(frozen=True)
class Axes:
    """Where days and amounts come to lie on paper."""

    first: int
    last: int
    top: float

    def x(self, day: float) -> float:
        """Millimetres from the left."""
        return LEFT_MM + (day - self.first) / max(self.last - self.first, 1) * (WIDTH_MM - LEFT_MM - RIGHT_MM)

    def y(self, amount: float) -> float:
        """Millimetres from the top."""
        return HEIGHT_MM - BOTTOM_MM - amount / self.top * (HEIGHT_MM - TOP_MM - BOTTOM_MM)


def steps_to(highest: float) -> list[float]:
    """Round amounts from 0 to at least the highest, four to eight of them.

    >>> steps_to(1785.0)
    [0.0, 500.0, 1000.0, 1500.0, 2000.0]
    """
    if not highest > 0:
        return [0.0, 1.0]
    rough = highest / (LEAST_LINES + 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(one * power for one in STEPS if one * power >= rough)
    return [step * count for count in range(math.ceil(highest / step - 1e-9) + 1)]


def draw_curve(content: Curve, family: str) -> Picture:
    """The S-curve: plan dashed, fact drawn through, the forecast as a band to its earliest and its latest end."""
    spans = [*content.at, content.as_of]
    reach = max(spans) + int(SHOWN_BEYOND * (max(spans) - min(spans) + 1))
    ahead = [day for day in content.finish if day is not None]
    axes = Axes(min(spans), max([*spans, *(min(day, reach) for day in ahead)]), steps_to(_highest(content))[-1])
    now = next((amount for amount in reversed(content.actual) if amount is not None), 0.0)
    parts = [
        _clip(),
        *_grid(axes, steps_to(_highest(content)), content.ticks, content.unit),
        '<g clip-path="url(#chart)">',
    ]
    parts += [*_band(axes, content, now), _line(axes, content.at, content.planned, f'stroke="{PLANNED}" {DASHED}')]
    parts += [_line(axes, content.at, content.actual, f'stroke="{ACTUAL}" stroke-width="0.8"'), "</g>"]
    parts += [*_as_of(axes, content.as_of, content.words[3]), *_curve_legend(content)]
    svg = whole(parts, width_mm=WIDTH_MM, height_mm=HEIGHT_MM, family=family)
    return Picture(svg, WIDTH_MM, HEIGHT_MM, content.alt)


DASHED = 'stroke-width="0.6" stroke-dasharray="2 1"'
DOTTED = 'stroke-width="0.6" stroke-dasharray="0.6 1"'


def _highest(content: Curve) -> float:
    known = [amount for amount in (*content.planned, *content.actual, content.total) if amount is not None]
    return max((amount for amount in known if math.isfinite(amount)), default=0.0)


def _band(axes: Axes, content: Curve, now: float) -> list[str]:
    finish, low, high = content.finish
    here, parts = (axes.x(content.as_of), axes.y(now)), []
    if low is not None and high is not None:
        corners = [here, (axes.x(low), axes.y(content.total)), (axes.x(high), axes.y(content.total))]
        parts.append(f'<path d="{points(corners)}Z" fill="{BAND}" fill-opacity="0.18"/>')
    if finish is not None and finish > content.as_of:
        end = (axes.x(finish), axes.y(content.total))
        parts.append(f'<path d="{points([here, end])}" fill="none" stroke="{BAND}" {DOTTED}/>')
    return parts


def _line(axes: Axes, at: Sequence[int], amounts: Sequence[float | None], style: str) -> str:
    known = [(axes.x(day), axes.y(amount)) for day, amount in zip(at, amounts, strict=True) if amount is not None]
    return f'<path d="{points(known)}" fill="none" stroke-linejoin="round" {style}/>' if known else ""


def _grid(axes: Axes, amounts: Sequence[float], ticks: Sequence[Tick], unit: str) -> list[str]:
    right = WIDTH_MM - RIGHT_MM
    parts = []
    for amount in amounts:
        y = axes.y(amount)
        parts.append(_rule(LEFT_MM, y, right, y, LINE))
        parts.append(text(LEFT_MM - 1.2, y + 0.9, f"{amount:,.10g}", size=LABEL_MM, anchor="end"))
    parts.append(text(1, TOP_MM - 3.6, unit, size=LABEL_MM, extra=f'fill="{GREY}"'))
    bottom, free = HEIGHT_MM - BOTTOM_MM, LEFT_MM - 10.0
    for tick in (one for one in ticks if axes.first <= one.day <= axes.last):
        x, half = axes.x(tick.day), text_width(tick.label, LABEL_MM) / 2
        parts.append(_rule(x, bottom, x, bottom + 1.2, GREY))
        if x - half > free and x + half <= WIDTH_MM:  # a label that would touch the one before it is left away
            parts.append(text(x, bottom + 4.4, tick.label, size=LABEL_MM, anchor="middle"))
            free = x + half + 1.5
    return parts


def _rule(x1: float, y1: float, x2: float, y2: float, color: str, style: str = "") -> str:
    ends = f'x1="{number(x1)}" y1="{number(y1)}" x2="{number(x2)}" y2="{number(y2)}"'
    return f'<line {ends} stroke="{color}" stroke-width="0.2" {style}/>'


def _as_of(axes: Axes, day: int, words: str) -> list[str]:
    x = axes.x(day)
    wide = text_width(words, LABEL_MM)
    anchor, beside = ("end", -1.0) if x + wide + 2 > WIDTH_MM else ("start", 1.0)
    rule = _rule(x, TOP_MM - 1, x, HEIGHT_MM - BOTTOM_MM, INK, 'stroke-dasharray="1 0.8"')
    return [rule, text(x + beside, TOP_MM + 1.6, words, size=LABEL_MM, anchor=anchor, extra=HALO)]


HALO = 'paint-order="stroke" stroke="#ffffff" stroke-width="0.6"'


def _clip() -> str:
    wide, tall = WIDTH_MM - LEFT_MM - RIGHT_MM, HEIGHT_MM - BOTTOM_MM
    return f'<clipPath id="chart"><rect x="{LEFT_MM}" y="0" width="{wide}" height="{tall}"/></clipPath>'


def _curve_legend(content: Curve) -> list[str]:
    styles = (f'stroke="{PLANNED}" {DASHED}', f'stroke="{ACTUAL}" stroke-width="0.8"', f'stroke="{BAND}" {DOTTED}')
    shown = list(zip(content.words[:3], styles, strict=True))[: 3 if content.finish[0] is not None else 2]
    parts, x = [], LEFT_MM + 8.0
    for words, style in shown:
        parts.append(f'<path d="{points([(x, 2.4), (x + 8, 2.4)])}" fill="none" {style}/>')
        parts.append(text(x + 9, 3.4, words, size=2.7))
        x += 14 + text_width(words, 2.7)
    return parts


def draw_stack(content: Stack, family: str) -> Picture:
    """Areas on top of one another, those of the plan paler; the legend below."""
    sums = [sum(amount for amount in row if math.isfinite(amount)) for row in content.amounts]
    heights = steps_to(max(sums, default=0.0))
    axes = Axes(content.at[0], content.at[-1], heights[-1])
    parts = [*_grid(axes, heights, content.ticks, content.unit), *_areas(axes, content), _veil(axes, content.as_of)]
    parts += _as_of(axes, content.as_of, content.as_of_words)
    below, end = legend(content.kinds, top=HEIGHT_MM + 1, width_mm=WIDTH_MM)
    svg = whole([*parts, *below], width_mm=WIDTH_MM, height_mm=end, family=family)
    return Picture(svg, WIDTH_MM, end, content.alt)


def _areas(axes: Axes, content: Stack) -> list[str]:
    below = [0.0] * len(content.at)
    parts = []
    for at, kind in enumerate(content.kinds):
        above = [low + (row[at] if math.isfinite(row[at]) else 0.0)
                 for low, row in zip(below, content.amounts, strict=True)]  # fmt: skip
        if above != below:
            parts.append(_area(axes.x, axes.y, content.at, (below, above), kind))
        below = above
    return parts


def _area(
    x: Callable[[float], float], y: Callable[[float], float], at: Sequence[int],
    between: tuple[Sequence[float], Sequence[float]], kind: Kind,
) -> str:  # fmt: skip
    low, high = ([(x(day), y(amount)) for day, amount in zip(at, side, strict=True)] for side in between)
    return filled(f'<path d="{points([*high, *low[::-1]])}Z"', kind, 0.1)


def _veil(axes: Axes, as_of: int) -> str:
    """What is only planned is paler."""
    x = axes.x(as_of)
    size = f'width="{number(max(WIDTH_MM - RIGHT_MM - x, 0))}" height="{number(HEIGHT_MM - TOP_MM - BOTTOM_MM)}"'
    return f'<rect x="{number(x)}" y="{number(TOP_MM)}" {size} fill="#ffffff" fill-opacity="0.55"/>'
