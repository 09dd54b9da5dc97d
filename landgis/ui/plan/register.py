"""What the register has as planned and not reached: by quarter, on a time line, step by step."""

from __future__ import annotations

import numpy as np
import streamlit as st
from pandas import DataFrame

from landgis.text import N_
from landgis.ui import board, charts
from landgis.ui.here import Here
from landgis.workflow.ahead import LATE, by_quarter, planned_steps, unknown_amounts
from landgis.workflow.trend import picture

MOST_ROWS = 40  # parcels on one time line
ROW_PX, FRAME_PX = 24, 110


def show_register(at: Here) -> None:
    """All of it."""
    words = at.words
    found = picture(at.zone.register, as_of=at.asked.as_of)
    measure = board.measure_switch(at)
    steps = planned_steps(at.zone.register, found, measure=measure, block=at.asked.block)
    st.markdown(f"**{words(N_('planned and not reached, by quarter'))}**")
    if steps.empty:
        st.caption(words(N_("nothing is planned; planned dates are recorded in the dossier, or imported as events")))
        return
    _show_quarters(at, steps, measure)
    _show_time_line(at, steps)
    _show_steps(at, steps, found.status.baseline)


def _show_quarters(at: Here, steps: DataFrame, measure: str) -> None:
    """What each quarter has, step by step; one step as a chart, and by block."""
    words = at.words
    table = by_quarter(steps)
    quarters = {name: words(N_("overdue")) if name == LATE else name for name in table.index}
    _show_table(table.rename(index=quarters, columns=words.milestone).rename_axis(words(N_("quarter"))), measure)
    chosen = st.selectbox(
        words(N_("step")), list(table.columns), index=list(table.columns).index(_middle(table)), key="plan_step",
        format_func=words.milestone,
    )  # fmt: skip
    chart, figures = st.columns(2)
    with chart:
        option = charts.bars(
            list(quarters.values()),
            table[chosen],
            kind=board.step_kinds(words)[chosen],
            axis=words(board.UNITS[measure]),
        )
        alt = words(N_("what is planned of one step by quarter; the tables have the figures"))
        st.echarts_chart(option, height=280, key="plan_quarters", alt=alt)
    with figures:
        of_step = by_quarter(steps[steps["milestone"] == chosen], columns="block_id").rename(index=quarters).T
        names = {**board.block_names(at), "": words(N_("in no block"))}
        of_step.insert(0, words(N_("block")), [names.get(key, key) for key in of_step.index])
        _show_table(of_step.reset_index(drop=True), measure, hide_index=True)
    if count := unknown_amounts(steps):
        st.caption(words(N_("of {count} planned steps this is not known; they add nothing"), count=words.number(count)))


def _middle(table: DataFrame) -> str:
    """The step that is shown first: demolition, if any is planned."""
    return "DEMOLISHED" if "DEMOLISHED" in table.columns else str(table.columns[0])


def _show_table(table: DataFrame, measure: str, *, hide_index: bool = False) -> None:
    shown = "%,.1f" if board.DECIMALS[measure] else "%,.0f"
    numbers = table.select_dtypes("number").columns
    titles = {str(name): st.column_config.NumberColumn(format=shown) for name in numbers}
    empty = table.copy()
    empty[numbers] = table[numbers].astype(float).where(table[numbers] != 0, np.nan)
    st.dataframe(empty, column_config=titles, placeholder="", hide_index=hide_index)


def _show_time_line(at: Here, steps: DataFrame) -> None:
    """The parcels of a block, a row each."""
    words = at.words
    st.markdown(f"**{words(N_('planned dates by parcel'))}**")
    if at.asked.block is None:
        st.caption(words(N_("choose a block above to see its parcels on a time line")))
        return
    parcels = steps["parcel_id"].drop_duplicates()
    shown = steps[steps["parcel_id"].isin(parcels.head(MOST_ROWS))]
    rows = shown[["parcel_id", "planned_on", "milestone", "late"]].to_numpy(object)
    points = [charts.Point(str(parcel), str(day), str(step), bool(late)) for parcel, day, step, late in rows]
    kinds = board.step_kinds(words)
    option = charts.planned_points(points, kinds=kinds, mark=board.mark(words, at.asked.as_of))
    height = FRAME_PX + ROW_PX * min(len(parcels), MOST_ROWS)
    alt = words(N_("planned steps of each parcel on a time line; the table below has them all"))
    st.echarts_chart(option, height=height, key="plan_line", alt=alt)
    if len(parcels) > MOST_ROWS:
        text = N_("the first {shown} of {count} parcels; the table below has them all")
        st.caption(words(text, shown=words.number(MOST_ROWS), count=words.number(len(parcels))))


def _show_steps(at: Here, steps: DataFrame, baseline: str | None) -> None:
    """Every planned step; a row opens the dossier."""
    words, column = at.words, st.column_config
    titles = {
        "parcel_id": column.TextColumn(words(N_("parcel number"))),
        "block_id": column.TextColumn(words(N_("block"))),
        "milestone": column.TextColumn(words(N_("step"))),
        "planned_on": column.DateColumn(words(N_("planned")), format="YYYY-MM-DD"),
        "frozen_on": column.DateColumn(words(N_("in the frozen plan")), format="YYYY-MM-DD"),
        "late": column.CheckboxColumn(words(N_("overdue"))),
    }
    if baseline is None:
        del titles["frozen_on"]
    board.parcel_table(at, steps, titles, key="plan_steps", height=320)
