"""The command that chooses a site: the best connected parcels of a block for a land target."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from landgis.cli.frame import enter
from landgis.cli.options import By, Json, Out, Overwrite, ProjectPlace
from landgis.cli.plan import plan_app
from landgis.cli.words import translation
from landgis.text import N_

_NAMES = "PARCEL"


@plan_app.command(
    help=N_("Choose the best connected parcels of a block for a land target, and prove how good they are.")
)
def sites(
    project: ProjectPlace,
    block: Annotated[str, typer.Option(help=N_("the block to choose from"), show_default=False)],
    target_mu: Annotated[float, typer.Option(help=N_("how much land at least, mu"), show_default=False)],
    most_mu: Annotated[
        float | None, typer.Option(help=N_("how much land at most, mu; 1.1 × the target if not given"))
    ] = None,
    budget_wan: Annotated[float | None, typer.Option(help=N_("what the site may cost at most, 10 000 CNY"))] = None,
    consent_share: Annotated[
        float, typer.Option(help=N_("share of the land whose holders must have signed, 0…1; who was not asked has not"))
    ] = 0.0,
    compactness: Annotated[
        float, typer.Option(help=N_("least compactness 4π·area ÷ perimeter², 0…1; a square has 0.79"))
    ] = 0.0,
    inside: Annotated[
        list[str] | None,
        typer.Option("--in", help=N_("a parcel that must be in; give it once for each"), metavar=_NAMES),
    ] = None,
    outside: Annotated[
        list[str] | None,
        typer.Option("--out-parcel", help=N_("a parcel that must be out; give it once for each"), metavar=_NAMES),
    ] = None,
    whole_blocks: Annotated[
        bool, typer.Option("--whole-blocks", help=N_("take street blocks whole or not at all"))
    ] = False,
    road_width: Annotated[
        float | None, typer.Option(help=N_("roads up to this width, m, do not part neighbours; 24 if not given"))
    ] = None,
    prices: Annotated[str, typer.Option(help=N_("the name of prices that come with landgis, or a price file"))] = (
        "yongkang-draft"
    ),
    mode: Annotated[str | None, typer.Option(help=N_("the mode whose cost counts; GOV_ACQ if not given"))] = None,
    seconds: Annotated[float, typer.Option(help=N_("how long to look for the site, s"))] = 60.0,
    gap: Annotated[float, typer.Option(help=N_("stop where no site can be better by a greater share"))] = 0.01,
    pareto: Annotated[int, typer.Option(help=N_("how many sites of the front of benefit against cost"), min=0)] = 0,
    again: Annotated[
        int, typer.Option(help=N_("of the parcels that split the site, without how many it is chosen anew"), min=0)
    ] = 5,
    seed: Annotated[int, typer.Option(help=N_("same seed, same site"))] = 0,
    out: Out = None,
    overwrite: Overwrite = False,
    by: By = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Choose a site."""
    from landgis.io.write import check_target, write_layer
    from landgis.workflow.siting import Asked, site_project
    from landgis.workflow.siting_out import SITE_COLUMNS, site_document, site_layer

    asked = Asked(
        block, target_mu, most_mu, budget_wan, consent_share, compactness, tuple(inside or ()), tuple(outside or ()),
        whole_blocks, road_width, prices, mode, seconds, gap, pareto, again, seed,
    )  # fmt: skip
    if out is not None:
        check_target(out, overwrite)
    with enter(project, by) as opened:
        found = site_project(opened, asked)
    if out is not None:
        write_layer(site_layer(found), out, columns=SITE_COLUMNS, overwrite=overwrite, layer_name="sites")
    if as_json:
        print(json.dumps(site_document(found, translation()), ensure_ascii=False))
    else:
        from landgis.show.sites import show_site

        show_site(found, translation())
