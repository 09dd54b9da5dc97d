"""Tasks for tests: what they do is seen in the folder, as they run in other processes."""

from __future__ import annotations

import os
import secrets
import time
from pathlib import Path

from landgis.errors import InputRefused, Place, Problem
from landgis.scale.folders import Folder
from landgis.text import Message


def square(folder: Folder, *, number: int, seconds: float = 0.0) -> dict[str, int]:
    """Write a file with the square, and one more that says that the task ran."""
    Path(folder.path(f"ran-{number}-{secrets.token_hex(4)}")).write_text(str(os.getpid()))
    time.sleep(seconds)
    return write_square(folder, number=number)


def summed(folder: Folder, *, numbers: list[int]) -> dict[str, int]:
    return {"sum": sum(int(folder.bytes_of(f"square-{number}")) for number in numbers)}


def refuse(folder: Folder, *, row: int) -> None:
    raise InputRefused([Problem("E-TEST", Message("row {row}", {"row": row}), Place("file", row=row))])


def die_once(folder: Folder, *, name: str) -> dict[str, bool]:
    """Kill the worker that runs it, the first time."""
    there = Path(folder.path(f"died-{name}"))
    if not there.exists():
        there.write_text(str(os.getpid()))
        os.kill(os.getpid(), 9)
    return {"again": True}


def die_always(folder: Folder) -> None:
    os.kill(os.getpid(), 9)


def fail(folder: Folder) -> None:
    raise OSError("no space left on device")


def ran(folder: Path) -> dict[int, int]:
    """How often each number was squared."""
    counts: dict[int, int] = {}
    for path in folder.glob("ran-*"):
        number = int(path.name.split("-")[1])
        counts[number] = counts.get(number, 0) + 1
    return counts


def write_square(folder: Folder, *, number: int) -> dict[str, int]:
    """The same without a trace: for folders that are no paths."""
    with folder.write(f"square-{number}") as stream:
        stream.write(str(number**2).encode())
    return {"square": number**2}
