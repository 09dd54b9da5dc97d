"""The map of a plan by quarter: what the plan has each parcel be, with a slider through its quarters."""

from __future__ import annotations

import time
from collections.abc import Sequence

import streamlit as st

from landgis.text import N_
from landgis.ui import layers
from landgis.ui.here import Here, go
from landgis.ui.plan.words import stage_kinds
from landgis.ui.view import view_state
from landgis.workflow.scheduling.document import PlanDocument
from landgis.workflow.scheduling.quarters import last_day, quarter_name
from landgis.workflow.scheduling.view import CHANGES, STAGES, shown_quarters, stage_amounts, stages

HEIGHT_PX = 430
STEP_S = 1.1
PLAYED = "plan_played_at"
TIPS = {
    "zh": N_("{id}\n{t_name} {t_site}\n{t_mode_zh}\n{t_start} – {t_end}"),
    "en": N_("{id}\n{t_name} {t_site}\n{t_mode_en}\n{t_start} – {t_end}"),
}


def show_plan_map(at: Here, document: PlanDocument) -> None:
    """Legend, map, slider."""
    quarters = shown_quarters(document)
    quarter = chosen_quarter(at, quarters)
    show_stages(at, document, quarter)
    show_one(at, document, quarter, view=flat_view(at), key="plan_map", height=HEIGHT_PX)
    show_slider(at, quarters, quarter)


def chosen_quarter(at: Here, quarters: Sequence[str]) -> str:
    """The quarter that is asked for; else that of the day, the first or the last one at the ends."""
    wanted = at.asked.quarter or quarter_name(at.asked.as_of)
    return min(max(wanted, quarters[0]), quarters[-1])


def flat_view(at: Here) -> dict[str, float]:
    """Where the map looks, from above."""
    return view_state(at) | {"pitch": 0}


def show_stages(at: Here, document: PlanDocument, quarter: str, *, key: str = "plan_legend") -> None:
    """How many parcels and how much land are in each stage, in the block that is looked at or in all."""
    words, day = at.words, last_day(quarter)
    found = stage_amounts(at.zone, stages(document, at.zone.parcel_ids), day, block=at.asked.block)
    kinds = stage_kinds(words)
    with st.container(horizontal=True, key=key):
        st.markdown(f"**{quarter}**", width="content")
        for key in STAGES.keys:
            if found[key].parcels:
                kind, amount = kinds[key], found[key]
                picture = f"![](/swatch/{kind.color[1:]}-{kind.hatch}.svg)"
                text = f"{picture} {kind.title} **{words.number(amount.parcels)}** ({words.mu(amount.mu, 0)})"
                st.markdown(text, width="content")


def show_one(
    at: Here, document: PlanDocument, quarter: str, *, view: dict[str, float], key: str, height: int, named: bool = True
) -> None:  # fmt: skip
    """The map of one plan in one quarter."""
    zone, day = at.zone, last_day(quarter)
    dark = st.context.theme.type == "dark"
    url = f"/geo/{zone.version}/{zone.turn(zone.today)}"
    blocks = zone.blocks(zone.today).table["block_id"].tolist()
    block = blocks.index(at.asked.block) if at.asked.block in blocks else None
    shown = layers.Shown(
        f"{url}/plan/{at.config.show_plan(document)}", STAGES.key, day.toordinal(), {STAGES.key: CHANGES}, block,
        dark=dark,
    )  # fmt: skip
    drawn = [
        *layers.context_layers(url, dark=dark), layers.fill_layer(shown), *layers.outline_layer(url, block),
        layers.block_layer(url, dark=dark), *(layers.label_layers(url, at.words.language, dark=dark) if named else ()),
    ]  # fmt: skip
    tip = TIPS["zh" if at.words.language.startswith("zh") else "en"]
    st.pydeck_chart(
        layers.deck(drawn, view, tooltip=at.words(tip)), key=key, height=height,
        alt=at.words(N_("map of the parcels by their stage in the plan; the table of sites has the same by site")),
    )  # fmt: skip


def show_slider(at: Here, quarters: Sequence[str], quarter: str) -> None:
    """Slider and play button; both ask for another quarter."""
    words = at.words
    slider, play = st.columns([8, 1.2], vertical_alignment="bottom")
    st.session_state["plan_quarter"] = quarter
    slider.select_slider(
        words(N_("quarter of the plan")), list(quarters), key="plan_quarter", label_visibility="collapsed",
        on_change=lambda: go(quarter=st.session_state["plan_quarter"]),
    )  # fmt: skip
    playing = play.toggle(words(N_("play")), key="plan_play")
    if not playing:
        st.session_state.pop(PLAYED, None)
    elif quarter == quarters[-1]:
        st.caption(words(N_("the last quarter of the plan")))
    else:
        _advance(quarters[list(quarters).index(quarter) + 1])


@st.fragment(run_every=STEP_S)
def _advance(following: str) -> None:
    """Step on, once a step's time has passed."""
    since = st.session_state.setdefault(PLAYED, time.monotonic())
    if time.monotonic() - since >= STEP_S * 0.8:
        st.session_state[PLAYED] = time.monotonic()
        go(quarter=following)
        st.rerun(scope="app")
