"""The command that makes vector tiles."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from landgis.cli.frame import app, as_of_day, enter
from landgis.cli.options import AsOf, By, Crs, Encoding, Json, Overwrite
from landgis.cli.words import translation
from landgis.text import N_


@app.command(help=N_("Make vector tiles of a project or of a layer of parcels: one PMTiles archive for maps."))
def tiles(
    source: Annotated[
        str,
        typer.Argument(
            help=N_("a project, or parcels as FILE or FILE:LAYER"), metavar="PROJECT|FILE", show_default=False
        ),
    ],
    out: Annotated[Path, typer.Option(help=N_("where to write: X.pmtiles"), show_default=False)],
    min_zoom: Annotated[int, typer.Option(help=N_("the first zoom"), min=0)] = 10,
    max_zoom: Annotated[int, typer.Option(help=N_("the last zoom; maps enlarge its tiles beyond"), min=0)] = 14,
    layer: Annotated[str, typer.Option(help=N_("what the layer is called in the tiles"))] = "parcels",
    as_of: AsOf = None,
    crs: Crs = None,
    encoding: Encoding = None,
    overwrite: Overwrite = False,
    by: By = None,
    as_json: Json = False,
) -> None:
    """Make tiles."""
    from landgis.show.console import status_line
    from landgis.show.tiles import show_tiles
    from landgis.store.opening import is_project
    from landgis.workflow.tiling import Wanted, check_wanted, tile_file, tile_project

    translate, wanted = translation(), Wanted(min_zoom, max_zoom, layer)
    check_wanted(wanted, out, overwrite=overwrite)
    under_way = translate(N_("zoom {zoom}: {done} of {count} tiles"))
    with status_line() as say:

        def tell(zoom: int, done: int, count: int) -> None:
            say(under_way.format(zoom=zoom, done=done, count=count))

        say(translate(N_("reading the files")))
        if is_project(source):
            with enter(source, by) as project:
                made = tile_project(project, out, wanted, as_of=as_of_day(as_of), overwrite=overwrite, tell=tell)
        else:
            made = tile_file(source, out, wanted, crs=crs, encoding=encoding, overwrite=overwrite, tell=tell)
    if as_json:
        print(json.dumps(made.as_json(), ensure_ascii=False))
    else:
        show_tiles(made, translate)
