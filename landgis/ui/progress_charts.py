"""The charts of the board: phases by month, plan against fact, pace, blocks beside one another."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import numpy as np
import streamlit as st
from pandas import DataFrame

from landgis.phases.history import day_text
from landgis.text import N_
from landgis.ui import board, charts
from landgis.ui.here import Here
from landgis.ui.palette import PHASE_COLORS
from landgis.workflow.progress import STEPS, Progress
from landgis.workflow.trend import BlockFigures, Period, Picture, blocks_beside, pace, phases_by_month

HEIGHT_PX = 330
ROW_PX, FRAME_PX = 30, 110
PLAN_COLOR, FACT_COLOR = PHASE_COLORS["building"], PHASE_COLORS["vacated"]  # blue and vermilion, as far apart as can be
PERIODS: dict[Period, str] = {"month": N_("by month"), "week": N_("by week")}


@dataclass(frozen=True)
class Shown:
    """What the board is about in one run."""

    at: Here
    found: Picture
    progress: Progress
    measure: str
    milestone: str

    @property
    def axis(self) -> str:
        """What the amounts are, with their unit."""
        return self.at.words(board.UNITS[self.measure])


def show_charts(shown: Shown) -> None:
    """Two rows of two."""
    left, right = st.columns(2)
    with left:
        _show_phases(shown)
    with right:
        _show_curve(shown)
    left, right = st.columns(2)
    with left:
        _show_pace(shown)
    beside = blocks_beside(shown.found, measure=shown.measure, milestone=shown.milestone)
    if not beside:  # there is no land yet
        return
    with right:
        _show_blocks(shown, beside)
    _show_block_table(shown, beside)


def _show_phases(shown: Shown) -> None:
    words = shown.at.words
    st.markdown(f"**{words(N_('phases by month'))}**")
    stack = phases_by_month(shown.found, measure=shown.measure, block=shown.at.asked.block)
    if np.isnan(stack.amount).all():
        st.info(words(N_("the project has no table that this is counted from; import one, or count in parcels or mu")))
        return
    begun = st.toggle(words(N_("with what has not begun")), key="progress_not_begun")
    from_class = 0 if begun else 1
    option = charts.stacked_area(
        [day_text(day) for day in stack.at], stack.amount[:, from_class:],
        kinds=board.phase_kinds(words)[from_class:], axis=shown.axis, mark=board.mark(words, shown.at.asked.as_of),
    )  # fmt: skip
    alt = words(N_("phases by month, stacked; the table below has the figures of the day by block"))
    st.echarts_chart(option, height=HEIGHT_PX, key="progress_phases", alt=alt)
    _say_unknown(shown, int(stack.unknown[stack.at.tolist().index(stack.as_of)]))


def _say_unknown(shown: Shown, count: int) -> None:
    if count:
        words = shown.at.words
        text = N_("of {count} parcels this is not known; they add nothing")
        st.caption(words(text, count=words.number(count)))


def _show_curve(shown: Shown) -> None:
    words, curve, plan = shown.at.words, shown.progress.curve, shown.progress.schedule
    st.markdown(f"**{words(N_('plan and actual'))}: {board.milestone_title(words, shown.milestone)}**")
    done = float(curve.actual[~np.isnan(curve.actual)][-1])
    ahead = charts.Ahead(
        shown.at.asked.as_of.isoformat(), done, max(float(curve.planned[-1]) + plan.unplanned_weight, done),
        *(None if day is None else day_text(day) for day in (plan.finish_day, plan.low_day, plan.high_day)),
    )  # fmt: skip
    option = charts.s_curve(
        [day_text(day) for day in curve.at], curve.planned, curve.actual, kinds=_curve_kinds(shown), ahead=ahead,
        axis=shown.axis, mark=board.mark(words, shown.at.asked.as_of),
    )  # fmt: skip
    alt = words(N_("planned and actual amount by month, with the forecast; the figures stand in the cards above"))
    st.echarts_chart(option, height=HEIGHT_PX, key="progress_curve", alt=alt)
    if plan.unplanned_weight:
        amount = words.number(plan.unplanned_weight, board.DECIMALS[shown.measure])
        text = N_(
            "{amount} of what was reached had no planned day, so it is in the actual line and not in the planned one"
        )
        st.caption(words(text, amount=amount))
    if shown.measure == "occupants":
        st.caption(words(N_("in this curve and in the pace a firm counts once for each parcel that it is on")))


def _curve_kinds(shown: Shown) -> dict[str, charts.Kind]:
    words = shown.at.words
    return {
        "planned": charts.Kind(words(N_("planned")), PLAN_COLOR),
        "actual": charts.Kind(words(N_("actual")), FACT_COLOR),
        "forecast": charts.Kind(words(N_("forecast")), FACT_COLOR),
        "band": charts.Kind(words(N_("forecast, 80 %")), FACT_COLOR, "rising"),
    }


def _show_pace(shown: Shown) -> None:
    words = shown.at.words
    st.markdown(f"**{words(N_('pace'))}: {board.milestone_title(words, shown.milestone)}**")
    period = st.segmented_control(
        words(N_("pace")), list(PERIODS), default="month", required=True, key="progress_period",
        format_func=lambda one: words(PERIODS[one]), label_visibility="collapsed", persist_state="session",
    )  # fmt: skip
    found = pace(
        shown.found,
        measure=shown.measure,
        milestone=shown.milestone,
        block=shown.at.asked.block,
        period=period or "month",
    )
    starts = [datetime.date.fromordinal(int(day)) for day in found.start]
    labels = [day.strftime("%Y-%m" if period == "month" else "%m-%d") for day in starts]
    step = shown.milestone if shown.milestone in STEPS else "DEMOLISHED"
    option = charts.bars(
        labels, found.amount, kind=board.step_kinds(words)[step], axis=shown.axis,
        running=words(N_("so far")) if found.running else "",
    )  # fmt: skip
    alt = words(N_("amount that reached the milestone in each month or week"))
    st.echarts_chart(option, height=HEIGHT_PX - 40, key="progress_pace", alt=alt)
    _say_unknown(shown, int(found.unknown.sum()))


def _show_blocks(shown: Shown, beside: list[BlockFigures]) -> None:
    words = shown.at.words
    st.markdown(f"**{words(N_('blocks beside one another'))}**")
    names, amount = [_name(shown, block) for block in beside], np.array([block.phases for block in beside])
    option = charts.bars_beside(names, amount, kinds=board.phase_kinds(words), axis=shown.axis)
    alt = words(N_("phases of each block on the day, stacked; the table below has the figures"))
    st.echarts_chart(option, height=FRAME_PX + ROW_PX * len(beside), key="progress_blocks", alt=alt)


def _name(shown: Shown, block: BlockFigures) -> str:
    words = shown.at.words
    return words.name(block.name, block.name_en, block.block_id) if block.block_id else words(N_("in no block"))


def _show_block_table(shown: Shown, beside: list[BlockFigures]) -> None:
    """A row a block: how much of it reached what, in the measure that is chosen."""
    words, column = shown.at.words, st.column_config
    table = DataFrame({
        "block": [_name(shown, block) for block in beside],
        "parcels": [block.parcels for block in beside],
        "share": [block.renovated_share * 100 for block in beside],
        "late": [block.overdue_steps for block in beside],
        "late_parcels": [block.overdue_parcels for block in beside],
        "spi_t": [block.spi_t for block in beside],
        **{step: [block.reached[step][shown.measure] for block in beside] for step in STEPS},
    })  # fmt: skip
    amount = "%,.1f" if board.DECIMALS[shown.measure] else "%,.0f"
    st.dataframe(table, key="progress_block_table", hide_index=True, placeholder="—", column_config={
        "block": column.TextColumn(words(N_("block")), pinned=True),
        "parcels": column.NumberColumn(words(board.UNITS["parcels"])),
        "share": column.ProgressColumn(words(N_("renovated")), format="%.0f %%", min_value=0, max_value=100),
        "late": column.NumberColumn(words(N_("overdue steps"))),
        "late_parcels": column.NumberColumn(words(N_("overdue parcels"))),
        "spi_t": column.NumberColumn("SPI(t)", format="%.2f"),
        **{step: column.NumberColumn(words.milestone(step), format=amount) for step in STEPS},
    })  # fmt: skip
