"""The rule set of a project: every number with its source, and which ones nobody has compared with a document."""

from __future__ import annotations

import streamlit as st
from pandas import DataFrame

from landgis.text import N_
from landgis.ui.here import Here
from landgis.ui.words import Words

PARTS = {"intensity": N_("intensity score"), "tenancy": N_("tenancy score"), "output": N_("output score")}
STATUSES = {"verified": N_("verified"), "unverified": N_("unverified")}


def show_rules(at: Here) -> None:
    """Every number of the rule set, with its source; those that nobody compared with a document are marked."""
    words, rules, column = at.words, at.project.rules, st.column_config
    chinese = words.language.startswith("zh")
    doubtful = [figure for figure in rules.figures if figure.status == "unverified"]
    st.text(f"{rules.id} · {rules.title.zh if chinese else rules.title.en}")
    st.text(
        words(N_("{place}, {year}; document: {document}"), place=rules.place, year=rules.year, document=rules.document)
    )
    st.text(rules.note.zh if chinese else rules.note.en)
    if doubtful or rules.status == "unverified":
        text = N_("{count} of {all} numbers of this rule set are unverified: nothing can be decided on them")
        st.warning(words(text, count=words.number(len(doubtful)), all=words.number(len(rules.figures))))
    for cell, (part, weight) in zip(st.columns(len(rules.score.weights)), rules.score.weights.items(), strict=True):
        cell.metric(words(N_("weight of the {part}"), part=words(PARTS[part])), words.percent(weight))
    only = st.toggle(words(N_("only unverified ones")), key="settings_doubtful")
    figures = doubtful if only else rules.figures
    table = DataFrame({
        "path": [figure.path for figure in figures],
        "value": [_value(words, figure.value) for figure in figures],
        "status": [words(STATUSES[figure.status]) for figure in figures],
        "source": [figure.source for figure in figures],
    })  # fmt: skip
    st.dataframe(table, key="settings_figures", hide_index=True, column_config={
        "path": column.TextColumn(words(N_("parameter"))), "value": column.TextColumn(words(N_("value"))),
        "status": column.TextColumn(words(N_("status"))), "source": column.TextColumn(words(N_("source"))),
    })  # fmt: skip


def _value(words: Words, value: float | str) -> str:
    """A number with as many decimals as it has, at most four."""
    if isinstance(value, str):
        return value
    decimals = next((digits for digits in range(4) if round(value, digits) == value), 4)
    return words.number(value, decimals)
