"""The command that starts the officer's app."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from landgis.cli.frame import app, user_name
from landgis.cli.words import translation
from landgis.text import N_

PORT = 8501
ADDRESS = "127.0.0.1"


@app.command("app", help=N_("Start the officer's app on a project, in a browser: map, list, dossiers, recording."))
def app_(
    project: Annotated[
        str, typer.Argument(help=N_("a project, or a folder for a new one"), metavar="[PROJECT]")
    ] = "landgis-zone",
    port: Annotated[int, typer.Option(help=N_("the port to listen on"), min=1, max=65535)] = PORT,
    address: Annotated[
        str, typer.Option(help=N_("the address to listen on; others than this machine's need users"))
    ] = ADDRESS,
    style: Annotated[Path | None, typer.Option(help=N_("a map style to lie below: a Mapbox style, a file"))] = None,
    picture: Annotated[Path | None, typer.Option(help=N_("a local aerial picture to lie below, PNG or JPEG"))] = None,
    bounds: Annotated[
        str | None, typer.Option(help=N_("where the picture lies: west,south,east,north in degrees"))
    ] = None,
    tiles: Annotated[
        str | None,
        typer.Option(help=N_("tiles to lie below, fetched by this server: an address with z, x, y in braces")),
    ] = None,
) -> None:
    """Start the app."""
    from landgis.ui.map_settings import map_settings

    serve_project(project, port=port, address=address, ground=map_settings(style, picture, bounds, tiles))


def serve_project(project: str, *, port: int = PORT, address: str = ADDRESS, ground: object = None) -> None:
    """Say where the app is to be found, and serve it until it is stopped; `ground` lies below the map."""
    from landgis.ui.server import MapSettings, Server
    from landgis.ui.serving import serve

    ground = ground if isinstance(ground, MapSettings) else MapSettings()
    server = Server(project, nobody=user_name(None), map=ground)
    if server.is_there() and not server.by_database:
        server.store  # noqa: B018  a project that cannot be opened is said here, not in a browser
    say = translation()
    at = say(N_("landgis is at http://{address}:{port} (stop it with Ctrl+C)")).format(address=address, port=port)
    print(at, file=sys.stderr, flush=True)
    if not server.has_users():
        words = N_("the project has no users: whoever sits at this machine works as {name}, others cannot reach it")
        print(say(words).format(name=server.nobody), file=sys.stderr, flush=True)
    serve(server, port=port, address=address)
