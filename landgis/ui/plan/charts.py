"""Charts of a plan as ECharts options: bars of the time line, curves and money by quarter. See charts.py.

The bars run on an axis of numbers, quarters from the left end, as ECharts stacks nothing on days; the names of the
quarters stand on an axis of their own below.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from landgis.ui.charts import CLEAR, FONTS, LINE, Kind, Option, amount_axis, frame, period_axis, plain, row_axis

WORK = "work"  # the stack of a row
BAR_PX = 16
DASHES: tuple[Any, ...] = ("solid", "dashed", "dotted", [10, 4, 2, 4], [14, 4], [4, 2])
SYMBOLS = ("circle", "rect", "triangle", "diamond", "roundRect", "pin")


@dataclass(frozen=True)
class Row:
    """One bar: where it begins, the lengths of its works in the order of their kinds, where it ends with bad luck."""

    title: str
    start: int
    lengths: Sequence[int]
    late_end: int | None  # None where it is no later
    begun: bool


@dataclass(frozen=True)
class Now:
    """Where today lies, what it is called, and the ink of that word."""

    place: float
    title: str
    ink: str


def time_line(
    rows: Sequence[Row], quarters: Sequence[str], *, kinds: Sequence[Kind], late: str, begun: str, now: Now, tip: str
) -> Option:
    """A row a site from the top, its works one behind the other; `late` and `begun` name the marks of both.

    `kinds`: of the works, in their order. `tip` is ECharts' template of what a bar says.
    """
    names = [row.title for row in rows]
    series: list[Option] = [_work(Kind("", CLEAR), [row.start for row in rows]) | {"silent": True}]
    series += [_work(kind, [row.lengths[at] for row in rows]) for at, kind in enumerate(kinds)]
    ends = [row.start + sum(row.lengths) for row in rows]
    series[-1] |= {"markLine": _whiskers(rows, ends)}
    series[0] |= {"markLine": _now(now)} if 0 <= now.place <= len(quarters) else {}
    marks = (
        (late, "rect", [3, BAR_PX], [(row.late_end, at) for at, row in enumerate(rows) if row.late_end is not None]),
        (begun, "diamond", 13, [(row.start, at) for at, row in enumerate(rows) if row.begun]),
    )
    series += [_marks(title, symbol, size, [[x, names[y]] for x, y in points]) for title, symbol, size, points in marks]
    whole = frame(series, ["none", *(kind.hatch for kind in kinds), *["none"] * len(marks)])
    hidden = {"type": "value", "min": 0, "max": len(quarters), "show": False}
    below = period_axis(quarters) | {"splitLine": {"show": True, "interval": 3}, "position": "bottom"}
    return whole | {
        "xAxis": [hidden, below], "yAxis": row_axis(names) | {"splitLine": {"show": False}},
        "tooltip": {"trigger": "item", "confine": True, "formatter": tip},
    }  # fmt: skip


def _work(kind: Kind, lengths: Sequence[int]) -> Option:
    drawn = [length or None for length in lengths]  # a bar of no length would still draw its edge
    return {"type": "bar", "name": kind.title, "color": kind.color, "stack": WORK, "barWidth": BAR_PX, "data": drawn}


def _whiskers(rows: Sequence[Row], ends: Sequence[int]) -> Option:
    data = [
        [{"coord": [end, row.title]}, {"coord": [row.late_end, row.title]}]
        for row, end in zip(rows, ends, strict=True)
        if row.late_end is not None
    ]
    return {"symbol": "none", "silent": True, "label": {"show": False}, "data": data,
            "lineStyle": {"color": LINE, "type": "solid", "width": 2}}  # fmt: skip


def _marks(title: str, symbol: str, size: Any, points: Sequence[Sequence[Any]]) -> Option:
    edge = {"borderColor": "#ffffff", "borderWidth": 0.5}
    return {"type": "scatter", "name": title, "symbol": symbol, "symbolSize": size, "color": LINE, "z": 5,
            "itemStyle": edge, "silent": True, "data": list(points)}  # fmt: skip


def _now(now: Now) -> Option:
    label = {"formatter": now.title, "position": "start", "color": now.ink, "fontFamily": FONTS}
    return {
        "symbol": "none", "silent": True, "lineStyle": {"color": LINE, "type": "solid", "width": 1.5}, "label": label,
        "data": [{"xAxis": now.place}],
    }  # fmt: skip


@dataclass(frozen=True)
class Curve:
    """A line by quarter; None where nothing is known. Told apart by dash and symbol, not by colour alone."""

    title: str
    color: str
    values: Sequence[float | None]
    dash: int = 0  # of DASHES and SYMBOLS
    width: float = 2


def curves(quarters: Sequence[str], drawn: Sequence[Curve], *, axis: str, zero: str = "", ink: str = LINE) -> Option:
    """Lines over quarters; with `zero`, which names it, the line below which nothing may fall."""
    series = [
        {
            "type": "line", "name": one.title, "color": one.color, "symbol": SYMBOLS[one.dash % len(SYMBOLS)],
            "symbolSize": 5, "showAllSymbol": False, "data": [_known(value) for value in one.values],
            "lineStyle": {"type": DASHES[one.dash % len(DASHES)], "width": one.width}, "emphasis": {"focus": "series"},
        }
        for one in drawn
    ]  # fmt: skip
    if zero and series:
        series[0]["markLine"] = {
            "symbol": "none", "silent": True, "lineStyle": {"color": "#b2182b", "type": "solid", "width": 1.5},
            "label": {"formatter": zero, "position": "insideEndTop", "color": ink, "fontFamily": FONTS},
            "data": [{"yAxis": 0}],
        }  # fmt: skip
    return frame(series) | {"xAxis": period_axis(quarters), "yAxis": _free(axis)}


def cash(
    quarters: Sequence[str], flows: Mapping[str, tuple[Kind, Sequence[float]]], left: Curve, *, axis: str
) -> Option:
    """What comes in stands up, what is spent (below 0) hangs down; the line is what is left."""
    bars = [
        {"type": "bar", "name": kind.title, "color": kind.color, "stack": "flows", "barMaxWidth": 26,
         "emphasis": {"focus": "series"}, "data": [_known(value) for value in values]}
        for kind, values in flows.values()
    ]  # fmt: skip
    line = {
        "type": "line", "name": left.title, "color": left.color, "symbol": "circle", "symbolSize": 5,
        "data": [_known(value) for value in left.values], "lineStyle": {"width": left.width},
    }  # fmt: skip
    hatches = [kind.hatch for kind, _ in flows.values()]
    return frame([*bars, line], [*hatches, "none"]) | {"xAxis": period_axis(quarters), "yAxis": _free(axis)}


def _free(axis: str) -> Option:
    """An axis that reaches below 0 where it has to."""
    free = amount_axis(axis)
    del free["min"]
    return free


def _known(value: float | None) -> float | None:
    return None if value is None else plain(value)
