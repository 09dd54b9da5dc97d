"""How the commands of schedules print a plan, plans side by side, and how far a search is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.text import Text

from landgis.show.console import number, open_console, plain_table, status_line
from landgis.show.plans import NONE as NONE
from landgis.show.plans import points
from landgis.show.plans import share as share
from landgis.text import N_, Message, Translate
from landgis.workflow.scheduling.comparing import WAY_TITLES, Comparison, compare
from landgis.workflow.scheduling.document import WHY_NOT, PlanDocument, Site

if TYPE_CHECKING:  # what a command does not need it does not import
    from rich.console import Console

    from landgis.workflow.scheduling.solving import PlanProgress, TellPlan

STATUSES = {
    "optimal": N_("proven: no plan is worth more by over {gap} of the bound"),
    "time": N_("time was up: no plan is worth more by over {gap} of the bound"),
    "stopped": N_("stopped: no plan is worth more by over {gap} of the bound"),
}
UNBOUNDED = {
    "optimal": N_("how much better a plan could be is not known"),
    "time": N_("time was up; how much better a plan could be is not known"),
    "stopped": N_("stopped; how much better a plan could be is not known"),
}


@contextmanager
def plan_progress(translate: Translate) -> Iterator[TellPlan]:
    """A line on standard error that says how far a search is; silent where that is no terminal."""
    with status_line() as say:
        yield lambda told: say(progress_text(told, translate))


def progress_text(told: PlanProgress, translate: Translate) -> str:
    """How far a search is, in one line."""
    parts = [translate(told.step)]
    if told.objective is not None:
        words = translate(N_("best plan {objective}, bound {bound}, gap {gap}"))
        figures = {
            "objective": points(told.objective),
            "bound": points(told.bound),
            "gap": share(told.gap),
        }
        parts.append(words.format(**figures))
    return " · ".join(parts)


def status_message(document: PlanDocument) -> Message:
    """How good a plan is, in a sentence."""
    if document.gap is None:
        return Message(UNBOUNDED[document.solver_status])
    return Message(STATUSES[document.solver_status], {"gap": share(document.gap, 2)})


def show_plan(document: PlanDocument, translate: Translate) -> None:
    """How good a plan is, its sites, the ways side by side, what is left out and what nobody vouches for."""
    console = open_console()
    head = translate(N_("{name}: {first} to {last}, {started} of {sites} sites started, {begun} begun before"))
    started = [site for site in document.sites if site.mode is not None]
    begun = sum(1 for site in started if site.begun)
    counts = {"started": len(started) - begun, "sites": len(document.sites), "begun": begun}
    first, last = document.quarters[0], document.quarters[-1]
    console.print(Text(head.format(name=document.name, first=first, last=last, **counts)))
    console.print(Text(status_message(document).render(translate)))
    if document.outlook is not None:
        words = translate(N_("all finished by {p50} at even odds, by {p80} at four to one; floor runs out in {share}"))
        seen = document.outlook
        out = share(seen.runs_out, 0)
        console.print(Text(words.format(p50=seen.finish_p50, p80=seen.finish_p80, share=out)))
    _show_sites(console, document.sites, translate)
    show_comparison(compare([document]), translate)
    _show_left(console, document, translate)


def _show_sites(console: Console, sites: Sequence[Site], translate: Translate) -> None:
    heads = (N_("mode"), N_("start"), N_("work finished"), N_("finish, four to one"), N_("mu"),
             N_("new floor, m²"), N_("cost, 10 000 CNY"), N_("why not started"))  # fmt: skip
    table = plain_table("", translate(N_("site")), *(translate(head) for head in heads))
    for site in sorted(sites, key=lambda site: (site.start_quarter or "9", site.site_id)):
        when = (site.start_quarter, site.completed_quarter, site.finish_p80)
        reason = "" if site.why_not is None else translate(WHY_NOT.get(site.why_not, site.why_not))
        figures = (number(site.area_mu, 1), number(site.new_floor_m2, 0), number(site.cost_wan, 0))
        cells = [Text(cell) for cell in (site.mode or NONE, *(one or NONE for one in when))]
        table.add_row(Text(site.site_id), *cells, *figures, Text(reason))
    console.print()
    console.print(table)


def show_comparison(found: Comparison, translate: Translate) -> None:
    """For each plan a row for each way of choosing; of several plans also when each site starts."""
    console = open_console()
    heads = (N_("objective"), N_("below the bound"), N_("sites"), N_("renovated, mu"), N_("new floor, m²"),
             N_("spent"), N_("income"), N_("months of displacement"))  # fmt: skip
    several = len(found.plans) > 1
    for plan in found.plans:
        table = plain_table(
            escape(plan) if several else "", translate(N_("way of choosing")), *(translate(head) for head in heads)
        )
        rows = {row["way"]: row for row in found.rows if row["plan"] == plan}
        for row in rows.values():
            cells = (points(row["objective"]), share(row["below_bound"], 2), str(row["sites_started"]),
                     number(row["renovated_mu"], 1), number(row["new_floor_m2"], 0), number(row["spent_wan"], 0),
                     number(row["income_wan"], 0), number(row["firm_months"], 0))  # fmt: skip
            table.add_row(Text(translate(WAY_TITLES[row["way"]])), *cells)
        console.print()
        console.print(table)
        for way in (way for way in WAY_TITLES if way not in rows):
            words = translate(N_("{way}: no plan found that keeps every limit"))
            console.print(Text(words.format(way=translate(WAY_TITLES[way]))))
    if several:
        _show_starts(console, found, translate)


def _show_starts(console: Console, found: Comparison, translate: Translate) -> None:
    table = plain_table("", translate(N_("site")), *map(escape, found.plans))
    for site, by_plan in sorted(found.starts.items()):
        table.add_row(Text(site), *(Text(_start_text(by_plan, plan, translate)) for plan in found.plans))
    console.print()
    console.print(table)


def _start_text(by_plan: Mapping[str, Any], plan: str, translate: Translate) -> str:
    if plan not in by_plan:
        return translate(N_("not in this plan"))
    return NONE if by_plan[plan] is None else " ".join(reversed(by_plan[plan]))


def _show_left(console: Console, document: PlanDocument, translate: Translate) -> None:
    counted = Counter(one.problem for one in document.left_out)
    for problem, count in counted.most_common():
        text = translate(N_("in no site: {count} parcels ({problem})"))
        console.print(Text(text.format(count=count, problem=translate(problem))))
    if document.assumptions:
        text = translate(N_("{count} figures behind this plan are unverified or missing; --json lists each"))
        console.print(Text(text.format(count=len(document.assumptions))))
