"""The routes beside Streamlit's own: shapes of the map, swatches of the legend, evidence, print, sign-in."""

from __future__ import annotations

import datetime
import gzip
import hashlib
import urllib.request
from collections.abc import Callable
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from landgis.errors import LandgisError
from landgis.text import LANGUAGES
from landgis.ui import geo
from landgis.ui.asked import read
from landgis.ui.map_settings import has_style, style_document
from landgis.ui.server import LONGEST_S, SESSION_COOKIE, Server
from landgis.ui.sign_in import sign_in_page
from landgis.ui.swatch import swatch
from landgis.ui.words import Words
from landgis.workflow.zone import Zone

KEPT_ANSWERS = 24
TILE_WAIT_S, TILE_LIMIT = 10, 5_000_000  # seconds, bytes
PICTURES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp"}
Maker = Callable[[Zone, Any], bytes]
SHAPES: dict[str, Maker] = {
    "parcels.geojson": geo.parcels,
    "blocks.geojson": geo.blocks,
    "streets.geojson": lambda zone, _: geo.streets(zone),
    "massing.geojson": lambda zone, _: geo.massing(zone),
    "labels-blocks.json": geo.block_labels,
    "labels-streets.json": lambda zone, _: geo.street_labels(zone),
}


def routes(server: Server) -> list[Route]:
    """All of them; the guard has let pass whoever gets here, but for /sign-in."""

    @lru_cache(KEPT_ANSWERS)
    def make(version: str, turn: int, name: str) -> tuple[bytes, str]:
        zone = server.zone_at(version)  # named, not held: what is kept here must not keep old versions in memory
        if zone is None:
            raise KeyError(version)
        return packed_answer(_shape(zone, turn, name))

    @lru_cache(KEPT_ANSWERS)
    def make_plan(version: str, turn: int, plan: str) -> tuple[bytes, str]:
        zone = server.zone_at(version)
        if zone is None:
            raise KeyError(version)
        return packed_answer(geo.plan_parcels(zone, zone.day_of_turn(turn), server.plan_at(plan)))

    async def shapes(request: Request) -> Response:
        return await answer(request, make, "version", "turn", "name")

    async def plan_shapes(request: Request) -> Response:
        return await answer(request, make_plan, "version", "turn", "plan")

    async def answer(request: Request, maker: Callable[..., tuple[bytes, str]], *parts: str) -> Response:
        try:
            packed, tag = await run_in_threadpool(maker, *(request.path_params[part] for part in parts))
        except (KeyError, IndexError, ValueError):
            return Response(status_code=404)
        headers = {"etag": tag, "cache-control": "private, max-age=86400, immutable", "vary": "accept-encoding, cookie"}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(packed, headers={**headers, "content-encoding": "gzip"}, media_type="application/json")
        return Response(gzip.decompress(packed), headers=headers, media_type="application/json")

    async def legend_swatch(request: Request) -> Response:
        color, hatch = request.path_params["color"], request.path_params["hatch"]
        try:
            picture = swatch("#" + color, hatch)
        except ValueError:
            return Response(status_code=404)
        return Response(picture, media_type="image/svg+xml", headers={"cache-control": "private, max-age=86400"})

    async def picture(_: Request) -> Response:
        file = server.map.picture
        if file is None or file.suffix.lower() not in PICTURES:
            return Response(status_code=404)
        content = await run_in_threadpool(file.read_bytes)
        return Response(content, media_type=PICTURES[file.suffix.lower()])

    async def style(_: Request) -> Response:
        if not has_style(server.map):
            return Response(status_code=404)
        return JSONResponse(await run_in_threadpool(style_document, server.map))

    async def tiles(request: Request) -> Response:
        numbers = {name: int(request.path_params[name]) for name in ("z", "x", "y")}
        if server.map.tiles is None or not (0 <= numbers["z"] <= 24):
            return Response(status_code=404)
        try:
            kind, content = await run_in_threadpool(fetch_tile, server.map.tiles.format(**numbers))
        except OSError:
            return Response(status_code=502)
        return Response(content, media_type=kind, headers={"cache-control": "private, max-age=86400"})

    async def evidence(request: Request) -> Response:
        project = server.who(request.cookies)
        found = await run_in_threadpool(project.store.evidence, request.path_params["sha256"]) if project else None
        if found is None:
            return Response(status_code=404)
        kind = next((kind for suffix, kind in PICTURES.items() if found.name.lower().endswith(suffix)), None)
        headers = {"content-disposition": "inline" if kind else "attachment", "cache-control": "private, max-age=86400"}
        return Response(found.content, media_type=kind or "application/octet-stream", headers=headers)

    async def print_dossier(request: Request) -> Response:
        from landgis.ui.print_page import printed

        project = server.who(request.cookies)
        asked = request.query_params.get("lang", LANGUAGES[0])
        words = Words(asked if asked in LANGUAGES else LANGUAGES[0])
        if project is None:
            return Response(status_code=404)
        day = read(dict(request.query_params), datetime.date.today()).as_of
        try:
            html = await run_in_threadpool(printed, project, request.path_params["parcel"], words, day)
        except LandgisError as refusal:
            return HTMLResponse("<br>".join(words.problem(one, html=True) for one in refusal.problems), status_code=404)
        return HTMLResponse(html)

    async def sign_in(request: Request) -> Response:
        words = Words(_language(request))
        if request.method == "GET":
            return HTMLResponse(sign_in_page(words, _inside(request.query_params.get("next", "/"))))
        form = await request.form()
        back = _inside(str(form.get("next", "/")))
        try:
            token = await run_in_threadpool(server.sign_in, str(form.get("name", "")), str(form.get("password", "")))
        except LandgisError as refusal:
            said = " ".join(words.message(one.message) for one in refusal.problems)
            return HTMLResponse(sign_in_page(words, back, said), status_code=401)
        answer = RedirectResponse(back, status_code=303)
        secure = request.url.scheme == "https"
        answer.set_cookie(SESSION_COOKIE, token, max_age=LONGEST_S, httponly=True, samesite="strict", secure=secure)
        return answer

    async def sign_out(request: Request) -> Response:
        server.sign_out(request.cookies.get(SESSION_COOKIE, ""))
        answer = RedirectResponse("/sign-in", status_code=303)
        answer.delete_cookie(SESSION_COOKIE)
        return answer

    return [
        Route("/geo/{version}/{turn:int}/{name}", shapes),
        Route("/geo/{version}/{turn:int}/plan/{plan}/parcels.geojson", plan_shapes),
        Route("/swatch/{color}-{hatch}.svg", legend_swatch),
        Route("/file/picture", picture),
        Route("/file/style.json", style),
        Route("/tiles/{z:int}/{x:int}/{y:int}", tiles),
        Route("/file/{sha256}", evidence),
        Route("/print/{parcel:path}", print_dossier),
        Route("/sign-in", sign_in, methods=["GET", "POST"]),
        Route("/sign-out", sign_out, methods=["GET", "POST"]),
    ]


