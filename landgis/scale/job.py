"""A job's folder on the scratch space: what is done is kept there, so that a run that was stopped goes on.

The folder is named after everything that decides the answer: inputs with size and time, options, rules, version. A
changed input is therefore another job. A task counts as done when its marker is there, which is written last.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from landgis.errors import InputRefused, Place, Problem
from landgis.scale.folders import Folder
from landgis.text import N_, Message

LOCK = "in-use.json"
DONE = "done/"
BEAT_S = 10.0  # a run says so often that it is alive
DEAD_AFTER_S = 60.0  # and is taken for dead after so long without a word


def name_of(identity: Mapping[str, Any]) -> str:
    """16 hexadecimal digits that stand for all that decides the answer."""
    text = json.dumps(identity, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Job:
    """A job under way; `done` has what each finished task said, and grows."""

    folder: Folder
    name: str
    done: dict[str, Any] = field(default_factory=dict)

    @property
    def resumed(self) -> int:
        """How many tasks an earlier run had finished, as long as this one has not begun."""
        return len(self.done)

    def forget(self, name: str) -> None:
        """Have a task run again though it was done."""
        if self.done.pop(name, None) is not None:
            self.folder.delete(f"{DONE}{name}.json")


@contextmanager
def open_job(scratch: Folder, identity: Mapping[str, Any], *, keep: bool = False) -> Iterator[Job]:
    """The job's folder, ours alone; removed when the block ends well, unless it is to be kept."""
    name = name_of(identity)
    folder = scratch.at(f"landgis-job-{name}")
    with _held(folder):
        job = Job(folder, name, read_done(folder))
        if not job.done:
            folder.write_json("job.json", dict(identity))
        yield job
    if not keep:
        folder.remove()


def read_done(folder: Folder) -> dict[str, Any]:
    """What the finished tasks said, by their names."""
    names = [name for name in folder.names() if name.startswith(DONE)]
    read = {name.removeprefix(DONE).removesuffix(".json"): folder.read_json(name) for name in names}
    return {name: said for name, said in read.items() if said is not None}


def mark_done(folder: Folder, name: str, said: Any) -> None:
    """Keep that a task is finished and what it said (not None); its files must be there before."""
    folder.write_json(f"{DONE}{name}.json", said)


def read_marker(folder: Folder, name: str) -> Any:
    """What a finished task said; None where it is not finished."""
    return folder.read_json(f"{DONE}{name}.json")


@contextmanager
def _held(folder: Folder) -> Iterator[None]:
    """Nobody else works in the folder meanwhile; refused where somebody does."""
    token = secrets.token_hex(8)
    _refuse_busy(folder)
    _say_alive(folder, token)
    if (folder.read_json(LOCK) or {}).get("token") != token:  # two began in the same moment: one goes on
        _refuse_busy(folder)
    stop = threading.Event()
    beat = threading.Thread(target=_beat, args=(folder, token, stop), daemon=True)
    beat.start()
    try:
        yield
    finally:
        stop.set()
        beat.join()
        with suppress(OSError):  # what went wrong before is what the user has to see
            folder.delete(LOCK)


def _beat(folder: Folder, token: str, stop: threading.Event) -> None:
    while not stop.wait(BEAT_S):
        with suppress(OSError):
            _say_alive(folder, token)


def _say_alive(folder: Folder, token: str) -> None:
    folder.write_json(LOCK, {"token": token, "host": socket.gethostname(), "pid": os.getpid(), "at": time.time()})


def _refuse_busy(folder: Folder) -> None:
    other = folder.read_json(LOCK)
    if other is None or time.time() - other["at"] > DEAD_AFTER_S or _is_gone(other):
        return
    message = Message(
        N_("the same job is being worked on by process {pid} on {host}; wait for it, or stop it and run again"),
        {"pid": other["pid"], "host": other["host"]},
    )
    raise InputRefused([Problem("E-CLUSTER-BUSY", message, Place(folder.url))])


def _is_gone(other: Mapping[str, Any]) -> bool:
    """Whether the process of a lock of this machine has ended."""
    if other["host"] != socket.gethostname():
        return False
    try:
        os.kill(other["pid"], 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
