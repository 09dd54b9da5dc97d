"""Formats at size, beside their peers, and tiles.

`python -m benchmarks formats --rows 100000 --tiles 250000,1000000`: the results of `landgis score`, all columns, are
written to each format and read from it by landgis, by `GeoDataFrame.to_file` and `read_file`, and by these through
Arrow; each a process of its own, in turn. Seconds are those of the job inside of it. Writes formats.json and
formats.md to --out. Ends with 1 where what was written is not equal.
"""

from __future__ import annotations

import argparse
import datetime
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from benchmarks.formats.data import in_degrees, results
from benchmarks.formats.equal import difference
from benchmarks.score import record
from benchmarks.score.meter import Run, metered
from benchmarks.score.report import number, table

OURS, PEERS = "landgis", ("geopandas", "pyogrio-arrow")
FORMATS = ("geojson", "gpkg", "fgb", "shp")
JOBS = ("write geojson", "write geojson from metres", *(f"write {name}" for name in FORMATS[1:]),
        *(f"read {name}" for name in FORMATS))  # fmt: skip
QUARTER = 0.25  # of to_file's time: issue 6
MOST_MB = 1200.0
PACKAGES = ("landgis", "geopandas", "pyogrio", "shapely", "pandas", "pyarrow", "orjson")

Runs = dict[str, dict[str, list[Run]]]  # "write gpkg" → engine → its runs


