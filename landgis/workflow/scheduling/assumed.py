"""What a schedule had to take for granted: every unverified figure of the rules and prices, every gap in the data.

Each as name, value, source. A gap's name begins with "gap." and its source is a text of the catalogues.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from landgis.rules.model import Figure
from landgis.rules.prices import Prices
from landgis.rules.scheduling import ScheduleTerms
from landgis.text import N_
from landgis.workflow.scheduling.scenario import Scenario

Assumption = Mapping[str, Any]
GAPS = {
    "gap.storeys": N_("parcels with floor whose storeys are not known; the rules' share of it counts as ground floor"),
    "gap.occupied_floor": N_("parcels on which the floor in use is not known; their legal floor counts as in use"),
    "gap.tax_per_mu": N_("parcels whose tax is not known; their gain in tax counts nothing"),
    "gap.tax_before": N_("parcels whose tax is not known; the prices' figure stands for it"),
    "gap.value_added_per_mu": N_("parcels whose value added is not known; their gain in it counts nothing"),
    "gap.remaining_years": N_("parcels whose remaining years are not known; the prices' share stands for them"),
    "gap.condition": N_("parcels whose buildings' condition is not known; the prices' share stands for it"),
    "gap.max_floor_area_ratio": N_("parcels without a planned floor area ratio; the prices' one stands for it"),
    "gap.industrial": N_("parcels whose land use is not known; they count as industrial land"),
    "gap.red_hazards": N_("parcels whose red hazards are not known; they count as having none (column red_hazards)"),
    "gap.fallen": N_("parcels on which buildings fell already; the floor that fell is in no figure"),
    "gap.paused": N_("parcels that are paused; they are planned as if they went on"),
    "gap.begun_mode": N_("mu of begun land whose declared mode is not the one that its site is counted with"),
    "gap.begun_floor": N_("m² that firms of begun sites still need, beyond the floor that stands vacant"),
    "gap.vacant": N_("m² of vacant floor: nobody said how much there is, so the rules' share of what stands counts"),
    "gap.crews": N_("crews at work on begun sites at a time, more than the limit, which is raised for them"),
}


def assumptions(
    scenario: Scenario, terms: ScheduleTerms, prices: Prices, *, modes: Iterable[str], gaps: Mapping[str, float]
) -> tuple[Assumption, ...]:
    """Unverified figures that the schedule rests on, then the gaps that are not 0."""
    chosen = set(modes)
    rules = [one for one in terms.figures if not _replaced(one, scenario) and _of_modes(one, chosen)]
    priced = [one for one in prices.figures if _of_modes(one, chosen)]
    found = [_figure("schedule", one) for one in rules if one.status == "unverified"]
    found += [_figure("prices", one) for one in priced if one.status == "unverified"]
    found += [_gap(name, value) for name, value in gaps.items() if value]
    return tuple(found)


def _gap(name: str, value: float) -> Assumption:
    kind = name.split(".")
    return {"name": name, "value": value, "source": GAPS[".".join(kind[:2])]}


def _figure(where: str, figure: Figure) -> Assumption:
    return {"name": f"{where}.{figure.path}", "value": figure.value, "source": figure.source}


def _of_modes(figure: Figure, chosen: set[str]) -> bool:
    parts = figure.path.split(".")
    return parts[0] != "modes" or parts[1] in chosen


def _replaced(figure: Figure, scenario: Scenario) -> bool:
    """Whether the scenario says something else in the figure's place."""
    section, _, name = figure.path.partition(".")
    said = {
        "plan.quarters": scenario.quarters, "plan.modes": scenario.modes or None, "search.seconds": scenario.seconds,
        "search.gap": scenario.gap, "search.draws": scenario.draws, "money.budget_wan": scenario.budget_wan,
        "industry.share": scenario.industry_floor_m2,
    }  # fmt: skip
    if section == "weights":
        return name in scenario.weights
    if section == "crews":
        return name.endswith(".limit") and name.removesuffix(".limit") in scenario.crews
    return said.get(figure.path) is not None
