"""The app's server: one process, one port, one project; who may see it, and what of it is in memory."""

from __future__ import annotations

import hashlib
import os
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from landgis.errors import InputRefused, LandgisError, Problem, RegisterRefused
from landgis.roles import Actor, require
from landgis.store.base import Store
from landgis.store.opening import open_store
from landgis.text import N_, Message
from landgis.workflow.project import Project
from landgis.workflow.scheduling.document import PlanDocument
from landgis.workflow.zone import Zone, read_zone, version_of

SESSION_COOKIE = "landgis_session"
IDLE_S, LONGEST_S = 15 * 60, 8 * 3600  # a session ends after so long without a sign of life, and after so long at all
KEPT_ZONES = 3  # versions whose shapes are still served, as a page may be one version behind
KEPT_PLANS = 24  # plans whose maps are still served
TRIES, TRIES_S = 5, 60.0  # wrong passwords for one name within a minute, then it has to wait


@dataclass(frozen=True)
class MapSettings:
    """What lies below the parcels, all of it local: a Mapbox style, a picture with its bounds, a proxy for tiles."""

    style: Path | None = None
    picture: Path | None = None
    picture_bounds: tuple[float, float, float, float] | None = None
    tiles: str | None = None  # the tile server behind our own /tiles route, http://HOST/{z}/{x}/{y}.png


@dataclass
class Visit:
    """Somebody who has signed in."""

    project: Project
    begun: float
    seen: float


