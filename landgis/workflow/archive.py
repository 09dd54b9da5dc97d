"""Copy a project to another store, back it up, restore it, and check that its ledger is whole."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from landgis.errors import InputRefused, Place, Problem
from landgis.io.atomic import atomic_file
from landgis.io.ledger_file import read_ledger
from landgis.phases.ledger import GENESIS, Entry, verify
from landgis.roles import Actor, require
from landgis.store.base import Head, Store
from landgis.store.local import DATABASE, LAYERS, LocalStore
from landgis.store.opening import making
from landgis.text import N_, Message, Tell
from landgis.workflow.project import Project

TOLD_LINES = 10_000  # after so many lines it is told again what goes on


@dataclass(frozen=True)
class Checked:
    """What came of checking a ledger."""

    where: str
    head: Head
    problems: list[Problem]
    engine: str


def check_ledger(project: Project, tell: Tell = lambda _step: None) -> Checked:
    """Recompute every hash of a project's ledger, and compare its end with the head that the store keeps."""
    store, last = project.store, Head(0, GENESIS)

    def passing() -> Iterator[Entry]:
        nonlocal last
        for entry in store.entries():
            last = Head(entry.seq, entry.hash)
            if entry.seq % TOLD_LINES == 1:
                tell("verify")
            yield entry

    problems = list(verify(passing(), store.where))
    head = store.head()
    if head != last:
        words = N_(
            "the ledger ends with line {last} and should end with line {head}: lines are missing; restore a backup"
        )
        if last.seq == head.seq:
            words = N_("the store keeps another hash than that of the last line, {last}; restore a backup")
        values = {"last": last.seq, "head": head.seq}
        problems.append(Problem("E-LEDGER-CHAIN", Message(words, values), Place(store.where, row=head.seq)))
    return Checked(store.where, head, problems, store.engine_note())


def check_ledger_file(path: Path) -> Checked:
    """The same for a ledger that was exported, a JSON object a line."""
    entries = read_ledger(path)
    problems = list(verify(entries, str(path)))
    head = Head(entries[-1].seq, entries[-1].hash) if entries else Head(0, GENESIS)
    return Checked(str(path), head, problems, "JSON lines")


def copy_project(source: Project, where: str) -> Head:
    """Make the same project in another place: layers, ledger line by line, land, evidence, scores, settings, users."""
    require(source.actor, "import")
    with making(where) as target:
        return _copy(source.store, target)


def _copy(source: Store, target: Store) -> Head:
    target.save_settings(source.settings())
    target.restore(source.entries(), source.files(), source.land_versions(), source.layers())
    if (scores := source.scores()) is not None:
        target.save_scores(scores)
    for user in source.users():
        target.keep_user(user)
    if target.head() != source.head():
        words = N_("somebody recorded something meanwhile; copy again, into a new place")
        raise InputRefused([Problem("E-COPY-CHANGED", Message(words), Place(source.where))])
    return target.head()


def back_up(project: Project, path: Path, *, overwrite: bool) -> Head:
    """Put the whole project into one .zip, whichever store it is in."""
    require(project.actor, "import")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "project"
        head = copy_project(project, str(folder))
        with (
            atomic_file(path, overwrite=overwrite) as temporary,
            zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            for name in (LAYERS, DATABASE):
                if (folder / name).exists():
                    archive.write(folder / name, name)
    return head


def restore_project(path: Path, where: str) -> Checked:
    """Make a project from a backup; refused where the backup's ledger is not whole."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        _unpack(path, folder)
        store = LocalStore(folder)
        backup = Project(store, Actor("", "administrator"))  # whoever has the file has all that is in it
        checked = check_ledger(backup)
        if checked.problems:
            raise InputRefused(checked.problems)
        copy_project(backup, where)
        store.close()
    return checked


def _unpack(path: Path, folder: Path) -> None:
    """The two files of a backup, and nothing else that a .zip may hold."""
    try:
        with zipfile.ZipFile(path) as archive:
            for name in (LAYERS, DATABASE):
                if name in archive.namelist():
                    archive.extract(name, folder)
    except (OSError, zipfile.BadZipFile, RuntimeError, EOFError) as error:
        message = Message(N_("this is no backup of a project ({reason})"), {"reason": str(error)[:100]})
        raise InputRefused([Problem("E-BACKUP", message, Place(str(path)))]) from error
    if not (folder / DATABASE).exists():
        message = Message(N_("this is no backup of a project ({reason})"), {"reason": DATABASE})
        raise InputRefused([Problem("E-BACKUP", message, Place(str(path)))])
