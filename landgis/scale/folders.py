"""A folder that every worker sees: on a shared disk, in an object store (s3://, gs://), or anything that fsspec knows.

Credentials and endpoints come from the environment of each process (AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL, …), never
from a file of landgis.
"""

from __future__ import annotations

import json
import os
import posixpath
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import fs

from landgis.errors import InputRefused, Place, Problem
from landgis.text import N_, Message

_NATIVE = ("s3", "gs", "gcs", "abfs", "abfss", "hdfs", "viewfs")  # Arrow speaks these itself, without Python's lock


@dataclass(frozen=True)
class Folder:
    """A folder by its URL or path; files in it are named by relative paths with `/`."""

    url: str

    @property
    def is_local(self) -> bool:
        """Whether it is a path of this machine or of a disk that all share."""
        return "://" not in self.url or self.url.startswith("file://")

    def at(self, name: str) -> Folder:
        """A folder inside this one."""
        head, mark, query = self.url.partition("?")
        return Folder(f"{head.rstrip('/')}/{name}{mark}{query}")

    def path(self, name: str) -> str:
        """What the file system calls a file of this folder."""
        return posixpath.join(self._open()[1], name)

    def _open(self) -> tuple[fs.FileSystem, str]:
        return _opened(self.url)

    def read(self, name: str) -> pa.NativeFile:
        """A file to read anywhere in; on a disk it is mapped, not copied."""
        if self.is_local:
            return pa.memory_map(self.path(name))
        return self._open()[0].open_input_file(self.path(name))

    def bytes_of(self, name: str) -> bytes:
        """A whole small file."""
        with self._open()[0].open_input_stream(self.path(name)) as stream:
            return bytes(stream.read())

    @contextmanager
    def write(self, name: str) -> Iterator[pa.NativeFile]:
        """A stream to write a file with. It is there under its name only when the block ends well.

        In an object store a block that fails may leave half an object: a job counts only what has a marker.
        """
        system, path = self._open()[0], self.path(name)
        if not self.is_local:
            with system.open_output_stream(path) as stream:
                yield stream
            return
        system.create_dir(posixpath.dirname(path), recursive=True)
        temporary = f"{path}.{secrets.token_hex(4)}~"
        try:
            with system.open_output_stream(temporary) as stream:
                yield stream
            Path(temporary).replace(path)
        finally:
            Path(temporary).unlink(missing_ok=True)

    def write_json(self, name: str, document: Any) -> None:
        """A small file with a JSON document."""
        with self.write(name) as stream:
            stream.write(json.dumps(document, ensure_ascii=False).encode())

    def read_json(self, name: str) -> Any:
        """The document of a small file; None where there is no such file, or it is not whole."""
        try:
            return json.loads(self.bytes_of(name))
        except (FileNotFoundError, ValueError):
            return None

    def names(self) -> dict[str, fs.FileInfo]:
        """Every file below, by its name from here; empty where there is no such folder."""
        system, root = self._open()
        found = system.get_file_info(fs.FileSelector(root, recursive=True, allow_not_found=True))
        return {posixpath.relpath(one.path, root): one for one in found if one.type == fs.FileType.File}

    def delete(self, name: str) -> None:
        """Remove a file, if it is there."""
        try:
            self._open()[0].delete_file(self.path(name))
        except FileNotFoundError:
            return

    def remove(self) -> None:
        """Remove the folder with all that is in it."""
        system, root = self._open()
        try:
            system.delete_dir(root)
        except FileNotFoundError:
            return


@lru_cache(maxsize=256)
def _opened(url: str) -> tuple[fs.FileSystem, str]:
    if "://" not in url:
        return fs.LocalFileSystem(), os.path.abspath(url)  # noqa: PTH100  (resolve() would follow links)
    try:
        if url.startswith("file://") or url.partition("://")[0] in _NATIVE:
            system, path = fs.FileSystem.from_uri(_with_endpoint(url))
            return system, path.rstrip("/")
        import fsspec

        system, path = fsspec.core.url_to_fs(url)
        return fs.PyFileSystem(fs.FSSpecHandler(system)), path.rstrip("/")
    except (pa.ArrowException, ImportError, OSError, ValueError) as error:
        words = N_("this address cannot be used ({reason}); give a folder that all workers see, or s3://BUCKET/FOLDER")
        reason = " ".join(str(error).split())[:200]
        raise InputRefused([Problem("E-CLUSTER-FOLDER", Message(words, {"reason": reason}), Place(url))]) from error


def _with_endpoint(url: str) -> str:
    """An address in S3 with the endpoint that the environment names, as other tools take it; Arrow does not look."""
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    if not url.startswith("s3://") or not endpoint or "endpoint_override=" in url:
        return url
    scheme, _, host = endpoint.rstrip("/").partition("://")
    return f"{url}{'&' if '?' in url else '?'}endpoint_override={host}&scheme={scheme}"


def file_of(text: str) -> tuple[Folder, str]:
    """The folder of a file and its name there, from a path or URL."""
    head, mark, query = text.partition("?")
    if "://" not in text:
        head, mark, query = text, "", ""
    where, _, name = head.rpartition("/")
    return Folder((where or ".") + mark + query), name


def stamp(text: str) -> dict[str, Any]:
    """What tells one state of a file from another: address, size, and when it was written."""
    folder, name = file_of(text)
    about = folder._open()[0].get_file_info(folder.path(name))
    if about.type != fs.FileType.File:
        raise InputRefused([Problem("E-FILE", Message(N_("there is no such file; check the path")), Place(text))])
    return {"file": folder.path(name), "size": about.size, "written_ns": about.mtime_ns}
