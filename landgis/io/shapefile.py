"""The structure of a shapefile, checked without GDAL, and a private view of it for GDAL to open.

The user's folder is only read. What has to be repaired (an index that is missing or cut off) is made in the private
folder, where the big files are links.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from pyproj import CRS

from landgis.errors import InputRefused, Place, Problem
from landgis.io.crs import crs_of_wkt
from landgis.io.dbase import (
    Header,
    Language,
    check_rows,
    collided_names,
    deleted_rows,
    language_of,
    read_header,
)
from landgis.io.found import refused
from landgis.text import N_, Message

HEADER_BYTES = 100
PRJ_LIMIT = 65_536
_POINTS, _LINES = (1, 11, 21), (3, 5, 13, 15, 23, 25)
_MULTIPOINTS, _MULTIPATCH = (8, 18, 28), 31
_SHAPES = frozenset({0, *_POINTS, *_LINES, *_MULTIPOINTS, _MULTIPATCH})
_LEAST_BYTES = {0: 4, 1: 20, 11: 28, 21: 28}


@dataclass(frozen=True)
class Shapefile:
    """A shapefile that passed: where its parts are, how many rows it has, what its texts and CRS are."""

    shp: Path
    dbf: Path
    header: Header
    language: Language
    crs: CRS | None
    rows: int
    index: bytes | None  # a new `.shx`, where the old one is missing or wrong
    shx: Path | None
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class _Records:
    """Where the records of a `.shp` begin and how many content bytes each claims."""

    starts: np.ndarray
    lengths: np.ndarray


def check_shapefile(path: Path, place: Place, encoding: str | None, *, crs_given: bool) -> Shapefile:
    """Look at every part; raises InputRefused with what makes the set unreadable or untrue."""
    parts = _parts(path)
    content = np.memmap(path, np.uint8, "r")
    _check_header(content, place)
    dbf = parts.get(".dbf")
    if dbf is None:
        message = N_(
            "the .dbf is missing beside the .shp, and with it all attributes; copy or pack all parts of the shapefile"
        )
        raise refused("E-SHP-NODBF", Message(message), place)
    header = read_header(dbf, place)
    records, index = _records(content, parts.get(".shx"), header.rows)
    _check_records(content, records, place)
    check_rows(dbf, header, len(records.starts), place)
    language = language_of(dbf, header, _read_text(parts.get(".cpg")), encoding, place)
    crs, problems = _crs(parts.get(".prj"), place, crs_given=crs_given)
    problems += [*language.problems, *collided_names(header, language.encoding, place)]
    if index is not None:
        words = N_(
            "the index (.shx) is missing or cut off; it was made anew from the .shp in a private copy, {count} rows"
        )
        problems.append(Problem("W-SHX-REBUILT", Message(words, {"count": len(records.starts)}), place))
    rows = len(records.starts)
    if deleted := deleted_rows(dbf, header):
        words = N_("{count} rows are marked as deleted and were left out")
        problems.append(Problem("W-DBF-DELETED", Message(words, {"count": deleted}), place))
        rows -= deleted
    return Shapefile(path, dbf, header, language, crs, rows, index, parts.get(".shx"), problems)


@contextmanager
def staged(shapefile: Shapefile) -> Iterator[Path]:
    """A private folder with the three parts that GDAL needs and nothing else; removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="landgis-", ignore_cleanup_errors=True) as folder:
        _link(shapefile.shp, Path(folder) / "layer.shp")
        _link(shapefile.dbf, Path(folder) / "layer.dbf")
        if shapefile.index is not None:
            (Path(folder) / "layer.shx").write_bytes(shapefile.index)
        elif shapefile.shx is not None:
            _link(shapefile.shx, Path(folder) / "layer.shx")
        yield Path(folder) / "layer.shp"


def _link(source: Path, target: Path) -> None:
    """A link, or a copy where the system makes no links."""
    try:
        target.symlink_to(source.resolve())
    except (OSError, NotImplementedError):
        try:
            os.link(source, target)
        except OSError:
            shutil.copyfile(source, target)


def _parts(path: Path) -> dict[str, Path]:
    """The files beside a `.shp` that have its stem, by suffix in lower case."""
    stem = path.stem.casefold()
    return {
        entry.suffix.lower(): entry
        for entry in path.parent.iterdir()
        if entry.stem.casefold() == stem and entry.is_file()
    }


def _read_text(path: Path | None) -> str | None:
    if path is None:
        return None
    content = path.read_bytes()[:PRJ_LIMIT]
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030", "replace")


def _crs(prj: Path | None, place: Place, *, crs_given: bool) -> tuple[CRS | None, list[Problem]]:
    """The CRS of the `.prj`; one that PROJ cannot read counts as none where the user said which it is."""
    try:
        return crs_of_wkt(_read_text(prj) or "", place), []
    except InputRefused as refusal:
        if not crs_given:
            raise
        problem = refusal.problems[0]
        return None, [Problem("W-CRS-UNPARSABLE", problem.message, problem.place)]