def _shape(zone: Zone, turn: int, name: str) -> bytes:
    """What is asked for; KeyError or IndexError where there is no such thing."""
    day = zone.day_of_turn(turn)
    if name.startswith("lots-"):
        return geo.lots(zone, day, int(name.removeprefix("lots-").removesuffix(".geojson")))
    return SHAPES[name](zone, day)


def packed_answer(content: bytes) -> tuple[bytes, str]:
    """An answer as it is kept: gzipped, and its tag."""
    return gzip.compress(content, 5, mtime=0), f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def fetch_tile(address: str) -> tuple[str, bytes]:
    """A picture from the tile server that was configured; OSError where there is none."""
    with urllib.request.urlopen(address, timeout=TILE_WAIT_S) as answer:
        kind = answer.headers.get_content_type()
        content = answer.read(TILE_LIMIT + 1)
    if not kind.startswith("image/") or len(content) > TILE_LIMIT:
        raise OSError(kind)
    return kind, content


def _inside(path: str) -> str:
    """A path of ours, whatever was asked for: a link may not lead elsewhere after signing in."""
    parts = urlsplit(path)
    safe = not parts.scheme and not parts.netloc and path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if safe else "/"


def _language(request: Request) -> str:
    asked = request.query_params.get("lang", "")
    return asked if asked in LANGUAGES else LANGUAGES[0]
