"""How the commands of planning print what they found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console
from rich.text import Text

from landgis.planning.sensitivity import TITLES as PRICE_TITLES
from landgis.planning.sequence import swing_space_so_far
from landgis.show.console import number, open_console, plain_table
from landgis.text import N_, Translate

if TYPE_CHECKING:  # what a command does not need it does not import
    from landgis.workflow.assessing import Assessed
    from landgis.workflow.sequencing import Sequenced

LEVERS_SHOWN = 8

METHODS = {
    "johnson": N_("Johnson's rule: no order needs less"),
    "exact": N_("exact search: no order needs less"),
    "search": N_("search: other orders may need less, none less than the bound"),
}


def show_sequence(found: Sequenced, translate: Translate) -> None:
    """The sites in their order, what each needs and returns, and the swing space up to there."""
    console, answer = open_console(), found.found
    heads = (N_("order"), N_("site"), N_("needs, m²"), N_("returns, m²"), N_("swing space so far, m²"))
    for at, kind in enumerate(found.kinds or ("",)):
        table = plain_table(kind, *(translate(head) for head in heads))
        needs, returns = (found.floor[which][:, at] for which in ("needs", "returns"))
        so_far = swing_space_so_far(needs, returns, answer.order)
        for place, site in enumerate(answer.order):
            cells = (number(needs[site], 0), number(returns[site], 0), number(so_far[place], 0))
            table.add_row(str(place + 1), Text(found.site_ids[site]), *cells)
        console.print(table)
        words = translate(
            N_("least swing space {swing} m² (file order {filed} m²); vacant {vacant} m², to find {find} m²")
        )
        figures = (answer.swing_space_m2, answer.file_order_swing_space_m2, found.vacant_m2, answer.to_find_m2)
        swing, filed, vacant, find = (number(float(one[at]), 0) for one in figures)
        console.print(Text(words.format(swing=swing, filed=filed, vacant=vacant, find=find)))
    method = METHODS["exact" if answer.proven and answer.method == "search" else answer.method]
    console.print(Text(translate(method)))
    if not answer.proven:
        bound = number(float(np.maximum(answer.bound_m2 - found.vacant_m2, 0).sum()), 0)
        console.print(Text(translate(N_("bound: {bound} m² to find")).format(bound=bound)))


def show_assessment(found: Assessed, language: str, translate: Translate) -> None:
    """Money by mode and by group, what the result hangs on, and who has no figures."""
    console, prices = open_console(), found.asked.prices
    head = translate(N_("{rows_in} rows in = {rows_out} with figures + {refused} refused; prices {prices}"))
    counts = {"rows_in": found.rows_in, "refused": len(found.refused), "rows_out": found.rows_in - len(found.refused)}
    console.print(Text(head.format(prices=prices.id, **counts)))
    if prices.status != "verified":
        console.print(Text(prices.note.zh if language.startswith("zh") else prices.note.en))
    _show_money(console, translate(N_("mode of renovation")), found.modes.reset_index().itertuples(), translate)
    short = found.modes["rows"] - found.modes["rows_with_gain"]
    if short.any():
        words = N_("payback and returns are without {count} rows whose gain is not known, as their tax now is not")
        console.print(Text(translate(words).format(count=int(short.sum()))))
    if found.asked.group is not None:
        _show_money(console, found.asked.group, found.frame.drop(columns="geometry").itertuples(), translate)
    _show_tornado(console, found, translate)
    for problem, count in Counter(problem.message.render(translate) for problem in found.refused).most_common():
        console.print(Text(translate(N_("refused: {count} × {problem}")).format(count=count, problem=problem)))


def _show_money(console: Console, title: str, rows: Iterable[Any], translate: Translate) -> None:
    heads = (N_("rows"), N_("mu"), N_("cost"), N_("income"), N_("gap"), N_("gap per mu"), N_("gap per new m², CNY"),
             N_("payback, years"), N_("NPV"), N_("IRR, %"))  # fmt: skip
    table = plain_table(translate(N_("money in 10 000 CNY")), title, *(translate(head) for head in heads))
    for row in rows:
        name, count = (row.group, row.parcels) if hasattr(row, "group") else (row.renovation_mode, row.rows)
        whole = (number(row.area_mu, 1), number(row.cost_wan, 0), number(row.income_wan, 0), number(row.gap_wan, 0))
        parts = (number(row.gap_wan_per_mu, 1), number(row.gap_cny_per_new_m2, 0), number(row.static_payback_years, 1))
        table.add_row(Text(str(name)), str(count), *whole, *parts, number(row.npv_wan, 0), number(100 * row.irr, 1))
    console.print()
    console.print(table)


def _show_tornado(console: Console, found: Assessed, translate: Translate) -> None:
    words = translate(N_("each price {share} % lower and higher: change of the sums, 10 000 CNY"))
    heads = (N_("price"), N_("gap −"), N_("gap +"), N_("NPV −"), N_("NPV +"))
    table = plain_table(words.format(share=number(100 * found.asked.share, 0)), *(translate(head) for head in heads))
    for lever in found.levers[:LEVERS_SHOWN]:
        moved = (lever.gap_low_wan, lever.gap_high_wan, lever.npv_low_wan, lever.npv_high_wan)
        table.add_row(Text(translate(PRICE_TITLES[lever.name])), *(number(round(wan) + 0.0, 0) for wan in moved))
    console.print()
    console.print(table)
