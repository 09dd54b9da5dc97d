"""The score job at size, beside its peers.

`python -m benchmarks score --rows 20000,100000,1000000 --peers all`: everything; `--peers none`: landgis alone;
`--peers duckdb,sedonadb`: some. Peers come with `pip install 'landgis[bench]'`, PostGIS from Debian; one that is not
there is named in the report. Made data are kept in --folder. Writes score.json, score.md and score.svg to --out after
every size; `--again FILE.json` makes the report of a record anew. Ends with 1 where an answer differs.
"""

from __future__ import annotations

import argparse
import datetime
import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks.score import plot, record, report
from benchmarks.score.agree import TOLERANCE
from benchmarks.score.field import FIELD, OURS, OVERLAY, PEERS, TWELVE, Engine
from benchmarks.score.record import Record
from benchmarks.score.server import Served, served
from benchmarks.score.turns import measure, measure_start


def main(words: Sequence[str]) -> int:
    asked = _parse(words)
    out = asked.out or asked.folder / "score-report"
    out.mkdir(parents=True, exist_ok=True)
    if asked.again:
        _write(record.read(asked.again), out)
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # ends the server and the engine as well
    _keep_bytecode(asked.folder)
    engines, missing = chosen(asked.peers)
    with ExitStack() as stack:
        server, absent = _served(stack, engines)
        engines = [engine for engine in engines if engine.name not in absent]
        made = _record(engines, missing | absent, asked.runs, server.versions if server else {})
        common = {"server": server, "tell": _tell}
        measure_start(made, engines, asked.folder, **common)
        for rows in sorted({int(size) for size in asked.rows.split(",")}):
            measure(made, engines, asked.folder, rows, **common)
            _write(made, out)
    print(report.markdown(made))
    return 0 if agrees(made) else 1


def _keep_bytecode(folder: Path) -> None:
    """Let Python keep what it compiles, as it does for users: else every engine in Python pays for it each time."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(folder.absolute() / "bytecode")


def _served(stack: ExitStack, engines: Sequence[Engine]) -> tuple[Served | None, dict[str, str]]:
    """A server where an engine needs one; and the engines that have to do without, with the reason."""
    if not any(engine.served for engine in engines):
        return None, {}
    try:
        return stack.enter_context(served()), {}
    except RuntimeError as error:
        return None, {engine.name: str(error) for engine in engines if engine.served}


def chosen(peers: str) -> tuple[list[Engine], dict[str, str]]:
    """The engines that can run, ours first; and why others that were asked for cannot."""
    named = {"all": set(PEERS), "none": set()}.get(peers) or set(filter(None, peers.split(","))) - {"none"}
    if unknown := named - set(PEERS):
        raise SystemExit(f"no peer is called {', '.join(sorted(unknown))}; there are: {', '.join(PEERS)}")
    wanted = [engine for engine in FIELD if engine.name in named | {OURS, TWELVE}]
    missing = {engine.name: lacks for engine in wanted if (lacks := engine.lacks())}
    return [engine for engine in wanted if engine.name not in missing], missing


def agrees(made: Record) -> bool:
    """Whether every engine ran and gave the same answers at every size."""
    found = [one for engines in made.sizes.values() for one in engines.values()]
    return all(one.failed is None and one.grades == 0 and (one.relative or 0.0) <= TOLERANCE for one in found)


def _record(engines: list[Engine], missing: dict[str, str], rounds: int, more: dict[str, str]) -> Record:
    names = [engine.name for engine in engines]
    versions = record.versions(package for engine in engines for package in engine.packages) | more
    now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC")
    given = {engine.name: engine.given for engine in engines}
    reference = OVERLAY if OVERLAY in names else OURS
    return Record(record.machine(now), versions, given, missing, rounds, reference)


def _write(made: Record, out: Path) -> None:
    made.write(out / "score.json")
    (out / "score.md").write_text(report.markdown(made), "utf-8")
    (out / "score.svg").write_text(plot.svg(made), "utf-8")


def _tell(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def _parse(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks score", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", default="20000,100000", help="parcels, one size or several with commas")
    parser.add_argument("--peers", default="none", help=f"all, none, or some with commas: {', '.join(PEERS)}")
    parser.add_argument("--runs", type=int, default=5, help="rounds; medians need five")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "landgis-benchmarks")
    parser.add_argument("--out", type=Path, help="where the report goes; else into --folder")
    parser.add_argument("--again", type=Path, metavar="FILE.json", help="only make the report of a record anew")
    return parser.parse_args(words)
