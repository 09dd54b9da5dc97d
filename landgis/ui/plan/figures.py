"""A plan in figures: the headline, the ways beside it, its sites, what is in none, and what was assumed."""

from __future__ import annotations

from collections import Counter

import streamlit as st
from pandas import DataFrame

from landgis.show.schedule import status_message
from landgis.text import N_
from landgis.ui.here import Here
from landgis.ui.plan.words import kind_title, mode_title, site_titles, why_not
from landgis.ui.words import NOTHING, Words
from landgis.workflow.scheduling.comparing import WAY_TITLES, compare
from landgis.workflow.scheduling.document import PlanDocument
from landgis.workflow.scheduling.view import Headline, headline

SITES_PX = 380


def show_figures(at: Here, document: PlanDocument) -> None:
    """All of it, from the most to the least needed."""
    _show_headline(at, document, headline(document))
    _show_ways(at, document)
    _show_sites(at, document)
    _show_left_out(at, document)
    _show_assumptions(at, document)


def _show_headline(at: Here, document: PlanDocument, found: Headline) -> None:
    """Land, money, proof, finish, risk."""
    words, outlook = at.words, document.outlook
    cards = (
        (N_("renovated by the end, mu"), words.number(found.renovated_mu, 1), None),
        (N_("sites started"), f"{words.number(found.started)} / {words.number(found.sites)}",
         words(N_("of the sites that had not begun; {count} had begun before"), count=words.number(found.begun))),
        (N_("spent, 10 000 CNY"), words.number(found.spent_wan), None),
        (N_("income, 10 000 CNY"), words.number(found.income_wan), None),
        (N_("proven within"), words.percent(document.gap, 1), words.message(status_message(document))),
        (N_("finish, even odds"), outlook.finish_p50 if outlook else NOTHING, None),
        (N_("finish, four to one"), outlook.finish_p80 if outlook else NOTHING,
         words(N_("in four of five drawn futures all is finished by then"))),
        (N_("chance that floor runs out"), words.percent(outlook.runs_out if outlook else None), None),
    )  # fmt: skip
    with st.container(key="plan_cards", horizontal=True, gap="small"):
        for title, value, more in cards:
            st.metric(words(title), value, help=more, width="content")
    st.caption(words.message(status_message(document)) + " · " + _tightest(words, document, found))


def _tightest(words: Words, document: PlanDocument, found: Headline) -> str:
    """What is left where money and floor are scarcest."""
    parts = [words(N_("least money left {amount} × 10 000 CNY"), amount=words.number(found.lowest_cash_wan))]
    parts += [
        words(N_("least vacant {kind} {amount} m²"), kind=kind_title(words, document, kind), amount=words.number(floor))
        for kind, floor in found.lowest_vacant_m2.items()
    ]
    return " · ".join(parts)


def _show_ways(at: Here, document: PlanDocument) -> None:
    """The plan beside what an office does without one."""
    words, column = at.words, st.column_config
    st.markdown(f"**{words(N_('the plan beside other ways of choosing'))}**")
    rows = {row["way"]: row for row in compare([document]).rows}
    names = ("objective", "below", "started", "started_mu", "renovated_mu", "spent", "income", "months")
    table = DataFrame(
        [[words(title), *_way(rows.get(way))] for way, title in WAY_TITLES.items()], columns=["way", *names]
    )
    st.dataframe(table, key="plan_ways", hide_index=True, placeholder=NOTHING, column_config={
        "way": column.TextColumn(words(N_("way of choosing")), pinned=True),
        "objective": column.NumberColumn(words(N_("objective")), format="%,.0f"),
        "below": column.NumberColumn(words(N_("below the bound, %")), format="%.1f"),
        "started": column.NumberColumn(words(N_("sites started"))),
        "started_mu": column.NumberColumn(words(N_("land started, mu")), format="%,.1f"),
        "renovated_mu": column.NumberColumn(words(N_("land renovated, mu")), format="%,.1f"),
        "spent": column.NumberColumn(words(N_("spent, 10 000 CNY")), format="%,.0f"),
        "income": column.NumberColumn(words(N_("income, 10 000 CNY")), format="%,.0f"),
        "months": column.NumberColumn(words(N_("months of displacement")), format="%,.0f"),
    })  # fmt: skip
    if len(rows) < len(WAY_TITLES):
        st.caption(words(N_("a way without figures finds no plan that keeps all limits")))


