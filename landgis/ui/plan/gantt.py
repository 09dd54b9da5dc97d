"""The time line of a plan: a row a site, its works as bars, and how late it may become."""

from __future__ import annotations

import streamlit as st

from landgis.text import N_
from landgis.ui.charts import INKS
from landgis.ui.here import Here
from landgis.ui.plan import charts as plan_charts
from landgis.ui.plan.words import site_titles, stage_kinds
from landgis.workflow.scheduling.document import PlanDocument
from landgis.workflow.scheduling.view import WORKS, time_line

MOST_ROWS = 80
ROW_PX, FRAME_PX = 26, 100
TIP = N_("{b}: {a}, {c} quarters")


def show_gantt(at: Here, document: PlanDocument) -> None:
    """The chart; the table of sites has its figures."""
    words, block = at.words, at.asked.block
    found = time_line(document, block=block)
    if not found.bars:
        st.info(words(N_("this plan starts no site here")))
        return
    shown = found.bars[:MOST_ROWS]
    titles = site_titles(at, (bar.site for bar in shown))
    rows = [
        plan_charts.Row(
            titles[bar.site.site_id], bar.start,
            (bar.vacated - bar.start, bar.demolished - bar.vacated, bar.completed - bar.demolished),
            bar.finish_p80 if bar.finish_p80 is not None and bar.finish_p80 > bar.completed else None, bar.site.begun,
        )
        for bar in shown
    ]  # fmt: skip
    kinds = stage_kinds(words)
    ink = INKS["dark" if st.context.theme.type == "dark" else "light"]
    option = plan_charts.time_line(
        rows, found.quarters, kinds=[kinds[work] for work in WORKS], late=words(N_("finish, four to one")),
        begun=words(N_("had begun")), tip=words(TIP),
        now=plan_charts.Now(found.place(at.asked.as_of), words.day(at.asked.as_of), ink),
    )  # fmt: skip
    alt = words(N_("works of each site by quarter: vacating, demolishing, rebuilding; the table of sites has them all"))
    st.echarts_chart(option, height=FRAME_PX + ROW_PX * len(rows), key="plan_gantt", alt=alt)
    if len(found.bars) > MOST_ROWS:
        text = N_("the first {shown} of {count} sites; the table of sites has them all")
        st.caption(words(text, shown=words.number(MOST_ROWS), count=words.number(len(found.bars))))
    left = sum(block in (None, site.block_id) for site in document.sites) - len(found.bars)
    if left:
        st.caption(words(N_("sites left as they are: {count}; the table of sites says why"), count=words.number(left)))
