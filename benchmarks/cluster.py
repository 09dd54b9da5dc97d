"""The score job on one and on two single-threaded workers, each in a network namespace of its own.

`python -m benchmarks cluster --rows 1000000`: needs root, Debian's iproute2 and util-linux, `landgis[cluster]`. Every
worker has a processor to itself; scheduler and coordinator share what is left. Start-up is what passes until a
small job is done, so that everything is imported; the job is timed behind it. Runs in turn, one and two workers; every
answer is compared with that of one worker, byte by byte after sorting. Writes cluster.json to --out.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.score.files import Files
from benchmarks.score.tables import make

BRIDGE, NET = "lgbench0", "10.211.77"
SMALL = 2_000
ROOT = Path(__file__).parents[1]


def main(words: Sequence[str]) -> int:
    asked = _parse(words)
    if lacking := _lacks():
        print(lacking, file=sys.stderr)
        return 2
    files, small = (make(asked.folder, rows) for rows in (asked.rows, SMALL))
    found: dict[str, Any] = {"rows": asked.rows, "processors": os.cpu_count(), "runs": []}
    digests = set()
    for turn in range(asked.runs):
        for count in (1, 2) if turn % 2 == 0 else (2, 1):
            one = _run(count, files, small, asked.folder / "cluster-out.parquet", asked.parcels)
            digests.add(one.pop("digest"))
            found["runs"].append(one)
            print(json.dumps(one), flush=True)
    found |= _summary(found["runs"]) | {"answers_equal": len(digests) == 1}
    out = asked.out or asked.folder
    (out / "cluster.json").write_text(json.dumps(found, indent=1))
    print(json.dumps({name: value for name, value in found.items() if name != "runs"}))
    return 0 if found["answers_equal"] else 1


def _summary(runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    job = {count: [one["job_s"] for one in runs if one["workers"] == count] for count in (1, 2)}
    start = [one["start_s"] for one in runs]
    ratios = [one / two for one, two in zip(job[1], job[2], strict=True)]
    return {
        "one_s": statistics.median(job[1]), "two_s": statistics.median(job[2]), "start_s": statistics.median(start),
        "ratio": round(statistics.median(ratios), 3), "ratios": [round(ratio, 3) for ratio in ratios], "bar": 1.7,
    }  # fmt: skip


def _run(count: int, files: Files, small: Files, out: Path, parcels: int) -> dict[str, Any]:
    """One job on so many workers of its own cluster."""
    began = time.perf_counter()
    with _cluster(count) as (address, workers):
        _score(address, small, out, parcels)
        start_s = time.perf_counter() - began
        before = [_cpu_s(worker) for worker in workers]
        seconds = _score(address, files, out, parcels)
        cpu = [round(_cpu_s(worker) - spent, 2) for worker, spent in zip(workers, before, strict=True)]
    return {"workers": count, "start_s": round(start_s, 2), "job_s": round(seconds, 2), "worker_cpu_s": cpu,
            "load": round(os.getloadavg()[0], 1), "digest": _digest(out)}  # fmt: skip


def _score(address: str, files: Files, out: Path, parcels: int) -> float:
    """Seconds of a job from the moment that it is connected."""
    from landgis.scale.settings import Cluster
    from landgis.workflow.inputs import Inputs
    from landgis.workflow.spread.score import score_on_cluster

    moments = []
    inputs = Inputs(**{name: str(path) for name, path in files.all().items()})
    cluster = Cluster(scheduler=address, parcels=parcels)
    shutil.rmtree(out, ignore_errors=True)
    score_on_cluster(inputs, cluster, str(out), overwrite=True, say=lambda _: moments.append(time.perf_counter()))
    return time.perf_counter() - moments[0]


def _digest(out: Path) -> str:
    """Of all columns, the rows sorted by their keys; the bytes of numbers, texts and outlines as they are."""
    parts = [pq.read_table(path).replace_schema_metadata() for path in sorted(out.glob("part-*.parquet"))]
    table = pa.concat_tables(parts).sort_by("parcel_id").combine_chunks()
    digest = hashlib.sha256()
    for column in table.columns:
        for buffer in pa.concat_arrays([pa.array([], column.type), *column.chunks]).buffers():
            if buffer is not None:
                digest.update(buffer)
    return digest.hexdigest()


@contextmanager
def _cluster(count: int) -> Iterator[tuple[str, list[subprocess.Popen]]]:
    """A scheduler here and workers in namespaces; its address and the workers."""
    with ExitStack() as stack:
        stack.enter_context(_bridge())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        file = folder / "scheduler.json"
        _start(stack, [], "dask_scheduler", "--host", f"{NET}.1", "--port", "0", "--scheduler-file", str(file))
        address = _wait(lambda: json.loads(file.read_text())["address"])
        workers = []
        for number in range(count):
            space = stack.enter_context(_namespace(number))
            inside = ["ip", "netns", "exec", space, "taskset", "-c", str(number % (os.cpu_count() or 1))]
            workers.append(_start(stack, inside, "dask_worker", address, "--nthreads", "1", "--no-nanny",
                                  "--host", f"{NET}.{number + 2}", "--local-directory", str(folder)))  # fmt: skip
        yield address, workers


def _start(stack: ExitStack, inside: list[str], module: str, *words: str) -> subprocess.Popen:
    command = [*inside, sys.executable, "-m", f"distributed.cli.{module}", *words, "--no-dashboard"]
    single = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # Arrow's threads follow the first
    process = subprocess.Popen(
        command, cwd=ROOT, env=os.environ | single, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    stack.callback(process.wait)
    stack.callback(process.kill)
    return process


@contextmanager
def _bridge() -> Iterator[None]:
    _ip("link", "add", BRIDGE, "type", "bridge")
    try:
        _ip("addr", "add", f"{NET}.1/24", "dev", BRIDGE)
        _ip("link", "set", BRIDGE, "up")
        yield
    finally:
        _ip("link", "del", BRIDGE)


@contextmanager
def _namespace(number: int) -> Iterator[str]:
    """A network namespace with an address on the bridge."""
    space, outer, inner = f"lgbench-{number}", f"lgb{number}o", f"lgb{number}i"
    _ip("netns", "add", space)
    try:
        _ip("link", "add", outer, "type", "veth", "peer", "name", inner)
        _ip("link", "set", outer, "master", BRIDGE, "up")
        _ip("link", "set", inner, "netns", space)
        for words in (
            ("addr", "add", f"{NET}.{number + 2}/24", "dev", inner), ("link", "set", inner, "up"),
            ("link", "set", "lo", "up"),
        ):  # fmt: skip
            _ip("-n", space, *words)
        yield space
    finally:
        subprocess.run(["ip", "link", "del", outer], check=False)  # with its other end, which goes late otherwise
        _ip("netns", "del", space)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


def _wait(ask: Any, seconds: float = 60) -> Any:
    """What `ask` says, as soon as it says something."""
    for _ in range(round(seconds / 0.05)):
        try:
            return ask()
        except (OSError, ValueError):
            time.sleep(0.05)  # another process is starting, and nothing tells when it is there
    raise TimeoutError


def _cpu_s(process: subprocess.Popen) -> float:
    """Processor seconds of a process so far; `ip` and `taskset` have become it."""
    spent = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(one) for one in spent[11:13]) / os.sysconf("SC_CLK_TCK")


def _lacks() -> str | None:
    if os.geteuid() != 0:
        return "network namespaces need root: run this as root, or in a container that is"
    absent = [name for name in ("ip", "taskset") if shutil.which(name) is None]
    if absent:
        return f"{', '.join(absent)} is missing; install Debian's iproute2 and util-linux"
    try:
        import distributed  # noqa: F401  # only whether it is there
    except ImportError:
        return "Dask is missing; install landgis[cluster]"
    done = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True)
    return None if done.returncode == 0 else f"network namespaces are not allowed here: {done.stderr.strip()}"


def _parse(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks cluster", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000, help="parcels")
    parser.add_argument("--runs", type=int, default=3, help="pairs of runs")
    parser.add_argument("--parcels", type=int, default=125_000, help="parcels of a partition")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "landgis-benchmarks")
    parser.add_argument("--out", type=Path, help="where cluster.json goes; else into --folder")
    return parser.parse_args(words)
