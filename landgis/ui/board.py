"""What the board and the plan share: measures in words, phases and steps as chart kinds, tables that open a dossier."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import streamlit as st
from pandas import DataFrame

from landgis.phases.status import RENOVATED
from landgis.tables import MILESTONE_TITLES
from landgis.text import N_
from landgis.ui.charts import INKS, Kind, Mark
from landgis.ui.here import Here, open_page
from landgis.ui.palette import colors, hatches
from landgis.ui.words import Words
from landgis.workflow.progress import MEASURES, STEPS
from landgis.workflow.themes import THEMES, step_classes

UNITS: Mapping[str, str] = MappingProxyType({
    "parcels": N_("parcels (number)"), "mu": N_("mu"), "floor_area_m2": N_("floor area, m²"),
    "occupants": N_("firms (number)"),
})  # fmt: skip
DECIMALS: Mapping[str, int] = MappingProxyType({"parcels": 0, "mu": 1, "floor_area_m2": 0, "occupants": 0})


def measure_switch(at: Here) -> str:
    """Parcels, mu, floor area or firms: what all figures are counted in."""
    chosen = st.segmented_control(
        at.words(N_("counted in")), MEASURES, default="mu", required=True, key="board_measure", persist_state="session",
        format_func=lambda one: at.words(UNITS[one]),
    )  # fmt: skip
    return str(chosen)


def milestone_switch(at: Here) -> str:
    """The milestone that curve, pace and blocks are about."""
    return str(st.selectbox(
        at.words(N_("milestone")), (RENOVATED, *STEPS), key="board_milestone", persist_state="session",
        format_func=lambda one: milestone_title(at.words, one),
    ))  # fmt: skip


def milestone_title(words: Words, code: str) -> str:
    """A milestone, or `renovated`, in words."""
    return words(MILESTONE_TITLES[code] if code in MILESTONE_TITLES else N_("renovated"))


def phase_kinds(words: Words) -> tuple[Kind, ...]:
    """The classes of the phase theme, in colours and hatches of the map."""
    drawn = zip(THEMES["phase"].classes, colors("phase"), hatches("phase"), strict=True)
    return tuple(Kind(words.message(one.title), color, hatch) for one, color, hatch in drawn)


def step_kinds(words: Words) -> dict[str, Kind]:
    """Each step, in colour and hatch of the phase that it leads to."""
    phases = phase_kinds(words)
    of_step = zip(STEPS, step_classes(STEPS)[1:], strict=True)
    return {step: Kind(words.milestone(step), phases[at].color, phases[at].hatch) for step, at in of_step}


def mark(words: Words, as_of: datetime.date) -> Mark:
    """The day that divides facts from plans."""
    ink = INKS["dark" if st.context.theme.type == "dark" else "light"]
    return Mark(as_of.isoformat(), words(N_("as of {day}"), day=words.day(as_of)), words(N_("planned")), ink)


def block_names(at: Here) -> dict[str, str]:
    """The blocks of the day, and what each is called."""
    rows = at.zone.blocks(at.asked.as_of).table.itertuples(index=False)
    return {str(row.block_id): at.words.name(row.name, row.name_en, str(row.block_id)) for row in rows}


def worded(at: Here, table: DataFrame) -> DataFrame:
    """A table with its blocks and milestones in words, and its days as days."""
    names = block_names(at)
    found = table.copy()
    if "block_id" in found:
        found["block_id"] = [names.get(one, one) if isinstance(one, str) else None for one in found["block_id"]]
    if "milestone" in found:
        found["milestone"] = [
            milestone_title(at.words, one) if isinstance(one, str) else None for one in found["milestone"]
        ]
    for name in [name for name in found if str(name).endswith("_on") or name in ("day", "was")]:
        found[name] = [datetime.date.fromisoformat(one) if isinstance(one, str) else None for one in found[name]]
    return found


def parcel_table(at: Here, table: DataFrame, titles: Mapping[str, Any], *, key: str, height: int = 260) -> None:
    """A table of parcels; a click on a row opens the parcel's dossier."""
    seen = worded(at, table)
    picked = st.dataframe(
        seen, key=key, hide_index=True, height=height, on_select="rerun", selection_mode=["single-row", "single-cell"],
        column_order=list(titles), column_config=dict(titles), placeholder="—",
    ).selection  # fmt: skip
    rows = [*picked["rows"], *(cell[0] for cell in picked["cells"])]
    if rows:
        open_page("dossier", parcel=str(table["parcel_id"].iloc[rows[0]]))
