"""What a run found: every single measurement, so that any table can be made again from the JSON."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmarks.score.meter import Run


@dataclass
class Measured:
    """One engine at one size: its runs in the order of the rounds, and how its answers agree."""

    runs: list[Run] = field(default_factory=list)
    relative: float | None = None
    column: str = ""
    grades: int | None = None
    failed: str | None = None

    @property
    def said(self) -> str:
        """The last run in words."""
        return f"failed: {self.failed}" if self.failed is not None else f"{self.runs[-1].wall_s:.2f} s"


@dataclass
class Record:
    """A whole benchmark: what it was run on, who was missing and why, and the measurements by size and engine."""

    machine: dict[str, str]
    versions: dict[str, str]
    given: dict[str, str]
    missing: dict[str, str]
    rounds: int
    reference: str = ""
    start: dict[str, list[Run]] = field(default_factory=dict)
    data: dict[int, dict[str, float]] = field(default_factory=dict)
    sizes: dict[int, dict[str, Measured]] = field(default_factory=dict)

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n", "utf-8")


def read(path: Path) -> Record:
    """A record as it was written."""
    found = Record(**json.loads(path.read_text("utf-8")))
    found.start = {name: [Run(**run) for run in runs] for name, runs in found.start.items()}
    found.data = {int(rows): shares for rows, shares in found.data.items()}
    found.sizes = {
        int(rows): {name: _measured(one) for name, one in engines.items()} for rows, engines in found.sizes.items()
    }
    return found


def _measured(one: dict) -> Measured:
    return Measured(**{**one, "runs": [Run(**run) for run in one["runs"]]})


def machine(made_on: str) -> dict[str, str]:
    """The kind of machine, as Linux says it."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine()
    )
    memory_kb = int(Path("/proc/meminfo").read_text().split()[1])
    return {
        "made_on": made_on, "processor": model, "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{memory_kb / 2**20:.0f} GiB", "python": platform.python_version(), "nice": str(os.nice(0)),
    }  # fmt: skip


def versions(packages: Iterable[str]) -> dict[str, str]:
    """The versions of distributions that are installed, and of GEOS in shapely."""
    import shapely

    found = {}
    for name in dict.fromkeys(packages):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found | {"geos (shapely)": shapely.geos_version_string}
