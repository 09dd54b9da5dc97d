"""How `landgis plan sites` prints a site."""

from __future__ import annotations

import numpy as np
from rich.text import Text

from landgis.planning.siting.candidates import Site
from landgis.show.console import number, open_console, plain_table
from landgis.text import N_, Translate
from landgis.workflow.siting import Sited
from landgis.workflow.siting_out import said

MOST_LISTED = 12
CHAIN = 0.15  # compactness below which a hint is given; a row of ten squares has 0.26


def show_site(sited: Sited, translate: Translate) -> None:
    """The site, its proof, who splits it, the front, and what was left out."""
    console, there = open_console(), sited.candidates
    rows = sited.rows(sited.site)
    head = translate(N_("{parcels} of {candidates} parcels, {mu} mu, benefit {benefit} (bound {bound})"))
    figures = {
        "parcels": len(rows), "candidates": int((there.left_out == "").sum()), "mu": number(sited.site.area_mu),
        "benefit": number(sited.site.benefit, 1), "bound": number(sited.found.bound, 1),
    }  # fmt: skip
    console.print(Text(head.format(**figures)))
    console.print(Text(said(sited).render(translate)))
    words = translate(N_("cost {cost} × 10 000 CNY, consent {low}–{high}, compactness {compact}"))
    low, high = (f"{share:.0%}" for share in (sited.site.consent_low, sited.site.consent_high))
    compact = number(sited.site.compactness)
    console.print(Text(words.format(cost=_cost(sited, sited.site, translate), low=low, high=high, compact=compact)))
    if sited.site.compactness < CHAIN:
        console.print(Text(translate(N_("the site is a chain of parcels; --compactness 0.25 asks for a compact one"))))
    console.print(Text("  " + ", ".join(str(key) for key in there.parcel_ids[rows])))
    _show_refusals(sited, translate)
    _show_front(sited, translate)
    if left := int((there.left_out != "").sum()):
        console.print(Text(translate(N_("{count} parcels can be in no site; --json says why")).format(count=left)))


def _cost(sited: Sited, site: Site, translate: Translate) -> str:
    """What a site costs; where some of it is not known, what is known of it."""
    cost = sited.candidates.cost_wan[sited.rows(site)]
    unknown = np.isnan(cost)
    if not unknown.any():
        return number(site.cost_wan, 1)
    words = translate(N_("over {cost} ({count} parcels unknown)"))
    return words.format(cost=number(float(cost[~unknown].sum()), 1), count=int(unknown.sum()))


def _show_refusals(sited: Sited, translate: Translate) -> None:
    console = open_console()
    torn = sorted((one for one in sited.refusals if one.splits), key=lambda one: -one.lost_benefit)
    if not torn:
        console.print(Text(translate(N_("no single refusal splits the site"))))
        return
    heads = (
        N_("splits the site"),
        N_("parts"),
        N_("lost, mu"),
        N_("lost benefit"),
        N_("lost with the best choice anew"),
    )
    table = plain_table("", *(translate(head) for head in heads))
    for one in torn[:MOST_LISTED]:
        again = sited.without.get(one.unit)
        best = None if again is None or again.site is None else max(sited.site.benefit - again.site.benefit, 0.0)
        names = " ".join(str(key) for key in sited.candidates.parcel_ids[sited.unit == one.unit])
        table.add_row(Text(names), str(one.parts), number(one.lost_mu), number(one.lost_benefit, 1), number(best, 1))
    console.print(table)
    if len(torn) > MOST_LISTED:
        console.print(Text(translate(N_("… and {count} more")).format(count=len(torn) - MOST_LISTED)))


def _show_front(sited: Sited, translate: Translate) -> None:
    if not sited.front:
        return
    heads = (N_("cost, 10 000 CNY"), N_("benefit"), N_("bound"), N_("mu"), N_("parcels"))
    table = plain_table("", *(translate(head) for head in heads))
    for point in sited.front:
        site = point.site
        cells = (number(site.benefit, 1), number(point.bound, 1), number(site.area_mu), str(len(sited.rows(site))))
        table.add_row(_cost(sited, site, translate), *cells)
    open_console().print(table)
