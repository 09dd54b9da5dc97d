"""Plans made by hand, as documents: of the six lots of made_project.py, and of any project, a site a block.

Everything can be worked out on paper: a site's whole cost is spent in the quarter of its start, its whole income comes
in the quarter after it is completed, its floor is taken at the start and comes back in the quarter after completion.
What a begun site cost is past.
"""

import calendar
import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from landgis.workflow.scheduling.document import VERSION, LeftOut, Outlook, PlanDocument, Site, Way

YEAR = 2027  # quarter 0 is its first one
KINDS = ("ground", "upper")
LOT_MU = 9.0
BOUND = 1000.0


def quarter(number):
    """2027-Q1 for 0, 2026-Q4 for −1."""
    return f"{YEAR + number // 4}-Q{number % 4 + 1}"


def last_day(number):
    year, month = YEAR + number // 4, number % 4 * 3 + 3
    return datetime.date(year, month, calendar.monthrange(year, month)[1]).isoformat()


@dataclass(frozen=True)
class Work:
    """One site. `start` None: left as it is, for the reason `why_not`; below 0: begun before the first quarter."""

    site_id: str
    name: str
    block_id: str | None
    parcel_ids: Sequence[str]
    start: int | None = None
    why_not: str | None = None
    phases: tuple[int, int, int] = (2, 1, 4)  # quarters of vacating, demolishing, rebuilding
    mode: str = "GOV_ACQ"
    area_mu: float = LOT_MU
    old_floor_m2: float = 1000.0
    new_floor_m2: float = 5000.0
    cost_wan: float = 300.0
    income_wan: float = 100.0
    needs_m2: dict = field(default_factory=lambda: {"ground": 400.0, "upper": 200.0})
    returns_m2: dict = field(default_factory=lambda: {"ground": 500.0, "upper": 900.0})
    firms: int = 4
    late: int = 1  # quarters by which P80 is behind the plan

    @property
    def done(self):
        """The quarters at the end of which it is vacated, demolished, completed."""
        vacate, demolish, rebuild = self.phases
        first = self.start + vacate - 1
        return first, first + demolish, first + demolish + rebuild

    def site(self) -> Site:
        plain = {
            "site_id": self.site_id, "name": self.name, "block_id": self.block_id,
            "parcel_ids": tuple(self.parcel_ids), "area_mu": self.area_mu, "old_floor_m2": self.old_floor_m2,
            "firms": self.firms, "red_hazards": 0, "begun": self.start is not None and self.start < 0,
            "why_not": self.why_not,
        }  # fmt: skip
        if self.start is None:
            return Site(
                **plain, mode=None, start_quarter=None, vacated_quarter=None, demolished_quarter=None,
                completed_quarter=None, milestones={}, new_floor_m2=None, cost_wan=None, income_wan=None, needs_m2={},
                returns_m2={}, finish_p50=None, finish_p80=None,
            )  # fmt: skip
        vacated, demolished, completed = self.done
        return Site(
            **plain, mode=self.mode, start_quarter=quarter(self.start), vacated_quarter=quarter(vacated),
            demolished_quarter=quarter(demolished), completed_quarter=quarter(completed),
            milestones={
                "SIGNED": last_day(self.start), "VACATED": last_day(vacated), "DEMOLISHED": last_day(demolished),
                "STARTED": last_day(demolished + 1), "COMPLETED": last_day(completed),
            },
            new_floor_m2=self.new_floor_m2, cost_wan=self.cost_wan, income_wan=self.income_wan, needs_m2=self.needs_m2,
            returns_m2=self.returns_m2, finish_p50=quarter(completed), finish_p80=quarter(completed + self.late),
        )  # fmt: skip


def way(works: Sequence[Work], starts, *, quarters, budget_wan, vacant_m2, objective, bound=BOUND) -> Way:
    """The curves of some starts: site_id → number of the quarter; begun sites are as they are."""
    spent, income = [0.0] * quarters, [0.0] * quarters
    vacant = {kind: [vacant_m2[kind]] * quarters for kind in KINDS}
    renovated, displaced, gain, months = [0.0] * quarters, [0] * quarters, 0.0, 0
    for work in works:
        start = work.start if work.start is not None and work.start < 0 else starts.get(work.site_id)
        if start is None:
            continue
        completed = start + sum(work.phases) - 1
        gain, months = gain + work.new_floor_m2 - work.old_floor_m2, months + 3 * work.firms * sum(work.phases)
        for t in range(quarters):
            spent[t] += work.cost_wan if t == start else 0
            income[t] += work.income_wan if t == completed + 1 else 0
            renovated[t] += work.area_mu if t >= completed else 0
            displaced[t] += work.firms if start <= t <= completed else 0
            for kind in KINDS:
                taken = work.needs_m2[kind] if 0 <= start <= t else 0
                vacant[kind][t] += (work.returns_m2[kind] if t > completed else 0) - taken
    cash = [budget_wan * (t + 1) + sum(income[: t + 1]) - sum(spent[: t + 1]) for t in range(quarters)]
    by_id = {work.site_id: work for work in works}
    return Way(
        objective=objective, below_bound=(bound - objective) / bound,
        starts={key: (by_id[key].mode, quarter(at)) for key, at in starts.items()}, spent_wan=tuple(spent),
        income_wan=tuple(income), cash_wan=tuple(cash), vacant_m2={kind: tuple(vacant[kind]) for kind in KINDS},
        renovated_mu=tuple(renovated), displaced_firms=tuple(displaced), area_gain_m2=gain, tax_gain_wan=0.5 * gain / 100,
        value_added_gain_wan=gain / 100, firm_months=float(months), hazard_quarters=0.0,
    )  # fmt: skip