def main(words: Sequence[str]) -> int:
    asked = _parse(words)
    out = asked.out or asked.folder / "formats-report"
    out.mkdir(parents=True, exist_ok=True)
    asked.folder.mkdir(parents=True, exist_ok=True)
    chosen = [job for job in JOBS if asked.jobs in job] if asked.rows else []
    found, differences = measure(asked.folder, asked.rows, asked.runs, chosen)
    tiled = {rows: [tiles_once(asked.folder, rows) for _ in range(asked.tile_runs)] for rows in _sizes(asked.tiles)}
    made = {
        "machine": record.machine(datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC")),
        "versions": record.versions(PACKAGES), "rows": asked.rows, "rounds": asked.runs,
        "differences": differences,
        "runs": {job: {who: [vars(run) for run in runs] for who, runs in one.items()} for job, one in found.items()},
        "tiles": {rows: [(vars(run), about) for run, about in one] for rows, one in tiled.items()},
    }  # fmt: skip
    (out / "formats.json").write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", "utf-8")
    text = "\n".join([*lines(found, differences), "", *tile_lines(tiled), "", *bars(found, tiled)]) + "\n"
    (out / "formats.md").write_text(text, "utf-8")
    print(text)
    return 1 if any(differences.values()) else 0


def measure(folder: Path, rows: int, rounds: int, jobs: Sequence[str]) -> tuple[Runs, dict[str, str]]:
    """Jobs of all engines in turn, after a warm-up of each; and what of landgis's files differs from geopandas'."""
    if not jobs:
        return {}, {}
    source = results(folder, rows)
    found: Runs = {job: {who: [] for who in (OURS, *PEERS)} for job in jobs}
    for turn in range(rounds + 1):
        order = (OURS, *PEERS)
        for job in jobs:
            what, _, name = job.partition(" ")
            for who in (*order[turn % 3 :], *order[: turn % 3]):  # nobody is always first
                run = _once(folder, source, what, name, who)
                if turn:
                    found[job][who].append(run)
        print(f"formats: round {turn} of {rounds}", file=sys.stderr, flush=True)
    written = [job.partition(" ")[2] for job in jobs if job.startswith("write")]
    return found, {name: difference(*(_target(folder, name, who) for who in (OURS, "geopandas"))) for name in written}


def _target(folder: Path, name: str, who: str) -> Path:
    kind, _, more = name.partition(" ")
    return folder / f"{who}{'-metres' if more else ''}.{kind}"


def _once(folder: Path, source: Path, what: str, name: str, who: str) -> Run:
    """One process; a layer that is read is what landgis wrote, whoever reads it."""
    ours, target = _target(folder, name, OURS), _target(folder, name, who)
    taken = in_degrees(source) if name == "geojson" else source
    files = (taken, target) if what == "write" else (ours, "-")
    return metered([sys.executable, "-m", "benchmarks.formats.child", what, who, *map(str, files)])


def tiles_once(folder: Path, rows: int) -> tuple[Run, dict]:
    """`landgis tiles` as a user runs it, and what it says of itself."""
    out = folder / f"tiles-{rows}.pmtiles"
    command = [sys.executable, "-m", "landgis", "tiles", str(results(folder, rows)), "--out", str(out)]
    run = metered([*command, "--overwrite", "--json"])
    print(f"tiles of {rows}: {run.wall_s:.1f} s", file=sys.stderr, flush=True)
    return run, run.phases


def middle(runs: Sequence[Run], name: str) -> float:
    """The median of the seconds that the process says itself."""
    return median(run.phases[name] for run in runs)


def share(found: Runs, job: str, who: str, name: str = "job_processor_s") -> float:
    """Median over the rounds of landgis ÷ another."""
    pairs = zip(found[job][OURS], found[job][who], strict=True)
    return median(a.phases[name] / b.phases[name] for a, b in pairs)


def lines(found: Runs, differences: dict[str, str]) -> list[str]:
    """The table of formats."""
    if not found:
        return []
    head = ["job", "engine", "s", "processor s", "peak MB", "landgis ÷ it", "processor", "equal"]
    rows = [
        [job, who, f"{middle(runs, 'job_s'):.2f}", f"{middle(runs, 'job_processor_s'):.2f}",
         f"{median(run.peak_mb for run in runs):,.0f}", number(share(found, job, who, "job_s")),
         number(share(found, job, who)),
         (differences[job.removeprefix("write ")] or "yes") if who == OURS and job.startswith("write") else ""]
        for job, engines in found.items()
        for who, runs in engines.items()
    ]  # fmt: skip
    return table(head, rows)


def tile_lines(tiled: dict[int, list[tuple[Run, dict]]]) -> list[str]:
    """What tiles take, and what is in them."""
    if not tiled:
        return []
    head = ["parcels", "wall s", "processor s", "peak MB", "bytes a parcel more", "file, MB", "tiles", "largest, kB"]
    rows, before = [], None
    for size, runs in sorted(tiled.items()):
        peak = median(run.peak_mb for run, _ in runs)
        slope = "" if before is None else f"{(peak - before[1]) * 2**20 / (size - before[0]):,.0f}"
        before = size, peak
        zooms = runs[0][1]["zooms"]
        rows.append([
            f"{size:,}", f"{median(run.wall_s for run, _ in runs):.1f}",
            f"{median(run.processor_s for run, _ in runs):.1f}", f"{peak:,.0f}", slope,
            f"{runs[0][1]['bytes'] / 1e6:,.1f}", f"{sum(one['tiles'] for one in zooms):,}",
            f"{max(one['largest_tile_bytes'] for one in zooms) / 1000:,.0f}",
        ])  # fmt: skip
    names = ("zoom", "tiles", "parcels", "too_small", "no_room", "no_room_somewhere", "lean_tiles")
    largest = tiled[max(tiled)][0][1]["zooms"]
    return [
        *table(head, rows), "", f"Zooms of {max(tiled):,} parcels:", "",
        *table(list(names), [[f"{one[name]:,}" for name in names] for one in largest]),
    ]  # fmt: skip


def bars(found: Runs, tiled: dict[int, list[tuple[Run, dict]]]) -> list[str]:
    """The bars of issue 6 for formats and tiles, with what was found."""
    rows = []
    if "write geojson" in found:
        for what, name in (("wall", "job_s"), ("processor", "job_processor_s")):
            reached = share(found, "write geojson", "geopandas", name)
            rows.append([f"GeoJSON ÷ to_file, {what}", f"{QUARTER:.2f}", f"{reached:.2f}", _holds(reached, QUARTER)])
    for size, runs in tiled.items():
        peak = median(run.peak_mb for run, _ in runs)
        rows.append([f"tiles of {size:,}, peak MB", f"{MOST_MB:,.0f}", f"{peak:,.0f}", _holds(peak, MOST_MB)])
    return table(["what", "at most", "found", "holds"], rows)


def _holds(reached: float, most: float) -> str:
    return "yes" if reached <= most else "no"


def _sizes(text: str) -> list[int]:
    return sorted({int(size) for size in text.split(",") if size})


def _parse(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks formats", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=100_000, help="parcels that are written and read; 0: none")
    parser.add_argument("--jobs", default="", help="only those that have this in their name, as: write, gpkg")
    parser.add_argument("--tiles", default="", help="parcels that tiles are made of, one size or several with commas")
    parser.add_argument("--runs", type=int, default=5, help="rounds; medians need five")
    parser.add_argument("--tile-runs", type=int, default=1, help="runs of each size of tiles")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "landgis-benchmarks")
    parser.add_argument("--out", type=Path, help="where the report goes; else into --folder")
    return parser.parse_args(words)
