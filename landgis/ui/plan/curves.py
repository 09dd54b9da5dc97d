"""The curves of a plan: land renovated beside other ways and what is done; money, swing space, firms displaced."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from landgis.text import N_
from landgis.ui import charts
from landgis.ui.charts import INKS, Kind
from landgis.ui.here import Here
from landgis.ui.palette import PHASE_COLORS
from landgis.ui.plan import charts as plan_charts
from landgis.ui.plan.charts import Curve
from landgis.ui.plan.words import MONEY, kind_title
from landgis.workflow.scheduling.comparing import WAY_TITLES
from landgis.workflow.scheduling.document import EXACT, PlanDocument, Way
from landgis.workflow.scheduling.view import renovated_so_far

HEIGHT_PX = 320
WAY_COLORS = {
    EXACT: PHASE_COLORS["building"], "greedy": PHASE_COLORS["signed"], "johnson": PHASE_COLORS["rebuilt"],
    "file": "#7b8190",
}  # fmt: skip
DONE_COLOR = PHASE_COLORS["vacated"]
FLOOR_COLORS = (PHASE_COLORS["building"], PHASE_COLORS["signed"], PHASE_COLORS["rebuilt"], PHASE_COLORS["demolished"])


def show_curves(at: Here, document: PlanDocument) -> None:
    """Two rows of two."""
    best = document.ways[EXACT]
    assert best is not None  # a document without a best plan is refused where it is read
    for row in ((_show_land, _show_money), (_show_space, _show_firms)):
        for place, show in zip(st.columns(2), row, strict=True):
            with place:
                show(at, document, best)


def ink() -> str:
    """The colour of words inside a chart."""
    return INKS["dark" if st.context.theme.type == "dark" else "light"]


def _show_land(at: Here, document: PlanDocument, _: Way) -> None:
    words = at.words
    st.markdown(f"**{words(N_('land renovated, by the end of each quarter'))}**")
    drawn = [
        Curve(words(title), WAY_COLORS[way], found.renovated_mu, dash, 3 if way == EXACT else 2)
        for dash, (way, title) in enumerate(WAY_TITLES.items())
        if (found := document.ways[way]) is not None
    ]
    done = renovated_so_far(document, at.zone)
    if done:
        rest: Sequence[float | None] = [None] * (len(document.quarters) - len(done))
        drawn.append(Curve(words(N_("done so far")), DONE_COLOR, [*done, *rest], 4, 3))
    option = plan_charts.curves(document.quarters, drawn, axis=words(N_("mu")))
    alt = words(N_("land renovated by quarter: the plan, other ways of choosing, and what is done so far"))
    st.echarts_chart(option, height=HEIGHT_PX, key="plan_land", alt=alt)
    if not done:
        st.caption(words(N_("nothing is done yet: the plan begins with {quarter}"), quarter=document.quarters[0]))


def _show_money(at: Here, document: PlanDocument, best: Way) -> None:
    words = at.words
    st.markdown(f"**{words(N_('money by quarter'))}**")
    if not best.cash_wan:
        st.info(words(N_("money does not bind this plan")))
        return
    flows = {
        "income": (Kind(words(N_("income")), PHASE_COLORS["rebuilt"]), best.income_wan),
        "spent": (
            Kind(words(N_("spent")), PHASE_COLORS["vacated"], "falling"), [-amount for amount in best.spent_wan]
        ),
    }  # fmt: skip
    if document.budget_wan is not None:
        flows = {
            "budget": (Kind(words(N_("new money")), PHASE_COLORS["cleared"], "rising"), document.budget_wan)
        } | flows
    left = Curve(words(N_("left at the end")), PHASE_COLORS["building"], best.cash_wan, width=3)
    option = plan_charts.cash(document.quarters, flows, left, axis=words(MONEY))
    alt = words(N_("new money, income and spending of each quarter, and what is left at its end"))
    st.echarts_chart(option, height=HEIGHT_PX, key="plan_money", alt=alt)


def _show_space(at: Here, document: PlanDocument, best: Way) -> None:
    words = at.words
    st.markdown(f"**{words(N_('swing space that stands vacant'))}**")
    if not best.vacant_m2:
        st.info(words(N_("swing space does not bind this plan")))
        return
    drawn = [
        Curve(kind_title(words, document, kind), FLOOR_COLORS[at_ % len(FLOOR_COLORS)], amount, at_)
        for at_, (kind, amount) in enumerate(best.vacant_m2.items())
    ]
    option = plan_charts.curves(
        document.quarters, drawn, axis="m²", zero=words(N_("nothing left to move into")), ink=ink()
    )
    alt = words(N_("vacant floor of each kind by quarter, and the line at 0"))
    st.echarts_chart(option, height=HEIGHT_PX, key="plan_space", alt=alt)
    if document.outlook is not None:
        text = N_("{kind}: runs out in {share} of the drawn futures, {missing} m² missing at four to one")
        for kind, share in document.outlook.runs_out_by_kind.items():
            missing = words.number(document.outlook.missing_p80_m2.get(kind))
            st.caption(words(text, kind=kind_title(words, document, kind), share=words.percent(share), missing=missing))


def _show_firms(at: Here, document: PlanDocument, best: Way) -> None:
    words = at.words
    st.markdown(f"**{words(N_('firms out of their rooms'))}**")
    kind = Kind(words(N_("firms (number)")), PHASE_COLORS["signed"], "rising")
    option = charts.bars(document.quarters, best.displaced_firms, kind=kind, axis=words(N_("firms (number)")))
    alt = words(N_("how many firms are out of their rooms in each quarter"))
    st.echarts_chart(option, height=HEIGHT_PX, key="plan_firms", alt=alt)
    months = words.number(best.firm_months)
    st.caption(words(N_("{months} months of displacement over all firms"), months=months))
