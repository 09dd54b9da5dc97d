"""A plan as it is kept, compared, shown and adopted: plain figures that need neither the model nor the land again.

Quarters are texts as 2027-Q1; a list "by quarter" has one figure for each of `quarters`. Money in 万元, floor in m².
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

VERSION = 1  # of the document; raised when a field changes its meaning
EXACT = "exact"  # the plan that was searched for; the others are what an office does without one
WAYS = (EXACT, "greedy", "johnson", "file")


@dataclass(frozen=True)
class Site:
    """Land that falls and rises together; what its best plan has for it, and the figures in the mode of that plan.

    A site that the plan leaves as it is has `mode`, `start_quarter` and all after it None, and says `why_not`.
    """

    site_id: str
    name: str  # of its block where it has one
    block_id: str | None
    parcel_ids: tuple[str, ...]
    area_mu: float
    old_floor_m2: float
    firms: int
    red_hazards: int
    begun: bool  # keeps its mode and its start
    why_not: str | None  # of a site that is left: budget, space, …, a family of limits; worth: it is not worth it
    mode: str | None
    start_quarter: str | None  # before the first quarter where it has begun
    vacated_quarter: str | None  # the quarter at the end of which this is done
    demolished_quarter: str | None
    completed_quarter: str | None
    milestones: Mapping[str, str]  # milestone → planned day, ISO: the last day of its quarter
    new_floor_m2: float | None
    cost_wan: float | None  # public money only
    income_wan: float | None
    needs_m2: Mapping[str, float]  # kind of floor → m²; {} for a site that is left
    returns_m2: Mapping[str, float]
    finish_p50: str | None  # quarter
    finish_p80: str | None


@dataclass(frozen=True)
class Way:
    """One way of choosing, and what comes of it, by quarter."""

    objective: float
    below_bound: float | None  # share of the bound that is missing
    starts: Mapping[str, tuple[str, str]]  # site_id → mode, quarter; sites begun before are not in it
    spent_wan: tuple[float, ...]  # in each quarter
    income_wan: tuple[float, ...]
    cash_wan: tuple[float, ...]  # what is left of budget and income at the end of it
    vacant_m2: Mapping[str, tuple[float, ...]]  # kind → what stands vacant
    renovated_mu: tuple[float, ...]  # completed by the end of each quarter, sites begun before among them
    displaced_firms: tuple[int, ...]  # out of their rooms in each quarter
    area_gain_m2: float  # of all that is started, discounted; so are the next two
    tax_gain_wan: float
    value_added_gain_wan: float
    firm_months: float
    hazard_quarters: float


@dataclass(frozen=True)
class Outlook:
    """What uncertain durations do to the plan; quarters, and shares of the draws."""

    draws: int
    finish_p50: str
    finish_p80: str
    runs_out: float  # chance that floor of any kind runs out
    runs_out_by_kind: Mapping[str, float]
    runs_out_by_quarter: tuple[float, ...]
    missing_p80_m2: Mapping[str, float]


@dataclass(frozen=True)
class LeftOut:
    """A parcel of no site, and why."""

    parcel_id: str
    reason: str  # a code
    problem: str  # in words


@dataclass(frozen=True)
class PlanDocument:
    """A plan and everything that it was made from. `as_json` and `from_json` are each other's inverse."""

    version: int
    name: str
    made_at: str  # UTC
    made_by: str
    ledger_line: int  # the register's last line when it was made
    rules_id: str
    prices_id: str
    status: str  # verified, or unverified where any figure behind it is
    scenario: Mapping[str, Any]  # as asked, so that it can be solved again
    quarters: tuple[str, ...]
    solver_status: str  # optimal, time, stopped
    objective: float
    bound: float | None  # None where windows were used
    gap: float | None
    seconds: float
    budget_wan: tuple[float, ...] | None  # new money in each quarter; None where money does not bind
    sites: tuple[Site, ...]
    ways: Mapping[str, Way | None]  # by WAYS; None where that way finds no plan
    outlook: Outlook | None
    left_out: tuple[LeftOut, ...]
    assumptions: tuple[Mapping[str, Any], ...]  # name, value, source of each unverified figure

    def as_json(self) -> dict[str, Any]:
        """The document as JSON has it."""
        return asdict(self)

    def site_of(self) -> dict[str, Site]:
        """Parcel → its site."""
        return {parcel: site for site in self.sites for parcel in site.parcel_ids}
