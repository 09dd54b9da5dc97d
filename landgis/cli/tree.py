"""The command tree, complete: importing the modules of commands puts them into it."""

from __future__ import annotations

from landgis.cli import (
    officers,
    plan,
    plan_adopt,
    plan_schedule,
    plan_sites,
    projects,
    register,
    reports,
    scoring,
    tiles,
)
from landgis.cli.frame import help_command

__all__ = [
    "help_command",
    "officers",
    "plan",
    "plan_adopt",
    "plan_schedule",
    "plan_sites",
    "projects",
    "register",
    "reports",
    "scoring",
    "tiles",
]