@dataclass
class Server:
    """The project that is served, the visits, and the versions of the zone that are in memory."""

    where: str
    nobody: str = "unknown"
    map: MapSettings = MapSettings()
    now: Callable[[], float] = time.monotonic
    _store: Store | None = None
    _visits: dict[str, Visit] = field(default_factory=dict)
    _failed: dict[str, list[float]] = field(default_factory=dict)
    _zones: OrderedDict[str, Zone] = field(default_factory=OrderedDict)
    _plans: OrderedDict[str, PlanDocument] = field(default_factory=OrderedDict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def store(self) -> Store:
        """The project's store, opened once; InputRefused where there is no project yet."""
        with self._lock:
            if self._store is None:
                self._store = open_store(self.where)
            return self._store

    def is_there(self) -> bool:
        """Whether there is a project; a folder that is not there yet, or is empty, is a place for one.

        A database is taken to have one: it is made there with `landgis new`, not from the app.
        """
        if self._store is not None or "://" in self.where:
            return True
        folder = Path(self.where)
        return folder.exists() and any(folder.iterdir())

    @property
    def by_database(self) -> bool:
        """Whether everybody signs in to the database: a URL without a user."""
        return "://" in self.where and "@" not in urlsplit(self.where).netloc

    def has_users(self) -> bool:
        """Whether anybody has to sign in."""
        return self.by_database or oidc_is_configured() or (self.is_there() and bool(self.store.users()))

    def who(self, cookies: Mapping[str, str]) -> Project | None:
        """The project as whoever sent these cookies; None where that person has to sign in first.

        The one check for pages and routes alike. RegisterRefused where somebody is known, but has no role.
        """
        if not self.has_users():
            actor = self.store.sign_in(None, None)
            return Project(self.store, Actor(actor.name or self.nobody, actor.role))
        if oidc_is_configured() and not self.by_database:
            return self._by_oidc(cookies)
        return self._visit(cookies.get(SESSION_COOKIE, ""))

    def _visit(self, token: str) -> Project | None:
        with self._lock:
            visit, now = self._visits.get(token), self.now()
            if visit is None:
                return None
            if now - visit.seen > IDLE_S or now - visit.begun > LONGEST_S:
                self.sign_out(token)
                return None
            visit.seen = now
            return visit.project

    def _by_oidc(self, cookies: Mapping[str, str]) -> Project | None:
        name = oidc_name(cookies)
        if name is None:
            return None
        user = next((user for user in self.store.users() if user.name == name), None)
        if user is None:
            words = N_(
                "{name} is signed in, but has no role in this project; its administrator adds one (landgis users)"
            )
            raise RegisterRefused([Problem("E-ROLE", Message(words, {"name": name}))])
        return Project(self.store, Actor(user.name, user.role))

    def sign_in(self, name: str, password: str) -> str:
        """Check name and password, and return the token of a new visit; RegisterRefused where they are not right."""
        self._require_patience(name)
        try:
            project = self._enter(name, password)
        except LandgisError:
            with self._lock:
                self._failed.setdefault(name, []).append(self.now())
            raise
        token, now = secrets.token_urlsafe(32), self.now()
        with self._lock:
            self._failed.pop(name, None)
            self._visits[token] = Visit(project, now, now)
        return token

    def _enter(self, name: str, password: str) -> Project:
        store = open_store(with_user(self.where, name, password)) if self.by_database else self.store
        actor = store.sign_in(name, password)
        require(actor, "read")
        return Project(store, actor)

    def _require_patience(self, name: str) -> None:
        with self._lock:
            recent = [moment for moment in self._failed.get(name, []) if self.now() - moment < TRIES_S]
            self._failed[name] = recent
        if len(recent) >= TRIES:
            words = N_("too many wrong passwords for {name}; wait a minute, then try again")
            raise RegisterRefused([Problem("E-SIGN-IN", Message(words, {"name": name}))])

    def sign_out(self, token: str) -> None:
        """End a visit."""
        with self._lock:
            visit = self._visits.pop(token, None)
        if visit is not None and self.by_database:
            visit.project.store.close()  # connections of that user's own

    def zone(self, project: Project) -> Zone:
        """The zone as it is now; read anew only where something has changed."""
        version = version_of(project)
        with self._lock:
            if version not in self._zones:
                newest = next(reversed(self._zones.values()), None)
                found = read_zone(project, newest)
                self._zones[found.version] = found
                version = found.version
                while len(self._zones) > KEPT_ZONES:
                    self._zones.popitem(last=False)
            return self._zones[version]

    def warm_up(self) -> None:
        """Read the zone before the first visitor comes; a fault shows when somebody looks."""
        with suppress(LandgisError):
            if not self.by_database and self.is_there():
                zone = self.zone(Project(self.store, Actor(self.nobody, "viewer")))
                _ = zone.courses, zone.static

    def zone_at(self, version: str) -> Zone | None:
        """A version that is still in memory."""
        with self._lock:
            return self._zones.get(version)

    def show_plan(self, document: PlanDocument) -> str:
        """Let the map's routes show a plan, one that is not kept yet too; returns what it is called there."""
        name = hashlib.sha256(document.as_bytes()).hexdigest()[:32]
        with self._lock:
            self._plans[name] = document
            self._plans.move_to_end(name)
            while len(self._plans) > KEPT_PLANS:
                self._plans.popitem(last=False)
        return name

    def plan_at(self, name: str) -> PlanDocument:
        """The plan of that name; KeyError where it is not shown any more."""
        with self._lock:
            return self._plans[name]


def with_user(url: str, name: str, password: str) -> str:
    """A database URL with a user in it."""
    parts = urlsplit(url)
    netloc = f"{quote(name, safe='')}:{quote(password, safe='')}@{parts.netloc}"
    return urlunsplit(parts._replace(netloc=netloc))


def oidc_is_configured() -> bool:
    """Whether Streamlit's own secrets name an identity provider."""
    from streamlit.auth_util import get_secrets_auth_section

    try:
        return bool(get_secrets_auth_section())
    except (OSError, ValueError):
        return False


def oidc_name(cookies: Mapping[str, str]) -> str | None:
    """Whom the identity provider vouched for, as Streamlit's signed cookie says; None where there is none."""
    import json

    from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME
    from streamlit.web.server.starlette.starlette_websocket import _get_signed_cookie_with_chunks

    said = _get_signed_cookie_with_chunks(dict(cookies), USER_COOKIE_NAME)
    if not said:
        return None
    claims: dict[str, Any] = json.loads(said)
    name = claims.get("email") or claims.get("preferred_username") or claims.get("sub")
    return str(name) if claims.get("is_logged_in", True) and name else None


_current: list[Server] = []


def serve_from(server: Server) -> Server:
    """Make this the server of the process."""
    _current[:] = [server]
    current.cache_clear()
    return server


@cache
def current() -> Server:
    """The server of the process: as `landgis app` made it, else for the project that LANDGIS_PROJECT names."""
    if _current:
        return _current[0]
    where = os.environ.get("LANDGIS_PROJECT")
    if not where:
        words = N_("no project is named; start the app with landgis app PROJECT")
        raise InputRefused([Problem("E-PROJECT", Message(words))])
    return Server(where, nobody=os.environ.get("USER", "unknown"))