def plan_of(works: Sequence[Work], *, name, quarters=12, budget_wan=200.0, vacant_m2=None, later=2, **changes):
    """The document: the best plan is the works as they are; greedy and the list start each site `later` quarters later,
    or not at all where it would start behind the last quarter; Johnson's rule finds no plan."""
    vacant_m2 = vacant_m2 or {"ground": 1000.0, "upper": 1000.0}
    more = {"quarters": quarters, "budget_wan": budget_wan, "vacant_m2": vacant_m2}
    starts = {work.site_id: work.start for work in works if work.start is not None and work.start >= 0}
    slow = {key: at + later for key, at in starts.items() if at + later < quarters}
    last = max((work.done[2] for work in works if work.start is not None), default=0)
    document = PlanDocument(
        version=VERSION, name=name, made_at="2026-11-21T10:00:00Z", made_by="li", ledger_line=1,
        rules_id="yongkang-draft", prices_id="yongkang-draft", status="unverified",
        scenario={"name": name, "quarters": quarters, "budget_wan": [budget_wan], "seconds": 5.0},
        quarters=tuple(quarter(t) for t in range(quarters)), solver_status="optimal", objective=992.0, bound=BOUND,
        gap=0.008, seconds=3.2, budget_wan=(budget_wan,) * quarters, sites=tuple(work.site() for work in works),
        ways={
            "exact": way(works, starts, objective=992.0, **more), "greedy": way(works, slow, objective=640.0, **more),
            "johnson": None, "file": way(works, slow, objective=510.0, **more),
        },
        outlook=Outlook(
            draws=200, finish_p50=quarter(last), finish_p80=quarter(last + 1), runs_out=0.12,
            runs_out_by_kind={"ground": 0.1, "upper": 0.03}, runs_out_by_quarter=(0.0,) * (quarters - 1) + (0.12,),
            missing_p80_m2={"ground": 250.0, "upper": 0.0},
        ),
        left_out=(), assumptions=(
            {"name": "vacant_share", "value": 0.03, "source": "landgis: assumption"},
            {"name": "needed_share", "value": 0.8, "source": "landgis: assumption"},
        ),
    )  # fmt: skip
    return replace(document, **changes)


def lots_plan(name="rolling", **changes) -> PlanDocument:
    """Of the six lots of made_project.py: one begun, one to come, one left as it is; P6 is in no site."""
    works = (
        Work("B1*", "甲块", "B1", ["P1"], start=-2, phases=(3, 1, 3), area_mu=LOT_MU),
        Work("B1", "甲块", "B1", ["P2", "P3"], start=1, area_mu=2 * LOT_MU),
        Work("B2", "乙块", "B2", ["P4", "P5"], why_not="space", area_mu=2 * LOT_MU),
    )
    left_out = (LeftOut("P6", "no_figures", "the mode has no prices for this tenure"),)
    return plan_of(works, name=name, **{"left_out": left_out} | changes)


def blocks_plan(project, name="zone", *, quarters=32, shift=0, **changes) -> PlanDocument:
    """Of any project: a site a block, started one after the other every second quarter (and `shift` later).

    The first has begun, the last is left as it is; the last parcel of each block, and those in no block, are left out.
    """
    table = project.store.layers()["parcels"]
    found = project.store.layers().get("blocks")
    names = {} if found is None else dict(zip(found["block_id"], found["name"], strict=True))
    works, left_out = [], []
    groups = [(key, rows["parcel_id"].astype(str).tolist()) for key, rows in table.groupby("block_id")]
    for at, (block, parcels) in enumerate(groups):
        begun, left = at == 0, at == len(groups) - 1
        left_out.append(LeftOut(parcels[-1], "renovated", "it is renovated already"))
        works.append(Work(
            f"{block}*" if begun else str(block), str(names.get(block, block)), str(block), parcels[:-1],
            start=None if left else -1 if begun else 2 * at + shift, why_not="cash" if left else None,
            area_mu=float(len(parcels) - 1), cost_wan=1000.0 * (at + 1), income_wan=400.0 * (at + 1),
            needs_m2={"ground": 100.0 * (at + 1), "upper": 80.0}, firms=len(parcels),
            mode=("GOV_ACQ", "MSE_PARK", "SELF")[at % 3],
        ))  # fmt: skip
    nowhere = table["parcel_id"][table["block_id"].isna()].astype(str)
    left_out += [LeftOut(one, "no_site", "it is in no block") for one in nowhere]
    more = {"left_out": tuple(left_out), "ledger_line": project.store.head().seq}
    vacant = {"ground": 4000.0, "upper": 2000.0}
    return plan_of(works, name=name, quarters=quarters, budget_wan=3000.0, vacant_m2=vacant, **more | changes)
