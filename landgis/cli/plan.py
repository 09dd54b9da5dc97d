"""The commands that plan: what a site costs and brings, in which order sites fall."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from landgis.cli.frame import app, enter
from landgis.cli.options import By, Json, Out, Overwrite, ProjectPlace, Strict
from landgis.cli.words import language, translation
from landgis.text import N_

plan_app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help=N_("Plan: which land next, in which mode, in which order.")
)
app.add_typer(plan_app, name="plan")


@plan_app.command(help=N_("Order sites so that their firms need the least floor to move into meanwhile."))
def sequence(
    sites: Annotated[
        str,
        typer.Option(
            help=N_("a table of site_id, needs_m2, returns_m2; or needs_KIND_m2, returns_KIND_m2 for several kinds"),
            metavar="FILE", show_default=False,
        ),
    ],
    vacant: Annotated[
        list[str] | None,
        typer.Option(help=N_("floor that stands empty already, m², or KIND=m² for each kind"), metavar="M2"),
    ] = None,
    strict: Strict = False,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Sequence sites."""
    from landgis.workflow.sequencing import sequence_file

    found = sequence_file(sites, vacant=tuple(vacant or ()), strict=strict)
    if found.read.set_aside:
        text = translation()(N_("{count} rows were set aside; the answer lists each with its reason (--json)"))
        print("landgis: " + text.format(count=len(found.read.set_aside)), file=sys.stderr)
    if as_json:
        print(json.dumps(found.as_json(translation()), ensure_ascii=False))
    else:
        from landgis.show.plan import show_sequence

        show_sequence(found, translation())


@plan_app.command(help=N_("Say what renovating each parcel costs and brings: compensation, gap, payback, returns."))
def assess(
    project: ProjectPlace,
    mode: Annotated[
        str | None, typer.Option(help=N_("one mode for all parcels, or all; else each parcel's own"), metavar="MODE")
    ] = None,
    prices: Annotated[str, typer.Option(help=N_("the name of prices that come with landgis, or a price file"))] = (
        "yongkang-draft"
    ),
    group: Annotated[
        str | None, typer.Option(help=N_("sum up the parcels by this column of theirs, as block_id"), metavar="COLUMN")
    ] = None,
    vary: Annotated[
        float, typer.Option(help=N_("by how many percent each price is varied"), min=0, max=100, metavar="PERCENT")
    ] = 10.0,
    out: Out = None,
    overwrite: Overwrite = False,
    by: By = None,
    as_json: Json = False,
) -> None:
    """Assess parcels."""
    from landgis.io.write import check_target, write_layer
    from landgis.rules.prices import load_prices
    from landgis.workflow.assessing import Asked, assess_project

    if out is not None:
        check_target(out, overwrite)
    asked = Asked(load_prices(prices), mode, group, vary / 100)
    with enter(project, by) as opened:
        found = assess_project(opened, asked)
    if out is not None:
        write_layer(found.frame, out, columns=found.columns, overwrite=overwrite, title=asked.prices.title.zh)
    if found.refused:
        text = translation()(N_("{count} rows have no figures; --json lists each with its reason"))
        print("landgis: " + text.format(count=len(found.refused)), file=sys.stderr)
    if as_json:
        print(json.dumps(found.as_json(translation()), ensure_ascii=False))
    else:
        from landgis.show.plan import show_assessment

        show_assessment(found, language(), translation())
