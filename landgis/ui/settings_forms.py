"""What is set for a project: the plan that progress is measured against, and who may do what."""

from __future__ import annotations

import streamlit as st
from pandas import DataFrame

from landgis.roles import ROLES, may
from landgis.text import N_
from landgis.ui.here import Here, changed, shown_errors
from landgis.ui.server import oidc_is_configured
from landgis.workflow.age import frozen_plans
from landgis.workflow.asking import freeze_baseline
from landgis.workflow.users import add_user

ROLE_MEANINGS = {
    "viewer": N_("viewer: reads"), "officer": N_("officer: records, corrects, takes back"),
    "approver": N_("approver: also approves, freezes plans, imports events, splits and merges parcels"),
    "administrator": N_("administrator: also imports layers and adds users"),
}  # fmt: skip


def show_baselines(at: Here) -> None:
    """The plans that progress is measured against, and freezing the plan as it is now."""
    words, column = at.words, st.column_config
    plans = frozen_plans(at.project, at.zone.register)
    if plans:
        table = DataFrame(
            [(name, words.moment(age.moment), age.by, age.line) for name, age in plans],
            columns=["name", "at", "by", "line"],
        )
        st.dataframe(table, hide_index=True, key="settings_plans", column_config={
            "name": column.TextColumn(words(N_("name"))), "at": column.TextColumn(words(N_("frozen"))),
            "by": column.TextColumn(words(N_("by"))), "line": column.NumberColumn(words(N_("line of the ledger"))),
        })  # fmt: skip
        st.caption(words(N_("progress is measured against the one that was frozen last")))
    else:
        st.caption(words(N_("no plan is frozen; progress is measured against the plan as it is now")))
    if not may(at.project.actor, "baseline"):
        st.caption(words(N_("freezing a plan takes the role {role}"), role=words(N_("approver"))))
        return
    with st.form("settings_freeze", clear_on_submit=True):
        name = st.text_input(words(N_("name of the plan")), max_chars=100)
        if st.form_submit_button(words(N_("freeze the plan as it is now"))) and name.strip():
            with shown_errors(words):
                freeze_baseline(at.project, name.strip())
                changed()


def show_users(at: Here) -> None:
    """Who may what; an administrator adds others."""
    words, column, project = at.words, st.column_config, at.project
    if at.config.by_database or oidc_is_configured():
        st.caption(words(N_("people sign in with the database or an identity provider; their roles are given there")))
    users = project.store.users()
    if users:
        table = DataFrame([(user.name, words(ROLE_MEANINGS[user.role])) for user in users], columns=["name", "role"])
        st.dataframe(table, hide_index=True, key="settings_users", column_config={
            "name": column.TextColumn(words(N_("name"))), "role": column.TextColumn(words(N_("role"))),
        })  # fmt: skip
    elif not at.config.has_users():
        st.caption(
            words(
                N_("nobody has to sign in, so the app listens on this machine only; the first user is an administrator")
            )
        )
    if not may(project.actor, "user") or at.config.by_database:
        st.caption(words(N_("adding users takes the role {role}"), role=words(N_("administrator"))))
        return
    with st.form("settings_user", clear_on_submit=True):
        name = st.text_input(words(N_("name")), max_chars=100)
        role = st.selectbox(words(N_("role")), ROLES[::-1], format_func=lambda one: words(ROLE_MEANINGS[one]))
        password = st.text_input(words(N_("password")), type="password")
        if st.form_submit_button(words(N_("add or change the user"))) and name.strip():
            with shown_errors(words):
                add_user(project, name.strip(), role, password)
                changed()
