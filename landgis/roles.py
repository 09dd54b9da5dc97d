"""Who may do what to a register."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from landgis.errors import Problem, RegisterRefused
from landgis.text import N_, Message

ROLES = ("viewer", "officer", "approver", "administrator")  # each may do what those before it may
ROLE_TITLES: Mapping[str, str] = MappingProxyType({
    "viewer": N_("viewer"), "officer": N_("officer"), "approver": N_("approver"),
    "administrator": N_("administrator"),
})  # fmt: skip
LEAST: Mapping[str, str] = MappingProxyType({  # what is done → the least role that may
    "read": "viewer",
    "record": "officer", "correct": "officer", "cancel": "officer",
    "approve": "approver", "events": "approver", "baseline": "approver", "claim": "approver", "score": "approver",
    "replace": "approver", "create": "approver", "plan": "approver", "adopt": "approver",
    "import": "administrator", "user": "administrator",
})  # fmt: skip


@dataclass(frozen=True)
class Actor:
    """Somebody who works with a register."""

    name: str
    role: str


def may(actor: Actor, action: str) -> bool:
    """Whether the actor's role allows an action; what is in no list is allowed to nobody."""
    least = LEAST.get(action)
    return least is not None and ROLES.index(actor.role) >= ROLES.index(least)


def require(actor: Actor, action: str) -> None:
    """Raise RegisterRefused where the actor may not."""
    if not may(actor, action):
        words = N_("{name} is {role} and may not do this ({action}); it takes the role {least}")
        values = {"name": actor.name, "role": actor.role, "action": action, "least": LEAST.get(action, "-")}
        raise RegisterRefused([Problem("E-ROLE", Message(words, values))])
