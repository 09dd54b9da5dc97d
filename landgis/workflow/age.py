"""How old a project's facts are, and which plans were frozen when: the lines of the ledger that say so."""

from __future__ import annotations

from dataclasses import dataclass

from landgis.phases.curve import NEVER
from landgis.phases.history import day_text
from landgis.phases.ledger import Entry
from landgis.text import N_
from landgis.workflow.project import Project
from landgis.workflow.register import Register


@dataclass(frozen=True)
class Age:
    """When something was last renewed; None where it never was, or nobody is known to have done it."""

    what: str  # a template
    moment: str | None  # UTC, ISO 8601; of `fact`, a day
    by: str | None = None
    line: int | None = None


def ages(project: Project, register: Register) -> list[Age]:
    """Layers, the last line, the last fact that had happened by today, and the scores."""
    head = project.store.head().seq
    today = project.today().toordinal()
    state, _ = register.reached(as_of=today)
    days = state.day[state.day <= min(today, NEVER - 1)]
    scored = project.store.settings().get("scored", "").split()
    return [
        _line(N_("layers imported"), _entry(project, register.imports[-1] if register.imports else 0)),
        _line(N_("last line recorded"), _entry(project, head)),
        Age(N_("latest day on which something happened"), day_text(int(days.max())) if len(days) else None),
        Age(N_("parcels scored"), scored[1] if len(scored) > 1 else None),
    ]


def frozen_plans(project: Project, register: Register) -> list[tuple[str, Age]]:
    """The plans that were frozen, the last one first: name, and when by whom."""
    plans = register.baselines(project.store.head().seq)
    return [(name, _line(N_("frozen"), _entry(project, line))) for line, name in reversed(plans)]


def _entry(project: Project, line: int) -> Entry | None:
    return next(iter(project.store.entries(after=line - 1)), None) if line > 0 else None


def _line(what: str, entry: Entry | None) -> Age:
    if entry is None:
        return Age(what, None)
    return Age(what, entry.recorded_at, entry.recorded_by, entry.seq)
