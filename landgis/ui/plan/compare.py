"""Plans side by side: figures, land renovated, money left, starts by site, and two maps of one quarter."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from pandas import DataFrame, Index

from landgis.text import N_
from landgis.ui.here import Here, shown_errors
from landgis.ui.palette import PHASE_COLORS
from landgis.ui.plan import charts as plan_charts
from landgis.ui.plan.charts import Curve
from landgis.ui.plan.map import chosen_quarter, flat_view, show_one, show_slider, show_stages
from landgis.ui.plan.shelf import Shelf, loaded
from landgis.ui.plan.words import MONEY, mode_title, site_titles
from landgis.workflow.scheduling.comparing import COMPARE_COLUMNS, WAY_TITLES, Comparison, compare
from landgis.workflow.scheduling.document import EXACT, PlanDocument
from landgis.workflow.scheduling.view import shown_quarters

MOST, AT_FIRST = 6, 3  # plans at a time
CHART_PX, MAP_PX = 320, 320
SMALLER = 0.7  # by so many levels of zoom, to fit into half of the page
COLORS = tuple(PHASE_COLORS[key] for key in ("building", "vacated", "rebuilt", "signed", "demolished", "cleared"))


def show_compare(at: Here, shelf: Shelf) -> None:
    """Which plans, then all about them."""
    words = at.words
    known = {plan.name: plan for plan in shelf.kept}
    if not known:
        st.info(words(N_("no plan is kept yet; keep one, and it can be compared here")))
        return
    picked = st.multiselect(
        words(N_("plans to compare")), list(known), default=list(known)[:AT_FIRST], max_selections=MOST,
        key="plan_compared", persist_state="session",
    )  # fmt: skip
    with shown_errors():
        documents = [loaded(at, known[name]) for name in picked if name in known]
        if shelf.found is not None and shelf.found.name not in picked:
            documents.append(shelf.found)
        if documents:
            _show(at, documents)


def _show(at: Here, documents: Sequence[PlanDocument]) -> None:
    found = compare(documents)
    _show_table(at, found)
    left, right = st.columns(2)
    with left:
        _show_land(at, documents)
    with right:
        _show_money(at, documents)
    _show_starts(at, documents, found)
    _show_maps(at, documents)


def _show_table(at: Here, found: Comparison) -> None:
    """A row for each plan, or for each of its ways too."""
    words, column = at.words, st.column_config
    every = st.toggle(words(N_("with the other ways of choosing")), key="plan_compare_ways")
    table = found.table if every else found.table[found.table["way"] == EXACT].drop(columns="way")
    titles = {one.name: words(one.title) for one in COMPARE_COLUMNS}
    shown = table.assign(
        below_bound=table["below_bound"].astype(float) * 100, runs_out=table["runs_out"].astype(float) * 100
    )
    if every:
        shown["way"] = [words(WAY_TITLES[way]) for way in shown["way"]]
    formats = {"below_bound": "%.1f %%", "runs_out": "%.0f %%"} | {
        one.name: "%,.1f" if one.name.endswith("_mu") else "%,.0f"
        for one in COMPARE_COLUMNS
        if one.kind == "number" and one.name not in ("below_bound", "runs_out")
    }
    st.dataframe(shown, key="plan_compare_table", hide_index=True, placeholder="—", column_config={
        name: column.NumberColumn(titles[name], format=formats[name]) if name in formats
        else column.Column(titles[name], pinned=name in ("plan", "way"))
        for name in shown.columns
    })  # fmt: skip


def _quarters(documents: Sequence[PlanDocument]) -> list[str]:
    return sorted({quarter for document in documents for quarter in document.quarters})


def _curves(documents: Sequence[PlanDocument], figures: str) -> tuple[list[str], list[Curve]]:
    """A curve of the best plan of each document, on the quarters of all of them."""
    quarters = _quarters(documents)
    drawn = []
    for place, document in enumerate(documents):
        by_quarter = dict(zip(document.quarters, getattr(document.ways[EXACT], figures), strict=False))
        values = [by_quarter.get(quarter) for quarter in quarters]
        drawn.append(Curve(document.name, COLORS[place % len(COLORS)], values, place))
    return quarters, drawn


def _show_land(at: Here, documents: Sequence[PlanDocument]) -> None:
    words = at.words
    st.markdown(f"**{words(N_('land renovated, by the end of each quarter'))}**")
    option = plan_charts.curves(*_curves(documents, "renovated_mu"), axis=words(N_("mu")))
    alt = words(N_("land renovated by quarter, a line a plan; the table above has the sums"))
    st.echarts_chart(option, height=CHART_PX, key="plan_compare_land", alt=alt)


def _show_money(at: Here, documents: Sequence[PlanDocument]) -> None:
    words = at.words
    st.markdown(f"**{words(N_('money left at the end of each quarter'))}**")
    option = plan_charts.curves(*_curves(documents, "cash_wan"), axis=words(MONEY))
    alt = words(N_("money left by quarter, a line a plan; the table above has the least of it"))
    st.echarts_chart(option, height=CHART_PX, key="plan_compare_money", alt=alt)


def _show_starts(at: Here, documents: Sequence[PlanDocument], found: Comparison) -> None:
    """A row a site, a column a plan: when it starts, and in which mode."""
    words = at.words
    titles = site_titles(at, (site for document in documents for site in document.sites))
    st.markdown(f"**{words(N_('start by site'))}**")
    sites = Index([titles.get(key, key) for key in found.starts], name=words(N_("site")))
    cells = {
        plan: [_start(at, by_plan.get(plan), known=plan in by_plan) for by_plan in found.starts.values()]
        for plan in found.plans
    }
    table = DataFrame(cells, index=sites)
    st.dataframe(table, key="plan_compare_starts", height=min(420, 36 * (len(table) + 1) + 3))


def _start(at: Here, start: tuple[str, str] | None, *, known: bool) -> str:
    if start is None:
        return at.words(N_("left as it is")) if known else "—"
    return f"{start[1]} · {mode_title(at, start[0])}"


def _show_maps(at: Here, documents: Sequence[PlanDocument]) -> None:
    """The first two plans in the same quarter."""
    words, two = at.words, documents[:2]
    if not st.toggle(words(N_("maps of the first two plans")), key="plan_compare_maps"):
        return
    quarters = sorted({quarter for document in two for quarter in shown_quarters(document)})
    quarter, view = chosen_quarter(at, quarters), flat_view(at)
    view["zoom"] -= SMALLER
    for place, (column, document) in enumerate(zip(st.columns(len(two)), two, strict=True)):
        with column:
            st.text(document.name)
            show_one(at, document, quarter, view=view, key=f"plan_map_{place}", height=MAP_PX, named=False)
            show_stages(at, document, quarter, key=f"plan_legend_{place}")
    show_slider(at, quarters, quarter)
