"""Charts as ECharts options: plain dicts of numbers and texts, with fonts of the machine and nothing from elsewhere.

Texts come in translated. Days are ISO texts; an amount that is NaN is not known and is not drawn. Nothing is said by
colour alone: areas and bars have patterns, lines a dash, points a shape. Background and text are left to the theme.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

Option = dict[str, Any]
FONTS = (
    "'Noto Sans CJK SC', 'Source Han Sans SC', 'Microsoft YaHei', 'PingFang SC', 'WenQuanYi Micro Hei', 'SimHei',"
    " 'SimSun', sans-serif"
)
DECIMALS = 4  # of an amount on its way into the browser
FAINT = "rgba(128,128,128,0.14)"  # the time to come; on light and on dark
LINE = "#808690"
INK = "rgba(20,24,42,0.55)"
INKS = {"light": "#4d535e", "dark": "#b4bac4"}  # of words inside a chart: 4.5 : 1 and more on white, on black
CLEAR = "rgba(0,0,0,0)"
THIN = {"color": INK, "symbol": "rect", "dashArrayX": [1, 0], "dashArrayY": [1.5, 6]}
DOTS = {"symbol": "circle", "dashArrayX": [[8, 8], [0, 8, 8, 0]], "dashArrayY": [6, 0], "symbolSize": 0.5}
GRID = {"symbol": "rect", "dashArrayX": [[1, 0], [1, 6]], "dashArrayY": [1, 0, 6, 0]}
DECALS: Mapping[str, Mapping[str, Any]] = MappingProxyType({  # the hatches of the map (palette.HATCHES) in ECharts' way
    "none": {"color": CLEAR},
    "dots": {"color": INK, **DOTS},
    "rising": {**THIN, "rotation": -math.pi / 4},
    "falling": {**THIN, "rotation": math.pi / 4},
    "crossed": {"color": INK, **GRID, "rotation": math.pi / 4},
    "level": THIN,
    "upright": {**THIN, "rotation": math.pi / 2},
})  # fmt: skip
SHAPES = ("circle", "rect", "triangle", "diamond", "roundRect")
BAND = {"stack": "band", "silent": True, "tooltip": {"show": False}}
FAINT_BAR = {"opacity": 0.45, "borderType": "dashed", "borderColor": LINE, "borderWidth": 1}
DAY_LABELS = {"year": "{yyyy}", "month": "{yyyy}-{MM}", "day": "{MM}-{dd}"}


@dataclass(frozen=True)
class Kind:
    """One thing that a chart tells apart: what it is called, and how it is drawn."""

    title: str
    color: str
    hatch: str = "none"


@dataclass(frozen=True)
class Mark:
    """The day that divides facts from plans, what it and the time behind it are called, and the ink of these words."""

    day: str
    title: str
    after: str
    ink: str = INKS["light"]


def stacked_area(days: Sequence[str], amount: np.ndarray, *, kinds: Sequence[Kind], axis: str, mark: Mark) -> Option:
    """How much is of each kind on each day, `amount` float[days, kinds]; kinds that never are there are left out.

    The last kind lies at the bottom. What comes behind the mark lies on a shade.
    """
    shown = _shown(amount)
    series = [
        {
            "type": "line", "name": kinds[at].title, "stack": "all", "symbol": "none", "lineStyle": {"width": 0.5},
            "color": kinds[at].color, "areaStyle": {"opacity": 1}, "emphasis": {"focus": "series"},
            "data": _dated(days, amount[:, at]),
        }
        for at in shown
    ]  # fmt: skip
    if series:
        series[0] |= {"markLine": _line(mark), "markArea": _after(mark, days[-1])}
    return frame(series, [kinds[at].hatch for at in shown]) | {"xAxis": _days(), "yAxis": amount_axis(axis)}


@dataclass(frozen=True)
class Ahead:
    """Where a job is, and when it will have reached its whole amount; days are ISO, None where they are not known."""

    day: str
    done: float
    whole: float
    finish: str | None
    low: str | None
    high: str | None


def s_curve(
    days: Sequence[str], planned: np.ndarray, actual: np.ndarray, *, kinds: Mapping[str, Kind], ahead: Ahead,
    axis: str, mark: Mark,
) -> Option:  # fmt: skip
    """Plan and fact, and behind the mark the forecast with its band; `kinds`: planned, actual, forecast, band.

    `planned` and `actual` float[days]; `actual` is NaN behind the mark.
    """
    facts = [point for point in _dated(days, actual) if point[1] is not None]
    series = [
        _curve(kinds["planned"], _dated(days, planned), "dashed") | {"markLine": _line(mark)},
        _curve(kinds["actual"], facts, "solid"),
        *_forecast(kinds, ahead),
    ]
    hatches = [kinds["band"].hatch if "areaStyle" in one else "none" for one in series]
    return frame(series, hatches) | {"xAxis": _days(), "yAxis": amount_axis(axis)}


def _curve(kind: Kind, points: list[list[Any]], dash: str, width: float = 2) -> Option:
    return {"type": "line", "name": kind.title, "color": kind.color, "symbol": "none", "data": points,
            "lineStyle": {"type": dash, "width": width}}  # fmt: skip


def _forecast(kinds: Mapping[str, Kind], ahead: Ahead) -> list[Option]:
    """A line to the finish; the band is a stack of an invisible area, up to the late line, and what is over it.

    Both limits run straight from where the job is to the whole on their day, so three points make each of them.
    """
    if ahead.finish is None or ahead.finish <= ahead.day:
        return []
    line = _curve(kinds["forecast"], [[ahead.day, plain(ahead.done)], [ahead.finish, plain(ahead.whole)]], "dotted")
    if ahead.low is None or ahead.high is None:
        return [line]
    low, high, start = (np.datetime64(day).astype(int) for day in (ahead.low, ahead.high, ahead.day))
    late = ahead.done + (ahead.whole - ahead.done) * float((low - start) / max(high - start, 1))
    days, edge = (ahead.day, ahead.low, ahead.high), np.array([ahead.done, late, ahead.whole])
    below = Kind("", CLEAR)
    return [
        line,
        _curve(below, _dated(days, edge), "solid", 0) | BAND,
        _curve(kinds["band"], _dated(days, np.array([0, ahead.whole - late, 0])), "solid", 0)
        | BAND | {"areaStyle": {"opacity": 0.35}},
    ]  # fmt: skip


def bars(labels: Sequence[str], amount: Iterable[float], *, kind: Kind, axis: str, running: str = "") -> Option:
    """A bar a period; `running` names the last one, where it is not over, and it is drawn faint."""
    values: list[Any] = [plain(one) for one in amount]
    titles = list(labels)
    if running:
        values[-1] = {"value": values[-1], "itemStyle": FAINT_BAR}
        titles[-1] = f"{titles[-1]}\n{running}"
    series = [{"type": "bar", "name": kind.title, "color": kind.color, "data": values, "barMaxWidth": 40}]
    return frame(series, [kind.hatch]) | {
        "legend": {"show": False},
        "xAxis": period_axis(titles),
        "yAxis": amount_axis(axis),
    }


def bars_beside(labels: Sequence[str], amount: np.ndarray, *, kinds: Sequence[Kind], axis: str) -> Option:
    """A bar a row, from the top, of which each kind takes a part, the last first; `amount` float[rows, kinds]."""
    shown = _shown(amount)
    series = [
        {
            "type": "bar", "name": kinds[at].title, "color": kinds[at].color, "stack": "all", "barMaxWidth": 26,
            "emphasis": {"focus": "series"}, "data": [plain(one) for one in amount[:, at]],
        }
        for at in shown
    ]  # fmt: skip
    whole = frame(series, [kinds[at].hatch for at in shown])
    below = {"nameLocation": "middle", "nameGap": 26, "nameTextStyle": {}}
    return whole | {
        "grid": whole["grid"] | {"bottom": 30}, "xAxis": amount_axis(axis) | below, "yAxis": row_axis(labels),
    }  # fmt: skip


@dataclass(frozen=True)
class Point:
    """Something planned: in which row, on which day, of which kind (a key of `kinds`), and whether it is late."""

    row: str
    day: str
    kind: str
    late: bool


def planned_points(points: Sequence[Point], *, kinds: Mapping[str, Kind], mark: Mark) -> Option:
    """A row a parcel, a point a planned step with its name beside it, hollow where it is late.

    The rows stand in the order of the points.
    """
    rows = list(dict.fromkeys(point.row for point in points))
    series: list[Option] = []
    for at, (key, kind) in enumerate(kinds.items()):
        mine = [_dot(point, kind) for point in points if point.kind == key]
        if mine:
            series.append({
                "type": "scatter", "name": kind.title, "color": kind.color, "symbol": SHAPES[at % len(SHAPES)],
                "symbolSize": 11, "data": mine, "labelLayout": {"hideOverlap": True},
                "label": {"show": True, "formatter": "{a}", "position": "right", "color": mark.ink, "fontSize": 10},
            })  # fmt: skip
    if series:
        series[0] |= {"markLine": _line(mark)}
    return frame(series) | {
        "xAxis": _days() | {"splitLine": {"show": True}}, "yAxis": row_axis(rows) | {"splitLine": {"show": True}},
        "tooltip": {"trigger": "item", "confine": True, "formatter": "{@[1]} · {a} · {@[0]}"},
    }  # fmt: skip


def _dot(point: Point, kind: Kind) -> Option:
    hollow = {"itemStyle": {"color": CLEAR, "borderColor": kind.color, "borderWidth": 2}} if point.late else {}
    return {"value": [point.day, point.row], **hollow}


def frame(series: Sequence[Option], hatches: Sequence[str] = ()) -> Option:
    """What all charts have: fonts, room, a legend, patterns in the order of the series, no words of ECharts' own."""
    named = [one["name"] for one in series if one.get("color") != CLEAR]
    return {
        "textStyle": {"fontFamily": FONTS},
        "animation": False,
        "grid": {"left": 12, "right": 24, "top": 56, "bottom": 12, "containLabel": True},
        "legend": {"type": "scroll", "top": 0, "left": 0, "data": named},
        "aria": {
            "enabled": True,
            "label": {"enabled": False},
            "decal": {"show": bool(hatches), "decals": [dict(DECALS[hatch]) for hatch in hatches]},
        },
        "tooltip": {"trigger": "axis", "confine": True, "valueFormatter": "%,.1f"},
        "series": list(series),
    }


