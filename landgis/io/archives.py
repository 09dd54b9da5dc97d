"""Zip files: what may be in one, and unpacking what is needed into a private folder.

The gate reads the directory of the archive only; while unpacking, each byte is counted against what it said.
"""

from __future__ import annotations

import itertools
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from landgis.errors import InputRefused, Place, Problem
from landgis.io.found import refused
from landgis.text import N_, Message

FILE_LIMIT = 200_000_000  # bytes of the archive
UNPACKED_LIMIT = 500_000_000
RATIO_LIMIT, RATIO_FROM = 200, 10_000_000  # a ratio means nothing below ten megabytes
ENTRIES_LIMIT = 500
DIRECTORY_LIMIT = 1_000_000  # bytes; 500 entries need some 60 000
NAME_LIMIT = 255
ARCHIVES = frozenset({".zip", ".7z", ".rar", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".kmz", ".jar", ".zst"})
LAYER_SUFFIXES = frozenset({".shp", ".gpkg", ".geojson", ".json", ".fgb", ".parquet", ".geoparquet", ".txt"})
_END = b"PK\x05\x06"
_IGNORED = frozenset({"thumbs.db", ".ds_store", "desktop.ini"})
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Contents:
    """What an archive holds: entries by their decoded names, and the layers' files (or .gdb folders) among them."""

    entries: dict[str, zipfile.ZipInfo]

    @property
    def names(self) -> list[str]:
        """The decoded names, folders left out."""
        return list(self.entries)

    @property
    def layers(self) -> list[str]:
        """The files and `.gdb` folders that can be layers; a .txt only where nothing else is there."""
        databases = dict.fromkeys(found for name in self.names if (found := _database_of(name)))
        files = [n for n in self.names if not _database_of(n) and PurePosixPath(n).suffix.lower() in LAYER_SUFFIXES]
        spatial = [name for name in files if not name.lower().endswith(".txt")]
        return [*databases, *spatial] or files


def check_archive(path: Path, place: Place) -> Contents:
    """The directory of a zip file, checked; raises InputRefused with everything that is wrong with its entries."""
    _check_end(path, place)
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, struct.error, UnicodeDecodeError, OSError) as error:
        message = Message(N_("the zip file is damaged or cut off ({reason}); copy it again"), {"reason": error})
        raise refused("E-UPLOAD-TRUNCATED", message, place) from error
    named = [(_decoded_name(info), info) for info in infos]
    problems = [problem for name, info in named for problem in _entry_problems(name, info, place)]
    problems += _set_problems(named, path, place)
    if any(info.flag_bits & 1 for info in infos):
        words = N_("the zip file has a password; pack it without one")
        problems.append(Problem("E-ZIP-ENCRYPTED", Message(words), place))
    if problems:
        raise InputRefused(problems)
    return Contents({name: info for name, info in named if not info.is_dir() and not _is_litter(name)})


@contextmanager
def unpacked(path: Path, contents: Contents, layer_file: str, place: Place) -> Iterator[Path]:
    """The file or `.gdb` folder of one layer, with what belongs to it, in a private folder; removed afterwards."""
    needed = [name for name in contents.names if _belongs(name, layer_file)]
    with tempfile.TemporaryDirectory(prefix="landgis-", ignore_cleanup_errors=True) as folder:
        try:
            with zipfile.ZipFile(path) as archive:
                for name in needed:
                    _unpack(archive, contents.entries[name], Path(folder) / name, replace(place, layer=name))
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
            message = Message(N_("the zip file is damaged ({reason}); copy it again"), {"reason": error})
            raise refused("E-UPLOAD-TRUNCATED", message, place) from error
        yield Path(folder) / layer_file


def pick_layer_file(contents: Contents, layer: str | None, place: Place) -> tuple[str, str | None]:
    """Which file of the archive is meant, and the layer in it; raises InputRefused where that is not clear."""
    files = contents.layers
    listed = ", ".join(PurePosixPath(name).stem for name in files[:20])
    if "xl/workbook.xml" in contents.names:
        words = N_("this is a workbook, which has no outlines; give GeoPackage, GeoJSON or a shapefile")
        raise refused("E-FMT-UNSUPPORTED", Message(words), place)
    if not files:
        inside = ", ".join(contents.names[:10])
        message = Message(
            N_("there is no layer in this zip file (it holds {inside}); unpack it and name the file"),
            {"inside": inside},
        )
        raise refused("E-ZIP-NOLAYER", message, place)
    if layer is not None:
        wanted = layer.casefold()
        for name in files:
            if wanted in (name.casefold(), PurePosixPath(name).name.casefold(), PurePosixPath(name).stem.casefold()):
                return name, None
    if len(files) == 1:
        return files[0], layer
    if layer is not None:
        message = Message(
            N_("there is no layer {layer} in it; there are: {layers}"), {"layer": layer, "layers": listed}
        )
        raise refused("E-LAYER-MISSING", message, place)
    message = Message(
        N_("the zip file holds {count} layers: {layers}; say which one with FILE:LAYER"),
        {"count": len(files), "layers": listed},
    )
    raise refused("E-ZIP-AMBIGUOUS", message, place)


