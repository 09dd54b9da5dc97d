"""Why no plan keeps all limits: which families of them clash, and how much more of each would do.

Elastic relaxation: every limit gets a slack, one for all its periods ("so much more budget from the first quarter on"),
and the model asks for the least of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from landgis.errors import InputRefused
from landgis.errors import Problem as Fault
from landgis.planning.scheduling.model import Model, build, compressed
from landgis.planning.scheduling.problem import Problem
from landgis.planning.scheduling.rows import joined
from landgis.planning.scheduling.solve import Search, optimum
from landgis.planning.scheduling.use import usage
from landgis.text import N_, Message

FAMILIES = ("required", "group", "before", "cash", "space", "industry", "crew", "lane")
WORDS = {
    "required": N_("the required site {name} would have to be left out"),
    "group": N_("the group {name} would have to be broken up"),
    "before": N_("{name}: the second site would have to be started before the first one is finished"),
    "cash": N_("the budget is short by {amount:.1f} × 10 000 CNY"),
    "space": N_("swing space of the kind {name} is short by {amount:.0f} m²"),
    "industry": N_("industrial land falls {amount:.0f} m² below its floor"),
    "crew": N_("crew {name} is short by {amount:g}"),
    "lane": N_("lane {name} would have to be closed by {amount:g} more sites at a time"),
}
FEW_SECONDS = Search(seconds=10.0, gap=1e-4)
YES = 1e-6  # a slack below this share of its scale is the solver's rounding


class PlanInfeasible(InputRefused):
    """No plan keeps every limit; the problems say which of them clash and by how much."""


@dataclass(frozen=True)
class Shortage:
    """So much more of one limit: 万元, m², crews, sites."""

    family: str
    name: str
    amount: float

    @property
    def message(self) -> Message:
        """In words."""
        return Message(WORDS[self.family], {"name": self.name, "amount": self.amount})


@dataclass(frozen=True)
class Clash:
    """What stands against each other. Without one of `families` the rest could be kept; all of them it cannot."""

    families: tuple[str, ...]
    together: tuple[Shortage, ...]  # a least set of shortages over all families, each weighed by what one site takes
    alone: dict[str, tuple[Shortage, ...]]  # where more of one family would do: how much of it

    def refusal(self) -> PlanInfeasible:
        """The clash as an error that can be raised."""
        return PlanInfeasible([Fault(f"E-PLAN-{short.family.upper()}", short.message) for short in self.together])


def clash(problem: Problem, *, search: Search = FEW_SECONDS) -> Clash | None:
    """Why a problem has no plan; None where it has one. `search` holds for each of about ten small models.

    Where the time runs out, amounts are those of the best answer so far, and so at least what is needed.
    """
    model = build(problem)
    feasible = _Feasible(model, search)
    if feasible(set()):
        return None
    families = [family for family in FAMILIES if family in {family for family, _ in model.limits}]
    alone = {family: _least(problem, model, {family}, search) for family in families}
    return Clash(
        families=_irreducible(families, feasible),
        together=_least(problem, model, set(families), search) or (),
        alone={family: shorts for family, shorts in alone.items() if shorts},
    )


def _irreducible(families: list[str], feasible: Callable[[set[str]], bool]) -> tuple[str, ...]:
    """Families that clash, none of them spare: each is left out for good if the others still clash without it."""
    out: set[str] = set()
    for family in families:
        if not feasible(out | {family}):
            out.add(family)
    return tuple(family for family in families if family not in out)


@dataclass(frozen=True)
class _Feasible:
    """Whether there is a plan when some families of limits are left out."""

    model: Model
    search: Search

    def __call__(self, left_out: set[str]) -> bool:
        family = np.array([family for family, _ in self.model.limits], dtype=str)
        out = np.isin(family, sorted(left_out))
        high = np.where(out & (family != "required"), np.inf, self.model.row_high)  # a site is started once at most
        bare = replace(
            self.model,
            cost=np.zeros(len(self.model.cost)),
            row_low=np.where(out, -np.inf, self.model.row_low),
            row_high=high,
        )
        return optimum(bare, self.search).status != "infeasible"


def _least(problem: Problem, model: Model, families: set[str], search: Search) -> tuple[Shortage, ...] | None:
    """The least slack of some families, the others kept; None where that is not enough."""
    slacks = _slacks(problem, model, families)
    found = optimum(_elastic(model, slacks), search)
    if found.y is None:
        return None
    total: dict[tuple[str, str], float] = {}
    for slack, amount in zip(slacks, found.y[len(model.cost) :], strict=True):
        if amount > YES * slack.scale:
            total[slack.limit] = total.get(slack.limit, 0.0) + float(amount)
    return tuple(Shortage(*limit, amount) for limit, amount in sorted(total.items()))


@dataclass(frozen=True)
class _Slack:
    """A column that lets some rows of one limit be broken."""

    limit: tuple[str, str]
    rows: tuple[int, ...]
    figure: float  # in each of these rows
    scale: float  # so much of it counts as one site


def _slacks(problem: Problem, model: Model, families: set[str]) -> list[_Slack]:
    used = usage(problem)
    biggest = np.abs(used.use).max(axis=(0, 1, 3), initial=0)
    scale = {limit: float(size) or 1.0 for limit, size in zip(used.limits, biggest, strict=True)}
    rows: dict[tuple[str, str], list[int]] = {}
    for row, limit in enumerate(model.limits):
        if limit[0] in families:
            rows.setdefault(limit, []).append(row)
    slacks = []
    for limit, members in rows.items():
        if limit[0] == "group":
            slacks += [_Slack(limit, (row,), sign, 1.0) for row in members for sign in (1.0, -1.0)]
        else:
            slacks.append(_Slack(limit, tuple(members), 1.0 if limit[0] == "required" else -1.0, scale.get(limit, 1.0)))
    return slacks


def _elastic(model: Model, slacks: list[_Slack]) -> Model:
    """The model with a column for each slack, and the least of them as its aim."""
    width, height = len(model.cost), len(model.row_low)
    kept = (np.repeat(np.arange(height), np.diff(model.starts)), model.columns, model.figures)
    more = [
        (np.array(slack.rows), np.full(len(slack.rows), width + k), np.full(len(slack.rows), slack.figure))
        for k, slack in enumerate(slacks)
    ]
    starts, column, figure = compressed(joined([kept, *more]), rows=height, columns=width + len(slacks))
    yes_or_no = np.array([slack.limit[0] in ("required", "before", "group") for slack in slacks], dtype=bool)
    return replace(
        model, starts=starts, columns=column, figures=figure,
        cost=np.concatenate([np.zeros(width), [-1 / slack.scale for slack in slacks]]),
        low=np.zeros(width + len(slacks)), high=np.concatenate([model.high, np.where(yes_or_no, 1.0, np.inf)]),
        whole=np.concatenate([model.whole, yes_or_no]),
    )  # fmt: skip
