"""The one place that writes files: whole or not at all.

A file is made under a temporary name in the folder of its target, flushed to disk and renamed over it, so
that a crash at any moment leaves the old file or the new one. A shapefile is several files and no rename takes
them all at once: its old set is first moved aside, `.shp` first, and the new set moved in, `.shp` last. A crash
in between leaves no `.shp`, so no reader meets a mixture; the old set lies in a `.landgis-…` folder for a day.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from landgis.errors import InputRefused, Place, Problem
from landgis.text import N_, Message

STALE_AFTER_SECONDS = 24 * 3600
_TEMPORARY = re.compile(r"\.landgis-[0-9a-f]{16}([.-].*)?")


def check_file(path: Path, *, overwrite: bool) -> None:
    """Raise InputRefused where `path` may not be written: it exists, is a link, or its folder is no good."""
    problem = _folder_problem(path.parent, path) or _target_problem(path, overwrite=overwrite)
    if problem:
        raise InputRefused([problem])


def check_set(path: Path, *, suffixes: Sequence[str], overwrite: bool) -> None:
    """The same for every file of a set, as a shapefile is."""
    for name in _set_names(path, suffixes):
        check_file(path.with_name(name), overwrite=overwrite)


def make_folder(path: Path) -> None:
    """Make a folder and those above it, unless it is there; raises InputRefused where that cannot be."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = Message(N_("the folder cannot be made ({reason}); name another"), {"reason": error.strerror or error})
        raise InputRefused([Problem("E-OUT-FOLDER", message, Place(file=str(path)))]) from error


@contextmanager
def atomic_file(path: Path | str, *, overwrite: bool) -> Iterator[Path]:
    """Yield a path beside `path` to write to; it becomes `path` when the block ends well, else it is removed."""
    target = Path(path)
    check_file(target, overwrite=overwrite)
    sweep(target.parent)
    temporary = _temporary(target.parent, target.suffix)
    try:
        yield temporary
        _keep_mode(temporary, target)
        _flush(temporary)
        _rename(temporary, target, overwrite=overwrite)
        _flush(target.parent)
    except OSError as error:
        raise _unwritten(target, error) from error
    finally:
        for left in target.parent.glob(f"{temporary.stem}*"):  # with what GDAL and SQLite put beside it
            left.unlink(missing_ok=True)


@contextmanager
def atomic_set(path: Path | str, *, suffixes: Sequence[str], overwrite: bool) -> Iterator[Path]:
    """Yield a folder to make a set of files in, all that a shapefile is; they are moved to `path` in the end.

    `suffixes` are what follows the stem of `path` in the names of the set, as `.dbf` or `_fields.csv`. What the
    old set has and the new one has not is gone afterwards.
    """
    target = Path(path)
    check_set(target, suffixes=suffixes, overwrite=overwrite)
    names = _set_names(target, suffixes)
    sweep(target.parent)
    folder = _temporary(target.parent, "")
    try:
        folder.mkdir()
        yield folder
        for file in folder.iterdir():
            _flush(file)
        _exchange(folder, target.parent, names)
        _flush(target.parent)
    except OSError as error:
        raise _unwritten(target, error) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Yield the name of a folder beside `path` to make; it becomes `path`, which may be an empty folder, in the end."""
    sweep(path.parent)
    temporary = _temporary(path.parent, "")
    try:
        yield temporary
        for file in temporary.iterdir():
            _flush(file)
        try:
            temporary.replace(path)
        except OSError as error:
            if path.exists() and (not path.is_dir() or any(path.iterdir())):
                raise InputRefused([_exists(path)]) from error
            raise _unwritten(path, error) from error
        _flush(path.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def rename(path: Path, target: Path) -> None:
    """Give a file that is on the disk another name in its folder, in place of what had that name."""
    path.replace(target)
    _flush(target.parent)


def sweep(folder: Path, *, older_than_seconds: float = STALE_AFTER_SECONDS) -> None:
    """Remove what a killed landgis left in `folder`; a younger one may belong to a run that is still busy."""
    limit = time.time() - older_than_seconds
    for entry in os.scandir(folder):
        if not _TEMPORARY.fullmatch(entry.name):
            continue
        with suppress(OSError):  # another run may sweep at the same time
            if entry.stat(follow_symlinks=False).st_mtime > limit:
                continue
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path)
            else:
                Path(entry.path).unlink()


def _set_names(path: Path, suffixes: Sequence[str]) -> list[str]:
    return [path.name, *(path.stem + suffix for suffix in suffixes if suffix != path.suffix)]


def _exchange(folder: Path, home: Path, names: Sequence[str]) -> None:
    """Old set out of `home` into `folder`, new set in; the first of `names` leaves first and arrives last."""
    aside = folder / "old"
    aside.mkdir()
    arrived: list[Path] = []
    try:
        for name in names:
            if (home / name).exists():
                _move(home / name, aside / name)
        for name in reversed(names):
            if (folder / name).exists():
                arrived.append(home / name)
                _move(folder / name, home / name)
    except OSError:
        for path in reversed(arrived):
            path.unlink(missing_ok=True)
        for name in reversed(names):
            if (aside / name).exists():
                _move(aside / name, home / name)
        raise


def _move(source: Path, target: Path) -> None:
    source.replace(target)


def _rename(temporary: Path, target: Path, *, overwrite: bool) -> None:
    """Take the place of the target; without `overwrite` also refuse one that appeared in the meantime."""
    if overwrite:
        temporary.replace(target)
        return
    try:
        os.link(temporary, target)
    except FileExistsError as error:
        raise InputRefused([_exists(target)]) from error
    except OSError:  # a file system without hard links
        check_file(target, overwrite=False)
        temporary.replace(target)


def _folder_problem(folder: Path, path: Path) -> Problem | None:
    values = {"folder": str(folder)}
    if not folder.is_dir():
        message = Message(N_("the folder {folder} does not exist; make it first or name another"), values)
    elif not os.access(folder, os.W_OK | os.X_OK):
        message = Message(N_("the folder {folder} may not be written to; name another"), values)
    else:
        return None
    return Problem("E-OUT-FOLDER", message, Place(file=str(path)))


def _target_problem(path: Path, *, overwrite: bool) -> Problem | None:
    place = Place(file=str(path))
    if path.is_symlink():
        message = N_("the output is a link; landgis does not write through links, name the file itself")
        return Problem("E-OUT-LINK", Message(message), place)
    if path.is_dir():
        return Problem("E-OUT-FOLDER", Message(N_("the output is a folder; name a file")), place)
    return _exists(path) if path.exists() and not overwrite else None


def _exists(path: Path) -> Problem:
    message = Message(N_("the output exists; add --overwrite to replace it, or name another"))
    return Problem("E-OUT-EXISTS", message, Place(file=str(path)))


def _unwritten(target: Path, error: OSError) -> InputRefused:
    reason = error.strerror or str(error)
    message = Message(N_("the output could not be written: {reason}"), {"reason": reason})
    return InputRefused([Problem("E-OUT-WRITE", message, Place(file=str(target)))])


def _temporary(folder: Path, suffix: str) -> Path:
    return folder / f".landgis-{os.urandom(8).hex()}{suffix}"


def _keep_mode(temporary: Path, target: Path) -> None:
    with suppress(FileNotFoundError):
        temporary.chmod(target.stat().st_mode & 0o777)


def _flush(path: Path) -> None:
    """Force a file, or the names in a folder, onto the disk; Windows cannot open a folder and need not."""
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
