"""The process of one engine: the files in, the twelve columns out, seconds by phase on standard output.

`python -m benchmarks.score.engines.NAME FOLDER ROWS OUT` runs it; `… FOLDER ROWS --prepare` makes what it is given
before the clock runs. Imports nothing heavy: what an engine imports is its own time.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.score.files import Files


class Clock:
    """Seconds by phase, in the order of the work."""

    def __init__(self) -> None:
        self.phases: dict[str, float] = {}

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Count the time of a block."""
        started = time.perf_counter()
        yield
        self.phases[name] = self.phases.get(name, 0.0) + time.perf_counter() - started


Run = Callable[[Files, Path, Clock], None]


def main(run: Run, prepare: Callable[[Files], None] | None = None) -> None:
    """What a module of an engine does when it is started."""
    folder, rows, out = sys.argv[1:4]
    files, clock = Files(Path(folder), int(rows)), Clock()
    if out == "--prepare":
        if prepare is not None:
            prepare(files)
        return
    run(files, Path(out), clock)
    print(json.dumps({name: round(seconds, 4) for name, seconds in clock.phases.items()}))
