"""The attribute half of a shapefile (.dbf): whether it is whole, and what its texts are encoded in."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from landgis.errors import InputRefused, Place, Problem
from landgis.io.encodings import (
    CHINESE,
    LATIN,
    decodes,
    encoding_of_language_byte,
    guess_encoding,
    known_encoding,
    looks_chinese,
)
from landgis.io.found import MOST_FIELDS, refused
from landgis.text import N_, Message

_CHUNK_ROWS = 100_000
_NAME_BYTES = 10


@dataclass(frozen=True)
class Field:
    """One field: its name as bytes, its type letter, and where it stands in a row."""

    name: bytes
    letter: str
    start: int
    length: int


@dataclass(frozen=True)
class Header:
    """What the head of a `.dbf` says."""

    rows: int
    start: int
    row_bytes: int
    language_byte: int
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Language:
    """The encoding that the texts are read with, and remarks on how it was found."""

    encoding: str
    problems: list[Problem] = field(default_factory=list)


def read_header(path: Path, place: Place) -> Header:
    """The head of a `.dbf`; raises InputRefused where it makes no sense."""
    with path.open("rb") as stream:
        head = stream.read(32 + 32 * (MOST_FIELDS + 1) + 264)
    if len(head) < 33:
        raise refused("E-DBF-HEADER", Message(N_("the .dbf is cut off in its header; copy it again")), place)
    rows, start, row_bytes = struct.unpack("<IHH", head[4:12])
    fields, at = [], 1
    for offset in range(32, min(start, len(head)) - 31, 32):
        raw = head[offset : offset + 32]
        if raw[0] == 0x0D:
            break
        length = raw[16] + 256 * raw[17] if raw[11:12] in (b"C", b"c") else raw[16]
        fields.append(Field(raw[:11].split(b"\0")[0], raw[11:12].decode("latin-1").upper(), at, length))
        at += length
    if len(fields) > MOST_FIELDS:
        values = {"count": len(fields), "limit": MOST_FIELDS}
        message = Message(
            N_("{count} fields are more than the {limit} that are read; leave out what is not needed"), values
        )
        raise refused("E-FIELD-COUNT", message, place)
    if start < 33 or row_bytes < at or not fields:
        words = N_(
            "the header of the .dbf contradicts itself (row length {length}, fields {needed}); export the layer again"
        )
        raise refused("E-DBF-HEADER", Message(words, {"length": row_bytes, "needed": at}), place)
    return Header(rows, start, row_bytes, head[29], tuple(fields))


def check_rows(path: Path, header: Header, shapes: int, place: Place) -> None:
    """Raise InputRefused where the rows are not as many as the header says, or as there are shapes."""
    there = max(path.stat().st_size - header.start, 0) // header.row_bytes
    if header.rows == shapes and there < shapes:
        words = N_("the .dbf is cut off in row {row}; copy it again")
        row = Place(place.file, place.layer, there + 1)
        raise refused("E-DBF-TRUNC", Message(words, {"row": there + 1}), row)
    if header.rows > there:
        words = N_("the .dbf says it has {claimed} rows, but there is room for {there}; export the layer again")
        raise refused("E-DBF-COUNT", Message(words, {"claimed": header.rows, "there": there}), place)
    if header.rows != shapes:
        words = N_(
            "there are {shapes} outlines (.shp) but {rows} attribute rows (.dbf); the parts do not "
            "belong together: copy or export them again"
        )
        raise refused("E-SHP-COUNT", Message(words, {"shapes": shapes, "rows": header.rows}), place)


def language_of(path: Path, header: Header, cpg: str | None, asked: str | None, place: Place) -> Language:
    """How to read the texts: as asked, else as the `.cpg` says, else its language byte, else what decodes strictly.

    Raises InputRefused naming row and field where a text is not in the encoding that was asked for or declared.
    """
    if asked is not None:
        return Language(_checked(path, header, asked, place))
    if cpg is not None and (declared := known_encoding(cpg)) is not None:
        return Language(_checked(path, header, declared, place))
    texts = _texts(path, header)
    if texts.isascii():
        return Language("UTF-8")
    by_byte = encoding_of_language_byte(header.language_byte)
    if by_byte is not None and decodes(texts, by_byte):
        words = N_(
            "there is no .cpg; the texts were read as {encoding}, as a byte in the .dbf says: check "
            "the Chinese, or give --encoding"
        )
        return Language(by_byte, [Problem("W-ENC-GUESS", Message(words, {"encoding": by_byte}), place)])
    guess = guess_encoding(texts) or _guess_with_cut_texts(path, header, place)
    if guess is None and header.language_byte in (0x03, 0x57) and decodes(texts, LATIN):
        guess = LATIN
    if guess is None:
        words = N_(
            "nothing says what the texts are encoded in, and they are neither UTF-8 nor GB18030; say it with --encoding"
        )
        raise refused("E-ENC", Message(words), place)
    words = N_(
        "nothing says what the texts are encoded in; they were read as {encoding}: check the "
        "Chinese, or give --encoding"
    )
    return Language(guess, [Problem("W-ENC-GUESS", Message(words, {"encoding": guess}), place)])


def deleted_rows(path: Path, header: Header) -> int:
    """How many rows are marked as deleted; GDAL leaves them out, as every program does."""
    return int((_rows(path, header)[:, 0] == ord("*")).sum()) if header.rows else 0


def collided_names(header: Header, encoding: str, place: Place) -> list[Problem]:
    """A remark where field names were cut to ten bytes and told apart by a number."""
    names = [one.name.decode(encoding, "replace") for one in header.fields]
    cut = [name for name in names if len(name.encode(encoding, "replace")) >= _NAME_BYTES]
    found = [n for n in cut if (m := re.fullmatch(r"(.+)_\d+", n)) and any(o != n and o.startswith(m[1]) for o in cut)]
    if not found:
        return []
    words = N_(
        "names of more than ten bytes were cut and numbered ({names}); say in a mapping file which "
        "is which, or use GeoPackage"
    )
    both = [name for name in cut if name in found or any(name.startswith(one.rsplit("_", 1)[0]) for one in found)]
    return [Problem("W-FIELD-TRUNC", Message(words, {"names": ", ".join(both)}), place)]


def _checked(path: Path, header: Header, encoding: str, place: Place) -> str:
    """The codec of that name, once every text decodes with it."""
    codec = known_encoding(encoding)
    if codec is None:
        words = N_("there is no encoding {encoding}; name one, as GB18030 or UTF-8")
        raise refused("E-ENC", Message(words, {"encoding": encoding[:40]}), place)
    if decodes(_texts(path, header), codec):
        return codec
    problems = _misread(path, header, codec, place)
    if problems:
        raise InputRefused(problems)
    return codec


def _guess_with_cut_texts(path: Path, header: Header, place: Place) -> str | None:
    """UTF-8 or GB18030 where only characters cut off at the end of a full cell do not decode."""
    if not _misread(path, header, "UTF-8", place):
        return "UTF-8"
    return CHINESE if looks_chinese(_texts(path, header)) and not _misread(path, header, CHINESE, place) else None


def _texts(path: Path, header: Header) -> bytes:
    """All names and all text cells, apart by line feeds, which no multi-byte character of these encodings holds."""
    pieces = [*(one.name for one in header.fields)]
    letters = [one for one in header.fields if one.letter == "C" and one.length]
    if letters and header.rows:
        rows = _rows(path, header)
        for start in range(0, header.rows, _CHUNK_ROWS):
            chunk = np.asarray(rows[start : start + _CHUNK_ROWS])
            for one in letters:
                cells = chunk[:, one.start : one.start + one.length]
                if (cells > 0x7F).any():
                    feed = np.full((len(cells), 1), 0x0A, np.uint8)
                    pieces.append(np.hstack([cells, feed]).tobytes())
    return b"\n".join(pieces)


def _rows(path: Path, header: Header) -> np.ndarray:
    return np.memmap(path, np.uint8, "r", header.start, (header.rows, header.row_bytes))


def _misread(path: Path, header: Header, codec: str, place: Place) -> list[Problem]:
    """The first name or cell that does not decode; a character cut off at the end of a full cell is none."""
    for one in header.fields:
        if not decodes(one.name, codec) and not _is_cut(one.name, _NAME_BYTES, codec):
            return [_mismatch(one.name, one, codec, header, place, None)]
    rows = _rows(path, header) if header.rows else np.empty((0, header.row_bytes), np.uint8)
    for number, row in enumerate(rows, 1):
        if not (row > 0x7F).any():
            continue
        for one in (found for found in header.fields if found.letter == "C"):
            cell = row[one.start : one.start + one.length].tobytes()
            if not decodes(cell, codec) and not _is_cut(cell, one.length, codec):
                return [_mismatch(cell, one, codec, header, place, number)]
    return []


def _is_cut(cell: bytes, length: int, codec: str) -> bool:
    """Whether only the last character of a full cell is incomplete, as some programs cut texts at any byte."""
    return len(cell) == length and any(decodes(cell[:-cut], codec) for cut in (1, 2, 3) if len(cell) > cut)


def _mismatch(cell: bytes, one: Field, codec: str, header: Header, place: Place, row: int | None) -> Problem:
    readable = guess_encoding(cell.strip()) or (CHINESE if decodes(cell, CHINESE) else None)
    better = readable or CHINESE
    name = one.name.decode(codec if decodes(one.name, codec) else better, "replace")
    row = row if row is not None or not header.rows else 1
    values = {"codec": codec, "better": better, "value": cell.decode(better, "replace").strip()[:60]}
    words = N_("the text is not {codec}, as was declared; as {better} it reads {value}: give --encoding {better}")
    return Problem("E-ENC-MISMATCH", Message(words, values), Place(place.file, place.layer, row, name))
