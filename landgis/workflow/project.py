"""An open project, and who works with it."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from landgis.phases.lifecycle import Lifecycle, lifecycle
from landgis.roles import Actor, require
from landgis.rules import load_rules
from landgis.rules.model import RuleSet
from landgis.store.base import Clock, Store
from landgis.store.opening import open_store

DEFAULTS = {"rules": "yongkang-draft"}


@dataclass
class Project:
    """An open project, and who works with it."""

    store: Store
    actor: Actor
    today: Callable[[], datetime.date] = datetime.date.today

    @cached_property
    def settings(self) -> dict[str, str]:
        """Rule set and measuring CRS of the project."""
        return DEFAULTS | self.store.settings()

    @cached_property
    def rules(self) -> RuleSet:
        """The rule set of the project."""
        return load_rules(self.settings["rules"])

    @cached_property
    def life(self) -> Lifecycle:
        """Which step may follow which."""
        return lifecycle(self.rules)


def open_project(
    where: str, *, by: str | None = None, nobody: str = "", ask: Callable[[], str | None] = lambda: None,
    clock: Clock | None = None, today: Callable[[], datetime.date] = datetime.date.today,
) -> Project:  # fmt: skip
    """Open a project as somebody; RegisterRefused where that person may not even read it.

    `by` is who says so; without it, and where the project has no users, `nobody`, as the system calls the user. `ask`
    asks for the password, where the project has users of its own.
    """
    store = open_store(where, clock)
    return enter(store, by, nobody, ask=ask, today=today)


def enter(
    store: Store,
    by: str | None,
    nobody: str,
    *,
    ask: Callable[[], str | None] = lambda: None,
    today: Callable[[], datetime.date] = datetime.date.today,
) -> Project:
    """A store as somebody's project."""
    actor = store.sign_in(by, ask() if by is not None and store.users() else None)
    require(actor, "read")
    return Project(store, actor if actor.name else Actor(nobody, actor.role), today)
