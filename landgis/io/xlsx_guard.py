"""What has to be true of an XLSX file before anything is unpacked from it."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

from landgis.errors import InputRefused, Place, Problem
from landgis.text import N_, Message

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SIZE_LIMIT = 500_000_000  # bytes unpacked
RATIO_LIMIT = 200
RATIO_FROM = 10_000_000  # bytes below which a ratio means nothing
ENTRIES_LIMIT = 10_000
UNZIP_FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError)
_CHUNK = 1 << 20
_DOCTYPES = tuple("<!DOCTYPE".encode(coding) for coding in ("ascii", "utf-16-le", "utf-16-be"))


def refused(code: str, message: Message, file: str) -> InputRefused:
    """The refusal of a workbook."""
    return InputRefused([Problem(code, message, Place(file))])


def check_xlsx(path: Path) -> None:
    """Raise InputRefused unless the file is a workbook that is safe to unpack."""
    file = str(path)
    with path.open("rb") as stream:
        start = stream.read(8)
    if start == OLE:
        template = N_("an old .xls file or one with a password; save it as .xlsx without a password")
        raise refused("E-XLSX-OLE", Message(template), file)
    if not start.startswith(b"PK"):
        raise refused("E-FMT-MAGIC", Message(N_("the content is no .xlsx workbook; save it again as .xlsx")), file)
    try:
        with zipfile.ZipFile(path) as archive:
            _check_entries(archive, path.stat().st_size, file)
            _check_parts(archive, file)
    except UNZIP_FAULTS as error:
        template = N_("the workbook is damaged or cut off ({error}); copy it again")
        raise refused("E-UPLOAD-TRUNCATED", Message(template, {"error": str(error)}), file) from error


def _check_entries(archive: zipfile.ZipFile, size: int, file: str) -> None:
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > ENTRIES_LIMIT:
        message = Message(N_("{count} parts are more than a workbook has"), {"count": len(entries)})
        raise refused("E-ZIP-ENTRIES", message, file)
    for entry in entries:
        if entry.flag_bits & 1:
            message = Message(N_("the workbook has a password; save it without"))
            raise refused("E-ZIP-ENCRYPTED", message, file)
        if entry.file_size > RATIO_FROM and entry.file_size > RATIO_LIMIT * max(entry.compress_size, 1):
            values = {"name": entry.filename, "size": entry.file_size, "packed": entry.compress_size}
            template = N_("{name} unpacks from {packed} to {size} bytes, which no real sheet does; the file is refused")
            raise refused("E-ZIP-RATIO", Message(template, values), file)
    if unpacked > SIZE_LIMIT:
        values = {"size": unpacked, "limit": SIZE_LIMIT}
        template = N_("the workbook unpacks to {size} bytes, more than {limit}; save the sheet as CSV")
        raise refused("E-ZIP-SIZE", Message(template, values), file)
    if len(set(names)) < len(names):
        raise refused("E-ZIP-DUP", Message(N_("two parts of the workbook have the same name; save it again")), file)
    if sum(entry.compress_size for entry in entries) > size:
        raise refused("E-ZIP-OVERLAP", Message(N_("parts of the workbook overlap; save it again")), file)


def _check_parts(archive: zipfile.ZipFile, file: str) -> None:
    """Refuse a part that declares a document type: entities can read files or grow without end."""
    for name in archive.namelist():
        if not name.lower().endswith((".xml", ".rels", ".vml")):
            continue
        before = b""
        with archive.open(name) as part:
            while chunk := part.read(_CHUNK):
                if any(mark in before + chunk for mark in _DOCTYPES):
                    values = {"name": name}
                    template = N_(
                        "{name} has a document type declaration (DTD), which no workbook needs; save it again"
                    )
                    raise refused("E-XML-DTD", Message(template, values), file)
                before = chunk[-32:]
