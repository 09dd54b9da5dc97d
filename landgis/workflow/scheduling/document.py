"""A plan as it is kept, compared, shown and adopted: plain figures that need neither the model nor the land again.

Quarters are texts as 2027-Q1; a list "by quarter" has one figure for each of `quarters`. Money in 万元, floor in m².
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any

import orjson

from landgis.errors import InputRefused, Place, Problem
from landgis.tables import MILESTONES
from landgis.text import N_, Message
from landgis.workflow.typed_json import read_record

VERSION = 1  # of the document; raised when a field changes its meaning
EXACT = "exact"  # the plan that was searched for; the others are what an office does without one
WAYS = (EXACT, "greedy", "johnson", "file")
NOT_WORTH, EXCLUDED, TOGETHER = "worth", "excluded", "together"
WHY_NOT: Mapping[str, str] = MappingProxyType({  # why a site is left as it is; those between are families of limits
    NOT_WORTH: N_("not worth it"), EXCLUDED: N_("excluded"), "cash": N_("budget"), "space": N_("swing space"),
    "industry": N_("floor of industrial land"), "crew": N_("crews"), "lane": N_("lane that must stay open"),
    "before": N_("site that must be finished before it"), "group": N_("rest of its group"),
    TOGETHER: N_("several limits together"),
})  # fmt: skip
_QUARTER = re.compile(r"[0-9]{4}-Q[1-4]")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


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
    why_not: str | None  # of a site that is left: a key of WHY_NOT
    mode: str | None
    start_quarter: str | None  # before the first quarter where it has begun
    vacated_quarter: str | None  # the quarter at the end of which this is done; without such a phase: the one before it
    demolished_quarter: str | None
    completed_quarter: str | None
    milestones: Mapping[str, str]  # milestone → planned day, ISO: the last day of its quarter
    new_floor_m2: float | None
    cost_wan: float | None  # public money only, all of it, before the first quarter and after the last one too
    income_wan: float | None  # what comes in within the quarters of the plan
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
    spent_wan: tuple[float, ...]  # in each quarter; like the next two empty where the problem knows no money
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
    new_floor_m2: float | None = None  # of all sites in `starts`


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

    def as_bytes(self) -> bytes:
        """The document as it is kept and hashed: JSON in UTF-8."""
        return orjson.dumps(self.as_json())

    @staticmethod
    def from_json(value: Any, file: str | None = None) -> PlanDocument:
        """The document that `as_json` gave; InputRefused with everything that is wrong with it.

        `file` is where it stands, for the messages.
        """
        version = value.get("version") if isinstance(value, dict) else None
        if isinstance(version, int) and version != VERSION:
            words = N_("the plan is of version {version}, this landgis reads version {known}; solve its scenario again")
            message = Message(words, {"version": version, "known": VERSION})
            raise InputRefused([Problem("E-PLAN-VERSION", message, Place(file, field="version"))])
        document = read_record(PlanDocument, value, file)
        if problems := [
            Problem("E-PLAN-DOCUMENT", message, Place(file, field=at)) for at, message in _faults(document)
        ]:
            raise InputRefused(problems)
        return document

    @staticmethod
    def from_bytes(content: bytes, file: str | None = None) -> PlanDocument:
        """The document in a file; InputRefused where there is none in it."""
        try:
            value = orjson.loads(content)
        except orjson.JSONDecodeError as error:
            message = Message(N_("this is no plan: not JSON ({reason})"), {"reason": str(error)[:80]})
            raise InputRefused([Problem("E-PLAN-DOCUMENT", message, Place(file))]) from error
        return PlanDocument.from_json(value, file)

    def site_of(self) -> dict[str, Site]:
        """Parcel → its site."""
        return {parcel: site for site in self.sites for parcel in site.parcel_ids}


def _faults(document: PlanDocument) -> Iterator[tuple[str, Message]]:
    """What no plan of ours has, though each figure for itself could be one: where, and what."""
    if set(document.ways) != set(WAYS) or document.ways[EXACT] is None:
        words = N_("a plan has the ways {ways}, and the first of them is never empty")
        yield "ways", Message(words, {"ways": ", ".join(WAYS)})
    for key, figures in _by_quarter(document):
        if len(figures) != len(document.quarters):
            words = N_("{count} figures where the plan has {quarters} quarters")
            yield key, Message(words, {"count": len(figures), "quarters": len(document.quarters)})
    for key, text in _quarters(document):
        if not _QUARTER.fullmatch(text):
            yield key, Message(N_("{value} is no quarter; write it as 2027-Q1"), {"value": text})
    seen: set[str] = set()
    for site in document.sites:
        for milestone, day in site.milestones.items():
            if milestone not in MILESTONES or not _DAY.fullmatch(day):
                words = N_("{value} is no milestone with its day")
                yield f"sites.{site.site_id}.milestones", Message(words, {"value": f"{milestone} {day}"})
        for key in (site.site_id, *(f"parcel {parcel}" for parcel in site.parcel_ids)):
            if key in seen:
                yield f"sites.{site.site_id}", Message(N_("{key} is there twice"), {"key": key})
            seen.add(key)


def _by_quarter(document: PlanDocument) -> Iterator[tuple[str, tuple[Any, ...]]]:
    if document.budget_wan is not None:
        yield "budget_wan", document.budget_wan
    for name, way in document.ways.items():
        if way is not None:
            money = ("spent_wan", "income_wan", "cash_wan") if way.cash_wan else ()
            for field in (*money, "renovated_mu", "displaced_firms"):
                yield f"ways.{name}.{field}", getattr(way, field)
            yield from ((f"ways.{name}.vacant_m2.{kind}", figures) for kind, figures in way.vacant_m2.items())
    if document.outlook is not None:
        yield "outlook.runs_out_by_quarter", document.outlook.runs_out_by_quarter


def _quarters(document: PlanDocument) -> Iterator[tuple[str, str]]:
    yield from (("quarters", quarter) for quarter in document.quarters)
    for site in document.sites:
        parts = ("start", "vacated", "demolished", "completed")
        told = [getattr(site, f"{part}_quarter") for part in parts] + [site.finish_p50, site.finish_p80]
        yield from ((f"sites.{site.site_id}", quarter) for quarter in told if quarter is not None)
    for name, way in document.ways.items():
        yield from ((f"ways.{name}.starts", quarter) for _, quarter in (way.starts.values() if way else ()))
