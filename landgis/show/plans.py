"""How the plans that are kept are listed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from landgis.show.console import number, open_console, plain_table
from landgis.text import N_, Translate

if TYPE_CHECKING:  # what a command does not need it does not import
    from landgis.workflow.scheduling.shelf import KeptPlan

NONE = "—"
MANY_POINTS = 1000  # from which on decimals say nothing


def points(value: float | None) -> str:
    """An objective: with a decimal where it is small."""
    return number(value, 1 if value is None or abs(value) < MANY_POINTS else 0)


def share(value: float | None, decimals: int = 1) -> str:
    """A share in percent; a dash where it is not known."""
    return NONE if value is None else f"{value:.{decimals}%}"


def show_kept(plans: Sequence[KeptPlan], translate: Translate) -> None:
    """The plans that are kept."""
    console = open_console()
    if not plans:
        console.print(Text(translate(N_("no plan is kept here yet"))))
        return
    heads = (
        N_("kept by"),
        N_("kept at, UTC"),
        N_("quarters"),
        N_("sites"),
        N_("objective"),
        N_("gap to the bound"),
        N_("adopted"),
    )
    table, yes = plain_table("", translate(N_("plan")), *(translate(head) for head in heads)), translate(N_("yes"))
    for plan in plans:
        cells = (plan.by, plan.kept_at[:16].replace("T", " "), f"{plan.first} – {plan.last}", str(plan.started),
                 points(plan.objective), share(plan.gap, 2), yes if plan.adopted else NONE)  # fmt: skip
        table.add_row(Text(plan.name), *(Text(cell) for cell in cells))
    console.print(table)