def _way(row: object) -> list[object]:
    """A row of the comparison as the table has it; the share in per cent."""
    if not isinstance(row, dict):
        return [None] * 8
    below = row["below_bound"]
    return [
        row["objective"], None if below is None else below * 100, row["sites_started"], row["started_mu"],
        row["renovated_mu"], row["spent_wan"], row["income_wan"], row["firm_months"],
    ]  # fmt: skip


def _show_sites(at: Here, document: PlanDocument) -> None:
    """A row a site of the block that is looked at, or of all: in the order of their start, those that are left last."""
    words, column = at.words, st.column_config
    st.markdown(f"**{words(N_('sites'))}**")
    mine = [site for site in document.sites if at.asked.block in (None, site.block_id)]
    sites = sorted(mine, key=lambda site: (site.start_quarter or "~", site.site_id))
    table = DataFrame({
        "site": list(site_titles(at, sites).values()),
        "mode": [mode_title(at, site.mode) if site.mode else None for site in sites],
        "why": [why_not(words, site) or (words(N_("had begun")) if site.begun else None) for site in sites],
        **{name: [getattr(site, f"{name}_quarter") for site in sites]
           for name in ("start", "vacated", "demolished", "completed")},
        **{name: [getattr(site, name) for site in sites]
           for name in ("finish_p80", "area_mu", "old_floor_m2", "new_floor_m2", "firms", "cost_wan", "income_wan")},
    })  # fmt: skip
    st.dataframe(table, key="plan_sites", hide_index=True, placeholder=NOTHING, height=_height(len(table)),
                 column_config={
        "site": column.TextColumn(words(N_("site")), pinned=True),
        "mode": column.TextColumn(words(N_("mode of renovation"))),
        "why": column.TextColumn(words(N_("remark"))),
        "start": column.TextColumn(words(N_("start"))),
        "vacated": column.TextColumn(words(N_("vacated"))),
        "demolished": column.TextColumn(words(N_("demolished"))),
        "completed": column.TextColumn(words(N_("completed"))),
        "finish_p80": column.TextColumn(words(N_("finish, four to one"))),
        "area_mu": column.NumberColumn(words(N_("land, mu")), format="%,.1f"),
        "old_floor_m2": column.NumberColumn(words(N_("floor now, m²")), format="%,.0f"),
        "new_floor_m2": column.NumberColumn(words(N_("new floor, m²")), format="%,.0f"),
        "firms": column.NumberColumn(words(N_("firms"))),
        "cost_wan": column.NumberColumn(words(N_("cost, 10 000 CNY")), format="%,.0f"),
        "income_wan": column.NumberColumn(words(N_("income, 10 000 CNY")), format="%,.0f"),
    })  # fmt: skip


def _height(rows: int) -> int:
    return min(SITES_PX, 36 * (rows + 1) + 3)


def _show_left_out(at: Here, document: PlanDocument) -> None:
    """How many parcels are in no site, for which reason, and which."""
    words = at.words
    if not document.left_out:
        return
    counts = Counter(one.problem for one in document.left_out)
    with st.expander(words(N_("parcels in no site: {count}"), count=words.number(len(document.left_out)))):
        for why, count in counts.most_common():
            st.text(f"{words.number(count)}: {words(why)}")
        table = DataFrame([(one.parcel_id, words(one.problem)) for one in document.left_out], columns=["parcel", "why"])
        column = st.column_config
        st.dataframe(table, key="plan_left_out", hide_index=True, height=_height(len(table)), column_config={
            "parcel": column.TextColumn(words(N_("parcel number"))), "why": column.TextColumn(words(N_("why"))),
        })  # fmt: skip


def _show_assumptions(at: Here, document: PlanDocument) -> None:
    """Every figure behind the plan that nobody has verified."""
    words, column = at.words, st.column_config
    if not document.assumptions:
        return
    text = N_("{count} figures behind this plan are assumptions; nothing can be approved or paid by it")
    with st.expander(words(text, count=words.number(len(document.assumptions)))):
        rows = [
            (str(one.get("name", "")), _shown(one.get("value")), str(one.get("source", "")))
            for one in document.assumptions
        ]
        st.dataframe(DataFrame(rows, columns=["name", "value", "source"]), key="plan_assumed", hide_index=True,
                     height=_height(len(rows)), column_config={
            "name": column.TextColumn(words(N_("figure"))), "value": column.TextColumn(words(N_("value"))),
            "source": column.TextColumn(words(N_("source"))),
        })  # fmt: skip


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, (int, float)) else NOTHING if value is None else str(value)
