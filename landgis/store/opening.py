"""From what a user calls a project, a folder or a URL, to its store."""

from __future__ import annotations

import shutil
from pathlib import Path

from landgis.errors import Problem, UsageError
from landgis.store.base import Clock, Store
from landgis.store.local import LocalStore
from landgis.text import N_, Message


def open_store(where: str, clock: Clock | None = None) -> Store:
    """The store of a project; InputRefused where there is none, or where it cannot be reached."""
    if _is_url(where):
        from landgis.store.postgis import PostgisStore

        return PostgisStore(where, clock)
    return LocalStore(Path(where), clock) if clock else LocalStore(Path(where))


def create_store(where: str, clock: Clock | None = None) -> Store:
    """A new, empty project; InputRefused where something is there already."""
    if _is_url(where):
        from landgis.store.postgis import PostgisStore

        return PostgisStore.create(where, clock)
    return LocalStore.create(Path(where), clock)


def discard(where: str) -> None:
    """Take away a project folder that could not be finished; a database is left, empty."""
    if not _is_url(where):
        shutil.rmtree(where, ignore_errors=True)


def _is_url(where: str) -> bool:
    scheme, mark, _ = where.partition("://")
    if mark and scheme not in ("postgresql", "postgres"):
        words = N_("{scheme} is no database that landgis knows; give a folder or postgresql://…")
        raise UsageError([Problem("E-PROJECT-URL", Message(words, {"scheme": scheme}))])
    return bool(mark)
