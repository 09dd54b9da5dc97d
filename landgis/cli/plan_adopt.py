"""The commands that carry a plan on: into the register, and anew when dates slip."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from landgis.cli.frame import enter
from landgis.cli.options import By, Json, Out, Overwrite, ProjectPlace
from landgis.cli.plan import plan_app
from landgis.cli.words import translation
from landgis.text import N_

PlanGiven = Annotated[
    str,
    typer.Argument(help=N_("the name of a plan that is kept, or a file NAME.json"), metavar="PLAN", show_default=False),
]


@plan_app.command(help=N_("Write a plan's days into the register as planned events, and freeze them to measure by."))
def adopt(
    project: ProjectPlace,
    plan: PlanGiven,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=N_("say what would be written, and write nothing"))
    ] = False,
    by: By = None,
    as_json: Json = False,
) -> None:
    """Adopt a plan."""
    from landgis.show.console import progress
    from landgis.workflow.adopting.adopt import adopt as adopt_plan
    from landgis.workflow.scheduling.given import given_plan

    with enter(project, by) as opened, progress(translation()) as tell:
        found = adopt_plan(opened, given_plan(opened, plan), tell=tell, dry_run=dry_run, translate=translation())
    if as_json:
        print(json.dumps(found.as_json(), ensure_ascii=False))
    else:
        from landgis.show.replan import show_adopted

        show_adopted(found, translation())


@plan_app.command(help=N_("Plan again from today on: what has begun stays; say what moves, and why."))
def replan(
    project: ProjectPlace,
    plan: PlanGiven,
    name: Annotated[
        str | None, typer.Option(help=N_("what the new plan is called; the old name with a number if not given"))
    ] = None,
    seconds: Annotated[float | None, typer.Option(help=N_("how long to search, s; else as the rules say"))] = None,
    budget_wan: Annotated[
        str | None,
        typer.Option(help=N_("new public money a quarter, 10 000 CNY; or one figure for each quarter: X,X,…"),
                     metavar="X|X,X,…"),
    ] = None,
    vacant: Annotated[
        list[str] | None,
        typer.Option(help=N_("floor of a kind that stands empty at the start, m²; once for each"),
                     metavar="NAME=NUMBER"),
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help=N_("keep the plan in the project under its name"))] = False,
    out: Out = None,
    overwrite: Overwrite = False,
    by: By = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Plan again."""
    from landgis.cli.plan_schedule import interrupted
    from landgis.cli.scenario_options import Overrides, scenario_of
    from landgis.io.write import check_target, write_layer
    from landgis.show.schedule import plan_progress
    from landgis.workflow.adopting.carry import next_name
    from landgis.workflow.adopting.replan import replan as plan_again
    from landgis.workflow.scheduling.given import given_plan
    from landgis.workflow.scheduling.layer import PLAN_COLUMNS, plan_layer
    from landgis.workflow.scheduling.shelf import keep_plan, list_plans, require_keepable

    asked = scenario_of(None, Overrides(seconds=seconds, budget_wan=budget_wan, vacant_m2=tuple(vacant or ())))
    given = {"seconds": seconds, "budget_wan": budget_wan, "vacant_m2": vacant}
    changes = {field: getattr(asked, field) for field, value in given.items() if value}
    if out is not None:
        check_target(out, overwrite)
    with enter(project, by) as opened:
        document = given_plan(opened, plan)
        changes["name"] = name or next_name(document.name, {kept.name for kept in list_plans(opened)})
        if keep:
            require_keepable(opened, changes["name"])
        with plan_progress(translation()) as tell, interrupted() as stop:
            found = plan_again(opened, document, changes=changes, tell=tell, stop=stop.is_set)
        if keep:
            keep_plan(opened, found.document)
        if out is not None:
            layer = plan_layer(opened, found.document)
            write_layer(
                layer, out, columns=PLAN_COLUMNS, overwrite=overwrite, layer_name="plan", title=found.document.name
            )
    if as_json:
        print(json.dumps(found.as_json(translation()), ensure_ascii=False))
    else:
        from landgis.show.replan import show_replanned

        show_replanned(found, translation())
