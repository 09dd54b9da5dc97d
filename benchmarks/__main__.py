"""What landgis costs at size, as whole processes where a user would run one.

`python -m benchmarks score --rows 20000,1000000 --peers all`: the main job beside its peers; `score -h`.
`python -m benchmarks formats --rows 100000 --tiles 1000000`: the formats beside their peers, and tiles; `formats -h`.
`python -m benchmarks all`: register, plan and browser at the sizes of their bars, one table of what was found.
`python -m benchmarks register --rows 100000`: a register with ten events a parcel: import, status, history, appends.
`python -m benchmarks browser --rows 1104,5000,20000`: the app in headless Chromium; 1104 is the sample zone.
`python -m benchmarks cluster --rows 1000000`: one and two workers, each in a network namespace; needs root.
`python -m benchmarks plan …`: schedules, sites and feasibility; `plan -h` lists what it takes.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from benchmarks.register import register_once


def main() -> None:
    if sys.argv[1:2] == ["plan"]:  # with options of its own
        from benchmarks.plan import main as plan

        return plan(sys.argv[2:])
    if sys.argv[1:2] == ["score"]:
        from benchmarks.score.command import main as score

        sys.exit(score(sys.argv[2:]))
    if sys.argv[1:2] == ["cluster"]:
        from benchmarks.cluster import main as cluster

        sys.exit(cluster(sys.argv[2:]))
    if sys.argv[1:2] == ["formats"]:
        from benchmarks.formats.command import main as formats

        sys.exit(formats(sys.argv[2:]))
    if sys.argv[1:2] == ["all"]:
        from benchmarks.bars import main as bars

        sys.exit(bars(sys.argv[2:]))
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("job", choices=["register", "browser"])
    parser.add_argument("--rows", default="20000,100000", help="parcels, one size or several with commas")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "landgis-benchmarks")
    asked = parser.parse_args()
    for rows in sorted(int(size) for size in asked.rows.split(",")):
        if asked.job == "register":
            asked.folder.mkdir(parents=True, exist_ok=True)
            print(json.dumps({"job": "register", **register_once(asked.folder, rows)}), flush=True)
            continue
        from benchmarks.browser import browser_once  # needs Playwright

        print(json.dumps({"job": "browser", **browser_once(asked.folder, rows)}), flush=True)


if __name__ == "__main__":
    main()
