"""The scoring run that pages explain with: made once for each import, shared by all who look, saved by nobody."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from pandas import Series

from landgis.roles import may
from landgis.scoring.unknowns import FIRMS, INDUSTRY, SCALE
from landgis.text import N_
from landgis.ui.coded import CODES, coded
from landgis.ui.here import Here, changed, shown_errors
from landgis.ui.long_work import goes_on, long_work
from landgis.ui.words import Words
from landgis.workflow.explaining import Explained, explain_run, scored_from
from landgis.workflow.project import Project
from landgis.workflow.ranking import first_stability
from landgis.workflow.rescore import score_project
from landgis.workflow.zone import Zone

UNKNOWN_TITLES = {
    SCALE: N_("above the statistical scale"), INDUSTRY: N_("industry"), FIRMS: N_("figures of the firms"),
}  # fmt: skip


def explained(here: Here) -> Explained:
    """The run on the zone as it is; raises InputRefused as scoring does."""
    with st.spinner(here.words(N_("working out what explains the scores"))):
        return _explained(here.project.store.where, scored_from(here.project, here.zone), here.project, here.zone)


@st.cache_resource(max_entries=2, show_spinner=False)
def _explained(where: str, key: str, _project: Project, _zone: Zone) -> Explained:  # noqa: ARG001
    return explain_run(_project, _zone)


def sure_of_first(here: Here, found: Explained, among: Sequence[str]) -> tuple[Series, int]:
    """How often each of the listed parcels is among the first of the list, over how many random weights."""
    key = f"{scored_from(here.project, here.zone)} {list_key(here)}"
    return _sure(here.project.store.where, key, found, among)


@st.cache_data(max_entries=32, show_spinner=False)
def _sure(where: str, key: str, _found: Explained, _among: Sequence[str]) -> tuple[Series, int]:  # noqa: ARG001
    return first_stability(_found, _among)


def list_key(here: Here) -> str:
    """What changes whenever other parcels are listed, or they stand in another order."""
    asked = here.asked
    chosen = sorted((theme, sorted(keys)) for theme, keys in asked.chosen.items() if keys)
    return f"{here.zone.version} {asked.as_of} {asked.block} {chosen}"


def unknown_title(words: Words, name: str) -> str:
    """What is missing, in words: a data gap, a metric, or what else a score needs."""
    if name in CODES["data_gaps"]:
        return coded(words, "data_gaps", name)
    return words(UNKNOWN_TITLES[name]) if name in UNKNOWN_TITLES else words.column(name)


def offer_scoring(here: Here, key: str) -> None:
    """A button that scores and saves, for whoever may."""
    words = here.words
    if not may(here.project.actor, "score"):
        st.caption(words(N_("an approver can score the parcels")))
        return
    if st.button(words(N_("score now")), key=key, icon=":material/calculate:") or goes_on("score"):
        score_now(here)


def score_now(here: Here) -> None:
    """Score and save, then run again with what is new."""
    with shown_errors():
        title = here.words(N_("scoring all parcels"))
        long_work(here.words, "score", title, lambda tell: score_project(here.project, tell=tell))
        changed()
