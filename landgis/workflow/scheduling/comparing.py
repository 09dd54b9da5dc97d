"""Plans side by side: what each brings, beside what an office does without one, and when each site starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from landgis.errors import Problem, UsageError
from landgis.results import MU, WAN, column
from landgis.text import N_, Message
from landgis.units import MU_DECIMALS
from landgis.workflow.scheduling.document import EXACT, PlanDocument, Way

if TYPE_CHECKING:
    from pandas import DataFrame

WAY_TITLES: Mapping[str, str] = {
    EXACT: N_("best plan"), "greedy": N_("greedy"), "johnson": N_("Johnson's rule only"),
    "file": N_("list as it stands"),
}  # fmt: skip
WAN_DECIMALS = 4


COMPARE_COLUMNS = (
    column("plan", "text", "", "plan", N_("plan"), N_("Name of the plan.")),
    column("way", "text", "", "way",
            N_("way of choosing"), N_("exact: the plan; greedy, johnson, file: what an office does without one.")),
    column("first_quarter", "text", "", "first", N_("first quarter"), N_("First quarter of the plan.")),
    column("last_quarter", "text", "", "last", N_("last quarter"), N_("Last quarter of the plan.")),
    column("objective", "number", "", "objective", N_("objective"), N_("Points by the weights of the plan's rules.")),
    column("below_bound", "number", "", "below",
            N_("below the bound"), N_("Share of the plan's bound that is missing; empty where no bound is known.")),
    column("sites_started", "integer", "", "sites", N_("sites started"), N_("Sites started within the plan.")),
    column("started_mu", "number", MU, "started_mu",
            N_("land started, mu"), N_("Land of the sites started within the plan.")),
    column("renovated_mu", "number", MU, "renov_mu",
            N_("land renovated, mu"), N_("Land completed by the end of the plan, sites begun before among it.")),
    column("new_floor_m2", "number", "m²", "new_floor",
            N_("new floor, m²"), N_("New floor of the sites started within the plan.")),
    column("spent_wan", "number", WAN, "spent",
            N_("spent, 10 000 CNY"), N_("Public money spent within the plan.")),
    column("income_wan", "number", WAN, "income",
            N_("income, 10 000 CNY"), N_("Public income within the plan.")),
    column("lowest_cash_wan", "number", WAN, "low_cash",
            N_("lowest cash, 10 000 CNY"), N_("Least that is left of budget and income at the end of a quarter.")),
    column("area_gain_m2", "number", "m²", "area_gain",
            N_("gain in floor, m²"), N_("New less old floor of all sites started, discounted.")),
    column("tax_gain_wan", "number", WAN, "tax_gain",
            N_("gain in tax a year, 10 000 CNY"), N_("Tax a year after less before of all sites started, discounted.")),
    column("value_added_gain_wan", "number", WAN, "value_gain",
            N_("gain in value added a year, 10 000 CNY"),
            N_("Value added a year after less before of all sites started, discounted.")),
    column("firm_months", "number", "", "firm_month",
            N_("months of displacement"), N_("Months in which firms are out of their rooms, over all firms.")),
    column("finish_p50", "text", "", "finish_p50",
            N_("finish, even odds"), N_("Quarter by which all is finished in half of the drawn futures.")),
    column("finish_p80", "text", "", "finish_p80",
            N_("finish, four to one"), N_("Quarter by which all is finished in 80 % of the drawn futures.")),
    column("runs_out", "number", "", "runs_out",
            N_("chance that floor runs out"),
            N_("Share of the drawn futures in which swing space of a kind is missing.")),
)  # fmt: skip


@dataclass(frozen=True)
class Comparison:
    """Plans side by side. A figure that is not known is None."""

    plans: tuple[str, ...]
    rows: tuple[Mapping[str, Any], ...]  # COMPARE_COLUMNS of each plan and way; a way without a plan has no row
    starts: Mapping[str, Mapping[str, tuple[str, str] | None]]  # site → plan → mode and quarter; None: left as it is

    @property
    def table(self) -> DataFrame:
        """The rows as a frame."""
        from pandas import DataFrame

        return DataFrame(list(self.rows), columns=[column.name for column in COMPARE_COLUMNS])

    def as_json(self) -> dict[str, Any]:
        """One document."""
        starts = {
            site: {plan: None if one is None else {"mode": one[0], "start": one[1]} for plan, one in by_plan.items()}
            for site, by_plan in self.starts.items()
        }
        return {"plans": list(self.plans), "rows": [dict(row) for row in self.rows], "starts": starts}


def compare(documents: Sequence[PlanDocument]) -> Comparison:
    """Some plans side by side; UsageError where two have the same name.

    Objectives are comparable where the plans have the same weights and land; the share below the bound always is.
    """
    names = tuple(document.name for document in documents)
    if len(set(names)) < len(names):
        words = N_("each plan can be compared once: {names}")
        raise UsageError([Problem("E-PLAN-COMPARE", Message(words, {"names": ", ".join(names)}))])
    rows = [
        _row(document, name, way) for document in documents for name, way in document.ways.items() if way is not None
    ]
    starts: dict[str, dict[str, tuple[str, str] | None]] = {}
    for document in documents:
        for site in document.sites:
            mine = starts.setdefault(site.site_id, {})
            if site.mode is not None and site.start_quarter is not None:
                mine[document.name] = site.mode, site.start_quarter
            else:
                mine[document.name] = None
    return Comparison(names, tuple(rows), starts)


def _row(document: PlanDocument, name: str, way: Way) -> dict[str, Any]:
    area = {site.site_id: site.area_mu for site in document.sites}
    seen = document.outlook if name == EXACT else None
    return {
        "plan": document.name, "way": name, "first_quarter": document.quarters[0],
        "last_quarter": document.quarters[-1], "objective": way.objective, "below_bound": way.below_bound,
        "sites_started": len(way.starts),
        "started_mu": round(sum(area[site] for site in way.starts), MU_DECIMALS),
        "renovated_mu": way.renovated_mu[-1], "new_floor_m2": way.new_floor_m2,
        "spent_wan": _sum(way.spent_wan), "income_wan": _sum(way.income_wan),
        "lowest_cash_wan": min(way.cash_wan, default=None), "area_gain_m2": way.area_gain_m2,
        "tax_gain_wan": way.tax_gain_wan, "value_added_gain_wan": way.value_added_gain_wan,
        "firm_months": way.firm_months, "finish_p50": seen.finish_p50 if seen else None,
        "finish_p80": seen.finish_p80 if seen else None, "runs_out": seen.runs_out if seen else None,
    }  # fmt: skip


def _sum(figures: tuple[float, ...]) -> float | None:
    return round(sum(figures), WAN_DECIMALS) if figures else None
