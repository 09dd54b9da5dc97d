"""What landgis costs at size, as whole processes where a user would run one.

`python -m benchmarks score --rows 20000,1000000`: the main job, GeoParquet to GeoParquet.
`python -m benchmarks register --rows 100000`: a register with ten events a parcel: import, status, history, appends.
`python -m benchmarks browser --rows 1104,5000,20000`: the app in headless Chromium; 1104 is the sample zone.
`python -m benchmarks plan …`: schedules, sites and feasibility; `plan -h` lists what it takes.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.register import register_once
from benchmarks.zone import make


def score_once(paths: dict[str, Path], folder: Path) -> dict[str, float]:
    """One whole process: seconds on the clock, processor seconds, peak memory in MB."""
    options = [part for name, path in paths.items() for part in (f"--{name}", str(path))]
    command = [
        sys.executable,
        "-m",
        "landgis",
        "score",
        *options,
        "--out",
        str(folder / "out.parquet"),
        "--overwrite",
    ]
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "wall_s": time.perf_counter() - started,
        "processor_s": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "peak_mb": after.ru_maxrss / 1024,  # of the largest child so far
    }


def main() -> None:
    if sys.argv[1:2] == ["plan"]:  # with options of its own
        from benchmarks.plan import main as plan

        return plan(sys.argv[2:])
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("job", choices=["score", "register", "browser"])
    parser.add_argument("--rows", default="20000,100000", help="parcels, one size or several with commas")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "landgis-benchmarks")
    asked = parser.parse_args()
    for rows in sorted(int(size) for size in asked.rows.split(",")):
        if asked.job == "register":
            asked.folder.mkdir(parents=True, exist_ok=True)
            print(json.dumps({"job": "register", **register_once(asked.folder, rows)}), flush=True)
            continue
        if asked.job == "browser":
            from benchmarks.browser import browser_once  # needs Playwright

            print(json.dumps({"job": "browser", **browser_once(asked.folder, rows)}), flush=True)
            continue
        paths = make(asked.folder, rows)
        runs = [score_once(paths, asked.folder) for _ in range(asked.runs)]
        middle = {name: round(statistics.median(run[name] for run in runs), 2) for name in runs[0]}
        print(json.dumps({"job": "score", "parcels": rows, "runs": asked.runs, **middle}), flush=True)


if __name__ == "__main__":
    main()
