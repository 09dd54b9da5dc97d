"""From what a user calls a project, a folder or a URL, to its store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from landgis.errors import Problem, UsageError
from landgis.io.atomic import make_folder, new_folder
from landgis.store.base import Clock, Store
from landgis.store.local import DATABASE, LocalStore, require_free
from landgis.text import N_, Message


def open_store(where: str, clock: Clock | None = None) -> Store:
    """The store of a project; InputRefused where there is none, or where it cannot be reached."""
    if _is_url(where):
        from landgis.store.postgis import PostgisStore

        return PostgisStore(where, clock)
    return LocalStore(Path(where), clock) if clock else LocalStore(Path(where))


@contextmanager
def making(where: str, clock: Clock | None = None) -> Iterator[Store]:
    """A new store to be filled; in the end it is at `where`, whole, or nothing is.

    A folder is made beside its place and renamed when the block ends well, so that nobody meets half a project, and of
    two who make one in the same place one is refused. InputRefused where something is there already.
    """
    if _is_url(where):
        from landgis.store.postgis import PostgisStore

        store: Store = PostgisStore.create(where, clock)
        with closing(store):
            yield store
        return
    target = Path(where)
    require_free(target)
    make_folder(target.parent)
    with new_folder(target) as folder:
        store = LocalStore.create(folder, clock)
        with closing(store):
            yield store


def is_project(where: str) -> bool:
    """Whether this names a project rather than a file of a layer: a URL, or a folder with a register in it."""
    return _is_url(where) or (Path(where) / DATABASE).exists()


def _is_url(where: str) -> bool:
    scheme, mark, _ = where.partition("://")
    if mark and scheme not in ("postgresql", "postgres"):
        words = N_("{scheme} is no database that landgis knows; give a folder or postgresql://…")
        raise UsageError([Problem("E-PROJECT-URL", Message(words, {"scheme": scheme}))])
    return bool(mark)
