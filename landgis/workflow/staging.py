"""Uploaded files, staged: what landgis makes of each, and what the officer says about it. No project changes here.

A file lies under a name of ours in a folder of its own, which only this process may read; the name that its owner gave
it is only ever shown.
"""

from __future__ import annotations

import dataclasses
import os
import re
import secrets
import shutil
import tempfile
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from landgis.errors import InputRefused, LandgisError, Place, Problem
from landgis.io.archives import FILE_LIMIT, check_archive, unpacked
from landgis.io.atomic import atomic_file, sweep
from landgis.io.write_columns import unique_names
from landgis.text import N_, Message

MOST_UPLOADS = 100
STALE_AFTER_SECONDS = 3600  # what nobody took over in an hour goes when the next files come
NAME_SHOWN = 80
TABLE_SUFFIXES = frozenset({".csv", ".tsv", ".xlsx"})  # what a zip file may hold beside layers
MAPPING_SUFFIX = ".toml"
_PARTS = frozenset({".dbf", ".shx", ".prj", ".cpg"})  # of a shapefile, beside its .shp
_SUFFIX = re.compile(r"\.[a-z0-9]{1,10}")
_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})  # categories of characters that nobody sees


@dataclass(frozen=True)
class Upload:
    """A file as it was sent: what its owner calls it, and its bytes."""

    name: str
    content: bytes


@dataclass(frozen=True)
class File:
    """A file in the staged folder, and what it is called on the screen."""

    path: Path
    shown: str


@dataclass(frozen=True)
class Staged:
    """What was uploaded: files to look into, a mapping file if there is one, and what was not even staged."""

    folder: Path
    files: tuple[File, ...]
    mapping: File | None = None
    refused: tuple[Problem, ...] = ()

    def told(self, problem: Problem) -> Problem:
        """A problem in the words of who uploaded the files: with their names in place of ours."""
        values = {key: self._named(value) for key, value in problem.message.values.items()}
        place = dataclasses.replace(problem.place, file=self._named(problem.place.file))
        return dataclasses.replace(problem, message=Message(problem.message.template, values), place=place)

    def _named(self, value: Any) -> Any:
        if isinstance(value, Message):
            return dataclasses.replace(value, values={key: self._named(one) for key, one in value.values.items()})
        for file in self.files if self.mapping is None else (*self.files, self.mapping):
            value = value.replace(str(file.path), file.shown) if isinstance(value, str) else value
        return value

    @contextmanager
    def told_faults(self) -> Iterator[None]:
        """What is raised inside names the files as their owner does."""
        try:
            yield
        except LandgisError as error:
            raise type(error)([self.told(problem) for problem in error.problems]) from error


def stage(uploads: Sequence[Upload]) -> Staged:
    """Put uploaded files into a new folder of ours; what cannot be kept is told in `refused`."""
    if len(uploads) > MOST_UPLOADS:
        values = {"count": len(uploads), "limit": MOST_UPLOADS}
        words = N_("{count} files at once are more than the {limit} allowed; upload them in parts, or as one zip file")
        raise InputRefused([Problem("E-UPLOAD-COUNT", Message(words, values))])
    home = Path(tempfile.gettempdir())
    sweep(home, older_than_seconds=STALE_AFTER_SECONDS)
    folder = home / f".landgis-{secrets.token_hex(8)}"
    folder.mkdir(mode=0o700)
    try:
        return _fill(folder, uploads)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def leave(staged: Staged) -> None:
    """Throw staged files away; nothing was changed by them."""
    shutil.rmtree(staged.folder, ignore_errors=True)


def touch(staged: Staged) -> None:
    """Somebody still works with the files; InputRefused where they were thrown away."""
    try:
        os.utime(staged.folder)
    except OSError as error:
        words = N_("the uploaded files were removed, as nobody took them over for an hour; upload them again")
        raise InputRefused([Problem("E-STAGE-GONE", Message(words))]) from error