def _shown(amount: np.ndarray) -> list[int]:
    """The columns of which there is anything, the last first."""
    return [at for at in reversed(range(amount.shape[1])) if np.nansum(amount[:, at]) > 0]


def row_axis(labels: Sequence[str]) -> Option:
    """Names of rows, from the top."""
    label = {"width": 150, "overflow": "truncate", "interval": 0}
    return {"type": "category", "data": list(labels), "inverse": True, "axisTick": {"show": False}, "axisLabel": label}


def period_axis(labels: Sequence[str]) -> Option:
    """Names of periods, from the left."""
    label = {"showMaxLabel": True}
    return {"type": "category", "data": list(labels), "axisTick": {"show": False}, "axisLabel": label}


def _days() -> Option:
    return {"type": "time", "axisLabel": {"formatter": DAY_LABELS, "hideOverlap": True}}


def amount_axis(axis: str) -> Option:
    """An axis of amounts from 0 on, which says what they are."""
    return {"type": "value", "name": axis, "nameTextStyle": {"align": "left"}, "min": 0}


def _line(mark: Mark) -> Option:
    return {
        "symbol": "none", "silent": True, "lineStyle": {"color": LINE, "type": "solid", "width": 1.5},
        "label": {"formatter": mark.title, "color": mark.ink, "fontFamily": FONTS}, "data": [{"xAxis": mark.day}],
    }  # fmt: skip


def _after(mark: Mark, last: str) -> Option:
    if last <= mark.day:
        return {"data": []}
    words = {"color": mark.ink, "fontFamily": FONTS, "position": "insideTopRight"}  # above it stands the day
    return {"silent": True, "itemStyle": {"color": FAINT}, "label": words,
            "data": [[{"name": mark.after, "xAxis": mark.day}, {"xAxis": last}]]}  # fmt: skip


def _dated(days: Sequence[str], amount: np.ndarray) -> list[list[Any]]:
    return [[day, plain(one)] for day, one in zip(days, amount.tolist(), strict=True)]


def plain(value: float) -> float | None:
    """A number that JSON knows; None where it is not known."""
    return None if math.isnan(value) else round(float(value), DECIMALS)
