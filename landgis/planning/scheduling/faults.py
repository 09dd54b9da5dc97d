"""What is wrong with the figures of a schedule: shapes, unknowns, sites that are not there, circles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import TYPE_CHECKING

import numpy as np

from landgis.errors import Place
from landgis.errors import Problem as Fault
from landgis.text import N_, Message

if TYPE_CHECKING:  # it checks itself with what stands here
    from landgis.planning.scheduling.problem import Precedence, Problem

BY_SITE = ("value", "phase_quarters", "cost_wan", "income_wan", "needs_m2", "returns_m2", "returns_after_quarters",
           "use", "leaves_m2", "enters_m2")  # fmt: skip


def faults(problem: Problem) -> Iterator[Fault]:
    """Everything that is wrong with a problem."""
    yield from _shapes(problem)
    yield from _unknowns(problem)
    yield from _strangers(problem)
    if _circle(len(problem.sites), problem.precedence):
        yield Fault("E-PLAN-CIRCLE", Message(N_("the precedence runs in a circle, so none of its sites could start")))


def _arrays(problem: Problem) -> dict[str, np.ndarray]:
    found = {"value": problem.value, "phase_quarters": problem.phase_quarters}
    for record in (problem.money, problem.space, problem.crews, problem.industry):
        if record is not None:
            parts = ((part.name, getattr(record, part.name)) for part in fields(record))
            found |= {name: np.asarray(part) for name, part in parts if name not in ("kinds", "names")}
    return found


def _shapes(problem: Problem) -> Iterator[Fault]:
    n, m, t = len(problem.sites), len(problem.modes), problem.value.shape[-1]
    kinds = len(problem.space.kinds) if problem.space else 0
    crews = len(problem.crews.names) if problem.crews else 0
    wanted: dict[str, tuple[int | None, ...]] = {
        "value": (n, m, t), "allowed": (n, m, t), "phase_quarters": (n, m, 3), "required": (n,), "begun": (n,),
        "cost_wan": (n, m, None), "income_wan": (n, m, None), "budget_wan": (t,),
        "needs_m2": (n, m, kinds), "returns_m2": (n, m, kinds), "returns_after_quarters": (n, m),
        "vacant_m2": (kinds, t), "use": (n, m, 3, crews), "limit": (crews, t),
        "leaves_m2": (n, m), "enters_m2": (n, m), "now_m2": (), "floor_m2": (t,),
    }  # fmt: skip
    more = {"allowed": problem.allowed, "required": problem.required, "begun": problem.frozen.mode}
    for name, array in (_arrays(problem) | more).items():
        want = wanted[name]
        if len(want) != array.ndim or any(w not in (None, a) for w, a in zip(want, array.shape, strict=True)):
            values = {"want": str(want).replace("None", "*"), "got": str(array.shape)}
            message = Message(N_("an array of shape {want} is needed, not {got}"), values)
            yield Fault("E-PLAN-SHAPE", message, Place(field=name))


def _unknowns(problem: Problem) -> Iterator[Fault]:
    message = Message(N_("a figure that the schedule needs is not known"))
    for name, array in _arrays(problem).items():
        missing = np.isnan(array.astype(float))
        if name in BY_SITE and len(array) == len(problem.sites):
            for site in np.flatnonzero(missing.any(axis=tuple(range(1, array.ndim)))):
                yield Fault("E-PLAN-UNKNOWN", message, Place(field=name), problem.sites[site])
        elif missing.any():
            yield Fault("E-PLAN-UNKNOWN", message, Place(field=name))


def _strangers(problem: Problem) -> Iterator[Fault]:
    named = [site for lane in problem.lanes for site in lane.sites]
    named += [site for group in problem.groups for site in group.sites]
    named += [site for edge in problem.precedence for site in (edge.before, edge.after)]
    for site in sorted({site for site in named if not 0 <= site < len(problem.sites)}):
        yield Fault("E-PLAN-SITE", Message(N_("there is no site number {site}"), {"site": site}))
    if problem.frozen.mode.max(initial=-1) >= len(problem.modes):
        yield Fault("E-PLAN-MODE", Message(N_("a site was begun in a mode that there is not")))
    if (problem.phase_quarters < 0).any():
        yield Fault("E-PLAN-DURATION", Message(N_("a phase cannot take less than 0 quarters")))


def _circle(sites: int, edges: tuple[Precedence, ...]) -> bool:
    waits = [0] * sites
    after: dict[int, list[int]] = {}
    for edge in edges:
        if not (0 <= edge.before < sites and 0 <= edge.after < sites):
            return False  # said already
        waits[edge.after] += 1
        after.setdefault(edge.before, []).append(edge.after)
    ready = [site for site, count in enumerate(waits) if not count]
    for site in ready:
        for later in after.get(site, ()):
            waits[later] -= 1
            if not waits[later]:
                ready.append(later)
    return len(ready) < sites
