"""The ranked list as a table: what it shows of each parcel, and what its columns are called."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st
from pandas import DataFrame

from landgis.scoring.parts import PARTS
from landgis.tables import MILESTONE_TITLES
from landgis.text import N_
from landgis.ui.board import block_names
from landgis.ui.coded import coded
from landgis.ui.explained import sure_of_first, unknown_title
from landgis.ui.here import Here
from landgis.ui.words import Words
from landgis.workflow.explaining import Explained
from landgis.workflow.ranking import LEFT_OUT, Ranking, widest_unknowns
from landgis.workflow.summary import FIRST


def ranked_table(at: Here, listed: Ranking, found: Explained | None) -> tuple[DataFrame, dict[str, Any]]:
    """What the table shows, and its columns in their order with their titles; those that explain, where `found`."""
    table, words = listed.all, at.words
    shown = DataFrame({
        "place": table["place"], "parcel_id": table.index, "score": table["score"], "grade": table["grade"],
        "left_out": table["left_out"].map({key: words(text) for key, text in LEFT_OUT.items()}),
        **{f"{part}_score": table.get(f"{part}_score") for part in PARTS},
        "reasons": table.get(f"reasons_{words.language[:2]}"),
        "score_low": table.get("score_low"), "score_high": table.get("score_high"),
        "block_id": table["block_id"].map(block_names(at)),
        "area_mu": table["area_mu"], "phase": _worded(at, table["phase"]),
        "next_milestone": _worded(at, table["next_milestone"]),
        "next_planned_on": pd.to_datetime(table["next_planned_on"]), "overdue_days": table["overdue_days"],
    }, index=table.index)  # fmt: skip
    titles = _score_titles(words)
    if found is not None and len(listed.table):
        shown = shown.join(_explaining(at, listed, found))
        titles |= _sure_titles(words)
    if at.asked.block is None:
        titles["block_id"] = st.column_config.TextColumn(words.column("block_id"))
    return shown, titles | _land_titles(words)


def _score_titles(words: Words) -> dict[str, Any]:
    column = st.column_config
    better = words(N_("0–100; higher is better used"))
    parts = {
        f"{part}_score": column.NumberColumn(coded(words, "parts", part), format="%.0f", width=70, help=better)
        for part in PARTS
    }
    return {
        "place": column.NumberColumn(words(N_("place")), format="%d", width=60, pinned=True),
        "parcel_id": column.TextColumn(words.column("parcel_id"), pinned=True),
        "score": column.ProgressColumn(words.column("score"), format="%.1f", min_value=0, max_value=100, width=110,
                                       color="blue"),
        **parts,
        "grade": column.TextColumn(words.column("grade"), width=60),
        "left_out": column.TextColumn(words(N_("not to come, because"))),
        "reasons": column.TextColumn(words(N_("reasons")), width="large"),
        "score_low": column.NumberColumn(words(N_("score, lowest")), format="%.0f", width=70),
        "score_high": column.NumberColumn(words(N_("score, highest")), format="%.0f", width=70),
    }  # fmt: skip


def _sure_titles(words: Words) -> dict[str, Any]:
    column, share = st.column_config, words(N_("share of random weightings near the official one"))
    among = words(N_("among the first {first}"), first=FIRST)
    return {
        "stays": column.NumberColumn(words(N_("keeps its grade")), format="%.0f%%", help=share),
        "among": column.NumberColumn(among, format="%.0f%%", help=share),
        "missing": column.TextColumn(words(N_("missing, matters most"))),
    }


def _land_titles(words: Words) -> dict[str, Any]:
    column = st.column_config
    return {
        "area_mu": column.NumberColumn(words.column("area_mu"), format="%.1f"),
        "phase": column.TextColumn(words.column("phase")),
        "next_milestone": column.TextColumn(words(N_("next step"))),
        "next_planned_on": column.DateColumn(words(N_("planned")), format="YYYY-MM-DD"),
        "overdue_days": column.NumberColumn(words(N_("days late")), format="%d"),
    }


def _explaining(at: Here, listed: Ranking, found: Explained) -> DataFrame:
    """How sure grade and place are, in per cent, and what is missing that the score depends on most."""
    words, ids = at.words, listed.table.index
    among, _ = sure_of_first(at, found, ids.tolist())
    missing = widest_unknowns(found)
    names = {name: unknown_title(words, name) for name in missing["missing"].dropna().unique()}
    gap, points = missing["missing"].map(names), missing["missing_points"].round(1)
    template = N_("{gap} (up to {points} points)")
    texts = {pair: words(template, gap=pair[0], points=words.number(pair[1], 1))
             for pair in set(zip(gap, points, strict=True)) if isinstance(pair[0], str)}  # fmt: skip
    said = [texts.get(pair) for pair in zip(gap, points, strict=True)]
    every = DataFrame({"stays": 100 * found.grade_stability, "missing": said}, index=found.parcel_ids)
    return every.reindex(listed.all.index).assign(among=100 * among)


def _worded(at: Here, codes: Any) -> Any:
    return codes.map({code: at.words.milestone(code) for code in MILESTONE_TITLES})
