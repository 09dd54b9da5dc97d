"""One whole process on the meter: wall and processor time and memory, its children and its server included."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

LOOK_S = 0.02
TICKS = os.sysconf("SC_CLK_TCK")


class Failed(Exception):
    """A process that did not end well; its last line says why."""


@dataclass(frozen=True)
class Run:
    """Seconds on the clock, processor seconds of all processes, their memory at its highest, seconds by phase."""

    wall_s: float
    processor_s: float
    peak_mb: float
    phases: dict[str, float] = field(default_factory=dict)


def metered(command: Sequence[str], environ: Mapping[str, str] | None = None, server: int | None = None) -> Run:
    """Run a command; `server` is a process whose work counts as well. Failed where it ends with an error.

    Memory is what the processes hold for themselves, summed, plus the largest part that they share, looked at 50 times
    a second; of the command's own process the kernel keeps the highest. (`ru_maxrss` would be ours, before the exec.)
    """
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as faults:
        before = _processor_s(server)
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=said, stderr=faults, env=environ, stdin=subprocess.DEVNULL)
        with _Watch([process.pid, *([] if server is None else [server])]) as watch:
            try:
                _, status, used = os.wait4(process.pid, 0)
            except BaseException:  # we are told to stop: so is the command
                process.kill()
                raise
            wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            faults.seek(0)
            lines = faults.read().decode(errors="replace").strip().splitlines()
            raise Failed(lines[-1] if lines else f"exit code {process.returncode}")
        processor = used.ru_utime + used.ru_stime + _processor_s(server) - before
        said.seek(0)
        return Run(wall, processor, watch.peak_kb / 1024, _phases(said.read()))


def _phases(text: bytes) -> dict[str, float]:
    """What an engine says last; the command landgis speaks of other things."""
    try:
        found = json.loads(text.decode(errors="replace").strip().rpartition("\n")[2])
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


class _Watch:
    """Looks at the memory of processes and their descendants until it is told to stop."""

    def __init__(self, roots: Sequence[int]) -> None:
        self.peak_kb = 0
        self._roots, self._stop = roots, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> _Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._stop.wait(LOOK_S):
            own, files, shared, _ = zip(*(_memory_kb(pid) for root in self._roots for pid in tree(root)), strict=True)
            highest = _memory_kb(self._roots[0])[3]
            self.peak_kb = max(self.peak_kb, sum(own) + max(files) + max(shared), highest)


def tree(root: int) -> Iterator[int]:
    """A process and all its descendants that live."""
    yield root
    with suppress(OSError):
        for task in Path(f"/proc/{root}/task").iterdir():
            with suppress(OSError):
                for child in (task / "children").read_text().split():
                    yield from tree(int(child))


def _memory_kb(pid: int) -> tuple[int, ...]:
    """Memory of its own, of files, shared with others, and all of it at its highest; 0 once the process has ended."""
    sizes = {"RssAnon": 0, "RssFile": 0, "RssShmem": 0, "VmHWM": 0}
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            name, _, rest = line.partition(":")
            if name in sizes:
                sizes[name] = int(rest.split()[0])
    return tuple(sizes.values())


def _processor_s(server: int | None) -> float:
    """Processor seconds of a server so far: its own, of its children that have ended, and of those that live."""
    if server is None:
        return 0.0
    ticks = 0
    for pid in tree(server):
        with suppress(OSError):
            parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, parts[11:15] if pid == server else parts[11:13]))
    return ticks / TICKS
