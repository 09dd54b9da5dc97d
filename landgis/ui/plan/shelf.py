"""Which plan the page is about: one that is kept in the project, one that was just found, or a new one to ask for."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from landgis.text import N_
from landgis.ui.here import Here, go
from landgis.workflow.project import Project
from landgis.workflow.scheduling.document import PlanDocument
from landgis.workflow.scheduling.shelf import KeptPlan, list_plans, load_plan

NEW, FOUND = "+", "="  # stand for a plan to be asked for, and for the one that was found and is not kept
FOUND_PLAN = "plan_found"  # in the session
KEPT = 24  # documents in memory


@dataclass(frozen=True)
class Shelf:
    """What there is, and what is looked at: NEW, FOUND or the name of a kept plan."""

    kept: tuple[KeptPlan, ...]  # the last one first
    found: PlanDocument | None
    chosen: str
    document: PlanDocument | None

    def of(self, name: str) -> KeptPlan | None:
        """The kept plan of that name."""
        return next((plan for plan in self.kept if plan.name == name), None)


def shelf(at: Here) -> Shelf:
    """What is asked for, else what was just found, else what was kept last; a new plan where there is none."""
    kept = tuple(_listed(at.project.store.where, at.zone.version, at.project))
    found: PlanDocument | None = st.session_state.get(FOUND_PLAN)
    names = [plan.name for plan in kept]
    if at.asked.plan in (*names, NEW):
        chosen = str(at.asked.plan)
    else:
        chosen = FOUND if found is not None else names[0] if names else NEW
    if chosen == NEW:
        return Shelf(kept, found, chosen, None)
    return Shelf(kept, found, chosen, found if chosen == FOUND else loaded(at, kept[names.index(chosen)]))


def loaded(at: Here, plan: KeptPlan) -> PlanDocument:
    """A kept plan, read once."""
    return _loaded(at.project.store.where, plan.line, plan.name, at.project)


def show_box(at: Here, found: Shelf) -> None:
    """The box to choose from."""
    words = at.words
    titles = {NEW: words(N_("new plan …"))} | {plan.name: _title(at, plan) for plan in found.kept}
    if found.found is not None:
        titles = {FOUND: words(N_("{name}, not kept yet"), name=found.found.name)} | titles
    st.session_state["plan_chosen"] = found.chosen
    st.selectbox(
        words(N_("plan")), list(titles), key="plan_chosen", format_func=lambda key: titles[key],
        on_change=lambda: choose(st.session_state["plan_chosen"]),
    )  # fmt: skip


def choose(name: str | None) -> None:
    """Look at another plan, in callbacks."""
    go(plan=None if name == FOUND else name, quarter=None)


def _title(at: Here, plan: KeptPlan) -> str:
    return at.words(N_("{name}, adopted"), name=plan.name) if plan.adopted else plan.name


@st.cache_data(max_entries=KEPT, show_spinner=False)
def _listed(where: str, version: str, _project: Project) -> list[KeptPlan]:  # noqa: ARG001  (they say which list)
    return sorted(list_plans(_project), key=lambda plan: -plan.line)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _loaded(where: str, line: int, name: str, _project: Project) -> PlanDocument:  # noqa: ARG001  (they say which one)
    return load_plan(_project, name)