def _fill(folder: Path, uploads: Sequence[Upload]) -> Staged:
    kept, problems = _kept(uploads)
    files: list[File] = []
    for number, group in enumerate(_groups(kept), start=1):
        paths = [folder / f"{number:03d}{_suffix(upload)}" for upload in group]
        for path, upload in zip(paths, group, strict=True):
            write(path, upload.content)
        files += _with_tables(File(paths[0], group[0].name))
    names = unique_names([file.shown for file in files])
    files = [File(file.path, name) for file, name in zip(files, names, strict=True)]
    mappings = [file for file in files if file.path.suffix == MAPPING_SUFFIX]
    words = N_("one mapping file is read, and this is another; put them into one")
    problems += [Problem("E-STAGE-TWICE", Message(words), Place(file.shown)) for file in mappings[1:]]
    others = tuple(file for file in files if file not in mappings)
    return Staged(folder, others, mappings[0] if mappings else None, tuple(problems))


def write(path: Path, content: bytes) -> None:
    """Put bytes under a name of ours."""
    with atomic_file(path, overwrite=True) as temporary, temporary.open("xb") as stream:
        stream.write(content)


def shown_name(name: str) -> str:
    r"""What an upload is called on the screen: one line without folders and unseen characters, at most 80 of them.

    >>> shown_name("../../x.shp"), shown_name("C:\\dir\\CON"), shown_name("a\u202egnp.exe"), shown_name(" / ")
    ('x.shp', 'CON', 'agnp.exe', '?')
    """
    last = re.split(r"[/\\]", name)[-1]
    seen = "".join(one for one in last if unicodedata.category(one) not in _UNSEEN).strip() or "?"
    if len(seen) <= NAME_SHOWN:
        return seen
    suffix = PurePosixPath(seen).suffix
    ending = suffix if _SUFFIX.fullmatch(suffix.lower()) else ""
    return seen[: NAME_SHOWN - 1 - len(ending)] + "…" + ending


def _kept(uploads: Sequence[Upload]) -> tuple[list[Upload], list[Problem]]:
    """The uploads under the names that are shown, and those that are too big to be looked into."""
    kept, problems = [], []
    for upload in uploads:
        name = shown_name(upload.name)
        if len(upload.content) > FILE_LIMIT:
            words = N_("the file has {size} bytes, more than the {limit} allowed; use the command line on the server")
            values = {"size": len(upload.content), "limit": FILE_LIMIT}
            problems.append(Problem("E-SIZE", Message(words, values), Place(name)))
        else:
            kept.append(Upload(name, upload.content))
    return kept, problems


def _suffix(upload: Upload) -> str:
    """The suffix as far as it is a plain one; the readers go by the content, and use it in messages."""
    suffix = PurePosixPath(upload.name).suffix.lower()
    return suffix if _SUFFIX.fullmatch(suffix) else ""


def _groups(uploads: Sequence[Upload]) -> list[list[Upload]]:
    """Each upload with what lies beside it: the parts of a shapefile go with the .shp of the same name."""
    shapes = {_stem(upload): [upload] for upload in uploads[::-1] if _suffix(upload) == ".shp"}
    groups: list[list[Upload]] = []
    for upload in uploads:
        shape = shapes.get(_stem(upload), [])
        if shape and upload is shape[0]:
            groups.append(shape)
        elif shape and _suffix(upload) in _PARTS and _suffix(upload) not in map(_suffix, shape):
            shape.append(upload)
        else:
            groups.append([upload])
    return groups


def _stem(upload: Upload) -> str:
    return PurePosixPath(upload.name).stem.casefold()


def _with_tables(file: File) -> list[File]:
    """A file itself; of a zip file also the tables in it, each as a file, as readers look for layers there only."""
    place = Place(file.shown)
    try:
        if not _is_zip(file.path):
            return [file]
        contents = check_archive(file.path, place)
        if "xl/workbook.xml" in contents.names:
            return [file]
        tables = [name for name in contents.names if PurePosixPath(name).suffix.lower() in TABLE_SUFFIXES]
        found = [file] if contents.layers or not tables else []
        for number, name in enumerate(tables, start=1):
            path = file.path.with_name(f"{file.path.stem}-{number:03d}{PurePosixPath(name).suffix.lower()}")
            with unpacked(file.path, contents, name, place) as inner:
                write(path, inner.read_bytes())
            found.append(File(path, f"{file.shown} › {shown_name(name)}"))
        return found
    except InputRefused:
        return [file]  # looking into it says why


def _is_zip(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(2) == b"PK"
