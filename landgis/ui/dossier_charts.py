"""The two charts of a dossier as ECharts options: the parts of the score, and the milestones on the line of time."""

from __future__ import annotations

from collections.abc import Sequence

from landgis.text import N_
from landgis.ui.charts import DAY_LABELS, FONTS, LINE, Option
from landgis.ui.coded import coded
from landgis.ui.words import Words
from landgis.workflow.dossier_course import Course, MilestoneRow
from landgis.workflow.dossier_score import ScoreCard

BAR, TOTAL = "#56b4e9", "#0072b2"
PLAN, FACT, FORECAST, LATE = "#808690", "#0072b2", "#e69f00", "#d55e00"  # Okabe and Ito; told apart by shape too
ROW_PX = 26


def score_chart(score: ScoreCard, words: Words) -> Option:
    """A bar a part, 0–100, and above them the score with the lowest and the highest that it can be."""
    whole = words(N_("score"))
    rows = [(whole, score.score, TOTAL)]
    for part in score.parts:
        title = coded(words, "parts", part.name)
        if part.weight is not None:
            title = words(N_("{part} ({weight})"), part=title, weight=words.percent(part.weight))
        rows.append((title, part.score, BAR))
    bars = [{"value": _shown(value), "itemStyle": {"color": color}} for _, value, color in rows]
    return _frame() | {
        "xAxis": {"type": "value", "min": 0, "max": 100},
        "yAxis": _rows([title for title, _, _ in rows]),
        "series": [
            {"type": "bar", "name": words(N_("points (0–100)")), "data": bars, "barMaxWidth": 16,
             "label": {"show": True, "position": "insideLeft", "color": "#ffffff", "textBorderColor": "#14182a",
                       "textBorderWidth": 2}},
            {"type": "line", "name": words(N_("lowest and highest possible")), "symbol": "rect", "symbolSize": [3, 16],
             "color": LATE, "data": [[_shown(end), whole] for end in (score.low, score.high) if end is not None]},
        ],
    }  # fmt: skip


def course_chart(course: Course, words: Words) -> Option | None:
    """A row a milestone: when it was planned, is forecast, and was reached; None where no day is known."""
    rows = [row for row in course.rows if row.planned or row.forecast or row.actual]
    if not rows:
        return None
    kinds = (("planned", PLAN, "emptyDiamond"), ("forecast", FORECAST, "triangle"), ("actual", FACT, "circle"))
    titles = {"planned": N_("planned"), "forecast": N_("forecast"), "actual": N_("actual")}
    series: list[Option] = [
        {"type": "line", "name": words(N_("late")), "symbol": "none", "color": LATE,
         "data": _spans(rows, course, words), "lineStyle": {"width": 2, "type": "dotted"},
         "markLine": {"symbol": "none", "silent": True, "lineStyle": {"color": LINE, "type": "solid"},
                      "label": {"formatter": words.day(course.as_of), "color": LINE},
                      "data": [{"xAxis": course.as_of.isoformat()}]}},
    ]  # fmt: skip
    for kind, color, symbol in kinds:
        points = [
            [getattr(row, kind).isoformat(), words.milestone(row.milestone)] for row in rows if getattr(row, kind)
        ]
        series.append({"type": "scatter", "name": words(titles[kind]), "color": color, "symbol": symbol,
                       "symbolSize": 11, "data": points})  # fmt: skip
    return _frame(legend=True) | {
        "xAxis": {
            "type": "time",
            "splitLine": {"show": True},
            "axisLabel": {"formatter": DAY_LABELS, "hideOverlap": True},
        },
        "yAxis": _rows([words.milestone(row.milestone) for row in rows]),
        "series": series,
    }


def _spans(rows: Sequence[MilestoneRow], course: Course, words: Words) -> list[list[str | None]]:
    """From the planned day to the actual one, or to the day that is looked at, where that is late; gaps between."""
    points: list[list[str | None]] = []
    for row in rows:
        until = row.actual if row.gap_days and row.gap_days > 0 else course.as_of if row.overdue_days else None
        if row.planned and until:
            title = words.milestone(row.milestone)
            points += [[row.planned.isoformat(), title], [until.isoformat(), title], [None, None]]
    return points


def height_px(option: Option) -> int:
    """As high as its rows need."""
    return 70 + ROW_PX * len(option["yAxis"]["data"])


def _frame(*, legend: bool = False) -> Option:
    return {
        "textStyle": {"fontFamily": FONTS}, "animation": False,
        "grid": {"left": 8, "right": 60 if legend else 28, "top": 40 if legend else 10, "bottom": 24,
                 "containLabel": True},
        "legend": {"show": legend, "top": 0, "left": 0}, "tooltip": {"trigger": "item", "confine": True},
    }  # fmt: skip


def _rows(titles: Sequence[str]) -> Option:
    return {"type": "category", "data": list(titles), "inverse": True, "axisTick": {"show": False}}


def _shown(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
