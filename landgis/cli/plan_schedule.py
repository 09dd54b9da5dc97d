"""The commands of schedules: solve one, keep it, show it, put several side by side."""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from landgis.cli.frame import enter
from landgis.cli.options import By, Json, Out, Overwrite, ProjectPlace
from landgis.cli.plan import plan_app
from landgis.cli.words import translation
from landgis.errors import Problem, UsageError
from landgis.text import N_, Message

if TYPE_CHECKING:
    from landgis.workflow.project import Project
    from landgis.workflow.scheduling.document import PlanDocument

PlanName = Annotated[
    str, typer.Argument(help=N_("the name of a plan that is kept"), metavar="NAME", show_default=False)
]
_SITE = "SITE"


@plan_app.command(help=N_("Plan which site is renovated in which mode from which quarter, and prove how good it is."))
def schedule(
    project: ProjectPlace,
    scenario: Annotated[
        str | None, typer.Option(help=N_("a TOML file with what is asked; options go before it"), metavar="FILE")
    ] = None,
    name: Annotated[str | None, typer.Option(help=N_("what the plan is called; else as its scenario"))] = None,
    rules: Annotated[
        str | None, typer.Option(help=N_("schedule rules that come with landgis, or a rule file"))
    ] = None,
    prices: Annotated[str | None, typer.Option(help=N_("prices that come with landgis, or a price file"))] = None,
    group: Annotated[
        str | None,
        typer.Option(help=N_("what makes a site: block_id, street_block, or a column of the parcels"),
                     metavar="COLUMN"),
    ] = None,
    sites: Annotated[
        str | None,
        typer.Option(help=N_("a table of parcel_id and site_id that says what makes a site"), metavar="FILE"),
    ] = None,
    first: Annotated[
        str | None, typer.Option(help=N_("the first quarter, as 2027-Q1; the next one if not given"), metavar="QUARTER")
    ] = None,
    quarters: Annotated[int | None, typer.Option(help=N_("how many quarters are planned"))] = None,
    mode: Annotated[
        list[str] | None, typer.Option(help=N_("a mode that may be chosen; give it once for each"), metavar="MODE")
    ] = None,
    budget_wan: Annotated[
        str | None,
        typer.Option(help=N_("new public money a quarter, 10 000 CNY; or one figure for each quarter: X,X,…"),
                     metavar="X|X,X,…"),
    ] = None,
    vacant: Annotated[
        list[str] | None,
        typer.Option(help=N_("floor of a kind that stands empty at the start, m²; once for each"), metavar="KIND=M2"),
    ] = None,
    crew: Annotated[
        list[str] | None, typer.Option(help=N_("how many crews of a kind there are; once for each"), metavar="NAME=N")
    ] = None,
    require: Annotated[
        list[str] | None, typer.Option(help=N_("a site that must be started; once for each"), metavar=_SITE)
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option(help=N_("a site that must not be started; once for each"), metavar=_SITE)
    ] = None,
    before: Annotated[
        list[str] | None,
        typer.Option(help=N_("A:B or A:B:LAG: B starts no earlier than LAG quarters after A is finished"),
                     metavar="A:B[:LAG]"),
    ] = None,
    seconds: Annotated[float | None, typer.Option(help=N_("how long to search, s; else as the rules say"))] = None,
    gap: Annotated[
        float | None, typer.Option(help=N_("stop where no plan can be better by a greater share, 0…1"))
    ] = None,
    seed: Annotated[int | None, typer.Option(help=N_("same seed, same plan"))] = None,
    horizon: Annotated[
        int | None, typer.Option(help=N_("of a long plan: so many quarters are seen at a time (with --step)"))
    ] = None,
    step: Annotated[int | None, typer.Option(help=N_("and so many of them are kept"))] = None,
    draws: Annotated[
        int | None, typer.Option(help=N_("how many futures of uncertain durations are drawn; 0 for none"))
    ] = None,
    buffer_quarters: Annotated[
        int | None, typer.Option("--buffer", help=N_("quarters that new floor may be late; else as the rules say"))
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help=N_("keep the plan in the project under its name"))] = False,
    out: Out = None,
    overwrite: Overwrite = False,
    by: By = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Solve a schedule."""
    from landgis.cli.scenario_options import Overrides, scenario_of
    from landgis.io.write import check_target
    from landgis.show.schedule import plan_progress
    from landgis.workflow.scheduling.schedule import schedule_project
    from landgis.workflow.scheduling.shelf import keep_plan, require_keepable

    asked = scenario_of(scenario, Overrides(
        name, rules, prices, group, sites, first, quarters, tuple(mode or ()), budget_wan, tuple(vacant or ()),
        tuple(crew or ()), tuple(require or ()), tuple(exclude or ()), tuple(before or ()), seconds, gap, seed,
        horizon, step, draws, buffer_quarters,
    ))  # fmt: skip
    if out is not None:
        check_target(out, overwrite)
    with enter(project, by) as opened:
        if keep:
            require_keepable(opened, asked.name)
        with plan_progress(translation()) as tell, interrupted() as stop:
            document = schedule_project(opened, asked, tell=tell, stop=stop.is_set)
        if keep:
            keep_plan(opened, document)
        _hand_over(opened, document, out, overwrite=overwrite, as_json=as_json)


@plan_app.command(help=N_("Put kept plans side by side, each beside what an office does without one."))
def compare(
    project: ProjectPlace,
    names: Annotated[
        list[str] | None, typer.Argument(help=N_("plans that are kept"), metavar="NAME…", show_default=False)
    ] = None,
    every: Annotated[bool, typer.Option("--all", help=N_("all plans that are kept"))] = False,
    out: Out = None,
    overwrite: Overwrite = False,
    by: By = None,
    as_json: Json = False,
) -> None:
    """Compare plans."""
    from landgis.io.write import TABLE_SUFFIXES, check_target, write_table
    from landgis.workflow.scheduling.comparing import COMPARE_COLUMNS
    from landgis.workflow.scheduling.comparing import compare as side_by_side
    from landgis.workflow.scheduling.shelf import list_plans, load_plan

    if bool(names) == every:
        raise UsageError([Problem("E-USAGE", Message(N_("name the plans to compare, or give --all")))])
    if out is not None:
        check_target(out, overwrite, suffixes=TABLE_SUFFIXES)
    with enter(project, by) as opened:
        chosen = [plan.name for plan in list_plans(opened)] if every else list(names or ())
        found = side_by_side([load_plan(opened, name) for name in chosen])
    if out is not None:
        write_table(found.table, out, columns=COMPARE_COLUMNS, overwrite=overwrite)
    if as_json:
        print(json.dumps(found.as_json(), ensure_ascii=False))
    else:
        from landgis.show.schedule import show_comparison

        show_comparison(found, translation())


@plan_app.command("list", help=N_("List the plans that are kept in the project."))
def list_kept(project: ProjectPlace, by: By = None, as_json: Json = False) -> None:
    """List plans."""
    from landgis.workflow.scheduling.shelf import list_plans

    with enter(project, by) as opened:
        found = list_plans(opened)
    if as_json:
        print(json.dumps([plan.as_json() for plan in found], ensure_ascii=False))
    else:
        from landgis.show.plans import show_kept

        show_kept(found, translation())


@plan_app.command(help=N_("Show a plan that is kept."))
def show(
    project: ProjectPlace,
    name: PlanName,
    out: Out = None,
    overwrite: Overwrite = False,
    by: By = None,
    as_json: Json = False,
) -> None:
    """Show a plan."""
    from landgis.io.write import check_target
    from landgis.workflow.scheduling.shelf import load_plan

    if out is not None:
        check_target(out, overwrite)
    with enter(project, by) as opened:
        _hand_over(opened, load_plan(opened, name), out, overwrite=overwrite, as_json=as_json)


@plan_app.command(help=N_("List a plan no more; what was kept of it stays in the ledger."))
def drop(project: ProjectPlace, name: PlanName, by: By = None, as_json: Json = False) -> None:
    """Drop a plan."""
    from landgis.workflow.scheduling.shelf import drop_plan

    with enter(project, by) as opened:
        drop_plan(opened, name)
    if as_json:
        print(json.dumps({"dropped": name}, ensure_ascii=False))


def _hand_over(opened: Project, document: PlanDocument, out: Path | None, *, overwrite: bool, as_json: bool) -> None:
    """The layer, if one is asked for; the document as JSON, or in words."""
    from landgis.io.write import write_layer
    from landgis.workflow.scheduling.layer import PLAN_COLUMNS, plan_layer

    if out is not None:
        layer = plan_layer(opened, document)
        write_layer(layer, out, columns=PLAN_COLUMNS, overwrite=overwrite, layer_name="plan", title=document.name)
    if as_json:
        print(json.dumps(document.as_json(), ensure_ascii=False))
    else:
        from landgis.show.schedule import show_plan

        show_plan(document, translation())


@contextmanager
def interrupted() -> Iterator[threading.Event]:
    """The first Ctrl-C asks for the best plan so far, the second one ends at once."""
    stop = threading.Event()

    def heard(*_: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        print("landgis: " + translation()(N_("stopping with the best plan so far; again to end at once")),
              file=sys.stderr)  # fmt: skip

    old = signal.signal(signal.SIGINT, heard)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, old)