def _check_end(path: Path, place: Place) -> None:
    """The end record before anything parses the directory: it says how many entries there are to come."""
    size = path.stat().st_size
    if size > FILE_LIMIT:
        values = {"size": size, "limit": FILE_LIMIT}
        message = Message(
            N_("the zip file has {size} bytes, more than the {limit} allowed; unpack it and name the file in it"),
            values,
        )
        raise refused("E-SIZE", message, place)
    with path.open("rb") as stream:
        stream.seek(max(size - 65_557, 0))
        tail = stream.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < 22:
        words = N_("the zip file is cut off: its directory is missing; copy or upload it again")
        raise refused("E-UPLOAD-TRUNCATED", Message(words), place)
    entries, directory = struct.unpack("<HI", tail[at + 10 : at + 16])
    if entries > ENTRIES_LIMIT or directory > DIRECTORY_LIMIT:
        values = {"count": entries, "limit": ENTRIES_LIMIT}
        message = Message(
            N_("the zip file holds {count} entries, more than the {limit} allowed; pack the layer alone"), values
        )
        raise refused("E-ZIP-ENTRIES", message, place)


def _decoded_name(info: zipfile.ZipInfo) -> str:
    """The entry's name; without the UTF-8 flag it is what Chinese Windows wrote: UTF-8 or GBK."""
    if info.flag_bits & 0x800:
        return info.orig_filename
    try:
        raw = info.orig_filename.encode("cp437")
    except UnicodeEncodeError:
        return info.orig_filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.orig_filename


def _entry_problems(name: str, info: zipfile.ZipInfo, place: Place) -> list[Problem]:
    here = replace(place, layer=name[:200])
    found: list[tuple[str, str]] = []
    if _is_bad_path(name):
        found.append(
            ("E-ZIP-PATH", N_("an entry of the zip file points outside of it; the file is refused: pack it again"))
        )
    kind = stat.S_IFMT(info.external_attr >> 16)
    if info.create_system == 3 and kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        found.append(("E-ZIP-SYMLINK", N_("an entry of the zip file is a link, not a file; pack the file itself")))
    if PurePosixPath(name).suffix.lower() in ARCHIVES:
        found.append(
            ("E-ZIP-NESTED", N_("there is an archive inside the zip file; unpack it and pack the layer alone"))
        )
    if info.file_size > RATIO_FROM and info.file_size > RATIO_LIMIT * max(info.compress_size, 1):
        found.append(
            (
                "E-ZIP-RATIO",
                N_("an entry unpacks to more than 200 times its size, which no real layer does; the file is refused"),
            )
        )
    return [Problem(code, Message(words), here) for code, words in found]


def _is_bad_path(name: str) -> bool:
    parts = name.rstrip("/").split("/")
    odd = "\\" in name or ":" in name or any(ord(letter) < 32 for letter in name)
    return odd or any(part in ("", ".", "..") or len(part.encode()) > NAME_LIMIT for part in parts)


def _set_problems(named: list[tuple[str, zipfile.ZipInfo]], path: Path, place: Place) -> list[Problem]:
    """What is wrong with the entries together: double names, too big, overlapping."""
    problems, seen = [], set()
    for name, _ in named:
        if name.casefold() in seen:
            words = N_("two entries of the zip file have this name; pack it again")
            problems.append(Problem("E-ZIP-DUP", Message(words), replace(place, layer=name)))
        seen.add(name.casefold())
    unpacked_size = sum(info.file_size for _, info in named)
    if unpacked_size > UNPACKED_LIMIT:
        values = {"size": unpacked_size, "limit": UNPACKED_LIMIT}
        message = Message(
            N_(
                "the zip file unpacks to {size} bytes, more than the {limit} allowed; unpack it and name the file in it"
            ),
            values,
        )
        problems.append(Problem("E-ZIP-SIZE", message, place))
    ends = sorted((info.header_offset, info.header_offset + 30 + info.compress_size) for _, info in named)
    size = path.stat().st_size
    if any(end > start for (_, end), (start, _) in itertools.pairwise(ends)) or any(end > size for _, end in ends):
        words = N_("entries of the zip file overlap, which no packer makes; the file is refused: pack it again")
        problems.append(Problem("E-ZIP-OVERLAP", Message(words), place))
    return problems


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, place: Place) -> None:
    """One entry to a file; raises InputRefused as soon as it is longer than the directory says."""
    target.parent.mkdir(parents=True, exist_ok=True)
    left = info.file_size
    with archive.open(info) as source, target.open("xb") as sink:
        while chunk := source.read(_CHUNK):
            left -= len(chunk)
            if left < 0:
                words = N_("the entry is longer than the zip file's directory says; the file is refused")
                raise refused("E-ZIP-SIZE", Message(words), place)
            sink.write(chunk)


def _belongs(name: str, layer_file: str) -> bool:
    """Whether an entry is the layer's file, in its `.gdb` folder, or beside its `.shp` with the same stem."""
    if name == layer_file or name.startswith(layer_file + "/"):
        return True
    if not layer_file.lower().endswith(".shp"):
        return False
    stem = layer_file[:-4].casefold()
    return name.casefold().startswith(stem + ".") and "/" not in name[len(stem) :]


def _database_of(name: str) -> str | None:
    """The `.gdb` folder that an entry lies in."""
    parts = name.split("/")
    for at, part in enumerate(parts[:-1]):
        if part.lower().endswith(".gdb"):
            return "/".join(parts[: at + 1])
    return None


def _is_litter(name: str) -> bool:
    """What macOS and Windows put beside the files."""
    last = PurePosixPath(name).name.lower()
    return name.startswith("__MACOSX/") or last.startswith("._") or last in _IGNORED
