"""The bytes of a text file → UTF-8: what it is encoded in, and what it must not hold."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from landgis.errors import InputRefused, Place, Problem
from landgis.text import N_, Message

SIZE_LIMIT = 1_000_000_000  # bytes that are read whole
LISTED = 20
_CHUNK = 1 << 24


def refused(code: str, message: Message, file: str, row: int | None = None, name: str | None = None) -> InputRefused:
    """The refusal of a file for one reason."""
    return InputRefused([Problem(code, message, Place(file, row=row, field=name))])


def read_bytes(path: Path) -> bytes:
    """The whole file; raises InputRefused where it is empty, too big or unreadable."""
    try:
        size = path.stat().st_size
        if size > SIZE_LIMIT:
            template = N_("the file has {size} bytes, more than the {limit} that are read; convert it to Parquet")
            raise refused("E-SIZE", Message(template, {"size": size, "limit": SIZE_LIMIT}), str(path))
        data = path.read_bytes()
    except OSError as error:
        message = Message(N_("the file cannot be read ({error})"), {"error": error.strerror or str(error)})
        raise refused("E-FILE", message, str(path)) from error
    if not re.search(rb"\S", data):
        raise refused("E-EMPTY", Message(N_("the file is empty")), str(path))
    return data


def decode(data: bytes, encoding: str | None, file: str) -> tuple[bytes, str, list[Problem]]:
    """The text as UTF-8 without a byte order mark, what it was in, and a remark where that was guessed."""
    if encoding is not None:
        return _one_line_end(_decode_as(data, encoding, file)), encoding, []
    if data.startswith(codecs.BOM_UTF8):
        data = data[3:]
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        message = Message(N_("read as UTF-16; save it as UTF-8 to be sure"))
        return (
            _one_line_end(_decode_as(data, "utf-16", file)),
            "UTF-16",
            [Problem("W-ENC", message, Place(file))],
        )
    if _is(data, "utf-8"):
        return _one_line_end(data), "UTF-8", []
    if not _is(data, "gb18030"):
        message = Message(N_("the text is neither UTF-8 nor GB18030; give --encoding, or save it as UTF-8"))
        raise refused("E-ENC", message, file, _bad_line(data, "utf-8"))
    message = Message(N_("the text is not UTF-8 and was read as GB18030; check the Chinese, or give --encoding"))
    return (
        _one_line_end(_decode_as(data, "gb18030", file)),
        "GB18030",
        [Problem("W-ENC-GUESS", message, Place(file))],
    )


def _is(data: bytes, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for start in range(0, len(data), _CHUNK):
            decoder.decode(data[start : start + _CHUNK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _decode_as(data: bytes, encoding: str, file: str) -> bytes:
    try:
        return data.decode(encoding).removeprefix("\ufeff").encode()
    except LookupError as error:
        message = Message(
            N_("{encoding} is no encoding that is known here; use UTF-8 or GB18030"), {"encoding": encoding}
        )
        raise refused("E-ENC", message, file) from error
    except UnicodeError as error:
        message = Message(N_("the text is not {encoding}; give another --encoding"), {"encoding": encoding})
        raise refused("E-ENC-MISMATCH", message, file, _bad_line(data, encoding)) from error


def _bad_line(data: bytes, encoding: str) -> int | None:
    try:
        data.decode(encoding)
    except UnicodeDecodeError as error:
        return data.count(b"\n", 0, error.start) + 1
    except UnicodeError:
        return None
    return None


def _one_line_end(data: bytes) -> bytes:
    """The line ends of an old Mac as those of everybody else."""
    return data if b"\n" in data or b"\r" not in data else data.replace(b"\r", b"\n")


def refuse_nul(data: bytes, file: str) -> None:
    """Raise InputRefused with the lines that hold a NUL byte."""
    lines: list[int] = []
    at = data.find(b"\0")
    while at >= 0 and len(lines) < LISTED:
        lines.append(data.count(b"\n", 0, at) + 1)
        at = data.find(b"\0", max(data.find(b"\n", at), at + 1))
    if lines:
        message = Message(N_("there is a NUL byte in this line; the file is damaged or not a text: export it again"))
        raise InputRefused([Problem("E-TEXT-NUL", message, Place(file, row=line)) for line in lines])
