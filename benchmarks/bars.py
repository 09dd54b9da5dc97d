"""All bars besides the score's and the formats' in one table: register (issue 3), the app (4), plans (5).

`python -m benchmarks all` runs each job at the size of its bars, as a process of its own, an hour or so in all;
`--only register,plan` some of them. Writes bars.json and bars.md to --out. Ends with 1 where a bar does not hold.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.score.report import table

Line = dict[str, Any]  # what a job prints, one JSON object a line


@dataclass(frozen=True)
class Bar:
    """What has to hold: `found` in the lines of a job, at most `limit`, or at least where `least` is set."""

    words: str
    limit: float
    found: Callable[[Sequence[Line]], float]
    least: bool = False

    def holds(self, reached: float) -> bool:
        return reached >= self.limit if self.least else reached <= self.limit


@dataclass(frozen=True)
class Job:
    """A command of `python -m benchmarks`, its group, and the bars that its lines are held against."""

    group: str
    words: tuple[str, ...]
    bars: tuple[Bar, ...]


def _of(name: str, **where: object) -> Callable[[Sequence[Line]], float]:
    """A figure of the line that says all of `where`."""

    def found(lines: Sequence[Line]) -> float:
        return float(next(line[name] for line in lines if where.items() <= line.items()))

    return found


def _worst(name: str) -> Callable[[Sequence[Line]], float]:
    return lambda lines: max(float(line[name]) for line in lines)


def _app(rows: int, map_s: float, step_s: float) -> tuple[Bar, ...]:
    bars = (
        Bar("first map, s", map_s, _of("first_map_s", parcels=rows)),
        Bar("slider step settled, s", step_s, _of("slider_s", parcels=rows)),
        Bar("websocket a step, KB", 100, _of("step_kb", parcels=rows)),
        Bar("click → dossier, s", 1.5, _of("dossier_s", parcels=rows)),
        Bar("clicks delivered of 20", 20, _of("delivered", parcels=rows), least=True),
    )
    return (*bars, Bar("browser heap, MB", 250, _of("heap_mb", parcels=rows))) if rows == LARGE else bars


LARGE = 20_000
FAST, EXACT = {"plan": "relaxation-led"}, {"plan": "exact"}
JOBS = (
    Job("register", ("register", "--rows", "100000"), (
        Bar("status on any day, warm, ms", 300, _of("status_warm_ms")),
        Bar("history of a parcel, ms", 20, _of("history_ms")),
        Bar("durable appends a second", 500, _of("appends_per_s"), least=True),
        Bar("import of a million events, s", 60, _of("import_s")),
    )),
    Job("plan", ("plan", "--sites", "1000", "--periods", "20"), (
        Bar("a plan by rules, s", 2, _of("seconds", plan="rules")),
        Bar("within 1 %: gap", 0.01, _of("gap", **EXACT)),
        Bar("… in s", 90, _of("seconds", **EXACT)),
    )),
    Job("plan", ("plan", "--sites", "300", "--periods", "12", "--tight"), (
        Bar("scarce space: heuristic below its bound", 0.10, _of("below_bound", **FAST)),
        Bar("… in s", 5, _of("seconds", **FAST)),
        Bar("scarce space: gap", 0.02, _of("gap", **EXACT)),
        Bar("… in s", 90, _of("seconds", **EXACT)),
    )),
    Job("plan", ("plan", "--parcels", "200", "--seconds", "60"), (
        Bar("connected sites: worst gap of 16 wishes", 0.01, _worst("gap")),
    )),
    Job("plan", ("plan", "--assess", "100000"), (Bar("feasibility of 100 000 parcels, s", 5, _of("seconds")),)),
    *(Job("browser", ("browser", "--rows", str(rows)), _app(rows, map_s, step_s))
      for rows, map_s, step_s in ((1104, 5, 1), (5000, 5, 1), (LARGE, 8, 2))),
)  # fmt: skip
GROUPS = tuple(dict.fromkeys(job.group for job in JOBS))


def run(job: Job) -> list[Line]:
    """The lines of a job; what it says beside them stays on standard error."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", *job.words], stdout=subprocess.PIPE, text=True, check=True
    )
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def rows_of(job: Job, lines: Sequence[Line]) -> list[list[str]]:
    """A row of the table for each bar of a job."""
    rows = []
    for bar in job.bars:
        reached = bar.found(lines)
        limit = f"{'≥' if bar.least else '≤'} {bar.limit:g}"
        rows.append([" ".join(job.words), bar.words, limit, f"{reached:g}", "yes" if bar.holds(reached) else "no"])
    return rows


def report(found: Iterable[tuple[Job, list[Line]]]) -> str:
    """The table of all bars, as Markdown."""
    rows = [row for job, lines in found for row in rows_of(job, lines)]
    return "\n".join(table(["command", "what", "bar", "found", "holds"], rows)) + "\n"


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks all", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default=",".join(GROUPS), help=f"some with commas: {', '.join(GROUPS)}")
    parser.add_argument("--out", type=Path, default=Path(tempfile.gettempdir()) / "landgis-benchmarks" / "bars")
    asked = parser.parse_args(words)
    if unknown := set(asked.only.split(",")) - set(GROUPS):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are: {', '.join(GROUPS)}")
    asked.out.mkdir(parents=True, exist_ok=True)
    found = []
    for job in (job for job in JOBS if job.group in asked.only.split(",")):
        print(f"all: {' '.join(job.words)}", file=sys.stderr, flush=True)
        found.append((job, run(job)))
        written = [{"command": list(job.words), "lines": lines} for job, lines in found]
        (asked.out / "bars.json").write_text(json.dumps(written, ensure_ascii=False, indent=1) + "\n", "utf-8")
        (asked.out / "bars.md").write_text(report(found), "utf-8")
    print(report(found))
    return 0 if all(row[-1] == "yes" for job, lines in found for row in rows_of(job, lines)) else 1