def _check_header(content: np.ndarray, place: Place) -> None:
    if len(content) < HEADER_BYTES or int(content[:4].view(">i4")[0]) != 9994:
        message = N_("the content is no shapefile (its first bytes are not 9994); export it again")
        raise refused("E-FMT-MAGIC", Message(message), place)
    kind = int(content[32:36].view("<i4")[0])
    if kind not in _SHAPES or kind == _MULTIPATCH:
        message = N_("shapes of type {kind} are not read; convert them to polygons")
        raise refused("E-GEOM-TYPE", Message(message, {"kind": kind}), place)


def _records(content: np.ndarray, shx: Path | None, rows: int) -> tuple[_Records, bytes | None]:
    """The records as the index has them; where it is missing, cut off or too short, as the `.shp` itself has them."""
    listed = _listed(shx)
    if listed is not None and len(listed.starts) == rows:
        return listed, None
    walked = _walked(content)
    if listed is not None and len(listed.starts) >= len(walked.starts):
        return listed, None
    return walked, _index(content, walked)


def _listed(shx: Path | None) -> _Records | None:
    """The records of an index; None where it is missing or cut off."""
    if shx is None:
        return None
    content = shx.read_bytes()
    if len(content) < HEADER_BYTES or (len(content) - HEADER_BYTES) % 8 or int.from_bytes(content[:4], "big") != 9994:
        return None
    if int.from_bytes(content[24:28], "big") * 2 > len(content):
        return None
    pairs = np.frombuffer(content, ">u4", offset=HEADER_BYTES).reshape(-1, 2).astype(np.int64) * 2
    return _Records(pairs[:, 0], pairs[:, 1])


def _walked(content: np.ndarray) -> _Records:
    """The records one after the other; the last may claim more than there is."""
    starts, lengths = [], []
    at = HEADER_BYTES
    while at + 8 <= len(content):
        length = int.from_bytes(content[at + 4 : at + 8].tobytes(), "big") * 2
        starts.append(at)
        lengths.append(length)
        at += 8 + length
    return _Records(np.array(starts, np.int64), np.array(lengths, np.int64))


def _index(content: np.ndarray, records: _Records) -> bytes:
    """A `.shx` for the records: the header of the `.shp` with another length, then offset and length of each."""
    header = bytearray(content[:HEADER_BYTES].tobytes())
    header[24:28] = ((HEADER_BYTES + 8 * len(records.starts)) // 2).to_bytes(4, "big")
    pairs = np.column_stack([records.starts, records.lengths]) // 2
    return bytes(header) + pairs.astype(">u4").tobytes()


def _check_records(content: np.ndarray, records: _Records, place: Place) -> None:
    """Refuse a record that ends behind the file, or whose inside does not fit its length."""
    starts, lengths = records.starts, records.lengths
    cut = (starts < HEADER_BYTES) | (starts + 8 + lengths > len(content)) | (lengths < 4)
    readable = ~cut
    claimed = np.full(len(starts), -1, np.int64)
    claimed[readable] = _number(content, starts[readable] + 4, ">u4") * 2
    wrong = readable & (claimed != lengths)
    wrong[readable] |= _wrong_inside(
        content, starts[readable] + 8, lengths[readable], int(content[32:36].view("<i4")[0])
    )
    problems = []
    for at in np.flatnonzero(cut)[:1]:
        words = N_("the .shp is cut off in record {record}; copy it again (the {whole} records before it are whole)")
        values = {"record": at + 1, "whole": at}
        problems.append(Problem("E-SHP-TRUNC", Message(words, values), Place(place.file, place.layer, int(at) + 1)))
    for at in np.flatnonzero(wrong)[:20]:
        words = N_(
            "record {record} of the .shp contradicts itself (length or number of points); export the layer again"
        )
        problems.append(
            Problem("E-SHP-RECORD", Message(words, {"record": at + 1}), Place(place.file, place.layer, int(at) + 1))
        )
    if problems:
        raise InputRefused(problems)


def _number(content: np.ndarray, starts: np.ndarray, form: str) -> np.ndarray:
    """Four-byte integers at many places."""
    if not len(starts):
        return np.empty(0, np.int64)
    four = np.column_stack([content[starts + at] for at in range(4)])
    return np.ascontiguousarray(four).view(form)[:, 0].astype(np.int64)


def _wrong_inside(content: np.ndarray, starts: np.ndarray, lengths: np.ndarray, shape: int) -> np.ndarray:
    """Whether a record is of another type than the file, or too short for the parts and points that it claims."""
    kinds = _number(content, starts, "<i4")
    wrong = (kinds != shape) & (kinds != 0)
    full = kinds == shape
    if shape in _LINES or shape in _MULTIPOINTS:
        fixed = 44 if shape in _LINES else 40
        short = full & (lengths < fixed)
        full &= ~short
        points = _number(content, starts[full] + fixed - 4, "<i4")
        parts = _number(content, starts[full] + 36, "<i4") if shape in _LINES else np.zeros(len(points), np.int64)
        wrong |= short
        wrong[full] |= (points < 0) | (parts < 0) | (fixed + 4 * parts + 16 * points > lengths[full])
    else:
        wrong |= full & (lengths < _LEAST_BYTES.get(shape, 4))
    return wrong
