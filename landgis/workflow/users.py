"""Named users of a project that keeps its own."""

from __future__ import annotations

from landgis.errors import Problem, RegisterRefused
from landgis.roles import ROLES, require
from landgis.store.passwords import new_user
from landgis.text import N_, Message
from landgis.workflow.project import Project


def add_user(project: Project, name: str, role: str, password: str) -> None:
    """Add or change a user; the first one is an administrator, or nobody could add the next."""
    require(project.actor, "user")
    if role not in ROLES:
        message = Message(N_("{value} is not known; use one of: {known}"), {"value": role, "known": ", ".join(ROLES)})
        raise RegisterRefused([Problem("E-CHOICE", message)])
    others = [user for user in project.store.users() if user.name != name and user.role == "administrator"]
    if not others and role != "administrator":
        words = N_("a project with users needs an administrator; add one first (--role administrator)")
        raise RegisterRefused([Problem("E-ROLE", Message(words))])
    project.store.save_user(new_user(name, role, password), by=project.actor.name or name)
